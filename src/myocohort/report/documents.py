"""Every document of a run, drawn from results.json."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from myocohort.parallel import beside
from myocohort.report.book.workbook import write_workbook
from myocohort.report.figures import FORMATS, draw_figures, write_figures
from myocohort.report.html import write_html
from myocohort.report.manuscript.latex import write_latex
from myocohort.report.manuscript.word import write_word
from myocohort.report.model.models import Results
from myocohort.report.sections import SECTIONS

MANY_SECTIONS = 4
"""From so many sections with content on, a second process pays, which takes a second to begin."""


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
    filled = [s for s in SECTIONS if (results.get(s.identity) or {}).get("left_out") == ""]
    # The PDFs, of which embedding the fonts takes most of the time, and the workbook are half
    # of the work.
    several = len(filled) >= MANY_SECTIONS
    with beside(__name__, str(folder)) if several else nullcontext():
        figures = draw_figures(results, folder)
        write_html(results, folder / "report.html", made_on=made_on, figures=figures)
        write_word(results, folder / "report.docx", figures)
        write_latex(results, folder / "tables.tex")
        write_figures(figures, folder / "figures", ("svg", "png") if several else FORMATS)
        if not several:
            write_workbook(results, folder / "tables.xlsx")


def _write_other_half(folder: Path) -> None:
    """Write the workbook and the figures as PDF, from results.json, in a process of its own."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    write_workbook(results, folder / "tables.xlsx")
    write_figures(draw_figures(results, folder), folder / "figures", ("pdf",))


if __name__ == "__main__":
    _write_other_half(Path(sys.argv[1]))
