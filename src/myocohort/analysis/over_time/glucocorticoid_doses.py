"""Cumulative glucocorticoid doses: by month 12, in the whole follow-up, and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.over_time.followed import Followed, Members, count_reasons
from myocohort.analysis.over_time.glucocorticoid import (
    NO_ROW,
    Dose,
    Prescription,
    cumulative_dose,
    prescription,
)
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable
from myocohort.outcomes import OUTCOMES
from myocohort.outcomes.prednisone_equivalent import EQUIVALENT_MG, REFERENCE, TABLE
from myocohort.registry.records import Records
from myocohort.report.wording import counted
from myocohort.stats.describe import QUANTILE_DEFINITIONS, describe_values
from myocohort.stats.hodges_lehmann import hodges_lehmann
from myocohort.stats.mann_whitney import mann_whitney

MONTHS, DAYS = 12, 365
"""Up to when the first dose is summed: a month, and the day that stands for it, so that no
patient's year is longer than another's."""
MOST_PAIRS = 2_000_000
"""Pairs of values above which no shift is estimated, because it looks at all of them."""
WEIGHTS = ("weight", "body_weight", "weight_kg")
"""Names that a study's variable of the body weight may have; its unit is kg."""
COMPARED = OUTCOMES[:2]
"""The outcomes whose doses are compared: the first less the second."""

NO_START = "start of treatment not known to the day"
NO_FOLLOW_UP = "no visit after the start of treatment"
LENGTHS = (
    "The doses of the whole follow-up were not compared: who is followed for longer gathers more. "
    "The mean dose a day was compared instead."
)
CONFOUNDING = (
    "The dose follows the disease: who is weaker, or relapses, is given more and for longer "
    "(confounding by indication). A difference between the groups is no effect of the dose."
)


@dataclass(frozen=True, slots=True)
class PatientDoses:
    """What is said of one patient: each a dose, or why it is not known."""

    by_month: Dose | str
    whole: Dose | str


def describe_doses(
    asked: Asked, people: Sequence[Followed], groups: Sequence[Members], window_opens: float
) -> tuple[dict[str, Any], list[PatientDoses]]:
    """Describe the cumulative doses, as prednisone.

    Parameters
    ----------
    asked
        Its records have the treatments, and its table may have a weight.
    people
        The followed patients.
    groups
        Members by their place in `people`.
    window_opens
        First month in which a visit counts for month 12; who was last seen before it, and
        lives, has no dose by month 12.

    Returns
    -------
    dict
        `patients_over_time.glucocorticoid` of results.json (docs/results.md).
    list of PatientDoses
        In the order of `people`, in the unit of the section.
    """
    rows = _rows(asked.records)
    weights = _weights(asked.table)
    found: dict[str, Any] = {
        "left_out": "" if rows else "no glucocorticoid is recorded among the treatments.",
        "table": TABLE,
        "reference": REFERENCE,
        "equivalents": [
            {"drug": drug, "mg": mg, "prednisone_mg": EQUIVALENT_MG["prednisone"]}
            for drug, mg in EQUIVALENT_MG.items()
        ],
        "unit": None,
        "month": MONTHS,
        "window_opens": window_opens,
        "weight": weights is not None,
        "quartiles": QUANTILE_DEFINITIONS["weibull"],
        "measures": [],
        "facts": {},
        "notes": [],
        "warnings": [],
    }
    if not rows:
        return found, [PatientDoses(NO_ROW, NO_ROW) for _ in people]
    doses, per_kg = _in_the_better_unit(people, rows, weights or {}, window_opens)
    found["unit"] = "mg/kg" if per_kg else "mg"
    found["measures"] = [
        {
            **_measure(identity, label, f"{found['unit']}{a_day}", values, groups),
            **_compared(identity, label, values, people),
        }
        for identity, label, a_day, values in _values(doses)
    ]
    found["facts"] = _facts(people, rows, doses)
    found["notes"] = _notes(found, window_opens)
    found["warnings"] = _warnings(found["facts"])
    return found, doses


