"""How much the variance of each coefficient grows because the other terms tell the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.stats.design import make_design
from myocohort.stats.likelihood import inverse
from myocohort.stats.result import Result

QUESTION = "Do the terms tell the same?"
METHOD = "Variance inflation factors, from the correlations of the terms"
REFERENCE = "Marquardt DW. Technometrics 1970;12:591-612"
LARGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceInflation(Result):
    """The variance inflation factor of each term; the estimate is the largest.

    Parameters
    ----------
    factors
        Term -> 1 / (1 - R squared) of it on the others: 1 if they say nothing about it.
    """

    factors: Mapping[str, float]


def variance_inflation(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    question: str = QUESTION,
) -> VarianceInflation:
    """Find terms of a model that its other terms foretell.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out and counted.
    y
        Outcome, 0 or 1, NaN if missing: it only says which rows the model takes.
    names
        Name of each term.
    weights
        How many patients each row stands for; 1 by default.
    question
        What is asked, in words.

    Returns
    -------
    VarianceInflation
        With a warning for each factor above 10. There is no p.

    Raises
    ------
    StatisticsError
        If the design is unfit (see `make_design`), as it is where a term is determined by
        others.

    References
    ----------
    Marquardt DW. Technometrics 1970;12:591-612.
    """
    design = make_design(X, y, names, weights)
    terms = design.X[:, 1:]
    away = terms - design.trials @ terms / design.n
    products = (away.T * design.trials) @ away
    values = inverse(products).diagonal() * products.diagonal()
    factors = dict(zip(design.names[1:], np.maximum(values, 1.0).tolist(), strict=True))
    return VarianceInflation(
        question=question,
        method=METHOD,
        n=design.n,
        n_missing=design.n_missing,
        estimate=max(factors.values()),
        estimate_name="largest variance inflation factor",
        warnings=tuple(
            f"{name} is nearly foretold by the other terms (variance inflation {factor:.1f}): its "
            f"coefficient can hardly be told from theirs"
            for name, factor in factors.items()
            if factor > LARGE
        ),
        reference=REFERENCE,
        factors=factors,
    )
