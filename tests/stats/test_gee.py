"""Generalised estimating equations against geepack of R, and statsmodels."""

from __future__ import annotations

import json

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from repeated_data import orthodont

from myocohort.errors import StatisticsError
from myocohort.stats.gee import fit_gee

NAN = float("nan")
NAMES = ("(Intercept)", "group=Male", "month", "group=Male:month")


def data(binary: bool = False):
    """Return Orthodont with gaps; binary - whether the distance is above 24 mm."""
    values, subjects, ages, sex = orthodont(complete=False)
    return ([float(v > 24) for v in values] if binary else values), subjects, ages, sex


# R (geepack 1.3.9) on Orthodont without rows 2, 7, 8, 20, 33, 34, 35, 60, 77, 90, 101,
# wave = (age - 8) / 2 + 1: geeglm(distance ~ Sex * age, id = Subject, waves = wave, corstr,
# control = geese.control(epsilon = 1e-10, maxit = 200)); binomial with distance > 24.
# Estimate and SE of each term, then alpha and gamma
GEEPACK = {
    ("gaussian", "independence"): (
        [17.8305664063, -1.2707351610, 0.4431152344, 0.3202445202],
        [0.83753741741, 1.55591715545, 0.09399237239, 0.14686228143],
        None,
        4.563206318,
    ),
    ("gaussian", "exchangeable"): (
        [17.5486131690, -0.6287316844, 0.4656584284, 0.2596243035],
        [0.70949527445, 1.52633739424, 0.07330376965, 0.13612308119],
        0.6762421911,
        4.570540859,
    ),
    ("gaussian", "ar1"): (
        [17.6926551793, -0.7226457343, 0.4560427024, 0.2712846822],
        [0.70717590412, 1.57822169863, 0.07420994592, 0.13829370906],
        0.7820526311,
        4.567488078,
    ),
    ("binomial", "independence"): (
        [-4.5568282452, -1.6330620230, 0.3086137709, 0.2981797440],
        [2.1636397251, 2.5991912870, 0.1596368060, 0.1950300859],
        None,
        0.951519262,
    ),
    ("binomial", "exchangeable"): (
        [-4.2334933388, -1.5161162761, 0.2826827556, 0.2662377116],
        [2.0410222365, 2.5870404574, 0.1502389500, 0.1950766867],
        0.5171179636,
        0.9240531723,
    ),
    ("binomial", "ar1"): (
        [-4.2628905149, -1.3249268192, 0.2882243975, 0.2560018938],
        [2.0045725080, 2.4904128879, 0.1479371474, 0.1894869307],
        0.6503456479,
        0.9109533274,
    ),
}


@pytest.mark.parametrize(("family", "correlation"), GEEPACK)
def test_geepack_goldens(family, correlation):
    """Estimates, sandwich SE, Wald p, working correlation and scale are geepack's (1e-6)."""
    beta, se, alpha, scale = GEEPACK[(family, correlation)]
    result = fit_gee(
        *data(family == "binomial"),
        correlation=correlation,
        family=family,
        standard_error="robust",
    )
    assert tuple(term.name for term in result.terms) == NAMES
    assert [term.estimate for term in result.terms] == pytest.approx(beta, rel=1e-6)
    assert [term.se for term in result.terms] == pytest.approx(se, rel=1e-6)
    assert result.correlation == (None if alpha is None else pytest.approx(alpha, rel=1e-6))
    assert result.scale == pytest.approx(scale, rel=1e-6)
    assert result.lag_months == (2.0 if correlation == "ar1" else None)
    assert any("the plain sandwich SE is too small" in w for w in result.warnings)


def test_wald_p_is_geepacks():
    """R: summary of the exchangeable geeglm: age p 2.119142639e-10, SexMale:age .05648483959."""
    result = fit_gee(*data(), standard_error="robust")
    assert result.terms[2].p == pytest.approx(2.119142639e-10, rel=1e-5)
    assert result.p == pytest.approx(5.648483959e-02, rel=1e-6)
    assert (result.estimate_name, result.test.df_denominator) == ("group=Male:month", None)


