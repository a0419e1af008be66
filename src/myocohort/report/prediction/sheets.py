"""Predicted risks on sheets of the workbook, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.book.sheet import Column, Sheet, limit_cells
from myocohort.report.model.models import Results
from myocohort.report.prediction.printed import letter_of, pattern_label
from myocohort.report.prediction.view import NONE

_STRATEGIES = (
    ("cross_validated", "Model, cross-validated"),
    ("apparent", "Model, apparent"),
    ("treat_all", "Act on all"),
    ("treat_none", "Act on none"),
)
Model = Mapping[str, Any]


def prediction_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Predicted risks, Risk coefficients, Calibration, ... of all models."""
    section = results.get("prediction") or {}
    why = section.get("left_out") or NONE
    models = [] if section.get("left_out") else list(section.get("models") or ())
    judged = [model for model in models if not model["error"]]
    notes = (
        *section.get("notes", ()),
        *(f"{model['title']}: {model['tables_note']}" for model in judged if model["tables_note"]),
    )
    yield _measures(models, why, notes)
    yield _coefficients(judged, why)
    yield _calibration(judged, why)
    yield _decision(judged, section, why)
    yield _roc(judged, why)


def _percent(value: Any) -> object:
    return None if value is None else 100 * value


def _measures(models: Sequence[Model], why: str, notes: Sequence[str]) -> Sheet:
    rows: list[list[object]] = []
    for model in models:
        if model["error"]:
            blank: list[object] = [None] * 14
            rows.append([model["title"], f"left out: {model['error']}", *blank])
            continue
        for row in model["measures"]:
            tables = row["tables"] or {}
            rows.append(
                [
                    model["title"], row["name"], row["apparent"], *limit_cells(row["interval"]),
                    row["cross_validated"], row["sd"], row["repeats"],
                    *limit_cells(tables.get("apparent")),
                    *limit_cells(tables.get("cross_validated")),
                    model["n"], model["n_missing"], model["events"],
                    "; ".join(model["warnings"]) or None,
                ]
            )  # fmt: skip
    columns = [
        Column("Model"), Column("Measure"), Column("Apparent", "number"),
        Column("Low", "number", "Apparent, 95% limits"),
        Column("High", "number", "Apparent, 95% limits"),
        Column("Cross-validated", "number"), Column("SD between repeats", "number"),
        Column("Repeats", "n"),
        Column("Lowest", "number", "Apparent, joint tables"),
        Column("Highest", "number", "Apparent, joint tables"),
        Column("Lowest", "number", "Cross-validated, joint tables"),
        Column("Highest", "number", "Cross-validated, joint tables"),
        Column("n", "n"), Column("n missing", "n"), Column("Events", "n"), Column("Warnings"),
    ]  # fmt: skip
    title = "How good the predicted risks are"
    return Sheet("Predicted risks", title, columns, rows, why, notes, frozen=2)


def _coefficients(models: Sequence[Model], why: str) -> Sheet:
    rows = [
        [model["title"], model["procedure"], row["label"], row["b"]]
        for model in models
        for row in model["coefficients"]
    ]
    columns = [
        Column("Model"), Column("Method"), Column("Term"), Column("Coefficient", "coefficient"),
    ]  # fmt: skip
    title = "Coefficients of the predicted risk: log odds, intercept and terms"
    return Sheet("Risk coefficients", title, columns, rows, why, frozen=3)


def _calibration(models: Sequence[Model], why: str) -> Sheet:
    rows: list[list[object]] = []
    for model in models:
        for place, point in enumerate(model["calibration"]["points"]):
            tables = point["tables"] or {}
            rows.append(
                [
                    model["title"], letter_of(place), pattern_label(point), point["n"],
                    point["events"], _percent(point["observed"]),
                    *map(_percent, limit_cells(point["interval"])), _percent(point["risk"]),
                    _percent(point["cross_validated_risk"]),
                    *limit_cells(tables.get("events")),
                    *map(_percent, limit_cells(tables.get("observed"))),
                ]
            )  # fmt: skip
        rows += [
            [model["title"], None, "smooth curve", None, None, _percent(point["observed"]),
             None, None, _percent(point["risk"]), *[None] * 5]
            for point in model["calibration"]["smooth"]
        ]  # fmt: skip
    columns = [
        Column("Model"), Column("Point"), Column("Pattern or group"), Column("n", "n"),
        Column("Events", "n"), Column("Observed, %", "percent"),
        Column("Low, %", "percent", "Wilson limits"),
        Column("High, %", "percent", "Wilson limits"),
        Column("Predicted risk, %", "percent"), Column("Cross-validated risk, %", "percent"),
        Column("Fewest events", "n", "Joint tables"), Column("Most events", "n", "Joint tables"),
        Column("Lowest observed, %", "percent", "Joint tables"),
        Column("Highest observed, %", "percent", "Joint tables"),
    ]  # fmt: skip
    return Sheet("Calibration", "Predicted against observed risk", columns, rows, why, frozen=3)


def _decision(models: Sequence[Model], section: Mapping[str, Any], why: str) -> Sheet:
    rows: list[list[object]] = []
    for model in models:
        decision = model["decision"]
        by_name = {strategy["name"]: strategy for strategy in decision["strategies"]}
        tables = (by_name.get("cross_validated") or {}).get("tables")
        for at, threshold in enumerate(section["thresholds"]["values"]):
            benefits: list[object] = [
                _percent(by_name[name]["net_benefit"][at]) if name in by_name else None
                for name, _ in _STRATEGIES
            ]
            ends: list[object] = []
            for limits in (decision["limits"], tables):
                ends += [_percent(limits[end][at]) if limits else None for end in ("low", "high")]
            rows.append(
                [
                    model["title"], 100 * threshold, decision["treated"][at],
                    decision["true_positives"][at], *benefits, *ends,
                ]
            )  # fmt: skip
    columns = [
        Column("Model"), Column("Threshold, %", "percent"), Column("Acted on, apparent", "n"),
        Column("Of those with the outcome", "n"),
        *(Column(words, "number", "Net benefit per 100") for _, words in _STRATEGIES),
        Column("Low", "number", "95% limits, cross-validated"),
        Column("High", "number", "95% limits, cross-validated"),
        Column("Lowest", "number", "Joint tables, cross-validated"),
        Column("Highest", "number", "Joint tables, cross-validated"),
    ]  # fmt: skip
    remarks = [section["thresholds"]["why"]] if models else []
    title = "Decision curve: net benefit per 100 patients"
    return Sheet("Decision curve", title, columns, rows, why, remarks, frozen=2)


def _roc(models: Sequence[Model], why: str) -> Sheet:
    rows = [
        [
            model["title"], 100 * point["risk"], point["true_positives"],
            point["false_positives"], 100 * point["sensitivity"], 100 * point["specificity"],
        ]
        for model in models
        for point in model["roc"]
    ]  # fmt: skip
    columns = [
        Column("Model"), Column("Risk of at least, %", "percent"), Column("True positives", "n"),
        Column("False positives", "n"), Column("Sensitivity, %", "percent"),
        Column("Specificity, %", "percent"),
    ]  # fmt: skip
    title = "ROC curve: sensitivity and specificity of each risk as a limit, apparent"
    return Sheet("ROC", title, columns, rows, why, frozen=2)
