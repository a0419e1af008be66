"""Summaries for the table of characteristics: counts, means, medians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.samples import numbers

Quantiles = Literal["weibull", "linear"]

QUANTILE_DEFINITIONS: dict[Quantiles, str] = {
    "weibull": "position (n + 1)p: type 6 of Hyndman & Fan 1996, SPSS's HAVERAGE",
    "linear": "position (n - 1)p + 1: type 7 of Hyndman & Fan 1996, the default of R and Excel",
}


@dataclass(frozen=True, slots=True)
class CountSummary:
    """How units are spread over categories.

    Parameters
    ----------
    n, n_missing
        Units with a known category, and without.
    counts
        Units in each category, in their order.
    percentages
        Of the units with a known category; None if there is none.
    """

    n: int
    n_missing: int
    counts: tuple[int, ...]
    percentages: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ValueSummary:
    """Where values lie and how they spread.

    Parameters
    ----------
    n, n_missing
        Units with a known value, and without.
    mean, sd
        SD with n - 1 in the denominator; None for fewer than two values.
    median, lower_quartile, upper_quartile
        By the quantile definition named.
    minimum, maximum
        The range.
    quantile_definition
        How quartiles were found, in words.
    """

    n: int
    n_missing: int
    mean: float | None
    sd: float | None
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    minimum: float | None
    maximum: float | None
    quantile_definition: str


def describe_counts(codes: ArrayLike, n_categories: int) -> CountSummary:
    """Count units and percentages per category.

    Parameters
    ----------
    codes
        One code per unit, 0 to `n_categories` less one; negative if missing.
    n_categories
        Number of categories, filled or not.

    Raises
    ------
    StatisticsError
        If a code is not a whole number or not below the number of categories.
    """
    x = np.asarray(codes)
    if x.ndim != 1 or (x.size and x.dtype.kind not in "iu"):
        raise StatisticsError("category codes are one list of whole numbers, -1 if missing")
    known = x[x >= 0].astype(np.intp)
    counts = np.bincount(known, minlength=n_categories)
    if len(counts) > n_categories:
        raise StatisticsError(
            f"category codes run from 0 to {n_categories - 1}; found {len(counts) - 1}"
        )
    n = len(known)
    return CountSummary(
        n=n,
        n_missing=len(x) - n,
        counts=tuple(int(count) for count in counts),
        percentages=tuple(100.0 * int(count) / n if n else None for count in counts),
    )


def describe_values(values: ArrayLike, *, quantiles: Quantiles = "weibull") -> ValueSummary:
    """Summarise values by mean and SD, median and quartiles, and range.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    quantiles
        "weibull" as SPSS, "linear" as R and Excel (`QUANTILE_DEFINITIONS`). The median is
        the same in both.

    Returns
    -------
    ValueSummary
        All None without a value; `sd` None for a single value.

    Raises
    ------
    StatisticsError
        If a value is infinite or not a number, or the quantile definition is unknown.

    References
    ----------
    Hyndman RJ, Fan Y. Am Stat 1996;50:361-365.
    """
    if quantiles not in QUANTILE_DEFINITIONS:
        raise StatisticsError(
            f"quantiles are one of {', '.join(QUANTILE_DEFINITIONS)}; found {quantiles!r}"
        )
    x = numbers(values, "values")
    known = x[~np.isnan(x)]
    n = len(known)
    definition = QUANTILE_DEFINITIONS[quantiles]
    if n == 0:
        return ValueSummary(0, len(x), None, None, None, None, None, None, None, definition)
    low, high = float(known.min()), float(known.max())
    quarters = np.quantile(known, (0.25, 0.5, 0.75), method=quantiles)
    constant = low == high
    return ValueSummary(
        n=n,
        n_missing=len(x) - n,
        mean=low if constant else float(known.mean()),
        sd=None if n < 2 else 0.0 if constant else float(known.std(ddof=1)),
        median=float(quarters[1]),
        lower_quartile=float(quarters[0]),
        upper_quartile=float(quarters[2]),
        minimum=low,
        maximum=high,
        quantile_definition=definition,
    )
