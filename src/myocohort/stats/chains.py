"""Chains of an imputation: what they did over the iterations, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError

WELL_MIXED = 1.2  # Oberman HI, van Buuren S, Vink G. arXiv:2110.11951, 2021
FEWEST_ITERATIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One summary of the imputed values of a variable, followed over the iterations.

    Parameters
    ----------
    variable, statistic
        What was followed: "mean" or "SD" of a numeric variable, or "share of <category>".
    values
        For each chain (imputed set) its value at every iteration.
    r_hat
        Potential scale reduction; None if it cannot be computed.
    """

    variable: str
    statistic: str
    values: tuple[tuple[float, ...], ...]
    r_hat: float | None


def potential_scale_reduction(chains: ArrayLike) -> float | None:
    """Return how much wider all chains together are than each alone; 1 if they agree.

    Parameters
    ----------
    chains
        Values, shape (chains, iterations); at least two chains and three iterations.

    Returns
    -------
    float or None
        The corrected R-hat; None if no chain varies.

    References
    ----------
    Gelman A, Rubin DB. Stat Sci 1992;7:457-472. Brooks SP, Gelman A. J Comput Graph Stat
    1998;7:434-455 (correction for the degrees of freedom).
    """
    x = np.asarray(chains, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] < 2 or x.shape[1] < FEWEST_ITERATIONS:
        raise StatisticsError(
            f"R-hat takes at least 2 chains of at least {FEWEST_ITERATIONS} iterations; "
            f"found shape {x.shape}"
        )
    m, n = x.shape
    means, variances = x.mean(axis=1), x.var(axis=1, ddof=1)
    within, between = float(variances.mean()), n * float(means.var(ddof=1))
    if within <= 1e-24 * float(np.abs(x).max()) ** 2:
        return None
    total = (n - 1) / n * within + (m + 1) / m * between / n
    mixed = np.cov(variances, means**2)[0, 1] - 2.0 * means.mean() * np.cov(variances, means)[0, 1]
    spread = (
        (n - 1) ** 2 * variances.var(ddof=1) / m
        + ((m + 1) / m) ** 2 * 2.0 * between**2 / (m - 1)
        + 2.0 * (n - 1) * (m + 1) / m * n / m * mixed
    ) / n**2
    if not spread > 0:
        return math.sqrt(total / within)
    df = 2.0 * total**2 / float(spread)
    return math.sqrt((df + 3.0) / (df + 1.0) * total / within)


def convergence_statement(traces: Sequence[Trace], iterations: int) -> tuple[str, bool]:
    """Say in words whether the chains agree, and whether that is good enough."""
    if not traces:
        return "nothing was imputed: there are no chains", True
    if iterations < FEWEST_ITERATIONS:
        return (
            f"not assessed: it takes {FEWEST_ITERATIONS} iterations, there were {iterations}",
            False,
        )
    known = [trace for trace in traces if trace.r_hat is not None]
    if not known:
        return "not assessed: no chain varies", False
    worst = max(known, key=lambda trace: trace.r_hat or 0.0)
    size = worst.r_hat or 0.0
    text = (
        f"largest R-hat {size:.2f} ({worst.statistic} of {worst.variable}) over "
        f"{iterations} iterations of {len(worst.values)} chains; below {WELL_MIXED} is taken as "
        f"converged"
    )
    return text, size < WELL_MIXED
