"""A measurement as `myocohort mri measure --json` wrote it, read back and checked."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from myocohort.errors import InputError, Problem
from myocohort.mri.by_method import modality_of
from myocohort.mri.grade_values import grade_values, known_scales
from myocohort.mri.regions import Side

VERSION = 1
"""Newest form of the content that is understood here."""
MEASURE = "Give what `myocohort mri measure --json` printed, unchanged"

OF_OEDEMA = ("oedema", "stir")
"""References that say nothing of fat."""

Key = tuple[str, str]
"""Muscle and side."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A proposed grade: one grade, a range of grades, or none.

    Parameters
    ----------
    scale, version
        Its name, and the version of its definition where the file tells it.
    codes
        Codes of the lowest and the highest grade that are possible, the same twice where there
        is one; None where there is none.
    low, high
        Numbers of the two (`grade_values`).
    basis
        What the bands rest on ("literal bands", "calibrated on ..."), where the file says so.
    reason
        Why there is no grade.
    """

    scale: str
    codes: tuple[str, str] | None
    low: float | None
    high: float | None
    basis: str = ""
    reason: str = ""
    version: str = ""

    @property
    def code(self) -> str | None:
        """Code of the one grade; None where there is a range or none."""
        return self.codes[0] if self.codes is not None and self.low == self.high else None


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One slice of one muscle-side: height in mm, area in square cm, voxels, fat fraction.

    The fraction of few voxels may lie a little outside 0 to 1, as noise does.
    """

    position_mm: float
    area_cm2: float
    voxels: int
    fat_fraction: float | None


