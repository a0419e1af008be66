"""A percentage and its count: is the one the share that the other is of its group."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import Count
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, agrees, format_like, whole

NAME = "percentage_of_count"


def percentage_of_count(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold each percentage against its count and the printed size of its group.

    GRIM for percentages (Brown & Heathers 2017), in whole numbers. A denominator below the
    size of the group means patients without a value: that is possible, and said. Where no
    count is printed, any count may have been meant.
    """
    for count in paper.count:
        if count.percent is not None:
            yield _check(paper, count, count.percent)


def _check(paper: Paper, count: Count, percent: str) -> Finding:
    number = next(n for n in paper.numbers_of(count) if n.field == "percent")
    against = (f"{count.id}.n",) if count.n is not None else ()
    size = paper.group_size(count.group)
    if size is None:
        reason = f"the paper prints no size of the {paper.groups[count.group].label}"
        return finding(NAME, "untestable", number, against, reason)
    counts = range(size + 1) if count.n is None else (whole(count.n),)
    label = paper.groups[count.group].label
    fitting = [k for k in counts if size and agrees(percent, Fraction(100 * k, size))]
    if fitting:
        shown = " or ".join(str(k) for k in fitting[:3])
        return finding(
            NAME, "consistent", number, against, f"{shown} of {size} {label} is {percent}%"
        )
    fewer = [
        (k, total)
        for total in range(size - 1, 0, -1)
        for k in counts
        if k <= total and agrees(percent, Fraction(100 * k, total))
    ]
    if count.n is not None and fewer:
        totals = ", ".join(str(total) for _, total in fewer)
        return finding(
            NAME,
            "consistent",
            number,
            against,
            f"{count.n} is {percent}% of {totals}, not of all {size} {label}: "
            f"the others have no value, which the paper does not say",
        )
    if count.n is None:
        near = f"; {fewer[0][0]} of {fewer[0][1]} would be" if fewer else ""
        return finding(
            NAME,
            "inconsistent" if not fewer else "untestable",
            number,
            against,
            f"no whole number of {size} {label} is {percent}%{near}",
        )
    share = Fraction(100 * whole(count.n), size) if size else Fraction(0)
    computed = format_like(percent, share)
    return finding(
        NAME,
        "inconsistent",
        number,
        against,
        f"{count.n} of {size} {label} is {computed}%, and no smaller denominator "
        f"makes it {percent}%",
        computed=computed,
        suggestion=healing(percent, lambda text: agrees(text, share)),
    )
