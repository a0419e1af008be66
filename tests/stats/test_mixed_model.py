"""Linear mixed models against lme4, lmerTest and nlme of R, and statsmodels."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from repeated_data import orthodont, sleepstudy
from statsmodels.regression.mixed_linear_model import MixedLM

from myocohort.errors import StatisticsError
from myocohort.stats.mixed_model import fit_mixed

NAN = float("nan")

# R (lme4 1.1-31, lmerTest 3.1-3): coef(summary(lmer(...))) - estimate, SE, df. Orthodont is
# given complete, and without rows 2, 7, 8, 20, 33, 34, 35, 60, 77, 90, 101
GOLDENS = {
    "sleepstudy: Reaction ~ Days + (1 | Subject)": (
        (sleepstudy, {}),
        {},
        {
            "(Intercept)": (251.40510485, 9.7467162692, None),
            "month": (10.46728596, 0.8042214289, 161.0),
        },
        (-893.2325427, 1378.1785138, 960.4565786),
        1e-6,
    ),
    "sleepstudy: Reaction ~ Days + (Days | Subject)": (
        (sleepstudy, {}),
        {"random_slope": True},
        {
            "(Intercept)": (251.40510485, 6.824596695, 16.99972629),
            "month": (10.46728596, 1.545789644, 16.99998373),
        },
        (-871.814136, 612.100158025, 654.940008260),
        5e-5,
    ),
    "Orthodont: distance ~ Sex * age + (1 | Subject)": (
        (orthodont, {}),
        {},
        {
            "(Intercept)": (16.340625, 0.98131223674, 103.98636099),
            "group=Female": (1.0321022727, 1.53742080539, 103.98636099),
            "month": (0.784375, 0.07750110468, 79.0),
            "group=Female:month": (-0.3048295455, 0.12142089573, 79.0),
        },
        (-216.8786246, 3.298634103, 1.922054792),
        1e-6,
    ),
    "Orthodont with gaps: distance ~ Sex * age + (1 | Subject)": (
        (orthodont, {"complete": False}),
        {},
        {
            "(Intercept)": (16.9264007350, 0.94365649858, 92.73566109),
            "group=Female": (0.6155363930, 1.46607686695, 92.78341335),
            "month": (0.7244327595, 0.07327971626, 70.22004571),
            "group=Female:month": (-0.2582397185, 0.11205242986, 69.26483563),
        },
        (-185.4989782, 3.537170768, 1.402936621),
        1e-6,
    ),
    "Orthodont with gaps: distance ~ Sex * age + (age | Subject)": (
        (orthodont, {"complete": False}),
        {"random_slope": True},
        {
            "(Intercept)": (17.0121934866, 1.09448574381, 25.49998349),
            "group=Female": (0.6366293630, 1.68919430423, 25.59414772),
            "month": (0.7163568489, 0.09591467163, 26.14700727),
            "group=Female:month": (-0.2586649741, 0.14688521846, 25.53715783),
        },
        (-180.2294101, 11.43474003932, 0.86368692983),
        1e-4,
    ),
    "Orthodont with gaps: distance ~ Sex * factor(age) + (1 | Subject)": (
        (orthodont, {"complete": False}),
        {"time": "visits"},
        {
            "(Intercept)": (22.8077301328, 0.5678344902, 40.59170322),
            "group=Female": (-1.5364301668, 0.9025477242, 42.72270174),
            "month=14": (4.4450775780, 0.4746079120, 66.26682401),
            "group=Female:month=10": (-0.3546731483, 0.7280265360, 64.73106519),
            "group=Female:month=14": (-1.6254684530, 0.7285539625, 65.33745822),
        },
        None,
        1e-6,
    ),
}


def fitted(data, options):
    """Fit a golden's data; boys are the reference, as in R."""
    make, keywords = data
    rows = make(**keywords)
    reference = "Male" if len(rows) == 4 else None
    return fit_mixed(*rows, reference=reference, **options)


