"""The look of a table, and the numbers in it that nobody understood."""

from __future__ import annotations

import re

from myocohort.papers.draft.understanding.collected import Collected
from myocohort.papers.draft.understanding.sheet import Sheet
from myocohort.papers.draft.understanding.tokens import number_tokens


def repeat_merged_cells(sheet: Sheet) -> None:
    """Give a cell that repeats its left neighbour, of the same group, that one's numbers."""
    for line in range(sheet.head_rows, len(sheet.grid)):
        for index in range(1, len(sheet.columns)):
            left, here = (line, index - 1), (line, index)
            group = sheet.keys.get(index)
            repeats = sheet.grid[line][index] == sheet.grid[line][index - 1]
            merged = repeats and group is not None and group == sheet.keys.get(index - 1)
            if merged and left in sheet.replaced and here not in sheet.replaced:
                sheet.replaced[here] = list(sheet.replaced[left])


def list_the_rest(sheet: Sheet, collected: Collected) -> None:
    """List each cell that has a number which is in no entry."""
    labels = {column.index for column in sheet.columns if column.role == "label"}
    shown_rows = {row.index: row for row in sheet.rows}
    for line, cells in enumerate(sheet.grid[sheet.head_rows :]):
        row = shown_rows.get(line)
        if row is not None and row.kind == "section":
            continue
        for index, cell in enumerate(cells):
            if index in labels:
                continue
            spans = sheet.replaced.get((line + sheet.head_rows, index), [])
            left = _without(cell, spans)
            if number_tokens(_MARKED.sub("", left)):
                head = sheet.columns[index].head
                label = row.label if row is not None else ""
                collected.puzzled(sheet.place(label, head), cell)


_MARKED = re.compile(r"\^[a-z0-9](?:,[a-z0-9])*|\b9[059]\s*%\s*CI", re.IGNORECASE)


def _without(cell: str, spans: list[tuple[int, int, str]]) -> str:
    for start, end, _ in sorted(spans, reverse=True):
        cell = f"{cell[:start]} {cell[end:]}"
    return cell


def drawn(sheet: Sheet, line: int) -> list[str]:
    """Return a row of the layout: numbers of the file as their ids in braces."""
    drawn = []
    for index, cell in enumerate(sheet.grid[line]):
        parts, at = [], 0
        for start, end, number in sorted(set(sheet.replaced.get((line, index), []))):
            if start < at:
                continue
            parts += [_plain(cell[at:start]), f"{{{number}}}"]
            at = end
        drawn.append(re.sub(r"\s+", " ", "".join([*parts, _plain(cell[at:])])).strip())
    return drawn


def _plain(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")
