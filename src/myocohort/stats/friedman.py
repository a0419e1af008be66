"""The Friedman test of two or more occasions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from myocohort.stats.p_values import from_chi_square
from myocohort.stats.paired import complete_units
from myocohort.stats.result import Result
from myocohort.stats.samples import midranks_of_sorted, tie_term

METHOD = "Friedman test, asymptotic with tie correction"
REFERENCE = "Friedman M. J Am Stat Assoc 1937;32:675-701"


def friedman(
    *occasions: ArrayLike,
    question: str = "Do the values of some occasions tend to be higher than those of others?",
) -> Result:
    """Test whether values differ between occasions in the same units, by ranks within units.

    Parameters
    ----------
    occasions
        Two or more lists of numbers, one per occasion, with the units in the same order;
        NaN if missing. A unit with a missing value is left out.
    question
        What is asked, in words.

    Returns
    -------
    Result
        `p` is None, with a warning, if no unit is complete, or within each unit all values
        are the same. A warning says if fewer than 10 units are complete.

    Raises
    ------
    StatisticsError
        If there are fewer than two occasions, lengths differ or a value is not a finite
        number.

    References
    ----------
    Friedman M. J Am Stat Assoc 1937;32:675-701. Tie correction: Conover WJ. Practical
    Nonparametric Statistics. Wiley 1999.
    """
    values, n_missing = complete_units(*occasions)
    n, k = values.shape
    result = Result(question=question, method=METHOD, n=n, n_missing=n_missing, reference=REFERENCE)
    if not n:
        return replace(result, warnings=("no test: no unit has a value on every occasion",))
    ranks, ties = np.empty_like(values), 0.0
    for row, measured in enumerate(values):
        order = np.argsort(measured)
        ranks[row, order], sizes = midranks_of_sorted(measured[order])
        ties += tie_term(sizes)
    correction = 1.0 - ties / (n * (float(k) ** 3 - k))
    if correction <= 0.0:
        return replace(result, warnings=("no test: no unit differs between the occasions",))
    distance = ranks.mean(axis=0) - (k + 1) / 2.0
    statistic = 12.0 * n * float((distance**2).sum()) / (k * (k + 1.0)) / correction
    few = f"{n} units: below 10 the chi-square distribution may fit badly"
    return replace(
        result,
        statistic=statistic,
        statistic_name="chi-square",
        df=k - 1,
        p=from_chi_square(statistic, k - 1),
        warnings=(few,) if n < 10 else (),
    )
