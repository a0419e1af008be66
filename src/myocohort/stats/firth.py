"""Firth's penalised-likelihood logistic regression, finite whatever the separation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.batched import penalised_heights
from myocohort.stats.design import Design, make_design
from myocohort.stats.likelihood import (
    Point,
    augmented_information,
    inverse,
    maximise,
    penalised_log_likelihood,
)
from myocohort.stats.p_values import from_chi_square, from_chi_square_1, normal_quantile
from myocohort.stats.profile import ProfileAnswer
from myocohort.stats.profile_together import profiles_of_finite
from myocohort.stats.result import Interval, ModelResult, Term
from myocohort.stats.separation import find_separation
from myocohort.stats.terms import (
    QUESTION,
    design_warnings,
    odds_ratio,
    odds_ratio_interval,
    separation_warnings,
    size_warnings,
    wald,
)

METHOD = "Firth's penalised-likelihood logistic regression"
REFERENCE = "Firth D. Biometrika 1993;80:27-38; Heinze G, Schemper M. Stat Med 2002;21:2409-2419"
StandardError = Literal["augmented", "fisher"]
STANDARD_ERRORS: dict[StandardError, str] = {
    "augmented": "SE of the augmented data, as logistf",
    "fisher": "SE from the inverse Fisher information, as brglm2",
}


def fit_firth(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
    profile: bool = True,
    standard_error: StandardError = "augmented",
    question: str = QUESTION,
) -> ModelResult:
    """Fit a logistic regression by Firth's penalised likelihood.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out and counted.
    y
        Outcome, 0 or 1; NaN if missing.
    names
        Name of each term.
    level
        Coverage of the intervals.
    weights
        How many patients each row stands for; 1 by default.
    profile
        Whether profile intervals and penalised likelihood-ratio tests are made too; without
        them `ci` and `p` of the terms hold "wald" only.
    standard_error
        "augmented" or "fisher" (`STANDARD_ERRORS`); the method says which was used. It
        bears on SE, Wald interval and Wald p only.
    question
        What is asked, in words.

    Returns
    -------
    ModelResult
        For each term b, SE, odds ratio, Wald interval and p, and profile interval with the
        penalised likelihood-ratio p that belongs to it. Where coefficients are held at 0,
        in these tests and in the one of the whole model, the penalty keeps all terms.

    Raises
    ------
    StatisticsError
        If the design is unfit (see `make_design`), the kind of standard error is unknown,
        or the fit does not converge.

    References
    ----------
    Firth D. Biometrika 1993;80:27-38. Heinze G, Schemper M. Stat Med 2002;21:2409-2419.
    """
    if standard_error not in STANDARD_ERRORS:
        raise StatisticsError(
            f"standard_error is one of {', '.join(STANDARD_ERRORS)}; found {standard_error!r}"
        )
    z = normal_quantile(level)
    design = make_design(X, y, names, weights)
    size = len(design.names)
    best = firth_maximum(design)
    finding = find_separation(design, near=best.beta)
    information = best.information
    if standard_error == "augmented":
        information = augmented_information(design.X, design.trials, best.beta)
    to_units = design.to_units
    estimates = to_units @ best.beta
    errors = np.sqrt(((to_units @ inverse(information)) * to_units).sum(axis=1))
    profiles: list[ProfileAnswer] | None = None
    if profile:
        profiles = profiles_of_finite(
            design, best, errors, z * z, together=penalised_heights, alone=penalised_log_likelihood
        )
    wald_method = f"Wald, {STANDARD_ERRORS[standard_error]}"
    terms = []
    for column, name in enumerate(design.names):
        b, se = float(estimates[column]), float(errors[column])
        ci: dict[str, Interval | None] = {}
        p: dict[str, float | None] = {}
        ci["wald"], p["wald"] = wald(b, se, z, level, wald_method)
        if profiles is not None:
            answer = profiles[column]
            ci["profile"] = odds_ratio_interval(
                answer.low, answer.high, level, "profile penalised likelihood"
            )
            p["lrt"] = from_chi_square_1(answer.deviance)
        terms.append(Term(name=name, b=b, se=se, odds_ratio=odds_ratio(b), ci=ci, p=p))
    null = _null_value(design)
    statistic = max(0.0, 2.0 * (best.value - null))
    # the determinant in the penalty depends on the unit of the terms
    unit = math.fsum(np.log(design.scale))
    return ModelResult(
        question=question,
        method=f"{METHOD} ({STANDARD_ERRORS[standard_error]})",
        n=design.n,
        n_missing=design.n_missing,
        statistic=statistic,
        statistic_name="penalised likelihood-ratio chi-square against the intercept alone",
        df=size - 1,
        p=from_chi_square(statistic, size - 1),
        warnings=(
            *design_warnings(design),
            *size_warnings(terms),
            *separation_warnings(
                design, finding, "The finite estimates shown rest on Firth's penalty"
            ),
        ),
        reference=REFERENCE,
        terms=tuple(terms),
        events=design.n_events,
        events_per_variable=design.events_per_variable,
        log_likelihood=best.value + unit,
        null_log_likelihood=null + unit,
        separation=finding.separation,
    )


def firth_maximum(design: Design) -> Point:
    """Return the maximum of the penalised log-likelihood that is reached from the null model.

    Very skewed terms can give it more than one.
    """
    events, others = _null_counts(design)
    start = np.zeros(len(design.names))
    start[0] = math.log(events / others)
    return maximise(penalised_log_likelihood(design.X, design.trials, design.events), start)


def _null_counts(design: Design) -> tuple[float, float]:
    """Return events and others of the maximum with all terms held at 0.

    One risk r for all makes the penalised log-likelihood events log r + others log(1 - r) +
    size log(r (1 - r)) / 2 and a constant: half a patient for each coefficient is added to
    the events and to the others.
    """
    half = len(design.names) / 2.0
    return design.n_events + half, design.n - design.n_events + half


def _null_value(design: Design) -> float:
    """Return the maximum of the penalised log-likelihood with all terms held at 0."""
    events, others = _null_counts(design)
    fit = events * math.log(events / (events + others))
    fit += others * math.log(others / (events + others))
    return fit + float(np.linalg.slogdet((design.X.T * design.trials) @ design.X)[1]) / 2.0
