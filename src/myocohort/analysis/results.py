"""From a study and its records to the content of results.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from myocohort.analysis.comparison import compare_groups, rows_of
from myocohort.analysis.flow import flow_steps
from myocohort.analysis.manifest import manifest
from myocohort.analysis.methods import methods_paragraphs, references
from myocohort.analysis.missing import describe_missing
from myocohort.analysis.modelling import Modelled, model_outcome
from myocohort.analysis.outcome import OUTCOME_LABELS, decide_all
from myocohort.analysis.plan import Plan
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.publication import note_other_tests, printed_beside, read_paper
from myocohort.analysis.section import Asked
from myocohort.analysis.sections import PARTS, describe_section
from myocohort.analysis.table import AnalysisTable, build_table
from myocohort.analysis.validation import DataSets, validate_model
from myocohort.outcomes import OUTCOMES, Decision
from myocohort.papers.scoreboard import score
from myocohort.registry.records import Records
from myocohort.study.studyfile import ModelPlan, Section, Study, TablePlan, split_term


def compute_results(
    plan: Plan, records: Records, inputs: Sequence[Mapping[str, Any]], provenance: Provenance
) -> dict[str, Any]:
    """Compute everything that a study asks for.

    Parameters
    ----------
    plan
        The study, its rule and parameters.
    records
        What the registry holds.
    inputs
        The imported files, for the manifest.
    provenance
        Of rebuilt records.

    Returns
    -------
    dict
        The content of results.json (docs/results.md), plain types only.
    """
    study = plan.study
    decisions = decide_all(plan, records)
    table = build_table(plan, records, decisions)
    labels = {**OUTCOME_LABELS, **{code: arm.label for code, arm in study.arms.items()}}
    tables = [
        {"id": name, **compare_groups(table.frame, of, table.variables, labels)}
        for name, of in study.table.items()
    ]
    modelled, validation = Modelled(None, []), None
    if study.model is not None:
        tests = study.first_comparison or _default_tests(study.model)
        modelled = model_outcome(table.frame, study.model, tests, table.variables)
        data = _validated_on(study, table.frame, provenance)
        validation = validate_model(data, study.model, tests, table.variables)
    results: dict[str, Any] = {
        "study": _study(plan, table, provenance),
        "outcome": _counts(decisions),
        "outcome_rule": {
            "name": study.outcome.rule,
            "label": plan.rule.label,
            "parameters": plan.parameters.model_dump(mode="json"),
            "definition": plan.rule.definition(plan.parameters),
            "reference": plan.rule.reference,
        },
        "decisions": [
            {"patient": d.patient, "outcome": d.outcome, "why": d.why, "records": list(d.records)}
            for d in decisions
        ],
        "flow": flow_steps(plan, table, decisions),
        "tables": tables,
        "screening": modelled.screening,
        "models": modelled.models,
        "validation": validation,
        "missing": _missing(plan, table),
        "provenance": list(provenance.columns),
        "rebuild": provenance.rebuild,
    }
    for row in rows_of(*tables):
        row["provenance"] = provenance.kind(table.variables[row["variable"]])
    _warn_of_undetermined_models(results)
    paper = read_paper(study)
    if paper is not None:
        printed_beside(paper, results, table.frame)
    asked = Asked(plan, records, table, decisions, labels, provenance, results)
    for name in PARTS:
        results[name] = describe_section(name, asked)
    results["table1"] = rows_of(*tables[:1])
    results["methods"] = methods_paragraphs(plan, results, table.notes)
    results["references"] = references(plan, results)
    results["scoreboard"] = None
    if paper is not None:
        results["scoreboard"] = score(paper, table.frame, fitted=provenance.fitted).as_dict()
        note_other_tests(results)
    results["manifest"] = manifest(study, inputs, provenance.seed, provenance.alternative_files)
    return results


def _default_tests(plan: ModelPlan) -> TablePlan:
    """Return the tests that screen candidates where the study has no table."""
    return TablePlan(
        title="Screening",
        groups=(plan.event, plan.against[0]),
        sections=(Section(variables=()),),
    )


def _validated_on(study: Study, frame: pd.DataFrame, provenance: Provenance) -> DataSets:
    """Return the alternatives of rebuilt records where there are any, else the records."""
    if study.origin == "rebuilt" and provenance.alternatives:
        return DataSets("joint tables", provenance.alternatives, provenance.alternatives_note)
    return DataSets("records", (frame,))


def _warn_of_undetermined_models(results: Mapping[str, Any]) -> None:
    """Say of a model on rebuilt records that its terms are not jointly determined."""
    if results["rebuild"] is None:
        return
    determined = {*results["rebuild"]["terms"], "(Intercept)"}
    for model in results["models"]:
        free = [term["label"] for term in model["terms"] if term["name"] not in determined]
        if free:
            model["warnings"].insert(
                0,
                "The records are rebuilt, and how these terms occur together is one of many "
                f"solutions: {', '.join(free)}. Another solution gives another model; these "
                "numbers show only what such a model is like.",
            )


def _study(plan: Plan, table: AnalysisTable, provenance: Provenance) -> dict[str, Any]:
    study = plan.study
    sizes = Counter(table.frame["arm"])
    return {
        "title": study.title,
        "citation": study.citation,
        "origin": study.origin,
        "origin_note": _origin_note(provenance),
        "arms": [
            {"code": code, "label": arm.label, "role": arm.role, "n": sizes.get(code, 0)}
            for code, arm in study.arms.items()
        ],
    }


def _origin_note(provenance: Provenance) -> str:
    """Say how far rebuilt records are determined; empty for others."""
    kinds = Counter(column["kind"] for column in provenance.columns)
    if not kinds:
        return ""
    return (
        f"Of {sum(kinds.values())} columns {kinds['determined']} are determined by the printed "
        f"numbers, {kinds['one of many']} are one of many solutions, and "
        f"{kinds['illustrative']} are illustrative."
    )


def _counts(decisions: Sequence[Decision]) -> dict[str, int]:
    found = Counter(decision.outcome for decision in decisions)
    return {outcome: found.get(outcome, 0) for outcome in OUTCOMES}


def _missing(plan: Plan, table: AnalysisTable) -> list[dict[str, Any]]:
    """Missing values of all variables of tables and model, in the groups first compared."""
    study = plan.study
    names = [name for of in study.table.values() for name in of.variables]
    if study.model is not None:
        terms = (*study.model.candidates, *study.model.terms)
        names += [split_term(term)[0] for term in terms]
    if not study.table:
        return []
    first = study.first_comparison
    by, groups = (first.by, first.groups) if first else ("overall", ())
    return describe_missing(table, list(dict.fromkeys(names)), by, groups)
