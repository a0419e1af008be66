"""MRI over time in a manuscript: its supplementary tables."""

from __future__ import annotations

from myocohort.report.imaging.view import ImagingView, ModelView, imaging_view
from myocohort.report.manuscript.journal_table import (
    JournalCell,
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.notes import Notes


def imaging_tables(results: Results) -> list[JournalTable]:
    """Return the shifts of the rates, and the model of each scale, still without numbers."""
    view = imaging_view(results)
    tables = []
    if any(scale.comparisons for scale in view.scales):
        tables.append(_shifts(view))
    for scale in view.scales:
        if scale.model and not scale.model.left_out:
            tables.append(_model(scale.model))
    return tables


def _shifts(view: ImagingView) -> JournalTable:
    notes = Notes()
    rows: list[JournalRow] = []
    shown = [scale for scale in view.scales if scale.comparisons]
    for scale in shown:
        rows.append(heading_row(scale.title))
        texts = dict(scale.notes)
        for row in scale.comparisons:
            marks = notes.mark([texts[letter] for letter in row.marks])
            cells = plain_cells([row.month, row.n, row.shift, row.limits, row.shift_p])
            rows.append(
                JournalRow((*cells, JournalCell(row.p, marks=marks), JournalCell(row.holm)))
            )
    return JournalTable(
        "",
        f"MRI change rates, points a month: {shown[0].against}",
        (
            JournalColumn("Month", numbers=False), JournalColumn("n"),
            JournalColumn("Shift", "Hodges-Lehmann"), JournalColumn("Limits", "Hodges-Lehmann"),
            JournalColumn("P", "Hodges-Lehmann"), JournalColumn("P", "Test"),
            JournalColumn("Holm P", "Test"),
        ),
        tuple(rows),
        notes=notes.listed,
        remarks=(
            "n patients with the rate in the first and in the second group. The limits and the P "
            "under Hodges-Lehmann belong together.",
            *dict.fromkeys(f"Holm P: {scale.adjusted}." for scale in shown if scale.adjusted),
        ),
    )  # fmt: skip


def _model(model: ModelView) -> JournalTable:
    return JournalTable(
        "",
        f"{model.title}: {model.heading}",
        (
            JournalColumn("Coefficient", numbers=False), JournalColumn("Scans"),
            JournalColumn("Points"), JournalColumn("Limits"), JournalColumn("P"),
        ),
        tuple(
            JournalRow(plain_cells([row.label, row.n, row.estimate, row.limits, row.p]))
            for row in model.rows
        ),
        remarks=(model.answer, *model.facts, *model.reduced, *model.notes, *model.warnings),
    )  # fmt: skip
