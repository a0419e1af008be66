"""E-values against the worked example of their paper and the formulas of R's EValue."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.errors import StatisticsError
from myocohort.stats.e_value import COMMON, e_value

RATIOS = st.floats(1e-6, 1e6)


def test_worked_example_of_the_paper():
    """Victora 1987 in VanderWeele & Ding 2017, page 269: RR 3.9 (1.8-8.7) gives 7.26 and 3.0."""
    found = e_value(3.9, 1.8, 8.7, share=0.01)
    assert found.estimate == pytest.approx(7.26, abs=0.005)
    assert found.limit == pytest.approx(3.0, abs=1e-12)
    assert found.risk_ratio == 3.9


# R 4.2.2, the formulas of EValue::evalues.RR and evalues.OR(rare = FALSE), which is not packaged:
# thr <- function(rr) { rr <- ifelse(rr < 1, 1/rr, rr); rr + sqrt(rr*(rr-1)) }
# thr(c(0.8, 0.91)); thr(sqrt(c(3.9, 1.8))); thr(sqrt(c(0.2, 0.8)))
@pytest.mark.parametrize(
    ("ratio", "share", "estimate", "limit"),
    [
        ((0.8, 0.71, 0.91), 0.1, 1.8090169944, 1.4285714286),
        ((3.9, 1.8, 8.7), 0.3, 3.3623424808, 2.0186631004),
        ((0.2, 0.05, 0.8), 0.3, 3.8985757286, 1.4813052528),
    ],
)
def test_formulas_of_r(ratio, share, estimate, limit):
    """Risk ratios below 1, and odds ratios of a common outcome, as R computes them."""
    found = e_value(*ratio, share=share)
    assert found.estimate == pytest.approx(estimate, abs=1e-9)
    assert found.limit == pytest.approx(limit, abs=1e-9)


def test_an_interval_that_contains_1_has_the_e_value_1():
    """Nothing is needed to explain away what may be nothing."""
    assert e_value(1.5, 0.9, 2.5, share=0.3).limit == 1.0
    assert e_value(0.7, 0.5, 1.0, share=0.3).limit == 1.0
    assert e_value(1.0, share=0.3).estimate == 1.0
    assert e_value(1.5, share=0.3).limit is None


def test_infinite_odds_ratios_have_infinite_e_values():
    """Under separation no finite confounding moves the estimate to 1; the limit is finite."""
    up = e_value(math.inf, 4.0, math.inf, share=0.5)
    assert (up.estimate, up.limit) == (math.inf, 2.0 + math.sqrt(2.0))
    down = e_value(0.0, 0.0, 0.25, share=0.5)
    assert (down.estimate, down.limit) == (math.inf, pytest.approx(2.0 + math.sqrt(2.0)))


def test_the_line_between_rare_and_common():
    """Exactly 15% is not common; above, the root is taken and the method says so."""
    rare, common = e_value(4.0, share=COMMON), e_value(4.0, share=COMMON + 1e-9)
    assert (rare.risk_ratio, common.risk_ratio) == (4.0, 2.0)
    assert "rare" in rare.method
    assert "square root" in common.method


@given(RATIOS, st.floats(0, 1))
def test_the_inverse_needs_the_same_confounding(ratio, share):
    """Turning the term around inverts the odds ratio and changes nothing here."""
    one, other = e_value(ratio, share=share), e_value(1 / ratio, share=share)
    # its root has an infinite slope at 1, where half of the digits are left
    assert one.estimate == pytest.approx(other.estimate, rel=1e-7)
    assert one.estimate >= 1.0


@given(st.floats(1, 1e6), st.floats(1, 10))
def test_a_larger_ratio_needs_more(ratio, times):
    """The E-value rises with the ratio, and the bias of a confounder so strong is the ratio."""
    assert e_value(ratio * times, share=0.1).estimate >= e_value(ratio, share=0.1).estimate
    strength = e_value(ratio, share=0.1).estimate
    # bounding factor of Ding & VanderWeele 2016
    assert strength**2 / (2 * strength - 1) == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("numbers", "share"),
    [
        ((-1.0, None, None), 0.1),
        ((math.nan, None, None), 0.1),
        ((2.0, 1.0, None), 0.1),
        ((2.0, 2.5, 3.0), 0.1),
        ((2.0, 1.0, 3.0), 1.5),
    ],
)
def test_impossible_input_is_refused(numbers, share):
    """Negative, missing, one limit alone, an estimate outside, a share above 1."""
    with pytest.raises(StatisticsError):
        e_value(*numbers, share=share)
