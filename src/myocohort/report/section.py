"""What a section of the report is: one module in every document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from myocohort.report.book.sheet import Sheet
from myocohort.report.manuscript.journal_table import JournalTable
from myocohort.report.model.models import Results


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A drawing with its words.

    Parameters
    ----------
    name
        Stem of its files, and its name in the templates.
    drawing
        Drawn in the style of report/drawing.py.
    legend
        What stands under it: what is drawn, of whom.
    alternative
        What is read aloud instead of it.
    """

    name: str
    drawing: Figure
    legend: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report; each part copes with results that do not hold it.

    Parameters
    ----------
    identity
        Key of results.json, anchor in the page, and stem of its template.
    heading, contents
        Above it, and in the list of contents.
    view
        What the template gets as `view`, rounding done.
    figures
        In order; they are numbered through the whole report.
    sheets
        Of the workbook.
    tables
        Of the Word document and LaTeX, without numbers: they become S1, S2, ...
    paragraphs
        Of the manuscript's results, and why there are none.
    warnings
        For the manuscript's limits.
    """

    identity: str
    heading: str
    contents: str
    view: Callable[[Results], Any]
    figures: Callable[[Results], Iterable[ReportFigure]]
    sheets: Callable[[Results], Iterable[Sheet]]
    tables: Callable[[Results], Iterable[JournalTable]]
    paragraphs: Callable[[Results], tuple[list[str], str]]
    warnings: Callable[[Results], Iterable[str]]
