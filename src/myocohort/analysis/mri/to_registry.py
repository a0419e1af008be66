"""Proposed grades of a measurement, brought into a study: `myocohort mri to-registry`.

They are written to a file in the study's folder and imported from there like any other records,
so that `myocohort study update` finds them again and a number can be followed back. They are
automatic readings: they count in no result until a reader has read the muscle himself.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from myocohort import __version__
from myocohort.analysis.mri.compare_files import read_measurement_file
from myocohort.errors import InputError, Problem
from myocohort.mri.measurement import Graded, Measurement, MuscleRow
from myocohort.registry.imports.columns import source_of
from myocohort.registry.load import import_files
from myocohort.registry.store import take_snapshot
from myocohort.study.standard import MUSCLES, SCALES
from myocohort.study.studyfile import Study

FOLDER = Path("measured") / "mri"
READINGS = "mri_readings.csv"
MEASURES = "mri_measures.csv"
READING_COLUMNS = ("patient", "date", "month", "muscle", "side", "scale", "grade", "reader",
                   "read_on", "blinded", "automatic")  # fmt: skip
MEASURE_COLUMNS = (
    "patient", "date", "month", "muscle", "side", "sequence", "method", "fat_fraction",
    "fat_fraction_sd", "fat_share", "volume_ml", "stir_positive_share", "stir_mean_excess",
    "grade_low", "grade_high", "oedema_grade_low", "oedema_grade_high", "measured_on", "version",
)  # fmt: skip
GRADES = ("grade", "oedema_grade")


@dataclass(frozen=True, slots=True)
class _Scan:
    """Whose scan it is, and when it was made."""

    patient: str
    date: dt.date | None
    month: float | None

    def cells(self) -> dict[str, str]:
        """Return the cells that each row has."""
        date = "" if self.date is None else self.date.isoformat()
        month = "" if self.month is None else f"{self.month:g}"
        return {"patient": self.patient, "date": date, "month": month}

    def folder(self) -> Path:
        """Return the folder in the study: safe as a name, and one for each patient and scan."""
        cells = self.cells()
        name = re.sub(r"[^A-Za-z0-9._-]", "_", self.patient).strip(".") or "patient"
        if name != self.patient:
            name += "_" + hashlib.sha256(self.patient.encode()).hexdigest()[:8]
        return FOLDER / f"{name}_{cells['date'] or 'month_' + cells['month']}"


def to_registry(
    study: Study,
    patient: str,
    path: Path,
    *,
    date: dt.date | None = None,
    month: float | None = None,
    today: dt.date | None = None,
) -> dict[str, Any]:
    """Bring a measurement's proposals into the study that is open.

    Parameters
    ----------
    study
        Open, with [imaging].
    patient
        Code, as the registry has it.
    path
        What `myocohort mri measure --json` printed.
    date
        Of the scan, where the file has none.
    month
        Since the start of treatment; one of date and month is needed.
    today
        Day of the proposals; today where not given. An unchanged file keeps its day.

    Returns
    -------
    dict
        folder, proposed, ranges and without (by scale), left_out, absent, import.

    Raises
    ------
    InputError
        With every problem; nothing was written.
    RegistryError
        The study is not open.
    """
    measurement = read_measurement_file(path)
    scan = _Scan(patient, date or measurement.date, month)
    problems = _problems(study, measurement, scan, date)
    if problems:
        raise InputError(problems)
    planned = study.imaging.muscles if study.imaging is not None else MUSCLES
    rows = [row for row in measurement.muscles.values() if row.name in planned]
    day = today or dt.date.today()

    def content(day: str) -> tuple[str, str]:
        readings = [_reading(scan, row, getattr(row, name), day) for row in rows for name in GRADES
                    if getattr(row, name) is not None]  # fmt: skip
        measures = [_measures(scan, measurement, row, day) for row in rows]
        return (
            _csv(study, READINGS, READING_COLUMNS, readings),
            _csv(study, MEASURES, MEASURE_COLUMNS, measures),
        )

    folder = study.folder / scan.folder()
    readings, measures = content(_day_kept(folder, content) or day.isoformat())
    summary = _import(study, folder, readings, measures)
    slots = {(row.name, row.side) for row in rows}
    return {
        "folder": scan.folder().as_posix(),
        **_counts(rows),
        "left_out": sorted({row.name for row in measurement.muscles.values()} - {*planned}),
        "absent": [f"{side} {name}" for name in planned for side in ("left", "right")
                   if (name, side) not in slots],
        "import": summary,
    }  # fmt: skip


def _problems(
    study: Study, measurement: Measurement, scan: _Scan, date: dt.date | None
) -> list[Problem]:
    """Find everything that keeps a measurement out of the study."""
    found: list[Problem] = []

    def wrong(rule: str, value: str = "", next_step: str = "") -> None:
        found.append(Problem(rule, value=value, file=measurement.file, next_step=next_step))

    if (scan.patient,) not in take_snapshot({"patients"}).kinds["patients"]:
        wrong("the patient is in the registry", scan.patient,
              "Import the patients first, or correct the code")  # fmt: skip
    if measurement.patient and measurement.patient != scan.patient:
        wrong("the measurement is this patient's; it bears another code")
    if scan.date is None and scan.month is None:
        wrong("a scan has a date or a month", next_step="Give --date or --month")
    if date is not None and measurement.date is not None and date != measurement.date:
        wrong("--date is the date of the measurement", f"{date} and {measurement.date}",
              "Leave --date out, or correct the measurement")  # fmt: skip
    if study.imaging is None:
        wrong("the study file has [imaging]", next_step="Say there which muscles and scales count")
        return found
    scales = set(study.imaging.scales.values()) & set(SCALES)
    measured = {row.name for row in measurement.muscles.values()}
    if not measured & {*study.imaging.muscles}:
        wrong("a muscle of the study was measured", ", ".join(sorted(measured)),
              f"The study reads {', '.join(study.imaging.muscles)}")  # fmt: skip
    graded = [g for row in measurement.muscles.values() for name in GRADES
              if (g := getattr(row, name)) is not None]  # fmt: skip
    if not graded:
        wrong("a measurement proposes grades", next_step="Measure again with a scale")
    for scale in sorted({grade.scale for grade in graded} - scales):
        wrong("the study reads on the scale of the proposals", scale,
              f"It reads {', '.join(sorted(scales))}: measure again with --scale or "
              "--oedema-scale")  # fmt: skip
    return found


def _reading(scan: _Scan, row: MuscleRow, grade: Graded, day: str) -> dict[str, str]:
    """Return a row of readings; a range stands as its two ends, which the registry knows."""
    cell = ""
    if grade.codes is not None:
        cell = grade.code if grade.code is not None else " to ".join(grade.codes)
    return {
        **scan.cells(), "muscle": row.name, "side": row.side, "scale": grade.scale, "grade": cell,
        "reader": f"myocohort {__version__}", "read_on": day, "blinded": "yes",
        "automatic": "yes",
    }  # fmt: skip


def _measures(scan: _Scan, measurement: Measurement, row: MuscleRow, day: str) -> dict[str, str]:
    """Return a row of measures, unrounded; empty where nothing was measured."""
    numbers = {
        name: "" if (value := getattr(row, name)) is None else repr(value)
        for name in ("fat_fraction", "fat_fraction_sd", "fat_share", "volume_ml",
                     "stir_positive_share", "stir_mean_excess")
    }  # fmt: skip
    ends: dict[str, str] = {}
    for name in GRADES:
        grade: Graded | None = getattr(row, name)
        low, high = ("", "") if grade is None or grade.codes is None else grade.codes
        ends |= {f"{name}_low": low, f"{name}_high": high}
    return {
        **scan.cells(), "muscle": row.name, "side": row.side, "sequence": measurement.sequence,
        "method": measurement.method, **numbers, **ends, "measured_on": day,
        "version": __version__,
    }  # fmt: skip


def _csv(study: Study, file: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return a table under the headers that the study file gives its columns."""
    names = source_of(study, Path(file).stem).columns
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([names.get(column, column) for column in columns])
    writer.writerows([row[column] for column in columns] for row in rows)
    return text.getvalue()


