"""Maximum likelihood: goldens, oracles, properties, separation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables, read

from myocohort.errors import StatisticsError
from myocohort.stats.logistic import fit_ml

GOLDEN = {"rel": 1e-5, "abs": 1e-6}


def overlapping(seed: int, n: int = 60, p: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return terms and an outcome that depends on them weakly."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 2, (n, p - 1)), rng.normal(50, 10, n)])
    risk = 1 / (1 + np.exp(-(X[:, 0] - 0.5 + (X[:, -1] - 50) / 20)))
    return X, (rng.random(n) < risk).astype(float)


# R: glm(refractory ~ male + severe + ILD, binomial), run on one of the joint tables:
# ../shared/references/statistics.md, "The reference study's own model". Profile limits: R's
# uniroot on the deviance of glm.fit with the coefficient held by an offset
# (r/test_r_logistic.py); MASS's confint, which the reference quotes, draws a spline through a
# few points and prints 2.1037 and 507.617 for male, up to .001 off.
REFERENCE = {
    "male": (2.973841, 1.312976, 0.023515, (1.49, 256.53), (2.10345940, 507.216878)),
    "severe": (2.015698, 1.015060, 0.047056, (1.03, 54.88), (1.20741773, 74.869294)),
    "ILD": (3.681415, 1.310882, 0.004980, (3.04, 518.38), (4.59242561, 1058.907201)),
}


@pytest.mark.parametrize("table", joint_tables(), ids=str)
def test_reference_study(table):
    """Every joint table with these sizes and margins gives R's fit and the printed Table 2."""
    X, y, weights = grouped(table)
    result = fit_ml(X, y, NAMES, weights=weights)
    assert (result.n, result.events, result.separation.kind) == (40, 13, "none")
    assert result.events_per_variable == pytest.approx(13 / 3)
    for term in result.terms[1:]:
        b, se, p, printed, profile = REFERENCE[term.name]
        assert term.b == pytest.approx(b, **GOLDEN)
        assert term.se == pytest.approx(se, **GOLDEN)
        assert term.p["wald"] == pytest.approx(p, abs=6e-7)
        wald = term.ci["wald"]
        assert (round(wald.low, 2), round(wald.high, 2)) == printed
        assert term.ci["profile"].low == pytest.approx(profile[0], rel=1e-8)
        assert term.ci["profile"].high == pytest.approx(profile[1], rel=1e-8)


def test_the_reference_study_has_eight_joint_tables():
    """Of all tables with these sizes and margins there are 8, as the reference says."""
    assert len(joint_tables()) == 8


