"""How many patients a comparison of two proportions needs, and the power of those one has."""

from __future__ import annotations

import math
from statistics import NormalDist

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.plan import LARGEST_N, Plan, between, demand, whole

SIZE_QUESTION = "How many patients does the comparison of two proportions need?"
POWER_QUESTION = "How likely is it that the comparison of two proportions finds the difference?"
UNCORRECTED = "chi-square test of two proportions, two-sided, normal approximation"
CORRECTED = UNCORRECTED + ", continuity correction"
REFERENCES = {
    False: "Fleiss JL, Levin B, Paik MC. Statistical Methods for Rates and Proportions, "
    "3rd ed. 2003, chapter 4",
    True: "Fleiss JL, Tytun A, Ury HK. Biometrics 1980;36:343-346",
}


def two_proportions_size(
    p1: float,
    p2: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    ratio: float = 1.0,
    continuity: bool = False,
    question: str = SIZE_QUESTION,
) -> Plan:
    """Return the patients needed to tell two proportions apart.

    Parameters
    ----------
    p1, p2
        Expected proportions of the two groups.
    power, alpha
        Chance to find the difference; two-sided level of the test.
    ratio
        Patients in the second group for each in the first.
    continuity
        Whether to plan for the test with Yates's correction, which is close to Fisher's.
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `groups` are rounded up each; `expected` has the power at those sizes.

    Raises
    ------
    StatisticsError
        If a proportion, power or level is not strictly between 0 and 1, or p1 equals p2.

    References
    ----------
    Fleiss JL, Tytun A, Ury HK. Biometrics 1980;36:343-346.
    """
    difference = _difference(p1, p2)
    between(alpha, "alpha")
    between(power, "the power", alpha)
    between(ratio, "the ratio of group sizes", 0.0, LARGEST_N)
    under_null, under_difference = _spreads(p1, p2, ratio)
    z = normal_quantile(1.0 - alpha) * under_null + NormalDist().inv_cdf(power) * under_difference
    first = (z / difference) ** 2
    if continuity:
        per_patient = 2.0 * (1.0 + 1.0 / ratio) / (first * difference)
        first *= (1.0 + math.sqrt(1.0 + per_patient)) ** 2 / 4.0
    groups = (
        demand("power, first group", first, 2).n,
        demand("power, second group", ratio * first, 2).n,
    )
    criterion = demand(f"power of at least {power:g}", first * (1.0 + ratio))
    return Plan(
        question=question,
        method=CORRECTED if continuity else UNCORRECTED,
        n=sum(groups),
        groups=groups,
        criterion=criterion.name,
        criteria=(criterion,),
        assumptions={"p1": p1, "p2": p2, "alpha": alpha, "power": power, "ratio": ratio},
        expected={"power": _power(*groups, p1, p2, alpha, continuity)},
        warnings=_small(groups, (p1, p2)),
        reference=REFERENCES[continuity],
    )


def two_proportions_power(
    n1: int,
    n2: int,
    p1: float,
    p2: float,
    *,
    alpha: float = 0.05,
    continuity: bool = False,
    question: str = POWER_QUESTION,
) -> Plan:
    """Return the power of a comparison of two proportions in the groups one has.

    Parameters
    ----------
    n1, n2
        Patients in the two groups.
    p1, p2, alpha, continuity, question
        As in `two_proportions_size`.

    Returns
    -------
    Plan
        `expected` has the power, the chance to reject in the direction of the difference.

    Raises
    ------
    StatisticsError
        If a group has fewer than two patients, a proportion or level is not strictly
        between 0 and 1, or p1 equals p2.

    References
    ----------
    Fleiss JL, Tytun A, Ury HK. Biometrics 1980;36:343-346.
    """
    groups = (whole(n1, "the first group", 2), whole(n2, "the second group", 2))
    _difference(p1, p2)
    between(alpha, "alpha")
    return Plan(
        question=question,
        method=CORRECTED if continuity else UNCORRECTED,
        n=sum(groups),
        groups=groups,
        criterion="power at the given n",
        assumptions={"p1": p1, "p2": p2, "alpha": alpha},
        expected={"power": _power(*groups, p1, p2, alpha, continuity)},
        warnings=_small(groups, (p1, p2)),
        reference=REFERENCES[continuity],
    )


def _difference(p1: float, p2: float) -> float:
    difference = abs(between(p1, "the first proportion") - between(p2, "the second proportion"))
    if difference == 0.0:
        raise StatisticsError(
            f"the two proportions differ; found {p1!r} twice. Give the smallest difference "
            "that matters"
        )
    return difference


def _spreads(p1: float, p2: float, ratio: float) -> tuple[float, float]:
    """Return SDs of the difference times the root of n1: if there is none, and if there is."""
    pooled = (p1 + ratio * p2) / (1.0 + ratio)
    return (
        math.sqrt((1.0 + 1.0 / ratio) * pooled * (1.0 - pooled)),
        math.sqrt(p1 * (1.0 - p1) + p2 * (1.0 - p2) / ratio),
    )


def _power(n1: int, n2: int, p1: float, p2: float, alpha: float, continuity: bool) -> float:
    under_null, under_difference = _spreads(p1, p2, n2 / n1)
    difference = abs(p1 - p2)
    if continuity:
        difference -= (1.0 / n1 + 1.0 / n2) / 2.0
    z = difference * math.sqrt(n1) - normal_quantile(1.0 - alpha) * under_null
    return NormalDist().cdf(z / under_difference)


def _small(groups: tuple[int, ...], proportions: tuple[float, ...]) -> tuple[str, ...]:
    fewest = min(
        n * share for n, p in zip(groups, proportions, strict=True) for share in (p, 1.0 - p)
    )
    if fewest >= 5.0:
        return ()
    return (
        f"an expected count is {fewest:.1f}, below 5: the normal approximation may fit badly; "
        "plan with the continuity correction",
    )
