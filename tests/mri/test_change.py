"""Total scores and change rates, by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.mri.change import (
    BEFORE,
    ScoredScan,
    change_rate,
    follow,
    mean_of_readers,
    scan_before,
    scan_near,
    totals_of_scans,
)
from myocohort.study.studyfile import Imaging

PLAN = Imaging(months=(3, 6))


def scan(month, total=0.0, *, read=24, day=None):
    """Return a scan."""
    return ScoredScan(month, day, total, read, (month, "" if day is None else day.isoformat()))


def test_the_rate_of_fat_rises_and_that_of_oedema_falls():
    """10 to 26 points in 4 months: fat +4 a month, oedema -4 (Zhao 2020, Table 3)."""
    assert change_rate(10, 26, 4, rising=True) == 4
    assert change_rate(10, 26, 4, rising=False) == -4


def test_months_come_from_dates_where_both_are_known():
    """1 January to 8 April 2020 are 98 days, 98 / 30.4375 months, whatever was planned."""
    scans = [scan(0, 10, day=dt.date(2020, 1, 1)), scan(3.2, 20, day=dt.date(2020, 4, 8))]
    course = follow(PLAN, scans, rising=True)
    assert course.rates == {3: pytest.approx(10 / (98 / 30.4375))}
    assert course.scores[3].apart == pytest.approx(98 / 30.4375)


def test_without_dates_the_months_as_recorded_count():
    """Month 0 to month 3.5 is 3.5 months."""
    course = follow(PLAN, [scan(0, 10), scan(3.5, 17)], rising=True)
    assert course.rates == {3: 2.0}


def test_missing_visits_have_reasons():
    """A month without a scan near it has no score and no rate, and says so."""
    course = follow(PLAN, [scan(0, 10), scan(3, 16)], rising=True)
    assert course.why_no_rate == {6: "no MRI near month 6"}
    assert course.why_no_score == {6: "no MRI near month 6"}
    assert course.followed


def test_an_unread_muscle_side_makes_the_total_incomplete():
    """23 of 24 muscle-sides are no total score, before treatment or after."""
    after = follow(PLAN, [scan(0, 10), scan(3, 16, read=23)], rising=True)
    assert after.why_no_rate[3] == "only 23 of 24 muscle-sides read near month 3"
    before = follow(PLAN, [scan(0, 10, read=23), scan(3, 16)], rising=True)
    reason = "only 23 of 24 muscle-sides read before treatment"
    assert before.why_no_rate == {3: reason, 6: reason}
    assert before.scores[3].total == 16
    assert before.scores[3].apart is None
    assert not before.followed


def test_nobody_scanned_and_nobody_before():
    """No scan at all, and none before treatment, are told apart."""
    assert follow(PLAN, [], rising=True).why_no_score[BEFORE] == "no MRI"
    late = follow(PLAN, [scan(3, 16)], rising=True)
    assert late.why_no_rate[3] == "no MRI before treatment"
    assert late.scores[3].total == 16


def test_before_is_the_last_scan_up_to_the_start_else_the_first_soon_after():
    """Of -5, -1 and 0.3 it is -1; without those before it is 0.3; 0.6 is too late."""
    early, close, soon, late = scan(-5), scan(-1), scan(0.3), scan(0.6)
    assert scan_before(PLAN, [early, close, soon]) is close
    assert scan_before(PLAN, [soon, late]) is soon
    assert scan_before(PLAN, [late]) is None


def test_near_is_the_nearest_within_the_window_and_the_earlier_of_two():
    """Of 2 and 4 for month 3 it is 2; 4.6 is more than 1.5 months off."""
    two, four, far = scan(2), scan(4), scan(4.6)
    assert scan_near(PLAN, [two, four], None, 3) is two
    assert scan_near(PLAN, [far], None, 3) is None
    assert scan_near(PLAN, [two, four], scan(2), 3) is four


def test_dates_that_contradict_the_planned_months_give_no_rate():
    """Months 0 and 3 on one and the same day: no division by 0, but a reason."""
    day = dt.date(2020, 1, 1)
    course = follow(PLAN, [scan(0, 10, day=day), scan(3, 20, day=day)], rising=True)
    assert course.rates == {}
    assert course.why_no_rate[3] == "by its date the MRI near month 3 is not after the first"


def test_several_readers_are_averaged_muscle_by_muscle():
    """Grades 2 and 3 of one muscle and 1 of another, read once, sum to 3.5 over two."""
    rows = [("gracilis", 2.0), ("gracilis", 3.0), ("sartorius", 1.0)]
    readings = pd.DataFrame(
        [
            {"patient": "P1", "month": 0.0, "date": None, "muscle": muscle, "side": "left",
             "grade": grade}
            for muscle, grade in rows
        ]
    )  # fmt: skip
    totals = totals_of_scans(mean_of_readers(readings))
    assert totals[["sum", "count"]].to_numpy().tolist() == [[3.5, 2]]


@given(
    before=st.integers(0, 120), after=st.integers(0, 120), months=st.floats(0.1, 60),
    rising=st.booleans(),
)  # fmt: skip
def test_exchanging_before_and_after_inverts_the_rate(before, after, months, rising):
    """The rate back is the rate there, negated; the other direction negates it as well."""
    there = change_rate(before, after, months, rising=rising)
    assert change_rate(after, before, months, rising=rising) == pytest.approx(-there)
    assert change_rate(before, after, months, rising=not rising) == pytest.approx(-there)
