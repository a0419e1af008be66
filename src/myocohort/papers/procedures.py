"""The p value of a comparison under the claimed test and under every other that fits its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.papers.candidate import Candidate
from myocohort.papers.entries import Correlation, PValue
from myocohort.papers.groups import column, members
from myocohort.papers.paperfile import Paper
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.result import Result
from myocohort.stats.tests import TESTS, Test

FOR_TWO_CATEGORIES = ("student_t", "welch_t")
"""Tests of values that programs also run on a category coded 0 and 1."""


def p_candidates(paper: Paper, entry: PValue, table: pd.DataFrame) -> tuple[Candidate, ...]:
    """Return the p value by the claimed test first, then by the others that fit the data.

    Raises
    ------
    StatisticsError
        When a column is missing or the claimed test does not fit the data.
    """
    claimed = claimed_test(entry)
    groups = _group_codes(paper, entry, table)
    known = groups >= 0
    values = column(table, entry.variable)[known]
    if claimed.kind == "table":
        return tuple(_of_table(claimed, values, groups[known], len(entry.groups)))
    if claimed.kind == "values":
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        return tuple(_of_values(claimed, numbers, groups[known]))
    raise StatisticsError(f"{claimed.label} compares no groups")


def claimed_test(entry: PValue | Correlation) -> Test:
    """Return the test that the paper names.

    Raises
    ------
    StatisticsError
        When it names none.
    """
    if entry.claimed is None:
        raise StatisticsError("the paper names no test")
    return TESTS[entry.claimed]


def compares(paper: Paper, entry: PValue) -> str:
    """Return what is compared, "table" or "values": by the claimed test, or by what is printed."""
    if entry.claimed is not None:
        return TESTS[entry.claimed].kind
    return "table" if any(c.variable == entry.variable for c in paper.count) else "values"


def correlation(paper: Paper, entry: Correlation, table: pd.DataFrame) -> Result:
    """Return the claimed correlation of two variables in a group."""
    claimed = claimed_test(entry)
    if claimed.kind != "pairs":
        raise StatisticsError(f"{claimed.label} is no correlation")
    inside = members(paper, entry.group, table)
    x, y = (
        column(table, name)[inside].to_numpy(dtype=float, na_value=np.nan)
        for name in (entry.x, entry.y)
    )
    return claimed.run(x, y)


def _group_codes(paper: Paper, entry: PValue, table: pd.DataFrame) -> NDArray[np.int64]:
    codes = np.full(len(table), -1, dtype=np.int64)
    for code, group in enumerate(entry.groups):
        inside = members(paper, group, table).to_numpy(dtype=bool)
        if (codes[inside] >= 0).any():
            raise StatisticsError(f"the groups {', '.join(entry.groups)} share patients")
        codes[inside] = code
    return codes


def _of_table(
    claimed: Test, values: pd.Series, groups: NDArray[np.int64], n_groups: int
) -> Iterator[Candidate]:
    categories, levels = pd.factorize(values, sort=True)
    counts, _ = cross_tabulate(groups, categories.astype(np.int64), n_groups, len(levels))
    for test in _claimed_first(claimed, "table"):
        if test.name != "linear_by_linear" or len(levels) == 2:  # others have no known order
            yield from _run(partial(test.run, counts), test, claimed)
    if len(levels) == 2:
        coded = np.where(categories < 0, np.nan, categories.astype(float))
        for name in FOR_TWO_CATEGORIES:
            yield from _run(
                partial(TESTS[name].run, coded, groups),
                TESTS[name],
                claimed,
                " on the category coded 0 and 1",
            )


def _of_values(
    claimed: Test, values: NDArray[np.float64], groups: NDArray[np.int64]
) -> Iterator[Candidate]:
    for test in _claimed_first(claimed, "values"):
        yield from _run(partial(test.run, values, groups), test, claimed)
        if test.name == "mann_whitney":  # programs print this one too, also without ties
            asymptotic = partial(test.run, values, groups, method="asymptotic")
            yield from _run(asymptotic, test, claimed)


def _claimed_first(claimed: Test, kind: str) -> Iterator[Test]:
    yield claimed
    yield from (test for test in TESTS.values() if test.kind == kind and test is not claimed)


def _run(
    run: Callable[[], Result], test: Test, claimed: Test, suffix: str = ""
) -> Iterator[Candidate]:
    """Yield what a test gives; a test other than the claimed one may not fit, and is skipped."""
    try:
        result = run()
    except StatisticsError:
        if test is claimed:
            raise
        return
    if result.p is not None:
        yield Candidate(result.p, result.method + suffix, claimed=test is claimed)
    elif test is claimed:
        raise StatisticsError("; ".join(result.warnings) or "the claimed test gives no p value")
