from __future__ import annotations

import numpy as np
import pytest
from ovarian import EVENT, HUNDREDS, TERMS
from statsmodels.duration.survfunc import survdiff

from myocohort.errors import StatisticsError
from myocohort.stats.log_rank import log_rank

RX = TERMS[:, 2].astype(int)
FOUR = RX + 2 * TERMS[:, 1].astype(int)


def test_two_and_four_groups_with_ties_are_those_of_r() -> None:
    """R 4.2.2: survdiff(Surv(t,fustat)~rx,o)$chisq and ~interaction(rx,resid.ds)."""
    assert log_rank(HUNDREDS, EVENT, RX).statistic == pytest.approx(1.00915166985, rel=1e-9)
    four = log_rank(HUNDREDS, EVENT, FOUR)
    assert four.statistic == pytest.approx(8.5244649287, rel=1e-9)
    assert four.df == 3


def test_the_p_value_is_that_of_statsmodels() -> None:
    """Statsmodels' survdiff, written independently, gives the same chi-square and p."""
    statistic, p = survdiff(HUNDREDS, EVENT, RX)
    result = log_rank(HUNDREDS, EVENT, RX)
    assert (result.statistic, result.p) == pytest.approx((statistic, p), rel=1e-9)


@pytest.mark.parametrize(
    ("time", "event", "groups", "said"),
    [
        ([1, 2], [0, 0], [0, 1], "nobody had the event"),
        ([1, 2], [1, 1], [0, 0], "fewer than two groups"),
        ([1, 2, 5], [0, 0, 1], [0, 0, 1], "nobody was under observation"),
    ],
)
def test_where_nothing_can_be_compared_there_is_no_p(
    time: list[int], event: list[int], groups: list[int], said: str
) -> None:
    """The result says why instead of printing a number."""
    result = log_rank(time, event, groups)
    assert result.p is None
    assert any(said in warning for warning in result.warnings)


def test_patients_without_a_group_are_counted_as_missing() -> None:
    """A negative code is a missing group."""
    result = log_rank([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, -1, 0])
    assert (result.n, result.n_missing) == (3, 1)


def test_groups_are_codes() -> None:
    """Names of groups are refused with what is wanted."""
    with pytest.raises(StatisticsError, match="whole-number code"):
        log_rank([1, 2], [1, 1], np.array(["a", "b"]))
