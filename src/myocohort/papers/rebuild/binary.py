"""Patients who meet every printed count of a comparison at once, under a reading of its rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from myocohort.errors import RebuildError
from myocohort.papers.entries import Reading
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.conflicts import Conflict, span, stated
from myocohort.papers.rebuild.linked import (
    Counts,
    Joint,
    Linked,
    Together,
    conflicts_of,
    link,
    possible,
    together,
    ways,
)
from myocohort.papers.rebuild.rows import Comparison, Demand

AS_PRINTED = Reading(id="as_printed", label="no reading is declared: every row stands by itself")
CONFLICTS = 20
"""How many minimal conflicts are looked for in each group."""

SAID = 3  # of them are put in words
JOINT_LIMIT = 5000
"""Above so many joint tables a model is not held against the other rows."""

WAYS = 1000
"""How far the ways to fill linked rows are counted."""


@dataclass(frozen=True, slots=True)
class Filling:
    """In how many ways the rows that hang together can be filled.

    Parameters
    ----------
    variables
        The rows.
    ways
        How many ways were found to say how many patients have which combination of values.
    complete
        Whether there are no others.
    together
        For every two rows, how many patients of a group have both.
    """

    variables: tuple[str, ...]
    ways: int
    complete: bool
    together: tuple[Together, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return {
            "variables": list(self.variables),
            "ways": self.ways,
            "all_ways": self.complete,
            "determined": self.complete and self.ways == 1,
            "together": [pair.as_dict() for pair in self.together],
        }


@dataclass(frozen=True, slots=True)
class ReadingAnswer:
    """What a reading of the rows of a comparison leaves possible.

    Parameters
    ----------
    reading
        The reading.
    groups
        The groups compared.
    variables
        The rows.
    fillings
        The rows that hang together, where they can be filled.
    conflicts
        Printed numbers that cannot hold together under this reading.
    all_conflicts
        Whether there are no others.
    records
        Patients, one a row: patient, group and every variable. One frame for each solution
        listed; none where there are conflicts.
    tables
        How many joint tables of a model's terms were held against the rows.
    why
        Why the rows were not searched; empty where they were.
    note
        What was left out of the search.
    """

    reading: Reading
    groups: tuple[str, ...]
    variables: tuple[str, ...]
    fillings: tuple[Filling, ...]
    conflicts: tuple[Conflict, ...]
    all_conflicts: bool
    records: tuple[pd.DataFrame, ...]
    tables: int = 0
    why: str = ""
    note: str = ""

    @property
    def possible(self) -> bool | None:
        """Whether patients exist with all printed counts; None where it was not searched."""
        return None if self.why else not self.conflicts

    def words(self) -> str:
        """Return the answer in words."""
        head = f"Reading {self.reading.id} ({self.reading.label}): "
        rows = f"{len(self.variables)} rows of {' and '.join(self.groups)}"
        note = f" {self.note}" if self.note else ""
        if self.why:
            return f"{head}the {rows} were not searched: {self.why}.{note}"
        if self.conflicts:
            number = len(self.conflicts)
            least = "" if self.all_conflicts else "at least "
            sets = "1 minimal set" if number == 1 else f"{least}{number} minimal sets"
            said = " ".join(conflict.words for conflict in self.conflicts[:SAID])
            more = f" And {number - SAID} more." if number > SAID else ""
            return (
                f"{head}no patients, each with a value in every row but for those declared "
                f"missing, have all printed counts of the {rows}; {sets} of printed "
                f"numbers cannot hold together. {said}{more}{note}"
            )
        model = f", and one of the {self.tables:,} joint tables of the model" if self.tables else ""
        said = f"{head}patients exist that have all printed counts of the {rows}{model}."
        for filling in self.fillings:
            if len(filling.variables) < 2:
                continue
            more = "" if filling.complete else "more than "
            count = f"{more}{filling.ways:,} {'way' if filling.ways == 1 else 'ways'}"
            said += f" {', '.join(filling.variables)} can be filled in {count}."
            said += "".join(
                f" Of {pair.group}, {span(pair.low, pair.high)} "
                f"{'has' if pair.high == 1 else 'have'} both {pair.first} and {pair.second}."
                for pair in filling.together
                if pair.low and not self._summed(pair)
            )
        said += " Rows that do not hang together are dealt to the patients in any order."
        return said + note

    def _summed(self, pair: Together) -> bool:
        """Return whether one of two rows sums up the other, so that all who have it have both."""
        parts = self.reading.any_of
        return pair.second in parts.get(pair.first, ()) or pair.first in parts.get(pair.second, ())

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON; the records are given apart from this."""
        return {
            "id": self.reading.id,
            "label": self.reading.label,
            "groups": list(self.groups),
            "rows": list(self.variables),
            "joint_tables": self.tables,
            "possible": self.possible,
            "why_not": self.why,
            "note": self.note,
            "fillings": [filling.as_dict() for filling in self.fillings],
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
            "all_conflicts": self.all_conflicts,
            "words": self.words(),
        }