@dataclass(frozen=True, slots=True)
class MuscleRow:
    """One muscle-side; None where something was not measured (units as in the file)."""

    name: str
    side: str
    voxels: int | None
    volume_ml: float | None
    fat_share: float | None
    fat_fraction: float | None
    fat_fraction_sd: float | None
    stir_positive_share: float | None
    stir_mean_excess: float | None
    grade: Graded | None
    oedema_grade: Graded | None
    slices: tuple[SliceRow, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """All muscle-sides of one session.

    Parameters
    ----------
    file
        What messages call it.
    patient
        Code, where the measurement was given one; else ''.
    name, date, sequence
        Of the scan that fat was measured on; '' or None where unknown.
    method
        How fat was measured, in words; '' where fat was not measured.
    muscles
        Muscle and side -> its row, in the order of the file.
    references, coverage, coverage_stir
        As in the file.
    warnings
        Of the measurement.
    """

    file: str
    patient: str
    name: str
    date: dt.date | None
    sequence: str
    method: str
    muscles: Mapping[Key, MuscleRow]
    references: Mapping[str, Any]
    coverage: Mapping[str, Any]
    coverage_stir: Mapping[str, Any]
    warnings: tuple[str, ...]

    @property
    def modality(self) -> str:
        """What fat fractions rest on: "Dixon", "T1", or '' where it is not said."""
        return modality_of(self.method) or modality_of(self.sequence)


class _Checker:
    """Reads values and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, rule: str, key: str, value: object = "") -> None:
        """Keep a problem."""
        shown = "" if value == "" else str(value)[:80]
        self.problems.append(Problem(rule, value=shown, file=self.file, key=key, next_step=MEASURE))

    def number(
        self, raw: Mapping[str, Any], name: str, key: str, low: float = 0, high: float = math.inf
    ) -> float | None:
        """Return a finite number in its range; None where it is absent or null."""
        value = raw.get(name)
        if value is None:
            return None
        known = isinstance(value, int | float) and not isinstance(value, bool)
        if not known or not math.isfinite(value) or not low <= value <= high:
            span = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
            if not math.isfinite(low):
                span = "that is finite"
            self.problem(f"{name} is a number {span}, or null", f"{key}.{name}", value)
            return None
        return float(value)

    def mapping(self, raw: Mapping[str, Any], name: str, key: str = "") -> Mapping[str, Any]:
        """Return an object; an empty one where it is absent or null."""
        value = raw.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.problem(f"{name} is an object", f"{key}{name}", type(value).__name__)
            return {}
        return value

    def rows(self, raw: Mapping[str, Any], name: str, key: str) -> list[Mapping[str, Any]]:
        """Return a list of objects; an empty one where it is absent."""
        value = raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            self.problem(f"{name} is a list of objects", f"{key}{name}")
            return []
        return value


def file_label(path: Path) -> str:
    """Return what messages call a measurement's file; all that are kept are called alike."""
    kept = path.name == "measure.json" and path.parent.name
    return f"{path.parent.name}/{path.name}" if kept else path.name


def read_measurement(raw: object, file: str) -> Measurement:
    """Check a measurement.

    Parameters
    ----------
    raw
        Content of the JSON.
    file
        What messages call it.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    check = _Checker(file)
    if not isinstance(raw, Mapping) or not isinstance(raw.get("muscles"), list):
        rule = "a measurement is an object with a list `muscles`"
        raise InputError([Problem(rule, file=file, next_step=MEASURE)])
    version = raw.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        rule = f"a measurement has a version up to {VERSION}"
        step = "Measure again with this program, or use the one that wrote the file"
        raise InputError([Problem(rule, value=str(version), file=file, next_step=step)])
    scan = check.mapping(raw, "scan")
    muscles: dict[Key, MuscleRow] = {}
    for place, row in enumerate(check.rows(raw, "muscles", "")):
        muscle = _muscle(check, row, f"muscles.{place}")
        if (muscle.name, muscle.side) in muscles:
            value = f"{muscle.side} {muscle.name}"
            check.problem("each muscle-side stands once", f"muscles.{place}", value)
        muscles[muscle.name, muscle.side] = muscle
    if not muscles and not check.problems:
        check.problem("a measurement has at least one muscle-side", "muscles")
    references = check.mapping(raw, "references")
    measurement = Measurement(
        file=file,
        patient=str(raw.get("patient") or scan.get("patient") or ""),
        name=str(scan.get("name") or ""),
        date=_date(check, scan),
        sequence=_sequence(scan),
        method=_method(references),
        muscles=muscles,
        references=references,
        coverage=check.mapping(raw, "coverage"),
        coverage_stir=check.mapping(raw, "coverage_stir"),
        warnings=tuple(str(one) for one in raw.get("warnings") or ()),
    )
    if check.problems:
        raise InputError(check.problems)
    return measurement


def _muscle(check: _Checker, raw: Mapping[str, Any], key: str) -> MuscleRow:
    name, side = str(raw.get("name") or ""), str(raw.get("side") or "")
    if not name:
        check.problem("a muscle has a name", f"{key}.name")
    if side not in get_args(Side):
        check.problem("side is left or right", f"{key}.side", side)
    voxels = check.number(raw, "voxels", key)
    return MuscleRow(
        name=name,
        side=side,
        voxels=None if voxels is None else int(voxels),
        volume_ml=check.number(raw, "volume_ml", key),
        fat_share=check.number(raw, "fat_share", key, 0, 1),
        fat_fraction=check.number(raw, "fat_fraction", key, 0, 1),
        fat_fraction_sd=check.number(raw, "fat_fraction_sd", key),
        stir_positive_share=check.number(raw, "stir_positive_share", key, 0, 1),
        stir_mean_excess=check.number(raw, "stir_mean_excess", key, -math.inf),
        grade=_grade(check, raw, "grade", key),
        oedema_grade=_grade(check, raw, "oedema_grade", key),
        slices=_slices(check, raw, key),
        warnings=tuple(str(one) for one in raw.get("warnings") or ()),
    )


def _grade(check: _Checker, raw: Mapping[str, Any], name: str, key: str) -> Graded | None:
    """Return a grade with its range; None where none was proposed."""
    grade = check.mapping(raw, name, f"{key}.")
    if not grade:
        return None
    where, scale = f"{key}.{name}", str(grade.get("scale") or "")
    basis, version = str(grade.get("basis") or ""), str(grade.get("version") or "")
    if scale not in known_scales():
        check.problem(f"a scale is one of {', '.join(known_scales())}", f"{where}.scale", scale)
        return None
    one, low, high = (_code(grade.get(end)) for end in ("proposal", "low", "high"))
    low, high = low or one, high or one
    if low is None or high is None:
        if low != high:
            check.problem("low and high of a grade are both given", where)
        reason = str(grade.get("evidence") or "no grade was proposed")
        return Graded(scale, None, None, None, basis, reason, version)
    values = grade_values(scale)
    wrong = [code for code in (one, low, high) if code is not None and code not in values]
    if wrong:
        check.problem(f"grades of {scale} are {', '.join(values)}", where, ", ".join(wrong))
        return None
    if not values[low] <= values[one or low] <= values[high]:
        check.problem("low, proposal and high of a grade are in this order", where)
        return None
    return Graded(scale, (low, high), values[low], values[high], basis, "", version)


def _code(value: object) -> str | None:
    """Return a grade's code: 2 and 2.0 are "2"."""
    if value in (None, ""):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _slices(check: _Checker, raw: Mapping[str, Any], key: str) -> tuple[SliceRow, ...]:
    found = []
    for place, row in enumerate(check.rows(raw, "slices", f"{key}.")):
        where = f"{key}.slices.{place}"
        at = check.number(row, "position_mm", where, -math.inf)
        area, voxels = check.number(row, "area_cm2", where), check.number(row, "voxels", where)
        fraction = check.number(row, "fat_fraction", where, -1, 2)
        if at is not None and area is not None and voxels is not None:
            found.append(SliceRow(at, area, int(voxels), fraction))
    return tuple(found)


def _date(check: _Checker, scan: Mapping[str, Any]) -> dt.date | None:
    text = scan.get("date")
    if text in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        check.problem("a date is written as 2020-05-31", "scan.date", text)
        return None


def _sequence(scan: Mapping[str, Any]) -> str:
    sequence = scan.get("sequence")
    if isinstance(sequence, Mapping):
        sequence = sequence.get("kind")
    return str(sequence or "")


def _method(references: Mapping[str, Any]) -> str:
    """Return how fat was measured: the method of the first reference that is not of oedema."""
    for name, reference in references.items():
        if name not in OF_OEDEMA and isinstance(reference, Mapping) and reference.get("method"):
            return str(reference["method"])
    return ""
