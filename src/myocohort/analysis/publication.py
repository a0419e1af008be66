"""The study's results beside what its publication prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from myocohort.analysis.provenance import Provenance
from myocohort.analysis.table import AnalysisTable
from myocohort.papers.paperfile import Paper, load_paper
from myocohort.papers.scoreboard import score
from myocohort.study.studyfile import Study


def read_paper(study: Study) -> Paper | None:
    """Read the paper file that a study names, if it names one."""
    return None if study.paper is None else load_paper(study.folder / study.paper)


def printed_beside(study: Study, results: Mapping[str, Any]) -> None:
    """Put the printed p values, odds ratios and limits beside those computed, in place."""
    paper = read_paper(study)
    if paper is None:
        return
    in_tables = [entry for entry in paper.p if entry.place.startswith("Table")]
    printed_p = {entry.variable: entry.p for entry in in_tables}
    for table in results["tables"]:
        for section in table["sections"]:
            for row in section["rows"]:
                row["printed_p"] = printed_p.get(row["variable"])
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


def compare_with_publication(
    study: Study, table: AnalysisTable, provenance: Provenance
) -> dict[str, Any] | None:
    """Recompute every printed number from the records (`myocohort reproduce`).

    Returns
    -------
    dict or None
        The scoreboard; None for a study without a paper file.
    """
    paper = read_paper(study)
    if paper is None:
        return None
    return score(paper, table.frame, fitted=provenance.fitted).as_dict()
