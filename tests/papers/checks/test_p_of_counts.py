"""P values held against printed counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.p_of_counts import p_of_counts
from myocohort.papers.entries import Count, Group, Missing, PValue, Size, Variable
from myocohort.papers.paperfile import Paper

STUDENT = "Student's t test (equal variances) on the category coded 0 and 1"
PEARSON = "Pearson chi-square test without continuity correction"


def paper_of(
    counts: list[list[dict[str, str]]],
    p: str,
    claimed: str | None = "pearson_chi_square",
    *,
    sizes: tuple[int, ...] | None = (27, 13),
    missing: tuple[int, ...] | None = None,
    variable: Variable | None = None,
) -> Paper:
    """Return a paper with the counts of one variable, a list of counts for each group."""
    names = [f"g{i}" for i in range(len(counts))]
    return Paper(
        title="A paper",
        groups={name: Group(label=f"group {name}") for name in names},
        variables={} if variable is None else {"x": variable},
        size=tuple(
            Size(id=f"s{i}", place="T", group=f"g{i}", n=str(n)) for i, n in enumerate(sizes or ())
        ),
        missing=tuple(
            Missing(id=f"m{i}", place="T", variable="x", group=f"g{i}", n=str(n))
            for i, n in enumerate(missing or ())
        ),
        count=tuple(
            Count(id=f"c{i}.{j}", place="T", variable="x", group=f"g{i}", **cell)
            for i, cells in enumerate(counts)
            for j, cell in enumerate(cells)
        ),
        p=(PValue(id="p", place="T", variable="x", groups=tuple(names), p=p, claimed=claimed),),
    )


def only(paper: Paper) -> Finding:
    """Return the one finding about a paper."""
    (found,) = p_of_counts(paper)
    return found


def yes(*numbers: str) -> list[list[dict[str, str]]]:
    """Return one count for each group, as "5", "5 of 27" or "5 (18.5)"."""
    cells = []
    for text in numbers:
        n, _, more = text.partition(" ")
        key = "of" if more.startswith("of") else "percent"
        value = more.removeprefix("of ").strip("()")
        cells.append([{"n": n, key: value} if more else {"n": n}])
    return cells


def test_the_reference_paper(reference_paper: Paper) -> None:
    """12 rows are Pearson's, 6 of 7 therapy rows Student's on 0/1 coding, ESR is neither."""
    found = {f.number: f for f in p_of_counts(reference_paper)}
    assert len(found) == 19
    assert [n for n, f in found.items() if f.verdict != "consistent"] == ["table1.raised_esr.p"]
    rows = ("gc_only", "gc_ivig_mtx", "gc_mtx", "gc_ivig", "gc_oi", "oi_ivig")
    by_student = {f"table1.{row}.p" for row in rows}
    for number in by_student:
        assert STUDENT in found[number].fits
        assert PEARSON not in found[number].fits
        assert "a finding about methods" in found[number].explanation
    others = found.keys() - by_student - {"table1.raised_esr.p"}
    assert len(others) == 12
    assert all(found[number].fits[0] == PEARSON for number in others)
    assert {f.claimed for f in found.values()} == {"Pearson chi-square"}


def test_the_p_of_esr(reference_paper: Paper) -> None:
    """By hand: 40 × (5 × 8 - 22 × 5)² / (27 × 13 × 10 × 30) = 1.8613, and erfc gives 0.1725.

    A second calculation, over every 2 x 2 table with margins 27, 13, 10, 30 and scipy's tests:
    none of them comes near 0.872 for 5 of 27 and 5 of 13.
    """
    (found,) = (f for f in p_of_counts(reference_paper) if f.verdict == "inconsistent")
    assert (found.number, found.computed) == ("table1.raised_esr.p", "0.172")
    assert found.suggestion == "0.172 instead of 0.872 (one digit wrong) would agree"
    assert found.explanation.startswith("5 of 27 and 5 of 13: the claimed Pearson chi-square")
    assert found.fits == ()
    square = Fraction(40 * (5 * 8 - 22 * 5) ** 2, 27 * 13 * 10 * 30)
    assert math.erfc(math.sqrt(square / 2)) == pytest.approx(0.17247, abs=5e-6)
    table = [[5, 22], [5, 8]]
    one, two = [1] * 5 + [0] * 22, [1] * 5 + [0] * 8
    everything = [
        stats.chi2_contingency(table, correction=False).pvalue,
        stats.chi2_contingency(table).pvalue,
        stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue,
        stats.fisher_exact(table).pvalue,
        stats.barnard_exact(table).pvalue,
        stats.boschloo_exact(table).pvalue,
        stats.ttest_ind(one, two).pvalue,
        stats.ttest_ind(one, two, equal_var=False).pvalue,
        stats.mannwhitneyu(one, two, method="asymptotic").pvalue,
    ]
    assert max(everything) < 0.34
    assert min(everything) > 0.17


@pytest.mark.parametrize(
    ("p", "claimed", "verdict"),
    [
        ("0.172", "pearson_chi_square", "consistent"),
        ("0.246", "fisher_exact", "consistent"),
        ("0.246", "pearson_chi_square", "consistent"),  # Fisher's: about methods
        ("0.330", None, "consistent"),  # Yates's; no test is named
        ("0.198", "boschloo", "consistent"),
        ("0.198", None, "consistent"),  # Boschloo's, where nothing quicker fits
        ("0.17", "pearson_chi_square", "consistent"),
        (">0.05", "pearson_chi_square", "consistent"),
        ("<0.05", "pearson_chi_square", "inconsistent"),
        ("0.171", "pearson_chi_square", "inconsistent"),
        ("0.872", None, "untestable"),  # no other p shows what kind of tests these are
        ("0.000", "fisher_exact", "inconsistent"),
        ("0.872", "mcnemar", "untestable"),
        ("0.086", "pearson_chi_square", "untestable"),  # half of 0.172, a one-sided p
        ("0.165", "pearson_chi_square", "untestable"),  # Fisher's one-sided p
    ],
)
def test_verdicts_by_printed_p(p: str, claimed: str | None, verdict: str) -> None:
    """5 of 27 and 5 of 13 with different p values and claims; R's values are in the sister test."""
    assert only(paper_of(yes("5 of 27", "5 of 13"), p, claimed)).verdict == verdict


