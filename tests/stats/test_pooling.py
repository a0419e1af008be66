"""Rubin's rules, D2 and R-hat against R's mice, mitml and coda, and published examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.chains import Trace, convergence_statement, potential_scale_reduction
from myocohort.stats.pooling import pool_chi_square, pool_estimates

Q, U = [1.2, 0.8, 1.5, 1.1, 0.9], [0.20, 0.25, 0.18, 0.22, 0.30]


# R: mice::pool.scalar(Q, U, n = 25, k = 3), pool.scalar(Q, U), and the same with
# Q = c(1, 1, 1), U = c(.2, .3, .25), n = 25, k = 3 (mice 3.15)
@pytest.mark.parametrize(
    ("q", "u", "complete_df", "total", "df", "r", "fmi"),
    [
        (Q, U, 22, 0.32, 11.2974277861, 0.3913043478, 0.3817925606),
        (Q, U, math.inf, 0.32, 50.5679012346, 0.3913043478, 0.3080851003),
        ([1, 1, 1], [0.2, 0.3, 0.25], 22, 0.25, 20.23797395212, 0.0, 0.08606602297),
    ],
)
def test_rubins_rules_are_those_of_mice(q, u, complete_df, total, df, r, fmi):
    """Variance, Barnard-Rubin df, relative increase and fmi are those of mice::pool.scalar."""
    pooled = pool_estimates(q, u, complete_df=complete_df)
    assert pooled.estimate == pytest.approx(np.mean(q))
    assert pooled.total == pytest.approx(total, rel=1e-10)
    assert pooled.df == pytest.approx(df, rel=1e-10)
    assert pooled.relative_increase == pytest.approx(r, abs=1e-10)
    assert pooled.fraction_missing_information == pytest.approx(fmi, rel=1e-9)


def test_interval_and_p_are_those_of_mice():
    """R: summary(pool(with(imp, lm(chl ~ age))), conf.int = TRUE), term age60-99.

    imp is mice(nhanes2, m = 5, seed = 1); pool printed estimate 43.2, ubar 379.7402056,
    b 163.96388889, dfcom 22, df 9.603603457, fmi .4458231584, p .1034224458 and the interval
    -10.599225 to 96.999225.
    """
    deviations = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]) * math.sqrt(163.96388889 / 2.5)
    pooled = pool_estimates(43.2 + deviations, [379.7402056] * 5, complete_df=22)
    assert pooled.df == pytest.approx(9.603603457, rel=1e-8)
    assert pooled.p == pytest.approx(0.1034224458, rel=1e-8)
    assert pooled.fraction_missing_information == pytest.approx(0.4458231584, rel=1e-8)
    assert (pooled.interval.low, pooled.interval.high) == pytest.approx((-10.599225, 96.999225))


# D2. The first two are R's mice::D2(fit1, fit0, use = "likelihood") by mitml 0.4-4 on
# mice(nhanes2, m = 5, seed = 1): hyp ~ bmi + chl (logistic) and chl ~ age (linear), against
# the intercept alone. The third is said to be the example of Allison PD, macro
# COMBCHI 2.1 (2007), which a second reader did not find again; mitml gives the same.
D2 = [
    (
        [2.6657696313, 0.4899934011, 6.7464765962, 2.4519589663, 1.2966196026],
        2,
        (0.2929758543, 18.8469304, 0.7493764728, 0.5979477988),
    ),
    (
        [5.012623144, 2.567893435, 8.627096976, 5.830496150, 4.923882570],
        2,
        (1.792840577, 56.94213905, 0.1757565286, 0.2743402328),
    ),
    ([5.8, 7.2, 6.1, 8.5], 3, (2.0540138, 342.22381, 0.1060954, None)),
]


@pytest.mark.parametrize(("statistics", "df", "expected"), D2)
def test_d2_golden(statistics, df, expected):
    """F, its denominator's degrees of freedom, p and relative increase are as published."""
    f, denominator, p, increase = expected
    result = pool_chi_square(statistics, df)
    assert result.statistic == pytest.approx(f, rel=1e-6)
    assert result.df == df
    assert result.df_denominator == pytest.approx(denominator, rel=1e-6)
    assert result.p == pytest.approx(p, rel=1e-6)
    if increase is not None:
        assert result.relative_increase == pytest.approx(increase, rel=1e-8)


