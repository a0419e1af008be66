"""Single muscles on sheets of the workbook, unrounded, and as tables of a manuscript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.imaging.thigh_map_figure import drawn_groups, n_words
from myocohort.report.manuscript.journal_table import (
    JournalCell,
    JournalColumn,
    JournalRow,
    JournalTable,
)
from myocohort.report.model.models import Results
from myocohort.report.rounding import fixed_text, plain_text
from myocohort.report.wording import reasons_text

NONE = "the results hold no muscles."
MOST_GROUPS = 4
"""Groups beside each other in a table of the manuscript; the workbook has all."""
_TIMES = (("before", "Before"), ("after", "After"), ("difference", "Difference"))
_NUMBERS = ("n", "missing", "mean", "sd", "median", "min", "max")


def muscle_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Muscles and Muscle scans."""
    section = results.get("muscles") or {"scales": (), "notes": (), "left_out": NONE}
    rows: list[list[object]] = []
    scans: list[list[object]] = []
    for scale in section["scales"]:
        for group in scale["groups"]:
            head: list[object] = [scale["label"], group["label"]]
            rows += [[*head, *_cells(row)] for row in group["rows"]]
            line: list[object] = [*head, group["n"]]
            for time in ("before", "after"):
                of = group["scans"][time]
                why = reasons_text(of["reasons"])
                line += [of["n"], of["missing"], why or None]
            scans.append([*line, group["left_out"] or None])
    why = section["left_out"] or NONE
    columns = [Column("Scale"), Column("Group"), Column("Muscle"), Column("Side")]
    for time, words in _TIMES:
        columns += [
            Column(heading, kind, words)
            for heading, kind in (
                ("n", "n"), ("Missing", "n"), ("Mean", "number"), ("SD", "number"),
                ("Median", "number"), ("Lowest", "number"), ("Highest", "number"),
            )
        ]  # fmt: skip
        if time == "difference":
            columns += [Column(name, "n", words) for name in ("Higher", "Same", "Lower")]
        else:
            columns += [Column(f"Grade {grade}", "n", words) for grade in range(6)]
            columns.append(Column("Between grades", "text", words))
    yield Sheet(
        "Muscles",
        "Grade of every muscle on each side, before treatment and after",
        columns,
        rows,
        why,
        tuple(section["notes"]),
        frozen=4,
    )
    yield Sheet(
        "Muscle scans",
        "Who has a scan before treatment and after",
        [
            Column("Scale"), Column("Group"), Column("n", "n"),
            Column("Scanned", "n", "Before"), Column("Missing", "n", "Before"),
            Column("Why missing", "text", "Before"), Column("Scanned", "n", "After"),
            Column("Missing", "n", "After"), Column("Why missing", "text", "After"),
            Column("Left out"),
        ],
        scans,
        why,
        frozen=2,
    )  # fmt: skip


def _cells(row: Mapping[str, Any]) -> list[object]:
    cells: list[object] = [row["muscle"], row["side"]]
    for time, _ in _TIMES:
        of = row[time]
        cells += [of[name] for name in _NUMBERS]
        if time == "difference":
            cells += [of["rose"], of["same"], of["fell"]]
        else:
            between = "; ".join(f"{one['grade']}: {one['n']}" for one in of["between"])
            cells += [*of["grades"], between or None]
    return cells


def muscle_tables(results: Results) -> list[JournalTable]:
    """Return a table of mean grades for each scale, still without a number."""
    section = results.get("muscles") or {"scales": ()}
    tables = []
    for scale in section["scales"]:
        groups = drawn_groups(scale)[:MOST_GROUPS]
        if groups:
            tables.append(_table(scale, groups, section["month"]))
    return tables


def _table(
    scale: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], month: int
) -> JournalTable:
    columns = [JournalColumn("Muscle", numbers=False), JournalColumn("Side", numbers=False)]
    shown: list[tuple[Mapping[str, Any], str, bool]] = []
    for group in groups:
        for time, words in _TIMES:
            if time == "before" or any(row["after"]["n"] for row in group["rows"]):
                # one n for all muscles stands in the heading, others in each cell
                alike = len({row[time]["n"] for row in group["rows"]}) == 1
                heading = f"{words}, {n_words(group['rows'], time)}" if alike else words
                columns.append(JournalColumn(heading, group["label"]))
                shown.append((group, time, alike))
    rows = []
    for place, first in enumerate(groups[0]["rows"]):
        cells = [JournalCell(first["muscle"]), JournalCell(first["side"])]
        for group, time, alike in shown:
            of = group["rows"][place][time]
            cells.append(JournalCell(fixed_text(of["mean"], 2), "" if alike else f"n {of['n']}"))
        rows.append(JournalRow(tuple(cells), goes_on=place % 2 == 0))
    return JournalTable(
        "",
        f"{scale['label']}: mean grade of each muscle",
        tuple(columns),
        tuple(rows),
        remarks=(
            f"After: near month {plain_text(month)}, in those with a scan before treatment. "
            "Difference: after less before, in those with both. n patients with a grade. A dash "
            "stands where nobody has one. Counts of every grade, SD and median are in tables.xlsx.",
        ),
    )
