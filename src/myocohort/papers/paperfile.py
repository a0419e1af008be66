"""The paper file: every number that a paper prints, as printed, with its place.

`load_paper` reads a `paper.toml`, reports everything that is wrong with it at once, and
returns a `Paper`, whose `numbers()` lists each printed number under an id of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from myocohort.errors import PaperFileError, Problem
from myocohort.papers.entries import (
    Cited,
    Correlation,
    Count,
    Entry,
    Group,
    Mean,
    Median,
    Model,
    Part,
    Partition,
    PrintedNumber,
    PValue,
    Range,
    Same,
    Setting,
    Size,
    Text,
    Zeros,
)
from myocohort.papers.printed import whole
from myocohort.stats.tests import TESTS

__all__ = [
    "Cited",
    "Correlation",
    "Count",
    "Entry",
    "Group",
    "Mean",
    "Median",
    "Model",
    "PValue",
    "Paper",
    "Partition",
    "PrintedNumber",
    "Range",
    "Same",
    "Setting",
    "Size",
    "Zeros",
    "load_paper",
]


class Paper(Part):
    """A paper file that obeys its rules; the attributes are the keys of the file."""

    title: Text
    citation: Text
    doi: Text
    remarks: tuple[Text, ...] = ()
    groups: Mapping[str, Group]
    partitions: tuple[Partition, ...] = ()
    zeros: tuple[Zeros, ...] = ()
    size: tuple[Size, ...] = ()
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

    def group_size(self, group: str) -> int | None:
        """Return the printed size of a group, or None where the paper prints none."""
        return next((whole(size.n) for size in self.size if size.group == group), None)


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
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
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
                value="" if item["type"] == "missing" else str(item["input"])[:80],
                key=_dotted(raw, item["loc"]),
                file=str(path),
            )
            for item in error.errors()
        ) from error
    problems = tuple(_crossed(paper, str(path)))
    if problems:
        raise PaperFileError(problems)
    return paper


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
        if claimed not in TESTS:
            yield Problem(
                rule="`claimed` names a test of this package",
                value=claimed,
                key=f"{name}.claimed",
                next_step=f"Write one of {', '.join(TESTS)}.",
                file=file,
            )
    for key, group in _groups_named(paper):
        if group not in paper.groups:
            yield Problem(
                rule="a group is declared under [groups]", value=group, key=key, file=file
            )
    for count in paper.count:
        if count.n is None and count.percent is None:
            yield Problem(rule="a count has n or percent", key=f"count.{count.id}", file=file)


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
