"""Which values are missing: per variable, per pattern, and together with the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.fisher import fisher_exact
from myocohort.stats.incomplete import Column, Frame, Kind, read_columns
from myocohort.stats.mann_whitney import mann_whitney
from myocohort.stats.result import Result

QUESTION = "Which values are missing, and do they go with the outcome?"
METHOD = "Counts of missing values by variable and by pattern"
REFERENCE = "van Buuren S. Flexible Imputation of Missing Data, 2nd ed. 2018, sections 4.1.1-4.1.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableMissing:
    """The missing values of one variable.

    Parameters
    ----------
    name, n, n_missing
        The variable, its rows, and those without a value.
    influx
        Share of all known values that stand in rows in which this variable is missing: how
        well the others can inform its imputation. Between 0 (it is complete) and 1.
    outflux
        Share of all missing values that stand in rows in which this variable is known: how
        useful it is for imputing the others. None if nothing is missing.
    missing_by_outcome
        Category of the outcome -> (rows missing, rows), among rows with a known outcome;
        empty without an outcome, or if it is numeric.
    with_outcome
        Test whether being missing goes with the outcome: Fisher's exact test, or
        Mann-Whitney if the outcome is numeric. None without an outcome, and for the outcome.
    """

    name: str
    n: int
    n_missing: int
    influx: float
    outflux: float | None
    missing_by_outcome: Mapping[str, tuple[int, int]]
    with_outcome: Result | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Rows in which the same variables are missing.

    Parameters
    ----------
    missing
        The variables without a value; empty for complete rows.
    n
        Rows with this pattern.
    n_by_outcome
        Category of the outcome -> rows; empty without an outcome, or if it is numeric.
    """

    missing: tuple[str, ...]
    n: int
    n_by_outcome: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPattern(Result):
    """What is missing; `n` counts all rows and `n_missing` those that are not complete.

    Parameters
    ----------
    variables
        In the order of the frame.
    patterns
        The most frequent first.
    monotone
        Whether the variables can be ordered so that who misses one misses all later ones.
    order
        That order (by number of missing values); empty if there is none.
    outcome
        Name of the outcome, or empty.
    """

    variables: tuple[VariableMissing, ...]
    patterns: tuple[Pattern, ...]
    monotone: bool
    order: tuple[str, ...]
    outcome: str = ""


def describe_missing(
    frame: Frame,
    names: Sequence[str] | None = None,
    *,
    outcome: str = "",
    kinds: Mapping[str, Kind] | None = None,
    question: str = QUESTION,
) -> MissingPattern:
    """Describe which values are missing.

    Parameters
    ----------
    frame
        Names with columns of equal length; None, NaN and empty text are missing.
    names
        Columns to describe, the outcome among them; all by default.
    outcome
        Column against which missingness is counted and tested.
    kinds
        Kind of columns that is not to be guessed (see `read_columns`).
    question
        What is asked, in words.

    Returns
    -------
    MissingPattern
        A test that finds nothing does not prove that values are missing at random.

    Raises
    ------
    StatisticsError
        If the columns cannot be read, or the outcome is not among them.

    References
    ----------
    van Buuren S. Flexible Imputation of Missing Data, 2nd ed. 2018, sections 4.1.1 (patterns),
    4.1.2 and 4.1.3 (influx and outflux).
    """
    columns = read_columns(frame, names, kinds=kinds)
    if outcome and outcome not in columns:
        raise StatisticsError(
            f"the outcome {outcome!r} is not among the columns {', '.join(map(repr, columns))}"
        )
    missing = np.column_stack([column.missing for column in columns.values()])
    target = columns[outcome] if outcome else None
    order = _monotone_order(missing)
    all_missing = [name for name, gone in zip(columns, missing.T, strict=True) if gone.all()]
    return MissingPattern(
        question=question,
        method=METHOD,
        n=len(missing),
        n_missing=int(missing.any(axis=1).sum()),
        warnings=tuple(f"{name} has no value in any row" for name in all_missing),
        reference=REFERENCE,
        variables=tuple(
            _variable(column, missing, position, target)
            for position, column in enumerate(columns.values())
        ),
        patterns=_patterns(missing, list(columns), target),
        monotone=order is not None,
        order=() if order is None else tuple(list(columns)[i] for i in order),
        outcome=outcome,
    )


def _variable(
    column: Column, missing: NDArray[np.bool_], position: int, target: Column | None
) -> VariableMissing:
    gone = missing[:, position]
    known_total, gone_total = int((~missing).sum()), int(missing.sum())
    by_outcome: dict[str, tuple[int, int]] = {}
    test = None
    if target is not None and column.name != target.name:
        if target.kind != "numeric":
            for code, level in enumerate(target.levels):
                rows = target.values == code
                by_outcome[level] = (int((gone & rows).sum()), int(rows.sum()))
        test = _test(column.name, gone, target)
    return VariableMissing(
        name=column.name,
        n=len(gone),
        n_missing=int(gone.sum()),
        influx=float((~missing)[gone].sum() / known_total) if known_total else 0.0,
        outflux=float(missing[~gone].sum() / gone_total) if gone_total else None,
        missing_by_outcome=by_outcome,
        with_outcome=test,
    )


def _test(name: str, gone: NDArray[np.bool_], target: Column) -> Result:
    question = f"Does it go with {target.name} whether {name} is missing?"
    if target.kind == "numeric":
        return mann_whitney(target.values, gone.astype(np.int64), question=question)
    table = [
        [int((rows & (target.values == code)).sum()) for code in range(len(target.levels))]
        for rows in (gone, ~gone)
    ]
    return fisher_exact(table, n_missing=target.n_missing, question=question)


def _patterns(
    missing: NDArray[np.bool_], names: Sequence[str], target: Column | None
) -> tuple[Pattern, ...]:
    counts = Counter(map(tuple, missing.tolist()))
    split = target if target is not None and target.kind != "numeric" else None
    patterns = []
    for flags, n in sorted(counts.items(), key=lambda item: (-item[1], sum(item[0]), item[0])):
        rows = (missing == np.array(flags)).all(axis=1)
        patterns.append(
            Pattern(
                missing=tuple(name for name, gone in zip(names, flags, strict=True) if gone),
                n=n,
                n_by_outcome={
                    level: int((rows & (split.values == code)).sum())
                    for code, level in enumerate(split.levels)
                }
                if split is not None
                else {},
            )
        )
    return tuple(patterns)


def _monotone_order(missing: NDArray[np.bool_]) -> list[int] | None:
    order = [int(i) for i in np.argsort(missing.sum(axis=0), kind="stable")]
    nested = all(
        not (missing[:, before] & ~missing[:, after]).any() for before, after in pairwise(order)
    )
    return order if nested else None
