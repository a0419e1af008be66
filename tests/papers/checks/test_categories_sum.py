from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.categories_sum import categories_sum
from myocohort.papers.checks.finding import Finding
from myocohort.papers.entries import Count, Group, Missing, Partition, Size, Variable
from myocohort.papers.paperfile import Paper

Read = Callable[[str], Paper]

LEVELS = """
%s
size = [{ id = "s", place = "T", group = "all", n = "48" }]
count = [
  { id = "a", place = "T", variable = "course", level = "acute", group = "all", n = "%s" },
  { id = "b", place = "T", variable = "course", level = "subacute", group = "all", n = "%s" },
  { id = "c", place = "T", variable = "course", level = "chronic", group = "all", n = "%s" },
]
"""
ALL_LEVELS = 'variables.course = { levels = ["acute", "subacute", "chronic"] }'
MISSING = 'missing = [{ id = "m", place = "T", variable = "course", group = "all", n = "2" }]'


@pytest.mark.parametrize(
    ("declared", "counts", "verdict", "said"),
    [
        ("", (5, 24, 19), "consistent", "5 + 24 + 19 = 48 of 48"),
        ("", (5, 24, 17), "untestable", "whether other levels exist is not declared"),
        ("", (5, 24, 20), "inconsistent", "49 of 48, and levels of one variable exclude"),
        (ALL_LEVELS, (5, 24, 19), "consistent", "48 of 48"),
        (ALL_LEVELS, (5, 24, 17), "consistent", "2 without a value, which the paper does not say"),
        (ALL_LEVELS, (5, 24, 20), "inconsistent", "49 of 48"),
        (f"missing_declared = true\n{ALL_LEVELS}", (5, 24, 17), "inconsistent", "all levels"),
        (f"{ALL_LEVELS}\n{MISSING}", (5, 24, 17), "consistent", "46 of 46"),
        (f"{ALL_LEVELS}\n{MISSING}", (5, 24, 16), "inconsistent", "45 of 46"),
        (f"{ALL_LEVELS}\n{MISSING}", (5, 24, 19), "inconsistent", "48 of 46"),
    ],
)
def test_levels_make_up_those_with_a_value(
    made_paper: Read, declared: str, counts: tuple[int, int, int], verdict: str, said: str
) -> None:
    """What is missing decides how far below the size a sum may be; above it none may be."""
    (found,) = categories_sum(made_paper(LEVELS % (declared, *counts)))
    assert found.verdict == verdict
    assert said in found.explanation


def test_the_count_that_one_slip_heals_is_named(made_paper: Read) -> None:
    """5 + 42 + 19 = 66 of 48: 24 with its digits swapped makes 48, and so would no other slip."""
    paper = made_paper(LEVELS % (f"missing_declared = true\n{ALL_LEVELS}", 5, 42, 19))
    (found,) = categories_sum(paper)
    assert found.number == "b.n"
    assert found.suggestion == "24 instead of 42 (two digits swapped) would agree"
    assert found.computed == "24"


def test_a_single_level_is_no_sum(made_paper: Read) -> None:
    """Of a yes/no row only the yes is printed, and nothing adds up."""
    paper = made_paper(
        """
        size = [{ id = "s", place = "T", group = "all", n = "48" }]
        count = [{ id = "a", place = "T", variable = "ild", group = "all", n = "5" }]
        """
    )
    assert list(categories_sum(paper)) == []


PERCENTAGES = """
%s
count = [
  { id = "a", place = "T", variable = "grade", level = "mild", group = "all", percent = "%s" },
  { id = "b", place = "T", variable = "grade", level = "severe", group = "all", percent = "%s" },
  { id = "c", place = "T", variable = "grade", level = "none", group = "all", percent = "%s" },
]
"""
ALL_GRADES = 'variables.grade = { levels = ["mild", "severe", "none"] }'


@pytest.mark.parametrize(
    ("declared", "percentages", "verdicts"),
    [
        (ALL_GRADES, ("33.3", "33.3", "33.3"), ["consistent"]),
        (ALL_GRADES, ("37.5", "41.7", "20.8"), ["consistent"]),
        (ALL_GRADES, ("37.5", "41.7", "28.0"), ["inconsistent"]),
        (ALL_GRADES, ("37.5", "31.7", "20.8"), ["untestable"]),
        (f"missing_declared = true\n{ALL_GRADES}", ("37.5", "31.7", "20.8"), ["inconsistent"]),
        ("", ("37.5", "31.7", "20.8"), []),
        ("", ("67.5", "41.7", "20.8"), ["inconsistent"]),
        (ALL_GRADES, (">90", "5", "3"), ["consistent"]),
    ],
)
def test_percentages_of_all_levels_make_up_100(
    made_paper: Read, declared: str, percentages: tuple[str, str, str], verdicts: list[str]
) -> None:
    """Half a unit each way is allowed to every percentage; undeclared levels may fill a gap."""
    found = list(categories_sum(made_paper(PERCENTAGES % (declared, *percentages))))
    assert [f.verdict for f in found] == verdicts


