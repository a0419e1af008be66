"""Biopsies on sheets of the workbook, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.model.models import Results
from myocohort.report.pathology.view import NONE
from myocohort.report.rounding import plain_text

_COUNTS = (
    ("present", "Present", "n"),
    ("of", "Read", "n"),
    ("percent", "%", "percent"),
    ("not_stained", "Not stained", "n"),
    ("not_read", "Not read", "n"),
    ("no_record", "Without a record", "n"),
)
_SUMMARY = (
    ("n", "n", "n"),
    ("missing", "Missing", "n"),
    ("mean", "Mean", "number"),
    ("sd", "SD", "number"),
    ("median", "Median", "number"),
    ("q1", "Q1", "number"),
    ("q3", "Q3", "number"),
    ("min", "Least", "number"),
    ("max", "Most", "number"),
)
_FIELDS = (
    ("patients", "Patients"),
    ("recorded", "Recorded"),
    ("counted", "Counted"),
    ("without_fibres", "Without fibres"),
    ("not_counted", "Not known"),
    ("patients_with_fewer", "Patients with fewer than planned"),
)


def pathology_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Biopsy findings, Expression, Expression patients, Marker pairs."""
    section = results.get("pathology") or {}
    why = section.get("left_out") or NONE
    groups = section.get("groups", ())
    yield _findings(section, groups, why)
    yield _expression(section, groups, why)
    yield _patients(section, why)
    yield _pairs(section, why)


def _findings(section: Mapping[str, Any], groups: Any, why: str) -> Sheet:
    columns = [Column("Finding"), Column("Stain")]
    for group in groups:
        name = f"{group['label']} (n = {group['n']})"
        columns += [Column(words, kind, name) for _, words, kind in _COUNTS]
        columns += [
            Column("Limit, low, %", "percent", name),
            Column("Limit, high, %", "percent", name),
        ]
    rows: list[list[object]] = []
    for finding in section.get("findings", ()):
        row: list[object] = [finding["label"], finding["stain"] or None]
        for group in groups:
            counts = finding["groups"][group["code"]]
            limits = counts["interval"] or {}
            row += [*(counts[key] for key, _, _ in _COUNTS), limits.get("low"), limits.get("high")]
        rows.append(row)
    methods = {
        f"{plain_text(100 * counts['interval']['level'])}% limits by "
        f"{counts['interval']['method']}."
        for finding in section.get("findings", ())
        for counts in finding["groups"].values()
        if counts["interval"]
    }
    title = "Findings of the muscle biopsies, each of those in whom it was read"
    remarks = (*section.get("notes", ()), *sorted(methods))
    return Sheet("Biopsy findings", title, columns, rows, why, remarks, frozen=1)


def _expression(section: Mapping[str, Any], groups: Any, why: str) -> Sheet:
    rows: list[list[object]] = []
    for marker in section.get("expression", ()):
        test = marker["comparison"] or {}
        for place, group in enumerate(groups):
            summary = marker["groups"][group["code"]]
            reasons = "; ".join(f"{reason}: {n}" for reason, n in summary["reasons"].items())
            whole: list[object] = [None] * (len(_FIELDS) + 7)
            if place == 0:
                whole = [
                    marker["planned"],
                    *(marker["fields"][key] for key, _ in _FIELDS),
                    test.get("p"),
                    test.get("test") or marker["not_compared"],
                    test.get("n"),
                    test.get("n_missing"),
                    test.get("printed_p"),
                    "; ".join(test.get("warnings") or ()) or None,
                ]
            values = [summary[key] for key, _, _ in _SUMMARY]
            rows.append([marker["label"], group["label"], *values, reasons or None, *whole])
    columns = [
        Column("Marker"),
        Column("Group"),
        *(Column(words, kind) for _, words, kind in _SUMMARY),
        Column("Why missing"),
        Column("Planned a patient", "n", "Fields"),
        *(Column(words, "n", "Fields") for _, words in _FIELDS),
        Column("P", "p", "Comparison of groups"),
        Column("Test", "text", "Comparison of groups"),
        Column("n", "n", "Comparison of groups"),
        Column("n missing", "n", "Comparison of groups"),
        Column("P as published", "text", "Comparison of groups"),
        Column("Warnings", "text", "Comparison of groups"),
    ]
    title = "Expression of markers: positive cells per muscle fibre, mean of the fields"
    return Sheet("Expression", title, columns, rows, why, frozen=2)


def _patients(section: Mapping[str, Any], why: str) -> Sheet:
    labels = {group["code"]: group["label"] for group in section.get("groups", ())}
    markers = section.get("expression", ())
    rows: list[list[object]] = [
        [
            marker["label"],
            row["patient"],
            labels.get(row["group"], "In no group"),
            row["value"],
            row["fields"],
            marker["planned"],
            row["positive_cells"],
            row["fibres"],
            row["reason"] or None,
        ]
        for marker in markers
        for row in marker["patients"]
    ]
    columns = [
        Column("Marker"),
        Column("Patient"),
        Column("Group"),
        Column("Expression", "number"),
        Column("Fields that count", "n"),
        Column("Fields planned", "n"),
        Column("Positive cells", "n"),
        Column("Fibres", "n"),
        Column("Why missing"),
    ]
    remarks = [f"{m['label']}: {m['patients_left_out']}" for m in markers if m["patients_left_out"]]
    title = "Expression of markers, every patient"
    empty = "no list of patients is kept." if remarks else why
    return Sheet("Expression patients", title, columns, rows, empty, remarks, frozen=2)


def _pairs(section: Mapping[str, Any], why: str) -> Sheet:
    associations = section.get("associations") or {"pairs": (), "adjustment": None}
    rows: list[list[object]] = []
    for pair in associations["pairs"]:
        limits, printed = pair["interval"] or {}, pair["printed"] or {}
        rows.append([
            pair["x_label"], pair["y_label"], pair["n"], pair["n_missing"], pair["rho"],
            limits.get("low"), limits.get("high"), pair["p_interval"], limits.get("method"),
            pair["p"], pair["method"], pair["p_adjusted"],
            (associations["adjustment"] or {}).get("method"), printed.get("r"), printed.get("p"),
            "; ".join(pair["warnings"]) or None,
        ])  # fmt: skip
    columns = [
        Column("Marker"), Column("With"), Column("n", "n"), Column("n missing", "n"),
        Column("rho", "number"), Column("Low", "number", "Limits"),
        Column("High", "number", "Limits"), Column("P", "p", "Limits"),
        Column("Method", "text", "Limits"), Column("P", "p", "Test"),
        Column("Method", "text", "Test"), Column("P", "p", "Adjusted"),
        Column("Method", "text", "Adjusted"), Column("rho", "text", "As published"),
        Column("P", "text", "As published"), Column("Warnings"),
    ]  # fmt: skip
    empty = "there are no two markers to be correlated." if section.get("findings") else why
    title = "Rank correlation of the expression of markers"
    return Sheet("Marker pairs", title, columns, rows, empty, frozen=2)