def test_endometrial_has_an_infinite_odds_ratio(shared_data):
    """NV separates: its estimate is infinite and the rest is the limit of the likelihood.

    R: brglm2 and glm on data/stats/endometrial.csv (../shared/references/statistics.md).
    """
    X, y, names = read(shared_data / "stats" / "endometrial.csv", "HG")
    result = fit_ml(X, y, names)
    intercept, nv, pi, eh = result.terms
    assert (result.n, result.events) == (79, 30)
    assert (result.separation.kind, result.separation.directions) == ("quasi-complete", {"NV": 1})
    assert -2 * result.log_likelihood == pytest.approx(55.393, abs=5e-4)
    assert intercept.b == pytest.approx(4.30452, rel=1e-5)
    assert (pi.b, eh.b) == (pytest.approx(-0.04218, abs=5e-6), pytest.approx(-2.90261, rel=2e-6))
    assert (pi.se, eh.se) == (pytest.approx(0.04433, abs=5e-6), pytest.approx(0.84555, abs=5e-6))
    assert (nv.b, nv.se, nv.odds_ratio) == (math.inf, None, math.inf)
    assert (nv.ci["wald"], nv.p["wald"]) == (None, None)
    for term, low, high in (
        (nv, 1.284112, math.inf),
        (pi, -0.137077, 0.038185),
        (eh, -4.785912, -1.436389),
    ):
        assert math.log(term.ci["profile"].low) == pytest.approx(low, rel=1e-5, abs=1e-6)
        assert math.log(term.ci["profile"].high) == pytest.approx(high, rel=1e-5, abs=1e-6)
    assert any("NV to +infinity" in warning for warning in result.warnings)
    # the test of NV compares with the model that lacks it
    without = fit_ml(X[:, 1:], y, names[1:])
    assert result.log_likelihood > without.log_likelihood
    drop = 2 * (result.log_likelihood - without.log_likelihood)
    assert nv.p["lrt"] == pytest.approx(math.erfc(math.sqrt(drop / 2)), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_statsmodels(seed):
    """Estimates, errors, p and likelihoods are those of statsmodels where nothing separates."""
    X, y = overlapping(seed)
    expected = sm.GLM(y, sm.add_constant(X), family=sm.families.Binomial()).fit(tol=1e-12)
    result = fit_ml(X, y, "abc", level=0.9)
    np.testing.assert_allclose([t.b for t in result.terms], expected.params, rtol=1e-7)
    np.testing.assert_allclose([t.se for t in result.terms], expected.bse, rtol=1e-7)
    np.testing.assert_allclose([t.p["wald"] for t in result.terms], expected.pvalues, rtol=1e-6)
    limits = [(math.log(t.ci["wald"].low), math.log(t.ci["wald"].high)) for t in result.terms]
    np.testing.assert_allclose(limits, expected.conf_int(0.1), rtol=1e-6, atol=1e-9)
    assert result.log_likelihood == pytest.approx(expected.llf, rel=1e-10)
    assert result.null_log_likelihood == pytest.approx(expected.llnull, rel=1e-10)
    # each likelihood-ratio test is that of statsmodels between two models
    for column in range(3):
        smaller = sm.add_constant(np.delete(X, column, axis=1))
        null = sm.GLM(y, smaller, family=sm.families.Binomial()).fit(tol=1e-12)
        expected_p = math.erfc(math.sqrt(max(0.0, expected.llf - null.llf)))
        assert result.terms[column + 1].p["lrt"] == pytest.approx(expected_p, rel=1e-5)


def reference_rows() -> tuple[np.ndarray, np.ndarray]:
    """Return the 40 patients of one joint table of the reference study."""
    X, y, weights = grouped(joint_tables()[0])
    return np.repeat(X, weights, axis=0), np.repeat(y, weights)


@pytest.mark.parametrize("rows", [reference_rows(), overlapping(0), overlapping(1)])
def test_profile_limits_lie_where_the_likelihood_has_fallen(rows):
    """At each limit, the best of the other coefficients is exactly the quantile below the top."""
    X, y = rows
    result = fit_ml(X, y, "abc")
    design = sm.add_constant(X)
    for column, term in enumerate(result.terms):
        for limit in (term.ci["profile"].low, term.ci["profile"].high):
            held = sm.GLM(
                y,
                np.delete(design, column, axis=1),
                family=sm.families.Binomial(),
                offset=math.log(limit) * design[:, column],
            ).fit(tol=1e-13)
            assert 2 * (result.log_likelihood - held.llf) == pytest.approx(3.841458820694124)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.randoms())
