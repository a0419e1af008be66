"""Proportional-odds regression: statsmodels, polr and Firth as oracles; separation; properties."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from statsmodels.miscmodels.ordinal_model import OrderedModel

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.ordinal_logistic import fit_ordinal

# Freq of MASS's housing by score (rows: Infl low, medium, high) and Sat (low, medium, high)
HOUSING = [282, 170, 175, 206, 189, 264, 79, 87, 229]
# slope, thresholds, log-likelihood, standard errors
POLR = [
    0.6172521462, -0.1825978807, 0.9672037651, -1771.914146,
    0.06129275099, 0.07088349805, 0.07485030920,
]  # fmt: skip


def cohort(seed, n=80, cuts=(-1.5, 0.0, 1.0, 2.5)):
    """Return terms and grades of a made cohort."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)) * (1, 10) + (0, 50)
    y = np.digitize(2 * X[:, 0] - (X[:, 1] - 50) / 10 + rng.logistic(size=n), cuts)
    return X, y.astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_maximum_likelihood_is_that_of_statsmodels(seed):
    """Slopes, thresholds, likelihood and standard errors are OrderedModel's."""
    X, y = cohort(seed)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)  # OrderedModel does not converge on raw terms
    model = OrderedModel(y, Z, distr="logit")
    oracle = model.fit(method="bfgs", disp=0, gtol=1e-9, maxiter=1000)
    result = fit_ordinal(Z, y, ["a", "b"], method="ml")
    assert [term.b for term in result.terms] == pytest.approx(oracle.params[:2], rel=1e-5)
    cuts = model.transform_threshold_params(oracle.params)[1:-1]
    assert [one.value for one in result.thresholds] == pytest.approx(cuts, rel=1e-5, abs=1e-6)
    assert result.log_likelihood == pytest.approx(oracle.llf, rel=1e-9)
    assert [term.se for term in result.terms] == pytest.approx(oracle.bse[:2], rel=1e-3)
    assert [one.name for one in result.thresholds] == ["0|1", "1|2", "2|3", "3|4"]


def test_golden_of_polr():
    """R 4.2.2, MASS 7.3-58.2: polr(Sat ~ score, weights = Freq, housing), score = 0, 1, 2 of Infl.

    library(MASS); housing$score <- as.numeric(housing$Infl) - 1;
    m <- polr(Sat ~ score, weights = Freq, data = housing, Hess = TRUE,
    control = list(reltol = 1e-16)); print(c(coef(m), m$zeta, logLik(m),
    coef(summary(m))[, 2]), digits = 10).
    """
    score = np.repeat([0.0, 1.0, 2.0], 3)[:, np.newaxis]
    result = fit_ordinal(score, [0, 1, 2] * 3, ["score"], method="ml", weights=HOUSING)
    found = [
        result.terms[0].b,
        *(one.value for one in result.thresholds),
        result.log_likelihood,
        result.terms[0].se,
        *(one.se for one in result.thresholds),
    ]
    assert found == pytest.approx(POLR, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_two_grades_are_firths_method(seed):
    """With two grades the penalised fit is Firth's logistic regression."""
    X, y = cohort(seed)
    y = (y > 1).astype(float)
    firth = fit_firth(X, y, ["a", "b"], standard_error="fisher")
    result = fit_ordinal(X, y, ["a", "b"])
    assert [t.b for t in result.terms] == pytest.approx([t.b for t in firth.terms[1:]], rel=1e-6)
    assert [t.se for t in result.terms] == pytest.approx([t.se for t in firth.terms[1:]], rel=1e-6)
    assert result.thresholds[0].value == pytest.approx(-firth.terms[0].b, rel=1e-6)
    assert result.log_likelihood == pytest.approx(firth.log_likelihood, rel=1e-9)
    assert result.statistic == pytest.approx(firth.statistic, rel=1e-6)


def test_the_penalised_maximum_is_one():
    """A search without derivatives finds no higher penalised likelihood, written out by hand."""
    X, y = cohort(5, n=30, cuts=(-1.0, 1.5))
    X = (X - X.mean(axis=0)) / X.std(axis=0)

    def height(theta):
        cuts = np.concatenate(([-np.inf], theta[:2], [np.inf]))
        if cuts[1] >= cuts[2]:
            return -np.inf
        below = 1 / (1 + np.exp(-(cuts[None, :] - (X @ theta[2:])[:, None])))
        p = np.diff(below, axis=1)
        slope = below * (1 - below)
        lines = np.zeros((len(X), 4, 4))
        lines[:, 1, 0] = lines[:, 2, 1] = 1
        lines[:, 1:3, 2:] = -X[:, None, :]
        d = np.diff(slope[:, :, None] * lines, axis=1)
        fisher = np.einsum("nka,nkb,nk->ab", d, d, 1 / p)
        chosen = p[np.arange(len(X)), y.astype(int)]
        return np.log(chosen).sum() + np.linalg.slogdet(fisher)[1] / 2

    result = fit_ordinal(X, y, ["a", "b"])
    theta = np.array([*(one.value for one in result.thresholds), *(t.b for t in result.terms)])
    assert result.log_likelihood == pytest.approx(height(theta), rel=1e-9)
    best = minimize(lambda t: -height(t), theta + 0.2, method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20000})  # fmt: skip
    assert theta == pytest.approx(best.x, rel=1e-4, abs=1e-5)


