"""Explaining outcomes over time, counts of the outcome, and numbers of any other section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from myocohort.analysis.explain.context import Context, inputs_of, same_json, stale
from myocohort.analysis.explain.find import Found
from myocohort.analysis.sections import PARTS, describe_section
from myocohort.outcomes import OUTCOMES
from myocohort.report.rounding import plain_text
from myocohort.study.standard import TABLES

SAID = ("question", "definition", "legend", "caption", "note", "note_text", "about")
"""Fields of a section that say what a number is."""
RUN = ("procedure", "method", "test")


def explain_time(found: Found, context: Context) -> dict[str, Any]:
    """Explain numbers of a time to an event: patients at risk and events, by group and month."""
    place = found.leaves[0].path[2]
    one = context.results["courses"]["times"][place]
    _check_section("courses", context, ("times", place))
    asked = _groups_asked(found, one)
    months = sorted({month for leaf in found.leaves for month in _months(leaf.near)})
    groups = []
    for code, label in asked.items():
        inside = [o for o in one["observed"] if o["group"] == code]
        levels = []
        for month in months or [0]:
            at_risk = [o for o in inside if o["month"] >= month]
            before = [o for o in inside if o["month"] <= month and o["cause"] not in _CENSORED]
            levels.append(_level(f"at risk at month {month:g}", at_risk))
            levels.append(_level(f"event up to month {month:g}", before))
        for cause, n in sorted(Counter(o["cause"] for o in inside).items()):
            if not months:
                level = _level(f"ended by {cause}", [o for o in inside if o["cause"] == cause])
                levels.append({**level, "n": n})
        size = next(g["n"] for g in one["groups"] if g["code"] == code)
        groups.append({"code": code, "label": label, "n": size, "levels": levels, "missing": []})
    methods = {(g["method"], g["reference"]): None for g in one["groups"] if g["code"] in asked}
    run = [part for leaf in found.leaves for part in leaf.near if part.get("procedure")]
    methods |= {(part["procedure"], part.get("reference") or ""): None for part in run}
    if one["comparison"] and any(one["comparison"] in leaf.near for leaf in found.leaves):
        methods[one["comparison"]["method"], one["comparison"]["reference"]] = None
    records = [
        {"patient": o["patient"], "group": asked[o["group"]], "value": o["month"],
         "printed": f"month {plain_text(o['month'], 1)}: {o['cause']}", "missing": "", "from": []}
        for o in one["observed"]
        if o["group"] in asked
    ]  # fmt: skip
    return {
        "definition": " ".join(context.results["courses"]["definitions"]),
        "methods": [{"name": n, "reference": r, "why": ""} for n, r in methods if n],
        "n": one["n"],
        "n_missing": sum(item["n"] for item in one["left_out"]),
        "left_out": one["left_out"],
        "warnings": list(one["warnings"]),
        "groups": groups,
        "variables": [_tables_as_source(context, ("visits", "patients"))],
        "records": records,
        "changed_files": [],
        "notes": list(context.results["courses"]["notes"]),
        "check": "Computed anew from the records: the same as in results.json.",
    }


_CENSORED = ("censored",)


def explain_outcome(found: Found, context: Context) -> dict[str, Any]:
    """Explain how many patients have an outcome: who, why, and the records of each decision."""
    asked = {str(leaf.path[-1]) for leaf in found.leaves}
    counts = Counter(decision.outcome for decision in context.decisions)
    for outcome in OUTCOMES:
        if counts.get(outcome, 0) != context.results["outcome"].get(outcome, 0):
            raise stale(f"the records now give {counts.get(outcome, 0)} patients {outcome}")
    rule = context.results["outcome_rule"]
    chosen = [d for d in context.decisions if d.outcome in asked]
    return {
        "definition": " ".join(rule["definition"]),
        "methods": [{"name": rule["label"], "reference": rule["reference"], "why": ""}],
        "n": len(context.decisions),
        "n_missing": None,
        "warnings": [],
        "groups": [],
        "variables": [_tables_as_source(context, ("visits", "patients"))],
        "records": [
            {"patient": d.patient, "group": context.labels[d.outcome], "value": d.outcome,
             "printed": d.why, "missing": "",
             "from": [{"file": "", "sheet": "", "rows": "", "column": text, "raw": None}
                      for text in d.records]}
            for d in chosen
        ],
        "changed_files": [],
        "notes": [],
        "check": f"Decided anew from the records: {len(chosen)} patients. The same is in "
        "results.json.",
    }  # fmt: skip


def explain_other(found: Found, context: Context) -> dict[str, Any]:
    """Explain a number of any section by what stands around it, and by its patients."""
    name = str(found.leaves[0].path[0])
    section = context.results[name]
    check = "The records are those of the run; this number was not computed anew."
    if name in PARTS:
        _check_section(name, context, ())
        check = "The section was computed anew from the records: the same as in results.json."
    near = list({id(part): part for leaf in found.leaves for part in leaf.near[::-1]}.values())
    methods = {
        (str(part[key]), str(part.get("reference") or "")): None
        for part in near
        for key in RUN
        if isinstance(part.get(key), str) and part[key]
    }
    said = [str(part[key]) for part in near for key in SAID if isinstance(part.get(key), str)]
    if isinstance(section, dict):
        said += [text for text in section.get("definitions") or () if isinstance(text, str)]
    columns = PARTS[name].columns if name in PARTS else ()
    tables = tuple(dict.fromkeys(table for table, _ in columns))
    patients = _patients_listed(near)
    notes = section.get("notes") if isinstance(section, dict) else None
    return {
        "definition": " ".join(dict.fromkeys(text for text in said if text)),
        "methods": [{"name": n, "reference": r, "why": ""} for n, r in methods],
        "n": _first(near, ("n", "of")),
        "n_missing": _first(near, ("n_missing", "missing")),
        "warnings": [str(w) for part in near for w in part.get("warnings") or ()],
        "groups": [],
        "variables": [_tables_as_source(context, tables)] if tables else [],
        "records": [
            {"patient": patient, "group": "", "value": None, "printed": "", "missing": "",
             "from": []}
            for patient in patients
        ],
        "changed_files": [],
        "notes": [str(note) for note in notes or ()],
        "check": check,
    }  # fmt: skip


def _check_section(name: str, context: Context, place: tuple[str | int, ...]) -> None:
    """Compute a section anew and compare it, or one part of it, with results.json."""
    now: Any = describe_section(name, context.asked())
    then: Any = context.results[name]
    try:
        for key in place:
            now, then = now[key], then[key]
    except (KeyError, IndexError, TypeError):
        raise stale(f"{name} is built otherwise now") from None
    if not same_json(now, then):
        raise stale(f"the records now give other numbers in {name}")


def _groups_asked(found: Found, one: Mapping[str, Any]) -> dict[str, str]:
    """Return code -> label of the groups that the numbers are of; all where of none."""
    every = {group["code"]: group["label"] for group in one["groups"]}
    named = {
        str(part["code"]): every[part["code"]]
        for leaf in found.leaves
        for part in leaf.near
        if part.get("code") in every
    }
    return named or every


def _months(near: tuple[Mapping[str, Any], ...]) -> list[float]:
    last = near[-1]
    key = "month" if "at_risk" in last and "month" in last else "time"
    return [last[key]] if "at_risk" in last and key in last else []


def _level(label: str, who: list[Mapping[str, Any]]) -> dict[str, Any]:
    patients = [str(one["patient"]) for one in who]
    return {"value": label, "label": label, "n": len(patients), "patients": patients}


def _tables_as_source(context: Context, tables: tuple[str, ...]) -> dict[str, Any]:
    """Return what stands in the place of a variable where a section reads whole tables."""
    known = [table for table in tables if table in TABLES or table in context.plan.study.tables]
    return {
        "variable": "", "label": "", "type": "", "unit": None, "tables": known, "column": "",
        "header": "", "files": [], "derivation": f"The tables {', '.join(known)} of the records.",
        "inputs": inputs_of(context, known), "provenance": "",
    }  # fmt: skip


def _patients_listed(near: list[Mapping[str, Any]]) -> list[str]:
    """Return the patients that the innermost object which lists any does list."""
    for part in near:
        found = _patients_in(part)
        if found:
            return list(dict.fromkeys(found))
    return []


def _patients_in(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["patient"]] if isinstance(part.get("patient"), str) else []
        listed = part.get("patients")
        if isinstance(listed, list) and all(isinstance(code, str) for code in listed):
            own += listed
        children = [child for key, child in part.items() if key != "patients" or not own]
        return own + [p for child in children for p in _patients_in(child)]
    if isinstance(part, list):
        return [p for child in part for p in _patients_in(child)]
    return []


def _first(near: list[Mapping[str, Any]], keys: tuple[str, ...]) -> int | None:
    for part in near:
        for key in keys:
            value = part.get(key)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
    return None
