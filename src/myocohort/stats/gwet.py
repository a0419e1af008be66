"""Gwet's AC1 and AC2: agreement that does not collapse where one grade prevails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.stats.rater_counts import RaterCounts, coefficient
from myocohort.stats.ratings import AgreementResult

QUESTION = "How far do the raters agree beyond chance?"
REFERENCE = (
    "Gwet KL. Br J Math Stat Psychol 2008;61:29-48; "
    "Gwet KL. Handbook of Inter-Rater Reliability, 4th ed. 2014"
)


def gwet_ac1(
    ratings: ArrayLike,
    categories: Sequence[float],
    *,
    level: float = 0.95,
    question: str = QUESTION,
) -> AgreementResult:
    """Measure agreement of grades without an order (AC1).

    Parameters
    ----------
    ratings
        Shape (subjects, raters), NaN where missing.
    categories
        The scale's full list of grades; unused ones lower the agreement due to chance.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    AgreementResult
        Estimate at most 1, its interval and p by the linearised variance over subjects
        with Student's t, `n` - 1 degrees of freedom; no interval, with a warning, if the
        variance is 0.

    Raises
    ------
    StatisticsError
        If the table has fewer than two raters or a reading is not on the scale.

    References
    ----------
    Gwet KL. Br J Math Stat Psychol 2008;61:29-48.
    """
    return coefficient(
        ratings,
        categories,
        _chance,
        weights="unweighted",
        level=level,
        question=question,
        name="Gwet's AC1",
        reference=REFERENCE,
    )


def gwet_ac2(
    ratings: ArrayLike,
    categories: Sequence[float],
    *,
    weights: Literal["linear", "quadratic"] = "quadratic",
    level: float = 0.95,
    question: str = QUESTION,
) -> AgreementResult:
    """Measure agreement of ordered grades (AC2), weighted by their positions in the scale.

    Other parameters, result and errors are those of `gwet_ac1`.

    References
    ----------
    Gwet KL. Handbook of Inter-Rater Reliability, 4th ed., 2014, chapter 3.
    """
    return coefficient(
        ratings,
        categories,
        _chance,
        weights=weights,
        level=level,
        question=question,
        name="Gwet's AC2",
        reference=REFERENCE,
    )


def _chance(w: NDArray[np.float64], data: RaterCounts) -> tuple[float, NDArray[np.float64]]:
    n_categories = len(w)
    factor = float(w.sum()) / (n_categories * (n_categories - 1))
    rest = 1.0 - data.shares
    of_subject = factor * (data.counts @ rest) / data.raters_per_subject
    return factor * float(data.shares @ rest), of_subject
