"""Multiple imputation by chained equations, for small n and mixed kinds of variables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng

from myocohort.errors import StatisticsError
from myocohort.stats.chains import (
    FEWEST_ITERATIONS,
    Trace,
    convergence_statement,
    potential_scale_reduction,
)
from myocohort.stats.design import FloatArray
from myocohort.stats.imputation_checks import refuse, size_warnings
from myocohort.stats.imputation_models import (
    DONORS,
    impute_by_matching,
    impute_category,
    impute_normal,
    independent_columns,
    standardised,
)
from myocohort.stats.incomplete import Column, Frame, Kind, read_columns

REFERENCE = "van Buuren S, Groothuis-Oudshoorn K. J Stat Softw 2011;45(3)"
Numeric = Literal["pmm", "norm"]
METHODS = {
    "pmm": f"predictive mean matching, type 1, {DONORS} donors",
    "norm": "Bayesian linear regression",
    "binary": "Bayesian logistic regression, normal priors",
    "categorical": "Bayesian multinomial logistic regression, normal priors",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputedVariable:
    """How one variable was imputed.

    Parameters
    ----------
    name, kind, method
        The variable, its kind, and the method by its full name.
    n_observed, n_missing
        Rows with and without a value.
    predictors
        Variables in its model.
    """

    name: str
    kind: Kind
    method: str
    n_observed: int
    n_missing: int
    predictors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputation:
    """Values drawn for what is missing, m times.

    Parameters
    ----------
    columns
        The variables as given.
    drawn
        Name -> drawn values (for categories their positions), shape (m, missing rows);
        only variables with missing values.
    m, iterations, seed
        As asked for.
    variables
        How each was imputed, in the order of imputation.
    traces, convergence
        What the chains did, and the same in words.
    warnings
        What a reader must know before believing the imputations.
    """

    columns: Mapping[str, Column]
    drawn: Mapping[str, FloatArray]
    m: int
    iterations: int
    seed: int
    variables: tuple[ImputedVariable, ...]
    traces: tuple[Trace, ...]
    convergence: str
    warnings: tuple[str, ...]

    def completed(self, number: int) -> dict[str, FloatArray]:
        """Return imputed data set `number` (0 to m - 1); categories are positions."""
        if not 0 <= number < self.m:
            raise StatisticsError(f"imputed sets are numbered 0 to {self.m - 1}; found {number}")
        complete = {}
        for name, column in self.columns.items():
            values = column.values.copy()
            if name in self.drawn:
                values[column.missing] = self.drawn[name][number]
            complete[name] = values
        return complete


def impute(
    frame: Frame,
    names: Sequence[str] | None = None,
    *,
    m: int = 20,
    iterations: int = 10,
    seed: int,
    numeric: Numeric = "pmm",
    kinds: Mapping[str, Kind] | None = None,
    predictors: Mapping[str, Sequence[str]] | None = None,
) -> Imputation:
    """Impute missing values by chained equations.

    Each variable with missing values is drawn in turn from a model on the others, beginning
    with the one that misses least; m chains start from random observed values. The outcome
    of the later analysis must be among the columns: without it imputed values are too
    little related to it. Rows without a value are taken as missing at random, given the
    columns.

    Parameters
    ----------
    frame
        Names with columns of equal length; None, NaN and empty text are missing.
    names
        Columns to use: outcome, terms, and auxiliary variables that inform the imputation.
    m
        Imputed data sets.
    iterations
        Rounds through the variables before the values are kept.
    seed
        Of the random numbers. The same seed gives the same values; set i is the same for
        every m.
    numeric
        "pmm" (predictive mean matching: only values that occur) or "norm" (Bayesian linear
        regression: values may lie outside the observed range).
    kinds
        Kind of columns that is not to be guessed (see `read_columns`).
    predictors
        Variable -> variables in its model; all others by default.

    Raises
    ------
    StatisticsError
        If m, iterations or seed are out of range, columns cannot be read, or a variable
        cannot be imputed; all reasons are listed.

    References
    ----------
    van Buuren S, Groothuis-Oudshoorn K. J Stat Softw 2011;45(3). van Buuren S. Flexible
    Imputation of Missing Data, 2nd ed. 2018, section 4.5.
    """
    _check_numbers(m, iterations, seed, numeric)
    columns = read_columns(frame, names, kinds=kinds)
    incomplete = sorted(
        (column for column in columns.values() if column.n_missing),
        key=lambda column: column.n_missing,
    )
    chosen = _chosen(columns, incomplete, predictors or {})
    refuse(columns, incomplete, chosen)
    methods = {
        column.name: numeric if column.kind == "numeric" else column.kind for column in incomplete
    }
    followed = [(column, what) for column in incomplete for what in _followed(column)]
    drawn = {column.name: np.zeros((m, column.n_missing)) for column in incomplete}
    history = np.zeros((len(followed), m, iterations))
    dropped: Counter[tuple[str, str]] = Counter()
    for number, source in enumerate(SeedSequence(seed).spawn(m)):
        rng = default_rng(source)
        state = {name: column.values.copy() for name, column in columns.items()}
        for column in incomplete:
            state[column.name][column.missing] = rng.choice(column.observed, column.n_missing)
        for iteration in range(iterations):
            for column in incomplete:
                name = column.name
                others = [columns[other] for other in chosen[name]]
                values = _draw(column, others, state, methods[name], rng, dropped)
                state[name][column.missing] = values
            for place, (column, what) in enumerate(followed):
                history[place, number, iteration] = _summary(
                    column, what, state[column.name][column.missing]
                )
        for column in incomplete:
            drawn[column.name][number] = state[column.name][column.missing]
    traces = tuple(
        Trace(
            variable=column.name,
            statistic=what,
            values=tuple(map(tuple, values.tolist())),
            r_hat=potential_scale_reduction(values) if iterations >= FEWEST_ITERATIONS else None,
        )
        for (column, what), values in zip(followed, history, strict=True)
    )
    convergence, good = convergence_statement(traces, iterations)
    warnings = [*size_warnings(columns, incomplete, numeric, m)]
    warnings += [
        f"{other} was left out of {times} of the {m * iterations} models for {name}: among rows "
        f"with {name} it is constant or determined by the other predictors"
        for (name, other), times in dropped.items()
    ]
    if not good:
        warnings.append(f"convergence of the imputation: {convergence}. Use more iterations")
    return Imputation(
        columns=columns,
        drawn=drawn,
        m=m,
        iterations=iterations,
        seed=seed,
        variables=tuple(
            ImputedVariable(
                name=column.name,
                kind=column.kind,
                method=METHODS[methods[column.name]],
                n_observed=len(column.observed),
                n_missing=column.n_missing,
                predictors=chosen[column.name],
            )
            for column in incomplete
        ),
        traces=traces,
        convergence=convergence,
        warnings=tuple(warnings),
    )


def _check_numbers(m: int, iterations: int, seed: int, numeric: str) -> None:
    for what, value, least in (("m", m, 2), ("iterations", iterations, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise StatisticsError(f"{what} is a whole number of at least {least}; found {value!r}")
    if numeric not in ("pmm", "norm"):
        raise StatisticsError(f"numeric variables are imputed by pmm or norm; found {numeric!r}")


def _chosen(
    columns: Mapping[str, Column],
    incomplete: Sequence[Column],
    predictors: Mapping[str, Sequence[str]],
) -> dict[str, tuple[str, ...]]:
    for name, others in predictors.items():
        absent = [other for other in (name, *others) if other not in columns]
        if absent or name in others:
            wrong = f"no column {absent[0]!r}" if absent else "a variable does not predict itself"
            raise StatisticsError(f"predictors of {name!r}: {wrong}")
    return {
        column.name: tuple(
            predictors.get(column.name, [name for name in columns if name != column.name])
        )
        for column in incomplete
    }


def _draw(
    column: Column,
    others: Sequence[Column],
    state: Mapping[str, FloatArray],
    method: str,
    rng: Generator,
    dropped: Counter[tuple[str, str]],
) -> FloatArray:
    missing = column.missing
    parts = [_as_predictor(other, state[other.name]) for other in others]
    owners = [other.name for other, part in zip(others, parts, strict=True) for _ in part.T]
    X = np.column_stack(parts) if parts else np.zeros((len(missing), 0))
    kept = independent_columns(X[~missing])
    # once for each model, however many of a predictor's columns are left out
    for name in dict.fromkeys(owners[j] for j in np.flatnonzero(~kept)):
        dropped[(column.name, name)] += 1
    X_obs, X_mis = standardised(X[~missing][:, kept], X[missing][:, kept])
    y = column.observed
    if method == "pmm":
        return impute_by_matching(y, X_obs, X_mis, rng)
    if method == "norm":
        return impute_normal(y, X_obs, X_mis, rng)
    return impute_category(y, len(column.levels), X_obs, X_mis, rng)


def _as_predictor(column: Column, values: FloatArray) -> FloatArray:
    if column.kind != "categorical":
        return values[:, np.newaxis]
    dummies: FloatArray = (values[:, np.newaxis] == np.arange(1, len(column.levels))).astype(float)
    return dummies


def _followed(column: Column) -> list[str]:
    if column.kind == "numeric":
        return ["mean", "SD"] if column.n_missing > 1 else ["mean"]
    shown = column.levels[1:] if column.kind == "binary" else column.levels
    return [f"share of {level}" for level in shown]


def _summary(column: Column, what: str, values: FloatArray) -> float:
    if what == "mean":
        return float(values.mean())
    if what == "SD":
        return float(values.std(ddof=1))
    code = column.levels.index(what.removeprefix("share of "))
    return float(np.mean(values == code))
