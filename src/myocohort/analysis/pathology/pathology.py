"""Muscle biopsies: the section `pathology` of results.json, its methods and references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from myocohort.analysis.pathology.biopsy_findings import (
    INTERVAL,
    INTERVAL_REFERENCE,
    Group,
    describe_findings,
)
from myocohort.analysis.pathology.marker_expression import (
    describe_associations,
    describe_expression,
)
from myocohort.analysis.publication import read_paper
from myocohort.analysis.section import Asked, Part
from myocohort.study.studyfile import Study

ALL = "all"
"""Code of the group of all patients."""


def describe_pathology(asked: Asked) -> dict[str, Any]:
    """Describe findings, expression of markers and how markers go together.

    Parameters
    ----------
    asked
        The study, its records and the analysis table.

    Returns
    -------
    dict
        `pathology` of results.json (docs/results.md).
    """
    study, table = asked.plan.study, asked.table
    groups = _groups(asked)
    findings = describe_findings(study, asked.records.biopsies, table.frame["patient"], groups)
    expression = [
        describe_expression(
            name, marker, asked.records.fields, table, groups, asked.results["tables"]
        )
        for name, marker in study.markers.items()
    ]
    stained = any(marker["fields"]["patients"] for marker in expression)
    paper = read_paper(study) if len(study.markers) > 1 else None
    associations = describe_associations(
        study.markers if stained else {},
        table.frame.loc[groups[0].inside],
        paper.correlation if paper else (),
    )
    left_out = ""
    if not findings and not stained:
        left_out = (
            "The records hold no finding of a biopsy, and no field of a marker of the study file."
        )
    return {
        "left_out": left_out,
        "notes": [] if left_out else _notes(findings, expression, groups),
        "groups": [
            {
                "code": group.code,
                "label": group.label,
                "n": int(group.inside.sum()),
                "followed": group.code == ALL or group.part,
            }
            for group in groups
        ],
        "findings": findings,
        "expression": expression if stained else [],
        "associations": associations,
    }


def _groups(asked: Asked) -> list[Group]:
    """Return all patients, the groups of the outcome, then arms of biopsied controls."""
    frame, study = asked.table.frame, asked.plan.study
    outcome, arm = frame["outcome"], frame["arm"]
    found = [Group(ALL, "All patients", outcome.notna().to_numpy(), part=False)]
    for code in _outcomes(study):
        inside = (outcome == code).to_numpy()
        found.append(Group(code, asked.labels.get(code, code), inside, part=True))
    biopsied = {*asked.records.biopsies["patient"], *asked.records.fields["patient"]}
    with_biopsy = frame["patient"].isin(biopsied).to_numpy()
    for code, plan in study.arms.items():
        inside = (arm == code).to_numpy()
        if plan.role == "controls" and np.any(inside & with_biopsy):
            found.append(Group(code, plan.label, inside, part=False))
    return found


def _outcomes(study: Study) -> tuple[str, ...]:
    """Return the outcomes that the study's first table by outcome compares."""
    for table in study.table.values():
        if table.by == "outcome":
            return table.groups
    return "non_refractory", "refractory"


def _notes(
    findings: list[dict[str, Any]], expression: list[dict[str, Any]], groups: list[Group]
) -> list[str]:
    notes = []
    if findings:
        notes.append(
            "Each finding has its own denominator: the patients in whom its stain was done and "
            "read. The groups are described and not compared here."
        )
    if groups[0].inside.sum() > sum(group.inside.sum() for group in groups if group.part):
        notes.append(
            "All patients are more than the groups of the outcome together: the others "
            "are lost, died, or could not be classified."
        )
    for marker in expression:
        counts = marker["fields"]
        if counts["patients_with_fewer"]:
            notes.append(
                f"{marker['label']}: {counts['patients_with_fewer']} of {counts['patients']} "
                f"patients have fewer than {marker['planned']} fields that count."
            )
        if counts["without_fibres"] or counts["not_counted"]:
            notes.append(
                f"{marker['label']}: {counts['counted']} of {counts['recorded']} fields count; "
                f"{counts['without_fibres']} have no muscle fibre and so no ratio, in "
                f"{counts['not_counted']} cells or fibres are not known."
            )
    return notes


def methods_of_pathology(results: Mapping[str, Any]) -> str:
    """Describe what was run on biopsies, as it was run; empty where nothing was."""
    section = results.get("pathology") or {}
    parts = []
    if section.get("findings"):
        parts.append(
            "Findings of the muscle biopsies are given as a share of the patients in whom the "
            f"stain was done and read, with {INTERVAL} (95%)."
        )
    pairs = [p for p in (section.get("associations") or {}).get("pairs", ()) if p["p"] is not None]
    if pairs:
        methods = "; ".join(dict.fromkeys(pair["method"] for pair in pairs))
        adjustment = section["associations"]["adjustment"]
        parts.append(
            f"The expression of markers was correlated over all patients by: {methods}; "
            f"beside each p stands the adjusted one ({adjustment['method']}, family of "
            f"{adjustment['family']} p value{'s' if adjustment['family'] > 1 else ''})."
        )
        limits = [pair["interval"]["method"] for pair in pairs if pair["interval"]]
        if limits:
            parts.append(
                f"Limits of rho are from {'; '.join(dict.fromkeys(limits))}; the p value of the "
                "limits stands with them."
            )
    return " ".join(parts)


def references_of_pathology(results: Mapping[str, Any]) -> list[str]:
    """List the sources of what was run on biopsies."""
    section = results.get("pathology") or {}
    found = [INTERVAL_REFERENCE] if section.get("findings") else []
    associations = section.get("associations") or {"pairs": (), "adjustment": None}
    pairs = [pair for pair in associations["pairs"] if pair["p"] is not None]
    for pair in pairs:
        found += [pair["reference"], pair["interval_reference"]]
    if pairs:
        found.append(associations["adjustment"]["reference"])
    return found


PATHOLOGY_PART = Part(
    describe_pathology,
    methods_of_pathology,
    references_of_pathology,
    columns=(
        ("biopsies", "stained"),
        ("biopsies", "present"),
        ("fields", "positive_cells"),
        ("fields", "fibres"),
    ),
)
