"""The study's results beside what its publication prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from myocohort.analysis.comparison import rows_of
from myocohort.errors import StatisticsError
from myocohort.papers.entries import PValue
from myocohort.papers.groups import members
from myocohort.papers.paperfile import Paper, load_paper
from myocohort.study.studyfile import Study


def read_paper(study: Study) -> Paper | None:
    """Read the paper file that a study names, if it names one."""
    return None if study.paper is None else load_paper(study.folder / study.paper)


def printed_beside(paper: Paper, results: Mapping[str, Any], frame: pd.DataFrame) -> None:
    """Put the printed p values, odds ratios and limits beside those computed, in place.

    Parameters
    ----------
    paper
        What the publication prints.
    results
        With `tables` and `models`.
    frame
        The analysis table, which says who is behind a printed p value.
    """
    printed: dict[str, list[PValue]] = {}
    for entry in paper.p:
        printed.setdefault(entry.variable, []).append(entry)
    for table in results["tables"]:
        for row in rows_of(table):
            entries = printed.get(row["variable"], ())
            found = next((e for e in entries if _same_patients(paper, e, table, frame)), None)
            row["printed_p"] = None if found is None else found.p
            row["printed_id"] = None if found is None else f"{found.id}.p"
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


def _same_patients(
    paper: Paper, entry: PValue, table: Mapping[str, Any], frame: pd.DataFrame
) -> bool:
    """Return whether a printed p value compares the patients that a table compares.

    A publication may call its groups otherwise, as those of them who have a scan: what counts is
    that among patients with a value the groups are the same.
    """
    codes = [group["code"] for group in table["groups"]]
    if set(entry.groups) == set(codes):
        return True
    if len(entry.groups) != len(codes) or entry.variable not in frame:
        return False
    known = frame[frame[entry.variable].notna()]
    try:
        printed = [frozenset(known.index[members(paper, name, known)]) for name in entry.groups]
    except StatisticsError:
        return False
    computed = {frozenset(known.index[known[table["by"]] == code]) for code in codes}
    return frozenset() not in computed and set(printed) == computed


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