def test_a_p_of_nearly_nothing_is_printed_in_several_ways() -> None:
    """20 of 20 against 0 of 20: P is about 2.5e-10, "<0.001" or SPSS's "0.000"."""
    for p in ("<0.001", "0.000", "0.00", "<0.05"):
        found = only(paper_of(yes("20 of 20", "0 of 20"), p, sizes=(20, 20)))
        assert found.verdict == "consistent"
    assert only(paper_of(yes("20 of 20", "0 of 20"), "0.001", sizes=(20, 20))).computed == "<0.001"


def test_another_test_is_a_finding_about_methods() -> None:
    """3 of 27 and 4 of 13: Pearson 0.125, and 0.132 is Student's (R: t.test(var.equal = TRUE))."""
    found = only(paper_of(yes("3", "4"), "0.132"))
    assert found.verdict == "consistent"
    assert found.fits == (STUDENT,)
    assert found.claimed == "Pearson chi-square"
    assert "the claimed Pearson chi-square gives 0.125" in found.explanation


def test_undeclared_missing_values_leave_it_open() -> None:
    """5 of 27 and 5 of 12 have P = 0.127; none missing declared, "of 13" or 38.5% excludes it."""
    p = f"{stats.chi2_contingency([[5, 22], [5, 7]], correction=False).pvalue:.3f}"
    assert p == "0.127"
    found = only(paper_of(yes("5", "5"), p))
    assert found.verdict == "untestable"
    assert "5 of 27 and 5 of 12" in found.explanation
    assert only(paper_of(yes("5", "5"), p, missing=(0, 0))).verdict == "inconsistent"
    assert only(paper_of(yes("5", "5"), p, missing=(0, 1))).verdict == "consistent"
    assert only(paper_of(yes("5 of 27", "5 of 13"), p)).verdict == "inconsistent"
    assert only(paper_of(yes("5 (18.5)", "5 (38.5)"), p)).verdict == "inconsistent"
    assert only(paper_of(yes("5 (18.5)", "5 (41.7)"), p)).verdict == "consistent"


def test_sizes_follow_from_percentages_where_none_is_printed() -> None:
    """5 (18.5) is 5 of 27 and 5 (38.5) is 5 of 13 alone."""
    assert only(paper_of(yes("5 (18.5)", "5 (38.5)"), "0.172", sizes=None)).verdict == "consistent"
    assert only(paper_of(yes("5 (18.5)", "5 (38.5)"), "0.872", sizes=None)).verdict == (
        "inconsistent"
    )
    found = only(paper_of(yes("5", "5"), "0.172", sizes=None))
    assert (found.verdict, found.explanation) == (
        "untestable",
        "the paper prints no size of the group g0",
    )


def test_percentages_alone_are_enough() -> None:
    """18.5% of 27 is 5, 38.5% of 13 is 5."""
    cells = [[{"percent": "18.5"}], [{"percent": "38.5"}]]
    assert only(paper_of(cells, "0.172")).verdict == "consistent"
    found = only(paper_of(cells, "0.872"))
    assert (found.verdict, found.computed) == ("inconsistent", "0.172")
    assert found.against == ("c0.0.percent", "c1.0.percent")


