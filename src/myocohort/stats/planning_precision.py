"""How precise an estimate the patients one has can give."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.plan import Plan, between, whole
from myocohort.stats.proportion import wilson_limits
from myocohort.stats.result import Interval

CVariance = Literal["newcombe", "hanley_mcneil"]

PROPORTION_QUESTION = "How precisely can these patients tell a proportion?"
ODDS_RATIO_QUESTION = "How precisely can these patients tell an odds ratio?"
C_QUESTION = "How precisely can these patients tell a c-statistic?"
C_REFERENCES: dict[CVariance, str] = {
    "newcombe": "Newcombe RG. Stat Med 2006;25:559-573 (method 4); "
    "Riley RD et al. Stat Med 2021;40:4230-4251",
    "hanley_mcneil": "Hanley JA, McNeil BJ. Radiology 1982;143:29-36",
}


def proportion_precision(
    n: int, proportion: float, *, level: float = 0.95, question: str = PROPORTION_QUESTION
) -> Plan:
    """Return the width that Wilson's interval of a proportion will have.

    Parameters
    ----------
    n
        Patients.
    proportion
        Expected share.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `expected` has the mean width over all counts that may be seen (binomial), and the
        chance to see nobody at all or everybody; `interval` is the one at the
        whole count nearest to the expected one.

    Raises
    ------
    StatisticsError
        If n is not a whole number from 1 or the proportion is not between 0 and 1.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212.
    """
    size = whole(n, "n", 1)
    p = between(proportion, "the proportion")
    # counts further than ten SDs off have no weight worth adding
    reach = 10.0 * math.sqrt(size * p * (1.0 - p)) + 20.0
    counts = range(max(0, int(size * p - reach)), min(size, int(size * p + reach)) + 1)
    chances = stats.binom.pmf(counts, size, p)
    widths = [
        high - low for low, high in (wilson_limits(seen, size, level=level) for seen in counts)
    ]
    seen = round(size * p)
    low, high = wilson_limits(seen, size, level=level)
    return Plan(
        question=question,
        method="Wilson's score interval of a proportion",
        n=size,
        criterion="width at the given n",
        assumptions={"proportion": p, "level": level},
        expected={
            "mean_width": float(chances @ np.array(widths)),
            "events": seen,
            "chance_of_none": math.exp(size * math.log1p(-p)),
            "chance_of_all": math.exp(size * math.log(p)),
        },
        interval=Interval(low, high, level, "Wilson's score"),
        reference="Wilson EB. J Am Stat Assoc 1927;22:209-212",
    )


def odds_ratio_precision(
    n1: int,
    n2: int,
    risk1: float,
    risk2: float,
    *,
    level: float = 0.95,
    question: str = ODDS_RATIO_QUESTION,
) -> Plan:
    """Return the interval that an odds ratio of a 2 x 2 table will have.

    Parameters
    ----------
    n1, n2
        Patients with and without the characteristic.
    risk1, risk2
        Expected share with the outcome in each.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `interval` is Woolf's at the expected counts; `expected` has the odds ratio, the
        upper limit over the lower, and the chance of an empty cell, which makes the odds
        ratio 0 or infinite.

    Raises
    ------
    StatisticsError
        If a group is not a whole number from 1 or a risk is not between 0 and 1.

    References
    ----------
    Woolf B. Ann Hum Genet 1955;19:251-253.
    """
    groups = (whole(n1, "the first group", 1), whole(n2, "the second group", 1))
    risks = (between(risk1, "the first risk"), between(risk2, "the second risk"))
    z = normal_quantile(level)
    cells = [
        size * share
        for size, risk in zip(groups, risks, strict=True)
        for share in (risk, 1.0 - risk)
    ]
    log_ratio = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    se = math.sqrt(sum(1.0 / cell for cell in cells))
    full = math.prod(
        1.0 - risk**size - (1.0 - risk) ** size for size, risk in zip(groups, risks, strict=True)
    )
    warnings: tuple[str, ...] = ()
    if min(cells) < 5.0:
        warnings = (
            f"an expected count is {min(cells):.1f}, below 5: expect the true interval to be "
            "wider, and plan for exact or Firth's estimates",
        )
    return Plan(
        question=question,
        method="Woolf interval of an odds ratio at the expected counts",
        n=sum(groups),
        groups=groups,
        criterion="width at the given n",
        assumptions={"risk1": risks[0], "risk2": risks[1], "level": level},
        expected={
            "odds_ratio": math.exp(log_ratio),
            "se_log_odds_ratio": se,
            "upper_over_lower": math.exp(min(2.0 * z * se, 700.0)),
            "chance_of_empty_cell": 1.0 - full,
        },
        interval=Interval(
            math.exp(log_ratio - z * se), math.exp(min(log_ratio + z * se, 700.0)), level, "Woolf"
        ),
        warnings=warnings,
        reference="Woolf B. Ann Hum Genet 1955;19:251-253",
    )


def c_statistic_precision(
    events: int,
    nonevents: int,
    c_statistic: float,
    *,
    level: float = 0.95,
    variance: CVariance = "newcombe",
    question: str = C_QUESTION,
) -> Plan:
    """Return the interval that a c-statistic will have in patients not used for the model.

    Parameters
    ----------
    events, nonevents
        Patients with and without the outcome.
    c_statistic
        Expected, from 0.5 to below 1.
    level
        Coverage of the interval.
    variance
        "newcombe" (method 4, which Riley et al. 2021 plan validation studies by) or
        "hanley_mcneil" (negative exponential distributions).
    question
        What is asked, in words.

    Returns
    -------
    Plan
        `interval` is Wald's, cut at 1; `expected` has the standard error and full width.

    Raises
    ------
    StatisticsError
        If a count is not a whole number from 1 or c is not between 0.5 and 1.

    References
    ----------
    Hanley JA, McNeil BJ. Radiology 1982;143:29-36. Newcombe RG. Stat Med 2006;25:559-573.
    Riley RD et al. Stat Med 2021;40:4230-4251.
    """
    m, k = whole(events, "events", 1), whole(nonevents, "nonevents", 1)
    c = c_statistic if c_statistic == 0.5 else between(c_statistic, "the c-statistic", 0.5)
    se = c_statistic_se(m, k, c, variance)
    z = normal_quantile(level)
    low, high = c - z * se, c + z * se
    warnings: tuple[str, ...] = ()
    if low < 0.0 or high > 1.0:
        warnings = ("the interval leaves the range of a c-statistic and is cut: n is small",)
    return Plan(
        question=question,
        method="Wald interval of a c-statistic, variance of "
        + ("Hanley & McNeil" if variance == "hanley_mcneil" else "Newcombe (method 4)"),
        n=m + k,
        groups=(m, k),
        criterion="width at the given n",
        assumptions={"c_statistic": c, "level": level},
        expected={"se": se, "width": 2.0 * z * se},
        interval=Interval(max(low, 0.0), min(high, 1.0), level, "Wald"),
        warnings=warnings,
        reference=C_REFERENCES[variance],
    )


def c_statistic_se(
    events: float, nonevents: float, c_statistic: float, variance: CVariance = "newcombe"
) -> float:
    """Return the standard error of a c-statistic from the numbers of patients alone.

    Parameters
    ----------
    events, nonevents
        Above 0; expected numbers need not be whole.
    c_statistic, variance
        As in `c_statistic_precision`.

    Raises
    ------
    StatisticsError
        If the variance is unknown.
    """
    if variance not in C_REFERENCES:
        raise StatisticsError(f"variance is one of {', '.join(C_REFERENCES)}; found {variance!r}")
    c = c_statistic
    # chance that two events both exceed one nonevent, and one event exceeds two nonevents
    two_events, two_nonevents = c / (2.0 - c), 2.0 * c**2 / (1.0 + c)
    more_events, more_nonevents = events - 1.0, nonevents - 1.0
    if variance == "newcombe":
        more_events = more_nonevents = (events + nonevents) / 2.0 - 1.0
    square = (
        c * (1.0 - c) + more_events * (two_events - c**2) + more_nonevents * (two_nonevents - c**2)
    )
    return math.sqrt(square / (events * nonevents))
