"""Values of single patients that have a printed mean, SD and p value.

A seeded local search over the values that each patient may have. It is no proof: values that
are found are one solution among many, and where none is found the message says which printed
numbers are still missed. What can be shown to be impossible is said before the search starts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from myocohort.errors import RebuildError
from myocohort.papers.printed import Interval
from myocohort.papers.rebuild.ranks import Floats, mann_whitney_deviation, reachable

_ATTEMPTS = 30
_ROUNDS = 200
_BATCH = 96
_TIE_UNIT = 12.0
_FLOAT_SLACK = 1e-12
_REACH = np.array([-21, -13, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 13, 21])
_SHAKEN = 0.3  # share of the patients who start a second attempt elsewhere


@dataclass(frozen=True, slots=True)
class Sample:
    """One group of patients whose values are looked for.

    Parameters
    ----------
    name
        Of the variable and group, for messages.
    choices
        For each patient the values allowed, ascending.
    start
        Values to start from, one a patient; the nearest allowed ones are taken.
    mean, sd
        What the printed mean and SD (n - 1) stand for; None where none is printed.
    """

    name: str
    choices: tuple[Floats, ...]
    start: Floats
    mean: Interval | None = None
    sd: Interval | None = None

    @property
    def n(self) -> int:
        """Patients in the group."""
        return len(self.choices)


@dataclass(frozen=True, slots=True)
class Between:
    """What is printed of several samples together.

    Parameters
    ----------
    p
        Of the Mann-Whitney test of the first sample against the second.
    exact
        False: the asymptotic test, corrected for ties, without continuity correction (what
        SPSS prints as "Asymp. Sig. (2-tailed)"), and at least two patients share a value.
        True: the exact test, and no two patients of the two samples share a value.
    mean, sd
        Of all samples pooled.
    """

    p: Interval | None = None
    exact: bool = False
    mean: Interval | None = None
    sd: Interval | None = None


def quartile_values(
    n: int, quartiles: tuple[float, float, float], low: float, high: float, rng: np.random.Generator
) -> Floats:
    """Return n whole numbers with these quartiles under every usual definition, ascending.

    Every order statistic that a definition of a quartile uses (Hyndman & Fan 1996, types 1
    to 9, among them SPSS's weighted average and R's default) is given the quartile's value.

    Raises
    ------
    RebuildError
        When the quartiles do not ascend between `low` and `high`, or share an order statistic.
    """
    steps = (low, *quartiles, high)
    if any(a > b for a, b in itertools.pairwise(steps)):
        raise RebuildError(f"quartiles {quartiles} do not ascend between {low:g} and {high:g}")
    fixed: dict[int, float] = {}
    for share, value in zip((0.25, 0.5, 0.75), quartiles, strict=True):
        for position in range(math.floor(share * n) - 1, math.ceil(share * n) + 1):
            place = min(max(position, 0), n - 1)
            if fixed.setdefault(place, value) != value:
                raise RebuildError(f"{n} values are too few for the quartiles {quartiles}")
    values = np.empty(n)
    bounds = [(-1, low), *sorted(fixed.items()), (n, high)]
    for (left, bottom), (right, top) in itertools.pairwise(bounds):
        inside = rng.integers(math.ceil(bottom), math.floor(top) + 1, size=right - left - 1)
        values[left + 1 : right] = np.sort(inside)
        if right < n:
            values[right] = top
    return values


def bell(n: int, mean: float, sd: float) -> Floats:
    """Return n ascending values spread like a normal distribution, to start a search from."""
    return np.asarray(norm.ppf((np.arange(n) + 0.5) / max(n, 1), mean, sd))


def same_choices(n: int, values: Floats) -> tuple[Floats, ...]:
    """Return `n` patients who may all have the same values."""
    return (np.asarray(values, dtype=float),) * n


def find_values(
    samples: Sequence[Sample], between: Between | None = None, *, seed: int
) -> tuple[Floats, ...]:
    """Find values for every patient that meet all printed numbers at once.

    Parameters
    ----------
    samples
        The groups, with what is printed of each.
    between
        What is printed of the groups together.
    seed
        Of the search; the same seed gives the same values.

    Returns
    -------
    tuple of arrays
        One array a sample, in the order of its patients.

    Raises
    ------
    RebuildError
        When no values can meet the printed numbers, or when none were found; the message
        names them and says which of the two it is.
    """
    between = between or Between()
    for sample in samples:
        check_possible(sample)
    search = _Search(samples, between)
    rng = np.random.default_rng(seed)
    missed: list[str] = []
    for attempt in range(_ATTEMPTS):
        state = search.descend(search.start(rng, shaken=attempt > 0), rng)
        missed = search.missed(state)
        if not missed:
            return search.split(search.values(state[None, :])[0])
    raise RebuildError(
        f"no values were found with the printed {', '.join(missed)} in "
        f"{_ATTEMPTS * _ROUNDS * _BATCH:,} tries; this is no proof that there are none. "
        "Try another seed, or a wider range of values"
    )


def check_possible(sample: Sample) -> None:
    """Raise a RebuildError where the allowed values can never have the printed mean and SD."""
    n = sample.n
    if n == 0 or any(len(choices) == 0 for choices in sample.choices):
        raise RebuildError(f"{sample.name}: the group or the set of allowed values is empty")
    low = np.array([choices[0] for choices in sample.choices])
    high = np.array([choices[-1] for choices in sample.choices])
    if sample.mean is None:
        return
    m_low, m_high = _limits(sample.mean)
    if m_low > high.mean() or m_high < low.mean():
        raise RebuildError(
            f"{sample.name}: the printed mean lies outside {low.mean():g} to {high.mean():g}, "
            f"the means that the allowed values can have"
        )
    whole = all(bool(np.all(choices == np.round(choices))) for choices in sample.choices)
    sums = math.floor(m_high * n + 1e-9) - math.ceil(m_low * n - 1e-9) + 1
    if whole and sums < 1:
        raise RebuildError(
            f"{sample.name}: no {n} whole numbers have the printed mean (a sum between "
            f"{m_low * n:g} and {m_high * n:g} is needed)"
        )
    if sample.sd is None or n < 2:
        return
    bottom, top = float(low.min()), float(high.max())
    centre = min(max((bottom + top) / 2, m_low), m_high)
    largest = math.sqrt(max(0.0, (top - centre) * (centre - bottom)) * n / (n - 1))
    if _limits(sample.sd)[0] > largest:
        raise RebuildError(
            f"{sample.name}: the printed SD is larger than {largest:.3g}, the largest that {n} "
            f"values between {bottom:g} and {top:g} with the printed mean can have"
        )
    smallest = 0.0
    if whole:
        smallest = min(
            math.sqrt((n - total % n) * (total % n) / n / (n - 1))
            for total in range(math.ceil(m_low * n - 1e-9), math.floor(m_high * n + 1e-9) + 1)
        )
    if _limits(sample.sd)[1] < smallest:
        raise RebuildError(
            f"{sample.name}: the printed SD is smaller than {smallest:.3g}, the smallest that {n} "
            "whole numbers with the printed mean can have"
        )


def _limits(interval: Interval) -> tuple[float, float]:
    low = -math.inf if interval.low is None else float(interval.low)
    high = math.inf if interval.high is None else float(interval.high)
    return low, high


class _Search:
    """The choices of all samples in one row, and how far a row is from the printed numbers."""

    def __init__(self, samples: Sequence[Sample], between: Between) -> None:
        self.samples = samples
        self.size_of = np.array([sample.n for sample in samples])
        self.first_of = np.concatenate([[0], np.cumsum(self.size_of)[:-1]])
        self.sample_of = np.repeat(np.arange(len(samples)), self.size_of)
        choices = [array for sample in samples for array in sample.choices]
        self.last = np.array([len(array) - 1 for array in choices])
        self.table = np.full((len(choices), int(self.last.max()) + 1), np.nan)
        for row, array in zip(self.table, choices, strict=True):
            row[: len(array)] = array
        self.goals: list[tuple[str, str, int, tuple[float, float]]] = []
        for index, sample in enumerate(samples):
            for kind, wanted in (("mean", sample.mean), ("sd", sample.sd)):
                self._want(kind, index, wanted, f"{kind} of {sample.name}")
        names = ", ".join(sample.name for sample in samples)
        self._want("mean", -1, between.mean, f"mean of {names} together")
        self._want("sd", -1, between.sd, f"sd of {names} together")
        if between.p is not None:
            n1, n2 = samples[0].n, samples[1].n
            self.reachable = reachable(n1, n2, between.p, exact=between.exact)
            if not len(self.reachable):
                test = "exact test without ties" if between.exact else "asymptotic test"
                raise RebuildError(
                    f"{names}: no two groups of {n1} and {n2} values have the printed p by the "
                    f"Mann-Whitney {test}"
                )
            self.goals.append(("p", f"p of {names}", 0, _limits(between.p)))

    def _want(self, kind: str, index: int, wanted: Interval | None, name: str) -> None:
        if wanted is not None:
            self.goals.append((kind, name, index, _limits(wanted)))

    def start(self, rng: np.random.Generator, *, shaken: bool) -> NDArray[np.int64]:
        """Return the choices nearest to the starting values, some of them replaced if shaken."""
        wanted = np.concatenate([sample.start for sample in self.samples])
        state = np.asarray(np.nanargmin(np.abs(self.table - wanted[:, None]), axis=1))
        if shaken:
            elsewhere = rng.random(len(state)) < _SHAKEN
            state[elsewhere] = rng.integers(self.last[elsewhere] + 1)
        return state

    def values(self, states: NDArray[np.int64]) -> Floats:
        return self.table[np.arange(len(self.last)), states]

    def split(self, values: Floats) -> tuple[Floats, ...]:
        return tuple(np.split(values, self.first_of[1:], axis=-1))

    def descend(self, state: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return where a walk ends: at the goal, or after its last round."""
        cost = float(self.cost(state[None, :])[0])
        for turn in range(_ROUNDS):
            if cost == 0:
                break
            trial = self.moves(state, rng)
            costs = np.where((trial == state).all(axis=1), np.inf, self.cost(trial))
            best = int(np.argmin(costs))
            # A little slack, less and less of it, lets the walk leave a dead end.
            if costs[best] <= cost + 0.5 * (1 - turn / _ROUNDS) ** 2 * rng.random():
                state, cost = trial[best], float(costs[best])
        return state

    def moves(self, state: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return states in which one patient has another value, or two of a sample have.

        Two of one sample mostly move in opposite directions, so that the mean stays.
        """
        trial = np.repeat(state[None, :], _BATCH, axis=0)
        rows = np.arange(_BATCH)
        who = rng.integers(len(state), size=_BATCH)
        step = rng.choice(_REACH, size=_BATCH)
        trial[rows, who] = np.clip(trial[rows, who] + step, 0, self.last[who])
        sample = self.sample_of[who]
        partner = self.first_of[sample] + rng.integers(self.size_of[sample])
        back = np.where(rng.random(_BATCH) < 0.7, -step, rng.choice(_REACH, size=_BATCH))
        back *= rng.random(_BATCH) < 0.8
        trial[rows, partner] = np.clip(trial[rows, partner] + back, 0, self.last[partner])
        return trial

    def distances(self, states: NDArray[np.int64]) -> Floats:
        """Return how far each state is from each goal; shape (states, goals)."""
        values = self.values(states)
        parts = self.split(values)
        columns = []
        for kind, _, index, (low, high) in self.goals:
            if kind == "p":
                columns.append(self._distance_from_p(parts[0], parts[1]))
                continue
            part = values if index < 0 else parts[index]
            found = part.mean(axis=1) if kind == "mean" else part.std(axis=1, ddof=1)
            unit = high - low
            miss = np.maximum(np.maximum(low - found, found - high), 0.0)
            # The limits belong to it, but for the last digits of a float.
            miss[miss < _FLOAT_SLACK * np.maximum(1.0, np.abs(found))] = 0.0
            columns.append(miss / (unit if math.isfinite(unit) and unit > 0 else 1.0))
        return np.stack(columns, axis=1) if columns else np.zeros((len(states), 0))

    def _distance_from_p(self, first: Floats, second: Floats) -> Floats:
        """Return how far U and the ties are from the nearest pair that has the printed p."""
        deviation, ties = mann_whitney_deviation(first, second)
        away = np.abs(deviation[:, None] - self.reachable[:, 0])
        away += np.abs(ties[:, None] - self.reachable[:, 1]) / _TIE_UNIT
        return np.asarray(away.min(axis=1))

    def cost(self, states: NDArray[np.int64]) -> Floats:
        return np.asarray(np.sqrt(self.distances(states)).sum(axis=1))

    def missed(self, state: NDArray[np.int64]) -> list[str]:
        far = self.distances(state[None, :])[0]
        return [goal[1] for goal, miss in zip(self.goals, far, strict=True) if miss > 0]
