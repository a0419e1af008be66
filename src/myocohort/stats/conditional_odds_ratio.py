"""The conditional odds ratio of a 2 x 2 table with exact limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from myocohort.stats.hypergeometric import Hypergeometric, tables_with_margins
from myocohort.stats.p_values import bounded, normal_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.rising import zero_of_rising
from myocohort.stats.two_by_two import QUESTION, two_by_two

METHOD = (
    "Conditional maximum-likelihood odds ratio with exact limits (Clopper-Pearson type); "
    "p is twice the smaller one-sided Fisher p"
)
REFERENCE = "Cornfield J. Proc 3rd Berkeley Symp 1956;4:135-148"
NAME = "conditional odds ratio (first group to second)"


def conditional_odds_ratio(
    table: ArrayLike,
    *,
    event: int = 0,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Estimate the odds ratio given the margins of the table, without approximation.

    R's `fisher.test` prints this estimate and this interval; its p is another one
    (minimum likelihood), which can contradict the interval.

    Parameters
    ----------
    table
        Counts, shape (2, 2), groups in rows.
    event
        Column of the event, 0 or 1.
    level
        Least coverage of the interval.
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate and one limit are 0 or infinite where the count is the least or the
        greatest that the margins allow. `p` is below 1 - `level` exactly if the interval
        does not hold 1. None, with a warning, if a group is empty, nobody or everybody
        has the event.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or is not 2 x 2.

    References
    ----------
    Cornfield J. Proc 3rd Berkeley Symp 1956;4:135-148. Fisher RA. J R Stat Soc
    1935;98:39-82.
    """
    groups = two_by_two(table, event)
    normal_quantile(level)  # refuses an impossible level
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
    tables = tables_with_margins(np.reshape(groups.cells, (2, 2)).astype(np.float64))
    tail = (1.0 - level) / 2.0
    least, greatest = tables.observed == 0, tables.observed == len(tables.log_weights) - 1
    low = 0.0 if least else _odds_ratio_where(lambda b: tables.tails(b)[1] - tail)
    high = math.inf if greatest else _odds_ratio_where(lambda b: tail - tables.tails(b)[0])
    if least:
        estimate = 0.0
    elif greatest:
        estimate = math.inf
    else:
        estimate = _odds_ratio_where(lambda b: _mean(tables, b) - tables.observed)
    return replace(
        result,
        estimate=estimate,
        interval=Interval(low, high, level, "exact, given the margins"),
        p=bounded(2.0 * min(tables.tails())),
    )


def _mean(tables: Hypergeometric, log_odds_ratio: float) -> float:
    p = tables.probabilities(log_odds_ratio)
    return float(p @ np.arange(len(p)))


def _odds_ratio_where(rising: Callable[[float], float]) -> float:
    """Return the odds ratio at which a rising function of its log is 0."""
    return math.exp(zero_of_rising(rising))
