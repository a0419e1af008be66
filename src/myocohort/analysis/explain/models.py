"""Explaining a term of a model, or the patients of a whole model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from myocohort.analysis.explain.context import Context, stale
from myocohort.analysis.explain.find import Found
from myocohort.analysis.explain.records import records_behind
from myocohort.analysis.traces.groups import KNOWN, term_by_event
from myocohort.analysis.traces.traces import terms_of_models
from myocohort.report.model.models import METHOD_NAMES, models_of
from myocohort.report.rounding import fixed_text, interval_text, p_text, ratio_text
from myocohort.stats.result import P_OF_INTERVAL
from myocohort.study.studyfile import split_term


def explain_term(found: Found, context: Context) -> dict[str, Any]:
    """Explain numbers of a term, or of a model: its patients by term and outcome, and its fits.

    Raises
    ------
    InputError
        The records give other counts than results.json has.
    """
    _, identity, name = found.subject
    plan = context.plan.study.model
    terms = terms_of_models(context.results).get(str(identity), [])
    if plan is None:
        raise stale("the study file has no model any more")
    for term in terms:
        context.variable(split_term(term)[0])
    counted = term_by_event(context.table, terms, plan, listed=True)
    models = models_of(context.results, str(identity))
    for model in models.values():
        now = (counted["n"], counted["n_missing"], counted["events"])
        then = (model["n"], model["n_missing"], model["events"])
        if now != then:
            raise stale(
                f"{model['title']}: {then[0]} patients with {then[2]} events in results.json, "
                f"{now[0]} with {now[2]} in the records"
            )
    event = context.labels.get(plan.event, plan.event)
    against = " or ".join(context.labels.get(code, code) for code in plan.against)
    shown = [term for term in counted["terms"] if term["name"] == name]
    groups = _groups(shown, event, against)
    records: list[dict[str, Any]] = []
    changed: list[str] = []
    if shown:
        patients = {p: group["label"] for group in groups for p in _patients(group)}
        patients |= {
            p: "left out of the model" for item in counted["left_out"] for p in item["patients"]
        }
        records, changed = records_behind(context, split_term(str(name))[0], patients)
    table = ", ".join(
        f"{cell['value']} and {'event' if cell['event'] else 'no event'} {cell['n']}"
        for term in shown
        for cell in term["cells"]
    )
    chosen = {str(leaf.near[0]["method"]) for leaf in found.leaves}
    return {
        "definition": f"The event is {event}, against {against}. The terms of the model: "
        f"{', '.join(term['label'] for term in counted['terms'])}."
        + "".join(f" {term['label']}: {term['words']}" for term in shown),
        "methods": [
            {"name": model["procedure"], "reference": model.get("reference") or "",
             "why": f"not fitted: {model['error']}" if model.get("error") else ""}
            for key, model in models.items()
            if key in chosen
        ],
        "n": counted["n"],
        "n_missing": counted["n_missing"],
        "warnings": list(
            dict.fromkeys(w for key, m in models.items() if key in chosen for w in m["warnings"])
        ),
        "groups": groups,
        "left_out": counted["left_out"],
        "fits": [line for model in models.values() for line in _fits(model, str(name))],
        "variables": [context.source(split_term(str(name))[0])] if shown else [],
        "records": records,
        "changed_files": changed,
        "notes": [],
        "check": f"Counted anew from the records: {counted['n']} patients, {counted['events']} "
        f"with the event{f'; {table}' if table else ''}. The same patients are in results.json.",
    }  # fmt: skip


def _groups(shown: Sequence[Mapping[str, Any]], event: str, against: str) -> list[dict[str, Any]]:
    """Return the patients of a term as groups of the outcome with levels of the term."""
    found = []
    for happened, label in ((True, event), (False, against)):
        levels = [
            {"value": cell["value"], "n": cell["n"], "patients": cell["patients"],
             "label": "with a value" if cell["value"] == KNOWN else cell["value"]}
            for term in shown
            for cell in term["cells"]
            if cell["event"] is happened
        ]  # fmt: skip
        if levels:
            size = sum(level["n"] for level in levels)
            found.append(
                {"code": "event" if happened else "other", "label": label, "n": size,
                 "levels": levels, "missing": []}
            )  # fmt: skip
    return found


def _patients(group: Mapping[str, Any]) -> list[str]:
    return [patient for level in group["levels"] for patient in level["patients"]]


def _fits(model: Mapping[str, Any], name: str) -> list[str]:
    """Return a term's estimate with each interval and the p of its family."""
    method = METHOD_NAMES.get(model["method"], model["method"])
    if model.get("error"):
        return [f"{method}: not fitted; {model['error']}"]
    term = next((term for term in model["terms"] if term["name"] == name), None)
    if term is None:
        return []
    text = f"{method}: OR {ratio_text(term['odds_ratio'])} (b {fixed_text(term['b'], 4)})"
    for family, interval in term["ci"].items():
        p = term["p"].get(P_OF_INTERVAL[family])
        text += f"; {family} {interval_text(interval)}, p {p_text(p)}"
    return [text]
