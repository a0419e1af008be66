"""Worst and best case: a model with the outcomes that patients without one may have had."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray, as_matrix, as_vector, distinct_rows
from myocohort.stats.firth import fit_firth
from myocohort.stats.likelihood import risks
from myocohort.stats.result import P_OF_INTERVAL, ModelResult

MOST_WAYS = 500
"""Different assignments up to which all are tried; fewer where each fit takes long."""
MANY_ROWS = 500
MOST_WAYS_OF_MANY = 40
FAMILY = "profile"
EXHAUSTIVE = "every assignment of an outcome to the patients without one"
BY_RULE = (
    "assignments by a rule: outcomes that speak for the term, or against it, to all who have more "
    "or less of the term than the mean"
)

Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A model with outcomes assigned to those without one.

    Parameters
    ----------
    events
        How many of each kind of patients were assigned the event.
    model
        Firth's, with profile limits.
    """

    events: tuple[int, ...]
    model: ModelResult


@dataclass(frozen=True, slots=True)
class Extremes:
    """How far the odds ratio of one term can be moved.

    Parameters
    ----------
    lowest, highest
        The assignments with the smallest and the largest odds ratio, of all or by the rule.
    exposed
        Which kinds of the patients without an outcome have more of the term than the mean of
        those with one: of a yes/no term, those who have it.
    holds
        Whether p is below the level without those patients.
    fewest
        Where it holds: the fewest of them whose outcome must speak against the term for p to be
        at the level or above, or the odds ratio on the other side of 1, all others speaking
        for it. Where it does not hold: the fewest that must speak for the term for p to fall
        below the level on the same side of 1, all others speaking against it. None where no
        assignment does so.
    ways_below
        Of all ways to give each of them an outcome, 2 to their number, how many have p below
        the level with the odds ratio on the same side of 1; None where not all were tried.
    """

    lowest: Assigned
    highest: Assigned
    exposed: tuple[bool, ...]
    holds: bool
    fewest: int | None
    ways_below: int | None


@dataclass(frozen=True, slots=True)
class AssignedOutcomes:
    """What patients without an outcome could do to a model.

    Parameters
    ----------
    method
        Whether every assignment was tried.
    exhaustive
        The same as a value.
    without
        Firth's model of those with an outcome.
    all_events, no_events
        All of the others assigned the event, or none of them.
    terms
        One for each term.
    kinds, sizes
        Terms of each kind of patients without an outcome, and how many it has.
    n_missing
        Patients without an outcome who cannot be assigned, because a term is missing.
    """

    method: str
    exhaustive: bool
    without: ModelResult
    all_events: Assigned
    no_events: Assigned
    terms: tuple[Extremes, ...]
    kinds: tuple[tuple[float, ...], ...]
    sizes: tuple[int, ...]
    n_missing: int

    @property
    def ways(self) -> int:
        """In how many ways the patients without an outcome can have one each."""
        return int(2 ** sum(self.sizes))


class _Rows:
    """The patients with an outcome, and each kind of those without one as two rows."""

    def __init__(self, X: FloatArray, y: FloatArray, kinds: FloatArray, names: Sequence[str]):
        known, index = distinct_rows(np.column_stack((X, y)))
        self._counts = np.bincount(index).astype(np.float64)
        self._terms = np.concatenate((known[:, :-1], kinds, kinds))
        self._outcome = np.concatenate((known[:, -1], np.ones(len(kinds)), np.zeros(len(kinds))))
        self._names = names

    def weights(self, events: Counts, sizes: Counts) -> FloatArray:
        """Return how many patients each row stands for."""
        return np.concatenate((self._counts, events, sizes - events))

    def fit(
        self, events: Counts, sizes: Counts, fit: Callable[..., ModelResult] = fit_firth
    ) -> ModelResult:
        """Fit the model with so many events of each kind."""
        weights = self.weights(events, sizes)
        return fit(self._terms, self._outcome, self._names, weights=weights)

    def __len__(self) -> int:
        return len(self._terms)


