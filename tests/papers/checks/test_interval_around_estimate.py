from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.interval_around_estimate import interval_around_estimate
from myocohort.papers.entries import Count, Group, Model, ModelTerm
from myocohort.papers.model_lines import Triple, may_be_profile
from myocohort.papers.paperfile import Paper
from myocohort.stats.logistic import fit_ml


def found_in(*terms: ModelTerm, claimed: str | None = "ml") -> tuple[Finding, ...]:
    """Return the findings about a regression table."""
    model = Model.model_validate(
        {"id": "t2", "place": "Table 2", "group": "all", "claimed": claimed, "terms": terms}
    )
    paper = Paper(title="t", groups={"all": Group(label="patients")}, model=(model,))
    return tuple(interval_around_estimate(paper))


def only(odds_ratio: str, low: str, high: str) -> Finding:
    """Return the finding about one odds ratio."""
    (found,) = found_in(ModelTerm(term="ild", odds_ratio=odds_ratio, low=low, high=high))
    return found


def coefficient(printed: str, low: str, high: str) -> Finding:
    """Return the finding about one coefficient."""
    (found,) = found_in(ModelTerm(term="age", coefficient=printed, low=low, high=high))
    return found


@pytest.mark.parametrize(
    ("odds_ratio", "low", "high"),
    [("19.57", "1.49", "256.53"), ("7.51", "1.03", "54.88"), ("39.70", "3.04", "518.38")],
)
def test_the_refitted_intervals_are_walds(odds_ratio: str, low: str, high: str) -> None:
    """The three intervals that R's glm gives for Table 2 are symmetric on the log scale."""
    assert only(odds_ratio, low, high).verdict == "consistent"


def test_the_misprint_is_named_with_the_number_that_heals_it() -> None:
    """7.51² / 54.88 = 1.028: the 4 of 41.03 is one digit too many."""
    found = only("7.51", "41.03", "54.88")
    assert found.verdict == "inconsistent"
    assert found.number == "t2.ild.low"
    assert found.computed == "1.03"
    assert found.suggestion == "1.03 instead of 41.03 (one digit too many) would agree"
    assert found.against == ("t2.ild.odds_ratio", "t2.ild.high")


@pytest.mark.parametrize(
    ("odds_ratio", "low", "high"),
    [  # R: exp(confint(glm(...))), ../shared/references/statistics.md
        ("19.57", "2.1037", "507.617"),
        ("7.51", "1.20756", "74.8906"),
        ("39.70", "4.59570", "1059.573"),
        ("28.1825", "3.0092", "1430.71"),  # exact conditional, the admissions example
        ("3.8982", "0.3234", "214.43"),
    ],
)
def test_profile_and_exact_intervals_are_not_accused(odds_ratio: str, low: str, high: str) -> None:
    """Profile and exact intervals are recognised as none of Wald's, and that is all."""
    found = only(odds_ratio, low, high)
    assert found.verdict == "untestable"
    assert "profile or exact" in found.explanation


def test_a_whole_table_of_profile_intervals_is_not_accused() -> None:
    """Three profile intervals beside each other recognise no Wald family."""
    found = found_in(
        ModelTerm(term="sex=male", odds_ratio="19.57", low="2.10", high="507.62"),
        ModelTerm(term="severe", odds_ratio="7.51", low="1.21", high="74.89"),
        ModelTerm(term="ild", odds_ratio="39.70", low="4.60", high="1059.57"),
    )
    assert {f.verdict for f in found} == {"untestable"}


def test_two_wald_lines_accuse_a_third_that_contains_its_estimate() -> None:
    """7.51 (1.03, 94.88) is no Wald interval, beside two that are so to three digits."""
    found = found_in(
        ModelTerm(term="sex=male", odds_ratio="19.57", low="1.49", high="256.53"),
        ModelTerm(term="severe", odds_ratio="7.51", low="1.03", high="94.88"),
        ModelTerm(term="ild", odds_ratio="39.70", low="3.04", high="518.38"),
    )
    assert [f.verdict for f in found] == ["consistent", "inconsistent", "consistent"]
    assert found[1].number == "t2.severe.high"
    assert found[1].suggestion == "54.88 instead of 94.88 (one digit wrong) would agree"


def test_one_wald_line_is_no_recognition() -> None:
    """A single symmetric interval may be symmetric by chance."""
    found = found_in(
        ModelTerm(term="severe", odds_ratio="7.51", low="1.03", high="94.88"),
        ModelTerm(term="ild", odds_ratio="39.70", low="3.04", high="518.38"),
    )
    assert [f.verdict for f in found] == ["untestable", "consistent"]


def test_lines_without_an_effect_recognise_nothing() -> None:
    """Near a ratio of 1 the intervals of all families are symmetric."""
    null = [ModelTerm(term=f"x{i}", odds_ratio="1.01", low="0.51", high="2.00") for i in range(5)]
    found = found_in(*null, ModelTerm(term="ild", odds_ratio="7.51", low="1.21", high="74.89"))
    assert found[-1].verdict == "untestable"


def test_reversed_limits_are_inconsistent() -> None:
    """An interval from 54.88 to 1.03 contains nothing, whatever the method."""
    found = only("7.51", "54.88", "1.03")
    assert found.verdict == "inconsistent"
    assert found.computed == ""


