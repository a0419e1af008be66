from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.edits import healing, likeliest, one_digit_edits
from myocohort.papers.printed import parse


def test_slips_come_in_order_of_how_little_they_assume() -> None:
    """Of 12.5 the doubled digits come first, then swaps, then wrong and missing digits."""
    edits = list(one_digit_edits("12.5"))
    slips = list(dict.fromkeys(slip for _, slip in edits))
    assert slips == [
        "one digit too many",
        "two digits swapped",
        "one digit wrong",
        "one digit left out",
    ]
    assert {text for text, slip in edits if slip == "one digit too many"} == {"2.5", "1.5"}
    assert {text for text, slip in edits if slip == "two digits swapped"} == {"21.5"}
    assert {"112.5", "102.5", "129.5"} <= {
        text for text, slip in edits if slip == "one digit left out"
    }


def test_the_misprinted_limit_is_healed_by_one_number() -> None:
    """Only 1.03 lies within 1.026 and 1.029 rounded, and one digit too many makes it 41.03."""
    assert (
        healing("41.03", lambda text: text == "1.03")
        == "1.03 instead of 41.03 (one digit too many) would agree"
    )


def test_many_healings_are_no_suggestion() -> None:
    """Where more than three slips of a kind fit, naming them says nothing."""
    assert healing("0.5", lambda text: True) == ""
    assert healing("0.5", lambda text: False) == ""


@given(st.decimals(0, 1000, places=2))
def test_an_edit_keeps_the_decimals_and_changes_the_value(value: Decimal) -> None:
    """Each edit can be printed beside the original, and none is the original."""
    text = f"{value:.2f}"
    for edited, _ in one_digit_edits(text):
        assert parse(edited).decimals == 2
        assert parse(edited).value != parse(text).value


@pytest.mark.parametrize(("wrong", "right"), [("0.872", "0.172"), ("52.3", "32.5")])
def test_a_digit_and_a_swap_are_found(wrong: str, right: str) -> None:
    """A wrong digit is among the edits; two digits that change places over the point are not."""
    edits = {text for text, _ in one_digit_edits(wrong)}
    assert (right in edits) == (right == "0.172")


def test_the_first_number_that_a_slip_heals_is_accused() -> None:
    """Where none heals it is the first; slips in others are said as well."""
    assert likeliest(["", "", ""]) == (0, "")
    assert likeliest(["", "5 for 6", ""]) == (1, "")
    assert likeliest(["4 for 3", "5 for 6", "7 for 8"]) == (0, "; as well 5 for 6; 7 for 8")
