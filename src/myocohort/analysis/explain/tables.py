"""Explaining a row of a table, a candidate of the screening, and a row of missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.analysis.comparison import value_summary
from myocohort.analysis.explain.context import Context, stale
from myocohort.analysis.explain.find import Found
from myocohort.analysis.explain.records import records_behind
from myocohort.analysis.modelling import model_rows
from myocohort.analysis.traces.groups import patients_by_value, table_groups
from myocohort.analysis.traces.traces import OVERALL
from myocohort.study.studyfile import split_term

Groups = list[dict[str, Any]]


def explain_row(found: Found, context: Context) -> dict[str, Any]:
    """Explain numbers of a row: its groups, their patients, its test.

    Raises
    ------
    InputError
        The records give other counts than results.json has.
    """
    _, place, name = found.subject
    table = context.results["tables"][place]
    if not name:
        return _whole_table(table)
    row = next(part for part in found.leaves[0].near if part.get("variable") == name)
    name = str(name)
    plan = context.plan.study.table.get(table["id"])
    if plan is None:
        raise stale(f"the study file has no table {table['id']} any more")
    variable = context.variable(name)
    frame, codes = table_groups(context.table, plan)
    codes_of_groups = plan.groups or (OVERALL,)
    groups = patients_by_value(context.table, name, frame, codes, codes_of_groups, listed=True)
    values = frame[name].to_numpy(dtype=float) if row["kind"] == "number" else None
    checked = _check_row(row, groups, values, codes)
    chosen = _chosen_groups(found, codes_of_groups)
    labels = {group["code"]: group["label"] for group in table["groups"]}
    labels[OVERALL] = "All patients"
    groups = [
        {**group, "label": labels.get(group["code"], group["code"])}
        for group in groups
        if group["code"] in chosen
    ]
    return {
        "definition": _definition(table, context.results),
        "methods": _row_methods(found, row),
        "n": row["n"],
        "n_missing": row["n_missing"],
        "warnings": list(row["warnings"]),
        "groups": groups,
        "variables": [context.source(name)],
        **_records(context, name, groups),
        "notes": [f"{variable.title} is printed in {variable.unit}."] if variable.unit else [],
        "check": f"Counted anew from the records: {checked}. The same is in results.json.",
    }


def explain_candidate(found: Found, context: Context) -> dict[str, Any]:
    """Explain a candidate of the screening: its patients by the outcome, and its test."""
    model = context.plan.study.model
    row = found.leaves[0].near[-1]
    if model is None:
        raise stale("the study file has no model any more")
    name, level = split_term(row["term"])
    variable = context.variable(name)
    inside, event = model_rows(context.table.frame, model)
    groups = patients_by_value(
        context.table, name, inside, np.where(event, 0, 1), ("event", "other"), listed=True
    )
    labels = {"event": context.labels.get(model.event, model.event), "other": "the others"}
    groups = [{**group, "label": labels[group["code"]]} for group in groups]
    known = sum(item["n"] for group in groups for item in group["levels"])
    if known != row["n"]:
        raise stale(f"{row['label']}: {row['n']} patients in results.json, {known} in the records")
    note = [] if level is None else [f"Tested is {variable.categories[level]} against the others."]
    threshold = context.results["screening"]["threshold"]
    return {
        "definition": f"Each candidate alone against the outcome; p < {threshold:g} passes.",
        "methods": [{"name": row["test"], "reference": "", "why": "as in the table"}],
        "n": row["n"],
        "n_missing": row["n_missing"],
        "warnings": list(row["warnings"]),
        "groups": groups,
        "variables": [context.source(name)],
        **_records(context, name, groups),
        "notes": note,
        "check": f"Counted anew from the records: {known} patients have a value. The same is in "
        "results.json.",
    }


def explain_missing(found: Found, context: Context) -> dict[str, Any]:
    """Explain how many values of a variable are missing, in whom and why."""
    row = found.leaves[0].near[0]
    study = context.plan.study
    plan = study.first_comparison or next(iter(study.table.values()), None)
    if plan is None:
        raise stale("the study file has no table any more")
    frame, codes = table_groups(context.table, plan)
    codes_of_groups = plan.groups or (OVERALL,)
    context.variable(row["variable"])
    groups = patients_by_value(
        context.table, row["variable"], frame, codes, codes_of_groups, listed=True
    )
    absent = sum(item["n"] for group in groups for item in group["missing"])
    if absent != row["missing"]:
        raise stale(
            f"{row['label']}: {row['missing']} missing in results.json, {absent} in the records"
        )
    labels = {**context.labels, OVERALL: "All patients"}
    groups = [{**group, "label": labels.get(group["code"], group["code"])} for group in groups]
    without = {p for group in groups for item in group["missing"] for p in item["patients"]}
    records = _records(context, row["variable"], groups)
    records["records"] = [one for one in records["records"] if one["patient"] in without]
    return {
        "definition": f"Patients of the groups of “{plan.title}” without a value.",
        "methods": [],
        "n": row["of"],
        "n_missing": row["missing"],
        "warnings": [],
        "groups": groups,
        "variables": [context.source(row["variable"])],
        **records,
        "notes": [],
        "check": f"Counted anew from the records: {absent} missing. The same is in results.json.",
    }


def _whole_table(table: Mapping[str, Any]) -> dict[str, Any]:
    sizes = [f"{group['label']} {group['n']}" for group in table["groups"]]
    return {
        "definition": f"How many patients are in the groups of “{table['title']}”: "
        f"{', '.join(sizes) or 'all patients'}. Decisions per patient: "
        "`myocohort outcome STUDY`.",
        "methods": [], "n": table.get("n"), "n_missing": None, "warnings": [], "groups": [],
        "variables": [], "records": [], "changed_files": [],
        "notes": list(table.get("notes") or ()), "check": "",
    }  # fmt: skip


def _records(context: Context, name: str, groups: Groups) -> dict[str, Any]:
    patients = {
        patient: group["label"]
        for group in groups
        for item in (*group["levels"], *group["missing"])
        for patient in item["patients"]
    }
    records, changed = records_behind(context, name, patients)
    return {"records": records, "changed_files": changed}


def _chosen_groups(found: Found, every: Sequence[str]) -> set[str]:
    """Return the groups that the numbers are of; all where a number is of the whole row."""
    chosen: set[str] = set()
    for leaf in found.leaves:
        if "counts" not in leaf.path:
            return set(every)
        chosen.add(str(leaf.path[leaf.path.index("counts") + 1]))
    return chosen


def _definition(table: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    if not table["groups"]:
        return "All patients, described and not compared."
    if table["by"] == "arm":
        return "The groups are the arms that the records give each patient."
    rule = results["outcome_rule"]
    return (
        f"The groups are the outcomes by the rule “{rule['label']}” ({rule['reference']}); "
        "`myocohort outcome STUDY` has each patient's decision with its records."
    )


def _row_methods(found: Found, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not row["test"]:
        return []
    methods = [{"name": row["test"], "reference": row["reference"], "why": row.get("reason") or ""}]
    for effect in row["effects"]:
        if any(effect in leaf.near for leaf in found.leaves):
            methods.append(
                {"name": f"{effect['estimate_name']}: {effect['method']}",
                 "reference": effect["reference"], "why": ""}
            )  # fmt: skip
    return methods


def _check_row(
    row: Mapping[str, Any],
    groups: Groups,
    values: NDArray[np.float64] | None,
    codes: NDArray[np.intp],
) -> str:
    """Compare what the records give with a row; return it in words."""
    said = []
    for place, group in enumerate(groups):
        stored = row["total"] if group["code"] == OVERALL else row["counts"].get(group["code"])
        known = sum(level["n"] for level in group["levels"])
        missing = group["n"] - known
        if row["kind"] == "number" and values is not None:
            now: dict[str, Any] = value_summary(values[codes == place])
            agrees = stored == now
            said.append(f"{now['n']} values in {group['code']}")
        elif row["kind"] == "category":
            counted = {level["value"]: level["n"] for level in group["levels"]}
            agrees = stored is not None and (
                counted == {level["code"]: level["n"] for level in stored["levels"]}
                and (stored["of"], stored["missing"]) == (known, missing)
            )
            said.append(f"{known} values in {group['code']}")
        else:
            yes = next(level["n"] for level in group["levels"] if level["value"] == "yes")
            agrees = stored is not None and (
                (stored["n"], stored["of"], stored["missing"]) == (yes, known, missing)
            )
            said.append(f"{yes} of {known} in {group['code']}")
        if not agrees:
            raise stale(f"{row['label']}: the records now give {said[-1]}")
    return "; ".join(said)
