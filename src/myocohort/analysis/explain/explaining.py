"""From a number of the report down to the records: `myocohort explain`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from myocohort.analysis.explain.context import (
    Context,
    origin_sentences,
    read_context,
    read_results,
)
from myocohort.analysis.explain.find import Found, find_numbers
from myocohort.analysis.explain.models import explain_term
from myocohort.analysis.explain.records import short
from myocohort.analysis.explain.sections import explain_other, explain_outcome, explain_time
from myocohort.analysis.explain.tables import explain_candidate, explain_missing, explain_row
from myocohort.analysis.plan import load_plan
from myocohort.analysis.traces.rows import file_sha256
from myocohort.errors import InputError, Problem
from myocohort.registry.session import DATABASE, open_study

EXPLAINERS: dict[str, Callable[[Found, Context], dict[str, Any]]] = {
    "tables": explain_row,
    "models": explain_term,
    "screening": explain_candidate,
    "missing": explain_missing,
    "times": explain_time,
    "outcome": explain_outcome,
}
"""First part of a subject -> what explains it; any other by what stands around the number."""

MOST_LINES = 60
"""Patients whose records are printed on the terminal; --json has all."""
MOST_NUMBERS = 40


def explain_number(folder: Path, query: str) -> dict[str, Any]:
    """Explain a number of the last run, from its place in results.json down to the records.

    Parameters
    ----------
    folder
        The study folder.
    query
        As a person says it: "Table 2, ILD, OR". See `find_numbers`.

    Returns
    -------
    dict
        `query`, `found`, `numbers` `[{name, path, value, printed}]`, `definition`, `methods`,
        `n`, `n_missing`, `left_out`, `fits`, `warnings`, `origin`, `groups`, `variables`,
        `records`, `changed_files`, `notes`, `check`.

    Raises
    ------
    UnusableQuery
        Nothing or several things are called so.
    InputError
        There are no results, or they are older than the records.
    """
    plan = load_plan(folder)
    results = read_results(folder)
    found = find_numbers(query, results)
    if not (folder / DATABASE).exists():
        rule = "a number is explained from the registry that it was computed from"
        raise InputError(
            [Problem(rule=rule, file=str(folder / DATABASE), next_step="Run the study again")]
        )
    with open_study(plan.study):
        context = read_context(plan, results)
        explained = EXPLAINERS.get(str(found.subject[0]), explain_other)(found, context)
    notes = explained["notes"]
    if results["manifest"].get("study_file_sha256") != plan.study.sha256:
        notes = [*notes, "study.toml has changed since the run that wrote results.json."]
    for source in explained["variables"]:
        for item in source["inputs"]:
            item["as_loaded"] = file_sha256(plan.study.folder / item["file"]) == item["sha256"]
    return {
        "query": query,
        "found": found.name,
        "numbers": [
            {
                "name": found.rest(leaf),
                "path": leaf.place,
                "value": leaf.value,
                "printed": leaf.printed,
            }
            for leaf in found.leaves
        ],
        "left_out": [],
        "fits": [],
        **explained,
        "notes": notes,
        "origin": origin_sentences(results),
    }


def explanation_lines(one: Mapping[str, Any]) -> list[str]:
    """Return an explanation as lines of text for the terminal."""
    lines = [one["found"], "", "Numbers (as printed; in full; place in results.json)"]
    lines += [
        f"  {number['name']}: {number['printed']}; {number['value']}; {number['path']}"
        for number in one["numbers"][:MOST_NUMBERS]
    ]
    hidden = len(one["numbers"]) - MOST_NUMBERS
    if hidden > 0:
        lines.append(f"  and {hidden} more: --json has them")
    if one["definition"]:
        lines += ["", "What it is", f"  {one['definition']}"]
    lines += _method_lines(one)
    lines += _bulleted("Warnings", one["warnings"])
    lines += _bulleted("Origin of the records", one["origin"])
    for source in one["variables"]:
        lines += _source_lines(source)
    lines += _group_lines(one)
    lines += _record_lines(one)
    lines += _bulleted("Notes", one["notes"])
    if one["check"]:
        lines += ["", f"Checked: {one['check']}"]
    return lines


def _bulleted(heading: str, texts: list[str]) -> list[str]:
    return ["", heading, *(f"  {text}" for text in texts)] if texts else []


def _method_lines(one: Mapping[str, Any]) -> list[str]:
    lines = []
    for method in one["methods"]:
        lines.append(f"  {method['name']}" + (f" ({method['why']})" if method["why"] else ""))
        if method["reference"]:
            lines.append(f"      {method['reference']}")
    lines += [f"  {fit}" for fit in one["fits"]]
    if one["n"] is not None:
        missing = one["n_missing"]
        said = "" if missing is None else f", {missing} missing"
        lines.append(f"  n {one['n']}{said}")
    lines += [
        f"  left out: {item['reason']}: {item['n']}"
        + (f" ({', '.join(item['patients'])})" if item.get("patients") else "")
        for item in one["left_out"]
    ]
    return ["", "Method", *lines] if lines else []


def _source_lines(source: Mapping[str, Any]) -> list[str]:
    title = f"Variable {source['variable']}" if source["variable"] else "Files"
    lines = ["", title]
    if source["variable"]:
        unit = f", {source['unit']}" if source["unit"] else ""
        lines.append(f"  {source['label']}: {source['type'].replace('_', '/')}{unit}")
    lines.append(f"  {source['derivation']}")
    if source["header"] != source["column"]:
        lines.append(f"  In the file the column is called {source['header']!r}.")
    if source["provenance"]:
        lines.append(f"  Rebuilt: {source['provenance']}.")
    for item in source["inputs"]:
        lines.append(f"  {item['file']} -> {item['table']}: {item['rows']} rows")
        lines.append(f"      SHA-256 {item['sha256']}")
        if not item["as_loaded"]:
            lines.append("      The file has changed since it was loaded, or is gone.")
    return lines


def _group_lines(one: Mapping[str, Any]) -> list[str]:
    lines = []
    for group in one["groups"]:
        lines.append(f"  {group['label']}: {group['n']} patients")
        for level in group["levels"]:
            lines.append(f"    {level['label']}: {_who(level)}")
        for item in group["missing"]:
            lines.append(f"    missing, {item['reason']}: {_who(item)}")
    return ["", "Patients", *lines] if lines else []


def _who(item: Mapping[str, Any]) -> str:
    patients = item["patients"] or []
    more = f" and {len(patients) - MOST_LINES} more" if len(patients) > MOST_LINES else ""
    named = f" ({', '.join(patients[:MOST_LINES])}{more})" if patients else ""
    return f"{item['n']}{named}"


def _record_lines(one: Mapping[str, Any]) -> list[str]:
    if not one["records"]:
        return []
    lines = ["", "Records"]
    for record in one["records"][:MOST_LINES]:
        value = f"missing ({record['missing']})" if record["missing"] else record["printed"]
        group = f" [{record['group']}]" if record["group"] else ""
        places = [text.removeprefix(", row , ") for text in short(record["from"])]
        tail = f"  <- {'; '.join(places)}" if places else ""
        lines.append(f"  {record['patient']}{group}: {value}{tail}".rstrip(": "))
    hidden = len(one["records"]) - MOST_LINES
    if hidden > 0:
        lines.append(f"  and {hidden} more: --json has them")
    for name in one["changed_files"]:
        lines.append(
            f"  {name} has changed since it was loaded, or is gone: its rows cannot be told."
        )
    return lines
