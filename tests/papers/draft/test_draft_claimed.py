"""Which tests a paper says it used."""

from __future__ import annotations

import pytest

from myocohort.papers.draft.understanding.claimed import claimed_tests, marks_of_tests
from myocohort.stats.tests import TESTS

ZHAO = (
    "The Mann–Whitney U test or Kruskal–Wallis test was used for the continuous variables and "
    "Chi-square test for categorical variables."
)
BY_NORMALITY = (
    "Normally distributed data were compared by Student's t test, others by the Mann-Whitney "
    "test; categorical data by chi-square or Fisher's exact test."
)


@pytest.mark.parametrize(
    ("text", "row", "claimed"),
    [
        (ZHAO, (False, 2, False), "pearson_chi_square"),
        (ZHAO, (True, 2, False), "mann_whitney"),
        (ZHAO, (True, 3, False), "kruskal_wallis"),
        (ZHAO, (None, 2, False), None),
        (BY_NORMALITY, (False, 2, False), None),
        (BY_NORMALITY, (True, 2, False), "student_t"),
        (BY_NORMALITY, (True, 2, True), "mann_whitney"),
        ("We used the t-test and the rank-sum test.", (True, 2, False), None),
        ("Groups were compared by Welch's test.", (True, 2, False), "welch_t"),
        ("Chi-square with Yates correction.", (False, 2, False), "pearson_chi_square_corrected"),
        ("Continuous data were compared by ANOVA.", (True, 3, False), None),
        ("A paired t test was used.", (True, 2, False), None),
        ("Nothing was tested.", (False, 2, False), None),
    ],
)  # fmt: skip
def test_the_test_of_a_row(text: str, row: tuple[bool | None, int, bool], claimed: str) -> None:
    """Only where Methods leave no choice is a test claimed."""
    tests = claimed_tests([("Methods, Statistical analysis", text), ("Results", "Welch's test")])
    assert tests.for_row(*row) == claimed
    assert claimed is None or claimed in TESTS


def test_the_kind_of_logistic_regression() -> None:
    """Firth's and exact regression are known by name."""
    for text, model in (
        ("Firth's penalised logistic regression", "firth"),
        ("exact logistic regression", "exact"),
        ("multivariate logistic regression", "ml"),
        ("Cox regression", None),
    ):
        assert claimed_tests([("Statistics", text)]).model == model


def test_tests_in_the_notes_under_a_table() -> None:
    """A mark stands for the one test that follows it."""
    notes = (
        "ILD interstitial lung disease",
        "a Fisher's exact test; b Mann–Whitney U test",
    )
    assert marks_of_tests(notes) == {"a": "fisher_exact", "b": "mann_whitney"}
