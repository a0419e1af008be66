"""How each number of the tables and models came about: what the page's links lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import METHOD_NAMES, Results, models_of, term_names
from myocohort.report.model.table2 import model_view
from myocohort.report.wording import PROVENANCE, outcome_words

MOST_SHOWN = 60
"""Codes of patients that are printed in one place; the rest are counted."""
_PLAIN = re.compile(r"[\w ()+.%-]+")
"""A label that can stand in a command between double quotes and commas as it is."""


@dataclass(frozen=True, slots=True)
class Patients:
    """Those who share a group and a value.

    Parameters
    ----------
    group, value
        In words.
    n
        How many they are.
    codes
        Who they are, up to `MOST_SHOWN`; empty where they are not named.
    """

    group: str
    value: str
    n: int
    codes: str


@dataclass(frozen=True, slots=True)
class Entry:
    """How the numbers of one row or term came about.

    Parameters
    ----------
    anchor
        Id in the page.
    label
        Of the row.
    facts
        What and its answer, in sentences: records, test, reference, patients.
    patients
        By group and value, those without a value too.
    warnings
        Of the test or the models.
    command
        Prints the chain down to the records.
    """

    anchor: str
    label: str
    facts: tuple[tuple[str, str], ...]
    patients: tuple[Patients, ...]
    warnings: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Traced:
    """The entries of one table or model.

    Parameters
    ----------
    title
        "Table 1" and its caption.
    about
        Who is in it.
    entries
        In the order of its rows.
    """

    title: str
    about: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class HowView:
    """The section `how` of the page.

    Parameters
    ----------
    left_out
        Why there is nothing; empty where there is something.
    notes
        What a reader must know.
    tables
        With at least one entry.
    rows, terms
        Table and variable, model and term -> anchor of the entry.
    """

    left_out: str
    notes: tuple[str, ...]
    tables: tuple[Traced, ...]
    rows: Mapping[tuple[str, str], str]
    terms: Mapping[tuple[str, str], str]

    def row(self, table: str, variable: str) -> str:
        """Return the anchor of a row's entry; empty where there is none."""
        return self.rows.get((table, variable), "")

    def term(self, model: str, name: str) -> str:
        """Return the anchor of a term's entry; empty where there is none."""
        return self.terms.get((model, name), "")


def table_numbers(results: Results) -> dict[str, str]:
    """Return id of a table -> "Table 1"; Table 2 is the model, so others go on from Table 3."""
    tables = results.get("tables") or ()
    numbers = [1, *range(3, len(tables) + 2)]
    return {
        str(table["id"]): f"Table {number}" for table, number in zip(tables, numbers, strict=False)
    }


MODEL_TITLES = {"final": "Table 2", "screened": "Model of all candidates that pass"}
"""Id of a model -> what the report calls it."""


def how_view(results: Results) -> HowView:
    """Lay out the section `traces` of results.json with what it traces."""
    traces = results.get("traces")
    if not traces:
        return HowView("the results hold no traces.", (), (), {}, {})
    anchors = _Anchors()
    sources = {source["variable"]: source for source in traces["variables"]}
    numbers = table_numbers(results)
    traced, rows, terms = [], {}, {}
    described = {str(table["id"]): table for table in results.get("tables") or ()}
    for trace in traces["tables"]:
        table = described.get(trace["id"])
        if table is None:
            continue
        found = {row["variable"]: row for section in table["sections"] for row in section["rows"]}
        entries = []
        for one in trace["rows"]:
            row = found.get(one["variable"])
            if row is None:
                continue
            anchor = anchors.of(trace["id"], one["variable"])
            rows[trace["id"], one["variable"]] = anchor
            source = sources[one["variable"]]
            entries.append(
                _row_entry(anchor, row, one, source, table, numbers[trace["id"]], results)
            )
        if entries:
            title = f"{numbers[trace['id']]}. {table['title']}"
            traced.append(Traced(title, _about_table(table, results), tuple(entries)))
    for trace in traces["models"]:
        entries = []
        for one in trace["terms"]:
            anchor = anchors.of(trace["id"], one["name"])
            terms[trace["id"], one["name"]] = anchor
            entries.append(_term_entry(anchor, one, trace, sources, results))
        if entries:
            title = MODEL_TITLES.get(trace["id"], trace["id"])
            traced.append(Traced(title, _about_model(trace), tuple(entries)))
    return HowView(
        traces["left_out"] if not traced else "",
        tuple(traces["notes"]),
        tuple(traced),
        rows,
        terms,
    )


def command_for(study: str, *names: str) -> str:
    """Return the command that explains a number, ready for a shell."""
    return f'myocohort explain {study} "{", ".join(names)}"'


def askable(label: str, name: str) -> str:
    """Return the label where a command can hold it, otherwise the name from the study file."""
    return label if _PLAIN.fullmatch(label) else name


