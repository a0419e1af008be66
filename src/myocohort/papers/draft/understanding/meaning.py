"""What the numbers of a group's cell are: a count, a mean, a median, or nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from myocohort.papers.draft.understanding.cells import Cell, Piece
from myocohort.papers.draft.understanding.labels import Hint, measured
from myocohort.papers.printed import Printed, parse

Kind = Literal["count", "ratio", "mean", "median", "range", "n", "nothing"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a cell says of its group.

    Parameters
    ----------
    kind
        "n" is a bare number of patients that waits for its neighbour: a count, or the number
        of patients that a mean rests on. "ratio" has the counts of two levels.
    pieces
        The fields of the entry: n, of, percent, mean, sd, median, q1, q3, low, high.
    remark
        What a person should look at.
    """

    kind: Kind
    pieces: Mapping[str, Piece]
    remark: str = ""


NOTHING = Meaning("nothing", {})


@dataclass(frozen=True, slots=True)
class Around:
    """What a cell's surroundings say about it.

    Parameters
    ----------
    column, row
        The hint of its head and of its label.
    table
        The hints of caption and notes.
    label
        Its row label.
    size
        Patients in its group, or None.
    shares
        Whether some cell of its row holds a count and the share that it is of its group.
    confidence
        Whether head, label or caption speak of confidence intervals.
    """

    column: Hint
    row: Hint
    table: frozenset[Hint]
    label: str
    size: int | None
    shares: bool = False
    confidence: bool = False


def is_share(cell: Cell, size: int | None) -> bool:
    """Return whether a pair is a count and its percentage of a group of that size.

    One unit of the printed percentage to either side is allowed.
    """
    if cell.shape != "pair" or not size:
        return False
    first, second = cell.pieces["first"], cell.pieces["second"]
    if not first.whole:
        return False
    percent: Printed = parse(second.text)
    return abs(Fraction(100 * int(first.text), size) - percent.value) <= percent.unit


_SE_LEFT_OUT = "The number behind the mean is a standard error, no SD: it was left out."


def _standard_error(around: Around) -> bool:
    """Return whether the number behind a mean is its standard error, or may be.

    The row says so; or the head; or caption, notes or Methods do, and no other speaks of SDs.
    """
    for said in (around.row, around.column):
        if said in ("mean_sd", "sd"):
            return False
        if said == "mean_se":
            return True
    return "mean_se" in around.table


def meaning_of(cell: Cell, around: Around) -> Meaning:
    """Say what the numbers of a cell are, or `NOTHING` where that cannot be told."""
    pieces = cell.pieces
    if cell.shape == "number":
        return _of_number(cell, pieces["first"], around)
    if cell.shape == "pair":
        return _of_pair(cell, pieces["first"], pieces["second"], around)
    if cell.shape == "share":
        named = {"n": pieces["first"], "of": pieces["of"]}
        if "second" in pieces:
            named["percent"] = pieces["second"]
        elif int(pieces["first"].text) > int(pieces["of"].text):
            return NOTHING  # a blood pressure, say
        return Meaning("count", named)
    if cell.shape == "ratio":
        named = {"first": pieces["first"], "of": pieces["of"]}
        if "second" in pieces:
            named["percent"] = pieces["second"]
        return Meaning("ratio", named)
    if cell.shape == "plus_minus":
        named = {"mean": pieces["first"], "sd": pieces["second"]}
        if _standard_error(around):
            del named["sd"]
        named.update({role: pieces[role] for role in ("n", "low", "high") if role in pieces})
        if "low" in pieces and cell.word == "ci":
            return NOTHING
        return Meaning("mean", named, "" if "sd" in named else _SE_LEFT_OUT)
    if cell.shape == "triple":
        return _of_triple(cell, around)
    if cell.shape == "interval" and "range" in (around.column, around.row, cell.word):
        return Meaning("range", {"low": pieces["low"], "high": pieces["high"]})
    if cell.shape == "interval" and "quartiles" in (around.column, around.row):
        return Meaning("median", {"q1": pieces["low"], "q3": pieces["high"]})
    return NOTHING


