"""A sheet of the workbook: its columns and rows, apart from how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and how its numbers are shown (a key of workbook.FORMATS).

    A column of kind "text" holds text only, one of another kind may hold both. Neighbours
    of one `group` stand under its common heading.
    """

    heading: str
    kind: str = "text"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The content of one sheet.

    Parameters
    ----------
    name, title
        Of the tab, and above the table.
    columns, rows
        As many values in a row as there are columns; None is an empty cell.
    empty
        Why there are no rows, when there are none.
    remarks
        Lines between title and table.
    frozen
        Columns that stay in sight.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    empty: str
    remarks: Sequence[str] = field(default=())
    frozen: int = 1


def limit_cells(interval: Mapping[str, Any] | None) -> list[object]:
    """Return the two limits of an interval, each empty where there is none."""
    interval = interval or {}
    return [interval.get("low"), interval.get("high")]
