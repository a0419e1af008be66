"""Candidates and outcome for selection and validation: checked, complete rows only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import INTERCEPT, LARGEST, FloatArray
from myocohort.stats.samples import numbers

Kind = Literal["binary", "number"]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Complete rows of candidate terms with their outcome.

    Parameters
    ----------
    names, kinds
        Name of each candidate, and whether it is tested as "binary" or as "number".
    X, y
        Values, shape (rows, candidates), and outcome, 0 or 1.
    n_missing
        Rows left out because a value is missing.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    X: FloatArray
    y: FloatArray
    n_missing: int

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y)

    @property
    def n_events(self) -> int:
        """Rows with the outcome."""
        return int(self.y.sum())

    @property
    def constant(self) -> tuple[str, ...]:
        """Candidates that are the same in all rows."""
        same = self.X.min(axis=0) == self.X.max(axis=0)
        return tuple(name for name, flat in zip(self.names, same, strict=True) if flat)

    def columns(self, terms: Sequence[str]) -> BoolArray:
        """Say which candidates are among `terms`, shape (candidates,)."""
        return np.array([name in terms for name in self.names], dtype=np.bool_)

    def chosen(self, columns: BoolArray) -> tuple[str, ...]:
        """Return the names of the columns that are in."""
        return tuple(name for name, inside in zip(self.names, columns, strict=True) if inside)


def make_candidates(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    kinds: Sequence[str] | None = None,
) -> Candidates:
    """Check candidates and outcome, and leave incomplete rows out.

    Parameters
    ----------
    X
        Values, shape (rows, candidates), NaN where missing.
    y
        Outcome, 0 or 1, NaN where missing.
    names
        Name of each candidate.
    kinds
        "binary" or "number" for each candidate; by default binary if it has at most two
        values.

    Raises
    ------
    StatisticsError
        If shapes do not fit, a value is not a finite number, a name is used twice, a kind is
        unknown or does not fit its values, no row is complete, or the outcome is not 0 or 1
        or the same in all complete rows.
    """
    try:
        terms = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("candidates are numbers, NaN where missing") from error
    if terms.ndim != 2 or terms.shape[1] == 0:
        raise StatisticsError(
            f"candidates come as rows by at least one column; found shape {terms.shape}"
        )
    outcome = numbers(y, "outcomes")
    if len(outcome) != len(terms):
        raise StatisticsError(
            f"each row needs an outcome; found {len(terms)} rows and {len(outcome)} outcomes"
        )
    labels = _labels(names, terms.shape[1])
    too_large = (np.abs(terms) > LARGEST).any(axis=0)
    if too_large.any():
        name = labels[int(too_large.argmax())]
        raise StatisticsError(
            f"candidate {name!r} holds an infinite value, or one above {LARGEST:g}"
        )
    complete = ~(np.isnan(terms).any(axis=1) | np.isnan(outcome))
    n_missing = len(terms) - int(complete.sum())
    terms, outcome = terms[complete] + 0.0, outcome[complete]
    if not len(terms):
        raise StatisticsError(
            f"no row is complete: {n_missing} rows, each with a missing candidate or outcome. "
            f"Use fewer candidates, or impute"
            if n_missing
            else "there are no rows"
        )
    other = outcome[(outcome != 0) & (outcome != 1)]
    if len(other):
        raise StatisticsError(f"the outcome is 0 or 1; found {other[0]:g}")
    if outcome.min() == outcome.max():
        which = "everybody" if outcome[0] else "nobody"
        raise StatisticsError(
            f"{which} of the {len(outcome)} with complete values has the outcome: nothing can "
            f"be modelled"
        )
    return Candidates(labels, _kinds(kinds, labels, terms), terms, outcome, n_missing)


def _labels(names: Sequence[str], size: int) -> tuple[str, ...]:
    labels = tuple(str(name) for name in names)
    if len(labels) != size:
        raise StatisticsError(f"{size} candidates need as many names; found {len(labels)}")
    seen = {INTERCEPT}
    for label in labels:
        if label in seen:
            raise StatisticsError(f"the name {label!r} is used twice; each needs its own")
        seen.add(label)
    return labels


def _kinds(
    kinds: Sequence[str] | None, labels: Sequence[str], terms: FloatArray
) -> tuple[Kind, ...]:
    two_values = [len(np.unique(column)) <= 2 for column in terms.T]
    if kinds is None:
        return tuple("binary" if two else "number" for two in two_values)
    if len(kinds) != len(labels):
        raise StatisticsError(f"{len(labels)} candidates need as many kinds; found {len(kinds)}")
    checked: list[Kind] = []
    for kind, name, two in zip(kinds, labels, two_values, strict=True):
        if kind == "binary":
            if not two:
                raise StatisticsError(f"candidate {name!r} is binary but has more than two values")
            checked.append("binary")
        elif kind == "number":
            checked.append("number")
        else:
            raise StatisticsError(f"a candidate is binary or number; {name!r} is {kind!r}")
    return tuple(checked)
