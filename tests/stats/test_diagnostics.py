"""Collinearity, c-statistic, Brier score and Hosmer-Lemeshow test: R and statsmodels as oracles."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables, read
from scipy import special, stats
from statsmodels.stats.outliers_influence import variance_inflation_factor

from myocohort.errors import StatisticsError
from myocohort.stats.brier import brier_score
from myocohort.stats.c_statistic import c_statistic
from myocohort.stats.diagnostics import diagnose
from myocohort.stats.hosmer_lemeshow import hosmer_lemeshow
from myocohort.stats.result import jsonable
from myocohort.stats.variance_inflation import variance_inflation


def test_endometrial(shared_data):
    """The c-statistic with DeLong's interval is pROC's, and c and Brier score are those of rms.

    R 4.2.2: f <- glm(HG ~ PI + EH, binomial, endometrial); r <- pROC::roc(HG, fitted(f));
    ci.auc(r, method = "delong"), and with conf.level = .9; rms: lrm(HG ~ PI + EH)$stats.
    """
    X, y, _ = read(shared_data / "stats" / "endometrial.csv", "HG")
    found = diagnose(X[:, 1:], y, ["PI", "EH"])
    c = found.c_statistic
    assert c.estimate == pytest.approx(0.889795918367, rel=1e-9)
    assert (c.interval.low, c.interval.high) == pytest.approx((0.808654724089, 0.970937112646))
    assert found.brier.estimate == pytest.approx(0.122361370759, rel=1e-8)
    narrower = diagnose(X[:, 1:], y, ["PI", "EH"], level=0.9).c_statistic.interval
    assert (narrower.low, narrower.high) == pytest.approx((0.821700081527, 0.957891755208))


def test_sex2_has_many_ties(shared_data):
    """The same of a model of yes-no terms, where many patients share a risk.

    R 4.2.2: f <- glm(case ~ age + oc + vic + vicl + vis, binomial, sex2), pROC and rms as
    above (fitted values rounded to 12 digits for pROC).
    """
    X, y, names = read(shared_data / "stats" / "sex2.csv", "case")
    found = diagnose(X[:, :5], y, names[:5])
    c = found.c_statistic
    assert c.estimate == pytest.approx(0.716090331687, rel=1e-9)
    assert (c.interval.low, c.interval.high) == pytest.approx((0.654431099484, 0.777749563889))
    assert found.brier.estimate == pytest.approx(0.207662890603, rel=1e-8)


def test_delong_of_grades():
    """The c-statistic of WFNS grades for the outcome after bleeding, as in pROC.

    R 4.2.2, pROC: ci.auc(roc(aSAH$outcome, as.numeric(aSAH$wfns), levels = c("Good",
    "Poor"), direction = "<")); table(aSAH$outcome, aSAH$wfns) gives the counts.
    """
    counts = np.array([[37, 20, 3, 8, 4], [2, 12, 1, 8, 18]])
    risk = np.repeat(np.tile(np.arange(1, 6) / 5, 2), counts.ravel())
    y = np.repeat([0.0, 1.0], counts.sum(axis=1))
    c = c_statistic(y, risk)
    assert c.estimate == pytest.approx(0.8236788618, rel=1e-9)
    assert (c.interval.low, c.interval.high) == pytest.approx((0.7485348878, 0.8988228358))
    assert (c.n, c.n_missing, c.p) == (113, 0, None)


def patients() -> tuple[np.ndarray, np.ndarray]:
    """Return a term and an outcome of 200 patients, made by whole numbers, as in R below."""
    i = np.arange(200)
    x = (i * 37 % 101) / 101
    return x[:, np.newaxis], (i * 53 % 97 / 97 < special.expit(2 * x - 1)).astype(float)


@pytest.mark.parametrize(
    ("groups", "statistic", "p"),
    [
        (4, 2.48863965006, 0.288136824951),
        (7, 3.00436092667, 0.699313467122),
        (10, 6.0206561811, 0.644917978394),
    ],
)
def test_hosmer_lemeshow(groups, statistic, p):
    """Statistic, degrees of freedom and p are those of R's performance.

    R 4.2.2: i <- 0:199; x <- ((i * 37) %% 101) / 101; y <- ((i * 53) %% 97) / 97 <
    plogis(2 * x - 1); performance::performance_hosmer(glm(y ~ x, binomial), n_bins = groups).
    """
    X, y = patients()
    test = diagnose(X, y, ["x"], groups=groups).hosmer_lemeshow
    assert test.statistic == pytest.approx(statistic, rel=1e-8)
    assert test.p == pytest.approx(p, rel=1e-8)
    assert test.df == groups - 2
    assert f"{groups} groups" in test.method
    assert sum(group.n for group in test.groups) == 200
    assert sum(group.observed for group in test.groups) == y.sum()


def test_hosmer_lemeshow_is_refused_where_it_means_nothing():
    """With 40 patients in 10 groups there is no p, and the smallest expected number is said."""
    X, y, weights = grouped(joint_tables()[0])
    for groups in (3, 10):
        test = diagnose(X, y, NAMES, weights=weights, groups=groups).hosmer_lemeshow
        assert (test.p, test.statistic, test.df) == (None, None, None)
        assert any("expected, and below 1" in warning for warning in test.warnings)
    two_risks = hosmer_lemeshow([0, 1] * 20, [0.4, 0.4, 0.6, 0.6] * 10)
    assert two_risks.p is None
    assert "2 groups only" in two_risks.warnings[0]


def test_the_reference_study_has_ranges():
    """Over the 8 joint tables c lies in .873 to .923, and Brier score in .105 to .126.

    ../shared/references/statistics.md, "The reference study's own model".
    """
    found = []
    for table in joint_tables():
        X, y, weights = grouped(table)
        found.append(diagnose(X, y, NAMES, weights=weights))
    c = [each.c_statistic.estimate for each in found]
    brier = [each.brier.estimate for each in found]
    assert (round(min(c), 3), round(max(c), 3)) == (0.873, 0.923)
    # .12546 at most, which the source rounds up
    assert (min(brier), max(brier)) == pytest.approx((0.105, 0.126), abs=6e-4)


def test_variance_inflation_is_statsmodels(shared_data):
    """The factors are those of statsmodels, with rows or with weights."""
    X, y, names = read(shared_data / "stats" / "sex2.csv", "case")
    design = np.column_stack((np.ones(len(X)), X))
    expected = [variance_inflation_factor(design, i + 1) for i in range(len(names))]
    found = variance_inflation(X, y, names)
    assert list(found.factors.values()) == pytest.approx(expected, rel=1e-9)
    assert found.estimate == pytest.approx(max(expected))
    assert found.warnings == ()
    rows, counts = np.unique(np.column_stack((X, y)), axis=0, return_counts=True)
    weighted = variance_inflation(rows[:, :-1], rows[:, -1], names, weights=counts)
    assert list(weighted.factors.values()) == pytest.approx(expected, rel=1e-9)


def test_terms_that_tell_the_same_are_named():
    """A term that is another one but for a little gets a warning."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    X = np.column_stack((x, x + rng.normal(0, 0.1, 60), rng.normal(size=60)))
    found = variance_inflation(X, x + rng.normal(size=60) > 0, ["CK", "aldolase", "age"])
    assert [warning.split()[0] for warning in found.warnings] == ["CK", "aldolase"]
    assert variance_inflation(X[:, :1], x > 0, ["CK"]).factors == {"CK": 1.0}


