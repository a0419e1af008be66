"""A variable of a study, and the only validator of its values."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from myocohort.errors import Problem
from myocohort.study.dates import DateOrder, parse_date
from myocohort.study.units import canonical, convertible_to, factor
from myocohort.study.values import NOT_RECORDED, Value

# ASCII digits only: int("２") is 2 in Python, and a full-width digit is a typing accident.
NUMBER = re.compile(r"(?P<number>[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)(?P<unit>\s*[^0-9.,].*)?")
GROUPED = re.compile(r"[+-]?[0-9]+[,' ][0-9]+.*|[+-]?[0-9]+(\.[0-9]{3})+[.,][0-9]+")

YES = {"yes", "y", "1", "true"}
NO = {"no", "n", "0", "false"}

THOUSANDTH = re.compile(r"[0-9]{1,3}\.[0-9]{3}")

Cell = str | int | float | bool | dt.date | dt.datetime | None
"""What a cell may hold: text from CSV, or a typed value from a workbook."""


class Variable(BaseModel):
    """What a study measures: its type, unit, categories, range, missing codes and source.

    A yes/no variable may be derived with one of `at_least`, `at_most` or `any_of`, which
    compare the source column; a category may be derived with `bands`.

    Parameters
    ----------
    label
        What tables and figures call it.
    type
        integer, number, category, yes_no, date or text.
    unit
        Of numbers; a cell may carry another known unit ("12 ukat/L") and is converted.
    categories
        Code -> label, in order.
    scores
        Code -> number, for ordered categories that are compared or averaged.
    minimum, maximum
        The valid range, both ends included.
    missing
        Code as written -> reason, beside the study's own.
    table, column
        Where it comes from; the column is the variable's name when not given.
    where
        Other columns of that table with the value that picks the row, such as
        ``{antigen = "Ro-52"}``.
    month
        Of a table with visits: which planned month is taken.
    at_least, at_most, any_of
        What makes a derived yes/no variable a yes. MRC codes compare by their whole grade.
    bands
        Of a derived category: code -> [low, high], both ends included, of the source column.
    identifying
        Values are never repeated in messages.
    required
        A cell may not be empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = ""
    label: str = ""
    type: Literal["integer", "number", "category", "yes_no", "date", "text"]
    unit: str | None = None
    categories: dict[str, str] = Field(default_factory=dict)
    scores: dict[str, float] = Field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    missing: dict[str, str] = Field(default_factory=dict)
    table: str = "baseline"
    column: str = ""
    where: dict[str, str] = Field(default_factory=dict)
    month: Annotated[int, Field(ge=0)] | None = None
    at_least: float | None = None
    at_most: float | None = None
    any_of: tuple[str, ...] = ()
    bands: dict[str, tuple[float, float]] = Field(default_factory=dict)
    identifying: bool = False
    required: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Variable:
        if self.type == "category" and not (self.categories or self.name == ""):
            raise ValueError("a category needs `categories`: code = label")
        if self.type != "category" and (self.categories or self.scores):
            raise ValueError("`categories` and `scores` belong to the type category")
        if set(self.scores) - set(self.categories):
            raise ValueError("`scores` names codes that are not in `categories`")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("`minimum` is above `maximum`")
        derivations = [self.at_least is not None, self.at_most is not None, bool(self.any_of)]
        if any(derivations) and (sum(derivations) > 1 or self.type != "yes_no"):
            raise ValueError("one of at_least, at_most, any_of derives a yes_no variable")
        if self.bands and set(self.bands) != set(self.categories):
            raise ValueError("`bands` gives [low, high] for each of `categories`")
        limits = sorted(self.bands.values())
        if any(low > high for low, high in limits) or any(
            before[1] >= after[0] for before, after in itertools.pairwise(limits)
        ):
            raise ValueError("`bands` are [low, high] and do not overlap")
        return self

    @property
    def derived(self) -> bool:
        """Whether the variable is made from another column by comparing it."""
        compared = self.at_least is not None or self.at_most is not None
        return compared or bool(self.any_of) or bool(self.bands)

    @property
    def title(self) -> str:
        """The label, or the name where no label is given."""
        return self.label or self.name.replace("_", " ")

    def parse(self, raw: Cell, date_order: DateOrder = "iso") -> Value | Problem:
        """Validate one cell: the only place that knows types, ranges, units and missing codes.

        Parameters
        ----------
        raw
            The cell, as text or as a workbook gives it.
        date_order
            How 03/04/2020 is to be read; under "iso" it is refused.

        Returns
        -------
        Value or Problem
            The value in the variable's type and unit, or what is wrong with it; the
            caller adds file, row and column.
        """
        text = _as_text(raw)
        if text == "":
            if self.required:
                return Problem(rule=f"{self.title} may not be empty", next_step="Fill it in")
            return Value(raw="", missing=NOT_RECORDED)
        for code, reason in self.missing.items():
            if text == code or _same_number(text, code):
                return Value(raw=text, missing=reason)
        parsed = self._parse_present(raw, text, date_order)
        if isinstance(parsed, Problem) and self.identifying:
            return Problem(rule=parsed.rule, next_step="Correct it, or use a missing code")
        return parsed

    def _parse_present(self, raw: Cell, text: str, date_order: DateOrder) -> Value | Problem:
        if self.type in ("integer", "number"):
            return self._parse_number(text)
        if self.type == "category":
            return self._parse_category(text)
        if self.type == "yes_no":
            return self._parse_yes_no(text)
        if self.type == "date":
            date = parse_date(raw if isinstance(raw, dt.date) else text, date_order)
            if isinstance(date, Problem):
                return Problem(
                    rule=f"{self.title}: {date.rule}", value=text, next_step=date.next_step
                )
            return Value(raw=text, date=date)
        return Value(raw=text, text=text)

    def _parse_number(self, text: str) -> Value | Problem:
        kind = "a whole number" if self.type == "integer" else "a number"
        rule = f"{self.title} is {kind}{self._range_in_words()}"
        # Enzyme activities are not reported to a thousandth: 1.234 U/L is 1234 written the
        # German way, or a slip.
        thousandth = self.unit == "U/L" and THOUSANDTH.fullmatch(text) is not None
        if thousandth or GROUPED.fullmatch(text):
            return Problem(
                rule=rule,
                value=text,
                next_step="The comma or point may separate thousands or decimals: write the "
                "number without thousands separators and with a decimal point",
            )
        match = NUMBER.fullmatch(text)
        unit = (match["unit"] or "").strip() if match else ""
        if match is None or (unit and not self.unit):
            return Problem(rule=rule, value=text, next_step="Correct it, or use a missing code")
        number = float(match["number"])
        if not math.isfinite(number):
            return Problem(rule=rule, value=text, next_step="The number is too large to be kept")
        if unit and self.unit:
            scale = factor(unit, self.unit)
            if scale is None:
                known = ", ".join(convertible_to(self.unit))
                return Problem(
                    rule=f"{self.title} is in {canonical(self.unit)}; known units: {known}",
                    value=text,
                    next_step="Convert the value or correct the unit",
                )
            number *= scale
        if self.type == "integer" and number != int(number):
            return Problem(rule=rule, value=text, next_step="Correct it, or use a missing code")
        if (self.minimum is not None and number < self.minimum) or (
            self.maximum is not None and number > self.maximum
        ):
            return Problem(
                rule=rule,
                value=text,
                next_step="Correct it, or declare it as a missing code in the study file",
            )
        return Value(raw=text, number=number)

    def _range_in_words(self) -> str:
        unit = f" {canonical(self.unit)}" if self.unit else ""
        if self.minimum is not None and self.maximum is not None:
            return f" from {self.minimum:g} to {self.maximum:g}{unit}"
        if self.minimum is not None:
            return f", at least {self.minimum:g}{unit}"
        if self.maximum is not None:
            return f", at most {self.maximum:g}{unit}"
        return f" in{unit}" if unit else ""

    def _parse_category(self, text: str) -> Value | Problem:
        if text in self.categories:
            return Value(raw=text, text=text)
        folded = text.casefold()
        for code, label in self.categories.items():
            if folded in (code.casefold(), label.casefold()):
                return Value(raw=text, text=code)
        known = ", ".join(self.categories)
        return Problem(
            rule=f"{self.title} is one of: {known}",
            value=text,
            next_step="Correct it, or add the category to the study file",
        )

    def _parse_yes_no(self, text: str) -> Value | Problem:
        folded = text.casefold()
        if folded in YES:
            return Value(raw=text, text="yes")
        if folded in NO:
            return Value(raw=text, text="no")
        return Problem(
            rule=f"{self.title} is yes or no (also y/n, 1/0, true/false)",
            value=text,
            next_step="Correct it, or use a missing code",
        )


def same_text(value: object, wanted: str) -> bool:
    """Whether a value is what a study file writes: numbers by value, text without case."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        value = f"{value:.15g}"
    return str(value).strip().casefold() == wanted.strip().casefold()


def _same_number(text: str, code: str) -> bool:
    """Whether both are plain numbers of the same value: -99.0 is the missing code -99."""
    if NUMBER.fullmatch(text) is None or NUMBER.fullmatch(code) is None:
        return False
    try:
        return float(text) == float(code)
    except ValueError:  # a number with its unit
        return False


def _as_text(raw: Cell) -> str:
    """Write a cell as text: 2.0 of a workbook is 2, TRUE is true."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat()
    return str(raw).strip()
