"""The records behind a variable: each patient's value, and the rows of files it was read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from myocohort.analysis.explain.context import Context
from myocohort.analysis.imaging.scans import counted_readings, scans_of_patients
from myocohort.analysis.table import source_rows
from myocohort.analysis.traces.rows import (
    MOST_RAW,
    FileRows,
    read_again,
    row_month,
    rows_in_ranges,
    rows_of_values,
)
from myocohort.mri.change import mean_of_readers, scan_before, scan_near
from myocohort.registry.imports.columns import is_dated
from myocohort.report.rounding import plain_text
from myocohort.study.measured import measured_variables
from myocohort.study.variable import same_text

Places = dict[str, list[dict[str, Any]]]
"""Patient -> places in files."""


def records_behind(
    context: Context, name: str, patients: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the value of a variable for each patient, and where it was read.

    Parameters
    ----------
    context
        The study and its records.
    name
        Of the variable.
    patients
        Patient -> label of the group, in the order in which they are listed.

    Returns
    -------
    list of dict
        For each patient `patient`, `group`, `value` (null where missing), `printed`, `missing` (the
        reason, or "") and `from` `[{file, sheet, rows, column, raw}]`.
    list of str
        Files that changed since they were imported, so that rows of them are not known.
    """
    variable = context.variable(name)
    study = context.plan.study
    if name in measured_variables(study):
        places, changed = _measured_places(context, name, patients)
    else:
        files = read_again(study, variable.table, context.inputs)
        values = source_rows(variable, study, context.records)
        wanted = values[values["patient"].isin(set(patients))]
        dated = is_dated(study, variable.table)
        places = rows_of_values(variable, wanted, context.starts, files, dated=dated)
        changed = files.changed
    frame = context.table.frame
    column: dict[str, Any] = dict(zip(frame["patient"], frame[name], strict=True))
    reasons = context.table.reasons[name]
    found = []
    for patient, group in patients.items():
        value: Any = column.get(patient)
        absent = value is None or pd.isna(value)
        found.append(
            {
                "patient": patient,
                "group": group,
                "value": None if absent else value if isinstance(value, str) else float(value),
                "printed": "" if absent else _printed(value, variable.categories),
                "missing": reasons.get(patient, "no record") if absent else "",
                "from": places.get(patient, []),
            }
        )
    return found, changed


def _printed(value: Any, categories: Mapping[str, str]) -> str:
    return categories.get(value, value) if isinstance(value, str) else plain_text(float(value))


def _measured_places(
    context: Context, name: str, patients: Iterable[str]
) -> tuple[Places, list[str]]:
    """Find the rows that a measured variable was computed from."""
    study = context.plan.study
    if name == "follow_up_years":
        files = read_again(study, "visits", context.inputs)
        return _last_visits(context, files, patients), files.changed
    if name == "blotted":
        files = read_again(study, "blots", context.inputs)
        return {p: rows_in_ranges(files.rows.get(p, ())) for p in patients}, files.changed
    for marker, plan in study.markers.items():
        if name == f"expression_{marker}":
            files = read_again(study, "fields", context.inputs)
            places = {
                p: rows_in_ranges(
                    [r for r in files.rows.get(p, ()) if same_text(r.text("marker"), plan.label)]
                )
                for p in patients
            }
            return places, files.changed
    files = read_again(study, "mri_readings", context.inputs)
    return _scan_rows(context, name, files, patients), files.changed


def _last_visits(context: Context, files: FileRows, patients: Iterable[str]) -> Places:
    starts = context.starts
    found: Places = {}
    for patient in patients:
        dated = [(row_month(row, starts.get(patient)), row) for row in files.rows.get(patient, ())]
        known = [(month, row) for month, row in dated if month is not None]
        if known:
            found[patient] = rows_in_ranges([max(known, key=lambda pair: pair[0])[1]])
    return found


def _scan_rows(context: Context, name: str, files: FileRows, patients: Iterable[str]) -> Places:
    """Find the readings of the scans that a score or a rate compares."""
    plan = context.plan.study.imaging
    if plan is None:
        return {}
    starts = context.records.patients.set_index("patient")["treatment_start"]
    scales = [s for s in plan.scales if name.startswith((f"mri_{s}_0", f"{s}_"))] or [*plan.scales]
    month = float(name.rsplit("_", 1)[1]) if "_rate_" in name else None
    readings = counted_readings(plan, context.records.mri_readings)
    found: Places = {}
    for scale in scales:
        chosen = readings[readings["scale"] == plan.scales[scale]]
        scans = scans_of_patients(mean_of_readers(chosen), starts)
        for patient in patients:
            before = scan_before(plan, scans.get(patient, []))
            if before is None:
                continue
            used = [before]
            if month is not None:
                near = scan_near(plan, scans[patient], before, month)
                used += [near] if near is not None else []
            keys = {scan.key for scan in used}
            rows = [
                row
                for row in files.rows.get(patient, ())
                if row.text("scale") == plan.scales[scale]
                and row.text("automatic") == "no"
                and row.text("muscle") in plan.muscles
                and _scan_key(row, starts.get(patient)) in keys
            ]
            found.setdefault(patient, []).extend(rows_in_ranges(rows))
    return found


def _scan_key(row: Any, start: object) -> tuple[float, str]:
    """Return what the analysis calls the scan of a reading: its month and date as recorded."""
    date, given = row.date_in("date"), row.number_in("month")
    month = row_month(row, start) if given is None else given
    return (float("nan") if month is None else float(month), "" if date is None else str(date))


def short(places: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say where a value was read: one line for each place, many rows of one file as ranges."""
    if len(places) > MOST_RAW:
        by_file: dict[tuple[str, str, str], list[str]] = {}
        for place in places:
            key = (place["file"], place["sheet"], place["column"])
            by_file.setdefault(key, []).append(place["rows"])
        return [_where(*key, ", ".join(rows), None) for key, rows in by_file.items()]
    return [_where(p["file"], p["sheet"], p["column"], p["rows"], p["raw"]) for p in places]


def _where(file: str, sheet: str, column: str, rows: str, raw: str | None) -> str:
    several = "," in rows or "-" in rows
    text = f"{file}{f', sheet {sheet}' if sheet else ''}, row{'s' if several else ''} {rows}"
    if column:
        text += f", {column}"
    if raw is not None:
        text += f": {raw!r}" if raw else ": empty"
    return text
