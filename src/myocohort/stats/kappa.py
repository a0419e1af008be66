"""Cohen's kappa of two raters, unweighted or weighted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.stats.p_values import from_normal, normal_quantile
from myocohort.stats.ratings import (
    ALL_MISSING,
    NO_SPREAD,
    AgreementResult,
    Weights,
    agreement_weights,
    graded,
    within_one,
)

QUESTION = "How far do the two raters agree beyond chance?"
INTERVAL = "Wald, large-sample standard error of Fleiss, Cohen & Everitt 1969"
REFERENCE = (
    "Cohen J. Psychol Bull 1968;70:213-220; Fleiss JL, Cohen J, Everitt BS. "
    "Psychol Bull 1969;72:323-327"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KappaResult(AgreementResult):
    """Cohen's kappa.

    Parameters
    ----------
    table
        Subjects by the grade of the first rater (rows) and of the second (columns).
    se_if_chance, p_if_chance
        Standard error if agreement were chance alone, and the p of kappa / that error,
        which SAS and SPSS print. `se`, `interval` and `p` make no such assumption.
    """

    table: tuple[tuple[int, ...], ...]
    se_if_chance: float | None = None
    p_if_chance: float | None = None


def cohen_kappa(
    ratings: ArrayLike,
    categories: Sequence[float],
    *,
    weights: Weights = "unweighted",
    level: float = 0.95,
    question: str = QUESTION,
) -> KappaResult:
    """Measure agreement of two raters beyond what their own shares of the grades give.

    Parameters
    ----------
    ratings
        Shape (subjects, 2), NaN where missing; subjects not read by both are left out.
    categories
        The scale's full list of grades, in order.
    weights
        "unweighted"; "linear" or "quadratic" in the grades' positions.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    KappaResult
        Estimate from -1 to 1 with Wald interval and p. No estimate, with a warning, if
        both raters gave everyone the same grade; no interval if the standard error is 0.

    Raises
    ------
    StatisticsError
        If there are not two raters or a reading is not on the scale.

    References
    ----------
    Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327.
    """
    normal_quantile(level)  # refuses an impossible level
    grades = graded(ratings, categories, raters=2)
    n_categories = len(grades.categories)
    w = agreement_weights(weights, n_categories)
    both = (grades.codes >= 0).all(axis=1)
    first, second = grades.codes[both].T
    table = np.bincount(first * n_categories + second, minlength=n_categories**2)
    table = table.reshape(n_categories, n_categories)
    n = int(both.sum())
    method = f"Cohen's kappa, {weights}" + ("" if weights == "unweighted" else " weights")
    common: dict[str, Any] = {
        "question": question,
        "method": method,
        "n": n,
        "n_missing": len(grades.codes) - n,
        "raters": 2,
        "ratings": 2 * n,
        "categories": grades.categories,
        "table": tuple(tuple(int(cell) for cell in row) for row in table),
        "reference": REFERENCE,
    }
    if not n:
        return KappaResult(warnings=(ALL_MISSING,), **common)
    shares = table / n
    observed = float((w * shares).sum())
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    expected = float(rows @ w @ columns)
    found: dict[str, Any] = {"observed_agreement": observed, "expected_agreement": expected}
    if 1.0 - expected < 1e-12:
        reason = "no kappa: both raters gave everyone the same grade, so chance explains it all"
        return KappaResult(warnings=(reason,), **found, **common)
    estimate = (observed - expected) / (1.0 - expected)
    variance, variance_if_chance = _variances(w, shares, observed, expected, n)
    chance: dict[str, Any] = {}
    if variance_if_chance > 0.0:
        se_if_chance = math.sqrt(variance_if_chance)
        chance = {
            "se_if_chance": se_if_chance,
            "p_if_chance": from_normal(estimate / se_if_chance),
        }
    if variance == 0.0:
        return KappaResult(
            estimate=estimate,
            estimate_name=method,
            warnings=(NO_SPREAD,),
            **found,
            **chance,
            **common,
        )
    se = math.sqrt(variance)
    # No p of the interval's family: this SE holds where there is agreement, so that estimate / SE
    # says nothing of chance. The test of chance has its own SE, and is `p_if_chance`.
    interval, _ = within_one(estimate, se, level, None, INTERVAL)
    return KappaResult(
        estimate=estimate,
        estimate_name=method,
        se=se,
        interval=interval,
        **found,
        **chance,
        **common,
    )


def _variances(
    w: NDArray[np.float64],
    shares: NDArray[np.float64],
    observed: float,
    expected: float,
    n: int,
) -> tuple[float, float]:
    """Return the variance of kappa, and what it is if agreement is chance alone."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    # mean weight of a grade of one rater against the grades of the other
    means = (w @ columns)[:, None] + (rows @ w)[None, :]
    terms = shares * (w * (1.0 - expected) - means * (1.0 - observed)) ** 2
    centre = observed * expected - 2.0 * expected + observed
    terms_if_chance = np.outer(rows, columns) * (w - means) ** 2
    spread = float(terms.sum()) - centre**2
    spread_if_chance = float(terms_if_chance.sum()) - expected**2
    return (
        _no_dust(spread) / (n * (1.0 - expected) ** 4),
        _no_dust(spread_if_chance) / (n * (1.0 - expected) ** 2),
    )


def _no_dust(difference: float) -> float:
    """Return 0 for what rounding leaves of the difference of two equal numbers near 1."""
    return 0.0 if difference < 1e-14 else difference
