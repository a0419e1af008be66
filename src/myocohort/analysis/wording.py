"""How numbers are written in the text that commands print; JSON is never rounded."""

from __future__ import annotations

from typing import Any


def p_text(p: float | None) -> str:
    """Return a p value with three decimals; one that rounds to 0 is "<0.001"."""
    if p is None:
        return "not computed"
    return "<0.001" if p < 0.0005 else f"{p:.3f}"


def number(value: float | str | None, digits: int = 2) -> str:
    """Return a number as text; infinities are strings already, a missing one says so.

    A number that would be rounded to 0 keeps a digit, so that "0" means 0; from a million on
    it is written with a power of ten.
    """
    if value is None:
        return "not computed"
    if isinstance(value, str) or value == 0:
        return str(value) if value else "0"
    if abs(value) >= 1e6:
        return f"{value:.2e}"
    text = f"{value:.{digits}f}"
    return text if float(text) else f"{value:.1g}"


def interval_text(interval: dict[str, Any] | None, digits: int = 2) -> str:
    """Return an interval with its level, as `jsonable` gives it."""
    if interval is None:
        return "no interval"
    low, high = number(interval["low"], digits), number(interval["high"], digits)
    return f"{100 * interval['level']:g}% CI {low} to {high}; {interval['method']}"


def effect_text(result: dict[str, Any], digits: int = 2) -> str:
    """Return estimate, interval and p of one result, which are of one family."""
    if result["estimate"] is None:
        return f"{result['estimate_name'] or result['method']}: {number(None)}"
    text = f"{result['estimate_name']} {number(result['estimate'], digits)}"
    text += f" ({interval_text(result['interval'], digits)})"
    return text if result["p"] is None else f"{text}, p {p_text(result['p'])}"
