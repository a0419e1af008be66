"""Leave-one-out influence against refits one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.leave_one_out import leave_one_out, one_step
from myocohort.stats.logistic import fit_ml

FITS = {"firth": fit_firth, "ml": fit_ml}


def study(seed: int, n: int = 18) -> tuple[np.ndarray, np.ndarray]:
    """Return a small study with two yes/no terms and a number, a value of which is missing."""
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [rng.integers(0, 2, n), rng.integers(0, 2, n), rng.integers(20, 24, n)]
    ).astype(float)
    y = (rng.random(n) < 0.2 + 0.5 * X[:, 0]).astype(float)
    X[3, 2] = np.nan
    return X, y


@settings(max_examples=5)
@given(st.integers(0, 10**6))
def test_each_refit_is_that_of_the_other_patients(seed):
    """For every row: the very numbers of a fit without that row, or its very refusal."""
    X, y = study(seed)
    names = ["a", "b", "c"]
    try:
        found = leave_one_out(X, y, names)
    except StatisticsError:
        with pytest.raises(StatisticsError):
            fit_firth(X, y, names)
        return
    assert found.complete
    assert (found.n, found.n_missing) == (17, 1)
    assert sorted(row for refit in found.refits for row in refit.rows) == [
        row for row in range(18) if row != 3
    ]
    for refit in found.refits:
        for row in refit.rows:
            rest = np.arange(18) != row
            for method in found.whole:
                try:
                    model = FITS[method](X[rest], y[rest], names)
                except StatisticsError:
                    assert method in refit.errors
                    continue
                for change, term, whole in zip(
                    refit.terms[method], model.terms[1:], found.whole[method].terms[1:],
                    strict=True,
                ):  # fmt: skip
                    assert change.odds_ratio == pytest.approx(term.odds_ratio, rel=1e-6)
                    assert change.p == pytest.approx(term.p["lrt"], rel=1e-6, abs=1e-9)
                    if change.dfbeta is not None:
                        assert change.dfbeta == pytest.approx(whole.b - term.b, abs=1e-6)


def rows_of_reference() -> tuple[np.ndarray, np.ndarray]:
    """Return the 40 patients of the reference study's first joint table."""
    X, y, weights = grouped(joint_tables()[0])
    places = np.repeat(np.arange(len(y)), np.asarray(weights, dtype=int))
    return np.asarray(X, dtype=float)[places], np.asarray(y, dtype=float)[places]


def test_reference_study():
    """Each kind of patient is left out once; the whole model is that of the study."""
    X, y = rows_of_reference()
    found = leave_one_out(X, y, NAMES)
    assert found.n == found.n_refitted == 40
    assert len(found.refits) == len(np.unique(np.column_stack((X, y)), axis=0))
    whole = fit_firth(X, y, NAMES)
    assert [t.odds_ratio for t in found.whole["firth"].terms] == pytest.approx(
        [t.odds_ratio for t in whole.terms]
    )


def test_all_joint_tables_give_equal_patients_the_same_refit():
    """What leaving out one patient does depends on that patient's terms and outcome only."""
    refits: dict[tuple[object, ...], list[float]] = {}
    for table in joint_tables():
        X, y, weights = grouped(table)
        places = np.repeat(np.arange(len(y)), np.asarray(weights, dtype=int))
        found = leave_one_out(
            np.asarray(X)[places], np.asarray(y)[places], NAMES, methods=["firth"]
        )
        for refit in found.refits:
            ratios = [change.odds_ratio for change in refit.terms["firth"]]
            first = refits.setdefault((refit.values, refit.event), ratios)
            assert ratios == pytest.approx(first, rel=1e-9)
    assert len(refits) == 16


