"""The difference of two risks with Newcombe's interval."""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from myocohort.stats.proportion import wilson_limits
from myocohort.stats.result import Interval, Result
from myocohort.stats.two_by_two import QUESTION, two_by_two

METHOD = "Risk difference with Newcombe's hybrid score interval (method 10)"
REFERENCE = "Newcombe RG. Stat Med 1998;17:873-890"


def risk_difference(
    table: ArrayLike,
    *,
    event: int = 0,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Measure how much the risk of one group exceeds that of the other.

    Parameters
    ----------
    table
        Counts, shape (2, 2), groups in rows.
    event
        Column of the event, 0 or 1.
    level
        Nominal coverage of the interval.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate, from -1 to 1, is the risk of the first group less that of the second.
        The interval joins the score intervals of both risks and belongs to no test, so
        that `p` is None. Without an estimate, with a warning, if a group is empty.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or is not 2 x 2.

    References
    ----------
    Newcombe RG. Stat Med 1998;17:873-890, method 10.
    """
    groups = two_by_two(table, event)
    estimate, interval = None, None
    if not groups.empty_group:
        p1, p2 = groups.events1 / groups.n1, groups.events2 / groups.n2
        low1, high1 = wilson_limits(groups.events1, groups.n1, level=level)
        low2, high2 = wilson_limits(groups.events2, groups.n2, level=level)
        estimate = p1 - p2
        interval = Interval(
            max(-1.0, estimate - math.hypot(p1 - low1, high2 - p2)),
            min(1.0, estimate + math.hypot(high1 - p1, p2 - low2)),
            level,
            "Newcombe hybrid score (method 10)",
        )
    return Result(
        question=question,
        method=METHOD,
        n=groups.n,
        n_missing=n_missing,
        estimate=estimate,
        estimate_name="risk difference (first group less second)",
        interval=interval,
        warnings=(groups.empty_group,) if groups.empty_group else (),
        reference=REFERENCE,
    )
