"""Rows of readings for a calibration, checked: all that is wrong with them is said at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myocohort.errors import InputError, Problem
from myocohort.mri.calibration import TEXTURES, ReadMuscle, Unit
from myocohort.mri.measurement import Measurement
from myocohort.mri.scales import SCALES, Scale
from myocohort.study.variable import Variable

NEEDED = ("patient", "muscle", "side", "reader", "grade")
YES_NO = Variable(name="automatic", type="yes_no")


@dataclass(frozen=True, slots=True)
class ReadTable:
    """Readings that can be used, and how many rows were left out for which reason."""

    readings: tuple[ReadMuscle, ...]
    left_out: Mapping[str, int]


def read_muscles(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    scale: str,
    file: str,
    measurements: Sequence[Measurement] = (),
) -> ReadTable:
    """Turn rows into readings with their measures.

    Parameters
    ----------
    header
        Names of the columns: patient, muscle, side, reader and grade; fat_fraction (0 to 1)
        unless measurements give it; where they are there, also date or month, scale (other scales
        are left out), automatic (proposals are left out), and numbers of the texture.
    rows
        Row number as a spreadsheet counts, and cells as text, "" where missing.
    scale
        Name of the scale.
    file
        What messages call the table.
    measurements
        Of `myocohort mri measure --json`, each with a patient; their fat fractions are used where
        the table has none.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    at = {name: k for k, name in enumerate(header)}
    missing = [name for name in NEEDED if name not in at]
    if "fat_fraction" not in at and not measurements:
        missing.append("fat_fraction")
    if missing:
        raise InputError(
            Problem(
                rule=f"readings have a column {name}", file=file,
                next_step=f"The columns are: {', '.join(header)}",
            )
            for name in missing
        )  # fmt: skip
    known = SCALES[scale]
    measured = _measured(measurements)
    problems: list[Problem] = []
    left_out: dict[str, int] = {}
    found: list[ReadMuscle] = []
    seen: dict[tuple[Unit, str], int] = {}
    values_of: dict[Unit, tuple[int, Mapping[str, float]]] = {}
    for number, texts in rows:
        cells = {name: texts[k].strip() for name, k in at.items()}
        reason = _left_out(cells, scale)
        before = len(problems)
        if not reason:
            problems += _cell_problems(cells, known, file, number)
            values, wrong = _values(cells, measured, file, number)
            problems += wrong
            reason = "" if wrong or "fat_fraction" in values else "no fat fraction"
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        if len(problems) > before:
            continue
        when = cells.get("date", "") or cells.get("month", "")
        unit = (cells["patient"], when, cells["muscle"], cells["side"])
        problems += _repeated(seen, values_of, unit, cells["reader"], values, file, number)
        found.append(ReadMuscle(unit, cells["reader"], cells["grade"], values))
    if problems:
        raise InputError(problems)
    return ReadTable(tuple(found), left_out)


def _left_out(cells: Mapping[str, str], scale: str) -> str:
    """Return why a row is no reading of this scale; "" where it is one."""
    if cells.get("scale", scale) not in (scale, ""):
        return "another scale"
    if not cells["grade"]:
        return "no grade"
    automatic = YES_NO.parse(cells["automatic"]) if cells.get("automatic") else None
    return "proposals, not readings" if getattr(automatic, "text", "no") == "yes" else ""


def _cell_problems(cells: Mapping[str, str], scale: Scale, file: str, number: int) -> list[Problem]:
    found = []
    for name in ("patient", "muscle", "side", "reader"):
        if not cells[name]:
            found.append(Problem(f"a reading has a {name}", file=file, row=number, column=name))
    if cells["side"] and cells["side"] not in ("left", "right"):
        found.append(
            Problem("side is left or right", value=cells["side"], file=file, row=number,
                    column="side")
        )  # fmt: skip
    if cells["grade"] not in scale.codes:
        found.append(
            Problem(
                rule=f"a grade of {scale.name} is one of {', '.join(scale.codes)}",
                value=cells["grade"], file=file, row=number, column="grade",
            )
        )  # fmt: skip
    return found


def _values(
    cells: Mapping[str, str],
    measured: Mapping[tuple[str, str, str], list[tuple[str, float]]],
    file: str,
    number: int,
) -> tuple[dict[str, float], list[Problem]]:
    """Return the measures of a row, from its cells or from the measurements."""
    values: dict[str, float] = {}
    problems = []
    for name in ("fat_fraction", *TEXTURES):
        text = cells.get(name, "")
        if not text:
            continue
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 <= value <= 1:
            step = "Divide percentages by 100" if value > 1 else "Correct it, or leave it empty"
            problems.append(
                Problem(f"{name} is a number from 0 to 1", text, step, file=file, row=number,
                        column=name)
            )  # fmt: skip
            continue
        values[name] = value
    if "fat_fraction" in values or problems:
        return values, problems
    offered = measured.get((cells["patient"], cells["muscle"], cells["side"]), [])
    day = cells.get("date", "")
    fitting = [fraction for date, fraction in offered if not day or not date or date == day]
    if len(fitting) > 1:
        problems.append(
            Problem(
                rule="a reading belongs to one measurement",
                value=f"{len(fitting)} measurements of this muscle",
                next_step="Give the date of the scan in a column `date` (YYYY-MM-DD)",
                file=file, row=number,
            )
        )  # fmt: skip
    elif fitting:
        values["fat_fraction"] = fitting[0]
    return values, problems


def _measured(
    measurements: Sequence[Measurement],
) -> dict[tuple[str, str, str], list[tuple[str, float]]]:
    """Return date and fat fraction of each patient's muscle-side.

    Raises
    ------
    InputError
        For each measurement that names no patient.
    """
    nameless = [one.file for one in measurements if not one.patient]
    if nameless:
        raise InputError(
            Problem(
                rule="a measurement names its patient, so that readings can be found for it",
                file=file,
                next_step="Measure with the patient's code, or put a column fat_fraction into "
                "the readings",
            )
            for file in nameless
        )
    found: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for one in measurements:
        date = one.date.isoformat() if one.date is not None else ""
        for (muscle, side), row in one.muscles.items():
            if row.fat_fraction is not None:
                key = (one.patient, muscle, side)
                found.setdefault(key, []).append((date, row.fat_fraction))
    return found


def _repeated(
    seen: dict[tuple[Unit, str], int],
    values_of: dict[Unit, tuple[int, Mapping[str, float]]],
    unit: Unit,
    reader: str,
    values: Mapping[str, float],
    file: str,
    number: int,
) -> list[Problem]:
    """Refuse a second reading by one reader, and measures of a muscle that differ."""
    found = []
    first = seen.setdefault((unit, reader), number)
    if first != number:
        found.append(
            Problem(
                rule="a reader reads a muscle of a scan once",
                value=f"also in row {first}",
                next_step="Keep the first reading, or give the scans their dates",
                file=file, row=number, column="reader",
            )
        )  # fmt: skip
    row, before = values_of.setdefault(unit, (number, values))
    if before != values:
        found.append(
            Problem(
                rule="all readings of a muscle of a scan have the same measures",
                value=f"others than in row {row}",
                file=file, row=number, column="fat_fraction",
            )
        )  # fmt: skip
    return found