def test_group_by_visit_is_geepacks_wald_test():
    """R: anova(geeglm(distance ~ Sex * factor(age), corstr = "exchangeable")), last row: X2
    5.538778, df 3, p .1363376.
    """
    result = fit_gee(*data(), time="visits", standard_error="robust")
    assert (result.statistic, result.df) == (pytest.approx(5.538778, abs=5e-7), 3)
    assert result.p == pytest.approx(0.1363376, abs=5e-8)
    assert result.test.statistic_name == "chi-square"


def test_mancl_derouen_is_geepacks_jackknife():
    """Under independence the bias-corrected sandwich is the sum of squared jackknife steps.

    R: sqrt(diag(geese(..., corstr = "independence", control = geese.control(jack =
    TRUE))$vbeta.ajs)) prints the SE below, with the factor (K - p - 1) / K = 22 / 27.
    """
    jackknife = np.array([0.85303417060, 1.53239542659, 0.09445471925, 0.14494409040])
    result = fit_gee(*data(), correlation="independence")
    np.testing.assert_allclose(
        [term.se for term in result.terms], jackknife * np.sqrt(27 / 22), rtol=1e-8
    )
    assert [term.df for term in result.terms] == [23.0] * 4
    assert result.test.df_denominator == 23.0
    assert result.statistic == pytest.approx(result.terms[3].statistic ** 2)
    assert result.p == pytest.approx(result.terms[3].p)


def test_mancl_derouen_of_correlated_values_leaves_one_subject_out():
    """At a fixed working correlation it is the sum over subjects of the steps that leaving
    each out makes (generalised least squares by statsmodels).
    """
    values, subjects, ages, sex = data()
    result = fit_gee(values, subjects, ages, sex)
    boy = np.array([s == "Male" for s in sex], dtype=float)
    X = np.column_stack((np.ones(len(ages)), boy, ages, boy * ages))
    owner = np.array(subjects)
    same = owner[:, np.newaxis] == owner
    V = np.where(same, result.correlation, 0.0) + np.eye(len(ages)) * (1 - result.correlation)

    def gls(kept):
        return sm.GLS(np.array(values)[kept], X[kept], V[np.ix_(kept, kept)]).fit().params

    whole = gls(np.ones(len(ages), dtype=bool))
    np.testing.assert_allclose([t.estimate for t in result.terms], whole, rtol=1e-8)
    steps = np.array([gls(owner != name) - whole for name in dict.fromkeys(subjects)])
    np.testing.assert_allclose([t.se**2 for t in result.terms], (steps**2).sum(axis=0), rtol=1e-6)


def test_ar1_counts_months_and_not_visits():
    """With the second of three visits missing the correlation falls with the gap."""
    rng = np.random.default_rng(3)
    subjects = np.repeat(np.arange(30), 4)
    months = np.tile([0.0, 6.0, 12.0, 24.0], 30)
    values = np.empty(120)
    for start in range(0, 120, 4):
        level = rng.normal()
        for i, step in enumerate((0, 1, 1, 2)):
            for _ in range(step):
                level = 0.7 * level + rng.normal(0, np.sqrt(1 - 0.49))
            values[start + i] = level
    result = fit_gee(values, subjects.tolist(), months, correlation="ar1")
    assert result.lag_months == 6.0
    assert result.correlation == pytest.approx(0.7, abs=0.15)
    # the same with months in other units: the lag and nothing else changes
    again = fit_gee(values, subjects.tolist(), months * 2, correlation="ar1")
    assert again.correlation == pytest.approx(result.correlation, rel=1e-8)
    assert again.terms[1].estimate == pytest.approx(result.terms[1].estimate / 2, rel=1e-8)


