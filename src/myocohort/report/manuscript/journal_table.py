"""A table as a manuscript has it: one grid without merged rows, for Word and for LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

PORTRAIT_CM, LANDSCAPE_CM = 17.0, 25.7
"""Between margins of 2 cm on A4."""
_CHARACTER_CM, _PADDING_CM = 0.155, 0.35  # at the size of a table's text
_WIDEST_CM, _NARROWEST_CM = 7.0, 1.3


@dataclass(frozen=True, slots=True)
class JournalColumn:
    """A column: its heading, and the common heading of its neighbours where it has one.

    `numbers` says whether its content is numbers, which never break and stand in the middle.
    """

    heading: str
    group: str = ""
    numbers: bool = True


@dataclass(frozen=True, slots=True)
class JournalCell:
    """A text, a second smaller line, and the letters of its notes."""

    text: str
    small: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A row.

    Parameters
    ----------
    cells
        As many as columns; one for a heading, which stands alone in its row.
    heading
        Whether it is the heading of the rows below.
    level
        1 for a row that stands indented under the one above.
    goes_on
        Whether the next row belongs to it, so that no page ends between them.
    """

    cells: tuple[JournalCell, ...]
    heading: bool = False
    level: int = 0
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class JournalTable:
    """A table with its rounding done.

    Parameters
    ----------
    number, title
        "Table 1", and the caption.
    columns, rows
        The grid.
    notes
        Letter and text of each footnote.
    remarks
        Notes without a letter: abbreviations, n, missing values.
    """

    number: str
    title: str
    columns: tuple[JournalColumn, ...]
    rows: tuple[JournalRow, ...]
    notes: tuple[tuple[str, str], ...] = field(default=())
    remarks: tuple[str, ...] = field(default=())

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Common heading and number of columns, from left to right; "" where there is none."""
        return [
            (group, len(list(members)))
            for group, members in groupby(self.columns, key=lambda column: column.group)
        ]

    @property
    def landscape(self) -> bool:
        """Whether it is too wide for an upright page."""
        return sum(self._wanted()) > PORTRAIT_CM

    def widths(self) -> list[float]:
        """Return the widths of the columns in cm, which fill the page between the margins.

        Long text first gets what would keep it in few lines; what is left then is shared by
        all columns. Where there is too little, all are made narrower.
        """
        page = LANDSCAPE_CM if self.landscape else PORTRAIT_CM
        widths = self._wanted()
        rest = page - sum(widths)
        lacks = [max(whole - width, 0) for whole, width in zip(self._whole(), widths, strict=True)]
        if rest > 0 and sum(lacks) > 0:
            share = min(rest / sum(lacks), 1)
            widths = [width + share * lack for width, lack in zip(widths, lacks, strict=True)]
        return [width * page / sum(widths) for width in widths]

    def _wanted(self) -> list[float]:
        """Return what the columns need, long text in several lines."""
        return [min(width, _WIDEST_CM) for width in self._lengths(lines=True)]

    def _whole(self) -> list[float]:
        """Return what the columns need for every text to stand in one line."""
        return self._lengths(lines=False)

    def _lengths(self, *, lines: bool) -> list[float]:
        found = []
        for position, column in enumerate(self.columns):
            cells = [row.cells[position] for row in self.rows if not row.heading]
            breaks = lines and not column.numbers
            longest = max((_length(cell, breaks) for cell in cells), default=0)
            # A heading may break between its words.
            heading = max((len(word) for word in column.heading.split(" ")), default=0)
            width = _CHARACTER_CM * max(longest, heading) + _PADDING_CM
            found.append(max(width, _NARROWEST_CM))
        return found


def _length(cell: JournalCell, breaks: bool) -> int:
    """Return the characters of the longest line; long text that may break has two of them."""
    length = max(len(cell.text) + len(cell.marks), len(cell.small))
    return max(20, round(length * 0.6)) if breaks and length > 20 else length


def heading_row(text: str) -> JournalRow:
    """Return a row that is the heading of those below."""
    return JournalRow((JournalCell(text),), heading=True, goes_on=True)


def plain_cells(texts: Sequence[str]) -> tuple[JournalCell, ...]:
    """Return cells without notes."""
    return tuple(JournalCell(text) for text in texts)
