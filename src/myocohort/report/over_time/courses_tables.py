"""Outcomes over time: the tables of a manuscript."""

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
from myocohort.report.over_time.courses_view import MrsView, TimeView, courses_view


def course_tables(results: Results) -> list[JournalTable]:
    """Return the tables of the curves, the hazard ratios and the mRS, still without numbers."""
    view = courses_view(results)
    tables = []
    for one in view.times:
        if any(row.at_risk for row in one.rows):
            tables.append(_curve(one))
        if one.hazards:
            tables.append(_hazards(one))
    if view.mrs and view.mrs.groups:
        tables.append(_mrs(view.mrs))
    return tables


def _curve(one: TimeView) -> JournalTable:
    months = [f"Month {month}" for month in one.months]
    rows: list[JournalRow] = []
    for row in one.rows:
        rows.append(heading_row(f"{row.label}: {row.facts}"))
        if not row.at_risk:
            continue
        lines = [
            ("At risk", [str(n) for n in row.at_risk]),
            (f"Without {one.event}, %", list(row.shares)),
            (f"{row.level}% limits", list(row.limits)),
        ]
        rows += [
            JournalRow(plain_cells([label, *cells]), goes_on=place < len(lines) - 1)
            for place, (label, cells) in enumerate(lines)
        ]
    return JournalTable(
        "",
        f"{one.title}: patients at risk and share without the event, by month",
        (JournalColumn("", numbers=False), *(JournalColumn(month) for month in months)),
        tuple(rows),
        remarks=(
            "Shares by Kaplan and Meier. A dash stands where nobody was followed so long and, for "
            "the limits, also where nobody had had the event.",
        ),
    )


def _hazards(one: TimeView) -> JournalTable:
    columns = [JournalColumn("Term", numbers=False), JournalColumn("Method", numbers=False)]
    columns.append(JournalColumn("HR"))
    for family, p in (("Profile likelihood", "Likelihood-ratio P"), ("Wald", "Wald P")):
        columns += [JournalColumn("Limits", family), JournalColumn(p, family)]
    rows = []
    for row in one.hazards:
        numbers = [row.ratio, row.profile, row.p, row.wald, row.wald_p]
        rows.append(JournalRow(plain_cells([row.label, row.method, *numbers])))
    return JournalTable(
        "",
        f"{one.title}: hazard ratios (Cox)",
        tuple(columns),
        tuple(rows),
        remarks=(
            "HR hazard ratio. The limits and the p value of a family belong together.",
            *one.hazard_notes,
        ),
    )


def _mrs(view: MrsView) -> JournalTable:
    columns = [JournalColumn("Month", numbers=False), JournalColumn("n")]
    columns += [JournalColumn(f"mRS {category}") for category in view.categories]
    columns.append(JournalColumn("Missing", numbers=False))
    rows: list[JournalRow] = []
    for label, n, months in view.groups:
        rows.append(heading_row(f"{label}: {n}"))
        for month in months:
            cells = [f"{n} ({percent})" if month.of else str(n) for n, percent in month.cells]
            name = str(month.month) if month.month else "Before treatment"
            texts = [name, str(month.of), *cells, month.missing]
            rows.append(JournalRow(tuple(JournalCell(text) for text in texts)))
    remarks = [f"mRS modified Rankin Scale. {view.words}.", view.note]
    return JournalTable(
        "",
        "mRS by group and month: patients (% of those with a value)",
        tuple(columns),
        tuple(rows),
        remarks=tuple(remark for remark in remarks if remark),
    )
