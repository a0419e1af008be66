"""Separation: kinds, directions, the proof of overlap."""

from __future__ import annotations

import numpy as np
import pytest
from firthmodels import detect_separation as oracle
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.design import make_design
from myocohort.stats.logistic import fit_ml
from myocohort.stats.separation import (
    detect_separation,
    find_separation,
    proven_maximum,
    separable_patterns,
)


def test_overlap_is_none():
    """Data that overlap have finite estimates, and the likelihood proves it."""
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    assert detect_separation(X, [0, 1, 0, 1], ["a"]).kind == "none"
    assert proven_maximum(make_design(X, [0, 1, 0, 1], ["a"])) is not None


@pytest.mark.parametrize("sign", [1, -1])
def test_directions_turn_with_the_term(sign):
    """A term that separates completely takes the intercept with it the other way."""
    X = sign * np.arange(-3.0, 4.0, 2.0)[:, np.newaxis]
    result = detect_separation(X + 7, X[:, 0] * sign > 0, ["CK"])
    assert result.kind == "complete"
    assert result.directions == {"CK": sign, "(Intercept)": -sign}


def test_quasi_complete_names_only_what_runs_away():
    """One empty cell: its term is infinite, the rest of the model is finite."""
    X = np.array([[1, 1], [1, 2], [0, 1], [0, 1], [0, 2], [0, 2], [0, 3], [0, 3]], dtype=float)
    result = detect_separation(X, [1, 1, 0, 1, 1, 0, 0, 1], ["NV", "grade"])
    assert result.kind == "quasi-complete"
    assert result.directions == {"NV": 1}


def test_an_empty_reference_cell_takes_the_intercept_along():
    """No event without the term: the intercept runs down as the term runs up."""
    X = np.array([[0.0]] * 5 + [[1.0]] * 6)
    result = detect_separation(X, [0] * 5 + [0, 1] * 3, ["ILD"])
    assert result.kind == "quasi-complete"
    assert result.directions == {"(Intercept)": -1, "ILD": 1}


@pytest.mark.parametrize("seed", range(60))
def test_agrees_with_firthmodels(seed):
    """Whether anything separates, and every direction that firthmodels names, is the same.

    Signs are compared where the data fix them. firthmodels misses some: see the next test.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 2, (16, 3)).astype(float), rng.random(16) < 0.3
    design = make_design(X, y, ["a", "b", "c"])
    expected = oracle(X, y)
    finding = find_separation(design)
    assert (finding.separation.kind != "none") == expected.separation
    order = ["a", "b", "c", "(Intercept)"]  # firthmodels has the intercept last
    for name, sign in zip(order, expected.directions, strict=True):
        if sign and name not in finding.undetermined:
            assert finding.separation.directions[name] == sign


# the intercept and a, with c, separate different rows; a linear program that keeps every
# coefficient within -1 and 1 (firthmodels 0.8.2, detectseparation) uses c and the intercept up
# and calls a finite
THREE_AT_ONCE = np.array(
    [[1, 0, 1, 1]] * 2
    + [[1, 0, 1, 0]]
    + [[1, 1, 1, 1]] * 3
    + [[1, 1, 1, 0]] * 5
    + [[1, 1, 0, 0]] * 2
    + [[0, 1, 1, 0]]
)


def test_directions_that_share_a_coefficient_are_all_found():
    """Three coefficients run away together, as Newton steps by hand show; one is finite."""
    X, y = THREE_AT_ONCE[:, :3].astype(float), THREE_AT_ONCE[:, 3]
    result = detect_separation(X, y, ["a", "b", "c"])
    assert result.directions == {"(Intercept)": -1, "a": 1, "c": 1}
    design = np.column_stack([np.ones(len(X)), X])
    beta, path = np.zeros(4), []
    for _ in range(20):
        risk = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ ((risk * (1 - risk))[:, np.newaxis] * design)
        beta = beta + np.linalg.solve(information, design.T @ (y - risk))
        path.append(beta)
    moved = path[19] - path[9]  # ten steps of about one each, two for the intercept
    np.testing.assert_allclose(moved, [-20, 10, 0, 10], atol=0.01)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(10, 40))
def test_the_proof_of_overlap_never_contradicts_the_linear_program(seed, n):
    """Where the linear program separates something, no proof of the contrary is found."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 2, n), rng.normal(size=(n, 2))])
    y = (rng.random(n) < 1 / (1 + np.exp(1 - 3 * X[:, 1]))).astype(float)
    try:
        design = make_design(X, y, ["a", "b", "c"])
    except StatisticsError:
        assume(False)
    separable = separable_patterns(design.X, design.trials, design.events)
    if separable.any():
        assert proven_maximum(design) is None


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_a_named_direction_really_separates(seed):
    """Flipping the outcome flips every direction that the data fix, and keeps the kind."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 3, (12, 2)).astype(float)
    y = (X[:, 0] + rng.normal(0, 0.4, 12) > 1).astype(float)
    try:
        one = find_separation(make_design(X, y, ["a", "b"]))
    except StatisticsError:
        assume(False)
    other = find_separation(make_design(X, 1 - y, ["a", "b"]))
    assert one.separation.kind == other.separation.kind
    assert set(one.undetermined) == set(other.undetermined)
    for name, sign in one.separation.directions.items():
        if name not in one.undetermined:
            assert other.separation.directions[name] == -sign


def test_weights_and_missing_rows_are_taken_into_account():
    """A row that breaks the separation counts only if it has weight and is complete."""
    X = np.array([[0.0], [0.0], [1.0], [1.0], [1.0]])
    y = [0, 1, 1, 1, 0]
    assert detect_separation(X, y, ["a"]).kind == "none"
    result = detect_separation(X, y, ["a"], weights=[1, 1, 1, 1, 0])
    assert (result.kind, result.directions) == ("quasi-complete", {"a": 1})
    X[4] = np.nan
    assert detect_separation(X, y, ["a"]).directions == {"a": 1}


@pytest.mark.parametrize("overlap", [1e-2, 1e-4])
def test_a_hair_of_overlap_is_no_separation(overlap):
    """Two rows the wrong way round by a hair leave estimates large but finite."""
    x = np.array([-3.0, -2.0, -1.0, overlap, 0.0, 1.0, 2.0, 3.0])[:, np.newaxis]
    y = [0, 0, 0, 0, 1, 1, 1, 1]
    assert detect_separation(x, y, ["CK"]).kind == "none"
    term = fit_ml(x, y, ["CK"]).terms[1]
    assert 1 < term.b < 1e6
    x[3] = -overlap
    assert detect_separation(x, y, ["CK"]).kind == "complete"
