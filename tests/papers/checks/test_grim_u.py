"""P values of Mann-Whitney tests held against the sizes of the groups."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.grim_u import grim_u
from myocohort.papers.entries import Count, Group, Mean, PValue, Size, Variable
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import interval
from myocohort.papers.u_values import (
    CORRECTED,
    EXACT,
    UNCORRECTED,
    exact_with_ties,
    ways_with_ties,
    ways_without_ties,
)


def paper_of(
    p: str,
    sizes: tuple[int, ...] = (13, 27),
    claimed: str | None = "mann_whitney",
    *,
    ties: bool = False,
    declared: bool = True,
    means: tuple[Mean, ...] = (),
    counts: tuple[Count, ...] = (),
) -> Paper:
    """Return a paper with a p value and the sizes of its groups."""
    names = tuple(f"g{i}" for i in range(max(len(sizes), 2)))
    return Paper(
        title="A paper",
        groups={name: Group(label=f"group {name}") for name in names},
        variables={"x": Variable(ties=ties)},
        size=tuple(
            Size(id=f"s{i}", place="T", group=f"g{i}", n=str(n)) for i, n in enumerate(sizes)
        ),
        missing_declared=declared,
        mean=means,
        count=counts,
        p=(PValue(id="p", place="T", variable="x", groups=names, p=p, claimed=claimed),),
    )


def only(paper: Paper) -> Finding:
    """Return the one finding about a paper."""
    (found,) = grim_u(paper)
    return found


def test_thirteen_of_thirty_one_values_exist() -> None:
    """Heathers & Grimes's arithmetic at 13 v 27, uncorrected and without ties, from .020 to .050.

    A second calculation: every whole U through the normal distribution, printed with "%.3f".
    """
    texts = [f"0.{thousandths:03d}" for thousandths in range(20, 51)]
    there = [
        text
        for text in texts
        if any(way.by == UNCORRECTED for way in ways_without_ties(13, 27, interval(text)))
    ]
    assert len(texts) == 31
    assert len(there) == 13
    spread = (13 * 27 * 41 / 12) ** 0.5
    every = {f"{2 * stats.norm.sf(abs(u - 175.5) / spread):.3f}" for u in range(352)}
    assert there == [text for text in texts if text in every]


def test_the_reference_paper(reference_paper: Paper) -> None:
    """No p of Table 3 is an exact one at 16 v 9; all exist with ties, those of the text without."""
    found = {f.number: f for f in grim_u(reference_paper)}
    assert len(found) == 14
    assert {f.verdict for f in found.values()} == {"consistent"}
    table3 = [f for number, f in found.items() if number.startswith("table3.")]
    assert len(table3) == 10
    assert not any(EXACT in f.fits for f in table3)
    assert sum("with ties" in f.explanation for f in table3) == 9
    every = {
        f"{2 * min(tail, 1 - tail + mass):.3f}"
        for tail, mass in _tails_of_16_and_9()
        if 2 * min(tail, 1 - tail + mass) <= 1
    }
    printed = {f.printed for f in table3}
    assert not printed & every
    assert found["text.onset_age.p"].fits == (UNCORRECTED, EXACT)


def _tails_of_16_and_9() -> list[tuple[float, float]]:
    """Return P(U <= u) and P(U = u) of 16 v 9, counted by sums of ranks of the nine."""
    ways = {(0, 0): 1}
    for rank in range(1, 26):
        more = dict(ways)
        for (chosen, total), count in ways.items():
            if chosen < 9:
                key = (chosen + 1, total + rank)
                more[key] = more.get(key, 0) + count
        ways = more
    sums = sorted((total, n) for (chosen, total), n in ways.items() if chosen == 9)
    every = sum(n for _, n in sums)
    below = list(itertools.accumulate(n for _, n in sums))
    return [(b / every, n / every) for b, (_, n) in zip(below, sums, strict=True)]


@pytest.mark.parametrize(
    ("p", "by"), [("0.029", UNCORRECTED), ("0.030", CORRECTED), ("0.029", EXACT)]
)
def test_a_p_that_exists_is_consistent(p: str, by: str) -> None:
    """U = 100: R's 2 * pwilcox(100, 13, 27) is 0.02899; pnorm gives 0.02924, corrected 0.03033."""
    found = only(paper_of(p))
    assert found.verdict == "consistent"
    assert by in found.fits
    assert "U = 100 gives" in found.explanation