class _Anchors:
    """Ids that are safe in an address and never given twice."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, *parts: str) -> str:
        stem = "how-" + "-".join(re.sub(r"[^A-Za-z0-9_]+", "-", part) for part in parts)
        anchor, number = stem, 2
        while anchor in self._given:
            anchor, number = f"{stem}-{number}", number + 1
        self._given.add(anchor)
        return anchor


def _about_table(table: Mapping[str, Any], results: Results) -> str:
    if not table["groups"]:
        return "All patients, that is those of the arms that the outcome rule classifies."
    if table["by"] == "arm":
        return "The groups are the arms that the records give each patient."
    rule = (results.get("outcome_rule") or {}).get("label") or "the study's rule"
    return (
        f"The groups are the outcomes by the rule “{rule}”. Its definition stands under Patients "
        "and outcome, each patient's decision with its records under Decisions per patient. Who is "
        "in no group of the table is not counted in it."
    )


def _about_model(trace: Mapping[str, Any]) -> str:
    left_out = "; ".join(
        f"{item['n']} for {item['reason']}" + (f" ({codes})" if (codes := _codes(item)) else "")
        for item in trace["left_out"]
    )
    text = f"{trace['n']} patients are in the model, {trace['events']} of them with the event."
    if not trace["n_missing"]:
        return f"{text} Nobody is left out for a missing value."
    return f"{text} {trace['n_missing']} left out for a missing value: {left_out}."


def _row_entry(
    anchor: str,
    row: Mapping[str, Any],
    trace: Mapping[str, Any],
    source: Mapping[str, Any],
    table: Mapping[str, Any],
    number: str,
    results: Results,
) -> Entry:
    labels = {group["code"]: group["label"] for group in table["groups"]}
    facts = _source_facts(source, results)
    if row.get("test"):
        because = f" ({row['reason']})" if row.get("reason") else ""
        facts.append(("Test", f"{row['test']}{because}"))
        left_out = row["n_missing"]
        words = f"{left_out} left out" if left_out else "nobody left out"
        facts.append(("Patients in the test", f"{row['n']}; {words} for a missing value"))
    else:
        facts.append(("Test", "none: the table describes and does not compare"))
    if row.get("reference"):
        facts.append(("Reference", row["reference"]))
    facts += _provenance_facts(source, results)
    patients = []
    for group in trace["groups"]:
        name = labels.get(group["code"], "All patients")
        patients += [
            Patients(name, level["label"], level["n"], _codes(level)) for level in group["levels"]
        ]
        patients += [
            Patients(name, f"missing: {item['reason']}", item["n"], _codes(item))
            for item in group["missing"]
        ]
    return Entry(
        anchor,
        row["label"],
        tuple(facts),
        tuple(patients),
        tuple(row.get("warnings") or ()),
        command_for("STUDY", number, askable(row["label"], row["variable"])),
    )


def _term_entry(
    anchor: str,
    term: Mapping[str, Any],
    trace: Mapping[str, Any],
    sources: Mapping[str, Mapping[str, Any]],
    results: Results,
) -> Entry:
    models = models_of(results, trace["id"])
    source = sources[term["name"].partition("=")[0]]
    facts = [("Term", term["words"]), *_source_facts(source, results)]
    if term["name"] in term_names(models):
        view = model_view(models)
        place = term_names(models).index(term["name"])
        shown = view.terms[place]
        facts += [
            (f"Odds ratio, {method}", fit.headline)
            for method, fit in zip(view.methods, shown.fits, strict=True)
        ]
        if shown.exact is not None:
            facts.append((f"Odds ratio, {METHOD_NAMES['exact']}", shown.exact.headline))
    facts += _methods(models.values())
    facts += _provenance_facts(source, results)
    event = _event(models.values(), results)
    happened = f"With the event ({event})" if event else "With the event"
    patients = [
        Patients(
            happened if cell["event"] else "Without it",
            "with a value" if cell["value"] == "known" else cell["value"],
            cell["n"],
            _codes(cell),
        )
        for cell in term["cells"]
    ]
    warnings = dict.fromkeys(w for model in models.values() for w in model.get("warnings") or ())
    title = "Table 2" if trace["id"] == "final" else "screened model"
    return Entry(
        anchor,
        term["label"],
        tuple(facts),
        tuple(patients),
        tuple(warnings),
        command_for("STUDY", title, askable(term["label"], term["name"])),
    )


def _event(models: Iterable[Mapping[str, Any]], results: Results) -> str:
    """Return what the models call an event, in words: an outcome or an arm."""
    code = next((str(model["event"]) for model in models if model.get("event")), "")
    arms = (results.get("study") or {}).get("arms") or ()
    return next((str(arm["label"]) for arm in arms if arm["code"] == code), outcome_words(code))


def _methods(models: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return what each method is, with its reference, or why it gave nothing."""
    found = []
    for model in models:
        words = model["procedure"]
        words += f"; not fitted: {model['error']}" if model.get("error") else ""
        words += f". {model['reference']}" if model.get("reference") else ""
        found.append((f"Method, {METHOD_NAMES.get(model['method'], model['method'])}", words))
    return found


def _source_facts(source: Mapping[str, Any], results: Results) -> list[tuple[str, str]]:
    inputs = (results.get("manifest") or {}).get("inputs") or ()
    files = source["files"] or [
        item["file"] for item in inputs if item["table"] in source["tables"]
    ]
    facts = [("Records", source["derivation"])]
    if files:
        facts.append(("Files", ", ".join(dict.fromkeys(files))))
    if source["header"] != source["column"]:
        facts.append(("Header in the file", source["header"]))
    return facts


def _provenance_facts(source: Mapping[str, Any], results: Results) -> list[tuple[str, str]]:
    """Say of rebuilt records how far the publication determines the variable's column."""
    for column in results.get("provenance") or ():
        if column["table"] in source["tables"] and column["column"] == source["column"]:
            kind = column["kind"]
            return [("Rebuilt records", PROVENANCE.get(kind, kind))]
    return []


def _codes(item: Mapping[str, Any]) -> str:
    """Return the codes of patients as printed; empty where they are not named."""
    who: Sequence[str] = item["patients"] or ()
    more = f" and {len(who) - MOST_SHOWN} more" if len(who) > MOST_SHOWN else ""
    return ", ".join(who[:MOST_SHOWN]) + more
