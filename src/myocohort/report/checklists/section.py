"""The reporting checklists as they are printed: what is asked, and where it is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.checklists.item import Checklist
from myocohort.report.checklists.strobe import STROBE
from myocohort.report.checklists.tripod import TRIPOD
from myocohort.report.manuscript.journal_table import (
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.section import Section

ABOUT = (
    "Answered: the report has what the item asks for. In part: something is lacking, and the line "
    "says what. Open: the authors write it. What is asked is put in words of this program; the "
    "checklists themselves are at the sources named."
)
_PLACES = {
    "summary": "Summary",
    "flow": "Patients and outcome",
    "indicators": "Table 1",
    "screening": "Screening",
    "model": "Table 2",
    "validation": "Validation",
    "missing": "Missing values",
    "methods": "Methods",
    "decisions": "Decisions",
    "manifest": "Manifest",
}
"""Anchor in the page -> its name in the list of contents."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item: number, part of the article, what is asked, status, fact, and where it stands."""

    number: str
    part: str
    asked: str
    status: str
    fact: str
    anchor: str
    place: str


@dataclass(frozen=True, slots=True)
class ChecklistView:
    """One checklist: its lines, how many of each status, and the numbers of the open items.

    A manuscript names the `source` only: its list of references is that of the results.
    """

    name: str
    purpose: str
    source: str
    reference: str
    lines: tuple[Line, ...]
    counts: str
    open_items: str


@dataclass(frozen=True, slots=True)
class ChecklistsView:
    """The whole section; `left_out` says why there is no TRIPOD, or nothing at all."""

    about: str
    checklists: tuple[ChecklistView, ...]
    left_out: str


def checklists_view(results: Results, places: Mapping[str, str]) -> ChecklistsView:
    """Fill the checklists: STROBE always, TRIPOD where the study has a model.

    Parameters
    ----------
    results
        The content of results.json.
    places
        Anchor in the page -> its name in the list of contents; an answer elsewhere has no link.
    """
    if not results.get("outcome"):
        return ChecklistsView("", (), "the results hold no outcome, so that no item is answered.")
    views = [_view(STROBE, results, places)]
    left_out = "TRIPOD, as the study has no model."
    if results.get("models"):
        views.append(_view(TRIPOD, results, places))
        left_out = ""
    return ChecklistsView(ABOUT, tuple(views), left_out)


def checklists_sheets(results: Results, places: Mapping[str, str]) -> Iterator[Sheet]:
    """Lay out a sheet for each checklist."""
    view = checklists_view(results, places)
    columns = [
        Column("Item"), Column("Part"), Column("Asked"), Column("Status"), Column("Answer"),
        Column("Section of the report"),
    ]  # fmt: skip
    for one in view.checklists:
        yield Sheet(
            one.name,
            f"{one.name}, {one.purpose}",
            columns,
            [
                [line.number, line.part, line.asked, line.status, line.fact, line.place or None]
                for line in one.lines
            ],
            "the checklist has no items.",
            remarks=(one.counts, one.open_items, ABOUT, one.reference),
        )


def checklists_tables(results: Results, places: Mapping[str, str]) -> Iterator[JournalTable]:
    """Lay out a table for each checklist."""
    columns = tuple(
        JournalColumn(name, numbers=False)
        for name in ("Item", "Asked", "Status", "Answer", "Where")
    )
    for one in checklists_view(results, places).checklists:
        rows: list[JournalRow] = []
        part = ""
        for line in one.lines:
            if line.part != part:
                part = line.part
                rows.append(heading_row(part))
            cells = [line.number, line.asked, line.status, line.fact, line.place]
            rows.append(JournalRow(plain_cells(cells)))
        yield JournalTable(
            "",
            f"{one.name} checklist, {one.purpose}",
            columns,
            tuple(rows),
            remarks=(one.counts, ABOUT, f"Source: {one.source}."),
        )


def checklists_paragraphs(results: Results, places: Mapping[str, str]) -> tuple[list[str], str]:
    """Return how many items of each checklist are answered."""
    view = checklists_view(results, places)
    if not view.checklists:
        return [], view.left_out
    sentences = [f"{one.name} ({one.purpose}): {one.counts}" for one in view.checklists]
    if view.left_out:
        sentences.append(f"Left out: {view.left_out}")
    return [" ".join(sentences)], ""


def _view(checklist: Checklist, results: Results, places: Mapping[str, str]) -> ChecklistView:
    lines = []
    for item in checklist.items:
        answer = item.answer(results)
        place = places.get(answer.anchor, "")
        lines.append(
            Line(
                item.number,
                item.part,
                item.asked,
                answer.status,
                answer.fact,
                answer.anchor if place else "",
                place,
            )
        )
    found = Counter(line.status for line in lines)
    counts = f"{len(lines)} items: {found['answered']} answered, {found['in part']} in part, "
    counts += f"{found['open']} open"
    if found["does not apply"]:
        counts += f", {found['does not apply']} not applicable"
    still = [line.number for line in lines if line.status == "open"]
    return ChecklistView(
        checklist.name,
        checklist.purpose,
        checklist.source,
        checklist.reference,
        tuple(lines),
        f"{counts}.",
        f"Open items: {', '.join(still)}." if still else "No item is open.",
    )


def checklists_section(others: Iterable[Section]) -> Section:
    """Return the section, whose answers link to the others and name them.

    Parameters
    ----------
    others
        The sections of the report that an answer may point to.
    """
    places = {**_PLACES, **{section.identity: section.contents for section in others}}
    return Section(
        "checklists",
        "Reporting checklists",
        "Checklists",
        partial(checklists_view, places=places),
        lambda _: (),
        partial(checklists_sheets, places=places),
        partial(checklists_tables, places=places),
        partial(checklists_paragraphs, places=places),
        lambda _: (),
    )
