"""The terms of a regression in imputed data: their columns, tests, and pooled estimates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray, make_design
from myocohort.stats.incomplete import Column
from myocohort.stats.likelihood import maximise, penalised_log_likelihood
from myocohort.stats.logistic import fit_ml
from myocohort.stats.pooling import pool_estimates
from myocohort.stats.result import Interval, ModelResult
from myocohort.stats.terms import odds_ratio, odds_ratio_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputedTerm:
    """One coefficient, pooled over the imputed sets.

    Parameters
    ----------
    name
        The term; a category is named "variable=category".
    b, se, odds_ratio
        Pooled log odds ratio, its standard error, and exp(b). Where maximum likelihood has
        an infinite estimate in some set there is no SE; b is infinite if it is so in every
        set with the same sign, and None otherwise.
    ci, p
        "wald" only: of the odds ratio, from t with `df`; None without a standard error.
    df, fraction_missing_information, relative_increase, within, between
        See `PooledEstimate`; None without a standard error.
    infinite_in
        Imputed sets in which the estimate is infinite.
    lowest, highest
        The extreme estimates of b among the imputed sets.
    """

    name: str
    b: float | None
    se: float | None
    odds_ratio: float | None
    ci: Mapping[str, Interval | None]
    p: Mapping[str, float | None]
    df: float | None = None
    fraction_missing_information: float | None = None
    relative_increase: float | None = None
    within: float | None = None
    between: float | None = None
    infinite_in: int
    lowest: float
    highest: float


def term_labels(column: Column) -> tuple[str, ...]:
    """Return the names of the columns that a variable enters a model with."""
    if column.kind == "numeric" or _is_number_pair(column):
        return (column.name,)
    return tuple(f"{column.name}={level}" for level in column.levels[1:])


def _is_number_pair(column: Column) -> bool:
    """Say whether a binary column was numbers, which stay as they are."""
    if column.kind != "binary" or len(column.levels) != 2:
        return False
    try:
        return all(math.isfinite(float(level)) for level in column.levels)
    except ValueError:
        return False


def term_columns(column: Column, values: FloatArray) -> FloatArray:
    """Return the columns that a variable enters a model with, shape (rows, labels).

    Numbers stay as they are, also where there are only two; the first category of text is
    the reference.
    """
    if column.kind == "numeric":
        return values[:, np.newaxis]
    if _is_number_pair(column):
        low, high = (float(level) for level in column.levels)
        return (low + (high - low) * values)[:, np.newaxis]
    codes = np.arange(1, len(column.levels))
    dummies: FloatArray = (values[:, np.newaxis] == codes).astype(np.float64)
    dummies[np.isnan(values)] = np.nan
    return dummies


def likelihood_ratios(
    method: str,
    fit: ModelResult,
    X: FloatArray,
    y: FloatArray,
    labels: Sequence[str],
    parts: Mapping[str, Sequence[str]],
) -> dict[str, float]:
    """Return the likelihood-ratio chi-square of each variable with all its categories."""
    ratios = {}
    for name, part in parts.items():
        held = [i for i, label in enumerate(labels) if label in part]
        others = [i for i in range(len(labels)) if i not in held]
        if method == "firth":
            ratios[name] = _penalised_ratio(X, y, labels, held, others)
            continue
        if others:
            reduced = fit_ml(X[:, others], y, [labels[i] for i in others], profile=False)
            null = reduced.log_likelihood
        else:
            null = fit.null_log_likelihood
        if fit.log_likelihood is None or null is None:
            raise StatisticsError(f"a model fitted by {method!r} has no likelihood-ratio test")
        ratios[name] = max(0.0, 2.0 * (fit.log_likelihood - null))
    return ratios


def _penalised_ratio(
    X: FloatArray, y: FloatArray, labels: Sequence[str], held: Sequence[int], others: Sequence[int]
) -> float:
    """Return twice the fall of Firth's likelihood with terms held at 0, the penalty kept whole."""
    design = make_design(X, y, labels)
    order = [0, *(1 + i for i in others), *(1 + i for i in held)]
    evaluate = penalised_log_likelihood(design.X[:, order], design.trials, design.events)
    start = np.zeros(len(order))
    best = maximise(evaluate, start)
    null = maximise(evaluate, start, free=1 + len(others))
    return max(0.0, 2.0 * (best.value - null.value))


def pool_term(
    name: str,
    estimates: Sequence[float],
    errors: Sequence[float | None],
    complete_df: float,
    level: float,
) -> ImputedTerm:
    """Pool one coefficient; an infinite estimate in any set leaves it without error and p."""
    infinite = [b for b in estimates if math.isinf(b)]
    variances = [se**2 for se in errors if se is not None]
    if infinite or len(variances) < len(estimates):
        same = len(infinite) == len(estimates) and len(set(infinite)) == 1
        return ImputedTerm(
            name=name,
            b=infinite[0] if same else None,
            se=None,
            odds_ratio=odds_ratio(infinite[0]) if same else None,
            ci={"wald": None},
            p={"wald": None},
            infinite_in=len(infinite),
            lowest=min(estimates),
            highest=max(estimates),
        )
    pooled = pool_estimates(estimates, variances, complete_df=complete_df, level=level)
    b, interval = float(np.mean(estimates)), pooled.interval
    return ImputedTerm(
        name=name,
        b=b,
        se=pooled.se,
        odds_ratio=odds_ratio(b),
        ci={
            "wald": interval
            and odds_ratio_interval(interval.low, interval.high, level, interval.method)
        },
        p={"wald": pooled.p},
        df=pooled.df,
        fraction_missing_information=pooled.fraction_missing_information,
        relative_increase=pooled.relative_increase,
        within=pooled.within,
        between=pooled.between,
        infinite_in=0,
        lowest=min(estimates),
        highest=max(estimates),
    )