def _rows(records: Records) -> dict[str, list[Prescription]]:
    """Return the glucocorticoids of each patient."""
    frame = records.treatments
    frame = frame[frame["drug"] == "glucocorticoid"]
    columns = (frame[name] for name in ("patient", "name", "dose", "dose_unit", "start", "stop"))
    found: dict[str, list[Prescription]] = {}
    for patient, name, dose, unit, start, stop in zip(*columns, strict=True):
        number = None if dose is None or pd.isna(dose) else float(dose)
        read = prescription(_text(name), number, _text(unit), _text(start), _text(stop))
        found.setdefault(str(patient), []).append(read)
    return found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _weights(table: AnalysisTable) -> dict[str, float] | None:
    """Return the body weight of each patient in kg, or None where the study measures none."""
    for name in WEIGHTS:
        variable = table.variables.get(name)
        if variable is None or variable.type not in ("integer", "number") or variable.unit != "kg":
            continue
        values = zip(table.frame["patient"], table.frame[name], strict=True)
        return {str(patient): float(kg) for patient, kg in values if pd.notna(kg) and kg > 0}
    return None


def _in_the_better_unit(
    people: Sequence[Followed],
    rows: Mapping[str, Sequence[Prescription]],
    weights: Mapping[str, float],
    window_opens: float,
) -> tuple[list[PatientDoses], bool]:
    """Return the doses in mg, or in mg per kg where more patients then have one."""
    units = {
        row.unit.per_kg for listed in rows.values() for row in listed if row.unit is not None
    }  # of rows without any by weight no other sum is better than that in mg
    choices = []
    for per_kg in (False, True) if True in units else (False,):
        doses = [
            _of_patient(
                person, rows.get(person.patient, ()), weights.get(person.patient), per_kg,
                window_opens,
            )
            for person in people
        ]  # fmt: skip
        known = sum(isinstance(dose.whole, Dose) for dose in doses)
        choices.append((known, not per_kg, doses))
    _, in_mg, doses = max(choices, key=lambda choice: choice[:2])
    return doses, not in_mg


def _of_patient(
    person: Followed,
    rows: Sequence[Prescription],
    weight: float | None,
    per_kg: bool,
    window_opens: float,
) -> PatientDoses:
    if not rows:
        return PatientDoses(NO_ROW, NO_ROW)
    if person.start is None:
        return PatientDoses(NO_START, NO_START)
    if person.end_day is None or person.end is None:
        return PatientDoses(NO_FOLLOW_UP, NO_FOLLOW_UP)
    first, end = float(person.start.toordinal()), person.end_day
    last = min(first + DAYS, end)

    def dose(until: float) -> Dose | str:
        return cumulative_dose(rows, first, until, end, per_kg=per_kg, weight=weight)

    by_month: Dose | str = f"last seen before month {window_opens:g}"
    if person.end >= window_opens or person.died:
        by_month = dose(last)
    return PatientDoses(by_month, dose(end))


Value = tuple[float, str]
"""A number, NaN where missing, and why it is missing."""


def _values(doses: Sequence[PatientDoses]) -> list[tuple[str, str, str, list[Value]]]:
    """Return identity, label, what follows the unit, and values of each measure."""

    def total(dose: Dose | str) -> Value:
        return (float("nan"), dose) if isinstance(dose, str) else (dose.middle, "")

    def a_day(dose: Dose | str) -> Value:
        if isinstance(dose, str):
            return float("nan"), dose
        return (dose.middle / dose.days, "") if dose.days > 0 else (float("nan"), NO_FOLLOW_UP)

    by_month = [total(dose.by_month) for dose in doses]
    return [
        (f"month_{MONTHS}", f"Dose by month {MONTHS} (day {DAYS})", "", by_month),
        ("whole", "Dose in the whole follow-up", "", [total(d.whole) for d in doses]),
        ("per_day", "Mean dose a day of the whole follow-up", "/day",
         [a_day(d.whole) for d in doses]),
    ]  # fmt: skip


def _measure(
    identity: str, label: str, unit: str, values: Sequence[Value], groups: Sequence[Members]
) -> dict[str, Any]:
    described = []
    for group in groups:
        of_group = [values[row] for row in group.rows]
        summary = describe_values([value for value, _ in of_group])
        described.append(
            {
                "by": group.by,
                "code": group.code,
                "label": group.label,
                "n": summary.n,
                "missing": summary.n_missing,
                "reasons": count_reasons(why for _, why in of_group if why),
                "median": summary.median,
                "q1": summary.lower_quartile,
                "q3": summary.upper_quartile,
                "min": summary.minimum,
                "max": summary.maximum,
            }
        )
    return {"id": identity, "label": label, "unit": unit, "groups": described}


