"""The c-statistic (area under the ROC curve) of predicted risks, with DeLong's interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from myocohort.stats.calibration import outcomes_and_risks
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.result import Interval, Result

QUESTION = "Do those with the outcome have higher predicted risks than those without?"
METHOD = "c-statistic (area under the ROC curve; ties count one half), DeLong's interval"
REFERENCE = "DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845"


def c_statistic(
    y: ArrayLike, risk: ArrayLike, *, level: float = 0.95, question: str = QUESTION
) -> Result:
    """Estimate how often, of two patients, the one with the outcome has the higher risk.

    Parameters
    ----------
    y
        Outcome, 0 or 1, NaN if missing.
    risk
        Predicted risk from 0 to 1, NaN if missing.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    Result
        The estimate lies between 0 and 1, and the interval is cut off there. It is missing,
        with a warning, where fewer than two patients have, or have not, the outcome, and
        where risks separate the outcomes, so that DeLong's variance is 0. There is no p.

    Raises
    ------
    StatisticsError
        If lengths differ, a risk is out of range, or the outcome is not 0 or 1, or the same
        in all.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845.
    """
    z = normal_quantile(level)
    outcome, table, n_missing = outcomes_and_risks(y, [risk])
    cases, others = table[outcome == 1, 0], table[outcome == 0, 0]
    # from ranks among all and among the own kind: for each patient, the share of those of the
    # other kind that are rightly ordered with it
    ranks = rankdata(np.concatenate((cases, others)))
    of_cases = (ranks[: len(cases)] - rankdata(cases)) / len(others)
    of_others = 1.0 - (ranks[len(cases) :] - rankdata(others)) / len(cases)
    c = float(of_cases.mean())
    warnings = []
    interval = None
    if n_missing:
        warnings.append(
            f"{n_missing} left out because outcome or risk is missing; {len(outcome)} entered"
        )
    if min(len(cases), len(others)) < 2:
        warnings.append(
            f"no interval: DeLong's variance needs two patients with and two without the outcome; "
            f"found {len(cases)} and {len(others)}"
        )
    else:
        variance = of_cases.var(ddof=1) / len(cases) + of_others.var(ddof=1) / len(others)
        if variance > 0.0:
            margin = z * math.sqrt(variance)
            interval = Interval(max(0.0, c - margin), min(1.0, c + margin), level, "DeLong")
        else:
            warnings.append(
                f"no interval: every patient orders all others alike (c = {c:g}), so that "
                f"DeLong's variance is 0, which does not mean certainty"
            )
    return Result(
        question=question,
        method=METHOD,
        n=len(outcome),
        n_missing=n_missing,
        estimate=c,
        estimate_name="c-statistic",
        interval=interval,
        warnings=tuple(warnings),
        reference=REFERENCE,
    )
