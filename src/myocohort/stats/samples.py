"""Values in groups: missing values set aside, ranks with their ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError

LARGEST = 1e100  # so that no square overflows


@dataclass(frozen=True, slots=True)
class Sample:
    """Values that are known, each with its group.

    Parameters
    ----------
    values
        Finite values, shape (n,).
    groups
        Group of each value, 0 to the number of groups less one; every group has a value.
    sizes
        Values in each group.
    n_missing
        Units left out because the value or the group is missing.
    """

    values: NDArray[np.float64]
    groups: NDArray[np.intp]
    sizes: NDArray[np.intp]
    n_missing: int

    @property
    def nothing_to_compare(self) -> str:
        """Why no test is possible; empty if one is."""
        if not self.values.size:
            return "no test: every value is missing"
        if len(self.sizes) < 2:
            return "no test: only one group has a value"
        if self.values.min() == self.values.max():
            return "no test: all values are the same"
        return ""


def grouped_sample(values: ArrayLike, groups: ArrayLike) -> Sample:
    """Check values and groups, and set missing ones aside.

    Parameters
    ----------
    values
        One number per unit; NaN is a missing value.
    groups
        One whole number per unit, 0 or more; a negative code is a missing group. Groups
        that nobody with a value belongs to are closed up, the order stays.

    Raises
    ------
    StatisticsError
        If the lengths differ, a value is infinite or a group is not a whole number.
    """
    x, codes = numbers(values, "values"), np.asarray(groups)
    if codes.shape != x.shape:
        raise StatisticsError(
            f"each value needs a group; found {x.size} values and {codes.size} groups"
        )
    if codes.dtype.kind not in "iu" and codes.size:
        raise StatisticsError(f"groups are whole numbers, -1 if missing; found {codes.dtype}")
    known = ~np.isnan(x)
    known &= codes >= 0
    n_missing = int(x.size - np.count_nonzero(known))
    if n_missing:
        x, codes = x[known], codes[known]
    codes = codes.astype(np.intp, copy=False)
    if codes.size and int(codes.max()) > codes.size:
        codes = np.unique(codes, return_inverse=True)[1]
    sizes = np.bincount(codes)
    if (sizes == 0).any():
        codes = (np.cumsum(sizes > 0) - 1)[codes]
        sizes = sizes[sizes > 0]
    return Sample(x, codes, sizes, n_missing)


def numbers(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return a one-dimensional float array; NaN may be in it, infinity and text may not be."""
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(f"{what} are numbers, NaN where missing") from error
    if x.ndim != 1:
        raise StatisticsError(f"{what} are one list of numbers; found shape {x.shape}")
    too_large = np.abs(x) > LARGEST
    if too_large.any():
        place = int(too_large.argmax())
        raise StatisticsError(
            f"{what} are numbers of a size below {LARGEST:g}; "
            f"found {x[place]:g} at position {place + 1}"
        )
    return x


def midranks_of_sorted(
    ordered: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the mean rank of each of the ascending values, and the sizes of all ties.

    Parameters
    ----------
    ordered
        Values in ascending order, at least one.

    Returns
    -------
    ranks, ties
        Ranks from 1, shape (n,); number of values in each run of equal ones, in order.
    """
    first = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    ties = np.diff(first, append=len(ordered))
    if len(ties) == len(ordered):
        return np.arange(1.0, len(ordered) + 1.0), ties
    return np.repeat(first + (ties + 1) / 2.0, ties), ties


def rank_sums(sample: Sample) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the sum of ranks in each group, and the sizes of all ties."""
    order = np.argsort(sample.values)
    ranks, ties = midranks_of_sorted(sample.values[order])
    sums: NDArray[np.float64] = np.bincount(sample.groups[order], weights=ranks).astype(np.float64)
    return sums, ties


def tie_term(ties: NDArray[np.intp]) -> float:
    """Return the sum of t^3 - t over the ties, which all rank tests are corrected by."""
    tied = ties[ties > 1].astype(np.float64)
    return float((tied**3 - tied).sum())
