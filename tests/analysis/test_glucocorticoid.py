"""The cumulative glucocorticoid dose of one patient, against sums made by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.analysis.over_time.glucocorticoid import (
    NO_ROW,
    NO_WEIGHT,
    NO_WEIGHT_FOR_KG,
    Dose,
    cumulative_dose,
    prescription,
)
from myocohort.outcomes.prednisone_equivalent import (
    EQUIVALENT_MG,
    UNITS,
    canonical_unit,
    prednisone_factor,
)


def row(name="prednisone", dose=60.0, unit="mg/day", start="2020-01-01", stop=""):
    """Return one prescription."""
    return prescription(name, dose, unit, start, stop)


def summed(*rows, first="2020-01-01", last="2021-01-01", end=None, per_kg=False, weight=None):
    """Sum rows over some days of the calendar."""
    days = [dt.date.fromisoformat(text).toordinal() for text in (first, last, end or last)]
    return cumulative_dose(rows, *days, per_kg=per_kg, weight=weight)


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("prednisone", 1), ("Prednisolone", 1), ("methylprednisolone", 5 / 4),
        ("Methylprednisolone  sodium succinate", 5 / 4), ("dexamethasone", 5 / 0.75),
        ("betamethasone", 5 / 0.75), ("hydrocortisone", 0.25), ("cortisone acetate", 0.2),
        ("deflazacort", 5 / 6), ("triamcinolone", 5 / 4), ("prednisone acetate", 1),
        ("cortisol", 0.25), ("fludrocortisone", None), ("acetate", None), ("", None),
    ],
)  # fmt: skip
def test_equivalents_are_those_of_the_formulary(name, factor):
    """British National Formulary: 5 mg of prednisone for 4 of methylprednisolone, and so on."""
    assert prednisone_factor(name) == (None if factor is None else pytest.approx(factor))


@pytest.mark.parametrize(
    ("written", "meant"),
    [("mg/day", "mg/day"), ("MG / d", "mg/day"), ("mg daily", "mg/day"), ("mg/kg/d", "mg/kg/day"),
     ("g/day", "g/day"), ("mg/wk", "mg/week"), ("mg", "mg"), ("drops", "drops")],
)  # fmt: skip
def test_units_are_read_as_written(written, meant):
    """Spaces, capitals and short forms do not matter; an unknown unit stays itself."""
    assert canonical_unit(written) == meant


def test_every_unit_has_a_meaning():
    """Milligrams and grams, by kg or not, once, a day or a week."""
    assert len(UNITS) == 12
    assert UNITS["g/kg/week"].mg == 1000
    assert UNITS["g/kg/week"].per_kg
    assert UNITS["g/kg/week"].days == 7
    assert UNITS["mg"].days is None


def test_a_taper_by_hand():
    """60 mg for 31 days, 40 mg for 29, 20 mg for 31: 1860 + 1160 + 620 = 3640 mg in 91 days."""
    rows = [
        row(dose=60.0, start="2020-01-01", stop="2020-01-31"),
        row(dose=40.0, start="2020-02-01", stop="2020-02-29"),
        row(dose=20.0, start="2020-03-01", stop="2020-03-31"),
    ]
    found = summed(*rows)
    assert (found.middle, found.low, found.high) == (3640.0, 3640.0, 3640.0)
    assert (found.days, found.covered, found.overlapping) == (366, 91, False)


def test_a_pulse_and_tablets_by_hand():
    """Methylprednisolone 3 x 1 g: 3750 mg; dexamethasone 4 x 8 mg: 213.3 mg; and so on."""
    rows = [
        row("methylprednisolone", 1.0, "g/day", "2020-01-01", "2020-01-03"),
        row("dexamethasone", 8.0, "mg/day", "2020-02-01", "2020-02-04"),
        row("hydrocortisone", 100.0, "mg", "2020-03-01"),
        row("prednisone", 70.0, "mg/week", "2020-04-01", "2020-04-14"),
    ]
    found = summed(*rows)
    assert found.middle == pytest.approx(3750 + 32 * 5 / 0.75 + 25 + 140)
    assert found.covered == 3 + 4 + 14  # a single dose covers no day


def test_by_weight_in_mg_and_in_mg_per_kg():
    """1 mg/kg for 10 days at 65 kg: 650 mg, or 10 mg/kg; 30 mg a day for 10 days is 4.6 mg/kg."""
    by_weight = row(dose=1.0, unit="mg/kg/day", stop="2020-01-10")
    fixed = row(dose=30.0, start="2020-02-01", stop="2020-02-10")
    assert summed(by_weight, weight=65.0).middle == pytest.approx(650)
    assert summed(by_weight, per_kg=True).middle == pytest.approx(10)
    both = summed(by_weight, fixed, per_kg=True, weight=65.0)
    assert both.middle == pytest.approx(10 + 300 / 65)
    assert summed(by_weight) == NO_WEIGHT
    assert summed(by_weight, fixed, per_kg=True) == NO_WEIGHT_FOR_KG


def test_a_row_without_a_stop_counts_until_the_next_or_the_end():
    """60 mg until 40 mg begins (31 days), 40 mg until the end of follow-up (60 days)."""
    rows = [row(dose=60.0), row(dose=40.0, start="2020-02-01")]
    found = summed(*rows, last="2020-04-01")
    assert found.middle == 60 * 31 + 40 * 60
    assert found.open_rows == 2
    assert summed(*rows, last="2020-12-31", end="2020-04-01").middle == 60 * 31 + 40 * 60
    # A single dose in between ends nothing.
    pulse = row("methylprednisolone", 500.0, "mg", "2020-01-15")
    assert summed(*rows, pulse, last="2020-04-01").middle == 60 * 31 + 40 * 60 + 625


def test_partial_dates_give_a_range():
    """Stop in February 2020: the 1st to the 29th, the middle being the 15th."""
    found = summed(row(dose=10.0, stop="2020-02"))
    assert (found.low, found.middle, found.high) == (320.0, 460.0, 600.0)
    year = summed(row(dose=10.0, start="2020", stop="2020-12-31"))
    assert (year.low, year.high) == (10.0, 3660.0)
    once = summed(row(dose=10.0, unit="mg", start="2020"), first="2020-05-01")
    assert (once.low, once.middle, once.high) == (0.0, 10.0, 10.0)


def test_only_the_days_that_were_asked_for_count():
    """What was given before the first day or from the last one on is left out."""
    found = summed(row(dose=10.0, start="2019-12-01", stop="2020-03-31"), last="2020-02-01")
    assert found.middle == 310.0
    later = row(dose=None, start="2020-06-01")
    before = row(dose=None, start="2019-01-01", stop="2019-02-01")
    incomplete = summed(row(dose=10.0, stop="2020-01-10"), later, before, last="2020-02-01")
    assert incomplete.middle == 100.0


def test_overlapping_periods_both_count_and_are_said():
    """10 mg for ten days and 20 mg from the sixth of them: 100 + 200, over 15 days."""
    found = summed(row(dose=10.0, stop="2020-01-10"),
                   row("prednisolone", 20.0, start="2020-01-06", stop="2020-01-15"))  # fmt: skip
    assert (found.middle, found.covered, found.overlapping) == (300.0, 15, True)
    # On the day on which the dose of one drug changes only the new one is given.
    handed = summed(row(dose=10.0, stop="2020-01-10"), row(dose=20.0, start="2020-01-10",
                                                           stop="2020-01-15"))  # fmt: skip
    assert (handed.middle, handed.covered, handed.overlapping) == (90 + 120, 15, False)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (row(start=""), "start of a glucocorticoid not recorded"),
        (row(name=""), "name of a glucocorticoid not recorded"),
        (row(name="budesonide"), "no prednisone equivalent of 'budesonide'"),
        (row(dose=None), "dose of a glucocorticoid not recorded"),
        (row(unit=""), "unit of a glucocorticoid's dose not recorded"),
        (row(unit="tablets"), "unknown unit of dose 'tablets'"),
        (row(dose=-5.0), "dose of a glucocorticoid below 0"),
        (row(stop="2019-01-01"), "a glucocorticoid stops before it starts"),
        (row(unit="mg", stop="2020-01-03"),
         "dose in mg over several days: once or each day is not recorded"),
    ],
)  # fmt: skip
def test_what_cannot_be_summed_has_a_reason(made, why):
    """One such row leaves the patient's dose missing, never zero."""
    if why.startswith("a glucocorticoid stops"):
        found = summed(made, row(dose=10.0, stop="2020-02-01"), first="2018-01-01")
    else:
        found = summed(made, row(dose=10.0, stop="2020-02-01"))
    assert found == why


