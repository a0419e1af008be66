"""What an import did, with every input row accounted for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from myocohort.registry.imports.match import Ignored


@dataclass(frozen=True, slots=True)
class TableSummary:
    """One table of one file.

    `created` + `updated` + `unchanged` + `unmatched` = `rows`.

    Parameters
    ----------
    file, sheet, table
        Where the rows came from and what they are.
    rows
        Rows below the header that are not blank.
    created, updated, unchanged
        What became of them; a row is updated where anything stored of it changed.
    unmatched
        Rows of a declared table that no variable's `where` picks.
    blank_rows
        Rows without any content.
    absent
        Declared variables whose column the file does not have.
    sha256
        Of the file.
    kept
        Records that this file gave at an earlier import by hand, that it no longer has, and
        that stay.
    """

    file: str
    sheet: str
    table: str
    rows: int
    created: int
    updated: int
    unchanged: int
    unmatched: int
    blank_rows: int
    absent: tuple[str, ...]
    sha256: str
    kept: int = 0


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did.

    Parameters
    ----------
    tables
        What became of the rows.
    ignored
        Sheets and columns that were not read, with the closest known name.
    not_changed
        Files that were not read because they are as they were at the last import.
    """

    tables: tuple[TableSummary, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    not_changed: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return sum(table.rows for table in self.tables)

    @property
    def created(self) -> int:
        """Rows that are new."""
        return sum(table.created for table in self.tables)

    @property
    def updated(self) -> int:
        """Rows that changed what was stored."""
        return sum(table.updated for table in self.tables)

    @property
    def unchanged(self) -> int:
        """Rows that say what was stored."""
        return sum(table.unchanged for table in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """Return totals and details, for `--json`."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "tables": [asdict(table) for table in self.tables],
            "ignored": [asdict(ignored) for ignored in self.ignored],
            "not_changed": list(self.not_changed),
        }
