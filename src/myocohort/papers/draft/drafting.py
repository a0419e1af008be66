"""A paper's text made into a draft of a paper file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.papers.draft.document import Document, Paragraph, Table
from myocohort.papers.draft.understanding.claimed import claimed_tests
from myocohort.papers.draft.understanding.collected import Collected
from myocohort.papers.draft.understanding.long_numbers import without_long_numbers
from myocohort.papers.draft.understanding.statements import left_out, read_paragraphs
from myocohort.papers.draft.understanding.tables import read_table

_KINDS = (
    "size",
    "missing",
    "count",
    "mean",
    "median",
    "range",
    "p",
    "model",
    "correlation",
    "same",
    "setting",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper file as far as a program can write it.

    Parameters
    ----------
    paper
        The keys of the paper file and their values, as tomllib would read them.
    counts
        Kind of entry -> how many there are; "not_understood" -> how many pieces are listed.
    attention
        What a person should look at first, one sentence each.
    """

    paper: Mapping[str, Any]
    counts: Mapping[str, int]
    attention: tuple[str, ...]

    @property
    def not_understood(self) -> tuple[tuple[str, str], ...]:
        """Place and text of each piece that has a number and was not understood."""
        pieces = self.paper.get("not_understood", ())
        return tuple((str(piece["place"]), str(piece["text"])) for piece in pieces)


def draft_paper(document: Document) -> Draft:
    """Turn a paper's text into a draft of its paper file.

    Tables are read first, because sentences restate them. Every number of a table's body is
    part of an entry or listed under `not_understood`, and so is every sentence with a number
    that is in no entry.

    Parameters
    ----------
    document
        The paper as a reader gives it.
    """
    collected = Collected()
    blocks = []
    for block in document.blocks:
        place = block.section if isinstance(block, Paragraph) else block.label
        read = isinstance(block, Table) or not left_out(place)
        blocks.append(without_long_numbers(block, place, collected) if read else block)
    paragraphs = [block for block in blocks if isinstance(block, Paragraph)]
    tests = claimed_tests((block.section, block.text) for block in paragraphs)
    number = 0
    for block in blocks:
        if isinstance(block, Table):
            number += 1
            read_table(block, number, collected, tests)
    read_paragraphs(paragraphs, collected, tests)
    for unread in document.unread:
        collected.puzzled(unread.place, f"{unread.text} ({unread.why})")
    collected.whole_sample()
    paper: dict[str, Any] = {"title": document.title.strip() or "Untitled paper"}
    if document.doi.strip():
        paper["doi"] = document.doi.strip()
    paper["groups"] = collected.groups
    if collected.variables:
        paper["variables"] = collected.variables
    if collected.partitions:
        paper["partitions"] = collected.partitions
    for kind in _KINDS:
        if kind in collected.entries:
            paper[kind] = collected.entries[kind]
    if collected.tables:
        paper["table"] = collected.tables
    if "claim" in collected.entries:
        paper["claim"] = collected.entries["claim"]
    if collected.not_understood:
        paper["not_understood"] = collected.not_understood
    counts = {kind: len(paper.get(kind, ())) for kind in (*_KINDS, "claim", "not_understood")}
    return Draft(paper, counts, _attention(collected))


def _attention(collected: Collected) -> tuple[str, ...]:
    """Say what a person should look at first."""
    points = []
    unsized = [key for key in collected.groups if key not in collected.sizes]
    if unsized:
        points.append(
            f"No size was found for these groups: {', '.join(unsized)}. Add a line to `size` for "
            "each whose size the paper prints."
        )
    if not collected.partitions and collected.compared:
        points.append(
            "Say in `partitions` which groups have no patient in common and make up another."
        )
    unclaimed = [line for line in collected.entries.get("p", ()) if "claimed" not in line]
    if unclaimed:
        points.append(
            f"{len(unclaimed)} of {len(collected.entries['p'])} p values have no claimed test: the "
            "paper names none, or leaves a choice."
        )
    doubtful = sum("remark" in line for lines in collected.entries.values() for line in lines)
    if doubtful:
        points.append(f"{doubtful} entries have a remark that says what is doubtful.")
    if collected.not_understood:
        points.append(f"{len(collected.not_understood)} pieces were not understood; see the end.")
    return tuple(points)
