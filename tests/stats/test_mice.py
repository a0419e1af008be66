"""Multiple imputation: what is kept, what is drawn, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nhanes_data import nhanes2

from myocohort.errors import StatisticsError
from myocohort.stats.imputation_models import (
    category_mode,
    draw_linear,
    impute_category,
    independent_columns,
)
from myocohort.stats.mice import impute

NA = None
# mtcars of R: weight, automatic or manual, gears
WEIGHT = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78]
WEIGHT += [5.25, 5.424, 5.345, 2.2, 1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14]
WEIGHT += [1.513, 3.17, 2.77, 3.57, 2.78]
MANUAL = [int(c) for c in "11100000000000000111000001111111"]
GEARS = [int(c) for c in "44433334444333333444333334555554"]


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["pmm", "norm"]))
def test_known_values_are_kept_and_drawn_ones_are_possible(seed, numeric):
    """No known value changes, no value stays missing; matching draws only values that occur."""
    rng = np.random.default_rng(seed)
    n = 18
    frame = {
        "ck": [None if rng.random() < 0.3 else float(v) for v in rng.integers(1, 90, n)],
        "ild": [None if rng.random() < 0.3 else int(v) for v in rng.integers(0, 2, n)],
        "site": [None if rng.random() < 0.3 else str(v) for v in rng.choice(["a", "b", "c"], n)],
    }
    assume(len({v for v in frame["ck"] if v is not None}) > 2)
    assume(sum(v is not None for v in frame["ck"]) > 6)
    assume(len({v for v in frame["ild"] if v is not None}) == 2)
    assume(len({v for v in frame["site"] if v is not None}) == 3)
    found = impute(frame, m=2, iterations=2, seed=seed, numeric=numeric)
    for number in range(2):
        complete = found.completed(number)
        for name, column in found.columns.items():
            known = ~column.missing
            np.testing.assert_array_equal(complete[name][known], column.values[known])
            assert np.isfinite(complete[name]).all()
            if column.kind != "numeric":
                assert set(complete[name]) <= set(range(len(column.levels)))
            elif numeric == "pmm":
                assert set(complete[name]) <= set(column.observed)


def test_the_seed_decides_and_m_only_adds():
    """One seed gives one result; the first sets are the same for every m."""
    first = impute(nhanes2(), m=2, iterations=3, seed=7)
    again = impute(nhanes2(), m=4, iterations=3, seed=7)
    other = impute(nhanes2(), m=2, iterations=3, seed=8)
    np.testing.assert_array_equal(first.drawn["bmi"], again.drawn["bmi"][:2])
    assert (first.drawn["bmi"] != other.drawn["bmi"]).any()


def test_a_new_unit_gives_the_same_donors():
    """Imputation by matching commutes with a change of unit."""
    frame = nhanes2()
    changed = dict(frame, bmi=[None if v is None else 2.0 * v for v in frame["bmi"]])
    first = impute(frame, m=3, iterations=3, seed=1)
    second = impute(changed, m=3, iterations=3, seed=1)
    np.testing.assert_allclose(second.drawn["bmi"], 2.0 * first.drawn["bmi"])
    np.testing.assert_allclose(second.drawn["chl"], first.drawn["chl"])


def test_imputed_means_are_those_of_mice_with_the_same_models():
    """R: mice(nhanes2, m = 100, maxit = 10, seed = s, method = c("", "pmm", "bayes", "pmm")).

    `mice.impute.bayes` draws from a logistic model with the priors of this package, by
    importance resampling. For s = 1 to 6 the imputed share with hypertension was .176, .206,
    .171, .199, .204, .196, mean bmi 26.75 to 27.14, mean chl 194.6 to 197.4; the tolerances
    are three standard errors of a difference. (mice's own `logreg` gives .31 to .35: its
    pseudo-observations, of total weight 5 beside 17 rows, pull towards 1/2.)
    """
    found = impute(nhanes2(), m=100, iterations=10, seed=1)
    assert found.drawn["bmi"].mean() == pytest.approx(26.95, abs=0.5)
    assert found.drawn["chl"].mean() == pytest.approx(195.7, abs=3.5)
    assert found.drawn["hyp"].mean() == pytest.approx(0.192, abs=0.05)
    assert "largest R-hat 1.0" in found.convergence
    assert [v.name for v in found.variables] == ["hyp", "bmi", "chl"]
    assert found.variables[1].method == "predictive mean matching, type 1, 5 donors"
    assert found.variables[1].predictors == ("age", "hyp", "chl")
    assert {(t.variable, t.statistic) for t in found.traces} == {
        ("hyp", "share of 1"),
        ("bmi", "mean"),
        ("bmi", "SD"),
        ("chl", "mean"),
        ("chl", "SD"),
    }
    assert np.shape(found.traces[0].values) == (100, 10)


def test_linear_draws_have_the_posterior_of_a_regression():
    """Drawn coefficients scatter about OLS (statsmodels) as a t distribution says."""
    rng = np.random.default_rng(3)
    X = np.column_stack((np.ones(20), rng.normal(size=(20, 2))))
    y = X @ [1.0, 2.0, -1.0] + rng.normal(size=20)
    ols = sm.OLS(y, X).fit()
    draws = np.array([draw_linear(y, X, rng)[1] for _ in range(6000)])
    np.testing.assert_allclose(draw_linear(y, X, rng)[0], ols.params, rtol=1e-10)
    np.testing.assert_allclose(draws.mean(axis=0), ols.params, atol=0.02)
    df = ols.df_resid
    np.testing.assert_allclose(np.cov(draws.T), ols.cov_params() * df / (df - 2), atol=0.008)


def test_multinomial_mode_golden():
    """R: nnet::nnet(X, class.ind(factor(mtcars$gear)), size = 0, skip = TRUE, softmax = TRUE,
    decay = .4, reltol = 1e-16) minimises -log-likelihood + .4 sum(weights^2), which is a
    normal prior of precision .8; it printed these weights and the value 21.8031292739.
    """
    weight = np.array(WEIGHT)
    X = np.column_stack((np.ones(32), (weight - weight.mean()) / weight.std(), MANUAL))
    mode = category_mode(np.array(GEARS) - 3.0, 3, X, np.full(3, 0.8))
    expected = [0.716314850314, 1.004287903769, -1.273436602271]
    expected += [0.165031743067, -0.746511714415, 0.220550214393]
    expected += [-0.881346593381, -0.257776189354, 1.052886387879]
    np.testing.assert_allclose(mode.beta, expected, atol=2e-6)
    assert -mode.value == pytest.approx(21.8031292739, rel=1e-10)


def test_two_categories_are_a_ridge_logistic_regression():
    """The difference of the two sets of coefficients is that of statsmodels' ridge GLM."""
    rng = np.random.default_rng(4)
    X = np.column_stack((np.ones(40), rng.normal(size=(40, 2))))
    y = (rng.random(40) < 1 / (1 + np.exp(-X[:, 1]))).astype(float)
    precision = np.array([0.3, 0.8, 0.8])
    mode = category_mode(y, 2, X, precision).beta.reshape(2, 3)
    ridge = sm.GLM(y, X, family=sm.families.Binomial()).fit_regularized(
        alpha=precision / 2 / 40, L1_wt=0.0
    )
    np.testing.assert_allclose(mode[1] - mode[0], ridge.params, atol=1e-4)


