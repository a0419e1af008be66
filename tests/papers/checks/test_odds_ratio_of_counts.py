from __future__ import annotations

from collections.abc import Callable

import pytest

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.odds_ratio_of_counts import odds_ratio_of_counts
from myocohort.papers.paperfile import Paper

# Table 1: ILD in 9 of 13 refractory and 6 of 27 non-refractory patients. By hand: OR
# 9 x 21 / (4 x 6) = 7.875; Woolf's error sqrt(1/9 + 1/4 + 1/6 + 1/21) = .7585, limits
# exp(2.0637 -+ 1.959964 x .7585) = 1.781 and 34.83.
COUNTS = """
missing_declared = true
size = [
  { id = "one", place = "Table 1", group = "one", n = "13" },
  { id = "two", place = "Table 1", group = "two", n = "27" },
]
count = [
  { id = "ild.one", place = "Table 1", variable = "ild", group = "one", n = "9" },
  { id = "ild.two", place = "Table 1", variable = "ild", group = "two", n = "6" },
]
"""


def only(made: Callable[[str], Paper], line: str, counts: str = COUNTS) -> Finding:
    """Return the finding about one line of a model of the made paper."""
    model = f"""
model = [
  {{ id = "t2", place = "Table 2", outcome = "refractory", group = "all", terms = [{line}] }},
]
"""
    (found,) = odds_ratio_of_counts(made(counts + model))
    return found


@pytest.mark.parametrize(
    "numbers",
    [
        'odds_ratio = "7.88", low = "1.78", high = "34.83"',
        'odds_ratio = "7.87", low = "1.78", high = "34.83"',  # 7.875 by printf
        'odds_ratio = "7.88"',
    ],
)
def test_the_odds_ratio_of_the_counts(made_paper: Callable[[str], Paper], numbers: str) -> None:
    """9 x 21 / (4 x 6) = 7.875 with Woolf's limits."""
    found = only(made_paper, f'{{ term = "ild", {numbers} }}')
    assert found.verdict == "consistent"
    assert "(9 × 21) / (4 × 6)" in found.explanation


@pytest.mark.parametrize(
    ("numbers", "number", "computed"),
    [
        ('odds_ratio = "7.88", low = "1.78", high = "84.83"', "t2.ild.high", "34.83"),
        ('odds_ratio = "7.88", low = "1.87", high = "34.83"', "t2.ild.low", "1.78"),
        ('odds_ratio = "9.88", low = "1.78", high = "34.83"', "t2.ild.odds_ratio", "7.88"),
    ],
)
def test_the_one_number_of_three_that_is_not_of_the_counts(
    made_paper: Callable[[str], Paper], numbers: str, number: str, computed: str
) -> None:
    """Two numbers that the counts give speak against the third."""
    found = only(made_paper, f'{{ term = "ild", {numbers} }}')
    assert found.verdict == "inconsistent"
    assert found.number == number
    assert found.computed == computed
    assert computed in found.suggestion


def test_an_adjusted_odds_ratio_is_not_accused(made_paper: Callable[[str], Paper]) -> None:
    """39.70 (3.04, 518.38) is another model's, of which only this term is printed."""
    line = '{ term = "ild", odds_ratio = "39.70", low = "3.04", high = "518.38" }'
    found = only(made_paper, line)
    assert found.verdict == "untestable"
    assert "7.88" in found.explanation


def test_patients_without_a_value_may_explain_it(made_paper: Callable[[str], Paper]) -> None:
    """Where missing values are not declared, nothing is accused."""
    line = '{ term = "ild", odds_ratio = "7.88", low = "1.78", high = "84.83" }'
    found = only(made_paper, line, COUNTS.replace("missing_declared = true", ""))
    assert found.verdict == "untestable"


def test_a_zero_has_a_half_added(made_paper: Callable[[str], Paper]) -> None:
    """9 of 13 against 0 of 27: (9.5 x 27.5) / (4.5 x 0.5) = 116.1."""
    counts = COUNTS.replace('group = "two", n = "6"', 'group = "two", n = "0"')
    found = only(made_paper, '{ term = "ild", odds_ratio = "116.1" }', counts)
    assert found.verdict == "consistent"


def test_other_terms_adjust(made_paper: Callable[[str], Paper]) -> None:
    """With a second term the counts say nothing, and the crude odds ratio is told."""
    lines = '{ term = "ild", odds_ratio = "9.1" }, { term = "age", odds_ratio = "1.02" }'
    found = only(made_paper, lines)
    assert found.verdict == "untestable"
    assert "7.9" in found.explanation
