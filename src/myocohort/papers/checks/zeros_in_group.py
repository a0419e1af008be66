"""Patients without a finding: can so many have the value 0, given the groups' means and SDs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.entries import Count, Mean, Zeros
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, Rounding, interval, whole

NAME = "zeros_in_group"


def most_zeros(n: int, mean: Interval, sd: Interval) -> int:
    """Return how many of n values that are never negative can be 0, given mean and SD.

    With z zeros among n values of mean m the SD (n - 1 in its denominator) is smallest when
    all others are equal, and then its square is m² n z / ((n - z)(n - 1)). Exact, with the
    smallest mean and the largest SD of the intervals.
    """
    smallest, largest = mean.low, sd.high
    if smallest is None or largest is None or smallest <= 0:
        return n
    if n < 2:
        return 0
    fitting = (
        z for z in range(n) if smallest**2 * Fraction(n * z, (n - z) * (n - 1)) <= largest**2
    )
    return max(fitting)


def zeros_in_group(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the patients without a finding against the mean and SD of its measurement."""
    for pair in paper.zeros:
        for count in paper.count:
            if count.variable == pair.finding and count.n is not None:
                yield _check(paper, pair, count, count.n)


def _check(paper: Paper, pair: Zeros, count: Count, n: str) -> Finding:
    number = next(item for item in paper.numbers_of(count) if item.field == "n")
    groups = _measured(paper, pair.variable, count.group)
    size = paper.group_size(count.group)
    if size is None or not groups:
        reason = "no mean with SD is printed for the group or for all of its parts, or no size"
        return finding(NAME, "untestable", number, (), reason)
    zeros = whole(n) if count.level == pair.level else size - whole(n)
    bounds = [
        (total, mean, sd, most_zeros(total, interval(mean.mean), interval(sd)))
        for mean, sd, total in groups
    ]
    most = sum(bound for *_, bound in bounds)
    against = tuple(f"{mean.id}.{name}" for _, mean, _, _ in bounds for name in ("mean", "sd"))
    arithmetic = "; ".join(
        f"{mean.mean} ± {sd} in {total} patients allows at most {bound} values of 0"
        for total, mean, sd, bound in bounds
    )
    if zeros <= most:
        said = f"{zeros} of {size} patients have the value 0, and {arithmetic}"
        return finding(NAME, "consistent", number, against, said)
    least = most if count.level == pair.level else size - most
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{zeros} of {size} patients would have the value 0, but {arithmetic}, "
        f"{most} in all ({pair.remark})",
        computed=f"at {'most' if count.level == pair.level else 'least'} {least}",
    )


def _measured(paper: Paper, variable: str, group: str) -> Sequence[tuple[Mean, str, int]]:
    """Return mean, SD and size of the group, or of parts that make it up; empty if unknown."""
    candidates = [(group,), *(p.parts for p in paper.partitions if p.whole == group)]
    for names in candidates:
        found = [
            (mean, mean.sd, size)
            for name in names
            for mean in paper.mean
            if mean.variable == variable
            and mean.group == name
            and mean.sd is not None
            and (size := paper.group_size(name)) is not None
        ]
        if len(found) == len(names):
            return found
    return ()
