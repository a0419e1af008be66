"""The design of a logistic regression: checked, scaled, collapsed to covariate patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError

FloatArray = NDArray[np.float64]
LARGEST = 1e100  # so that no square overflows
INTERCEPT = "(Intercept)"
COLLINEAR = 1e-8  # smallest share of a scaled term that the others may leave unexplained


@dataclass(frozen=True, slots=True)
class Holding:
    """A model written so that the coefficient to be held is the last one.

    Parameters
    ----------
    X
        Columns, shape (patterns, coefficients); their determinant is that of the design.
    beta
        Coefficients of the columns.
    unit
        What the last one is multiplied with to become that of the term in its own unit.
    """

    X: FloatArray
    beta: FloatArray
    unit: float


@dataclass(frozen=True, slots=True)
class Design:
    """Covariate patterns with how many rows, and how many events, each has.

    Parameters
    ----------
    names
        The intercept first, then the terms.
    X
        Distinct patterns, shape (patterns, coefficients): a column of ones, then each term
        less its centre, divided by its scale.
    centre, scale
        What was taken from each column, and its divisor; 0 and 1 for the intercept.
    trials, events
        Rows, and rows with the outcome, of each pattern.
    n, n_missing
        Rows that entered, and rows left out because a value is missing.
    """

    names: tuple[str, ...]
    X: FloatArray
    centre: FloatArray
    scale: FloatArray
    trials: FloatArray
    events: FloatArray
    n: int
    n_missing: int

    @property
    def n_events(self) -> int:
        """Rows with the outcome."""
        return int(self.events.sum())

    @property
    def events_per_variable(self) -> float:
        """Events, or non-events if they are fewer, for each term beside the intercept."""
        return min(self.n_events, self.n - self.n_events) / (len(self.names) - 1)

    @property
    def to_units(self) -> FloatArray:
        """Matrix that turns coefficients of X into those of the terms in their own units."""
        matrix = np.diag(1.0 / self.scale)
        matrix[0, 1:] = -self.centre[1:] / self.scale[1:]
        return matrix

    def holding(self, column: int, beta: FloatArray) -> Holding:
        """Return the same model written so that one coefficient can be held.

        Parameters
        ----------
        column
            Position of the coefficient.
        beta
            Coefficients of X.
        """
        order = [*(i for i in range(len(self.names)) if i != column), column]
        if column:
            return Holding(self.X[:, order], beta[order], 1.0 / float(self.scale[column]))
        # the intercept: the level at which every term is 0, level = beta[0] - far @ beta
        far = self.centre / self.scale
        level = float(beta[0] - far @ beta)
        pivot = int(np.abs(far).argmax())
        if abs(far[pivot]) < 1.0:
            return Holding((self.X + far)[:, order], np.append(beta[1:], level), 1.0)
        # where 0 is far from all values, holding the level means tying the slope of the term
        # that is farthest to the others; written out so that no large numbers cancel
        ties = far / far[pivot]
        ties[0] = -1.0 / far[pivot]
        X = self.X - np.outer(self.X[:, pivot], ties)
        X[:, pivot] = -self.X[:, pivot]
        held = beta.copy()
        held[pivot] = level / far[pivot]
        order = [*(i for i in range(len(held)) if i != pivot), pivot]
        return Holding(X[:, order], held[order], float(far[pivot]))


def make_design(
    X: ArrayLike, y: ArrayLike, names: Sequence[str], weights: ArrayLike | None = None
) -> Design:
    """Check terms and outcome, leave incomplete rows out and collapse equal rows.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; NaN is a missing value.
    y
        Outcome of each row, 0 or 1; NaN is a missing value.
    names
        Name of each term.
    weights
        How many patients each row stands for: whole numbers of at least 0; 1 by default.

    Raises
    ------
    StatisticsError
        If shapes do not fit, a value is not a finite number, the outcome is not binary,
        no complete row, no event or no non-event is left, there are fewer rows than
        coefficients, or a term is constant or determined by others.
    """
    terms = as_matrix(X)
    labels = _labels(names, terms.shape[1])
    outcome = as_vector(y, "the outcome", len(terms))
    frequencies = _frequencies(weights, len(terms))
    too_large = (np.abs(terms) > LARGEST).any(axis=0)
    if too_large.any():
        name = labels[int(too_large.argmax())]
        raise StatisticsError(f"term {name!r} holds an infinite value, or one above {LARGEST:g}")
    complete = ~(np.isnan(terms).any(axis=1) | np.isnan(outcome))
    n_missing = int(frequencies[~complete].sum())
    kept = complete & (frequencies > 0)
    terms, outcome, frequencies = terms[kept], outcome[kept], frequencies[kept]
    n = int(frequencies.sum())
    if n == 0:
        raise StatisticsError(
            f"no row is complete: {n_missing} rows, each with a missing term or outcome"
            if n_missing
            else "there are no rows"
        )
    _check_outcome(outcome, frequencies, n)
    coefficients = len(labels) + 1
    if n < coefficients:
        raise StatisticsError(
            f"{coefficients} coefficients (the intercept and {len(labels)} terms) cannot be "
            f"estimated from {n} rows. Use fewer terms"
        )
    patterns, index = distinct_rows(terms)
    spread = patterns.std(axis=0)
    for column, name in enumerate(labels):
        if patterns[:, column].min() == patterns[:, column].max() or spread[column] == 0:
            raise StatisticsError(
                f"term {name!r} is constant: it is {patterns[0, column]:g} in all {n} rows. "
                f"Leave it out"
            )
    _check_collinear(patterns, spread, labels)
    centre = patterns.mean(axis=0)
    return Design(
        names=(INTERCEPT, *labels),
        X=np.column_stack((np.ones(len(patterns)), (patterns - centre) / spread)),
        centre=np.concatenate(([0.0], centre)),
        scale=np.concatenate(([1.0], spread)),
        trials=_sums(index, frequencies),
        events=_sums(index, frequencies * outcome),
        n=n,
        n_missing=n_missing,
    )


def distinct_rows(terms: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the distinct rows in order, and which of them each row is."""
    order = np.lexsort(terms.T[::-1])
    ordered = terms[order] + 0.0  # -0.0 becomes 0.0
    new = np.ones(len(terms), dtype=np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    index = np.empty(len(terms), dtype=np.intp)
    index[order] = np.cumsum(new) - 1
    return ordered[new], index


def _sums(index: NDArray[np.intp], values: FloatArray) -> FloatArray:
    return np.bincount(index, weights=values).astype(np.float64)


def as_matrix(X: ArrayLike) -> FloatArray:
    """Return terms as numbers, shape (rows, terms), or raise a StatisticsError."""
    try:
        terms = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("terms are numbers, NaN where missing") from error
    if terms.ndim != 2 or terms.shape[1] == 0:
        raise StatisticsError(
            f"terms come as rows by at least one column; found shape {terms.shape}"
        )
    return terms


def _labels(names: Sequence[str], size: int) -> tuple[str, ...]:
    labels = tuple(str(name) for name in names)
    if len(labels) != size:
        raise StatisticsError(f"{size} terms need as many names; found {len(labels)}")
    seen = {INTERCEPT}
    for label in labels:
        if label in seen:
            raise StatisticsError(f"the name {label!r} is used twice; each term needs its own")
        seen.add(label)
    return labels


def as_vector(values: ArrayLike, what: str, size: int) -> FloatArray:
    """Return one number for each of `size` rows, or raise a StatisticsError about `what`."""
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(f"{what} is a list of numbers") from error
    if vector.shape != (size,):
        raise StatisticsError(f"{what} has shape {vector.shape}; the terms have {size} rows")
    return vector


def _frequencies(weights: ArrayLike | None, size: int) -> FloatArray:
    if weights is None:
        return np.ones(size)
    vector = as_vector(weights, "weights", size)
    wrong = ~(np.isfinite(vector) & (vector >= 0) & (vector == np.floor(vector)))
    if wrong.any():
        raise StatisticsError(
            f"weights are whole numbers of patients, at least 0; found {vector[wrong][0]:g}"
        )
    return vector


def _check_outcome(outcome: FloatArray, frequencies: FloatArray, n: int) -> None:
    other = outcome[(outcome != 0) & (outcome != 1)]
    if len(other):
        raise StatisticsError(f"the outcome is 0 or 1; found {other[0]:g}")
    events = int(frequencies @ outcome)
    if events in (0, n):
        which = "nobody" if events == 0 else "everybody"
        raise StatisticsError(
            f"{which} of the {n} with complete values has the outcome: nothing can be modelled"
        )


def _check_collinear(patterns: FloatArray, spread: FloatArray, labels: Sequence[str]) -> None:
    columns = (patterns - patterns.mean(axis=0)) / (spread * np.sqrt(len(patterns)))
    values = np.linalg.svd(columns, compute_uv=False)
    if len(values) == len(labels) and values[-1] > COLLINEAR:
        return
    for last in range(1, len(labels)):
        before = columns[:, :last]
        share, *_ = np.linalg.lstsq(before, columns[:, last], rcond=COLLINEAR)
        if np.linalg.norm(columns[:, last] - before @ share) <= COLLINEAR * 10:
            others = ", ".join(
                repr(name)
                for name, part in zip(labels, share, strict=False)
                if abs(part) > COLLINEAR * 10
            )
            raise StatisticsError(
                f"term {labels[last]!r} is determined by {others}: their coefficients cannot "
                f"be told apart. Leave one out"
            )
    raise StatisticsError(
        f"the terms {', '.join(repr(name) for name in labels)} are too nearly collinear for "
        f"their coefficients to be told apart. Leave one out"
    )
