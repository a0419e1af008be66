"""Grids of cells: merged cells spread out, ragged rows made even, the head told from the body."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from myocohort.papers.draft.document import Table, Unread
from myocohort.papers.draft.values import is_value

__all__ = ["Cell", "even", "make_table", "spread"]

Grid = list[list[str]]

_P = re.compile(r"[Pp][ -]?(?:[Vv]alues?)?")
# The limits of the HTML standard are 1000 columns; no printed table comes near.
_MOST_COLUMNS = 200
_MOST_CELLS = 200_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as HTML and JATS write it.

    Parameters
    ----------
    text
        Plain text.
    across, down
        How many columns and rows it covers; `down` 0 means all that follow.
    """

    text: str
    across: int = 1
    down: int = 1


def spread(rows: Sequence[Sequence[Cell]], label: str) -> tuple[Grid, list[Unread]]:
    """Return the full grid: the text of a merged cell stands in every place that it covers.

    A label that runs across the columns of values, from the first column on, stands only in
    the first place: it names rows and is not a value of the columns.

    Parameters
    ----------
    rows
        The cells of each row, only in the row where they begin.
    label
        What the table is called, for `Unread`.

    Returns
    -------
    The grid, and the rows whose end had to be filled up with empty cells.
    """
    unread = []
    placed: list[dict[int, str]] = [{} for _ in rows]
    short: list[int] = []
    cells = 0
    for index, row in enumerate(rows):
        column = 0
        for cell in row:
            while column in placed[index]:
                column += 1
            across = max(1, min(cell.across, _MOST_COLUMNS - column))
            down = len(rows) - index if cell.down == 0 else min(cell.down, len(rows) - index)
            cells += across * down
            if column >= _MOST_COLUMNS or cells > _MOST_CELLS:
                unread.append(
                    Unread(label, cell.text, "the table has more cells than a printed table")
                )
                continue
            for below in range(index, index + max(1, down)):
                for place in range(column, column + across):
                    only_first = column == 0 and place > 0 and not is_value(cell.text)
                    placed[below].setdefault(place, "" if only_first else cell.text)
            column += across
    width = max((max(row) + 1 for row in placed if row), default=0)
    for index, places in enumerate(placed):
        names_section = len(rows[index]) == 1 and len(places) == 1
        if places and len(places) < width and not names_section:
            short.append(index)
    grid = [[places.get(place, "") for place in range(width)] for places in placed]
    unread += [
        Unread(
            f"{label}, row {index + 1}",
            " | ".join(cell.text for cell in rows[index]),
            f"the row has {len(placed[index])} cells where the table has {width}; "
            "empty cells were added at its end",
        )
        for index in short
    ]
    return grid, unread


def even(rows: Sequence[Sequence[str]], width: int, label: str) -> tuple[Grid, list[Unread]]:
    """Return rows of one width; what does not fit is listed.

    Parameters
    ----------
    rows
        Cells of each row as found.
    width
        How many columns the table has.
    label
        What the table is called, for `Unread`.

    Returns
    -------
    grid, unread
        A shorter row is filled up at its end and listed, unless it has only its first cell (it
        names a section). A longer row whose surplus is empty is cut; another longer row is
        listed and left out, because nobody can say which of its cells is the surplus.
    """
    grid: Grid = []
    unread = []
    for index, row in enumerate(rows):
        kept = list(row)
        while len(kept) > width and not kept[-1]:
            kept.pop()
        place = f"{label}, row {index + 1}"
        if len(kept) > width:
            why = f"the row has {len(kept)} cells where the table has {width}; it was left out"
            unread.append(Unread(place, " | ".join(kept), why))
            continue
        if len(kept) < width and any(kept[1:]):
            why = (
                f"the row has {len(kept)} cells where the table has {width}; "
                "empty cells were added at its end"
            )
            unread.append(Unread(place, " | ".join(kept), why))
        grid.append(kept + [""] * (width - len(kept)))
    return grid, unread


def make_table(
    label: str,
    caption: str,
    grid: Sequence[Sequence[str]],
    head: int | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Return the table of an even grid, with empty cells of merged headings and labels filled.

    Parameters
    ----------
    label, caption, notes
        As in `Table`.
    grid
        Rows of one width, the head first.
    head
        How many rows are the head; None: judged by where the values begin.
    """
    rows = [list(row) for row in grid if any(row)]
    dropped = sum(not any(row) for row in grid[:head]) if head else 0
    count = _head_rows(rows) if head is None else head - dropped
    top, body = rows[:count], rows[count:]
    _fill_head(top)
    _fill_labels(body)
    return Table(
        label, caption, tuple(map(tuple, top)), tuple(map(tuple, body)), tuple(filter(None, notes))
    )


def _head_rows(rows: Grid) -> int:
    """Return how many rows stand before the values; later ones only below merged headings."""
    if len(rows) < 2 or not any(is_value(cell) for row in rows for cell in row[1:]):
        return min(1, len(rows) - 1) if rows else 0
    count = 0
    for row in rows:
        names_section = bool(row[0]) and not any(row[1:])
        if names_section or any(is_value(cell) for cell in row[1:]):
            break
        if count and row[0] and all(rows[count - 1][1:]):
            break
        count += 1
    return count


def _fill_head(head: Grid) -> None:
    """Fill the empty places of merged headings: to the right over sub-headings, then down."""
    for upper, lower in itertools.pairwise(head):
        for place in range(2, len(upper)):
            single = bool(_P.fullmatch(lower[place])) and lower.count(lower[place]) == 1
            if not upper[place] and lower[place] and upper[place - 1] and not single:
                upper[place] = upper[place - 1]
        for place, text in enumerate(upper):
            lower[place] = lower[place] or text


def _fill_labels(body: Grid) -> None:
    """Repeat the first column's text where the second column has further labels under it."""
    above = ""
    for row in body:
        if row[0]:
            above = row[0]
        elif len(row) > 2 and row[1] and not is_value(row[1]) and any(map(is_value, row[2:])):
            row[0] = above
