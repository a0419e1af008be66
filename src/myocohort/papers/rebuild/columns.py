"""Values of single patients that have every printed mean, SD, quartile and range exactly.

The answer is values, or a minimal set of printed numbers that no values have together, or
why nothing was searched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from myocohort.errors import RebuildError, StatisticsError
from myocohort.papers.entries import PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import agrees
from myocohort.papers.procedures import claimed_test
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.column_question import QUICK, Values, solve_values
from myocohort.papers.rebuild.column_walk import walk_values
from myocohort.papers.rebuild.conflicts import (
    Conflict,
    listed,
    minimal_conflicts,
    shrink,
    span,
    stated,
)
from myocohort.papers.rebuild.summaries import (
    Column,
    Summary,
    moments_of,
    read_column,
)

Status = Literal["found", "impossible", "not searched"]
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


def search_column(paper: Paper, variable: str, *, seed: int = 2020) -> ColumnAnswer:
    """Find values with every printed summary of a variable, or show that there are none.

    Parameters
    ----------
    paper
        The paper file; `variables.<name>.step`, low and high give the grid.
    variable
        Which one.
    seed
        Of the search for values that have the printed p values too.
    """
    try:
        column = read_column(paper, variable)
        found = _first(column, seed)
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


def _first(column: Column, seed: int) -> Values | None:
    """Return values with all printed summaries; None where it is shown that there are none.

    CP-SAT has a short try, a local search the second, and CP-SAT the last.
    """
    try:
        return solve_values(column, effort=QUICK)
    except RebuildError:
        found = walk_values(column, seed)
    return solve_values(column) if found is None else found


def _conflicts(paper: Paper, column: Column) -> tuple[Conflict, ...]:
    """Return minimal sets of printed numbers that no values on the grid have together."""
    parts: dict[tuple[str, int], set[int]] = {}
    for i, summary in enumerate(column.summaries):
        # Mean and SD of a group are taken apart only once a conflict is found.
        moment = summary.kind in ("mean", "sd")
        parts.setdefault((summary.group, -1 if moment else i), set()).add(i)
    items = [frozenset(part) for part in parts.values()]

    def feasible(kept: frozenset[int]) -> bool:
        return solve_values(column, kept) is not None

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
                f"No {n} values {grid} have {said}: with a sum of {span(low, high)} steps, no sum "
                f"of squares Q gives n Q - S^2 from {span(smallest, largest)}."
            )
    limits = ", ".join(
        f"{leaf.n} of {leaf.group} between {float(leaf.low * column.unit):g} and "
        f"{float(leaf.high * column.unit):g}"
        for leaf in column.leaves
    )
    return f"No values {grid} ({limits}) have {said} together; without any one of them some have."


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
    searched = walk_values(column, seed, entry=entry, like=found)
    if searched is not None:
        yield searched
    rng = targets.stream(seed, column.variable)
    for _ in range(TRIES - 2):
        try:
            other = solve_values(column, wanted=rng, effort=QUICK)
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
