"""Which sums of squares n whole numbers with a given sum can have.

The arithmetic behind GRIM, GRIMMER and DEBIT, in whole numbers throughout. The sum of squares
Q of n whole numbers with the sum S is even or odd as S is. Without limits on the numbers every
such Q from the smallest possible upwards exists if n is at least 5:

- Four numbers with an odd sum s have the odd sum of squares q whenever 4q > s²: then 4q - s²
  leaves 3 when divided by 8 and is the sum of three odd squares (Gauss; the lemma of Cauchy).
- Five: subtract a whole number from all, so that 0 <= S <= 4 and the smallest Q is S. Set one
  of them to 1 (S = 0, 2, 4) or to 0 (S = 1, 3); the other four have an odd sum, and 4q > s²
  for every Q >= S, except for S = Q = 0, which five zeros have.
- More: 0 <= S < n in the same way, the smallest Q is S; set one number to 0, and the others
  have the same S and Q with n - 1 numbers, of which the smallest Q is S too.

For n up to 4 and for numbers between limits not every such Q exists; `squares_exist` says
where it decides and where it only rules out.
"""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

MOST_BITS = 2 * 10**9  # of work for a table of all sums and sums of squares: about 0.1 s
MOST_SPREAD = 10**8  # beyond, three numbers are not looked for one by one


def fewest_squares(n: int, total: int) -> int:
    """Return the smallest sum of squares of n whole numbers with a sum: as equal as possible."""
    each, larger = divmod(total, n)
    return (n - larger) * each**2 + larger * (each + 1) ** 2


def most_squares(n: int, total: int, low: int, high: int) -> int:
    """Return the largest sum of squares of n whole numbers from low to high with a sum.

    All but at most one of them are then low or high. The sum lies from n × low to n × high.
    """
    if low == high:
        return n * low**2
    at_high, rest = divmod(total - n * low, high - low)
    if at_high == n:
        return n * high**2
    return at_high * high**2 + (low + rest) ** 2 + (n - at_high - 1) * low**2


def squares_exist(
    n: int,
    total: int,
    smallest: int,
    largest: int,
    low: int | None = None,
    high: int | None = None,
) -> bool:
    """Return whether n whole numbers exist with a sum and a sum of squares within limits.

    Parameters
    ----------
    n
        How many, at least 1.
    total
        Their sum.
    smallest, largest
        Limits of the sum of squares, themselves allowed.
    low, high
        Limits of each number; None where there is none.

    Returns
    -------
    bool
        False is always right. True is right without limits on the numbers (of three numbers
        unless they lie thousands apart), and within limits for n up to 3 and where the table
        of all sums is small enough (30 numbers with 17 values, 100 with 7, 13 with 31);
        elsewhere it says that size and parity allow it.
    """
    narrowed = _narrowed(n, total, low, high)
    if narrowed is None:
        return False
    total, width, shift = narrowed
    # Numbers less `shift`: their squares sum to Q - 2 shift S + n shift², S before the shift.
    moved = -2 * shift * (total + n * shift) + n * shift**2
    first = max(smallest + moved, fewest_squares(n, total))
    last = largest + moved
    if width is not None:
        last = min(last, most_squares(n, total, 0, width))
    first += (first - total) % 2
    if first > last:
        return False
    if n <= 3:
        return _few(n, total, first, last, width)
    if width is not None and n**3 * width**4 <= MOST_BITS:
        stride = n * width**2 + 1
        here = _table(n, width) >> (total * stride + first)
        return here & ((1 << (last - first + 1)) - 1) != 0
    if n == 4 and total % 2 == 0:
        return any(_three_squares(q - (total // 2) ** 2) for q in range(first, last + 1, 2))
    return True


def _narrowed(
    n: int, total: int, low: int | None, high: int | None
) -> tuple[int, int | None, int] | None:
    """Return the sum of the numbers less a shift, the most one can then be, and the shift.

    Each of the shifted numbers lies from 0 to that most, where it is known; numbers with an
    upper limit alone are first turned round. None where no numbers have the sum.
    """
    if low is None and high is None:
        return total - n * (total // n), None, total // n
    if low is None:
        # From the sum it follows how far below `high` one of them can lie.
        assert high is not None
        below = n * high - total
        return (total - n * (high - below), below, high - below) if below >= 0 else None
    above = total - n * low
    width = above if high is None else min(high - low, above)
    return (above, width, low) if above >= 0 and width >= 0 and above <= n * width else None


def _few(n: int, total: int, first: int, last: int, width: int | None) -> bool:
    """Return whether up to three numbers from 0 to width have a sum of squares in a range."""
    if n == 1:
        return first <= total**2 <= last
    if n == 2:
        return _two(total, first, last, width)
    spread = 3 * last - total**2
    if spread > MOST_SPREAD:
        return True
    # The smallest of three lies at most sqrt(2 spread) / 3 below their mean.
    start = (total - isqrt(2 * spread)) // 3 - 1
    return any(
        _two(total - least, first - least**2, last - least**2, width)
        for least in range(start if width is None else max(start, 0), total // 3 + 1)
    )


def _two(total: int, first: int, last: int, width: int | None) -> bool:
    """Return whether two numbers exist: with d apart their squares add to (total² + d²) / 2."""
    if 2 * last < total**2:
        return False
    nearest, farthest = max(2 * first - total**2, 0), isqrt(2 * last - total**2)
    apart = isqrt(nearest)
    apart += apart**2 < nearest
    apart += (apart - total) % 2
    if width is not None:
        farthest = min(farthest, total, 2 * width - total)
    return apart <= farthest


def _three_squares(number: int) -> bool:
    """Return whether a number is the sum of three squares: not 4^a (8 b + 7) (Legendre)."""
    while number and number % 4 == 0:
        number //= 4
    return number % 8 != 7


@lru_cache(maxsize=16)
def _table(n: int, width: int) -> int:
    """Return a bit for each pair of sum s and sum of squares q of n numbers from 0 to width.

    It stands at s × (n width² + 1) + q.
    """
    stride = n * width**2 + 1
    reached = 1
    for _ in range(n):
        reached = _one_more(reached, width, stride)
    return reached


def _one_more(reached: int, width: int, stride: int) -> int:
    more = 0
    for value in range(width + 1):
        more |= reached << (value * stride + value**2)
    return more
