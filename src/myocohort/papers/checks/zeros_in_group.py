"""Patients without a finding: can so many have the value 0, given the groups' means and SDs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.entries import Count, Mean, Zeros
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_behind, patients_with
from myocohort.papers.printed import Interval, Rounding, agrees, interval, whole

NAME = "zeros_in_group"


def most_zeros(n: int, mean: Interval, sd: Interval, *, less: int = 1) -> int:
    """Return how many of n values that are never negative can be 0, given mean and SD.

    With z zeros among n values of mean m the SD (n - `less` in its denominator) is smallest
    when all others are equal, and then its square is m² n z / ((n - z)(n - `less`)). Exact,
    with the smallest mean and the largest SD of the intervals.
    """
    smallest, largest = mean.low, sd.high
    if smallest is None or largest is None or smallest <= 0:
        return n
    if n < 2:
        return 0
    fitting = (
        z for z in range(n) if smallest**2 * Fraction(n * z, (n - z) * (n - less)) <= largest**2
    )
    return max(fitting)


def zeros_in_group(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the patients without a finding against the mean and SD of its measurement."""
    for pair in paper.zeros:
        levels = {pair.level, *paper.variable(pair.finding).levels}
        levels |= {count.level for count in paper.count if count.variable == pair.finding}
        for count in paper.count:
            readable = count.level == pair.level or len(levels) == 2
            if count.variable == pair.finding and count.n is not None and readable:
                yield _check(paper, pair, count, count.n, rounding)


def _check(paper: Paper, pair: Zeros, count: Count, n: str, rounding: Rounding) -> Finding:
    number = paper.number_of(count, "n")
    groups = _measured(paper, pair.variable, count.group)
    if not groups:
        reason = "no mean with SD is printed for the group or for all of its parts, or no size"
        return finding(NAME, "untestable", number, (), reason)
    examined = None if count.level == pair.level else _fewest_examined(paper, count, n, rounding)
    if count.level != pair.level and examined is None:
        reason = "the paper does not say in how many patients the finding was looked for"
        return finding(NAME, "untestable", number, (), reason)
    zeros = whole(n) if examined is None else examined - whole(n)
    bounds = [
        (total, mean, sd, most_zeros(total, interval(mean.mean, rounding), interval(sd, rounding)))
        for mean, sd, total in groups
    ]
    size = sum(total for total, *_ in bounds)
    generous = sum(
        most_zeros(total, interval(mean.mean, rounding), interval(sd, rounding), less=0)
        for mean, sd, total in groups
    )
    most = sum(bound for *_, bound in bounds)
    against = tuple(f"{mean.id}.{name}" for _, mean, _, _ in bounds for name in ("mean", "sd"))
    arithmetic = "; ".join(
        f"{mean.mean} ± {sd} in {total} patients allows at most {bound} values of 0"
        for total, mean, sd, bound in bounds
    )
    if zeros <= most:
        said = f"{zeros} of {size} patients have the value 0, and {arithmetic}"
        return finding(NAME, "consistent", number, against, said)
    if zeros <= generous:
        reason = (
            f"{zeros} of {size} patients would have the value 0, but {arithmetic}; with n in place "
            f"of n - 1 in the denominators of the SDs {generous} in all are possible"
        )
        return finding(NAME, "untestable", number, against, reason)
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{zeros} of {size} patients would have the value 0, but {arithmetic}, "
        f"{most} in all ({pair.remark})",
        reading=pair.remark,
        computed=f"at most {most}" if examined is None else f"at least {examined - most}",
    )


def _fewest_examined(paper: Paper, count: Count, n: str, rounding: Rounding) -> int | None:
    """Return in how many patients, at least, a finding was looked for that n of them have.

    As declared, or as the printed percentage requires; None where neither says it.
    """
    possible = patients_with(paper, count.variable, count.group)
    if count.of is not None:
        return whole(count.of)
    if not possible:
        return None
    if len(possible) == 1:
        return possible[0]
    if count.percent is None:
        return None
    return next(
        (
            total
            for total in possible
            if whole(n) <= total
            and agrees(count.percent, Fraction(100 * whole(n), total), rounding)
        ),
        None,
    )


def _measured(paper: Paper, variable: str, group: str) -> Sequence[tuple[Mean, str, int]]:
    """Return mean, SD and number of the group, or of parts that make it up; empty if unknown.

    Where the number is not declared it is the size of the group. Fewer patients with the same
    mean and SD have fewer zeros, so that this is the generous choice.
    """
    candidates = [(group,), *(p.parts for p in paper.partitions if p.whole == group)]
    for names in candidates:
        found = [
            (mean, mean.sd, numbers[-1])
            for name in names
            for mean in paper.mean
            if mean.variable == variable
            and mean.group == name
            and mean.sd is not None
            and (numbers := patients_behind(paper, mean))
        ]
        if len(found) == len(names):
            return found
    return ()
