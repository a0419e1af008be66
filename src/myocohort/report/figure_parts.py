"""What the drawings share: frames, texts at inches, labels that fit, and where records are from."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from myocohort.report.drawing import GREY, INK
from myocohort.report.rounding import Number
from myocohort.report.wording import Origin, clean

_THIN = 0.6  # points, as of every frame and tick


def open_frame(axes: Axes, *sides: str, size: float = 8, **ticks: Any) -> None:
    """Leave only these sides of a frame, thin; nothing that is not data draws the eye.

    Parameters
    ----------
    axes
        Whose ticks and frame are set.
    sides
        Of "left", "right", "top" and "bottom".
    size
        Of the numbers at the ticks, in points.
    ticks
        Further settings of `Axes.tick_params`, such as `length`.
    """
    axes.tick_params(colors=INK, labelsize=size, width=_THIN, **ticks)
    for side, spine in axes.spines.items():
        spine.set_visible(side in sides)
        spine.set_color(INK)
        spine.set_linewidth(_THIN)


def text_at(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    colour: str = INK,
    weight: str = "normal",
    align: str = "left",
    spacing: float = 1.1,
) -> Text:
    """Put text at inches from the lower left corner; "$" in it is a dollar sign.

    Parameters
    ----------
    figure
        Whose size is not changed any more.
    x, y
        Inches; y is the middle of the text.
    text
        Lines are parted by line feeds.
    size
        Points.
    colour, weight, align, spacing
        As matplotlib names them; `spacing` of lines in parts of their height.
    """
    width, height = figure.get_size_inches()
    return figure.text(
        x / width, y / height, text, fontsize=size, color=colour, fontweight=weight, ha=align,
        va="center", linespacing=spacing, parse_math=False,
    )  # fmt: skip


def tag_origin(
    figure: Figure, origin: Origin | None, *, x: float = 0.08, y: float = 0.12, colour: str = GREY
) -> None:
    """Say in the figure itself that its records are not real ones; at inches."""
    if origin is not None:
        text_at(figure, x, y, f"{origin.tag}: see the report", size=7.5, colour=colour)


def label_lines(text: str, width: int, most: int) -> list[str]:
    """Return a label in at most so many lines of so many characters, with a sign where it is cut.

    There is always a line: of a label without text it is a dash.
    """
    lines = textwrap.wrap(clean(text), width) or ["–"]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: width - 2].rstrip() + " …"]
    return lines


def shortened(text: str, most: int) -> str:
    """Return a label of at most so many characters in one line, with a sign where it is cut.

    It is cut between words; a long word alone is cut inside, so that something of it is left.
    """
    found = textwrap.shorten(clean(text), most, placeholder=" …")
    return clean(text).strip()[: most - 2] + " …" if found == "…" else found


def as_float(value: Number) -> float:
    """Return a number of results.json for drawing: infinity as such, a missing one as NaN."""
    return math.nan if value is None else float(value)


def ratio_line(
    axes: Axes,
    ratio: Number,
    interval: Mapping[str, Any] | None,
    y: float,
    ends: tuple[float, float],
    *,
    colour: str,
    marker: str,
    width: float = 1.5,
    size: float = 5.5,
    arrow: float = 6,
) -> None:
    """Draw a ratio and its interval on a logarithmic axis; limits beyond it become arrows.

    Parameters
    ----------
    axes
        With the ratio along x.
    ratio, interval
        Of one family; the ratio is drawn where it lies on the axis.
    y
        Where the line lies.
    ends
        Of the axis.
    colour, marker
        Of the line and of the ratio.
    width, size, arrow
        Of the line, the ratio and the arrows, in points.
    """
    low, high = ends
    if interval is not None and interval["low"] is not None and interval["high"] is not None:
        start, end = as_float(interval["low"]), as_float(interval["high"])
        axes.plot(
            [min(max(start, low), high), max(min(end, high), low)], [y, y], color=colour,
            linewidth=width, solid_capstyle="butt", zorder=2,
        )  # fmt: skip
        for beyond, x, sign in ((start < low, low, "<"), (end > high, high, ">")):
            if beyond:
                axes.plot(x, y, sign, color=colour, markersize=arrow, clip_on=False, zorder=3)
    at = as_float(ratio)
    if low <= at <= high:
        axes.plot(at, y, marker, color=colour, markersize=size, zorder=4)
