"""Risks predicted by Firth's method: as they are, or corrected to the observed mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.design import Design, FloatArray, as_matrix, make_design
from myocohort.stats.firth import firth_maximum
from myocohort.stats.likelihood import leverages, log_likelihood, maximise, risks
from myocohort.stats.result import Result
from myocohort.stats.separation import find_separation
from myocohort.stats.terms import design_warnings, separation_warnings

QUESTION = "How likely is the outcome, given the terms?"
REFERENCE = (
    "Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Stat Med 2017;36:2302-2317; Firth D. "
    "Biometrika 1993;80:27-38"
)
Correction = Literal["firth", "flic", "flac"]
CORRECTIONS: dict[Correction, str] = {
    "firth": "Firth's logistic regression, whose predicted risks are drawn towards one half",
    "flic": "Firth's logistic regression with intercept correction (FLIC)",
    "flac": "Firth's logistic regression with added covariate (FLAC)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskModel(Result):
    """A logistic model made to predict risks.

    Parameters
    ----------
    names, coefficients
        The intercept first, then the terms in their own units.
    risks
        Predicted risk of each row given, whether its outcome is known or not; None where a
        term is missing.
    mean_risk, observed_share
        Mean predicted risk, and share with the outcome, of the rows that entered.
    """

    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    risks: tuple[float | None, ...]
    mean_risk: float
    observed_share: float


def firth_risks(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    correction: Correction = "flac",
    weights: ArrayLike | None = None,
    question: str = QUESTION,
) -> RiskModel:
    """Predict risks by Firth's method, corrected so that their mean is the observed share.

    Firth's penalty draws predicted risks towards one half, so that they are too high where
    the outcome is rare. FLIC keeps Firth's coefficients and finds the intercept again by
    maximum likelihood. FLAC fits by maximum likelihood the data augmented by half of each
    leverage and either outcome, with a covariate that tells these rows from the real ones.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out and counted.
    y
        Outcome, 0 or 1; NaN if missing.
    names
        Name of each term.
    correction
        "flac", "flic", or "firth" for none (`CORRECTIONS`).
    weights
        How many patients each row stands for; 1 by default.
    question
        What is asked, in words.

    Raises
    ------
    StatisticsError
        If the design is unfit (see `make_design`), the correction is unknown, or the fit
        does not converge.

    References
    ----------
    Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Stat Med 2017;36:2302-2317.
    """
    if correction not in CORRECTIONS:
        raise StatisticsError(
            f"correction is one of {', '.join(CORRECTIONS)}; found {correction!r}"
        )
    design = make_design(X, y, names, weights)
    beta = corrected_maximum(design, correction)
    finding = find_separation(design, near=beta)
    coefficients = design.to_units @ beta
    # with the centred terms no large numbers cancel
    scaled = (as_matrix(X) - design.centre[1:]) / design.scale[1:]
    return RiskModel(
        question=question,
        method=CORRECTIONS[correction],
        n=design.n,
        n_missing=design.n_missing,
        warnings=(
            *design_warnings(design),
            *separation_warnings(
                design, finding, "The risks predicted here rest on Firth's penalty"
            ),
        ),
        reference=REFERENCE,
        names=design.names,
        coefficients=tuple(coefficients.tolist()),
        risks=tuple(
            None if math.isnan(risk) else risk
            for risk in risks(beta[0] + scaled @ beta[1:]).tolist()
        ),
        mean_risk=float(design.trials @ risks(design.X @ beta)) / design.n,
        observed_share=design.n_events / design.n,
    )


def corrected_maximum(design: Design, correction: Correction) -> FloatArray:
    """Return the coefficients of the design's columns, corrected as the name says."""
    beta = firth_maximum(design).beta
    if correction == "flic":
        evaluate = log_likelihood(design.X, design.trials, design.events)
        return maximise(evaluate, beta, free=1).beta
    return _with_added_covariate(design, beta) if correction == "flac" else beta


def _with_added_covariate(design: Design, beta: FloatArray) -> FloatArray:
    """Return the coefficients of FLAC, given those of Firth's method, for the real rows."""
    added = leverages(design.X, design.trials, beta)
    both = np.vstack((design.X, design.X))
    real_or_added = np.repeat((0.0, 1.0), len(design.X))
    evaluate = log_likelihood(
        np.column_stack((both, real_or_added)),
        np.concatenate((design.trials, added)),
        np.concatenate((design.events, added / 2.0)),
    )
    return maximise(evaluate, np.append(beta, 0.0)).beta[:-1]
