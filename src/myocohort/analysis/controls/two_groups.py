"""Values of two groups held against each other: shift, its interval and p of one family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.stats.cliffs_delta import cliffs_delta
from myocohort.stats.exact_mann_whitney import mann_whitney_exact
from myocohort.stats.hodges_lehmann import hodges_lehmann
from myocohort.stats.mann_whitney import EXACT_BELOW, LARGEST_EXACT, mann_whitney
from myocohort.stats.multiplicity import benjamini_hochberg, holm
from myocohort.stats.result import Result

MOST_PAIRS = 250_000
"""Pairs of values up to which the shift is computed; it sorts all their differences."""
LEVEL = 0.05
"""At which p values are counted."""
FEW = 10
"""Values of a group below which the normal approximation of tied ranks is not used."""

_TEST = ("p", "statistic", "statistic_name", "n", "n_missing", "warnings", "reference")
_EFFECT = ("estimate_name", "estimate", "interval", "warnings", "reference")


def compare_two(
    first: NDArray[np.float64], second: NDArray[np.float64], question: str
) -> dict[str, Any]:
    """Compare the values of two groups by ranks.

    Without ties and with fewer than 50 values in both groups, or with ties and fewer than 10 in
    one of them, the test is exact; else it is the normal approximation with tie and continuity
    correction. Shift, limits and p are of one family: the limits hold the shifts that the same
    test does not reject. The exact test of tied values has no limits here, and none are given.

    Parameters
    ----------
    first, second
        One value per unit, NaN where missing.
    question
        What is asked, in words.

    Returns
    -------
    dict
        `test` (the method that was run), `p`, `statistic`, `statistic_name`, `n`, `n_missing`,
        `question`, `warnings`, `reference`; `shift` and `delta` (each `estimate_name`,
        `estimate`, `interval`, `warnings`, `reference`; the shift may be null, the delta has an
        interval of its own and no p); `smallest_p`, of exact tests: the p of groups that do not
        overlap.
    """
    values = np.concatenate([first, second])
    codes = np.repeat(np.arange(2), [len(first), len(second)])
    sizes = [int((~np.isnan(group)).sum()) for group in (first, second)]
    known = values[~np.isnan(values)]
    tied = len(np.unique(known)) < len(known)
    pairs = sizes[0] * sizes[1]
    shift: Result | None = None
    why = ""
    exact = False
    if not tied and max(sizes) < EXACT_BELOW:
        exact = True
        shift = tested = hodges_lehmann(values, codes, method="exact", question=question)
    elif min(sizes) < FEW and pairs <= LARGEST_EXACT:
        exact = True
        tested = mann_whitney_exact(values, codes, question=question)
        why = "no shift: its limits are of another family than the exact test of tied values"
    elif pairs > MOST_PAIRS:
        tested = mann_whitney(
            values, codes, method="asymptotic", continuity=True, question=question
        )
        why = f"no shift: it is computed for up to {MOST_PAIRS:,} pairs of values"
    else:
        shift = tested = hodges_lehmann(values, codes, method="asymptotic", question=question)
    delta = cliffs_delta(values, codes)
    plain = tested.as_dict()
    warnings = list(plain["warnings"])
    if tested.p is None:
        shift = None
    elif why:
        warnings.append(why)
    elif shift is not None and (disagreement := _disagreement(shift)):
        warnings.append(disagreement)
    return {
        "question": question,
        "test": plain["method"],
        **{name: plain[name] for name in _TEST if name != "warnings"},
        "warnings": warnings,
        "shift": None if shift is None or shift.estimate is None else _effect(shift),
        "delta": None if delta.estimate is None else {**_effect(delta), "method": delta.method},
        "smallest_p": _smallest_p(known, sizes) if exact and tested.p is not None else None,
    }


def adjust(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Put `holm` and `benjamini_hochberg` into the comparisons of one family.

    Returns
    -------
    dict
        `asked` (comparisons), `tests` (those with a p value, which the adjustment is for),
        `below` (`level`, and how many p values are below it: `raw`, `holm`,
        `benjamini_hochberg`), and `method` and `reference` of each adjustment.
    """
    p_values = [row["p"] for row in rows]
    adjusted = {"holm": holm(p_values), "benjamini_hochberg": benjamini_hochberg(p_values)}
    for name, family in adjusted.items():
        for row, p in zip(rows, family.adjusted, strict=True):
            row[name] = p
    return {
        "asked": len(rows),
        "tests": adjusted["holm"].family,
        "below": {
            "level": LEVEL,
            "raw": _below(p_values),
            **{name: _below(family.adjusted) for name, family in adjusted.items()},
        },
        **{
            name: {"method": family.method, "reference": family.reference}
            for name, family in adjusted.items()
        },
    }


def _below(p_values: Sequence[float | None]) -> int:
    return sum(p is not None and p < LEVEL for p in p_values)


def _effect(result: Result) -> dict[str, Any]:
    plain = result.as_dict()
    return {name: plain[name] for name in _EFFECT}


def _disagreement(shift: Result) -> str:
    """Say where limits and p do not tell the same: ties make both of them coarse."""
    interval, p = shift.interval, shift.p
    if interval is None or p is None:
        return ""
    outside = not interval.low <= 0.0 <= interval.high
    if outside == (p < 1.0 - interval.level):
        return ""
    return (
        "the limits of the shift are differences that occur between the values, and ties make "
        "them coarse: here limits and p do not tell the same; believe neither alone"
    )


def _smallest_p(known: NDArray[np.float64], sizes: list[int]) -> float:
    """Return the p of the exact test if one group had all the lowest, or all the highest values."""
    ordered = np.sort(known)
    codes = np.repeat(np.arange(2), sizes)
    found = [mann_whitney_exact(ordered, codes).p, mann_whitney_exact(ordered[::-1], codes).p]
    return min(p for p in found if p is not None)
