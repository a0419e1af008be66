"""What every planning function returns: a size or a precision with all it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from myocohort.errors import StatisticsError
from myocohort.stats.result import Interval, jsonable

LARGEST_N = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One demand on the number of subjects.

    Parameters
    ----------
    name
        What is demanded, in words.
    n
        Subjects that meet it, rounded up.
    unrounded
        The same before rounding.
    """

    name: str
    n: int
    unrounded: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer of one planning function. Rounding happens only when something is printed.

    Parameters
    ----------
    question
        What was asked, in words.
    method
        The formula that was really used, by its full name.
    n
        Subjects in all: needed, or those one has.
    groups
        The same per group; empty where there are none.
    criterion
        The demand that decides; for a given n, what was worked out.
    criteria
        Every demand with the number it asks for.
    assumptions
        What was assumed, by name. A plan is worth no more than these.
    expected
        What `n` leads to under the assumptions, by name.
    interval
        The interval to be expected, where there is one.
    warnings
        What a reader must know before believing the numbers.
    reference
        The source of the method.
    """

    question: str
    method: str
    n: int
    groups: tuple[int, ...] = ()
    criterion: str
    criteria: tuple[Criterion, ...] = ()
    assumptions: Mapping[str, float | int | str | None]
    expected: Mapping[str, float | int | None] = field(default_factory=dict)
    interval: Interval | None = None
    warnings: tuple[str, ...] = ()
    reference: str

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain types for JSON; infinities become "inf" and "-inf"."""
        plain: dict[str, Any] = jsonable(self)
        return plain


def between(value: float, name: str, low: float = 0.0, high: float = 1.0) -> float:
    """Return `value` if it lies strictly between two limits.

    Raises
    ------
    StatisticsError
        If it does not, or is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low < value < high:
        raise StatisticsError(f"{name} lies strictly between {low:g} and {high:g}; found {value!r}")
    return float(value)


def whole(value: int, name: str, least: int) -> int:
    """Return `value` if it is a whole number of a sensible size.

    Raises
    ------
    StatisticsError
        If it is not whole, below `least` or above ten million.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not least <= value <= LARGEST_N
        or int(value) != value
    ):
        raise StatisticsError(
            f"{name} is a whole number from {least} to {LARGEST_N:,}; found {value!r}"
        )
    return int(value)


def demand(name: str, unrounded: float, least: int = 1) -> Criterion:
    """Return a criterion, rounded up.

    Raises
    ------
    StatisticsError
        If it asks for more than ten million subjects.
    """
    if not unrounded <= LARGEST_N:
        raise StatisticsError(
            f"the criterion {name!r} asks for more than {LARGEST_N:,} subjects. "
            "Ask for less, or assume a larger effect"
        )
    # a whole number that rounding left a hair too high is that number
    return Criterion(
        name=name, n=max(least, math.ceil(unrounded * (1.0 - 1e-12))), unrounded=unrounded
    )
