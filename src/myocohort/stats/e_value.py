"""E-values: how strong unmeasured confounding would have to be to explain an odds ratio away."""

from __future__ import annotations

import math
from dataclasses import dataclass

from myocohort.errors import StatisticsError

COMMON = 0.15
"""Share with the outcome above which an odds ratio is no longer near the risk ratio."""
RARE_METHOD = "E-value of the odds ratio, taken as the risk ratio of a rare outcome"
COMMON_METHOD = (
    "E-value of the square root of the odds ratio, which approximates the risk ratio of a "
    "common outcome"
)
REFERENCE = (
    "VanderWeele TJ, Ding P. Ann Intern Med 2017;167:268-274; square root: VanderWeele TJ. "
    "Epidemiology 2017;28:e58-e60"
)


@dataclass(frozen=True, slots=True)
class EValue:
    """The E-values of an odds ratio and of the limit of its interval that is nearest to 1.

    Parameters
    ----------
    estimate
        The risk ratio that an unmeasured confounder would need with both the term and the
        outcome, beyond the terms of the model, to move the odds ratio to 1; 1 or more, and
        infinite where the odds ratio is 0 or infinite.
    limit
        The same for the limit nearest to 1; 1 where the interval contains 1, None without an
        interval.
    risk_ratio
        What the odds ratio was taken as.
    method, reference
        The approximation that was used, and its source.
    """

    estimate: float
    limit: float | None
    risk_ratio: float
    method: str
    reference: str = REFERENCE


def e_value(
    odds_ratio: float,
    low: float | None = None,
    high: float | None = None,
    *,
    share: float,
) -> EValue:
    """Compute the E-values of an odds ratio and its interval.

    Parameters
    ----------
    odds_ratio
        From 0 to infinity, both included.
    low, high
        Its limits; both or neither.
    share
        Share of the patients with the outcome, from 0 to 1. Above `COMMON` the outcome is
        common, and the square root of the odds ratio stands for the risk ratio.

    Raises
    ------
    StatisticsError
        If a number is negative or missing, the share is not between 0 and 1, one limit only is
        given, or the odds ratio is outside its limits.

    References
    ----------
    VanderWeele TJ, Ding P. Sensitivity analysis in observational research: introducing the
    E-value. Ann Intern Med 2017;167:268-274, Table 2 (odds ratios, rare and common outcome).
    """
    if not 0.0 <= share <= 1.0:
        raise StatisticsError(f"a share lies between 0 and 1; found {share!r}")
    if (low is None) != (high is None):
        raise StatisticsError("an interval has two limits; found one")
    ratios = [odds_ratio] if low is None or high is None else [low, odds_ratio, high]
    if not all(ratio >= 0.0 for ratio in ratios):
        raise StatisticsError(f"an odds ratio and its limits are at least 0; found {ratios}")
    if ratios != sorted(ratios):
        raise StatisticsError(f"an odds ratio lies between its limits; found {ratios}")
    common = share > COMMON
    risk_ratio = math.sqrt(odds_ratio) if common else odds_ratio
    nearest = None
    if low is not None and high is not None:
        nearest = low if low > 1.0 else high if high < 1.0 else 1.0
        nearest = math.sqrt(nearest) if common else nearest
    return EValue(
        estimate=_of_risk_ratio(risk_ratio),
        limit=None if nearest is None else _of_risk_ratio(nearest),
        risk_ratio=risk_ratio,
        method=COMMON_METHOD if common else RARE_METHOD,
    )


def _of_risk_ratio(ratio: float) -> float:
    """Return RR + sqrt(RR (RR - 1)), of the inverse where it is below 1."""
    if ratio < 1.0:
        ratio = 1.0 / ratio if ratio > 0.0 else math.inf
    # two roots, because a square would overflow before the answer does
    return ratio + math.sqrt(ratio) * math.sqrt(ratio - 1.0)
