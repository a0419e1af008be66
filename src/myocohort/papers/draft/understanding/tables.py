"""A table of a paper turned into entries of a paper file, with its look as printed."""

from __future__ import annotations

import re
from dataclasses import replace

from myocohort.papers.draft.document import Table
from myocohort.papers.draft.understanding.cells import read_cell
from myocohort.papers.draft.understanding.claimed import Tests, marks_of_tests
from myocohort.papers.draft.understanding.collected import Collected
from myocohort.papers.draft.understanding.columns import columns_of
from myocohort.papers.draft.understanding.head_groups import read_groups, read_size_row, transposed
from myocohort.papers.draft.understanding.labels import Hint, read_label, slug
from myocohort.papers.draft.understanding.layout import drawn, list_the_rest, repeat_merged_cells
from myocohort.papers.draft.understanding.models import read_models
from myocohort.papers.draft.understanding.p_values import read_p_values
from myocohort.papers.draft.understanding.row_values import read_values
from myocohort.papers.draft.understanding.rows import Row, rows_of
from myocohort.papers.draft.understanding.sheet import Sheet
from myocohort.papers.draft.understanding.tokens import comma_to_point, normalised, with_points

_LEVEL_OF_MARKS = re.compile(r"(?P<mark>[*†‡§¶#∗]+)\s*:?\s*[Pp]\s*<\s*(?P<level>0?\.[0-9]+)")
_WORDED: tuple[tuple[Hint, str], ...] = (
    ("mean_sd", r"mean\W{0,6}(?:and )?(?:±|\+/-|s\.?d\.?\b|standard dev)|±\s?sd"),
    (
        "mean_se",
        r"mean\W{0,6}(?:and )?(?:±|\+/-)?\W{0,3}(?:s\.?e\.?(?:m\b|m\.|\b)|standard err)|±\s?s\.?e",
    ),
    (
        "median_quartiles",
        r"median\W{0,4}(?:and |with )?(?:inter-?\s?quartile|quartile|25|Q1)|\bIQR\b",
    ),
    ("median_range", r"median\W{0,4}(?:and |with )?(?:range|min)"),
    ("count_percent", r"\bn\s*\(%\)|number\s*\(%\)|n\s*\(percent"),
    ("percent", r"(?<!n)(?<!n )(?<!no\.)(?<!number)(?<!number )\(%\)|\bpercentages?\b"),
    ("mean", r"\bmeans?\b|\baverages?\b"),
    ("median", r"\bmedians?\b"),
)
_TABLE_HINTS = tuple((hint, re.compile(said, re.IGNORECASE)) for hint, said in _WORDED)


def read_table(table: Table, number: int, collected: Collected, tests: Tests) -> None:
    """Add everything that a table prints to the draft.

    Every number of its body becomes part of an entry or is listed as not understood.

    Parameters
    ----------
    table
        The grid.
    number
        Which table of the paper it is, for one without a label.
    collected
        The draft so far; it grows.
    tests
        What Methods say about tests.
    """
    label = " ".join(table.label.split()).rstrip(".:") or f"Table {number}"
    name = _unused_table(slug(label).replace("_", ""), collected)
    head, rows = _split(table)
    if not with_points(tuple(cell for row in rows for cell in row)):
        rows = [[comma_to_point(cell) for cell in row] for row in rows]
    columns = columns_of(head, rows)
    if transposed(rows, columns, collected):
        columns = tuple(c if c.role == "label" else replace(c, role="unknown") for c in columns)
    notes = " ".join(table.notes)
    sheet = Sheet(name, label, [*head, *rows], len(head), columns, f"{table.caption} {notes}")
    sheet.hints = _hints(" . ".join((table.caption, *table.notes, *(c for r in head for c in r))))
    sheet.significance = {
        m["mark"]: m["level"] for m in _LEVEL_OF_MARKS.finditer(normalised(notes))
    }
    sheet.tests = marks_of_tests(table.notes)
    read_groups(sheet, collected, table.caption)
    read_size_row(sheet, collected)
    sizes = {index: collected.sizes.get(key) for index, key in sheet.keys.items()}
    if rows:
        sheet.rows = _unlike(rows_of(rows, columns, sizes))
    for row in sheet.rows:
        sized = row.index == 0 and bool(sheet.replaced.keys() & _cells_of(sheet, 0))
        counted = row.kind == "statistic" and row.hint == "n"
        if row.kind != "section" and not sized and not counted:
            read_values(sheet, row, collected, sizes)
            read_p_values(sheet, row, collected, tests)
    read_models(sheet, collected, tests)
    repeat_merged_cells(sheet)
    list_the_rest(sheet, collected)
    collected.tables.append(
        {
            "id": name,
            "caption": f"{label} {table.caption}".strip(),
            "head": [drawn(sheet, line) for line in range(len(head))],
            "rows": [drawn(sheet, line) for line in range(len(head), len(sheet.grid))],
            "notes": [note for note in table.notes if note.strip()],
        }
    )


def _unused_table(name: str, collected: Collected) -> str:
    name = name if name.startswith("table") else f"table_{name}"
    names = {str(line["id"]) for line in collected.tables}
    free, number = name, 1
    while free in names:
        number += 1
        free = f"{name}_{number}"
    return free


def _split(table: Table) -> tuple[list[list[str]], list[list[str]]]:
    """Return head and body, as wide as the widest row; head rows left in the body are moved."""
    head = [list(row) for row in table.head]
    rows = [list(row) for row in table.rows]
    width = max((len(row) for row in (*head, *rows)), default=0)
    head = [row + [""] * (width - len(row)) for row in head]
    rows = [row + [""] * (width - len(row)) for row in rows]
    while len(rows) > 1 and len(head) < 3 and _is_head(rows[0], bool(head)):
        head.append(rows.pop(0))
    return head, rows


def _is_head(row: list[str], below_a_head: bool) -> bool:
    """Return whether a row of the body belongs to the head: it says what stands below it."""
    cells = [cell for cell in row[1:] if cell.strip()]
    if below_a_head:
        return not row[0].strip() and bool(cells) and all(read_label(cell).hint for cell in cells)
    lettered = all(re.search(r"[A-Za-z]", cell) for cell in cells)
    return lettered and any(read_cell(cell).shape == "words" for cell in cells)


def _hints(text: str) -> frozenset[Hint]:
    plain = normalised(text)
    return frozenset(hint for hint, pattern in _TABLE_HINTS if pattern.search(plain))


def _cells_of(sheet: Sheet, line: int) -> set[tuple[int, int]]:
    """Return the places of a row of the body in the grid."""
    return {(line + sheet.head_rows, column.index) for column in sheet.columns}


def _unlike(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Give rows of one name each a name of its own, unless they are about one variable."""
    seen: dict[str, int] = {}
    result = []
    for row in rows:
        if row.kind in ("variable", "head"):
            seen[row.name] = seen.get(row.name, 0) + 1
        times = seen.get(row.name, 1)
        result.append(replace(row, name=f"{row.name}_{times}") if times > 1 else row)
    return tuple(result)