def test_no_row_is_no_zero():
    """Who has no glucocorticoid recorded has no dose; a dose of 0 is one."""
    assert summed() == NO_ROW
    assert summed(row(dose=0.0)).middle == 0.0


DAYS = st.integers(0, 400)


@st.composite
def closed_rows(draw):
    """Rows with a stop: offset of the start, length, dose, name."""
    return [
        (draw(DAYS), draw(st.integers(1, 90)), draw(st.integers(0, 100)),
         draw(st.sampled_from(list(EQUIVALENT_MG))))
        for _ in range(draw(st.integers(1, 5)))
    ]  # fmt: skip


def made(offset, length, dose, name):
    """Return a row of so many days, so many days after New Year 2020."""
    first = dt.date(2020, 1, 1) + dt.timedelta(days=offset)
    last = first + dt.timedelta(days=length - 1)
    return row(name, float(dose), start=first.isoformat(), stop=last.isoformat())


@given(closed_rows(), st.data())
def test_splitting_a_period_changes_nothing(rows, data):
    """A period in two parts, day after day, has the same sum, range and covered days."""
    whole = summed(*(made(*one) for one in rows))
    offset, length, dose, name = rows[0]
    cut = data.draw(st.integers(0, length - 1))
    parts = [made(*one) for one in rows[1:]]
    parts += [made(offset, cut, dose, name)] if cut else []
    parts.append(made(offset + cut, length - cut, dose, name))
    split = summed(*parts)
    # A row that stops on the day on which the same drug begins anew hands that day over.
    seam = offset + cut if cut else None
    if not any(o + n - 1 == seam and n > 1 and drug == name for o, n, _, drug in rows[1:]):
        assert split.middle == pytest.approx(whole.middle)
        assert split.low == pytest.approx(whole.low)
        assert split.covered == pytest.approx(whole.covered)


@given(closed_rows(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, mixed):
    """Shuffled rows give the same dose to the last digit."""
    first = [made(*one) for one in rows]
    second = list(first)
    mixed.shuffle(second)
    assert summed(*first) == summed(*second)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2020", "2020-03", "2020-03-07", "2020-07", "2021-01"]),
            st.sampled_from(["", "2020", "2020-08", "2020-09-30", "2021-03"]),
            st.integers(0, 80),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_middle_lies_within_the_range(rows):
    """Whatever the dates leave open, low <= middle <= high, and no dose is negative."""
    found = summed(*(row(dose=float(dose), start=a, stop=b) for a, b, dose in rows))
    if isinstance(found, Dose):
        assert 0 <= found.low <= found.middle + 1e-9
        assert found.middle <= found.high + 1e-9
        assert 0 <= found.covered <= found.days
