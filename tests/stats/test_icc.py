"""Intraclass correlations."""

from __future__ import annotations

import numpy as np
import pytest
from agreement_data import NAN, SHROUT_FLEISS, THREE_READERS
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from myocohort.errors import StatisticsError
from myocohort.stats.icc import MCGRAW_WONG, icc

FORMS = list(MCGRAW_WONG)
READINGS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 10), st.integers(2, 4)),
    elements=st.integers(-20, 20).map(float),
)


@pytest.mark.parametrize(
    ("form", "value"), list(zip(FORMS, [0.17, 0.29, 0.71, 0.44, 0.62, 0.91], strict=True))
)
def test_shrout_and_fleiss(form, value):
    """Shrout & Fleiss 1979, table 4: .17, .29, .71, .44, .62, .91."""
    assert icc(SHROUT_FLEISS, form).estimate == pytest.approx(value, abs=5e-3)


# R: psych::ICC(shrout.fleiss, lmer = FALSE), psych::ICC(three.readers, lmer = FALSE)
@pytest.mark.parametrize(
    ("ratings", "form", "estimate", "f", "df", "p", "low", "high"),
    [
        (
            SHROUT_FLEISS,
            "1,1",
            0.1657417684,
            1.794678492,
            (5, 18),
            0.1647688083446,
            -0.13293232487,
            0.7225600623,
        ),
        (
            SHROUT_FLEISS,
            "2,1",
            0.2897637795,
            11.027247956,
            (5, 15),
            0.0001345665165,
            0.01878651337,
            0.7610843696,
        ),
        (
            SHROUT_FLEISS,
            "3,1",
            0.7148407148,
            11.027247956,
            (5, 15),
            0.0001345665165,
            0.34246476503,
            0.9458582600,
        ),
        (
            SHROUT_FLEISS,
            "1,k",
            0.4427971337,
            1.794678492,
            (5, 18),
            0.1647688083446,
            -0.88444215524,
            0.9124154203,
        ),
        (
            SHROUT_FLEISS,
            "2,k",
            0.6200505476,
            11.027247956,
            (5, 15),
            0.0001345665165,
            0.07113681530,
            0.9272320402,
        ),
        (
            SHROUT_FLEISS,
            "3,k",
            0.9093155424,
            11.027247956,
            (5, 15),
            0.0001345665165,
            0.67567471382,
            0.9858916782,
        ),
        (
            THREE_READERS,
            "1,1",
            0.9510194516,
            59.24880383,
            (11, 24),
            1.184510183e-14,
            0.8795519807,
            0.9842078618,
        ),
        (
            THREE_READERS,
            "2,1",
            0.9510739158,
            63.58408216,
            (11, 22),
            4.637804589e-14,
            0.8785463852,
            0.9842764482,
        ),
        (
            THREE_READERS,
            "3,1",
            0.9542571932,
            63.58408216,
            (11, 22),
            4.637804589e-14,
            0.8847152785,
            0.9853859044,
        ),
        (
            THREE_READERS,
            "1,k",
            0.9831220221,
            59.24880383,
            (11, 24),
            1.184510183e-14,
            0.9563452407,
            0.9946799439,
        ),
        (
            THREE_READERS,
            "2,k",
            0.9831414225,
            63.58408216,
            (11, 22),
            4.637804589e-14,
            0.9559486659,
            0.9947032941,
        ),
        (
            THREE_READERS,
            "3,k",
            0.9842727933,
            63.58408216,
            (11, 22),
            4.637804589e-14,
            0.9583724094,
            0.9950807075,
        ),
    ],
)
def test_goldens_of_psych(ratings, form, estimate, f, df, p, low, high):
    """Estimate, F, degrees of freedom, p and interval are those of psych::ICC."""
    result = icc(ratings, form)
    assert result.estimate == pytest.approx(estimate, rel=1e-8)
    assert result.statistic == pytest.approx(f, rel=1e-8)
    assert (result.df, result.df_within) == df
    assert result.p == pytest.approx(p, rel=1e-4)
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high), rel=1e-7)


