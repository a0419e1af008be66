"""Univariable screening: which candidates enter a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from myocohort.errors import StatisticsError
from myocohort.stats.result import Result


@dataclass(frozen=True, slots=True)
class Screening:
    """What a screening decided.

    Parameters
    ----------
    threshold
        A candidate passes if its p is strictly below this.
    passed, failed
        Candidates in the order they were given.
    untested
        Candidates without a p; their results say why.
    """

    threshold: float
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    untested: tuple[str, ...]


def screen(candidates: Mapping[str, Result], *, threshold: float = 0.10) -> Screening:
    """Say which candidates have a p strictly below the threshold.

    The unrounded p decides. Screening of this kind makes the p values and intervals of the
    model that follows too optimistic (Harrell, Regression Modeling Strategies, 2nd ed.,
    section 4.3).

    Parameters
    ----------
    candidates
        Name of each candidate with the result of its univariable test.
    threshold
        Between 0 and 1.

    Raises
    ------
    StatisticsError
        If the threshold is not between 0 and 1.
    """
    if not 0.0 < threshold <= 1.0:
        raise StatisticsError(f"a screening threshold lies between 0 and 1; found {threshold!r}")
    passed, failed, untested = [], [], []
    for name, result in candidates.items():
        if result.p is None:
            untested.append(name)
        elif result.p < threshold:
            passed.append(name)
        else:
            failed.append(name)
    return Screening(threshold, tuple(passed), tuple(failed), tuple(untested))
