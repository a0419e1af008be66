"""The study's results beside what its publication prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.analysis.comparison import rows_of
from myocohort.papers.paperfile import Paper, load_paper
from myocohort.study.studyfile import Study


def read_paper(study: Study) -> Paper | None:
    """Read the paper file that a study names, if it names one."""
    return None if study.paper is None else load_paper(study.folder / study.paper)


def printed_beside(paper: Paper, results: Mapping[str, Any]) -> None:
    """Put the printed p values, odds ratios and limits beside those computed, in place."""
    printed_p = {(entry.variable, frozenset(entry.groups)): entry for entry in paper.p}
    for table in results["tables"]:
        groups = frozenset(group["code"] for group in table["groups"])
        for row in rows_of(table):
            entry = printed_p.get((row["variable"], groups))
            row["printed_p"] = None if entry is None else entry.p
            row["printed_id"] = None if entry is None else f"{entry.id}.p"
    terms = {term.term: term for entry in paper.model for term in entry.terms}
    for model in results["models"]:
        if model["id"] != "final":
            continue
        for row in model["terms"]:
            term = terms.get(row["name"])
            if term is not None:
                row["printed"] = {
                    "odds_ratio": term.odds_ratio,
                    "low": term.low,
                    "high": term.high,
                    "p": term.p,
                }


def note_other_tests(results: Mapping[str, Any]) -> None:
    """Say below each table which printed p values come from another test than the one named."""
    by = {n["id"]: n["by"] for n in results["scoreboard"]["numbers"] if n["other_test"]}
    for table in results["tables"]:
        found: dict[str, list[str]] = {}
        for row in rows_of(table):
            procedure = by.get(row["printed_id"])
            if procedure is not None:
                found.setdefault(procedure, []).append(row["label"])
        table["notes"] += [
            f"The published p value of {', '.join(labels)} is that of: {procedure}."
            for procedure, labels in found.items()
        ]