def test_a_p_that_no_u_gives_is_inconsistent() -> None:
    """9 v 8 patients without ties: by scipy's three forms, one-sided too, 0.025 is skipped."""
    sizes = (9, 8)
    values, one_sided = set(), set()
    for u in range(73):
        one, two = _samples(u, *sizes)
        for kind, corrected in (("exact", False), ("asymptotic", False), ("asymptotic", True)):
            p = stats.mannwhitneyu(one, two, method=kind, use_continuity=corrected).pvalue
            values.add(f"{p:.3f}")
            one_sided.add(f"{p / 2:.3f}")
    possible = [f"0.{i:03d}" for i in range(20, 60)]
    skipped = [p for p in possible if p not in values | one_sided]
    assert len(skipped) > 5
    for p in possible:
        found = only(paper_of(p, sizes))
        expected = "untestable" if p in one_sided else "inconsistent"
        assert found.verdict == ("consistent" if p in values else expected)
    found = only(paper_of(skipped[0], sizes))
    assert "The nearest without ties are" in found.explanation
    assert only(paper_of(skipped[0], sizes, ties=True)).verdict == "consistent"


def _samples(u: int, n1: int, n2: int) -> tuple[list[float], list[float]]:
    """Return two samples without ties whose first has the statistic u."""
    two = [float(2 * j) for j in range(n2)]
    one = []
    for i in range(n1):
        beaten = min(n2, u)
        u -= beaten
        one.append(2.0 * beaten - 1 + i / 100)
    return one, two


def test_the_exact_test_may_be_claimed() -> None:
    """A p of the asymptotic test under the name of the exact one is said."""
    found = only(paper_of("0.050", (3, 3), "mann_whitney_exact"))
    assert found.fits == (UNCORRECTED,)
    assert "the claimed Exact Mann-Whitney U test does not" in found.explanation
    assert only(paper_of("0.100", (3, 3), "mann_whitney_exact")).fits[-1] == EXACT


def test_small_groups_exclude_much_even_with_ties() -> None:
    """3 v 3: exact p values are multiples of 1/20, and no ties make the others as small as .001."""
    assert only(paper_of("<0.001", (3, 3), ties=True)).verdict == "inconsistent"
    assert only(paper_of("0.200", (3, 3), ties=True)).verdict != "inconsistent"
    assert exact_with_ties(3, 3, interval("0.300"))
    assert not exact_with_ties(3, 3, interval("0.330"))


def test_undeclared_missing_values_leave_it_open() -> None:
    """A p that 9 v 8 cannot have but 9 v 7 can."""
    lacking = next(
        p
        for p in (f"0.{i:03d}" for i in range(20, 60))
        if not ways_without_ties(9, 8, interval(p)) and ways_without_ties(9, 7, interval(p))
    )
    found = only(paper_of(lacking, (9, 8), declared=False))
    assert found.verdict == "untestable"
    assert "does not say how many have none" in found.explanation


def test_a_p_that_a_t_test_gives_is_not_accused() -> None:
    """A p of Student's t test under the name of a rank test is a finding of p_of_means."""
    rows = (("10.00", "2.00", 9), ("12.00", "2.10", 8))
    means = tuple(
        Mean(id=f"m{i}", place="T", variable="x", group=f"g{i}", mean=m, sd=s, n=str(n))
        for i, (m, s, n) in enumerate(rows)
    )
    for i in range(40, 90):
        p = f"0.{i:03d}"
        if not ways_without_ties(9, 8, interval(p)):
            verdict = only(paper_of(p, (9, 8), means=means)).verdict
            student = stats.ttest_ind_from_stats(10, 2, 9, 12, 2.1, 8).pvalue
            if f"{student:.3f}" == p:
                assert verdict == "untestable"
    assert "untestable" in {
        only(paper_of(f"0.{i:03d}", (9, 8), means=means)).verdict for i in range(40, 90)
    }


