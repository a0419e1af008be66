"""How numbers are printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.report.rounding import (
    decimals_for,
    fixed_text,
    interval_text,
    like_printed,
    p_equation,
    p_text,
    percent_text,
    plain_text,
    ratio_text,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1.005, 2, "1.01"),  # the nearest float lies below; its decimal text does not
        (0.125, 2, "0.13"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (-0.001, 2, "0.00"),
        (518.3750073312, 2, "518.38"),
        (1e30, 0, "1" + "0" * 30),
        ("inf", 2, "∞"),
        ("-inf", 2, "−∞"),
        (None, 2, "–"),
        (7, 1, "7.0"),
    ],
)
def test_halves_go_away_from_zero_in_decimal(
    value: float | str | None, decimals: int, text: str
) -> None:
    """A number is rounded as its shortest decimal text, halves away from zero."""
    assert fixed_text(value, decimals) == text


@given(FINITE, st.integers(0, 4))
def test_a_printed_number_is_within_half_a_unit(value: float, decimals: int) -> None:
    """What is printed never lies further than half a unit of its last digit away."""
    printed = Decimal(fixed_text(value, decimals).replace("−", "-"))
    assert abs(printed - Decimal(repr(value))) <= Decimal(1).scaleb(-decimals) / 2
    assert -printed.as_tuple().exponent == decimals


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0235151, "0.024"),
        (0.0009999, "<0.001"),
        (1e-300, "<0.001"),
        (0.001, "0.001"),
        (0.9994, "0.999"),
        (0.9995, ">0.999"),
        (1.0, ">0.999"),
        (None, "–"),
    ],
)
def test_a_p_value_is_neither_0_nor_1(p: float | None, text: str) -> None:
    """Three decimals, and an inequality where those would say 0 or 1."""
    assert p_text(p) == text


@given(st.floats(0, 1, exclude_min=True))
def test_no_p_value_prints_as_0_or_1(p: float) -> None:
    """Whatever the p value is, it is printed as lying between 0 and 1."""
    assert 0 < Decimal(p_text(p).lstrip("<>")) < 1


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0235, "p = 0.024"), (1e-9, "p < 0.001"), (1.0, "p > 0.999"), (None, "p not computed")],
)
def test_a_p_value_in_a_sentence_has_its_relation(p: float | None, text: str) -> None:
    """In a sentence p is followed by =, < or >, with spaces that do not break."""
    assert p_equation(p).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (19.5669, "19.57"),
        (0.004, "<0.01"),
        (0, "0"),
        (0.005, "0.01"),
        (1058.9072, "1058.91"),
        (1234567.8, "1.23 × 10^6"),
        (9.995e6, "1.00 × 10^7"),
        ("inf", "∞"),
        (None, "–"),
    ],
)
def test_an_odds_ratio_has_two_decimals(ratio: float | str | None, text: str) -> None:
    """Two decimals, infinity as its sign, and a small positive ratio never as 0.00."""
    assert ratio_text(ratio) == text


def test_an_interval_may_end_at_infinity() -> None:
    """Both limits are printed, also an infinite one; no interval is a dash."""
    assert interval_text({"low": 1.284112, "high": "inf"}) == "1.28–∞"
    assert interval_text(None) == "–"


@pytest.mark.parametrize(
    ("percent", "text"),
    [(22.2222, "22.2"), (0, "0.0"), (0.04, "<0.1"), (99.96, ">99.9"), (100, "100.0"), (None, "–")],
)
def test_a_percentage_has_one_decimal(percent: float | None, text: str) -> None:
    """One decimal; a few are not printed as none, nor almost all as all."""
    assert percent_text(percent) == text


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([37.26, 18.06], 1),
        ([0.27, 0.14], 3),
        ([8213.3, 2000.1], 0),
        ([1.93, 0.8], 2),
        ([0.0, None], 1),
        ([], 1),
    ],
)
def test_a_row_of_means_has_three_significant_digits(
    values: list[float | None], decimals: int
) -> None:
    """The largest number of a row gets three significant digits, with three decimals at most."""
    assert decimals_for(values) == decimals


def test_plain_numbers_lose_zeros_at_the_end_only() -> None:
    """6.0 is printed 6 and 12.50 is printed 12.5, but 100 stays 100."""
    assert [plain_text(6.0), plain_text(12.5), plain_text(100)] == ["6", "12.5", "100"]


@pytest.mark.parametrize(
    ("value", "printed", "text"),
    [
        (1.0265627, "41.03", "1.03"),
        (0.0235, "<0.001", "0.024"),
        (0.00002, "0.024*", "<0.001"),
        (5, "5", "5"),
        (0.3, "5", "<1"),
        (0.17249, "five", "0.172"),
        ("2 of 13", "5", "2 of 13"),
        ("inf", "3.1", "∞"),
        (None, "3.1", "–"),
    ],
)
def test_a_computed_number_is_printed_like_the_published_one(
    value: float | str | None, printed: str, text: str
) -> None:
    """The digits of the published number decide; text stays text."""
    assert like_printed(value, printed) == text
