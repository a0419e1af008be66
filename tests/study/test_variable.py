"""The one validator of values."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from myocohort.errors import Problem
from myocohort.study.standard import mrc
from myocohort.study.values import NOT_RECORDED, PartialDate, Value, calendar_months
from myocohort.study.variable import Variable

MRS = Variable(name="mrs", label="mRS", type="integer", minimum=0, maximum=6)
CK = Variable(name="ck", label="CK", type="number", unit="U/L", minimum=0, maximum=1_000_000)
VISIT_DATE = Variable(name="date", type="date")


def problem(result: Value | Problem) -> Problem:
    """Return the result as a problem, which it has to be."""
    assert isinstance(result, Problem), result
    return result


@pytest.mark.parametrize("raw", ["2", " 2 ", 2, 2.0])
def test_whole_numbers_are_read_from_text_and_from_workbooks(raw):
    """2, padded 2 and a workbook's 2.0 are one and the same mRS."""
    assert MRS.parse(raw).number == 2


@pytest.mark.parametrize("raw", ["7", "-1", "2.5", "２", "two", "1e400", "NaN", "inf", "0x2"])
def test_what_is_no_mrs_is_refused_with_its_value_and_range(raw):
    """Values outside the scale, fractions and full-width digits are refused and quoted."""
    found = problem(MRS.parse(raw))
    assert found.value == raw
    assert "mRS is a whole number from 0 to 6" in found.rule


@pytest.mark.parametrize("raw", ["1,234", "1.234,5", "1 234", "1'234", "12,5", "1.234"])
def test_a_number_with_separators_is_refused_because_it_is_ambiguous(raw):
    """A comma may separate thousands or decimals, so nothing is guessed."""
    assert "thousands or decimals" in problem(CK.parse(raw)).next_step


@pytest.mark.parametrize(
    ("raw", "u_per_l"),
    [("12 ukat/L", 720), ("12 µkat/L", 720), ("12 μkat/l", 720), ("900 U/L", 900),
     ("900IU/L", 900), ("1e3", 1000), ("0.12", 0.12)],
)  # fmt: skip
def test_units_are_converted(raw, u_per_l):
    """1 ukat/L is 60 U/L, with either micro sign; a plain number is in the variable's unit."""
    assert CK.parse(raw).number == pytest.approx(u_per_l)
    assert CK.parse(raw).raw == raw


def test_an_unknown_unit_names_the_known_ones():
    """A CK in mmol/L is refused, with the units that can be converted."""
    found = problem(CK.parse("5 mmol/L"))
    assert "ukat/L" in found.rule
    assert found.value == "5 mmol/L"


def test_a_missing_code_never_becomes_a_number():
    """-99 is missing with its reason, and an empty cell is missing as not recorded."""
    ck = CK.model_copy(update={"missing": {"-99": "haemolysed"}})
    assert ck.parse("-99") == Value(raw="-99", missing="haemolysed")
    assert ck.parse("-99.0") == Value(raw="-99.0", missing="haemolysed")
    assert ck.parse("") == Value(raw="", missing=NOT_RECORDED)
    assert problem(CK.parse("-99")).next_step.endswith("missing code in the study file")


@pytest.mark.parametrize(
    ("raw", "date"),
    [("2016-05-31", PartialDate(2016, 5, 31)), ("2016-05", PartialDate(2016, 5)),
     ("2016", PartialDate(2016)), (dt.datetime(2016, 5, 31), PartialDate(2016, 5, 31)),
     ("2016-05-31 00:00:00", PartialDate(2016, 5, 31))],
)  # fmt: skip
def test_dates_keep_what_is_unknown_about_them(raw, date):
    """A partial date stays partial; a workbook's date is a date."""
    assert VISIT_DATE.parse(raw).date == date


def test_a_slashed_date_is_read_only_in_a_declared_order():
    """03/04/2020 is refused without an order, and is two dates in the two orders."""
    assert "date_order" in problem(VISIT_DATE.parse("03/04/2020")).next_step
    assert VISIT_DATE.parse("03/04/2020", "dmy").date == PartialDate(2020, 4, 3)
    assert VISIT_DATE.parse("03/04/2020", "mdy").date == PartialDate(2020, 3, 4)


