"""Values of single patients that have every printed mean, SD, quartile and range exactly.

The question put to CP-SAT is how many patients of a group have each value of the grid. Sums,
sums of squares and positions in the order are whole numbers then, and every answer is exact:
values, or a minimal set of printed numbers that no values have together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import Generator

from myocohort.errors import RebuildError, StatisticsError
from myocohort.papers.entries import PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, agrees, interval
from myocohort.papers.procedures import claimed_test
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.conflicts import (
    Conflict,
    listed,
    minimal_conflicts,
    shrink,
    solved,
    solver,
    stated,
)
from myocohort.papers.rebuild.continuous import Between, Sample, bell, find_values
from myocohort.papers.rebuild.moments import Moments, scaled
from myocohort.papers.rebuild.quartiles import quartile_positions
from myocohort.papers.rebuild.ranks import Floats
from myocohort.papers.rebuild.summaries import (
    Band,
    Column,
    Leaf,
    Summary,
    meets,
    middle,
    moments_of,
    read_column,
)

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Status = Literal["found", "impossible", "not searched"]
Values = Mapping[str, tuple[int, ...]]  # leaf -> values in units of the grid, ascending

CONFLICTS = 5
TRIES = 20
"""How many sets of values are tried for one that has the printed p value too."""

TABLE_LIMIT = 1000  # sums whose squares are listed; beyond, CP-SAT multiplies


@dataclass(frozen=True, slots=True)
class PTried:
    """Whether values were found that have the printed p value as well.

    Parameters
    ----------
    id, place, printed
        The p value.
    met
        Whether the values given have it.
    by
        The test.
    tries
        How many sets of values were tried.
    """

    id: str
    place: str
    printed: str
    met: bool
    by: str
    tries: int


@dataclass(frozen=True, slots=True)
class ColumnAnswer:
    """What the printed summaries of a variable leave possible.

    Parameters
    ----------
    variable
        Its name.
    status
        "found": values with all printed summaries. "impossible": there are none. "not
        searched": `why` says why.
    why
        Empty but for "not searched".
    unit
        The grid as a number.
    values
        Group -> one value a patient, ascending.
    pairs
        Group with a printed mean and SD -> how many pairs of sum and sum of squares these
        leave.
    conflicts
        Printed numbers that no values have together.
    p
        The p values that were asked for too.
    """

    variable: str
    status: Status
    why: str = ""
    unit: float = 0.0
    values: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    pairs: Mapping[str, int] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    p: tuple[PTried, ...] = ()

    def words(self) -> str:
        """Return the answer in words."""
        if self.status == "not searched":
            return f"{self.variable}: not searched: {self.why}."
        grid = f"values in steps of {self.unit:g}"
        if self.status == "impossible":
            said = " ".join(conflict.words for conflict in self.conflicts)
            return f"{self.variable}: no {grid} have all printed numbers. {said}"
        groups = ", ".join(f"{len(values)} of {group}" for group, values in self.values.items())
        said = f"{self.variable}: {grid} were found with all printed numbers ({groups})."
        for group, number in self.pairs.items():
            what = "1 pair" if number == 1 else f"{number:,} pairs"
            said += (
                f" The printed mean and SD of {group} leave {what} of sum and sum of squares; "
                "which values make them up is free."
            )
        for tried in self.p:
            said += (
                f" They also have the printed p {tried.printed} ({tried.place}; {tried.by})."
                if tried.met
                else f" p {tried.printed} ({tried.place}) is not met by any of {tried.tries} "
                f"sets of values tried ({tried.by}); that is no proof that none has it."
            )
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return {
            "variable": self.variable,
            "status": self.status,
            "why_not": self.why,
            "step": self.unit or None,
            "values": {group: list(values) for group, values in self.values.items()},
            "sum_and_squares": dict(self.pairs),
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
            "p": [
                {
                    "id": t.id, "place": t.place, "printed": t.printed,
                    "met": t.met, "by": t.by, "tries": t.tries,
                }
                for t in self.p
            ],
            "words": self.words(),
        }  # fmt: skip


def search_column(
    paper: Paper, variable: str, *, bands: Sequence[Band] = (), seed: int = 2020
) -> ColumnAnswer:
    """Find values with every printed summary of a variable, or show that there are none.

    Parameters
    ----------
    paper
        The paper file; `variables.<name>.step`, low and high give the grid.
    variable
        Which one.
    bands
        Numbers of patients with values within limits, where the paper prints such.
    seed
        Of the search for values that have the printed p values too.
    """
    try:
        column = read_column(paper, variable, bands)
        found = _values(column, None)
        if found is None:
            conflicts = _conflicts(paper, column)
            return ColumnAnswer(
                variable, "impossible", unit=float(column.unit), conflicts=conflicts
            )
    except RebuildError as error:
        return ColumnAnswer(variable, "not searched", why=str(error))
    found, tried = _with_p(paper, column, found, seed)
    pairs = {group: column.moments(group).pairs() for group in column.inside}
    return ColumnAnswer(
        variable,
        "found",
        unit=float(column.unit),
        values={
            group: tuple(float(k * column.unit) for k in values) for group, values in found.items()
        },
        pairs={group: n for group, n in pairs.items() if n is not None},
        p=tried,
    )


def _values(
    column: Column, kept: frozenset[int] | None, wanted: Generator | None = None
) -> Values | None:
    """Return values that have some of the summaries, by default all; None if there are none.

    With `wanted`, those values are taken that a random weight for each value likes best.
    """
    question = _Question(column, kept)
    using = solver()
    if wanted is not None:
        question.prefer(wanted)
        using.parameters.max_deterministic_time = 1.0
    if not solved(question.model, using):
        return None
    return {
        leaf.group: tuple(
            k
            for k, count in zip(range(leaf.low, leaf.high + 1), counts, strict=True)
            for _ in range(using.value(count))
        )
        for leaf, counts in zip(column.leaves, question.counts, strict=True)
    }


class _Question:
    """The CP-SAT model of some of the summaries of a variable."""

    def __init__(self, column: Column, kept: frozenset[int] | None) -> None:
        from ortools.sat.python import cp_model

        self.column = column
        self.model = cp_model.CpModel()
        self.orders: dict[tuple[str, int], cp_model.LinearExpr] = {}
        self.low = min(leaf.low for leaf in column.leaves)
        self.high = max(leaf.high for leaf in column.leaves)
        self.counts = [
            [
                self.model.new_int_var(0, leaf.n, f"{leaf.group}.{k}")
                for k in range(leaf.low, leaf.high + 1)
            ]
            for leaf in column.leaves
        ]
        for leaf, counts in zip(column.leaves, self.counts, strict=True):
            self.model.add(sum(counts) == leaf.n)
        if not column.ties:
            everyone = tuple(leaf.group for leaf in column.leaves)
            for k in range(self.low, self.high + 1):
                self.model.add(self._between(everyone, k, k) <= 1)
        asked = [s for i, s in enumerate(column.summaries) if kept is None or i in kept]
        for group in column.inside:
            self._ask(group, [s for s in asked if s.group == group])

    def prefer(self, rng: Generator) -> None:
        """Ask for the values that random weights like best."""
        weighted = [
            int(weight) * count
            for counts in self.counts
            for count, weight in zip(counts, rng.integers(0, 100, len(counts)), strict=True)
        ]
        self.model.maximize(sum(weighted))

    def _between(self, leaves: Sequence[str], low: int, high: int) -> cp_model.LinearExpr:
        """Return how many patients of some leaves have a value from low to high."""
        from ortools.sat.python import cp_model

        terms = [
            counts[k - leaf.low]
            for leaf, counts in zip(self.column.leaves, self.counts, strict=True)
            if leaf.group in leaves
            for k in range(max(low, leaf.low), min(high, leaf.high) + 1)
        ]
        return cp_model.LinearExpr.weighted_sum(terms, [1] * len(terms))

    def _ask(self, group: str, asked: Sequence[Summary]) -> None:
        if any(summary.kind in ("mean", "sd") for summary in asked):
            self._moments(group, moments_of(self.column, group, asked))
        for summary in asked:
            if summary.kind == "median":
                self._position(group, middle(self.column.n(group)), summary.allowed)
            elif summary.kind in ("low", "high"):
                self._end(group, summary)
            elif summary.kind == "band":
                low, high = self._grid(summary.allowed)
                self.model.add(self._between(self.column.inside[group], low, high) == summary.n)
        quartiles = [summary for summary in asked if summary.kind in ("q1", "q3")]
        if quartiles:
            self._quartiles(group, quartiles)

    def _grid(self, allowed: Interval) -> tuple[int, int]:
        """Return the smallest and largest value of the grid that an interval holds."""
        unit = self.column.unit
        low = self.low if allowed.low is None else math.ceil(allowed.low / unit)
        high = self.high if allowed.high is None else math.floor(allowed.high / unit)
        if not allowed.closed:
            low += allowed.low is not None and low * unit == allowed.low
            high -= allowed.high is not None and high * unit == allowed.high
        return low, high

    def _moments(self, group: str, moments: Moments) -> None:
        n, leaves = moments.n, self.column.inside[group]
        terms, values = [], []
        for leaf, counts in zip(self.column.leaves, self.counts, strict=True):
            if leaf.group in leaves:
                terms += counts
                values += [k - self.low for k in range(leaf.low, leaf.high + 1)]
        # Counted from the smallest value on, sums are smaller and the spread is the same.
        first, last = moments.sums()
        most = n * (self.high - self.low)
        low = 0 if first is None else max(0, first - n * self.low)
        high = most if last is None else min(most, last - n * self.low)
        sums: Sequence[int] = range(low, high + 1)
        if len(sums) <= TABLE_LIMIT and moments.sd is not None:
            # By size and parity; the solver would go through all values to see it.
            sums = [s for s in sums if moments.possible(s + n * self.low, self.low, self.high)]
        if not sums:
            self.model.add_bool_or([])
            return
        total = self.model.new_int_var(low, high, f"sum {group}")
        self.model.add(sum(v * t for v, t in zip(values, terms, strict=True)) == total)
        if moments.sd is None:
            return
        squares = sum(v * v * t for v, t in zip(values, terms, strict=True))
        squared = self.model.new_int_var(low * low, high * high, f"squared sum {group}")
        if len(sums) <= TABLE_LIMIT:
            table = [(s, s * s) for s in sums]
            self.model.add_allowed_assignments([total, squared], table)
        else:
            self.model.add_multiplication_equality(squared, [total, total])
        smallest, largest = moments.spreads()
        self.model.add(n * squares - squared >= smallest)
        if largest is not None:
            self.model.add(n * squares - squared <= largest)

    def _end(self, group: str, summary: Summary) -> None:
        """Ask that the smallest or largest value is the printed one."""
        leaves = self.column.inside[group]
        low, high = self._grid(summary.allowed)
        self.model.add(self._between(leaves, low, high) >= 1)
        if summary.kind == "low":
            self.model.add(self._between(leaves, self.low, low - 1) == 0)
        else:
            self.model.add(self._between(leaves, high + 1, self.high) == 0)

    def _order(self, group: str, position: int) -> cp_model.LinearExpr:
        """Return the value at a position in the order of a group, the smallest being 1."""
        from ortools.sat.python import cp_model

        if (group, position) not in self.orders:
            above = []
            for k in range(self.low, self.high):
                is_above = self.model.new_bool_var(f"{group} {position} > {k}")
                so_many = self._between(self.column.inside[group], self.low, k)
                self.model.add(so_many < position).only_enforce_if(is_above)
                self.model.add(so_many >= position).only_enforce_if(~is_above)
                above.append(is_above)
            steps = cp_model.LinearExpr.weighted_sum(above, [1] * len(above))
            self.orders[group, position] = steps + self.low
        return self.orders[group, position]

    def _position(
        self, group: str, position: Fraction, allowed: Interval, if_: cp_model.IntVar | None = None
    ) -> None:
        """Ask for the value at a position, between two neighbours on a straight line."""
        before = math.floor(position)
        share = position - before
        value = self._order(group, before) * (share.denominator - share.numerator)
        if share:
            value = value + self._order(group, before + 1) * share.numerator
        low, high = scaled(allowed, share.denominator / self.column.unit)
        for limit, bound in ((low, value >= (low or 0)), (high, value <= (high or 0))):
            if limit is not None:
                made = self.model.add(bound)
                if if_ is not None:
                    made.only_enforce_if(if_)

    def _quartiles(self, group: str, asked: Sequence[Summary]) -> None:
        """Ask for quartiles by one of the usual definitions, the same for both."""
        chosen = []
        for places in dict.fromkeys(quartile_positions(self.column.n(group)).values()):
            by_this = self.model.new_bool_var(f"{group} {places}")
            for summary in asked:
                place = places[0] if summary.kind == "q1" else places[1]
                self._position(group, place, summary.allowed, by_this)
            chosen.append(by_this)
        self.model.add_bool_or(chosen)


def _conflicts(paper: Paper, column: Column) -> tuple[Conflict, ...]:
    """Return minimal sets of printed numbers that no values on the grid have together."""
    parts: dict[tuple[str, int], set[int]] = {}
    for i, summary in enumerate(column.summaries):
        # Mean and SD of a group are taken apart only once a conflict is found.
        moment = summary.kind in ("mean", "sd")
        parts.setdefault((summary.group, -1 if moment else i), set()).add(i)
    items = [frozenset(part) for part in parts.values()]

    def feasible(kept: frozenset[int]) -> bool:
        return _values(column, kept) is not None

    def together(kept: frozenset[int]) -> bool:
        return feasible(frozenset().union(*(items[i] for i in kept)))

    found, _ = minimal_conflicts(len(items), together, limit=CONFLICTS)
    conflicts = {}
    for wrong in found:
        chosen = frozenset().union(*(items[i] for i in wrong))
        if len(wrong) == 1:
            chosen = _smaller(column, chosen)
        elif column.declared:
            chosen = shrink(sorted(chosen), feasible)
        summaries = [column.summaries[i] for i in sorted(chosen)]
        numbers = stated(paper, (number for s in summaries for number in s.numbers))
        conflicts[chosen] = Conflict(numbers, _words(column, summaries, listed(numbers)))
    return tuple(sorted(conflicts.values(), key=lambda c: len(c.numbers)))


def _smaller(column: Column, chosen: frozenset[int]) -> frozenset[int]:
    """Return the mean or the SD of a group alone, where that one is impossible by itself."""
    low = min(leaf.low for leaf in column.leaves)
    high = max(leaf.high for leaf in column.leaves)
    for i in sorted(chosen):
        summary = column.summaries[i]
        moments = moments_of(column, summary.group, [summary])
        first, last = moments.sums()
        least, most = moments.n * low, moments.n * high
        sums = range(least if first is None else first, (most if last is None else last) + 1)
        if not any(moments.possible(s, low, high) for s in sums):
            return frozenset({i})
    return chosen


def _words(column: Column, summaries: Sequence[Summary], said: str) -> str:
    """Return the arithmetic of a conflict."""
    grid = f"in steps of {float(column.unit):g}"
    group = summaries[0].group
    moments = column.moments(group)
    kinds = {s.kind for s in summaries}
    if {s.group for s in summaries} == {group} and kinds <= {"mean", "sd"}:
        n, (low, high) = moments.n, moments.sums()
        if kinds == {"mean"} and low is not None and high is not None and low > high:
            allowed = summaries[0].allowed
            ends = " to ".join(
                f"{float(limit * n):.6g}" for limit in (allowed.low, allowed.high)
                if limit is not None
            )  # fmt: skip
            return f"No {n} values {grid} have {said}: a sum of {ends} is needed."
        if kinds == {"mean", "sd"} and moments.pairs() == 0 and low is not None:
            smallest, largest = moments.spreads()
            return (
                f"No {n} values {grid} have {said}: with a sum of {_to(low, high)} steps, no sum "
                f"of squares Q gives n Q - S^2 from {_to(smallest, largest)}."
            )
    limits = ", ".join(
        f"{leaf.n} of {leaf.group} between {float(leaf.low * column.unit):g} and "
        f"{float(leaf.high * column.unit):g}"
        for leaf in column.leaves
    )
    return f"No values {grid} ({limits}) have {said} together; without any one of them some have."


def _to(low: int, high: int | None) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _with_p(
    paper: Paper, column: Column, found: Values, seed: int
) -> tuple[Values, tuple[PTried, ...]]:
    """Look for values that also have a printed p value of two of the groups."""
    groups = [leaf.group for leaf in column.leaves]
    entries = [
        entry
        for entry in paper.p
        if entry.variable == column.variable and set(entry.groups) <= set(groups)
        and len(entry.groups) > 1
    ]  # fmt: skip
    asked = [entry for entry in entries if entry.claimed and claimed_test(entry).kind == "values"]
    if not asked:
        return found, ()
    entry = asked[0]
    tries, best, by = 0, found, claimed_test(entry).label
    met = ""
    for candidate in _candidates(column, entry, found, seed):
        tries += 1
        met = _p_of(entry, column, candidate)
        if met:
            best, by = candidate, met
            break
    return best, (PTried(f"{entry.id}.p", entry.place, entry.p, bool(met), by, tries),)


def _candidates(column: Column, entry: PValue, found: Values, seed: int) -> Iterator[Values]:
    """Yield sets of values with all printed summaries: the first, searched and random ones."""
    yield found
    searched = _searched(column, entry, found, seed)
    if searched is not None:
        yield searched
    rng = targets.stream(seed, column.variable)
    for _ in range(TRIES - 2):
        try:
            other = _values(column, None, rng)
        except RebuildError:
            continue
        if other is not None:
            yield other


def _p_of(entry: PValue, column: Column, values: Values) -> str:
    """Return the test by which values have a printed p; empty where they do not have it."""
    test = claimed_test(entry)
    numbers = np.concatenate([np.array(values[group], dtype=float) for group in entry.groups])
    codes = np.repeat(np.arange(len(entry.groups)), [len(values[group]) for group in entry.groups])
    runs: list[dict[str, str]] = [{}]
    if test.name == "mann_whitney":
        runs.append({"method": "asymptotic"})
    for options in runs:
        try:
            result = test.run(numbers * float(column.unit), codes, **options)
        except StatisticsError:
            continue
        if result.p is not None and agrees(entry.p, result.p):
            return result.method
    return ""


def _searched(column: Column, entry: PValue, found: Values, seed: int) -> Values | None:
    """Return values found by a local search for the printed p; None where it finds none.

    The search knows means, SDs and Mann-Whitney's test. Every patient stays within the same
    printed limits as in the values found already; medians and ranges must hold by luck.
    """
    if entry.claimed != "mann_whitney" or len(entry.groups) != 2:
        return None
    others = [leaf.group for leaf in column.leaves if leaf.group not in entry.groups]
    order = [*entry.groups, *others]
    wholes = [group for group, parts in column.inside.items() if len(parts) == len(order)]
    pooled = column.moments(wholes[0]) if wholes else None
    between = Between(
        p=interval(entry.p),
        mean=None if pooled is None else pooled.mean,
        sd=None if pooled is None else pooled.sd,
    )
    by_name = {leaf.group: leaf for leaf in column.leaves}
    samples = [_sample(column, by_name[name], found[name], pooled) for name in order]
    try:
        searched = find_values(samples, between, seed=seed)
    except RebuildError:
        return None
    unit = float(column.unit)
    values = {
        name: tuple(sorted(round(float(value) / unit) for value in part))
        for name, part in zip(order, searched, strict=True)
    }
    ordered = {leaf.group: values[leaf.group] for leaf in column.leaves}
    return ordered if meets(column, ordered) else None


def _sample(column: Column, leaf: Leaf, found: Sequence[int], pooled: Moments | None) -> Sample:
    unit = float(column.unit)
    own = column.moments(leaf.group) if leaf.group in column.inside else None
    like = own if own is not None and own.mean is not None else pooled
    grid = np.arange(leaf.low, leaf.high + 1)
    bands = [s.allowed for s in column.summaries if s.kind == "band"]

    def alike(value: int) -> Floats:
        kinds = [Fraction(value) * column.unit in band for band in bands]
        same = [[Fraction(int(k)) * column.unit in band for band in bands] == kinds for k in grid]
        return np.asarray(grid[np.array(same, dtype=bool)] * unit, dtype=float)

    start = bell(
        leaf.n,
        _centre(None if like is None else like.mean, float(grid.mean()) * unit),
        max(_centre(None if like is None else like.sd, float(grid.std()) * unit), unit / 10),
    )
    return Sample(
        f"{column.variable} of {leaf.group}",
        tuple(alike(value) for value in found),
        start,
        None if own is None else own.mean,
        None if own is None else own.sd,
    )


def _centre(allowed: Interval | None, otherwise: float) -> float:
    if allowed is None or allowed.low is None or allowed.high is None:
        return otherwise
    return float((allowed.low + allowed.high) / 2)
