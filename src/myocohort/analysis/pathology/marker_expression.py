"""Expression of markers: every patient's value, its fields, and how markers go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.comparison import value_summary
from myocohort.analysis.pathology.biopsy_findings import Group
from myocohort.analysis.section import MOST_LISTED
from myocohort.analysis.table import AnalysisTable
from myocohort.papers.entries import Correlation
from myocohort.stats.multiplicity import holm
from myocohort.stats.result import jsonable
from myocohort.stats.spearman import LIMITS_REFERENCE, spearman, spearman_limits
from myocohort.study.studyfile import Marker

FEW_PAIRS, NEAR_ONE = 25, 0.9
"""Outside these the coverage of the limits of rho is known to be poor."""
TOO_MANY = (
    f"More than {MOST_LISTED} patients are stained: the summaries stand for them, and no list "
    "of patients is kept."
)
_TESTED = ("p", "test", "statistic", "statistic_name", "df", "n", "n_missing", "warnings",
           "printed_p")  # fmt: skip


def describe_expression(
    name: str,
    marker: Marker,
    fields: pd.DataFrame,
    table: AnalysisTable,
    groups: Sequence[Group],
    tables: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Describe the expression of one marker: positive cells per muscle fibre, mean of fields.

    Parameters
    ----------
    name, marker
        As in the study file.
    fields
        Columns patient, marker, positive_cells, fibres; a row a high-power field.
    table
        The analysis table, which has each patient's value.
    groups
        Who is described together; the first are all patients.
    tables
        `tables` of results.json, one of which may compare this marker between groups.

    Returns
    -------
    dict
        `marker`, `label`, `variable`, `planned` fields, `fields` (of all patients), `groups`
        (code -> summary with the reasons of missing values), `comparison` (the test of the row
        in the study's table, or None and `not_compared`), `patients` (up to `MOST_LISTED`, or
        none and `patients_left_out`).
    """
    variable = f"expression_{name}"
    frame = table.frame
    values = frame[variable].to_numpy(dtype=float)
    fields = _fields_of(marker, fields)
    sections = _sections(fields, frame["patient"])
    stained = sections.index
    listed = len(stained) <= MOST_LISTED
    comparison = _compared(variable, tables, groups)
    return {
        "marker": name,
        "label": marker.label,
        "variable": variable,
        "planned": marker.fields,
        "fields": _field_counts(fields, sections, marker.fields),
        "groups": {
            group.code: {
                **value_summary(values[group.inside]),
                "reasons": _reasons(table, variable, frame["patient"][group.inside]),
            }
            for group in groups
        },
        "comparison": comparison,
        "not_compared": ""
        if comparison
        else f"No table of the study compares the expression of {marker.label} between the groups "
        "shown here.",
        "patients": _patients(table, variable, sections, groups) if listed else [],
        "patients_left_out": "" if listed else TOO_MANY,
    }


def _fields_of(marker: Marker, fields: pd.DataFrame) -> pd.DataFrame:
    """Return the fields of one marker with its ratio, NaN where the field does not count."""
    spelled = fields["marker"].astype(str).str.strip().str.casefold()
    of = fields[spelled == marker.label.strip().casefold()]
    cells = of["positive_cells"].to_numpy(dtype=float)
    fibres = of["fibres"].to_numpy(dtype=float)
    counted = ~np.isnan(cells) & (fibres > 0)
    return pd.DataFrame(
        {
            "patient": of["patient"].to_numpy(),
            "counted": counted,
            "no_fibres": fibres == 0,
            "cells": np.where(counted, cells, 0.0),
            "fibres": np.where(counted, fibres, 0.0),
        }
    )


def _sections(fields: pd.DataFrame, patients: pd.Series) -> pd.DataFrame:
    """Sum up the fields of each stained patient, in the order of the analysis table."""
    sums = fields.groupby("patient", sort=False)[["counted", "no_fibres", "cells", "fibres"]].sum()
    sums["fields"] = fields.groupby("patient", sort=False).size()
    return sums.loc[[patient for patient in patients if patient in sums.index]].astype(int)


def _field_counts(fields: pd.DataFrame, sections: pd.DataFrame, planned: int) -> dict[str, int]:
    """Count planned fields against those that count."""
    return {
        "patients": len(sections),
        "recorded": len(fields),
        "counted": int(fields["counted"].sum()),
        "without_fibres": int(fields["no_fibres"].sum()),
        "not_counted": int((~fields["counted"] & ~fields["no_fibres"]).sum()),
        "patients_with_fewer": int((sections["counted"] < planned).sum()),
        "patients_with_none": int((sections["counted"] == 0).sum()),
    }


def _reasons(table: AnalysisTable, variable: str, patients: pd.Series) -> dict[str, int]:
    reasons = table.reasons[variable]
    return dict(sorted(Counter(reasons[p] for p in patients if p in reasons).items()))


