"""A table while it is read: its grid, what its columns and rows hold, which numbers are placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from myocohort.papers.draft.understanding.cells import Piece
from myocohort.papers.draft.understanding.collected import Collected
from myocohort.papers.draft.understanding.columns import Column
from myocohort.papers.draft.understanding.labels import Hint
from myocohort.papers.draft.understanding.rows import Row


@dataclass(slots=True)
class Sheet:
    """One table while it is read.

    Parameters
    ----------
    id, label
        "table1" and "Table 1".
    grid, head_rows
        Its cells, and how many rows of them are the head.
    columns, rows
        What they hold.
    caption
        Its heading, and the notes under it.
    keys
        Column -> the key of its group.
    hints
        What caption, head and notes say about the cells.
    significance
        Footnote mark -> the level below which it says a p value lies.
    tests
        Footnote mark -> the test that it names.
    replaced
        (row, column) -> the numbers that became entries: start, end, id. Head rows come first.
    """

    id: str
    label: str
    grid: list[list[str]]
    head_rows: int
    columns: tuple[Column, ...]
    caption: str = ""
    rows: tuple[Row, ...] = ()
    keys: dict[int, str] = field(default_factory=dict)
    hints: frozenset[Hint] = frozenset()
    significance: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    replaced: dict[tuple[int, int], list[tuple[int, int, str]]] = field(default_factory=dict)

    def show(self, row: int, column: int, piece: Piece, number: str) -> None:
        """Remember that a number of the table's body is the number of that id."""
        place = (row + self.head_rows, column)
        self.replaced.setdefault(place, []).append((piece.start, piece.end, number))

    def text(self, row: int, column: int) -> str:
        """Return a cell of the body as printed."""
        return self.grid[row + self.head_rows][column]

    def group_label(self, key: str) -> str:
        """Return the name of a group as this table's head prints it."""
        for column in self.columns:
            if self.keys.get(column.index) == key and column.group is not None:
                return column.group.label or "whole sample"
        return key

    def place(self, *parts: str) -> str:
        """Return the place of a number: "Table 1, ILD, P"."""
        return ", ".join(dict.fromkeys(part for part in (self.label, *parts) if part))


def of_model(sheet: Sheet, column: Column) -> bool:
    """Return whether a p column belongs to an estimate on its left."""
    for left in reversed(sheet.columns[: column.index]):
        if left.role in ("estimate", "estimate_interval"):
            return True
        if left.role in ("group", "label"):
            return False
    return False


def claim_by_marks(
    sheet: Sheet, marks: str, number: str, name: str, label: str, collected: Collected
) -> None:
    """Add what an asterisk says, where a note under the table explains it."""
    level = sheet.significance.get(marks)
    if level is not None:
        collected.add(
            "claim",
            name.replace("=", "."),
            sheet.place(label, "P, mark"),
            of=number,
            significant=True,
            level=level if level.startswith("0") else f"0{level}",
        )
