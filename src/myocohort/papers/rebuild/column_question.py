"""How many patients have each value of a grid, as a question to CP-SAT.

Sums, sums of squares and positions in the order are whole numbers then, and every answer is
exact: values, or a proof that there are none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from numpy.random import Generator

from myocohort.papers.printed import Interval
from myocohort.papers.rebuild.conflicts import EFFORT, solved, solver
from myocohort.papers.rebuild.moments import Moments, scaled
from myocohort.papers.rebuild.quartiles import quartile_positions
from myocohort.papers.rebuild.summaries import Column, Summary, middle, moments_of

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Values = Mapping[str, tuple[int, ...]]  # leaf -> values in units of the grid, ascending

TABLE_LIMIT = 1000  # sums whose squares are listed; beyond, CP-SAT multiplies
QUICK = 0.5
"""Deterministic time of a first try, and of one more set where there is one already."""


def solve_values(
    column: Column,
    kept: frozenset[int] | None = None,
    *,
    wanted: Generator | None = None,
    effort: float = EFFORT,
) -> Values | None:
    """Return values that have some of the summaries, by default all; None if there are none.

    Parameters
    ----------
    column
        What is printed.
    kept
        Places of the summaries asked for.
    wanted
        Where given, those values are taken that a random weight for each value likes best.
    effort
        Deterministic time allowed.

    Raises
    ------
    RebuildError
        When the effort allowed was not enough to decide it.
    """
    question = Question(column, kept)
    using = solver(effort=effort)
    if wanted is not None:
        question.prefer(wanted)
    if not solved(question.model, using):
        return None
    return {
        leaf.group: tuple(
            k
            for k, count in zip(range(leaf.low, leaf.high + 1), counts, strict=True)
            for _ in range(using.value(count))
        )
        for leaf, counts in zip(column.leaves, question.counts, strict=True)
    }


class Question:
    """The CP-SAT model of some of the summaries of a variable."""

    def __init__(self, column: Column, kept: frozenset[int] | None) -> None:
        from ortools.sat.python import cp_model

        self.column = column
        self.model = cp_model.CpModel()
        self.orders: dict[tuple[str, int], cp_model.LinearExpr] = {}
        self.low = min(leaf.low for leaf in column.leaves)
        self.high = max(leaf.high for leaf in column.leaves)
        self.counts = [
            [
                self.model.new_int_var(0, leaf.n, f"{leaf.group}.{k}")
                for k in range(leaf.low, leaf.high + 1)
            ]
            for leaf in column.leaves
        ]
        for leaf, counts in zip(column.leaves, self.counts, strict=True):
            self.model.add(sum(counts) == leaf.n)
        if not column.ties:
            everyone = tuple(leaf.group for leaf in column.leaves)
            for k in range(self.low, self.high + 1):
                self.model.add(self._between(everyone, k, k) <= 1)
        asked = [s for i, s in enumerate(column.summaries) if kept is None or i in kept]
        for group in column.inside:
            self._ask(group, [s for s in asked if s.group == group])

    def prefer(self, rng: Generator) -> None:
        """Ask for the values that random weights like best."""
        weighted = [
            int(weight) * count
            for counts in self.counts
            for count, weight in zip(counts, rng.integers(0, 100, len(counts)), strict=True)
        ]
        self.model.maximize(sum(weighted))

    def _between(self, leaves: Sequence[str], low: int, high: int) -> cp_model.LinearExpr:
        """Return how many patients of some leaves have a value from low to high."""
        from ortools.sat.python import cp_model

        terms = [
            counts[k - leaf.low]
            for leaf, counts in zip(self.column.leaves, self.counts, strict=True)
            if leaf.group in leaves
            for k in range(max(low, leaf.low), min(high, leaf.high) + 1)
        ]
        return cp_model.LinearExpr.weighted_sum(terms, [1] * len(terms))

    def _ask(self, group: str, asked: Sequence[Summary]) -> None:
        if any(summary.kind in ("mean", "sd") for summary in asked):
            self._moments(group, moments_of(self.column, group, asked))
        for summary in asked:
            if summary.kind == "median":
                self._position(group, middle(self.column.n(group)), summary.allowed)
            elif summary.kind in ("low", "high"):
                self._end(group, summary)
            elif summary.kind == "band":
                low, high = self._grid(summary.allowed)
                self.model.add(self._between(self.column.inside[group], low, high) == summary.n)
        quartiles = [summary for summary in asked if summary.kind in ("q1", "q3")]
        if quartiles:
            self._quartiles(group, quartiles)

    def _grid(self, allowed: Interval) -> tuple[int, int]:
        """Return the smallest and largest value of the grid that an interval holds."""
        unit = self.column.unit
        low = self.low if allowed.low is None else math.ceil(allowed.low / unit)
        high = self.high if allowed.high is None else math.floor(allowed.high / unit)
        if not allowed.closed:
            low += allowed.low is not None and low * unit == allowed.low
            high -= allowed.high is not None and high * unit == allowed.high
        return low, high

    def _moments(self, group: str, moments: Moments) -> None:
        n, leaves = moments.n, self.column.inside[group]
        terms, values = [], []
        for leaf, counts in zip(self.column.leaves, self.counts, strict=True):
            if leaf.group in leaves:
                terms += counts
                values += [k - self.low for k in range(leaf.low, leaf.high + 1)]
        # Counted from the smallest value on, sums are smaller and the spread is the same.
        first, last = moments.sums()
        most = n * (self.high - self.low)
        low = 0 if first is None else max(0, first - n * self.low)
        high = most if last is None else min(most, last - n * self.low)
        sums: Sequence[int] = range(low, high + 1)
        if len(sums) <= TABLE_LIMIT and moments.sd is not None:
            # By size and parity; the solver would go through all values to see it.
            sums = [s for s in sums if moments.possible(s + n * self.low, self.low, self.high)]
        if not sums:
            self.model.add_bool_or([])
            return
        total = self.model.new_int_var(low, high, f"sum {group}")
        self.model.add(sum(v * t for v, t in zip(values, terms, strict=True)) == total)
        if moments.sd is None:
            return
        squares = sum(v * v * t for v, t in zip(values, terms, strict=True))
        squared = self.model.new_int_var(low * low, high * high, f"squared sum {group}")
        if len(sums) <= TABLE_LIMIT:
            table = [(s, s * s) for s in sums]
            self.model.add_allowed_assignments([total, squared], table)
        else:
            self.model.add_multiplication_equality(squared, [total, total])
        smallest, largest = moments.spreads()
        self.model.add(n * squares - squared >= smallest)
        if largest is not None:
            self.model.add(n * squares - squared <= largest)

    def _end(self, group: str, summary: Summary) -> None:
        """Ask that the smallest or largest value is the printed one."""
        leaves = self.column.inside[group]
        low, high = self._grid(summary.allowed)
        self.model.add(self._between(leaves, low, high) >= 1)
        if summary.kind == "low":
            self.model.add(self._between(leaves, self.low, low - 1) == 0)
        else:
            self.model.add(self._between(leaves, high + 1, self.high) == 0)

    def _order(self, group: str, position: int) -> cp_model.LinearExpr:
        """Return the value at a position in the order of a group, the smallest being 1."""
        from ortools.sat.python import cp_model

        if (group, position) not in self.orders:
            above = []
            for k in range(self.low, self.high):
                is_above = self.model.new_bool_var(f"{group} {position} > {k}")
                so_many = self._between(self.column.inside[group], self.low, k)
                self.model.add(so_many < position).only_enforce_if(is_above)
                self.model.add(so_many >= position).only_enforce_if(~is_above)
                above.append(is_above)
            steps = cp_model.LinearExpr.weighted_sum(above, [1] * len(above))
            self.orders[group, position] = steps + self.low
        return self.orders[group, position]

    def _position(
        self, group: str, position: Fraction, allowed: Interval, if_: cp_model.IntVar | None = None
    ) -> None:
        """Ask for the value at a position, between two neighbours on a straight line."""
        before = math.floor(position)
        share = position - before
        if not share:
            self._at(group, before, allowed, if_)
            return
        value = self._order(group, before) * (share.denominator - share.numerator)
        value = value + self._order(group, before + 1) * share.numerator
        low, high = scaled(allowed, share.denominator / self.column.unit)
        for limit, bound in ((low, value >= (low or 0)), (high, value <= (high or 0))):
            if limit is not None:
                made = self.model.add(bound)
                if if_ is not None:
                    made.only_enforce_if(if_)

    def _at(
        self, group: str, position: int, allowed: Interval, if_: cp_model.IntVar | None
    ) -> None:
        """Ask for the value of one patient in the order: who lies below, and who up to it."""
        leaves = self.column.inside[group]
        low, high = self._grid(allowed)
        below = self._between(leaves, self.low, low - 1)
        up_to = self._between(leaves, self.low, high)
        for bound in (below < position, up_to >= position):
            made = self.model.add(bound)
            if if_ is not None:
                made.only_enforce_if(if_)

    def _quartiles(self, group: str, asked: Sequence[Summary]) -> None:
        """Ask for quartiles by one of the usual definitions, the same for both."""
        chosen = []
        for places in dict.fromkeys(quartile_positions(self.column.n(group)).values()):
            by_this = self.model.new_bool_var(f"{group} {places}")
            for summary in asked:
                place = places[0] if summary.kind == "q1" else places[1]
                self._position(group, place, summary.allowed, by_this)
            chosen.append(by_this)
        self.model.add_bool_or(chosen)
