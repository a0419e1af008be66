"""What a printed number stands for, in exact arithmetic.

One convention throughout: a printed number stands for the closed interval of half a unit of
its last digit around it, so that half-up, half-even and printf rounding all pass. An
inequality ("<0.001") stands for everything beyond its limit. A paper that rounds in another
way throughout is read with an interval that is wider by what that way can add.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Relation = Literal["", "<", "<=", ">", ">="]
Rounding = Literal["nearest", "truncated", "twice"]
"""How a paper rounds: to the nearest; by cutting digits off; to one digit more, then again."""

Exact = int | Fraction | Decimal

_PATTERN = re.compile(r"(?P<relation><=|>=|<|>)?\s*(?P<number>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))")
_SPELLINGS = str.maketrans({"≤": "<=", "≥": ">=", "−": "-"})
# A float that ends a long calculation is good to about this share of its size.
_FLOAT_SLACK = Fraction(1, 10**12)


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed number taken apart.

    Parameters
    ----------
    relation
        "" for a plain number, otherwise the inequality in front of it.
    value
        The number itself, exact.
    decimals
        How many digits stand behind the decimal point.
    """

    relation: Relation
    value: Fraction
    decimals: int

    @property
    def unit(self) -> Fraction:
        """One unit of the last printed digit."""
        return Fraction(1, 10**self.decimals)


@dataclass(frozen=True, slots=True)
class Interval:
    """The values that a printed number can stand for.

    Parameters
    ----------
    low, high
        Exact limits; None where there is none.
    closed
        Whether the limits themselves belong to it.
    """

    low: Fraction | None
    high: Fraction | None
    closed: bool = True

    def __contains__(self, value: Fraction) -> bool:
        above = self.low is None or (value >= self.low if self.closed else value > self.low)
        below = self.high is None or (value <= self.high if self.closed else value < self.high)
        return above and below

    def meets(self, other: Interval) -> bool:
        """Return whether some value belongs to both."""
        lows = [limit for limit in (self.low, other.low) if limit is not None]
        highs = [limit for limit in (self.high, other.high) if limit is not None]
        if not lows or not highs:
            return True
        low, high = max(lows), min(highs)
        return low < high or (low == high and low in self and low in other)


def parse(text: str) -> Printed:
    """Take a printed number apart.

    Parameters
    ----------
    text
        As printed: "41.03", ".17", "<0.001", "≥3", "−0.4". No thousands separators, no units.

    Raises
    ------
    ValueError
        When the text is not one number.
    """
    match = _PATTERN.fullmatch(text.translate(_SPELLINGS).strip())
    if match is None:
        raise ValueError(f"{text!r} is not one printed number such as 41.03 or <0.001")
    number = match["number"]
    decimals = len(number.partition(".")[2])
    relation: Relation = match["relation"] or ""  # type: ignore[assignment]
    return Printed(relation, Fraction(number), decimals)


def interval(text: str, rounding: Rounding = "nearest") -> Interval:
    """Return the interval of values that a printed number can stand for.

    Parameters
    ----------
    text
        The printed number.
    rounding
        "nearest": half a unit to either side. "truncated": up to a whole unit further from
        zero. "twice": half a unit and half a unit of the next digit (0.445 becomes 0.45 and
        then 0.5; with halves to even 0.4549 becomes 0.45 and then 0.4). Each of the last two
        contains the first.
    """
    printed = parse(text)
    if printed.relation in ("<", "<="):
        return Interval(None, printed.value, closed=printed.relation == "<=")
    if printed.relation in (">", ">="):
        return Interval(printed.value, None, closed=printed.relation == ">=")
    inside = outside = printed.unit / 2
    if rounding == "twice":
        # Halves are rounded down to even digits, and by printf to odd ones too: it prints 68.235,
        # which is a little less as a float, as 68.23.
        inside = outside = printed.unit * Fraction(11, 20)
    elif rounding == "truncated":
        outside = printed.unit
        if printed.value == 0:  # digits cut off a negative number may leave a zero
            inside = printed.unit
    if printed.value < 0:
        inside, outside = outside, inside
    return Interval(printed.value - inside, printed.value + outside)


def whole(text: str) -> int:
    """Return a printed whole number, such as a count.

    Raises
    ------
    ValueError
        When the text has decimals, a sign or an inequality.
    """
    if not re.fullmatch(r"[0-9]+", text.strip()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def agrees(text: str, value: Exact | float, rounding: Rounding = "nearest") -> bool:
    """Return whether a computed value would be printed as `text`.

    Parameters
    ----------
    text
        The printed number.
    value
        Exact numbers are compared exactly. A float is known only to about one part in 1e12,
        so it agrees when any value within that distance does. Infinity agrees with no plain
        number, and NaN with nothing.
    rounding
        How the paper rounds, see `interval`.
    """
    allowed = interval(text, rounding)
    if isinstance(value, float):
        if math.isnan(value):
            return False
        if math.isinf(value):
            return allowed.high is None if value > 0 else allowed.low is None
        exact = Fraction(value)
        slack = abs(exact) * _FLOAT_SLACK
        return allowed.meets(Interval(exact - slack, exact + slack))
    return Fraction(value) in allowed


def format_like(text: str, value: Exact | float) -> str:
    """Print a computed value with the digits that `text` has.

    A positive value that would round to nothing is printed as lying below one unit
    ("<0.001"), because a p value of 0 does not exist. Halves are rounded away from zero.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "missing" if math.isnan(value) else ("infinity" if value > 0 else "-infinity")
    printed = parse(text)
    exact = Fraction(value)
    scaled = exact / printed.unit
    # A float that stands for a half is rounded as that half would be.
    nudge = abs(scaled) * _FLOAT_SLACK if isinstance(value, float) else Fraction(0)
    units = math.floor(abs(scaled) + Fraction(1, 2) + nudge)
    if units == 0 and exact > 0:
        return "<" + _digits(1, printed.decimals)
    return ("-" if exact < 0 and units else "") + _digits(units, printed.decimals)


def _digits(units: int, decimals: int) -> str:
    """Write so many units of the last of `decimals` digits."""
    text = str(units).zfill(decimals + 1)
    return f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text
