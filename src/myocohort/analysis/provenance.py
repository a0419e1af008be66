"""Where rebuilt records come from: the file beside them that says what was determined."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from myocohort.errors import InputError, Problem
from myocohort.study.variable import Variable

FILE_NAME = "provenance.json"


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
    """

    columns: tuple[dict[str, str], ...] = ()
    fitted: frozenset[str] = frozenset()
    rebuild: dict[str, Any] | None = None
    seed: int | None = None
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)

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
        return Provenance(
            columns=tuple(data["columns"]),
            fitted=frozenset(data["fitted"]),
            rebuild=data["rebuild"],
            seed=data["seed"],
            kinds={(c["table"], c["column"]): c["kind"] for c in data["columns"]},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = Problem(
            rule="the provenance file is as `myocohort demo` wrote it",
            file=FILE_NAME,
            next_step="Make the study anew with `myocohort demo`, or delete the file and set "
            "origin to what the records are, if they are no longer rebuilt",
        )
        raise InputError([problem]) from error
