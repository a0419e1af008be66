"""Values of subjects over months: checked, ordered, and written as a design of group by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import COLLINEAR, INTERCEPT, FloatArray
from myocohort.stats.result import Interval, Result
from myocohort.stats.samples import numbers

Time = Literal["linear", "visits"]
FEW_LEVELS = 7
FEW_SUBJECTS = 10
NO_SCATTER = 1e-9  # of the values about the fit, relative to that about their mean
BY_TIME = "Do the groups change differently over time?"
OVER_TIME = "Do the values change over time?"


@dataclass(frozen=True, slots=True, kw_only=True)
class LongitudinalTerm:
    """One coefficient of a model of repeated values.

    Parameters
    ----------
    name
        "(Intercept)", "group=B", "month" or "month=6", "group=B:month" ...
    estimate, se
        In the unit of the values (per month for slopes), or log odds for a binary outcome.
    statistic, df
        estimate / se, and the degrees of freedom of its t; None for a normal deviate.
    interval, p
        Of the same distribution.
    """

    name: str
    estimate: float
    se: float
    statistic: float
    df: float | None
    interval: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LongitudinalResult(Result):
    """A model of repeated values; `n` and `n_missing` count values (rows).

    The statistic, df and p are those of the group-by-time test, or of time if there are no
    groups; estimate and interval are filled if that is one coefficient.

    Parameters
    ----------
    terms
        The intercept first, then groups, time, and group by time.
    n_subjects, n_subjects_missing
        Subjects that entered, and subjects without any complete row.
    subjects_by_group
        Group -> subjects; empty without groups.
    test
        The test that is named above, with its own method and, for F, the denominator's
        degrees of freedom.
    """

    terms: tuple[LongitudinalTerm, ...]
    n_subjects: int
    n_subjects_missing: int
    subjects_by_group: Mapping[str, int]
    test: WaldTest


@dataclass(frozen=True, slots=True, kw_only=True)
class WaldTest(Result):
    """A Wald test of several coefficients.

    Parameters
    ----------
    df_denominator
        Of F; None for a chi-square.
    """

    df_denominator: float | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """Values ordered by subject and month, with their design.

    Parameters
    ----------
    values, months
        Shape (rows,).
    starts
        First row of each subject, and the number of rows at the end.
    X, names
        Design with intercept, and its columns.
    tested
        Columns of the group-by-time test, or of time without groups.
    n_missing, n_subjects_missing
        Rows left out, and subjects left out altogether.
    subjects_by_group
        Group -> subjects.
    """

    values: FloatArray
    months: FloatArray
    starts: NDArray[np.intp]
    X: FloatArray
    names: tuple[str, ...]
    tested: tuple[int, ...]
    n_missing: int
    n_subjects_missing: int
    subjects_by_group: Mapping[str, int]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Rows of each subject."""
        return np.diff(self.starts)

    @property
    def n_subjects(self) -> int:
        """Subjects that entered."""
        return len(self.starts) - 1

    @property
    def question(self) -> str:
        """What the test answers."""
        return BY_TIME if self.subjects_by_group else OVER_TIME

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know whatever the model."""
        warnings = []
        if self.n_missing:
            rows = "row was" if self.n_missing == 1 else "rows were"
            warnings.append(
                f"{self.n_missing} {rows} left out because value, subject, month or group is "
                f"missing; {len(self.values)} entered, of {self.n_subjects} subjects"
            )
        if self.n_subjects < FEW_SUBJECTS:
            warnings.append(f"{self.n_subjects} subjects are few for a model of repeated values")
        levels = np.unique(self.values)
        whole = (levels == np.floor(levels)).all() and levels[0] >= 0
        if 2 < len(levels) <= FEW_LEVELS and whole:
            warnings.append(
                f"the values are {len(levels)} grades: the model takes the steps between them as "
                f"equally large"
            )
        return tuple(warnings)


def make_repeated(
    values: ArrayLike,
    subjects: Sequence[Any],
    months: ArrayLike,
    groups: Sequence[Any] | None,
    *,
    time: Time,
    reference: str | None,
) -> Repeated:
    """Check repeated values, leave incomplete rows out, and make the design.

    Parameters
    ----------
    values, months
        One number per row, NaN if missing.
    subjects, groups
        One label per row; None, NaN or empty text if missing. A subject has one group.
    time
        "linear" - a straight line over months; "visits" - each month has its own mean.
    reference
        Group that the others are compared with; by default the first in ascending order.

    Raises
    ------
    StatisticsError
        If lengths differ, a subject has two groups or two values in one month, nothing is
        repeated, there are fewer than two months, groups, or subjects in a group, all
        values are the same, or coefficients cannot be told apart.
    """
    if time not in ("linear", "visits"):
        raise StatisticsError(f"time is linear or visits; found {time!r}")
    y, month = numbers(values, "values"), numbers(months, "months")
    subject = [_label(s) for s in subjects]
    group = ["all"] * len(y) if groups is None else [_label(g) for g in groups]
    if len({len(y), len(month), len(subject), len(group)}) > 1:
        raise StatisticsError(
            f"each value has a subject, a month and a group; found {len(y)} values, "
            f"{len(subject)} subjects, {len(month)} months, {len(group)} groups"
        )
    _check_one_group(subject, group)
    kept = [
        i
        for i in range(len(y))
        if subject[i] and group[i] and not np.isnan(y[i]) and not np.isnan(month[i])
    ]
    if not kept:
        raise StatisticsError(f"no row is complete: {len(y)} rows")
    everyone = {s for s in subject if s}
    codes = {s: code for code, s in enumerate(dict.fromkeys(subject[i] for i in kept))}
    kept.sort(key=lambda i: (codes[subject[i]], month[i]))
    for before, after in pairwise(kept):
        if subject[before] == subject[after] and month[before] == month[after]:
            raise StatisticsError(
                f"a subject has one value in a month; found two in month {month[before]:g}, "
                f"rows {before + 1} and {after + 1}"
            )
    y, month = y[kept], month[kept]
    code = np.array([codes[subject[i]] for i in kept])
    starts = np.searchsorted(code, np.arange(len(codes) + 1))
    member = [group[i] for i in kept]
    levels = _levels(member, groups is not None, reference)
    by_group = {
        level: len({c for c, g in zip(code.tolist(), member, strict=True) if g == level})
        for level in levels
    }
    _check_sizes(y, month, np.diff(starts), by_group if groups is not None else {})
    X, names, tested = _design(month, member, levels, time)
    _check_estimable(X, names, len(codes))
    _check_scatter(y, X)
    return Repeated(
        values=y,
        months=month,
        starts=starts,
        X=X,
        names=names,
        tested=tested,
        n_missing=len(subject) - len(kept),
        n_subjects_missing=len(everyone) - len(codes),
        subjects_by_group=by_group if groups is not None else {},
    )


def _label(value: Any) -> str:
    if value is None or value != value or (isinstance(value, int) and value < 0):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _check_one_group(subject: Sequence[str], group: Sequence[str]) -> None:
    first: dict[str, int] = {}
    for row, (s, g) in enumerate(zip(subject, group, strict=True)):
        if not s or not g:
            continue
        before = first.setdefault(s, row)
        if group[before] != g:
            raise StatisticsError(
                f"a subject belongs to one group; rows {before + 1} and {row + 1} are of one "
                f"subject and say {group[before]!r} and {g!r}"
            )


def _levels(member: Sequence[str], grouped: bool, reference: str | None) -> list[str]:
    levels = sorted(set(member))
    if not grouped:
        return levels
    if len(levels) < 2:
        raise StatisticsError(
            f"groups are compared over time; all complete rows are of group {levels[0]!r}. Leave "
            f"the groups out"
        )
    if reference is not None:
        if str(reference) not in levels:
            raise StatisticsError(
                f"the reference is one of the groups {', '.join(levels)}; found {reference!r}"
            )
        levels.remove(str(reference))
        levels.insert(0, str(reference))
    return levels


def _check_sizes(
    y: FloatArray, month: FloatArray, sizes: NDArray[np.intp], by_group: Mapping[str, int]
) -> None:
    if y.min() == y.max():
        raise StatisticsError(f"all {len(y)} values are {y[0]:g}: nothing changes")
    if month.min() == month.max():
        raise StatisticsError(
            f"change over time needs at least two months; all values are of month {month[0]:g}"
        )
    if int(sizes.max()) < 2:
        raise StatisticsError(
            f"no subject has two values: {len(sizes)} subjects with one each. Compare the groups "
            f"at one visit instead"
        )
    alone = [name for name, size in by_group.items() if size < 2]
    if alone:
        raise StatisticsError(f"a group needs at least two subjects; {', '.join(alone)} has one")


def _design(
    month: FloatArray, member: Sequence[str], levels: Sequence[str], time: Time
) -> tuple[FloatArray, tuple[str, ...], tuple[int, ...]]:
    columns, names = [np.ones(len(month))], [INTERCEPT]
    belongs = [
        (f"group={level}", np.array([float(g == level) for g in member])) for level in levels[1:]
    ]
    if time == "linear":
        times = [("month", month)]
    else:
        times = [(f"month={m:g}", (month == m).astype(np.float64)) for m in np.unique(month)[1:]]
    for name, column in (*belongs, *times):
        names.append(name)
        columns.append(column)
    first = len(names)
    for group_name, group_column in belongs:
        for time_name, time_column in times:
            names.append(f"{group_name}:{time_name}")
            columns.append(group_column * time_column)
    tested = range(first, len(names)) if belongs else range(1, len(names))
    return np.column_stack(columns), tuple(names), tuple(tested)


def _check_estimable(X: FloatArray, names: Sequence[str], n_subjects: int) -> None:
    scaled = X / np.linalg.norm(X, axis=0).clip(min=1e-300)
    for last in range(1, X.shape[1]):
        share, *_ = np.linalg.lstsq(scaled[:, :last], scaled[:, last], rcond=COLLINEAR)
        if np.linalg.norm(scaled[:, last] - scaled[:, :last] @ share) <= COLLINEAR * 10:
            raise StatisticsError(
                f"{names[last]!r} cannot be told apart from the others: some group has no value "
                f"in some month. Use time 'linear', or leave that month out"
            )
    if n_subjects <= X.shape[1]:
        raise StatisticsError(
            f"{n_subjects} subjects are too few for {X.shape[1]} coefficients. Use time 'linear', "
            f"or fewer groups"
        )


def _check_scatter(y: FloatArray, X: FloatArray) -> None:
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    if np.linalg.norm(residual) <= NO_SCATTER * np.linalg.norm(y - y.mean()):
        raise StatisticsError(
            "group and time determine every value: without scatter there is no standard error. "
            "Check that the values are measurements"
        )