def test_separation_in_a_conditional_model_does_not_explode():
    """Where a predictor separates the categories, coefficients stay within the prior's reach."""
    x = np.repeat([-1.0, 1.0], 6)
    X = np.column_stack((np.ones(12), x))
    codes = (x > 0).astype(float)
    mode = category_mode(codes, 2, X, np.array([2 / 100, 2 / 6.25]))
    assert np.abs(mode.beta).max() < 5
    rng = np.random.default_rng(1)
    mixed = np.column_stack((np.ones(400), np.repeat([-1.0, 1.0], 200)))
    drawn = np.array([impute_category(codes, 2, X, mixed, rng) for _ in range(20)])
    assert drawn[:, :200].mean() < 0.15
    assert drawn[:, 200:].mean() > 0.85


def test_categories_are_drawn_from_the_posterior():
    """In a separated cell the drawn shares are those of a numerical integration.

    The normal approximation at the mode alone gives about twice the chance of the integral.
    """
    x = np.repeat([-1.0, 1.0], 7)
    codes = np.array([0.0] * 7 + [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    X = np.column_stack((np.ones(14), x))
    a, b = np.meshgrid(np.linspace(-25, 25, 401), np.linspace(-12, 12, 401))
    eta = a[..., np.newaxis] + b[..., np.newaxis] * x
    density = (codes * eta - np.logaddexp(0.0, eta)).sum(axis=-1) - a**2 / 200 - b**2 / 12.5
    weight = np.exp(density - density.max())
    exact = [float((weight / (1 + np.exp(-(a + b * at)))).sum() / weight.sum()) for at in (-1, 1)]
    rng = np.random.default_rng(2)
    cells = np.array([[1.0, -1.0], [1.0, 1.0]])
    drawn = np.array([impute_category(codes, 2, X, cells, rng) for _ in range(1200)])
    assert drawn[:, 0].mean() == pytest.approx(exact[0], abs=0.02)
    assert drawn[:, 1].mean() == pytest.approx(exact[1], abs=0.04)


def test_relabelled_categories_have_the_same_chances():
    """The model does not depend on which category comes first."""
    rng = np.random.default_rng(5)
    X = np.column_stack((np.ones(30), rng.normal(size=30)))
    codes = rng.integers(0, 3, 30).astype(float)
    first = category_mode(codes, 3, X, np.array([0.02, 0.3])).beta.reshape(3, 2)
    turned = category_mode((codes + 1) % 3, 3, X, np.array([0.02, 0.3])).beta.reshape(3, 2)
    np.testing.assert_allclose(turned[[1, 2, 0]], first, atol=1e-8)


def test_dependent_predictors_are_left_out_and_named():
    """A copy, a constant and a sum carry nothing new; the warning says which was left out."""
    a = np.arange(8.0)
    b = a**2
    X = np.column_stack((a, a * 3 + 1, np.full(8, 4.0), b, a - b))
    np.testing.assert_array_equal(independent_columns(X), [True, False, False, True, False])
    frame = {"x": [*range(7), NA], "a": [1, 4, 2, 8, 5, 7, 3, 6], "copy": [1, 4, 2, 8, 5, 7, 3, 6]}
    found = impute(frame, m=2, iterations=3, seed=1)
    assert any(w.startswith("copy was left out of 6 of the 6 models for x") for w in found.warnings)


def test_warnings_about_thin_data():
    """Empty rows, few sets, few donors and a category seen once are said."""
    frame = {
        "ck": [1.0, 2.0, 4.0, 3.0, 9.0, 8.0, NA, NA],
        "site": ["a", "b", "b", "b", "b", NA, "b", NA],
    }
    warnings = " | ".join(impute(frame, m=2, iterations=1, seed=1).warnings)
    assert "1 rows have no value at all" in warnings
    assert "2 imputed sets for 38% incomplete rows" in warnings
    assert "ck has 6 known values to choose 5 donors from" in warnings
    assert "site: only one row is known to be a" in warnings
    assert "not assessed: it takes 3 iterations" in warnings


def test_predictors_can_be_named():
    """A variable with named predictors uses these only, or none."""
    found = impute(nhanes2(), m=2, iterations=2, seed=1, predictors={"bmi": ["age"], "hyp": []})
    used = {v.name: v.predictors for v in found.variables}
    assert used == {"hyp": (), "bmi": ("age",), "chl": ("age", "bmi", "hyp")}


def test_complete_data_have_nothing_to_impute():
    """Without missing values the completed data are the data."""
    found = impute({"a": [1.0, 2.0, 5.0], "b": ["x", "y", "x"]}, m=2, seed=1)
    assert found.drawn == {}
    assert found.warnings == ()
    np.testing.assert_array_equal(found.completed(1)["b"], [0.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: impute(nhanes2(), m=1, seed=1), "m is a whole number of at least 2"),
        (lambda: impute(nhanes2(), iterations=0, seed=1), "iterations is a whole number"),
        (lambda: impute(nhanes2(), seed=-1), "seed is a whole number"),
        (lambda: impute(nhanes2(), seed=1.5), "seed is a whole number"),
        (lambda: impute(nhanes2(), seed=1, numeric="cart"), "by pmm or norm"),
        (lambda: impute(nhanes2(), ["age", "ck"], seed=1), "no column 'ck'"),
        (lambda: impute(nhanes2(), seed=1, predictors={"bmi": ["bmi"]}), "predict itself"),
        (lambda: impute(nhanes2(), seed=1, predictors={"bmi": ["ck"]}), "no column 'ck'"),
        (
            lambda: impute({"a": [NA, NA, NA], "b": [1, 1, NA], "c": [1, 2, 3]}, seed=1),
            "(?s)'b' cannot be imputed: its 2 known.*'a' cannot be imputed: it has no value",
        ),
        (
            lambda: impute({"a": [1, 2, 3, NA], "b": [1, 5, 2, 3], "c": [5, 1, 4, 4]}, seed=1),
            "3 known values are too few for 2 predictor columns",
        ),
        (lambda: impute({"a": [], "b": []}, seed=1), "there are no rows"),
        (lambda: impute({"a": [1, 2, 5], "b": [1, NA, 2]}, seed=1).completed(20), "numbered 0"),
    ],
)
def test_what_cannot_be_imputed_is_refused(call, message):
    """All reasons are given at once."""
    with pytest.raises(StatisticsError, match=message):
        call()
