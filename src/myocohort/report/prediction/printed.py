"""How predicted risks, shares and net benefits are printed in every document and drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.report.rounding import Number, fixed_text, percent_text


def percent(share: Number) -> str:
    """Print a share in percent."""
    return percent_text(100 * share if isinstance(share, int | float) else share)


def per_100(benefit: Number) -> str:
    """Print a net benefit per 100 patients."""
    return fixed_text(100 * benefit if isinstance(benefit, int | float) else benefit, 1)


def limits_text(low: str, high: str) -> str:
    """Join two printed limits; beside a minus sign by a word."""
    return f"{low} to {high}" if "\N{MINUS SIGN}" in low + high else f"{low}–{high}"


def pattern_label(point: Mapping[str, Any]) -> str:
    """Return what a point of the calibration is: its terms, or its range of risk."""
    if point["terms"] is None:
        low, high = percent(point["low"]), percent(point["high"])
        return f"risk {low}%" if low == high else f"risk {limits_text(low, high)}%"
    return " + ".join(point["terms"]) or "none of the terms"


def letter_of(place: int) -> str:
    """Return the letter that a point of the calibration has in figure and table."""
    return chr(ord("A") + place)
