"""Effect sizes beside the test of a comparison, each with an interval of its own family."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.stats.cliffs_delta import cliffs_delta
from myocohort.stats.conditional_odds_ratio import conditional_odds_ratio
from myocohort.stats.cramers_v import cramers_v
from myocohort.stats.dunn import dunn
from myocohort.stats.hodges_lehmann import hodges_lehmann
from myocohort.stats.odds_ratio import odds_ratio
from myocohort.stats.result import Result
from myocohort.stats.risk_difference import risk_difference
from myocohort.stats.risk_ratio import risk_ratio
from myocohort.stats.standardised_difference import (
    standardised_difference,
    standardised_difference_of_categories,
)

EXACT = ("fisher_exact", "fisher_doubled", "fisher_mid_p", "boschloo")
"""Tests beside which the odds ratio is the conditional one with exact limits."""


def effects_of_table(table: NDArray[np.int64], test: str, n_missing: int) -> list[Result]:
    """Return the effect sizes of counts.

    Parameters
    ----------
    table
        Groups in rows, categories in columns; of two, the event is the second.
    test
        Name of the test beside them: with an exact one the odds ratio is exact too, and so it
        is where a cell is empty.
    n_missing
        Rows that are not in the table.
    """
    if len(table) > 2:
        return [cramers_v(table, n_missing=n_missing)]
    if table.shape[1] != 2:
        return [
            cramers_v(table, n_missing=n_missing),
            standardised_difference_of_categories(table, n_missing=n_missing),
        ]
    # Woolf's interval does not exist beside an empty cell.
    exact = test in EXACT or bool((table == 0).any())
    ratio = conditional_odds_ratio if exact else odds_ratio
    return [
        risk_difference(table, event=1, n_missing=n_missing),
        ratio(table, event=1, n_missing=n_missing),
        standardised_difference_of_categories(table, event=1, n_missing=n_missing),
        risk_ratio(table, event=1, n_missing=n_missing),
    ]


def effects_of_values(
    values: NDArray[np.float64], codes: NDArray[np.int64], groups: tuple[str, ...]
) -> tuple[list[Result], dict[str, Any] | None]:
    """Return the effect sizes of numbers in two groups, or Dunn's comparisons of more.

    Parameters
    ----------
    values
        NaN where missing.
    codes
        Group of each value, -1 where missing.
    groups
        Names of the groups, in the order of their codes.
    """
    if len(groups) > 2:
        compared = dunn(values, codes).as_dict()
        for pair in compared["pairs"]:
            pair["first"], pair["second"] = groups[pair["first"]], groups[pair["second"]]
        return [], compared
    return [
        hodges_lehmann(values, codes),
        cliffs_delta(values, codes),
        standardised_difference(values, codes),
    ], None
