"""Decision curves: the dcurves package, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from formula_cohort import RISK, Y
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.decision_curve import THRESHOLDS, decision_curve

AT = [0.05, 0.2, 0.35, 0.5, 0.8]


def test_dcurves():
    """Net benefit and treatments avoided are those of dcurves.

    dcurves 1.1.7 (Python) on the cohort of formula_cohort:
    dca(data, outcome="y", modelnames=["P"], thresholds=[.05, .2, .35, .5, .8]), columns
    net_benefit and net_intervention_avoided (per patient)
    """
    result = decision_curve(Y, {"P": RISK}, thresholds=AT)
    model, everyone, nobody = result.strategies
    assert model.net_benefit == pytest.approx(
        [0.333333333333, 0.204166666667, 0.116666666667, 0.0, -0.25]
    )
    assert everyone.net_benefit == pytest.approx(
        [0.333333333333, 0.208333333333, 0.025641025641, -0.266666666667, -2.166666666667]
    )
    assert nobody.net_benefit == (0.0,) * 5
    assert model.avoided_per_100 == pytest.approx(
        [0.0, -1.6666666667, 16.9047619048, 26.6666666667, 47.9166666667]
    )
    assert (result.n, result.events, result.thresholds) == (60, 22, tuple(AT))
    assert [strategy.name for strategy in result.strategies] == ["P", "treat all", "treat none"]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=30))
def test_a_perfect_model_is_best(rows):
    """No model beats the one that knows the outcome, whose net benefit is the prevalence."""
    y = np.array([row[0] for row in rows], dtype=float)
    y[:2] = 0.0, 1.0
    risk = np.array([row[1] / 10 for row in rows])
    result = decision_curve(y, {"risk": risk, "perfect": y})
    some, perfect, *_ = result.strategies
    assert perfect.net_benefit == pytest.approx([y.mean()] * len(THRESHOLDS))
    assert all(a <= b + 1e-12 for a, b in zip(some.net_benefit, perfect.net_benefit, strict=True))


def test_a_risk_at_the_threshold_is_treated():
    """Who is exactly at the threshold is treated."""
    result = decision_curve([0, 1], {"m": [0.3, 0.3]}, thresholds=[0.3])
    assert result.strategies[0].treated == (2,)
    assert result.strategies[0].net_benefit == pytest.approx(result.strategies[1].net_benefit)


def test_missing_risks_are_left_out_of_all_models():
    """A patient without the risk of one model is in none, so that models stay comparable."""
    first, second = RISK.copy(), RISK.copy()
    first[0] = np.nan
    result = decision_curve(Y, {"first": first, "second": second})
    assert (result.n, result.n_missing) == (59, 1)
    assert result.strategies[0].net_benefit == result.strategies[1].net_benefit
    assert any("1 left out" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("risks", "thresholds", "message"),
    [
        ({}, AT, "at least one model"),
        ({"m": RISK}, [], "found none"),
        ({"m": RISK}, [0.0, 0.5], "strictly between 0 and 1"),
        ({"m": RISK}, [float("nan")], "strictly between 0 and 1"),
        ({"treat all": RISK}, AT, "cannot be called 'treat all'"),
        ({"m": RISK * 100}, AT, "Divide percentages by 100"),
    ],
)
def test_unfit_input(risks, thresholds, message):
    """Risks and thresholds that mean nothing are refused."""
    with pytest.raises(StatisticsError, match=message):
        decision_curve(Y, risks, thresholds=thresholds)
