"""Fleiss' kappa: agreement of two or more raters, not always the same ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.stats.rater_counts import RaterCounts, coefficient
from myocohort.stats.ratings import AgreementResult, Weights

QUESTION = "How far do the raters agree beyond chance?"
REFERENCE = (
    "Fleiss JL. Psychol Bull 1971;76:378-382; missing readings, weights and variance: "
    "Gwet KL. Handbook of Inter-Rater Reliability, 4th ed. 2014"
)


def fleiss_kappa(
    ratings: ArrayLike,
    categories: Sequence[float],
    *,
    weights: Weights = "unweighted",
    level: float = 0.95,
    question: str = QUESTION,
) -> AgreementResult:
    """Measure agreement where chance is what the pooled shares of the grades give.

    Parameters
    ----------
    ratings
        Shape (subjects, raters), NaN where missing.
    categories
        The scale's full list of grades, in order.
    weights
        "unweighted", or "linear" or "quadratic" in the grades' positions.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    AgreementResult
        Estimate at most 1, its interval and p by the linearised variance over
        subjects with Student's t, `n` - 1 degrees of freedom. No estimate, with a warning,
        if all readings are the same; no interval if the variance is 0.

    Raises
    ------
    StatisticsError
        If the table has fewer than two raters or a reading is not on the scale.

    References
    ----------
    Fleiss JL. Psychol Bull 1971;76:378-382. Gwet KL. Handbook of Inter-Rater Reliability,
    4th ed., 2014.
    """
    return coefficient(
        ratings,
        categories,
        _chance,
        weights=weights,
        level=level,
        question=question,
        name="Fleiss' kappa",
        reference=REFERENCE,
    )


def _chance(w: NDArray[np.float64], data: RaterCounts) -> tuple[float, NDArray[np.float64]]:
    agreed_with = w @ data.shares  # weights are symmetric
    of_subject = (data.counts @ agreed_with) / data.raters_per_subject
    return float(data.shares @ agreed_with), of_subject
