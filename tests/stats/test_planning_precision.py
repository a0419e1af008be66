"""Precision at the n one has, and the registry of plans."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import proportion_confint

from myocohort.errors import StatisticsError
from myocohort.stats.planning import PLANS
from myocohort.stats.planning_precision import (
    c_statistic_precision,
    c_statistic_se,
    odds_ratio_precision,
    proportion_precision,
)

ARGUMENTS = {
    "prediction_model_size": (0.3, 7, {"c_statistic": 0.8}),
    "prediction_model_at_n": (40, 0.3, 7, {"c_statistic": 0.8}),
    "two_proportions_size": (0.2, 0.5, {}),
    "two_proportions_power": (13, 27, 0.2, 0.5, {}),
    "icc_test_size": (0.8, 0.6, 2, {}),
    "icc_width_size": (0.8, 2, 0.2, {}),
    "proportion_precision": (40, 0.325, {}),
    "odds_ratio_precision": (20, 20, 0.5, 0.15, {}),
    "c_statistic_precision": (13, 27, 0.85, {}),
}


@pytest.mark.parametrize("name", PLANS)
def test_every_plan_keeps_the_contract(name):
    """A plan states n, criterion, assumptions and source, as plain JSON."""
    *arguments, options = ARGUMENTS[name]
    plan = PLANS[name].run(*arguments, **options, question="asked")
    assert PLANS[name].name == name
    assert plan.question == "asked"
    assert plan.n > 0
    assert plan.method
    assert plan.criterion
    assert plan.assumptions
    assert plan.expected
    assert plan.reference
    assert (PLANS[name].finds == "size") == bool(plan.criteria)
    json.dumps(plan.as_dict(), allow_nan=False)


@given(st.integers(1, 120), st.floats(0.01, 0.99))
def test_mean_width_agrees_with_statsmodels(n, share):
    """The mean width is that of statsmodels' Wilson intervals, weighted by scipy's binomial."""
    counts = np.arange(n + 1)
    low, high = proportion_confint(counts, n, method="wilson")
    expected = stats.binom.pmf(counts, n, share) @ (high - low)
    plan = proportion_precision(n, share)
    assert plan.expected["mean_width"] == pytest.approx(expected, rel=1e-9)
    assert plan.expected["chance_of_none"] == pytest.approx(stats.binom.pmf(0, n, share), rel=1e-9)
    seen = plan.expected["events"]
    assert (plan.interval.low, plan.interval.high) == pytest.approx(
        proportion_confint(seen, n, method="wilson"), abs=1e-12
    )


def test_mean_width_of_many():
    """With a million patients the mean width is the usual 2 x 1.96 x SE."""
    expected = 2 * stats.norm.ppf(0.975) * np.sqrt(0.3 * 0.7 / 1e6)
    found = proportion_precision(1_000_000, 0.3).expected["mean_width"]
    assert found == pytest.approx(expected, rel=1e-4)


@given(st.integers(5, 200), st.integers(5, 200), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_odds_ratio_agrees_with_statsmodels(n1, n2, risk1, risk2):
    """Odds ratio and interval are statsmodels' at the expected counts."""
    table = np.array([[n1 * risk1, n1 * (1 - risk1)], [n2 * risk2, n2 * (1 - risk2)]])
    expected = Table2x2(table, shift_zeros=False)
    plan = odds_ratio_precision(n1, n2, risk1, risk2)
    assert plan.expected["odds_ratio"] == pytest.approx(expected.oddsratio, rel=1e-9)
    assert (plan.interval.low, plan.interval.high) == pytest.approx(
        expected.oddsratio_confint(), rel=1e-9
    )
    assert bool(plan.warnings) == (table.min() < 5)


def test_chance_of_an_empty_cell_by_enumeration():
    """The chance of an infinite or zero odds ratio is that of all tables with an empty cell."""
    n1, n2, risk1, risk2 = 12, 8, 0.4, 0.1
    full = sum(
        stats.binom.pmf(a, n1, risk1) * stats.binom.pmf(b, n2, risk2)
        for a in range(1, n1)
        for b in range(1, n2)
    )
    plan = odds_ratio_precision(n1, n2, risk1, risk2)
    assert plan.expected["chance_of_empty_cell"] == pytest.approx(1 - full, rel=1e-9)


def test_hanley_and_mcneil_golden():
    """Of 527 and 279 a c of .88915 has the limits .86736 and .91094.

    As its author found on a web page (Real Statistics, AUC confidence interval); not found
    again by a second reader, so it rests on the formula of Hanley and McNeil alone.
    """
    interval = c_statistic_precision(527, 279, 0.88915, variance="hanley_mcneil").interval
    assert (interval.low, interval.high) == pytest.approx((0.86736, 0.91094), abs=5e-6)


@pytest.mark.parametrize(("n", "prevalence", "c"), [(4252, 0.018, 0.8), (511, 0.2, 0.78)])
def test_newcombe_golden_of_pmvalsampsize(n, prevalence, c):
    """4252 (C .8, 1.8%) and 511 (C .78, 20%) are the least for a width of .1.

    As its author found in pmvalsampsize's documentation; not found again by a second reader.
    """
    widths = [
        2 * 1.96 * c_statistic_se(size * prevalence, size * (1 - prevalence), c)
        for size in (n - 1, n)
    ]
    assert widths[1] <= 0.1 < widths[0]


def test_limits_of_a_c_statistic_are_cut():
    """With a handful of patients the interval leaves the range; it is cut, with a warning."""
    plan = c_statistic_precision(2, 4, 0.9)
    assert plan.interval.high == 1.0
    assert "cut" in plan.warnings[0]


@given(st.integers(2, 300), st.integers(2, 300), st.floats(0.5, 0.99))
def test_variances_meet_for_equal_groups(m, k, c):
    """With as many events as nonevents both variances are the same."""
    same = [c_statistic_se(m, m, c, kind) for kind in ("newcombe", "hanley_mcneil")]
    assert same[0] == pytest.approx(same[1], rel=1e-9)
    assert c_statistic_se(m, k, c) == pytest.approx(c_statistic_se(k, m, c), rel=1e-9)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: proportion_precision(0, 0.5), "found 0"),
        (lambda: proportion_precision(10, 1.0), "proportion"),
        (lambda: proportion_precision("ten", 0.5), "found 'ten'"),
        (lambda: proportion_precision(10, 0.5, level=0), "confidence level"),
        (lambda: odds_ratio_precision(10, 0, 0.5, 0.5), "second group"),
        (lambda: odds_ratio_precision(10, 10, 0.5, 0.0), "second risk"),
        (lambda: c_statistic_precision(10, 10, 0.4), "c-statistic"),
        (lambda: c_statistic_precision(10, 10, 0.8, variance="delong"), "found 'delong'"),
        (lambda: c_statistic_precision(True, 10, 0.8), "found True"),
    ],
)
def test_bad_precision(run, message):
    """Impossible numbers are refused with the rule and the value."""
    with pytest.raises(StatisticsError, match=message):
        run()
