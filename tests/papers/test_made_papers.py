"""The made papers and the oracle themselves: how they print, and what the oracle sees."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from made_papers import Printer, make_paper
from made_statistics import fit_logistic, likelihood_ratio_p, profile_limits, table_p
from planted import KINDS, ends, every_p, plant


@pytest.mark.parametrize(
    ("manner", "way", "value", "decimals", "text"),
    [
        ("half_up", "nearest", Fraction(1, 8), 2, "0.13"),
        ("half_even", "nearest", Fraction(1, 8), 2, "0.12"),
        ("printf", "nearest", Fraction(1, 8), 2, "0.12"),
        ("printf", "nearest", 2.675, 2, "2.67"),  # the float lies below
        ("half_up", "nearest", Fraction(-1, 8), 2, "-0.13"),
        ("half_up", "truncated", Fraction(2, 3), 1, "0.6"),
        ("half_up", "twice", Fraction(445, 1000), 1, "0.5"),
        ("half_even", "twice", Fraction(445, 1000), 1, "0.4"),
        ("half_up", "nearest", Fraction(65, 2), 0, "33"),
        ("half_even", "nearest", Fraction(65, 2), 0, "32"),
    ],
)
def test_numbers_are_printed_as_the_manner_says(
    manner: str, way: str, value: float, decimals: int, text: str
) -> None:
    """Halves go up, to the even digit, or as the binary number lies."""
    assert Printer(manner, way).number(value, decimals) == text


def test_a_seed_makes_one_paper() -> None:
    """The same seed gives the same file, another one another."""
    assert make_paper(7).raw == make_paper(7).raw
    assert make_paper(7).raw != make_paper(8).raw
    assert make_paper(7).raw["size"] == make_paper(7, "truncated").raw["size"]


def test_the_plain_newton_fit_is_the_reference_model() -> None:
    """R's glm on the 40 patients: b, SE, profile limits (../shared/references/statistics.md)."""
    sizes, refractory = (9, 8, 8, 4, 5, 1, 3, 2), (0, 2, 1, 4, 2, 1, 1, 2)
    rows = [(1, i >> 2 & 1, i >> 1 & 1, i & 1) for i in range(8) for _ in range(sizes[i])]
    y = [float(j < refractory[i]) for i in range(8) for j in range(sizes[i])]
    X, outcome = np.array(rows, dtype=float), np.array(y)
    fitted = fit_logistic(X, outcome)
    assert fitted is not None
    assert fitted.b[1:] == pytest.approx([2.973841, 2.015698, 3.681415], rel=1e-5)
    assert fitted.se[1:] == pytest.approx([1.312976, 1.015060, 1.310882], rel=1e-5)
    limits = profile_limits(X, outcome, fitted, 2, 1.959963984540054)
    assert limits is not None
    # R interpolates its profile by a spline, which is good to about 3 in 10,000 here
    assert np.exp(limits) == pytest.approx([1.20756, 74.8906], rel=5e-4)
    assert likelihood_ratio_p(X, outcome, fitted, 3) == pytest.approx(0.0002, abs=5e-5)


def test_the_oracle_knows_table_1() -> None:
    """Weight loss, 11 of 27 against 10 of 13: R gives 0.03184776."""
    counts = np.array([[16, 11], [3, 10]])
    # chisq.test(matrix(c(16, 3, 11, 10), 2), correct = FALSE)$p.value
    assert table_p("pearson_chi_square", counts) == pytest.approx(0.03184776, abs=5e-9)
    assert table_p("fisher_exact", counts) in list(every_p(counts, None))


def test_slips_change_one_number() -> None:
    """A planted paper differs in the one number that it names, and is a valid paper file."""
    raw = make_paper(3).raw
    for kind in KINDS:
        planted = plant(raw, np.random.default_rng(1), kind)
        if planted is None:
            continue
        before = {number.id: number.text for number in make_paper(3).paper.numbers()}
        after = {number.id: number.text for number in planted.paper.numbers()}
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {planted.number}
        assert after[planted.number] == planted.after


def test_what_a_number_stands_for() -> None:
    """Half a unit to either side; an inequality has one end."""
    assert ends("0.12") == pytest.approx((0.115, 0.125))
    assert ends("<0.001") == (-np.inf, 0.001)
