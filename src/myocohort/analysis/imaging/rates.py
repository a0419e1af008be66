"""Change rates and total scores of one MRI scale by group and month, and their comparison."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.comparison import compare_variable, group_codes, rows_of, value_summary
from myocohort.analysis.imaging.patient_scans import Scores
from myocohort.stats.multiplicity import holm
from myocohort.stats.p_values import t_quantile
from myocohort.study.studyfile import Section, TablePlan
from myocohort.study.variable import Variable

LEVEL = 0.95
MEAN_INTERVAL = "Student's t interval of a mean"
EFFECTS_UP_TO = 1_000
"""Patients of the two groups above whom no shift is computed here: it looks at all pairs."""
RULE = "small-sample-1"
"""Chooses the test of a rate that no table of the study compares."""


@dataclass(frozen=True, slots=True)
class Group:
    """Followed patients of one outcome, or all of them."""

    code: str
    label: str
    patients: tuple[str, ...]


def summaries(
    values: Mapping[str, float], reasons: Mapping[str, str], groups: Iterable[Group]
) -> list[dict[str, Any]]:
    """Summarise one measurement in each group, with the missing by reason.

    Parameters
    ----------
    values
        Patient -> value.
    reasons
        Patient -> why there is none.
    groups
        In the order wanted.
    """
    found = []
    for group in groups:
        numbers = np.array([values.get(patient, math.nan) for patient in group.patients])
        missing = Counter(
            reasons.get(patient, "no record") for patient in group.patients if patient not in values
        )
        summary = value_summary(numbers.astype(np.float64))
        found.append(
            {
                "code": group.code,
                **summary,
                "interval": mean_interval(summary["n"], summary["mean"], summary["sd"]),
                "reasons": dict(sorted(missing.items())),
            }
        )
    return found


def mean_interval(n: int, mean: float | None, sd: float | None) -> dict[str, Any] | None:
    """Return the t interval of a mean; None for fewer than two values, or without scatter."""
    if mean is None or not sd or n < 2:
        return None
    reach = t_quantile(LEVEL, n - 1) * sd / math.sqrt(n)
    return {"low": mean - reach, "high": mean + reach, "level": LEVEL, "method": MEAN_INTERVAL}


def compare_rates(
    frame: pd.DataFrame,
    names: Sequence[str],
    variables: Mapping[str, Variable],
    pair: tuple[str, str],
    tables: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Compare the rates of one scale between two groups, month by month.

    Parameters
    ----------
    frame
        The analysis table.
    names
        Variable of the rate at each month.
    variables
        Name -> variable.
    pair
        Codes of the two groups of the outcome.
    tables
        Of the study, whose tests are taken over where they compare these groups.

    Returns
    -------
    list of dict
        A comparison a month: the test with p and Holm's p, and the shift with its own interval
        and p.
    dict
        The family: how many p values, and by whom they were adjusted.
    """
    tested = {
        row["variable"]: (row, str(table["id"]))
        for table in reversed(tables)
        if table["by"] == "outcome" and tuple(g["code"] for g in table["groups"]) == pair
        for row in rows_of(table)
    }
    codes = group_codes(frame["outcome"], pair)
    inside = codes >= 0
    frame, codes = frame.loc[inside], codes[inside]
    found = []
    for name in names:
        row, table = tested.get(name, (None, ""))
        if row is None:
            row = _tested_here(frame[name], codes, pair, variables[name])
        found.append({**_comparison(row), "table": table})
    adjusted = holm([one["p"] for one in found])
    for one, p in zip(found, adjusted.adjusted, strict=True):
        one["p_holm"] = p
    return found, {
        "n": adjusted.family,
        "method": adjusted.method,
        "warnings": list(adjusted.warnings),
        "reference": adjusted.reference,
    }


def _tested_here(
    values: pd.Series, codes: NDArray[np.intp], pair: tuple[str, str], variable: Variable
) -> dict[str, Any]:
    plan = TablePlan(
        title="MRI", groups=pair, sections=(Section(variables=()),), rule_of_choice=RULE
    )
    known = values.notna().to_numpy()
    row = compare_variable(
        values, codes, plan, variable, with_effects=int(known.sum()) <= EFFECTS_UP_TO
    )
    if known.sum() > EFFECTS_UP_TO:
        row["warnings"] = [
            *row["warnings"],
            f"no shift is computed for more than {EFFECTS_UP_TO:,} values",
        ]
    return row


def _comparison(row: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of a table's row the test, and the shift with what belongs to it."""
    shift = next((e for e in row["effects"] if "Hodges-Lehmann" in str(e["estimate_name"])), None)
    wanted = ("p", "test", "statistic", "statistic_name", "n", "n_missing", "warnings",
              "reference", "reason")  # fmt: skip
    known = shift is not None and shift["estimate"] is not None
    return {**{key: row[key] for key in wanted}, "shift": shift if known else None}


def scores_at(scores: Scores, month: int, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Summarise the total scores at one month by group."""
    values = {patient: of[month].total for patient, of in scores.scores.items() if month in of}
    reasons = {patient: of[month] for patient, of in scores.reasons.items() if month in of}
    return summaries(values, reasons, groups)
