"""What could overturn the final model: the tables of a manuscript."""

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
from myocohort.report.robustness.view import RobustnessView, robustness_view

MOST_ROWS = 40
"""Lines of leave-one-out up to which a manuscript has them; the workbook has all."""
MOST_TERMS = 5
"""Terms up to which they stand beside each other there."""


def robustness_tables(results: Results) -> list[JournalTable]:
    """Return the tables, still without numbers."""
    view = robustness_view(results)
    tables = []
    if view.families:
        tables.append(_families(view))
    if view.influence.rows and len(view.influence.rows) <= MOST_ROWS:
        tables += [_left_out(view)] if len(view.influence.terms) <= MOST_TERMS else []
    if view.lost.terms:
        tables.append(_assigned(view))
    if view.compared.lines:
        tables.append(_compared(view))
    return tables


def _families(view: RobustnessView) -> JournalTable:
    columns = (
        JournalColumn("Method and family", numbers=False),
        JournalColumn("OR"),
        JournalColumn("Limits"),
        JournalColumn("P"),
        JournalColumn("E-value"),
        JournalColumn("of the limit"),
    )
    rows: list[JournalRow] = []
    for label, families in view.families:
        rows.append(heading_row(label))
        for row in families:
            texts = [row.method, row.ratio, row.interval, row.p, row.e_value, row.e_value_of_limit]
            rows.append(JournalRow(plain_cells(texts), level=1))
    return JournalTable(
        "",
        "The final model by method and family, with E-values",
        columns,
        tuple(rows),
        remarks=("OR odds ratio. The limits and the p value of a line belong together.",
                 *view.confounding),
    )  # fmt: skip


def _left_out(view: RobustnessView) -> JournalTable:
    influence = view.influence
    columns = [
        JournalColumn("Left out: has", numbers=False),
        JournalColumn("Outcome", numbers=False),
        JournalColumn("Patients"),
    ]
    if influence.has_solutions:
        columns.append(JournalColumn("Solutions"))
    columns += [JournalColumn(term) for term in influence.terms]
    nobody = ["", ""] if influence.has_solutions else [""]
    rows = [JournalRow(plain_cells(["Nobody", "", *nobody, *influence.whole]))]
    for row in influence.rows:
        solutions = [row.solutions] if influence.has_solutions else []
        rows.append(
            JournalRow(
                (
                    JournalCell(row.who),
                    JournalCell(row.outcome),
                    JournalCell(row.n),
                    *plain_cells([*solutions, *row.cells]),
                )
            )
        )
    failed = tuple(f"Without {row.who}: {row.note}." for row in influence.rows if row.note)
    return JournalTable(
        "",
        "Leave-one-out: odds ratio (P) of each term without one patient",
        tuple(columns),
        tuple(rows),
        remarks=(*influence.about, *failed),
    )


def _assigned(view: RobustnessView) -> JournalTable:
    columns = (
        JournalColumn("Assigned", numbers=False),
        JournalColumn("Events / n"),
        JournalColumn("OR", "Firth"),
        JournalColumn("Limits", "Firth"),
        JournalColumn("P", "Firth"),
        JournalColumn("OR (P)", "Maximum likelihood"),
    )
    rows: list[JournalRow] = []
    for label, assigned in view.lost.terms:
        rows.append(heading_row(label))
        for row in assigned:
            texts = [row.scenario, row.n, row.ratio, row.interval, row.p, row.ml]
            rows.append(JournalRow(plain_cells(texts), level=1))
    return JournalTable(
        "",
        "The final model with the outcomes that those without one may have had",
        columns,
        tuple(rows),
        remarks=(*view.lost.about, *view.lost.turned),
    )


def _compared(view: RobustnessView) -> JournalTable:
    compared = view.compared
    columns = [JournalColumn("Indicator", numbers=False)]
    columns += [JournalColumn(f"{label} (n = {n})") for label, n in compared.groups]
    columns += [JournalColumn("P"), JournalColumn("Standardised difference (limits)")]
    rows = [
        JournalRow(
            (
                JournalCell(line.label, line.small),
                *plain_cells(line.cells),
                JournalCell(line.p, marks=line.marks),
                JournalCell(line.distance),
            ),
            level=line.level,
        )
        for line in compared.lines
    ]
    return JournalTable(
        "",
        "Patients lost to follow-up against those classified",
        tuple(columns),
        tuple(rows),
        compared.notes,
        (
            "Counts with percentages of those with a value; mean ± SD, median (quartiles). P and "
            "standardised difference (classified less lost) are of these two groups.",
            compared.caution,
        ),
    )
