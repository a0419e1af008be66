"""The paper file: every number that a paper prints, as printed, with its place.

`load_paper` reads a `paper.toml`, reports everything that is wrong with it at once, and
returns a `Paper`, whose `numbers()` lists each printed number under an id of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from myocohort.errors import PaperFileError, Problem
from myocohort.papers.entries import (
    Band,
    Cited,
    Claim,
    Column,
    Correlation,
    Count,
    Entry,
    Group,
    Mean,
    Median,
    Missing,
    Model,
    NotUnderstood,
    Part,
    Partition,
    PrintedNumber,
    PrintedTable,
    PValue,
    Range,
    Reading,
    Same,
    SamePatients,
    Setting,
    Size,
    Text,
    Variable,
    Zeros,
)
from myocohort.papers.printed import whole
from myocohort.stats.tests import TESTS

__all__ = [
    "Band",
    "Cited",
    "Claim",
    "Correlation",
    "Count",
    "Entry",
    "Group",
    "Mean",
    "Median",
    "Missing",
    "Model",
    "NotUnderstood",
    "PValue",
    "Paper",
    "Partition",
    "PrintedNumber",
    "PrintedTable",
    "Range",
    "Reading",
    "Same",
    "Setting",
    "Size",
    "Variable",
    "Zeros",
    "load_paper",
]


_IN_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class PatientNumbers:
    """Printed numbers of patients, with the id of each; the first where one is printed twice.

    Parameters
    ----------
    sizes
        Group -> its size.
    missing
        Variable and group -> patients declared to have no value.
    beside
        Variable and group -> the number printed beside a count or, failing that, a mean.
    """

    sizes: Mapping[str, tuple[str, int]]
    missing: Mapping[tuple[str, str], tuple[str, int]]
    beside: Mapping[tuple[str, str], tuple[str, int]]


class Paper(Part):
    """A paper file that obeys its rules; the attributes are the keys of the file."""

    title: Text
    citation: Text | None = None
    doi: Text | None = None
    missing_declared: bool = False  # the paper says of every variable how many lack a value
    remarks: tuple[Text, ...] = ()
    groups: Mapping[str, Group]
    variables: Mapping[Column, Variable] = Field(default_factory=dict)
    partitions: tuple[Partition, ...] = ()
    zeros: tuple[Zeros, ...] = ()
    bands: tuple[Band, ...] = ()
    same_patients: tuple[SamePatients, ...] = ()
    reading: tuple[Reading, ...] = ()
    table: tuple[PrintedTable, ...] = ()
    claim: tuple[Claim, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    size: tuple[Size, ...] = ()
    missing: tuple[Missing, ...] = ()
    count: tuple[Count, ...] = ()
    mean: tuple[Mean, ...] = ()
    median: tuple[Median, ...] = ()
    range: tuple[Range, ...] = ()
    p: tuple[PValue, ...] = ()
    model: tuple[Model, ...] = ()
    correlation: tuple[Correlation, ...] = ()
    same: tuple[Same, ...] = ()
    cited: tuple[Cited, ...] = ()
    setting: tuple[Setting, ...] = ()

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, kind by kind, in the order of the file."""
        return (
            *self.size,
            *self.missing,
            *self.count,
            *self.mean,
            *self.median,
            *self.range,
            *self.p,
            *self.model,
            *self.correlation,
            *self.same,
            *self.cited,
            *self.setting,
        )

    def numbers(self) -> tuple[PrintedNumber, ...]:
        """Return every printed number, in the order of `entries`."""
        return tuple(number for entry in self.entries() for number in self.numbers_of(entry))

    def numbers_of(self, entry: Entry) -> tuple[PrintedNumber, ...]:
        """Return the printed numbers of one entry."""
        return tuple(
            PrintedNumber(
                id=f"{entry.id}.{name}",
                place=f"{entry.place}, {name.rpartition('.')[0]}"
                if isinstance(entry, Model)
                else entry.place,
                text=text,
                kind=kind,
                field=name,
                entry=entry,
            )
            for name, text, kind in entry.fields()
        )

    def number_of(self, entry: Entry, field: str) -> PrintedNumber:
        """Return the number that an entry prints under a field, which must be there."""
        return next(number for number in self.numbers_of(entry) if number.field == field)

    @cached_property
    def patients(self) -> PatientNumbers:
        """The printed numbers of patients, each under its group and variable."""
        beside: dict[tuple[str, str], tuple[str, int]] = {}
        for count in self.count:
            if count.of is not None:
                beside.setdefault(
                    (count.variable, count.group), (f"{count.id}.of", whole(count.of))
                )
        for mean in self.mean:
            if mean.n is not None:
                beside.setdefault((mean.variable, mean.group), (f"{mean.id}.n", whole(mean.n)))
        missing: dict[tuple[str, str], tuple[str, int]] = {}
        for entry in self.missing:
            missing.setdefault((entry.variable, entry.group), (f"{entry.id}.n", whole(entry.n)))
        sizes: dict[str, tuple[str, int]] = {}
        for size in self.size:
            sizes.setdefault(size.group, (f"{size.id}.n", whole(size.n)))
        return PatientNumbers(sizes, missing, beside)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some sections replaced; nothing that was looked up is kept."""
        copy = super().model_copy(update=update, deep=deep)
        copy.__dict__.pop("patients", None)
        return copy

    def group_size(self, group: str) -> int | None:
        """Return the printed size of a group, or None where the paper prints none."""
        found = self.patients.sizes.get(group)
        return None if found is None else found[1]

    def missing_of(self, variable: str, group: str) -> int:
        """Return how many patients of a group are declared to have no value of a variable."""
        return self.patients.missing.get((variable, group), ("", 0))[1]

    def having(self, variable: str, group: str) -> int | None:
        """Return how many patients of a group have a value of a variable, as printed.

        The denominator or number printed beside a count or mean, otherwise the size of the
        group less those declared missing; None where neither is printed.
        """
        beside = self.patients.beside.get((variable, group))
        if beside is not None:
            return beside[1]
        size = self.group_size(group)
        return None if size is None else max(size - self.missing_of(variable, group), 0)

    def variable(self, name: str) -> Variable:
        """Return what the file says about the values of a variable, or that it says nothing."""
        return self.variables.get(name, Variable())


def load_paper(path: Path) -> Paper:
    """Read a paper file.

    Raises
    ------
    PaperFileError
        When the file is missing, is not UTF-8 or TOML, or breaks rules: all of them at once,
        each with the dotted key it is about.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        problem = Problem(
            rule=f"a paper file is a readable UTF-8 TOML file ({error})", file=str(path)
        )
        raise PaperFileError([problem]) from error
    try:
        paper = Paper.model_validate(raw)
    except ValidationError as error:
        raise PaperFileError(
            Problem(
                rule=item["msg"].removeprefix("Value error, "),
                value="" if item["type"] == "missing" else _shown(item["input"]),
                key=_dotted(raw, item["loc"]),
                file=str(path),
            )
            for item in _causes(error)
        ) from error
    problems = tuple(_crossed(paper, str(path)))
    if problems:
        raise PaperFileError(problems)
    return paper


