"""Checks that need no more than the printed numbers: one file and one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.interval_around_estimate import interval_around_estimate
from myocohort.papers.checks.percentage_of_count import percentage_of_count
from myocohort.papers.checks.pooled_mean import pooled_mean
from myocohort.papers.checks.sizes_add_up import sizes_add_up
from myocohort.papers.checks.stated_twice import stated_twice
from myocohort.papers.checks.zeros_in_group import zeros_in_group
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding

CHECKS: dict[str, Callable[[Paper, Rounding], Iterable[Finding]]] = {
    "percentage_of_count": percentage_of_count,
    "interval_around_estimate": interval_around_estimate,
    "pooled_mean": pooled_mean,
    "zeros_in_group": zeros_in_group,
    "sizes_add_up": sizes_add_up,
    "stated_twice": stated_twice,
}


def run_checks(paper: Paper, rounding: Rounding = "nearest") -> tuple[Finding, ...]:
    """Return what every check says about a paper, check by check."""
    return tuple(result for check in CHECKS.values() for result in check(paper, rounding))
