"""Means and SDs of values counted in units, against every list of such values."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_papers import MANNERS, Printer

from myocohort.papers.entries import Variable
from myocohort.papers.printed import interval
from myocohort.papers.spread import Spread
from myocohort.papers.unit_values import UnitValues


def variance_of(values: list[Fraction], less: int = 1) -> Fraction:
    """Return the exact variance of values, divided by n - `less`."""
    mean = sum(values) / Fraction(len(values))
    return sum((value - mean) ** 2 for value in values) / Fraction(len(values) - less)


def exactly(variance: Fraction) -> Fraction:
    """Return the root of a variance, exact where it is a fraction, else to 40 digits."""
    above, below = math.isqrt(variance.numerator), math.isqrt(variance.denominator)
    if Fraction(above, below) ** 2 == variance:
        return Fraction(above, below)
    return Fraction(math.isqrt(variance.numerator * 10**80 // variance.denominator), 10**40)


@pytest.mark.parametrize(
    ("n", "unit", "low", "high"),
    [
        (2, "1", 0, 5),
        (3, "1", 1, 5),
        (4, "1", 0, 4),
        (5, "1", -2, 2),
        (6, "1", 0, 1),
        (3, "0.5", 0, 4),
        (4, "3", -1, 2),
    ],
)
@pytest.mark.parametrize(("mean_digits", "sd_digits"), [(1, 1), (2, 1), (1, 2), (2, 0)])
def test_allowed_are_exactly_the_lists_that_exist(
    n: int, unit: str, low: int, high: int, mean_digits: int, sd_digits: int
) -> None:
    """Of all means and SDs in reach, those of some list are allowed and no others."""
    step = Fraction(unit)
    lists = [
        [step * value for value in values]
        for values in itertools.combinations_with_replacement(range(low, high + 1), n)
    ]
    known = {(sum(values) / Fraction(n), variance_of(values)) for values in lists}
    values = UnitValues(step, low, high)
    least, most = step * low, step * high
    verdicts = set()
    for mean_units in range(int(least * 10**mean_digits) - 9, int(most * 10**mean_digits) + 3, 9):
        mean = Printer("half_up", "nearest").number(
            Fraction(mean_units, 10**mean_digits), mean_digits
        )
        means = interval(mean)
        inside = [variance for centre, variance in known if centre in means]
        for sd_units in range(0, int((most - least) * 10**sd_digits) + 1, 2):
            sd = Printer("half_up", "nearest").number(Fraction(sd_units, 10**sd_digits), sd_digits)
            roots = interval(sd)
            assert roots.high is not None
            assert roots.low is not None
            exists = any(
                max(roots.low, Fraction(0)) ** 2 <= variance <= roots.high**2 for variance in inside
            )
            assert Spread(values, mean, sd).fits(n) == exists
            verdicts.add(exists)
    assert True in verdicts


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_without_limits_too(n: int) -> None:
    """Whole numbers near a mean from -1 to 1 are all that SDs below 2 can have."""
    known = {
        (
            Fraction(sum(values), n),
            Fraction(n * sum(value**2 for value in values) - sum(values) ** 2, n * (n - 1)),
        )
        for values in itertools.combinations_with_replacement(range(-6, 7), n)
    }
    for mean_units in range(-10, 11, 2):
        mean = f"{mean_units / 10:.1f}"
        inside = [variance for centre, variance in known if centre in interval(mean)]
        for sd_units in range(0, 200, 7):
            sd = f"{sd_units / 100:.2f}"
            roots = interval(sd)
            assert roots.high is not None
            assert roots.low is not None
            exists = any(
                max(roots.low, Fraction(0)) ** 2 <= variance <= roots.high**2 for variance in inside
            )
            assert Spread(UnitValues(Fraction(1)), mean, sd).fits(n) == exists


@st.composite
def samples(draw: st.DrawFn) -> tuple[Variable, list[Fraction]]:
    """Draw a variable and values that it can have."""
    step = draw(st.sampled_from(["1", "0.5", "0.25", "0.1", "2", "5", "0.05"]))
    items = draw(st.sampled_from([1, 1, 1, 2, 3, 4, 7]))
    low, high = draw(st.sampled_from([(0, 1), (0, 4), (1, 5), (-3, 3), (0, 100), (-500, 500)]))
    units = draw(st.lists(st.integers(low * items, high * items), min_size=1, max_size=40))
    limits = {"low": str(low * Fraction(step)), "high": str(high * Fraction(step))}
    declared = {
        name: str(float(Fraction(text))) for name, text in limits.items() if draw(st.booleans())
    }
    values = [Fraction(step) / items * unit for unit in units]
    return Variable(step=step, items=items, **declared), values


@given(
    samples(),
    st.sampled_from(MANNERS),
    st.sampled_from(["nearest", "truncated", "twice"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([0, 1]),
)
def test_no_mean_and_sd_of_a_list_is_ruled_out(
    sample: tuple[Variable, list[Fraction]],
    manner: str,
    way: str,
    mean_digits: int,
    sd_digits: int,
    less: int,
) -> None:
    """However a paper prints them, the mean and SD of a list are allowed."""
    variable, listed = sample
    values = UnitValues.of(variable)
    assert values is not None
    n = len(listed)
    printer = Printer("half_up" if way == "twice" else manner, way)  # type: ignore[arg-type]
    mean = printer.number(sum(listed) / Fraction(n), mean_digits)
    root = exactly(variance_of(listed, less)) if n > less else Fraction(0)
    sd = printer.number(root, sd_digits)
    assert Spread(values, mean, sd, way).fits(n, less=less)  # type: ignore[arg-type]


def test_far_apart_values_are_decided_at_once() -> None:
    """Two or three values with an SD of millions of units are not gone through one by one."""
    cents = UnitValues(Fraction(1, 100))
    assert Spread(cents, "1000.33", "1234567.9").fits(2)
    half = Fraction("1234567.90") * 2
    assert not Spread(cents, "1000.33", "12345678.912").fits(2)
    assert Spread(cents, "0.00", f"{math.sqrt(half**2 / 2):.3f}").fits(2)
    assert Spread(cents, "1000.33", "12345678.912").fits(3)


def test_values_are_put_into_words() -> None:
    """A unit that is no short decimal number is written as a fraction."""
    assert UnitValues(Fraction(1)).words == "whole numbers"
    assert UnitValues(Fraction(1, 3), 0).words == "multiples of 1/3 from 0 up"
    assert UnitValues(Fraction(1, 2), None, 9).words == "multiples of 0.5 up to 4.5"
    assert UnitValues(Fraction(1), -2, 2).words == "whole numbers from -2 to 2"


def test_without_a_step_nothing_is_counted() -> None:
    """A variable without a step, or with the step 0, has no unit."""
    assert UnitValues.of(Variable()) is None
    assert UnitValues.of(Variable(step="0")) is None