def _shown(value: object) -> str:
    try:
        return str(value)[:80]
    except RecursionError:  # tables within tables, thousands deep
        return ""


def _causes(error: ValidationError) -> Iterator[ErrorDetails]:
    """Yield what is wrong; a list that is too short because its items are wrong is not."""
    items = error.errors()
    inside = {item["loc"][:-1] for item in items}
    yield from (item for item in items if item["type"] != "too_short" or item["loc"] not in inside)


def _dotted(raw: Mapping[str, object], loc: tuple[int | str, ...]) -> str:
    """Write a location as a key; an entry is named by its id instead of its number."""
    parts: list[str] = []
    here: object = raw
    for step in loc:
        if isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
            name = here.get("id", step) if isinstance(here, dict) else step
            parts.append(str(name))
        else:
            here = here.get(step) if isinstance(here, dict) else None
            parts.append(str(step))
    return ".".join(parts)


def _crossed(paper: Paper, file: str) -> Iterator[Problem]:
    """Yield what is wrong between the entries: ids twice, unknown groups and numbers."""
    seen: set[str] = set()
    for entry in paper.entries():
        if entry.id in seen:
            yield Problem(rule="the id of an entry is unique", value=entry.id, file=file)
        seen.add(entry.id)
    ids = [number.id for number in paper.numbers()]
    for same in paper.same:
        if same.of not in ids:
            yield Problem(
                rule="`of` names a printed number of this file",
                value=same.of,
                key=f"same.{same.id}.of",
                next_step="Write <entry id>.<field>, for instance table1.ild.refractory.percent.",
                file=file,
            )
    for name, claimed in (
        *((tested.id, tested.claimed) for tested in paper.p),
        *((tested.id, tested.claimed) for tested in paper.correlation),
    ):
        if claimed is not None and claimed not in TESTS:
            yield Problem(
                rule="`claimed` names a test of this package",
                value=claimed,
                key=f"{name}.claimed",
                next_step=f"Write one of {', '.join(TESTS)}.",
                file=file,
            )
    yield from _circles(paper, file)
    yield from _outside_entries(paper, frozenset(ids), file)
    for key, group in _groups_named(paper):
        if group not in paper.groups:
            yield Problem(
                rule="a group is declared under [groups]", value=group, key=key, file=file
            )
    for count in paper.count:
        if count.n is None and count.percent is None:
            yield Problem(rule="a count has n or percent", key=f"count.{count.id}", file=file)


