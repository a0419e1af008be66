"""The entries of a paper file: groups, variables, tables, and each kind of printed number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from myocohort.papers.printed import parse, whole

Kind = Literal[
    "count",
    "percent",
    "mean",
    "sd",
    "median",
    "quartile",
    "limit",
    "p",
    "statistic",
    "odds_ratio",
    "hazard_ratio",
    "risk_ratio",
    "coefficient",
    "standard_error",
    "interval_limit",
    "correlation",
    "restated",
    "cited",
    "setting",
    "claim",
]


MOST_SIGNS = 30
"""No paper prints a longer number; arithmetic on longer ones would only take time."""
MOST_DIGITS = 9
"""Of a number of patients."""


def _number(text: str) -> str:
    if len(text) > MOST_SIGNS:
        raise ValueError(f"a printed number has at most {MOST_SIGNS} signs")
    parse(text)
    return text


def _whole_number(text: str) -> str:
    if len(text) > MOST_SIGNS:
        raise ValueError(f"a printed number has at most {MOST_SIGNS} signs")
    whole(text)
    if len(text.lstrip("0")) > MOST_DIGITS:
        raise ValueError(f"a number of patients has at most {MOST_DIGITS} digits")
    return text


_DF = r"^[0-9]{1,9}(\.[0-9]{1,9})?(, *[0-9]{1,9}(\.[0-9]{1,9})?)?$"
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[str, AfterValidator(_number)]
WholeNumber = Annotated[str, AfterValidator(_whole_number)]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
NamedText = tuple[str, str, Kind]  # name within the entry, text as printed, kind


class Part(BaseModel):
    """A table of a paper file: only declared keys, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(Part):
    """Patients that a number is about; all conditions given must hold.

    Parameters
    ----------
    label
        As a reader would call them.
    arm
        Value of the column `arm`.
    outcome
        Values of the column `outcome`, any of them.
    has
        A column in which they have a value.
    where
        Column -> value that they have in it.
    """

    label: Text
    arm: Text | None = None
    outcome: tuple[Text, ...] | None = None
    has: Column | None = None
    where: Mapping[Column, Text] = Field(default_factory=dict)


class Variable(Part):
    """What the values of a variable can be, as far as the paper says or a reader knows.

    Parameters
    ----------
    label
        As the paper calls it.
    levels
        All categories, of which a patient has exactly one; in their order where `ordered`.
        Empty where the paper does not print all of them.
    ordered
        Whether the categories have an order.
    step
        The unit of a single value: "1" for whole numbers. None where values are not counted
        in units (or nobody knows).
    items
        How many such values are averaged for one patient, as in a scale of several items.
    low, high
        Smallest and largest value that a patient can have.
    ties
        False where no two patients can share a value.
    """

    label: Text | None = None
    levels: tuple[Text, ...] = ()
    ordered: bool = False
    step: Number | None = None
    items: Annotated[int, Field(ge=1)] = 1
    low: Number | None = None
    high: Number | None = None
    ties: bool = True


