from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.percentage_of_count import percentage_of_count
from myocohort.papers.entries import Count, Group, Missing, Size
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding


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


def paper_of(
    rows: list[tuple[str | None, str]],
    size: str = "48",
    *,
    declared: bool = False,
    of: str | None = None,
    place: str = "Results, Pathology",
) -> Paper:
    """Return a paper with counts and percentages of one group, in one place."""
    return Paper(
        title="t",
        missing_declared=declared,
        groups={"all": Group(label="patients")},
        size=(Size(id="s", place="Methods", group="all", n=size),),
        count=tuple(
            Count(
                id=f"c{i}",
                place=place,
                variable=f"v{i}",
                group="all",
                n=n,
                percent=percent,
                of=of,
            )
            for i, (n, percent) in enumerate(rows)
        ),
    )


def found_in(paper: Paper) -> dict[str, Finding]:
    """Return the findings by the number that they are about."""
    return {f.number: f for f in percentage_of_count(paper)}


def test_a_block_has_the_fewest_denominators(reference_paper: Paper) -> None:
    """Ten rows of the pathology are shares of 44, two of 40, as a search over all pairs says."""
    found = found_in(reference_paper)
    block = [
        c
        for c in reference_paper.count
        if c.place == "Results, Pathology" and c.group == "enrolled" and c.percent is not None
    ]
    possible = {
        c.id: {
            d
            for d in range(int(c.n or 0), 48)
            if abs(Fraction(100 * int(c.n or 0), d) - Fraction(c.percent or "0"))
            <= Fraction(1, 2 * 10 ** len((c.percent or "").partition(".")[2]))
        }
        for c in block
    }
    assert len(block) == 12
    assert not set.intersection(*possible.values())
    assert sum(44 in fitting for fitting in possible.values()) == 10
    of = {
        c.id: 44 if "of 44, not of all 48" in found[f"{c.id}.percent"].explanation else 40
        for c in block
    }
    assert all(of[name] in fitting for name, fitting in possible.items())
    assert {name for name, d in of.items() if d == 40} == {
        "text.ragged_blue_fibres",
        "text.cox_negative",
    }
    said = found["text.hypertrophy.percent"].explanation
    assert "44 of 48 have a value, which the paper does not say" in said
    assert "10 of the 12 percentages in Results, Pathology that are not of 48 fit 44" in said


@pytest.mark.parametrize(
    ("place", "block"),
    [
        ("Table 1, ILD, refractory", "Table 1"),
        ("Results, Pathology, BAFF", "Results, Pathology"),
        ("Results", "Results"),
    ],
)
def test_rows_of_one_table_are_one_block(place: str, block: str) -> None:
    """Each row of a table has its own place; the block is the table, or else the section."""
    found = found_in(paper_of([("10", "22.7"), ("40", "90.9")], place=place))
    assert f"2 of the 2 percentages in {block} that" in found["c0.percent"].explanation


def test_declared_missing_values_fix_the_denominator() -> None:
    """10 is 22.7% of 44, but with nobody missing it is 20.8% of 48."""
    found = found_in(paper_of([("10", "22.7")], declared=True))["c0.percent"]
    assert found.verdict == "inconsistent"
    assert found.computed == "20.8"
    assert "the paper says who has no value" in found.explanation
    assert found.against == ("c0.n", "s.n")


def test_a_printed_denominator_is_the_one() -> None:
    """32 of 37 is 86.5%, whatever the size; of 36 it would be 88.9%, and 37 is one slip away."""
    assert found_in(paper_of([("32", "86.5")], of="37"))["c0.percent"].verdict == "consistent"
    found = found_in(paper_of([("32", "86.5")], of="36"))
    assert set(found) == {"c0.of"}
    assert found["c0.of"].suggestion.startswith("37 instead of 36 (one digit wrong)")
    assert "no slip in the percentage would do" in found["c0.of"].explanation


def test_the_count_is_accused_where_only_its_slip_heals() -> None:
    """12 of 27 is 44.4%; 22 of 27 is the printed 81.5%, and no slip in 81.5 makes 44.4."""
    found = found_in(paper_of([("12", "81.5")], "27", declared=True))
    assert set(found) == {"c0.n"}
    assert found["c0.n"].computed == "22"
    assert found["c0.n"].suggestion == "22 instead of 12 (one digit wrong) would agree"
    assert "12 of 27 patients is 44.4%, not 81.5%" in found["c0.n"].explanation