def test_order_of_rows_changes_nothing(seed, random):
    """Reordered rows give the very same result."""
    X, y = overlapping(seed, n=30)
    assume(0 < y.sum() < 30)
    order = list(range(30))
    random.shuffle(order)
    assert fit_ml(X[order], y[order], "abc") == fit_ml(X, y, "abc")


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([-1000.0, -1.0, 1e-3, 7.0, 1e6]))
def test_rescaling_a_term_rescales_b(seed, factor):
    """A term in another unit has b, SE and limits in that unit, and the same p."""
    X, y = overlapping(seed)
    scaled = X.copy()
    scaled[:, 2] *= factor
    before, after = fit_ml(X, y, "abc").terms[3], fit_ml(scaled, y, "abc").terms[3]
    assert after.b * factor == pytest.approx(before.b, rel=1e-7)
    assert after.se * abs(factor) == pytest.approx(before.se, rel=1e-7)
    for family in ("wald", "lrt"):
        assert after.p[family] == pytest.approx(before.p[family], rel=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_swapping_the_groups_inverts_the_odds_ratio(seed):
    """Coding a group the other way round inverts its odds ratio and interval and keeps p."""
    X, y = overlapping(seed)
    swapped = X.copy()
    swapped[:, 0] = 1 - swapped[:, 0]
    before, after = fit_ml(X, y, "abc").terms[1], fit_ml(swapped, y, "abc").terms[1]
    assert after.odds_ratio == pytest.approx(1 / before.odds_ratio, rel=1e-7)
    for family in ("wald", "profile"):
        assert after.ci[family].low == pytest.approx(1 / before.ci[family].high, rel=1e-6)
        assert after.ci[family].high == pytest.approx(1 / before.ci[family].low, rel=1e-6)
    assert after.p["lrt"] == pytest.approx(before.p["lrt"], rel=1e-6)


def test_one_binary_term_gives_the_odds_ratio_of_the_table():
    """With one yes-no term the odds ratio is ad / bc, with Woolf's standard error."""
    table = np.array([[9, 4], [6, 21]])
    X, y = np.array([[1.0], [1.0], [0.0], [0.0]]), [1, 0, 1, 0]
    term = fit_ml(X, y, ["ILD"], weights=table.ravel()).terms[1]
    assert term.odds_ratio == pytest.approx(9 * 21 / (4 * 6), rel=1e-10)
    assert term.se == pytest.approx(math.sqrt((1 / table).sum()), rel=1e-10)


def test_weights_are_rows():
    """Integer weights give what repeated rows give, and a weight of 0 leaves a row out."""
    X, y = overlapping(1, n=20)
    weights = np.tile([1, 2, 3, 0], 5)
    assert fit_ml(X, y, "abc", weights=weights) == fit_ml(
        np.repeat(X, weights, axis=0), np.repeat(y, weights), "abc"
    )


def test_missing_rows_are_left_out_counted_and_said():
    """Rows with a missing term or outcome leave the fit as it is without them."""
    X, y = overlapping(2)
    more = np.vstack([X, [math.nan, 1, 50], [0, 1, 40]])
    result = fit_ml(more, np.append(y, [1, math.nan]), "abc")
    assert (result.n, result.n_missing) == (60, 2)
    assert result.terms == fit_ml(X, y, "abc").terms
    assert "2 rows were left out" in result.warnings[0]


def test_without_profile_only_wald_is_there():
    """The profile is left out on demand, with the Wald rows unchanged."""
    X, y = overlapping(3)
    with_profile, without = fit_ml(X, y, "abc"), fit_ml(X, y, "abc", profile=False)
    for a, b in zip(with_profile.terms, without.terms, strict=True):
        assert (set(b.ci), set(b.p)) == ({"wald"}, {"wald"})
        assert (a.b, a.ci["wald"], a.p["wald"]) == (b.b, b.ci["wald"], b.p["wald"])


def test_few_events_are_said_with_the_figure():
    """Below 10 events per variable the warning gives the figure; from 10 on there is none."""
    X, y = overlapping(4)
    few = fit_ml(X, y, "abc").warnings
    per_variable = min(y.sum(), 60 - y.sum()) / 3
    assert any(f"{per_variable:.1f} events per variable" in warning for warning in few)
    X, y = overlapping(4, n=400)
    assert fit_ml(X, y, "abc").warnings == ()


def test_complete_separation_has_no_finite_estimate():
    """A yes-no term that splits the outcome perfectly: both coefficients run away."""
    X = np.array([[0.0], [1.0]] * 6)
    result = fit_ml(X, X[:, 0], ["ILD"])
    assert result.separation.kind == "complete"
    assert result.separation.directions == {"(Intercept)": -1, "ILD": 1}
    assert result.log_likelihood == 0.0
    intercept, ild = result.terms
    assert (intercept.b, ild.b, ild.se) == (-math.inf, math.inf, None)
    assert (intercept.odds_ratio, ild.odds_ratio) == (0.0, math.inf)
    # 2 x 12 log 2 is the deviance of the intercept-only model
    assert ild.p["lrt"] == pytest.approx(math.erfc(math.sqrt(12 * math.log(2))), rel=1e-9)
    assert ild.ci["profile"].high == math.inf
    assert ild.ci["profile"].low > 1
    assert ild.ci["profile"].low == pytest.approx(
        1 / fit_ml(1 - X, X[:, 0], ["ILD"]).terms[1].ci["profile"].high, rel=1e-7
    )


def test_a_sign_that_the_data_do_not_fix_is_said():
    """Beside a term that separates completely, another one can take any value."""
    X = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 4.0], [1.0, 1.0], [1.0, 3.0], [1.0, 5.0]])
    result = fit_ml(X, X[:, 0], ["ILD", "age"])
    age = result.terms[2]
    assert math.isinf(age.b)
    assert (age.ci["profile"].low, age.ci["profile"].high, age.p["lrt"]) == (0.0, math.inf, 1.0)
    assert any("do not fix the sign of" in warning for warning in result.warnings)


