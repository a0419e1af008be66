"""The log-rank test: does the event come earlier in some groups than in others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import from_chi_square
from myocohort.stats.result import Result
from myocohort.stats.survival_times import survival_times

METHOD = "Log-rank test"
REFERENCE = "Mantel N. Cancer Chemother Rep 1966;50:163-170; Peto R, Peto J. J R Stat Soc A 1972"
FEW_EVENTS = 5


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    groups: ArrayLike,
    *,
    question: str = "Does the event come earlier in some groups than in others?",
) -> Result:
    """Compare the times to an event of two or more groups.

    Parameters
    ----------
    time, event
        As for `kaplan_meier`.
    groups
        One code for each patient; negative if missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        `statistic` is chi-square with (groups - 1) degrees of freedom; p is None, with a
        warning, where nobody has the event, fewer than two groups have a patient, or no event
        happened while patients of two groups were under observation.

    Raises
    ------
    StatisticsError
        If lengths differ, or times or events are unfit (see `survival_times`).

    References
    ----------
    Mantel N. Cancer Chemother Rep 1966;50:163-170. Hypergeometric variance, also with ties.
    """
    codes = np.asarray(groups)
    if codes.shape != np.asarray(time).shape or codes.dtype.kind not in "iu":
        raise StatisticsError("groups are one whole-number code for each patient")
    data = survival_times(time, event, codes >= 0)
    codes = codes[data.kept]
    present, codes = np.unique(codes, return_inverse=True)
    observed, expected = np.zeros(len(present)), np.zeros(len(present))
    variance = np.zeros((len(present), len(present)))
    for moment in np.unique(data.time[data.event]):
        at_risk = np.bincount(codes[data.time >= moment], minlength=len(present)).astype(float)
        dying = data.event & (data.time == moment)
        deaths = np.bincount(codes[dying], minlength=len(present)).astype(float)
        n, d = at_risk.sum(), deaths.sum()
        observed += deaths
        expected += d * at_risk / n
        if n > 1:
            share = at_risk / n
            variance += d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
    difference = (observed - expected)[1:]
    reason = ""
    if len(present) < 2:
        reason = "fewer than two groups have a patient with known time and event"
    elif not data.events:
        reason = "nobody had the event"
    elif np.linalg.matrix_rank(variance[1:, 1:]) < len(present) - 1:
        reason = "in some group nobody was under observation while an event happened"
    warnings = [reason] if reason else []
    if not reason and expected.min() < FEW_EVENTS:
        warnings.append(
            f"the smallest expected number of events of a group is {expected.min():.1f}: below "
            f"{FEW_EVENTS} the chi-square distribution may fit badly"
        )
    statistic = (
        None if reason else float(difference @ np.linalg.solve(variance[1:, 1:], difference))
    )
    df = len(present) - 1
    return Result(
        question=question,
        method=METHOD,
        n=data.n,
        n_missing=data.n_missing,
        statistic=statistic,
        statistic_name="chi-square",
        df=df,
        p=None if statistic is None else from_chi_square(statistic, df),
        warnings=tuple(warnings),
        reference=REFERENCE,
    )
