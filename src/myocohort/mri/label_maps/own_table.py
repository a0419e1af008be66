"""A user's own label table: a CSV file with the columns label, muscle and side."""

from __future__ import annotations

import csv
import difflib
import io
import re
from dataclasses import replace
from pathlib import Path

from myocohort.errors import InputError, Problem
from myocohort.mri.label_maps.table import LabelTable, Structure, kind_of, known_names, structure
from myocohort.mri.regions import Side

COLUMNS = ("label", "muscle", "side")

SIDES: dict[str, Side | None] = {
    "left": "left", "l": "left", "right": "right", "r": "right", "": None, "both": None,
}  # fmt: skip
"""What may stand in the column side; nothing or "both" where the map does not tell sides apart."""


def read_label_table(path: Path) -> LabelTable:
    """Return the label table of a CSV file.

    Parameters
    ----------
    path
        CSV (comma, semicolon or tab; UTF-8) with a header: label (whole number above 0), muscle
        (one of the twelve, a further muscle, a compartment, or a bone), side (left, right, or empty
        where the map has no sides). Two labels may stand for one muscle, such as heads of biceps.

    Raises
    ------
    InputError
        With every row that breaks a rule.
    """
    file = path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise InputError(
            [
                Problem(
                    rule=f"a label table is a CSV file in UTF-8 ({why})",
                    file=file,
                    next_step='Check the name of the file, or save it as "CSV UTF-8"',
                )
            ]
        ) from error
    rows = _rows(text, file)
    labels: dict[int, Structure] = {}
    problems: list[Problem] = []
    for number, row in rows:
        found = _structure(row)
        if isinstance(found, list):
            problems += [replace(one, file=file, row=number) for one in found]
        elif found[0] in labels:
            problems.append(
                Problem(
                    rule="each label stands in one row only",
                    value=str(found[0]),
                    next_step="Remove one of the rows",
                    file=file,
                    row=number,
                    column="label",
                )
            )
        else:
            labels[found[0]] = found[1]
    problems += _mixed_sides(labels, file)
    if not rows:
        problems.append(
            Problem(
                rule="a label table has at least one row",
                file=file,
                next_step="Add a row for each label of the map",
            )
        )
    if problems:
        raise InputError(problems)
    return LabelTable(name=file, source=f"the user's table {file}", labels=labels)


def _rows(text: str, file: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows with the number that a spreadsheet shows, blank rows left out."""
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        step = "Save it anew from a spreadsheet"
        problem = Problem(f"a label table is a CSV file ({error})", next_step=step, file=file)
        raise InputError([problem]) from error
    header = [name.strip().casefold() for name in lines[0]] if lines else []
    missing = [name for name in COLUMNS[:2] if name not in header]
    if missing:
        raise InputError(
            [
                Problem(
                    rule="a label table has the columns label, muscle and side",
                    value=", ".join(header),
                    next_step=f"Add a column named {' and '.join(missing)} to the first row",
                    file=file,
                    row=1,
                )
            ]
        )
    return [
        (number, {name: cell.strip() for name, cell in zip(header, line, strict=False)})
        for number, line in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in line)
    ]


def _structure(row: dict[str, str]) -> tuple[int, Structure] | list[Problem]:
    """Return a row's label and structure, or what is wrong with it."""
    problems = []
    label = row.get("label", "")
    if not re.fullmatch(r"[0-9]{1,9}", label) or int(label) == 0:
        problems.append(
            Problem(
                rule="a label is a whole number above 0",
                value=label,
                next_step="Write the number that stands in the map",
                column="label",
            )
        )
    name = re.sub(r"[\s_-]+", " ", row.get("muscle", "")).casefold()
    if kind_of(name) is None:
        close = difflib.get_close_matches(name, known_names(), n=1)
        guess = f"Did you mean {close[0]!r}? " if close else ""
        problems.append(
            Problem(
                rule="a muscle is one of the twelve, or a further muscle, compartment or bone",
                value=row.get("muscle", ""),
                next_step=f"{guess}Known are: {', '.join(known_names())}",
                column="muscle",
            )
        )
    side = row.get("side", "").casefold()
    if side not in SIDES:
        problems.append(
            Problem(
                rule="a side is left, right, or empty",
                value=row.get("side", ""),
                next_step="Leave it empty where the map does not tell sides apart",
                column="side",
            )
        )
    return problems or (int(label), structure(name, SIDES[side]))


def _mixed_sides(labels: dict[int, Structure], file: str) -> list[Problem]:
    """Say which muscles have labels with and labels without a side."""
    sides: dict[str, set[Side | None]] = {}
    for one in labels.values():
        sides.setdefault(one.name, set()).add(one.side)
    return [
        Problem(
            rule="all labels of a muscle have a side, or none has",
            value=name,
            next_step="Fill the column side in all rows of this muscle, or in none",
            file=file,
            column="side",
        )
        for name, found in sides.items()
        if None in found and len(found) > 1
    ]
