"""The one analysis table: a row a patient, a column a variable, missing with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from myocohort.analysis.measures import measure
from myocohort.analysis.outcome import exact_month
from myocohort.analysis.plan import Plan
from myocohort.errors import InputError, Problem
from myocohort.outcomes import Decision
from myocohort.registry.records import Records
from myocohort.study.measured import measured_variables
from myocohort.study.standard import MRC_SCORES, TABLES, mrc_grade
from myocohort.study.studyfile import Study
from myocohort.study.values import NOT_RECORDED
from myocohort.study.variable import Variable, same_text

NOT_STAINED = "not stained"
"""Reason of a biopsy finding that is blank because its stain was not done."""

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
    notes
        What was noticed while measuring, for the methods.
    """

    frame: pd.DataFrame
    variables: dict[str, Variable]
    reasons: dict[str, dict[str, str]]
    notes: tuple[str, ...] = ()


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
        rows = source_rows(variable, study, records)
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
    return AnalysisTable(table, variables, reasons, tuple(measures.notes))


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


def source_rows(variable: Variable, study: Study, records: Records) -> pd.DataFrame:
    """Return the rows of a variable's source; of those with a month, the nearest to the chosen.

    Parameters
    ----------
    variable
        Names table and column, or what is observed.
    study
        Its schedule says how near a visit must be.
    records
        What the registry holds.

    Returns
    -------
    DataFrame
        Columns `patient`, `value` and `reason` (why the value is missing), and with a month
        `date` and `month` (since the start of treatment).
    """
    standard = TABLES.get(variable.table)
    if standard is not None and variable.column in standard.columns:
        rows = _standard_rows(variable, getattr(records, variable.table))
    else:
        rows = _observed_rows(variable, study, records.observations)
    if variable.month is None or "month" not in rows or rows.empty:
        return rows
    starts = dict(
        zip(records.patients["patient"], records.patients["treatment_start"], strict=True)
    )
    months = [
        exact_month(date, starts.get(patient), float(month))
        for patient, date, month in zip(rows["patient"], rows["date"], rows["month"], strict=True)
    ]
    return _nearest_rows(rows.assign(month=months), variable.month, study.schedule.within)


def _standard_rows(variable: Variable, source: pd.DataFrame) -> pd.DataFrame:
    for column, code in variable.where.items():
        picked = [same_text(value, code) for value in source[column]]
        source = source[pd.Series(picked, index=source.index, dtype=bool)]
    rows = source.rename(columns={variable.column: "value"})
    rows["reason"] = [
        (missing or {}).get(variable.column, NOT_RECORDED) for missing in source["missing"]
    ]
    if variable.table == "biopsies" and variable.column == "present":
        blank = (rows["stained"] == "no") & (rows["reason"] == NOT_RECORDED)
        rows.loc[blank, "reason"] = NOT_STAINED
    wanted = ["patient", "value", "reason"]
    return rows[[*wanted, "date", "month"] if "month" in rows else wanted]


def _observed_rows(variable: Variable, study: Study, every: pd.DataFrame) -> pd.DataFrame:
    """Rows of a column that is not standard; a derived variable may share another's."""
    source = every[(every["table"] == variable.table) & (every["variable"] == variable.name)]
    if source.empty and variable.derived:
        kin = [v.name for v in study.variables.values() if _source(v) == _source(variable)]
        source = every[(every["table"] == variable.table) & every["variable"].isin(kin)]
    kinds = ("number", "text", "date") if variable.derived else (KEPT_AS[variable.type],)
    value = source[kinds[0]].astype(object)
    for kind in kinds[1:]:
        value = value.where(value.notna(), source[kind])
    return pd.DataFrame(
        {
            "patient": source["patient"],
            "value": value,
            "reason": source["missing"],
            "date": source["row_date"],
            "month": source["month"],
        }
    )


def _nearest_rows(rows: pd.DataFrame, month: float, within: float) -> pd.DataFrame:
    """Keep each patient's row nearest to a month that has a value, of two the earlier."""
    rows = rows.assign(distance=(rows["month"] - month).abs(), absent=rows["value"].isna())
    rows = rows[rows["distance"] <= within]
    rows = rows.sort_values(["absent", "distance", "month"], kind="stable")
    return rows.drop_duplicates("patient")


def _one_per_patient(
    variable: Variable, rows: pd.DataFrame
) -> tuple[dict[str, object], dict[str, str], Problem | None]:
    """Reduce to one value a patient.

    A derived yes/no is yes where any row qualifies, otherwise no where any row is known.
    """
    values: dict[str, object] = {}
    missing: dict[str, str] = {}
    several: set[str] = set()
    for patient, raw, reason in zip(rows["patient"], rows["value"], rows["reason"], strict=True):
        if raw is None or raw == "" or pd.isna(raw):
            missing[patient] = reason if isinstance(reason, str) and reason else NOT_RECORDED
            continue
        value = _derive(variable, raw) if variable.derived else raw
        if value is None:
            missing[patient] = "outside all bands"
        elif variable.type == "yes_no" and variable.derived:
            values[patient] = "yes" if "yes" in (value, values.get(patient)) else "no"
        elif values.setdefault(patient, value) != value:
            several.add(patient)
    missing = {patient: reason for patient, reason in missing.items() if patient not in values}
    if not several:
        return values, missing, None
    problem = Problem(
        rule=f"{variable.title} has one value a patient; {len(several)} patients have several",
        key=f"variables.{variable.name}",
        next_step="Say which is meant: `month` for visits, `where` for other tables",
    )
    return values, missing, problem


def _derive(variable: Variable, value: object) -> str | None:
    """Compare a source value: MRC codes by their whole grade, numbers as they are."""
    if variable.any_of:
        return "yes" if any(same_text(value, code) for code in variable.any_of) else "no"
    if isinstance(value, str) and value in MRC_SCORES:
        number = float(mrc_grade(value))
    else:
        number = float(str(value))
    if variable.bands:
        fitting = (code for code, (low, high) in variable.bands.items() if low <= number <= high)
        return next(fitting, None)
    above = variable.at_least is not None and number >= variable.at_least
    below = variable.at_most is not None and number <= variable.at_most
    return "yes" if above or below else "no"