@settings(max_examples=15)
@given(
    st.integers(0, 500),
    st.sampled_from(["independence", "exchangeable", "ar1"]),
    st.floats(0.1, 50),
    st.floats(-100, 100),
    st.randoms(),
)
def test_units_rows_and_groups(seed, correlation, unit, shift, random):
    """A new unit rescales, reordered rows change nothing, swapped groups turn the sign."""
    rng = np.random.default_rng(seed)
    s, t = np.repeat(np.arange(12), 4), np.tile([0.0, 3.0, 6.0, 9.0], 12)
    g = np.array(["A", "B"])[s % 2]
    y = rng.normal(0, 1, 12)[s] + 0.1 * t + rng.normal(0, 1, 48)
    first = fit_gee(y, s.tolist(), t, g.tolist(), correlation=correlation)
    order = list(range(48))
    random.shuffle(order)
    second = fit_gee(
        unit * y[order] + shift,
        s[order].tolist(),
        t[order],
        g[order].tolist(),
        correlation=correlation,
        reference="B",
    )
    assert second.estimate == pytest.approx(-unit * first.estimate, rel=1e-5, abs=1e-7 * unit)
    assert second.p == pytest.approx(first.p, rel=1e-4)


def test_plain_types_and_missing_rows():
    """The result is JSON; rows left out are counted and what that assumes is said."""
    values, subjects, ages, sex = data()
    values = [NAN, *values[1:]]
    result = fit_gee(values, subjects, ages, sex)
    assert (result.n, result.n_missing, result.n_subjects) == (96, 1, 27)
    assert any("missing completely at random" in w for w in result.warnings)
    assert "Mancl-DeRouen bias-corrected sandwich SE" in result.method
    json.dumps(result.as_dict(), allow_nan=False)


def test_separation_of_a_binary_outcome_is_refused():
    """Nobody of one group ever has it: there is no finite log odds ratio to print."""
    subjects = np.repeat(np.arange(12), 3).tolist()
    months = [0.0, 6.0, 12.0] * 12
    groups = ["A"] * 18 + ["B"] * 18
    values = [0.0] * 18 + [1.0, 0.0, 1.0, 0.0, 0.0, 1.0] * 3
    with pytest.raises(StatisticsError, match=r"quasi-complete separation.*group=B to \+infinity"):
        fit_gee(values, subjects, months, groups, family="binomial")


MONTHS, SUBJECTS = [0.0, 6.0, 12.0] * 6, np.repeat(np.arange(6), 3).tolist()
ONE_CONSTANT = [1.0] * 9 + [1.0, 2.0, 3.0, 2.0, 4.0, 1.0, 0.0, 2.0, 5.0]
PARALLEL = [level + month for level in (0.0, 1.0, 5.0, 3.0, 2.0, 7.0) for month in (0.0, 6.0, 12.0)]


@pytest.mark.parametrize("correlation", ["independence", "exchangeable", "ar1"])
@pytest.mark.parametrize(
    ("values", "groups"),
    [([0.0, 6.0, 12.0] * 6, None), (PARALLEL, None), (ONE_CONSTANT, ["A"] * 9 + ["B"] * 9)],
    ids=["no scatter", "parallel lines", "one group constant"],
)
def test_standard_errors_of_rounding_are_refused(values, groups, correlation):
    """Where nothing scatters there is an error, never the SE of rounding with a tiny p."""
    with pytest.raises(StatisticsError, match=r"scatter|no standard errors|not solved|runs to 1"):
        fit_gee(values, SUBJECTS, MONTHS, groups, correlation=correlation)


SIX = ([1.0, 2.0, 3.0, 5.0, 2.0, 2.5, 4.0, 3.0, 1.0, 2.0, 2.0, 6.0], list("aabbccddeeff"))
SIX = (*SIX, [0.0, 6.0] * 6, list("xxxxxxyyyyyy"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_gee(*SIX, correlation="toeplitz"), "correlation is one of"),
        (lambda: fit_gee(*SIX, standard_error="naive"), "standard_error is one of"),
        (lambda: fit_gee(*SIX, family="poisson"), "family is one of"),
        (lambda: fit_gee(*SIX, family="binomial"), "are 0 or 1; found 2"),
        (lambda: fit_gee(*SIX, level=0), "confidence level"),
        (lambda: fit_gee([], [], []), "no row is complete"),
        (lambda: fit_gee(SIX[0][:4], SIX[1][:4], SIX[2][:4]), "2 subjects are too few"),
        (lambda: fit_gee([3.0] * 12, *SIX[1:]), "all 12 values are 3"),
        (lambda: fit_gee(*SIX[:3], list("xxyyyyyyyyyy")), "x has one"),
    ],
)
def test_bad_input_is_refused(call, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        call()
