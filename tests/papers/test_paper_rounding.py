from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.papers.checks import run_checks
from myocohort.papers.checks.percentage_of_count import percentage_of_count
from myocohort.papers.entries import Count, Group, Size
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import agrees
from myocohort.papers.rounding import recognise
from myocohort.papers.shares import shares

Print = Callable[[Fraction, int], str]


def half_up(value: Fraction, decimals: int) -> str:
    """Print a value to the nearest, halves up."""
    return written(math.floor(value * 10**decimals + Fraction(1, 2)), decimals)


def half_even(value: Fraction, decimals: int) -> str:
    """Print a value to the nearest, halves to the even digit."""
    return written(round(value * 10**decimals), decimals)


def printf(value: Fraction, decimals: int) -> str:
    """Print a value as C does."""
    return f"{float(value):.{decimals}f}"


def cut_off(value: Fraction, decimals: int) -> str:
    """Print a value without its further digits."""
    return written(math.floor(value * 10**decimals), decimals)


def twice(first: Print, second: Print) -> Print:
    """Return a way to print that rounds to one digit more and then again."""
    return lambda value, decimals: second(Fraction(first(value, decimals + 1)), decimals)


def written(units: int, decimals: int) -> str:
    """Write so many units of the last digit."""
    text = str(units).zfill(decimals + 1)
    return f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text


NEAREST = {"half_up": half_up, "half_even": half_even, "printf": printf}
TWICE = {
    "up_up": twice(half_up, half_up),
    "up_even": twice(half_up, half_even),
    "even_up": twice(half_even, half_up),
    "even_even": twice(half_even, half_even),
    "printf_printf": twice(printf, printf),
}


def paper_with(rows: list[tuple[int, int, str]]) -> Paper:
    """Return a paper with counts, each with its denominator and percentage."""
    return Paper(
        title="t",
        groups={"all": Group(label="patients")},
        count=tuple(
            Count(
                id=f"c{i}",
                place="Table 1",
                variable=f"v{i}",
                group="all",
                n=str(n),
                of=str(of),
                percent=percent,
            )
            for i, (n, of, percent) in enumerate(rows)
        ),
    )


def printed(pairs: list[tuple[int, int]], way: Print, decimals: int) -> Paper:
    """Return a paper that prints the shares of counts in one way."""
    return paper_with([(n, of, way(Fraction(100 * n, of), decimals)) for n, of in pairs])


counts = st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
pairs = st.lists(counts, min_size=1, max_size=30)


@given(pairs, st.sampled_from(sorted(NEAREST)), st.integers(0, 2))
def test_rounding_to_the_nearest_is_never_called_otherwise(
    rows: list[tuple[int, int]], way: str, decimals: int
) -> None:
    """Half-up, half-even and printf are all rounding to the nearest, and nothing is accused."""
    paper = printed(rows, NEAREST[way], decimals)
    assert recognise(paper).rounding == "nearest"
    assert all(f.verdict != "inconsistent" for f in run_checks(paper).findings)


@settings(max_examples=40)  # every check runs twice on a paper that cuts digits off
@given(st.lists(counts, min_size=5, max_size=30), st.integers(0, 2))
def test_no_number_of_a_paper_that_cuts_digits_off_is_accused(
    rows: list[tuple[int, int]], decimals: int
) -> None:
    """Either it is recognised, or nothing in it contradicts rounding to the nearest."""
    paper = printed(rows, cut_off, decimals)
    assert recognise(paper).rounding != "twice"
    assert all(f.verdict != "inconsistent" for f in run_checks(paper).findings)


@given(pairs, st.sampled_from(sorted(TWICE)), st.integers(0, 2))
def test_no_number_of_a_paper_that_rounds_twice_is_accused(
    rows: list[tuple[int, int]], way: str, decimals: int
) -> None:
    """Whichever way halves go at either step, all percentages are explained."""
    paper = printed(rows, TWICE[way], decimals)
    rounding = recognise(paper).rounding
    assert all(agrees(s.percent, s.exact, rounding) for s in shares(paper))