class Reading(Part):
    """One way to understand rows that the paper does not explain.

    Parameters
    ----------
    id, label
        A name for it, and what it says in words.
    exclusive
        Sets of yes/no variables of which a patient has at most one.
    any_of
        Variable -> the variables that it sums up: a patient has it exactly when he or she has
        at least one of them.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Text
    exclusive: tuple[tuple[Column, ...], ...] = ()
    any_of: Mapping[Column, tuple[Column, ...]] = Field(default_factory=dict)


class SamePatients(Part):
    """Variables that were measured in the same patients of every group.

    Their means and counts rest on the same numbers of patients. `remark` says why.
    """

    variables: tuple[Column, ...] = Field(min_length=2)
    remark: Text


class PrintedTable(Part):
    """How a table looks in the paper.

    Parameters
    ----------
    id, caption
        A short name ("table1") and the heading over it.
    head, rows
        Cells from left to right, every row with as many. A number of this file is written as
        its id in braces, `{table1.ild.refractory.n}`; the rest is as printed.
    notes
        Lines under the table.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    caption: Text
    head: tuple[tuple[str, ...], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[Text, ...] = ()


class Claim(Part):
    """What the paper says in words, or by an asterisk, about the significance of a p value.

    `said` holds its words, where it does not use the word "significant".
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]+$")]
    place: Text
    of: Text
    significant: bool
    level: Number = "0.05"
    said: str = ""
    remark: str = ""

    def as_number(self) -> PrintedNumber:
        """Return the claim in the shape of a number, for checks that speak of it."""
        meant = "significant" if self.significant else "not significant"
        return PrintedNumber(self.id, self.place, self.said or meant, "claim", "", self)


class NotUnderstood(Part):
    """A piece of the paper with a number in it that was not understood."""

    place: Text
    text: Text


class Partition(Part):
    """Groups that have no patient in common and together make up another group."""

    whole: Text
    parts: tuple[Text, ...] = Field(min_length=2)
    id: Text | None = None
    place: Text | None = None


class Zeros(Part):
    """A finding and a measurement of the same thing.

    Patients at `level` of the categorical `finding` have the value 0 of `variable`, which
    is never negative. `remark` says on which reading of the paper this rests.
    """

    finding: Column
    level: Text
    variable: Column
    remark: Text


class Band(Part):
    """A finding that says between which values a measurement lies, both included.

    Whoever is at `level` of the categorical `finding` has a value of `variable` from `low` to
    `high`, and nobody else has one.
    """

    finding: Column
    level: Text
    variable: Column
    low: Number | None = None
    high: Number | None = None


class _Entry(Part):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]+$")]
    place: Text
    remark: str = ""

    def fields(self) -> Iterator[NamedText]:
        """Yield name, text and kind of each number that this entry prints."""
        raise NotImplementedError


class Size(_Entry):
    """How many patients a group has."""

    group: Text
    n: WholeNumber

    def fields(self) -> Iterator[NamedText]:
        """Yield n."""
        yield "n", self.n, "count"


class Missing(_Entry):
    """How many patients of a group have no value of a variable."""

    variable: Column
    group: Text
    n: WholeNumber

    def fields(self) -> Iterator[NamedText]:
        """Yield n."""
        yield "n", self.n, "count"


class Count(_Entry):
    """How many patients of a group have a level of a category, and which share that is.

    The denominator is the patients of the group that have a value: `of`, where the paper
    prints it ("32 of 37"), otherwise the group's size less those declared missing.
    """

    variable: Column
    level: Text = "yes"
    group: Text
    n: WholeNumber | None = None
    of: WholeNumber | None = None
    percent: Number | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield n, of and percent, where printed."""
        if self.n is not None:
            yield "n", self.n, "count"
        if self.of is not None:
            yield "of", self.of, "count"
        if self.percent is not None:
            yield "percent", self.percent, "percent"


class Mean(_Entry):
    """Mean and standard deviation of a variable in a group; `n` where printed beside them."""

    variable: Column
    group: Text
    n: WholeNumber | None = None
    mean: Number
    sd: Number | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield n, mean and sd, where printed."""
        if self.n is not None:
            yield "n", self.n, "count"
        yield "mean", self.mean, "mean"
        if self.sd is not None:
            yield "sd", self.sd, "sd"


class Median(_Entry):
    """Median and quartiles of a variable in a group."""

    variable: Column
    group: Text
    median: Number
    q1: Number | None = None
    q3: Number | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield median and quartiles, where printed."""
        yield "median", self.median, "median"
        for name, text in (("q1", self.q1), ("q3", self.q3)):
            if text is not None:
                yield name, text, "quartile"


class Range(_Entry):
    """Smallest and largest value of a variable in a group."""

    variable: Column
    group: Text
    low: Number | None = None
    high: Number | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield low and high, where printed."""
        for name, text in (("low", self.low), ("high", self.high)):
            if text is not None:
                yield name, text, "limit"


class PValue(_Entry):
    """The p value of a comparison of groups, and the test that the paper names for it.

    Parameters
    ----------
    claimed
        A key of TESTS; None where the paper names no test.
    statistic, df
        The test statistic and its degrees of freedom ("1", or "2, 37" for an F), where printed.
    """

    variable: Column
    groups: tuple[Text, ...] = Field(min_length=2)
    p: Number
    claimed: Text | None = None
    statistic: Number | None = None
    df: Annotated[str, Field(pattern=_DF)] | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield p, and the statistic where printed."""
        yield "p", self.p, "p"
        if self.statistic is not None:
            yield "statistic", self.statistic, "statistic"


Measure = Literal["odds_ratio", "hazard_ratio", "risk_ratio", "coefficient"]
MEASURES: tuple[Measure, ...] = ("odds_ratio", "hazard_ratio", "risk_ratio", "coefficient")


class ModelTerm(Part):
    """One line of a regression table, with exactly one of the measures.

    `term` is "variable" for a yes/no or number and "variable=level" for a category. A
    coefficient is a difference or a log ratio; the three others are ratios.
    """

    term: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(=\S+)?$")]
    odds_ratio: Number | None = None
    hazard_ratio: Number | None = None
    risk_ratio: Number | None = None
    coefficient: Number | None = None
    standard_error: Number | None = None
    low: Number | None = None
    high: Number | None = None
    p: Number | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> ModelTerm:
        printed = [name for name in MEASURES if getattr(self, name) is not None]
        if len(printed) != 1:
            raise ValueError(
                f"a line of a model has exactly one of {', '.join(MEASURES)}; "
                f"{self.term} has {', '.join(printed) or 'none'}"
            )
        return self

    @property
    def measure(self) -> Measure:
        """Which measure the line prints."""
        return next(name for name in MEASURES if getattr(self, name) is not None)

    @property
    def estimate(self) -> str:
        """The measure as printed."""
        text: str = getattr(self, self.measure)
        return text


class Model(_Entry):
    """A regression: ratios or coefficients with intervals and p values.

    Parameters
    ----------
    outcome
        The outcome that is modelled; None where nobody will refit it.
    claimed
        A key of MODELS; None where it is another model, or the paper names none.
    level
        Of the intervals, in percent.
    """

    outcome: Text | None = None
    group: Text
    claimed: Literal["ml", "firth", "exact"] | None = None
    level: Number = "95"
    terms: tuple[ModelTerm, ...] = Field(min_length=1)

    def fields(self) -> Iterator[NamedText]:
        """Yield the numbers of each term, named `<term>.<what>`."""
        for line in self.terms:
            yield f"{line.term}.{line.measure}", line.estimate, line.measure
            if line.standard_error is not None:
                yield f"{line.term}.standard_error", line.standard_error, "standard_error"
            if line.low is not None:
                yield f"{line.term}.low", line.low, "interval_limit"
            if line.high is not None:
                yield f"{line.term}.high", line.high, "interval_limit"
            if line.p is not None:
                yield f"{line.term}.p", line.p, "p"


class Correlation(_Entry):
    """A correlation of two variables in a group."""

    x: Column
    y: Column
    group: Text
    r: Number
    p: Number | None = None
    claimed: Text | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield r and p, where printed."""
        yield "r", self.r, "correlation"
        if self.p is not None:
            yield "p", self.p, "p"


class Same(_Entry):
    """A quantity that is printed elsewhere too, whether or not it reads the same there."""

    printed: Number
    of: Text

    def fields(self) -> Iterator[NamedText]:
        """Yield the number."""
        yield "printed", self.printed, "restated"


class Cited(_Entry):
    """A number of another study."""

    printed: Number
    why: Text

    def fields(self) -> Iterator[NamedText]:
        """Yield the number."""
        yield "printed", self.printed, "cited"


class Setting(_Entry):
    """A laboratory or analysis setting, the limit of a scale or a date of the schedule."""

    printed: Text
    why: Text

    def fields(self) -> Iterator[NamedText]:
        """Yield the number."""
        yield "printed", self.printed, "setting"


Entry = (
    Size
    | Missing
    | Count
    | Mean
    | Median
    | Range
    | PValue
    | Model
    | Correlation
    | Same
    | Cited
    | Setting
)


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """One printed number.

    Parameters
    ----------
    id
        `<entry id>.<field>`, unique in the paper.
    place
        Where the paper prints it.
    text
        As printed.
    kind
        What sort of number it is.
    field
        Its name within the entry ("n", "percent", "sex=male.low").
    entry
        The entry of the paper file that it belongs to; a claim is its own.
    """

    id: str
    place: str
    text: str
    kind: Kind
    field: str
    entry: Entry | Claim
