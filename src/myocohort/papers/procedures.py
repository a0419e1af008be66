"""The p value of a comparison under the claimed test and under every other that fits its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.papers.candidate import Candidate
from myocohort.papers.count_procedures import p_values
from myocohort.papers.count_tables import counts_of
from myocohort.papers.entries import Correlation, PValue
from myocohort.papers.groups import column, members
from myocohort.papers.paperfile import Paper
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.result import Result
from myocohort.stats.tests import TESTS, Test


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
        return tuple(_of_table(paper, entry, claimed, values, groups[known]))
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
    paper: Paper,
    entry: PValue,
    claimed: Test,
    values: pd.Series,
    groups: NDArray[np.int64],
) -> Iterator[Candidate]:
    """Yield the p of each procedure for counts; an error says why the claimed one gives none."""
    declared = paper.variable(entry.variable)
    found = sorted(set(values.dropna()))
    levels = [level for level in declared.levels if level in found]
    levels += [level for level in found if level not in levels]
    categories = pd.Categorical(values, categories=levels).codes.astype(np.int64)
    table, _ = cross_tabulate(groups, categories, len(entry.groups), len(levels))
    ordered = declared.ordered and set(levels) <= set(declared.levels)
    counts = counts_of(table.tolist(), ordered=ordered)
    candidates = [
        Candidate(p, procedure.said(counts), claimed=claimed.name in procedure.claims)
        for procedure, p in p_values(counts, claimed.name)
    ]
    if not any(candidate.claimed for candidate in candidates):
        reasons = claimed.run(table).warnings
        raise StatisticsError("; ".join(reasons) or "the claimed test gives no p value")
    yield from candidates


def _of_values(
    claimed: Test, values: NDArray[np.float64], groups: NDArray[np.int64]
) -> Iterator[Candidate]:
    for test in _claimed_first(claimed):
        yield from _run(partial(test.run, values, groups), test, claimed)
        if test.name == "mann_whitney":  # programs print this one too, also without ties
            asymptotic = partial(test.run, values, groups, method="asymptotic")
            yield from _run(asymptotic, test, claimed)


def _claimed_first(claimed: Test) -> Iterator[Test]:
    yield claimed
    yield from (test for test in TESTS.values() if test.kind == "values" and test is not claimed)


def _run(run: Callable[[], Result], test: Test, claimed: Test) -> Iterator[Candidate]:
    """Yield what a test gives; a test other than the claimed one may not fit, and is skipped."""
    try:
        result = run()
    except StatisticsError:
        if test is claimed:
            raise
        return
    if result.p is not None:
        yield Candidate(result.p, result.method, claimed=test is claimed)
    elif test is claimed:
        raise StatisticsError("; ".join(result.warnings) or "the claimed test gives no p value")