def assign_outcomes(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    others: ArrayLike,
    *,
    level: float = 0.05,
    most: int | None = None,
) -> AssignedOutcomes:
    """Refit a model with every outcome that patients without one may have had.

    Patients who are equal in all terms are interchangeable, so that assignments differ only in
    how many of each kind have the event. Where these are at most `most`, all are fitted by
    Firth's method, and the extremes are exact. Otherwise the extremes are by a rule (`BY_RULE`),
    which need not be the furthest, and the fewest patients are found along one order, those with
    the most influence first.

    Parameters
    ----------
    X, y, names
        Terms, outcome (0 or 1) and names of the patients with an outcome, as for `fit_firth`.
    others
        Terms of the patients without an outcome; rows with NaN cannot be assigned and are
        counted.
    level
        Below which p counts as small; the convention, not a property of the data.
    most
        Different assignments up to which all are fitted; by default `MOST_WAYS`, or
        `MOST_WAYS_OF_MANY` where there are more than `MANY_ROWS` different patients.

    Raises
    ------
    StatisticsError
        If the model of those with an outcome cannot be fitted, or none of the others has all
        terms.
    """
    terms = as_matrix(X)
    outcome = as_vector(y, "the outcome", len(terms))
    without = fit_firth(terms, outcome, names)
    complete = ~(np.isnan(terms).any(axis=1) | np.isnan(outcome))
    terms, outcome = terms[complete], outcome[complete]
    unknown = as_matrix(others)
    known = ~np.isnan(unknown).any(axis=1)
    if not known.any():
        raise StatisticsError("none of the patients without an outcome has all terms")
    kinds, index = distinct_rows(unknown[known])
    sizes = np.bincount(index)
    rows = _Rows(terms, outcome, kinds, names)
    if most is None:
        most = MOST_WAYS if len(rows) <= MANY_ROWS else MOST_WAYS_OF_MANY
    different = math.prod(int(size) + 1 for size in sizes)
    exposed = kinds > terms.mean(axis=0)
    found: list[Extremes]
    if different <= most:
        every = [Assigned(events, rows.fit(np.array(events), sizes)) for events in _ways(sizes)]
        found = [
            _of_all(every, column, exposed[:, column], sizes, without, level)
            for column in range(terms.shape[1])
        ]
    else:
        influence = np.abs(_influence(terms, kinds, without))
        found = [
            _by_rule(rows, column, exposed[:, column], sizes, influence[:, column], without, level)
            for column in range(terms.shape[1])
        ]
    return AssignedOutcomes(
        method=EXHAUSTIVE if different <= most else BY_RULE,
        exhaustive=different <= most,
        without=without,
        all_events=_assigned(rows, sizes, sizes),
        no_events=_assigned(rows, np.zeros_like(sizes), sizes),
        terms=tuple(found),
        kinds=tuple(tuple(float(value) for value in kind) for kind in kinds),
        sizes=tuple(int(size) for size in sizes),
        n_missing=int((~known).sum()),
    )


def refit_assigned(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    found: AssignedOutcomes,
    assigned: Assigned,
    fit: Callable[..., ModelResult],
) -> ModelResult:
    """Fit another model to one assignment.

    Parameters
    ----------
    X, y, names
        As they were given to `assign_outcomes`.
    found, assigned
        What it returned, and one of its assignments.
    fit
        As `fit_ml`.

    Raises
    ------
    StatisticsError
        If the model cannot be fitted.
    """
    terms = as_matrix(X)
    outcome = as_vector(y, "the outcome", len(terms))
    complete = ~(np.isnan(terms).any(axis=1) | np.isnan(outcome))
    rows = _Rows(terms[complete], outcome[complete], np.array(found.kinds), names)
    return rows.fit(np.array(assigned.events), np.array(found.sizes), fit)


def _ways(sizes: Counts) -> Iterator[tuple[int, ...]]:
    return product(*(range(int(size) + 1) for size in sizes))


