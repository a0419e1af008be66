"""Where the columns of rebuilt records come from, and the parts they are made in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Kind = Literal["determined", "one of many", "illustrative"]
Line = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """What a column of a rebuilt table is worth.

    Parameters
    ----------
    table, column
        Which one.
    kind
        "determined": the printed numbers leave no choice. "one of many": the values meet
        printed numbers, and others would too. "illustrative": nothing printed stands behind
        them; they make the records complete.
    why
        Which printed numbers, and what is free.
    """

    table: str
    column: str
    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some record tables, with the analysis columns that follow from them.

    Parameters
    ----------
    tables
        Name -> record table.
    columns
        Analysis columns, one row a patient, patient codes as index.
    origins
        One entry for each column of each table.
    """

    tables: dict[str, pd.DataFrame]
    columns: pd.DataFrame
    origins: tuple[ColumnOrigin, ...] = field(default=())


def describe(table: str, **columns: Line) -> tuple[ColumnOrigin, ...]:
    """Return the origins of one table's columns, written as column = (kind, why)."""
    return tuple(ColumnOrigin(table, name, kind, why) for name, (kind, why) in columns.items())
