"""Agreement of readings of which several belong to one patient."""

from __future__ import annotations

import math

import numpy as np
import pytest

from myocohort.errors import StatisticsError
from myocohort.stats.clustered_agreement import clustered_icc, clustered_kappa
from myocohort.stats.icc import icc
from myocohort.stats.kappa import cohen_kappa
from myocohort.stats.p_values import t_quantile

GRADES = tuple(range(6))


def readings(patients=8, units=6, seed=3):
    """Return readings of two raters, and whose they are; patients differ, and so does bias."""
    rng = np.random.default_rng(seed)
    truth = 2.5 + rng.normal(0, 1, (patients, 1)) + rng.normal(0, 0.8, (patients, units))
    bias = rng.normal(0, 0.3, (patients, 1))
    pair = [truth + rng.normal(0, 0.5, truth.shape) + more for more in (0, bias)]
    values = np.column_stack([np.clip(np.round(one), 0, 5).ravel() for one in pair])
    return values, [f"P{i}" for i in range(patients) for _ in range(units)]


def by_hand(measure, values, patients):
    """Return the jackknife's standard error by computing the measure without each patient."""
    names = list(dict.fromkeys(patients))
    each = [measure(values[[other != name for other in patients]]).estimate for name in names]
    n = len(names)
    return math.sqrt((n - 1) / n * sum((one - sum(each) / n) ** 2 for one in each))


@pytest.mark.parametrize("weights", ["unweighted", "linear", "quadratic"])
def test_kappa_is_cohen_s_and_its_error_leaves_out_one_patient(weights):
    """The estimate is that of `cohen_kappa`; the error is that of refitting without each."""
    values, patients = readings()
    found = clustered_kappa(values, patients, GRADES, weights=weights)
    plain = cohen_kappa(values, GRADES, weights=weights)
    assert found.estimate == plain.estimate
    se = by_hand(lambda x: cohen_kappa(x, GRADES, weights=weights), values, patients)
    assert found.se == pytest.approx(se, rel=1e-9)
    assert found.estimate - found.interval.low == pytest.approx(t_quantile(0.95, 7) * se)
    assert "jackknife over 8 patients" in found.interval.method
    assert (found.p, found.p_if_chance) == (None, None)


def test_icc_is_that_of_shrout_and_fleiss_and_leaves_out_one_patient():
    """The estimate is ICC(2,1) of `icc`; the error is that of recomputing without each."""
    values, patients = readings()
    found = clustered_icc(values, patients)
    assert found.estimate == icc(values, "2,1").estimate
    se = by_hand(lambda x: icc(x, "2,1"), values, patients)
    assert found.se == pytest.approx(se, rel=1e-9)
    assert found.p is None


def test_missing_readings_leave_out_their_unit():
    """A unit that one rater has not read does not enter, nor does its patient by it."""
    values, patients = readings()
    gaps = np.vstack([values, [[1.0, np.nan], [np.nan, 2.0]]])
    found = clustered_kappa(gaps, [*patients, "P1", "P99"], GRADES)
    plain = clustered_kappa(values, patients, GRADES)
    assert (found.n, found.n_missing) == (48, 2)
    assert (found.estimate, found.interval) == (plain.estimate, plain.interval)


def test_too_few_patients_have_no_interval():
    """Two patients with any number of muscles are two."""
    values, patients = readings(patients=2, units=24)
    for found in (clustered_kappa(values, patients, GRADES), clustered_icc(values, patients)):
        assert found.estimate is not None
        assert found.interval is None
        assert "no interval: 2 patients, at least 3 are needed" in found.warnings


def test_perfect_agreement_is_no_certainty():
    """Kappa 1 without each of the patients has no interval."""
    values, patients = readings()
    same = np.column_stack([values[:, 0], values[:, 0]])
    found = clustered_kappa(same, patients, GRADES)
    assert found.estimate == 1
    assert found.interval is None


def test_an_estimate_that_hangs_on_one_patient_has_no_interval():
    """Where all others have one and the same grade, leaving him out leaves nothing."""
    values = np.array([[0.0, 0.0]] * 6 + [[0.0, 1.0], [3.0, 3.0]])
    found = clustered_kappa(values, ["P1", "P1", "P2", "P2", "P3", "P3", "P4", "P4"], GRADES)
    assert found.interval is None
    assert any("without one of the patients" in one for one in found.warnings)


def test_each_unit_needs_a_patient():
    """A list of patients that is too short is an error."""
    values, patients = readings()
    with pytest.raises(StatisticsError, match="47 patients of 48 units"):
        clustered_kappa(values, patients[1:], GRADES)
