"""Exact conditional logistic regression: goldens, R and scipy as oracles, enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables
from scipy import optimize, special, stats

from myocohort.errors import StatisticsError
from myocohort.stats.exact_logistic import fit_exact
from myocohort.stats.logistic import fit_ml

# the admissions example of UCLA's pages on exact logistic regression, n = 30
ADMISSIONS = (
    np.array([[0, 0], [0, 0], [0, 1], [0, 1], [1, 0], [1, 0], [1, 1]], dtype=float),
    np.array([1, 0, 1, 0, 1, 0, 1]),
    np.array([1, 7, 7, 3, 1, 5, 6]),
)


def test_admissions():
    """Estimates, limits and p of the admissions example are those of its enumeration.

    ../shared/references/statistics.md, "Exact conditional logistic regression".
    """
    X, y, weights = ADMISSIONS
    result = fit_exact(X, y, ["female", "apcalc"], weights=weights)
    female, apcalc = result.terms
    assert apcalc.b == pytest.approx(3.3387, abs=5e-5)
    assert apcalc.odds_ratio == pytest.approx(28.1825, abs=5e-5)
    assert apcalc.ci["exact"].low == pytest.approx(3.0092, abs=5e-5)
    assert apcalc.ci["exact"].high == pytest.approx(1430.71, abs=5e-3)
    assert apcalc.p["twice_one_sided"] == pytest.approx(0.0006, abs=5e-5)
    assert apcalc.p["probability"] == pytest.approx(0.00031, abs=5e-6)
    assert female.b == pytest.approx(1.3605, abs=5e-5)
    assert female.odds_ratio == pytest.approx(3.8982, abs=5e-5)
    assert female.ci["exact"].low == pytest.approx(0.3234, abs=5e-5)
    assert female.ci["exact"].high == pytest.approx(214.43, abs=5e-3)
    assert female.p["twice_one_sided"] == pytest.approx(0.4557, abs=5e-5)
    assert (female.estimate, apcalc.estimate) == ("cmle", "cmle")


def test_admissions_in_r():
    """The probability test is that of mantelhaen.test, the estimate and its error clogit's.

    R 4.2.2: `mantelhaen.test(table, exact = TRUE)$p.value`, table = apcalc x admit x female and
    female x admit x apcalc; survival: `clogit(admit ~ apcalc + strata(female),
    method = "exact")`.
    """
    X, y, weights = ADMISSIONS
    female, apcalc = fit_exact(X, y, ["female", "apcalc"], weights=weights).terms
    assert apcalc.p["probability"] == pytest.approx(0.0003074762433, rel=1e-9)
    assert female.p["probability"] == pytest.approx(0.3400706436, rel=1e-9)
    assert apcalc.b == pytest.approx(3.338700216, rel=1e-9)
    assert apcalc.se == pytest.approx(1.125069195, rel=1e-9)


def test_a_term_with_many_values_in_r():
    """Score test and estimates of an ordinal term are those of coin and of clogit.

    R 4.2.2: coin: `pvalue(independence_test(x ~ factor(y), distribution = "exact",
    teststat = "quadratic"))`; survival: `clogit(y ~ x, method = "exact")` and
    `clogit(y ~ x + strata(b), method = "exact")`.
    """
    x = np.array([1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 3, 5.0])
    y = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1]
    b = np.repeat([0.0, 1.0], 6)
    (alone,) = fit_exact(x[:, np.newaxis], y, ["x"]).terms
    assert alone.p["score"] == pytest.approx(0.1406926407, rel=1e-9)
    assert (alone.b, alone.se) == pytest.approx((0.5446236475, 0.3705128998), rel=1e-8)
    beside = fit_exact(np.column_stack((x, b)), y, ["x", "b"]).terms[0]
    assert (beside.b, beside.se) == pytest.approx((0.5560549652, 0.4889988513), rel=1e-8)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_one_binary_term_is_fishers_table(cells):
    """Odds ratio, limits and probability test of a 2 x 2 table are scipy's."""
    table = np.reshape(cells, (2, 2))
    assume((table.sum(axis=0) > 0).all() and (table.sum(axis=1) > 0).all())
    X = np.array([[1.0], [1.0], [0.0], [0.0]])
    assume(min(table.sum(axis=0).min(), table.sum(axis=1).min()) > 0)
    (term,) = fit_exact(X, [1, 0, 1, 0], ["x"], weights=table.ravel()).terms
    oracle = stats.contingency.odds_ratio(table)
    limits = oracle.confidence_interval()
    assert term.p["probability"] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)
    if term.estimate == "cmle":
        assert term.odds_ratio == pytest.approx(oracle.statistic, rel=1e-6)
    else:
        assert oracle.statistic in (0, math.inf)
        assert term.se is None
    assert term.ci["exact"].low == pytest.approx(limits.low, rel=1e-6)
    assert term.ci["exact"].high == pytest.approx(limits.high, rel=1e-6)


