"""Every usual procedure that gives a two-sided p value from a table of counts.

They are written for small whole numbers and give the p value alone, because a check of a
printed p tries many tables; the tests of `myocohort.stats` do the same with a full result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from scipy import special

from myocohort.errors import StatisticsError
from myocohort.papers.count_exact import ExactP, exact_p_values
from myocohort.papers.count_tables import (
    Counts,
    chi_square,
    g_square,
    trend,
    yates_chi_square,
)
from myocohort.stats.boschloo import boschloo
from myocohort.stats.exact_mann_whitney import mann_whitney_exact
from myocohort.stats.fisher import fisher_exact
from myocohort.stats.p_values import bounded, from_chi_square, from_chi_square_1, from_normal
from myocohort.stats.p_values import from_t as two_sided_t

QUICK_TABLES = 20_000
"""Up to so many tables Fisher's exact test of a larger table takes no noticeable time."""


@dataclass(frozen=True, slots=True)
class CountProcedure:
    """A procedure that gives a p value from counts.

    Parameters
    ----------
    name
        A short name of its own.
    label
        The name in words.
    run
        The two-sided p; None where the procedure does not fit the table.
    claims
        Keys of TESTS that a paper may name for it.
    coded
        Whether the levels are taken as numbers.
    usual
        Whether it is looked at where the paper does not name it.
    """

    name: str
    label: str
    run: Callable[[Counts], float | None]
    claims: tuple[str, ...] = ()
    coded: bool = False
    usual: bool = True

    @property
    def symmetric(self) -> bool:
        """Whether its one-sided p is half of the two-sided one, in two groups."""
        return self.name in SYMMETRIC

    def said(self, counts: Counts) -> str:
        """Return the name in words, with the numbers that stand for the levels."""
        return f"{self.label} on the category coded {counts.coding}" if self.coded else self.label


def p_values(
    counts: Counts, claimed: str | None = None, *, slow: bool = True
) -> Iterator[tuple[CountProcedure, float]]:
    """Yield each procedure that fits a table with its p, those that the paper names first.

    Parameters
    ----------
    counts
        The table.
    claimed
        A key of TESTS; None where no test is named.
    slow
        Whether Fisher's exact test is also done where it has more than `QUICK_TABLES` tables
        to look at. A test that the paper names is always done.
    """
    if not counts.comparable:
        return
    named = p_values_of(counts, claimed)
    yield from named
    for procedure in PROCEDURES:
        if not procedure.usual or claimed in procedure.claims:
            continue
        if slow or not is_slow(procedure, counts):
            p = procedure.run(counts)
            if p is not None:
                yield procedure, p


@lru_cache(maxsize=8192)
def p_values_of(counts: Counts, claimed: str | None) -> tuple[tuple[CountProcedure, float], ...]:
    """Return the procedures that a paper names, each with its p."""
    if not counts.comparable:
        return ()
    named = (procedure for procedure in PROCEDURES if claimed in procedure.claims)
    found = ((procedure, procedure.run(counts)) for procedure in named)
    return tuple((procedure, p) for procedure, p in found if p is not None)


def is_costly(counts: Counts, claimed: str | None) -> bool:
    """Return whether the test that a paper names takes more than a few milliseconds."""
    return claimed == "boschloo" or any(
        is_slow(procedure, counts) for procedure in PROCEDURES if claimed in procedure.claims
    )


def is_slow(procedure: CountProcedure, counts: Counts) -> bool:
    """Return whether a procedure would look at more than `QUICK_TABLES` tables."""
    if procedure.name != "fisher_exact" or counts.two_by_two:
        return False
    shorter, longer = sorted((counts.sizes, counts.columns), key=len)
    ways = math.prod(math.comb(total + len(shorter) - 1, total) for total in longer[:-1])
    return ways > QUICK_TABLES


def _pearson(counts: Counts) -> float:
    return from_chi_square(*chi_square(counts))


def _yates(counts: Counts) -> float | None:
    statistic = yates_chi_square(counts)
    return None if statistic is None else from_chi_square_1(statistic)


def _likelihood_ratio(counts: Counts) -> float:
    return from_chi_square(*g_square(counts))


def _n_minus_one(counts: Counts) -> float:
    statistic, df = chi_square(counts)
    n = sum(counts.sizes)
    return from_chi_square(statistic * (n - 1) / n, df)


def _linear_by_linear(counts: Counts) -> float | None:
    statistic = trend(counts)
    n = sum(counts.sizes)
    return None if statistic is None else from_chi_square_1(statistic * (n - 1) / n)