@pytest.mark.parametrize("method", ["ml", "firth", "flic", "flac"])
def test_separation_is_said_everywhere(method, shared_data):
    """Where NV separates, every measure carries it, and risks of exactly 1 break nothing."""
    X, y, names = read(shared_data / "stats" / "endometrial.csv", "HG")
    found = diagnose(X, y, names, method=method)
    assert found.separation.directions == {"NV": 1}
    measured = [found.c_statistic, found.brier]
    measured += [found.hosmer_lemeshow] if method == "ml" else []
    for result in measured:
        assert any("13 of 79 rows perfectly" in warning for warning in result.warnings)
    assert (found.hosmer_lemeshow is None) == (method != "ml")
    assert any("apparent" in warning for warning in found.warnings)
    json.dumps(jsonable(found), allow_nan=False)


def test_perfect_risks_have_no_interval():
    """A c of 1 has no DeLong interval: a width of 0 would be a false certainty."""
    found = diagnose([[0.0], [1.0]] * 8, [0, 1] * 8, ["ILD"])
    assert (found.c_statistic.estimate, found.brier.estimate) == (1.0, 0.0)
    assert found.c_statistic.interval is None
    assert found.brier.scaled == 1.0
    assert any("does not mean certainty" in warning for warning in found.c_statistic.warnings)
    single = c_statistic([1, 0, 0], [0.4, 0.2, 0.6])
    assert single.interval is None
    assert "found 1 and 2" in single.warnings[0]


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_c_is_mann_whitneys_u(seed):
    """It is U over all pairs, turns with the outcome into 1 - c, and the Brier score stays."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0.0, 1.0], [9, 7]))
    risk = rng.integers(0, 11, 16) / 10
    c = c_statistic(y, risk)
    u = stats.mannwhitneyu(risk[y == 1], risk[y == 0]).statistic
    assert c.estimate == pytest.approx(u / 63)
    turned = c_statistic(1 - y, risk)
    assert turned.estimate == pytest.approx(1 - c.estimate)
    assert (turned.interval is None) == (c.interval is None)
    assert brier_score(1 - y, 1 - risk).estimate == pytest.approx(brier_score(y, risk).estimate)


def test_missing_values_are_left_out_counted_and_said():
    """Rows with a missing outcome or term are counted in every measure."""
    X, y = patients()
    y[0], X[1, 0] = math.nan, math.nan
    found = diagnose(X, y, ["x"])
    assert (found.n, found.n_missing) == (198, 2)
    assert found.brier.n_missing == found.c_statistic.n_missing == 2
    alone = c_statistic([0, 1, 1, 0, math.nan], [0.1, 0.7, math.nan, 0.2, 0.5])
    assert (alone.n, alone.n_missing) == (3, 2)
    assert "2 left out" in alone.warnings[0]
    assert brier_score([0, 1, math.nan], [0.1, 0.7, 0.2]).n_missing == 1


def test_bad_input_is_refused():
    """Impossible groups, methods and risks end with the rule."""
    X, y = patients()
    with pytest.raises(StatisticsError, match="at least 3; found 2"):
        diagnose(X, y, ["x"], groups=2)
    with pytest.raises(StatisticsError, match="ml, firth, flic, flac; found 'exact'"):
        diagnose(X, y, ["x"], method="exact")
    with pytest.raises(StatisticsError, match="between 0 and 1; found 20"):
        brier_score([0, 1], [20, 70])
    with pytest.raises(StatisticsError, match="nobody of 2 has the outcome"):
        c_statistic([0, 0], [0.2, 0.7])
