from __future__ import annotations

import itertools
import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.integers import fewest_squares, most_squares, squares_exist


def squares_by_sum(n: int, low: int, high: int) -> dict[int, set[int]]:
    """Return every sum of squares of n whole numbers from low to high, by their sum."""
    found: dict[int, set[int]] = defaultdict(set)
    for values in itertools.combinations_with_replacement(range(low, high + 1), n):
        found[sum(values)].add(sum(value**2 for value in values))
    return found


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 2), (0, 3), (-2, 2), (1, 5), (0, 6), (3, 3)])
def test_between_limits_exactly_what_exists_is_allowed(n: int, low: int, high: int) -> None:
    """Every sum and sum of squares of up to six limited numbers is told apart from all others."""
    found = squares_by_sum(n, low, high)
    for total in range(n * low - 2, n * high + 3):
        if found[total]:
            assert fewest_squares(n, total) == min(found[total])
            assert most_squares(n, total, low, high) == max(found[total])
        for squares in range(n * max(low**2, high**2) + 3):
            exists = squares in found[total]
            assert squares_exist(n, total, squares, squares, low, high) == exists


@pytest.mark.parametrize(("n", "reach"), [(1, 20), (2, 20), (3, 14), (4, 11), (5, 8), (6, 6)])
def test_without_limits_exactly_what_exists_is_allowed(n: int, reach: int) -> None:
    """A sum of squares below the square of the reach leaves no number beyond it out of account."""
    found = squares_by_sum(n, -reach, reach)
    verdicts = set()
    for total in range(-n - 1, n + 2):
        for squares in range(reach**2):
            exists = squares in found[total]
            assert squares_exist(n, total, squares, squares) == exists
            verdicts.add(exists)
    assert verdicts == {True, False}


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("low", [-1, 0, 1])
def test_one_limit_on_either_side(n: int, low: int) -> None:
    """A lower limit alone, and the same numbers turned round under an upper limit alone."""
    reach = 9
    found = squares_by_sum(n, low, reach)
    for total in range(n * low - 1, reach + n * min(low, 0)):
        for squares in range(reach**2):
            exists = squares in found[total]
            assert squares_exist(n, total, squares, squares, low=low) == exists
            assert squares_exist(n, -total, squares, squares, high=-low) == exists


def test_four_numbers_cannot_have_every_sum_of_squares() -> None:
    """4 numbers with the sum 0 and squares 28 would need 28 = 4 × 7 as a sum of three squares."""
    assert not squares_exist(4, 0, 28, 28)
    assert not any(
        sum(values) == 0 and sum(value**2 for value in values) == 28
        for values in itertools.combinations_with_replacement(range(-5, 6), 4)
    )
    assert squares_exist(5, 0, 28, 28)  # (-4, -1, 1, 1, 3) has 28


@given(
    st.lists(st.integers(-300, 300), min_size=1, max_size=60),
    st.booleans(),
    st.booleans(),
)
def test_what_exists_is_never_ruled_out(values: list[int], lower: bool, upper: bool) -> None:
    """The sum and sum of squares of any numbers pass, under any limits that hold for them."""
    low = min(values) if lower else None
    high = max(values) if upper else None
    total, squares = sum(values), sum(value**2 for value in values)
    assert squares_exist(len(values), total, squares, squares, low, high)


@given(st.integers(2, 40), st.integers(-500, 500), st.integers(0, 5))
def test_the_smallest_sum_of_squares_exists_and_none_below(n: int, total: int, by: int) -> None:
    """Numbers as equal as possible have the smallest sum of squares."""
    least = fewest_squares(n, total)
    assert n * least >= total**2
    assert squares_exist(n, total, least, least)
    assert not squares_exist(n, total, least - 1 - by, least - 1)
    assert math.isqrt(least) <= abs(total) or total == 0
