"""CK, strength and doses in the workbook, numbers as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.model.models import Results
from myocohort.report.over_time.patients_view import KEY, NO_SECTION
from myocohort.report.wording import outcome_words, reasons_text


def patients_sheets(results: Results) -> Iterator[Sheet]:
    """Yield CK by month and by visit, strength by month, and the doses by group and patient."""
    section = results.get(KEY) or {"left_out": NO_SECTION, "notes": []}
    if section["left_out"]:
        yield Sheet("CK", "CK at the planned months", [Column("Group")], [], section["left_out"])
        return
    names = {group["code"]: group["label"] for group in section["groups"]}
    yield _ck(section["ck"])
    yield _strength(section["strength"])
    yield _visits(section, names)
    yield _doses(section["glucocorticoid"], names)
    yield _patients(section, names)


def _reasons(part: Mapping[str, Any]) -> str | None:
    return reasons_text(part["reasons"]) or None


def _ck(ck: Mapping[str, Any]) -> Sheet:
    keys = ("n", "missing", "median", "q1", "q3", "geometric_mean", "min", "max", "above",
            "limit_known")  # fmt: skip
    rows = [
        [group["label"], month["month"], *(month[key] for key in keys), _reasons(month)]
        for group in ck["groups"]
        for month in group["months"]
    ]
    return Sheet(
        "CK",
        "CK at the planned months, U/L",
        [
            Column("Group"), Column("Month", "n"), Column("n", "n"), Column("Missing", "n"),
            Column("Median", "number"), Column("Q1", "number"), Column("Q3", "number"),
            Column("Geometric mean", "number"), Column("Lowest", "number"),
            Column("Highest", "number"), Column("Above upper limit", "n"),
            Column("Of, with a limit", "n"), Column("Why missing"),
        ],
        rows,
        ck["left_out"],
        remarks=[f"Quartiles: {ck['quartiles']}."],
        frozen=2,
    )  # fmt: skip


def _strength(strength: Mapping[str, Any]) -> Sheet:
    columns = [Column("Group"), Column("Month", "n"), Column("n", "n"), Column("Missing", "n")]
    for grade in strength["grades"]:
        columns += [
            Column("n", "n", f"MRC {grade}"),
            Column("%", "percent", f"MRC {grade}"),
            Column("Codes", "text", f"MRC {grade}"),
        ]
    columns.append(Column("Why missing"))
    rows = []
    for group in strength["groups"]:
        for month in group["months"]:
            cells: list[object] = []
            for level in month["levels"]:
                codes = "; ".join(f"{code}: {n}" for code, n in level["codes"].items())
                cells += [level["n"], level["percent"], codes or None]
            rows.append([group["label"], month["month"], month["n"], month["missing"], *cells,
                         _reasons(month)])  # fmt: skip
    return Sheet(
        "Strength",
        "Weakest muscle group at the planned months, MRC",
        columns,
        rows,
        strength["left_out"],
        frozen=2,
    )


def _visits(section: Mapping[str, Any], names: Mapping[str, str]) -> Sheet:
    rows = [
        [
            patient["patient"], _outcome(patient, names), visit["month"], visit["ck"],
            visit["limit"], visit["times_limit"], visit["ck_missing"] or None, visit["mrc"],
            visit["mrc_missing"] or None, visit["mrs"],
        ]
        for patient in section["patients"]
        for visit in patient["visits"]
    ]  # fmt: skip
    return Sheet(
        "CK per visit",
        "CK and strength of every patient at every visit",
        [
            Column("Patient"), Column("Outcome"), Column("Month", "number"),
            Column("CK, U/L", "number"), Column("Upper limit", "number"),
            Column("Times upper limit", "number"), Column("Why CK is missing"),
            Column("Weakest MRC"), Column("Why MRC is missing"), Column("mRS", "n"),
        ],
        rows,
        section["patients_left_out"] or "no visit is recorded.",
    )  # fmt: skip


def _outcome(patient: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return names.get(patient["outcome"]) or outcome_words(patient["outcome"])


def _doses(doses: Mapping[str, Any], names: Mapping[str, str]) -> Sheet:
    rows = []
    for measure in doses["measures"]:
        for group in measure["groups"]:
            keys = ("n", "missing", "median", "q1", "q3", "min", "max")
            rows.append([measure["label"], measure["unit"], group["label"],
                         *(group[key] for key in keys), *[None] * 5, _reasons(group)])  # fmt: skip
        result = measure["comparison"]
        if result:
            interval = result["interval"] or {}
            between = [
                names.get(result[end]) or outcome_words(result[end]) for end in ("first", "second")
            ]
            said = [result["method"], *result["warnings"]]
            rows.append([measure["label"], measure["unit"], " less ".join(between), result["n"],
                         result["n_missing"], *[None] * 5, result["estimate"],
                         interval.get("low"), interval.get("high"), result["p"],
                         result["statistic"], "; ".join(said)])  # fmt: skip
    return Sheet(
        "Glucocorticoids",
        "Cumulative dose of glucocorticoids as prednisone",
        [
            Column("Dose"), Column("Unit"), Column("Group"), Column("n", "n"),
            Column("Missing", "n"), Column("Median", "number"), Column("Q1", "number"),
            Column("Q3", "number"), Column("Lowest", "number"), Column("Highest", "number"),
            Column("Shift", "number", "Hodges-Lehmann"), Column("Low", "number", "Hodges-Lehmann"),
            Column("High", "number", "Hodges-Lehmann"), Column("P", "p", "Mann-Whitney"),
            Column("U", "number", "Mann-Whitney"), Column("Why missing, or method"),
        ],
        rows,
        doses["left_out"],
        remarks=[*doses["notes"], *doses["warnings"]],
        frozen=3,
    )  # fmt: skip


def _patients(section: Mapping[str, Any], names: Mapping[str, str]) -> Sheet:
    doses = section["glucocorticoid"]
    unit, month = doses["unit"] or "mg", doses["month"]
    keys = ("dose", "low", "high", "days", "covered", "open_rows")
    rows = []
    for patient in section["patients"] if doses["unit"] else ():
        row: list[object] = [patient["patient"], _outcome(patient, names), patient["end"]]
        for part in ("by_month", "whole"):
            dose = patient["dose"][part]
            row += [*(dose[key] for key in keys), dose["missing"] or None]
        rows.append(row)
    columns = [Column("Patient"), Column("Outcome"), Column("Months followed", "number")]
    for heading in (f"By month {month}", "Whole follow-up"):
        columns += [
            Column(f"Dose, {unit}", "number", heading), Column("Low", "number", heading),
            Column("High", "number", heading), Column("Days", "number", heading),
            Column("Days with the drug", "number", heading),
            Column("Periods without stop", "n", heading), Column("Why missing", "text", heading),
        ]  # fmt: skip
    return Sheet(
        "Dose per patient",
        "Cumulative dose of glucocorticoids of every patient, as prednisone",
        columns,
        rows,
        doses["left_out"] or section["patients_left_out"],
    )
