"""Where rebuilt records come from: the file beside them that says what was determined."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from myocohort.errors import InputError, Problem
from myocohort.study.variable import Variable

FILE_NAME = "provenance.json"
ALTERNATIVES = "alternatives"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the records of a rebuilt study were made.

    Parameters
    ----------
    columns
        One {table, column, kind, why} per column; kind is "determined", "one of many" or
        "illustrative".
    fitted
        Ids of the printed numbers that the records were built to.
    rebuild
        The search for joint tables: candidates, fits, patterns, note.
    seed
        Of the search for values.
    alternatives
        Analysis tables, one for each joint table that the printed model leaves possible.
    alternative_files
        {file, table, sha256, rows} of each of them.
    alternatives_note
        What is determined in them and what is not.
    """

    columns: tuple[dict[str, str], ...] = ()
    fitted: frozenset[str] = frozenset()
    rebuild: dict[str, Any] | None = None
    seed: int | None = None
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    alternatives: tuple[pd.DataFrame, ...] = ()
    alternative_files: tuple[dict[str, Any], ...] = ()
    alternatives_note: str = ""

    def kind(self, variable: Variable) -> str:
        """Return what kind of column a variable comes from; empty for real records."""
        return self.kinds.get((variable.table, variable.column), "")


def read_provenance(folder: Path) -> Provenance:
    """Read the provenance file of a study folder; without one, nothing was rebuilt."""
    path = folder / FILE_NAME
    if not path.exists():
        return Provenance()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        others = data.get("alternatives") or {"files": [], "note": ""}
        tables, files = _read_alternatives(folder, others["files"])
        return Provenance(
            columns=tuple(data["columns"]),
            fitted=frozenset(data["fitted"]),
            rebuild=data["rebuild"],
            seed=data["seed"],
            kinds={(c["table"], c["column"]): c["kind"] for c in data["columns"]},
            alternatives=tables,
            alternative_files=files,
            alternatives_note=others["note"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = Problem(
            rule="the provenance file and the tables that it names are as `myocohort demo` wrote "
            "them",
            file=FILE_NAME,
            next_step="Make the study anew with `myocohort demo`, or delete the file and set "
            "origin to what the records are, if they are no longer rebuilt",
        )
        raise InputError([problem]) from error


def _read_alternatives(
    folder: Path, names: Sequence[str]
) -> tuple[tuple[pd.DataFrame, ...], tuple[dict[str, Any], ...]]:
    tables, files = [], []
    for name in names:
        content = (folder / name).read_bytes()
        table = pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""])
        tables.append(table)
        digest = hashlib.sha256(content).hexdigest()
        files.append({"file": name, "table": ALTERNATIVES, "sha256": digest, "rows": len(table)})
    return tuple(tables), tuple(files)
