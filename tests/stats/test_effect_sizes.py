"""Risk difference, risk ratio, odds ratios and Cramer's V of a table."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats
from scipy.stats import contingency
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from myocohort.errors import StatisticsError
from myocohort.stats.chi_square import pearson_chi_square
from myocohort.stats.conditional_odds_ratio import conditional_odds_ratio
from myocohort.stats.cramers_v import cramers_v
from myocohort.stats.odds_ratio import odds_ratio
from myocohort.stats.proportion import exact_limits, wilson_limits
from myocohort.stats.risk_difference import risk_difference
from myocohort.stats.risk_ratio import risk_ratio

EFFECTS = [risk_difference, risk_ratio, odds_ratio, conditional_odds_ratio]
PERONDI = [[7, 27], [1, 33]]

counts = st.integers(1, 40)
full_tables = st.tuples(counts, counts, counts, counts).map(lambda c: np.reshape(c, (2, 2)))


def limits(result):
    """Return both limits of the interval."""
    return result.interval.low, result.interval.high


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_own_examples(first, second, low, high):
    """Newcombe RG. Stat Med 1998;17:873-890, Table II, method 10, as others quote it.

    The paper itself was not at hand; public test suites quote the same limits from its Table
    II, and r/test_r_effects_and_plans.py makes them from the Wilson limits of R's prop.test.
    """
    table = [[x, n - x] for x, n in (first, second)]
    result = risk_difference(table)
    assert result.estimate == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert limits(result) == pytest.approx((low, high), abs=5e-5)
    assert result.p is None


@given(full_tables, st.sampled_from([0.9, 0.95, 0.99]))
def test_risk_difference_agrees_with_statsmodels(table, level):
    """The limits are statsmodels' "newcomb" limits."""
    (a, b), (c, d) = table
    expected = confint_proportions_2indep(a, a + b, c, c + d, method="newcomb", alpha=1 - level)
    assert limits(risk_difference(table, level=level)) == pytest.approx(expected, abs=1e-12)


@given(full_tables)
def test_risk_ratio_agrees_with_statsmodels(table):
    """Katz is statsmodels' "log", Koopman its "score" without correction."""
    (a, b), (c, d) = table
    for method, options in (("katz", {"method": "log"}), ("score", {"method": "score"})):
        expected = confint_proportions_2indep(
            a, a + b, c, c + d, compare="ratio", correction=False, **options
        )
        assert limits(risk_ratio(table, method=method)) == pytest.approx(expected, rel=1e-5)


def test_risk_ratio_goldens():
    """R epiR 2.0.57: epi.2by2(matrix(c(7, 27, 1, 33), 2, byrow = TRUE)), RR.strata.wald.

    Koopman's limits: statsmodels 0.15 confint_proportions_2indep(7, 34, 1, 34,
    compare="ratio", method="score", correction=False).
    """
    katz = risk_ratio(PERONDI, method="katz")
    assert (katz.estimate, *limits(katz)) == pytest.approx((7, 0.909605511842, 53.8695064641))
    score = risk_ratio(PERONDI)
    assert limits(score) == pytest.approx((1.2208528535148, 42.57571760976), rel=1e-9)
    assert score.p == pytest.approx(pearson_chi_square(PERONDI).p, rel=1e-12)
    assert "Koopman" in score.method
    assert "Katz" in katz.method


def test_risk_ratio_with_a_group_without_events():
    """The ratio is 0 or infinite, Koopman has the other limit, and Katz says why it has none."""
    low, high = [[0, 20], [3, 17]], [[3, 17], [0, 20]]
    zero, infinite = risk_ratio(low), risk_ratio(high)
    expected = confint_proportions_2indep(
        0, 20, 3, 20, compare="ratio", method="score", correction=False
    )
    assert zero.estimate == 0
    assert limits(zero) == (0.0, pytest.approx(expected[1], rel=1e-6))
    assert infinite.estimate == math.inf
    assert limits(infinite) == (pytest.approx(1 / zero.interval.high), math.inf)
    katz = risk_ratio(high, method="katz")
    assert (katz.estimate, katz.interval, katz.p) == (math.inf, None, None)
    assert "Use method 'score'" in katz.warnings[0]