def _circles(paper: Paper, file: str) -> Iterator[Problem]:
    """Yield what refers to itself: groups that are parts of themselves, numbers that restate."""
    inside: dict[str, set[str]] = {}
    for partition in paper.partitions:
        inside.setdefault(partition.whole, set()).update(partition.parts)
        if len(set(partition.parts)) < len(partition.parts):
            yield Problem(
                rule="the parts of a partition are different groups",
                value=", ".join(partition.parts),
                key="partitions",
                file=file,
            )
    for whole_group in inside:
        if whole_group in _reached(whole_group, inside):
            rule = "no group is a part of itself, nor of its parts"
            yield Problem(rule=rule, value=whole_group, key="partitions", file=file)
    restated = {f"{same.id}.printed": {same.of} for same in paper.same}
    for same in paper.same:
        if f"{same.id}.printed" in _reached(f"{same.id}.printed", restated):
            rule = "a number restates another, not itself"
            yield Problem(rule=rule, value=same.of, key=f"same.{same.id}.of", file=file)
    for tested in paper.p:
        if len(set(tested.groups)) < len(tested.groups):
            yield Problem(
                rule="a p value compares different groups",
                value=", ".join(tested.groups),
                key=f"{tested.id}.groups",
                file=file,
            )


def _reached(start: str, steps: Mapping[str, set[str]]) -> set[str]:
    """Return all that can be reached from a name in one step or more."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        for name in steps.get(ahead.pop(), ()):
            if name not in found:
                found.add(name)
                ahead.append(name)
    return found


def _outside_entries(paper: Paper, ids: frozenset[str], file: str) -> Iterator[Problem]:
    """Yield what is wrong with claims, tables and readings, which refer to numbers by id."""
    for claim in paper.claim:
        if claim.of not in ids:
            yield Problem(
                rule="`of` names a printed number of this file",
                value=claim.of,
                key=f"claim.{claim.id}.of",
                file=file,
            )
    for name, times in Counter([*ids, *(claim.id for claim in paper.claim)]).items():
        if times > 1:
            yield Problem(
                rule="a claim has an id of its own", value=name, key=f"claim.{name}", file=file
            )
    for table in paper.table:
        widths = {len(row) for row in (*table.head, *table.rows)}
        if len(widths) > 1:
            yield Problem(
                rule="all rows of a table have the same number of cells",
                value=", ".join(str(width) for width in sorted(widths)),
                key=f"table.{table.id}",
                file=file,
            )
        for name in numbers_in(table):
            if name not in ids:
                yield Problem(
                    rule="braces in a table hold the id of a printed number of this file",
                    value=name,
                    key=f"table.{table.id}",
                    file=file,
                )
    columns = {count.variable for count in paper.count}
    for reading in paper.reading:
        named = [*(name for names in reading.exclusive for name in names), *reading.any_of]
        named += [name for names in reading.any_of.values() for name in names]
        for name in dict.fromkeys(named):
            if name not in columns:
                yield Problem(
                    rule="a reading names variables that have counts in this file",
                    value=name,
                    key=f"reading.{reading.id}",
                    file=file,
                )


def numbers_in(table: PrintedTable) -> tuple[str, ...]:
    """Return the ids of the numbers that a table shows, row by row, then in the notes."""
    cells = (cell for row in (*table.head, *table.rows, table.notes) for cell in row)
    return tuple(name for cell in cells for name in _IN_BRACES.findall(cell))


def _groups_named(paper: Paper) -> Iterator[tuple[str, str]]:
    for partition in paper.partitions:
        for name in (partition.whole, *partition.parts):
            yield "partitions", name
    for entry in paper.entries():
        if isinstance(entry, PValue):
            for name in entry.groups:
                yield f"{entry.id}.groups", name
        elif not isinstance(entry, Same | Cited | Setting):
            yield f"{entry.id}.group", entry.group
