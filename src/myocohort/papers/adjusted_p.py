"""P values that are adjusted for the number of comparisons."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.papers.entries import PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, interval


def comparisons(paper: Paper, entry: PValue) -> int:
    """Return how many comparisons of groups a variable has, as far as the paper shows; or 1.

    Where several p values of one variable are printed, as many as these, or all pairs of the
    groups in them.
    """
    printed = {p.groups for p in paper.p if p.variable == entry.variable}
    groups = {group for compared in printed for group in compared}
    return max(len(printed), len(groups) * (len(groups) - 1) // 2) if len(printed) > 1 else 1


def adjusted(low: float, high: float, of: int) -> Iterator[tuple[float, float]]:
    """Yield what a p from low to high can become if adjusted for so many comparisons.

    Times each whole number up to that of the comparisons (Bonferroni, Holm, Hochberg), times
    their number divided by a rank (Benjamini and Hochberg), and 1 - (1 - p)^k (Šidák).
    """
    factors = {float(k) for k in range(2, of + 1)} | {of / rank for rank in range(1, of)}
    for factor in sorted(factors):
        yield min(factor * low, 1.0), min(factor * high, 1.0)
    for k in range(2, of + 1):
        yield 1 - (1 - low) ** k, 1 - (1 - high) ** k


def may_be_adjusted(
    paper: Paper, entry: PValue, low: float, high: float, rounding: Rounding
) -> str:
    """Say that a printed p can be one from low to high, adjusted; "" where it cannot."""
    of = comparisons(paper, entry)
    printed = interval(entry.p, rounding)
    least = float("-inf") if printed.low is None else float(printed.low) - 1e-9
    most = float("inf") if printed.high is None else float(printed.high) + 1e-9
    if any(below <= most and above >= least for below, above in adjusted(low, high, of)):
        return f"{entry.p} would be a p adjusted for {of} comparisons of the same variable"
    return ""
