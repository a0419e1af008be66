"""The tests on offer: adding one is a file beside this and a line in `TESTS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from myocohort.stats.boschloo import boschloo
from myocohort.stats.chi_square import pearson_chi_square, pearson_chi_square_corrected
from myocohort.stats.exact_mann_whitney import mann_whitney_exact
from myocohort.stats.fisher import fisher_exact
from myocohort.stats.fisher_two_sided import fisher_doubled, fisher_mid_p
from myocohort.stats.friedman import friedman
from myocohort.stats.kruskal_wallis import kruskal_wallis
from myocohort.stats.likelihood_ratio import likelihood_ratio_chi_square
from myocohort.stats.linear_by_linear import linear_by_linear
from myocohort.stats.mann_whitney import mann_whitney
from myocohort.stats.mcnemar import mcnemar
from myocohort.stats.result import Result
from myocohort.stats.signed_rank import wilcoxon_signed_rank
from myocohort.stats.spearman import spearman
from myocohort.stats.t_test import student_t, welch_t


@dataclass(frozen=True, slots=True)
class Test:
    """One statistical test.

    Parameters
    ----------
    name
        The name used in study files and in `TESTS`.
    label
        The name as printed; the `method` of a Result says more (exactness, corrections).
    kind
        What `run` takes: "table" - a table of counts, groups in rows; "values" - values and
        group codes; "pairs" - two lists of values, one of each measurement; "paired" - a list
        of values per occasion, of the same units in the same order.
    run
        The test.
    """

    __test__ = False  # not a test of this package, whatever pytest thinks of the name

    name: str
    label: str
    kind: Literal["table", "values", "pairs", "paired"]
    run: Callable[..., Result]


TESTS: dict[str, Test] = {
    test.name: test
    for test in (
        Test("pearson_chi_square", "Pearson chi-square", "table", pearson_chi_square),
        Test(
            "pearson_chi_square_corrected",
            "Pearson chi-square with Yates's correction",
            "table",
            pearson_chi_square_corrected,
        ),
        Test("fisher_exact", "Fisher's exact test", "table", fisher_exact),
        Test("fisher_doubled", "Fisher's exact test, doubled", "table", fisher_doubled),
        Test("fisher_mid_p", "Fisher's test, mid-p", "table", fisher_mid_p),
        Test("boschloo", "Boschloo's exact test", "table", boschloo),
        Test(
            "likelihood_ratio_chi_square",
            "Likelihood-ratio chi-square",
            "table",
            likelihood_ratio_chi_square,
        ),
        Test("linear_by_linear", "Linear-by-linear association", "table", linear_by_linear),
        Test("mann_whitney", "Mann-Whitney U test", "values", mann_whitney),
        Test("mann_whitney_exact", "Exact Mann-Whitney U test", "values", mann_whitney_exact),
        Test("kruskal_wallis", "Kruskal-Wallis test", "values", kruskal_wallis),
        Test("student_t", "Student's t test", "values", student_t),
        Test("welch_t", "Welch's t test", "values", welch_t),
        Test("spearman", "Spearman's rank correlation", "pairs", spearman),
        Test("mcnemar", "McNemar's test", "paired", mcnemar),
        Test("wilcoxon_signed_rank", "Wilcoxon signed-rank test", "paired", wilcoxon_signed_rank),
        Test("friedman", "Friedman test", "paired", friedman),
    )
}
