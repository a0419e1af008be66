from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from myocohort.errors import RebuildError
from myocohort.papers.checks.zeros_in_group import most_zeros
from myocohort.papers.printed import agrees, interval
from myocohort.papers.rebuild.continuous import (
    Between,
    Sample,
    bell,
    check_possible,
    find_values,
    quartile_values,
    same_choices,
)
from myocohort.papers.rebuild.imaging import shift
from myocohort.papers.rebuild.ranks import mann_whitney_deviation, reachable

AGES = np.arange(13.0, 81.0)
# Zhao 2020, Table 3: p of fat at 3, 6, 12, 18, 24 months, then of oedema; 16 and 9 patients.
TABLE_3 = (
    "0.022", "0.118", "0.305", "0.534", "0.176", "0.240", "0.206", "0.627", "0.431", "0.386",
)  # fmt: skip


def _sample(n: int, mean: str, sd: str, values: np.ndarray = AGES) -> Sample:
    start = bell(n, float(mean), float(sd))
    return Sample("age", same_choices(n, values), start, interval(mean), interval(sd))


def test_ages_with_the_printed_p() -> None:
    """Whole years with 37.26 ± 18.06 (27), 50.77 ± 15.77 (13) and P = 0.029 exist (Zhao 2020)."""
    samples = [_sample(27, "37.26", "18.06"), _sample(13, "50.77", "15.77")]
    first, second = find_values(samples, Between(p=interval("0.029")), seed=1)
    for values, mean, sd in ((first, "37.26", "18.06"), (second, "50.77", "15.77")):
        assert agrees(mean, float(np.mean(values)))
        assert agrees(sd, float(np.std(values, ddof=1)))
        assert set(values) <= set(AGES)
    test = stats.mannwhitneyu(first, second, use_continuity=False, method="asymptotic")
    assert agrees("0.029", float(test.pvalue))


def test_values_of_all_samples_together() -> None:
    """A pooled mean and SD are met along with those of the samples."""
    samples = [_sample(10, "40.0", "12.0"), _sample(8, "50.0", "10.0")]
    samples.append(Sample("age of the rest", same_choices(6, AGES), bell(6, 45, 15)))
    pooled = Between(mean=interval("45.0"), sd=interval("13.0"))
    values = np.concatenate(find_values(samples, pooled, seed=3))
    assert agrees("45.0", float(values.mean()))
    assert agrees("13.0", float(values.std(ddof=1)))


def test_an_exact_p_comes_without_ties() -> None:
    """P = 0.542 of 19 and 10 patients is an exact p (U = 81), and no value repeats."""
    grid = np.arange(1.0, 400.0)
    samples = [
        Sample("first", same_choices(19, grid), bell(19, 60, 30)),
        Sample("second", same_choices(10, grid), bell(10, 60, 40)),
    ]
    first, second = find_values(samples, Between(p=interval("0.542"), exact=True), seed=2)
    assert len({*first, *second}) == 29
    assert agrees("0.542", float(stats.mannwhitneyu(first, second, method="exact").pvalue))


def test_the_same_seed_finds_the_same_values() -> None:
    """The search depends on nothing but its arguments."""
    runs = [find_values([_sample(27, "37.26", "18.06")], seed=seed)[0] for seed in (4, 4, 5)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(18, 80), min_size=6, max_size=30))
def test_what_was_printed_of_real_values_is_found(ages: list[int]) -> None:
    """For whole numbers that exist, values with their printed mean and SD are found."""
    mean, sd = f"{np.mean(ages):.1f}", f"{np.std(ages, ddof=1):.1f}"
    n = len(ages)
    choices = same_choices(n, np.arange(18.0, 81.0))
    start = bell(n, float(mean), 1 + float(sd))
    sample = Sample("age", choices, start, interval(mean), interval(sd))
    check_possible(sample)
    (values,) = find_values([sample], seed=1)
    assert agrees(mean, float(values.mean()))
    assert agrees(sd, float(values.std(ddof=1)))


@pytest.mark.parametrize(
    ("n", "mean", "sd", "said"),
    [
        (13, "50.80", "15.77", "no 13 whole numbers have the printed mean"),
        (13, "95.00", "5.00", "outside 13 to 80"),
        (13, "50.77", "40.00", "the printed SD is larger than 34.6"),
        (13, "50.77", "0.10", "the printed SD is smaller than 0.439"),
        (0, "50.77", "15.77", "is empty"),
    ],
)
def test_impossible_numbers_are_named(n: int, mean: str, sd: str, said: str) -> None:
    """A mean or SD that no allowed values can have is said before any search."""
    with pytest.raises(RebuildError) as error:
        find_values([_sample(n, mean, sd)], seed=1)
    assert said in str(error.value)
    assert "age" in str(error.value)


def test_not_found_is_not_called_impossible() -> None:
    """Two values of 13 or 80 and a mean between: the search says that it proves nothing."""
    ends = np.array([13.0, 80.0])
    sample = Sample(
        "age", same_choices(9, ends), bell(9, 40, 20), interval("40.00"), interval("20.0")
    )
    with pytest.raises(RebuildError, match="no proof that there are none"):
        find_values([sample], seed=1)


def test_a_p_that_no_ranks_have_is_impossible() -> None:
    """Two groups of 3 have no exact p below 0.1."""
    samples = [Sample(name, same_choices(3, AGES), bell(3, 40, 9)) for name in ("one", "two")]
    with pytest.raises(RebuildError, match="one, two: no two groups of 3 and 3"):
        find_values(samples, Between(p=interval("0.05"), exact=True), seed=1)