@pytest.mark.parametrize(
    "table", [[[12, 0], [11, 1]], [[7, 5], [9, 0]], [[1, 30], [0, 9]], [[0, 8], [5, 0]], PERONDI]
)
def test_koopmans_limits_are_where_the_chi_square_statistic_is_z_squared(table):
    """At each limit the fit of greatest likelihood, sought by scipy, has chi-square 3.8415.

    statsmodels 0.15 takes a fit outside the possible risks if everyone of a group has the
    event, and prints limits from 1.04 for 12 of 12 against 11 of 12.
    """
    (a, b), (c, d) = table
    n1, n2 = a + b, c + d

    def chi_square(ratio):
        def minus_log_likelihood(p2):
            p1 = ratio * p2
            return -sum(
                special.xlogy(x, p) for x, p in ((a, p1), (b, 1 - p1), (c, p2), (d, 1 - p2))
            )

        p2 = optimize.minimize_scalar(
            minus_log_likelihood, bounds=(0, min(1, 1 / ratio)), options={"xatol": 1e-12}
        ).x
        p1 = ratio * p2
        return (a - n1 * p1) ** 2 / (n1 * p1 * (1 - p1)) + (c - n2 * p2) ** 2 / (n2 * p2 * (1 - p2))

    found = [limit for limit in limits(risk_ratio(table)) if 0 < limit < math.inf]
    assert found
    for limit in found:
        assert chi_square(limit) == pytest.approx(stats.chi2(1).isf(0.05), rel=1e-4)


@given(full_tables)
def test_woolf_agrees_with_statsmodels(table):
    """Estimate, limits and p are those of statsmodels' Table2x2."""
    expected = Table2x2(table, shift_zeros=False)
    result = odds_ratio(table)
    assert result.estimate == pytest.approx(expected.oddsratio, rel=1e-12)
    assert limits(result) == pytest.approx(expected.oddsratio_confint(), rel=1e-10)
    assert result.p == pytest.approx(expected.log_oddsratio_pvalue(), rel=1e-8)


def test_woolf_with_an_empty_cell():
    """Without correction the ratio is infinite or 0; with it, 0.5 is added and named."""
    table = np.array([[5, 0], [9, 13]])
    plain = odds_ratio(table)
    assert (plain.estimate, plain.interval, plain.p) == (math.inf, None, None)
    assert "Use conditional_odds_ratio" in plain.warnings[0]
    assert odds_ratio(table[::-1]).estimate == 0
    corrected = odds_ratio(table, correct_zeros=True)
    expected = Table2x2(table + 0.5, shift_zeros=False)
    assert corrected.estimate == pytest.approx(expected.oddsratio)
    assert limits(corrected) == pytest.approx(expected.oddsratio_confint())
    assert "0.5 added" in corrected.method
    assert odds_ratio(PERONDI, correct_zeros=True) == odds_ratio(PERONDI)


@pytest.mark.parametrize(
    ("table", "estimate", "low", "high"),
    [
        ([[12, 1], [13, 14]], 12.2135258154, 1.43263469031, 589.04292657),
        ([[2, 15], [10, 3]], 0.0469366088277, 0.00332576403386, 0.363182271475),
        ([[5, 0], [9, 13]], math.inf, 1.00336617212, math.inf),
        ([[0, 6], [7, 4]], 0.0, 0.0, 0.850328240741),
        ([[3, 1], [1, 3]], 6.40830886701, 0.211732915306, 621.933750545),
    ],
)
def test_conditional_odds_ratio_goldens(table, estimate, low, high):
    """R 4.2.2: fisher.test(matrix(..., 2, byrow = TRUE))$estimate and $conf.int.

    R's root-finding stops at about 1e-4, at the reciprocal scale for large limits.
    """
    result = conditional_odds_ratio(table)
    assert result.estimate == pytest.approx(estimate, rel=5e-4)
    assert limits(result) == pytest.approx((low, high), rel=1e-2)


@given(st.tuples(*[st.integers(0, 20)] * 4).map(lambda c: np.reshape(c, (2, 2))))
@settings(max_examples=50)
def test_conditional_odds_ratio_agrees_with_scipy_and_with_its_p(table):
    """Scipy has the same numbers, and the interval holds 1 exactly if p is above .05."""
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return
    expected = contingency.odds_ratio(table, kind="conditional")
    result = conditional_odds_ratio(table)
    assert result.estimate == pytest.approx(expected.statistic, rel=1e-6)
    assert limits(result) == pytest.approx(tuple(expected.confidence_interval()), rel=1e-6)
    if abs(result.p - 0.05) > 1e-9:
        assert (result.interval.low <= 1 <= result.interval.high) == (result.p > 0.05)


