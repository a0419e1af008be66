"""Tables of counts as whole numbers, and the chi-square statistics of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """A table of counts, groups in rows and levels in columns, without empty ones.

    Parameters
    ----------
    rows
        The counts.
    row_scores, scores
        The place of each kept group and level in the table as given, from 1.
    ordered
        Whether the levels have an order, or are only two.
    """

    rows: tuple[tuple[int, ...], ...]
    row_scores: tuple[int, ...]
    scores: tuple[int, ...]
    ordered: bool

    @property
    def comparable(self) -> bool:
        """Whether at least two groups and two levels have anyone in them."""
        return len(self.rows) > 1 and len(self.scores) > 1

    @property
    def two_by_two(self) -> bool:
        """Whether two groups and two levels are left."""
        return len(self.rows) == 2 and len(self.scores) == 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many each group has."""
        return tuple(sum(row) for row in self.rows)

    @property
    def columns(self) -> tuple[int, ...]:
        """How many each level has."""
        return tuple(sum(column) for column in zip(*self.rows, strict=True))

    @property
    def coding(self) -> str:
        """How the levels are turned into numbers, in words."""
        return "0 and 1" if len(self.scores) == 2 else "1 to " + str(self.scores[-1])


def counts_of(table: Sequence[Sequence[int]], *, ordered: bool = False) -> Counts:
    """Return a table freed of empty groups and levels.

    Parameters
    ----------
    table
        Groups in rows, levels in columns.
    ordered
        Whether the levels stand in an order that means something.
    """
    filled = [place for place, row in enumerate(table) if sum(row)]
    levels = [
        place for place in range(len(table[0]) if table else 0) if any(row[place] for row in table)
    ]
    return Counts(
        rows=tuple(tuple(int(table[i][j]) for j in levels) for i in filled),
        row_scores=tuple(i + 1 for i in filled),
        scores=tuple(j + 1 for j in levels),
        ordered=ordered or len(levels) == 2,
    )


def chi_square(counts: Counts) -> tuple[float, int]:
    """Return Pearson's chi-square and its degrees of freedom."""
    n = sum(counts.sizes)
    total = math.fsum(
        (cell * n - size * column) ** 2 / (size * column * n)
        for row, size in zip(counts.rows, counts.sizes, strict=True)
        for cell, column in zip(row, counts.columns, strict=True)
    )
    return total, (len(counts.rows) - 1) * (len(counts.scores) - 1)


def yates_chi_square(counts: Counts) -> float | None:
    """Return the chi-square of a 2 x 2 table with Yates's correction."""
    if not counts.two_by_two:
        return None
    (a, b), (c, d) = counts.rows
    n = a + b + c + d
    distance = max(abs(a * d - b * c) - n / 2, 0.0)
    return n * distance**2 / math.prod((*counts.sizes, *counts.columns))


def g_square(counts: Counts) -> tuple[float, int]:
    """Return the likelihood-ratio chi-square and its degrees of freedom."""
    n = sum(counts.sizes)
    total = math.fsum(
        cell * math.log(cell * n / (size * column))
        for row, size in zip(counts.rows, counts.sizes, strict=True)
        for cell, column in zip(row, counts.columns, strict=True)
        if cell
    )
    return max(2 * total, 0.0), chi_square(counts)[1]


def trend(counts: Counts) -> float | None:
    """Return N times the squared correlation of groups and levels, each coded 1, 2, 3, ..."""
    if not counts.ordered:
        return None
    n = sum(counts.sizes)
    pairs = [
        (cell, x, y)
        for row, x in zip(counts.rows, counts.row_scores, strict=True)
        for cell, y in zip(row, counts.scores, strict=True)
    ]
    sx, sy = (sum(t[0] * t[i] for t in pairs) for i in (1, 2))
    sxy = n * sum(cell * x * y for cell, x, y in pairs) - sx * sy
    sxx = n * sum(cell * x * x for cell, x, _ in pairs) - sx * sx
    syy = n * sum(cell * y * y for cell, _, y in pairs) - sy * sy
    return n * sxy * sxy / (sxx * syy)