def applies(reading: Reading, comparison: Comparison) -> bool:
    """Return whether a comparison has all rows that a reading names."""
    named = [name for names in reading.exclusive for name in names]
    named += [name for whole, parts in reading.any_of.items() for name in (whole, *parts)]
    return set(named) <= set(comparison.variables)


def read_rows(
    paper: Paper,
    comparison: Comparison,
    reading: Reading = AS_PRINTED,
    joint: Joint | None = None,
    *,
    limit: int = 8,
    seed: int = 2020,
) -> ReadingAnswer:
    """Find patients with all printed counts, or the printed numbers that rule them out.

    Every patient has a value in every row, but for the missing values that the paper
    declares.

    Parameters
    ----------
    paper
        The paper file.
    comparison
        Its groups and rows, from `rows.compare`.
    reading
        How rows are to be understood.
    joint
        The joint tables of the model's terms, where there are any that fit.
    limit
        How many solutions are listed.
    seed
        Of the order in which rows that do not hang together are dealt to the patients.

    Raises
    ------
    RebuildError
        When the reading names rows that the comparison does not have.
    """
    if not applies(reading, comparison):
        raise RebuildError(
            f"the reading {reading.id!r} names rows without a printed count in the groups "
            f"{', '.join(comparison.groups)}"
        )
    note = ""
    if joint is not None and joint.solutions.fits > JOINT_LIMIT:
        note = (
            f"The model was left out: {joint.solutions.fits:,} joint tables have its odds ratios, "
            f"more than the {JOINT_LIMIT:,} that are held against the other rows."
        )
    if joint is not None and (note or not _fits(joint, comparison)):
        joint = None
    tables = 0 if joint is None else joint.solutions.fits
    start = ReadingAnswer(
        reading, comparison.groups, comparison.variables, (), (), True, (), tables, note=note
    )
    try:
        parts = link(comparison, reading, joint)
        broken = [part for part in parts if not possible(part)]
        if broken:
            conflicts, complete = _conflicts(paper, reading, broken)
            return replace(start, conflicts=conflicts, all_conflicts=complete)
        listed = [ways(part, limit=WAYS, seed=seed) for part in parts]
        fillings = tuple(
            Filling(part.variables, len(found), complete, together(part))
            for part, (found, complete) in zip(parts, listed, strict=True)
        )
    except RebuildError as error:
        return replace(start, why=str(error))
    records = _records(comparison, parts, [found for found, _ in listed], limit, seed)
    return replace(start, fillings=fillings, records=records)


def _fits(joint: Joint, comparison: Comparison) -> bool:
    return bool(
        set(joint.solutions.groups) <= set(comparison.groups)
        and set(joint.variables) <= set(comparison.variables)
        and joint.solutions.solutions
    )


def _conflicts(
    paper: Paper, reading: Reading, broken: Sequence[Linked]
) -> tuple[tuple[Conflict, ...], bool]:
    """Return the conflicts of all linked rows that have one.

    Those that need no row of which the reading says that it sums up others come first, and
    among these the ones of few numbers.
    """
    found: dict[tuple[str, ...], tuple[int, int, Conflict]] = {}
    complete = True
    for part in broken:
        sets, all_of_them = conflicts_of(part, limit=CONFLICTS)
        complete &= all_of_them
        for wrong in sets:
            ids = tuple(dict.fromkeys(i for d in sorted(wrong) for i in part.numbers(d)))
            names = {part.demands[d].variable for d in wrong if d < len(part.demands)}
            summed = len(names.intersection(reading.any_of))
            conflict = Conflict(stated(paper, ids), _words(paper, reading, part, wrong))
            found.setdefault(ids, (summed, len(ids), conflict))
    ordered = sorted(found.values(), key=lambda item: item[:2])
    return tuple(conflict for *_, conflict in ordered), complete


def _words(paper: Paper, reading: Reading, part: Linked, wrong: frozenset[int]) -> str:
    """Return the arithmetic of a conflict."""
    demands = [part.demands[i] for i in sorted(wrong) if i < len(part.demands)]
    if len(demands) == len(wrong):
        counts = [d for d in demands if d.variable is not None and d.low == d.high]
        sizes = [d for d in demands if d.variable is None]
        one_group = len({d.groups for d in demands}) == 1 and len(demands[0].groups) == 1
        simple = one_group and len(counts) + len(sizes) == len(demands)
        said = _sum(paper, reading, counts, sizes) if simple else ""
        said = said or (_summary(paper, reading, counts) if simple and not sizes else "")
        if said:
            return said
    named = [demand.words for demand in demands]
    if len(demands) < len(wrong) and part.joint is not None:
        named.append(
            f"the odds ratios of {', '.join(part.joint.solutions.terms)} with the counts they "
            "rest on"
        )
    where = " and ".join(dict.fromkeys(g for d in demands for g in d.groups) or part.groups)
    return f"In {where}, {', '.join(named)} cannot hold together; without any one of them they can."


