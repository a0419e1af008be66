from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ovarian import EVENT, HUNDREDS

from myocohort.stats.kaplan_meier import kaplan_meier

# R 4.2.2, survival 3.5-3:
#   o <- ovarian; o$t <- ceiling(o$futime/100)
#   summary(survfit(Surv(t,fustat)~1,o,conf.type="log-log"))
R_TIMES = (1, 2, 3, 4, 5, 6, 7)
R_AT_RISK = (26, 25, 23, 22, 18, 12, 11)
R_SURVIVAL = (
    0.961538461538, 0.884615384615, 0.846153846154, 0.730769230769, 0.608974358974,
    0.558226495726, 0.507478632479,
)  # fmt: skip
R_SE = (
    0.0377146413727, 0.0626562680016, 0.0707589393083, 0.0869892924733, 0.0968272133867,
    0.1011867855447, 0.1039375438477,
)  # fmt: skip
R_LOW = (
    0.756944289178, 0.683583441871, 0.640434805841, 0.516885735288, 0.394673887473,
    0.342218211331, 0.293505057141,
)  # fmt: skip
R_HIGH = (
    0.994491156943, 0.961256635372, 0.939293810947, 0.861502559637, 0.767514655974,
    0.728360172389, 0.687068331417,
)  # fmt: skip


def test_the_curve_with_ties_is_that_of_r() -> None:
    """Survival, Greenwood's SE, limits and numbers at risk equal R's survfit at each event."""
    curve = kaplan_meier(HUNDREDS, EVENT)
    steps = [step for step in curve.steps if step.events]
    assert [step.time for step in steps] == list(R_TIMES)
    assert [step.at_risk for step in steps] == list(R_AT_RISK)
    for name, wanted in (
        ("survival", R_SURVIVAL),
        ("se", R_SE),
        ("low", R_LOW),
        ("high", R_HIGH),
    ):
        assert [getattr(step, name) for step in steps] == pytest.approx(list(wanted), rel=1e-9)


def test_a_median_that_is_not_reached_has_a_lower_limit_only() -> None:
    """R prints NA with the limits 5 and NA for these data."""
    curve = kaplan_meier(HUNDREDS, EVENT)
    assert curve.median is None
    assert curve.median_interval is not None
    assert (curve.median_interval.low, curve.median_interval.high) == (5.0, math.inf)


def test_a_curve_that_falls_to_nothing_has_no_error_there() -> None:
    """Once nobody is left the estimate is 0, without SE and limits, never an SE of 0."""
    curve = kaplan_meier([1, 2, 2], [1, 1, 1])
    last = curve.steps[-1]
    assert (last.survival, last.se, last.low, last.high) == (0.0, None, None, None)
    assert curve.median == 2.0


def test_nobody_with_the_event_gives_a_flat_curve() -> None:
    """Without events the curve stays at 1 and has neither median nor interval."""
    curve = kaplan_meier([1, 2, 3], [0, 0, 0])
    assert {step.survival for step in curve.steps} == {1.0}
    assert curve.median is None
    assert curve.median_interval is None


def test_numbers_at_risk_are_those_just_before_a_time() -> None:
    """Who leaves at month 2 is still at risk at month 2, and nobody after the last time."""
    curve = kaplan_meier([1, 2, 3], [1, 0, 1])
    assert [curve.at_risk(t) for t in (0, 1, 2, 2.5, 3, 4)] == [3, 3, 2, 1, 1, 0]
    assert curve.at(0.5) is None
    assert curve.at(2.5) == curve.steps[1]


@given(st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=30))
def test_without_censoring_the_curve_is_the_share_that_is_left(times: list[int]) -> None:
    """When everybody has the event, the estimate is the plain share with a longer time."""
    curve = kaplan_meier(times, np.ones(len(times)))
    for step in curve.steps:
        left = sum(time > step.time for time in times)
        assert step.survival == pytest.approx(left / len(times), abs=1e-12)
