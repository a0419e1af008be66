"""Krippendorff's alpha: any number of raters, any scale, readings may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.ratings import ALL_MISSING, AgreementResult, graded, rating_array
from myocohort.stats.result import Interval

Metric = Literal["nominal", "ordinal", "interval", "ratio"]

QUESTION = "How far do the raters agree beyond chance?"
REFERENCE = "Krippendorff K. Content Analysis, 3rd ed. 2013, chapter 12"
NO_P = "no p: the bootstrap gives an interval, not a test"
MOST_VALUES = 2_500  # distinct values in a table of coincidences
AT_A_TIME = 250  # resamples held in memory together


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaResult(AgreementResult):
    """Krippendorff's alpha.

    Parameters
    ----------
    observed_disagreement, expected_disagreement
        In the squared unit of the metric; alpha is 1 less their ratio.
    seed, resamples, resamples_without_alpha
        Of the bootstrap; a resample in which nothing varies has no alpha.
    """

    observed_disagreement: float | None = None
    expected_disagreement: float | None = None
    seed: int
    resamples: int
    resamples_without_alpha: int = 0


@dataclass(frozen=True, slots=True)
class _Units:
    """Subjects with two or more readings.

    counts has shape (units, distinct values), readings shape (units,).
    """

    counts: NDArray[np.float64]
    readings: NDArray[np.float64]
    values: NDArray[np.float64]


def krippendorff_alpha(
    ratings: ArrayLike,
    metric: Metric,
    *,
    categories: Sequence[float] | None = None,
    resamples: int = 2_000,
    seed: int = 1,
    level: float = 0.95,
    question: str = QUESTION,
) -> AlphaResult:
    """Measure agreement as 1 less the ratio of observed to expected disagreement.

    Parameters
    ----------
    ratings
        Shape (subjects, raters), NaN where missing.
    metric
        What a disagreement weighs: "nominal" all the same; "ordinal" the square of the
        number of readings that lie between (half of those tied); "interval" the square of
        the difference; "ratio" the square of the difference over the sum.
    categories
        The scale's full list of grades, to check the readings against; for "ordinal" it
        must be in ascending order. Grades that nobody used have no part in alpha.
    resamples, seed
        Of the bootstrap over subjects.
    level
        Coverage of the interval.
    question
        What is asked, in words.

    Returns
    -------
    AlphaResult
        Estimate at most 1 with a percentile bootstrap interval (order statistics at
        (B + 1)p); never a p. `n` are the subjects with at least two readings. No estimate,
        with a warning, if no value varies; no interval for fewer than 3 subjects, if
        nobody disagrees, or if half of the resamples have no alpha.

    Raises
    ------
    StatisticsError
        If a reading is not on the scale, is negative with the ratio metric, or there are
        more than 2,500 different values (interval excepted).

    References
    ----------
    Krippendorff K. Content Analysis, 3rd ed., 2013, chapter 12.
    """
    normal_quantile(level)  # refuses an impossible level
    if metric not in get_args(Metric):
        raise StatisticsError(f"metric is one of {', '.join(get_args(Metric))}; found {metric!r}")
    if resamples < 100:
        raise StatisticsError(f"a bootstrap takes at least 100 resamples; found {resamples}")
    x = rating_array(ratings)
    scale: tuple[float, ...] = ()
    if categories is not None:
        scale = graded(x, categories).categories
        if metric == "ordinal" and list(scale) != sorted(scale):
            raise StatisticsError(
                "ordinal alpha takes the grades by size. Give them in ascending order; "
                f"found {list(scale)}"
            )
    if metric == "ratio" and (x < 0).any():
        raise StatisticsError(
            f"the ratio metric needs values of at least 0; found {np.nanmin(x):g}. "
            "Use the interval metric"
        )
    paired = np.count_nonzero(~np.isnan(x), axis=1) >= 2
    used = x[paired]
    n = len(used)
    common: dict[str, Any] = {
        "question": question,
        "method": f"Krippendorff's alpha, {metric}",
        "n": n,
        "n_missing": len(x) - n,
        "raters": x.shape[1],
        "ratings": int(np.count_nonzero(~np.isnan(used))),
        "categories": scale,
        "reference": REFERENCE,
        "seed": seed,
        "resamples": resamples,
    }
    if not n:
        return AlphaResult(warnings=(ALL_MISSING,), **common)
    units = _units(used, metric)
    observed, expected = (float(part[0]) for part in _disagreement(units, metric, np.ones((1, n))))
    if expected <= 0.0:
        reason = "no alpha: every reading is the same, so nothing shows that raters can differ"
        return AlphaResult(warnings=(reason,), **common)
    estimate = 1.0 - observed / expected
    interval, lost, warnings = _bootstrap(units, metric, resamples, seed, level, observed)
    return AlphaResult(
        estimate=estimate,
        estimate_name=common["method"],
        interval=interval,
        observed_disagreement=observed,
        expected_disagreement=expected,
        resamples_without_alpha=lost,
        warnings=warnings,
        **common,
    )


def _units(x: NDArray[np.float64], metric: Metric) -> _Units:
    known = ~np.isnan(x)
    readings = known.sum(axis=1).astype(np.float64)
    values, codes = np.unique(x[known], return_inverse=True)
    if metric == "interval":
        values = values - values.mean()  # so that squares lose no digits
        scores = np.zeros_like(x)
        scores[known] = values[codes]
        return _Units(scores, readings, values)  # scores, not counts: see _disagreement
    if len(values) > MOST_VALUES:
        raise StatisticsError(
            f"{metric} alpha takes at most {MOST_VALUES:,} different values; "
            f"found {len(values):,}. Use the interval metric"
        )
    counts = np.zeros((len(x), len(values)))
    np.add.at(counts, (np.nonzero(known)[0], codes), 1.0)
    return _Units(counts, readings, values)


def _disagreement(
    units: _Units, metric: Metric, times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return observed and expected disagreement of resamples.

    `times` has shape (resamples, units): how often each unit was drawn. Sums run over
    ordered pairs of readings, within a unit for the observed and of all units together
    for the expected.
    """
    m = units.readings
    total = times @ m
    if metric == "interval":
        sums, squares = units.counts.sum(axis=1), (units.counts**2).sum(axis=1)
        within = times @ (2.0 * (m * squares - sums**2) / (m - 1.0))
        between = 2.0 * (total * (times @ squares) - (times @ sums) ** 2)
    elif metric == "ordinal":
        marginals = times @ units.counts
        middles = np.cumsum(marginals, axis=1) - marginals / 2.0
        middles -= total[:, None] / 2.0
        sums, squares = middles @ units.counts.T, middles**2 @ units.counts.T
        within = (times * 2.0 * (m * squares - sums**2) / (m - 1.0)).sum(axis=1)
        between = 2.0 * (
            total * (marginals * middles**2).sum(axis=1) - (marginals * middles).sum(axis=1) ** 2
        )
    else:
        distance = _distance(units.values, metric)
        marginals = times @ units.counts
        within = times @ (((units.counts @ distance) * units.counts).sum(axis=1) / (m - 1.0))
        between = ((marginals @ distance) * marginals).sum(axis=1)
    observed = np.maximum(within, 0.0) / total
    expected = np.maximum(between, 0.0) / (total * (total - 1.0))
    # what rounding leaves of a difference of equal numbers is no disagreement
    scale = float(np.ptp(units.values)) if metric == "interval" else 1.0
    expected[expected <= 1e-13 * scale**2] = 0.0
    return observed, expected


