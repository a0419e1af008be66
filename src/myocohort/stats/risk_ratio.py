"""The ratio of two risks, with Katz's log interval or Koopman's score interval."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from numpy.typing import ArrayLike
from scipy import optimize

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import from_chi_square_1, from_normal, normal_quantile
from myocohort.stats.result import Interval, Result
from myocohort.stats.two_by_two import QUESTION, TwoByTwo, two_by_two

KATZ = "Risk ratio with Katz's log interval and its Wald test"
SCORE = "Risk ratio with Koopman's score interval and its test (Pearson's chi-square)"
KATZ_REFERENCE = "Katz D, et al. Biometrics 1978;34:469-474"
SCORE_REFERENCE = "Koopman PAR. Biometrics 1984;40:513-517"
NAME = "risk ratio (first group to second)"
IMPOSSIBLE = 1e300  # chi-square of counts that a risk rules out; finite for the search of limits


def risk_ratio(
    table: ArrayLike,
    *,
    method: Literal["score", "katz"] = "score",
    event: int = 0,
    level: float = 0.95,
    n_missing: int = 0,
    question: str = QUESTION,
) -> Result:
    """Measure how many times the risk of one group is that of the other.

    Parameters
    ----------
    table
        Counts, shape (2, 2), groups in rows.
    method
        "score" inverts the chi-square statistic under a given ratio, and answers also where
        a group has no event; "katz" takes the log of the ratio as normal, and does not.
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
        The estimate is 0 or infinite where one group has no event. Estimate, interval and
        p are of the same family. The estimate is None, with a warning, if a group is
        empty, nobody or everybody has the event; the interval and p by Katz also where one
        group has no event.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, is not 2 x 2, or the method is unknown.

    References
    ----------
    Katz D, Baptista J, Azen SP, Pike MC. Biometrics 1978;34:469-474. Koopman PAR.
    Biometrics 1984;40:513-517.
    """
    if method not in ("score", "katz"):
        raise StatisticsError(f"method is score or katz; found {method!r}")
    groups = two_by_two(table, event)
    z = normal_quantile(level)
    empty = Result(
        question=question,
        method=SCORE if method == "score" else KATZ,
        n=groups.n,
        n_missing=n_missing,
        estimate_name=NAME,
        reference=SCORE_REFERENCE if method == "score" else KATZ_REFERENCE,
    )
    if groups.nothing_to_compare:
        return replace(empty, warnings=(groups.nothing_to_compare,))
    if groups.events2 == 0:
        ratio = math.inf
    else:
        ratio = groups.events1 / groups.n1 / (groups.events2 / groups.n2)
    if method == "katz":
        return _katz(replace(empty, estimate=ratio), groups, z, level)
    low, high = _score_limits(groups, ratio, z)
    statistic = _score_statistic(groups, 0.0)
    return replace(
        empty,
        statistic=statistic,
        statistic_name="chi-square",
        df=1,
        estimate=ratio,
        interval=Interval(low, high, level, "Koopman score"),
        p=from_chi_square_1(statistic),
    )


def _katz(empty: Result, groups: TwoByTwo, z: float, level: float) -> Result:
    if min(groups.events1, groups.events2) == 0:
        reason = (
            "no interval and no p: one group has no event, so that Katz's standard error is "
            "infinite. Use method 'score'"
        )
        return replace(empty, warnings=(reason,))
    ratio = math.log(groups.events1 * groups.n2 / (groups.events2 * groups.n1))
    se = math.sqrt(1 / groups.events1 - 1 / groups.n1 + 1 / groups.events2 - 1 / groups.n2)
    return replace(
        empty,
        statistic=ratio / se,
        statistic_name="z",
        interval=Interval(math.exp(ratio - z * se), math.exp(ratio + z * se), level, "Katz log"),
        p=from_normal(ratio / se),
    )


def _score_statistic(groups: TwoByTwo, log_ratio: float) -> float:
    """Return the chi-square statistic of the observed counts if this were the ratio."""
    theta = math.exp(log_ratio)
    # the risk of the second group that fits best: the smaller root of a p^2 - b p + c = 0
    a = groups.n * theta
    b = groups.n1 * theta + groups.events1 + groups.n2 + groups.events2 * theta
    c = float(groups.events1 + groups.events2)
    p2 = min(1.0, 2.0 * c / (b + math.sqrt(max(0.0, b * b - 4.0 * a * c))))
    p1 = min(1.0, theta * p2)
    return _squared(groups.events1, groups.n1, p1) + _squared(groups.events2, groups.n2, p2)


def _squared(events: int, n: int, p: float) -> float:
    distance, variance = events - n * p, n * p * (1.0 - p)
    if variance == 0.0:
        return 0.0 if distance == 0.0 else IMPOSSIBLE
    return distance**2 / variance


def _score_limits(groups: TwoByTwo, ratio: float, z: float) -> tuple[float, float]:
    def excess(log_ratio: float) -> float:
        return _score_statistic(groups, log_ratio) - z * z

    limits = []
    for direction, beyond in ((-1, 0.0), (1, math.inf)):
        if ratio == beyond:
            limits.append(beyond)
            continue
        # from the estimate, or from a ratio nearer to it than the limit is, outwards
        inside = math.log(ratio) if 0.0 < ratio < math.inf else -40.0 * direction
        outside = inside
        while excess(outside) < 0.0:
            outside += direction
        nearer = outside - direction
        limits.append(math.exp(optimize.brentq(excess, *sorted((nearer, outside)), xtol=1e-13)))
    return limits[0], limits[1]
