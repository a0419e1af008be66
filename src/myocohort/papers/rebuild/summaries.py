"""What a paper prints of a variable that is a number, group by group, and who is in the groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from myocohort.errors import RebuildError
from myocohort.papers.entries import Mean, Median, Range
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, interval, parse, whole
from myocohort.papers.rebuild.moments import Moments
from myocohort.papers.rebuild.quartiles import quartile_positions

Kind = Literal["mean", "sd", "q1", "median", "q3", "low", "high", "band"]
GRID_LIMIT = 1500


@dataclass(frozen=True, slots=True)
class Summary:
    """One printed number about the values of a group.

    Parameters
    ----------
    numbers
        Ids of the printed numbers.
    group
        The group.
    kind
        What it is.
    allowed
        What it stands for; of a band, the values that belong to it.
    n
        Of a band: how many patients.
    """

    numbers: tuple[str, ...]
    group: str
    kind: Kind
    allowed: Interval
    n: int = 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """Patients whose values are looked for together: a group without parts of its own.

    Parameters
    ----------
    group
        Its name.
    n
        Patients with a value.
    low, high
        Smallest and largest value of a patient, in units of the grid.
    """

    group: str
    n: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Column:
    """A variable that is a number, with everything printed of it.

    Parameters
    ----------
    variable
        Its name.
    unit
        The grid: every value is a whole number of these.
    leaves
        The groups that patients are looked for in.
    inside
        Every group with a printed summary -> the leaves that make it up.
    summaries
        The printed numbers.
    declared
        Whether the limits of all values are those of the paper file; otherwise they rest on
        printed means and SDs.
    ties
        Whether two patients can share a value.
    """

    variable: str
    unit: Fraction
    leaves: tuple[Leaf, ...]
    inside: Mapping[str, tuple[str, ...]]
    summaries: tuple[Summary, ...]
    declared: bool
    ties: bool

    def n(self, group: str) -> int:
        """Return how many patients of a group have a value."""
        return sum(leaf.n for leaf in self.leaves if leaf.group in self.inside[group])

    def moments(self, group: str) -> Moments:
        """Return what all printed means and SDs of a group ask."""
        return moments_of(self, group, [s for s in self.summaries if s.group == group])


def moments_of(column: Column, group: str, summaries: Sequence[Summary]) -> Moments:
    """Return what some printed means and SDs of a group ask of its values together."""
    means = [s.allowed for s in summaries if s.kind == "mean"]
    sds = [s.allowed for s in summaries if s.kind == "sd"]
    return Moments(column.n(group), column.unit, _common(means), _common(sds))


def _common(intervals: Sequence[Interval]) -> Interval | None:
    """Return what lies in all intervals; None where there are none."""
    if not intervals:
        return None
    lows = [allowed.low for allowed in intervals if allowed.low is not None]
    highs = [allowed.high for allowed in intervals if allowed.high is not None]
    return Interval(
        max(lows, default=None), min(highs, default=None), all(a.closed for a in intervals)
    )


def middle(n: int) -> Fraction:
    """Return the position of the median in the order of n values."""
    return Fraction(n + 1, 2)


def meets(column: Column, values: Mapping[str, Sequence[int]]) -> bool:
    """Return whether values, in units of the grid, have all printed summaries exactly."""
    for group, leaves in column.inside.items():
        every = sorted(k for leaf in leaves for k in values[leaf])
        exact = [k * column.unit for k in every]
        n, total = len(every), sum(every)
        moments = column.moments(group)
        first, last = moments.sums()
        smallest, largest = moments.spreads()
        spread = n * sum(k * k for k in every) - total**2
        good = (first is None or total >= first) and (last is None or total <= last)
        good = good and spread >= smallest and (largest is None or spread <= largest)
        mine = [s for s in column.summaries if s.group == group]
        for summary in mine:
            if summary.kind == "median":
                good = good and _at(exact, middle(n)) in summary.allowed
            elif summary.kind == "low":
                good = good and exact[0] in summary.allowed
            elif summary.kind == "high":
                good = good and exact[-1] in summary.allowed
            elif summary.kind == "band":
                good = good and sum(x in summary.allowed for x in exact) == summary.n
        quarters = [s for s in mine if s.kind in ("q1", "q3")]
        if not good or not any(
            all(_at(exact, places[s.kind == "q3"]) in s.allowed for s in quarters)
            for places in quartile_positions(n).values()
        ):
            return False
    return column.ties or len({k for v in values.values() for k in v}) == sum(
        len(v) for v in values.values()
    )


def _at(ordered: Sequence[Fraction], position: Fraction) -> Fraction:
    """Return the value at a position in the order, between two neighbours on a straight line."""
    before = int(position)
    share = position - before
    low = ordered[before - 1]
    return low + share * (ordered[before] - low) if share else low


def numeric_variables(paper: Paper) -> tuple[str, ...]:
    """Return the variables of which a mean, median or range is printed."""
    entries: Sequence[Mean | Median | Range] = (*paper.mean, *paper.median, *paper.range)
    return tuple(dict.fromkeys(entry.variable for entry in entries))


def read_column(paper: Paper, variable: str) -> Column:
    """Return what is printed of a variable, ready to be searched.

    Raises
    ------
    RebuildError
        When it cannot be searched: no step is declared, the number of patients is not known,
        or nothing limits the values.
    """
    declared = paper.variable(variable)
    if declared.step is None:
        raise RebuildError(
            "the paper file declares no step in which the values are counted "
            "(variables.<name>.step)"
        )
    unit = parse(declared.step).value / declared.items
    if unit <= 0:
        raise RebuildError(f"variables.{variable}.step is not above 0")
    summaries = tuple(_summaries(paper, variable))
    groups = tuple(dict.fromkeys(s.group for s in summaries))
    inside = {group: _leaves(paper, group, groups) for group in groups}
    names = tuple(dict.fromkeys(name for leaves in inside.values() for name in leaves))
    sizes = _sizes(paper, variable, inside, names)
    low = None if declared.low is None else parse(declared.low).value
    high = None if declared.high is None else parse(declared.high).value
    leaves = _limited(summaries, inside, sizes, unit, low, high, variable)
    limited = low is not None and high is not None
    return Column(variable, unit, leaves, inside, summaries, limited, declared.ties)


def _summaries(paper: Paper, variable: str) -> Iterator[Summary]:
    entries: Sequence[Mean | Median | Range] = (*paper.mean, *paper.median, *paper.range)
    for entry in entries:
        if entry.variable == variable:
            for name, text, _ in entry.fields():
                if name != "n":
                    kind: Kind = name  # type: ignore[assignment]
                    yield Summary((f"{entry.id}.{name}",), entry.group, kind, interval(text))
    for band in paper.bands:
        if band.variable == variable:
            low, high = (None if x is None else parse(x).value for x in (band.low, band.high))
            for count in paper.count:
                same = (count.variable, count.level) == (band.finding, band.level)
                if same and count.n is not None:
                    allowed = Interval(low, high)
                    number = (f"{count.id}.n",)
                    yield Summary(number, count.group, "band", allowed, whole(count.n))


def _leaves(paper: Paper, group: str, printed: Sequence[str]) -> tuple[str, ...]:
    """Return the parts that a group is made of, as far as something is printed of them."""
    for partition in paper.partitions:
        if partition.whole == group and any(
            part in printed or _leaves(paper, part, printed) != (part,) for part in partition.parts
        ):
            return tuple(n for part in partition.parts for n in _leaves(paper, part, printed))
    return (group,)


def _sizes(
    paper: Paper, variable: str, inside: Mapping[str, tuple[str, ...]], names: Sequence[str]
) -> dict[str, int]:
    """Return how many patients of each leaf have a value; the rest of a whole by difference."""
    printed = {group: paper.having(variable, group) for group in (*names, *inside)}
    sizes = {name: n for name in names if (n := printed[name]) is not None}
    for group, leaves in inside.items():
        n, open_ = printed[group], [leaf for leaf in leaves if leaf not in sizes]
        if n is not None and len(open_) == 1:
            rest = n - sum(sizes[leaf] for leaf in leaves if leaf in sizes)
            if rest < 0:
                raise RebuildError(
                    f"the parts of the group {group!r} have more patients than its {n}"
                )
            sizes[open_[0]] = rest
    for name in names:
        if name not in sizes:
            raise RebuildError(
                f"the paper file prints no size of the group {name!r}; add it as an entry of "
                "[[size]]"
            )
        if sizes[name] == 0 and name in inside:
            raise RebuildError(f"no patient of the group {name!r} has a value of {variable}")
    for group, leaves in inside.items():
        n, added = printed[group], sum(sizes[leaf] for leaf in leaves)
        if n is not None and n != added:
            raise RebuildError(
                f"{n} patients of the group {group!r} have a value of {variable}, but its parts "
                f"{', '.join(leaves)} have {added}"
            )
    return sizes


def _limited(
    summaries: Sequence[Summary],
    inside: Mapping[str, tuple[str, ...]],
    sizes: Mapping[str, int],
    unit: Fraction,
    low: Fraction | None,
    high: Fraction | None,
    variable: str,
) -> tuple[Leaf, ...]:
    """Return the leaves with the limits of their values.

    Where the paper file declares no limits, those of the printed means and SDs are taken.
    """
    leaves = []
    for name, n in sizes.items():
        limits = (
            None if low is None else -(-low // unit), None if high is None else high // unit
        )  # fmt: skip
        if None in limits:
            for group in (group for group, parts in inside.items() if name in parts):
                pair = {s.kind: i for i, s in enumerate(summaries) if s.group == group}
                if not {"mean", "sd"} <= set(pair):
                    continue
                total = sum(sizes[part] for part in inside[group])
                found = Moments(
                    total, unit, summaries[pair["mean"]].allowed, summaries[pair["sd"]].allowed
                ).bounds()
                if found is not None:
                    limits = _narrower(limits, found)
        smallest, largest = limits
        if smallest is None or largest is None:
            raise RebuildError(
                f"nothing limits the values of {variable} in the group {name!r}; declare "
                f"variables.{variable}.low and high"
            )
        if largest - smallest >= GRID_LIMIT:
            raise RebuildError(
                f"{variable} has {int(largest - smallest) + 1:,} possible values in steps of "
                f"{float(unit):g}, more than the {GRID_LIMIT:,} that are searched; declare a "
                "narrower low and high"
            )
        ends = sorted((int(smallest), int(largest)))
        leaves.append(Leaf(name, n, ends[0], ends[1]))
    return tuple(leaves)


def _narrower(
    limits: tuple[int | None, int | None], found: tuple[int, int]
) -> tuple[int | None, int | None]:
    low, high = limits
    return (
        found[0] if low is None else max(low, found[0]),
        found[1] if high is None else min(high, found[1]),
    )