@pytest.mark.parametrize("name", GOLDENS)
def test_lme4_goldens(name):
    """Estimates, SE, Satterthwaite df, likelihood and variances are those of R.

    With random slopes lme4 stops a little short of the maximum, hence the wider tolerance.
    """
    data, options, expected, whole, tolerance = GOLDENS[name]
    result = fitted(data, options)
    terms = {term.name: term for term in result.terms}
    for term, (estimate, se, df) in expected.items():
        assert terms[term].estimate == pytest.approx(estimate, rel=tolerance)
        assert terms[term].se == pytest.approx(se, rel=tolerance)
        if df is not None:
            assert terms[term].df == pytest.approx(df, rel=max(tolerance, 1e-5))
    if whole is not None:
        likelihood, between, within = whole
        assert result.log_likelihood == pytest.approx(likelihood, abs=1e-6)
        assert result.log_likelihood >= likelihood - 1e-7
        assert result.sd_subject**2 == pytest.approx(between, rel=tolerance)
        assert result.sd_residual**2 == pytest.approx(within, rel=tolerance)


def test_random_slopes_of_sleepstudy():
    """R: as.data.frame(VarCorr(lmer(Reaction ~ Days + (Days | Subject)))): slope variance
    35.071714451, correlation .06555123824.
    """
    result = fit_mixed(*sleepstudy(), random_slope=True)
    assert result.sd_slope**2 == pytest.approx(35.071714451, rel=5e-5)
    assert result.correlation == pytest.approx(0.06555123824, abs=5e-5)
    month = result.terms[1]
    assert month.p == pytest.approx(3.263824470e-06, rel=1e-4)
    assert (result.estimate_name, result.p) == ("month", pytest.approx(month.p))
    assert result.question == "Do the values change over time?"


# R: anova(lmer(distance ~ Sex * factor(age) + (1 | Subject)), type = 3), row Sex:factor(age),
# by lmerTest: F, denominator df, p
@pytest.mark.parametrize(
    ("complete", "f", "df", "p"),
    [(True, 2.36156, 75.0, 0.0780583), (False, 1.85638, 64.905795, 0.1457646)],
)
def test_group_by_time_is_lmertests_f(complete, f, df, p):
    """The test of several coefficients has Fai and Cornelius's degrees of freedom."""
    result = fit_mixed(*orthodont(complete=complete), time="visits")
    assert result.statistic == pytest.approx(f, rel=5e-6)
    assert (result.test.df, result.test.df_denominator) == (3, pytest.approx(df, rel=1e-6))
    assert result.p == pytest.approx(p, abs=5e-7)
    assert result.test.method == "Wald F test, Satterthwaite degrees of freedom"
    assert result.estimate is None


def test_likelihood_ratio_golden():
    """R: anova of lmer(distance ~ Sex * age) and (Sex + age), REML = FALSE: 6.21743, p .01265.

    nlme's marginal F of the interaction is 6.30270891, t -2.5105196489 on 79 df, p .0141.
    """
    result = fit_mixed(*orthodont())
    assert result.likelihood_ratio.statistic == pytest.approx(6.21743, abs=5e-6)
    assert result.likelihood_ratio.p == pytest.approx(0.01265, abs=5e-6)
    assert result.statistic == pytest.approx(6.30270891, rel=1e-7)
    assert result.p == pytest.approx(1.409745067e-02, rel=1e-6)
    assert result.question == "Do the groups change differently over time?"
    assert result.subjects_by_group == {"Female": 11, "Male": 16}
    json.dumps(result.as_dict(), allow_nan=False)


def test_statsmodels_agrees():
    """MixedLM of statsmodels gives the same estimates (1e-4), SE (1e-5) and likelihood (1e-5).

    Its optimiser stops with variances good to about six digits, hence these tolerances; those
    against lme4 are tighter. Its printed SE invert the second derivatives of variances and
    effects together and are .02% larger; those of the effects alone are ours and lme4's.
    """
    values, subjects, ages, sex = orthodont(complete=False)
    ours = fit_mixed(values, subjects, ages, sex, reference="Male")
    girl = np.array([s == "Female" for s in sex], dtype=float)
    X = np.column_stack((np.ones(len(ages)), girl, ages, girl * ages))
    model = MixedLM(np.array(values), X, groups=np.array(subjects))
    theirs = model.fit(reml=True)
    curvature, _ = model.hessian(theirs.params_object)
    se = np.sqrt(np.linalg.inv(-curvature[:4, :4]).diagonal())
    np.testing.assert_allclose([t.estimate for t in ours.terms], theirs.fe_params, rtol=1e-4)
    np.testing.assert_allclose([t.se for t in ours.terms], se, rtol=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-5)


