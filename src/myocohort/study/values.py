"""A validated value: a number, a text or a (partial) date, or missing with a reason."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

NOT_RECORDED = "not recorded"
"""The reason of an empty cell: nobody wrote down why."""

DAYS_PER_MONTH = 30.4375
"""Mean length of a month in days (365.25 / 12)."""


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A calendar date of which the day, or month and day, may be unknown.

    Parameters
    ----------
    year
        1900 to 2100.
    month, day
        None where unknown; a day needs a month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def from_iso(cls, text: str) -> PartialDate:
        """Read what `str` of a partial date gives: 2016, 2016-05 or 2016-05-31."""
        return cls(*(int(part) for part in text.split("-")))

    @property
    def earliest(self) -> dt.date:
        """The first day that this date may stand for."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> dt.date:
        """The last day that this date may stand for."""
        month = self.month or 12
        return dt.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def complete(self) -> bool:
        """Whether the day is known."""
        return self.day is not None

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


def calendar_months(start: dt.date, end: dt.date) -> float:
    """Months from `start` to `end` by the calendar: the same day of a later month is whole.

    2020-07-01 to 2021-09-01 is 14; days beyond the last whole month count as a share of the
    month that follows. Negative if `end` is earlier.
    """
    if end < start:
        return -calendar_months(end, start)
    whole = (end.year - start.year) * 12 + end.month - start.month
    if end < _later(start, whole):
        whole -= 1
    last, following = _later(start, whole), _later(start, whole + 1)
    return whole + (end - last).days / (following - last).days


def _later(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, or the last day of a month that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def months_between(start: dt.date, end: dt.date) -> float:
    """Months from `start` to `end`, counted as days / 30.4375; negative if `end` is earlier."""
    return (end - start).days / DAYS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Value:
    """What one cell says, after validation.

    Exactly one of `number`, `text`, `date` and `missing` is set.

    Parameters
    ----------
    raw
        The cell as it was written.
    number
        Of an integer or number variable, in the variable's unit.
    text
        The code of a category, "yes" or "no", or free text.
    date
        Of a date variable.
    missing
        Why there is no value.
    """

    raw: str
    number: float | None = None
    text: str | None = None
    date: PartialDate | None = None
    missing: str | None = None

    @property
    def content(self) -> float | str | PartialDate | None:
        """The value itself, or None where it is missing."""
        if self.number is not None:
            return self.number
        return self.text if self.text is not None else self.date
