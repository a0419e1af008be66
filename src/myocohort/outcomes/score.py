"""What a clinical score returns, and what it is made of.

A rule in `RULES` decides a course of visits; a score looks at one state, or at two. Points are
exact fractions, so that a value on a boundary falls where its source puts it. An item that is
not known is never taken as zero: it has a lowest and a highest number of points, and so has the
score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from myocohort.errors import Problem

Number = int | float | str | Decimal | Fraction
"""A number as it was recorded; a float stands for the decimal that Python prints for it."""

MET = ("not met", "met")
"""The categories of a set of criteria."""


def exact(value: Number) -> Fraction:
    """Return a recorded number as an exact fraction.

    Parameters
    ----------
    value
        A number, or the decimal text of one: 0.1 and "0.1" are both one tenth.

    Raises
    ------
    ValueError
        When it is not a finite number; yes and no are not numbers either.
    """
    try:
        # By way of its text: 0.1 is a tenth, and True is refused.
        return value if isinstance(value, Fraction) else Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{value!r} is not a number") from None


def between(
    value: Number,
    name: str,
    low: Number | None,
    high: Number | None,
    column: str = "",
    unit: str = "",
) -> list[Problem]:
    """Return what is wrong with a number that must lie between two others, ends included.

    Parameters
    ----------
    value
        As recorded.
    name
        What it is called in the message.
    low, high
        Its range; None where there is no limit.
    column
        The item of the score, for the place of the message.
    unit
        Of value and range.

    Returns
    -------
    list of Problem
        One problem, or none.
    """
    unit = f" {unit}" if unit else ""
    if low is None or high is None:
        limit = "" if low is None else f" of at least {low}{unit}"
        limit = limit if high is None else f" of at most {high}{unit}"
        rule = f"{name} is a number{limit}"
    else:
        rule = f"{name} lies between {low} and {high}{unit}"
    try:
        number = exact(value)
    except ValueError:
        step = "Write the number, or leave it missing"
        return [Problem(rule=rule, value=str(value), next_step=step, column=column)]
    if (low is None or number >= exact(low)) and (high is None or number <= exact(high)):
        return []
    step = "Correct the value, or the range it was measured on"
    return [Problem(rule=rule, value=str(value), next_step=step, column=column)]


def plain(number: Fraction) -> str:
    """Return a number for reading, to four decimals: 27.5, 100, 33.3333."""
    text = f"{float(number):.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a score.

    Parameters
    ----------
    name
        Its key, the same for every patient.
    label
        What a report calls it.
    low, high
        Fewest and most points that it can have; equal where it is known. A criterion that is
        met has 1, one that is not met 0, one that cannot be decided 0 to 1.
    evidence
        The values that it rests on, in words.
    missing
        What is missing, in words; empty where nothing is.
    """

    name: str
    label: str
    low: Fraction
    high: Fraction
    evidence: str
    missing: str = ""

    @property
    def points(self) -> Fraction | None:
        """The points, where they are known."""
        return self.low if self.low == self.high else None

    def as_dict(self) -> dict[str, Any]:
        """Return the item as plain types for JSON."""
        return {
            "name": self.name,
            "label": self.label,
            "low": float(self.low),
            "high": float(self.high),
            "evidence": self.evidence,
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of one patient.

    Parameters
    ----------
    name
        Its key in `myocohort.outcomes.SCORES`.
    version
        The edition of its source.
    patient
        The study's code of the patient.
    low, high
        Lowest and highest value that it can have, equal where nothing is missing; None where
        the patient has no value (a change of mRS after death).
    out_of
        The highest value that the score can have at all, where it has one: its denominator.
    categories
        Every category that is still possible, from the lowest upwards: one where it is
        decided, none where the score has no categories.
    statement
        The result in words.
    items
        What it is made of.
    notes
        What a reader must know before using it.
    reference
        Its source.
    """

    name: str
    version: str
    patient: str
    low: Fraction | None
    high: Fraction | None
    out_of: Fraction | None = None
    categories: tuple[str, ...]
    statement: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    reference: str

    @property
    def value(self) -> Fraction | None:
        """The score, where it is known."""
        return self.low if self.low == self.high else None

    @property
    def category(self) -> str | None:
        """The category, where it is decided."""
        return self.categories[0] if len(self.categories) == 1 else None

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing, item by item."""
        return tuple(item.missing for item in self.items if item.missing)

    def as_dict(self) -> dict[str, Any]:
        """Return the score as plain types for JSON."""

        def number(value: Fraction | None) -> float | None:
            return None if value is None else float(value)

        return {
            "name": self.name,
            "version": self.version,
            "patient": self.patient,
            "low": number(self.low),
            "high": number(self.high),
            "out_of": number(self.out_of),
            "value": number(self.value),
            "categories": list(self.categories),
            "category": self.category,
            "statement": self.statement,
            "items": [item.as_dict() for item in self.items],
            "missing": list(self.missing),
            "notes": list(self.notes),
            "reference": self.reference,
        }


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """A named, cited score.

    Parameters
    ----------
    label
        What a report calls it.
    version
        The edition of its source.
    categories
        Its categories from the lowest upwards; empty where it has none.
    inputs
        The dataclass that it reads.
    parameters
        The pydantic model of its parameters, with defaults.
    score
        (inputs, parameters) -> score; raises `InputError` with every impossible value.
    definition
        parameters -> the score in sentences, for the methods of a report.
    reference
        Its source.
    """

    label: str
    version: str
    categories: tuple[str, ...]
    inputs: type[Any]
    parameters: type[BaseModel]
    score: Callable[[Any, Any], Score]
    definition: Callable[[Any], list[str]]
    reference: str


def total(items: Iterable[Item]) -> tuple[Fraction, Fraction]:
    """Return the lowest and the highest sum that items can have."""
    listed = list(items)
    return (
        sum((item.low for item in listed), Fraction()),
        sum((item.high for item in listed), Fraction()),
    )


def in_words(
    low: Fraction, high: Fraction, out_of: Fraction | None, categories: Sequence[str], missing: str
) -> str:
    """Return points and category in words, such as "between minimal and moderate (30 to 50 ...)".

    Parameters
    ----------
    low, high
        The range of the score.
    out_of
        Its denominator, where it has one.
    categories
        Every category still possible, from the lowest upwards.
    missing
        What is missing, in words.
    """
    points = plain(low) if low == high else f"{plain(low)} to {plain(high)}"
    if out_of is not None:
        points += f" of {plain(out_of)}"
    details = f"{points}; missing: {missing}" if missing else points
    if not categories:
        return details
    if len(categories) == 1:
        return f"{categories[0]} ({details})"
    return f"between {categories[0]} and {categories[-1]} ({details})"


def criterion(name: str, label: str, met: bool | None, evidence: str, missing: str = "") -> Item:
    """Return a criterion that is met, not met, or (None) cannot be decided."""
    low, high = (Fraction(0), Fraction(1)) if met is None else (Fraction(met), Fraction(met))
    return Item(name, label, low, high, evidence, missing)


def at_least(least: int, criteria: Iterable[bool | None]) -> bool | None:
    """Return whether so many criteria are met; None where those not known (None) decide it."""
    known = list(criteria)
    if sum(met is True for met in known) >= least:
        return True
    return None if sum(met is not False for met in known) >= least else False


def all_met(
    items: Sequence[Item],
    *,
    name: str,
    version: str,
    patient: str,
    reference: str,
    notes: tuple[str, ...] = (),
) -> Score:
    """Return the score of criteria that must all be met.

    One criterion that is not met settles it, whatever is missing elsewhere. Otherwise one that
    cannot be decided leaves the whole undecided. The value is the number of criteria met.

    Parameters
    ----------
    items
        The criteria.
    name, version, patient, reference, notes
        As in `Score`.
    """
    low, high = total(items)
    failed = [item.label for item in items if item.high == 0]
    open_items = [item.missing for item in items if item.low != item.high]
    if failed:
        categories: tuple[str, ...] = MET[:1]
        statement = f"not met: {', '.join(failed)}"
    elif open_items:
        categories = MET
        statement = f"cannot be decided (missing: {'; '.join(open_items)})"
    else:
        categories = MET[1:]
        statement = "met"
    return Score(
        name=name,
        version=version,
        patient=patient,
        low=low,
        high=high,
        out_of=Fraction(len(items)),
        categories=categories,
        statement=statement,
        items=tuple(items),
        notes=notes,
        reference=reference,
    )