def test_impossible_dates_and_serial_numbers_are_refused():
    """30 February does not exist; 43831 is shown as the date that a spreadsheet meant."""
    assert "exists in the calendar" in problem(VISIT_DATE.parse("2020-02-30")).rule
    assert "2020-01-01" in problem(VISIT_DATE.parse("43831")).next_step
    assert "2016-05" in problem(VISIT_DATE.parse("2016-05-00")).next_step
    assert "exists" in problem(VISIT_DATE.parse("2016-00")).rule
    assert "1900" in problem(VISIT_DATE.parse("1016-05-31")).rule


def test_mrc_codes_are_kept_as_written():
    """4- stays 4-, and a grade that the scale does not have is refused."""
    strength = mrc("mrc", "MRC")
    assert strength.parse("4-").text == "4-"
    assert strength.parse(4.0).text == "4"
    assert "one of" in problem(strength.parse("6")).rule


def test_categories_match_codes_and_labels_without_case():
    """A category may be written by its code or its label."""
    sex = Variable(name="sex", type="category", categories={"f": "female", "m": "male"})
    assert [sex.parse(raw).text for raw in ("f", "Female", "M")] == ["f", "f", "m"]


@pytest.mark.parametrize(("raw", "text"), [("Yes", "yes"), (True, "yes"), (0, "no"), ("N", "no")])
def test_yes_no_is_read_from_the_usual_spellings(raw, text):
    """Yes, true and 1 are yes; no, false and 0 are no."""
    assert Variable(name="ild", type="yes_no").parse(raw).text == text


def test_values_of_identifying_variables_are_never_repeated():
    """The message about a wrong birth date does not contain it."""
    birth = Variable(name="birth_date", type="date", identifying=True)
    assert "1980" not in str(problem(birth.parse("31/13/1980")))


@given(st.floats(min_value=0, max_value=1e6, allow_nan=False))
def test_a_number_survives_being_written_and_read(number):
    """Any finite number in range comes back as it was written."""
    weight = CK.model_copy(update={"unit": "kg"})
    assert weight.parse(repr(number)).number == number


@given(st.text(max_size=30))
def test_any_text_gives_a_value_or_a_problem(text):
    """The validator answers for whatever is in a cell, and numbers are finite and in range."""
    result = CK.parse(text)
    if isinstance(result, Value) and result.number is not None:
        assert math.isfinite(result.number)
        assert 0 <= result.number <= 1_000_000


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_dates_survive_being_written_and_read(day):
    """A date's text reads back as the same date, and its two ends are the day itself."""
    date = VISIT_DATE.parse(day).date
    assert PartialDate.from_iso(str(date)) == date
    assert date.earliest == date.latest == day


def test_partial_dates_have_ends():
    """February 2016 lasts from the 1st to the 29th."""
    february = PartialDate(2016, 2)
    assert (february.earliest, february.latest) == (dt.date(2016, 2, 1), dt.date(2016, 2, 29))


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "category"},
        {"type": "number", "categories": {"a": "A"}},
        {"type": "number", "minimum": 3, "maximum": 2},
        {"type": "number", "at_most": 3},
        {"type": "yes_no", "at_most": 3, "at_least": 1},
        {"type": "category", "categories": {"a": "A", "b": "B"}, "bands": {"a": [0, 1]}},
        {"type": "category", "categories": {"a": "A"}, "scores": {"b": 1}},
    ],
)
def test_contradictory_variables_are_refused(wrong):
    """A variable whose parts contradict each other is an error of the study file."""
    with pytest.raises(ValidationError):
        Variable.model_validate({"name": "x", **wrong})


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [("2020-07-01", "2021-09-01", 14), ("2021-02-01", "2021-12-01", 10),
     ("2020-01-31", "2020-02-29", 1), ("2020-01-01", "2020-01-16", 15 / 31),
     ("2020-03-01", "2020-02-01", -1), ("2019-12-15", "2019-12-15", 0)],
)  # fmt: skip
def test_months_are_counted_by_the_calendar(start, end, months):
    """The same day of a later month is a whole number of months later; February ends early."""
    first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    assert calendar_months(first, last) == pytest.approx(months)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)), st.integers(0, 4000))
def test_calendar_months_grow_with_time(start, days):
    """A later day is never fewer months away, and never far from days / 30.4375."""
    end = start + dt.timedelta(days=days)
    months = calendar_months(start, end)
    assert calendar_months(start, end + dt.timedelta(days=1)) >= months
    assert abs(months - days / 30.4375) < 0.1 + 0.02 * months
