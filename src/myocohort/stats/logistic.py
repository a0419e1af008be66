"""Binary logistic regression by maximum likelihood, honest about infinite estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.batched import heights
from myocohort.stats.design import Design, FloatArray, make_design
from myocohort.stats.likelihood import Point, inverse, log_likelihood, maximise, risks
from myocohort.stats.p_values import from_chi_square, from_chi_square_1, normal_quantile
from myocohort.stats.profile import ProfileAnswer, profile_of_finite, profile_of_infinite
from myocohort.stats.profile_together import profiles_of_finite
from myocohort.stats.result import Interval, ModelResult, Term
from myocohort.stats.separation import (
    Finding,
    find_separation,
    is_estimable,
    row_space,
    separable_patterns,
)
from myocohort.stats.terms import (
    QUESTION,
    design_warnings,
    odds_ratio,
    odds_ratio_interval,
    profile_failed,
    separation_warnings,
    size_warnings,
    wald,
)

METHOD = "Logistic regression, maximum likelihood"
REFERENCE = "Cox DR. J R Stat Soc B 1958;20:215-242; Konis K. DPhil thesis, Oxford 2007"


def fit_ml(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
    profile: bool = True,
    question: str = QUESTION,
) -> ModelResult:
    """Fit a logistic regression by maximum likelihood.

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
        Whether profile-likelihood intervals and likelihood-ratio tests are made too;
        without them `ci` and `p` of the terms hold "wald" only.
    question
        What is asked, in words.

    Returns
    -------
    ModelResult
        For each term b, SE, odds ratio, Wald interval and p, and profile interval with the
        likelihood-ratio p that belongs to it. The statistic compares the model with the
        intercept alone. Under separation a coefficient that runs to infinity has an infinite
        `b`, no SE, no Wald interval and p, and a profile interval that is infinite on one
        side; the other coefficients, likelihoods and tests are the limits that they have
        then.

    Raises
    ------
    StatisticsError
        If the design is unfit (see `make_design`), a coefficient has neither a finite nor
        an infinite estimate, or the fit does not converge.

    References
    ----------
    Cox DR. J R Stat Soc B 1958;20:215-242. Limits under separation: Albert A, Anderson JA.
    Biometrika 1984;71:1-10.
    """
    z = normal_quantile(level)
    design = make_design(X, y, names, weights)
    finding = find_separation(design)
    separated = finding.separation.kind != "none"
    best, basis = ml_maximum(design, finding)
    to_units = design.to_units @ basis
    estimates = to_units @ best.beta
    errors = np.sqrt(((to_units @ inverse(best.curvature)) * to_units).sum(axis=1))
    if profile and not separated:
        profiles = profiles_of_finite(
            design, best, errors, z * z, together=heights, alone=log_likelihood
        )
    terms = []
    for column, name in enumerate(design.names):
        ci: dict[str, Interval | None] = {"wald": None}
        p: dict[str, float | None] = {"wald": None}
        b: float
        se: float | None
        if not separated or is_estimable(basis, design.to_units[column]):
            b, se = float(estimates[column]), float(errors[column])
            ci["wald"], p["wald"] = wald(b, se, z, level, "Wald")
        else:
            b, se = _infinite(finding, name), None
        if profile:
            if not separated:
                answer = profiles[column]
            else:
                try:
                    answer = _profile_under_separation(design, finding, column, best, b, se, z * z)
                except StatisticsError as reason:
                    raise profile_failed(name, reason) from reason
            ci["profile"] = odds_ratio_interval(
                answer.low, answer.high, level, "profile likelihood"
            )
            p["lrt"] = from_chi_square_1(answer.deviance)
        terms.append(Term(name=name, b=b, se=se, odds_ratio=odds_ratio(b), ci=ci, p=p))
    null = _null(design)
    statistic = max(0.0, 2.0 * (best.value - null))
    return ModelResult(
        question=question,
        method=METHOD,
        n=design.n,
        n_missing=design.n_missing,
        statistic=statistic,
        statistic_name="likelihood-ratio chi-square against the intercept alone",
        df=len(terms) - 1,
        p=from_chi_square(statistic, len(terms) - 1),
        warnings=(
            *design_warnings(design),
            *size_warnings(terms),
            *separation_warnings(
                design,
                finding,
                "They have no standard error, Wald interval or Wald p; Firth's method gives "
                "them finite estimates",
            ),
        ),
        reference=REFERENCE,
        terms=tuple(terms),
        events=design.n_events,
        events_per_variable=design.events_per_variable,
        log_likelihood=best.value,
        null_log_likelihood=null,
        separation=finding.separation,
    )


def ml_maximum(design: Design, finding: Finding) -> tuple[Point, FloatArray]:
    """Return the maximum of the likelihood of the patterns that overlap.

    The second value is a basis, shape (coefficients, rank), of the combinations of
    coefficients that these patterns determine, the identity if nothing is separated; the
    maximum is in its terms.
    """
    overlap = finding.overlapping
    separated = finding.separation.kind != "none"
    basis = row_space(design.X[overlap]) if separated else np.eye(design.X.shape[1])
    if finding.fit is not None:
        return finding.fit, basis
    evaluate = log_likelihood(
        design.X[overlap] @ basis, design.trials[overlap], design.events[overlap]
    )
    return maximise(evaluate, np.zeros(basis.shape[1])), basis


def ml_risks(design: Design, finding: Finding) -> FloatArray:
    """Return the fitted risk of each pattern: 0 or 1 where the terms separate it."""
    best, basis = ml_maximum(design, finding)
    fitted = risks(design.X @ basis @ best.beta)
    return np.where(finding.overlapping, fitted, design.events / design.trials)


def _infinite(finding: Finding, name: str) -> float:
    sign = finding.separation.directions.get(name)
    if sign is None:
        raise StatisticsError(
            f"maximum likelihood has no estimate for {name!r}: under separation every value "
            f"of it fits equally well. Use Firth's method, or leave the term out"
        )
    return sign * math.inf


def _null(design: Design) -> float:
    events, others = design.n_events, design.n - design.n_events
    return events * math.log(events / design.n) + others * math.log(others / design.n)


def _profile_under_separation(
    design: Design,
    finding: Finding,
    column: int,
    best: Point,
    b: float,
    se: float | None,
    drop: float,
) -> ProfileAnswer:
    """Profile one coefficient, in the unit of its term, when some others run to infinity.

    The profile comes from the patterns that still overlap when the coefficient is held.
    """
    trials, events = design.trials, design.events
    if design.names[column] in finding.undetermined:
        return ProfileAnswer(-math.inf, math.inf, 0.0)
    model = design.holding(column, np.zeros(len(design.names)))
    others, held = model.X[:, :-1], model.X[:, -1]
    overlap = ~separable_patterns(others, trials, events)
    reduced = others[overlap] @ row_space(others[overlap])
    evaluate = log_likelihood(
        np.column_stack((reduced, held[overlap])), trials[overlap], events[overlap]
    )
    home = np.zeros(reduced.shape[1] + 1)
    if se is None:
        sign = 1 if b * model.unit > 0 else -1
        return profile_of_infinite(evaluate, home, best.value, drop, sign).times(model.unit)
    # the same patterns overlap as in the whole model, so that its fit can be carried over
    eta = design.X[overlap] @ row_space(design.X[finding.overlapping]) @ best.beta
    home[:-1] = np.linalg.lstsq(reduced, eta - b / model.unit * held[overlap], rcond=None)[0]
    home[-1] = b / model.unit
    answer = profile_of_finite(evaluate, home, best.value, drop, se / abs(model.unit))
    return answer.times(model.unit)