@given(
    st.integers(2, 300).flatmap(
        lambda size: st.tuples(
            st.just(size),
            st.lists(
                st.tuples(st.integers(0, size), st.integers(1, size)), min_size=5, max_size=20
            ),
        )
    ),
    st.sampled_from([half_up, half_even, printf, cut_off, *TWICE.values()]),
    st.integers(0, 2),
)
def test_undeclared_missing_values_mislead_no_way_to_round(
    drawn: tuple[int, list[tuple[int, int]]], way: Print, decimals: int
) -> None:
    """Percentages of any part of a group are explained by the way recognised, whichever it is."""
    size, rows = drawn
    counts = [(min(n, of), of) for n, of in rows]
    paper = paper_with([(n, of, way(Fraction(100 * n, of), decimals)) for n, of in counts])
    paper = paper.model_copy(
        update={
            "size": (Size(id="s", place="T", group="all", n=str(size)),),
            "count": tuple(count.model_copy(update={"of": None}) for count in paper.count),
        }
    )
    found = percentage_of_count(paper, recognise(paper).rounding)
    assert {f.verdict for f in found} == {"consistent"}


def many(seed: int) -> list[tuple[int, int]]:
    """Return forty counts of groups of 20 to 90 patients."""
    draw = random.Random(seed)
    sizes = [draw.randint(20, 90) for _ in range(40)]
    return [(draw.randint(1, of - 1), of) for of in sizes]


@pytest.mark.parametrize("seed", range(5))
def test_a_few_misprints_hide_no_way_to_round(seed: int) -> None:
    """With three of forty percentages off by one in the last digit the way is still recognised."""
    rows = many(seed)
    for way, expected in ((half_up, "nearest"), (cut_off, "truncated")):
        texts = [way(Fraction(100 * n, of), 1) for n, of in rows]
        for place, step in zip((3, 17, 30), (1, -1, 1), strict=True):
            texts[place] = half_up(Fraction(texts[place]) + Fraction(step, 10), 1)
        paper = paper_with([(n, of, t) for (n, of), t in zip(rows, texts, strict=True)])
        assert recognise(paper).rounding == expected


def test_cut_digits_are_said_with_the_counts() -> None:
    """2 of 3 is 66.66..., 5 of 9 is 55.55...: printed 66.6 and 55.5 are cut, 1 of 3 is both."""
    paper = paper_with([(2, 3, "66.6"), (5, 9, "55.5"), (1, 3, "33.3"), (1, 2, "50.0")])
    found = recognise(paper)
    assert found.rounding == "truncated"
    assert "of 4 percentages" in found.explanation
    assert "2 fit only if digits are cut off, 0 only if" in found.explanation


def test_a_single_number_is_enough_only_where_others_could_speak_against_it() -> None:
    """One 66.6 in five percentages makes a paper that cuts; alone it is one misprinted digit."""
    rows = [(2, 3, "66.6"), (1, 3, "33.3"), (1, 2, "50.0"), (1, 4, "25.0")]
    assert recognise(paper_with(rows)).rounding == "nearest"
    assert recognise(paper_with([*rows, (3, 4, "75.0")])).rounding == "truncated"
    against = [*rows, (3, 4, "75.0"), (5, 9, "55.6")]
    assert recognise(paper_with(against)).rounding == "nearest"


def test_one_number_is_enough_for_rounding_twice_unless_one_contradicts() -> None:
    """49 of 110 is 44.545: rounded to 44.55 and then 44.6, but to the nearest 44.5."""
    supports = (49, 110, "44.6")
    neutral = (51, 92, "55.4")  # 55.435 is 55.4 either way
    assert recognise(paper_with([supports, neutral])).rounding == "twice"
    against = (98, 220, "44.5")  # the same share, rounded to the nearest
    assert recognise(paper_with([supports, against])).rounding == "nearest"