def _day_kept(folder: Path, content: Callable[[str], tuple[str, str]]) -> str:
    """Return the day in the files where they would not change but for it; else ''."""
    try:
        texts = tuple((folder / name).read_text(encoding="utf-8") for name in (READINGS, MEASURES))
        day = list(csv.reader(io.StringIO(texts[1])))[1][MEASURE_COLUMNS.index("measured_on")]
    except (OSError, IndexError, UnicodeDecodeError):
        return ""
    return day if content(day) == texts else ""


def _import(study: Study, folder: Path, readings: str, measures: str) -> dict[str, Any]:
    """Write both files and import them; put back what stood there if that fails."""
    texts = {folder / READINGS: readings, folder / MEASURES: measures}
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for path, text in texts.items():
            _write(path, text.encode())
        files = [folder / READINGS]
        if Path(MEASURES).stem in study.table_sources():  # variables of the study ask for them
            files.append(folder / MEASURES)
        # an earlier proposal may become a range: the files are this program's own
        return import_files(study, files, blank_overwrites=True).as_dict()
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                _write(path, content)
        for one in made:
            one.rmdir()
        raise


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _counts(rows: Sequence[MuscleRow]) -> dict[str, dict[str, int]]:
    """Count, by scale, single grades, ranges, and muscle-sides without any."""
    found: dict[str, dict[str, int]] = {"proposed": {}, "ranges": {}, "without": {}}
    for row in rows:
        for name in GRADES:
            grade: Graded | None = getattr(row, name)
            if grade is None:
                continue
            kind = "without" if grade.codes is None else "proposed" if grade.code else "ranges"
            for key in found:
                found[key].setdefault(grade.scale, 0)
            found[kind][grade.scale] += 1
    return found


def registry_text(brought: Mapping[str, Any]) -> list[str]:
    """Return what was brought into the registry as lines for the terminal."""
    lines = [
        f"{scale}: {n} grades proposed, {brought['ranges'][scale]} ranges (kept without a grade), "
        f"{brought['without'][scale]} without a proposal"
        for scale, n in brought["proposed"].items()
    ]
    lines += [
        f"{item['file']}: {item['rows']} rows, {item['created']} created, {item['updated']} "
        f"updated, {item['unchanged']} unchanged"
        for item in brought["import"]["tables"]
    ]
    lines += [
        f"  {item['kept']} earlier readings of this file are not in it and stay"
        for item in brought["import"]["tables"]
        if item["kept"]
    ]
    if brought["absent"]:
        lines.append(f"not measured: {', '.join(brought['absent'])}")
    if brought["left_out"]:
        lines.append(f"not read in this study, left out: {', '.join(brought['left_out'])}")
    return [
        *lines,
        f"Fat fractions, volumes and oedema: {brought['folder']}/{MEASURES}",
        "These are proposals: they count in no result until a reader has graded the muscles.",
    ]
