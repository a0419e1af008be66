"""An item of a checklist, and what a report answers to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from myocohort.report.model.models import Results

Status = Literal["answered", "in part", "open", "does not apply"]

TITLE, INTRODUCTION = "Title and abstract", "Introduction"
METHODS, RESULTS, DISCUSSION, OTHER = "Methods", "Results", "Discussion", "Other"
"""Parts of a report, the headings of every checklist."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a report says to an item.

    Parameters
    ----------
    status
        "in part" where something of what is asked is missing; the fact then says what.
    fact
        One short sentence with the numbers of the results.
    anchor
        Of the section of the page that has it; "" where there is none.
    """

    status: Status
    fact: str
    anchor: str = ""


OPEN = Answer("open", "to be written by the authors")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a checklist.

    Parameters
    ----------
    number
        As the checklist counts.
    part
        Of the article.
    asked
        What is asked, in words of this program's own.
    answer
        From results.json; where it is not given, no report of this program can answer it.
    """

    number: str
    part: str
    asked: str
    answer: Callable[[Results], Answer] = lambda _: OPEN


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist: short name, what it is for, its source in words and whole, its items."""

    name: str
    purpose: str
    source: str
    reference: str
    items: tuple[Item, ...]


def partly(fact: str, lacking: str, anchor: str) -> Answer:
    """Return an answer that says what is there and what the authors must add."""
    return Answer("in part", f"{fact}; {lacking}", anchor)