def _assigned(rows: _Rows, events: Counts, sizes: Counts) -> Assigned:
    return Assigned(tuple(int(number) for number in events), rows.fit(events, sizes))


def _numbers(model: ModelResult, column: int) -> tuple[float, float]:
    """Return log odds ratio and penalised likelihood-ratio p of a term."""
    term = model.terms[column + 1]
    p = term.p[P_OF_INTERVAL[FAMILY]]
    return term.b, math.nan if p is None else p


def _of_all(
    every: Sequence[Assigned],
    column: int,
    exposed: NDArray[np.bool_],
    sizes: Counts,
    without: ModelResult,
    level: float,
) -> Extremes:
    b, p = np.array([_numbers(assigned.model, column) for assigned in every]).T
    b_without, p_without = _numbers(without, column)
    sign = math.copysign(1.0, b_without)
    events = np.array([assigned.events for assigned in every])
    holds = (p < level) & (np.sign(b) == sign)
    speaks_for = np.where(exposed == (sign > 0), events, sizes - events).sum(axis=1)
    verdict = p_without < level
    counted = sizes.sum() - speaks_for[~holds] if verdict else speaks_for[holds]
    below = sum(
        math.prod(math.comb(int(size), int(k)) for size, k in zip(sizes, way, strict=True))
        for way in events[holds]
    )
    return Extremes(
        lowest=every[int(b.argmin())],
        highest=every[int(b.argmax())],
        exposed=tuple(bool(value) for value in exposed),
        holds=verdict,
        fewest=int(counted.min()) if len(counted) else None,
        ways_below=below,
    )


def _by_rule(
    rows: _Rows,
    column: int,
    exposed: NDArray[np.bool_],
    sizes: Counts,
    influence: FloatArray,
    without: ModelResult,
    level: float,
) -> Extremes:
    """Move patients one after another from one extreme of the rule to the other."""
    b_without, p_without = _numbers(without, column)
    sign = math.copysign(1.0, b_without)
    verdict = p_without < level
    up = np.where(exposed, sizes, 0)  # events where all push the odds ratio up
    down = sizes - up
    start, end = (up, down) if (sign > 0) == verdict else (down, up)
    order = np.argsort(-influence, kind="stable")

    def moved(number: int) -> Counts:
        """Return the events when so many patients have changed, those of most influence first."""
        events = start.copy()
        before = np.cumsum(sizes[order]) - sizes[order]
        changed = np.clip(number - before, 0, sizes[order])
        events[order] += np.sign(end[order] - start[order]) * changed
        return events

    def holds(number: int) -> bool:
        b, p = _numbers(rows.fit(moved(number), sizes), column)
        return p < level and math.copysign(1.0, b) == sign

    total, fewest = int(sizes.sum()), None
    if holds(total) != verdict:
        low, high = -1, total  # at `high` the verdict is the other one
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) != verdict else (middle, high)
        fewest = high
    return Extremes(
        lowest=_assigned(rows, down, sizes),
        highest=_assigned(rows, up, sizes),
        exposed=tuple(bool(value) for value in exposed),
        holds=verdict,
        fewest=fewest,
        ways_below=None,
    )


def _influence(terms: FloatArray, kinds: FloatArray, model: ModelResult) -> FloatArray:
    """Return what one more event adds to each coefficient, to first order: I^-1 x."""
    centre, scale = terms.mean(axis=0), terms.std(axis=0)
    b = np.array([term.b for term in model.terms])
    risk = risks(b[0] + terms @ b[1:])
    columns = np.column_stack((np.ones(len(terms)), (terms - centre) / scale))
    inverse = np.linalg.inv((columns.T * (risk * (1.0 - risk))) @ columns)
    moved = np.column_stack((np.ones(len(kinds)), (kinds - centre) / scale)) @ inverse
    return np.asarray(moved[:, 1:] / scale, dtype=np.float64)
