"""P values held against printed means, SDs and sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.p_of_means import p_of_means
from myocohort.papers.entries import Group, Mean, PValue, Size
from myocohort.papers.mean_procedures import Summary, p_ranges
from myocohort.papers.paperfile import Paper

STUDENT = "Student's t test (equal variances)"
WELCH = "Welch's t test (unequal variances)"


def paper_of(
    rows: list[tuple[str, str | None, int]],
    p: str,
    claimed: str | None = "student_t",
    *,
    declared: bool = True,
    n_beside: bool = False,
) -> Paper:
    """Return a paper with mean, SD and size of each group."""
    names = [f"g{i}" for i in range(len(rows))]
    return Paper(
        title="A paper",
        groups={name: Group(label=f"group {name}") for name in names},
        size=tuple(
            Size(id=f"s{i}", place="T", group=f"g{i}", n=str(n)) for i, (*_, n) in enumerate(rows)
        ),
        missing_declared=declared,
        mean=tuple(
            Mean(
                id=f"m{i}",
                place="T",
                variable="x",
                group=f"g{i}",
                mean=mean,
                sd=sd,
                n=str(n) if n_beside else None,
            )
            for i, (mean, sd, n) in enumerate(rows)
        ),
        p=(PValue(id="p", place="T", variable="x", groups=tuple(names), p=p, claimed=claimed),),
    )


def only(paper: Paper) -> Finding:
    """Return the one finding about a paper."""
    (found,) = p_of_means(paper)
    return found


AGES = [("37.26", "18.06", 27), ("50.77", "15.77", 13)]
NO_DECIMALS = [("0.92", "0", 6), ("1.86", "3", 117)]


def test_the_reference_paper(reference_paper: Paper) -> None:
    """Onset age fits no t test; BAFF-R and CD19 fit Student's, and BAFF both, within rounding."""
    found = {f.number: f for f in p_of_means(reference_paper)}
    verdicts = {number: (f.verdict, f.fits) for number, f in found.items()}
    assert verdicts == {
        "text.onset_age.p": ("untestable", ()),
        "table4.baff.p": ("consistent", (STUDENT, WELCH)),
        "table4.baff_r.p": ("consistent", (STUDENT,)),
        "table4.cd19.p": ("consistent", (STUDENT,)),
    }
    age = found["text.onset_age.p"].explanation
    assert f"{STUDENT} gives 0.027, {WELCH} gives 0.022 to 0.023" in age
    assert f"{STUDENT} gives 0.023 to 0.057" in found["table4.baff_r.p"].explanation


@pytest.mark.parametrize(
    ("p", "claimed", "verdict", "fits"),
    [
        ("0.027", "student_t", "consistent", (STUDENT,)),
        ("0.023", "welch_t", "consistent", (WELCH,)),
        ("0.023", "student_t", "consistent", (WELCH,)),
        ("0.072", "student_t", "inconsistent", ()),
        ("0.027", "mann_whitney", "consistent", (STUDENT,)),
        ("0.072", "mann_whitney", "untestable", ()),
        ("0.072", None, "untestable", ()),
        ("0.072", "kruskal_wallis", "untestable", ()),
        ("0.013", "student_t", "untestable", ()),  # the one-sided p
        ("<0.05", "student_t", "consistent", (STUDENT, WELCH)),
        (">0.05", "student_t", "inconsistent", ()),
    ],
)
def test_verdicts_by_printed_p(
    p: str, claimed: str | None, verdict: str, fits: tuple[str, ...]
) -> None:
    """Student gives 0.02678 and Welch 0.02262 for these ages, see the goldens."""
    found = only(paper_of(AGES, p, claimed))
    assert (found.verdict, found.fits) == (verdict, fits)


def test_the_goldens() -> None:
    """R: 2 * pt(-abs(t), df) by the two formulas, 0.026780957 and 0.022619532."""
    ages = (37.26, 18.06, 27, 50.77, 15.77, 13)
    assert stats.ttest_ind_from_stats(*ages).pvalue == pytest.approx(0.026780957, rel=1e-7)
    welch = stats.ttest_ind_from_stats(*ages, equal_var=False).pvalue
    assert welch == pytest.approx(0.022619532, rel=1e-7)
    exact = [Summary(27, (37.26, 37.26), (18.06, 18.06)), Summary(13, (50.77,) * 2, (15.77,) * 2)]
    found = {q.name: (r.low, r.high) for q, r in p_ranges(exact)}
    assert found["student_t"] == pytest.approx((0.026780957, 0.026780957), rel=1e-7)
    assert found["welch_t"] == pytest.approx((0.022619532, 0.022619532), rel=1e-7)


