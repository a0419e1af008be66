"""Chi-square statistics held against printed counts."""

from __future__ import annotations

from scipy import stats

from myocohort.papers.checks.chi_square_of_counts import chi_square_of_counts
from myocohort.papers.checks.finding import Finding
from myocohort.papers.entries import Count, Group, PValue, Size
from myocohort.papers.paperfile import Paper


def paper_of(
    statistic: str | None,
    p: str,
    claimed: str | None,
    df: str | None = None,
    *,
    counts: tuple[str, ...],
    declared: bool = True,
) -> Paper:
    """Return a paper with a chi-square and a count for each of two groups of 27 and 13."""
    return Paper(
        title="A paper",
        groups={name: Group(label=f"group {name}") for name in ("g0", "g1")},
        size=tuple(
            Size(id=f"s{i}", place="T", group=f"g{i}", n=n) for i, n in enumerate(("27", "13"))
        ),
        missing_declared=declared,
        count=tuple(
            Count(id=f"c{i}", place="T", variable="x", group=f"g{i}", n=n)
            for i, n in enumerate(counts)
        ),
        p=(
            PValue(
                id="p",
                place="T",
                variable="x",
                groups=("g0", "g1"),
                p=p,
                claimed=claimed,
                statistic=statistic,
                df=df,
            ),
        ),
    )


def only(paper: Paper) -> Finding:
    """Return the one finding about a paper."""
    (found,) = chi_square_of_counts(paper)
    assert found.number == "p.statistic"
    return found


def test_a_chi_square_is_held_against_its_counts() -> None:
    """5 of 27 and 5 of 13: Pearson 1.861, Yates 0.950, G 1.789 (R: chisq.test)."""
    for text in ("1.86", "1.861", "0.95", "1.79", "1.81"):
        paper = paper_of(text, "0.172", "pearson_chi_square", "1", counts=("5", "5"))
        assert only(paper).verdict == "consistent"
    found = only(paper_of("1.68", "0.172", "pearson_chi_square", "1", counts=("5", "5")))
    assert (found.verdict, found.computed) == ("inconsistent", "1.86")
    assert found.suggestion == "1.86 instead of 1.68 (two digits swapped) would agree"
    assert "5 of 27 and 5 of 13: Pearson's chi-square is 1.86" in found.explanation


def test_undeclared_missing_values_leave_the_chi_square_open() -> None:
    """5 of 27 and 5 of 12 has 2.33."""
    value = stats.chi2_contingency([[5, 22], [5, 7]], correction=False).statistic
    text = f"{value:.2f}"
    claims = ("0.127", "pearson_chi_square", "1")
    found = only(paper_of(text, *claims, counts=("5", "5"), declared=False))
    assert found.verdict == "untestable"
    assert "5 of 27 and 5 of 12" in found.explanation
    assert only(paper_of(text, *claims, counts=("5", "5"))).verdict == "inconsistent"


def test_counts_that_leave_nothing_to_compare_or_no_table() -> None:
    """0 of 27 and 0 of 13 have no chi-square; 30 of 27 is no table."""
    for counts in (("0", "0"), ("30", "5")):
        paper = paper_of("1.86", "0.172", "pearson_chi_square", "1", counts=counts)
        assert only(paper).verdict == "untestable"


def test_it_speaks_of_chi_squares_of_tables_alone() -> None:
    """No statistic, another test, no test and a negative number are for other checks."""
    for statistic, claimed in (
        (None, "pearson_chi_square"),
        ("1.86", "fisher_exact"),
        ("1.86", None),
        ("-1.86", "pearson_chi_square"),
    ):
        paper = paper_of(statistic, "0.172", claimed, "1", counts=("5", "5"))
        assert list(chi_square_of_counts(paper)) == []
