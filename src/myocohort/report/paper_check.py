"""The page of `myocohort paper check`: a paper's tables as printed, each number with its verdict.

One HTML file that loads nothing and needs no script. Each number leads to its arithmetic and
back; it is marked by a line and a sign as well as by colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup

from myocohort.report.files import write_whole
from myocohort.report.templating import asset, new_environment
from myocohort.report.wording import clean

Checked = Mapping[str, Any]

_IN_BRACES = re.compile(r"\{([^{}]+)\}")
_TABLE_ID = re.compile(r"table_?([0-9]+|s[0-9]+)")
VERDICTS = {
    "consistent": "agrees with what it was held against",
    "inconsistent": "cannot stand together with other printed numbers",
    "untestable": "no check could decide it; the reason is in its arithmetic",
}
ROUNDINGS = {
    "nearest": "to the nearest",
    "truncated": "the paper cuts digits off throughout",
    "twice": "the paper rounds twice throughout",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A printed number on the page.

    Parameters
    ----------
    listed
        Its running number, under which its arithmetic stands; 0 for a number that is no
        result and has none.
    content
        What `CheckedNumber.as_dict` gives.
    """

    listed: int
    content: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Its verdict, or "involved" for one that another number is inconsistent with."""
        return "involved" if self.content["involved"] else str(self.content["verdict"])

    @property
    def classes(self) -> str:
        """The classes that mark it."""
        return f"v-{self.content['verdict']}" + (" involved" if self.content["involved"] else "")

    @property
    def words(self) -> str:
        """Its verdict in words."""
        verdict = str(self.content["verdict"]).replace("_", " ")
        return f"{verdict}, involved" if self.content["involved"] else verdict


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a cell: text, or a number, of which the first one shown carries the anchor."""

    text: str = ""
    number: Number | None = None
    anchor: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a drawn table."""

    pieces: tuple[Piece, ...]
    span: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a drawn table; the first cell with something in it is its heading."""

    cells: tuple[Cell, ...]

    @property
    def heading(self) -> int:
        """The place of the heading cell."""
        return next((i for i, cell in enumerate(self.cells) if cell.pieces), 0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table as printed: head, groups of rows (each with its heading row, or none), notes."""

    anchor: str
    label: str
    caption: str
    width: int
    head: tuple[tuple[Cell, ...], ...]
    groups: tuple[tuple[Cell | None, tuple[Row, ...]], ...]
    notes: tuple[Cell, ...]
    numbers: tuple[Number, ...]


def write_paper_check(checked: Checked, path: Path, *, made_on: date) -> None:
    """Write the page.

    Parameters
    ----------
    checked
        What `CheckedPaper.as_dict` gives.
    path
        The file; it is replaced as a whole, or left as it was when something fails.
    made_on
        Date to be printed; given, so that the same paper file gives the same page.
    """
    write_whole(path, paper_check_html(checked, made_on=made_on).encode())


def paper_check_html(checked: Checked, *, made_on: date) -> str:
    """Return the page as HTML; see `write_paper_check`."""
    numbers = {number.content["id"]: number for number in _numbered(checked)}
    shown: set[str] = set()
    tables = [_drawn(table, numbers, shown) for table in checked["tables"]]
    outside = [number for name, number in numbers.items() if name not in shown]
    results = [number for number in outside if number.listed]
    environment = new_environment()
    environment.filters.update(words=_words, capital=_capital)
    template = environment.get_template("paper_check.html.j2")
    return clean(
        template.render(
            css=Markup(asset("report.css") + asset("paper_check.css")),
            made_on=made_on.isoformat(),
            paper=checked,
            numbers=numbers,
            tables=tables,
            places=_by_place(results),
            settings=_by_place([number for number in outside if not number.listed]),
            groups=[
                *((table.label, table.numbers) for table in tables if table.numbers),
                *([("Numbers outside the tables", results)] if results else []),
            ],
            inconsistent=[numbers[item["id"]] for item in checked["inconsistent"]],
            details={item["id"]: item for item in checked["inconsistent"]},
            remarked=_remarked(numbers.values()),
            procedures=[item for item in checked["procedures"] if item["differs"]],
            counts={
                "consistent": checked["consistent"],
                "inconsistent": len(checked["inconsistent"]),
                "untestable": len(checked["untestable"]),
            },
            verdicts=VERDICTS,
            roundings=ROUNDINGS,
        )
    ).lstrip()


def _numbered(checked: Checked) -> Iterator[Number]:
    """Yield every number; results are numbered as a reader meets them: tables, then places."""
    contents = {item["id"]: item for item in checked["numbers"]}
    in_tables = [
        name
        for table in checked["tables"]
        for row in (*table["head"], *table["rows"], table["notes"])
        for cell in row
        for name in _IN_BRACES.findall(cell)
    ]
    first = {item["place"]: place for place, item in reversed(list(enumerate(contents.values())))}
    outside = sorted(contents, key=lambda name: first[contents[name]["place"]])
    listed = 0
    for name in dict.fromkeys((*in_tables, *outside)):
        result = contents[name]["verdict"] != "not_result"
        listed += result
        yield Number(listed if result else 0, contents[name])


def _remarked(numbers: Iterable[Number]) -> list[Number]:
    """Return the first number with each remark, but for those listed as inconsistent."""
    first: dict[str, Number] = {}
    for number in numbers:
        if number.content["remark"] and number.content["verdict"] != "inconsistent":
            first.setdefault(number.content["remark"], number)
    return sorted(first.values(), key=lambda number: number.listed)


def _by_place(numbers: Sequence[Number]) -> list[tuple[str, list[tuple[str, list[Number]]]]]:
    """Group numbers, in the order of their places, by place and by what they are about."""
    return [(place, _by(listed, "about")) for place, listed in _by(numbers, "place")]


def _by(numbers: Sequence[Number], key: str) -> list[tuple[str, list[Number]]]:
    return [
        (str(value), list(group))
        for value, group in groupby(numbers, key=lambda number: number.content[key])
    ]


def _drawn(table: Mapping[str, Any], numbers: Mapping[str, Number], shown: set[str]) -> Drawn:
    """Prepare one table; `shown` collects the numbers that have their anchor already."""
    new: list[Number] = []

    def cell(text: str, span: int = 1) -> Cell:
        pieces = []
        # Split by the pattern, every second part is an id.
        for i, part in enumerate(_IN_BRACES.split(text)):
            if i % 2:
                pieces.append(Piece(number=numbers[part], anchor=part not in shown))
                if part not in shown and numbers[part].listed:
                    new.append(numbers[part])
                shown.add(part)
            elif part:
                pieces.append(Piece(part))
        return Cell(tuple(pieces), span)

    head = tuple(
        tuple(cell(text, len(list(same))) for text, same in _merged(row)) for row in table["head"]
    )
    groups: list[tuple[Cell | None, list[Row]]] = []
    for row in table["rows"]:
        if len(row) > 1 and row[0] and not any(row[1:]):
            groups.append((cell(row[0]), []))
            continue
        if not groups:
            groups.append((None, []))
        groups[-1][1].append(Row(tuple(cell(text) for text in row)))
    rows = (*table["head"], *table["rows"])
    return Drawn(
        anchor=table["id"],
        label=_label(table["id"]),
        caption=table["caption"],
        width=len(rows[0]) if rows else 1,
        head=head,
        groups=tuple((heading, tuple(lines)) for heading, lines in groups),
        notes=tuple(cell(note) for note in table["notes"]),
        numbers=tuple(new),
    )


def _merged(row: Sequence[str]) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield each head cell with its repetitions; empty cells stay apart."""
    for text, same in groupby(row):
        if text:
            yield text, same
        else:
            yield from ((text, [text]) for _ in same)


def _words(name: str) -> str:
    """Return the name of a check as words."""
    return name.replace("_", " ")


def _capital(text: str) -> str:
    """Return a sentence with a capital letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def _label(identity: str) -> str:
    """Return "Table 1" for the id "table1"."""
    match = _TABLE_ID.fullmatch(identity)
    return f"Table {match[1].upper()}" if match else identity.replace("_", " ").capitalize()
