from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.interval_around_estimate import interval_around_estimate
from myocohort.papers.entries import Group, Model, ModelTerm
from myocohort.papers.paperfile import Paper


def only(odds_ratio: str, low: str, high: str) -> Finding:
    """Return the finding about one line of a regression table."""
    line = ModelTerm(term="ild", odds_ratio=odds_ratio, low=low, high=high)
    model = Model(
        id="t2", place="Table 2", outcome="refractory", group="all", claimed="ml", terms=(line,)
    )
    paper = Paper(
        title="t", citation="c", doi="d", groups={"all": Group(label="patients")}, model=(model,)
    )
    (found,) = interval_around_estimate(paper)
    return found


@pytest.mark.parametrize(
    ("odds_ratio", "low", "high"),
    [("19.57", "1.49", "256.53"), ("7.51", "1.03", "54.88"), ("39.70", "3.04", "518.38")],
)
def test_the_refitted_intervals_are_walds(odds_ratio: str, low: str, high: str) -> None:
    """The three intervals that R's glm gives for Table 2 are symmetric on the log scale."""
    assert only(odds_ratio, low, high).verdict == "consistent"


def test_the_misprint_is_named_with_the_number_that_heals_it() -> None:
    """7.51² / 54.88 = 1.028: the 4 of 41.03 is one digit too many."""
    found = only("7.51", "41.03", "54.88")
    assert found.verdict == "inconsistent"
    assert found.number == "t2.ild.low"
    assert found.computed == "1.03"
    assert found.suggestion == "1.03 instead of 41.03 (one digit too many) would agree"
    assert found.against == ("t2.ild.odds_ratio", "t2.ild.high")


def test_an_interval_that_is_not_symmetric_is_not_accused() -> None:
    """The profile interval of severe weakness, 1.21 to 74.89, is no Wald interval and no error."""
    assert only("7.51", "1.21", "74.89").verdict == "untestable"


def test_reversed_limits_are_inconsistent() -> None:
    """An interval from 54.88 to 1.03 contains nothing, whatever the method."""
    found = only("7.51", "54.88", "1.03")
    assert found.verdict == "inconsistent"
    assert found.computed == ""


def test_an_inequality_leaves_nothing_to_multiply() -> None:
    """A limit printed as >999 cannot be tested."""
    assert only("39.70", "3.04", ">999").verdict == "untestable"


@given(st.floats(-4, 4), st.floats(0.05, 2.5))
def test_no_true_wald_interval_is_accused(b: float, se: float) -> None:
    """Whatever the coefficient and its error, the printed interval agrees with the estimate."""
    texts = [f"{math.exp(b + z * se):.2f}" for z in (0, -1.959964, 1.959964)]
    assert only(*texts).verdict == "consistent"
