"""Which files the registry was filled from."""

from __future__ import annotations

from typing import Any


def imported_files() -> list[dict[str, Any]]:
    """List the last import of each table of each file of the study that is open.

    Returns
    -------
    list of dict
        file, table, sha256, rows, loaded_at (ISO, UTC, to the second), by file and table.
    """
    from myocohort.registry.models import ImportedFile

    rows = ImportedFile.objects.order_by("name", "table").values()
    return [
        {
            "file": row["name"],
            "table": row["table"],
            "sha256": row["sha256"],
            "rows": row["rows"],
            "loaded_at": row["loaded_at"].isoformat(timespec="seconds"),
        }
        for row in rows
    ]
