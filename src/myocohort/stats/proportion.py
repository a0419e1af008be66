"""Intervals of one proportion: Wilson's score interval and the exact one."""

from __future__ import annotations

import math

from scipy import special

from myocohort.stats.p_values import normal_quantile


def wilson_limits(
    events: int, n: int, *, level: float, continuity: bool = False
) -> tuple[float, float]:
    """Return the limits of a proportion by Wilson's score method.

    Parameters
    ----------
    events, n
        Units with the event, and all of them; n at least 1.
    level
        Nominal coverage, between 0 and 1.
    continuity
        Whether the score statistic is corrected for continuity.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212; Newcombe RG. Stat Med 1998;17:857-872,
    methods 3 and 4.
    """
    z = normal_quantile(level)
    p = events / n
    if not continuity:
        middle = events + z * z / 2.0
        margin = z * math.sqrt(z * z / 4.0 + n * p * (1.0 - p))
        low, high = (middle - margin) / (n + z * z), (middle + margin) / (n + z * z)
    else:
        middle, below = 2.0 * events + z * z, 4.0 * p * (n - events)
        low_margin = 1.0 + z * math.sqrt(max(0.0, z * z - 2.0 - 1.0 / n + below + 4.0 * p))
        high_margin = 1.0 + z * math.sqrt(z * z + 2.0 - 1.0 / n + below - 4.0 * p)
        low = (middle - low_margin) / (2.0 * (n + z * z))
        high = (middle + high_margin) / (2.0 * (n + z * z))
    return (
        0.0 if events == 0 else max(0.0, low),
        1.0 if events == n else min(1.0, high),
    )


def exact_limits(events: int, n: int, *, level: float) -> tuple[float, float]:
    """Return the limits of a proportion by the exact method of Clopper and Pearson.

    Parameters
    ----------
    events, n
        Units with the event, and all of them; n at least 1.
    level
        Least coverage, between 0 and 1.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    """
    normal_quantile(level)  # refuses an impossible level
    tail = (1.0 - level) / 2.0
    low = 0.0 if events == 0 else float(special.betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(special.betaincinv(events + 1, n - events, 1.0 - tail))
    return low, high
