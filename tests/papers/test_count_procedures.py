"""Every procedure for tables of counts, against R, scipy and the tests of this package."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.papers.count_procedures import PROCEDURES, is_slow, p_values
from myocohort.papers.count_tables import counts_of
from myocohort.stats.tests import TESTS

ESR = [[5, 22], [5, 8]]  # Zhao 2020, Table 1: 5 of 27 and 5 of 13
ORDERED = [[5, 12, 10], [1, 4, 8]]
THREE = [[5, 12, 10], [1, 4, 8], [6, 3, 2]]

# R 4.2.2, with t the table, y and g its patients (levels 0 and 1, groups 1 and 2):
#   chisq.test(t, correct = FALSE); chisq.test(t); fisher.test(t)
#   x <- dhyper(0:10, 27, 13, 10); 2 * phyper(5, ...) and so on for the doubled and mid-p forms
#   e <- chisq.test(t)$expected; pchisq(2 * sum(t * log(t / e)), 1, lower = FALSE)
#   pchisq(chisq.test(t, correct = FALSE)$statistic * 39 / 40, 1, lower = FALSE)
#   coef(summary(glm(y ~ g, family = binomial)))[2, 4]  # good to 7 digits
#   2 * pnorm(-abs(5/27 - 5/13) / sqrt(5*22/27^3 + 5*8/13^3))
#   t.test(y ~ g, var.equal = TRUE); t.test(y ~ g)
#   wilcox.test(y ~ g, exact = FALSE, correct = FALSE); wilcox.test(y ~ g, exact = FALSE)
R_ESR = {
    "pearson": 0.1724692415,
    "yates": 0.3298039171,
    "fisher_exact": 0.2464087227,
    "fisher_doubled": 0.3291552063,
    "fisher_mid_p": 0.2065831311,
    "fisher_likelihood_mid_p": 0.1851226851,
    "likelihood_ratio": 0.1810933712,
    "linear_by_linear": 0.1779317253,
    "n_minus_one": 0.1779317253,
    "logistic": 0.1804521192,
    "unpooled": 0.1960651252,
    "student_t": 0.1812708878,
    "welch_t": 0.226863633,
    "mann_whitney": 0.1779317253,
    "mann_whitney_corrected": 0.1842092882,
}
# chisq.test, fisher.test, prop.trend.test(m[1, ], colSums(m)), (N - 1) * cor(v, g)^2, t.test,
# wilcox.test as above
R_ORDERED = {
    "pearson": 0.3219786557,
    "fisher_exact": 0.3461580175,
    "trend": 0.1428147101,
    "linear_by_linear": 0.147909223,
    "student_t": 0.150268911,
    "welch_t": 0.1388926121,
    "mann_whitney": 0.1391293921,
    "mann_whitney_corrected": 0.1433835595,
}
# chisq.test, fisher.test, kruskal.test(v, g), oneway.test(v ~ factor(g), var.equal = TRUE)
R_THREE = {
    "pearson": 0.04192998946,
    "fisher_exact": 0.06760162966,
    "kruskal_wallis": 0.02186934864,
    "anova": 0.01557944782,
    "linear_by_linear": 0.1495256414,
}


def found(table: list[list[int]], claimed: str | None = None, *, ordered: bool = False):
    """Return p by the name of its procedure."""
    return {q.name: p for q, p in p_values(counts_of(table, ordered=ordered), claimed)}


@pytest.mark.parametrize(
    ("table", "expected"), [(ESR, R_ESR), (ORDERED, R_ORDERED), (THREE, R_THREE)]
)
def test_r_gives_the_same(table: list[list[int]], expected: dict[str, float]) -> None:
    """The p values of three tables are those of R."""
    p = found(table, ordered=True)
    assert {name: p[name] for name in expected} == pytest.approx(expected, rel=2e-7)
    assert expected.keys() == p.keys() or table != ESR


def test_the_claimed_tests_come_first() -> None:
    """A test that is not usual is done where the paper names it, and stands at the front."""
    names = [q.name for q, _ in p_values(counts_of(ESR), "boschloo")]
    assert names[0] == "boschloo"
    assert "boschloo" not in found(ESR)
    named = [q.name for q, _ in p_values(counts_of(ESR), "mann_whitney")][:3]
    assert named == ["mann_whitney", "mann_whitney_corrected", "mann_whitney_exact"]


def test_every_test_of_groups_can_be_claimed() -> None:
    """Each test of tables or values in TESTS has a procedure here."""
    claimable = {claim for procedure in PROCEDURES for claim in procedure.claims}
    assert claimable == {t.name for t in TESTS.values() if t.kind in ("table", "values")}


def test_levels_without_order_are_not_coded() -> None:
    """Three levels without an order have no linear-by-linear, rank or t test."""
    assert found(ORDERED).keys() == {"pearson", "fisher_exact", "likelihood_ratio", "n_minus_one"}


@pytest.mark.parametrize("table", [[[0, 5], [0, 7]], [[0, 0], [3, 4]], [[4, 0]], []])
def test_nothing_to_compare_gives_no_p(table: list[list[int]]) -> None:
    """With one filled group or level no procedure has a p."""
    assert found(table) == {}


def test_empty_cells_leave_out_what_does_not_exist() -> None:
    """With 0 of 4 against 4 of 4 no variance within is left, and the log odds are infinite."""
    p = found([[0, 4], [4, 0]])
    assert not p.keys() & {"logistic", "unpooled", "student_t", "welch_t"}
    assert p["fisher_exact"] == pytest.approx(2 / math.comb(8, 4))
    assert "welch_t" not in found([[1, 0], [2, 5]])
    assert "student_t" not in found([[1, 0], [0, 1]])


def test_large_tables_of_fisher_are_slow() -> None:
    """What would enumerate many tables is left out on request, and named where impossible."""
    large = counts_of([[30, 40, 50, 60], [60, 50, 40, 30], [20, 20, 40, 40]])
    fisher = next(q for q in PROCEDURES if q.name == "fisher_exact")
    assert is_slow(fisher, large)
    assert "fisher_exact" not in {q.name for q, _ in p_values(large, slow=False)}
    assert fisher.run(large) is None
    assert not is_slow(fisher, counts_of(ESR))


tables_2x2 = st.lists(st.integers(0, 30), min_size=4, max_size=4).filter(
    lambda c: min(c[0] + c[1], c[2] + c[3], c[0] + c[2], c[1] + c[3]) > 0
)


@given(tables_2x2)
def test_scipy_gives_the_same_for_two_by_two(cells: list[int]) -> None:
    """Chi-square with and without correction, G, Fisher, t and rank tests are scipy's."""
    a, b, c, d = cells
    p = found([[a, b], [c, d]])
    t = np.array([[a, b], [c, d]])
    one, two = np.repeat([0.0, 1.0], t[0]), np.repeat([0.0, 1.0], t[1])
    assert p["pearson"] == pytest.approx(stats.chi2_contingency(t, correction=False).pvalue)
    assert p["yates"] == pytest.approx(stats.chi2_contingency(t).pvalue)
    g = stats.chi2_contingency(t, correction=False, lambda_="log-likelihood").pvalue
    assert p["likelihood_ratio"] == pytest.approx(g)
    assert p["fisher_exact"] == pytest.approx(stats.fisher_exact(t).pvalue)
    less, greater = (stats.fisher_exact(t, alternative=s).pvalue for s in ("less", "greater"))
    assert p["fisher_doubled"] == pytest.approx(min(2 * less, 2 * greater, 1))
    for name, corrected in (("mann_whitney", False), ("mann_whitney_corrected", True)):
        expected = stats.mannwhitneyu(one, two, method="asymptotic", use_continuity=corrected)
        assert p[name] == pytest.approx(min(expected.pvalue, 1))
    for name, equal in (("student_t", True), ("welch_t", False)):
        if min(a, b) and min(c, d):  # scipy warns where a group does not vary
            expected = stats.ttest_ind(one, two, equal_var=equal).pvalue
            assert p[name] == pytest.approx(expected, rel=1e-6)


@given(st.lists(st.lists(st.integers(0, 8), min_size=3, max_size=3), min_size=2, max_size=3))
def test_the_tests_of_this_package_give_the_same(table: list[list[int]]) -> None:
    """Each procedure that a paper can claim has the p of the test of that name."""
    counts = counts_of(table, ordered=True)
    if not counts.comparable:
        return
    values = np.repeat(np.tile(np.arange(3.0), len(table)), np.ravel(table))
    groups = np.repeat(np.arange(len(table)), np.sum(table, axis=1))
    compared = 0
    for test in TESTS.values():
        if test.kind not in ("table", "values") or test.name in ("boschloo", "mann_whitney"):
            continue
        for procedure, p in p_values(counts, test.name):
            second_form = procedure.name == "fisher_likelihood_mid_p"
            if test.name in procedure.claims and not second_form:
                run = test.run(table) if test.kind == "table" else test.run(values, groups)
                assert p == pytest.approx(run.p, rel=1e-6)
                compared += 1
    assert compared
