"""Biopsies in a manuscript: the tables of findings, expression and pairs of markers."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.manuscript.journal_table import (
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.pathology.view import PathologyView, pathology_view
from myocohort.report.rounding import MISSING, n_equals


def pathology_tables(results: Results) -> Iterator[JournalTable]:
    """Yield the tables that there are, still without numbers."""
    view = pathology_view(results)
    if view.findings:
        yield _findings(view)
    if any(row.n for marker in view.markers for row in marker.rows):
        yield _expression(view)
    if view.pairs:
        yield _pairs(view)


def _findings(view: PathologyView) -> JournalTable:
    columns = [JournalColumn("Finding", numbers=False), JournalColumn("Stain", numbers=False)]
    for label, n in view.groups:
        group = f"{label} ({n_equals(n)})"
        columns += [JournalColumn("Present/read (%)", group), JournalColumn("Limits, %", group)]
    columns.append(JournalColumn("Not read, of all", numbers=False))
    rows = []
    for row in view.findings:
        texts = [row.label, row.stain]
        for cell in row.cells:
            texts += [cell.share, cell.limits]
        rows.append(JournalRow(plain_cells([*texts, row.cells[0].not_read])))
    remarks = [f"{view.interval}." if view.interval else "", *view.notes]
    if any(cell.reason for row in view.findings for cell in row.cells):
        remarks.append(f"{MISSING} The finding was read in nobody of the group.")
    return JournalTable(
        "",
        "Findings of the muscle biopsies, each of those in whom it was read",
        tuple(columns),
        tuple(rows),
        remarks=tuple(remark for remark in remarks if remark),
    )


def _expression(view: PathologyView) -> JournalTable:
    names = ("n", "Mean ± SD", "Median (quartiles)", "Range")
    columns = [JournalColumn("Group", numbers=False), *(JournalColumn(name) for name in names)]
    columns.append(JournalColumn("Missing", numbers=False))
    rows: list[JournalRow] = []
    remarks = ["SD standard deviation. A dash stands for a number that too few patients have."]
    for marker in view.markers:
        rows.append(heading_row(marker.label))
        rows += [
            JournalRow(
                plain_cells([row.label, str(row.n), row.mean, row.median, row.spread, row.missing])
            )
            for row in marker.rows
        ]
        remarks.append(f"{marker.label}: {marker.compared} {marker.fields}")
    return JournalTable(
        "",
        "Expression of markers: positive cells per muscle fibre, mean of the fields",
        tuple(columns),
        tuple(rows),
        remarks=tuple(remarks),
    )


def _pairs(view: PathologyView) -> JournalTable:
    names = ["n", "Missing", "rho", f"{view.level}% limits" if view.level else "Limits"]
    names += ["P of the limits", "P", "Adjusted P"]
    columns = [JournalColumn("Markers", numbers=False), *(JournalColumn(name) for name in names)]
    if view.has_printed:
        columns.append(JournalColumn("As published"))
    rows = []
    for row in view.pairs:
        texts = [row.pair, str(row.n), str(row.missing), row.rho, row.limits, row.p_limits, row.p]
        texts.append(row.adjusted)
        if view.has_printed:
            texts.append(row.printed)
        rows.append(JournalRow(plain_cells(texts)))
    return JournalTable(
        "",
        "Rank correlation of the expression of markers",
        tuple(columns),
        tuple(rows),
        remarks=view.pair_notes,
    )
