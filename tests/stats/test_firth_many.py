"""Many Firth fits at once: the very estimates of one fit at a time, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.firth_many import fit_firth_many


def resampled(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a small study, bootstrap weights and terms chosen at random."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(15, 50)), int(rng.integers(1, 8))
    kinds = (
        lambda: rng.integers(0, 2, n),
        lambda: rng.integers(1990, 2025, n),
        lambda: rng.lognormal(6, 1.5, n),
    )
    X = np.column_stack([kinds[int(rng.integers(0, 3))]() for _ in range(p)]).astype(float)
    y = (rng.random(n) < 0.35).astype(float)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=12)
    return X, y, weights, rng.random((12, p)) < 0.7


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_estimates_are_those_of_one_fit_at_a_time(seed):
    """Each resample gives the coefficients of fit_firth, or fails where fit_firth refuses."""
    X, y, weights, columns = resampled(seed)
    found, converged = fit_firth_many(X, y, weights, columns)
    for b, arrived, counts, inside in zip(found, converged, weights, columns, strict=True):
        if not inside.any():
            continue
        names = [f"x{i}" for i in np.flatnonzero(inside)]
        try:
            one = fit_firth(X[:, inside], y, names, weights=counts, profile=False)
        except StatisticsError:
            assert not arrived
            assert np.isnan(b).all()
            continue
        assert arrived
        assert (b[1:][~inside] == 0).all()
        np.testing.assert_allclose(
            b[np.append(True, inside)], [t.b for t in one.terms], rtol=1e-7, atol=1e-9
        )


# R 4.2.2, brglm2: glm(refractory ~ male + severe + ILD, binomial, method = brglmFit)
# (../shared/references/statistics.md, "The reference study's own model")
def test_reference_study():
    """The reference study's coefficients are brglm2's, from its rows with weights of 1."""
    X, y, weights = grouped(joint_tables()[0])
    found, converged = fit_firth_many(X, y, weights[np.newaxis])
    assert converged.all()
    np.testing.assert_allclose(found[0, 1:], [2.416769, 1.670357, 2.998711], rtol=1e-6)
    assert len(found[0]) == len(NAMES) + 1


def test_without_terms_the_intercept_is_that_of_one_half_added():
    """The intercept alone is log((events + 1/2) / (others + 1/2)) (Firth 1993)."""
    X, y = np.arange(10.0)[:, np.newaxis], np.repeat([1.0, 0.0], [3, 7])
    found, converged = fit_firth_many(X, y, np.ones((1, 10), dtype=int), np.array([[False]]))
    assert converged.tolist() == [True]
    assert found[0] == pytest.approx([math.log(3.5 / 7.5), 0.0])


def test_what_cannot_be_fitted_is_marked():
    """Without events, with a constant or doubled term or too few rows a resample fails alone."""
    X = np.array([[0, 0, 1], [1, 1, 2], [0, 0, 4], [1, 1, 3], [0, 0, 5], [1, 1, 2.5]])
    y = np.array([0, 1, 1, 0, 0, 0])
    weights = np.array(
        [
            [1, 1, 1, 1, 1, 1],
            [2, 0, 0, 2, 2, 0],
            [2, 0, 2, 0, 2, 0],
            [1, 1, 1, 1, 1, 1],
            [1, 1] + [0] * 4,
        ]
    )
    columns = np.array([[1, 0, 1]] * 3 + [[1, 1, 1]] + [[1, 0, 1]], dtype=bool)
    found, converged = fit_firth_many(X, y, weights, columns)
    assert converged.tolist() == [True, False, False, False, False]
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[1.0], [math.nan], [0.0]]}, "missing or infinite"),
        ({"y": [0, 1, 2]}, "the outcome is 0 or 1; found 2"),
        ({"y": [0, 1]}, "the outcome has shape"),
        ({"X": [["a"], ["b"], ["c"]]}, "terms are numbers"),
        ({"weights": [["a", "b", "c"]]}, "whole numbers"),
        ({"weights": [[1, -1, 1]]}, "whole numbers"),
        ({"weights": [[1, 0.5, 1]]}, "whole numbers"),
        ({"weights": [1, 1, 1]}, "resamples by 3 rows"),
        ({"columns": [[True, True]]}, "1 resamples by 1 terms"),
    ],
)
def test_unfit_input_is_refused(change, message):
    """Shapes, missing values and weights that do not fit end with the rule."""
    good = {"X": [[1.0], [2.0], [0.0]], "y": [0, 1, 1], "weights": [[1, 1, 1]], "columns": None}
    with pytest.raises(StatisticsError, match=message):
        fit_firth_many(**(good | change))