def _sum(paper: Paper, reading: Reading, counts: Sequence[Demand], sizes: Sequence[Demand]) -> str:
    """Return the arithmetic of counts that add up to more than the group has; or nothing."""
    numbers = [d.low or 0 for d in counts]
    if len(sizes) != 1 or sum(numbers) <= (sizes[0].high or 0):
        return ""
    label, size = _label(paper, sizes[0].groups[0]), sizes[0].high
    if len(counts) == 1:
        return f"{counts[0].words} is more than the {size} of the {label}."
    same = len({d.variable for d in counts}) == 1
    if not same and not _disjoint(reading, [d.variable or "" for d in counts]):
        return ""
    reason = (
        "they are levels of one category"
        if same
        else "by this reading no patient is in two of these rows"
    )
    return (
        f"{', '.join(d.words for d in counts)} add up to {' + '.join(map(str, numbers))} = "
        f"{sum(numbers)}, more than the {size} of the {label}; {reason}."
    )


def _disjoint(reading: Reading, names: Sequence[str]) -> bool:
    """Return whether by a reading no patient is in two of some rows."""
    sets = [{name, *reading.any_of.get(name, ())} for name in names]
    parts = [set(reading.any_of.get(name, (name,))) for name in names]
    return len(set().union(*sets)) == sum(map(len, sets)) and any(
        set().union(*parts) <= set(exclusive) for exclusive in reading.exclusive
    )


def _summary(paper: Paper, reading: Reading, counts: Sequence[Demand]) -> str:
    """Return the arithmetic of a row that does not sum up its parts; or nothing."""
    by_name = {d.variable: d for d in counts}
    for whole, parts in reading.any_of.items():
        if whole not in by_name or not set(by_name) <= {whole, *parts}:
            continue
        own = by_name[whole].low or 0
        numbers = [by_name[part].low or 0 for part in parts if part in by_name]
        label = _label(paper, by_name[whole].groups[0])
        added = f"{' + '.join(map(str, numbers))} = {sum(numbers)}"
        head = f"By this reading {whole} sums up {' and '.join(parts)}: of the {label}, "
        if own < max(numbers, default=0):
            return f"{head}{own} have it, but {max(numbers)} have one of these."
        if own > sum(numbers) and len(numbers) == len(parts):
            return f"{head}{own} have it, but these are no more than {added}."
        if own != sum(numbers):
            return f"{head}{own} have it, but these, of which no patient has two, are {added}."
    return ""


def _label(paper: Paper, group: str) -> str:
    return paper.groups[group].label


def _records(
    comparison: Comparison,
    parts: Sequence[Linked],
    found: Sequence[Sequence[Counts]],
    limit: int,
    seed: int,
) -> tuple[pd.DataFrame, ...]:
    """Make patients of the ways to fill each set of linked rows, one frame a solution.

    Solution k takes the k-th way of every set, begun anew where there are fewer.
    """
    number = min(limit, math.lcm(*(len(listed) for listed in found)))
    return tuple(
        _patients(
            comparison, parts, [listed[k % len(listed)] for listed in found],
            targets.stream(seed, f"records {k}"),
        )
        for k in range(number)
    )  # fmt: skip


def _patients(
    comparison: Comparison, parts: Sequence[Linked], chosen: Sequence[Counts], rng: Generator
) -> pd.DataFrame:
    frames = []
    for group in comparison.groups:
        columns: dict[str, list[Any]] = {}
        for part, counts in zip(parts, chosen, strict=True):
            profiles = list(
                itertools.chain.from_iterable(
                    itertools.repeat(profile, n)
                    for profile, n in zip(part.profiles[group], counts[group], strict=True)
                )
            )
            order = rng.permutation(len(profiles))
            if part.joint is not None:  # the patients are in the order of the model's patterns
                order = np.arange(len(profiles))
            for place, variable in enumerate(part.variables):
                columns[variable] = [profiles[i][place] for i in order]
        frame = pd.DataFrame(columns, dtype=object)
        frame.insert(0, "group", group)
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    width = len(str(len(table)))
    table.insert(0, "patient", [f"P{i:0{width}d}" for i in range(1, len(table) + 1)])
    return table[["patient", "group", *comparison.variables]]
