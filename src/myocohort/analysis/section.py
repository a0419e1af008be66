"""What a section of results.json is: how it is computed, described and sourced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.analysis.plan import Plan
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.table import AnalysisTable
from myocohort.outcomes import Decision
from myocohort.registry.records import Records

MOST_LISTED = 200
"""Patients up to whom a section lists each one; with more, lists would be most of results.json."""

NOT_DETERMINED = "Rebuilt, and not determined by the publication"
"""Beginning of the first note of a section on rebuilt records."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a section may look at.

    Parameters
    ----------
    plan
        The study, its rule and parameters.
    records
        What the registry holds.
    table
        The analysis table.
    decisions
        Outcome of each followed patient, in the order of the registry.
    labels
        Code of an outcome or arm -> label.
    provenance
        Of rebuilt records; empty for others.
    results
        The parts of results.json that are finished: study, outcome, tables, screening, models,
        validation, and the sections before.
    """

    plan: Plan
    records: Records
    table: AnalysisTable
    decisions: Sequence[Decision]
    labels: Mapping[str, str]
    provenance: Provenance
    results: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of results.json.

    Parameters
    ----------
    describe
        Computes it. The section has `left_out` (why there is nothing, or "") and `notes`
        (sentences that a reader must know).
    methods
        The methods paragraph, from the finished results; "" where nothing ran.
    references
        The sources of what ran.
    columns
        (table, column) of the records on which it rests; of rebuilt records those that no
        publication determines are named in its first note.
    """

    describe: Callable[[Asked], dict[str, Any]]
    methods: Callable[[Mapping[str, Any]], str]
    references: Callable[[Mapping[str, Any]], list[str]]
    columns: tuple[tuple[str, str], ...] = ()
