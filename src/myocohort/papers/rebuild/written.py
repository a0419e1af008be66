"""Rebuilt records as files that say what they are."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from myocohort.errors import InputError, Problem
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild.rebuilt import NOTE, RebuiltPaper, Records

PROVENANCE = "provenance.json"
ORIGIN = "rebuilt from printed numbers"


def require_new(folder: Path) -> None:
    """Make sure that nothing stands where records are to be written.

    Raises
    ------
    InputError
        If the folder holds something, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            [
                Problem(
                    rule="rebuilt records are written into a new or empty folder",
                    file=str(folder),
                    next_step="Name another with --out",
                )
            ]
        )


def write_records(
    paper: Paper, rebuilt: RebuiltPaper, folder: Path, *, seed: int
) -> tuple[Path, ...]:
    """Write each solution as a CSV file, with a file that says how they were made.

    Every row says in the column `origin` that it was rebuilt, so that no file can be taken for
    collected records when it is moved elsewhere. The folder appears with all its files, or not
    at all.

    Parameters
    ----------
    paper
        The paper file that the records were rebuilt from.
    rebuilt
        What `rebuild_paper` found.
    folder
        A folder that does not exist or is empty.
    seed
        With which it was searched.

    Returns
    -------
    tuple
        The files of records and the file of their provenance; empty where there is no solution.

    Raises
    ------
    InputError
        If the folder holds something; nothing of it is touched.
    """
    require_new(folder)
    if not rebuilt.records:
        return ()
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir()
        listed = [
            _write(beside, place, records) for place, records in enumerate(rebuilt.records, 1)
        ]
        provenance = {
            "made": True,
            "note": NOTE,
            "paper": {"title": paper.title, "citation": paper.citation, "doi": paper.doi},
            "readings": {reading.id: reading.label for reading in paper.reading},
            "seed": seed,
            "files": listed,
            "found": list(rebuilt.words()),
        }
        text = json.dumps(provenance, indent=1, ensure_ascii=False)
        (beside / PROVENANCE).write_text(text + "\n", encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return (*(folder / item["file"] for item in listed), folder / PROVENANCE)


def _write(folder: Path, place: int, records: Records) -> dict[str, Any]:
    name = f"rebuilt_{place:03d}.csv"
    table = records.table.copy()
    table.insert(1, "origin", ORIGIN)
    content = table.to_csv(index=False, lineterminator="\n").encode()
    (folder / name).write_bytes(content)
    return {
        "file": name,
        "reading": records.reading,
        "solution": records.number,
        "patients": len(table),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
