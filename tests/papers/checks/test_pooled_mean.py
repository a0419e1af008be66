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


def made(whole: str, parts: tuple[str, str], sizes: tuple[int, int]) -> Paper:
    """Return a paper that says of every variable how many patients lack a value."""
    names = ("one", "two")
    return Paper(
        title="t",
        missing_declared=True,
        groups={name: Group(label=name) for name in ("all", *names)},
        partitions=(Partition(whole="all", parts=names),),
        size=tuple(
            Size(id=f"s.{name}", place="T", group=name, n=str(n))
            for name, n in zip(("all", *names), (sum(sizes), *sizes), strict=True)
        ),
        mean=tuple(
            Mean(id=f"m.{name}", place="T", variable="rate", group=name, mean=text)
            for name, text in zip(("all", *names), (whole, *parts), strict=True)
        ),
    )


def test_declared_numbers_leave_one_mean() -> None:
    """With 16 and 9 patients 2.64 and 5.55 pool to 3.69, and 3.44 needs others."""
    assert [f.verdict for f in pooled_mean(made("3.69", ("2.64", "5.55"), (16, 9)))] == [
        "consistent"
    ]
    (found,) = pooled_mean(made("3.44", ("2.64", "5.55"), (16, 9)))
    assert found.verdict == "inconsistent"
    assert found.computed == "3.69"
    assert "with 16 and 9 patients the whole has 3.69" in found.explanation


def test_a_paper_that_cuts_digits_off_is_read_so() -> None:
    """10.39 and 20.39 of one each may be printed as 10.3, 20.3 and 15.4 (15.39 + 0.09)."""
    paper = made("15.4", ("10.3", "20.3"), (1, 1))
    assert [f.verdict for f in pooled_mean(paper)] == ["consistent"]
    further = made("15.3", ("10.4", "20.4"), (1, 1))
    assert [f.verdict for f in pooled_mean(further, "truncated")] == ["consistent"]
    beyond = made("15.5", ("10.3", "20.3"), (1, 1))
    assert [f.verdict for f in pooled_mean(beyond)] == ["inconsistent"]


def test_parts_of_parts_and_a_part_without_a_mean(reference_paper: Paper) -> None:
    """The enrolled are the followed, who are two groups with means, and the lost, who have none."""
    found = {finding.number: finding for finding in pooled_mean(reference_paper)}
    enrolled = found["text.onset_age.enrolled.mean"]
    assert enrolled.verdict == "untestable"
    assert enrolled.against == (
        "text.onset_age.non_refractory.mean",
        "text.onset_age.refractory.mean",
    )
    assert "no mean is printed for the patients lost to follow-up" in enrolled.explanation


def test_sizes_that_do_not_add_up_are_left_to_their_own_check() -> None:
    """Parts of 5 and 5 are no whole of 12, whatever their means."""
    paper = made("1.5", ("1.0", "2.0"), (5, 5))
    sizes = (paper.size[0].model_copy(update={"n": "12"}), *paper.size[1:])
    (found,) = pooled_mean(paper.model_copy(update={"size": sizes}))
    assert found.verdict == "untestable"
    assert "do not add up" in found.explanation


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=16),
    st.lists(st.integers(0, 500), min_size=1, max_size=9),
)
def test_no_true_pooled_mean_is_accused(one: list[int], two: list[int]) -> None:
    """Means of made patients, with any number of them missing, are consistent."""
    texts = [f"{math.fsum(x) / 100 / len(x):.2f}" for x in (one + two, one, two)]
    assert only(texts[0], (texts[1], texts[2])).verdict == "consistent"
