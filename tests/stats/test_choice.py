"""The choice of a test by rule, with its reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.choice import RULES_OF_CHOICE, choose_test
from myocohort.stats.tests import TESTS

NAN = float("nan")
FEW, MANY = [[5, 8], [5, 22]], [[25, 28], [25, 42]]
TWENTY_FIVE = [[6, 7], [5, 7]]


def groups_of(*sizes):
    """Return values without ties and codes of groups of these sizes."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(float(len(codes))), codes


@pytest.mark.parametrize(
    ("rule", "table", "test", "reason"),
    [
        ("spss-2020", FEW, "pearson_chi_square", "smallest expected count 3.25"),
        ("spss-2020", MANY, "pearson_chi_square", "the rule runs Pearson's test always"),
        ("small-sample-1", FEW, "fisher_exact", "smallest expected count 3.25: below 5"),
        ("small-sample-1", MANY, "pearson_chi_square", "count 22.08: not below 5"),
        ("small-sample-1", [[5, 5], [5, 5]], "pearson_chi_square", "count 5.00: not below 5"),
        ("cochran-1954", [[3, 4], [5, 6]], "fisher_exact", "2 x 2 table of 18: fewer than 20"),
        ("cochran-1954", FEW, "fisher_exact", "table of 40, at most 40, and smallest expected"),
        ("cochran-1954", TWENTY_FIVE, "pearson_chi_square_corrected", "count 5.28: not below 5"),
        ("cochran-1954", [[5, 8], [5, 23]], "pearson_chi_square_corrected", "more than 40"),
        (
            "cochran-1954",
            [[4, 9, 9, 9, 9]] * 2,
            "pearson_chi_square",
            "count 4.00, 2 of 10 below 5",
        ),
        ("cochran-1954", [[4, 9, 9]] * 2, "fisher_exact", "2 of 6 below 5: one below 1, or more"),
        ("cochran-1954", [[1, 9, 9], [0, 9, 9]], "fisher_exact", "count 0.49"),
    ],
)
def test_choice_for_counts(rule, table, test, reason):
    """The choice follows the expected counts, which stand in the reason."""
    choice = choose_test("table", table, rule=rule)
    assert (choice.rule, choice.test) == (rule, test)
    assert reason in choice.reason


@pytest.mark.parametrize(
    ("rule", "sizes", "test", "reason"),
    [
        ("spss-2020", (13, 27), "mann_whitney", "13 against 27 values"),
        ("spss-2020", (5, 6, 7), "kruskal_wallis", "3 groups (5 against 6 against 7 values)"),
        ("small-sample-1", (13, 27), "mann_whitney_exact", "exact without ties"),
        ("small-sample-1", (13, 50), "mann_whitney", "a group has 50 or more"),
        ("small-sample-1", (5, 6, 7), "kruskal_wallis", "by ranks"),
        ("cochran-1954", (49, 49), "mann_whitney_exact", "both groups below 50"),
    ],
)
def test_choice_for_values(rule, sizes, test, reason):
    """The choice follows the group sizes, which stand in the reason."""
    choice = choose_test("values", *groups_of(*sizes), rule=rule)
    assert choice.test == test
    assert reason in choice.reason


def test_ties_stand_in_the_reason():
    """An exact test of tied values says how many different ones there are."""
    choice = choose_test("values", [1, 1, 2, NAN, 3], [0, 0, 1, 1, 1], rule="small-sample-1")
    assert "2 against 2 values" in choice.reason
    assert "with ties (3 different values in 4)" in choice.reason


def test_choice_for_repeated_measurements_and_pairs():
    """Yes and no go to McNemar, two measurements to signed ranks, more to Friedman."""
    rule = "small-sample-1"
    assert choose_test("paired", [1, 0, 1], [0, 0, 1], rule=rule).test == "mcnemar"
    choice = choose_test("paired", [3, 5, 1], [4, 5, 9], rule=rule)
    assert choice.test == "wilcoxon_signed_rank"
    assert "2 of 3 units differ, exact" in choice.reason
    many = choose_test("paired", range(1, 61), [0] * 60, rule=rule)
    assert "asymptotic: 50 or more" in many.reason
    assert choose_test("paired", [1, 2], [2, 3], [4, 5], rule=rule).test == "friedman"
    assert choose_test("pairs", [1, 2], [2, 3], rule=rule).test == "spearman"


@pytest.mark.parametrize("rule", RULES_OF_CHOICE)
@given(
    st.lists(st.lists(st.integers(0, 20), min_size=2, max_size=2), min_size=2, max_size=2),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=20),
)
def test_every_choice_is_a_test_of_its_kind_that_answers(rule, table, rows):
    """Whatever the data, the named test exists, takes them, and has a p or says why not."""
    assert RULES_OF_CHOICE[rule].name == rule
    values = np.array([value for value, _ in rows], dtype=float)
    groups = np.array([group for _, group in rows], dtype=int)
    for kind, data in (("table", (table,)), ("values", (values, groups))):
        choice = choose_test(kind, *data, rule=rule)
        assert choice.reason
        assert TESTS[choice.test].kind == kind
        result = TESTS[choice.test].run(*data)
        assert result.p is not None or result.warnings


def test_nothing_to_compare_is_the_reason():
    """A table with one group names a test all the same, and says what is missing."""
    for rule in RULES_OF_CHOICE:
        assert "only one group" in choose_test("table", [[3, 4], [0, 0]], rule=rule).reason
        assert "every value is missing" in choose_test("values", [NAN], [0], rule=rule).reason


@pytest.mark.parametrize(
    ("arguments", "rule", "message"),
    [
        (("table", FEW), "spss", "one of spss-2020, small-sample-1, cochran-1954; found 'spss'"),
        (("counts", FEW), "spss-2020", "kind of data is one of table"),
        (("values", [1, 2]), "spss-2020", r"are 2 array\(s\); found 1"),
        (("table", [[1, -2], [3, 4]]), "spss-2020", "found -2 in row 1"),
        (("paired", [1, 2]), "spss-2020", "at least two occasions"),
    ],
)
def test_unknown_rules_and_wrong_data_are_refused(arguments, rule, message):
    """The message names the rule, the kind or the number that is wrong."""
    with pytest.raises(StatisticsError, match=message):
        choose_test(*arguments, rule=rule)
