"""Clinical scores as they are printed: by group, and patient by patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.manuscript.journal_table import (
    JournalColumn,
    JournalRow,
    JournalTable,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.rounding import MISSING, percent_text, plain_text
from myocohort.report.section import Section
from myocohort.report.wording import counted

NONE = "the results hold no scores."


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One group: category counts, those not decided, and the complete scores in words."""

    label: str
    n: int
    categories: tuple[str, ...]
    undecided: str
    complete: str
    values: str


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One score ready to be printed."""

    identity: str
    title: str
    version: str
    categories: tuple[str, ...]
    rows: tuple[ScoreRow, ...]
    missing: str
    notes: tuple[str, ...]
    patients: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ScoresView:
    """The section; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    scores: tuple[ScoreView, ...]


def scores_view(results: Results) -> ScoresView:
    """Lay out the section `scores` of results.json."""
    section = results.get("scores")
    if not section:
        return ScoresView(NONE, (), ())
    return ScoresView(
        section["left_out"], tuple(section["notes"]), tuple(_view(s) for s in section["scores"])
    )


def _view(score: Mapping[str, Any]) -> ScoreView:
    everybody = score["groups"][0]
    missing = "; ".join(f"{row['item']} {row['n']}" for row in everybody["missing"])
    refused = [f"{row['patient']}: not scored; {row['why']}" for row in score["refused"]]
    return ScoreView(
        score["id"],
        score["title"],
        score["version"],
        tuple(score["categories"]),
        tuple(_row(group) for group in score["groups"]),
        f"Items missing, of {everybody['n']} patients: {missing}." if missing else "",
        tuple(text for text in (*score["notes"], *refused, score["not_listed"]) if text),
        tuple((row["patient"], row["statement"]) for row in score["patients"]),
    )


def _row(group: Mapping[str, Any]) -> ScoreRow:
    values = MISSING
    if group["complete"]:
        middle = plain_text(group["median"], 2)
        quartiles = f"{plain_text(group['q1'], 2)}\u2013{plain_text(group['q3'], 2)}"
        ends = f"{plain_text(group['min'], 2)}\u2013{plain_text(group['max'], 2)}"
        values = f"{middle} ({quartiles}; {ends})"
    return ScoreRow(
        group["label"],
        group["n"],
        tuple(
            f"{one['n']} ({percent_text(one['percent'])})" if group["decided"] else str(one["n"])
            for one in group["categories"]
        ),
        str(group["undecided"]),
        str(group["complete"]),
        values,
    )


def score_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheet Scores: a row a score and group."""
    section = results.get("scores") or {}
    rows = [
        [
            score["title"],
            group["label"],
            group["n"],
            "; ".join(f"{one['category']} {one['n']}" for one in group["categories"]),
            group["undecided"],
            group["complete"],
            *(group[name] for name in ("median", "q1", "q3", "min", "max")),
        ]
        for score in section.get("scores", ())
        for group in score["groups"]
    ]
    numbers = ("Median", "First quartile", "Third quartile", "Smallest", "Largest")
    yield Sheet(
        "Scores",
        "Clinical scores by group",
        (
            Column("Score"),
            Column("Group"),
            Column("n", "n"),
            Column("Decided, by category"),
            Column("Not decided", "n"),
            Column("Complete", "n"),
            *(Column(name, "number") for name in numbers),
        ),
        rows,
        section.get("left_out") or NONE,
        tuple(section.get("notes", ())),
        frozen=2,
    )
    patients = [
        [score["title"], row["patient"], row["low"], row["high"], row["statement"]]
        for score in section.get("scores", ())
        for row in score["patients"]
    ]
    if patients:
        yield Sheet(
            "Scores of patients",
            "Clinical scores, patient by patient",
            (
                Column("Score"),
                Column("Patient"),
                Column("Lowest", "number"),
                Column("Highest", "number"),
                Column("In words"),
            ),
            patients,
            "",
            frozen=2,
        )


def score_tables(results: Results) -> Iterator[JournalTable]:
    """Yield a table a score: groups with the counts of its categories."""
    for view in scores_view(results).scores:
        columns = [JournalColumn("Group", numbers=False), JournalColumn("n")]
        columns += [JournalColumn(category) for category in view.categories]
        if view.categories:
            columns.append(JournalColumn("Not decided"))
        columns += [JournalColumn("Complete"), JournalColumn("Median (quartiles; range)")]
        rows = []
        for row in view.rows:
            undecided = [row.undecided] if view.categories else []
            texts = [row.label, str(row.n), *row.categories, *undecided, row.complete, row.values]
            rows.append(JournalRow(plain_cells(texts)))
        remarks = (
            "Categories: n (% of those decided). Complete: scores of which no item is missing.",
            view.missing,
            *view.notes,
        )
        yield JournalTable(
            "",
            f"{view.title} ({view.version})",
            tuple(columns),
            tuple(rows),
            remarks=tuple(text for text in remarks if text),
        )


def score_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return a sentence a score, and why there is none."""
    view = scores_view(results)
    found = []
    for score in view.scores:
        everybody = score.rows[0]
        decided = [
            f"{category} {count}"
            for category, count in zip(score.categories, everybody.categories, strict=True)
        ]
        if score.categories:
            decided.append(f"not decided {everybody.undecided}")
        people = counted(everybody.n, "patient")
        text = f"{score.title}, {people}: {'; '.join(decided)}"
        found.append(text if decided else f"{text}median {everybody.values}")
    return [f"{text}." for text in found], view.left_out


def score_warnings(results: Results) -> Iterator[str]:
    """Yield what each score says must be known before it is used."""
    for score in scores_view(results).scores:
        for note in score.notes:
            yield f"{score.title}: {note}"


SCORES_SECTION = Section(
    "scores",
    "Clinical scores",
    "Clinical scores",
    scores_view,
    lambda _: (),
    score_sheets,
    score_tables,
    score_paragraphs,
    score_warnings,
)
