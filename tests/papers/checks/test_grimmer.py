from __future__ import annotations

import itertools
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_papers import MANNERS, Printer

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.grimmer import grimmer
from myocohort.papers.entries import Group, Mean, Size, Variable
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, interval

WHOLE = Variable(step="1")


def paper_of(
    *rows: tuple[str, str, str], variable: Variable = WHOLE, declared: bool = True
) -> Paper:
    """Return a paper with a mean, SD and number of patients for each of some groups."""
    names = [f"g{place}" for place in range(len(rows))]
    return Paper(
        title="t",
        groups={name: Group(label="patients") for name in names},
        variables={"score": variable},
        size=tuple(
            Size(id=f"s.{name}", place="T", group=name, n=n)
            for name, (_, _, n) in zip(names, rows, strict=True)
        ),
        mean=tuple(
            Mean(
                id=f"m.{name}",
                place="T",
                variable="score",
                group=name,
                mean=mean,
                sd=sd,
                n=n if declared else None,
            )
            for name, (mean, sd, n) in zip(names, rows, strict=True)
        ),
    )


def only(
    mean: str, sd: str, n: str, variable: Variable = WHOLE, *, declared: bool = True
) -> Finding:
    """Return the finding about one SD."""
    (found,) = grimmer(paper_of((mean, sd, n), variable=variable, declared=declared))
    return found


def test_inspect_sr_fixture() -> None:
    """INSPECT-SR: 30 whole numbers with the mean 9.93 cannot have the SD .18.

    28 tens and 2 nines spread least, and have the SD 0.254.
    """
    found = only("9.93", ".18", "30")
    assert found.verdict == "inconsistent"
    assert f"{statistics.stdev([10] * 28 + [9] * 2):.3f}" == "0.254"
    assert "the nearest possible is 0.254" in found.explanation
    assert found.number == "m.g0.sd"
    assert only("9.93", ".25", "30").verdict == "consistent"


def test_scrutiny_fixture() -> None:
    """Scrutiny finds consistent: 7.67, SD 0, two patients with the mean of 3 items."""
    assert only("7.67", "0", "2", Variable(step="1", items=3)).verdict == "consistent"


@pytest.mark.parametrize(
    ("mean", "sd", "n", "verdict"),
    [
        ("3", "0", "1", "consistent"),
        ("3", "2", "1", "inconsistent"),
        ("2.50", "0.71", "2", "consistent"),
        ("2.50", "0.00", "2", "inconsistent"),
        ("-2.50", "2.12", "2", "consistent"),
        ("0.00", "0.00", "12", "consistent"),
        ("0.00", "1.00", "3", "consistent"),
        ("4.00", "0.00", "9", "consistent"),
        ("4.00", "-0.50", "9", "inconsistent"),
        ("4.33", "0.00", "9", "inconsistent"),
    ],
)
def test_small_samples_and_zeros(mean: str, sd: str, n: str, verdict: str) -> None:
    """One and two patients, an SD of 0, means of 0 and below."""
    assert only(mean, sd, n).verdict == verdict


def test_limits_bound_the_sd_from_above() -> None:
    """12 half points from 0 to 10 with the mean 3.5 spread at most as 4 tens, a 2 and 7 zeros."""
    scale = Variable(step="0.5", low="0", high="10")
    widest = statistics.stdev([10] * 4 + [2] + [0] * 7)
    assert only("3.5", f"{widest:.2f}", "12", scale).verdict == "consistent"
    assert only("3.5", f"{widest + 0.2:.2f}", "12", scale).verdict == "inconsistent"
    assert only("3.5", f"{widest + 0.2:.2f}", "12", Variable(step="0.5")).verdict == "consistent"


def test_an_impossible_mean_is_left_to_grim() -> None:
    """One number is not accused twice: without a sum nothing is said about the SD."""
    found = only("8.96", "1.00", "30")
    assert found.verdict == "untestable"
    assert "see grim" in found.explanation


