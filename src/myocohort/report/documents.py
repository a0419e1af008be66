"""Every document of a run, drawn from results.json."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from myocohort.parallel import beside
from myocohort.report.book.workbook import write_workbook
from myocohort.report.figures import Figures, draw_figures, write_figures
from myocohort.report.html import write_html
from myocohort.report.manuscript.latex import write_latex
from myocohort.report.manuscript.word import write_word
from myocohort.report.model.models import Results

MANY_FIGURES = 10
"""From so many figures on a second process pays, which takes a second to begin."""


def write_documents(results: Results, folder: Path, *, made_on: date) -> None:
    """Write the page, the Word document, the workbook, the LaTeX tables and the figures.

    Parameters
    ----------
    results
        The content of results.json.
    folder
        Holds results.json, and the reduced pictures of the panels.
    made_on
        Date of the page.
    """
    figures = draw_figures(results, folder)
    if len(figures) < MANY_FIGURES:
        _write_read(results, figures, folder, made_on)
        _write_print(results, figures, folder)
        return
    with beside(_write_print_anew, folder):
        _write_read(results, figures, folder, made_on)


def _write_read(results: Results, figures: Figures, folder: Path, made_on: date) -> None:
    """Write what is read: its pictures are SVG and PNG."""
    write_html(results, folder / "report.html", made_on=made_on, figures=figures)
    write_word(results, folder / "report.docx", figures)
    write_latex(results, folder / "tables.tex")
    write_figures(figures, folder / "figures", ("svg", "png"))


def _write_print(results: Results, figures: Figures, folder: Path) -> None:
    """Write the workbook, and the figures as PDF, whose fonts take most of the time."""
    write_workbook(results, folder / "tables.xlsx")
    write_figures(figures, folder / "figures", ("pdf",))


def _write_print_anew(folder: Path) -> None:
    """Do so in a process of its own, from the file."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    _write_print(results, draw_figures(results, folder), folder)
