"""Leave-one-out influence: the odds ratios of a model without each patient in turn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray, as_matrix, as_vector, distinct_rows
from myocohort.stats.likelihood import risks
from myocohort.stats.models import MODELS
from myocohort.stats.result import P_OF_INTERVAL, Interval, ModelResult

MOST_REFITS = 500
"""Kinds of patients up to which every one is left out in turn."""
MOST_CHOSEN = 48
"""Refits where there are more kinds, shared by the terms."""
FAMILY = "profile"
EXACT_METHOD = "Leave-one-out: the model refitted without each patient in turn"
CHOSEN_METHOD = (
    "Leave-one-out: the model refitted without the patients who move a term most by Pregibon's "
    "one-step approximation"
)
REFERENCE = "Pregibon D. Ann Stat 1981;9:705-724 (influence of single observations)"


@dataclass(frozen=True, slots=True)
class Change:
    """One term of a model that was refitted without one patient.

    Parameters
    ----------
    odds_ratio, interval, p
        Of the refitted model: profile-likelihood limits and the (penalised) likelihood-ratio p
        that belongs to them. The odds ratio may be 0 or infinite.
    dfbeta
        Log odds ratio with all patients less that without the patient; None where one of them
        is infinite.
    """

    odds_ratio: float
    interval: Interval | None
    p: float | None
    dfbeta: float | None


@dataclass(frozen=True, slots=True)
class Refit:
    """The model without one patient; patients who are equal in all terms and outcome share it.

    Parameters
    ----------
    rows
        Places of these patients among the rows that were given.
    values, event
        What they are equal in.
    terms
        Method -> the terms in their order; a method that cannot be fitted is not there.
    errors
        Method -> why it cannot be fitted without such a patient.
    """

    rows: tuple[int, ...]
    values: tuple[float, ...]
    event: bool
    terms: Mapping[str, tuple[Change, ...]]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """What leaving out single patients does to a model.

    Parameters
    ----------
    method, reference
        Whether every patient was left out or those chosen by the approximation.
    names
        Of the terms, without the intercept.
    whole
        Method -> the model of all patients; a method that cannot be fitted is not there.
    whole_errors
        Method -> why it cannot be fitted to all.
    refits
        One for each kind of patient that was left out.
    n, n_missing
        Patients in the model, and left out of it because a value is missing.
    n_refitted
        Patients without whom the model was refitted; below `n` where they were chosen.
    """

    method: str
    names: tuple[str, ...]
    whole: Mapping[str, ModelResult]
    whole_errors: Mapping[str, str]
    refits: tuple[Refit, ...]
    n: int
    n_missing: int
    n_refitted: int
    reference: str = REFERENCE

    @property
    def complete(self) -> bool:
        """Whether the model was refitted without each of its patients."""
        return self.n_refitted == self.n


def leave_one_out(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    methods: Sequence[str] = ("firth", "ml"),
    most: int = MOST_REFITS,
    chosen: int = MOST_CHOSEN,
) -> LeaveOneOut:
    """Refit a logistic regression without each patient in turn.

    Patients who are equal in all terms and in the outcome are interchangeable, so that one
    refit answers for all of them. With more than `most` different kinds of patients, only
    those are left out who move a term most by Pregibon's one-step approximation.

    Parameters
    ----------
    X
        Terms, shape (rows, terms), without intercept; NaN is a missing value.
    y
        Outcome of each row, 0 or 1; NaN if missing.
    names
        Name of each term.
    methods
        Names of models in `MODELS` whose terms have a profile interval: "firth", "ml". The
        first one is that of the approximation.
    most, chosen
        Kinds of patients up to which all are left out, and how many refits there are about
        beyond that: the terms share them, and each has one at least.

    Raises
    ------
    StatisticsError
        If the first of the methods cannot be fitted to all patients.

    References
    ----------
    Pregibon D. Logistic regression diagnostics. Ann Stat 1981;9:705-724, section 3.
    """
    terms = as_matrix(X)
    outcome = as_vector(y, "the outcome", len(terms))
    whole: dict[str, ModelResult] = {}
    whole_errors: dict[str, str] = {}
    for method in methods:
        try:
            whole[method] = MODELS[method].fit(terms, outcome, names)
        except StatisticsError as error:
            if method == methods[0]:
                raise
            whole_errors[method] = str(error)
    places = np.flatnonzero(~(np.isnan(terms).any(axis=1) | np.isnan(outcome)))
    kinds, index = distinct_rows(np.column_stack((terms, outcome))[places])
    counts = np.bincount(index).astype(np.float64)
    picked: NDArray[np.intp] = np.arange(len(kinds))
    if len(kinds) > most:
        moved = one_step(kinds[:, :-1], kinds[:, -1], counts, whole[methods[0]])
        picked = _largest(np.abs(moved), max(1, chosen // len(names)))
    refits = []
    for kind in picked:
        weights = counts.copy()
        weights[kind] -= 1.0
        found: dict[str, tuple[Change, ...]] = {}
        errors: dict[str, str] = {}
        for method, full in whole.items():
            try:
                fitted = MODELS[method].fit(kinds[:, :-1], kinds[:, -1], names, weights=weights)
            except StatisticsError as error:
                errors[method] = str(error)
                continue
            found[method] = _changes(full, fitted)
        refits.append(
            Refit(
                rows=tuple(int(row) for row in places[index == kind]),
                values=tuple(float(value) for value in kinds[kind, :-1]),
                event=bool(kinds[kind, -1]),
                terms=found,
                errors=errors,
            )
        )
    return LeaveOneOut(
        method=EXACT_METHOD if len(picked) == len(kinds) else CHOSEN_METHOD,
        names=tuple(str(name) for name in names),
        whole=whole,
        whole_errors=whole_errors,
        refits=tuple(refits),
        n=len(places),
        n_missing=len(terms) - len(places),
        n_refitted=int(counts[picked].sum()),
    )


def one_step(X: FloatArray, y: FloatArray, counts: FloatArray, model: ModelResult) -> FloatArray:
    """Approximate what each patient adds to the coefficients, by one Newton step.

    Parameters
    ----------
    X, y, counts
        Terms, outcome and number of each kind of patients.
    model
        Fitted to all of them, with finite estimates.

    Returns
    -------
    ndarray of shape (kinds, terms)
        Coefficients with all patients less those without one of the kind; no intercept.

    References
    ----------
    Pregibon D. Ann Stat 1981;9:705-724, formula for the one-step change.
    """
    # centred and scaled, so that the information can be inverted in any unit
    centre = np.average(X, axis=0, weights=counts)
    scale = np.sqrt(np.average((X - centre) ** 2, axis=0, weights=counts))
    columns = np.column_stack((np.ones(len(X)), (X - centre) / scale))
    b = np.array([term.b for term in model.terms])
    risk = risks(b[0] + X @ b[1:])
    weight = risk * (1.0 - risk)
    inverse = np.linalg.inv((columns.T * (counts * weight)) @ columns)
    reach = columns @ inverse
    leverage = weight * np.vecdot(reach, columns)
    moved = reach * ((y - risk) / (1.0 - leverage))[:, np.newaxis]
    return np.asarray(moved[:, 1:] / scale, dtype=np.float64)


def _largest(sizes: FloatArray, number: int) -> NDArray[np.intp]:
    """Return the rows that are among the largest of any column."""
    order = np.argsort(-sizes, axis=0, kind="stable")
    return np.unique(order[:number])


def _changes(full: ModelResult, fitted: ModelResult) -> tuple[Change, ...]:
    changes = []
    for before, after in zip(full.terms[1:], fitted.terms[1:], strict=True):
        finite = math.isfinite(before.b) and math.isfinite(after.b)
        changes.append(
            Change(
                odds_ratio=after.odds_ratio,
                interval=after.ci[FAMILY],
                p=after.p[P_OF_INTERVAL[FAMILY]],
                dfbeta=before.b - after.b if finite else None,
            )
        )
    return tuple(changes)
