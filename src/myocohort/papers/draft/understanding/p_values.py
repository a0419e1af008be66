"""The p values that a row prints, with what is claimed of them."""

from __future__ import annotations

import re

from myocohort.papers.draft.understanding.cells import Piece, read_p
from myocohort.papers.draft.understanding.claimed import Tests
from myocohort.papers.draft.understanding.collected import WHOLE, Collected, EntryKind
from myocohort.papers.draft.understanding.columns import Column
from myocohort.papers.draft.understanding.labels import measured, one_level, slug, two_levels
from myocohort.papers.draft.understanding.row_values import row_place
from myocohort.papers.draft.understanding.rows import Row
from myocohort.papers.draft.understanding.sheet import Sheet, claim_by_marks, of_model
from myocohort.papers.draft.understanding.tokens import normalised


def read_p_values(sheet: Sheet, row: Row, collected: Collected, tests: Tests) -> None:
    """Add the p values of comparisons, their statistics, and what asterisks claim."""
    groups = tuple(k for k in dict.fromkeys(sheet.keys.values()) if not k.endswith(WHOLE))
    if len(groups) < 2 or row.kind == "missing":
        return
    if _same_patients(sheet, groups, collected):
        return
    p_columns = [
        c
        for c in sheet.columns
        if c.role == "p" and not of_model(sheet, c) and not _OF_ANOTHER_KIND.search(c.head)
    ]
    if _OF_ANOTHER_KIND_IN_NOTES.search(sheet.caption):
        return
    statistics = [c for c in sheet.columns if c.role == "statistic"]
    for column in p_columns:
        piece, marks = read_p(sheet.text(row.index, column.index))
        if piece is None or _too_large(piece):
            continue
        if row.kind in ("level", "statistic") and (known := _of_levels(sheet, row, column, piece)):
            sheet.show(row.index, column.index, piece, known)
            continue
        compared, remark = _compared(sheet, column, groups, len(p_columns), collected)
        name = _p_variable(row, collected)
        median = _has(name, "median", collected)
        measured_row = _is_measured(name, collected)
        values = sheet.tests.get(marks) or tests.for_row(measured_row, len(compared), median)
        statistic = None
        if len(statistics) == 1 and len(p_columns) == 1:
            cell = row.cells[statistics[0].index]
            if cell.shape == "number" and cell.pieces["first"].text[0] not in "<>≤≥":
                statistic = cell.pieces["first"]
        entry = collected.add(
            "p",
            f"{sheet.id}.{name}.p",
            sheet.place(*_p_place(row), column.head if len(p_columns) > 1 else "P"),
            variable=name,
            groups=list(compared),
            p=piece.text,
            claimed=values,
            statistic=statistic.text if statistic else None,
            remark=remark,
        )
        sheet.show(row.index, column.index, piece, f"{entry}.p")
        if statistic is not None:
            sheet.show(row.index, statistics[0].index, statistic, f"{entry}.statistic")
        claim_by_marks(sheet, marks, f"{entry}.p", f"{entry}.claim", row.label, collected)


# P values that a paper file has no entry for: read as comparisons of groups they would look wrong.
_OF_ANOTHER_KIND = re.compile(
    r"trend|interaction|heterogeneity|(?<!un)adjusted|corrected|paired|within|multivari|"
    r"\bFDR\b|bonferroni|non-?inferiority|equivalence|log-?rank|\bq[- ]values?\b",
    re.IGNORECASE,
)
_OF_ANOTHER_KIND_IN_NOTES = re.compile(
    r"\bp(?:[- ]values?)?\s+(?:(?:is|are|was|were)\s+)?"
    r"(?:for\s+(?:linear\s+)?trend|for interaction|adjusted)\b|"
    r"(?<!un)\badjusted p\b|"
    r"\bp(?:[- ]values?)?\s[^.]{0,60}(?<!un)(?:adjusted for|corrected for|bonferroni|holm|"
    r"mixed model|generali[sz]ed estimating|stratified)",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"\b(?:before|after|baseline|pre|post|admission|discharge|week|month|day|year|visit|"
    r"follow-?up|last|end|initial|final|T[0-9]|"
    r"(?:first|second|third|1st|2nd|3rd) "
    r"(?:visit|biopsy|examination|assessment|measurement|scan|MRI|test|sample))\b",
    re.IGNORECASE,
)


def _same_patients(sheet: Sheet, groups: tuple[str, ...], collected: Collected) -> bool:
    """Return whether the columns are times: their p values are of a paired comparison.

    A paper file has no entry for those, and read as comparisons of groups they would look
    wrong, so they are listed as not understood.
    """
    if re.search(r"\bpaired\b|signed[- ]rank|mcnemar", sheet.caption, re.IGNORECASE):
        return True
    times = [key for key in groups if _TIMES.search(str(collected.groups[key]["label"]))]
    return len(times) > 1


def _too_large(piece: Piece) -> bool:
    """Return whether a cell in a p column holds something that is no p value at all."""
    return piece.text.lstrip("<>=≤≥").split(".")[0] not in ("", "0", "1")


def _of_levels(sheet: Sheet, row: Row, column: Column, piece: Piece) -> str | None:
    """Return the p value of this variable that an earlier level's merged cell already gave."""
    above = (row.index - 1 + sheet.head_rows, column.index)
    if row.index == 0 or above not in sheet.replaced:
        return None
    start, end, number = sheet.replaced[above][0]
    before = next((r for r in sheet.rows if r.index == row.index - 1), None)
    same = before is not None and before.name == row.name and before.kind != "variable"
    text = normalised(sheet.grid[above[0]][above[1]])[start:end]
    return number if same and text.replace(" ", "") == piece.text else None


def _p_place(row: Row) -> tuple[str, ...]:
    return (row.variable,) if row.kind in ("level", "head") else row_place(row)


def _p_variable(row: Row, collected: Collected) -> str:
    two = two_levels(row.variable)
    single = one_level(row.variable)
    if two is not None and slug(two[0]) in collected.variables:
        return slug(two[0])
    if single is not None:
        return collected.variable(slug(single[0]), single[0])
    return collected.variable(row.name, row.variable)


def _has(name: str, kind: EntryKind, collected: Collected) -> bool:
    return any(line["variable"] == name for line in collected.entries.get(kind, ()))


def _is_measured(name: str, collected: Collected) -> bool | None:
    """Return whether a variable has means or medians (True) or counts (False) so far."""
    if _has(name, "mean", collected) or _has(name, "median", collected):
        return True
    if _has(name, "count", collected):
        return False
    return True if measured(str(collected.variables[name]["label"])) else None


def _compared(
    sheet: Sheet, column: Column, groups: tuple[str, ...], how_many: int, collected: Collected
) -> tuple[tuple[str, ...], str | None]:
    """Return the groups that a p column compares: those that its head names, otherwise all."""
    if how_many == 1:
        return groups, None
    head = normalised(column.head).lower()
    named = []
    for key in groups:
        label = str(collected.groups[key]["label"]).lower()
        short = re.sub(r"\bgroup\b", "", label).strip()
        if re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", head):
            named.append(key)
    if len(named) > 1:
        return tuple(named), None
    return groups, "Which groups this p value compares is to be checked."
