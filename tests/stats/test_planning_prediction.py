"""Sample size of prediction models."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.planning_prediction import (
    cox_snell_from_c,
    largest_cox_snell,
    prediction_model_at_n,
    prediction_model_size,
)


def sizes(plan):
    """Return the sizes of the criteria."""
    return [criterion.n for criterion in plan.criteria]


def test_golden_of_pmsampsize():
    """pmsampsize(type = "b", csrsquared = .288, parameters = 24, prevalence = .174): 662.

    The three sizes stand in the tests of pmsampsize for Python; R has them from the formulas.
    """
    plan = prediction_model_size(0.174, 24, cox_snell_r2=0.288, mape=None)
    assert sizes(plan) == [623, 662, 221]
    assert plan.n == 662
    assert plan.criterion.startswith("optimism")
    assert plan.expected["events_per_parameter"] == pytest.approx(4.8, abs=0.005)


def test_golden_of_pmsampsize_from_c():
    """The example of pmsampsize with cstatistic = .89 in place of R-squared.

    That pmsampsize prints 660 is unconfirmed (it simulates); the sizes rest on R-squared, by
    R's integrate, and on the formulas in R (r/test_r_effects_and_plans.py).
    """
    plan = prediction_model_size(0.174, 24, c_statistic=0.89, mape=None)
    assert sizes(plan) == [615, 660, 221]
    assert plan.assumptions["cox_snell_r2"] == pytest.approx(0.291, abs=5e-4)
    assert "2021" in plan.reference


def test_riley_2020_pre_eclampsia():
    """Thirty parameters, 5%, R-squared .05: 73, 544 and 5249 patients, 8.75 events each.

    That Riley 2020 (BMJ) prints these for pre-eclampsia is unconfirmed: the paper was not at
    hand. They rest on the formulas written in R (r/test_r_effects_and_plans.py).
    """
    plan = prediction_model_size(0.05, 30, cox_snell_r2=0.05)
    shrinkage, _, risk, error = sizes(plan)
    assert (risk, error, shrinkage) == (73, 544, 5249)
    assert plan.n == 5249
    assert plan.criterion == "shrinkage of at least 0.9"
    assert plan.expected["events"] == pytest.approx(262.5, abs=0.1)
    assert plan.expected["events_per_parameter"] == pytest.approx(8.75, abs=0.005)


def test_riley_2020_prediction_error():
    """Ten parameters, an outcome in 30% and an error of .05 need 461 patients.

    That Riley 2020 (BMJ) prints 461 is unconfirmed; it rests on van Smeden's formula in R
    (r/test_r_effects_and_plans.py).
    """
    assert sizes(prediction_model_size(0.3, 10, cox_snell_r2=0.2))[3] == 461


def test_nagelkerke_is_scaled_by_the_largest_possible():
    """With an outcome in 5% the largest R-squared is 1 - (.05^.05 .95^.95)^2 = .33."""
    assert largest_cox_snell(0.05) == pytest.approx(0.33, abs=5e-3)
    assert largest_cox_snell(0.5) == pytest.approx(0.75)
    plan = prediction_model_size(0.05, 30, nagelkerke_r2=0.15)
    assert plan.assumptions["cox_snell_r2"] == pytest.approx(0.15 * largest_cox_snell(0.05))


@given(st.floats(0.55, 0.95), st.floats(0.05, 0.5))
def test_c_and_r_squared_rise_together(c, prevalence):
    """A better c has a larger R-squared, below the largest possible, and needs fewer patients."""
    low, high = cox_snell_from_c(c, prevalence), cox_snell_from_c(c + 0.04, prevalence)
    assert 0.0 < low < high < largest_cox_snell(prevalence)
    needed = [
        prediction_model_size(prevalence, 5, cox_snell_r2=r2, mape=None).criteria[0].n
        for r2 in (low, high)
    ]
    assert needed[0] >= needed[1]


@given(st.integers(20, 5000), st.floats(0.05, 0.6), st.integers(1, 40), st.floats(0.02, 0.2))
def test_at_n_is_the_inverse_of_size(n, prevalence, parameters, r2):
    """The size for the shrinkage, margin and error expected at n is n again."""
    assert r2 < largest_cox_snell(prevalence)
    found = prediction_model_at_n(n, prevalence, parameters, cox_snell_r2=r2)
    shrinkage = found.expected["shrinkage"]
    assert r2 < shrinkage < 1.0
    if shrinkage - r2 < 1e-6:
        return
    error = found.expected["mean_absolute_prediction_error"]
    assert (error is None) == (parameters > 30)
    plan = prediction_model_size(
        prevalence,
        parameters,
        cox_snell_r2=r2,
        shrinkage=shrinkage,
        margin=found.expected["margin_of_overall_risk"],
        mape=None if error is None or error >= 1 else error,
    )
    assert plan.criteria[0].unrounded == pytest.approx(n, rel=1e-6)
    assert plan.criteria[2].unrounded == pytest.approx(n, rel=1e-9)
    if len(plan.criteria) > 3:
        assert plan.criteria[3].unrounded == pytest.approx(n, rel=1e-9)


def test_small_cohort_is_warned():
    """40 patients with 13 events carry 2 parameters at c .9, not the 7 that were screened."""
    plan = prediction_model_at_n(40, 13 / 40, 7, c_statistic=0.9)
    assert plan.expected["most_parameters"] == 2
    assert plan.expected["shrinkage"] < 0.8
    assert plan.expected["events_per_parameter"] == pytest.approx(13 / 7)
    assert plan.warnings[0].startswith("40 patients carry 2 parameters")
    assert prediction_model_size(13 / 40, 2, c_statistic=0.9).criteria[0].n <= 40


def test_error_formula_is_left_out_above_30_parameters():
    """Van Smeden's formula holds up to 30 parameters; beyond, the criterion is left out."""
    plan = prediction_model_size(0.2, 31, cox_snell_r2=0.1)
    assert len(plan.criteria) == 3
    assert "not for 31" in plan.warnings[0]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0.2, 5), {}, "exactly one"),
        ((0.2, 5), {"c_statistic": 0.8, "cox_snell_r2": 0.1}, "exactly one"),
        ((0.0, 5), {"cox_snell_r2": 0.1}, "prevalence"),
        ((math.nan, 5), {"cox_snell_r2": 0.1}, "found nan"),
        ((0.2, 0), {"cox_snell_r2": 0.1}, "found 0"),
        ((0.2, 2.5), {"cox_snell_r2": 0.1}, "found 2.5"),
        ((0.05, 5), {"cox_snell_r2": 0.5}, "between 0 and 0.327"),
        ((0.2, 5), {"c_statistic": 0.5}, "c-statistic"),
        ((0.5, 5), {"cox_snell_r2": 0.7, "shrinkage": 0.6}, "below the shrinkage"),
        ((0.2, 5), {"cox_snell_r2": 1e-9}, "more than 10,000,000"),
    ],
)
def test_bad_assumptions(arguments, options, message):
    """Assumptions out of range are refused with the rule and the value."""
    with pytest.raises(StatisticsError, match=message):
        prediction_model_size(*arguments, **options)
