"""Reading dates as people write them, without guessing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

from myocohort.errors import Problem
from myocohort.study.values import PartialDate

DateOrder = Literal["iso", "dmy", "mdy"]

ISO = re.compile(r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?)?")
ISO_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
SLASHED = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
YEARS = range(1900, 2101)


def parse_date(raw: str | dt.date, order: DateOrder = "iso") -> PartialDate | Problem:
    """Read a date.

    Parameters
    ----------
    raw
        2016-05-31, 2016-05 or 2016 in any order; 31/05/2016 or 31.05.2016 only where the
        study file declares an order; or a date of a workbook.
    order
        "iso", "dmy" (day first) or "mdy" (month first).

    Returns
    -------
    PartialDate or Problem
        The date, or why it is none.
    """
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    if isinstance(raw, dt.date):
        return PartialDate(raw.year, raw.month, raw.day)
    text = raw.strip()
    if timed := ISO_TIME.fullmatch(text):
        text = timed[1]
    if match := ISO.fullmatch(text):
        parts = [int(part) for part in match.group("year", "month", "day") if part is not None]
        return _checked(text, *parts)
    if match := SLASHED.fullmatch(text):
        if order == "iso":
            return Problem(
                rule="a date is written year-month-day",
                value=text,
                next_step='Day and month cannot be told apart: declare date_order = "dmy" or '
                '"mdy" in the study file, or write 2020-04-03',
            )
        first, second, year = (int(part) for part in match.groups())
        day, month = (first, second) if order == "dmy" else (second, first)
        return _checked(text, year, month, day)
    if SERIAL.fullmatch(text):
        day_1900 = dt.date(1899, 12, 30) + dt.timedelta(days=int(float(text)))
        return Problem(
            rule="a date is written year-month-day",
            value=text,
            next_step=f"This looks like a spreadsheet's serial number ({day_1900.isoformat()} if "
            "it counts from 1900, four years and a day later if from 1904): format the column "
            "as a date before saving",
        )
    return Problem(
        rule="a date is written year-month-day, year-month or year",
        value=text,
        next_step="Correct it, or use a missing code",
    )


def _checked(
    text: str, year: int, month: int | None = None, day: int | None = None
) -> PartialDate | Problem:
    rule = f"a date exists in the calendar, in the years {YEARS[0]} to {YEARS[-1]}"
    if month == 0 or day == 0:
        step = "An unknown month or day is left out: 2016-05 or 2016, not 2016-05-00"
        return Problem(rule=rule, value=text, next_step=step)
    try:
        dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return Problem(rule=rule, value=text, next_step="Correct it")
    if year not in YEARS:
        return Problem(rule=rule, value=text, next_step="Correct it")
    return PartialDate(year, month, day)
