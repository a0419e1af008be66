"""Models in imputed data: separation is said, and infinity is never averaged into a number."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from nhanes_data import nhanes2

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.impute_fit import impute_fit
from myocohort.stats.logistic import fit_ml
from myocohort.stats.pooling import pool_chi_square, pool_estimates

NA = None


def cohort(seed: int, n: int = 60, gone: float = 0.2) -> dict[str, list[object]]:
    """Return an outcome with a binary, a numeric and a categorical term, some missing."""
    rng = np.random.default_rng(seed)
    ild, age = rng.integers(0, 2, n), rng.normal(50, 12, n)
    site = rng.choice(["a", "b", "c"], n)
    risk = 1 / (1 + np.exp(-(ild - 0.5 + (age - 50) / 20)))
    columns = {
        "y": (rng.random(n) < risk).astype(int).tolist(),
        "ILD": ild.tolist(),
        "age": age.tolist(),
        "site": site.tolist(),
    }
    return {
        name: [None if name != "y" and rng.random() < gone else v for v in column]
        for name, column in columns.items()
    }


@pytest.fixture(scope="module")
def by_ml():
    """The example of mice, by maximum likelihood."""
    return impute_fit(
        nhanes2(),
        "hyp",
        ["age", "bmi"],
        auxiliary=["chl"],
        m=20,
        seed=1,
        method="ml",
        missing_outcome="impute",
    )


@pytest.fixture(scope="module")
def by_firth():
    """The same by Firth."""
    return impute_fit(
        nhanes2(),
        "hyp",
        ["age", "bmi"],
        auxiliary=["chl"],
        m=20,
        seed=1,
        missing_outcome="impute",
    )


def test_nhanes2_separation_is_reported_and_not_pooled(by_ml):
    """R: summary(pool(with(mice(nhanes2, m = 20, seed = 1), glm(hyp ~ age + bmi, binomial))))
    prints age40-59 b = 14.10, SE 2881.45, p = .996; here it has no such number.
    """
    terms = {term.name: term for term in by_ml.terms}
    for name in ("(Intercept)", "age=40-59", "age=60-99"):
        term = terms[name]
        assert (term.b, term.se, term.odds_ratio) == (None, None, None)
        assert (term.ci["wald"], term.p["wald"], term.df) == (None, None, None)
        assert 0 < term.infinite_in <= by_ml.separated_sets < 20
    assert terms["age=40-59"].highest == math.inf
    assert math.isfinite(terms["age=40-59"].lowest)
    assert terms["bmi"].infinite_in == 0
    assert math.isfinite(terms["bmi"].se)
    said = next(w for w in by_ml.warnings if w.startswith("separation in"))
    assert f"separation in {by_ml.separated_sets} of 20 imputed sets" in said
    assert "age=40-59 to +infinity" in said
    assert "They are not pooled" in said
    assert [s.kind for s in by_ml.separation].count("none") == 20 - by_ml.separated_sets
    # the likelihood-ratio test of age stays possible
    assert 0 < by_ml.tests[0].p <= 1
    json.dumps(by_ml.as_dict(), allow_nan=False)


def test_firth_is_finite_in_every_set_of_nhanes2(by_firth):
    """Firth's estimates are pooled, with separation still said and the kind of SE named."""
    for term in by_firth.terms:
        assert term.infinite_in == 0
        assert 0 < term.se < 20
        assert 0 < term.fraction_missing_information < 1
        assert term.lowest <= term.b <= term.highest
        assert term.ci["wald"].low < term.odds_ratio < term.ci["wald"].high
    assert any("rest on Firth's penalty" in w for w in by_firth.warnings)
    assert "SE of the augmented data, as logistf" in by_firth.method
    assert (by_firth.n, by_firth.n_missing, by_firth.m, by_firth.seed) == (25, 0, 20, 1)
    assert by_firth.pattern.outcome == "hyp"
    assert by_firth.complete_cases.n == 16
    assert by_firth.complete_cases.separation.kind == "quasi-complete"


def test_an_estimate_that_is_infinite_in_every_set_is_printed_as_infinite():
    """Rows without outcome left out, all sets separate: b is infinite and has nothing beside."""
    result = impute_fit(nhanes2(), "hyp", ["age", "bmi"], m=5, seed=1, method="ml")
    term = {term.name: term for term in result.terms}["age=40-59"]
    assert (term.b, term.odds_ratio, term.se, term.infinite_in) == (math.inf, math.inf, None, 5)
    assert result.as_dict()["terms"][1]["b"] == "inf"
    assert (result.n, result.n_missing) == (17, 8)
    assert "8 rows have no outcome: they inform the imputation" in result.warnings[0]


@pytest.mark.parametrize(("method", "fit"), [("firth", fit_firth), ("ml", fit_ml)])
def test_without_missing_values_the_plain_fit_comes_back(method, fit):
    """Equal sets pool to the fit itself; its Wald p would use the normal instead of t."""
    frame = cohort(1, gone=0.0)
    result = impute_fit(frame, "y", ["ILD", "age"], m=3, seed=1, method=method)
    plain = fit(np.column_stack((frame["ILD"], frame["age"])), frame["y"], ["ILD", "age"])
    for term, expected in zip(result.terms, plain.terms, strict=True):
        assert term.b == pytest.approx(expected.b, rel=1e-9)
        assert term.se == pytest.approx(expected.se, rel=1e-9)
        assert term.between == pytest.approx(0.0, abs=1e-20)
    for test, expected in zip(result.tests, plain.terms[1:], strict=True):
        assert test.p == pytest.approx(expected.p["lrt"], rel=1e-6)
    assert result.p == pytest.approx(plain.p, rel=1e-9)
    assert result.warnings[0].startswith("nothing is missing")


