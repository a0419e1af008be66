"""Firth's method: goldens of logistf and brglm2, firthmodels as oracle, properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from firthmodels import FirthLogisticRegression
from hypothesis import given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables, read

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.logistic import fit_ml

GOLDEN = {"rel": 1e-5, "abs": 1e-6}

# R 4.2.2, logistf 1.26.1: logistf(HG ~ NV + PI + EH, endometrial) with term, b, profile limits
# and penalised likelihood-ratio p (../shared/references/statistics.md)
ENDOMETRIAL = [
    ("(Intercept)", 3.774560, 1.082537, 7.209280, 0.00419363),
    ("NV", 2.929273, 0.609724, 7.854632, 0.00912367),
    ("PI", -0.034752, -0.124459, 0.040455, 0.387482),
    ("EH", -2.604164, -4.365183, -1.232721, 2.50687e-5),
]

# R 4.2.2, logistf 1.26.1: logistf(case ~ ., sex2), same source
SEX2 = [
    ("(Intercept)", 0.120254, -0.818559, 1.073151, 0.802027),
    ("age", -1.105981, -1.973788, -0.307425, 0.00614347),
    ("oc", -0.068817, -0.941436, 0.789202, 0.875191),
    ("vic", 2.268875, 1.273022, 3.435433, 1.67888e-6),
    ("vicl", -2.111408, -3.260861, -1.117735, 1.2378e-5),
    ("vis", -0.788317, -1.608088, 0.015185, 0.054497),
    ("dia", 3.096012, 0.774568, 8.030294, 0.00495187),
]


def check(result, golden):
    """Compare terms with a table of b, limits and p."""
    assert [term.name for term in result.terms] == [row[0] for row in golden]
    for term, (_, b, low, high, p) in zip(result.terms, golden, strict=True):
        assert term.b == pytest.approx(b, **GOLDEN)
        assert math.log(term.ci["profile"].low) == pytest.approx(low, **GOLDEN)
        assert math.log(term.ci["profile"].high) == pytest.approx(high, **GOLDEN)
        assert term.p["lrt"] == pytest.approx(p, rel=1e-5)


def test_endometrial(shared_data):
    """All of logistf's fit of the endometrial data comes out, with its standard error of NV."""
    X, y, names = read(shared_data / "stats" / "endometrial.csv", "HG")
    result = fit_firth(X, y, names)
    check(result, ENDOMETRIAL)
    assert result.log_likelihood == pytest.approx(-24.037268, **GOLDEN)
    assert result.terms[1].se == pytest.approx(1.46497, rel=1e-5)
    assert result.separation.directions == {"NV": 1}
    assert any("finite estimates shown rest on" in warning for warning in result.warnings)


def test_the_other_standard_error_is_brglm2s_and_is_named(shared_data):
    """The inverse Fisher information gives brglm2's standard error; the method says which."""
    X, y, names = read(shared_data / "stats" / "endometrial.csv", "HG")
    result = fit_firth(X, y, names, standard_error="fisher")
    assert result.terms[1].se == pytest.approx(1.55076, rel=1e-5)
    assert "inverse Fisher" in result.method
    assert "inverse Fisher" in result.terms[1].ci["wald"].method
    augmented = fit_firth(X, y, names)
    assert "augmented" in augmented.method
    for a, b in zip(result.terms, augmented.terms, strict=True):
        assert (a.b, a.p["lrt"]) == (b.b, b.p["lrt"])
        assert a.ci["profile"].low == pytest.approx(b.ci["profile"].low, rel=1e-9)
        assert a.ci["profile"].high == pytest.approx(b.ci["profile"].high, rel=1e-9)


def test_sex2(shared_data):
    """All of logistf's fit of sex2, with oc's p of .875 and the null of the full-matrix penalty."""
    X, y, names = read(shared_data / "stats" / "sex2.csv", "case")
    result = fit_firth(X, y, names)
    check(result, SEX2)
    assert (result.n, result.events) == (239, 130)
    assert result.log_likelihood == pytest.approx(-132.53938, **GOLDEN)
    assert result.null_log_likelihood == pytest.approx(-157.0847, **GOLDEN)
    assert result.separation.kind == "quasi-complete"
    assert result.separation.directions == {"dia": 1}


@pytest.mark.parametrize("table", joint_tables(), ids=str)
def test_reference_study(table):
    """Firth's fit of the reference study (R, brglm2) is the same for all 8 joint tables.

    For severe weakness the Wald p is .070 and the penalised likelihood-ratio p .046.
    """
    X, y, weights = grouped(table)
    result = fit_firth(X, y, NAMES, weights=weights, standard_error="fisher")
    golden = {
        "male": (2.416769, 1.119665),
        "severe": (1.670357, 0.920979),
        "ILD": (2.998711, 1.095349),
    }
    for term in result.terms[1:]:
        assert (term.b, term.se) == pytest.approx(golden[term.name], **GOLDEN)
    severe = result.terms[2]
    assert severe.p["wald"] == pytest.approx(0.070, abs=5e-4)
    assert severe.p["lrt"] == pytest.approx(0.046, abs=5e-4)
    assert result.separation.kind == "none"


