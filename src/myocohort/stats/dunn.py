"""Dunn's comparisons of each two groups after a Kruskal-Wallis test."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from myocohort.stats.multiplicity import holm
from myocohort.stats.p_values import from_normal
from myocohort.stats.result import jsonable
from myocohort.stats.samples import grouped_sample, numbers, rank_sums, tie_term

METHOD = "Dunn's test of each two groups, asymptotic with tie correction, p adjusted by Holm"
REFERENCE = "Dunn OJ. Technometrics 1964;6:241-252; Holm S. Scand J Stat 1979;6:65-70"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairOfGroups:
    """Two groups compared.

    Parameters
    ----------
    first, second
        Codes of the groups, as given.
    n_first, n_second
        Values in each.
    rank_difference
        Mean rank of the first group, among all values, less that of the second.
    z
        The difference divided by its standard error.
    p, p_adjusted
        Two-sided, and adjusted by Holm for all pairs.
    """

    first: int
    second: int
    n_first: int
    n_second: int
    rank_difference: float
    z: float
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairwiseResult:
    """All pairs of groups compared.

    Parameters
    ----------
    question, method, n, n_missing, warnings, reference
        As in `Result`.
    pairs
        Every two groups, in the order of their codes; none if nothing can be compared.
    """

    question: str
    method: str
    n: int
    n_missing: int
    pairs: tuple[PairOfGroups, ...]
    warnings: tuple[str, ...]
    reference: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return dict(jsonable(self))


def dunn(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    question: str = "Which groups tend to have higher values than which others?",
) -> PairwiseResult:
    """Compare each two groups by their mean ranks among all values.

    Parameters
    ----------
    values
        One number per unit, NaN if missing.
    groups
        One code per unit; negative if missing.
    question
        What is asked, in words.

    Returns
    -------
    PairwiseResult
        Without pairs, with a warning, if fewer than two groups have a value or all values
        are the same.

    Raises
    ------
    StatisticsError
        If lengths differ or a value is not a finite number.

    References
    ----------
    Dunn OJ. Technometrics 1964;6:241-252. Holm S. Scand J Stat 1979;6:65-70.
    """
    sample = grouped_sample(values, groups)
    reason = sample.nothing_to_compare
    pairs: tuple[PairOfGroups, ...] = ()
    if not reason:
        given = np.asarray(groups)[~np.isnan(numbers(values, "values"))]
        codes = [int(code) for code in np.unique(given[given >= 0])]
        n, sizes = len(sample.values), sample.sizes
        sums, ties = rank_sums(sample)
        means = sums / sizes
        variance = n * (n + 1.0) / 12.0 - tie_term(ties) / (12.0 * (n - 1.0))
        two = list(itertools.combinations(range(len(codes)), 2))
        differences = [float(means[i] - means[j]) for i, j in two]
        z = [
            difference / math.sqrt(variance * (1.0 / sizes[i] + 1.0 / sizes[j]))
            for difference, (i, j) in zip(differences, two, strict=True)
        ]
        p = [from_normal(deviate) for deviate in z]
        adjusted = [value for value in holm(p).adjusted if value is not None]
        pairs = tuple(
            PairOfGroups(
                first=codes[i],
                second=codes[j],
                n_first=int(sizes[i]),
                n_second=int(sizes[j]),
                rank_difference=differences[k],
                z=z[k],
                p=p[k],
                p_adjusted=adjusted[k],
            )
            for k, (i, j) in enumerate(two)
        )
    return PairwiseResult(
        question=question,
        method=METHOD,
        n=len(sample.values),
        n_missing=sample.n_missing,
        pairs=pairs,
        warnings=(reason,) if reason else (),
        reference=REFERENCE,
    )
