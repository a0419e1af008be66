"""How every figure is drawn and saved: one style, the same bytes for the same input."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import escape

import matplotlib
import matplotlib.style
from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

PNG_DPI = 300
INK = "#1b2027"
GREY = "#69727d"
# Blue, vermilion and green of Okabe and Ito's palette, told apart by all kinds of colour vision.
ML = "#0072b2"
FIRTH = "#d55e00"
EXACT = "#007d5c"

_IN_A_PAGE = {
    INK: "currentColor",
    GREY: "var(--muted)",
    ML: "var(--ml)",
    FIRTH: "var(--firth)",
    EXACT: "var(--exact)",
}
# matplotlib brings the first; the others, where installed, have the signs that it lacks.
_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei")


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw in a fixed style, whatever the user's own matplotlib settings are."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    settings = {
        "font.family": [font for font in _FONTS if font in installed],
        "svg.fonttype": "none",
        "svg.hashsalt": "myocohort",
    }
    with matplotlib.style.context(["default", settings]), warnings.catch_warnings():
        # A sign that no installed font has becomes a box; the SVG keeps the sign itself.
        warnings.filterwarnings("ignore", message=".*Glyph.*missing from")
        yield


@cache
def _measuring(dpi: float) -> RendererAgg:
    """Return what text is measured with: a canvas of the figure's size would stay in memory."""
    return RendererAgg(1, 1, dpi)  # type: ignore[no-untyped-call]


def shrink_to(text: Text, inches: float) -> None:
    """Make a text of a figure smaller where it is wider than its place."""
    figure = text.get_figure(root=True)
    if figure is None:
        return
    wide = text.get_window_extent(_measuring(figure.dpi)).width / figure.dpi
    if wide > inches:
        text.set_fontsize(float(text.get_fontsize()) * inches / wide)


def figure_svg(figure: Figure) -> str:
    """Return a figure as SVG text without dates or metadata.

    Text stays text, so that it can be selected, read aloud, and set from right to left.
    """
    buffer = io.StringIO()
    with figure_style():
        figure.savefig(
            buffer,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    return buffer.getvalue()


def figure_png(figure: Figure) -> bytes:
    """Return a figure as PNG on white, at 300 dots an inch."""
    buffer = io.BytesIO()
    with figure_style():
        figure.savefig(
            buffer,
            format="png",
            dpi=PNG_DPI,
            facecolor="white",
            metadata={"Software": None},
            pil_kwargs={"compress_level": 3},  # a sixth larger, in a quarter of the time
        )
    return buffer.getvalue()


def figure_pdf(figure: Figure) -> bytes:
    """Return a figure as PDF on white: lines as lines, fonts embedded, no date and no names."""
    buffer = io.BytesIO()
    # Type 42 keeps fonts as TrueType, which can be edited; journals refuse Type 3.
    with figure_style(), matplotlib.rc_context({"pdf.fonttype": 42}):
        figure.savefig(
            buffer,
            format="pdf",
            facecolor="white",
            metadata={"CreationDate": None, "Creator": None, "Producer": None},
        )
    return buffer.getvalue()


def inline_svg(svg: str, prefix: str, description: str) -> str:
    """Return a figure as an SVG element for a page, in the page's own colours.

    Parameters
    ----------
    svg
        Of `figure_svg`, drawn with the colours of this module.
    prefix
        Put before every id, so that the figures of a page do not share ids.
    description
        Text alternative.
    """
    svg = svg[svg.index("<svg") :]
    # Inside a page this rule would reach every element of it.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)

    def in_a_page(tag: re.Match[str]) -> str:
        text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", tag[0])
        for colour, variable in _IN_A_PAGE.items():
            text = text.replace(colour, variable)
        return text

    # Only within tags: what stands between them is text from the study.
    svg = re.sub(r"<[^>]*>", in_a_page, svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1)
