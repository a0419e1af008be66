"""The one analysis table: a row a patient, a column a variable, missing with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd

from myocohort.analysis.measures import measure
from myocohort.analysis.plan import Plan
from myocohort.errors import InputError, Problem
from myocohort.outcomes import Decision
from myocohort.registry.records import Records
from myocohort.study.standard import MRC_SCORES, TABLES, mrc_grade
from myocohort.study.studyfile import Study, measured_variables
from myocohort.study.values import NOT_RECORDED
from myocohort.study.variable import Variable

KEPT_AS = {"integer": "number", "number": "number", "category": "text", "yes_no": "text",
           "text": "text", "date": "date"}  # fmt: skip
"""Type of a variable -> the column of the registry's observations that holds its value."""


@dataclass(frozen=True, slots=True)
class AnalysisTable:
    """One row a patient.

    Parameters
    ----------
    frame
        Columns `patient`, `arm`, `outcome` (None for controls) and the variables: yes/no as
        "yes" and "no", categories as codes, numbers as float; None or NaN where missing.
    variables
        Name -> variable, declared and measured, of each column.
    reasons
        Variable -> patient -> why the value is missing.
    """

    frame: pd.DataFrame
    variables: dict[str, Variable]
    reasons: dict[str, dict[str, str]]


def build_table(plan: Plan, records: Records, decisions: Sequence[Decision]) -> AnalysisTable:
    """Bring all variables of a study together.

    Parameters
    ----------
    plan
        The study.
    records
        What the registry holds.
    decisions
        Outcome of each followed patient.

    Raises
    ------
    InputError
        Where a variable finds several different values for one patient.
    """
    study = plan.study
    outcomes = {decision.patient: decision.outcome for decision in decisions}
    frame = records.patients[["patient", "arm"]].copy()
    frame["outcome"] = pd.Series(
        [outcomes.get(patient) for patient in frame["patient"]], index=frame.index, dtype=object
    )
    reasons: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    columns: dict[str, pd.Series] = {}
    for name, variable in study.variables.items():
        rows = _source_rows(variable, study, records)
        values, missing, problem = _one_per_patient(variable, rows)
        if problem is not None:
            problems.append(problem)
        columns[name] = _column(variable, values, frame["patient"])
        reasons[name] = missing
    if problems:
        raise InputError(problems)
    measures = measure(study, records)
    measured = measured_variables(study)
    for name, variable in measured.items():
        columns[name] = _column(variable, measures.columns.get(name, {}), frame["patient"])
        reasons[name] = measures.reasons.get(name, {})
    table = pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
    variables = {**study.variables, **measured}
    for name in variables:
        absent = table.loc[table[name].isna(), "patient"]
        given = reasons[name]
        reasons[name] = {patient: given.get(patient, "no record") for patient in absent}
    return AnalysisTable(table, variables, reasons)


def _column(variable: Variable, values: dict[str, object], patients: pd.Series) -> pd.Series:
    numeric = variable.type in ("integer", "number")
    return pd.Series(
        [values.get(patient) for patient in patients],
        index=patients.index,
        dtype=float if numeric else object,
        name=variable.name,
    )


def _source(variable: Variable) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return variable.table, variable.column, tuple(variable.where.items())


def _source_rows(variable: Variable, study: Study, records: Records) -> pd.DataFrame:
    """Rows of a variable's source with columns patient, value, reason; the month chosen."""
    standard = TABLES.get(variable.table)
    if standard is not None and variable.column in standard.columns:
        source = getattr(records, variable.table)
        for column, wanted in variable.where.items():
            source = source[source[column].astype(str) == wanted]
        rows = pd.DataFrame({"patient": source["patient"], "value": source[variable.column]})
        rows["reason"] = [
            (missing or {}).get(variable.column, NOT_RECORDED) for missing in source["missing"]
        ]
        if standard.dated:
            rows["month"] = source["month"]
    else:
        every = records.observations
        # A derived variable and the one it is derived from share their column's observations.
        kin = [v.name for v in study.variables.values() if _source(v) == _source(variable)]
        source = every[(every["table"] == variable.table) & every["variable"].isin(kin)]
        kinds = ("number", "text", "date") if variable.derived else (KEPT_AS[variable.type],)
        value = source[kinds[0]].astype(object)
        for kind in kinds[1:]:
            value = value.where(value.notna(), source[kind])
        rows = pd.DataFrame(
            {
                "patient": source["patient"],
                "value": value,
                "reason": source["missing"],
                "month": source["month"],
            }
        )
    if variable.month is not None and "month" in rows and len(rows):
        rows = rows.assign(distance=(rows["month"].astype(float) - variable.month).abs())
        rows = rows[rows["distance"] <= study.schedule.within]
        nearest = rows.groupby("patient")["distance"].transform("min")
        rows = rows[rows["distance"] == nearest].sort_values("month", kind="stable")
        rows = rows.drop_duplicates("patient")
    return rows


def _one_per_patient(
    variable: Variable, rows: pd.DataFrame
) -> tuple[dict[str, object], dict[str, str], Problem | None]:
    """Reduce to one value a patient; a derived yes/no is yes where any row qualifies."""
    values: dict[str, object] = {}
    missing: dict[str, str] = {}
    several = 0
    for patient, value, reason in zip(rows["patient"], rows["value"], rows["reason"], strict=True):
        if value is None or value == "" or pd.isna(value):
            if patient not in values:
                missing[patient] = reason if isinstance(reason, str) and reason else NOT_RECORDED
            continue
        if variable.derived:
            value = _derive(variable, value)
            if value is None:
                missing[patient] = "outside all bands"
                continue
            if values.get(patient) == "yes":
                continue
        elif patient in values and values[patient] != value:
            several += 1
        values[patient] = value
        missing.pop(patient, None)
    if not several:
        return values, missing, None
    return values, missing, Problem(
        rule=f"{variable.title} has one value a patient; {several} patients have several",
        key=f"variables.{variable.name}",
        next_step="Say which is meant: `month` for visits, `where` for other tables",
    )  # fmt: skip


def _derive(variable: Variable, value: object) -> str | None:
    """Compare a source value: MRC codes by their whole grade, numbers as they are."""
    if variable.any_of:
        return "yes" if str(value) in variable.any_of else "no"
    if isinstance(value, str) and value in MRC_SCORES:
        number = float(mrc_grade(value))
    else:
        number = float(str(value))
    if variable.bands:
        fitting = (code for code, (low, high) in variable.bands.items() if low <= number <= high)
        return next(fitting, None)
    if variable.at_least is not None:
        return "yes" if number >= variable.at_least else "no"
    assert variable.at_most is not None
    return "yes" if number <= variable.at_most else "no"


def row_counts(records: Records) -> dict[str, int]:
    """How many rows each record table holds."""
    return {
        part.name: len(getattr(records, part.name))
        for part in fields(records)
        if isinstance(getattr(records, part.name), pd.DataFrame)
    }