def test_no_variance_between_subjects_is_least_squares_and_says_so():
    """Subjects with equal means: R's lmer is singular too; the fit is ordinary regression."""
    values = [1.0, 2.0, 4.0, 4.0, 1.0, 2.0, 2.0, 4.0, 1.0]
    subjects, months = ["a"] * 3 + ["b"] * 3 + ["c"] * 3, [0.0, 1.0, 2.0] * 3
    result = fit_mixed(values, subjects, months)
    assert (result.singular, result.sd_subject) == (True, 0.0)
    slope = np.polyfit(months, values, 1)[0]
    assert result.terms[1].estimate == pytest.approx(slope, abs=1e-10)
    assert any("variance between subjects is estimated as 0" in w for w in result.warnings)
    assert result.terms[1].df == pytest.approx(7, rel=1e-6)


def test_a_random_slope_that_the_data_do_not_carry_is_said():
    """Parallel subjects have no variance of slopes: singular, with the advice to leave it out."""
    rng = np.random.default_rng(1)
    subjects = np.repeat(np.arange(12), 4)
    months = np.tile([0.0, 3.0, 6.0, 12.0], 12)
    noise = np.tile([0.5, -0.5, -0.5, 0.5], 12) * np.repeat(rng.choice([-1, 1], 12), 4)
    values = rng.normal(0, 2, 12)[subjects] + 0.1 * months + noise
    result = fit_mixed(values, subjects.tolist(), months, random_slope=True)
    assert result.singular
    assert any("fit the model without it" in w for w in result.warnings)


def trial(seed, n=14):
    """Return values of two groups at four months, some visits missing."""
    rng = np.random.default_rng(seed)
    s, t = np.repeat(np.arange(n), 4), np.tile([0.0, 3.0, 6.0, 12.0], n)
    g = np.array(["A", "B"])[s % 2]
    y = 3 + 0.05 * t * (g == "B") + rng.normal(0, seed % 3, n)[s] + rng.normal(0, 1, 4 * n)
    y[rng.random(4 * n) < 0.15] = np.nan
    return y, s, t, g


@settings(max_examples=15)
@given(st.integers(0, 200), st.floats(0.2, 5), st.floats(-20, 20), st.randoms())
def test_units_rows_and_groups(seed, unit, shift, random):
    """A new unit rescales, reordered rows change nothing, swapped groups turn the sign."""
    y, s, t, g = trial(seed)
    assume(np.isfinite(y).sum() > 40)
    first = fit_mixed(y, s.tolist(), t, g.tolist())
    order = list(range(len(y)))
    random.shuffle(order)
    second = fit_mixed(
        unit * y[order] + shift, s[order].tolist(), t[order], g[order].tolist(), reference="B"
    )
    assert second.estimate == pytest.approx(-unit * first.estimate, rel=1e-6, abs=1e-9)
    assert second.p == pytest.approx(first.p, rel=1e-5)
    assert second.sd_residual == pytest.approx(unit * first.sd_residual, rel=1e-6)
    assert second.sd_subject == pytest.approx(unit * first.sd_subject, rel=1e-4, abs=1e-6)


def test_missing_rows_and_subjects_are_counted():
    """Rows without value, subject, month or group are left out, subjects without rows counted."""
    values, subjects, ages, sex = orthodont()
    values[0] = NAN
    sex[5] = ""
    ages[9] = NAN
    subjects[13] = ""
    values[20:24] = [NAN] * 4
    result = fit_mixed(values, subjects, ages, sex)
    assert (result.n, result.n_missing) == (100, 8)
    assert (result.n_subjects, result.n_subjects_missing) == (26, 1)
    assert "8 rows were left out" in result.warnings[0]


