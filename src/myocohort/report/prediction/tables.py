"""Predicted risks: the tables of a manuscript."""

from __future__ import annotations

from myocohort.report.manuscript.journal_table import (
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.prediction.view import PredictionView, RisksView, prediction_view


def prediction_tables(results: Results) -> list[JournalTable]:
    """Return the table of measures, and risks, formula and net benefits of the drawn model."""
    view = prediction_view(results)
    judged = [model for model in view.models if not model.error]
    if view.left_out or not judged:
        return []
    drawn = next(model for model in judged if model.identity == view.drawn)
    return [_measures(judged), _coefficients(drawn), _points(drawn), _thresholds(drawn, view)]


def _measures(models: list[RisksView]) -> JournalTable:
    tables = any(model.tables for model in models)
    columns = [
        JournalColumn("Measure", numbers=False),
        JournalColumn("Apparent"),
        JournalColumn(f"{models[0].level}% limits"),
        JournalColumn("Cross-validated"),
        JournalColumn("SD between repeats"),
    ]
    if tables:
        columns += [
            JournalColumn("Apparent", "Over the joint tables"),
            JournalColumn("Cross-validated", "Over the joint tables"),
        ]
    rows: list[JournalRow] = []
    for model in models:
        rows.append(heading_row(model.title))
        for row in model.measures:
            cells = [row.name, row.apparent, row.limits, row.cross_validated, row.sd]
            if tables:
                cells += [row.apparent_range or "–", row.cross_validated_range or "–"]
            rows.append(JournalRow(plain_cells(cells)))
    remarks = [
        "Limits of the c-statistic after DeLong; the other measures have none. The SD between "
        "repeats of the cross-validation is no standard error.",
        *(f"{model.title}: {model.about}" for model in models),
    ]
    return JournalTable("", "Predicted risks: how good they are", tuple(columns), tuple(rows),
                        remarks=tuple(remarks))  # fmt: skip


def _coefficients(model: RisksView) -> JournalTable:
    return JournalTable(
        "",
        f"{model.title}: coefficients of the predicted risk",
        (JournalColumn("Term", numbers=False), JournalColumn("Coefficient (log odds)")),
        tuple(JournalRow(plain_cells([label, b])) for label, b in model.coefficients),
        remarks=(model.formula,),
    )


def _points(model: RisksView) -> JournalTable:
    first = "Pattern of the terms" if model.by == "pattern" else "Group"
    columns = [
        JournalColumn(""),
        JournalColumn(first, numbers=False),
        JournalColumn("n"),
        JournalColumn("Events"),
        JournalColumn("Observed, %"),
        JournalColumn(f"{model.level}% limits"),
        JournalColumn("Predicted, %"),
        JournalColumn("Cross-validated, %"),
    ]
    ranges = any(row.observed_range for row in model.points)
    if ranges:
        columns.append(JournalColumn("Observed over the joint tables, %"))
    rows = []
    for row in model.points:
        cells = [
            row.letter, row.label, row.n, row.events, row.observed, row.limits, row.risk,
            row.cross_validated,
        ]  # fmt: skip
        rows.append(JournalRow(plain_cells([*cells, *([row.observed_range] if ranges else [])])))
    title = f"{model.title}: predicted and observed risk"
    remarks = ("Limits of the observed share after Wilson.", model.smooth)
    return JournalTable("", title, tuple(columns), tuple(rows),
                        remarks=tuple(remark for remark in remarks if remark))  # fmt: skip


def _thresholds(model: RisksView, view: PredictionView) -> JournalTable:
    columns = [
        JournalColumn("Threshold, %"),
        JournalColumn("Acted on"),
        JournalColumn("Of those with the outcome"),
        JournalColumn("Apparent", "Net benefit per 100"),
        JournalColumn("Cross-validated", "Net benefit per 100"),
        JournalColumn("Limits", "Net benefit per 100"),
    ]
    if model.tables:
        columns.append(JournalColumn("Over the joint tables", "Net benefit per 100"))
    columns.append(JournalColumn("Act on all", "Net benefit per 100"))
    rows = []
    for row in model.thresholds:
        cells = [
            row.threshold, row.treated, row.true_positives, row.apparent, row.cross_validated,
            row.limits, *([row.cross_validated_range] if model.tables else []), row.treat_all,
        ]  # fmt: skip
        rows.append(JournalRow(plain_cells(cells)))
    return JournalTable(
        "",
        f"{model.title}: net benefit of acting by the predicted risk",
        tuple(columns),
        tuple(rows),
        remarks=(f"Acting on none has a net benefit of 0. {view.thresholds}", model.best),
    )
