"""What a printed number counts or measures, in words."""

from __future__ import annotations

from collections.abc import Mapping

from myocohort.papers.entries import (
    Cited,
    Claim,
    Correlation,
    Count,
    Mean,
    Median,
    Missing,
    Model,
    PrintedNumber,
    PValue,
    Range,
    Same,
    Setting,
    Size,
)
from myocohort.papers.paperfile import Paper

_FIELDS = {
    "n": "number",
    "of": "out of",
    "percent": "percentage",
    "mean": "mean",
    "sd": "SD",
    "median": "median",
    "q1": "lower quartile",
    "q3": "upper quartile",
    "low": "lower limit",
    "high": "upper limit",
    "p": "p",
    "statistic": "test statistic",
    "r": "correlation",
    "odds_ratio": "odds ratio",
    "hazard_ratio": "hazard ratio",
    "risk_ratio": "risk ratio",
    "coefficient": "coefficient",
    "standard_error": "standard error",
}


def described(paper: Paper, number: PrintedNumber, places: Mapping[str, str]) -> tuple[str, str]:
    """Say what a number is about, and what it says of it.

    Variables and groups are called by their labels, where the file gives them any.

    Parameters
    ----------
    paper
        The paper file.
    number
        One of its numbers.
    places
        Id of each printed number -> its place, for restatements.

    Returns
    -------
    tuple
        "onset age, refractory group" and "mean"; the second is empty for a restatement, a
        setting and a number of another study.
    """
    entry = number.entry
    if isinstance(entry, Claim):
        return f"what is said of the p value of {places[entry.of]}", ""
    if isinstance(entry, Same):
        return f"restates {places[entry.of]}", ""
    if isinstance(entry, Cited | Setting):
        return entry.why, ""
    groups = entry.groups if isinstance(entry, PValue) else (entry.group,)
    whom = " and ".join(paper.groups[group].label for group in groups)
    what = _FIELDS[number.field.rpartition(".")[2]]
    if isinstance(entry, Size):
        return whom, what
    if isinstance(entry, Range):
        what = "smallest" if number.field == "low" else "largest"
    return f"{_measured(paper, entry, number.field)}, {whom}", what


def variable_words(paper: Paper, name: str) -> str:
    """Return a variable's label, or its name with spaces."""
    return paper.variable(name).label or name.replace("_", " ")


def _measured(
    paper: Paper,
    entry: Missing | Count | Mean | Median | Range | PValue | Model | Correlation,
    field: str,
) -> str:
    if isinstance(entry, Model):
        name, _, level = field.rpartition(".")[0].partition("=")
        variable = variable_words(paper, name)
        return f"{variable} = {level}" if level else variable
    if isinstance(entry, Correlation):
        return f"{variable_words(paper, entry.x)} with {variable_words(paper, entry.y)}"
    variable = variable_words(paper, entry.variable)
    if isinstance(entry, Missing):
        return f"{variable} missing"
    if isinstance(entry, Count) and entry.level != "yes":
        return f"{variable}: {entry.level.replace('_', ' ')}"
    return variable