def test_d2_of_equal_statistics_is_the_chi_square_test():
    """Without variation between the sets nothing is added."""
    result = pool_chi_square([3.841458820694124] * 4, 1)
    assert result.p == pytest.approx(0.05)
    assert math.isinf(result.df_denominator)


def test_a_negative_d2_has_p_1_and_says_so():
    """Small statistics that differ much make F negative."""
    result = pool_chi_square([0.0, 4.0, 0.0, 9.0], 2)
    assert result.statistic < 0
    assert result.p == 1.0
    assert "D2 is negative" in result.warnings[0]


def test_r_hat_golden():
    """R: coda::gelman.diag(chains, autoburnin = FALSE, transform = FALSE)$psrf, coda 0.19-4."""
    chains = [[1, 2, 4, 3, 5, 6, 4, 7], [2, 2, 3, 5, 4, 6, 8, 5], [0, 3, 2, 4, 6, 5, 5, 6]]
    assert potential_scale_reduction(chains) == pytest.approx(0.947525677903, rel=1e-11)
    assert potential_scale_reduction([[1, 1, 1], [1, 1, 1]]) is None


def test_convergence_in_words():
    """The statement names the worst chain; chains apart are not called converged."""
    apart = [[0.0, 0.1, 0.0, 0.1], [5.0, 5.1, 5.0, 5.1]]
    trace = Trace(
        variable="CK",
        statistic="mean",
        values=tuple(map(tuple, apart)),
        r_hat=potential_scale_reduction(apart),
    )
    text, good = convergence_statement([trace], 4)
    assert not good
    assert "mean of CK" in text
    assert convergence_statement([], 4)[1]
    assert convergence_statement([trace], 2) == (
        "not assessed: it takes 3 iterations, there were 2",
        False,
    )


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=2, max_size=12),
    st.floats(-3, 3).filter(lambda x: abs(x) > 0.1),
)
def test_pooling_follows_the_unit_and_ignores_the_order(rows, unit):
    """A new unit rescales estimate and SE and keeps p; the order of the sets is nothing."""
    q, u = np.array(rows).T
    assume(abs(q.mean()) > 1e-3)
    first = pool_estimates(q, u, complete_df=30)
    second = pool_estimates(q[::-1] * unit, u[::-1] * unit**2, complete_df=30)
    assert second.estimate == pytest.approx(first.estimate * unit, rel=1e-9)
    assert second.se == pytest.approx(first.se * abs(unit), rel=1e-9)
    assert second.p == pytest.approx(first.p, rel=1e-6)
    assert first.df <= 30
    assert 0 <= first.share_due_to_missing < 1
    assert first.total >= first.within


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pool_estimates([1.0], [1.0]), "at least two imputed sets"),
        (lambda: pool_estimates([1.0, math.inf], [1.0, 1.0]), "found inf in imputed set 2"),
        (lambda: pool_estimates([1.0, math.nan], [1.0, 1.0]), "found nan in imputed set 2"),
        (lambda: pool_estimates([1.0, 2.0], [1.0]), "found 2 and 1|at least two"),
        (lambda: pool_estimates([1.0, 2.0], [1.0, -1.0]), "variance is at least 0"),
        (lambda: pool_estimates([1.0, 1.0], [0.0, 0.0]), "all variances are 0"),
        (lambda: pool_estimates([1.0, 2.0], [0.0, 0.0], complete_df=5), "between the imputed"),
        (lambda: pool_estimates(Q, U, complete_df=0), "at least one degree of freedom"),
        (lambda: pool_estimates(Q, U, level=95), "confidence level"),
        (lambda: pool_estimates(["a", "b"], [1, 1]), "are numbers"),
        (lambda: pool_chi_square([1.0, -1.0], 1), "at least 0"),
        (lambda: pool_chi_square([1.0, 2.0], 0), "whole number from 1"),
        (lambda: potential_scale_reduction([[1.0, 2.0, 3.0]]), "at least 2 chains"),
    ],
)
def test_what_cannot_be_pooled_is_refused(call, message):
    """Infinite and impossible input is refused with its place."""
    with pytest.raises(StatisticsError, match=message):
        call()