def test_sds_without_decimals_can_be_reproduced() -> None:
    """INSPECT-SR fixture: SD 0 and 3 stand for up to 0.5 and for 2.5 to 3.5; Welch gives .002.

    R, by Welch's formula: P = 0.00095838 as printed (0 and 3), 0.0020792 with SDs of 0.1 and
    3.2, which are printed so; Student's test as printed gives 0.446.
    """
    found = only(paper_of(NO_DECIMALS, "0.002", "welch_t"))
    assert (found.verdict, found.fits) == ("consistent", (WELCH,))
    inside = stats.ttest_ind_from_stats(0.92, 0.1, 6, 1.86, 3.2, 117, equal_var=False).pvalue
    assert inside == pytest.approx(0.0020792, abs=5e-8)
    assert only(paper_of(NO_DECIMALS, "0.002", "student_t")).verdict == "consistent"
    assert only(paper_of(NO_DECIMALS, "0.100", "student_t")).verdict == "inconsistent"


def test_an_inconsistent_p_says_what_heals_it() -> None:
    """0.072 is 0.027 with two digits swapped."""
    found = only(paper_of(AGES, "0.072"))
    assert found.computed == "0.027"
    assert found.suggestion == "0.027 instead of 0.072 (two digits swapped) would agree"
    assert found.claimed == "Student's t test"
    assert found.against == ("m0.mean", "m0.sd", "m1.mean", "m1.sd")


def test_undeclared_missing_values_leave_it_open() -> None:
    """With 11 instead of 13 patients P is 0.037 by Student's test (R)."""
    p = f"{stats.ttest_ind_from_stats(37.26, 18.06, 27, 50.77, 15.77, 11).pvalue:.3f}"
    found = only(paper_of(AGES, p, declared=False))
    assert found.verdict == "untestable"
    assert "27 and 11 patients" in found.explanation
    assert only(paper_of(AGES, p)).verdict == "inconsistent"
    assert only(paper_of(AGES, p, declared=False, n_beside=True)).verdict == "inconsistent"


def test_an_sd_that_is_the_sem_is_named() -> None:
    """With 3.48 and 4.37 (SD / sqrt(n)) in the place of the SDs, the p is that of the SEM."""
    rows = [("37.26", "3.48", 27), ("50.77", "4.37", 13)]
    found = only(paper_of(rows, "0.027"))
    assert found.verdict == "inconsistent"
    assert "if what is printed as SD were the SEM" in found.suggestion


def test_three_groups() -> None:
    """The F of three means by hand, its tail by scipy; a p of no analysis may be of ranks."""
    rows = [("5.0", "2.0", 10), ("6.0", "2.5", 12), ("8.0", "3.0", 8)]
    between = 10 * 5**2 + 12 * 6**2 + 8 * 8**2 - (50 + 72 + 64) ** 2 / 30
    within = 9 * 4 + 11 * 6.25 + 7 * 9
    p = stats.f.sf(between / 2 / (within / 27), 2, 27)
    for claimed, other in ((None, "untestable"), ("kruskal_wallis", "untestable")):
        found = only(paper_of(rows, f"{p:.3f}", claimed))
        assert found.verdict == "consistent"
        assert "One-way analysis of variance" in found.fits
        assert only(paper_of(rows, "0.500", claimed)).verdict == other


@pytest.mark.parametrize(
    "rows",
    [
        [("37.26", None, 27), ("50.77", "15.77", 13)],
        [("37.26", "18.06", 27), ("<50", "15.77", 13)],
        [("37.26", "-18.06", 27), ("50.77", "15.77", 13)],
        [("37.26", "18.06", 0), ("50.77", "15.77", 13)],
        [("37.26", "18.06", 1), ("50.77", "15.77", 1)],
    ],
)
def test_what_cannot_be_computed_is_not_judged(rows: list[tuple[str, str | None, int]]) -> None:
    """A missing SD, an inequality, a negative SD and groups of nobody or of one."""
    assert {f.verdict for f in p_of_means(paper_of(rows, "0.500"))} <= {"untestable"}


