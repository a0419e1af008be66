"""How the numbers of tables and models came about: the section `traces` of results.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.analysis.section import MOST_LISTED, Asked, Part
from myocohort.analysis.traces.groups import patients_by_value, table_groups, term_by_event
from myocohort.analysis.traces.words import source_of_variable
from myocohort.study.studyfile import split_term

INTERCEPT = "(Intercept)"
OVERALL = "all"
"""Code of the one group of a table that describes all patients."""


def describe_traces(asked: Asked) -> dict[str, Any]:
    """Say of each row of the tables and each term of the models which patients are behind it.

    Parameters
    ----------
    asked
        With `tables` and `models` among its results.

    Returns
    -------
    dict
        `traces` of results.json: `left_out`, `notes`, `listed` (whether patients are named),
        `variables` (see `source_of_variable`), `tables` `[{id, rows: [{variable, groups}]}]` and
        `models` `[{id, n, n_missing, events, left_out, terms}]`.
    """
    study, table = asked.plan.study, asked.table
    listed = len(table.frame) <= MOST_LISTED
    tables = []
    names: dict[str, None] = {}
    for identity, plan in study.table.items():
        frame, codes = table_groups(table, plan)
        groups = plan.groups or (OVERALL,)
        rows = [
            {
                "variable": name,
                "groups": patients_by_value(table, name, frame, codes, groups, listed=listed),
            }
            for name in plan.variables
        ]
        names.update(dict.fromkeys(plan.variables))
        tables.append({"id": identity, "rows": rows})
    models = []
    if study.model is not None:
        for identity, terms in terms_of_models(asked.results).items():
            counted = term_by_event(table, terms, study.model, listed=listed)
            names.update(dict.fromkeys(split_term(term)[0] for term in terms))
            models.append({"id": identity, **counted})
    nothing = not names
    return {
        "left_out": "The study file has no table and no model with a number." if nothing else "",
        "notes": []
        if listed or nothing
        else [
            f"With more than {MOST_LISTED} patients they are counted here and not named; "
            "`myocohort explain STUDY` names them."
        ],
        "listed": listed,
        "variables": [source_of_variable(table.variables[name], study) for name in names],
        "tables": tables,
        "models": models,
    }


def terms_of_models(results: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return id of a model -> its terms without the intercept; a model without a fit has none."""
    found: dict[str, dict[str, None]] = {}
    for model in results.get("models") or ():
        names = [term["name"] for term in model["terms"] if term["name"] != INTERCEPT]
        if names:
            found.setdefault(model["id"], {}).update(dict.fromkeys(names))
    return {identity: list(names) for identity, names in found.items()}


def methods_of_traces(_results: Mapping[str, Any]) -> str:
    """Return nothing: what is traced is described where it was computed."""
    return ""


def references_of_traces(_results: Mapping[str, Any]) -> list[str]:
    """Return nothing: what is traced is sourced where it was computed."""
    return []


TRACES_PART = Part(describe_traces, methods_of_traces, references_of_traces)
