from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.p_of_estimate import other_families, p_of_estimate
from myocohort.papers.entries import Group, Model, ModelTerm
from myocohort.papers.paperfile import Paper
from myocohort.stats.logistic import fit_ml


def found_in(*terms: ModelTerm, claimed: str | None = "ml") -> tuple[Finding, ...]:
    """Return the findings about a regression table whose terms are all levels."""
    model = Model.model_validate(
        {"id": "t2", "place": "Table 2", "group": "all", "claimed": claimed, "terms": terms}
    )
    paper = Paper(title="t", groups={"all": Group(label="patients")}, model=(model,))
    return tuple(p_of_estimate(paper))


def only(odds_ratio: str, low: str, high: str, p: str) -> Finding:
    """Return the finding about one odds ratio of a level."""
    line = ModelTerm(term="sex=male", odds_ratio=odds_ratio, low=low, high=high, p=p)
    (found,) = found_in(line)
    return found


TABLE_2 = (
    ("19.57", "1.49", "256.53", "0.024"),
    ("7.51", "1.03", "54.88", "0.047"),
    ("39.70", "3.04", "518.38", "0.005"),
)


@pytest.mark.parametrize("line", TABLE_2)
def test_the_reference_study_prints_walds_p(line: tuple[str, str, str, str]) -> None:
    """R's summary(glm(...)) gives .023515, .047056 and .004980."""
    found = only(*line)
    assert found.verdict == "consistent"
    assert found.fits == ("Wald",)


def test_a_misprinted_limit_leaves_estimate_and_upper_limit_to_speak() -> None:
    """The z is ln 7.51 / (ln(54.88 / 7.51) / 1.96) = 1.986, so p = .047 without 41.03."""
    found = only("7.51", "41.03", "54.88", "0.047")
    assert found.verdict == "consistent"
    assert "upper limit 54.88" in found.explanation


@pytest.mark.parametrize(
    ("line", "likelihood_ratio_p"), [(TABLE_2[0], "0.006"), (TABLE_2[2], "0.000")]
)
def test_a_likelihood_ratio_p_beside_a_wald_interval_is_not_accused(
    line: tuple[str, str, str, str], likelihood_ratio_p: str
) -> None:
    """The likelihood-ratio tests of the same model are as lawful as Wald's."""
    found = only(*line[:3], likelihood_ratio_p)
    assert found.verdict == "untestable"
    assert "likelihood-ratio" in found.explanation


def test_a_p_that_no_family_gives_is_inconsistent() -> None:
    """1.50 (1.23, 1.83) lies four standard errors from 1; no test of it gives .60."""
    found = only("1.50", "1.23", "1.83", "0.600")
    assert found.verdict == "inconsistent"
    assert found.computed


def test_the_family_of_the_other_lines_accuses() -> None:
    """Beside two p values of Wald's test, .470 for 7.51 (1.03, 54.88) is not one of it."""
    lines = [
        ModelTerm(term=f"x={i}", odds_ratio=o, low=low, high=high, p=p)
        for i, (o, low, high, p) in enumerate(
            (("19.57", "1.49", "256.53", "0.0235"), ("7.51", "1.03", "54.88", "0.470"),
             ("39.70", "3.04", "518.38", "0.00498"))
        )
    ]  # fmt: skip
    found = found_in(*lines)
    assert [f.verdict for f in found] == ["consistent", "inconsistent", "consistent"]


def test_a_one_sided_p_is_said_to_be_one() -> None:
    """Half of .0471 is .0235."""
    found = only("7.51", "1.03", "54.88", "0.0235")
    assert found.verdict == "untestable"
    assert "one-sided" in found.explanation


def test_beside_a_profile_interval_only_flagrant_contradictions_count() -> None:
    """2.0 (1.6, 2.7) is not Wald's; p = .06 is for some family, p = .9 for none."""
    assert only("2.00", "1.60", "2.70", "0.001").verdict == "untestable"
    assert only("2.00", "1.60", "2.70", "0.900").verdict == "inconsistent"
    assert only("1.10", "0.80", "1.60", "<0.001").verdict == "inconsistent"


def test_the_profile_limits_of_table_2_beside_either_p() -> None:
    """Profile limits of severe weakness beside Wald's .047 and the likelihood ratio's p."""
    for p in ("0.047", "0.030", "0.029", "0.070"):
        assert only("7.51", "1.21", "74.89", p).verdict == "untestable"


def test_a_standard_error_stands_in_for_the_interval() -> None:
    """2.973841 / 1.312976 gives .0235; Stata prints the SE of the ratio, 19.57 × 1.313."""
    by_b = ModelTerm(term="x=1", coefficient="2.974", standard_error="1.313", p="0.024")
    by_ratio = ModelTerm(term="x=1", odds_ratio="19.57", standard_error="25.70", p="0.024")
    by_log = ModelTerm(term="x=1", odds_ratio="19.57", standard_error="1.313", p="0.024")
    for line in (by_b, by_ratio, by_log):
        assert found_in(line)[0].verdict == "consistent"


def test_students_t_is_a_family_of_coefficients() -> None:
    """2.5 with SE 1 and 10 degrees of freedom has p = .031, and limits 2.228 errors away."""
    line = ModelTerm(term="age", coefficient="2.50", low="0.27", high="4.73", p="0.031")
    found = found_in(line, claimed=None)[0]
    assert found.verdict == "consistent"
    assert "10 degrees of freedom" in found.explanation or "Student" in found.explanation


def test_inequalities_cannot_be_tested() -> None:
    """An upper limit of >999 leaves the width open; "<0.001" as p does not."""
    assert only("39.70", "3.04", ">999", "0.005").verdict == "untestable"
    assert only("39.70", "9.04", "174.34", "<0.001").verdict == "consistent"


@given(st.floats(-3, 3), st.floats(0.05, 2), st.integers(1, 3), st.integers(2, 4))
def test_no_true_wald_p_is_accused(b: float, se: float, digits: int, p_digits: int) -> None:
    """Whatever the coefficient and its error, the printed p belongs to the printed interval."""
    texts = [f"{math.exp(b + z * se):.{digits}f}" for z in (0, -1.959964, 1.959964)]
    p = f"{math.erfc(abs(b / se) / math.sqrt(2)):.{p_digits}f}"
    assert only(*texts, p).verdict in ("consistent", "untestable")
    if float(texts[1]) > 0:
        assert only(*texts, p).verdict == "consistent"


@given(st.integers(0, 2**32 - 1))
def test_the_likelihood_ratio_lies_within_the_bound(seed: int) -> None:
    """In fourfold tables the likelihood ratio and Pearson's statistic stay within the factors."""
    rng = np.random.default_rng(seed)
    a, b, c, d = (int(n) for n in rng.integers(1, 40, 4))
    fitted = fit_ml([[1], [0], [1], [0]], [1, 1, 0, 0], ("x",), weights=[a, b, c, d]).terms[-1]
    assert fitted.se is not None
    z = abs(fitted.b) / fitted.se
    least, most = other_families(z, z, abs(fitted.b), 0.0)
    n = a + b + c + d
    score = math.sqrt(n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d)))
    p = fitted.p["lrt"]
    assert p is not None
    assert math.erfc(most / math.sqrt(2)) <= p * (1 + 1e-6)
    assert p <= math.erfc(least / math.sqrt(2)) * (1 + 1e-6) + 1e-12
    assert least - 1e-9 <= score <= most + 1e-9
