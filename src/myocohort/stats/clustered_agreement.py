"""Agreement of two raters who read several units of each patient: intervals by the patient.

Muscle-sides of one patient are not independent: the usual standard errors, which count each of
them as a subject of its own, are too small. Here the estimate stays as it is, and its standard
error is the jackknife's that leaves out one patient (cluster) at a time.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.icc import IccResult, icc
from myocohort.stats.kappa import KappaResult, cohen_kappa
from myocohort.stats.ratings import Weights, agreement_weights, graded, rating_array, within_one
from myocohort.stats.result import Interval

FEWEST = 3
FEW = 10
"""Clusters below which the jackknife's interval is said to be rough. A project default."""
METHOD = "jackknife over {n} patients, t with {df} degrees of freedom"
REFERENCE = "Miller RG. Biometrika 1974;61:1-15; Fleiss JL, Davies M. Am J Epidemiol 1982;115:841-5"
AS_IF_INDEPENDENT = "no p: it would take readings of one patient as independent"


def clustered_kappa(
    ratings: ArrayLike,
    clusters: Sequence[Hashable],
    categories: Sequence[float],
    *,
    weights: Weights = "unweighted",
    level: float = 0.95,
) -> KappaResult:
    """Return Cohen's kappa with an interval that leaves out one cluster at a time.

    Parameters
    ----------
    ratings
        Shape (units, 2), NaN where missing.
    clusters
        The patient of each unit.
    categories, weights, level
        As for `cohen_kappa`.

    Raises
    ------
    StatisticsError
        As `cohen_kappa` does, or if there are not as many clusters as units.
    """
    result = cohen_kappa(ratings, categories, weights=weights, level=level)
    grades = graded(ratings, categories, raters=2)
    both = np.asarray((grades.codes >= 0).all(axis=1), dtype=np.bool_)
    codes, counts = _clusters(clusters, both)
    result = replace(
        result, se=None, interval=None, se_if_chance=None, p_if_chance=None,
        warnings=(*_own(result.warnings), AS_IF_INDEPENDENT),
        reference=f"{result.reference}; {REFERENCE}",
    )  # fmt: skip
    if result.estimate is None:
        return result
    q = len(grades.categories)
    cells = grades.codes[both, 0] * q + grades.codes[both, 1]
    tables = np.zeros((counts, q * q))
    np.add.at(tables, (codes, cells), 1.0)
    left = (tables.sum(axis=0) - tables).reshape(counts, q, q)
    found = _kappas(left, agreement_weights(weights, q))
    se, interval, warnings = _jackknife(result.estimate, found, level)
    return replace(result, se=se, interval=interval, warnings=(*result.warnings, *warnings))


def clustered_icc(
    ratings: ArrayLike, clusters: Sequence[Hashable], *, level: float = 0.95
) -> IccResult:
    """Return ICC(2,1) of two raters with an interval that leaves out one cluster at a time.

    Parameters
    ----------
    ratings
        Shape (units, 2), NaN where missing.
    clusters
        The patient of each unit.
    level
        Coverage of the interval.

    Raises
    ------
    StatisticsError
        As `icc` does, or if there are not two raters or not as many clusters as units.
    """
    x = rating_array(ratings, raters=2)
    result = icc(x, "2,1", level=level)
    both = np.asarray(~np.isnan(x).any(axis=1), dtype=np.bool_)
    codes, counts = _clusters(clusters, both)
    result = replace(
        result, interval=None, p=None, statistic=None, statistic_name=None, df=None,
        df_within=None, warnings=(*_own(result.warnings), AS_IF_INDEPENDENT),
        reference=f"{result.reference}; {REFERENCE}",
    )  # fmt: skip
    if result.estimate is None:
        return result
    first, second = (x[both] - x[both].mean()).T
    terms = np.column_stack(
        [np.ones(len(first)), first, second, first**2, second**2, first * second]
    )
    sums = np.zeros((counts, terms.shape[1]))
    np.add.at(sums, codes, terms)
    found = _iccs(sums.sum(axis=0) - sums)
    se, interval, warnings = _jackknife(result.estimate, found, level)
    return replace(result, se=se, interval=interval, warnings=(*result.warnings, *warnings))


def _own(warnings: Sequence[str]) -> list[str]:
    """Leave out what is said of the interval that is not used here."""
    return [one for one in warnings if not one.startswith("no interval")]


def _clusters(
    clusters: Sequence[Hashable], used: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], int]:
    """Return the number, from 0, of the cluster of each unit that enters, and how many."""
    if len(clusters) != len(used):
        raise StatisticsError(
            f"each unit belongs to one patient; found {len(clusters)} patients of {len(used)} units"
        )
    places: dict[Hashable, int] = {}
    entering = [name for name, enters in zip(clusters, used, strict=True) if enters]
    codes = [places.setdefault(name, len(places)) for name in entering]
    return np.array(codes, dtype=np.intp), len(places)


def _kappas(tables: NDArray[np.float64], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return kappa of each table, shape (tables, q, q); NaN where chance explains all."""
    sizes = tables.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = tables / sizes[:, None, None]
        observed = (w * shares).sum(axis=(1, 2))
        rows, columns = shares.sum(axis=2), shares.sum(axis=1)
        expected = np.einsum("ti,ij,tj->t", rows, w, columns)
        found: NDArray[np.float64] = (observed - expected) / (1.0 - expected)
    return np.where(1.0 - expected > 1e-12, found, np.nan)


def _iccs(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ICC(2,1) of two raters from n and sums of x, y, xx, yy, xy of centred readings."""
    n, x, y, xx, yy, xy = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (x + y) / (2 * n)
        between = 2 * ((xx + 2 * xy + yy) / 4 - n * centre**2)
        raters = n * ((x / n - centre) ** 2 + (y / n - centre) ** 2)
        error = (xx + yy - 2 * n * centre**2 - between - raters) / (n - 1)
        subjects = between / (n - 1)
        bottom = subjects + error + 2 * (raters - error) / n
        found: NDArray[np.float64] = (subjects - error) / bottom
    return np.where((n > 1) & (bottom > 0), found, np.nan)


def _jackknife(
    estimate: float, left_out: NDArray[np.float64], level: float
) -> tuple[float | None, Interval | None, tuple[str, ...]]:
    """Return standard error and interval from the estimates without each cluster."""
    n = len(left_out)
    if n < FEWEST:
        reason = f"no interval: {n} patient{'s' if n > 1 else ''}, at least {FEWEST} are needed"
        return None, None, (reason,)
    if np.isnan(left_out).any():
        return None, None, ("no interval: without one of the patients there is no estimate",)
    variance = (n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum())
    if variance <= 1e-24:
        reason = "no interval: it is the same without each of the patients, which proves nothing"
        return None, None, (reason,)
    se = math.sqrt(variance)
    method = METHOD.format(n=n, df=n - 1)
    interval, _ = within_one(estimate, se, level, n - 1.0, method)
    few = (f"the interval rests on {n} patients only, and is rough",) if n < FEW else ()
    return se, interval, few
