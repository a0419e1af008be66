"""Which p values printed means, SDs and sizes allow, over all that rounding can hide.

Every range is an outer one: no values behind the printed ones give a p outside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray
from scipy import special

from myocohort.papers.entries import Mean, PValue
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_behind, with_fewer
from myocohort.papers.printed import Interval, Rounding, interval, parse
from myocohort.stats.p_values import SMALLEST_P

Floats = NDArray[np.float64]

PIECES = 24  # into which each SD's interval is cut where the p does not rise and fall with it
MOST_GROUPS = 10
MOST_SIZES = 400  # sets of sizes that are tried where the paper does not say who has no value
_SLACK = 1e-9  # share by which floats may be off


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean, SD and size of a group, as far as printed.

    Parameters
    ----------
    n
        Patients with a value.
    mean, sd
        Limits of what the printed numbers stand for.
    """

    n: int
    mean: tuple[float, float]
    sd: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PRange:
    """The p values that a procedure can give, from the smallest to the largest."""

    low: float
    high: float

    @property
    def interval(self) -> Interval:
        """The range, as exact limits, a little wider than the floats."""
        return Interval(
            Fraction(self.low * (1 - _SLACK)), Fraction(min(self.high * (1 + _SLACK), 1.0))
        )


@dataclass(frozen=True, slots=True)
class MeanProcedure:
    """A procedure that gives a p value from means, SDs and sizes.

    Parameters
    ----------
    name
        A key of TESTS where there is one.
    label
        The name in words.
    run
        The range of its p; None where it does not fit the groups.
    """

    name: str
    label: str
    run: Callable[[Sequence[Summary]], PRange | None]


def student(groups: Sequence[Summary]) -> PRange | None:
    """Return the p values of Student's t test of two groups.

    The p falls with the distance of the means and rises with each SD, so that the limits
    lie in corners.
    """
    if len(groups) != 2 or groups[0].n + groups[1].n < 3:
        return None
    one, two = groups
    df = one.n + two.n - 2

    def p(distance: float, which: int) -> float:
        squares = (one.n - 1) * one.sd[which] ** 2 + (two.n - 1) * two.sd[which] ** 2
        return _p_of_t(distance, math.sqrt(squares / df * (1 / one.n + 1 / two.n)), df)

    nearest, farthest = _distances(one, two)
    return PRange(p(farthest, 0), p(nearest, 1))


def welch(groups: Sequence[Summary], *, whole_df: bool = False) -> PRange | None:
    """Return the p values of Welch's t test of two groups.

    The degrees of freedom move with the SDs too, up or down, so the intervals of the SDs are
    cut into small pieces, each with the smallest and largest t and degrees of freedom. With
    `whole_df` these may be rounded or cut to a whole number, as some programs do.
    """
    if len(groups) != 2 or min(group.n for group in groups) < 2:
        return None
    one, two = groups
    nearest, farthest = _distances(one, two)
    edges = [np.linspace(*group.sd, PIECES + 1) ** 2 / group.n for group in groups]
    v1_low, v2_low = (x.ravel() for x in np.meshgrid(edges[0][:-1], edges[1][:-1]))
    v1_high, v2_high = (x.ravel() for x in np.meshgrid(edges[0][1:], edges[1][1:]))
    df_low, df_high = _welch_df(v1_low, v1_high, v2_low, v2_high, one.n - 1, two.n - 1)
    if whole_df:
        df_low, df_high = np.floor(df_low + _SLACK), np.ceil(df_high - _SLACK)
    smallest = _p_of_ts(farthest, np.sqrt(v1_low + v2_low), df_high)
    largest = _p_of_ts(nearest, np.sqrt(v1_high + v2_high), df_low)
    return PRange(float(smallest.min()), float(largest.max()))


