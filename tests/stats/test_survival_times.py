from __future__ import annotations

import math

import numpy as np
import pytest

from myocohort.errors import StatisticsError
from myocohort.stats.survival_times import survival_times


def test_rows_without_time_or_event_are_left_out_and_counted() -> None:
    """A missing time, a missing event and a row that lacks something else go."""
    data = survival_times(
        [1.0, math.nan, 3.0, 4.0], [1, 1, math.nan, 0], np.array([True, True, True, True])
    )
    assert data.time.tolist() == [1.0, 4.0]
    assert data.event.tolist() == [True, False]
    assert (data.n, data.events, data.n_missing) == (2, 1, 2)


@pytest.mark.parametrize(
    ("time", "event", "said"),
    [
        ([-1.0, 2.0], [1, 0], "at least 0; found -1"),
        ([math.inf, 2.0], [1, 0], "at least 0; found inf"),
        ([1.0, 2.0], [1, 2], "0 or 1; found 2"),
        ([1.0, 2.0], [1], "shape"),
        ([math.nan], [1], "no row is complete"),
        (3.0, [1], "list of numbers"),
    ],
)
def test_unfit_times_and_events_are_refused(time: object, event: object, said: str) -> None:
    """The message names the value that is not fit."""
    with pytest.raises(StatisticsError, match=said):
        survival_times(time, event)  # type: ignore[arg-type]
