"""The entries of a paper file: groups of patients, and each kind of printed number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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
    "odds_ratio",
    "interval_limit",
    "correlation",
    "restated",
    "cited",
    "setting",
]


def _number(text: str) -> str:
    parse(text)
    return text


def _whole_number(text: str) -> str:
    whole(text)
    return text


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


class Count(_Entry):
    """How many patients of a group have a level of a category, and which share that is.

    The denominator is the patients of the group that have a value.
    """

    variable: Column
    level: Text = "yes"
    group: Text
    n: WholeNumber | None = None
    percent: Number | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield n and percent, where printed."""
        if self.n is not None:
            yield "n", self.n, "count"
        if self.percent is not None:
            yield "percent", self.percent, "percent"


class Mean(_Entry):
    """Mean and standard deviation of a variable in a group."""

    variable: Column
    group: Text
    mean: Number
    sd: Number | None = None

    def fields(self) -> Iterator[NamedText]:
        """Yield mean and sd, where printed."""
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
    """The p value of a comparison of groups, and the test that the paper names for it."""

    variable: Column
    groups: tuple[Text, ...] = Field(min_length=2)
    p: Number
    claimed: Text

    def fields(self) -> Iterator[NamedText]:
        """Yield p."""
        yield "p", self.p, "p"


class ModelTerm(Part):
    """One line of a regression table.

    `term` is "variable" for a yes/no or number and "variable=level" for a category.
    """

    term: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(=\S+)?$")]
    odds_ratio: Number
    low: Number | None = None
    high: Number | None = None
    p: Number | None = None


class Model(_Entry):
    """A logistic regression: odds ratios with intervals and p values."""

    outcome: Text
    group: Text
    claimed: Literal["ml", "firth"]
    terms: tuple[ModelTerm, ...] = Field(min_length=1)

    def fields(self) -> Iterator[NamedText]:
        """Yield the numbers of each term, named `<term>.<what>`."""
        for line in self.terms:
            yield f"{line.term}.odds_ratio", line.odds_ratio, "odds_ratio"
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
    claimed: Text

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


Entry = Size | Count | Mean | Median | Range | PValue | Model | Correlation | Same | Cited | Setting


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
        The entry of the paper file that it belongs to.
    """

    id: str
    place: str
    text: str
    kind: Kind
    field: str
    entry: Entry