@given(full_tables)
def test_swapped_groups_turn_the_effects_round(table):
    """Swapping groups inverts ratios, negates the difference and keeps p."""
    for effect in (risk_ratio, odds_ratio, conditional_odds_ratio):
        one, other = effect(table), effect(table[::-1])
        assert other.estimate == pytest.approx(1 / one.estimate, rel=1e-9)
        assert other.interval.high == pytest.approx(1 / one.interval.low, rel=1e-6)
        assert other.p == pytest.approx(one.p, rel=1e-9)
    one, other = risk_difference(table), risk_difference(table[::-1])
    assert limits(other) == pytest.approx((-one.interval.high, -one.interval.low))


@given(full_tables)
def test_the_event_may_be_either_column(table):
    """Naming the other column is the same as swapping the columns."""
    for effect in EFFECTS:
        assert effect(table, event=1) == effect(table[:, ::-1])


@given(st.lists(st.lists(st.integers(1, 30), min_size=3, max_size=3), min_size=2, max_size=4))
def test_cramers_v_agrees_with_scipy(table):
    """V is scipy's; its p is that of Pearson's chi-square."""
    result = cramers_v(table)
    assert result.estimate == pytest.approx(contingency.association(table), abs=1e-9)
    assert result.p == pearson_chi_square(table).p


def test_phi_has_a_sign():
    """R psych: phi(matrix(c(12, 1, 13, 14), 2, byrow = TRUE), digits = 8) gives .42723075."""
    table = [[12, 1], [13, 14]]
    assert cramers_v(table).estimate == pytest.approx(0.42723075, abs=5e-9)
    assert cramers_v(table[::-1]).estimate == pytest.approx(-0.42723075, abs=5e-9)
    assert cramers_v([[3, 0], [5, 0]]).estimate is None


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_of_a_proportion_agree_with_statsmodels(pair):
    """Wilson and Clopper-Pearson limits are statsmodels'."""
    events, n = pair
    assert wilson_limits(events, n, level=0.95) == pytest.approx(
        proportion_confint(events, n, method="wilson"), abs=1e-12
    )
    assert exact_limits(events, n, level=0.95) == pytest.approx(
        proportion_confint(events, n, method="beta"), abs=1e-12
    )


def test_doubled_p_of_the_conditional_odds_ratio():
    """The p is twice scipy's smaller one-sided Fisher p."""
    table = [[12, 1], [13, 14]]
    assert conditional_odds_ratio(table).p == pytest.approx(
        2 * stats.fisher_exact(table, alternative="greater").pvalue
    )


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([[0, 0], [0, 0]], "every value is missing"),
        ([[0, 0], [3, 5]], "nobody is in group 1"),
        ([[3, 5], [0, 0]], "nobody is in group 2"),
    ],
)
def test_no_effect_of_an_empty_group(effect, table, reason):
    """An empty group gives no estimate and no p, and says why."""
    result = effect(table, n_missing=4)
    assert (result.estimate, result.interval, result.p) == (None, None, None)
    assert reason in result.warnings[0]
    assert result.n_missing == 4


@pytest.mark.parametrize("effect", EFFECTS[1:])
@pytest.mark.parametrize("table", [[[0, 4], [0, 5]], [[4, 0], [5, 0]]])
def test_no_ratio_where_nobody_or_everybody_has_the_event(effect, table):
    """A ratio needs someone with the event and someone without."""
    result = effect(table)
    assert (result.estimate, result.p) == (None, None)
    assert "has the event" in result.warnings[0]


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ([[1, 2, 3], [4, 5, 6]], {}, "a 2 x 2 table; found 2 x 3"),
        ([[1, 2], [3, -4]], {}, "found -4 in row 2, column 2"),
        ([[1, 2], [3, math.nan]], {}, "found nan"),
        ([[1, 2], [3, 4]], {"level": 95}, "confidence level"),
        ([[1, 2], [3, 4]], {"event": 2}, "column 0 or 1"),
    ],
)
def test_bad_tables_are_refused(effect, table, options, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        effect(table, **options)


def test_unknown_method_is_refused():
    """A risk ratio is by score or by Katz."""
    with pytest.raises(StatisticsError, match="score or katz; found 'wald'"):
        risk_ratio(PERONDI, method="wald")


def test_infinite_effects_are_plain_json():
    """Infinity becomes the string "inf"."""
    for effect in EFFECTS:
        plain = effect([[5, 0], [9, 13]]).as_dict()
        json.dumps(plain, allow_nan=False)
    assert conditional_odds_ratio([[5, 0], [9, 13]]).as_dict()["estimate"] == "inf"
