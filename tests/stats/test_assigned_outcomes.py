"""Worst and best case against a refit of every way to give the lost an outcome."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.assigned_outcomes import assign_outcomes, refit_assigned
from myocohort.stats.firth import fit_firth
from myocohort.stats.logistic import fit_ml

NAMES = ["a", "b"]


def study(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 30 patients with an outcome and 5 without one, two yes/no terms."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 2, (30, 2)).astype(float)
    y = (rng.random(30) < 0.2 + 0.5 * X[:, 0]).astype(float)
    return X, y, rng.integers(0, 2, (5, 2)).astype(float)


def every_way(
    X: np.ndarray, y: np.ndarray, others: np.ndarray
) -> list[tuple[tuple[int, ...], list[float], list[float]]]:
    """Fit each way: outcomes of the others, log odds ratios, p."""
    found = []
    for way in product((0, 1), repeat=len(others)):
        model = fit_firth(np.vstack((X, others)), np.append(y, way), NAMES)
        terms = model.terms[1:]
        found.append((way, [t.b for t in terms], [t.p["lrt"] for t in terms]))
    return found


@settings(max_examples=6)
@given(st.integers(0, 10**6))
def test_extremes_and_counts_are_those_of_all_ways(seed):
    """Smallest and largest odds ratio, ways below the level, and the fewest that turn it."""
    X, y, others = study(seed)
    try:
        found = assign_outcomes(X, y, NAMES, others)
    except StatisticsError:
        return
    ways = every_way(X, y, others)
    whole = fit_firth(X, y, NAMES)
    assert found.exhaustive
    assert found.ways == len(ways) == 32
    for column, extremes in enumerate(found.terms):
        b = [way[1][column] for way in ways]
        assert extremes.lowest.model.terms[column + 1].b == pytest.approx(min(b), abs=1e-7)
        assert extremes.highest.model.terms[column + 1].b == pytest.approx(max(b), abs=1e-7)
        first = whole.terms[column + 1]
        sign = 1 if first.b >= 0 else -1
        below = [p[column] < 0.05 and c[column] * sign > 0 for _, c, p in ways]
        assert extremes.ways_below == sum(below)
        assert extremes.holds == (first.p["lrt"] < 0.05)
        speak = [
            sum(bool(outcome) == (row[column] == (sign > 0))
                for outcome, row in zip(way, others, strict=True))
            for way, *_ in ways
        ]  # fmt: skip
        counted = [
            5 - n if extremes.holds else n
            for n, is_below in zip(speak, below, strict=True)
            if is_below != extremes.holds
        ]
        assert extremes.fewest == min(counted, default=None)


def test_all_and_none():
    """The assignments that are the same for all are those fits."""
    X, y, others = study(2)
    found = assign_outcomes(X, y, NAMES, others)
    for assigned, outcome in ((found.all_events, 1.0), (found.no_events, 0.0)):
        model = fit_firth(np.vstack((X, others)), np.append(y, [outcome] * 5), NAMES)
        assert (assigned.model.n, assigned.model.events) == (35, model.events)
        assert assigned.model.terms[1].b == pytest.approx(model.terms[1].b, abs=1e-9)
    ml = refit_assigned(X, y, NAMES, found, found.all_events, fit_ml)
    other = fit_ml(np.vstack((X, others)), np.append(y, [1.0] * 5), NAMES)
    assert ml.terms[1].b == pytest.approx(other.terms[1].b, abs=1e-9)


def test_the_rule_is_used_where_there_are_too_many_ways():
    """By the rule the extremes are exposed against unexposed, and a fewest can be checked."""
    X, y, others = study(2)
    every = assign_outcomes(X, y, NAMES, others)
    rule = assign_outcomes(X, y, NAMES, others, most=1)
    assert not rule.exhaustive
    assert rule.method != every.method
    for exact, found in zip(every.terms, rule.terms, strict=True):
        assert found.ways_below is None
        assert found.holds == exact.holds
        column = rule.terms.index(found)
        low, high = (e.model.terms[column + 1].b for e in (exact.lowest, exact.highest))
        assert low - 1e-9 <= found.lowest.model.terms[column + 1].b
        assert found.highest.model.terms[column + 1].b <= high + 1e-9
        if found.fewest is not None:
            assert exact.fewest is not None
            assert found.fewest >= exact.fewest


def test_a_missing_term_cannot_be_assigned():
    """Rows with a missing value are counted; with nobody left it is an error."""
    X, y, others = study(2)
    others[0, 1] = np.nan
    found = assign_outcomes(X, y, NAMES, others)
    assert (found.n_missing, sum(found.sizes)) == (1, 4)
    others[:, 0] = np.nan
    with pytest.raises(StatisticsError, match="none of the patients"):
        assign_outcomes(X, y, NAMES, others)


def test_swapping_the_outcome_inverts_the_odds_ratios():
    """The lowest of one outcome is the inverse of the highest of its opposite."""
    X, y, others = study(9)
    one, other = (assign_outcomes(X, of, NAMES, others) for of in (y, 1 - y))
    for column in range(2):
        low = one.terms[column].lowest.model.terms[column + 1].b
        high = other.terms[column].highest.model.terms[column + 1].b
        assert low == pytest.approx(-high, abs=1e-7)
        assert one.terms[column].fewest == other.terms[column].fewest
