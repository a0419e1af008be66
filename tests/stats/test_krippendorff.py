"""Krippendorff's alpha."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from agreement_data import FLEISS_1971, FOUR_OBSERVERS, NAN, THREE_READERS
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from myocohort.errors import StatisticsError
from myocohort.stats.krippendorff import krippendorff_alpha

METRICS = ["nominal", "ordinal", "interval", "ratio"]
READINGS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 8), st.integers(2, 4)),
    elements=st.sampled_from([0.0, 1.0, 2.0, 4.0, NAN]),
)


def by_definition(readings, metric):
    """Return alpha from all pairs of readings, one by one; None where nothing varies."""
    units = [[v for v in row if not math.isnan(v)] for row in readings]
    units = [unit for unit in units if len(unit) > 1]
    everything = [value for unit in units for value in unit]

    def distance(a, b):
        if metric == "nominal":
            return float(a != b)
        if metric == "interval":
            return (a - b) ** 2
        if metric == "ratio":
            return ((a - b) / (a + b)) ** 2 if a + b else 0.0
        between = sum(min(a, b) <= value <= max(a, b) for value in everything)
        return (between - (everything.count(a) + everything.count(b)) / 2) ** 2

    n = len(everything)
    observed = sum(
        distance(a, b) / (len(unit) - 1)
        for unit in units
        for a, b in itertools.permutations(unit, 2)
    )
    expected = sum(distance(a, b) for a, b in itertools.permutations(everything, 2))
    return None if not expected else 1.0 - (observed / n) / (expected / (n * (n - 1)))


@pytest.mark.parametrize(
    ("metric", "alpha"), list(zip(METRICS, [0.743, 0.815, 0.849, 0.797], strict=True))
)
def test_krippendorffs_four_observers(metric, alpha):
    """Krippendorff 2011, example C and its metrics: .743, .815, .849, .797."""
    result = krippendorff_alpha(FOUR_OBSERVERS, metric)
    assert result.estimate == pytest.approx(alpha, abs=5e-4)
    assert result.estimate == pytest.approx(by_definition(FOUR_OBSERVERS, metric), rel=1e-12)
    assert (result.n, result.n_missing, result.ratings) == (11, 1, 40)


def test_krippendorffs_two_observers():
    """Krippendorff 2011, examples A (binary, .095) and B (five categories, .692).

    As other public tests quote the paper, which was not at hand: readings of its sections A and
    B, and alpha 1 - 152 / 168 and 1 - 138 / 448.
    """
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(np.column_stack([meg, owen]), "nominal").estimate == pytest.approx(
        0.095, abs=5e-4
    )
    ben, gerry = (
        ["abcde".index(letter) for letter in letters]
        for letters in ("aabbdcccedda", "babbbccceddd")
    )
    assert krippendorff_alpha(np.column_stack([ben, gerry]), "nominal").estimate == pytest.approx(
        0.692, abs=5e-4
    )


@given(READINGS, st.sampled_from(METRICS))
def test_agrees_with_the_definition(readings, metric):
    """Alpha is what its definition over all pairs gives, whatever is missing."""
    result = krippendorff_alpha(readings, metric, resamples=100)
    expected = by_definition(readings, metric)
    if expected is None:
        assert result.estimate is None
        assert result.warnings
    else:
        assert result.estimate == pytest.approx(expected, abs=1e-9)


# R: boot.ci(boot(x, alpha, R = 10000), type = "perc") with set.seed(1), alpha written in R
# from the definition over pairs; ordinal with R = 2000
@pytest.mark.parametrize(
    ("ratings", "metric", "alpha", "low", "high"),
    [
        (FLEISS_1971, "nominal", 0.4334098283, 0.3166642601, 0.5302830514),
        (FLEISS_1971, "ordinal", 0.3358575222, 0.09156836643, 0.5602914078),
        (THREE_READERS, "interval", 0.9482046888, 0.8627994074, 0.9679959715),
        (THREE_READERS, "ratio", 0.9418212542, 0.8568786977, 0.9642956136),
    ],
)
def test_bootstrap_interval_agrees_with_r(ratings, metric, alpha, low, high):
    """The percentile interval is that of R's boot but for the chance of the resamples."""
    result = krippendorff_alpha(ratings, metric, resamples=10_000)
    assert result.estimate == pytest.approx(alpha, abs=1e-9)
    assert result.interval.low == pytest.approx(low, abs=0.012)
    assert result.interval.high == pytest.approx(high, abs=0.012)


def test_seed_is_declared_and_repeats():
    """The same seed gives the same interval, another one another; the method names it."""
    first, again, other = (
        krippendorff_alpha(FLEISS_1971, "nominal", seed=seed) for seed in (7, 7, 8)
    )
    assert first.interval == again.interval
    assert first.interval.low != other.interval.low
    assert first.interval.method == "percentile bootstrap over subjects, 2,000 resamples, seed 7"
    assert first.seed == 7
    assert first.p is None


def test_interval_alpha_ignores_origin_and_unit():
    """Adding a constant or changing the unit keeps interval alpha, at any size of number."""
    base = krippendorff_alpha(THREE_READERS, "interval")
    moved = krippendorff_alpha(1e9 + 1000 * THREE_READERS, "interval")
    assert moved.estimate == pytest.approx(base.estimate, rel=1e-9)
    assert moved.interval.low == pytest.approx(base.interval.low, rel=1e-9)


def test_resamples_without_variation_are_counted():
    """With one subject that differs, resamples without it have no alpha, and that is said."""
    readings = [[0, 0], [0, 0], [0, 0], [0, 0], [1, 0]]
    result = krippendorff_alpha(readings, "nominal", resamples=1000)
    share = (4 / 5) ** 5
    assert result.resamples_without_alpha == pytest.approx(1000 * share, abs=80)
    assert result.warnings[0].startswith(f"{result.resamples_without_alpha} of 1000 resamples")
    assert result.interval is not None


def test_reasons_for_no_interval_or_no_alpha():
    """Complete agreement, two subjects, no variation and no pair each say why."""
    complete = krippendorff_alpha([[1, 1], [2, 2], [3, 3]], "ordinal")
    assert complete.estimate == 1.0
    assert "nobody disagrees" in complete.warnings[0]
    assert "too few" in krippendorff_alpha([[1, 2], [2, 2]], "interval").warnings[0]
    assert krippendorff_alpha([[1.1, 1.1]] * 3, "interval").estimate is None
    assert krippendorff_alpha([[1, NAN]] * 3, "nominal").n == 0


@pytest.mark.parametrize(
    ("ratings", "metric", "options", "message"),
    [
        ([[1, -2]], "ratio", {}, "found -2"),
        ([[1, 2]], "circular", {}, "found 'circular'"),
        ([[1, 2]], "nominal", {"categories": [1, 3]}, r"2 \(subject 1, rater 2\)"),
        ([[1, 2]], "ordinal", {"categories": [2, 1]}, "ascending"),
        ([[1, 2]], "nominal", {"resamples": 10}, "at least 100"),
        (np.arange(5002.0).reshape(-1, 2), "ratio", {}, "at most 2,500 different values"),
    ],
)
def test_bad_input_to_alpha(ratings, metric, options, message):
    """What cannot be measured is refused with the rule and the value."""
    with pytest.raises(StatisticsError, match=message):
        krippendorff_alpha(ratings, metric, **options)
