"""Where programs look for a quartile: at which position in the order of n values."""

from __future__ import annotations

import math
from fractions import Fraction

QUARTER = Fraction(1, 4)


def quartile_positions(n: int) -> dict[str, tuple[Fraction, Fraction]]:
    """Return the positions of the first and third quartile by every usual definition.

    A position between two neighbours stands for the point on the straight line between them.
    Types 2 and 5 to 9 are those of Hyndman RJ, Fan Y. Am Stat 1996;50:361-365: type 2 is what
    SAS and Stata print, 6 SPSS, 7 R and Excel. Hinges are the medians of the halves, which
    have the middle value in both of them (Tukey) or in none.
    """
    linear = {
        "type 5": (Fraction(1, 2), Fraction(0)),
        "type 6": (Fraction(0), Fraction(1)),
        "type 7": (Fraction(1), Fraction(-1)),
        "type 8": (Fraction(1, 3), Fraction(1, 3)),
        "type 9": (Fraction(3, 8), Fraction(1, 4)),
    }
    found = {
        name: (a + (n + b) * QUARTER, a + (n + b) * (1 - QUARTER))
        for name, (a, b) in linear.items()
    }
    found["type 2"] = (_averaged(n * QUARTER), _averaged(n * (1 - QUARTER)))
    for name, half in (("hinges", (n + 1) // 2), ("hinges without the median", n // 2)):
        first = Fraction(half + 1, 2)
        found[name] = (first, n + 1 - first)
    return {name: (_inside(first, n), _inside(third, n)) for name, (first, third) in found.items()}


def _averaged(position: Fraction) -> Fraction:
    """Return halfway to the next value where a whole number of values lies below, else up."""
    if position.denominator == 1:
        return position + Fraction(1, 2)
    return Fraction(math.ceil(position))


def _inside(position: Fraction, n: int) -> Fraction:
    return min(max(position, Fraction(1)), Fraction(n))
