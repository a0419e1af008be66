"""The patients of an analysis table that a printed number is about."""

from __future__ import annotations

import pandas as pd

from myocohort.errors import StatisticsError
from myocohort.papers.entries import Group
from myocohort.papers.paperfile import Paper


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of the analysis table.

    Raises
    ------
    StatisticsError
        When the table has no such column.
    """
    if name not in table.columns:
        raise StatisticsError(f"the analysis table has no column {name!r}")
    return table[name]


def members(paper: Paper, name: str, table: pd.DataFrame) -> pd.Series:
    """Return for each row of the analysis table whether the patient belongs to a group.

    Raises
    ------
    StatisticsError
        When the table lacks a column that the group is defined by.
    """
    group: Group = paper.groups[name]
    belongs = pd.Series(True, index=table.index)
    if group.arm is not None:
        belongs &= column(table, "arm") == group.arm
    if group.outcome is not None:
        belongs &= column(table, "outcome").isin(group.outcome)
    if group.has is not None:
        belongs &= column(table, group.has).notna()
    for name_of_column, value in group.where.items():
        belongs &= column(table, name_of_column) == value
    return belongs


def values_of(paper: Paper, group: str, variable: str, table: pd.DataFrame) -> pd.Series:
    """Return the values that the patients of a group have in a variable, missing ones left out."""
    return column(table, variable)[members(paper, group, table)].dropna()