def _distance(values: NDArray[np.float64], metric: Metric) -> NDArray[np.float64]:
    if metric == "nominal":
        return 1.0 - np.eye(len(values))
    total = values[:, None] + values[None, :]
    difference = values[:, None] - values[None, :]
    ratio: NDArray[np.float64] = difference / np.where(total > 0, total, 1.0)
    return ratio**2


def _bootstrap(
    units: _Units, metric: Metric, resamples: int, seed: int, level: float, observed: float
) -> tuple[Interval | None, int, tuple[str, ...]]:
    n = len(units.readings)
    if n < 3:
        return None, 0, (f"no interval: {n} subjects are too few to be resampled", NO_P)
    if observed == 0.0:
        reason = "no interval: nobody disagrees, so every resample gives the same alpha"
        return None, 0, (reason, NO_P)
    rng = np.random.default_rng(seed)
    found = []
    for start in range(0, resamples, AT_A_TIME):
        size = min(AT_A_TIME, resamples - start)
        times = rng.multinomial(n, np.full(n, 1.0 / n), size=size).astype(np.float64)
        seen, expected = _disagreement(units, metric, times)
        varied = expected > 0.0
        found.append(1.0 - seen[varied] / expected[varied])
    alphas = np.concatenate(found)
    lost = resamples - len(alphas)
    warnings: list[str] = []
    if lost:
        warnings.append(
            f"{lost} of {resamples} resamples have no alpha because nothing varies in them; "
            "the interval rests on the others"
        )
    if n < 20:
        warnings.append(f"the bootstrap of {n} subjects gives intervals that are too narrow")
    warnings.append(NO_P)
    if lost * 2 >= resamples:
        warnings.append("no interval: half of the resamples or more have no alpha")
        return None, lost, tuple(warnings)
    low, high = np.quantile(alphas, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    method = f"percentile bootstrap over subjects, {resamples:,} resamples, seed {seed}"
    return Interval(float(low), float(high), level, method), lost, tuple(warnings)