def _cochran_armitage(counts: Counts) -> float | None:
    statistic = trend(counts)
    if statistic is None or counts.two_by_two or 2 not in (len(counts.rows), len(counts.scores)):
        return None
    return from_chi_square_1(statistic)


def _exact_of(which: Callable[[ExactP], float]) -> Callable[[Counts], float | None]:
    def run(counts: Counts) -> float | None:
        if not counts.two_by_two:
            return None
        return which(exact_p_values(counts.rows[0][0], *counts.sizes, counts.columns[0]))

    return run


_likelihood = _exact_of(lambda p: p.likelihood)
_likelihood_mid = _exact_of(lambda p: p.likelihood_mid)
_doubled = _exact_of(lambda p: p.doubled)
_doubled_mid = _exact_of(lambda p: p.doubled_mid)
_distance = _exact_of(lambda p: p.distance)


def _fisher(counts: Counts) -> float | None:
    if counts.two_by_two:
        return _likelihood(counts)
    try:
        return fisher_exact(counts.rows).p
    except StatisticsError:  # more tables than anyone enumerates
        return None


def _boschloo(counts: Counts) -> float | None:
    if not counts.two_by_two:
        return None
    try:
        return boschloo(counts.rows).p
    except StatisticsError:  # more tables than anyone enumerates
        return None


def _logistic(counts: Counts) -> float | None:
    if not counts.two_by_two or not all(cell for row in counts.rows for cell in row):
        return None
    (a, b), (c, d) = counts.rows
    return from_normal(math.log(a * d / (b * c)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d))


def _unpooled(counts: Counts) -> float | None:
    if not counts.two_by_two:
        return None
    (a, b), (c, d) = counts.rows
    one, two = counts.sizes
    variance = a * b / one**3 + c * d / two**3
    return from_normal((a / one - c / two) / math.sqrt(variance)) if variance else None


def _sums(counts: Counts) -> list[tuple[int, int, int]]:
    """Return size, sum and sum of squares of the codes of each group."""
    return [
        (
            sum(row),
            sum(cell * code for cell, code in zip(row, counts.scores, strict=True)),
            sum(cell * code * code for cell, code in zip(row, counts.scores, strict=True)),
        )
        for row in counts.rows
    ]


def _student(counts: Counts) -> float | None:
    if not counts.ordered or len(counts.rows) != 2:
        return None
    (n1, s1, q1), (n2, s2, q2) = _sums(counts)
    n = n1 + n2
    within = (q1 + q2) * n1 * n2 - s1 * s1 * n2 - s2 * s2 * n1
    if n < 3 or not within:
        return None
    return two_sided_t(math.sqrt((s1 * n2 - s2 * n1) ** 2 * (n - 2) / (within * n)), n - 2)


def _welch(counts: Counts) -> float | None:
    if not counts.ordered or len(counts.rows) != 2:
        return None
    sums = _sums(counts)
    if min(n for n, _, _ in sums) < 2:
        return None
    v1, v2 = ((q * n - s * s) / (n * n * (n - 1)) for n, s, q in sums)
    if not v1 + v2:
        return None
    (n1, s1, _), (n2, s2, _) = sums
    df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    return two_sided_t((s1 / n1 - s2 / n2) / math.sqrt(v1 + v2), df)


def _anova(counts: Counts) -> float | None:
    if not counts.ordered or len(counts.rows) < 3:
        return None
    sums = _sums(counts)
    n, k = sum(size for size, _, _ in sums), len(sums)
    total = sum(s for _, s, _ in sums)
    between = math.fsum(s * s / size for size, s, _ in sums) - total * total / n
    within = math.fsum((q * size - s * s) / size for size, s, q in sums)
    if n <= k or not within:
        return None
    return bounded(special.fdtrc(k - 1, n - k, max(between, 0.0) / (k - 1) / (within / (n - k))))


def _tie_share(counts: Counts) -> float:
    n = sum(counts.sizes)
    return 1 - sum(column**3 - column for column in counts.columns) / (n**3 - n)


def _mann_whitney(continuity: bool) -> Callable[[Counts], float | None]:
    def run(counts: Counts) -> float | None:
        if not counts.ordered or len(counts.rows) != 2:
            return None
        one, two = counts.sizes
        doubled, below = 0, 0
        for first, second in zip(*counts.rows, strict=True):
            doubled += first * (2 * below + second)
            below += second
        distance = abs(doubled - one * two) / 2
        if continuity:
            distance = max(distance - 0.5, 0.0)
        variance = one * two * (one + two + 1) / 12 * _tie_share(counts)
        return from_normal(distance / math.sqrt(variance))

    return run


