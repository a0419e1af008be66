from __future__ import annotations

import statistics
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import PaperFileError
from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.possible_values import possible_values
from myocohort.papers.entries import Group, Mean, Median, Range, Variable
from myocohort.papers.paperfile import Paper

Read = Callable[[str], Paper]

ONE = """
size = [{ id = "s", place = "T", group = "all", n = "40" }]
"""


def by_number(paper: Paper) -> dict[str, Finding]:
    """Return the findings of a paper by the number that they are about, which has only one."""
    found = list(possible_values(paper))
    assert len({f.number for f in found}) == len(found)
    return {f.number: f for f in found}


@pytest.mark.parametrize(
    ("p", "verdict"),
    [
        ("0.05", "consistent"),
        ("0.000", "consistent"),
        ("1.000", "consistent"),
        ("<0.001", "consistent"),
        (">0.99", "consistent"),
        ("1.2", "inconsistent"),
        ("1.02", "inconsistent"),
        ("-0.03", "inconsistent"),
        (">1", "inconsistent"),
        ("<0.000", "inconsistent"),
    ],
)
def test_a_p_lies_between_0_and_1(made_paper: Read, p: str, verdict: str) -> None:
    """A p above 1 or below 0 is a finding; 0.000 and 1.000 are rounded values."""
    paper = made_paper(
        f'p = [{{ id = "p", place = "T", variable = "a", groups = ["one", "two"], p = "{p}" }}]'
    )
    found = by_number(paper)["p.p"]
    assert found.verdict == verdict
    assert "a p value lies between 0 and 1" in found.explanation


def test_a_p_of_nothing_is_read_with_a_remark(made_paper: Read) -> None:
    """No p is 0: 0.000 says that it is below 0.0005; 0.001 needs no remark."""
    entries = """p = [
      { id = "p", place = "T", variable = "a", groups = ["one", "two"], p = "0.000" },
      { id = "q", place = "T", variable = "a", groups = ["one", "two"], p = "0.001" },
    ]"""
    found = by_number(made_paper(entries))
    assert found["p.p"].explanation.endswith("no p is 0: read as less than half of the last digit")
    assert "no p is 0" not in found["q.p"].explanation


@pytest.mark.parametrize(
    ("percent", "verdict"),
    [("100", "consistent"), ("0.0", "consistent"), ("105", "inconsistent"), ("-1", "inconsistent")],
)
def test_a_percentage_lies_between_0_and_100(made_paper: Read, percent: str, verdict: str) -> None:
    """A percentage above 100 is a finding, with or without a known group."""
    paper = made_paper(
        f"""
        [[count]]
        id = "c"
        place = "T"
        variable = "a"
        group = "all"
        percent = "{percent}"
        """
    )
    assert by_number(paper)["c.percent"].verdict == verdict


def test_a_count_above_its_group_is_healed_with_its_percentage(made_paper: Read) -> None:
    """52 of 40 is impossible; 25 of 40 is the printed 62.5%, with two digits swapped."""
    paper = made_paper(
        ONE
        + """
        [[count]]
        id = "c"
        place = "T"
        variable = "a"
        group = "all"
        n = "52"
        percent = "62.5"
        """
    )
    found = by_number(paper)["c.n"]
    assert found.verdict == "inconsistent"
    assert found.explanation == "52 is printed, but a count of the patients is at most 40"
    assert found.suggestion == "25 instead of 52 (two digits swapped) would agree"
    assert found.against == ("s.n",)


def test_counts_are_held_against_the_nearest_denominator(made_paper: Read) -> None:
    """30 of 28 with a value, 41 with a value of 40, 41 missing of 40 and a mean of 41 patients."""
    paper = made_paper(
        ONE
        + """
        count = [
          { id = "c", place = "T", variable = "a", group = "all", n = "30", of = "28" },
          { id = "d", place = "T", variable = "b", group = "all", n = "30", of = "41" },
        ]
        missing = [{ id = "m", place = "T", variable = "x", group = "all", n = "41" }]
        mean = [{ id = "x", place = "T", variable = "y", group = "all", n = "41", mean = "5" }]
        """
    )
    found = by_number(paper)
    assert {name for name, f in found.items() if f.verdict == "inconsistent"} == {
        "c.n",
        "d.of",
        "m.n",
        "x.n",
    }
    assert found["c.n"].against == ("c.of",)


def test_missing_values_lower_the_bound(made_paper: Read) -> None:
    """Of 40 patients 5 have no value, so 36 cannot have the finding."""
    entries = (
        ONE
        + """
        missing = [{ id = "m", place = "T", variable = "a", group = "all", n = "5" }]
        count = [{ id = "c", place = "T", variable = "a", group = "all", n = "%s" }]
        """
    )
    assert by_number(made_paper(entries % "35"))["c.n"].verdict == "consistent"
    assert by_number(made_paper(entries % "36"))["c.n"].verdict == "inconsistent"


