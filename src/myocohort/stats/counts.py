"""Tables of counts: made from codes, checked, and freed of empty rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError


@dataclass(frozen=True, slots=True)
class CountTable:
    """A table of counts without empty rows and columns.

    Parameters
    ----------
    counts
        Groups in rows, categories in columns; float, so that sums cannot overflow.
    rows, columns
        Positions that the kept rows and columns had in the table as given.
    warnings
        Which groups and categories were empty.
    """

    counts: NDArray[np.float64]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    warnings: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of units in the table."""
        return int(self.counts.sum())

    @property
    def expected(self) -> NDArray[np.float64]:
        """Counts expected if groups and categories were independent."""
        row_sums, column_sums = self.counts.sum(axis=1), self.counts.sum(axis=0)
        expected: NDArray[np.float64] = np.outer(row_sums, column_sums) / self.counts.sum()
        return expected

    @property
    def nothing_to_compare(self) -> str:
        """Why no test is possible; empty if one is."""
        if self.n == 0:
            return "no test: every value is missing"
        if self.counts.shape[0] < 2:
            return "no test: only one group has anyone in it"
        if self.counts.shape[1] < 2:
            return "no test: everyone is in the same category"
        return ""


def count_table(table: ArrayLike) -> CountTable:
    """Check a table of counts and take out its empty rows and columns.

    Parameters
    ----------
    table
        Groups in rows, categories in columns; whole numbers of at least 0.

    Raises
    ------
    StatisticsError
        If the table has not two dimensions, or a count is negative, fractional or missing.
    """
    try:
        raw = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("a table of counts holds whole numbers only") from error
    if raw.ndim != 2:
        raise StatisticsError(
            f"a table of counts has groups in rows and categories in columns; "
            f"found {raw.ndim} dimension(s)"
        )
    wrong = ~(np.isfinite(raw) & (raw >= 0) & (raw == np.floor(raw)))
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise StatisticsError(
            f"a count is a whole number of at least 0; "
            f"found {raw[row, column]:g} in row {row + 1}, column {column + 1} of the table"
        )
    filled_rows, filled_columns = raw.sum(axis=1) > 0, raw.sum(axis=0) > 0
    warnings = []
    if not filled_rows.all():
        warnings.append(f"left out: {_places('group', filled_rows)} without anyone in it")
    if not filled_columns.all():
        warnings.append(f"left out: {_places('category', filled_columns)} that nobody is in")
    return CountTable(
        counts=raw[np.ix_(filled_rows, filled_columns)],
        rows=np.flatnonzero(filled_rows),
        columns=np.flatnonzero(filled_columns),
        warnings=tuple(warnings),
    )


def _places(what: str, filled: NDArray[np.bool_]) -> str:
    numbers = ", ".join(str(i + 1) for i in np.flatnonzero(~filled))
    return f"{what} number {numbers}"


def small_expected_warning(table: CountTable) -> tuple[str, ...]:
    """Return the customary warning about expected counts below 5, if there are any."""
    expected = table.expected
    below = int((expected < 5).sum())
    if not below:
        return ()
    return (
        f"{below} of {expected.size} cells have an expected count below 5: the chi-square "
        "distribution may fit badly; consider an exact test",
    )


def cross_tabulate(
    groups: ArrayLike, categories: ArrayLike, n_groups: int, n_categories: int
) -> tuple[NDArray[np.int64], int]:
    """Count the units of each group in each category.

    Parameters
    ----------
    groups, categories
        Codes from 0 for each unit; a negative code is a missing value.
    n_groups, n_categories
        Shape of the table, whether or not every group and category is filled.

    Returns
    -------
    table, n_missing
        Counts with groups in rows, and the number of units with either code missing.

    Raises
    ------
    StatisticsError
        If lengths differ or a code is not below the number of groups or categories.
    """
    rows, columns = np.asarray(groups), np.asarray(categories)
    if rows.shape != columns.shape or rows.ndim != 1:
        raise StatisticsError(
            f"groups and categories need one code per unit each; "
            f"found shapes {rows.shape} and {columns.shape}"
        )
    for what, codes, size in (("group", rows, n_groups), ("category", columns, n_categories)):
        if codes.dtype.kind not in "iu":
            raise StatisticsError(f"{what} codes are whole numbers; found {codes.dtype}")
        if codes.size and int(codes.max()) >= size:
            raise StatisticsError(
                f"{what} codes run from 0 to {size - 1}; found {int(codes.max())}"
            )
    known = (rows >= 0) & (columns >= 0)
    n_missing = int(known.size - np.count_nonzero(known))
    if n_missing:
        rows, columns = rows[known], columns[known]
    cells = rows.astype(np.intp) * n_categories + columns
    flat = np.bincount(cells, minlength=n_groups * n_categories)
    return flat.reshape(n_groups, n_categories).astype(np.int64), n_missing