def _welch_df(
    v1_low: Floats, v1_high: Floats, v2_low: Floats, v2_high: Floats, f1: int, f2: int
) -> tuple[Floats, Floats]:
    """Return the smallest and largest Welch-Satterthwaite degrees of freedom.

    They depend on the share w of the first variance in the sum of both and are
    1 / (w²/f1 + (1 - w)²/f2), largest at w = f1 / (f1 + f2) and falling to both sides.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(v1_low + v2_high > 0, v1_low / (v1_low + v2_high), 0.0)
        high = np.where(v1_high + v2_low > 0, v1_high / (v1_high + v2_low), 1.0)
    best = f1 / (f1 + f2)

    def df(share: Floats) -> Floats:
        result: Floats = 1 / (share**2 / f1 + (1 - share) ** 2 / f2)
        return result

    return np.minimum(df(low), df(high)), df(np.clip(best, low, high))


def anova(groups: Sequence[Summary]) -> PRange | None:
    """Return the p values of the one-way analysis of variance of three groups or more.

    The sum of squares between the groups is largest in a corner of the means' intervals, and
    smallest where all means are moved towards one value; that within them rises with the SDs.
    """
    n, k = sum(group.n for group in groups), len(groups)
    if not 3 <= k <= MOST_GROUPS or n <= k:
        return None
    sizes = np.array([group.n for group in groups], dtype=float)
    least, most = _between(groups, sizes, sizes)
    within = [math.fsum((g.n - 1) * g.sd[i] ** 2 for g in groups) / (n - k) for i in (0, 1)]
    return PRange(
        _p_of_f(_ratio(most / (k - 1), within[0]), k - 1, n - k),
        _p_of_f(_ratio(least / (k - 1), within[1]), k - 1, n - k),
    )


def welch_anova(groups: Sequence[Summary]) -> PRange | None:
    """Return limits to the p values of Welch's analysis of variance of three groups or more.

    The parts of its formula are bounded one by one, so the range is wider than need be.
    """
    k = len(groups)
    if not 3 <= k <= MOST_GROUPS or min(group.n for group in groups) < 2:
        return None
    if any(group.sd[0] <= 0 for group in groups):
        return PRange(SMALLEST_P, 1.0)  # a group may not vary at all
    low, high = (np.array([g.n / g.sd[i] ** 2 for g in groups]) for i in (1, 0))
    f = np.array([group.n - 1 for group in groups], dtype=float)
    most_share = high / (high + low.sum() - low)
    least_share = low / (low + high.sum() - high)
    lambdas = [
        float(((1 - share) ** 2 / f).sum()) * 3 / (k**2 - 1) for share in (most_share, least_share)
    ]
    least, most = _between(groups, low, high)
    factors = [1 + 2 * (k - 2) / 3 * value for value in lambdas]
    dfs = np.linspace(1 / lambdas[1], 1 / lambdas[0], 9)
    smallest = [_p_of_f(most / (k - 1) / factors[0], k - 1, df) for df in dfs]
    largest = [_p_of_f(least / (k - 1) / factors[1], k - 1, df) for df in dfs]
    return PRange(min(smallest), max(largest))


def _between(groups: Sequence[Summary], low: Floats, high: Floats) -> tuple[float, float]:
    """Return the smallest and largest weighted sum of squares of the means around their mean.

    Parameters
    ----------
    groups
        The groups.
    low, high
        Smallest and largest weight of each; the sum rises with every weight.
    """
    corners = np.array(list(product(*(group.mean for group in groups))))
    centre = corners @ high / high.sum()
    most = float((((corners - centre[:, None]) ** 2) @ high).max())
    lows, highs = (np.array([group.mean[i] for group in groups]) for i in (0, 1))
    left, right = float(lows.min()), float(highs.max())
    for _ in range(200):  # the point to which all means come nearest, by halving
        middle = (left + right) / 2
        if float((low * (np.clip(middle, lows, highs) - middle)).sum()) > 0:
            left = middle
        else:
            right = middle
    least = float((low * (np.clip(left, lows, highs) - left) ** 2).sum())
    return least, most


def _distances(one: Summary, two: Summary) -> tuple[float, float]:
    """Return the smallest and largest distance of two means."""
    gap = max(one.mean[0] - two.mean[1], two.mean[0] - one.mean[1], 0.0)
    return gap, max(one.mean[1] - two.mean[0], two.mean[1] - one.mean[0])


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else (math.inf if above > 0 else 0.0)


def _p_of_t(distance: float, spread: float, df: float) -> float:
    t = _ratio(distance, spread)
    return max(float(2 * special.stdtr(df, -t)), SMALLEST_P)


def _p_of_ts(distance: float, spreads: Floats, df: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(spreads > 0, distance / spreads, np.inf if distance > 0 else 0.0)
    result: Floats = np.maximum(2 * special.stdtr(df, -t), SMALLEST_P)
    return result


def _p_of_f(ratio: float, df1: float, df2: float) -> float:
    return (
        SMALLEST_P if math.isinf(ratio) else max(float(special.fdtrc(df1, df2, ratio)), SMALLEST_P)
    )


PROCEDURES: tuple[MeanProcedure, ...] = (
    MeanProcedure("student_t", "Student's t test (equal variances)", student),
    MeanProcedure("welch_t", "Welch's t test (unequal variances)", welch),
    MeanProcedure("anova", "One-way analysis of variance", anova),
    MeanProcedure("welch_anova", "Welch's analysis of variance", welch_anova),
)


def p_ranges(groups: Sequence[Summary]) -> Iterator[tuple[MeanProcedure, PRange]]:
    """Yield each procedure that fits the groups with the range of its p."""
    for procedure in PROCEDURES:
        found = procedure.run(groups)
        if found is not None:
            yield procedure, found


def fitting(
    text: str, ranges: Iterable[tuple[MeanProcedure, PRange]], rounding: Rounding = "nearest"
) -> tuple[str, ...]:
    """Return the procedures, by name, in whose range a printed p lies."""
    printed = interval(text, rounding)
    return tuple(procedure.label for procedure, found in ranges if printed.meets(found.interval))


def fitting_means(paper: Paper, entry: PValue, rounding: Rounding = "nearest") -> tuple[str, ...]:
    """Return the procedures, by name, that can give a printed p from the printed means."""
    groups = summaries(paper, means_of(paper, entry), rounding)
    return () if isinstance(groups, str) else fitting(entry.p, p_ranges(groups), rounding)


def means_of(paper: Paper, entry: PValue) -> tuple[Mean, ...]:
    """Return the means that a p value compares; empty unless every group has one with an SD."""
    found = []
    for group in entry.groups:
        for mean in paper.mean:
            if (mean.variable, mean.group) == (entry.variable, group) and mean.sd is not None:
                found.append(mean)
                break
    return tuple(found) if len(found) == len(entry.groups) else ()


def summaries(
    paper: Paper, means: Iterable[Mean], rounding: Rounding = "nearest"
) -> tuple[Summary, ...] | str:
    """Return what printed means, SDs and sizes stand for, or why that is not known."""
    found = []
    for mean in means:
        label = paper.groups[mean.group].label
        numbers = patients_behind(paper, mean)
        if numbers is None:
            return f"the paper prints no size of the {label}"
        n = numbers[-1]
        if n < 1:
            return f"nobody of the {label} has a value"
        sd = mean.sd or ""
        if parse(mean.mean).relation or parse(sd).relation:
            return f"an inequality stands for the mean or the SD of the {label}"
        limits = []
        for text in (mean.mean, sd):
            stands_for = interval(text, rounding)
            if stands_for.low is None or stands_for.high is None:
                return f"an inequality stands for the mean or the SD of the {label}"
            limits.append((float(stands_for.low), float(stands_for.high)))
        if limits[1][1] < 0:
            return f"the SD of the {label} is printed below 0"
        found.append(Summary(n, limits[0], (max(limits[1][0], 0.0), limits[1][1])))
    return tuple(found)


def with_missing(
    paper: Paper, means: Sequence[Mean], groups: Sequence[Summary]
) -> Iterator[tuple[Summary, ...]]:
    """Yield the groups with fewer patients, where the paper leaves it open; few missing first."""
    numbers = [patients_behind(paper, mean) or range(1) for mean in means]
    for sizes in islice(with_fewer(numbers), MOST_SIZES):
        yield tuple(
            Summary(n, group.mean, group.sd) for n, group in zip(sizes, groups, strict=True)
        )
