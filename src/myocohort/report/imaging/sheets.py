"""MRI over time on sheets of the workbook, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.imaging.view import NONE, compared, group_labels
from myocohort.report.model.models import Results
from myocohort.report.wording import first_capital, month_words, reasons_text

_SUMMARY = (
    ("n", "n", "n"), ("missing", "Missing", "n"), ("mean", "Mean", "number"),
    ("sd", "SD", "number"), ("low", "Limit, low", "number"), ("high", "Limit, high", "number"),
    ("median", "Median", "number"), ("q1", "Q1", "number"), ("q3", "Q3", "number"),
    ("min", "Minimum", "number"), ("max", "Maximum", "number"),
)  # fmt: skip
_TEST = (
    Column("Shift", "number", "Hodges-Lehmann"), Column("Low", "number", "Hodges-Lehmann"),
    Column("High", "number", "Hodges-Lehmann"), Column("P", "p", "Hodges-Lehmann"),
    Column("P", "p", "Test"), Column("Holm P", "p", "Test"), Column("Test", "text", "Test"),
)  # fmt: skip


def imaging_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out for each scale a sheet of patients and one of summaries, and one of the models."""
    section = results.get("imaging") or {}
    if not section.get("scales"):
        yield Sheet("MRI", "MRI over time", (), (), section.get("left_out") or NONE)
        return
    notes = tuple(section["notes"])
    for scale in section["scales"]:
        yield _patients(scale, section)
        yield _summaries(scale, section, notes)
    yield _models(section, notes)


def _patients(scale: Mapping[str, Any], section: Mapping[str, Any]) -> Sheet:
    labels = group_labels(section)
    months = [rate["month"] for rate in scale["rates"]]
    columns = [
        Column("Patient"), Column("Group"),
        Column("Month", "number", "Before treatment"),
        Column("Total", "number", "Before treatment"),
    ]  # fmt: skip
    for month in months:
        for heading in ("Month", "Total", "Months since the scan before", "Rate, points/month"):
            columns.append(Column(heading, "number", first_capital(month_words(month))))
    rows: list[list[object]] = []
    for one in scale["patients"]:
        scores = {score["month"]: score for score in one["scores"]}
        rates = {rate["month"]: rate for rate in one["rates"]}
        cells: list[object] = [one["patient"], labels[one["group"]]]
        before = scores.get(0, {})
        cells += [before.get("at"), before.get("total")]
        for month in months:
            score, rate = scores.get(month, {}), rates.get(month, {})
            cells += [score.get("at"), score.get("total"), rate.get("apart"), rate.get("value")]
        rows.append(cells)
    return Sheet(
        f"MRI {scale['name']}",
        f"{scale['label']}: total scores and change rates of each patient",
        columns,
        rows,
        scale["left_out"] or "single patients are not listed; the notes say why.",
        frozen=2,
    )


def _summaries(
    scale: Mapping[str, Any], section: Mapping[str, Any], notes: tuple[str, ...]
) -> Sheet:
    labels = group_labels(section)
    first, second = (labels[code] for code in compared(section))
    rows: list[list[object]] = []
    for what, parts in (("rate", scale["rates"]), ("total score", scale["scores"])):
        for part in parts:
            test = _test_cells(part.get("comparison"))
            for group in part["groups"]:
                interval = group["interval"] or {}
                of = {**group, "low": interval.get("low"), "high": interval.get("high")}
                reasons = reasons_text(group["reasons"])
                rows.append(
                    [what, part["month"], labels[group["code"]],
                     *(of[key] for key, _, _ in _SUMMARY), reasons or None, *test]
                )  # fmt: skip
    return Sheet(
        f"MRI {scale['name']} groups",
        f"{scale['label']}: change rates (points/month) and total scores by group",
        [
            Column("What"), Column("Month", "n"), Column("Group"),
            *(Column(heading, kind) for _, heading, kind in _SUMMARY), Column("Why missing"),
            *_TEST,
        ],
        rows,
        scale["left_out"] or "there are no scans.",
        remarks=(*notes, f"Shift: {first} less {second}, with the limits and the P that belong "
                 "to it."),
        frozen=3,
    )  # fmt: skip


def _test_cells(comparison: Mapping[str, Any] | None) -> list[object]:
    if comparison is None:
        return [None] * len(_TEST)
    shift = comparison["shift"] or {}
    interval = shift.get("interval") or {}
    return [
        shift.get("estimate"), interval.get("low"), interval.get("high"), shift.get("p"),
        comparison["p"], comparison["p_holm"], comparison["test"],
    ]  # fmt: skip


def _models(section: Mapping[str, Any], notes: tuple[str, ...]) -> Sheet:
    labels = group_labels(section)
    first, second = compared(section)
    columns = [
        Column("Scale"), Column("Coefficient"), Column("Month", "n"), Column("Estimate", "number"),
        Column("SE", "number"), Column("df", "number"), Column("Limit, low", "number"),
        Column("Limit, high", "number"), Column("P", "p"),
        Column(labels[first], "n", "Scans"), Column(labels[second], "n", "Scans"),
        Column("Patients", "n"), Column("Scans", "n"), Column("Statistic", "number", "All months"),
        Column("df", "number", "All months"), Column("df denominator", "number", "All months"),
        Column("P", "p", "All months"), Column("Method", "text", "All months"),
        Column("SD between", "number"), Column("SD within", "number"), Column("Warnings"),
    ]  # fmt: skip
    rows: list[list[object]] = []
    for scale in section["scales"]:
        model = scale["model"]
        if not model:
            continue
        if model["left_out"]:
            blank: list[object] = [None] * (len(columns) - 2)
            rows.append([scale["label"], f"not fitted: {model['left_out']}", *blank])
            continue
        test = model["test"]
        tail: list[object] = [
            model["n_patients"], model["n_scans"], test["statistic"], test["df"],
            test["df_denominator"], test["p"], f"{model['method']}; {test['method']}",
            model["sd_between"], model["sd_within"],
            "; ".join([*model["reduced"], *model["warnings"]]) or None,
        ]  # fmt: skip
        against = f"{labels[first]} less {labels[second]}"
        for words, one in _coefficients(model, against):
            n = one.get("n")
            scans = [n.get(first), n.get(second)] if isinstance(n, Mapping) else [None, None]
            rows.append([
                scale["label"], words, one.get("month"), one["estimate"], one["se"], one["df"],
                one["interval"]["low"], one["interval"]["high"], one["p"], *scans, *tail,
            ])  # fmt: skip
    return Sheet(
        "MRI models",
        "Models of the repeated total scores",
        columns,
        rows,
        "no scale has scans.",
        remarks=notes,
        frozen=2,
    )


def _coefficients(
    model: Mapping[str, Any], against: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in model["differences"]:
        what = "level before treatment" if one["what"] == "level" else "change"
        yield f"{against}, {what}", one
    for one in model["changes"]:
        yield "all patients, change", one
    if model["slope"]:
        yield f"{against}, slope a month", model["slope"]