def test_sizes_that_are_not_printed() -> None:
    """Without sizes nothing is known."""
    found = only(paper_of("0.022", ()))
    assert (found.verdict, found.explanation) == (
        "untestable",
        "the paper prints no size of the group g0",
    )


def test_it_speaks_of_rank_tests_of_two_groups_alone() -> None:
    """Other claims, three groups and variables with counts are for other checks."""
    counts = tuple(Count(id=f"c{i}", place="T", variable="x", group=f"g{i}", n="5") for i in (0, 1))
    for paper in (
        paper_of("0.022", claimed="student_t"),
        paper_of("0.022", claimed=None),
        paper_of("0.022", (9, 8, 7)),
        paper_of("0.022", counts=counts),
    ):
        assert list(grim_u(paper)) == []


def test_arrangements_of_few_patients_are_all_there_are() -> None:
    """4 v 3 patients with values from 1 to 3: every p by scipy is reached, and few other ones."""
    values = set()
    for ranks in itertools.product(range(3), repeat=7):
        one, two = sorted(ranks[:4]), sorted(ranks[4:])
        if len(set(ranks)) > 1 and (one, two) == (list(ranks[:4]), list(ranks[4:])):
            p = stats.mannwhitneyu(one, two, method="asymptotic", use_continuity=False).pvalue
            values.add(f"{p:.3f}")
    reached = {
        f"{i / 1000:.3f}"
        for i in range(1001)
        if any(w.by == UNCORRECTED for w in ways_with_ties(4, 3, interval(f"{i / 1000:.3f}")))
    }
    assert values <= reached
    assert len(reached) < 150


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=14),
    st.lists(st.integers(0, 12), min_size=2, max_size=14),
    st.booleans(),
    st.integers(2, 4),
)
def test_no_true_p_is_accused(one: list[int], two: list[int], corrected: bool, digits: int) -> None:
    """Samples with ties, the p by scipy: it is always reachable, and without ties it is so said."""
    if len({*one, *two}) == 1:
        return
    p = stats.mannwhitneyu(one, two, method="asymptotic", use_continuity=corrected).pvalue
    text = f"{p:.{digits}f}"
    tied = len({*one, *two}) < len(one) + len(two)
    found = only(paper_of(text, (len(one), len(two)), ties=tied))
    assert found.verdict == "consistent"
    assert any((CORRECTED if corrected else UNCORRECTED) in by for by in found.fits) or tied


@given(st.permutations(range(14)), st.integers(2, 12), st.sampled_from(["exact", "asymptotic"]))
def test_no_true_p_without_ties_is_accused(order: list[int], n1: int, method: str) -> None:
    """Permutations of 14 values, the p by scipy."""
    p = stats.mannwhitneyu(np.array(order[:n1]), np.array(order[n1:]), method=method).pvalue
    found = only(paper_of(f"{p:.3f}", (n1, 14 - n1)))
    assert found.verdict == "consistent"
    assert (EXACT if method == "exact" else CORRECTED) in found.fits


def test_several_comparisons_may_be_adjusted_for() -> None:
    """A p that exists for no U is left open where the variable is compared more than once."""
    paper = paper_of("0.025", (9, 8), declared=True)
    assert only(paper).verdict == "inconsistent"
    other = paper.p[0].model_copy(update={"id": "q", "groups": ("g0", "g2")})
    groups = {**paper.groups, "g2": Group(label="third group")}
    several = paper.model_copy(update={"p": (*paper.p, other), "groups": groups})
    found = next(iter(grim_u(several)))
    assert found.verdict == "untestable"
    assert "adjusted for 3 comparisons" in found.explanation
