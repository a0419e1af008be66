"""P values held against the statistics printed with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.p_of_statistic import p_of_statistic
from myocohort.papers.entries import Count, Group, PValue, Size
from myocohort.papers.paperfile import Paper


def paper_of(
    statistic: str | None,
    p: str,
    claimed: str | None,
    df: str | None = None,
    *,
    counts: tuple[str, ...] = (),
    sizes: tuple[int, ...] = (27, 13),
    declared: bool = True,
) -> Paper:
    """Return a paper with a p value, its statistic and, if given, a count for each group."""
    names = tuple(f"g{i}" for i in range(len(sizes)))
    tested = PValue(
        id="p",
        place="T",
        variable="x",
        groups=names,
        p=p,
        claimed=claimed,
        statistic=statistic,
        df=df,
    )
    return Paper(
        title="A paper",
        groups={name: Group(label=f"group {name}") for name in names},
        size=tuple(
            Size(id=f"s{i}", place="T", group=f"g{i}", n=str(n)) for i, n in enumerate(sizes)
        ),
        missing_declared=declared,
        count=tuple(
            Count(id=f"c{i}", place="T", variable="x", group=f"g{i}", n=n)
            for i, n in enumerate(counts)
        ),
        p=(tested,),
    )


def of_p(paper: Paper) -> Finding:
    """Return the finding about the p value."""
    (found,) = (f for f in p_of_statistic(paper) if f.number == "p.p")
    return found


def of_statistic(paper: Paper) -> Finding:
    """Return the finding about the statistic."""
    (found,) = (f for f in p_of_statistic(paper) if f.number == "p.statistic")
    return found


# R 4.2.2: pchisq(1.86, 1, lower = FALSE) 0.1726; 2 * pt(-2.30, 38) 0.0270; 2 * pt(-2.30, 28.4)
# 0.0291; pf(3.10, 2, 37, lower = FALSE) 0.0569; 2 * pnorm(-2.18) 0.0293
@pytest.mark.parametrize(
    ("statistic", "df", "claimed", "p", "verdict"),
    [
        ("1.86", "1", "pearson_chi_square", "0.173", "consistent"),
        ("1.86", "1", "pearson_chi_square", "0.172", "consistent"),
        ("1.86", "1", "pearson_chi_square", "0.872", "inconsistent"),
        ("1.86", "1", None, "0.173", "consistent"),
        ("-2.30", "38", "student_t", "0.027", "consistent"),
        ("2.30", "28.4", "welch_t", "0.029", "consistent"),
        ("2.30", "38", "student_t", "0.207", "inconsistent"),
        ("2.30", "38", "student_t", "0.0135", "untestable"),  # the one-sided p
        ("2.30", None, "student_t", "0.027", "consistent"),
        ("2.30", None, "welch_t", "0.027", "untestable"),
        ("3.10", "2, 37", None, "0.057", "consistent"),
        ("3.10", "2, 37", None, "0.570", "inconsistent"),
        ("-2.18", None, "mann_whitney", "0.029", "consistent"),
        ("-2.18", None, "mann_whitney", "0.290", "inconsistent"),
        ("2.18", None, None, "0.029", "consistent"),
        ("2.18", None, None, "0.290", "untestable"),
        ("100", None, "mann_whitney", "0.029", "consistent"),
        ("251", None, "mann_whitney", "0.029", "consistent"),
        ("100", None, "mann_whitney", "0.090", "untestable"),
        ("1.86", None, "fisher_exact", "0.246", "untestable"),
        ("1.86", "1", "fisher_exact", "0.246", "untestable"),
        ("12.3", "1", "pearson_chi_square", "<0.001", "consistent"),
        (">10", "1", "pearson_chi_square", "0.001", "consistent"),
        ("1.86", "0", "pearson_chi_square", "0.173", "untestable"),
        ("1.86", None, "pearson_chi_square", "0.173", "untestable"),
        ("1.86", None, "linear_by_linear", "0.173", "consistent"),
        ("1.86", None, "kruskal_wallis", "0.173", "consistent"),
    ],
)
def test_verdicts(
    statistic: str, df: str | None, claimed: str | None, p: str, verdict: str
) -> None:
    """Each kind of statistic, with and without its degrees of freedom."""
    assert of_p(paper_of(statistic, p, claimed, df)).verdict == verdict


def test_an_inconsistent_p_says_what_heals_it() -> None:
    """Chi-square 1.86 gives 0.172 to 0.173: the 8 of 0.872 is a wrong digit."""
    found = of_p(paper_of("1.86", "0.872", "pearson_chi_square", "1"))
    assert found.explanation == (
        "chi-square with 1 degree of freedom of 1.86 gives 0.172 to 0.173, not 0.872"
    )
    assert "0.172 instead of 0.872 (one digit wrong) would agree" in found.suggestion
    swapped = of_p(paper_of("2.03", "0.027", "student_t", "38"))
    assert "2.30 instead of 2.03 (two digits swapped) would agree" in swapped.suggestion


@pytest.mark.parametrize(("df", "claimed"), [("1", "pearson_chi_square"), ("2, 37", None)])
def test_a_negative_chi_square_or_f_is_no_such_statistic(df: str, claimed: str | None) -> None:
    """A sum of squares is not below 0."""
    found = of_statistic(paper_of("-1.86", "0.173", claimed, df))
    assert found.verdict == "inconsistent"
    assert found.explanation.endswith("is never negative")


def test_degrees_of_freedom_follow_from_the_counts() -> None:
    """A table of two groups and two levels has one."""
    paper = paper_of("1.86", "0.172", "pearson_chi_square", counts=("5", "5"))
    assert {f.verdict for f in p_of_statistic(paper)} == {"consistent"}


def test_no_statistic_no_finding() -> None:
    """A p value alone is for other checks."""
    assert list(p_of_statistic(paper_of(None, "0.172", "pearson_chi_square"))) == []


@given(
    st.floats(-6, 6),
    st.integers(1, 80),
    st.sampled_from(["chi", "t", "F", "z"]),
    st.integers(1, 3),
    st.integers(2, 4),
)
def test_no_true_p_is_accused(value: float, df: int, kind: str, decimals: int, digits: int) -> None:
    """Whatever the statistic and its digits, the p by scipy agrees, named or not."""
    size = abs(value)
    p, shown, text_df, claimed = {
        "chi": (stats.chi2.sf(size, df), size, str(df), "pearson_chi_square"),
        "t": (2 * stats.t.sf(size, df), value, str(df), "student_t"),
        "F": (stats.f.sf(size, 3, df), size, f"3, {df}", None),
        "z": (2 * stats.norm.sf(size), value, None, "wilcoxon_signed_rank"),
    }[kind]
    for name in (claimed, None):
        paper = paper_of(f"{shown:.{decimals}f}", f"{p:.{digits}f}", name, text_df)
        assert of_p(paper).verdict == "consistent"
