"""When a course has a relapse, a remission, a death or a loss, on hand-made visits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.outcomes.course import Course, Visit
from myocohort.outcomes.course_events import (
    EVENTS,
    died_at,
    mrs_near,
    time_to_death,
    time_to_death_or_loss,
    time_to_relapse,
    time_to_remission,
)
from myocohort.outcomes.refractory import Parameters, criteria

RULE = criteria(Parameters())
BAD, GOOD = (4, "2", 5000.0), (1, "5", 150.0)


def course(*visits, death=None):
    """Return a course of (month, (mRS, weakest MRC, CK)); the upper limit of CK is 200."""
    return Course(
        "P1",
        tuple(
            Visit(month=m, mrs=mrs, weakest_mrc=mrc, ck=ck, ck_uln=200.0)
            for m, (mrs, mrc, ck) in visits
        ),
        death,
    )


def test_a_relapse_is_dated_at_the_visit_that_shows_it():
    """Better at 3 and 6, worse with a CK above baseline at 12: month 12, whatever follows."""
    found = time_to_relapse(
        course((0, BAD), (3, GOOD), (6, GOOD), (12, (3, "3", 6000.0)), (24, GOOD)), RULE
    )
    assert (found.month, found.happened, found.cause) == (12, True, "relapse")


def test_without_a_relapse_the_time_ends_at_the_last_visit_that_rules_it_out():
    """The last visit has neither CK nor strength, so that nobody knows more after month 6."""
    found = time_to_relapse(course((0, BAD), (3, GOOD), (6, GOOD), (12, (1, None, None))), RULE)
    assert (found.month, found.happened, found.open_at) == (6, False, ())


def test_a_relapse_that_missing_values_leave_open_is_named_and_not_counted():
    """Worse again without a CK could be a relapse: it is open there, and time goes on."""
    open_one = course((0, BAD), (3, GOOD), (6, (3, "3", None)), (12, GOOD))
    found = time_to_relapse(open_one, RULE)
    assert (found.month, found.happened, found.open_at) == (12, False, (6,))


def test_remission_needs_mrs_and_strength_at_one_visit():
    """Good mRS with MRC 3 is none, mRS 2 with MRC 4- is one."""
    found = time_to_remission(course((0, BAD), (3, (1, "3", 1.0)), (6, (2, "4-", 1.0))), RULE)
    assert (found.month, found.happened) == (6, True)


def test_a_visit_without_strength_leaves_remission_open_only_if_mrs_is_good():
    """An mRS of 4 rules a remission out, one of 1 does not."""
    bad = time_to_remission(course((0, BAD), (3, (4, None, None))), RULE)
    assert (bad.month, bad.open_at) == (3, ())
    good = time_to_remission(course((0, BAD), (3, (1, None, None))), RULE)
    assert (good.month, good.open_at) == (None, ())
    assert good.left_out == (
        "no visit after the start of treatment at which a remission can be judged"
    )


def test_who_is_in_remission_before_treatment_has_no_time_to_it():
    """There is nothing to wait for; the reason says so."""
    found = time_to_remission(course((0, GOOD), (3, GOOD)), RULE)
    assert found.left_out == "in remission before treatment began"


@pytest.mark.parametrize("event", ["relapse", "remission", "death"])
def test_without_follow_up_there_is_no_time(event):
    """Visits at month 0 alone, an empty visit, or none at all: left out with the reason."""
    for one in (course((0, BAD)), course(), course((0, BAD), (3, (None, None, None)))):
        found = EVENTS[event](one, RULE)
        assert (found.month, found.left_out) == (None, "no visit after the start of treatment")


def test_death_by_date_by_visit_and_by_half_known_date():
    """The date counts; mRS 6 dates it otherwise; a partial date is halved after the last visit."""
    dated = time_to_death(course((3, BAD), (6, (6, None, None)), death=(5.0, 5.0)), RULE)
    assert (dated.month, dated.happened) == (5.0, True)
    assert time_to_death(course((3, BAD), (6, (6, None, None))), RULE).month == 6
    assert died_at(course((3, BAD), death=(1.0, 8.0))) == (5.5, "")
    assert died_at(course((3, BAD), (5, (6, None, None)), death=(1.0, 8.0))) == (4.0, "")


def test_a_death_that_cannot_be_true_or_dated_is_left_out():
    """Alive after death, dead before treatment, and a date that nothing can be counted from."""
    assert "later visit" in died_at(course((3, (6, None, None)), (6, BAD)))[1]
    assert "later visit" in died_at(course((9, BAD), death=(3.0, 3.0)))[1]
    assert "before the start" in died_at(course(death=(-2.0, -2.0)))[1]
    assert "cannot be counted" in died_at(course((3, BAD), death=(-math.inf, math.inf)))[1]
    for event in EVENTS.values():
        assert event(course((3, (6, None, None)), (6, BAD)), RULE).left_out


def test_a_visit_without_a_date_may_lie_shortly_after_a_death():
    """Its month is planned, and planned visits are made early."""
    assert died_at(course((12, BAD), death=(11.2, 11.2))) == (11.2, "")


def test_who_died_without_a_relapse_is_marked():
    """Death ends the time at the last visit, and the curve must say how many died."""
    found = time_to_relapse(course((0, BAD), (3, GOOD), (6, GOOD), death=(9.0, 9.0)), RULE)
    assert (found.month, found.happened, found.died) == (6, False, True)


def test_who_died_before_a_visit_is_left_out_as_such():
    """A death is not called a missing visit."""
    found = time_to_relapse(course((0, BAD), (3, (6, None, None))), RULE)
    assert found.left_out == "died before any visit after the start of treatment"


def test_loss_is_no_visit_from_the_rule_s_window_on():
    """Month 9 is lost there, month 10 is followed, nothing at all is lost at month 0."""
    seen = [
        time_to_death_or_loss(one, RULE)
        for one in (course((9, BAD)), course((10, BAD)), course(), course(death=(4.0, 4.0)))
    ]
    assert [(o.month, o.cause) for o in seen] == [
        (9, "loss"), (10, "censored"), (0.0, "loss"), (4.0, "death"),
    ]  # fmt: skip


def test_mrs_at_a_month_is_that_of_the_nearest_visit():
    """Of two equally near the later; outside the window none; a death up to its end is 6."""
    one = course((0, BAD), (2, (3, None, None)), (4, (2, None, None)), (9, (1, None, None)))
    assert mrs_near(one, 3, (1.5, 4.5)) == (2, "")
    assert mrs_near(one, 6, (4.5, 7.5)) == (None, "no visit")
    assert mrs_near(one, 0, (-1.5, 1.5)) == (4, "")
    assert mrs_near(course((12, (None, "5", 1.0))), 12, (10, 14)) == (
        None, "mRS missing at the visit",
    )  # fmt: skip
    dead = course((3, BAD), death=(11.0, 11.0))
    assert mrs_near(dead, 3, (1.5, 4.5)) == (4, "")
    assert mrs_near(dead, 12, (10, 14)) == (6, "")


VISITS = st.lists(
    st.tuples(
        st.integers(min_value=-6, max_value=40),
        st.tuples(
            st.none() | st.integers(min_value=0, max_value=6),
            st.none() | st.sampled_from(["1", "3", "4-", "5"]),
            st.none() | st.sampled_from([100.0, 700.0, 9000.0]),
        ),
    ),
    max_size=6,
    unique_by=lambda visit: visit[0],
)


@given(VISITS, st.randoms(use_true_random=False))
def test_the_order_of_visits_changes_nothing(visits, random):
    """Every event is found alike however the visits are listed, and has a time or a reason."""
    mixed = list(visits)
    random.shuffle(mixed)
    for event in EVENTS.values():
        found = event(course(*visits), RULE)
        assert event(course(*mixed), RULE) == found
        assert (found.month is None) == bool(found.left_out)
        assert found.month is None or found.month >= 0