def test_a_single_event_has_a_closed_form():
    """With one event among n1 exposed and n0 others, P = n1 OR / (n0 + n1 OR).

    The median-unbiased odds ratio is n0 / n1, and the lower limit that times .025 / .975.
    """
    X = np.array([[1.0], [1.0], [0.0]])
    result = fit_exact(X, [1, 0, 0], ["ILD"], weights=[1, 4, 20])
    (term,) = result.terms
    assert (term.estimate, term.se) == ("mue", None)
    assert term.odds_ratio == pytest.approx(20 / 5, rel=1e-9)
    assert term.ci["exact"].low == pytest.approx(20 / 5 * 0.025 / 0.975, rel=1e-9)
    assert term.ci["exact"].high == math.inf
    assert term.p["twice_one_sided"] == pytest.approx(2 * 5 / 25)
    assert term.p["mid_p"] == pytest.approx(5 / 25)
    assert term.p["probability"] == pytest.approx(5 / 25)
    assert any("median-unbiased" in warning for warning in result.warnings)
    assert result.separation.directions == {"ILD": 1, "(Intercept)": -1}


def enumerated(patterns, sizes, counts, column):
    """Return values and probabilities of one statistic, given the others, and the observed one."""
    every = np.indices([size + 1 for size in sizes]).reshape(len(sizes), -1).T
    ways = special.comb(sizes, every).prod(axis=1)
    statistics = np.column_stack([every.sum(axis=1), every @ patterns])
    observed = np.concatenate([[counts.sum()], counts @ patterns])
    others = [i for i in range(statistics.shape[1]) if i != column + 1]
    same = np.abs(statistics[:, others] - observed[others]).max(axis=1) < 1e-9
    values, place = np.unique(np.round(statistics[same, column + 1], 9), return_inverse=True)
    samples = np.bincount(place.reshape(-1), weights=ways[same])
    return values, samples / samples.sum(), observed[column + 1]


