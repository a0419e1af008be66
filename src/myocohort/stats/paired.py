"""Measurements of the same units on several occasions: incomplete units set aside."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.stats.samples import numbers


def complete_units(*occasions: ArrayLike) -> tuple[NDArray[np.float64], int]:
    """Return the values of the units that were measured on every occasion.

    Parameters
    ----------
    occasions
        At least two lists of numbers, one per occasion, with the units in the same order;
        NaN if missing.

    Returns
    -------
    values, n_missing
        Shape (units, occasions), and the number of units left out.

    Raises
    ------
    StatisticsError
        If there are fewer than two occasions, lengths differ or a value is not a finite
        number.
    """
    if len(occasions) < 2:
        raise StatisticsError(
            f"repeated measurements need at least two occasions; found {len(occasions)}"
        )
    columns = [
        numbers(values, f"values of occasion {number}")
        for number, values in enumerate(occasions, start=1)
    ]
    sizes = [len(column) for column in columns]
    if len(set(sizes)) > 1:
        raise StatisticsError(
            f"each occasion needs a value or NaN for every unit; "
            f"found {', '.join(str(size) for size in sizes)} values"
        )
    values = np.column_stack(columns)
    complete = ~np.isnan(values).any(axis=1)
    return values[complete], int(np.count_nonzero(~complete))
