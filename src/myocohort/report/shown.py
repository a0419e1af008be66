"""How any number of results.json is printed, by its key and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from myocohort.report.rounding import (
    Number,
    decimals_for,
    fixed_text,
    p_text,
    percent_text,
    plain_text,
    ratio_text,
)

RATIOS = {"odds_ratio", "hazard_ratio", "e_value", "e_value_of_limit"}
LIMITS = {"low", "high"}
P_VALUES = {
    "p", "p_holm", "p_adjusted", "p_interval", "smallest_p", "holm", "benjamini_hochberg",
}  # fmt: skip
SHARES = {"survival", "share"}
SUMMARIES = {"mean", "sd"}
QUANTILES = {"median", "q1", "q3", "min", "max"}


def shown(path: Sequence[str | int], value: Number, near: Sequence[Mapping[str, Any]]) -> str:
    """Print a number as the report does.

    Parameters
    ----------
    path
        Keys and places from the top of results.json to the number.
    value
        An integer is printed as it is.
    near
        The mappings that enclose it, the innermost last: a row of a table shares its decimals.
    """
    if isinstance(value, int):
        return str(value)
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if key in P_VALUES or "p" in path[-2:]:
        return p_text(value)
    if key in RATIOS or (key in LIMITS and _of_a_ratio(path, near)):
        return ratio_text(value)
    if key == "events_per_variable":
        return fixed_text(value, 1)
    if key == "percent":
        return percent_text(value)
    if key in SHARES and isinstance(value, float):
        return f"{percent_text(100 * value)} %"
    row = next((part for part in reversed(near) if part.get("kind") == "number"), None)
    if row is not None and key in SUMMARIES | QUANTILES:
        summaries = [*(row.get("counts") or {}).values(), row.get("total") or {}]
        decimals = decimals_for(one.get(name) for one in summaries for name in SUMMARIES)
        if key in SUMMARIES:
            return fixed_text(value, decimals)
        return plain_text(value, max(decimals, 1))
    if "effects" in path:
        return fixed_text(value, 2)
    return plain_text(value)


def _of_a_ratio(path: Sequence[str | int], near: Sequence[Mapping[str, Any]]) -> bool:
    """Whether limits are those of an odds ratio or hazard ratio: its interval, or its range."""
    if "ci" in path or (len(path) > 1 and path[-2] in RATIOS):
        return True
    return path[-2] == "interval" and len(near) > 1 and not RATIOS.isdisjoint(near[-2])