def _exact_mann_whitney(counts: Counts) -> float | None:
    if counts.two_by_two:
        return _distance(counts)
    if not counts.ordered or len(counts.rows) != 2:
        return None
    values, groups = [], []
    for group, row in enumerate(counts.rows):
        for cell, code in zip(row, counts.scores, strict=True):
            values += [float(code)] * cell
            groups += [group] * cell
    try:
        return mann_whitney_exact(values, groups).p
    except StatisticsError:  # groups too large to permute
        return None


def _kruskal_wallis(counts: Counts) -> float | None:
    if not counts.ordered or len(counts.rows) < 3:
        return None
    n, below, ranks = sum(counts.sizes), 0, []
    for column in counts.columns:
        ranks.append(below + (column + 1) / 2)
        below += column
    sums = [sum(c * r for c, r in zip(row, ranks, strict=True)) for row in counts.rows]
    share = math.fsum(s * s / size for s, size in zip(sums, counts.sizes, strict=True))
    h = (12 / (n * (n + 1)) * share - 3 * (n + 1)) / _tie_share(counts)
    return from_chi_square(h, len(counts.rows) - 1)


SYMMETRIC = (
    "pearson",
    "yates",
    "fisher_doubled",
    "fisher_mid_p",
    "likelihood_ratio",
    "linear_by_linear",
    "trend",
    "student_t",
    "welch_t",
    "mann_whitney",
    "mann_whitney_corrected",
)

PROCEDURES: tuple[CountProcedure, ...] = (
    CountProcedure(
        "pearson",
        "Pearson chi-square test without continuity correction",
        _pearson,
        ("pearson_chi_square",),
    ),
    CountProcedure(
        "yates",
        "Pearson chi-square test with Yates's continuity correction",
        _yates,
        ("pearson_chi_square_corrected",),
    ),
    CountProcedure(
        "fisher_exact",
        "Fisher's exact test, two-sided by minimum likelihood",
        _fisher,
        ("fisher_exact",),
    ),
    CountProcedure(
        "fisher_doubled",
        "Fisher's exact test, two-sided as twice the smaller one-sided p",
        _doubled,
        ("fisher_doubled",),
    ),
    CountProcedure(
        "fisher_mid_p",
        "Fisher's test with mid-p, two-sided as twice the smaller one-sided mid-p",
        _doubled_mid,
        ("fisher_mid_p",),
    ),
    CountProcedure(
        "fisher_likelihood_mid_p",
        "Fisher's test with mid-p, two-sided by minimum likelihood",
        _likelihood_mid,
        ("fisher_mid_p",),
    ),
    CountProcedure("boschloo", "Boschloo's exact test", _boschloo, ("boschloo",), usual=False),
    CountProcedure(
        "likelihood_ratio",
        "Likelihood-ratio chi-square test (G-squared)",
        _likelihood_ratio,
        ("likelihood_ratio_chi_square",),
    ),
    CountProcedure(
        "linear_by_linear",
        "Linear-by-linear association (Mantel), (N - 1) r-squared",
        _linear_by_linear,
        ("linear_by_linear",),
    ),
    CountProcedure("n_minus_one", "Pearson chi-square times (N - 1) / N", _n_minus_one),
    CountProcedure("trend", "Cochran-Armitage test for trend", _cochran_armitage),
    CountProcedure("logistic", "Wald test of a logistic regression on one factor", _logistic),
    CountProcedure("unpooled", "z test of two proportions, variances not pooled", _unpooled),
    CountProcedure(
        "student_t",
        "Student's t test (equal variances)",
        _student,
        ("student_t",),
        coded=True,
    ),
    CountProcedure(
        "welch_t",
        "Welch's t test (unequal variances)",
        _welch,
        ("welch_t",),
        coded=True,
    ),
    CountProcedure("anova", "One-way analysis of variance", _anova, coded=True),
    CountProcedure(
        "mann_whitney",
        "Mann-Whitney U test, asymptotic without continuity correction",
        _mann_whitney(False),
        ("mann_whitney",),
        coded=True,
    ),
    CountProcedure(
        "mann_whitney_corrected",
        "Mann-Whitney U test, asymptotic with continuity correction",
        _mann_whitney(True),
        ("mann_whitney",),
        coded=True,
    ),
    CountProcedure(
        "mann_whitney_exact",
        "Mann-Whitney U test, exact",
        _exact_mann_whitney,
        ("mann_whitney", "mann_whitney_exact"),
        coded=True,
        usual=False,
    ),
    CountProcedure(
        "kruskal_wallis",
        "Kruskal-Wallis test",
        _kruskal_wallis,
        ("kruskal_wallis",),
        coded=True,
    ),
)
