"""Which patients stand behind a row of a table or a term of a model, by group and value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.comparison import LEVELS, group_codes
from myocohort.analysis.modelling import model_rows, term_label, term_values
from myocohort.analysis.table import AnalysisTable
from myocohort.analysis.traces.words import term_in_words
from myocohort.study.studyfile import ModelPlan, TablePlan, split_term

KNOWN = "known"
"""Value under which patients with a number stand."""


def table_groups(table: AnalysisTable, plan: TablePlan) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Return the rows of the analysis table that a table describes, and the group of each.

    Parameters
    ----------
    table
        The analysis table.
    plan
        Of the table: its groups, or all patients.
    """
    frame = table.frame
    if not plan.compares:
        inside = frame["outcome"].notna().to_numpy()
        return frame.loc[inside], np.zeros(int(inside.sum()), dtype=np.intp)
    codes = group_codes(frame[plan.by], plan.groups)
    return frame.loc[codes >= 0], codes[codes >= 0]


def patients_by_value(
    table: AnalysisTable,
    name: str,
    frame: pd.DataFrame,
    codes: NDArray[np.intp],
    groups: Sequence[str],
    *,
    listed: bool,
) -> list[dict[str, Any]]:
    """Count the patients of each group by their value of a variable.

    Parameters
    ----------
    table
        Gives the variable and the reasons for what is missing.
    name
        Of the variable.
    frame, codes
        Patients inside the groups, and the group of each, 0 to ``len(groups) - 1``.
    groups
        Codes of the groups.
    listed
        Whether the patients are named by their codes.

    Returns
    -------
    list of dict
        For each group `code`, `n`, `levels` `[{value, label, n, patients}]` (of a number one level,
        "known") and `missing` `[{reason, n, patients}]`; `patients` is null where not listed.
    """
    variable = table.variables[name]
    patients = frame["patient"].to_numpy(dtype=object)
    values = frame[name]
    absent = values.isna().to_numpy()
    if variable.type in ("integer", "number"):
        labels = {KNOWN: "with a value"}
        level_codes = np.where(absent, -1, 0)
    else:
        labels = dict(LEVELS.get(variable.type) or variable.categories)
        level_codes = group_codes(values, list(labels))
    found = []
    for place, group in enumerate(groups):
        here = codes == place
        levels = [
            {"value": value, "label": label, **_who(patients[here & (level_codes == n)], listed)}
            for n, (value, label) in enumerate(labels.items())
        ]
        levels.reverse() if variable.type == "yes_no" else None  # yes first, as tables count it
        found.append(
            {
                "code": group,
                "n": int(here.sum()),
                "levels": levels,
                "missing": _missing(patients[here & absent], table.reasons[name], listed),
            }
        )
    return found


def term_by_event(
    table: AnalysisTable, terms: Sequence[str], plan: ModelPlan, *, listed: bool
) -> dict[str, Any]:
    """Count the patients of a model by the values of each term and the outcome.

    Parameters
    ----------
    table
        The analysis table.
    terms
        Of the model, without the intercept.
    plan
        Says the event and what it is compared with.
    listed
        Whether the patients are named by their codes.

    Returns
    -------
    dict
        `n`, `n_missing`, `events`, `left_out` `[{reason, n, patients}]` and `terms` `[{name, label,
        words, cells: [{value, event, n, patients}]}]`; `value` is "yes", "no" or "known".
    """
    inside, event = model_rows(table.frame, plan)
    patients = inside["patient"].to_numpy(dtype=object)
    columns = [term_values(inside, term, table.variables).to_numpy(dtype=float) for term in terms]
    X = np.column_stack(columns) if columns else np.empty((len(inside), 0))
    kept: NDArray[np.bool_] = np.logical_not(np.isnan(X).any(axis=1))
    reasons: dict[str, list[str]] = {}
    for row in np.flatnonzero(~kept):
        for term, value in zip(terms, X[row], strict=True):
            if np.isnan(value):
                name = split_term(term)[0]
                why = table.reasons[name].get(patients[row], "no record")
                reasons.setdefault(f"{table.variables[name].title}: {why}", []).append(
                    str(patients[row])
                )
    return {
        "n": int(kept.sum()),
        "n_missing": int((~kept).sum()),
        "events": int(event[kept].sum()),
        "left_out": [
            {"reason": reason, **_who(np.array(who, dtype=object), listed)}
            for reason, who in sorted(reasons.items())
        ],
        "terms": [
            {
                "name": term,
                "label": term_label(term, table.variables),
                "words": term_in_words(term, table.variables[split_term(term)[0]]),
                "cells": _cells(table, term, column, event, kept, patients, listed),
            }
            for term, column in zip(terms, columns, strict=True)
        ],
    }


def _cells(
    table: AnalysisTable,
    term: str,
    values: NDArray[np.float64],
    event: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    patients: NDArray[Any],
    listed: bool,
) -> list[dict[str, Any]]:
    name, level = split_term(term)
    if level is None and table.variables[name].type != "yes_no":
        masks = {KNOWN: np.ones(len(values), dtype=bool)}
    else:
        masks = {"yes": values == 1, "no": values == 0}
    return [
        {
            "value": value,
            "event": happened,
            **_who(patients[kept & mask & (event == happened)], listed),
        }
        for value, mask in masks.items()
        for happened in (True, False)
    ]


def _who(patients: NDArray[Any], listed: bool) -> dict[str, Any]:
    return {"n": len(patients), "patients": [str(p) for p in patients] if listed else None}


def _missing(patients: NDArray[Any], given: dict[str, str], listed: bool) -> list[dict[str, Any]]:
    reasons: dict[str, list[str]] = {}
    for patient in patients:
        reasons.setdefault(given.get(patient, "no record"), []).append(patient)
    return [
        {"reason": reason, **_who(np.array(who, dtype=object), listed)}
        for reason, who in sorted(reasons.items())
    ]
