"""Values that are counted in units, and which means and SDs n of them can have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.entries import Variable
from myocohort.papers.integers import fewest_squares, most_squares, squares_exist
from myocohort.papers.printed import Interval, parse

LOOKED_AT = 200  # sums of squares on either side of a printed SD, to name the nearest possible


@dataclass(frozen=True, slots=True)
class UnitValues:
    """Values of single patients: whole multiples of a unit, perhaps between limits.

    Parameters
    ----------
    unit
        The step of the variable, divided by the number of items that are averaged.
    low, high
        Smallest and largest multiple; None where none is declared.
    """

    unit: Fraction
    low: int | None = None
    high: int | None = None

    @classmethod
    def of(cls, variable: Variable) -> UnitValues | None:
        """Return the values of a variable, or None where its unit is not declared."""
        if variable.step is None or parse(variable.step).value <= 0:
            return None
        unit = parse(variable.step).value / variable.items
        return cls(
            unit,
            None if variable.low is None else math.ceil(parse(variable.low).value / unit),
            None if variable.high is None else math.floor(parse(variable.high).value / unit),
        )

    @property
    def binary(self) -> bool:
        """Whether every value is 0 or 1."""
        return self.unit == 1 and self.low == 0 and self.high == 1

    @property
    def words(self) -> str:
        """The values in words: "whole numbers from 0 up", "multiples of 1/3"."""
        kind = "whole numbers" if self.unit == 1 else f"multiples of {plain(self.unit)}"
        low = None if self.low is None else plain(self.low * self.unit)
        high = None if self.high is None else plain(self.high * self.unit)
        if low is not None and high is not None:
            return f"{kind} from {low} to {high}"
        if low is not None:
            return f"{kind} from {low} up"
        return kind if high is None else f"{kind} up to {high}"

    def sums(self, n: int, mean: Interval) -> range:
        """Return the sums, in units, that give n values a mean in an interval."""
        if mean.low is None or mean.high is None:
            raise ValueError("an inequality leaves no limits for a sum")
        first, last = math.ceil(mean.low * n / self.unit), math.floor(mean.high * n / self.unit)
        if self.low is not None:
            first = max(first, n * self.low)
        if self.high is not None:
            last = min(last, n * self.high)
        return range(first, last + 1)

    def has_sd(self, n: int, sums: range, sd: Interval, *, less: int = 1) -> bool:
        """Return whether n values with one of the sums have an SD in an interval.

        Parameters
        ----------
        n
            How many values, at least 2.
        sums
            In units.
        sd
            What the printed SD stands for.
        less
            What is taken from n in the denominator of the variance: 1, or 0 where the values
            are treated as all there are.
        """
        if sd.high is None or sd.low is None:
            raise ValueError("an inequality leaves no limits for an SD")
        if sd.high < 0:
            return False
        limits = self._squares(n, sd, n - less)
        return any(squares_exist(n, total, *limits(total), self.low, self.high) for total in sums)

    def _squares(self, n: int, sd: Interval, divisor: int) -> Callable[[int], tuple[int, int]]:
        """Return a function: sum -> smallest and largest sum of squares that give an SD.

        The variance is (Q - S² / n) / divisor, in squares of the unit.
        """
        assert sd.low is not None
        assert sd.high is not None
        times = n * divisor / self.unit**2
        least, most = max(sd.low, Fraction(0)) ** 2 * times, sd.high**2 * times

        def limits(total: int) -> tuple[int, int]:
            first = -least.numerator - least.denominator * total**2
            last = most.numerator + most.denominator * total**2
            return -(first // (least.denominator * n)), last // (most.denominator * n)

        return limits

    def nearest_sds(
        self, n: int, sums: range, sd: Interval
    ) -> tuple[Fraction | None, Fraction | None]:
        """Return the squares of the nearest possible SDs (n - 1) below and above an interval.

        None where there is none, or none near.
        """
        times = n * (n - 1) / self.unit**2
        limits = self._squares(n, sd, n - 1)
        below: list[Fraction] = []
        above: list[Fraction] = []
        for total in sums:
            start, stop = limits(total)[0] - 1, limits(total)[1] + 1
            smallest, largest = fewest_squares(n, total), self._largest(n, total)
            start = start if largest is None else min(start, largest)
            down = range(start, max(smallest, start - LOOKED_AT) - 1, -1)
            up = self._upwards(max(stop, smallest), largest)
            for squares, found in ((down, below), (up, above)):
                found.extend(self._first(n, total, squares, times))
        return (max(below, default=None), min(above, default=None))

    def _largest(self, n: int, total: int) -> int | None:
        """Return the largest sum of squares; with one limit alone the sum sets the other."""
        if self.low is None and self.high is None:
            return None
        low = self.low if self.low is not None else total - (n - 1) * (self.high or 0)
        high = self.high if self.high is not None else total - (n - 1) * low
        return most_squares(n, total, low, high)

    def _upwards(self, first: int, largest: int | None) -> range:
        last = first + LOOKED_AT if largest is None else min(largest, first + LOOKED_AT)
        return range(first, last + 1)

    def _first(self, n: int, total: int, squares: range, times: Fraction) -> Iterator[Fraction]:
        for square in squares:
            if squares_exist(n, total, square, square, self.low, self.high):
                yield (n * square - total**2) / times
                return


def plain(value: Fraction) -> str:
    """Write a value as a decimal number where it is one with few digits, else as a fraction."""
    for decimals in range(7):
        scaled = value * 10**decimals
        if scaled.denominator == 1:
            return f"{float(value):.{decimals}f}"
    return str(value)
