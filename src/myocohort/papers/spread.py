"""A printed mean and SD of values counted in units: which numbers of patients allow both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_behind
from myocohort.papers.printed import Rounding, interval, parse
from myocohort.papers.unit_values import UnitValues


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean and SD as printed, and the values that they summarise.

    Parameters
    ----------
    values
        What the values of single patients can be.
    mean, sd
        As printed, both plain numbers.
    rounding
        How the paper rounds.
    """

    values: UnitValues
    mean: str
    sd: str
    rounding: Rounding = "nearest"

    def sums(self, n: int) -> range:
        """Return the sums, in units, that give n values the mean."""
        return self.values.sums(n, interval(self.mean, self.rounding))

    def fits(self, n: int, *, less: int = 1) -> bool:
        """Return whether n values can have the mean and the SD.

        The SD divides by n - `less`. One value has no SD with n - 1; a program that prints 0
        for it is let be.
        """
        if n < 2:
            allowed = interval(self.sd, self.rounding)
            return n == 1 and bool(self.sums(n)) and Fraction(0) in allowed
        return self.values.has_sd(n, self.sums(n), interval(self.sd, self.rounding), less=less)

    def numbers_that_fit(self, numbers: Sequence[int], *, less: int = 1) -> Iterator[int]:
        """Yield the numbers of patients that allow both, the largest first."""
        return (n for n in reversed(numbers) if self.fits(n, less=less))


def divides_by_fewer(paper: Paper, rounding: Rounding) -> bool:
    """Return whether some SD of the paper shows that it divides by n - 1.

    That is one which is possible with n - 1 and not with n. Without any, an SD that is
    possible only with n in the denominator is no reason to doubt its digits.
    """
    for mean in paper.mean:
        values, numbers = UnitValues.of(paper.variable(mean.variable)), patients_behind(paper, mean)
        if values is None or mean.sd is None or numbers is None or len(numbers) != 1:
            continue
        if parse(mean.mean).relation or parse(mean.sd).relation or numbers[0] < 2:
            continue
        spread = Spread(values, mean.mean, mean.sd, rounding)
        if spread.fits(numbers[0]) and not spread.fits(numbers[0], less=0):
            return True
    return False
