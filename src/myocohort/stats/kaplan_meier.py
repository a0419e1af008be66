"""The Kaplan-Meier estimate of the share of patients without the event, with its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.stats.p_values import normal_quantile
from myocohort.stats.result import Interval
from myocohort.stats.survival_times import survival_times

METHOD = "Kaplan-Meier estimate, Greenwood's variance, log-log limits"
REFERENCE = (
    "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481; Kalbfleisch JD, Prentice RL. The "
    "Statistical Analysis of Failure Time Data. Wiley 1980"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One time at which an event happened or observation of somebody ended.

    Parameters
    ----------
    time
        In the unit of the times given.
    at_risk
        Patients under observation just before it.
    events, censored
        Patients with the event, and patients whose observation ended, at this time.
    survival
        Share of patients without the event just after it.
    se
        Its standard error (Greenwood); None once nobody is left.
    low, high
        Its limits; None where the estimate is 1 or 0, which has none of this kind.
    """

    time: float
    at_risk: int
    events: int
    censored: int
    survival: float
    se: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A Kaplan-Meier curve.

    Parameters
    ----------
    steps
        In order of time.
    n, n_missing, events
        Patients observed, patients left out because a value is missing, and events.
    median
        First time at which half the patients or fewer are without the event; None where
        the curve does not fall so far.
    median_interval
        First times at which the lower and the upper limit are at one half or below (Brookmeyer
        and Crowley 1982); a limit is infinite where its curve does not fall so far.
    level, method, reference
        Coverage of the limits, how they were found, and the source.
    """

    steps: tuple[Step, ...]
    n: int
    n_missing: int
    events: int
    median: float | None
    median_interval: Interval | None
    level: float
    method: str = METHOD
    reference: str = REFERENCE

    def at(self, time: float) -> Step | None:
        """Return the last step up to a time; None before the first."""
        return next((step for step in reversed(self.steps) if step.time <= time), None)

    def at_risk(self, time: float) -> int:
        """Return how many patients are under observation just before a time."""
        after = next((step for step in self.steps if step.time >= time), None)
        return 0 if after is None else after.at_risk


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, level: float = 0.95) -> Curve:
    """Estimate the share of patients without the event over time.

    Parameters
    ----------
    time
        From the start to the event or the end of observation; NaN if missing.
    event
        1 where the event happened, 0 where observation ended; NaN if missing. Who had the
        event and whose observation ended at the same time counts as observed at that time.
    level
        Coverage of the limits at each time.

    Raises
    ------
    StatisticsError
        If times or events are unfit, or no row is complete (see `survival_times`).

    References
    ----------
    Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. Limits: log(-log S) plus or minus z
    standard errors (Kalbfleisch and Prentice 1980), R's conf.type = "log-log".
    """
    z = normal_quantile(level)
    data = survival_times(time, event)
    steps = []
    survival, variance = 1.0, 0.0  # variance of log S
    at_risk = data.n
    for moment in np.unique(data.time):
        here = data.time == moment
        events = int((here & data.event).sum())
        leaving = int(here.sum())
        survival *= (at_risk - events) / at_risk
        if events and at_risk > events:
            variance += events / (at_risk * (at_risk - events))
        low, high = _limits(survival, variance, z)
        steps.append(
            Step(
                time=float(moment),
                at_risk=at_risk,
                events=events,
                censored=leaving - events,
                survival=survival,
                se=survival * math.sqrt(variance) if survival > 0 else None,
                low=low,
                high=high,
            )
        )
        at_risk -= leaving
    median = _first(steps, "survival")
    lower, upper = _first(steps, "low"), _first(steps, "high")
    lower = median if lower is None else lower  # the curve falls to 0, which has no limits
    interval = None
    if lower is not None:
        method = "Brookmeyer-Crowley, log-log limits"
        interval = Interval(lower, math.inf if upper is None else upper, level, method)
    return Curve(
        steps=tuple(steps),
        n=data.n,
        n_missing=data.n_missing,
        events=data.events,
        median=median,
        median_interval=interval,
        level=level,
    )


def _limits(survival: float, variance: float, z: float) -> tuple[float | None, float | None]:
    if not 0.0 < survival < 1.0:
        return None, None
    width = z * math.sqrt(variance) / abs(math.log(survival))
    low, high = survival ** math.exp(width), survival ** math.exp(-width)
    return low, high


def _first(steps: list[Step], name: str) -> float | None:
    """Return the first time at which a curve is at one half or below."""
    for step in steps:
        value = getattr(step, name)
        if value is not None and value <= 0.5 * (1.0 + 1e-12):
            return step.time
    return None