@pytest.mark.parametrize(
    ("n", "mean", "sd", "zeros"),
    [
        # Zhao 2020, Table 4, BAFF and CD19 of 19 and 10 patients.
        (19, "0.06", "0.03", 5), (10, "0.06", "0.05", 4), (19, "0.18", "0.08", 3),
        (10, "0.36", "0.21", 2), (4, "0.00", "0.10", 4),
    ],
)  # fmt: skip
def test_the_most_zeros(n: int, mean: str, sd: str, zeros: int) -> None:
    """So many zeros fit, because equal others have too small an SD, and one more has not."""
    assert most_zeros(n, interval(mean), interval(sd)) == zeros
    low, top = float(interval(mean).low or 0), float(interval(sd).high or 0)
    for k, fits in ((zeros, True), (zeros + 1, False)):
        if k < n and low > 0:
            values = np.array([0.0] * k + [low * n / (n - k)] * (n - k))
            assert (values.std(ddof=1) <= top) == fits


@settings(max_examples=60, deadline=None)
@given(st.integers(12, 60), st.integers(0, 99))
def test_quartiles_hold_under_every_definition(n: int, seed: int) -> None:
    """Numpy's nine definitions (types 1 to 9 of Hyndman & Fan) all give 4, 6 and 18."""
    values = quartile_values(n, (4, 6, 18), 1, 72, np.random.default_rng(seed))
    methods = (
        "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
        "interpolated_inverted_cdf", "hazen", "weibull", "linear", "median_unbiased",
        "normal_unbiased",
    )  # fmt: skip
    for method in methods:
        found = np.quantile(values, [0.25, 0.5, 0.75], method=method)
        np.testing.assert_allclose(found, [4, 6, 18], atol=1e-9, err_msg=method)
    assert (values == np.round(values)).all()
    assert (values[0] >= 1, values[-1] <= 72, len(values)) == (True, True, n)


@pytest.mark.parametrize(("n", "quartiles"), [(48, (6, 4, 18)), (48, (0, 6, 18)), (3, (4, 6, 18))])
def test_quartiles_that_cannot_be(n: int, quartiles: tuple[float, float, float]) -> None:
    """Quartiles that do not ascend, lie outside, or are too many for the patients."""
    with pytest.raises(RebuildError, match="quartiles"):
        quartile_values(n, quartiles, 1, 72, np.random.default_rng(1))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=12),
    st.lists(st.integers(0, 9), min_size=3, max_size=12),
)
def test_ranks_give_scipy_s_p(first: list[int], second: list[int]) -> None:
    """U and the tie term give the p of scipy.stats.mannwhitneyu, and `reachable` knows the U."""
    deviation, ties = mann_whitney_deviation(
        np.array([first], dtype=float), np.array([second], dtype=float)
    )
    n1, n2 = len(first), len(second)
    n = n1 + n2
    if ties[0] == n**3 - n:
        return  # all the same: there is no p
    variance = n1 * n2 / 12 * (n + 1 - ties[0] / (n * (n - 1)))
    p = 2 * stats.norm.sf(deviation[0] / np.sqrt(variance))
    test = stats.mannwhitneyu(first, second, use_continuity=False, method="asymptotic")
    assert p == pytest.approx(test.pvalue, abs=1e-9)
    if ties[0] > 0:
        ways = reachable(n1, n2, interval(f"{p:.3f}"), exact=False)
        assert deviation[0] in ways[:, 0]


def test_every_reachable_pair_has_the_p() -> None:
    """Each U with its ties is printed as 0.305, for 16 and 9 patients."""
    deviation, ties = reachable(16, 9, interval("0.305"), exact=False).T
    z = deviation / np.sqrt(12 * (26 - ties / 600))
    assert len(z) > 0
    assert all(agrees("0.305", float(p)) for p in 2 * stats.norm.sf(z))


def test_table_3_needs_ties() -> None:
    """None of the ten p of 16 and 9 patients is exact, and 0.534 needs a tie term of 1314."""
    for text in TABLE_3:
        assert len(reachable(16, 9, interval(text), exact=True)) == 0, text
    ways = reachable(16, 9, interval("0.534"), exact=False)
    assert ways[:, 1].min() == 1314
    # Another count: the p next to it without ties, U = 61.5 of 144.
    assert 2 * stats.norm.sf(10.5 / np.sqrt(12 * (26 - 1314 / 600))) > 0.5335
    assert 2 * stats.norm.sf(10.5 / np.sqrt(12 * (26 - 1308 / 600))) > 0.5345


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=24, max_size=24), st.integers(0, 120), st.integers(0, 9)
)
def test_grades_shift_to_any_total(grades: list[int], total: int, seed: int) -> None:
    """Grades stay 0 to 5, add up to the total, and all move the same way."""
    before = np.array(grades)
    after = shift(before, total, np.ones(24), np.random.default_rng(seed))
    assert after.sum() == total
    assert after.min() >= 0
    assert after.max() <= 5
    assert (np.sign(after - before) * np.sign(total - before.sum()) >= 0).all()


def test_no_grades_add_up_to_more_than_the_scale() -> None:
    """121 of 24 grades from 0 to 5 is refused."""
    with pytest.raises(RebuildError, match="no 24 grades"):
        shift(np.zeros(24, dtype=np.int64), 121, np.ones(24), np.random.default_rng(1))
