"""What was missing: per variable, per group, with the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from myocohort.analysis.table import AnalysisTable


def describe_missing(
    table: AnalysisTable, names: Sequence[str], by: str, groups: Sequence[str]
) -> list[dict[str, Any]]:
    """Count missing values of the variables that the tables and models use.

    Parameters
    ----------
    table
        The analysis table with its reasons.
    names
        Variables, in order.
    by, groups
        The column and codes of the groups that are compared; "overall" and none for all
        followed patients.

    Returns
    -------
    list of dict
        One row per variable: missing of how many, per group, and how often each reason.
    """
    frame = table.frame
    inside = frame[frame["outcome"].notna() if by == "overall" else frame[by].isin(list(groups))]
    rows = []
    for name in names:
        absent = inside.loc[inside[name].isna()]
        reasons = Counter(table.reasons[name].get(p, "no record") for p in absent["patient"])
        rows.append(
            {
                "variable": name,
                "label": table.variables[name].title,
                "group_missing": {g: int((absent[by] == g).sum()) for g in groups},
                "missing": len(absent),
                "of": len(inside),
                "reasons": dict(sorted(reasons.items())),
            }
        )
    return rows
