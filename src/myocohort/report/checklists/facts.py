"""Answers that both checklists ask for, each from the numbers of results.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.report.checklists.item import OPEN, Answer, partly
from myocohort.report.model.models import METHOD_NAMES, Results, models_of, usable
from myocohort.report.rounding import fixed_text, plain_text
from myocohort.report.wording import counted, outcome_words


def present(results: Results, key: str) -> Mapping[str, Any]:
    """Return a section that was not left out; empty otherwise."""
    section = results.get(key) or {}
    return {} if section.get("left_out") else section


def rows_of_tables(results: Results) -> list[Mapping[str, Any]]:
    """Return the rows of all tables."""
    return [
        row
        for table in results.get("tables") or ()
        for section in table["sections"]
        for row in section["rows"]
    ]


def final_models(results: Results) -> dict[str, Mapping[str, Any]]:
    """Return the final models that could be fitted, by method."""
    models = models_of(results, "final")
    return {key: m for key, m in models.items() if usable({key: m})}


def enrolled(results: Results) -> int:
    """Return how many patients were enrolled and followed."""
    return sum((results.get("outcome") or {}).values())


def outcome_definition(results: Results) -> Answer:
    """Say whether the outcome is defined."""
    rule = results.get("outcome_rule") or {}
    if not rule.get("definition"):
        return OPEN
    fact = f"the outcome is decided by a rule: {rule.get('label') or rule['name']}"
    return Answer("answered", fact, "flow")


def flow(results: Results) -> Answer:
    """Say how many patients there were at each stage."""
    counts = results.get("outcome") or {}
    if not counts or not results.get("flow"):
        return OPEN
    listed = "; ".join(
        f"{n} {outcome_words(key).lower()}" for key, n in counts.items() if n or key == "lost"
    )
    return partly(
        f"{enrolled(results)} enrolled; {listed}",
        "how many were screened and eligible is not in the records",
        "flow",
    )


def losses(results: Results) -> Answer:
    """Say who left after enrolment."""
    counts = results.get("outcome") or {}
    if not counts or not results.get("flow"):
        return OPEN
    lost, died = counts.get("lost", 0), counts.get("died", 0)
    fact = f"after enrolment {lost} lost to follow-up, {died} died"
    return partly(fact, "why others did not take part is not in the records", "flow")


def characteristics(results: Results) -> Answer:
    """Say of how many characteristics there are numbers, and of whom."""
    tables = [table for table in results.get("tables") or () if any(_variables(table))]
    if not tables:
        return OPEN
    overall = next((table for table in tables if not table["groups"]), None)
    table = tables[0] if overall is None else overall
    fact = counted(len(set(_variables(table))), "characteristic")
    if overall is not None:
        return Answer("answered", f"{fact} of all patients", "indicators")
    n = sum(group["n"] for group in table["groups"])
    listed = "; ".join(f"{group['label']} {group['n']}" for group in table["groups"])
    if n < enrolled(results):
        lacking = f"these are {n} of the {enrolled(results)} who were enrolled"
        return partly(f"{fact} by group ({listed})", lacking, "indicators")
    return Answer("answered", f"{fact} by group ({listed})", "indicators")


def _variables(table: Mapping[str, Any]) -> list[str]:
    return [row["variable"] for section in table["sections"] for row in section["rows"]]


def missing_values(results: Results) -> Answer:
    """Say how many variables have missing values."""
    rows = results.get("missing")
    if not rows:
        return OPEN
    with_gaps = sum(bool(row["missing"]) for row in rows)
    has = "has" if with_gaps == 1 else "have"
    fact = f"{with_gaps} of {counted(len(rows), 'variable')} {has} missing values"
    return Answer("answered", fact, "missing")


def missing_handled(results: Results) -> Answer:
    """Say what was done about missing values."""
    models = final_models(results)
    tested = [row for row in rows_of_tables(results) if row.get("p") is not None]
    if not models and not tested:
        return OPEN
    facts = ["tests leave out missing values variable by variable"] if tested else []
    if models:
        first = next(iter(models.values()))
        facts.append(
            f"the model uses complete cases ({first['n_missing']} of "
            f"{first['n'] + first['n_missing']} patients left out)"
        )
    return Answer("answered", "; ".join(facts), "methods")


def warnings_of(results: Results) -> int:
    """Count the different warnings of tables and models."""
    texts = {w for row in rows_of_tables(results) for w in row.get("warnings") or ()}
    texts |= {w for m in results.get("models") or () for w in m.get("warnings") or ()}
    return len(texts)


def limitations(results: Results) -> Answer:
    """Say what the report itself warns of."""
    n = warnings_of(results)
    models = final_models(results)
    if not n and not models:
        return OPEN
    facts = [f"{counted(n, 'warning')} at tables and models"] if n else []
    anchor = "indicators"
    if models:
        first = next(iter(models.values()))
        per = fixed_text(first["events_per_variable"], 1)
        facts.append(f"{per} events per variable of the model")
        anchor = "model"
    return partly("; ".join(facts), "what they mean is for the authors to discuss", anchor)


def estimates(models: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how many odds ratios there are, by which methods, with which intervals."""
    first = next(iter(models.values()))
    terms = [term for term in first["terms"] if term["name"] != "(Intercept)"]
    methods = ", ".join(METHOD_NAMES.get(key, key) for key in models)
    levels = {
        plain_text(100 * interval["level"])
        for model in models.values()
        for term in model["terms"]
        for interval in term["ci"].values()
        if interval
    }
    with_limits = f" with {'% and '.join(sorted(levels))}% intervals" if levels else ""
    return f"{counted(len(terms), 'adjusted odds ratio')} by {methods}{with_limits}"
