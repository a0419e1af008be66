from __future__ import annotations

from collections.abc import Callable

import pytest

from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import (
    nearest_first,
    numbers_behind,
    pairs_with,
    patients_with,
    several,
    with_fewer,
)

SIZES = """
size = [
  { id = "s.all", place = "T", group = "all", n = "30" },
  { id = "s.one", place = "T", group = "one", n = "20" },
  { id = "s.two", place = "T", group = "two", n = "10" },
]
"""
IN_ONE = 'missing = [{ id = "w1", place = "T", variable = "x", group = "one", n = "3" }]\n'
IN_ALL = 'missing = [{ id = "w", place = "T", variable = "x", group = "all", n = "3" }]\n'
BESIDE = (
    'mean = [{ id = "m1", place = "T", variable = "x", group = "one", n = "17", mean = "2" },\n'
    '{ id = "m2", place = "T", variable = "x", group = "two", n = "9", mean = "2" }]\n'
)
COMPLETE = "missing_declared = true\n"


@pytest.mark.parametrize(
    ("entries", "group", "numbers"),
    [
        (SIZES, "one", range(1, 21)),  # nothing said
        (COMPLETE + SIZES, "one", range(20, 21)),  # nobody lacks a value
        (IN_ONE + SIZES, "one", range(17, 18)),
        (IN_ONE + SIZES, "two", range(1, 11)),
        (IN_ONE + SIZES, "all", range(18, 28)),  # 17 and at most 10
        (COMPLETE + IN_ONE + SIZES, "two", range(10, 11)),
        (COMPLETE + IN_ONE + SIZES, "all", range(27, 28)),
        (COMPLETE + IN_ALL + SIZES, "all", range(27, 28)),
        (COMPLETE + IN_ALL + SIZES, "two", range(7, 11)),  # the 3 may be anywhere
        (BESIDE + SIZES, "all", range(26, 27)),
        (COMPLETE + BESIDE + SIZES, "all", range(26, 27)),
        (COMPLETE, "all", None),
    ],
)
def test_how_many_can_have_a_value(
    made_paper: Callable[[str], Paper], entries: str, group: str, numbers: range | None
) -> None:
    """What is declared of a group, of its parts, of its whole, or of nobody."""
    assert patients_with(made_paper(entries), "x", group) == numbers


def test_pairs_need_both_values(made_paper: Callable[[str], Paper]) -> None:
    """Of 30 patients 3 lack the one and 4 the other: at least 23 and at most 26 have both."""
    other = IN_ALL.replace(
        "]", ', { id = "v", place = "T", variable = "y", group = "all", n = "4" }]'
    )
    assert pairs_with(made_paper(other + SIZES), "x", "y", "all") == range(23, 27)
    assert pairs_with(made_paper(COMPLETE + SIZES), "x", "y", "all") == range(30, 31)
    assert pairs_with(made_paper(COMPLETE), "x", "y", "all") is None


def test_numbers_in_words() -> None:
    """Up to three numbers are named."""
    assert several([26]) == "26"
    assert several([26, 25]) == "26 or 25"
    assert several([26, 25, 24]) == "26, 25 or 24"
    assert several([26, 25, 24, 20]) == "26, 25, 24 or other numbers"


def test_which_printed_numbers_say_how_many_have_a_value(
    made_paper: Callable[[str], Paper],
) -> None:
    """The number beside a mean; otherwise the size of the group and those declared missing."""
    paper = made_paper(IN_ONE + SIZES)
    assert numbers_behind(paper, "x", "one") == ("s.one.n", "w1.n")
    assert numbers_behind(paper, "x", "two") == ("s.two.n",)
    assert numbers_behind(made_paper(BESIDE + SIZES), "x", "one") == ("m1.n",)


def test_the_fewest_missing_come_first() -> None:
    """Of 3 and at least 2 of 4: one missing, then two, then three; nobody missing is left out."""
    assert list(with_fewer([range(3, 4), range(2, 5)])) == [(3, 3), (3, 2)]
    assert list(with_fewer([range(2, 4), range(3, 5)])) == [(3, 3), (2, 4), (2, 3)]
    assert list(with_fewer([range(3, 4), range(4, 5)])) == []


def test_places_with_the_smallest_sum_come_first() -> None:
    """Every choice from lists of 2, 3 and 2 once; none from an empty list."""
    found = list(nearest_first([2, 3, 2]))
    assert len(found) == len(set(found)) == 12
    assert [sum(places) for places in found] == sorted(sum(places) for places in found)
    assert list(nearest_first([2, 0])) == []
