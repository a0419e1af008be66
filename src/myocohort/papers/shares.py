"""Counts as shares: of how many patients a percentage is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.entries import Count
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import numbers_behind, patients_with
from myocohort.papers.printed import parse, whole


@dataclass(frozen=True, slots=True)
class Denominator:
    """The number of patients that a count is a share of, as far as it is printed.

    Parameters
    ----------
    patients
        How many.
    numbers
        Ids of the printed numbers that it rests on.
    fixed
        Whether nothing else is possible: the paper prints it beside the count, or declares
        how many patients have no value. Otherwise fewer may have one, without a word.
    """

    patients: int
    numbers: tuple[str, ...]
    fixed: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A count and its percentage, with the denominator."""

    count: Count
    n: int
    percent: str
    of: Denominator

    @property
    def exact(self) -> Fraction:
        """The percentage that the count is."""
        return Fraction(100 * self.n, self.of.patients)

    def possible(self) -> tuple[Fraction, ...]:
        """Return the percentages that the count can be, of one denominator or of smaller ones.

        Where the paper does not say who has no value, these are all that lie within a unit of
        the printed percentage.
        """
        if self.of.fixed:
            return (self.exact,)
        around = denominators_around(self.percent, self.n, self.of.patients)
        return tuple(Fraction(100 * self.n, patients) for patients in around)


def denominators_around(percent: str, n: int, most: int) -> range:
    """Return the denominators up to `most` of which a count is about such a percentage.

    All that lie within a unit of a plain percentage are among them, and a few more.
    """
    printed = parse(percent)
    least = max(n, 1)
    if not printed.relation:
        least = max(least, math.floor(100 * n / (printed.value + printed.unit)))
        if printed.value > printed.unit:
            most = min(most, math.ceil(100 * n / (printed.value - printed.unit)))
    return range(least, most + 1)


def denominator(paper: Paper, count: Count) -> Denominator | None:
    """Return the number of patients that a count is a share of; None where none is printed."""
    if count.of is not None:
        return Denominator(whole(count.of), (f"{count.id}.of",), fixed=True)
    behind = patients_with(paper, count.variable, count.group)
    if behind is None:
        return None
    numbers = numbers_behind(paper, count.variable, count.group)
    patients = behind[-1]  # of a single patient nothing is declared by the one number there is
    return Denominator(patients, numbers, fixed=len(behind) == 1 and patients > 1)


def shares(paper: Paper) -> Iterator[Share]:
    """Yield each count that is printed with a plain percentage and has a known denominator."""
    for count in paper.count:
        if count.n is None or count.percent is None or parse(count.percent).relation:
            continue
        of = denominator(paper, count)
        if of is not None and of.patients:
            yield Share(count, whole(count.n), count.percent, of)
