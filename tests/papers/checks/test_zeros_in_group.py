from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from myocohort.papers.checks.zeros_in_group import most_zeros, zeros_in_group
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, interval


@pytest.mark.parametrize(
    ("n", "mean", "sd", "most"),
    [
        (19, "0.06", "0.03", 5),
        (10, "0.06", "0.05", 4),
        (19, "0.27", "0.14", 4),
        (10, "0.42", "0.23", 2),
        (19, "0.18", "0.08", 3),
        (10, "0.36", "0.21", 2),
    ],
)
def test_the_bounds_of_table_4(n: int, mean: str, sd: str, most: int) -> None:
    """One zero more, and even equal positive values spread wider than printed."""
    low, wide = interval(mean).low, interval(sd).high
    assert low is not None
    assert wide is not None
    for zeros, possible in ((most, True), (most + 1, False)):
        level = float(low) * n / (n - zeros)
        spread = statistics.stdev([0.0] * zeros + [level] * (n - zeros))
        assert (spread <= float(wide)) == possible
    assert most_zeros(n, interval(mean), interval(sd)) == most


def test_a_mean_that_may_be_zero_allows_all_zeros() -> None:
    """0.00 ± 0.00 may be nothing but zeros."""
    assert most_zeros(12, interval("0.00"), interval("0.00")) == 12


def test_one_positive_value_has_no_zero_beside_it() -> None:
    """A single value with a positive mean is not zero."""
    assert most_zeros(1, interval("0.50"), interval("0.10")) == 0


@given(st.lists(st.integers(0, 20), min_size=2, max_size=40))
def test_the_bound_holds_for_made_patients(values: list[int]) -> None:
    """No sample has more zeros than its own mean and SD allow."""
    mean, variance = statistics.mean(values), statistics.variance(values)
    assume(mean > 0)
    wide = statistics.stdev(values) * (1 + 1e-9)
    bound = most_zeros(len(values), Interval(interval("0").low, None), interval(f"{wide:.6f}"))
    assert bound == len(values)  # a mean without a lower limit excludes nothing
    exact = interval(f"{mean:.9f}")
    assert values.count(0) <= most_zeros(len(values), exact, interval(f"{variance**0.5:.9f}"))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_the_bound_is_that_of_every_list(n: int) -> None:
    """No list of whole numbers up to 6 has more zeros, and equal others reach the bound."""
    most: dict[tuple[Fraction, Fraction], int] = {}
    for values in itertools.combinations_with_replacement(range(7), n):
        mean = Fraction(sum(values), n)
        if mean > 0:
            squares = sum((value - mean) ** 2 for value in values)
            for less in (0, 1):
                key = (mean, squares / (n - less))
                zeros = values.count(0)
                root = rooted(key[1])
                assert zeros <= most_zeros(n, Interval(mean, mean), root, less=less)
                if less:
                    most[key] = max(most.get(key, 0), zeros)
    for zeros in range(n):
        mean = Fraction(6 * (n - zeros), n)
        variance = mean**2 * Fraction(n * zeros, (n - zeros) * (n - 1))
        assert most[mean, variance] == zeros
        assert most_zeros(n, Interval(mean, mean), rooted(variance)) == zeros


def rooted(variance: Fraction) -> Interval:
    """Return an interval of a millionth of a millionth above the root of a variance."""
    low = Fraction(math.isqrt(variance.numerator * 10**24 // variance.denominator), 10**12)
    return Interval(low, low + Fraction(1, 10**12))


ONE_IN_TEN = """
zeros = [{ finding = "a", level = "no", variable = "b", remark = "by definition" }]
size = [{ id = "s", place = "T", group = "all", n = "10" }]
mean = [{ id = "m", place = "T", variable = "b", group = "all", mean = "2.0", sd = "%s" }]
count = [{ id = "c", place = "T", variable = "a", group = "all", %s }]
"""


@pytest.mark.parametrize(
    ("sd", "count", "verdict"),
    [
        ("0.5", 'level = "no", n = "4"', "inconsistent"),
        ("0.5", 'n = "6"', "untestable"),  # of how many is not printed
        ("0.5", 'n = "6", of = "10"', "inconsistent"),
        ("0.5", 'n = "6", of = "6"', "consistent"),
        ("0.5", 'n = "6", percent = "60.0"', "inconsistent"),
        ("0.5", 'n = "6", percent = "85.7"', "inconsistent"),  # 6 of 7: one zero is too many
        ("3.0", 'level = "no", n = "4"', "consistent"),
    ],
)
def test_how_many_were_examined(
    made_paper: Callable[[str], Paper], sd: str, count: str, verdict: str
) -> None:
    """Patients without the finding are those examined less those with it, where that is printed."""
    (found,) = zeros_in_group(made_paper(ONE_IN_TEN % (sd, count)))
    assert found.verdict == verdict


def test_a_third_level_is_not_taken_for_zeros(made_paper: Callable[[str], Paper]) -> None:
    """Where a finding is absent, weak or strong, those without a weak one are not all negative."""
    paper = made_paper(ONE_IN_TEN % ("0.5", 'level = "weak", n = "2", of = "10"'))
    third = paper.count[0].model_copy(update={"id": "d", "level": "strong"})
    assert not list(zeros_in_group(paper.model_copy(update={"count": (*paper.count, third)})))


def test_rounding_is_taken_into_account(made_paper: Callable[[str], Paper]) -> None:
    """2.0 ± 0.5 may be 2.0 ± 0.599 where digits are cut off."""
    paper = made_paper(ONE_IN_TEN % ("0.6", 'level = "no", n = "1"'))
    assert [f.verdict for f in zeros_in_group(paper)] == ["untestable"]  # with n, not n - 1
    assert [f.verdict for f in zeros_in_group(paper, "truncated")] == ["consistent"]


def test_the_reference_paper(reference_paper: Paper) -> None:
    """19 and 8 patients without BAFF and CD19 are too many for Table 4, 5 without BAFF-R not."""
    found = {f.number: f for f in zeros_in_group(reference_paper)}
    assert {number: f.verdict for number, f in found.items()} == {
        "text.baff_positive.n": "inconsistent",
        "text.baff_r_positive.n": "consistent",
        "text.cd19_positive.n": "inconsistent",
    }
    assert found["text.baff_positive.n"].computed == "at least 20"
    assert found["text.cd19_positive.n"].computed == "at least 24"
    assert "on the reading" in found["text.baff_positive.n"].explanation


def test_without_mean_and_sd_nothing_is_said(made_paper: Callable[[str], Paper]) -> None:
    """A finding whose measurement has no printed SD is untestable."""
    paper = made_paper(
        """
        zeros = [{ finding = "a", level = "no", variable = "b", remark = "by definition" }]
        size = [{ id = "s", place = "T", group = "all", n = "20" }]
        count = [{ id = "c", place = "T", variable = "a", group = "all", n = "1" }]
        mean = [{ id = "m", place = "T", variable = "b", group = "all", mean = "2.0" }]
        """
    )
    assert [f.verdict for f in zeros_in_group(paper)] == ["untestable"]