def test_a_count_with_a_slip_is_the_second_choice() -> None:
    """15 of 27 and 5 of 13 have P = 0.311: that a digit of the count is missing heals it."""
    table = [[15, 12], [5, 8]]
    p = f"{stats.chi2_contingency(table, correction=False).pvalue:.3f}"
    found = only(paper_of(yes("5 of 27", "5 of 13"), p))
    assert found.verdict == "inconsistent"
    assert found.suggestion == (
        "15 instead of 5 (one digit left out) would agree (the count of the group g0)"
    )


def test_a_count_that_its_percentage_excludes_does_not_accuse_the_p() -> None:
    """6 (18.5) of 27 is a misprint of 5: the P of 5 of 27 is not accused for it."""
    found = only(paper_of(yes("6 (18.5)", "5 (38.5)"), "0.172"))
    assert found.verdict == "consistent"
    assert "do not go together" in found.explanation


def levels(*rows: tuple[int, ...]) -> list[list[dict[str, str]]]:
    """Return counts of the levels a, b, c, ... for each group."""
    return [[{"level": "abcd"[j], "n": str(n)} for j, n in enumerate(row)] for row in rows]


ABC = ("a", "b", "c")


def test_more_levels_and_groups() -> None:
    """R: chisq.test, kruskal.test and Mantel's trend of two larger tables."""
    three = levels((5, 12, 10), (1, 4, 8), (6, 3, 2))
    known = Variable(levels=ABC, ordered=True)
    for p, claimed in (("0.042", "pearson_chi_square"), ("0.022", "kruskal_wallis")):
        found = only(paper_of(three, p, claimed, sizes=(27, 13, 11), variable=known))
        assert found.verdict == "consistent"
        assert "5 : 12 : 10 of 27 and 1 : 4 : 8 of 13 and 6 : 3 : 2 of 11" in found.explanation
    two = levels((5, 12, 10), (1, 4, 8))
    found = only(paper_of(two, "0.148", variable=known))
    assert found.fits == ("Linear-by-linear association (Mantel), (N - 1) r-squared",)
    without_order = Variable(levels=ABC)
    assert only(paper_of(two, "0.148", variable=without_order)).verdict == "inconsistent"
    found = only(paper_of(two, "0.900", "mann_whitney", variable=without_order))
    assert found.verdict == "untestable"
    assert "cannot be computed" in found.explanation


def test_levels_that_are_not_printed() -> None:
    """One level left is the rest; several left make a p of all levels unknown."""
    two = levels((5, 12), (1, 4))
    assert only(paper_of(two, "0.322", variable=Variable(levels=ABC))).verdict == "consistent"
    assert only(paper_of(two, "0.322")).verdict == "consistent"
    found = only(paper_of(two, "0.900", variable=Variable(levels=("a", "b", "c", "d"))))
    assert found.verdict == "untestable"
    assert "does not print all levels" in found.explanation
    uneven = [*levels((5, 12)), [{"level": "a", "n": "1"}]]
    assert "no count of b" in only(paper_of(uneven, "0.322")).explanation


def test_levels_without_a_rest_may_leave_out_patients() -> None:
    """5 : 12 of 27 and 1 : 4 of 13 without the others: R's chisq.test gives 0.677."""
    p = f"{stats.chi2_contingency([[5, 12], [1, 4]], correction=False).pvalue:.3f}"
    found = only(paper_of(levels((5, 12), (1, 4)), p))
    assert found.verdict == "consistent"
    assert "5 : 12 of 17 and 1 : 4 of 5" in found.explanation


def test_nothing_to_compare_is_untestable() -> None:
    """0 of 27 and 0 of 13 have no p under most tests, and "1.000" under some."""
    found = only(paper_of(yes("0", "0"), "1.000", missing=(0, 0)))
    assert found.verdict == "untestable"
    assert "nothing to compare" in found.explanation


def test_counts_above_the_size_are_untestable() -> None:
    """30 of 27 is a finding of other checks."""
    assert only(paper_of(yes("30", "5"), "0.172")).verdict == "untestable"


def test_no_counts_no_finding(made_paper: Callable[[str], Paper]) -> None:
    """A p without counts is for other checks."""
    text = 'p = [{ id = "p", place = "T", variable = "x", groups = ["one", "two"], p = "0.1" }]'
    assert list(p_of_counts(made_paper(text))) == []


