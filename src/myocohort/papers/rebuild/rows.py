"""The yes/no and categorical rows of a comparison, as demands on the patients of its groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from myocohort.papers.entries import Count
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import interval, whole
from myocohort.papers.rebuild import targets

Value = str | None
"""The level that a patient has; None where the patient has no value."""

OUTCOME = "outcome"  # the variable that groups are made by


@dataclass(frozen=True, slots=True)
class Row:
    """A categorical variable of a comparison.

    Parameters
    ----------
    variable
        Its name.
    levels
        Every level that a patient can have, the first printed one first.
    incomplete
        The groups in which patients may have no value.
    """

    variable: str
    levels: tuple[str, ...]
    incomplete: frozenset[str]

    def values(self, group: str) -> tuple[Value, ...]:
        """Return what a patient of a group can have."""
        return (*self.levels, None) if group in self.incomplete else self.levels


@dataclass(frozen=True, slots=True)
class Demand:
    """What printed numbers ask of how many patients have something.

    Parameters
    ----------
    numbers
        Ids of the printed numbers; they stand or fall together.
    groups
        Where the patients are.
    low, high
        How many there can be; None for no limit.
    variable, values
        What they have: one of the values of the variable. None: they only have to be there.
    outside
        The size of a wider group, where `low` is asked of that: all of its patients outside
        `groups` are counted as having it.
    words
        For a sentence: "gc_only 3".
    """

    numbers: tuple[str, ...]
    groups: tuple[str, ...]
    low: int | None
    high: int | None
    variable: str | None = None
    values: frozenset[Value] = frozenset()
    outside: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups of patients whose categories are printed side by side.

    Parameters
    ----------
    groups, sizes
        The groups, and how many patients each has.
    rows
        The categorical variables with a printed count in at least one of the groups.
    demands
        All that is printed of them.
    """

    groups: tuple[str, ...]
    sizes: Mapping[str, int]
    rows: tuple[Row, ...]
    demands: tuple[Demand, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the rows."""
        return tuple(row.variable for row in self.rows)


def compared_groups(paper: Paper) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
    """Return every set of disjoint groups of which counts of a category are printed.

    The groups are the parts of a partition, given with the group that they make up, or those
    that a p value compares, where no partition has them.
    """
    sets: list[tuple[str | None, tuple[str, ...]]] = [(p.whole, p.parts) for p in paper.partitions]
    for groups in dict.fromkeys(p.groups for p in paper.p):
        if not any(set(groups) <= set(parts) for _, parts in sets):
            sets.append((None, groups))
    with_counts = {count.group for count in paper.count if count.variable != OUTCOME}
    return tuple(
        (above, groups) for above, groups in sets if len(with_counts.intersection(groups)) > 1
    )


def compare(paper: Paper, above: str | None, groups: tuple[str, ...]) -> Comparison:
    """Return the rows of some groups and all that is printed of them.

    Parameters
    ----------
    paper
        The paper file.
    above
        The group that they make up together; None where there is none.
    groups
        Groups that have no patient in common.

    Raises
    ------
    RebuildError
        When the size of a group is not printed.
    """
    sizes = {group: targets.size(paper, group) for group in groups}
    demands = [
        Demand((_size_id(paper, group),), (group,), n, n, words=f"{group} {n} patients")
        for group, n in sizes.items()
    ]
    wider = _wider(paper, above)
    for name, size in wider.items():
        low = size if name == above else None
        words = f"{name} {size} patients"
        demands.append(Demand((_size_id(paper, name),), groups, low, size, words=words))
    rows = []
    for variable in dict.fromkeys(c.variable for c in paper.count if c.variable != OUTCOME):
        printed = {group: _counts(paper, variable, group) for group in groups}
        if not any(printed.values()):
            continue
        levels = _levels(paper, variable)
        incomplete = frozenset(g for g in groups if _incomplete(paper, variable, g, sizes[g]))
        rows.append(Row(variable, levels, incomplete))
        for group, entries in printed.items():
            demands += _known(paper, variable, group, levels)
            demands += (d for entry in entries for d in _count(paper, entry))
        for name, size in wider.items():
            for entry in _counts(paper, variable, name):
                demands += _wider_count(paper, entry, groups, size)
    return Comparison(groups, sizes, tuple(rows), tuple(demands))


def _counts(paper: Paper, variable: str, group: str) -> tuple[Count, ...]:
    return tuple(c for c in paper.count if (c.variable, c.group) == (variable, group))


def _size_id(paper: Paper, group: str) -> str:
    return next(f"{size.id}.n" for size in paper.size if size.group == group)


def _wider(paper: Paper, above: str | None) -> dict[str, int]:
    """Return the printed sizes of the groups that contain all groups compared."""
    found = {}
    while above is not None and above not in found:
        size = paper.group_size(above)
        if size is not None:
            found[above] = size
        above = next((p.whole for p in paper.partitions if above in p.parts), None)
    return found


def _levels(paper: Paper, variable: str) -> tuple[str, ...]:
    """Return every level that a patient can have, the first printed one first."""
    printed = tuple(dict.fromkeys(c.level for c in paper.count if c.variable == variable))
    more = paper.variable(variable).levels
    if not more and set(printed) <= {"yes", "no"}:
        more = ("yes", "no")
    elif not more:
        more = (f"not {printed[0]}" if len(printed) == 1 else "another",)
    return tuple(dict.fromkeys((*printed, *more)))


def _incomplete(paper: Paper, variable: str, group: str, size: int) -> bool:
    """Return whether patients of a group may have no value of a variable.

    So it is where the paper prints how many have one. Where all possible levels are printed
    and add up to fewer than the group, the others are taken to have none, unless the paper
    says of every variable how many lack one.
    """
    if paper.missing_of(variable, group) or any(_denominators(paper, variable, group)):
        return True
    counts = {c.level: whole(c.n) for c in _counts(paper, variable, group) if c.n is not None}
    every = set(_levels(paper, variable)) <= set(counts)
    return every and sum(counts.values()) < size and not paper.missing_declared


def _denominators(paper: Paper, variable: str, group: str) -> Iterator[tuple[str, int]]:
    for entry in _counts(paper, variable, group):
        if entry.of is not None:
            yield f"{entry.id}.of", whole(entry.of)


def _known(paper: Paper, variable: str, group: str, levels: tuple[str, ...]) -> Iterator[Demand]:
    """Yield the demands of printed denominators and of printed numbers of missing values."""
    for id_, n in _denominators(paper, variable, group):
        words = f"{variable} known of {n}"
        yield Demand((id_,), (group,), n, n, variable, frozenset(levels), words=words)
    for missing in paper.missing:
        if (missing.variable, missing.group) == (variable, group):
            n = whole(missing.n)
            words = f"{variable} missing in {n}"
            yield Demand(
                (f"{missing.id}.n",), (group,), n, n, variable, frozenset([None]), words=words
            )


def _name(entry: Count) -> str:
    return entry.variable if entry.level == "yes" else f"{entry.variable}={entry.level}"


def _count(paper: Paper, entry: Count) -> Iterator[Demand]:
    """Yield the demand of a count, or of a percentage that stands without one."""
    values = frozenset([entry.level])
    if entry.n is not None:
        n = whole(entry.n)
        words = f"{_name(entry)} {n}"
        yield Demand((f"{entry.id}.n",), (entry.group,), n, n, entry.variable, values, words=words)
        return
    known = paper.having(entry.variable, entry.group)
    if entry.percent is None or not known:
        return
    allowed = interval(entry.percent)
    fits = [n for n in range(known + 1) if Fraction(100 * n, known) in allowed]
    low, high = (fits[0], fits[-1]) if fits else (1, 0)
    denominator = next(_denominators(paper, entry.variable, entry.group), None)
    of = _size_id(paper, entry.group) if denominator is None else denominator[0]
    words = f"{_name(entry)} {entry.percent}% of {known}"
    numbers = (f"{entry.id}.percent", of)
    yield Demand(numbers, (entry.group,), low, high, entry.variable, values, words=words)


def _wider_count(
    paper: Paper, entry: Count, groups: tuple[str, ...], size: int
) -> Iterator[Demand]:
    """Yield the demands of a count in a group that contains all groups compared."""
    if entry.n is None:
        return
    n, values = whole(entry.n), frozenset([entry.level])
    id_ = f"{entry.id}.n"
    words = f"{_name(entry)} {n} in {entry.group}"
    yield Demand((id_,), groups, None, n, entry.variable, values, words=words)
    ids = (id_, _size_id(paper, entry.group))
    words += f" of {size}"
    yield Demand(ids, groups, n, None, entry.variable, values, size, words)