def check_against_enumeration(term, values, chance, observed):
    """Compare p values, estimate and limits with their definitions."""
    below, above = chance[values <= observed + 1e-9].sum(), chance[values >= observed - 1e-9].sum()
    here = chance[np.abs(values - observed) < 1e-9][0]
    mean = chance @ values
    far = np.abs(values - mean) >= abs(observed - mean) - 1e-9
    assert term.p["twice_one_sided"] == pytest.approx(min(1.0, 2 * min(below, above)), rel=1e-9)
    assert term.p["mid_p"] == pytest.approx(min(1.0, 2 * min(below, above) - here), rel=1e-9)
    assert term.p["probability"] == pytest.approx(chance[chance <= here * (1 + 1e-7)].sum())
    assert term.p["score"] == pytest.approx(chance[far].sum())

    def tilted(b):
        weights = np.log(chance) + b * (values - observed)
        weights = np.exp(weights - weights.max())
        return weights / weights.sum()

    limits = term.ci["exact"]
    if math.isfinite(limits.high):
        p = tilted(math.log(limits.high))
        assert p[values <= observed + 1e-9].sum() == pytest.approx(0.025, rel=1e-6)
    if limits.low > 0:
        p = tilted(math.log(limits.low))
        assert p[values >= observed - 1e-9].sum() == pytest.approx(0.025, rel=1e-6)
    p = tilted(term.b)
    if term.estimate == "cmle":
        assert p @ values == pytest.approx(observed, rel=1e-9)
        assert term.se == pytest.approx(1 / math.sqrt(p @ (values - observed) ** 2), rel=1e-8)
    else:
        assert observed in (pytest.approx(values[0]), pytest.approx(values[-1]))
        assert p[np.abs(values - observed) < 1e-9][0] == pytest.approx(0.5, rel=1e-8)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_enumeration(seed):
    """Whatever the terms, all numbers are those of an enumeration of all samples."""
    rng = np.random.default_rng(seed)
    kinds = ([0, 1], [0, 1, 2], [-1.5, 0.25, 2], [2010, 2013, 2019], [1 / 3, 2 / 3, 5 / 3])
    columns = [rng.choice(kinds[int(rng.integers(len(kinds)))], 5) for _ in range(2)]
    patterns, index = np.unique(np.column_stack(columns).astype(float), axis=0, return_inverse=True)
    sizes = np.bincount(index.reshape(-1)) * rng.integers(1, 5, len(patterns))
    counts = rng.binomial(sizes, 0.4)
    X = np.vstack([patterns, patterns])
    y = np.repeat([1, 0], len(patterns))
    try:
        result = fit_exact(X, y, "ab", weights=np.concatenate([counts, sizes - counts]))
    except StatisticsError:
        assume(False)
    for column, term in enumerate(result.terms):
        check_against_enumeration(term, *enumerated(patterns, sizes, counts, column))


@pytest.mark.parametrize("table", joint_tables()[:2], ids=str)
def test_reference_study(table):
    """The reference study's three terms, against all 583,200 ways to draw its 8 patterns."""
    X, y, weights = grouped(table)
    result = fit_exact(X, y, NAMES, weights=weights)
    patterns, sizes = X[:8], weights[:8] + weights[8:]
    for column, term in enumerate(result.terms):
        check_against_enumeration(term, *enumerated(patterns, sizes, weights[:8], column))
    assert [term.name for term in result.terms] == NAMES
    assert (result.n, result.events, result.log_likelihood) == (40, 13, None)


def small_study(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return terms and outcome of 24 patients."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 2, (24, 2)), rng.integers(0, 4, 24)]).astype(float)
    y = (rng.random(24) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(float)
    return X, y


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.randoms())
def test_order_units_origin_and_coding_of_the_outcome(seed, random):
    """Rows in another order, terms in other units and from another origin change nothing else."""
    X, y = small_study(seed)
    try:
        before = fit_exact(X, y, "abc").terms
    except StatisticsError:
        assume(False)
    order = list(range(24))
    random.shuffle(order)
    assert fit_exact(X[order], y[order], "abc").terms == before
    for a, b in zip(
        before, fit_exact(X * [1, 1, 0.25] + [5, -1, 2000], y, "abc").terms, strict=True
    ):
        assert a.p == b.p
    assert b.b == pytest.approx(before[2].b * 4, rel=1e-9)
    for a, b in zip(before, fit_exact(X, 1 - y, "abc").terms, strict=True):
        assert b.b == pytest.approx(-a.b, rel=1e-8)
        assert b.p == pytest.approx(a.p)
        assert b.ci["exact"].low == pytest.approx(1 / a.ci["exact"].high, rel=1e-8)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_interval_and_its_p_agree_and_p_has_a_floor(seed):
    """The limits exclude 1 exactly where the p twice one-sided is below .05."""
    X, y = small_study(seed)
    try:
        result = fit_exact(X, y, "abc")
    except StatisticsError:
        assume(False)
    for term in result.terms:
        limits = term.ci["exact"]
        assert (limits.low > 1 or limits.high < 1) == (term.p["twice_one_sided"] < 0.05)
        assert limits.low < term.odds_ratio < limits.high
        assert term.p["mid_p"] < term.p["twice_one_sided"] or term.p["twice_one_sided"] == 1
        if any(warning.startswith(f"{term.name}: no sample") for warning in result.warnings):
            assert term.p["twice_one_sided"] >= 0.05


def test_under_separation_the_limits_are_one_sided():
    """Where maximum likelihood is infinite, exact inference is not silent."""
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]] * 2)
    y = np.repeat([1.0, 0.0], 4)
    weights = [0, 0, 3, 4, 8, 7, 1, 2]
    term = fit_exact(X, y, ["ILD", "sex"], weights=weights).terms[0]
    assert fit_ml(X, y, ["ILD", "sex"], weights=weights).terms[1].b == math.inf
    assert term.estimate == "mue"
    assert math.isfinite(term.b)
    assert term.ci["exact"].high == math.inf
    assert term.ci["exact"].low > 1


