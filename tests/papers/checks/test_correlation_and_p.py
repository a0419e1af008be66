from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_papers import MANNERS, Printer
from scipy import stats

from myocohort.papers.checks.correlation_and_p import correlation_and_p
from myocohort.papers.checks.finding import Finding
from myocohort.papers.correlation_procedures import PROCEDURES
from myocohort.papers.entries import Correlation, Group, Missing, Size
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, interval
from myocohort.stats.spearman import exact_spearman, spearman

BY = {procedure.label: procedure for procedure in PROCEDURES}


def paper_of(
    r: str, p: str | None, n: int | None, claimed: str | None = "spearman", *, declared: bool = True
) -> Paper:
    """Return a paper with one correlation of n patients."""
    return Paper(
        title="t",
        missing_declared=declared,
        groups={"all": Group(label="patients")},
        size=() if n is None else (Size(id="s", place="Methods", group="all", n=str(n)),),
        correlation=(
            Correlation(
                id="c", place="Text", x="ck", y="strength", group="all", r=r, p=p, claimed=claimed
            ),
        ),
    )


def only(
    r: str, p: str, n: int | None, claimed: str | None = "spearman", *, declared: bool = True
) -> Finding:
    """Return the finding about the p of one correlation."""
    (found,) = correlation_and_p(paper_of(r, p, n, claimed, declared=declared))
    return found


def at(label: str, r: float, n: int) -> float:
    """Return the p of one procedure."""
    p = BY[label].p(abs(r), n)
    assert p is not None
    return p


# R 4: x <- 1:12; cor.test(x, y, method = "spearman") and method = "kendall", exact = TRUE, then
# FALSE, for y = 9,4,7,1,2,5,3,8,6,11,12,10 and 5,10,6,7,1,9,12,11,8,4,2,3.
FROM_R = [
    (0.531468531468532, 0.0793029394097802, 0.39393939393939, 0.0863171145983646, 0.07460482156057),
    (-0.244755244755245, 0.443504275627885, -0.15151515151515, 0.545204700777617, 0.49288623517292),
]


@pytest.mark.parametrize(("rho", "edgeworth", "tau", "exact", "normal"), FROM_R)
def test_p_values_of_r(
    rho: float, edgeworth: float, tau: float, exact: float, normal: float
) -> None:
    """R's p values of 12 pairs: Spearman by the Edgeworth series, Kendall by both methods."""
    series = at("Spearman's rank correlation, p by an Edgeworth series", rho, 12)
    assert series == pytest.approx(edgeworth, rel=1e-12)
    assert at("Kendall's tau, exact p, no ties", tau, 12) == pytest.approx(exact, rel=1e-12)
    by_normal = at("Kendall's tau, p by the normal approximation", tau, 12)
    assert by_normal == pytest.approx(normal, rel=1e-12)


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_exact_p_over_all_orders(n: int) -> None:
    """Each rho of n pairs has the p that the test gives for an order with it."""
    listed = dict(exact_spearman(n))
    for order in itertools.permutations(range(n)):
        result = spearman(range(n), order, method="exact")
        assert result.estimate is not None
        near = min(listed, key=lambda rho: abs(rho - result.estimate))
        assert near == pytest.approx(result.estimate, abs=1e-12)
        assert listed[near] == pytest.approx(result.p, rel=1e-12)


def test_the_reference_paper(reference_paper: Paper) -> None:
    """A rho of 0.818 of 29 patients has t = 7.39 with 27 degrees of freedom, and p < 0.001."""
    (found,) = correlation_and_p(reference_paper)
    assert found.verdict == "consistent"
    assert found.claimed == "Spearman's rank correlation"
    assert found.fits[0] == "Spearman's rank correlation, p by the t approximation"
    t = 0.818 * (27 / (1 - 0.818**2)) ** 0.5
    assert t == pytest.approx(7.39, abs=0.005)
    assert 2 * stats.t.sf(t, 27) < 0.001


def test_a_wrong_digit_is_found() -> None:
    """An r of -0.41 of 52 pairs has p = 0.0025 (t = 3.18, 50 degrees of freedom), not 0.03."""
    assert 2 * stats.t.sf(0.41 * (50 / (1 - 0.41**2)) ** 0.5, 50) == pytest.approx(0.0025, abs=5e-5)
    assert only("-0.41", "0.003", 52).verdict == "consistent"
    found = only("-0.41", "0.030", 52)
    assert found.verdict == "inconsistent"
    assert found.number == "c.p"
    assert found.against == ("c.r",)
    assert "0.003" in found.suggestion


def test_another_coefficient_is_a_finding_about_methods() -> None:
    """0.015 is the p of Kendall's tau of 12 pairs, not of Spearman's rho."""
    found = only("0.53", "0.015", 12)
    assert found.verdict == "consistent"
    assert found.fits
    assert not any("Spearman" in name for name in found.fits)
    assert "not with the claimed Spearman" in found.explanation


