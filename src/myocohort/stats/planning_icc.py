"""How many subjects a study of reliability needs: to test an ICC, or to estimate it."""

from __future__ import annotations

import math
from statistics import NormalDist

from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.plan import LARGEST_N, Plan, between, demand, whole

TEST_QUESTION = "How many subjects show that the reliability is above the least acceptable one?"
WIDTH_QUESTION = "How many subjects give an interval of the reliability of the width wanted?"


def icc_test_size(
    expected: float,
    minimum: float,
    raters: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    question: str = TEST_QUESTION,
) -> Plan:
    """Return the subjects needed to show that a one-way ICC exceeds a minimum.

    Parameters
    ----------
    expected, minimum
        The ICC(1,1) expected, and the largest one that is to be ruled out (from 0).
    raters
        Readings of each subject, at least 2.
    power, alpha
        Chance to rule the minimum out; one-sided level of the F test.
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `n` is the smallest number with that power by the exact distribution of F (Donner &
        Eliasziw 1987), which decides; the approximation of Walter et al. (1998) stands
        beside it among the criteria.

    Raises
    ------
    StatisticsError
        If a figure is out of its range or the minimum is not below the expected ICC.

    References
    ----------
    Donner A, Eliasziw M. Stat Med 1987;6:441-448. Walter SD, Eliasziw M, Donner A. Stat Med
    1998;17:101-110.
    """
    k = whole(raters, "the number of raters", 2)
    rho1 = between(expected, "the expected ICC")
    if minimum != 0:
        between(minimum, "the minimum ICC")
    if minimum >= rho1:
        raise StatisticsError(
            f"the minimum ICC is below the expected one; found {minimum!r} and {expected!r}"
        )
    between(alpha, "alpha")
    between(power, "the power", alpha)
    ratio = _f_ratio(minimum, k) / _f_ratio(rho1, k)
    normal = NormalDist()
    z = normal.inv_cdf(1.0 - alpha) + normal.inv_cdf(power)
    walter = 1.0 + 2.0 * z**2 * k / (math.log(ratio) ** 2 * (k - 1.0))
    approximate = demand(f"power of {power:g}, approximation of Walter", walter, 2)
    n = _smallest(ratio, k, alpha, power, approximate.n)
    exact = demand(f"power of {power:g}, exact by F", float(n), 2)
    return Plan(
        question=question,
        method="one-way ICC above a minimum, one-sided F test, exact power",
        n=n,
        criterion=exact.name,
        criteria=(exact, approximate),
        assumptions={
            "icc_expected": rho1,
            "icc_minimum": minimum,
            "raters": k,
            "alpha_one_sided": alpha,
            "power": power,
        },
        expected={
            "power": _f_power(n, ratio, k, alpha),
            "power_at_walter": _f_power(approximate.n, ratio, k, alpha),
            "readings": n * k,
        },
        reference="Donner A, Eliasziw M. Stat Med 1987;6:441-448; "
        "Walter SD, Eliasziw M, Donner A. Stat Med 1998;17:101-110",
    )


def icc_width_size(
    expected: float,
    raters: int,
    width: float,
    *,
    level: float = 0.95,
    question: str = WIDTH_QUESTION,
) -> Plan:
    """Return the subjects needed for an interval of an ICC of a given full width.

    Parameters
    ----------
    expected
        The ICC expected, one-way or two-way without interaction.
    raters
        Readings of each subject, at least 2.
    width
        Upper less lower limit.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `expected` has the width at `n`.

    Raises
    ------
    StatisticsError
        If a figure is out of its range.

    References
    ----------
    Bonett DG. Stat Med 2002;21:1331-1335, formula 3, with 5 x ICC subjects more for two
    raters and an ICC of at least 0.7.
    """
    k = whole(raters, "the number of raters", 2)
    rho = between(expected, "the expected ICC")
    between(width, "the width of the interval", 0.0, 2.0)
    z = normal_quantile(level)
    spread = 8.0 * z**2 * ((1.0 - rho) * (1.0 + (k - 1.0) * rho)) ** 2 / (k * (k - 1.0))
    more = 5.0 * rho if k == 2 and rho >= 0.7 else 0.0
    criterion = demand(f"width of at most {width:g}", spread / width**2 + 1.0 + more, 2)
    n = criterion.n
    return Plan(
        question=question,
        method="interval of an ICC, large-sample variance",
        n=n,
        criterion=criterion.name,
        criteria=(criterion,),
        assumptions={"icc_expected": rho, "raters": k, "width": width, "level": level},
        expected={
            "width": math.sqrt(spread / max(n - 1.0 - more, 1.0)),
            "readings": n * k,
        },
        reference="Bonett DG. Stat Med 2002;21:1331-1335",
    )


def _f_ratio(rho: float, k: int) -> float:
    """Return the expected mean square of subjects over that of error."""
    return 1.0 + k * rho / (1.0 - rho)


def _f_power(n: int, ratio: float, k: int, alpha: float) -> float:
    df = (n - 1.0, n * (k - 1.0))
    return float(special.fdtrc(*df, ratio * special.fdtri(*df, 1.0 - alpha)))


def _smallest(ratio: float, k: int, alpha: float, power: float, start: int) -> int:
    """Return the smallest n whose exact power suffices; power grows with n."""
    low, high = 1, start
    while _f_power(high, ratio, k, alpha) < power:
        low, high = high, 2 * high
        if high > LARGEST_N:
            raise StatisticsError(
                f"more than {LARGEST_N:,} subjects are needed. Ask for less power"
            )
    while high - low > 1:
        middle = (low + high) // 2
        if _f_power(middle, ratio, k, alpha) < power:
            low = middle
        else:
            high = middle
    return high
