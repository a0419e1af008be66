"""Two groups and an event: the table behind risk differences, risk ratios and odds ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.counts import count_table

QUESTION = "How much more often does the first group have the event than the second?"


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Units with the event in each of two groups.

    Parameters
    ----------
    events1, n1
        Units of the first group with the event, and all of them.
    events2, n2
        The same of the second group.
    """

    events1: int
    n1: int
    events2: int
    n2: int

    @property
    def n(self) -> int:
        """Units in both groups."""
        return self.n1 + self.n2

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """Event and no event of the first group, then of the second."""
        return self.events1, self.n1 - self.events1, self.events2, self.n2 - self.events2

    @property
    def empty_group(self) -> str:
        """Why the groups cannot be compared; empty if they can."""
        if self.n == 0:
            return "no effect: every value is missing"
        for number, size in enumerate((self.n1, self.n2), start=1):
            if size == 0:
                return f"no effect: nobody is in group {number}"
        return ""

    @property
    def nothing_to_compare(self) -> str:
        """Why the groups cannot be compared by a ratio; empty if they can."""
        events = self.events1 + self.events2
        if self.empty_group:
            return self.empty_group
        if events == 0:
            return "no effect: nobody has the event"
        if events == self.n:
            return "no effect: everyone has the event"
        return ""


def two_by_two(table: ArrayLike, event: int = 0) -> TwoByTwo:
    """Read a table of two groups and two categories.

    Parameters
    ----------
    table
        Counts, shape (2, 2), groups in rows; rows and columns may be empty.
    event
        Column of the event, 0 or 1.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, is not 2 x 2, or has no such column.
    """
    count_table(table)  # refuses what is not a count
    counts = np.asarray(table, dtype=np.float64)
    if counts.shape != (2, 2):
        shape = " x ".join(str(size) for size in counts.shape)
        raise StatisticsError(
            f"this compares two groups in a yes-no variable, a 2 x 2 table; found {shape}. "
            f"Join groups or categories, or use cramers_v"
        )
    if event not in (0, 1):
        raise StatisticsError(f"the event is column 0 or 1 of the table; found {event!r}")
    sizes = counts.sum(axis=1)
    return TwoByTwo(int(counts[0, event]), int(sizes[0]), int(counts[1, event]), int(sizes[1]))
