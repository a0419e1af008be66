from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_papers import MANNERS, Printer

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.grim import grim
from myocohort.papers.entries import Group, Mean, Size, Variable
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding


def only(
    mean: str, n: str, variable: Variable, *, declared: bool = True, rounding: Rounding = "nearest"
) -> Finding:
    """Return the finding about one mean of n patients, or of at most n where not declared."""
    paper = Paper(
        title="t",
        groups={"all": Group(label="patients")},
        variables={"score": variable},
        size=(Size(id="s", place="Methods", group="all", n=n),),
        mean=(
            Mean(
                id="m",
                place="Table 1",
                variable="score",
                group="all",
                mean=mean,
                n=n if declared else None,
            ),
        ),
    )
    (found,) = grim(paper, rounding)
    return found


WHOLE = Variable(step="1")


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [("8.96", "inconsistent"), ("9.96", "inconsistent"), ("9.93", "consistent")],
)
def test_inspect_sr_fixtures(mean: str, verdict: str) -> None:
    """INSPECT-SR's examples: of 30 whole numbers 8.96 and 9.96 are no means, and 9.93 is."""
    sums = {total for total in range(600) if abs(Fraction(total, 30) - Fraction(mean)) <= 0.005}
    assert bool(sums) == (verdict == "consistent")
    assert only(mean, "30", WHOLE).verdict == verdict


def test_scrutiny_fixtures() -> None:
    """Scrutiny finds these consistent: .03 of 200 zeros and ones; 7.67 of two with 3 items."""
    assert only(".03", "200", Variable(step="1", low="0", high="1")).verdict == "consistent"
    assert only("7.67", "2", Variable(step="1", items=3)).verdict == "consistent"
    assert only("7.67", "2", WHOLE).verdict == "inconsistent"


def test_the_neighbours_and_a_slip_are_named() -> None:
    """268 / 30 = 8.933 and 269 / 30 = 8.967 stand on either side of 8.96."""
    found = only("8.96", "30", WHOLE)
    assert "a sum of 268 gives 8.933, a sum of 269 gives 8.967" in found.explanation
    assert found.suggestion.startswith("8.90 or 8.93 or 8.97 instead of 8.96")
    assert found.number == "m.mean"
    assert found.against == ("m.n",)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        ("2.5", "consistent"),
        ("5.4", "inconsistent"),
        ("0.9", "inconsistent"),
        ("5.0", "consistent"),
    ],
)
def test_declared_limits(mean: str, verdict: str) -> None:
    """A mean outside the smallest and largest value is not one of theirs."""
    assert only(mean, "20", Variable(step="1", low="1", high="5")).verdict == verdict


@pytest.mark.parametrize("mean", ["0.125", "0.12", "0.13", "-0.12", "-0.13", "0.375"])
def test_exact_halves_may_be_rounded_either_way(mean: str) -> None:
    """1 / 8 = 0.125 may be printed as 0.12 and as 0.13, above zero and below."""
    assert only(mean, "8", WHOLE).verdict == "consistent"


def test_other_ways_to_round() -> None:
    """8.9667 is 8.96 where digits are cut off; 8.445 is 8.45, then 8.5, where rounded twice."""
    assert only("8.96", "30", WHOLE, rounding="truncated").verdict == "consistent"
    assert only("-8.96", "30", WHOLE, rounding="truncated").verdict == "consistent"
    assert only("8.5", "1", Variable(step="8.445"), rounding="twice").verdict == "consistent"
    assert only("8.5", "1", Variable(step="8.445")).verdict == "inconsistent"


def test_undeclared_missing_values_are_not_accused() -> None:
    """8.96 is no mean of 30 whole numbers, but of 28 (251 / 28 = 8.964)."""
    found = only("8.96", "30", WHOLE, declared=False)
    assert found.verdict == "untestable"
    assert "28, 27, 26 or other numbers of the 30 patients can" in found.explanation
    found = only("4.30", "2", WHOLE, declared=False)
    assert found.verdict == "inconsistent"
    assert "no smaller number" in found.explanation


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (
            'mean = [{ id = "m", place = "T", variable = "x", group = "all", mean = "2.5" }]',
            "number",
        ),
        (
            'mean = [{ id = "m", place = "T", variable = "x", group = "all", n = "4",'
            ' mean = "<2.5" }]',
            "inequality",
        ),
        (
            'mean = [{ id = "m", place = "T", variable = "x", group = "all", n = "0",'
            ' mean = "2.5" }]',
            "number",
        ),
    ],
)
def test_what_cannot_be_tested(
    made_paper: Callable[[str], Paper], entries: str, reason: str
) -> None:
    """Without a number of patients, or with an inequality, nothing is said."""
    (found,) = grim(made_paper(f'variables.x = {{ step = "1" }}\n{entries}'))
    assert found.verdict == "untestable"
    assert reason in found.explanation


def test_declared_missing_values_count(made_paper: Callable[[str], Paper]) -> None:
    """30 patients less 2 declared missing are 28, of whom 8.96 is a mean."""
    paper = made_paper(
        """
        variables.x = { step = "1" }
        size = [{ id = "s", place = "T", group = "all", n = "30" }]
        missing = [{ id = "n", place = "T", variable = "x", group = "all", n = "2" }]
        mean = [{ id = "m", place = "T", variable = "x", group = "all", mean = "8.96" }]
        """
    )
    assert [found.verdict for found in grim(paper)] == ["consistent"]
    full = paper.model_copy(update={"missing": (), "missing_declared": True})
    assert [found.verdict for found in grim(full)] == ["inconsistent"]


def test_only_declared_units_are_looked_at(reference_paper: Paper) -> None:
    """Ages in whole years fit; the other means of the reference paper have no unit."""
    paper = reference_paper.model_copy(update={"variables": {"onset_age": WHOLE}})
    found = {finding.number: finding.verdict for finding in grim(paper)}
    assert found == {
        "text.onset_age.enrolled.mean": "consistent",
        "text.onset_age.non_refractory.mean": "consistent",
        "text.onset_age.refractory.mean": "consistent",
    }
    assert not list(grim(paper.model_copy(update={"variables": {}})))


@given(
    st.lists(st.integers(-300, 300), min_size=1, max_size=60),
    st.sampled_from([1, 2, 3, 5]),
    st.sampled_from(["1", "0.5", "0.1", "10"]),
    st.sampled_from(MANNERS),
    st.sampled_from(["nearest", "truncated", "twice"]),
    st.integers(0, 4),
)
def test_no_mean_of_patients_is_accused(
    units: list[int], items: int, step: str, manner: str, way: Rounding, decimals: int
) -> None:
    """The mean of whole multiples, printed in any way, is consistent."""
    mean = Fraction(step) / items * Fraction(sum(units), len(units))
    text = Printer("half_up" if way == "twice" else manner, way).number(mean, decimals)
    variable = Variable(step=step, items=items)
    assert only(text, str(len(units)), variable, rounding=way).verdict == "consistent"


@given(st.integers(1, 60), st.integers(-400, 400), st.integers(1, 3))
def test_accused_is_exactly_what_no_sum_gives(n: int, units: int, decimals: int) -> None:
    """The verdict is that of looking for a sum near n times the mean, one by one."""
    mean = Fraction(units, 10**decimals)
    near = math.floor(mean * n)
    exists = any(
        abs(Fraction(near + more, n) - mean) <= Fraction(1, 2 * 10**decimals)
        for more in range(-1, 3)
    )
    text = Printer("half_up", "nearest").number(mean, decimals)
    assert (only(text, str(n), WHOLE).verdict == "consistent") == exists
