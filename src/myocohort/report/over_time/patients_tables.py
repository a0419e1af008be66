"""Patients over time: the tables of a manuscript."""

from __future__ import annotations

from myocohort.report.manuscript.journal_table import (
    JournalCell,
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.over_time.patients_view import (
    DosesView,
    PatientsView,
    patients_view,
)


def patients_tables(results: Results) -> list[JournalTable]:
    """Return the tables of CK, strength and doses, without numbers."""
    view = patients_view(results)
    tables = []
    if view.ck:
        tables.append(_ck(view))
    if view.strength:
        tables.append(_strength(view))
    if view.doses and view.doses.measures:
        tables.append(_doses(view.doses))
    return tables


def _ck(view: PatientsView) -> JournalTable:
    rows = []
    for group in view.ck:
        rows.append(heading_row(f"{group.label}: {group.n}"))
        for row in group.rows:
            cells = [row.month, str(row.n), row.median, row.quartiles, row.geometric, row.above,
                     row.missing]  # fmt: skip
            rows.append(JournalRow(plain_cells(cells)))
    return JournalTable(
        "",
        "CK by group and month, U/L",
        (
            JournalColumn("Month", numbers=False), JournalColumn("n"), JournalColumn("Median"),
            JournalColumn("Quartiles"), JournalColumn("Geometric mean"),
            JournalColumn("Above upper limit"), JournalColumn("Missing", numbers=False),
        ),
        tuple(rows),
        remarks=(view.ck_note,),
    )  # fmt: skip


def _strength(view: PatientsView) -> JournalTable:
    rows = []
    for group in view.strength:
        rows.append(heading_row(f"{group.label}: {group.n}"))
        for row in group.rows:
            cells = (JournalCell(text, small) for text, small in row.cells)
            rows.append(
                JournalRow(
                    (JournalCell(row.month), JournalCell(str(row.n)), *cells,
                     JournalCell(row.missing))
                )
            )  # fmt: skip
    return JournalTable(
        "",
        "Weakest muscle group by group and month: patients (% of those with a grade)",
        (
            JournalColumn("Month", numbers=False), JournalColumn("n"),
            *(JournalColumn(f"MRC {grade}") for grade in view.grades),
            JournalColumn("Missing", numbers=False),
        ),
        tuple(rows),
        remarks=("MRC Medical Research Council grade; plus and minus belong to their grade.",),
    )  # fmt: skip


def _doses(doses: DosesView) -> JournalTable:
    rows = []
    for measure in doses.measures:
        rows.append(heading_row(measure.title))
        for row in measure.rows:
            cells = [row.label, str(row.n), row.median, row.quartiles, row.extremes, row.missing]
            rows.append(JournalRow(plain_cells(cells)))
    compared = [f"{measure.title}: {measure.comparison}" for measure in doses.measures]
    return JournalTable(
        "",
        "Cumulative dose of glucocorticoids by group",
        (
            JournalColumn("Group", numbers=False), JournalColumn("n"), JournalColumn("Median"),
            JournalColumn("Quartiles"), JournalColumn("Range"),
            JournalColumn("Missing", numbers=False),
        ),
        tuple(rows),
        remarks=(doses.equivalents, *doses.notes, *compared, *doses.warnings),
    )  # fmt: skip
