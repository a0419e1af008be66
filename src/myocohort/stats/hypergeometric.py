"""The upper left cell of a 2 x 2 table, given its margins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import StatisticsError

MOST_TABLES = 5_000_000


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """All tables with the same margins as an observed one.

    Parameters
    ----------
    low
        The least count that the upper left cell can have.
    log_weights
        Log of the relative probability of each count from `low` on, if the odds ratio is 1.
    observed
        Position of the observed count in `log_weights`.
    """

    low: int
    log_weights: NDArray[np.float64]
    observed: int

    def probabilities(self, log_odds_ratio: float = 0.0) -> NDArray[np.float64]:
        """Return the probability of each count under an odds ratio."""
        log_weights = self.log_weights + log_odds_ratio * np.arange(len(self.log_weights))
        weights = np.exp(log_weights - log_weights.max())
        probabilities: NDArray[np.float64] = weights / weights.sum()
        return probabilities

    def tails(self, log_odds_ratio: float = 0.0) -> tuple[float, float]:
        """Return the probability of the observed count or fewer, and of it or more."""
        p = self.probabilities(log_odds_ratio)
        return float(p[: self.observed + 1].sum()), float(p[self.observed :].sum())


def tables_with_margins(counts: NDArray[np.float64]) -> Hypergeometric:
    """Return the distribution of the upper left cell, given the margins of a 2 x 2 table.

    Raises
    ------
    StatisticsError
        If more than 5,000,000 tables have these margins.
    """
    first_row, second_row = counts.sum(axis=1)
    first_column = counts[:, 0].sum()
    low, high = max(0.0, first_column - second_row), min(first_row, first_column)
    if high - low >= MOST_TABLES:
        raise StatisticsError(
            f"an exact method is offered for up to {MOST_TABLES:,} tables with the same margins; "
            f"found {high - low + 1:,.0f}. Use pearson_chi_square and odds_ratio"
        )
    below = np.arange(low, high)  # the step from each possible cell to the next
    steps = np.log((first_row - below) * (first_column - below)) - np.log(
        (below + 1.0) * (second_row - first_column + below + 1.0)
    )
    log_weights = np.concatenate(([0.0], np.cumsum(steps)))
    return Hypergeometric(int(low), log_weights, int(counts[0, 0] - low))