def test_undeclared_missing_values_are_not_accused() -> None:
    """0.280 is too large a p for 12 pairs with r = 0.53, but not for 6 (t = 1.25)."""
    assert only("0.53", "0.280", 12).verdict == "inconsistent"
    found = only("0.53", "0.280", 12, declared=False)
    assert found.verdict == "untestable"
    assert "with 6 of the 12 patients" in found.explanation
    assert only("0.53", "0.001", 12, declared=False).verdict == "inconsistent"


def test_missing_values_of_either_variable_count() -> None:
    """With 2 and 3 of 12 patients missing between 7 and 9 pairs are left."""
    missing = tuple(
        Missing(id=f"w.{name}", place="T", variable=name, group="all", n=n)
        for name, n in (("ck", "2"), ("strength", "3"))
    )
    paper = paper_of("0.53", "0.220", 12, declared=False).model_copy(update={"missing": missing})
    (found,) = correlation_and_p(paper)
    assert "of 9 pairs" in found.explanation
    assert found.verdict == "untestable"


@pytest.mark.parametrize(
    ("r", "p", "n", "claimed", "reason"),
    [
        ("0.53", "0.08", None, "spearman", "no number"),
        (">0.5", "0.08", 12, "spearman", "no usual procedure"),
        ("0.53", "0.08", 2, "spearman", "no usual procedure"),
        ("0.53", "0.08", 12, "student_t", "no correlation"),
        ("0.53", "0.13", 12, None, "which correlation"),
    ],
)
def test_what_cannot_be_tested(
    r: str, p: str, n: int | None, claimed: str | None, reason: str
) -> None:
    """No size, an inequality, two pairs, another test, an unnamed coefficient near the usual p."""
    found = only(r, p, n, claimed)
    assert found.verdict == "untestable"
    assert reason in found.explanation


def test_without_a_p_nothing_is_said() -> None:
    """A correlation alone has nothing to be held against."""
    assert not list(correlation_and_p(paper_of("0.53", None, 12)))


def test_perfect_and_missing_association() -> None:
    """An r of 1.00 may be a little less than 1; r = 0.00 has a p near 1."""
    assert only("1.00", "<0.001", 12).verdict == "consistent"
    assert only("0.00", "1.00", 8).verdict == "consistent"
    assert only("0.00", "0.01", 8).verdict == "inconsistent"


def test_p_ranges_cover_every_r_within_rounding() -> None:
    """The range of p is that at the two ends of the interval of r, or up to 1 across zero."""
    pearson = BY["Pearson's correlation"]
    found = pearson.p_range(interval("-0.40"), 20)
    assert isinstance(found, Interval)
    ends = [2 * stats.t.sf(r * (18 / (1 - r * r)) ** 0.5, 18) for r in (0.395, 0.405)]
    assert [float(found.high or 0), float(found.low or 0)] == pytest.approx(ends, rel=1e-8)
    across = pearson.p_range(interval("0.00"), 20)
    assert across is not None
    assert across.high == 1


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=4, max_size=40),
    st.sampled_from(MANNERS),
    st.integers(1, 3),
    st.integers(1, 4),
    st.booleans(),
)
def test_no_true_p_is_accused(
    pairs: list[tuple[int, int]], manner: str, digits: int, p_digits: int, exact: bool
) -> None:
    """Spearman's p of made pairs, with and without ties, by t or over all orders."""
    if len({x for x, _ in pairs}) < 2 or len({y for _, y in pairs}) < 2:
        return
    x, y = zip(*pairs, strict=True)
    result = spearman(x, y, method="auto" if exact else "t")
    if result.p is None or result.estimate is None:
        return
    printer = Printer(manner, "nearest")
    found = only(printer.number(result.estimate, digits), printer.p(result.p, p_digits), len(x))
    assert found.verdict == "consistent"
    assert any(name.startswith("Spearman") for name in found.fits)


@given(
    st.lists(
        st.tuples(st.floats(-50, 50).map(lambda v: round(v, 3)), st.integers(-20, 20)),
        min_size=4,
        max_size=60,
    ),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_no_true_p_of_pearson_is_accused(
    pairs: list[tuple[float, int]], digits: int, p_digits: int
) -> None:
    """The p that scipy gives for r of made pairs, when the paper names no coefficient."""
    if len({x for x, _ in pairs}) < 2 or len({y for _, y in pairs}) < 2:
        return
    x, y = zip(*pairs, strict=True)
    r, p = stats.pearsonr(x, y)
    printer = Printer("printf", "nearest")
    found = only(printer.number(float(r), digits), printer.p(float(p), p_digits), len(x), None)
    assert found.verdict == "consistent"