def test_values_lie_within_their_variable_range_and_order(made_paper: Read) -> None:
    """Means and medians outside 0 to 10 or the printed range, and quartiles out of order."""
    paper = made_paper(
        """
        variables.vas = { low = "0", high = "10" }
        mean = [
          { id = "a", place = "T", variable = "vas", group = "all", mean = "10.4", sd = "-1" },
          { id = "b", place = "T", variable = "age", group = "all", mean = "46", sd = "3" },
          { id = "c", place = "T", variable = "age", group = "one", mean = "45", sd = "3" },
        ]
        range = [
          { id = "r", place = "T", variable = "age", group = "all", low = "18", high = "44" },
          { id = "s", place = "T", variable = "age", group = "one", low = "60", high = "44" },
        ]
        median = [
          { id = "m", place = "T", variable = "vas", group = "all", %s, q1 = "6", q3 = "2" },
          { id = "n", place = "T", variable = "vas", group = "one", %s, q1 = "4", q3 = "4" },
        ]
        """
        % (('median = "4"',) * 2)
    )
    found = by_number(paper)
    assert {name for name, f in found.items() if f.verdict == "inconsistent"} == {
        "a.mean",
        "a.sd",
        "b.mean",
        "c.mean",
        "s.low",
        "m.q1",
        "m.q3",
    }
    assert "the printed range is from 18 and up to 44" in found["b.mean"].explanation
    assert "the first quartile is not above the median, 4" in found["m.q1"].explanation
    assert found["n.q1"].verdict == "consistent"


MODEL = """
[[model]]
id = "m"
place = "Table 2"
group = "all"
level = "%s"
terms = [{ term = "ild", %s }]
"""


@pytest.mark.parametrize(
    ("numbers", "accused"),
    [
        ('odds_ratio = "2.0", low = "1.0", high = "4.0"', set()),
        ('odds_ratio = "2.0", low = "4.0", high = "1.0"', {"m.ild.low"}),
        ('odds_ratio = "-2.0", low = "-4.0", high = "1.0"', {"m.ild.odds_ratio", "m.ild.low"}),
        ('coefficient = "-2.0", low = "-4.0", high = "-1.0", standard_error = "0.5"', set()),
        ('coefficient = "2.0", standard_error = "-0.5"', {"m.ild.standard_error"}),
        ('hazard_ratio = "0.00", low = "0.00", high = "0.01"', set()),
        ('risk_ratio = "1.0", low = "1.0", high = "1.0"', set()),
    ],
)
def test_limits_are_ordered_and_ratios_not_negative(
    made_paper: Read, numbers: str, accused: set[str]
) -> None:
    """Reversed limits are a finding at the lower one; a log ratio may be negative."""
    found = by_number(made_paper(MODEL % ("95", numbers)))
    assert {name for name, f in found.items() if f.verdict == "inconsistent"} == accused


def test_a_level_that_is_none_leaves_the_intervals_untestable(made_paper: Read) -> None:
    """The level is no printed number of the paper but a key of the file."""
    paper = made_paper(MODEL % ("950", 'odds_ratio = "2.0", low = "1.0", high = "4.0"'))
    assert [f.verdict for f in possible_values(paper) if "level 950" in f.explanation] == [
        "untestable"
    ]


@pytest.mark.parametrize(("r", "verdict"), [("-1.00", "consistent"), ("1.08", "inconsistent")])
def test_a_correlation_lies_between_minus_1_and_1(made_paper: Read, r: str, verdict: str) -> None:
    """1.08 is no correlation; the restatement of one is held to the same."""
    paper = made_paper(
        f"""
        correlation = [{{ id = "k", place = "T", x = "x", y = "y", group = "all", r = "{r}" }}]
        same = [{{ id = "d", place = "Abstract", printed = "{r}", of = "k.r" }}]
        """
    )
    found = by_number(paper)
    assert found["k.r"].verdict == found["d.printed"].verdict == verdict


def test_cut_digits_reach_further(made_paper: Read) -> None:
    """Of a paper that cuts digits off a mean of 10.0 can be up to 10.1, and 9.9 up to 10."""
    paper = made_paper(
        """
        variables.x = { low = "10" }
        mean = [{ id = "a", place = "T", variable = "x", group = "all", mean = "9.9" }]
        """
    )
    assert [f.verdict for f in possible_values(paper)] == ["inconsistent"]
    assert [f.verdict for f in possible_values(paper, "truncated")] == ["consistent"]


def test_a_negative_count_is_an_error_of_the_file(made_paper: Read) -> None:
    """A count is digits only: the loader says so, with the key."""
    with pytest.raises(PaperFileError, match="not a whole number"):
        made_paper('count = [{ id = "c", place = "T", variable = "a", group = "all", n = "-3" }]')


def test_the_reference_paper_has_no_impossible_value(reference_paper: Paper) -> None:
    """Its misprints are all possible values by themselves: 41.03 to 54.88 is in order."""
    found = by_number(reference_paper)
    assert {f.verdict for f in found.values()} == {"consistent"}
    assert "not above the upper, 54.88" in found["table2.severe_weakness.low"].explanation


@given(st.lists(st.integers(0, 20), min_size=2, max_size=40), st.integers(0, 2))
def test_no_summary_of_made_patients_is_accused(values: list[int], decimals: int) -> None:
    """Mean, SD, median, quartiles and range of one sample are possible and in order."""
    q1, median, q3 = (f"{q:.{decimals}f}" for q in statistics.quantiles(values, n=4))
    paper = Paper(
        title="t",
        groups={"all": Group(label="patients")},
        variables={"v": Variable(low=str(min(values)), high=str(max(values)))},
        mean=(
            Mean(
                id="m",
                place="T",
                variable="v",
                group="all",
                mean=f"{statistics.fmean(values):.{decimals}f}",
                sd=f"{statistics.stdev(values):.{decimals}f}",
            ),
        ),
        range=(
            Range(
                id="r",
                place="T",
                variable="v",
                group="all",
                low=str(min(values)),
                high=str(max(values)),
            ),
        ),
    )
    inner = Median(
        id="q",
        place="T",
        variable="w",
        group="all",
        median=median,
        q1=q1,
        q3=q3,
    )
    found = possible_values(paper.model_copy(update={"median": (inner,)}))
    assert {f.verdict for f in found} == {"consistent"}