def _compared(
    identity: str, label: str, values: Sequence[Value], people: Sequence[Followed]
) -> dict[str, Any]:
    """Compare the two outcomes: shift, limits and p of one family, or why there are none."""
    if all(np.isnan(value) for value, _ in values):
        return {"comparison": None, "not_compared": "Not compared: no dose is known."}
    if identity == "whole":
        return {"comparison": None, "not_compared": LENGTHS}
    codes = np.array(
        [COMPARED.index(p.outcome) if p.outcome in COMPARED else -1 for p in people], dtype=int
    )
    inside = codes >= 0
    numbers = np.array([value for value, _ in values], dtype=float)[inside]
    codes = codes[inside]
    if len(set(codes[~np.isnan(numbers)].tolist())) < len(COMPARED):
        why = "Not compared: no dose is known in one of the two groups of the outcome."
        return {"comparison": None, "not_compared": why}
    question = f"{label}: is it higher in one group of the outcome?"
    # The order of the records must not decide in which order numbers are added.
    order = np.lexsort((codes, numbers))
    numbers, codes = numbers[order], codes[order]
    known = codes[~np.isnan(numbers)]
    if int((known == 0).sum()) * int((known == 1).sum()) <= MOST_PAIRS:
        result = hodges_lehmann(numbers, codes, question=question)
    else:
        result = mann_whitney(numbers, codes, question=question)
        why = f"no shift was estimated: there are more than {MOST_PAIRS:,} pairs of values"
        result = replace(result, warnings=(*result.warnings, why))
    return {
        "comparison": {"first": COMPARED[0], "second": COMPARED[1], **result.as_dict()},
        "not_compared": "",
    }


def _facts(
    people: Sequence[Followed],
    rows: Mapping[str, Sequence[Prescription]],
    doses: Sequence[PatientDoses],
) -> dict[str, int]:
    """Count what a reader must know of the records behind the doses of the whole follow-up."""
    known = [
        (dose.whole, person)
        for dose, person in zip(doses, people, strict=True)
        if isinstance(dose.whole, Dose)
    ]
    before = 0
    for _, person in known:
        assert person.start is not None
        first = person.start.toordinal()
        starts = [row.start for row in rows.get(person.patient, ()) if row.start is not None]
        before += any(start.earliest.toordinal() < first for start in starts)
    return {
        "patients": len(known),
        "open_rows": sum(dose.open_rows for dose, _ in known),
        "open": sum(dose.open_rows > 0 for dose, _ in known),
        "partial": sum(dose.low < dose.high for dose, _ in known),
        "overlapping": sum(dose.overlapping for dose, _ in known),
        "before": before,
    }


def _notes(found: Mapping[str, Any], window_opens: float) -> list[str]:
    facts = found["facts"]
    notes = [
        "Doses count from the day on which treatment began to the last visit or death, as "
        f"prednisone (table {TABLE}). Start and stop are days with the drug."
    ]
    if found["unit"] == "mg/kg":
        notes.append(
            "Doses are in mg per kg of body weight: more patients have a dose so than in mg"
            + ("." if found["weight"] else ", for which the records would need a weight.")
        )
    notes.append(
        f"The dose by month {MONTHS} is that of the first {DAYS} days, of those who were seen in "
        f"or after month {window_opens:g}, or died; of who was last seen before day {DAYS}, up "
        "to then."
    )
    if facts["partial"]:
        notes.append(
            f"{counted(facts['partial'], 'patient')} had partial dates: the middle of the days "
            "that a date leaves open was taken, and the range is from the shortest to the longest."
        )
    if facts["overlapping"]:
        notes.append(
            f"{counted(facts['overlapping'], 'patient')} had periods that overlap; both count."
        )
    if facts["before"]:
        notes.append(
            f"{counted(facts['before'], 'patient')} had a glucocorticoid before the start of "
            "treatment; what was given before is left out."
        )
    return notes


def _warnings(facts: Mapping[str, int]) -> list[str]:
    """Return what a reader must know before believing the doses."""
    warnings = [CONFOUNDING]
    if facts["open"]:
        warnings.append(
            f"{counted(facts['open'], 'patient')} had "
            f"{counted(facts['open_rows'], 'period')} without a stop. Such a "
            "period was counted until the next glucocorticoid began, or until the end of "
            "follow-up: a dose that was lowered without a record is counted too high."
        )
    return warnings