def test_pooled_terms_are_rubins_of_the_fits_in_each_set():
    """Fitting the imputed sets by hand and pooling them gives the same rows."""
    from myocohort.stats.mice import impute

    frame = cohort(2)
    result = impute_fit(frame, "y", ["ILD", "age"], auxiliary=["site"], m=4, seed=5)
    sets = impute(frame, ["y", "ILD", "age", "site"], m=4, seed=5)
    fits = []
    for number in range(4):
        complete = sets.completed(number)
        X = np.column_stack((complete["ILD"], complete["age"]))
        fits.append(fit_firth(X, complete["y"], ["ILD", "age"]))
    for i, term in enumerate(result.terms):
        pooled = pool_estimates(
            [fit.terms[i].b for fit in fits],
            [fit.terms[i].se ** 2 for fit in fits],
            complete_df=60 - 3,
        )
        assert (term.b, term.se, term.df) == pytest.approx((pooled.estimate, pooled.se, pooled.df))
        assert term.p["wald"] == pytest.approx(pooled.p)
        assert math.log(term.ci["wald"].low) == pytest.approx(pooled.interval.low)
    overall = pool_chi_square([fit.statistic for fit in fits], 2)
    assert (result.statistic, result.p) == pytest.approx((overall.statistic, overall.p))


def test_a_categorical_term_is_tested_as_a_whole():
    """Three sites make two terms and one test with two degrees of freedom."""
    result = impute_fit(cohort(3), "y", ["site", "age"], m=3, iterations=3, seed=1)
    assert [term.name for term in result.terms] == ["(Intercept)", "site=b", "site=c", "age"]
    assert [test.df for test in result.tests] == [2, 1]
    method = {v.name: v.method for v in result.variables}["site"]
    assert method == "Bayesian multinomial logistic regression, normal priors"


def test_a_data_frame_and_two_numbers_other_than_0_and_1():
    """A DataFrame is a frame too; a binary term coded 1, 2 keeps its slope and shifts the
    intercept only.
    """
    frame = cohort(4)
    coded = dict(frame, ILD=[None if v is None else v + 1 for v in frame["ILD"]])
    first = impute_fit(pd.DataFrame(frame), "y", ["ILD"], m=3, iterations=3, seed=1)
    second = impute_fit(coded, "y", ["ILD"], m=3, iterations=3, seed=1)
    assert second.terms[1].name == "ILD"
    assert second.terms[1].b == pytest.approx(first.terms[1].b, rel=1e-8)
    assert second.terms[0].b == pytest.approx(first.terms[0].b - first.terms[1].b, rel=1e-6)


def test_complete_cases_that_cannot_be_fitted_say_why():
    """Nobody may be complete; the imputed analysis still answers, and the reason is kept."""
    frame = cohort(6, gone=0.0)
    frame["ILD"] = [None if i % 2 else v for i, v in enumerate(frame["ILD"])]
    frame["age"] = [v if i % 2 else None for i, v in enumerate(frame["age"])]
    result = impute_fit(frame, "y", ["ILD", "age"], m=3, iterations=3, seed=1)
    assert result.complete_cases is None
    assert "no row is complete" in result.complete_cases_reason


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: impute_fit(cohort(1), "y", [], seed=1), "at least one term"),
        (lambda: impute_fit(cohort(1), "y", ["CK"], seed=1), "no column 'CK'"),
        (lambda: impute_fit(cohort(1), "y", ["y"], seed=1), "found 'y' twice"),
        (lambda: impute_fit(cohort(1), "y", ["age"], seed=1, method="exact"), "method is one of"),
        (lambda: impute_fit(cohort(1), "y", ["age"], seed=1, level=95), "confidence level"),
        (lambda: impute_fit(cohort(1), "age", ["ILD"], seed=1), "outcome 'age' is 0 or 1"),
        (lambda: impute_fit(cohort(1), "site", ["ILD"], seed=1), "outcome 'site' is 0 or 1"),
        (
            lambda: impute_fit(cohort(1), "y", ["age"], seed=1, missing_outcome="guess"),
            "delete or impute",
        ),
        (lambda: impute_fit({"y": [1, 1, NA], "x": [1, 2, 3]}, "y", ["x"], seed=1), "the same in"),
        (lambda: impute_fit({"y": [NA, NA], "x": [1, 2]}, "y", ["x"], seed=1), "has no value"),
        (
            lambda: impute_fit({"y": [1, 0, 1], "x": ["a", "a", NA]}, "y", ["x"], seed=1),
            "constant: 'x'",
        ),
        (
            lambda: impute_fit(
                dict(cohort(1), copy=cohort(1, gone=0.0)["y"], age=cohort(1, gone=0.0)["y"]),
                "y",
                ["copy", "age"],
                seed=1,
            ),
            "imputed set 1 of 20 cannot be fitted.*determined by",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused(call, message):
    """Each impossible request ends with a message that names it."""
    with pytest.raises(StatisticsError, match=message):
        call()