def test_no_sample_could_have_been_significant():
    """With too few patients the smallest possible p is said."""
    result = fit_exact(np.array([[0.0], [0], [1], [1]]), [0, 0, 1, 1], ["ILD"])
    assert result.terms[0].p["twice_one_sided"] == pytest.approx(1 / 3)
    assert any("below 0.33" in warning for warning in result.warnings)


def test_the_largest_number_of_rows():
    """A thousand rows are counted without overflow, as scipy has it."""
    table = np.array([[270, 230], [230, 270]])
    X = np.array([[1.0], [1.0], [0.0], [0.0]])
    (term,) = fit_exact(X, [1, 0, 1, 0], ["x"], weights=table.ravel()).terms
    assert term.odds_ratio == pytest.approx(stats.contingency.odds_ratio(table).statistic, rel=1e-6)
    with pytest.raises(StatisticsError, match="up to 1,000 rows; found 1,001"):
        fit_exact(X, [1, 0, 1, 0], ["x"], weights=[270, 230, 230, 271])


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (np.sqrt(np.arange(8.0)), {}, "same sum of 'x', .* simple fractions"),
        (np.arange(8.0) ** 2, {"budget": 50}, "takes .* states, more than the budget of 50"),
        (10.0 ** np.arange(8) ** 2, {}, "steps apart"),
        (np.arange(8.0), {"level": 95}, "strictly between 0 and 1"),
    ],
)
def test_what_is_not_offered(X, options, message):
    """Values off any grid, too many states and impossible levels end with the next step."""
    with pytest.raises(StatisticsError, match=message):
        fit_exact(X[:, np.newaxis], [0, 1, 0, 0, 1, 1, 0, 1], ["x"], **options)


def test_a_statistic_without_alternatives_is_named():
    """Where the other terms leave one value only, nothing is tested and the terms are named."""
    X = np.array([[0, 1], [1, 2], [0, 4], [1, 8], [0, 16], [1, 32.0]])
    with pytest.raises(StatisticsError, match="says nothing about 'sex'"):
        fit_exact(X, [0, 1, 1, 0, 0, 1], ["sex", "CK"])


def test_estimates_maximise_the_conditional_likelihood():
    """For one term the estimate maximises the conditional likelihood found by scipy."""
    x = np.array([0, 1, 1, 2, 3, 5, 5.0])
    y = np.array([0, 0, 1, 0, 1, 0, 1.0])
    subsets = np.array([[i >> k & 1 for k in range(7)] for i in range(128)])
    sums = subsets[subsets.sum(axis=1) == 3] @ x
    best = optimize.minimize_scalar(
        lambda b: special.logsumexp(b * (sums - y @ x)), (-1, 1), tol=1e-12
    )
    (term,) = fit_exact(x[:, np.newaxis], y, ["x"]).terms
    assert term.b == pytest.approx(best.x, abs=1e-6)
