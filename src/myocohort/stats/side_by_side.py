"""One model by several methods, each with p and interval of one family, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.models import MODELS
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.result import P_OF_INTERVAL, Interval, ModelResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One term by one method and family.

    Parameters
    ----------
    term, method
        The term, and the name of the method in `MODELS`.
    family, p_name
        The interval and the p that belongs to it (`P_OF_INTERVAL`).
    b, odds_ratio, interval, p
        As in a Term; interval and p are None where the family has none (Wald where the
        estimate is infinite).
    estimate
        Of exact terms, "cmle" or "mue".
    """

    term: str
    method: str
    family: str
    p_name: str
    b: float
    odds_ratio: float
    interval: Interval | None
    p: float | None
    estimate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """The terms of one model by several methods.

    Parameters
    ----------
    lines
        Term by term in the order asked for, without the intercept; in it method by method.
    models
        The models behind them.
    failed
        Method -> why it has no model.
    depends
        Terms for which p is below 1 - level on some lines and not on others: the verdict
        depends on the method or family.
    """

    lines: tuple[Line, ...]
    models: Mapping[str, ModelResult]
    failed: Mapping[str, str]
    depends: tuple[str, ...]


def compare_methods(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    methods: Sequence[str] = ("ml", "firth", "exact"),
    *,
    level: float = 0.95,
    weights: ArrayLike | None = None,
) -> SideBySide:
    """Fit one logistic model by several methods.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; rows with NaN are left out and counted.
    y
        Outcome, 0 or 1; NaN if missing.
    names
        Name of each term.
    methods
        Names in `MODELS`.
    level
        Coverage of the intervals.
    weights
        How many patients each row stands for; 1 by default.

    Raises
    ------
    StatisticsError
        If a method is unknown, or none of them has a model; the reason is that of the first.
    """
    normal_quantile(level)  # refuses an impossible level
    unknown = [method for method in methods if method not in MODELS]
    if unknown or not methods:
        raise StatisticsError(
            f"methods are some of {', '.join(MODELS)}; found {', '.join(unknown) or 'none'}"
        )
    models: dict[str, ModelResult] = {}
    failed: dict[str, str] = {}
    for method in methods:
        try:
            models[method] = MODELS[method].fit(X, y, names, level=level, weights=weights)
        except StatisticsError as reason:
            failed[method] = str(reason)
    if not models:
        raise StatisticsError(failed[methods[0]])
    lines = tuple(
        line
        for name in names
        for method, model in models.items()
        for line in _of(model, method, name)
    )
    depends = []
    for name in names:
        verdicts = {
            line.p < 1.0 - level for line in lines if line.term == name and line.p is not None
        }
        if len(verdicts) == 2:
            depends.append(name)
    return SideBySide(lines=lines, models=models, failed=failed, depends=tuple(depends))


def _of(model: ModelResult, method: str, name: str) -> list[Line]:
    """Return one term of a model, a line for each family that it has."""
    term = next(term for term in model.terms if term.name == name)
    return [
        Line(
            term=name,
            method=method,
            family=family,
            p_name=p_name,
            b=term.b,
            odds_ratio=term.odds_ratio,
            interval=term.ci[family],
            p=term.p[p_name],
            estimate=term.estimate,
        )
        for family, p_name in P_OF_INTERVAL.items()
        if family in term.ci
    ]
