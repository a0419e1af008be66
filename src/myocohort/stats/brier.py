"""The Brier score of predicted risks."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from myocohort.stats.calibration import outcomes_and_risks
from myocohort.stats.result import Result

QUESTION = "How far are the predicted risks from what happened?"
METHOD = "Brier score (mean squared difference of risk and outcome)"
REFERENCE = "Brier GW. Mon Weather Rev 1950;78:1-3; Steyerberg EW. Epidemiology 2010;21:128-138"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierScore(Result):
    """The Brier score: 0 for perfect risks; it has no interval and no p here.

    Parameters
    ----------
    uninformed
        The score if everybody were given the share with the outcome as risk.
    scaled
        1 - score / uninformed: 1 for perfect risks, 0 and below for useless ones.
    """

    uninformed: float
    scaled: float


def brier_score(y: ArrayLike, risk: ArrayLike, *, question: str = QUESTION) -> BrierScore:
    """Measure how far predicted risks are from the outcomes.

    Parameters
    ----------
    y
        Outcome, 0 or 1, NaN if missing.
    risk
        Predicted risk from 0 to 1, NaN if missing.
    question
        What is asked, in words.

    Raises
    ------
    StatisticsError
        If lengths differ, a risk is out of range, or the outcome is not 0 or 1, or the same
        in all.

    References
    ----------
    Brier GW. Mon Weather Rev 1950;78:1-3. Steyerberg EW et al. Epidemiology 2010;21:128-138.
    """
    outcome, table, n_missing = outcomes_and_risks(y, [risk])
    score = float(((table[:, 0] - outcome) ** 2).mean())
    share = float(outcome.mean())
    uninformed = share * (1.0 - share)
    left_out = f"{n_missing} left out because outcome or risk is missing; {len(outcome)} entered"
    return BrierScore(
        question=question,
        method=METHOD,
        n=len(outcome),
        n_missing=n_missing,
        estimate=score,
        estimate_name="Brier score",
        warnings=(left_out,) if n_missing else (),
        reference=REFERENCE,
        uninformed=uninformed,
        scaled=1.0 - score / uninformed,
    )
