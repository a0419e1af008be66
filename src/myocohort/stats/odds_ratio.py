"""The odds ratio of a 2 x 2 table, with Woolf's interval."""

from __future__ import annotations

import math
from dataclasses import replace

from numpy.typing import ArrayLike

from myocohort.stats.p_values import from_normal, normal_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.two_by_two import QUESTION, two_by_two

METHOD = "Odds ratio with Woolf's interval and its Wald test"
CORRECTED = f"{METHOD}, 0.5 added to each cell (Haldane-Anscombe)"
REFERENCE = "Woolf B. Ann Hum Genet 1955;19:251-253"
CORRECTED_REFERENCE = f"{REFERENCE}; Anscombe FJ. Biometrika 1956;43:461-464"
NAME = "odds ratio (first group to second)"


def odds_ratio(
    table: ArrayLike,
    *,
    event: int = 0,
    level: float = 0.95,
    correct_zeros: bool = False,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Measure how many times the odds of one group are those of the other.

    Parameters
    ----------
    table
        Counts, shape (2, 2), groups in rows.
    event
        Column of the event, 0 or 1.
    level
        Nominal coverage of the interval.
    correct_zeros
        Whether a table with an empty cell gets 0.5 added to each cell; the method says so.
        Tables without an empty cell are left alone.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        With an empty cell the estimate is 0 or infinite, without interval and p, and a
        warning says so, unless `correct_zeros`. No estimate, with a warning, if a group is
        empty, nobody or everybody has the event.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or is not 2 x 2.

    References
    ----------
    Woolf B. Ann Hum Genet 1955;19:251-253. Anscombe FJ. Biometrika 1956;43:461-464.
    """
    groups = two_by_two(table, event)
    z = normal_quantile(level)
    result = Result(
        question=question,
        method=METHOD,
        n=groups.n,
        n_missing=n_missing,
        estimate_name=NAME,
        reference=REFERENCE,
    )
    if groups.nothing_to_compare:
        return replace(result, warnings=(groups.nothing_to_compare,))
    cells: tuple[float, ...] = groups.cells
    if min(cells) == 0:
        if not correct_zeros:
            infinite = groups.cells[1] == 0 or groups.cells[2] == 0
            reason = (
                "no interval and no p: a cell of the table is empty, so that Woolf's standard "
                "error is infinite. Use conditional_odds_ratio"
            )
            return replace(result, estimate=math.inf if infinite else 0.0, warnings=(reason,))
        cells = tuple(cell + 0.5 for cell in cells)
        result = replace(result, method=CORRECTED, reference=CORRECTED_REFERENCE)
    a, b, c, d = cells
    log_ratio = math.log(a) + math.log(d) - math.log(b) - math.log(c)
    se = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return replace(
        result,
        statistic=log_ratio / se,
        statistic_name="z",
        estimate=math.exp(log_ratio),
        interval=Interval(
            math.exp(log_ratio - z * se), math.exp(log_ratio + z * se), level, "Woolf"
        ),
        p=from_normal(log_ratio / se),
    )
