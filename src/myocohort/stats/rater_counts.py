"""How many raters put each subject in each category: what Fleiss and Gwet start from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.stats.p_values import normal_quantile
from myocohort.stats.ratings import (
    ALL_MISSING,
    NO_SPREAD,
    AgreementResult,
    Grades,
    Weights,
    agreement_weights,
    graded,
    within_one,
)

NO_VARIATION = "no coefficient: every reading is the same, so chance alone explains it all"
VARIANCE = "linearised variance over subjects (Gwet), Student's t"


@dataclass(frozen=True, slots=True)
class RaterCounts:
    """Subjects with at least one reading.

    Parameters
    ----------
    counts
        Shape (subjects, categories): raters who chose the category.
    raters_per_subject
        At least 1.
    shares
        Mean over subjects of the share of raters who chose each category.
    """

    counts: NDArray[np.float64]
    raters_per_subject: NDArray[np.float64]
    shares: NDArray[np.float64]


# weights and counts in; chance agreement, and its contribution by each subject, out
Chance = Callable[[NDArray[np.float64], RaterCounts], tuple[float, NDArray[np.float64]]]


def coefficient(
    ratings: ArrayLike,
    categories: Sequence[float],
    chance: Chance,
    *,
    weights: Weights,
    level: float,
    question: str,
    name: str,
    reference: str,
) -> AgreementResult:
    """Return (observed - chance) / (1 - chance) with its linearised variance.

    A subject with one reading counts in the shares of the categories, not in the observed
    agreement (Gwet 2014, chapters 2, 3 and 5).
    """
    normal_quantile(level)  # refuses an impossible level
    grades = graded(ratings, categories)
    weight = agreement_weights(weights, len(grades.categories))
    data, unread = _tally(grades)
    readings = data.raters_per_subject
    common: dict[str, Any] = {
        "question": question,
        "method": name if weights == "unweighted" else f"{name}, {weights} weights",
        "n": len(readings),
        "n_missing": unread,
        "raters": grades.codes.shape[1],
        "ratings": int(readings.sum()),
        "categories": grades.categories,
        "reference": reference,
    }
    compared = readings > 1
    if not compared.any():
        return AgreementResult(**common, warnings=(ALL_MISSING,))
    alone = int((~compared).sum())
    warnings = (
        f"{alone} of {len(readings)} subjects have a single reading: it counts in the shares "
        "of the grades, not in the agreement",
    )[: bool(alone)]
    pairwise = _pairwise_agreement(weight, data)
    observed = float(pairwise[compared].mean())
    expected, expected_by_subject = chance(weight, data)
    room = 1.0 - expected
    if room < 1e-12:
        return AgreementResult(
            **common,
            observed_agreement=observed,
            expected_agreement=1.0,
            warnings=(*warnings, NO_VARIATION),
        )
    estimate = (observed - expected) / room
    common |= {
        "estimate": estimate,
        "estimate_name": common["method"],
        "observed_agreement": observed,
        "expected_agreement": expected,
    }
    # One value a subject whose mean is the estimate, to first order in both agreements.
    upweight = len(readings) / int(compared.sum())
    linear = np.where(compared, upweight * (pairwise - expected), 0.0)
    linear -= 2.0 * (1.0 - estimate) * (expected_by_subject - expected)
    se = _standard_error(linear / room - estimate)
    if se is None:
        return AgreementResult(**common, warnings=(*warnings, NO_SPREAD))
    df = len(readings) - 1
    limits, p = within_one(estimate, se, level, df, VARIANCE)
    return AgreementResult(
        **common,
        statistic=estimate / se,
        statistic_name="t",
        df=float(df),
        se=se,
        interval=limits,
        p=p,
        warnings=warnings,
    )


def _tally(grades: Grades) -> tuple[RaterCounts, int]:
    """Count each subject's readings by category; also how many subjects have none."""
    chosen = np.stack(
        [(grades.codes == code).sum(axis=1) for code in range(len(grades.categories))], axis=1
    ).astype(np.float64)
    has_any = chosen.any(axis=1)
    chosen = chosen[has_any]
    readings = chosen.sum(axis=1)
    shares = (chosen / readings[:, np.newaxis]).sum(axis=0) / max(len(readings), 1)
    return RaterCounts(chosen, readings, shares), int((~has_any).sum())


def _pairwise_agreement(weight: NDArray[np.float64], data: RaterCounts) -> NDArray[np.float64]:
    """Mean weight of a subject's pairs of readings; 0 for a subject with one reading."""
    r = data.raters_per_subject
    # Each reading meets all readings of its subject, itself included with weight 1.
    met: NDArray[np.float64] = np.einsum("ik,kl,il->i", data.counts, weight, data.counts) - r
    agreement: NDArray[np.float64] = np.divide(
        met, r * (r - 1.0), out=np.zeros_like(r), where=r > 1
    )
    return agreement


def _standard_error(residuals: NDArray[np.float64]) -> float | None:
    """Return the standard error of a mean from its residuals; None where they do not vary."""
    n = len(residuals)
    squares = float(np.dot(residuals, residuals))
    return None if n < 2 or squares < 1e-20 else math.sqrt(squares / (n * (n - 1)))
