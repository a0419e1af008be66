"""Cohen's kappa."""

from __future__ import annotations

import numpy as np
import pytest
from agreement_data import ABSTRACTORS_TABLE, NAN, pairs
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from myocohort.errors import StatisticsError
from myocohort.stats.kappa import cohen_kappa

SCALE = [0, 1, 2, 3]
TWO_RATERS = st.lists(
    st.tuples(st.sampled_from(SCALE), st.sampled_from(SCALE)), min_size=2, max_size=40
)


def test_unweighted_golden_of_sas():
    """SAS PROC FREQ (statsmodels' own test): table 0 4 1 / 0 8 0 / 0 1 5 gives .4842."""
    result = cohen_kappa(pairs([[0, 4, 1], [0, 8, 0], [0, 1, 5]]), [0, 1, 2])
    assert result.estimate == pytest.approx(0.4842, abs=5e-5)
    assert result.se == pytest.approx(0.1380, abs=5e-5)
    assert (result.interval.low, result.interval.high) == pytest.approx((0.2137, 0.7547), abs=5e-5)
    assert result.se_if_chance == pytest.approx(0.1484, abs=5e-5)
    assert result.p_if_chance == pytest.approx(0.0011, abs=5e-5)


@pytest.mark.parametrize(
    ("weights", "estimate", "se"),
    [("unweighted", 0.7964094, 0.05891072), ("quadratic", 0.8921569, 0.03535151)],
)
def test_golden_of_irrcac(weights, estimate, se):
    """The vignettes of irrCAC: kappa2.table(cont3x3abstractors[, quadratic.weights(1:3)])."""
    result = cohen_kappa(pairs(ABSTRACTORS_TABLE), [0, 1, 2], weights=weights)
    assert result.estimate == pytest.approx(estimate, abs=5e-8)
    assert result.se == pytest.approx(se, abs=5e-9)


def test_unweighted_golden_of_psych():
    """R: psych::cohen.kappa(cont3x3abstractors) gives .7964094022 and variance .003470472734."""
    result = cohen_kappa(pairs(ABSTRACTORS_TABLE), [0, 1, 2])
    assert result.estimate == pytest.approx(0.7964094022, rel=1e-9)
    assert result.se**2 == pytest.approx(0.003470472734, rel=1e-9)


@given(TWO_RATERS, st.sampled_from(["unweighted", "linear", "quadratic"]))
def test_agrees_with_statsmodels(ratings, weights):
    """Estimate and both standard errors are statsmodels' for any table with unused grades."""
    result = cohen_kappa(ratings, SCALE, weights=weights)
    if result.se is None:
        return
    expected = cohens_kappa(np.array(result.table), wt=None if weights == "unweighted" else weights)
    assert result.estimate == pytest.approx(expected.kappa, abs=1e-12)
    assert result.se == pytest.approx(expected.std_kappa, rel=1e-6, abs=1e-9)
    assert result.se_if_chance == pytest.approx(expected.std_kappa0, rel=1e-6, abs=1e-9)
    assert result.p_if_chance == pytest.approx(expected.pvalue_two_sided, rel=1e-6, abs=1e-12)


@given(
    st.lists(st.sampled_from(SCALE), min_size=2).filter(lambda grades: len(set(grades)) > 1),
    st.sampled_from(["unweighted", "linear", "quadratic"]),
)
def test_identical_readings_agree_completely(grades, weights):
    """Kappa of identical readings is 1, without an interval that would be a point."""
    result = cohen_kappa(np.column_stack([grades, grades]), SCALE, weights=weights)
    assert result.estimate == pytest.approx(1.0)
    assert result.interval is None
    assert result.p is None
    assert "no proof of certainty" in result.warnings[0]


@given(TWO_RATERS, st.sampled_from(["unweighted", "linear", "quadratic"]), st.randoms())
def test_order_of_raters_and_subjects_changes_nothing(ratings, weights, rng):
    """Swapping the raters or shuffling the subjects keeps estimate and standard error."""
    shuffled = [(b, a) for a, b in ratings]
    rng.shuffle(shuffled)
    first = cohen_kappa(ratings, SCALE, weights=weights)
    second = cohen_kappa(shuffled, SCALE, weights=weights)
    assert second.estimate == pytest.approx(first.estimate, abs=1e-12)
    assert second.se == pytest.approx(first.se, abs=1e-7)


def test_unused_grade_counts_in_the_weights():
    """A grade between two others that nobody used still puts them two steps apart."""
    ratings = [(0, 0), (2, 2), (3, 3), (0, 2), (2, 3), (3, 3), (0, 0), (2, 0)]
    with_gap = cohen_kappa(ratings, [0, 1, 2, 3], weights="linear")
    without = cohen_kappa(ratings, [0, 2, 3], weights="linear")
    assert with_gap.estimate != pytest.approx(without.estimate, abs=1e-3)
    assert len(with_gap.table) == 4
    assert sum(with_gap.table[1]) == 0


def test_missing_readings_are_counted():
    """A subject whom one rater has not read is left out and counted."""
    result = cohen_kappa([(0, 0), (1, NAN), (1, 1), (NAN, NAN), (0, 1)], [0, 1])
    assert (result.n, result.n_missing, result.ratings) == (3, 2, 6)


def test_one_grade_for_all_has_no_kappa():
    """If both raters gave everyone the same grade, kappa is 0 / 0 and not printed."""
    result = cohen_kappa([(1, 1)] * 5, [0, 1, 2])
    assert result.estimate is None
    assert "same grade" in result.warnings[0]
    assert result.observed_agreement == 1.0


def test_nobody_read_twice():
    """Without a subject that both read there is no estimate."""
    result = cohen_kappa([(1, NAN), (NAN, 0)], [0, 1])
    assert result.n == 0
    assert result.warnings == ("no agreement: nobody was read twice",)


def test_limit_above_1_is_cut_and_said():
    """Wald limits that leave the scale are cut, and the method of the interval says so."""
    result = cohen_kappa([(0, 0)] * 5 + [(1, 1)] * 5 + [(0, 1)], [0, 1])
    assert result.interval.high == 1.0
    assert result.interval.method.endswith("cut at 1")


@pytest.mark.parametrize(
    ("ratings", "scale", "options", "message"),
    [
        ([(0, 1, 1)], [0, 1], {}, "compares 2 raters; found 3"),
        ([0, 1], [0, 1], {}, "row per subject"),
        ([(0, 5), (7, 1)], [0, 1], {}, r"5 \(subject 1, rater 2\), 7 \(subject 2, rater 1\)"),
        ([("a", "b")], [0, 1], {}, "Code grades in words"),
        ([(0, 1), (1,)], [0, 1], {}, "readings are numbers"),
        ([(0, 1)], [0], {}, "at least two grades"),
        ([(0, 1)], [0, 1, 1], {}, "each grade once"),
        ([(0, 1)], [0, 1], {"weights": "cubic"}, "found 'cubic'"),
        ([(0, 1)], [0, 1], {"level": 95}, "strictly between 0 and 1"),
        ([(0, float("inf"))], [0, 1], {}, "size below"),
    ],
)
def test_bad_input(ratings, scale, options, message):
    """What is no table of grades of two raters is refused with the rule and the value."""
    with pytest.raises(StatisticsError, match=message):
        cohen_kappa(ratings, scale, **options)
