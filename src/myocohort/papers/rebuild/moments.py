"""Which whole numbers a printed mean and SD leave for a sum and a sum of squares.

Values are counted in units of their step, so that everything is a whole number: n values with
the sum S and the sum of squares Q have the mean S / n and the variance (n Q - S^2) / n (n - 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.integers import fewest_squares, squares_exist
from myocohort.papers.printed import Interval


@dataclass(frozen=True, slots=True)
class Moments:
    """What a printed mean and SD ask of n values on a grid.

    Parameters
    ----------
    n
        How many values; at least 1.
    unit
        The step of the grid: every value is a whole number of these.
    mean, sd
        What the printed numbers stand for; None where none is printed.
    """

    n: int
    unit: Fraction
    mean: Interval | None = None
    sd: Interval | None = None

    def sums(self) -> tuple[int | None, int | None]:
        """Return the smallest and largest sum, in units; None where nothing limits it."""
        if self.mean is None:
            return None, None
        return scaled(self.mean, Fraction(self.n) / self.unit)

    def spreads(self) -> tuple[int, int | None]:
        """Return the smallest and largest n Q - S^2, in squared units."""
        if self.sd is None:
            return 0, None
        scale = Fraction(self.n * (self.n - 1)) / self.unit**2
        low = max(self.sd.low or Fraction(0), Fraction(0))
        high = self.sd.high
        squared = Interval(low**2, None if high is None else high**2, self.sd.closed)
        smallest, largest = scaled(squared, scale)
        # The interval of a printed 0.0 begins below zero, and so includes no spread at all.
        if self.sd.low is None or self.sd.low <= 0:
            smallest = 0
        return smallest or 0, -1 if high is not None and high < 0 else largest

    def squares(self, total: int) -> range:
        """Return the sums of squares that go with a sum, where the spread has an upper limit.

        Sum and sum of squares of whole numbers are both even or both odd.
        """
        smallest, largest = self.spreads()
        if largest is None:
            raise ValueError("no SD limits the sums of squares")
        first = -(-(smallest + total * total) // self.n)
        first = max(first, fewest_squares(self.n, total))
        return range(first + (first - total) % 2, (largest + total * total) // self.n + 1, 2)

    def possible(self, total: int, low: int, high: int) -> bool:
        """Return whether size and parity allow values from low to high with a sum, in units.

        False is a proof, see `integers.squares_exist`.
        """
        if not self.n * low <= total <= self.n * high:
            return False
        if self.sd is None:
            return True
        smallest, largest = self.spreads()
        first = -(-(smallest + total * total) // self.n)
        last = self.n * max(low**2, high**2)
        if largest is not None:
            last = min(last, (largest + total * total) // self.n)
        return squares_exist(self.n, total, first, last, low, high)

    def pairs(self) -> int | None:
        """Return how many pairs of sum and sum of squares there are; None where not limited."""
        low, high = self.sums()
        if low is None or high is None or self.spreads()[1] is None:
            return None
        return sum(len(self.squares(s)) for s in range(low, high + 1))

    def bounds(self) -> tuple[int, int] | None:
        """Return limits, in units, that no single value can be beyond; None without mean and SD.

        A value lies no further from the mean of n than SD (n - 1) / sqrt(n).
        """
        low, high = self.sums()
        _, largest = self.spreads()
        if low is None or high is None or largest is None or largest < 0:
            return None
        # |n x - S| <= sqrt((n - 1) (n Q - S^2))
        reach = math.isqrt((self.n - 1) * largest) + 1
        return -(-(low - reach) // self.n), (high + reach) // self.n


def scaled(allowed: Interval, scale: Fraction) -> tuple[int | None, int | None]:
    """Return the smallest and largest whole number in an interval times a positive scale.

    The first is above the second where there is none, and None stands for no limit.
    """
    low = high = None
    if allowed.low is not None:
        exact = allowed.low * scale
        low = math.ceil(exact) + (not allowed.closed and exact.denominator == 1)
    if allowed.high is not None:
        exact = allowed.high * scale
        high = math.floor(exact) - (not allowed.closed and exact.denominator == 1)
    return low, high
