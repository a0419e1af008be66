"""The lines of a regression table: estimates with their intervals and p values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from myocohort.papers.draft.understanding.cells import Piece, read_p
from myocohort.papers.draft.understanding.claimed import Tests
from myocohort.papers.draft.understanding.collected import Collected
from myocohort.papers.draft.understanding.columns import Column
from myocohort.papers.draft.understanding.labels import (
    one_level,
    read_label,
    slug,
    two_levels,
    without_unit,
)
from myocohort.papers.draft.understanding.rows import Row
from myocohort.papers.draft.understanding.sheet import Sheet, claim_by_marks
from myocohort.papers.draft.understanding.tokens import normalised
from myocohort.papers.entries import Measure

_LEVEL = re.compile(r"(9[059](?:\.[0-9])?)\s*%")
_REFERENCE = re.compile(
    r"\s*(?P<one>1(?:\.0+)?)\s*[(\[]?\s*(?:ref(?:erence|erent)?\.?(?: (?:group|category))?)?"
    r"\s*[)\]]?\s*",
    re.IGNORECASE,
)
_WITH = re.compile(r"^(?:with|having|presence of|being)\s+", re.IGNORECASE)


@dataclass(slots=True)
class _Columns:
    """The columns of one model, by what they hold."""

    measure: Measure
    name: str
    estimate: Column
    others: dict[str, Column] = field(default_factory=dict)


def read_models(sheet: Sheet, collected: Collected, tests: Tests) -> None:
    """Add the models that a table prints, one for each set of estimate columns.

    Where a model prints coefficients and ratios, these are two entries, because a line of a
    model has one measure.
    """
    sets = _sets(sheet.columns)
    for position, columns in enumerate(sets):
        terms: list[dict[str, Any]] = []
        shown: list[tuple[Row, Column, Piece, str]] = []
        marks: list[tuple[Row, str, str]] = []
        for row in sheet.rows:
            if row.kind != "section":
                _read_line(sheet, row, columns, terms, shown, marks, collected)
        if not terms:
            continue
        said = slug(columns.name) if columns.name else str(position + 1)
        name = sheet.id if len(sets) == 1 else f"{sheet.id}.{said}"
        head = " ".join(column.head for column in (columns.estimate, *columns.others.values()))
        level = _LEVEL.search(normalised(head))
        entry = collected.add(
            "model",
            name,
            sheet.place(columns.name),
            group=collected.whole_sample(),
            claimed=tests.model if columns.measure == "odds_ratio" else None,
            level=level[1] if level and level[1] != "95" else None,
            terms=terms,
        )
        for row, column, piece, suffix in shown:
            sheet.show(row.index, column.index, piece, f"{entry}.{suffix}")
        for row, sign, term in marks:
            number = f"{entry}.{term}.p"
            claim_by_marks(sheet, sign, number, f"{entry}.{term}.claim", row.label, collected)


def _sets(columns: tuple[Column, ...]) -> list[_Columns]:
    sets: list[_Columns] = []
    current: _Columns | None = None
    for column in columns:
        if column.role in ("estimate", "estimate_interval") and column.measure is not None:
            current = _Columns(column.measure, column.model, column)
            sets.append(current)
        elif column.role in ("group", "label"):
            current = None
        elif current is not None and column.role not in ("unknown", "statistic"):
            current.others.setdefault(column.role, column)
    return sets


def _read_line(
    sheet: Sheet,
    row: Row,
    columns: _Columns,
    terms: list[dict[str, Any]],
    shown: list[tuple[Row, Column, Piece, str]],
    marks: list[tuple[Row, str, str]],
    collected: Collected,
) -> None:
    found: dict[str, tuple[Column, Piece]] = {}
    cell = row.cells[columns.estimate.index]
    if "first" in cell.pieces and cell.shape in ("number", "triple"):
        found["estimate"] = (columns.estimate, cell.pieces["first"])
        for limit in ("low", "high"):
            if limit in cell.pieces:
                found[limit] = (columns.estimate, cell.pieces[limit])
    for role, column in columns.others.items():
        _read_other(sheet, row, role, column, found)
    text = sheet.text(row.index, columns.estimate.index)
    reference = _REFERENCE.fullmatch(text)
    if reference is not None and not {"low", "p", "standard_error"} & set(found):
        place = sheet.place(row.label, columns.estimate.head)
        entry = collected.add(
            "setting",
            f"{sheet.id}.{slug(row.label)}.reference",
            place,
            printed=reference["one"],
            why="the level that the others are compared with",
        )
        piece = Piece(reference["one"], *reference.span("one"))
        sheet.show(row.index, columns.estimate.index, piece, f"{entry}.printed")
        return
    if "estimate" not in found or not found["estimate"][1].text[0].isascii():
        return
    if found["estimate"][1].text[0] in "<>":
        return
    term = _unused(_term(row), terms)
    line: dict[str, Any] = {"term": term, columns.measure: found["estimate"][1].text}
    shown.append((row, *found["estimate"], f"{term}.{columns.measure}"))
    for name in ("standard_error", "low", "high", "p"):
        if name in found:
            line[name] = found[name][1].text
            shown.append((row, *found[name], f"{term}.{name}"))
    terms.append(line)
    if "p" in found:
        sign = read_p(sheet.text(row.index, found["p"][0].index))[1]
        marks.append((row, sign, term))
    variable = term.partition("=")[0]
    collected.variable(variable, _name(row)[0])


def _read_other(
    sheet: Sheet, row: Row, role: str, column: Column, found: dict[str, tuple[Column, Piece]]
) -> None:
    cell = row.cells[column.index]
    if role == "p":
        piece, _ = read_p(sheet.text(row.index, column.index))
        if piece is not None:
            found["p"] = (column, piece)
    elif role == "interval" and cell.shape == "interval":
        found["low"] = (column, cell.pieces["low"])
        found["high"] = (column, cell.pieces["high"])
    elif role in ("low", "high", "standard_error") and cell.shape == "number":
        found[role] = (column, cell.pieces["first"])


def _name(row: Row) -> tuple[str, str]:
    """Return label and level of the term that a row is about; the level may be empty."""
    label = without_unit(_WITH.sub("", read_label(row.variable or row.label).text))
    if row.level:
        return label, row.level
    single = one_level(label)
    if single is not None:
        name, level = single
        return (name, "") if level in ("yes", "present", "positive") else single
    two = two_levels(label)
    if two is not None:
        return (two[0], "") if two[1].lower() == "yes" else (two[0], two[1])
    if row.section and row.indent:
        return row.section, row.label
    return label, ""


def _term(row: Row) -> str:
    label, level = _name(row)
    return f"{slug(label)}={slug(level)}" if level else slug(label)


def _unused(term: str, terms: list[dict[str, Any]]) -> str:
    names = {str(line["term"]) for line in terms}
    free, number = term, 1
    while free in names:
        number += 1
        free = f"{term}_{number}"
    return free