def test_separation_is_infinite_by_maximum_likelihood_and_finite_by_firth():
    """A patient whose loss separates the outcome has an infinite odds ratio and no dfbeta."""
    X = np.array([[0.0]] * 6 + [[1.0]] * 5)
    y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0], dtype=float)
    found = leave_one_out(X, y, ["exposed"])
    (alone,) = [refit for refit in found.refits if refit.values == (0.0,) and refit.event]
    (ml,) = alone.terms["ml"]
    assert (ml.odds_ratio, ml.dfbeta) == (math.inf, None)
    assert ml.p is not None
    (firth,) = alone.terms["firth"]
    assert math.isfinite(firth.odds_ratio)
    assert firth.dfbeta < 0


def test_without_the_only_event_there_is_no_model():
    """One event: leaving that patient out is refused with the reason, the others are fitted."""
    X = np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    found = leave_one_out(X, np.array([0, 0, 1, 0, 0.0]), ["exposed"])
    (event,) = [refit for refit in found.refits if refit.event]
    assert not event.terms
    assert "nobody" in event.errors["firth"]
    assert all(refit.terms for refit in found.refits if not refit.event)


def test_without_the_only_exposed_there_is_no_model():
    """A term that becomes constant is a reason, not a crash."""
    X = np.array([[0.0], [0.0], [1.0], [0.0], [0.0]])
    found = leave_one_out(X, np.array([0, 1, 1, 0, 0.0]), ["exposed"])
    (only,) = [refit for refit in found.refits if refit.values == (1.0,)]
    assert "constant" in only.errors["firth"]


def large() -> tuple[np.ndarray, np.ndarray]:
    """Return 300 patients with two numbers, one patient far from all others."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(300, 2))
    X[11] = (6.0, -5.0)
    y = (rng.random(300) < 1 / (1 + np.exp(-X[:, 0]))).astype(float)
    y[11] = 0.0
    return X, y


def test_of_many_kinds_the_most_influential_are_refitted():
    """The one-step choice finds those that exact refits of all find to move the terms most."""
    X, y = large()
    every = leave_one_out(X, y, ["a", "b"], methods=["firth"])
    some = leave_one_out(X, y, ["a", "b"], methods=["firth"], most=100, chosen=16)
    assert every.complete
    assert not some.complete
    assert "one-step" in some.method
    assert len(some.refits) == some.n_refitted <= 16
    for column in range(2):

        def size(refit, column=column):
            return abs(refit.terms["firth"][column].dfbeta)

        assert max(every.refits, key=size).rows == max(some.refits, key=size).rows


def test_one_step_is_near_the_refit():
    """Pregibon's approximation is within a fifth of the exact change for ordinary patients."""
    X, y = large()
    found = leave_one_out(X, y, ["a", "b"], methods=["ml"])
    moved = one_step(X, y, np.ones(300), found.whole["ml"])
    exact = np.empty((300, 2))
    for refit in found.refits:
        exact[list(refit.rows)] = [change.dfbeta for change in refit.terms["ml"]]
    ordinary = np.arange(300) != 11
    np.testing.assert_allclose(moved[ordinary], exact[ordinary], rtol=0.2, atol=2e-4)


def test_patients_in_another_order_change_nothing():
    """The refit of a patient does not depend on the place of the row."""
    X, y = study(5)
    order = np.random.default_rng(1).permutation(18)
    first, second = leave_one_out(X, y, ["a", "b", "c"]), leave_one_out(X[order], y[order], "abc")
    of = {(r.values, r.event): r for r in second.refits}
    for refit in first.refits:
        other = of[refit.values, refit.event]
        assert sorted(order[list(other.rows)]) == sorted(refit.rows)
        assert other.terms["firth"][0].odds_ratio == pytest.approx(
            refit.terms["firth"][0].odds_ratio, rel=1e-9
        )


def test_a_model_that_cannot_be_fitted_is_refused():
    """Nobody with the outcome."""
    with pytest.raises(StatisticsError):
        leave_one_out([[0.0], [1.0], [1.0]], [0, 0, 0], ["a"])