def test_findings_say_when_they_rest_on_the_way_to_round() -> None:
    """The remark stands at the number that rounding to the nearest would accuse, and only there."""
    paper = paper_with([(2, 3, "66.6"), (5, 9, "55.5"), (1, 3, "33.3")])
    run = run_checks(paper)
    said = {f.number: f.explanation for f in run.findings if f.check == "percentage_of_count"}
    assert said["c0.percent"].endswith("is 66.6%, in a paper that cuts digits off throughout")
    assert "cuts" not in said["c2.percent"]
    assert run.downgraded == ("c0.percent", "c1.percent")


def test_what_a_way_left_open_explains_is_untestable() -> None:
    """38 / 11 is 3.4545..., 3.45, and 3.46 if rounded to 3.455 first: nothing tells which."""

    def verdict(mean: str, rows: list[tuple[int, int, str]]) -> str:
        entry = {"id": "m", "place": "T", "variable": "x", "group": "all", "n": "11", "mean": mean}
        counts = paper_with(rows)
        paper = Paper.model_validate(
            {**counts.model_dump(), "variables": {"x": {"step": "1"}}, "mean": [entry]}
        )
        (found,) = (f for f in run_checks(paper).findings if f.check == "grim")
        return found.verdict

    assert verdict("3.45", []) == "consistent"
    assert verdict("3.46", []) == "untestable"
    assert verdict("3.47", []) == "inconsistent"
    assert verdict("3.46", [(17, 37, "45.9")]) == "inconsistent"  # twice it would be 46.0


def test_cut_digits_excuse_no_single_number() -> None:
    """Half of all wrong digits would be right if cut off: one or two accused stay accused."""

    def accused(means: list[str]) -> int:
        entries = [
            {"id": f"m{i}", "place": "T", "variable": "x", "group": "all", "n": "30", "mean": mean}
            for i, mean in enumerate(means)
        ]
        paper = Paper.model_validate(
            {
                "title": "t",
                "groups": {"all": {"label": "patients"}},
                "variables": {"x": {"step": "1"}},
                "mean": entries,
            }
        )
        return sum(f.verdict == "inconsistent" for f in run_checks(paper).findings)

    assert accused(["8.96"]) == 1
    assert accused(["8.96", "9.96"]) == 2
    assert accused(["8.96", "9.96", "7.86"]) == 0
    assert accused(["8.96", "9.96", "7.86", "7.82"]) == 4


def test_without_a_known_share_nothing_is_recognised() -> None:
    """A paper without counts is read as rounding to the nearest, and says why."""
    paper = Paper(title="t", groups={"all": Group(label="patients")})
    assert recognise(paper).explanation.startswith("no percentage")


def test_missing_values_are_taken_off_the_size() -> None:
    """A share is of those with a value, whether declared by size and missing or printed."""
    paper = Paper.model_validate(
        {
            "title": "t",
            "groups": {"all": {"label": "patients"}},
            "size": [{"id": "s", "place": "T", "group": "all", "n": "13"}],
            "missing": [{"id": "m", "place": "T", "variable": "a", "group": "all", "n": "3"}],
            "count": [
                {
                    "id": "c",
                    "place": "T",
                    "variable": "a",
                    "group": "all",
                    "n": "3",
                    "percent": "30",
                },
                {
                    "id": "d",
                    "place": "T",
                    "variable": "b",
                    "group": "all",
                    "n": "3",
                    "percent": "23",
                },
            ],
        }
    )
    assert [(s.of.patients, s.of.fixed, s.of.numbers) for s in shares(paper)] == [
        (10, True, ("s.n", "m.n")),
        (13, False, ("s.n",)),
    ]


def test_the_reference_paper_rounds_to_the_nearest(reference_paper: Paper) -> None:
    """All its 65 shares fit, twelve of them with patients who have no value."""
    found = recognise(reference_paper)
    assert found.rounding == "nearest"
    assert "65 fit rounding to the nearest" in found.explanation