def _compared(
    variable: str, tables: Sequence[Mapping[str, Any]], groups: Sequence[Group]
) -> dict[str, Any] | None:
    """Return the test of the first table that compares the variable between these groups."""
    described = {group.code for group in groups}
    for of in tables:
        codes = [group["code"] for group in of["groups"]]
        # a table may have other groups, as arms: its p is none of those that are shown here
        for section in of["sections"] if codes and described.issuperset(codes) else ():
            for row in section["rows"]:
                if row["variable"] == variable:
                    return {"table": of["id"], "groups": codes, **{k: row[k] for k in _TESTED}}
    return None


def _patients(
    table: AnalysisTable, variable: str, sections: pd.DataFrame, groups: Sequence[Group]
) -> list[dict[str, Any]]:
    """List the stained patients, group by group; who is in none of the groups comes last."""
    values = table.frame[variable].to_numpy(dtype=float)
    rows = pd.Index(table.frame["patient"]).get_indexer(sections.index)
    found: list[tuple[int, dict[str, Any]]] = []
    for place, (patient, section) in zip(rows, sections.iterrows(), strict=True):
        number = next((i for i, g in enumerate(groups[1:]) if g.inside[place]), len(groups))
        value = float(values[place])
        missing = bool(np.isnan(value))
        found.append(
            (
                number,
                {
                    "patient": patient,
                    "group": groups[number + 1].code if number < len(groups) else None,
                    "value": None if missing else value,
                    "fields": int(section["counted"]),
                    "fibres": int(section["fibres"]),
                    "positive_cells": int(section["cells"]),
                    "reason": table.reasons[variable].get(str(patient), "") if missing else "",
                },
            )
        )
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def describe_associations(
    markers: Mapping[str, Marker],
    frame: pd.DataFrame,
    reported: Sequence[Correlation] = (),
) -> dict[str, Any]:
    """Correlate the expression of each pair of markers by ranks.

    Parameters
    ----------
    markers
        As in the study file.
    frame
        The rows of the followed patients in the analysis table.
    reported
        Correlations that a publication prints; their pairs come first.

    Returns
    -------
    dict
        `pairs` (`x`, `y` with labels, `n`, `n_missing`, `rho`, `interval` with its `p_interval`,
        the test's `p` with `p_adjusted` for all pairs, `method`, `warnings`, `printed`) and
        `adjustment` (method, family, reference).
    """
    printed = {frozenset((entry.x, entry.y)): entry for entry in reported}
    pairs = [
        (printed.get(frozenset((f"expression_{x}", f"expression_{y}"))), x, y)
        for x, y in combinations(markers, 2)
    ]
    pairs.sort(key=lambda pair: pair[0] is None)
    found = [_associated(x, y, markers, frame, entry) for entry, x, y in pairs]
    adjusted = holm([pair["p"] for pair in found]) if found else None
    for pair, p in zip(found, adjusted.adjusted if adjusted else (), strict=True):
        pair["p_adjusted"] = p
    return {
        "pairs": found,
        "adjustment": {
            "method": adjusted.method,
            "family": adjusted.family,
            "reference": adjusted.reference,
        }
        if adjusted
        else None,
    }


def _associated(
    x: str, y: str, markers: Mapping[str, Marker], frame: pd.DataFrame, printed: Correlation | None
) -> dict[str, Any]:
    names = markers[x].label, markers[y].label
    result = spearman(
        frame[f"expression_{x}"],
        frame[f"expression_{y}"],
        question=f"Does the expression of {names[0]} go with that of {names[1]}?",
    )
    limits = None
    if result.estimate is not None:
        limits = spearman_limits(result.estimate, result.n)
    return {
        "x": x,
        "y": y,
        "x_label": names[0],
        "y_label": names[1],
        "question": result.question,
        "n": result.n,
        "n_missing": result.n_missing,
        "rho": result.estimate,
        "interval": jsonable(limits[0]) if limits else None,
        "p_interval": limits[1] if limits else None,
        "p": result.p,
        "p_adjusted": None,
        "method": result.method,
        "statistic": result.statistic,
        "statistic_name": result.statistic_name,
        "df": result.df,
        "warnings": [*result.warnings, *_doubts(result.estimate, result.n, limits is not None)],
        "reference": result.reference,
        "interval_reference": LIMITS_REFERENCE if limits else "",
        "printed": None
        if printed is None
        else {"r": printed.r, "p": printed.p, "place": printed.place},
    }


def _doubts(rho: float | None, n: int, has_limits: bool) -> list[str]:
    """Say where the limits lack a footing."""
    if rho is None:
        return []
    if not has_limits:
        return ["no limits: Fisher's z has none with fewer than 4 pairs or a rho of 1 or -1"]
    if n < FEW_PAIRS or abs(rho) > NEAR_ONE:
        return [
            f"the limits of rho are rough with fewer than {FEW_PAIRS} pairs or a rho beyond "
            f"{NEAR_ONE:g} either way"
        ]
    return []
