"""Fleiss' kappa and Gwet's AC1 and AC2."""

from __future__ import annotations

import math

import numpy as np
import pytest
from agreement_data import (
    ABSTRACTORS_TABLE,
    FIVE_GRADES,
    FLEISS_1971,
    FOUR_OBSERVERS,
    NAN,
    SIX_RATERS,
    pairs,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from myocohort.errors import StatisticsError
from myocohort.stats.fleiss import fleiss_kappa
from myocohort.stats.gwet import gwet_ac1, gwet_ac2

SHAPES = st.tuples(st.integers(2, 12), st.integers(2, 5))
READINGS = hnp.arrays(np.float64, SHAPES, elements=st.sampled_from([0.0, 1.0, 2.0]))
WITH_MISSING = hnp.arrays(np.float64, SHAPES, elements=st.sampled_from([0.0, 1.0, 2.0, NAN]))


def test_fleiss_1971():
    """Fleiss 1971 prints .430 for his 30 patients; R's irr::kappam.fleiss gives .4302445."""
    assert fleiss_kappa(FLEISS_1971, FIVE_GRADES).estimate == pytest.approx(0.4302445, abs=5e-8)


# irrCAC, README and vignette "weighting": fleiss.kappa.raw, gwet.ac1.raw(cac.raw4raters),
# fleiss.kappa.dist, gwet.ac1.dist(distrib.6raters), without weights and with quadratic ones
@pytest.mark.parametrize(
    ("ratings", "measure", "weights", "estimate", "se", "interval", "p", "chance"),
    [
        (
            FOUR_OBSERVERS,
            "fleiss",
            "unweighted",
            0.76117,
            0.15302,
            (0.424, 1),
            0.000419173,
            0.2387153,
        ),
        (
            FOUR_OBSERVERS,
            "gwet",
            "unweighted",
            0.77544,
            0.14295,
            (0.461, 1),
            0.000208721,
            0.1903212,
        ),
        (
            FOUR_OBSERVERS,
            "fleiss",
            "quadratic",
            0.86494,
            0.14603,
            (0.544, 1),
            9.976081e-05,
            0.8177083,
        ),
        (FOUR_OBSERVERS, "gwet", "quadratic", 0.914, 0.10396, (0.685, 1), 2.634438e-06, 0.7137044),
        (
            SIX_RATERS,
            "fleiss",
            "unweighted",
            0.41393,
            0.08119,
            (0.24, 0.588),
            0.0001622724,
            0.2340741,
        ),
        (
            SIX_RATERS,
            "gwet",
            "unweighted",
            0.4448,
            0.08419,
            (0.264, 0.625),
            0.0001155927,
            0.1914815,
        ),
        (
            SIX_RATERS,
            "fleiss",
            "quadratic",
            0.25119,
            0.14574,
            (-0.061, 0.564),
            0.1067865,
            0.8056173,
        ),
        (
            SIX_RATERS,
            "gwet",
            "quadratic",
            0.48374,
            0.10582,
            (0.257, 0.711),
            0.0004356618,
            0.7180556,
        ),
    ],
)
def test_goldens_of_irrcac(ratings, measure, weights, estimate, se, interval, p, chance):
    """Estimate, standard error, interval, p and chance agreement are those irrCAC prints."""
    if measure == "fleiss":
        result = fleiss_kappa(ratings, FIVE_GRADES, weights=weights)
    elif weights == "unweighted":
        result = gwet_ac1(ratings, FIVE_GRADES)
    else:
        result = gwet_ac2(ratings, FIVE_GRADES, weights=weights)
    assert result.estimate == pytest.approx(estimate, abs=6e-6)
    assert result.se == pytest.approx(se, abs=6e-6)
    assert (result.interval.low, result.interval.high) == pytest.approx(interval, abs=5.1e-4)
    assert result.p == pytest.approx(p, rel=1e-6)
    assert result.expected_agreement == pytest.approx(chance, abs=5.1e-8)


@pytest.mark.parametrize(
    ("run", "estimate", "se"),
    [(gwet_ac1, 0.8493305, 0.04321747), (gwet_ac2, 0.9402369, 0.01792019)],
)
def test_goldens_of_two_raters(run, estimate, se):
    """The R package irrCAC (gwet.ac1.table) prints the same but for n for n - 1 in the variance."""
    result = run(pairs(ABSTRACTORS_TABLE), [0, 1, 2])
    assert result.estimate == pytest.approx(estimate, abs=5.1e-8)
    assert result.se * math.sqrt(99 / 100) == pytest.approx(se, abs=5.1e-9)


@given(READINGS)
def test_fleiss_agrees_with_statsmodels(readings):
    """Without missing readings the estimate is statsmodels'."""
    result = fleiss_kappa(readings, [0, 1, 2])
    if result.estimate is None:
        return
    counts = aggregate_raters(readings.astype(int), n_cat=3)[0]
    assert result.estimate == pytest.approx(statsmodels_fleiss(counts), abs=1e-12)


@given(WITH_MISSING, st.randoms())
def test_order_of_raters_and_subjects_changes_nothing(readings, rng):
    """Shuffling subjects, and raters within a subject, keeps every figure."""
    shuffled = readings.tolist()
    rng.shuffle(shuffled)
    for row in shuffled:
        rng.shuffle(row)
    for run in (fleiss_kappa, gwet_ac1, gwet_ac2):
        first, second = run(readings, [0, 1, 2]), run(shuffled, [0, 1, 2])
        assert second.n == first.n
        assert second.estimate == pytest.approx(first.estimate, abs=1e-12)
        assert second.se == pytest.approx(first.se, abs=1e-9)


@given(WITH_MISSING)
def test_estimates_stay_below_1_and_shares_are_shares(readings):
    """No coefficient exceeds 1, and interval and p say the same about 0."""
    for run in (fleiss_kappa, gwet_ac1, gwet_ac2):
        result = run(readings, [0, 1, 2])
        if result.estimate is not None:
            assert result.estimate <= 1.0 + 1e-12
        if result.p is None:
            assert result.warnings
        elif abs(result.p - 0.05) > 1e-9:
            assert (result.p < 0.05) == (not result.interval.low <= 0.0 <= result.interval.high)


def test_complete_agreement():
    """Identical readings give 1 and no interval; where only one grade occurs only AC1 has one."""
    same = np.tile([[0.0], [1.0], [2.0]], (1, 3))
    for run in (fleiss_kappa, gwet_ac1, gwet_ac2):
        result = run(same, [0, 1, 2])
        assert result.estimate == pytest.approx(1.0)
        assert result.interval is None
        assert "standard error is 0" in result.warnings[-1]
    assert fleiss_kappa(np.ones((4, 3)), [0, 1]).estimate is None
    assert gwet_ac1(np.ones((4, 3)), [0, 1]).estimate == pytest.approx(1.0)


def test_unused_grade_lowers_chance_agreement_of_gwet_only():
    """AC1 knows how many grades the scale has; Fleiss' kappa sees those used."""
    readings = [[0, 0, 1], [1, 1, 1], [0, 1, 1], [0, 0, 0]]
    short, long = gwet_ac1(readings, [0, 1]), gwet_ac1(readings, [0, 1, 2, 3])
    assert long.expected_agreement < short.expected_agreement
    assert long.estimate > short.estimate
    kappas = [fleiss_kappa(readings, scale).estimate for scale in ([0, 1], [0, 1, 2, 3])]
    assert kappas[0] == pytest.approx(kappas[1])


def test_single_readings_and_unread_subjects_are_told():
    """Unread subjects are missing; a single reading stays in the shares, with a warning."""
    result = fleiss_kappa([[0, 0], [1, 0], [1, 1], [1, NAN], [NAN, NAN]], [0, 1])
    assert (result.n, result.n_missing, result.ratings) == (4, 1, 7)
    assert result.warnings[0].startswith("1 of 4 subjects have a single reading")


def test_nobody_read_twice_by_these():
    """Single readings alone have no agreement."""
    result = gwet_ac1([[0, NAN], [NAN, 1]], [0, 1])
    assert result.estimate is None
    assert result.warnings == ("no agreement: nobody was read twice",)


def test_empty_table_has_no_agreement():
    """A table without subjects has no agreement and no traceback."""
    result = fleiss_kappa(np.empty((0, 3)), [0, 1])
    assert result.n == 0
    assert result.estimate is None


def test_one_rater_is_refused():
    """One column is no table of agreement."""
    with pytest.raises(StatisticsError, match="two raters"):
        gwet_ac2([[1], [2]], [1, 2])
