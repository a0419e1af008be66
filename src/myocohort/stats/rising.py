"""Where a rising function is 0: the limits and estimates of exact methods."""

from __future__ import annotations

from collections.abc import Callable

from scipy import optimize


def zero_of_rising(rising: Callable[[float], float]) -> float:
    """Return where a rising function of a real number is 0.

    Parameters
    ----------
    rising
        Below 0 far to the left and above 0 far to the right.
    """
    reach = 1.0
    while rising(-reach) > 0.0 or rising(reach) < 0.0:
        reach *= 2.0
    return float(optimize.brentq(rising, -reach, reach, xtol=1e-13, rtol=1e-14))
