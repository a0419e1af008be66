"""Every figure of a report, numbered once for all documents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from myocohort.report.drawing import figure_pdf, figure_png, figure_svg, inline_svg
from myocohort.report.files import write_whole
from myocohort.report.flow_figure import flow_figures
from myocohort.report.model.forest import forest_figures
from myocohort.report.model.models import Results
from myocohort.report.panels.figures import panel_figures
from myocohort.report.section import ReportFigure
from myocohort.report.sections import SECTIONS


class NumberedFigure:
    """A figure with its number; each format is made when it is first asked for, and kept."""

    def __init__(self, number: int, figure: ReportFigure) -> None:
        self.number = number
        self.name = figure.name
        self.legend = figure.legend
        self.alternative = figure.alternative
        self.inches: tuple[float, float] = tuple(figure.drawing.get_size_inches())
        self._drawing = figure.drawing

    @cached_property
    def picture(self) -> Markup:
        """An SVG element for the page, in the page's colours."""
        # matplotlib escapes the text of a figure
        return Markup(inline_svg(self.svg.decode(), self.name, self.alternative))

    @cached_property
    def svg(self) -> bytes:
        """The file."""
        return figure_svg(self._drawing).encode()

    @cached_property
    def png(self) -> bytes:
        """The file, at 300 dots an inch."""
        return figure_png(self._drawing)

    @cached_property
    def pdf(self) -> bytes:
        """The file, with fonts embedded."""
        return figure_pdf(self._drawing)


Figures = dict[str, NumberedFigure]
"""Name -> figure, in the order of the numbers."""


def draw_figures(results: Results, folder: Path | None = None) -> Figures:
    """Draw what the results hold the numbers of: the flow, the model, the sections, images.

    Parameters
    ----------
    results
        The content of results.json.
    folder
        The results folder, which holds the reduced pictures of the panels.
    """
    drawn = [*flow_figures(results), *forest_figures(results)]
    for section in SECTIONS:
        drawn += section.figures(results)
    drawn += panel_figures(results, folder)
    return {figure.name: NumberedFigure(n, figure) for n, figure in enumerate(drawn, start=1)}


FORMATS = ("svg", "png", "pdf")


def write_figures(figures: Figures, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write each figure in these formats.

    Parameters
    ----------
    figures
        Of `draw_figures`.
    folder
        Made when there is something to write.

    Returns
    -------
    list of Path
        What was written.
    """
    written = []
    for name, figure in figures.items():
        folder.mkdir(parents=True, exist_ok=True)
        for ending in formats:
            written.append(folder / f"{name}.{ending}")
            write_whole(written[-1], getattr(figure, ending))
    return written
