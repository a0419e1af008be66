"""The cumulative dose of glucocorticoids of one patient, as prednisone, with its range.

Days are ordinals of the calendar. A row of the treatments is given from its start through its
stop, both days included. What the records leave open is not guessed: a row without a stop counts
until the next one begins, a partial date gives a range, and what cannot be summed has a reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from myocohort.outcomes.prednisone_equivalent import (
    UNITS,
    DoseUnit,
    canonical_drug,
    canonical_unit,
    prednisone_factor,
)
from myocohort.study.values import PartialDate

NO_ROW = "no record of a glucocorticoid"
NO_WEIGHT = "dose by body weight, and no weight is recorded"
NO_WEIGHT_FOR_KG = "dose in mg, and no weight is recorded"


@dataclass(frozen=True, slots=True)
class Span:
    """A day that may not be known exactly: earliest, middle and latest."""

    earliest: float
    middle: float
    latest: float

    @classmethod
    def of(cls, date: PartialDate, later: int = 0) -> Span:
        """Return the days that a date may stand for, moved by some days."""
        low, high = date.earliest.toordinal() + later, date.latest.toordinal() + later
        return cls(low, (low + high) / 2, high)


@dataclass(frozen=True, slots=True)
class Prescription:
    """One row of the treatments with a glucocorticoid.

    Parameters
    ----------
    amount
        mg of prednisone a day, or once; None where it cannot be told.
    unit
        Of the dose; None where it is unknown.
    start, stop
        First and last day; None where not recorded.
    drug
        As the table of equivalents calls it; None where it is unknown.
    problem
        Why the row cannot be summed; empty where it can.
    """

    amount: float | None
    unit: DoseUnit | None
    start: PartialDate | None
    stop: PartialDate | None
    drug: str | None
    problem: str = ""

    @property
    def once(self) -> bool:
        """Whether the dose is given once, as a pulse."""
        return self.unit is not None and self.unit.days is None


@dataclass(frozen=True, slots=True)
class Dose:
    """A cumulative dose.

    Parameters
    ----------
    middle, low, high
        In mg of prednisone, or in mg per kg of body weight; they differ where dates are partial.
    days
        From the first to the last day that was looked at.
    covered
        Of these, days with a glucocorticoid that is given by the day.
    open_rows
        Rows without a stop.
    overlapping
        Whether the periods of two rows overlap; both are counted.
    """

    middle: float
    low: float
    high: float
    days: float
    covered: float
    open_rows: int
    overlapping: bool


def prescription(
    name: str, dose: float | None, dose_unit: str, start: str, stop: str
) -> Prescription:
    """Read one row of the treatments.

    Parameters
    ----------
    name, dose_unit
        As recorded; '' where missing.
    dose
        None where missing.
    start, stop
        ISO dates, maybe partial; '' where missing.
    """
    first = PartialDate.from_iso(start) if start else None
    last = PartialDate.from_iso(stop) if stop else None
    factor = prednisone_factor(name) if name else None
    unit = UNITS.get(canonical_unit(dose_unit)) if dose_unit else None
    problem = ""
    if first is None:
        problem = "start of a glucocorticoid not recorded"
    elif not name:
        problem = "name of a glucocorticoid not recorded"
    elif factor is None:
        problem = f"no prednisone equivalent of {name!r}"
    elif dose is None:
        problem = "dose of a glucocorticoid not recorded"
    elif not dose_unit:
        problem = "unit of a glucocorticoid's dose not recorded"
    elif unit is None:
        problem = f"unknown unit of dose {dose_unit!r}"
    elif dose < 0:
        problem = "dose of a glucocorticoid below 0"
    elif last is not None and last.latest < first.earliest:
        problem = "a glucocorticoid stops before it starts"
    elif unit.days is None and last is not None and last != first:
        problem = f"dose in {dose_unit} over several days: once or each day is not recorded"
    if problem or dose is None or factor is None or unit is None:
        return Prescription(None, unit, first, last, canonical_drug(name), problem)
    amount = dose * unit.mg * factor / (unit.days or 1.0)
    return Prescription(amount, unit, first, last, canonical_drug(name))


def cumulative_dose(
    rows: Sequence[Prescription],
    first: float,
    last: float,
    end: float,
    *,
    per_kg: bool,
    weight: float | None,
) -> Dose | str:
    """Sum the glucocorticoids of one patient over some days.

    Parameters
    ----------
    rows
        All of the patient's rows, in any order.
    first, last
        The days that are summed: from `first` up to `last`, which is not counted itself.
    end
        The end of follow-up, until which a row without a stop and without a successor counts.
    per_kg
        Whether the sum is in mg per kg of body weight instead of mg.
    weight
        Body weight in kg, where known.

    Returns
    -------
    Dose or str
        The dose, or why it cannot be given. Rows that end before `first` or begin after `last`
        may be incomplete.
    """
    if not rows:
        return NO_ROW
    needed = [
        row
        for row in rows
        if (row.start is None or row.start.earliest.toordinal() < last)
        and (row.stop is None or row.stop.latest.toordinal() >= first)
    ]
    problems = sorted({row.problem for row in needed if row.problem})
    if problems:
        return "; ".join(problems)
    for row in needed:
        if weight is None and row.unit is not None and row.unit.per_kg != per_kg and row.amount:
            return NO_WEIGHT if row.unit.per_kg else NO_WEIGHT_FOR_KG
    low, middle, high = [], [], []
    periods: list[tuple[float, float]] = []
    open_rows = 0
    for row in needed:
        assert row.start is not None
        assert row.amount is not None
        assert row.unit is not None
        amount = row.amount
        if weight is not None and row.unit.per_kg != per_kg:
            amount = amount / weight if per_kg else amount * weight
        start = Span.of(row.start)
        if row.once:
            inside = [first <= day < last for day in (start.earliest, start.middle, start.latest)]
            low.append(amount * all(inside))
            middle.append(amount * inside[1])
            high.append(amount * any(inside))
            continue
        stop = _end_of(row, rows, end)
        began, ended = max(start.middle, first), min(stop.middle, last)
        low.append(amount * _days(max(start.latest, first), min(stop.earliest, last)))
        middle.append(amount * _days(began, ended))
        high.append(amount * _days(max(start.earliest, first), min(stop.latest, last)))
        if ended > began:
            periods.append((began, ended))
            open_rows += row.stop is None
    covered, overlapping = _union(periods)
    return Dose(
        math.fsum(middle), math.fsum(low), math.fsum(high), last - first, covered, open_rows,
        overlapping,
    )  # fmt: skip


def _end_of(row: Prescription, rows: Sequence[Prescription], end: float) -> Span:
    """Return the day after the last one of a row.

    A row that stops on the day on which another dose of the same drug begins gives that day to
    the other. A single dose ends nothing.
    """
    assert row.start is not None
    own = Span.of(row.start).middle
    later = [
        (other.start, other.drug)
        for other in rows
        if other.start is not None and not other.once and Span.of(other.start).middle > own
    ]
    if row.stop is None:
        if later:
            return min(
                (Span.of(start) for start, _ in later),
                key=lambda span: (span.middle, span.earliest),
            )
        return Span(end, end, end)
    handed_over = row.stop.complete and (row.stop, row.drug) in later
    return Span.of(row.stop, 0 if handed_over else 1)


def _days(begin: float, end: float) -> float:
    return max(0.0, end - begin)


def _union(periods: Sequence[tuple[float, float]]) -> tuple[float, bool]:
    """Return how many days the periods cover together, and whether any two overlap."""
    covered, until, overlapping = 0.0, -math.inf, False
    for begin, end in sorted(periods):
        overlapping = overlapping or begin < until
        covered += _days(max(begin, until), end)
        until = max(until, end)
    return covered, overlapping
