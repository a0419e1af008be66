"""Times to an event, some of them cut off before it: checked, and sorted out from the missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray, as_vector


@dataclass(frozen=True, slots=True)
class SurvivalTimes:
    """Complete observations of a time to an event.

    Parameters
    ----------
    time
        From the start to the event or to the end of observation, in any unit; not negative.
    event
        Whether the event happened at that time; otherwise observation ended there.
    kept
        Which of the rows given are these.
    n_missing
        Rows left out because time or event is missing.
    """

    time: FloatArray
    event: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    n_missing: int

    @property
    def n(self) -> int:
        """Patients observed."""
        return len(self.time)

    @property
    def events(self) -> int:
        """Patients who had the event."""
        return int(self.event.sum())


def survival_times(
    time: ArrayLike, event: ArrayLike, also: NDArray[np.bool_] | None = None
) -> SurvivalTimes:
    """Check times and events, and leave incomplete rows out.

    Parameters
    ----------
    time
        One number for each patient, NaN if missing.
    event
        1 where the event happened, 0 where observation ended before it, NaN if missing.
    also
        Rows that are complete in all else that is needed; all by default.

    Raises
    ------
    StatisticsError
        If lengths differ, a time is negative or infinite, an event is not 0 or 1, or no row
        is complete.
    """
    try:
        size = len(np.asarray(time))
    except TypeError as error:
        raise StatisticsError("times are a list of numbers, one for each patient") from error
    times = as_vector(time, "the time", size)
    happened = as_vector(event, "the event", size)
    complete = ~(np.isnan(times) | np.isnan(happened))
    if also is not None:
        complete &= also
    times, happened = times[complete], happened[complete]
    if not len(times):
        raise StatisticsError(f"no row is complete: {size} rows, each with a missing value")
    wrong = times[(times < 0) | ~np.isfinite(times)]
    if len(wrong):
        raise StatisticsError(f"a time is a number of at least 0; found {wrong[0]:g}")
    other = happened[(happened != 0) & (happened != 1)]
    if len(other):
        raise StatisticsError(f"an event is 0 or 1; found {other[0]:g}")
    return SurvivalTimes(times, happened == 1, complete, size - len(times))
