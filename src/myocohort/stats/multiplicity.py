"""Adjusting p values for having several: Holm, and Benjamini and Hochberg."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from myocohort.errors import StatisticsError
from myocohort.stats.result import jsonable


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedPValues:
    """A family of p values, each adjusted for all.

    Parameters
    ----------
    method
        What is controlled, and how.
    family
        Number of p values that were computed; the others are left out of the adjustment.
    p, adjusted
        As given and adjusted, in the same order; None where none was computed.
    warnings
        How many were left out.
    reference
        The source of the method.
    """

    method: str
    family: int
    p: tuple[float | None, ...]
    adjusted: tuple[float | None, ...]
    warnings: tuple[str, ...]
    reference: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain types for JSON."""
        return dict(jsonable(self))


def holm(p_values: Sequence[float | None]) -> AdjustedPValues:
    """Adjust p values so that the chance of any false positive is bounded.

    Parameters
    ----------
    p_values
        The p values of one family, in (0, 1]; None where none was computed.

    Raises
    ------
    StatisticsError
        If a p value is not in (0, 1].

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70.
    """
    known = _known(p_values)
    order = np.argsort(known, kind="stable")
    steps = known[order] * np.arange(len(known), 0, -1)
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return _adjusted(
        p_values, adjusted, "Holm, family-wise error", "Holm S. Scand J Stat 1979;6:65-70"
    )


def benjamini_hochberg(p_values: Sequence[float | None]) -> AdjustedPValues:
    """Adjust p values so that the expected share of false among positive findings is bounded.

    Holds for independent or positively dependent tests.

    Parameters
    ----------
    p_values
        The p values of one family, in (0, 1]; None where none was computed.

    Raises
    ------
    StatisticsError
        If a p value is not in (0, 1].

    References
    ----------
    Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.
    """
    known = _known(p_values)
    order = np.argsort(known, kind="stable")[::-1]
    steps = known[order] * len(known) / np.arange(len(known), 0, -1)
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum.accumulate(np.minimum(1.0, steps))
    return _adjusted(
        p_values,
        adjusted,
        "Benjamini-Hochberg, false discovery rate",
        "Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300",
    )


ADJUSTMENTS: dict[str, Callable[[Sequence[float | None]], AdjustedPValues]] = {
    "holm": holm,
    "benjamini_hochberg": benjamini_hochberg,
}


def _known(p_values: Sequence[float | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
    for place, p in enumerate(p_values, start=1):
        if p is not None and not 0.0 < p <= 1.0:
            raise StatisticsError(
                f"a p value is above 0 and at most 1, None where none was computed; "
                f"found {p!r} at position {place}"
            )
    return np.array([p for p in p_values if p is not None], dtype=np.float64)


def _adjusted(
    p_values: Sequence[float | None],
    adjusted: np.ndarray[Any, np.dtype[np.float64]],
    method: str,
    reference: str,
) -> AdjustedPValues:
    values = iter(adjusted.tolist())
    n_left_out = len(p_values) - len(adjusted)
    left_out = f"{n_left_out} of {len(p_values)} left out: no p value was computed"
    return AdjustedPValues(
        method=method,
        family=len(adjusted),
        p=tuple(p_values),
        adjusted=tuple(None if p is None else next(values) for p in p_values),
        warnings=(left_out,) if n_left_out else (),
        reference=reference,
    )