def test_cut_percentages_sum_to_less(made_paper: Read) -> None:
    """1, 1 and 5 of 7 cut off are 14.2, 14.2 and 71.4: half units take 99.8 to 99.95 at most."""
    declared = f"missing_declared = true\n{ALL_GRADES}"
    paper = made_paper(PERCENTAGES % (declared, "14.2", "14.2", "71.4"))
    assert [f.verdict for f in categories_sum(paper)] == ["inconsistent"]
    assert [f.verdict for f in categories_sum(paper, "truncated")] == ["consistent"]


PARTS = """
size = [
  { id = "s", place = "T", group = "all", n = "40" },
  { id = "s1", place = "T", group = "one", n = "13" },
  { id = "s2", place = "T", group = "two", n = "27" },
]
count = [
  { id = "a", place = "T", variable = "ild", group = "all", n = "%s" },
  { id = "a1", place = "T", variable = "ild", group = "one", n = "9", percent = "69.2" },
  %s
]
"""
SECOND = '{ id = "a2", place = "T", variable = "ild", group = "two", n = "6", percent = "22.2" },'


@pytest.mark.parametrize(
    ("whole", "second", "verdict"),
    [
        ("15", SECOND, "consistent"),
        ("16", SECOND, "inconsistent"),
        ("14", SECOND, "inconsistent"),
        ("15", "", "consistent"),
        ("8", "", "inconsistent"),
        ("37", "", "inconsistent"),
    ],
)
def test_the_parts_of_a_group_make_up_the_whole(
    made_paper: Read, whole: str, second: str, verdict: str
) -> None:
    """9 of 13 and 6 of 27 are 15 of 40; with one part printed the other has 0 to 27."""
    (found,) = categories_sum(made_paper(PARTS % (whole, second)))
    assert found.verdict == verdict
    assert found.number == "a.n"


def test_a_part_is_accused_where_only_its_slip_heals(made_paper: Read) -> None:
    """15 of 40, but 9 and 60: 6 of 27 is 22.2%, a digit too many."""
    paper = made_paper(PARTS % ("15", SECOND.replace('"6"', '"60"')))
    (found,) = categories_sum(paper)
    assert (found.number, found.suggestion) == (
        "a2.n",
        "6 instead of 60 (one digit too many) would agree",
    )


@st.composite
def cohorts(draw: st.DrawFn) -> Paper:
    """Return a paper on made patients in two groups, with three levels and missing values."""
    declared = draw(st.booleans())
    decimals = draw(st.integers(0, 2))
    way = draw(st.sampled_from(("half_up", "half_even", "printf")))
    groups = {
        name: draw(st.lists(st.sampled_from(("a", "b", "c", None)), min_size=1, max_size=40))
        for name in ("one", "two")
    }
    groups["all"] = groups["one"] + groups["two"]
    counts, missing = [], []
    for name, values in groups.items():
        having = [value for value in values if value is not None]
        lost = len(values) - len(having)
        if declared and lost:
            missing.append(
                Missing(id=f"m.{name}", place="T", variable="v", group=name, n=str(lost))
            )
        for level in "abc":
            n = having.count(level)
            percent = _print(Fraction(100 * n, len(having)), decimals, way) if having else None
            counts.append(
                Count(
                    id=f"{name}.{level}",
                    place="Table 1",
                    variable="v",
                    level=level,
                    group=name,
                    n=str(n),
                    percent=percent,
                )
            )
    return Paper(
        title="t",
        missing_declared=declared,
        groups={name: Group(label=name) for name in groups},
        variables={"v": Variable(levels=("a", "b", "c") if draw(st.booleans()) else ())},
        partitions=(Partition(whole="all", parts=("one", "two")),),
        size=tuple(
            Size(id=f"s.{name}", place="T", group=name, n=str(len(values)))
            for name, values in groups.items()
        ),
        missing=tuple(missing),
        count=tuple(counts),
    )


def _print(value: Fraction, decimals: int, way: str) -> str:
    if way == "printf":
        return f"{float(value):.{decimals}f}"
    scaled = value * 10**decimals
    units = round(scaled) if way == "half_even" else math.floor(scaled + Fraction(1, 2))
    text = str(units).zfill(decimals + 1)
    return f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text


def accused(found: list[Finding]) -> list[Finding]:
    """Return the findings that are inconsistent."""
    return [f for f in found if f.verdict == "inconsistent"]


@given(cohorts())
def test_no_made_cohort_is_accused(paper: Paper) -> None:
    """Counts and percentages of made patients add up, whatever is missing and how they round."""
    assert accused(list(categories_sum(paper))) == []


def test_the_reference_paper_adds_up(reference_paper: Paper) -> None:
    """5 + 6 = 11 of the 14 men were followed, and 3 of the 8 lost were men."""
    found = list(categories_sum(reference_paper))
    assert {f.verdict for f in found} == {"consistent"}
    said = [f.explanation for f in found if f.number == "text.sex.male.n"]
    assert "5 + 6 = 11 in the parts of 14 in the whole leave 3 among the 8 others" in said
