"""Fisher's exact test of a table of counts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.chi_square import QUESTION
from myocohort.stats.counts import count_table
from myocohort.stats.hypergeometric import tables_with_margins
from myocohort.stats.p_values import bounded
from myocohort.stats.result import Result

REFERENCE = "Fisher RA. J R Stat Soc 1935;98:39-82; Freeman GH, Halton JH. Biometrika 1951;38:141"
SAME_PROBABILITY = math.log1p(1e-7)  # two tables count as equally likely within this, as in R
MOST_TABLES = 2_000_000


def fisher_exact(table: ArrayLike, *, n_missing: int = 0, question: str = QUESTION) -> Result:
    """Test whether groups and categories are independent, given the margins.

    The two-sided p is the minimum-likelihood one: the summed probability of all tables
    with the same margins that are no likelier than the observed one, as R's `fisher.test`
    and SPSS print it. It is not twice the one-sided p.

    Parameters
    ----------
    table
        Counts, shape (groups, categories). Empty rows and columns are left out with a
        warning. Tables larger than 2 x 2 are enumerated (Freeman-Halton).
    n_missing
        Units that are not in the table because a value is missing.
    question
        What is asked, in words.

    Returns
    -------
    Result
        Without statistic. `p` is None, with a warning, if fewer than two groups or
        categories are filled.

    Raises
    ------
    StatisticsError
        If the table does not hold counts, or if a table larger than 2 x 2 has more than
        2,000,000 tables with its margins.

    References
    ----------
    Fisher RA. J R Stat Soc 1935;98:39-82. Freeman GH, Halton JH. Biometrika 1951;38:141-149.
    """
    clean = count_table(table)
    p = None
    warnings = clean.warnings
    name = "Fisher's exact test"
    if clean.nothing_to_compare:
        warnings = (*warnings, clean.nothing_to_compare)
    elif clean.counts.shape == (2, 2):
        p = _two_by_two(clean.counts)
    else:
        name = "Fisher-Freeman-Halton exact test"
        p = _larger(clean.counts)
    return Result(
        question=question,
        method=f"{name}, two-sided by minimum likelihood",
        n=clean.n,
        n_missing=n_missing,
        p=p,
        warnings=warnings,
        reference=REFERENCE,
    )


def _two_by_two(counts: NDArray[np.float64]) -> float:
    tables = tables_with_margins(counts)
    return _minimum_likelihood(tables.log_weights, float(tables.log_weights[tables.observed]))


def _minimum_likelihood(log_weights: NDArray[np.float64], observed: float) -> float:
    weights = np.exp(log_weights - log_weights.max())
    no_likelier = log_weights <= observed + SAME_PROBABILITY
    return bounded(math.fsum(weights[no_likelier]) / math.fsum(weights))


def _larger(counts: NDArray[np.float64]) -> float:
    """Enumerate column by column: what each row has left, and the log weight so far."""
    if counts.shape[0] > counts.shape[1]:
        counts = counts.T
    left = counts.sum(axis=1)[np.newaxis, :]
    log_weights = np.zeros(1)
    for column in counts.T[:-1]:
        ways = _ways(column.sum(), counts.sum(axis=1))
        if len(left) * len(ways) > MOST_TABLES:
            raise StatisticsError(
                f"Fisher's exact test of this {counts.shape[0]} x {counts.shape[1]} table of "
                f"{int(counts.sum())} would enumerate more than {MOST_TABLES:,} tables. "
                f"Use pearson_chi_square, or join categories"
            )
        after = left[:, np.newaxis, :] - ways[np.newaxis, :, :]
        possible = (after >= 0).all(axis=2)
        weight = log_weights[:, np.newaxis] - special.gammaln(ways + 1.0).sum(axis=1)
        left, log_weights = after[possible], weight[possible]
    log_weights = log_weights - special.gammaln(left + 1.0).sum(axis=1)
    observed = -float(special.gammaln(counts + 1.0).sum())
    return _minimum_likelihood(log_weights, observed)


def _ways(total: float, limits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return all ways of sharing `total` among rows that can take up to `limits`, (ways, rows)."""
    sizes = [int(min(total, limit)) + 1 for limit in limits[:-1]]
    if math.prod(sizes) > MOST_TABLES:
        raise StatisticsError(
            f"Fisher's exact test of this table would enumerate more than {MOST_TABLES:,} "
            f"tables. Use pearson_chi_square, or join categories"
        )
    shares = np.indices(sizes).reshape(len(sizes), -1).T.astype(np.float64)
    last = total - shares.sum(axis=1)
    fits = (last >= 0) & (last <= limits[-1])
    return np.column_stack((shares[fits], last[fits]))
