from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.percentage_of_count import percentage_of_count
from myocohort.papers.entries import Count, Group, Size
from myocohort.papers.paperfile import Paper


def only(percent: str, n: str | None, size: str | None) -> Finding:
    """Return the finding about one percentage of a group of a printed size."""
    paper = Paper(
        title="t",
        citation="c",
        doi="d",
        groups={"all": Group(label="patients")},
        size=() if size is None else (Size(id="s", place="Methods", group="all", n=size),),
        count=(Count(id="c", place="Table 1", variable="ild", group="all", n=n, percent=percent),),
    )
    (found,) = percentage_of_count(paper)
    return found


def test_a_share_that_its_count_gives_is_consistent() -> None:
    """22 of 27 is 81.5% (Table 1, cervical flexion weakness)."""
    found = only("81.5", "22", "27")
    assert found.verdict == "consistent"
    assert found.number == "c.percent"
    assert "22 of 27" in found.explanation


def test_a_smaller_denominator_is_possible_and_said() -> None:
    """10 is 22.7% of 44 and not of 48: four patients have no value, which is no contradiction."""
    found = only("22.7", "10", "48")
    assert found.verdict == "consistent"
    assert "22.7% of 44, not of all 48" in found.explanation


def test_a_share_that_no_denominator_gives_is_inconsistent() -> None:
    """9 of at most 13 is never 62.9%; 69.2 is shown, and the slip that would make it."""
    found = only("62.9", "9", "13")
    assert found.verdict == "inconsistent"
    assert found.computed == "69.2"
    assert only("89.2", "9", "13").suggestion.startswith("69.2 instead of 89.2 (one digit wrong)")


@pytest.mark.parametrize(
    ("percent", "size", "verdict"),
    [("16.67", "48", "consistent"), ("34.8", "48", "untestable"), ("0.9", "20", "inconsistent")],
)
def test_a_percentage_without_a_count_needs_some_whole_number(
    percent: str, size: str, verdict: str
) -> None:
    """8 of 48 is 16.67%; 34.8% is 8 of 23 but no number of 48; 0.9% needs more than 20."""
    assert only(percent, None, size).verdict == verdict


def test_a_group_without_a_printed_size_is_untestable() -> None:
    """Without a denominator nothing can be said."""
    assert only("50", "10", None).verdict == "untestable"


@given(st.integers(1, 200).flatmap(lambda t: st.tuples(st.integers(0, t), st.just(t))))
def test_no_true_percentage_is_accused(share: tuple[int, int]) -> None:
    """Half-up, half-even and printf prints of a true share are all consistent."""
    n, total = share
    exact = Fraction(100 * n, total)
    half_up = (exact * 10 + Fraction(1, 2)).__floor__()
    for text in (f"{round(exact * 10) / 10:.1f}", f"{half_up / 10:.1f}", f"{100 * n / total:.1f}"):
        assert only(text, str(n), str(total)).verdict == "consistent"


def test_the_reference_paper_has_no_wrong_percentage(reference_paper: Paper) -> None:
    """All 66 percentages of the paper agree with their counts, twelve with fewer than 48."""
    found = list(percentage_of_count(reference_paper))
    assert {f.verdict for f in found} == {"consistent"}
    assert len(found) == 66


def test_each_percentage_is_checked_once(made_paper: Callable[[str], Paper]) -> None:
    """A count without a percentage is not checked."""
    paper = made_paper(
        'count = [{ id = "c", place = "T", variable = "a", group = "all", n = "1" }]'
    )
    assert list(percentage_of_count(paper)) == []
