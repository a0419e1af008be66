"""Statistics over all joint tables that a printed model leaves: one number, or a range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.papers.entries import Model
from myocohort.papers.printed import parse
from myocohort.papers.rebuild.joint import JointSolutions
from myocohort.stats.brier import brier_score
from myocohort.stats.c_statistic import c_statistic
from myocohort.stats.models import MODELS
from myocohort.stats.result import ModelResult, jsonable

TABLES = 200
"""How many joint tables a statistic is computed on, at most."""

SHOWN_DIGITS = 6

Statistic = Callable[[pd.DataFrame], float]


@dataclass(frozen=True, slots=True)
class Spread:
    """The smallest and largest value of a statistic over joint tables.

    Parameters
    ----------
    statistic
        What it is.
    low, high
        Over the tables; infinite where the statistic is.
    tables
        How many tables it was computed on.
    of
        How many there are.
    method, term, quantity, family
        Of a refitted model: key of MODELS, term, "odds_ratio", "low", "high" or "p", and the
        family of a limit or p value ("wald", "profile", "lrt", ...). Empty otherwise.
    """

    statistic: str
    low: float
    high: float
    tables: int
    of: int
    method: str = ""
    term: str = ""
    quantity: str = ""
    family: str = ""

    @property
    def determined(self) -> bool:
        """Whether all tables that there are have the same value, to six digits."""
        same = f"{self.low:.{SHOWN_DIGITS}g}" == f"{self.high:.{SHOWN_DIGITS}g}"
        return same and self.tables == self.of

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON, with six digits."""
        return {
            "statistic": self.statistic,
            "method": self.method,
            "term": self.term,
            "quantity": self.quantity,
            "family": self.family,
            "low": jsonable(float(f"{self.low:.{SHOWN_DIGITS}g}")),
            "high": jsonable(float(f"{self.high:.{SHOWN_DIGITS}g}")),
            "determined": self.determined,
            "tables": self.tables,
            "of": self.of,
        }


def patients_of(joint: JointSolutions, number: int) -> pd.DataFrame:
    """Return the patients of a joint table: `outcome` and every term as 0 or 1.

    Parameters
    ----------
    joint
        The joint tables.
    number
        Which of them, counted from 1.
    """
    rows = [
        (outcome, *pattern)
        for outcome, cells in enumerate(joint.solutions[number - 1])
        for pattern, n in zip(joint.patterns, cells, strict=True)
        for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=["outcome", *joint.terms])


def over_tables(
    joint: JointSolutions, statistics: Mapping[str, Statistic], *, limit: int = TABLES
) -> tuple[Spread, ...]:
    """Compute statistics of the patients on every joint table.

    Parameters
    ----------
    joint
        The joint tables.
    statistics
        Name -> a function of one row a patient: `outcome` and every term as 0 or 1. Where it
        raises a StatisticsError on a table, it has no value there.
    limit
        How many tables are gone through.

    Returns
    -------
    tuple of Spread
        In the order of `statistics`; those without a value on any table are left out.
    """
    found: dict[str, list[float]] = {name: [] for name in statistics}
    for number in range(1, min(joint.fits, limit) + 1):
        table = patients_of(joint, number)
        for name, statistic in statistics.items():
            try:
                found[name].append(float(statistic(table)))
            except StatisticsError:
                continue
    return tuple(
        Spread(name, min(values), max(values), len(values), joint.fits)
        for name, values in found.items()
        if values
    )


def refitted(model: Model, joint: JointSolutions, *, limit: int = TABLES) -> tuple[Spread, ...]:
    """Fit a printed model by every method to every joint table.

    The tables have the same numbers of patients with each term in both groups. Whatever the
    likelihood or the conditional distribution gives therefore depends on the sizes of the
    patterns alone, and each set of sizes is fitted once.

    Parameters
    ----------
    model
        The printed model, for the level of its intervals.
    joint
        The joint tables.
    limit
        How many tables are gone through.
    """
    level = float(parse(model.level).value) / 100
    fits: dict[tuple[int, ...], list[tuple[str, ModelResult]]] = {}
    found: dict[tuple[str, str, str, str], list[float]] = {}
    for without, having in joint.solutions[:limit]:
        sizes = tuple(a + b for a, b in zip(without, having, strict=True))
        if sizes not in fits:
            fits[sizes] = list(_fits(joint, without, having, level))
        for method, result in fits[sizes]:
            for term, quantity, family, value in _values(result):
                found.setdefault((method, term, quantity, family), []).append(value)
    spreads = [
        Spread(
            " ".join(filter(None, (f"{MODELS[method].label}: {term}", family, quantity))),
            min(values), max(values), len(values), joint.fits, method, term, quantity, family,
        )
        for (method, term, quantity, family), values in found.items()
    ]  # fmt: skip
    apparent = over_tables(joint, {"c-statistic": _c, "Brier score": _brier}, limit=limit)
    return (*spreads, *apparent)


def _fits(
    joint: JointSolutions, without: tuple[int, ...], having: tuple[int, ...], level: float
) -> Iterator[tuple[str, ModelResult]]:
    """Yield the fit of every method to one joint table."""
    X = np.array(joint.patterns * 2, dtype=float)
    y = np.repeat([0.0, 1.0], len(joint.patterns))
    weights = np.array([*without, *having], dtype=float)
    there = weights > 0
    for method, model in MODELS.items():
        try:
            result = model.fit(
                X[there], y[there], list(joint.terms), level=level, weights=weights[there]
            )
        except StatisticsError:
            continue
        yield method, result


def _values(result: ModelResult) -> Iterator[tuple[str, str, str, float]]:
    """Yield term, quantity, family and value of what a fit gives for its terms."""
    for term in result.terms:
        if term.name == "(Intercept)":
            continue
        yield term.name, "odds_ratio", "", term.odds_ratio
        for family, limits in term.ci.items():
            if limits is not None:
                yield term.name, "low", family, limits.low
                yield term.name, "high", family, limits.high
        for family, p in term.p.items():
            if p is not None:
                yield term.name, "p", family, p


def _risks(table: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return outcome and apparent risk by maximum likelihood of each patient."""
    X = table.drop(columns="outcome").to_numpy(dtype=float)
    y = table["outcome"].to_numpy(dtype=float)
    result = MODELS["ml"].fit(X, y, list(table.columns[1:]), profile=False)
    b = np.array([term.b for term in result.terms])
    return y, 1 / (1 + np.exp(-(b[0] + X @ b[1:])))


def _c(table: pd.DataFrame) -> float:
    return c_statistic(*_risks(table)).estimate or 0.0


def _brier(table: pd.DataFrame) -> float:
    return brier_score(*_risks(table)).estimate or 0.0