def test_complete_separation_is_found_and_stays_finite():
    """Grades in perfect order: maximum likelihood refuses, the penalised fit is finite."""
    X, y = np.arange(12.0)[:, None], np.repeat([0.0, 1.0, 2.0], 4)
    result = fit_ordinal(X, y, ["fat"])
    assert result.separation.kind == "complete"
    assert result.separation.directions == {"fat": 1}
    assert 0 < result.terms[0].b < 5
    assert any("rest on Jeffreys' penalty" in warning for warning in result.warnings)
    with pytest.raises(StatisticsError, match="complete separation"):
        fit_ordinal(X, y, ["fat"], method="ml")
    assert fit_ordinal(-X, y, ["fat"]).separation.directions == {"fat": -1}


def test_quasi_complete_separation_is_found():
    """A term that is 1 in the highest grade alone runs away; the other does not."""
    X, y = cohort(2)
    flag = (y == 4).astype(float)
    flag[np.flatnonzero(y == 4)[0]] = 0
    result = fit_ordinal(np.column_stack([X, flag]), y, ["a", "b", "flag"])
    assert result.separation.kind == "quasi-complete"
    assert result.separation.directions == {"flag": 1}
    assert np.isfinite(result.terms[2].b)


def test_weights_are_rows():
    """Twice the weight is the row twice; halves of two readers are one row."""
    X, y = cohort(3, n=40)
    once = fit_ordinal(X, y, ["a", "b"], method="ml")
    halves = fit_ordinal(
        np.vstack([X, X]), np.tile(y, 2), ["a", "b"], method="ml", weights=np.full(80, 0.5)
    )
    assert [t.b for t in halves.terms] == pytest.approx([t.b for t in once.terms], rel=1e-8)
    assert [t.se for t in halves.terms] == pytest.approx([t.se for t in once.terms], rel=1e-8)
    assert halves.counts == once.counts


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-50, 50))
def test_units_change_nothing_but_the_slope(seed, factor, shift):
    """Another unit of a term divides its slope; chances and p stay. Reversed grades turn signs."""
    X, y = cohort(seed, n=40)
    plain = fit_ordinal(X, y, ["a", "b"])
    moved = fit_ordinal(X * [factor, 1] + [shift, 0], y, ["a", "b"])
    assert moved.terms[0].b * factor == pytest.approx(plain.terms[0].b, rel=1e-6, abs=1e-8)
    assert moved.p == pytest.approx(plain.p, rel=1e-6)
    assert moved.chances(X * [factor, 1] + [shift, 0]) == pytest.approx(plain.chances(X), abs=1e-7)
    turned = fit_ordinal(X, -y, ["a", "b"])
    assert [t.b for t in turned.terms] == pytest.approx([-t.b for t in plain.terms], rel=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(8, 20), st.floats(0.1, 100))
def test_small_and_ordered_cohorts_always_converge(seed, n, steep):
    """With few rows, grades in perfect order or many of them, estimates are there and finite."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = np.digitize(steep * X[:, 0] + rng.logistic(size=n), np.sort(steep * rng.normal(size=4)))
    assume(len(set(y)) > 1)
    result = fit_ordinal(X, y.astype(float), ["a", "b"])
    assert all(np.isfinite([term.b, term.se]).all() for term in result.terms)
    assert np.isfinite(result.chances(X)).all()
    values = [one.value for one in result.thresholds]
    assert values == sorted(values)


def test_chances_are_chances():
    """They sum to 1 in each row, also far outside of what was seen."""
    X, y = cohort(1)
    result = fit_ordinal(X, y, ["a", "b"])
    far = result.chances([[1e6, 50], [-1e6, 50], [0, 50]])
    assert far.sum(axis=1) == pytest.approx(1.0)
    assert far[0] == pytest.approx([0, 0, 0, 0, 1])
    assert far[1] == pytest.approx([1, 0, 0, 0, 0])


def test_missing_and_unseen_are_said():
    """Rows without a value are counted, grades that nobody has are named."""
    X, y = cohort(1)
    X[0, 0], y[1] = np.nan, np.nan
    y[y == 2] = 1
    result = fit_ordinal(X, y, ["a", "b"], scale=range(6))
    assert (result.n, result.n_missing) == (78, 2)
    assert result.unseen == (2.0, 5.0)
    assert [one.name for one in result.thresholds] == ["0|1", "1|3", "3|4"]
    assert any("2, 5" in warning for warning in result.warnings)
    json.dumps(result.as_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("X", "y", "names", "settings", "message"),
    [
        ([[1.0], [1.0], [1.0]], [0, 1, 2], ["a"], {}, "constant"),
        ([[1.0], [2.0], [3.0]], [1, 1, 1], ["a"], {}, "1 grade is seen"),
        ([[1.0], [2.0], [3.0]], [0, 1, 7], ["a"], {"scale": [0, 1, 2]}, "found 7"),
        ([[1.0, 2.0]] * 2, [0, 1], ["a", "b"], {}, "3 coefficients"),
        ([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [5.0, 10.0]], [0, 1, 0, 1], ["a", "b"], {},
         "determine each other"),
        ([[1.0], [2.0], [3.0]], [0, 1, 1], ["a"], {"weights": [1, 0, 1]}, "above 0"),
        ([[1.0], [2.0], [3.0]], [0, 1, 1], ["a"], {"method": "bayes"}, "jeffreys, ml"),
        ([[1.0], [2.0], [np.inf]], [0, 1, 1], ["a"], {}, "finite"),
        ([[1.0], [2.0], [3.0]], [0, 1, 1], ["a", "b"], {}, "names"),
    ],
)  # fmt: skip
def test_unfit_data_are_refused(X, y, names, settings, message):
    """What cannot be fitted is an error that says why."""
    with pytest.raises(StatisticsError, match=message):
        fit_ordinal(X, y, names, **settings)
