"""What an explanation looks at: the records of today and the results of the last run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from myocohort.analysis.outcome import OUTCOME_LABELS, decide_all
from myocohort.analysis.plan import Plan
from myocohort.analysis.provenance import Provenance, read_provenance
from myocohort.analysis.section import Asked
from myocohort.analysis.table import AnalysisTable, build_table
from myocohort.analysis.traces.words import source_of_variable
from myocohort.errors import InputError, Problem
from myocohort.outcomes import Decision
from myocohort.registry.files import imported_files
from myocohort.registry.records import Records, read_records
from myocohort.report.wording import PROVENANCE, origin_of
from myocohort.study.variable import Variable

RESULTS = "results/results.json"


@dataclass(frozen=True, slots=True)
class Context:
    """The study, its records as they are now, and the results that are explained.

    Parameters
    ----------
    plan
        The study, its rule and parameters.
    records, table, decisions
        Read and computed anew from the registry.
    provenance
        Of rebuilt records.
    inputs
        `imported_files()` of the registry.
    results
        The content of results.json.
    """

    plan: Plan
    records: Records
    table: AnalysisTable
    decisions: Sequence[Decision]
    provenance: Provenance
    inputs: Sequence[Mapping[str, Any]]
    results: Mapping[str, Any]

    @property
    def labels(self) -> dict[str, str]:
        """Code of an outcome or arm -> label."""
        return {**OUTCOME_LABELS, **{c: a.label for c, a in self.plan.study.arms.items()}}

    @property
    def starts(self) -> dict[str, Any]:
        """Patient -> start of treatment."""
        people = self.records.patients
        return dict(zip(people["patient"], people["treatment_start"], strict=True))

    def asked(self) -> Asked:
        """Return what the sections of results.json are computed from."""
        return Asked(
            self.plan, self.records, self.table, self.decisions, self.labels, self.provenance,
            self.results,
        )  # fmt: skip

    def variable(self, name: str) -> Variable:
        """Return a variable of the analysis table; one that is gone makes the results old."""
        if name not in self.table.variables:
            raise stale(f"the study file has no variable {name} any more")
        return self.table.variables[name]

    def source(self, name: str) -> dict[str, Any]:
        """Say where a variable comes from, with the imported files and what they are worth."""
        source = source_of_variable(self.variable(name), self.plan.study)
        kind = self.provenance.kind(self.variable(name))
        return {
            **source,
            "inputs": inputs_of(self, source["tables"]),
            "provenance": PROVENANCE.get(kind, kind),
        }


def read_results(folder: Path) -> dict[str, Any]:
    """Read the results of the last run.

    Raises
    ------
    InputError
        There are none, or the file is not what a run writes.
    """
    path = folder / RESULTS
    step = f"Run `myocohort run {folder}`"
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        rule = "a number is explained after a run: there is no results.json"
        raise InputError([Problem(rule=rule, file=str(path), next_step=step)]) from None
    except (OSError, ValueError, RecursionError) as error:
        rule = f"results.json is as a run wrote it; it cannot be read ({error})"
        raise InputError([Problem(rule=rule, file=str(path), next_step=step)]) from None
    wanted = ("tables", "models", "manifest", "decisions")
    if not isinstance(results, dict) or any(key not in results for key in wanted):
        rule = "results.json is as a run of this version wrote it"
        raise InputError([Problem(rule=rule, file=str(path), next_step=step)])
    return results


def read_context(plan: Plan, results: Mapping[str, Any]) -> Context:
    """Read the registry that is open, and check that the results are of its records.

    Raises
    ------
    InputError
        The registry was filled from other files since.
    """
    inputs = imported_files()
    now = {(item["file"], item["table"], item["sha256"]) for item in inputs}
    then = {
        (item["file"], item["table"], item["sha256"])
        for item in results["manifest"]["inputs"]
        if item["table"] != "alternatives"
    }
    if now != then:
        files = sorted({name for name, *_ in now ^ then})
        raise stale(f"records were loaded since from {', '.join(files)}")
    records = read_records(plan.study)
    decisions = decide_all(plan, records)
    table = build_table(plan, records, decisions)
    provenance = read_provenance(plan.study.folder)
    return Context(plan, records, table, decisions, provenance, inputs, results)


def stale(why: str) -> InputError:
    """Return the error that the results do not describe the records any more."""
    return InputError(
        [
            Problem(
                rule="results.json is older than the records: run again",
                value=why,
                file=RESULTS,
                next_step="`myocohort run STUDY`",
            )
        ]
    )


def inputs_of(context: Context, tables: Sequence[str]) -> list[dict[str, Any]]:
    """List the imported files of some tables with their hashes."""
    return [dict(item) for item in context.inputs if item["table"] in tables]


def origin_sentences(results: Mapping[str, Any]) -> list[str]:
    """Return what must be known of records that are not a study's own."""
    origin = origin_of(results)
    if origin is None:
        return []
    note = (results.get("study") or {}).get("origin_note") or ""
    return [text for text in (origin.sentence, note) if text]


def same_json(computed: object, stored: object) -> bool:
    """Whether something computed now is what results.json holds."""
    return bool(json.loads(json.dumps(computed, allow_nan=False)) == stored)
