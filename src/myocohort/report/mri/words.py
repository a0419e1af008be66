"""Numbers and grades of a measurement as they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.report.rounding import fixed_text


def percent_text(value: float | None, digits: int = 0) -> str:
    """Print a share as percent, without the sign; nothing where there is none."""
    return "" if value is None else fixed_text(100 * value, digits)


def grade_text(grade: Mapping[str, Any] | None) -> str:
    """Print a proposed grade, or the range of grades; nothing where there is none."""
    if not grade or grade["low"] is None:
        return ""
    low, high = grade["low"], grade["high"]
    return str(low) if low == high else f"{low}\u2013{high}"