def test_a_constant_far_from_0_does_not_spoil_the_fit():
    """Years of onset as such give the same slope as years since 2000."""
    X, y = overlapping(5)
    years = X.copy()
    years[:, 2] = np.round(X[:, 2] / 4) + 2000
    since = years.copy()
    since[:, 2] -= 2000
    a, b = fit_ml(years, y, "abc").terms[3], fit_ml(since, y, "abc").terms[3]
    assert a.b == pytest.approx(b.b, rel=1e-7)
    assert a.ci["profile"].low == pytest.approx(b.ci["profile"].low, rel=1e-7)


GOOD = np.array([[0.0, 1.0], [1.0, 2.0], [0.0, 4.0], [1.0, 3.0], [1.0, 5.0], [0.0, 2.0]])
BINARY = np.array([0, 1, 0, 0, 1, 1.0])


@pytest.mark.parametrize(
    ("X", "y", "names", "message"),
    [
        (GOOD, BINARY * 2, "ab", "the outcome is 0 or 1; found 2"),
        (GOOD, BINARY * 0, "ab", "nobody of the 6"),
        (GOOD, BINARY * 0 + 1, "ab", "everybody of the 6"),
        (GOOD * [1, 0], BINARY, "ab", "term 'b' is constant: it is 0 in all 6 rows"),
        (GOOD[:, [0, 0]], BINARY, "ab", "term 'b' is determined by 'a'"),
        (
            np.column_stack([GOOD, GOOD.sum(axis=1)]),
            BINARY,
            "abc",
            "term 'c' is determined by 'a', 'b'",
        ),
        (GOOD[:2], BINARY[:2], "ab", "3 coefficients .* cannot be estimated from 2 rows"),
        (np.eye(6), BINARY, "abcdef", "7 coefficients .* from 6 rows"),
        (GOOD * math.nan, BINARY, "ab", "no row is complete: 6 rows"),
        (GOOD * [1, math.inf], BINARY, "ab", "infinite value"),
        (GOOD, BINARY[:3], "ab", "the outcome has shape"),
        (GOOD, BINARY, "abc", "2 terms need as many names; found 3"),
        (GOOD, BINARY, "aa", "'a' is used twice"),
        (GOOD[:, 0], BINARY, "a", "rows by at least one column"),
        (GOOD[:, :0], BINARY, "", "rows by at least one column"),
        ([["x", "y"]] * 6, BINARY, "ab", "terms are numbers"),
        (GOOD, list("abcdef"), "ab", "the outcome is a list of numbers"),
        (np.zeros((0, 2)), [], "ab", "there are no rows"),
    ],
)
def test_unfit_designs_are_refused(X, y, names, message):
    """Each unfit design ends with a message that names the term and the rule."""
    with pytest.raises(StatisticsError, match=message):
        fit_ml(X, y, list(names))


@pytest.mark.parametrize("weights", [[1, 1, 1, 1, 1, -1], [1, 1, 1, 1, 1, 0.5], [1] * 5])
def test_weights_are_whole_numbers_of_patients(weights):
    """Negative, fractional and too few weights are refused."""
    with pytest.raises(StatisticsError, match="weights"):
        fit_ml(GOOD, BINARY, ["a", "b"], weights=weights)


def test_an_impossible_level_is_refused():
    """95 is not a level, .95 is."""
    with pytest.raises(StatisticsError, match="strictly between 0 and 1; found 95"):
        fit_ml(GOOD, BINARY, ["a", "b"], level=95)
