"""What each clinical score reads, and how a row of the analysis table becomes that."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from myocohort.outcomes import iim_classification, imnm_entry, mmt8, mrs_change, rim_entry
from myocohort.outcomes import total_improvement as improvement
from myocohort.outcomes.core_set import ENZYMES, CoreSet, Enzyme, Measured, Population
from myocohort.study.variable import Variable

Kind = Literal["yes_no", "number", "scale", "code"]
TYPES: dict[Kind, tuple[str, ...]] = {
    "yes_no": ("yes_no",),
    "number": ("integer", "number"),
    "scale": ("integer", "number"),
    "code": ("category", "text", "integer", "number"),
}
"""Kind of an item -> types of a variable that it can be read from. A scale needs a `maximum`,
which is its denominator."""

SCALES = ("physician_global", "patient_global", "mmt", "haq", "extramuscular")


@dataclass(frozen=True, slots=True)
class Row:
    """One patient's values under the names of a score's items.

    Parameters
    ----------
    patient
        Code.
    values
        Item -> value: "yes" or "no", a number, a code; None where it is missing.
    out_of
        Item -> top of its scale, of those that have one.
    population
        Adult or juvenile, where known.
    """

    patient: str
    values: Mapping[str, Any]
    out_of: Mapping[str, float]
    population: Population | None

    def yes(self, item: str) -> bool | None:
        """Return a yes or no; None where it is missing."""
        value = self.values.get(item)
        return None if value is None else value == "yes"

    def number(self, item: str) -> str | None:
        """Return the decimal text of a number, so that 0.1 is one tenth."""
        value = self.values.get(item)
        if value is None or math.isnan(value):
            return None
        return str(int(value)) if float(value).is_integer() else repr(float(value))

    def integer(self, item: str) -> int | None:
        """Return a whole number."""
        text = self.number(item)
        return None if text is None else int(text)

    def code(self, item: str) -> str | None:
        """Return a code as text."""
        value = self.values.get(item)
        return self.number(item) if isinstance(value, int | float) else value

    def measured(self, item: str) -> Measured | None:
        """Return a value with the top of its scale."""
        value = self.number(item)
        return None if value is None else Measured(value, self.out_of[item])


@dataclass(frozen=True, slots=True)
class Reading:
    """How a score is read.

    Parameters
    ----------
    items
        Item -> its kind.
    inputs
        A patient's row -> what the score takes.
    """

    items: Mapping[str, Kind]
    inputs: Callable[[Row], Any]


def _core_items(ending: str) -> dict[str, Kind]:
    """Return the items of the core set at one visit."""
    scales: dict[str, Kind] = {f"{name}{ending}": "scale" for name in SCALES}
    enzymes: dict[str, Kind] = {f"{name}{ending}": "number" for name in ENZYMES}
    limits: dict[str, Kind] = {f"{name}_limit{ending}": "number" for name in ENZYMES}
    return {**scales, **enzymes, **limits}


def _core_set(row: Row, ending: str) -> CoreSet:
    """Return the core set at one visit; enzymes that the study names play a part."""
    scales = {name: row.measured(f"{name}{ending}") for name in SCALES}
    enzymes = tuple(
        Enzyme(name, row.number(f"{name}{ending}"), row.number(f"{name}_limit{ending}"))
        for name in ENZYMES
        if f"{name}{ending}" in row.values
    )
    return CoreSet(**scales, enzymes=enzymes)


def _improvement(row: Row) -> improvement.CoreSetChange:
    before, after = _core_set(row, "_before"), _core_set(row, "_after")
    return improvement.CoreSetChange(row.patient, before, after, row.population)


def _rim(row: Row) -> rim_entry.Treated:
    return rim_entry.Treated(
        row.patient,
        row.population,
        row.yes("glucocorticoids_failed"),
        row.yes("other_agent_failed"),
        _core_set(row, ""),
    )


def _imnm(row: Row) -> imnm_entry.Screened:
    return imnm_entry.Screened(
        row.patient,
        row.yes("anti_srp"),
        row.yes("anti_hmgcr"),
        row.code("weakest_proximal_mrc"),
        row.number("ck_u_per_l"),
    )


def _classification(row: Row) -> iim_classification.Findings:
    found = {name: row.yes(name) for name in iim_classification.POINTS}
    in_biopsy = {name: row.yes(name) for name in iim_classification.BIOPSY_POINTS}
    # Where the study does not say who had a biopsy, a finding of one says it.
    biopsy = (
        row.yes("biopsy") is True
        if "biopsy" in row.values
        else any(finding is not None for finding in in_biopsy.values())
    )
    if biopsy:
        found.update(in_biopsy)
    return iim_classification.Findings(
        row.patient, onset_age=row.number("onset_age"), biopsy=biopsy, **found
    )


_MMT8_ITEMS: dict[str, tuple[str, str | None]] = {mmt8.AXIAL: (mmt8.AXIAL, None)} | {
    f"{side} {muscle}": (muscle, side)
    for muscle in mmt8.MUSCLES
    if muscle != mmt8.AXIAL
    for side in mmt8.SIDES
}


def _mmt8(row: Row) -> mmt8.Muscles:
    return mmt8.Muscles(
        row.patient,
        tuple(
            mmt8.Grade(muscle, side, row.code(item))
            for item, (muscle, side) in _MMT8_ITEMS.items()
            if item in row.values
        ),
    )


def _mrs(row: Row) -> mrs_change.TwoGrades:
    return mrs_change.TwoGrades(row.patient, row.integer("before"), row.integer("after"))


READINGS: dict[str, Reading] = {
    "total_improvement": Reading({**_core_items("_before"), **_core_items("_after")}, _improvement),
    "iim_classification": Reading(
        {
            "onset_age": "number",
            **dict.fromkeys(iim_classification.POINTS, "yes_no"),
            "biopsy": "yes_no",
            **dict.fromkeys(iim_classification.BIOPSY_POINTS, "yes_no"),
        },
        _classification,
    ),
    "mmt8": Reading(dict.fromkeys(_MMT8_ITEMS, "code"), _mmt8),
    "rim_entry": Reading(
        {"glucocorticoids_failed": "yes_no", "other_agent_failed": "yes_no", **_core_items("")},
        _rim,
    ),
    "imnm_entry": Reading(
        {
            "anti_srp": "yes_no",
            "anti_hmgcr": "yes_no",
            "weakest_proximal_mrc": "code",
            "ck_u_per_l": "number",
        },
        _imnm,
    ),
    "mrs_change": Reading({"before": "number", "after": "number"}, _mrs),
}
"""Name of a score -> how it is read; one for each of `SCORES`."""


def tops(items: Mapping[str, str], variables: Mapping[str, Variable]) -> dict[str, float]:
    """Return item -> the maximum of its variable, of those that have one."""
    return {
        item: float(top)
        for item, name in items.items()
        if (top := variables[name].maximum) is not None
    }
