"""Cox's regression of times to an event, by maximum and by Firth's penalised likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray, as_matrix
from myocohort.stats.likelihood import inverse, maximise
from myocohort.stats.p_values import from_chi_square, from_chi_square_1, normal_quantile
from myocohort.stats.partial_likelihood import Ties, partial_likelihood
from myocohort.stats.profile import ProfileAnswer, profile_of_finite, profile_of_infinite
from myocohort.stats.result import Interval, Result
from myocohort.stats.survival_times import SurvivalTimes, survival_times
from myocohort.stats.terms import FEW_EVENTS, odds_ratio, odds_ratio_interval, wald

QUESTION = "Which terms go with an earlier or later event, each adjusted for the others?"
ML_REFERENCE = "Cox DR. J R Stat Soc B 1972;34:187-220"
FIRTH_REFERENCE = "Heinze G, Schemper M. Biometrics 2001;57:114-119"
MOST_PAIRS = 2_000_000
ZERO = 1e-7  # a linear program's answers are good to about this
BEYOND = 40.0  # log hazards this far apart leave 4e-18 of a risk set


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardTerm:
    """One coefficient of a Cox regression.

    Parameters
    ----------
    name
        The term.
    b, se
        Log hazard ratio and its standard error; `b` may be infinite, `se` is then None.
    hazard_ratio
        exp(b), for one unit of the term.
    ci, p
        Intervals of the hazard ratio by family ("wald", "profile"), and the p that belongs to
        each ("wald", "lrt"); None where there is none.
    """

    name: str
    b: float
    se: float | None
    hazard_ratio: float
    ci: Mapping[str, Interval | None] = field(default_factory=dict)
    p: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxResult(Result):
    """A fitted Cox regression.

    Parameters
    ----------
    terms
        In the order asked for.
    events, events_per_variable
        Patients with the event, and events for each term.
    log_likelihood, null_log_likelihood
        Log partial likelihood of the model, and with all coefficients at 0; penalised for
        Firth.
    monotone
        Term -> +1 or -1 for each coefficient that maximum likelihood lets run to +infinity or
        -infinity, found by linear programming before the model was fitted.
    """

    terms: tuple[HazardTerm, ...]
    events: int
    events_per_variable: float
    log_likelihood: float
    null_log_likelihood: float
    monotone: Mapping[str, int]


def fit_cox(
    X: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    names: Sequence[str],
    *,
    firth: bool = False,
    ties: Ties = "efron",
    level: float = 0.95,
    question: str = QUESTION,
) -> CoxResult:
    """Fit a Cox regression.

    Parameters
    ----------
    X
        Terms, shape (patients, terms); rows with NaN are left out and counted.
    time, event
        Time to the event or to the end of observation, and 1 where it was the event.
    names
        Name of each term.
    firth
        Whether the likelihood is penalised (Firth), which keeps every estimate finite; advised
        where events are few.
    ties
        "efron" (R's default) or "breslow" (that of SAS, SPSS and coxphf).
    level
        Coverage of the intervals.
    question
        What is asked, in words.

    Returns
    -------
    CoxResult
        For each term b, SE, hazard ratio, Wald interval and p, profile interval and the
        likelihood-ratio p that belongs to it (the penalty always takes all terms). Where
        the likelihood is monotone in one term, maximum likelihood gives it an infinite `b`,
        no SE and no Wald interval, and a profile interval that is infinite on one side; the
        other terms have the limits that they have then.

    Raises
    ------
    StatisticsError
        If the data are unfit (see `survival_times`), nobody had the event, a term is constant
        or determined by others, maximum likelihood lets more than one term run to infinity,
        or the fit does not converge.

    References
    ----------
    Cox DR. J R Stat Soc B 1972;34:187-220. Heinze G, Schemper M. Biometrics 2001;57:114-119.
    """
    z = normal_quantile(level)
    if ties not in ("efron", "breslow"):
        raise StatisticsError(f"ties are handled by efron or breslow; found {ties!r}")
    terms = as_matrix(X)
    if len(names) != terms.shape[1] or len(set(names)) != len(names):
        raise StatisticsError(f"{terms.shape[1]} terms need as many different names: {names}")
    data = survival_times(time, event, np.asarray(~np.isnan(terms).any(axis=1)))
    terms = terms[data.kept]
    spread = _checked_spread(terms, data, names)
    X_scaled = (terms - terms.mean(axis=0)) / spread
    likelihood = partial(
        partial_likelihood, time=data.time, event=data.event, ties=ties, penalised=firth
    )
    running, nearest = _monotone(X_scaled, data)
    if len(running) > 1 and not firth:
        several = " and ".join(names[i] for i in running)
        raise StatisticsError(
            f"maximum likelihood has no finite estimate of {several}: they order the events "
            f"perfectly. Use Firth's method, or one of these terms"
        )
    moving = [i for i in range(len(names)) if firth or i not in running]
    # What runs to infinity is held where it changes the likelihood no more.
    offset = sum(
        (X_scaled[:, i] * sign * (BEYOND / nearest) for i, sign in running.items() if not firth),
        start=np.zeros(data.n),
    )
    evaluate = likelihood(X_scaled[:, moving], offset=offset)
    best = maximise(evaluate, np.zeros(len(moving)))
    covariance = inverse(best.information)
    rows: dict[int, HazardTerm] = {}
    for place, i in enumerate(moving):
        order = [*(k for k in range(len(moving)) if k != place), place]
        answer = profile_of_finite(
            likelihood(X_scaled[:, [moving[k] for k in order]], offset=offset),
            best.beta[order],
            best.value,
            z * z,
            math.sqrt(covariance[place, place]),
        ).times(1.0 / spread[i])
        b = float(best.beta[place] / spread[i])
        se = float(math.sqrt(covariance[place, place]) / spread[i])
        rows[i] = _finite(names[i], b, se, answer, z, level, firth=firth)
    for i, sign in running.items():
        if not firth:
            home = likelihood(X_scaled[:, [*moving, i]])
            answer = profile_of_infinite(home, np.zeros(len(names)), best.value, z * z, sign)
            rows[i] = _infinite(names[i], sign, answer.times(1.0 / spread[i]), level)
    null = likelihood(X_scaled)(np.zeros(len(names))).value
    statistic = max(0.0, 2.0 * (best.value - null))
    unit = math.fsum(np.log(spread)) if firth else 0.0  # the penalty depends on the units
    monotone = {names[i]: sign for i, sign in running.items()}
    return CoxResult(
        question=question,
        method=(
            f"Cox regression, {'Firth penalised' if firth else 'maximum'} likelihood, "
            f"{ties.capitalize()}'s method for ties"
        ),
        n=data.n,
        n_missing=data.n_missing,
        statistic=statistic,
        statistic_name=(
            f"{'penalised ' if firth else ''}likelihood-ratio chi-square against no terms"
        ),
        df=len(names),
        p=from_chi_square(statistic, len(names)),
        warnings=_warnings(data, len(names), monotone, firth=firth),
        reference=FIRTH_REFERENCE if firth else ML_REFERENCE,
        terms=tuple(rows[i] for i in range(len(names))),
        events=data.events,
        events_per_variable=data.events / len(names),
        log_likelihood=best.value + unit,
        null_log_likelihood=null + unit,
        monotone=monotone,
    )


def _checked_spread(terms: FloatArray, data: SurvivalTimes, names: Sequence[str]) -> FloatArray:
    if not data.events:
        raise StatisticsError(f"nobody of the {data.n} had the event: nothing can be modelled")
    for name, column in zip(names, terms.T, strict=True):
        if not np.isfinite(column).all():
            raise StatisticsError(f"term {name!r} holds an infinite value")
        if column.min() == column.max():
            raise StatisticsError(f"term {name!r} is constant in all {data.n}. Leave it out")
    spread: FloatArray = terms.std(axis=0)
    if np.linalg.matrix_rank((terms - terms.mean(axis=0)) / spread) < len(names):
        raise StatisticsError(f"a term is determined by others ({', '.join(names)}). Leave it out")
    return spread


def _monotone(X: FloatArray, data: SurvivalTimes) -> tuple[dict[int, int], float]:
    """Return which coefficients run where, and the smallest gap that one of them opens.

    The partial likelihood has no maximum where some direction d never lets a patient at risk
    stand above the one who has the event: d (x_event - x_other) >= 0 for all such pairs, and
    above 0 for some (Bryson and Johnson 1981; the linear program is that of separation).
    """
    # Patients with the same terms are one: at risk until the last of them leaves, and of their
    # events the first meets the most others.
    patterns, which = np.unique(X, axis=0, return_inverse=True)
    which = which.ravel()
    last = np.full(len(patterns), -np.inf)
    first = np.full(len(patterns), np.inf)
    np.maximum.at(last, which, data.time)
    np.minimum.at(first, which[data.event], data.time[data.event])
    pairs, count = [], 0
    for row in np.flatnonzero(np.isfinite(first)):
        pairs.append(patterns[row] - patterns[last >= first[row]])
        count += len(pairs[-1])
        if count > MOST_PAIRS:
            return {}, 1.0  # so many events among so many patients are not ordered perfectly
    gaps = np.unique(np.round(np.concatenate(pairs), 12), axis=0)
    answer = linprog(
        -gaps.sum(axis=0),
        A_ub=-gaps,
        b_ub=np.zeros(len(gaps)),
        bounds=[(-1.0, 1.0)] * X.shape[1],
        method="highs",
    )
    if answer.status != 0:
        raise StatisticsError(f"the search for infinite estimates failed: {answer.message}")
    opened = gaps @ answer.x
    if opened.max() <= ZERO:
        return {}, 1.0
    running = {i: (1 if d > 0 else -1) for i, d in enumerate(answer.x) if abs(d) > ZERO}
    return running, float(opened[opened > ZERO].min())


def _finite(
    name: str,
    b: float,
    se: float,
    answer: ProfileAnswer,
    z: float,
    level: float,
    *,
    firth: bool,
) -> HazardTerm:
    interval, p = wald(b, se, z, level, "Wald")
    return HazardTerm(
        name=name,
        b=b,
        se=se,
        hazard_ratio=odds_ratio(b),
        ci={
            "wald": interval,
            "profile": odds_ratio_interval(
                answer.low,
                answer.high,
                level,
                f"profile {'penalised ' if firth else ''}likelihood",
            ),
        },
        p={"wald": p, "lrt": from_chi_square_1(answer.deviance)},
    )


def _infinite(name: str, sign: int, answer: ProfileAnswer, level: float) -> HazardTerm:
    limits = odds_ratio_interval(answer.low, answer.high, level, "profile likelihood")
    return HazardTerm(
        name=name,
        b=sign * math.inf,
        se=None,
        hazard_ratio=odds_ratio(sign * math.inf),
        ci={"wald": None, "profile": limits},
        p={"wald": None, "lrt": from_chi_square_1(answer.deviance)},
    )


def _warnings(
    data: SurvivalTimes, size: int, monotone: Mapping[str, int], *, firth: bool
) -> tuple[str, ...]:
    warnings = []
    if data.n_missing:
        warnings.append(
            f"{data.n_missing} of {data.n + data.n_missing} patients were left out because a "
            f"term, the time or the event is missing"
        )
    if data.events / size < FEW_EVENTS:
        warnings.append(
            f"{data.events / size:.1f} events per variable ({data.events} events for {size} "
            f"terms): below {FEW_EVENTS:.0f}, estimates are uncertain and those of maximum "
            f"likelihood too far from 0"
        )
    if monotone:
        running = ", ".join(
            f"{name} to {'+' if sign > 0 else '-'}infinity" for name, sign in monotone.items()
        )
        warnings.append(
            f"monotone likelihood: the terms order the events perfectly, so that by maximum "
            f"likelihood these coefficients run away: {running}. "
            + (
                "The finite estimates shown rest on Firth's penalty"
                if firth
                else "They have no standard error, Wald interval or Wald p; Firth's method gives "
                "them finite estimates"
            )
        )
    return tuple(warnings)