def test_grades_are_named_as_such():
    """A scale of few grades is told to be taken as having equal steps."""
    values = [0, 1, 2, 3, 1, 1, 2, 2, 3, 3, 4, 4]
    result = fit_mixed(values, [1] * 4 + [2] * 4 + [3] * 4, [0, 1, 2, 3] * 3)
    assert any("the values are 5 grades" in w for w in result.warnings)
    assert any("3 subjects are few" in w for w in result.warnings)


FOUR = ([1.0, 2.0, 3.0, 5.0, 2.0, 2.5, 4.0, 3.0], list("aabbccdd"), [0.0, 6.0] * 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_mixed([], [], []), "no row is complete: 0 rows"),
        (lambda: fit_mixed([NAN, 1.0], ["a", "a"], [0, NAN]), "no row is complete: 2 rows"),
        (lambda: fit_mixed([1.0], ["a", "b"], [0.0]), "1 values, 2 subjects"),
        (lambda: fit_mixed(["high"], ["a"], [0.0]), "values are numbers"),
        (lambda: fit_mixed(*FOUR, list("xxyyxyyy")), "rows 5 and 6 are of one subject"),
        (lambda: fit_mixed(*FOUR, ["x"] * 8), "all complete rows are of group 'x'"),
        (lambda: fit_mixed(*FOUR, list("xxyyyyyy")), "x has one"),
        (lambda: fit_mixed(*FOUR, list("xxxxyyyy"), reference="z"), "groups x, y; found 'z'"),
        (lambda: fit_mixed(*FOUR, list("xxxxyyyy")), "4 subjects are too few for 4"),
        (lambda: fit_mixed(FOUR[0], FOUR[1], [0.0] * 8), "one value in a month"),
        (lambda: fit_mixed([1.0, 2.0], ["a", "b"], [0.0, 0.0]), "at least two months"),
        (lambda: fit_mixed([1.0, 2.0], ["a", "b"], [0.0, 1.0]), "no subject has two values"),
        (lambda: fit_mixed([2.0] * 8, *FOUR[1:]), "all 8 values are 2"),
        (lambda: fit_mixed(*FOUR, random_slope=True), "8 values cannot tell 8 random effects"),
        (lambda: fit_mixed(*FOUR, time="spline"), "linear or visits"),
        (lambda: fit_mixed(*FOUR, level=95), "confidence level"),
        (
            lambda: fit_mixed(
                [1.0, 2.0, 3.0, 5.0, 2.0, 2.5, 4.0, 3.0, 1.0, 2.0],
                list("aabbccddee"),
                [0, 6, 0, 6, 0, 6, 0, 12, 0, 6],
                list("xxxxxxyyyy"),
                time="visits",
            ),
            "some group has no value in some month",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    """Each impossible request ends with a message that names it, and never a subject."""
    with pytest.raises(StatisticsError, match=message):
        call()


@pytest.mark.parametrize(
    ("levels", "slopes", "random_slope", "message"),
    [
        ((0, 0, 0, 0), (2, 2, 2, 2), False, "determine every value"),
        ((0, 1, 5, 3), (2, 2, 2, 2), False, "does not converge|exactly on a line"),
        ((0, 1, 5, 3), (1, 2, 5, 3), True, "does not converge|exactly on a line"),
    ],
)
def test_values_without_scatter_are_refused(levels, slopes, random_slope, message):
    """Subjects that lie exactly on lines have no standard errors, and no rounding for them."""
    values = [a + b * m for a, b in zip(levels, slopes, strict=True) for m in (0.0, 1.0, 2.0, 3.0)]
    subjects, months = list("aaaabbbbccccdddd"), [0.0, 1.0, 2.0, 3.0] * 4
    with pytest.raises(StatisticsError, match=message):
        fit_mixed(values, subjects, months, random_slope=random_slope)