def data(seed: int, n: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Return a small study, often separated."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 2, (n, 2)), rng.normal(50, 10, n)]).astype(float)
    y = (rng.random(n) < 1 / (1 + np.exp(2.5 - 2 * X[:, 0] - X[:, 1]))).astype(float)
    y[:2] = 0, 1
    return X, y


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_firthmodels(seed):
    """Estimates, standard errors, likelihood, tests and limits are those of firthmodels."""
    X, y = data(seed)
    X[:, 2] = (X[:, 2] - 50) / 10  # unscaled, firthmodels does not always converge this far
    oracle = FirthLogisticRegression(backend="numpy", xtol=1e-7, gtol=1e-6, max_iter=100).fit(X, y)
    oracle.lrt()
    limits = oracle.conf_int(method="pl")
    result = fit_firth(X, y, "abc")
    terms = [*result.terms[1:], result.terms[0]]  # firthmodels has the intercept last
    assert result.log_likelihood == pytest.approx(oracle.loglik_, rel=1e-7)
    np.testing.assert_allclose(
        [t.b for t in terms], [*oracle.coef_, oracle.intercept_], rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose([t.se for t in terms], oracle.bse_, rtol=1e-5)
    np.testing.assert_allclose([t.p["lrt"] for t in terms], oracle.lrt_pvalues_, rtol=1e-4)
    found = [(math.log(t.ci["profile"].low), math.log(t.ci["profile"].high)) for t in terms]
    np.testing.assert_allclose(found, limits, rtol=1e-3, atol=1e-4)


def test_two_by_two_adds_one_half_to_every_cell():
    """With one yes-no term, Firth's odds ratio is that of the table with 0.5 in each cell.

    Firth 1993; Heinze & Schemper 2002, section 2: Haldane's correction.
    """
    X, y, table = np.array([[1.0], [1.0], [0.0], [0.0]]), [1, 0, 1, 0], np.array([9, 0, 4, 27])
    result = fit_firth(X, y, ["ILD"], weights=table)
    assert result.terms[1].odds_ratio == pytest.approx(9.5 * 27.5 / (0.5 * 4.5), rel=1e-9)
    assert result.terms[0].odds_ratio == pytest.approx(4.5 / 27.5, rel=1e-9)
    assert fit_ml(X, y, ["ILD"], weights=table).terms[1].odds_ratio == math.inf


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.randoms())
def test_order_of_rows_changes_nothing(seed, random):
    """Reordered rows give the very same result."""
    X, y = data(seed, n=24)
    order = list(range(24))
    random.shuffle(order)
    assert fit_firth(X[order], y[order], "abc") == fit_firth(X, y, "abc")


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([-500.0, 1e-3, 3.0]))
def test_rescaling_a_term_rescales_b(seed, factor):
    """A term in another unit has b and limits in that unit; p and separation stay."""
    X, y = data(seed)
    scaled = X.copy()
    scaled[:, 2] *= factor
    before, after = fit_firth(X, y, "abc"), fit_firth(scaled, y, "abc")
    assert after.terms[3].b * factor == pytest.approx(before.terms[3].b, rel=1e-6)
    assert after.terms[3].p["lrt"] == pytest.approx(before.terms[3].p["lrt"], rel=1e-6)
    # the penalty is half the logarithm of a determinant, which the unit enters once
    assert after.log_likelihood - before.log_likelihood == pytest.approx(math.log(abs(factor)))
    assert after.separation.kind == before.separation.kind


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_swapping_the_groups_inverts_the_odds_ratio(seed):
    """Coding a group the other way round inverts its odds ratio and interval and keeps p."""
    X, y = data(seed)
    swapped = X.copy()
    swapped[:, 0] = 1 - swapped[:, 0]
    before, after = fit_firth(X, y, "abc").terms[1], fit_firth(swapped, y, "abc").terms[1]
    assert after.odds_ratio == pytest.approx(1 / before.odds_ratio, rel=1e-6)
    assert after.ci["profile"].low == pytest.approx(1 / before.ci["profile"].high, rel=1e-5)
    assert after.p["lrt"] == pytest.approx(before.p["lrt"], rel=1e-6)


def test_interval_and_test_are_of_one_family():
    """The profile interval excludes 1 exactly where the penalised test is below .05."""
    for seed in range(12):
        for term in fit_firth(*data(seed), "abc").terms:
            interval = term.ci["profile"]
            assert (interval.low > 1 or interval.high < 1) == (term.p["lrt"] < 0.05)
            wald = term.ci["wald"]
            assert (wald.low > 1 or wald.high < 1) == (term.p["wald"] < 0.05)


def test_an_unknown_standard_error_is_refused():
    """Only the two named standard errors exist."""
    with pytest.raises(StatisticsError, match="augmented, fisher; found 'robust'"):
        fit_firth(*data(1), "abc", standard_error="robust")