def test_an_inequality_leaves_nothing_to_compute_with() -> None:
    """A limit printed as >999 cannot be tested."""
    assert only("39.70", "3.04", ">999").verdict == "untestable"
    assert only("39.70", "<0.01", "999").verdict == "untestable"


def test_coarse_numbers_are_not_accused() -> None:
    """An odds ratio of 1.0 (0.9, 1.1) stands for a wide set of intervals."""
    assert only("1.0", "0.9", "1.1").verdict == "consistent"
    assert only("0.03", "0.00", "0.21").verdict == "consistent"


def test_a_coefficient_lies_in_the_middle_of_its_interval() -> None:
    """2.974 ± 1.959964 × 1.313 is 0.400 to 5.547; with 0.500 the middle would be 3.024."""
    assert coefficient("2.974", "0.400", "5.547").verdict == "consistent"
    assert coefficient("2.974", "0.500", "5.547").verdict == "untestable"
    assert coefficient("-2.974", "0.400", "5.547").verdict == "inconsistent"


def test_other_roundings_are_respected() -> None:
    """With b = 3.99 and SE 2.4 the limits are .4897 and 5966.487, which become .48 and 5966.48."""
    model = Model(
        id="t2",
        place="Table 2",
        group="all",
        terms=(ModelTerm(term="ild", odds_ratio="54.05", low="0.48", high="5966.48"),),
    )
    paper = Paper(title="t", groups={"all": Group(label="patients")}, model=(model,))
    assert next(iter(interval_around_estimate(paper))).verdict == "untestable"
    assert next(iter(interval_around_estimate(paper, "truncated"))).verdict == "consistent"


STYLES = {
    "half up": lambda value, d: str(
        Decimal(value).quantize(Decimal(1).scaleb(-d), rounding=ROUND_HALF_UP)
    ),
    "half even": lambda value, d: str(
        Decimal(value).quantize(Decimal(1).scaleb(-d), rounding=ROUND_HALF_EVEN)
    ),
    "printf": lambda value, d: f"{value:.{d}f}",
}


@given(
    st.floats(-4, 4),
    st.floats(0.05, 2.5),
    st.integers(0, 4),
    st.sampled_from(sorted(STYLES)),
    st.booleans(),
)
def test_no_true_wald_interval_is_accused(
    b: float, se: float, decimals: int, style: str, ratio: bool
) -> None:
    """Whatever the coefficient and its error, the printed interval agrees with the estimate."""
    values = [b + z * se for z in (0, -1.959964, 1.959964)]
    texts = [STYLES[style](math.exp(value) if ratio else value, decimals) for value in values]
    found = only(*texts) if ratio else coefficient(*texts)
    assert found.verdict == "consistent"


def test_an_interval_that_no_likelihood_gives_is_inconsistent() -> None:
    """0.44 (0.17, 5.13) reaches 0.95 down and 2.46 up; from 0.95 no more than 1.43 can follow."""
    lopsided = ModelTerm(term="ild", odds_ratio="0.44", low="0.17", high="5.13", p="0.089")
    model = Model(id="t2", place="Table 2", group="all", claimed="ml", terms=(lopsided,))
    count = Count(id="c", place="Table 1", variable="ild", group="all", n="9")
    groups = {"all": Group(label="patients")}
    paper = Paper(title="t", groups=groups, model=(model,), count=(count,))
    (found,) = interval_around_estimate(paper)
    assert found.verdict == "inconsistent"
    assert found.number == "t2.ild.high"
    assert found.suggestion == "1.13 instead of 5.13 (one digit wrong) would agree"
    for other in (
        paper.model_copy(update={"count": ()}),  # whether it is a yes/no term is not known
        paper.model_copy(update={"model": (model.model_copy(update={"claimed": None}),)}),
    ):
        assert next(iter(interval_around_estimate(other))).verdict == "untestable"


@given(st.lists(st.integers(1, 30), min_size=8, max_size=8), st.booleans())
def test_profile_intervals_of_yes_no_terms_are_within_the_bound(
    cells: list[int], two_terms: bool
) -> None:
    """Whatever the counts, one or two yes/no terms have profile limits that the bound allows."""
    X = [[i >> 1 & 1, i & 1] for i in range(4)] * 2
    design = X if two_terms else [row[:1] for row in X]
    names = ("a", "b") if two_terms else ("a",)
    fitted = fit_ml(design, [1] * 4 + [0] * 4, names, weights=cells)
    for term in fitted.terms[1:]:
        limits = term.ci["profile"]
        assert limits is not None
        texts = [f"{value:.4f}" for value in (term.odds_ratio, limits.low, limits.high)]
        assert may_be_profile(Triple(*texts, ratio=True), 1.0, "nearest")


def test_a_ratio_printed_as_nothing_is_no_error(made_paper: Callable[[str], Paper]) -> None:
    """0.00 (0.00, 0.02) and 0.00 (0.01, 0.05) are looked at without a logarithm of 0."""
    for low, high in (("0.00", "0.02"), ("0.01", "0.05"), ("0.00", "0.00")):
        paper = made_paper(
            f"""
            [[model]]
            id = "m"
            place = "Table 2"
            group = "all"
            claimed = "ml"
            terms = [{{ term = "ild", odds_ratio = "0.00", low = "{low}", high = "{high}" }}]
            """
        )
        assert all(f.explanation for f in interval_around_estimate(paper))
