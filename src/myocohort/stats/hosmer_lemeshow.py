"""The Hosmer-Lemeshow test of a logistic model against the data that it was fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.calibration import outcomes_and_risks
from myocohort.stats.design import FloatArray
from myocohort.stats.p_values import from_chi_square
from myocohort.stats.result import Result

QUESTION = "Are there as many events as the model says, at low and at high risk?"
REFERENCE = "Hosmer DW, Lemeshow S. Commun Stat Theory Methods 1980;9:1043-1069"
SMALLEST_EXPECTED = 1.0
EXPECTED = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskStratum:
    """Patients between two quantiles of predicted risk.

    Parameters
    ----------
    high
        The largest risk in it.
    n
        Patients.
    observed, expected
        Events, and the sum of predicted risks.
    """

    high: float
    n: int
    observed: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HosmerLemeshow(Result):
    """The test and the groups that it compares."""

    groups: tuple[RiskStratum, ...]


def hosmer_lemeshow(
    y: ArrayLike, risk: ArrayLike, *, groups: int = 10, question: str = QUESTION
) -> HosmerLemeshow:
    """Compare observed and expected events in groups of similar predicted risk.

    The groups lie between quantiles of the risk (R's type 7); equal risks stay together, so
    that fewer groups may result than were asked for. Degrees of freedom are the groups less
    2, which holds for risks fitted to these data by maximum likelihood.

    Parameters
    ----------
    y
        Outcome, 0 or 1, NaN if missing.
    risk
        Risk fitted to the same patients, NaN if missing.
    groups
        How many groups are asked for, at least 3.
    question
        What is asked, in words.

    Returns
    -------
    HosmerLemeshow
        `statistic`, `df` and `p` are None, with a warning, where the test means nothing:
        fewer than 3 groups, or less than one event or one non-event expected in a group.
        Expected numbers below 5 bring a warning.

    Raises
    ------
    StatisticsError
        If lengths differ, a risk is out of range, the outcome is not 0 or 1 or the same in
        all, or fewer than 3 groups are asked for.

    References
    ----------
    Hosmer DW, Lemeshow S. Commun Stat Theory Methods 1980;9:1043-1069. Hosmer DW, Lemeshow S,
    Sturdivant RX. Applied logistic regression, 3rd ed. Wiley 2013, section 5.2.2.
    """
    if isinstance(groups, bool) or not isinstance(groups, int | np.integer) or groups < 3:
        raise StatisticsError(f"groups is a whole number of at least 3; found {groups!r}")
    outcome, table, n_missing = outcomes_and_risks(y, [risk])
    strata = _strata(outcome, table[:, 0], int(groups))
    expected = np.array([(group.expected, group.n - group.expected) for group in strata])
    warnings = []
    if n_missing:
        warnings.append(
            f"{n_missing} left out because outcome or risk is missing; {len(outcome)} entered"
        )
    statistic = None
    if len(strata) < 3:
        warnings.append(
            f"not computed: the risks fall into {len(strata)} groups only, and the test needs 3"
        )
    elif expected.min() < SMALLEST_EXPECTED:
        warnings.append(
            f"not computed: in one of {len(strata)} groups {expected.min():.2g} events or others "
            f"are expected, and below 1 the chi-square distribution does not hold. Ask for fewer "
            f"groups, or use a calibration curve"
        )
    else:
        observed = np.array([group.observed for group in strata])
        n = expected.sum(axis=1)
        statistic = float(((observed - expected[:, 0]) ** 2 * n / expected.prod(axis=1)).sum())
        few = int((expected < EXPECTED).sum())
        if few:
            warnings.append(
                f"{few} of {expected.size} expected numbers are below 5 (smallest "
                f"{expected.min():.2g}), so that p is rough"
            )
    return HosmerLemeshow(
        question=question,
        method=f"Hosmer-Lemeshow test with {len(strata)} groups between quantiles of risk",
        n=len(outcome),
        n_missing=n_missing,
        statistic=statistic,
        statistic_name=None if statistic is None else "chi-square",
        df=None if statistic is None else len(strata) - 2,
        p=None if statistic is None else from_chi_square(statistic, len(strata) - 2),
        warnings=tuple(warnings),
        reference=REFERENCE,
        groups=strata,
    )


def _strata(outcome: FloatArray, risk: FloatArray, groups: int) -> tuple[RiskStratum, ...]:
    ordered = np.sort(risk)
    last = len(ordered) - 1
    # whole numbers, so that a quantile that is a patient's risk is exactly that
    place, part = np.divmod(np.arange(1, groups) * last, groups)
    above = ordered[np.minimum(place + 1, last)]
    cuts = ordered[place] + part / groups * (above - ordered[place])
    group = np.searchsorted(np.unique(cuts), risk)
    strata = []
    for number in np.unique(group):
        inside = group == number
        strata.append(
            RiskStratum(
                high=float(risk[inside].max()),
                n=int(inside.sum()),
                observed=int(outcome[inside].sum()),
                expected=float(risk[inside].sum()),
            )
        )
    return tuple(strata)
