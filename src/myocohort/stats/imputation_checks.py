"""What cannot be imputed, and what a reader must know of the size of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from myocohort.errors import StatisticsError
from myocohort.stats.imputation_models import DONORS
from myocohort.stats.incomplete import Column


def refuse(
    columns: Mapping[str, Column],
    incomplete: Sequence[Column],
    chosen: Mapping[str, Sequence[str]],
) -> None:
    """Raise with all reasons why variables cannot be imputed."""
    reasons = []
    for column in incomplete:
        known = column.observed
        width = sum(_width(columns[name]) for name in chosen[column.name])
        if not len(known):
            reasons.append(f"{column.name!r} cannot be imputed: it has no value in any row")
        elif known.min() == known.max():
            reasons.append(
                f"{column.name!r} cannot be imputed: its {len(known)} known values are all the "
                f"same. Leave it out"
            )
        elif column.kind == "numeric" and len(known) < width + 2:
            reasons.append(
                f"{column.name!r} cannot be imputed: {len(known)} known values are too few for "
                f"{width} predictor columns. Name fewer predictors for it"
            )
    if reasons:
        raise StatisticsError("\n".join(reasons))


def _width(column: Column) -> int:
    return 1 if column.kind == "numeric" else max(len(column.levels) - 1, 1)


def size_warnings(
    columns: Mapping[str, Column], incomplete: Sequence[Column], numeric: str, m: int
) -> list[str]:
    """Warn of empty rows, few sets, few donors and rare categories."""
    missing = np.column_stack([column.missing for column in columns.values()])
    warnings = []
    empty = int(missing.all(axis=1).sum())
    if empty:
        warnings.append(f"{empty} rows have no value at all: their imputations rest on nothing")
    share = 100.0 * float(missing.any(axis=1).mean())
    if m < share:
        warnings.append(
            f"{m} imputed sets for {share:.0f}% incomplete rows: one set for each percent is "
            f"advised (White, Royston, Wood 2011)"
        )
    for column in incomplete:
        known = column.observed
        if column.kind == "numeric":
            if numeric == "pmm" and len(known) < 3 * DONORS:
                warnings.append(
                    f"{column.name} has {len(known)} known values to choose {DONORS} donors from: "
                    f"matching is coarse"
                )
            continue
        rare = [level for code, level in enumerate(column.levels) if (known == code).sum() == 1]
        if rare:
            warnings.append(f"{column.name}: only one row is known to be {', '.join(rare)}")
    return warnings