def test_other_level_golden():
    """R: psych::ICC(shrout.fleiss, alpha = .10, lmer = FALSE) gives .0429 to .6911 for (2,1)."""
    interval = icc(SHROUT_FLEISS, "2,1", level=0.90).interval
    assert (interval.low, interval.high) == pytest.approx((0.04290119154, 0.6910706066), rel=1e-7)


@given(READINGS, st.sampled_from(FORMS), st.integers(-5, 5), st.integers(1, 9))
def test_origin_and_unit_change_nothing(readings, form, origin, unit):
    """Adding a constant to all readings or changing their unit keeps every figure."""
    first, second = icc(readings, form), icc(origin + unit * readings, form)
    assert second.estimate == pytest.approx(first.estimate, abs=1e-9)
    if first.p is None:
        assert second.p is None
    else:
        assert second.p == pytest.approx(first.p, rel=1e-6)
    if first.interval is not None:
        assert second.interval.low == pytest.approx(first.interval.low, rel=1e-6, abs=1e-9)


@given(READINGS, st.integers(-30, 30))
def test_consistency_ignores_a_shifted_rater(readings, shift):
    """A rater who always reads higher changes agreement, not consistency."""
    moved = readings.copy()
    moved[:, 0] += shift
    assert icc(moved, "3,1").estimate == pytest.approx(icc(readings, "3,1").estimate, abs=1e-9)


@given(READINGS)
def test_one_way_f_agrees_with_scipy(readings):
    """F and p of form 1 are those of a one-way analysis of variance."""
    result = icc(readings, "1,1")
    if result.p is None or result.statistic == 0:
        return
    expected = stats.f_oneway(*readings)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-8)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-6)


@given(READINGS, st.sampled_from(FORMS))
def test_interval_holds_the_estimate(readings, form):
    """An interval is in order and holds its estimate; without one a warning says why."""
    result = icc(readings, form)
    if result.interval is None:
        assert result.warnings
    else:
        assert result.interval.low <= result.estimate + 1e-9
        assert result.estimate <= result.interval.high + 1e-9


def test_names():
    """Both notations are given, with the number of raters of the mean."""
    result = icc(SHROUT_FLEISS, "2,k")
    assert (result.form, result.mcgraw_wong) == ("ICC(2,4)", "ICC(A,k)")
    assert "absolute agreement; mean of 4 readings" in result.method


def test_incomplete_subjects_are_left_out_and_told():
    """A subject whom one rater has not read is left out; the rest is as without it."""
    with_gap = np.vstack([SHROUT_FLEISS, [5, NAN, 3, 4]])
    result = icc(with_gap, "2,1")
    assert (result.n, result.n_missing) == (6, 1)
    assert result.estimate == icc(SHROUT_FLEISS, "2,1").estimate
    assert result.warnings[0] == "left out: 1 of 7 subjects not read by all 4 raters"


def test_constant_shift_between_raters():
    """Raters who differ by a constant only have consistency 1, agreement below 1, no interval."""
    readings = np.array([[1.0, 3.0], [2.0, 4.0], [5.0, 7.0]])
    assert icc(readings, "3,1").estimate == pytest.approx(1.0)
    assert icc(readings, "2,1").estimate < 1.0
    for form in ("2,1", "3,k"):
        result = icc(readings, form)
        assert result.interval is None
        assert "F is infinite" in result.warnings[0]


def test_subjects_all_alike():
    """Subjects and raters with the same means have no interval, never a nan."""
    latin = np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [3.0, 1.0, 2.0]])
    for form in FORMS:
        result = icc(latin, form)
        assert result.p == 1.0
        assert result.as_dict()["estimate"] is not None


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        ([[1.0, 2.0]], "fewer than two subjects"),
        ([[1.0, NAN], [NAN, 2.0]], "fewer than two subjects"),
        ([[2.0, 2.0], [2.0, 2.0]], "every reading is the same"),
    ],
)
def test_no_icc(readings, reason):
    """Too few subjects or no variation give no estimate, and the reason."""
    result = icc(readings, "2,1")
    assert result.estimate is None
    assert reason in result.warnings[-1]


def test_unknown_form_is_refused():
    """A form that Shrout & Fleiss do not have is refused with the list."""
    with pytest.raises(StatisticsError, match="found '4,1'"):
        icc(SHROUT_FLEISS, "4,1")
