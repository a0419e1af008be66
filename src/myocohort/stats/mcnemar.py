"""McNemar's test of a yes-no variable on two occasions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.counts import count_table
from myocohort.stats.p_values import bounded, from_chi_square_1
from myocohort.stats.paired import complete_units
from myocohort.stats.proportion import exact_limits, wilson_limits
from myocohort.stats.result import Interval, Result

QUESTION = "Do units change more often in one direction than in the other?"
NAME = "odds ratio (first occasion to second, given a change)"
REFERENCE = "McNemar Q. Psychometrika 1947;12:153-157"
EXACT_REFERENCE = f"{REFERENCE}; Clopper CJ, Pearson ES. Biometrika 1934;26:404-413"

Method = Literal["exact", "asymptotic"]


def mcnemar(
    first: ArrayLike,
    second: ArrayLike,
    *,
    method: Method = "exact",
    continuity: bool = False,
    level: float = 0.95,
    question: str = QUESTION,
) -> Result:
    """Test whether a yes-no variable differs between two occasions in the same units.

    Parameters
    ----------
    first, second
        1 for yes, 0 for no, NaN if missing; the units in the same order.
    method
        "exact" takes the changes as fair coin tosses (binomial test); "asymptotic" is
        McNemar's chi-square, printed by SPSS for many changes.
    continuity
        Whether the asymptotic test is corrected for continuity by 1, as R does by default.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate is the number of changes from yes to no divided by that from no to
        yes; 0 or infinite where one of them is 0. Its interval inverts the test (exact:
        Clopper and Pearson, asymptotic: Wilson's score). The exact p is twice the smaller
        tail. `p` is None, with a warning, if no unit changes.

    Raises
    ------
    StatisticsError
        If lengths differ, a value is not 0 or 1, or the method is unknown.

    References
    ----------
    McNemar Q. Psychometrika 1947;12:153-157.
    """
    values, n_missing = complete_units(first, second)
    wrong = ~np.isin(values, (0.0, 1.0))
    if wrong.any():
        found = values[wrong][0]
        raise StatisticsError(
            f"McNemar's test needs 1 for yes and 0 for no; found {found:g}. "
            f"Use wilcoxon_signed_rank for measurements"
        )
    yes = values == 1.0
    table = [
        [int((yes[:, 0] & yes[:, 1]).sum()), int((yes[:, 0] & ~yes[:, 1]).sum())],
        [int((~yes[:, 0] & yes[:, 1]).sum()), int((~yes[:, 0] & ~yes[:, 1]).sum())],
    ]
    return mcnemar_from_table(
        table,
        method=method,
        continuity=continuity,
        level=level,
        n_missing=n_missing,
        question=question,
    )


def mcnemar_from_table(
    table: ArrayLike,
    *,
    method: Method = "exact",
    continuity: bool = False,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Test whether a yes-no variable differs between two occasions, from counts of pairs.

    Parameters, result and errors are those of `mcnemar`, but that `table` holds the units,
    shape (2, 2), with yes and no of the first occasion in rows and of the second in columns.

    References
    ----------
    McNemar Q. Psychometrika 1947;12:153-157.
    """
    if method not in ("exact", "asymptotic"):
        raise StatisticsError(f"method is exact or asymptotic; found {method!r}")
    count_table(table)  # refuses what is not a count
    counts = np.asarray(table, dtype=np.float64)
    if counts.shape != (2, 2):
        raise StatisticsError(
            f"McNemar's test needs a 2 x 2 table; found {counts.shape[0]} x {counts.shape[1]}"
        )
    to_no, to_yes = int(counts[0, 1]), int(counts[1, 0])
    changes = to_no + to_yes
    if method == "exact":
        name = "McNemar's test, exact (binomial)"
    else:
        name = (
            f"McNemar's test, asymptotic {'with' if continuity else 'without'} "
            f"continuity correction"
        )
    result = Result(
        question=question,
        method=name,
        n=int(counts.sum()),
        n_missing=n_missing,
        estimate_name=NAME,
        reference=EXACT_REFERENCE if method == "exact" else REFERENCE,
    )
    if not changes:
        reason = "no unit changes between the occasions" if result.n else "no unit is complete"
        return replace(result, warnings=(f"no test: {reason}",))
    if method == "exact":
        tail = math.fsum(math.comb(changes, k) / 2**changes for k in range(min(to_no, to_yes) + 1))
        low, high = exact_limits(to_no, changes, level=level)
        how = "exact (Clopper-Pearson)"
        result = replace(result, p=bounded(2.0 * tail))
    else:
        distance = max(0, abs(to_no - to_yes) - (1 if continuity else 0))
        statistic = distance**2 / changes
        low, high = wilson_limits(to_no, changes, level=level, continuity=continuity)
        how = f"Wilson's score{' with continuity correction' if continuity else ''}"
        result = replace(
            result,
            statistic=statistic,
            statistic_name="chi-square",
            df=1,
            p=from_chi_square_1(statistic),
        )
    return replace(
        result,
        estimate=to_no / to_yes if to_yes else math.inf,
        interval=Interval(_odds(low), _odds(high), level, how),
    )


def _odds(share: float) -> float:
    return math.inf if share == 1.0 else share / (1.0 - share)
