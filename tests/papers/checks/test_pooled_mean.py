from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.pooled_mean import pooled_mean
from myocohort.papers.entries import Group, Mean, Partition, Size
from myocohort.papers.paperfile import Paper


def only(whole: str, parts: tuple[str, str], sizes: tuple[int, int] | None = (16, 9)) -> Finding:
    """Return the finding about one mean of a whole group and those of its two parts."""
    names = ("one", "two")
    paper = Paper(
        title="t",
        citation="c",
        doi="d",
        groups={name: Group(label=name) for name in ("all", *names)},
        partitions=(Partition(whole="all", parts=names),),
        size=tuple(
            Size(id=f"s.{name}", place="Table 3", group=name, n=str(size))
            for name, size in zip(names, sizes or (), strict=False)
        ),
        mean=tuple(
            Mean(id=f"m.{name}", place="Text", variable="rate", group=name, mean=text)
            for name, text in zip(("all", *names), (whole, *parts), strict=True)
        ),
    )
    (found,) = pooled_mean(paper)
    return found


@pytest.mark.parametrize(
    ("whole", "parts", "verdict"),
    [
        ("3.44", ("2.64", "5.55"), "consistent"),
        ("1.45", ("1.37", "1.60"), "consistent"),
        ("0.68", ("0.77", "0.59"), "consistent"),
        ("0.41", ("0.43", "0.38"), "consistent"),
        ("0.11", ("0.14", "0.17"), "inconsistent"),
        ("2.37", ("3.69", "2.17"), "consistent"),
        ("2.72", ("2.80", "2.56"), "consistent"),
        ("1.07", ("1.18", "1.17"), "inconsistent"),
        ("0.55", ("0.99", "0.70"), "inconsistent"),
        ("0.57", ("0.64", "0.60"), "inconsistent"),
    ],
)
def test_table_3_against_the_text(whole: str, parts: tuple[str, str], verdict: str) -> None:
    """Four of the ten overall rates lie outside the two groups' and cannot be pooled."""
    lows = [Fraction(text) - Fraction(1, 200) for text in parts]
    highs = [Fraction(text) + Fraction(1, 200) for text in parts]
    outside = not min(lows) <= Fraction(whole) <= max(highs)
    assert outside == (verdict == "inconsistent")
    assert only(whole, parts).verdict == verdict


def test_a_mean_between_the_parts_may_still_be_impossible() -> None:
    """Between 0.00 and 10.00 two and two patients give 3.33, 5.00 and 6.67 only."""
    assert only("4.20", ("0.00", "10.00"), (2, 2)).verdict == "inconsistent"
    assert only("3.33", ("0.00", "10.00"), (2, 2)).verdict == "consistent"


def test_the_mean_with_everybody_is_shown() -> None:
    """(16 × 0.14 + 9 × 0.17) / 25 = 0.1508 stands beside the printed 0.11."""
    found = only("0.11", ("0.14", "0.17"))
    assert found.computed == "0.15"
    assert found.number == "m.all.mean"
    assert found.against == ("m.one.mean", "m.two.mean")


def test_unknown_sizes_are_untestable() -> None:
    """Without the sizes of the parts any weights are possible."""
    assert only("0.11", ("0.14", "0.17"), None).verdict == "untestable"


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=16),
    st.lists(st.integers(0, 500), min_size=1, max_size=9),
)
def test_no_true_pooled_mean_is_accused(one: list[int], two: list[int]) -> None:
    """Means of made patients, with any number of them missing, are consistent."""
    texts = [f"{math.fsum(x) / 100 / len(x):.2f}" for x in (one + two, one, two)]
    assert only(texts[0], (texts[1], texts[2])).verdict == "consistent"