def test_groups_that_may_not_vary() -> None:
    """SDs of 0.0 may stand for none at all: then P is as small as one likes, and 1 for one mean."""
    ranges = {q.name: r for q, r in p_ranges([Summary(5, (1, 1), (0, 0))] * 2)}
    assert {r.high for r in ranges.values()} == {1.0}
    apart = [Summary(5, (1, 1), (0, 0.1)), Summary(5, (2, 2), (0, 0.1)), Summary(5, (3, 3), (0, 1))]
    assert all(r.low < 1e-9 for _, r in p_ranges(apart))


groups = st.lists(
    st.tuples(
        st.floats(-20, 80, allow_subnormal=False),
        st.floats(0.01, 30, allow_subnormal=False),
        st.integers(2, 60),
    ),
    min_size=2,
    max_size=4,
)


def welch_anova(means: np.ndarray, sds: np.ndarray, n: np.ndarray) -> float:
    """Return the p of Welch's analysis of variance, as R's oneway.test writes it."""
    k, w = len(n), n / sds**2
    h = ((1 - w / w.sum()) ** 2 / (n - 1)).sum() / (k**2 - 1)
    centre = (w * means).sum() / w.sum()
    f = (w * (means - centre) ** 2).sum() / ((k - 1) * (1 + 2 * (k - 2) * h))
    return float(stats.f.sf(f, k - 1, 1 / (3 * h)))


@given(groups, st.integers(0, 2), st.integers(0, 2), st.integers(2, 4), st.data())
def test_no_true_p_is_accused(
    rows: list[tuple[float, float, int]], of_mean: int, of_sd: int, digits: int, data: st.DataObject
) -> None:
    """Whatever the true means and SDs, the p by scipy or R's formula lies in the range."""
    means, sds, n = (np.array(column) for column in zip(*rows, strict=True))
    if len(rows) == 2:
        which = data.draw(st.sampled_from(["student_t", "welch_t"]))
        (m1, m2), (s1, s2), (n1, n2) = means, sds, n
        equal = which == "student_t"
        p = float(stats.ttest_ind_from_stats(m1, s1, n1, m2, s2, n2, equal_var=equal).pvalue)
        label = STUDENT if equal else WELCH
    else:
        which = None
        if data.draw(st.booleans()):
            label, p = "Welch's analysis of variance", welch_anova(means, sds, n)
        else:
            centre = (n * means).sum() / n.sum()
            between = (n * (means - centre) ** 2).sum() / (len(n) - 1)
            within = ((n - 1) * sds**2).sum() / (n.sum() - len(n))
            label = "One-way analysis of variance"
            p = float(stats.f.sf(between / within, len(n) - 1, n.sum() - len(n)))
    text = f"{p:.{digits}f}" if p >= 0.0005 else "<0.001"
    printed = [(f"{m:.{of_mean}f}", f"{s:.{of_sd}f}", size) for m, s, size in rows]
    found = only(paper_of(printed, text, which))
    assert found.verdict == "consistent"
    assert label in found.fits


@given(
    st.tuples(st.floats(0, 3), st.floats(0, 3)),
    st.tuples(st.floats(0.1, 5), st.floats(0, 1)),
    st.tuples(st.floats(0.1, 5), st.floats(0, 1)),
    st.tuples(st.integers(2, 9), st.integers(2, 9)),
    st.tuples(*[st.floats(0, 1)] * 3),
)
def test_the_range_of_welchs_p_holds_what_lies_inside(
    mean: tuple[float, float],
    sd1: tuple[float, float],
    sd2: tuple[float, float],
    n: tuple[int, int],
    at: tuple[float, float, float],
) -> None:
    """Wide intervals and small groups, where the p does not rise with each SD: a point inside."""
    one = Summary(n[0], (0.0, 0.0), (sd1[0], sd1[0] + sd1[1]))
    two = Summary(n[1], (mean[0], mean[0] + mean[1]), (sd2[0], sd2[0] + sd2[1]))
    inside = stats.ttest_ind_from_stats(
        0.0,
        sd1[0] + at[0] * sd1[1],
        n[0],
        mean[0] + at[1] * mean[1],
        sd2[0] + at[2] * sd2[1],
        n[1],
        equal_var=False,
    ).pvalue
    ranges = {q.name: r for q, r in p_ranges([one, two])}
    found = ranges["welch_t"]
    assert found.low * (1 - 1e-9) <= inside <= found.high * (1 + 1e-9)
    assert not math.isnan(found.low)
