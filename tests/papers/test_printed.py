from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.printed import Interval, agrees, format_like, interval, parse, whole


def test_a_printed_number_is_half_a_unit_wide_on_both_sides() -> None:
    """41.03 stands for 41.025 to 41.035, both included."""
    assert interval("41.03") == Interval(Fraction("41.025"), Fraction("41.035"))


@pytest.mark.parametrize("text", ["22.25", "22.35"])
def test_halves_may_have_been_rounded_either_way(text: str) -> None:
    """A half agrees with the digits above and below it: half-up, half-even and printf all pass."""
    assert agrees("22.3", Fraction(text))


def test_exact_numbers_just_beyond_the_half_do_not_agree() -> None:
    """Exact arithmetic has no tolerance: 22.35 and a billionth is not 22.3."""
    assert not agrees("22.3", Fraction("22.35") + Fraction(1, 10**15))
    assert not agrees("22.3", Decimal("22.3500000000000001"))


def test_a_float_that_ends_a_sum_is_not_lost_at_the_half() -> None:
    """0.1 + 0.2 + 0.045 is a hair above .345 in binary and still prints as .34 or .35."""
    assert agrees("0.34", 0.1 + 0.2 + 0.045)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("<0.001", 0.0004, True),
        ("<0.001", Fraction(1, 1000), False),
        ("≤0.001", Fraction(1, 1000), True),
        (">0.05", 0.2, True),
        ("<0.001", 0.0235, False),
        ("0.5", float("nan"), False),
        ("0.5", float("inf"), False),
        (">3", float("inf"), True),
    ],
)
def test_inequalities_and_values_that_are_not_finite(
    text: str, value: float, expected: bool
) -> None:
    """An inequality stands for all beyond it; infinity agrees with no plain number."""
    assert agrees(text, value) is expected


@pytest.mark.parametrize("text", ["", "1,234", "2 %", "six", "1.2.3", "<", "２", "5:22", "1e3"])
def test_what_is_not_one_number_is_refused(text: str) -> None:
    """Thousands separators, units, words and full-width digits are no printed numbers."""
    with pytest.raises(ValueError, match="printed number"):
        parse(text)


@pytest.mark.parametrize("text", ["-3", "3.0", "<3", ""])
def test_a_count_is_a_whole_number(text: str) -> None:
    """Signs, decimals and inequalities are refused in a count."""
    with pytest.raises(ValueError, match="whole number"):
        whole(text)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("41.03", 1.02729, "1.03"),
        ("0.872", 0.17246, "0.172"),
        ("50", Fraction(1, 2), "1"),
        ("<0.001", 0.0235, "0.024"),
        ("<0.001", 1e-9, "<0.001"),
        ("-0.4", -0.04, "0.0"),
        ("19.57", float("inf"), "infinity"),
        ("0.11", Fraction("0.345"), "0.35"),
    ],
)
def test_values_are_printed_with_the_digits_of_the_paper(
    text: str, value: float | Fraction, expected: str
) -> None:
    """A computed value is shown like the printed one, and never as a p value of 0."""
    assert format_like(text, value) == expected


@given(st.decimals(-10000, 10000, places=3, allow_nan=False))
def test_a_number_agrees_with_its_own_print(value: Decimal) -> None:
    """Whatever is printed with format_like agrees with what it was printed from."""
    shown = format_like("0.00", value)
    assert agrees(shown, value)


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 3))
def test_half_even_and_half_up_of_a_share_both_agree(n: int, total: int, digits: int) -> None:
    """A share printed by either rounding agrees with the exact share."""
    share = Fraction(100 * n, total)
    half_even = round(share * 10**digits)
    half_up = (share * 10**digits + Fraction(1, 2)).__floor__()
    for units in (half_even, half_up):
        text = f"{Decimal(units).scaleb(-digits):.{digits}f}"
        assert agrees(text, share)


@given(
    st.integers(min_value=-(10**6), max_value=10**6),
    st.integers(min_value=1, max_value=10**4),
    st.integers(min_value=0, max_value=3),
)
def test_a_value_agrees_with_its_digits_cut_off(top: int, bottom: int, decimals: int) -> None:
    """Whatever is cut off, the value lies in the interval of a paper that truncates."""
    value = Fraction(top, bottom)
    units = abs(value) * 10**decimals
    cut = Decimal(units.numerator // units.denominator).scaleb(-decimals)
    text = f"{'-' if value < 0 and cut else ''}{cut:.{decimals}f}"
    assert agrees(text, value, "truncated")


@given(
    st.integers(min_value=-(10**6), max_value=10**6),
    st.integers(min_value=1, max_value=10**4),
    st.integers(min_value=0, max_value=3),
)
def test_a_value_agrees_with_its_digits_rounded_twice(top: int, bottom: int, decimals: int) -> None:
    """Rounded to one digit more and then again, the value lies in the interval for that."""
    value = Fraction(top, bottom)
    once = Decimal(format_exactly(value, decimals + 1))
    again = format_exactly(Fraction(once), decimals)
    assert agrees(again, value, "twice")


def format_exactly(value: Fraction, decimals: int) -> str:
    """Write a fraction with so many decimals, halves away from zero."""
    units = abs(value) * 10**decimals
    whole_units = (2 * units.numerator + units.denominator) // (2 * units.denominator)
    return f"{'-' if value < 0 else ''}{Decimal(whole_units).scaleb(-decimals):.{decimals}f}"


def test_the_other_ways_to_round_only_widen_the_interval_where_they_must() -> None:
    """18.5 cut off is 18.5 up to 18.6; rounded twice 18.445 becomes 18.5, and 18.4549 18.4.

    58 of 85 is 68.2353%; printf rounds it to 68.235, which is a little less as a float, and then
    to 68.23: with halves down to an odd digit.
    """
    assert interval("18.5", "truncated") == Interval(Fraction("18.45"), Fraction("18.6"))
    assert interval("-18.5", "truncated") == Interval(Fraction("-18.6"), Fraction("-18.45"))
    assert interval("18.5", "twice") == Interval(Fraction("18.445"), Fraction("18.555"))
    assert interval("18.4", "twice") == Interval(Fraction("18.345"), Fraction("18.455"))
    assert f"{float(f'{100 * 58 / 85:.3f}'):.2f}" == "68.23"
    assert agrees("68.23", Fraction(5800, 85), "twice")
    assert interval("-18.4", "twice") == Interval(Fraction("-18.455"), Fraction("-18.345"))