def _of_number(cell: Cell, first: Piece, around: Around) -> Meaning:
    plain = parse(first.text).relation == ""
    if not plain:
        return NOTHING
    if "first" in cell.percent or "percent" in (around.column, around.row):
        return Meaning("count", {"percent": first})
    said = around.column or around.row
    if said in ("n", "count_percent"):
        return Meaning("n", {"n": first}) if first.whole else NOTHING
    if said in ("mean", "mean_sd", "mean_se"):
        return Meaning("mean", {"mean": first})
    if said == "sd":
        return Meaning("mean", {"sd": first})
    if said in ("median", "median_quartiles", "median_range"):
        return Meaning("median", {"median": first})
    if said in ("quartiles", "range"):
        return NOTHING
    fits = around.size is None or (first.whole and int(first.text) <= around.size)
    if not first.whole:
        if "percent" in around.table and not around.table & {"mean", "mean_sd", "median"}:
            return Meaning("count", {"percent": first})
        if around.table & {"median", "median_quartiles", "median_range"} and not (
            around.table & {"mean", "mean_sd", "mean_se"}
        ):
            return Meaning("median", {"median": first})
        said_so = (
            bool(around.table & {"mean", "mean_sd", "mean_se"}) or "average" in around.label.lower()
        )
        remark = "" if said_so else "Read as a mean: the table does not say what it is."
        return Meaning("mean", {"mean": first}, remark)
    if measured(around.label):
        return NOTHING
    return Meaning("n", {"n": first}) if fits else NOTHING


def _of_pair(cell: Cell, first: Piece, second: Piece, around: Around) -> Meaning:
    if "first" in cell.percent:
        return Meaning("count", {"percent": first, "n": second}) if second.whole else NOTHING
    count = Meaning("count", {"n": first, "percent": second})
    mean = Meaning("mean", {"mean": first, "sd": second})
    if _standard_error(around):
        mean = Meaning("mean", {"mean": first}, _SE_LEFT_OUT)
    said = around.column or around.row
    if "second" in cell.percent:
        return count if first.whole else NOTHING
    if said in ("n", "percent"):  # a pair in a column for one number: the head is of other rows
        said = ""
    # A row that says what it holds is believed before a head that speaks of all rows.
    if around.row in ("count_percent", "n", "percent"):
        said = "count_percent"
    elif around.row:
        said = around.row
    if said in ("count_percent", "n", "percent"):
        if first.whole:
            return count
        if around.row:
            return NOTHING
        said = ""
    means = bool(around.table & {"mean_sd", "mean_se"})
    if said in ("mean_sd", "mean_se", "mean"):
        return mean
    if said:
        return NOTHING
    if not first.whole:
        medians = around.table & {"median", "median_quartiles"}
        return NOTHING if medians and not means else mean
    if around.shares:
        return count
    if around.size is not None and int(first.text) > around.size:
        return mean
    if measured(around.label):
        return mean if means or not around.table else NOTHING
    if around.size is None:
        return count if parse(second.text).decimals and parse(second.text).value <= 100 else NOTHING
    only_counts = "count_percent" in around.table and not means
    return count if only_counts else NOTHING


def _of_triple(cell: Cell, around: Around) -> Meaning:
    pieces = cell.pieces
    first, low, high = pieces["first"], pieces["low"], pieces["high"]
    said = around.row or around.column
    if cell.word == "ci" or (around.confidence and not cell.word and not said):
        return NOTHING
    if said in ("mean", "mean_sd", "mean_se"):
        if cell.word == "range" or "range" in (around.column, around.row):
            return Meaning("mean", {"mean": first, "low": low, "high": high})
        return NOTHING
    quartiles = Meaning("median", {"median": first, "q1": low, "q3": high})
    limits = Meaning("median", {"median": first, "low": low, "high": high})
    if cell.word == "range" or said in ("median_range", "range"):
        return limits
    if cell.word == "quartiles" or said in ("median_quartiles", "quartiles"):
        return quartiles
    if "median_quartiles" in around.table or "quartiles" in around.table:
        return quartiles
    if "median_range" in around.table or "range" in around.table:
        return limits
    doubt = "Read as median and quartiles: the table does not say whether it is a range."
    return Meaning("median", quartiles.pieces, doubt)
