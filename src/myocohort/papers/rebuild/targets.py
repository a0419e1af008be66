"""What a paper file prints about one variable and group, or a clear error that it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from myocohort.errors import RebuildError
from myocohort.papers.entries import Correlation, Count, Mean, Median, Model, PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, agrees, interval, whole


def stream(seed: int, part: str) -> Generator:
    """Return the random numbers of one part, so that no part depends on another's draws."""
    return np.random.default_rng([seed, *part.encode()])


def size(paper: Paper, group: str) -> int:
    """Return the printed size of a group."""
    n = paper.group_size(group)
    if n is None:
        raise _absent(f"size of the group {group!r}", "[[size]]")
    return n


def size_lost(paper: Paper) -> int:
    """Return how many enrolled patients were not followed."""
    enrolled, followed = size(paper, "enrolled"), size(paper, "followed")
    if followed > enrolled:
        raise RebuildError(f"{followed} patients were followed, but only {enrolled} enrolled")
    return enrolled - followed


def count_entry(paper: Paper, variable: str, group: str, level: str = "yes") -> Count:
    """Return the entry that prints how many patients of a group have a level."""
    for entry in paper.count:
        same = (entry.variable, entry.group, entry.level) == (variable, group, level)
        if same and entry.n is not None:
            return entry
    raise _absent(f"count of {variable} = {level} in the group {group!r}", "[[count]]")


def count(paper: Paper, variable: str, group: str, level: str = "yes") -> int:
    """Return how many patients of a group have a level; no more than the group has."""
    n = whole(count_entry(paper, variable, group, level).n or "")
    of = paper.group_size(group)
    if of is not None and n > of:
        raise RebuildError(
            f"{variable} = {level} is printed of {n} patients, but the group {group!r} has {of}"
        )
    return n


def levels(paper: Paper, variable: str, group: str) -> dict[str, int]:
    """Return the printed counts of all levels of a category, which must add up to the group."""
    found = {
        entry.level: whole(entry.n)
        for entry in paper.count
        if entry.variable == variable and entry.group == group and entry.n is not None
    }
    if not found:
        raise _absent(f"count of any level of {variable} in the group {group!r}", "[[count]]")
    if sum(found.values()) != size(paper, group):
        raise RebuildError(
            f"the levels of {variable} are printed of "
            f"{' + '.join(str(n) for n in found.values())} = {sum(found.values())} patients, but "
            f"the group {group!r} has {size(paper, group)}"
        )
    return found


def denominators(paper: Paper, block: Sequence[Count]) -> dict[str, int]:
    """Return how many patients each count of a block is a share of, by variable.

    Where the group of a count is smaller than all that are enrolled and has a printed size,
    that is the answer. Otherwise, of the numbers that fit the printed share, the one that
    fits most shares of the block is taken, and of two equally good the larger.
    """
    everyone = size(paper, "enrolled")
    fitting = {entry.id: _denominators(entry, everyone) for entry in block}
    fits = Counter(n for numbers in fitting.values() for n in numbers)
    found = {}
    for entry in block:
        printed = paper.group_size(entry.group)
        own = fitting[entry.id] if entry.percent is not None else list(fits)
        if printed is not None and entry.group != "enrolled":
            found[entry.variable] = printed
        elif own:
            found[entry.variable] = max(own, key=lambda n: (fits[n], n))
        else:
            raise RebuildError(
                f"{entry.id}: no number of patients up to {everyone} makes {entry.n} of them "
                f"{entry.percent}%"
            )
    return found


def inferred_denominators(paper: Paper, block: Sequence[Count]) -> frozenset[str]:
    """Return the variables of a block whose number of patients no entry prints."""
    return frozenset(
        entry.variable
        for entry in block
        if entry.group == "enrolled" or paper.group_size(entry.group) is None
    )


def _denominators(entry: Count, largest: int) -> list[int]:
    if entry.n is None or entry.percent is None:
        return []
    n = whole(entry.n)
    shares = ((d, 100.0 * n / d) for d in range(max(n, 1), largest + 1))
    return [d for d, share in shares if agrees(entry.percent, share)]


def mean_entry(paper: Paper, variable: str, group: str) -> Mean:
    """Return the entry that prints the mean of a variable in a group."""
    for entry in paper.mean:
        if entry.variable == variable and entry.group == group:
            return entry
    raise _absent(f"mean of {variable} in the group {group!r}", "[[mean]]")


def mean_and_sd(paper: Paper, variable: str, group: str) -> tuple[Interval, Interval | None]:
    """Return what the printed mean and SD of a variable in a group stand for."""
    entry = mean_entry(paper, variable, group)
    return interval(entry.mean), None if entry.sd is None else interval(entry.sd)


def median_entry(paper: Paper, variable: str, group: str) -> Median:
    """Return the entry that prints the median of a variable in a group."""
    for entry in paper.median:
        if entry.variable == variable and entry.group == group:
            return entry
    raise _absent(f"median of {variable} in the group {group!r}", "[[median]]")


def p_entry(paper: Paper, variable: str) -> PValue:
    """Return the entry that prints the p value of a variable between two groups."""
    for entry in paper.p:
        if entry.variable == variable and len(entry.groups) == 2:
            return entry
    raise _absent(f"p value of {variable} between two groups", "[[p]]")


def correlation_entry(paper: Paper, x: str, y: str) -> Correlation:
    """Return the entry that prints the correlation of two variables."""
    for entry in paper.correlation:
        if {entry.x, entry.y} == {x, y}:
            return entry
    raise _absent(f"correlation of {x} and {y}", "[[correlation]]")


def model_entry(paper: Paper) -> Model:
    """Return the model of the outcome; a rebuild stands on exactly one."""
    if len(paper.model) != 1:
        raise RebuildError(
            f"the rebuild stands on one printed model; the paper file has {len(paper.model)}"
        )
    return paper.model[0]


def _absent(what: str, table: str) -> RebuildError:
    return RebuildError(f"the paper file prints no {what}; add it as an entry of {table}")