def test_both_slips_are_said_where_both_heal() -> None:
    """20 of 50 is 40%, printed 60%: 40, or else 30 of 50."""
    found = found_in(paper_of([("20", "60")], "50", declared=True))["c0.percent"]
    assert found.suggestion == "40 instead of 60 (one digit wrong) would agree"
    assert "as well 30 instead of 20 (one digit wrong) would agree" in found.explanation


def test_a_slip_in_the_size_is_seen_in_all_its_percentages() -> None:
    """22, 9, 7 and 11 of 27 with the size printed as 72: the size is named, not the rows."""
    rows: list[tuple[str | None, str]] = [
        ("22", "81.5"),
        ("9", "33.3"),
        ("7", "25.9"),
        ("11", "40.7"),
    ]
    found = found_in(paper_of(rows, "72", declared=True))
    assert {name for name, f in found.items() if f.verdict == "inconsistent"} == {"s.n"}
    assert found["s.n"].suggestion == "27 instead of 72 (two digits swapped) would agree"
    assert found["c0.percent"].verdict == "untestable"
    undeclared = found_in(paper_of(rows, "72"))  # 45 patients may have no value
    assert {f.verdict for f in undeclared.values()} == {"consistent"}
    larger = found_in(paper_of(rows, "17"))
    assert larger["s.n"].verdict == "inconsistent"


def test_a_percentage_without_a_count_and_with_a_known_denominator() -> None:
    """No number of 13 is 34.8%, and nobody is missing."""
    found = found_in(paper_of([(None, "34.8")], "13", declared=True))["c0.percent"]
    assert found.verdict == "inconsistent"
    assert found_in(paper_of([(None, "69.2")], "13", declared=True))["c0.percent"].verdict == (
        "consistent"
    )
    assert found_in(paper_of([(None, "<1")], "300"))["c0.percent"].verdict == "consistent"


@pytest.mark.parametrize(
    ("n", "size", "percent", "rounding"),
    [("2", "3", "66.6", "truncated"), ("49", "110", "44.6", "twice")],
)
def test_other_ways_to_round(n: str, size: str, percent: str, rounding: Rounding) -> None:
    """2 of 3 cut off is 66.6%, and 49 of 110 rounded twice is 44.6%."""
    paper = paper_of([(n, percent)], size, declared=True)
    assert [f.verdict for f in percentage_of_count(paper)] == ["inconsistent"]
    assert [f.verdict for f in percentage_of_count(paper, rounding)] == ["consistent"]


@given(
    st.integers(2, 120).flatmap(
        lambda size: st.tuples(
            st.just(size), st.lists(st.tuples(st.integers(0, size), st.integers(1, size)))
        )
    )
)
def test_no_row_with_undeclared_missing_values_is_accused(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    """Shares of any part of a group are explained by a common denominator or by their own."""
    size, pairs = drawn
    rows: list[tuple[str | None, str]] = [
        (str(min(n, of)), f"{100 * min(n, of) / of:.1f}") for n, of in pairs[:8]
    ]
    found = percentage_of_count(paper_of(rows, str(size)))
    assert {f.verdict for f in found} <= {"consistent"}


def test_a_slip_in_the_declared_missing_values_is_named() -> None:
    """22 of 27 is 81.5%; of 28 with 3 missing only a slip in the 3 heals, as it was 1."""
    paper = paper_of([("22", "81.5")], "28").model_copy(
        update={"missing": (Missing(id="m", place="T", variable="v0", group="all", n="3"),)}
    )
    found = found_in(paper)
    assert set(found) == {"m.n"}
    assert found["m.n"].suggestion == "1 instead of 3 (one digit wrong) would agree"


def test_nobody_with_a_value_leaves_nothing_to_divide() -> None:
    """0 of 0 has no percentage."""
    found = found_in(paper_of([("0", "0")], of="0"))["c0.percent"]
    assert (found.verdict, found.explanation) == ("untestable", "nobody is left with a value")
