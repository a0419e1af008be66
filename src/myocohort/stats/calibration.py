"""Calibration of predicted risks: line, groups with their limits, and a smooth curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.likelihood import inverse, log_likelihood, maximise
from myocohort.stats.p_values import from_chi_square, normal_quantile
from myocohort.stats.proportion import wilson_limits
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import numbers

QUESTION = "Do the predicted risks agree with what happened?"
METHOD = (
    "Calibration: logistic regression of the outcome on the logit of the risk (maximum "
    "likelihood, Wald limits), groups by quantiles of risk (Wilson limits), lowess"
)
REFERENCE = (
    "Cox DR. Biometrika 1958;45:562-565; Miller ME, Hui SL, Tierney WM. Stat Med "
    "1991;10:1213-1226; Wilson EB. J Am Stat Assoc 1927;22:209-212; Cleveland WS. "
    "J Am Stat Assoc 1979;74:829-836"
)
SPAN = 2.0 / 3.0  # share of the patients that each point of the smooth curve takes in
FLAT = 1e-6  # share of the squared range below which neighbours have no slope


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskGroup:
    """Patients of similar predicted risk.

    Parameters
    ----------
    low, high, mean_risk
        Smallest, largest and mean predicted risk.
    n, events
        Patients, and those with the outcome.
    observed, interval
        Share of them, and its limits.
    """

    low: float
    high: float
    mean_risk: float
    n: int
    events: int
    observed: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(Result):
    """How predicted risks and outcomes agree.

    The statistic tests, with 2 degrees of freedom, that the slope is 1 and the intercept 0;
    it says nothing about risks from a model in its own data. `estimate` is the slope.

    Parameters
    ----------
    events, expected
        Patients with the outcome, and the sum of their risks.
    slope, slope_interval, intercept, intercept_interval
        Of the logistic regression of the outcome on the logit of the risk, both estimated.
        None where the risks are all equal; where they separate the outcome the slope is
        infinite, and the rest None.
    in_the_large, in_the_large_interval
        Intercept with the slope held at 1: above 0 if risks are too low on the whole.
    groups
        Patients in order of risk, with equal risks kept together.
    smooth
        Risk and smoothed share of outcomes, at each risk that occurs; empty where fewer than
        three occur.
    """

    events: int
    expected: float
    slope: float | None
    slope_interval: Interval | None
    intercept: float | None
    intercept_interval: Interval | None
    in_the_large: float
    in_the_large_interval: Interval
    groups: tuple[RiskGroup, ...]
    smooth: tuple[tuple[float, float], ...]


def calibration(
    y: ArrayLike,
    risk: ArrayLike,
    *,
    groups: int = 5,
    level: float = 0.95,
    question: str = QUESTION,
) -> Calibration:
    """Compare predicted risks with outcomes.

    Parameters
    ----------
    y
        Outcome, 0 or 1, NaN if missing.
    risk
        Predicted risk, strictly between 0 and 1, NaN if missing.
    groups
        Into how many groups of nearly equal size the patients are divided, at least 2; fewer
        result where many risks are equal.
    level
        Coverage of the limits.
    question
        What is asked, in words.

    Returns
    -------
    Calibration
        The smooth curve is lowess: locally linear, two thirds of the patients at a time, no
        robustness iterations (`lowess(iter = 0)` in R).

    Raises
    ------
    StatisticsError
        If lengths differ, a risk is out of range, the outcome is not 0 or 1 or the same in
        all, or groups or level are impossible.

    References
    ----------
    Cox DR. Biometrika 1958;45:562-565. Miller ME, Hui SL, Tierney WM. Stat Med
    1991;10:1213-1226. Wilson EB. J Am Stat Assoc 1927;22:209-212. Cleveland WS. J Am Stat
    Assoc 1979;74:829-836.
    """
    z = normal_quantile(level)
    if isinstance(groups, bool) or not isinstance(groups, int | np.integer) or groups < 2:
        raise StatisticsError(f"groups is a whole number of at least 2; found {groups!r}")
    outcome, table, n_missing = outcomes_and_risks(y, [risk])
    p = table[:, 0]
    extreme = p[(p <= 0.0) | (p >= 1.0)]
    if len(extreme):
        raise StatisticsError(
            f"a risk of {extreme[0]:g} has no logit: calibration is judged of risks strictly "
            f"between 0 and 1. Use Firth's method, which gives no such risks"
        )
    log_odds = np.log(p) - np.log1p(-p)
    line = _line(outcome, log_odds, z, level)
    centre, margin = _shift(outcome, log_odds, z)
    left_out = f"{n_missing} left out because outcome or risk is missing; {len(p)} entered"
    return Calibration(
        question=question,
        method=METHOD,
        n=len(p),
        n_missing=n_missing,
        statistic=line.statistic,
        statistic_name="likelihood-ratio chi-square of slope 1 and intercept 0",
        df=2 if line.statistic is not None else None,
        estimate=line.slope,
        estimate_name="calibration slope" if line.slope is not None else None,
        interval=line.slope_interval,
        p=from_chi_square(line.statistic, 2) if line.statistic is not None else None,
        warnings=((left_out,) if n_missing else ()) + line.warnings,
        reference=REFERENCE,
        events=int(outcome.sum()),
        expected=float(p.sum()),
        slope=line.slope,
        slope_interval=line.slope_interval,
        intercept=line.intercept,
        intercept_interval=line.intercept_interval,
        in_the_large=centre,
        in_the_large_interval=Interval(centre - margin, centre + margin, level, "Wald"),
        groups=_groups(outcome, p, int(groups), level),
        smooth=smooth_curve(outcome, p),
    )


def outcomes_and_risks(
    y: ArrayLike, risks: Sequence[ArrayLike]
) -> tuple[FloatArray, FloatArray, int]:
    """Check outcomes and predicted risks, and leave out patients with one missing.

    Parameters
    ----------
    y
        Outcome, 0 or 1, NaN if missing.
    risks
        One list of risks, from 0 to 1, for each model.

    Returns
    -------
    outcome, risks, n_missing
        Shapes (patients,) and (patients, models), and patients left out.

    Raises
    ------
    StatisticsError
        If lengths differ, a risk is out of range, or the outcome is not 0 or 1, or the same
        in all.
    """
    outcome = numbers(y, "outcomes")
    columns = [numbers(risk, "risks") for risk in risks]
    for column in columns:
        if column.shape != outcome.shape:
            raise StatisticsError(
                f"each outcome needs a risk; found {outcome.size} outcomes and {column.size} risks"
            )
    table = np.column_stack(columns)
    wrong = table[(table < 0.0) | (table > 1.0)]
    if len(wrong):
        raise StatisticsError(
            f"a risk lies between 0 and 1; found {wrong[0]:g}. Divide percentages by 100, and "
            f"turn log odds into risks"
        )
    known = ~(np.isnan(outcome) | np.isnan(table).any(axis=1))
    outcome, table = outcome[known], table[known]
    other = outcome[(outcome != 0) & (outcome != 1)]
    if len(other):
        raise StatisticsError(f"the outcome is 0 or 1; found {other[0]:g}")
    if not len(outcome):
        raise StatisticsError(f"no outcome with a risk: all of {len(known)} are missing")
    if outcome.min() == outcome.max():
        which = "everybody" if outcome[0] else "nobody"
        raise StatisticsError(f"{which} of {len(outcome)} has the outcome: nothing to compare")
    return outcome, table, int(len(known) - known.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    slope: float | None = None
    slope_interval: Interval | None = None
    intercept: float | None = None
    intercept_interval: Interval | None = None
    statistic: float | None = None
    warnings: tuple[str, ...] = ()


def _line(outcome: FloatArray, log_odds: FloatArray, z: float, level: float) -> _Line:
    if log_odds.min() == log_odds.max():
        return _Line(warnings=("all risks are equal: calibration has no slope",))
    low, high = log_odds[outcome == 0], log_odds[outcome == 1]
    if high.min() >= low.max() or low.min() >= high.max():
        return _Line(
            slope=math.inf if high.mean() > low.mean() else -math.inf,
            warnings=("the risks separate the outcomes: the calibration slope is infinite",),
        )
    ones = np.ones(len(outcome))
    # about the mean, so that large log odds do not hide the intercept
    middle = float(log_odds.mean())
    evaluate = log_likelihood(np.column_stack((ones, log_odds - middle)), ones, outcome)
    best = maximise(evaluate, np.zeros(2))
    back = np.array([[1.0, -middle], [0.0, 1.0]])
    intercept, slope = (float(value) for value in back @ best.beta)
    errors = np.sqrt((back @ inverse(best.curvature) @ back.T).diagonal())
    perfect = evaluate(np.array([middle, 1.0])).value
    return _Line(
        slope=slope,
        slope_interval=Interval(slope - z * errors[1], slope + z * errors[1], level, "Wald"),
        intercept=intercept,
        intercept_interval=Interval(
            intercept - z * errors[0], intercept + z * errors[0], level, "Wald"
        ),
        statistic=max(0.0, 2.0 * (best.value - perfect)),
    )


def _shift(outcome: FloatArray, log_odds: FloatArray, z: float) -> tuple[float, float]:
    """Return the intercept that goes with a slope of 1, and the half-width of its limits."""
    ones = np.ones(len(outcome))
    evaluate = log_likelihood(np.column_stack((ones, log_odds)), ones, outcome)
    best = maximise(evaluate, np.array([0.0, 1.0]), free=1)
    return float(best.beta[0]), z / math.sqrt(float(best.curvature[0, 0]))


def _groups(
    outcome: FloatArray, risk: FloatArray, groups: int, level: float
) -> tuple[RiskGroup, ...]:
    edges = np.quantile(risk, np.arange(1, groups) / groups)
    place = np.searchsorted(edges, risk, side="left")
    made = []
    for group in np.unique(place):
        inside = place == group
        n, events = int(inside.sum()), int(outcome[inside].sum())
        low, high = wilson_limits(events, n, level=level)
        made.append(
            RiskGroup(
                low=float(risk[inside].min()),
                high=float(risk[inside].max()),
                mean_risk=float(risk[inside].mean()),
                n=n,
                events=events,
                observed=events / n,
                interval=Interval(low, high, level, "Wilson"),
            )
        )
    return tuple(made)


def smooth_curve(outcome: FloatArray, risk: FloatArray) -> tuple[tuple[float, float], ...]:
    """Return each risk that occurs with the smoothed share of outcomes, held within 0 and 1.

    Lowess without robustness iterations: at each risk a line is fitted to the nearest two
    thirds of the patients, weighted by (1 - d^3)^3 with d their distance as share of the
    farthest one's. Empty where fewer than three risks occur.

    References
    ----------
    Cleveland WS. J Am Stat Assoc 1979;74:829-836.
    """
    if len(np.unique(risk)) < 3:
        return ()
    near = min(len(risk), max(2, int(SPAN * len(risk) + 1e-10)))
    points = []
    for x in np.unique(risk):
        distance = np.abs(risk - x)
        reach = np.partition(distance, near - 1)[near - 1]
        weight = (
            np.clip(1.0 - (distance / reach) ** 3, 0.0, None) ** 3 if reach > 0 else distance == 0
        )
        total = weight.sum()
        centre = float(weight @ risk / total)
        spread = float(weight @ (risk - centre) ** 2)
        share = float(weight @ outcome / total)
        if spread > FLAT * total * float(np.ptp(risk)) ** 2:
            share += float(weight @ ((risk - centre) * outcome)) / spread * (x - centre)
        points.append((float(x), min(1.0, max(0.0, share))))
    return tuple(points)