def test_tests_that_take_time() -> None:
    """Boschloo's and Fisher's test of large tables: named they are done once, or said not to be."""
    found = only(paper_of(yes("5 of 27", "5 of 13"), "0.891", "boschloo"))
    assert (found.verdict, found.computed) == ("inconsistent", "0.198")
    assert found.suggestion == ""
    cells = [[{"n": "20000", "percent": "20.1"}], [{"n": "30000", "percent": "31.1"}]]
    found = only(paper_of(cells, "0.891", sizes=(100_000, 100_000)))
    assert (found.verdict, "not all were tried" in found.explanation) == ("untestable", True)
    sizes = (5000, 5000)
    found = only(paper_of(yes("2000", "2500"), "0.500", "boschloo", sizes=sizes, missing=(0, 0)))
    assert (found.verdict, "cannot be computed" in found.explanation) == ("untestable", True)
    four = [
        [{"level": level, "n": str(n)} for level, n in zip("abcd", row, strict=True)]
        for row in ((30, 40, 50, 60), (60, 50, 40, 30), (20, 20, 40, 40))
    ]
    four_levels = Variable(levels=("a", "b", "c", "d"))
    for claimed in ("fisher_exact", "pearson_chi_square"):
        paper = paper_of(four, "0.900", claimed, sizes=(180, 180, 120), variable=four_levels)
        assert only(paper).verdict == "untestable"


def truncated(value: float, digits: int) -> str:
    """Return a number with its further digits cut off."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding="ROUND_DOWN"))


def test_cut_digits_are_read_as_such() -> None:
    """P = 0.17247 becomes 0.172 both ways; Fisher's 0.24641 too, and Yates's 0.32980 is 0.329."""
    paper = paper_of(yes("5", "5"), truncated(0.3298039, 3), "pearson_chi_square_corrected")
    assert next(iter(p_of_counts(paper, "truncated"))).verdict == "consistent"
    declared = paper_of(yes("5 of 27", "5 of 13"), "0.324", "pearson_chi_square_corrected")
    assert only(declared).verdict == "inconsistent"


def halves(value: float, digits: int, way: str) -> str:
    """Return a number printed half-up, half-even or by printf."""
    if way == "printf":
        return f"{value:.{digits}f}"
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=way))


RUNS: dict[str, Callable[[np.ndarray], float]] = {
    "pearson_chi_square": lambda t: stats.chi2_contingency(t, correction=False).pvalue,
    "pearson_chi_square_corrected": lambda t: stats.chi2_contingency(t).pvalue,
    "fisher_exact": lambda t: stats.fisher_exact(t).pvalue,
    "likelihood_ratio_chi_square": lambda t: (
        stats.chi2_contingency(t, correction=False, lambda_="log-likelihood").pvalue
    ),
}


@given(
    st.tuples(*[st.tuples(st.integers(0, 25), st.integers(0, 25), st.integers(0, 3))] * 2),
    st.sampled_from(sorted(RUNS)),
    st.sampled_from([*sorted(RUNS), None]),
    st.sampled_from(["printf", ROUND_HALF_UP, ROUND_HALF_EVEN]),
    st.integers(2, 4),
    st.integers(0, 2),
    st.booleans(),
)
def test_no_true_p_is_accused(
    cells: tuple[tuple[int, int, int], ...],
    run: str,
    claimed: str | None,
    way: str,
    digits: int,
    decimals: int,
    declared: bool,
) -> None:
    """Missing values are declared, or up to 2 a group and not; p by scipy, printed three ways."""
    table = np.array([row[:2] for row in cells])
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return
    if not declared and max(row[2] for row in cells) > 2:
        return
    p = halves(RUNS[run](table), digits, way)
    counts = [
        [{"n": str(a), "percent": halves(100 * a / (a + b), decimals, way)}] for a, b, _ in cells
    ]
    paper = paper_of(
        counts,
        p,
        claimed,
        sizes=tuple(sum(row) for row in cells),
        missing=tuple(row[2] for row in cells) if declared else None,
    )
    verdict = only(paper).verdict
    assert verdict == "consistent" if declared else verdict != "inconsistent"


@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=2, max_size=3),
    st.sampled_from(["pearson_chi_square", "likelihood_ratio_chi_square"]),
    st.booleans(),
)
def test_no_true_p_of_a_larger_table_is_accused(
    rows: list[tuple[int, int, int]], run: str, complete: bool
) -> None:
    """Three levels, all printed or the last left out, in two or three groups."""
    table = np.array(rows)
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return
    p = f"{RUNS[run](table):.3f}"
    printed = levels(*(row if complete else row[:2] for row in rows))
    sizes = tuple(sum(row) for row in rows)
    for variable in (Variable(levels=ABC), None):
        paper = paper_of(printed, p, run, sizes=sizes, variable=variable)
        assert only(paper).verdict == "consistent"