def test_binary_variables_are_left_to_debit() -> None:
    """The SD of zeros and ones has a check of its own."""
    assert not list(
        grimmer(paper_of((".03", ".18", "200"), variable=Variable(step="1", low="0", high="1")))
    )


def test_the_other_denominator_is_no_reason_to_accuse() -> None:
    """(-3, -2, -2) has the SD 0.47 with n = 3 in its denominator, and 0.58 with 2."""
    found = only("-2.33", "0.47", "3")
    assert found.verdict == "untestable"
    assert "n in place of n - 1" in found.explanation
    # Where another SD of the paper shows that it divides by n - 1, it is one.
    both = {
        f.number: f.verdict
        for f in grimmer(paper_of(("-2.33", "0.47", "3"), ("2.50", "0.71", "2")))
    }
    assert both == {"m.g0.sd": "inconsistent", "m.g1.sd": "consistent"}


def test_undeclared_missing_values_are_not_accused() -> None:
    """2.50 ± 0.71 is that of two patients, and of no four."""
    assert only("2.50", "0.71", "4").verdict == "inconsistent"
    found = only("2.50", "0.71", "4", declared=False)
    assert found.verdict == "untestable"
    assert "2 of the 4 patients can" in found.explanation


def test_a_slip_is_named() -> None:
    """A digit that heals the SD is proposed where at most three do."""
    found = only("2.50", "0.17", "2")
    assert found.suggestion == "0.71 instead of 0.17 (two digits swapped) would agree"


def test_inequalities_and_unknown_numbers_are_untestable(reference_paper: Paper) -> None:
    """An SD printed as "<1", a group without a size; in the reference paper all ages fit."""
    assert only("2.50", "<1", "2").verdict == "untestable"
    paper = paper_of(("2.50", "0.17", "2"), declared=False).model_copy(update={"size": ()})
    assert [f.verdict for f in grimmer(paper)] == ["untestable"]
    ages = reference_paper.model_copy(update={"variables": {"onset_age": WHOLE}})
    assert [f.verdict for f in grimmer(ages)] == ["consistent"] * 3


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_accused_is_exactly_what_no_scale_gives(n: int) -> None:
    """Scores from 1 to 5: the verdict is that of looking at every list, with n - 1 or n."""
    scale = Variable(step="1", low="1", high="5")
    lists = list(itertools.combinations_with_replacement(range(1, 6), n))
    by_mean: dict[Fraction, set[Fraction]] = {}
    for values in lists:
        mean = Fraction(sum(values), n)
        squares = sum((value - mean) ** 2 for value in values)
        by_mean.setdefault(mean, set()).update((squares / (n - 1), squares / n))
    for mean, squares_of in by_mean.items():
        text = f"{float(mean):.2f}"
        for sd in (f"{units / 10:.1f}" for units in range(0, 32, 3)):
            roots = interval(sd)
            assert roots.low is not None
            assert roots.high is not None
            exists = any(max(roots.low, Fraction(0)) ** 2 <= s <= roots.high**2 for s in squares_of)
            assert (only(text, sd, str(n), scale).verdict != "inconsistent") == exists


@given(
    st.lists(st.integers(-60, 60), min_size=2, max_size=40),
    st.sampled_from([1, 2, 3]),
    st.booleans(),
    st.sampled_from(MANNERS),
    st.sampled_from(["nearest", "truncated", "twice"]),
    st.integers(0, 3),
)
def test_no_sd_of_patients_is_accused(
    units: list[int], items: int, limits: bool, manner: str, way: Rounding, decimals: int
) -> None:
    """Mean and SD of whole multiples, printed in any way, are consistent."""
    values = [Fraction(unit, items) for unit in units]
    printer = Printer("half_up" if way == "twice" else manner, way)
    mean = printer.number(sum(values) / Fraction(len(values)), decimals)
    sd = printer.number(statistics.stdev(map(float, values)), decimals)
    bounds = {"low": "-60", "high": "60"} if limits else {}
    variable = Variable(step="1", items=items, **bounds)
    (found,) = grimmer(paper_of((mean, sd, str(len(values))), variable=variable), way)
    assert found.verdict == "consistent"
