from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from made_papers import MANNERS, Printer

from myocohort.papers.checks.debit import debit
from myocohort.papers.checks.finding import Finding
from myocohort.papers.entries import Group, Mean, Variable
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, interval

BINARY = Variable(step="1", low="0", high="1")


def only(mean: str, sd: str, n: int, rounding: Rounding = "nearest") -> Finding:
    """Return the finding about the SD of n zeros and ones."""
    paper = Paper(
        title="t",
        groups={"all": Group(label="patients")},
        variables={"smoker": BINARY},
        mean=(Mean(id="m", place="T", variable="smoker", group="all", n=str(n), mean=mean, sd=sd),),
    )
    (found,) = debit(paper, rounding)
    return found


def test_scrutiny_fixture() -> None:
    """Scrutiny finds consistent: .03 ± .18 of 200 zeros and ones; 7 ones have 0.184."""
    assert f"{math.sqrt(7 * 193 / (200 * 199)):.3f}" == "0.184"
    assert only(".03", ".18", 200).verdict == "consistent"


def test_the_only_sd_is_named() -> None:
    """12 of 40 are 0.30, and sqrt(12 × 28 / (40 × 39)) is 0.46."""
    found = only("0.30", "0.50", 40)
    assert found.verdict == "inconsistent"
    assert found.computed == "0.46"
    assert "12 of them are 1, which gives 0.46" in found.explanation


def test_a_mean_of_no_count_is_left_to_grim() -> None:
    """No count of 7 is 0.30 of them."""
    assert only("0.30", "0.46", 7).verdict == "untestable"


def test_other_variables_are_not_looked_at(reference_paper: Paper) -> None:
    """Ages are no zeros and ones."""
    ages = {"onset_age": Variable(step="1")}
    assert not list(debit(reference_paper.model_copy(update={"variables": ages})))


@given(st.integers(2, 80), st.integers(0, 100), st.integers(0, 60), st.integers(1, 2))
def test_accused_is_exactly_what_no_count_gives(
    n: int, mean_units: int, sd_units: int, decimals: int
) -> None:
    """The verdict is that of trying every count of ones, with n - 1 or n in the denominator."""
    mean = f"{mean_units / 10**decimals:.{decimals}f}"
    sd = f"{sd_units / 10**decimals:.{decimals}f}"
    means, sds = interval(mean), interval(sd)
    assert sds.low is not None
    assert sds.high is not None
    squares = [
        Fraction(ones * (n - ones), n * less)
        for ones in range(n + 1)
        for less in (n - 1, n)
        if Fraction(ones, n) in means
    ]
    exists = any(max(sds.low, Fraction(0)) ** 2 <= square <= sds.high**2 for square in squares)
    found = only(mean, sd, n)
    assert (found.verdict == "inconsistent") == (bool(squares) and not exists)


@given(
    st.integers(2, 300),
    st.floats(0, 1),
    st.sampled_from(MANNERS),
    st.sampled_from(["nearest", "truncated", "twice"]),
    st.integers(1, 4),
)
def test_no_true_sd_is_accused(
    n: int, share: float, manner: str, way: Rounding, decimals: int
) -> None:
    """Mean and SD of any count of ones, printed in any way, are consistent."""
    ones = round(share * n)
    printer = Printer("half_up" if way == "twice" else manner, way)
    mean = printer.number(Fraction(ones, n), decimals)
    sd = printer.number(math.sqrt(ones * (n - ones) / (n * (n - 1))), decimals)
    assert only(mean, sd, n, way).verdict == "consistent"
