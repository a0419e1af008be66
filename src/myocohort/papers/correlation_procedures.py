"""The p value of a printed correlation by every usual procedure, over the rounding of r."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from myocohort.papers.printed import Interval
from myocohort.stats.p_values import exact_two_sided, from_normal, from_t
from myocohort.stats.spearman import LARGEST_EXACT, exact_spearman

_SLACK = 1e-9  # of a p value: what a long calculation with floats may be off
_LARGEST_KENDALL = 49  # R's cor.test counts all orders below 50 pairs

# Best & Roberts 1975, algorithm AS 89: coefficients of the Edgeworth series.
_AS_89 = (
    0.2274, 0.2531, 0.1745, 0.0758, 0.1033, 0.3932, 0.0879, 0.0151, 0.0072, 0.0831, 0.0131, 4.6e-4,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CorrelationProcedure:
    """A way to get a p value from a correlation and its number of pairs alone.

    Parameters
    ----------
    label
        As findings call it.
    claims
        The test of TESTS that it is a form of; "" for none.
    p
        (absolute correlation, pairs) -> two-sided p, not rising with the correlation; None
        where the procedure is not used for so many pairs.
    steps
        pairs -> the absolute correlations that exist; None where every one does.
    """

    label: str
    claims: str
    p: Callable[[float, int], float | None]
    steps: Callable[[int], tuple[float, ...]] | None = None

    def p_range(self, r: Interval, n: int) -> Interval | None:
        """Return the p values that a correlation within an interval can have, None for none."""
        if r.low is None or r.high is None or n < 3:
            return None
        least = float(max(r.low, -r.high, Fraction(0)))
        most = float(min(max(abs(r.low), abs(r.high)), Fraction(1)))
        if self.steps is not None:
            inside = [s for s in self.steps(n) if least - _SLACK <= s <= most + _SLACK]
            if not inside:
                return None
            least, most = min(inside), max(inside)
        low, high = self.p(most, n), self.p(least, n)
        if low is None or high is None:
            return None
        return Interval(Fraction(low * (1 - _SLACK)), Fraction(min(high * (1 + _SLACK), 1.0)))


def _by_t(r: float, n: int) -> float:
    return 0.0 if r >= 1.0 else from_t(r * math.sqrt((n - 2) / (1.0 - r * r)), n - 2)


def _by_fisher(r: float, n: int) -> float | None:
    if n < 4:
        return None
    return 0.0 if r >= 1.0 else from_normal(math.atanh(r) * math.sqrt(n - 3))


@lru_cache(maxsize=32)
def _spearman_steps(n: int) -> tuple[float, ...]:
    """Return the absolute rhos of pairs without ties, where all orders can be counted."""
    if n > LARGEST_EXACT:
        return ()
    return tuple(sorted({abs(rho) for rho, _ in exact_spearman(n)}))


def _spearman_exact(rho: float, n: int) -> float | None:
    if n > LARGEST_EXACT:
        return None
    return min(p for step, p in exact_spearman(n) if abs(step - rho) <= _SLACK)


def _spearman_edgeworth(rho: float, n: int) -> float | None:
    """Return p as R's cor.test prints it from 10 pairs without ties (algorithm AS 89)."""
    if not 10 <= n <= 1290:
        return None
    squares = round(n * (n * n - 1) * (1.0 - rho) / 6.0)
    c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12 = _AS_89
    b = 1.0 / n
    x = (6.0 * (squares + 1) * b / (n * n - 1.0) - 1.0) * math.sqrt(n - 1.0)
    y = x * x
    u = c7 + c8 * b - y * (c9 - c10 * b + y * b * (c11 - c12 * y))
    u = x * b * (c1 + b * (c2 + c3 * b) + y * (-c4 + b * (c5 + c6 * b) - y * b * u))
    upper = u / math.exp(y / 2.0) + math.erfc(x / math.sqrt(2.0)) / 2.0
    return min(1.0, 2.0 * max(0.0, 1.0 - upper))


def _kendall_normal(tau: float, n: int) -> float:
    return from_normal(3.0 * tau * math.sqrt(n * (n - 1) / (2.0 * (2 * n + 5))))


@lru_cache(maxsize=64)
def _inversions(n: int) -> tuple[int, ...]:
    """Return how many orders of n have 0, 1, 2, ... pairs the wrong way round."""
    ways = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(ways) + size - 1)
        for place, orders in enumerate(ways):
            for more in range(size):
                longer[place + more] += orders
        ways = longer
    return tuple(ways)


def _kendall_steps(n: int) -> tuple[float, ...]:
    """Return the absolute taus of pairs without ties, where all orders are counted."""
    pairs = n * (n - 1) // 2 if n <= _LARGEST_KENDALL else -1
    return tuple(abs(1.0 - 2.0 * wrong / pairs) for wrong in range(pairs // 2 + 1))


def _kendall_exact(tau: float, n: int) -> float | None:
    if n > _LARGEST_KENDALL:
        return None
    return exact_two_sided(_inversions(n), round(n * (n - 1) / 4.0 * (1.0 - tau)))


PROCEDURES = (
    CorrelationProcedure(
        "Spearman's rank correlation, p by the t approximation", "spearman", _by_t
    ),
    CorrelationProcedure(
        "Spearman's rank correlation, exact p, no ties",
        "spearman",
        _spearman_exact,
        _spearman_steps,
    ),
    CorrelationProcedure(
        "Spearman's rank correlation, p by an Edgeworth series",
        "spearman",
        _spearman_edgeworth,
    ),
    CorrelationProcedure(
        "Spearman's rank correlation, p by the normal approximation",
        "spearman",
        lambda rho, n: from_normal(rho * math.sqrt(n - 1)),
    ),
    CorrelationProcedure("Pearson's correlation", "", _by_t),
    CorrelationProcedure("Fisher's z", "", _by_fisher),
    CorrelationProcedure("Kendall's tau, p by the normal approximation", "", _kendall_normal),
    CorrelationProcedure("Kendall's tau, exact p, no ties", "", _kendall_exact, _kendall_steps),
)


def p_ranges(
    r: Interval, n: int, claimed: str | None
) -> Iterator[tuple[CorrelationProcedure, Interval]]:
    """Yield each procedure with the p values that it gives, those of the claimed test first."""
    for procedure in sorted(PROCEDURES, key=lambda each: each.claims != claimed):
        found = procedure.p_range(r, n)
        if found is not None:
            yield procedure, found
