"""The picture of calibration: observed against predicted risk, a point a pattern or group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.report.drawing import EXACT, FIRTH, GREY, INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import label_lines, open_frame, shortened, tag_origin, text_at
from myocohort.report.model.models import Results
from myocohort.report.prediction.printed import letter_of, pattern_label
from myocohort.report.rounding import plain_text
from myocohort.report.wording import origin_of

_WIDTH = 7.2  # inches, as are all lengths here
_LEFT, _PLOT, _BOTTOM = 0.62, 3.1, 0.55
_KEY = 4.0  # where the key begins
_ROW, _LINE, _HEAD = 0.17, 0.135, 0.22
_LETTERS = 0.15  # a row of letters above the plot
_NEAREST = 4.5  # percent of risk between two letters of one row
_LABEL_WIDTH = 36  # characters
_MOST_LINES = 2


def calibration_figure(model: Mapping[str, Any], event: str, results: Results) -> Figure:
    """Draw the calibration of one model.

    Parameters
    ----------
    model
        An element of `prediction.models` of results.json that has numbers.
    event
        What is predicted.
    results
        The whole of it, for the origin of the records.
    """
    with figure_style():
        return _draw(model, event, results)


def _draw(model: Mapping[str, Any], event: str, results: Results) -> Figure:
    points = model["calibration"]["points"]
    origin = origin_of(results)
    labels = [label_lines(pattern_label(point), _LABEL_WIDTH, _MOST_LINES) for point in points]
    legend = _legend(model)
    key = _HEAD + sum(_row(lines) for lines in labels) + 0.12 + len(legend) * _ROW
    rows = letter_rows([100 * point["risk"] for point in points])
    above = 0.12 + _LETTERS * (max(rows) + 1)
    below = _BOTTOM + (0.22 if origin else 0.0)
    height = max(above + _PLOT + below, key + 0.1 + (0.22 if origin else 0.0))
    figure = Figure(figsize=(_WIDTH, height))
    bottom = height - above - _PLOT
    axes = figure.add_axes((_LEFT / _WIDTH, bottom / height, _PLOT / _WIDTH, _PLOT / height))
    _axes(axes, event)
    _points(axes, model)
    for point, row, place in zip(points, rows, range(len(points)), strict=True):
        y = height - above + 0.05 + _LETTERS * (row + 0.5)
        x = _LEFT + _PLOT * (100 * point["risk"] + 3) / 106
        text_at(figure, x, y, letter_of(place), size=8, weight="bold", align="center")
    _key(figure, points, labels, legend, height)
    tag_origin(figure, origin)
    return figure


def _row(lines: Sequence[str]) -> float:
    return max(_ROW, len(lines) * _LINE + 0.05)


def letter_rows(risks: Sequence[float]) -> list[int]:
    """Return in which row above the plot each letter stands, so that none hides another."""
    last: list[float] = []
    rows = []
    for risk in risks:
        row = next((i for i, x in enumerate(last) if risk - x >= _NEAREST), len(last))
        last[row : row + 1] = [risk]
        rows.append(row)
    return rows


def _axes(axes: Axes, event: str) -> None:
    axes.set_xlim(-3, 103)
    axes.set_ylim(-3, 103)
    ticks = [0, 25, 50, 75, 100]
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    open_frame(axes, "left", "bottom")
    axes.set_xlabel("Predicted risk, %", fontsize=8.5, color=INK)
    what = shortened(event, 34)
    axes.set_ylabel(f"Observed: {what}, %", fontsize=8.5, color=INK, parse_math=False)
    axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)


def _points(axes: Axes, model: Mapping[str, Any]) -> None:
    points = model["calibration"]["points"]
    largest = max(point["n"] for point in points)
    for point in points:
        x, y = 100 * point["risk"], 100 * point["observed"]
        tables = (point["tables"] or {}).get("observed")
        if tables:
            axes.plot(
                [x, x], [100 * tables["low"], 100 * tables["high"]],
                color=GREY, alpha=0.35, linewidth=6, solid_capstyle="round", zorder=2,
            )  # fmt: skip
        interval = point["interval"]
        axes.plot(
            [x, x], [100 * interval["low"], 100 * interval["high"]],
            color=ML, linewidth=1.2, zorder=3,
        )  # fmt: skip
        size = 3.5 + 6.0 * math.sqrt(point["n"] / largest)
        axes.plot(x, y, "o", color=ML, markersize=size, clip_on=False, zorder=4)
        if point["cross_validated_risk"] is not None:
            axes.plot(
                100 * point["cross_validated_risk"], y, "D", markerfacecolor="none",
                markeredgecolor=FIRTH, markeredgewidth=1.1, markersize=5, clip_on=False, zorder=5,
            )  # fmt: skip
    smooth = model["calibration"]["smooth"]
    if smooth:
        axes.plot(
            [100 * point["risk"] for point in smooth],
            [100 * point["observed"] for point in smooth],
            color=EXACT, linewidth=1.4, zorder=3,
        )  # fmt: skip


def _legend(model: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what each kind of mark is, with its style."""
    points = model["calibration"]["points"]
    level = plain_text(100 * points[0]["interval"]["level"])
    plain: dict[str, Any] = {"linestyle": "none"}
    found: list[tuple[str, dict[str, Any]]] = [
        (
            f"observed share, apparent risk; {level}% Wilson limits",
            {"color": ML, "marker": "o", "markersize": 6, "linewidth": 1.2},
        )
    ]
    if points[0]["cross_validated_risk"] is not None:
        style = {"marker": "D", "markersize": 5, "markerfacecolor": "none", "color": FIRTH}
        found.append(("the same share, mean cross-validated risk", {**plain, **style}))
    if any((point["tables"] or {}).get("observed") for point in points):
        style = {"color": GREY, "alpha": 0.35, "linewidth": 6, "solid_capstyle": "round"}
        found.append((f"lowest to highest over {model['tables']} joint tables", style))
    if model["calibration"]["smooth"]:
        found.append(("smooth curve (lowess)", {"color": EXACT, "linewidth": 1.4}))
    dashes = {"color": GREY, "linewidth": 0.9, "linestyle": (0, (4, 3))}
    found.append(("risk and share agree", dashes))
    return found


def _key(
    figure: Figure,
    points: Sequence[Mapping[str, Any]],
    labels: Sequence[Sequence[str]],
    legend: Sequence[tuple[str, dict[str, Any]]],
    height: float,
) -> None:
    """Write what each letter is, with its events and patients, and below it what is drawn."""
    y = height - 0.14
    right = _WIDTH - 0.06
    what = "Pattern" if points[0]["terms"] is not None else "Predicted risk"
    text_at(figure, _KEY, y, what, size=8, colour=GREY)
    text_at(figure, right, y, "with it / n", size=8, colour=GREY, align="right")
    y -= _HEAD / 2 + 0.02
    for place, (point, lines) in enumerate(zip(points, labels, strict=True)):
        tall = _row(lines)
        middle = y - tall / 2
        text_at(figure, _KEY, middle, letter_of(place), size=8, weight="bold")
        text = text_at(figure, _KEY + 0.2, middle, "\n".join(lines), size=7.5)
        shrink_to(text, right - _KEY - 0.85)
        count = f"{point['events']} / {point['n']}"
        text_at(figure, right, middle, count, size=8, align="right")
        y -= tall
    y -= 0.1
    width = figure.get_figwidth()
    strip = len(legend) * _ROW
    marks = figure.add_axes((_KEY / width, (y - strip) / height, 0.42 / width, strip / height))
    marks.axis("off")
    marks.set_xlim(0, 1)
    marks.set_ylim(len(legend), 0)
    for place, (words, style) in enumerate(legend):
        ends = [0.5] if style.get("linestyle") == "none" else [0.05, 0.5, 0.95]
        marked = {"markevery": [1]} if len(ends) > 1 and "marker" in style else {}
        look: dict[str, Any] = {**style, **marked}
        marks.plot(ends, [place + 0.5] * len(ends), **look)
        text = text_at(figure, _KEY + 0.5, y - (place + 0.5) * _ROW, words, size=7.5)
        shrink_to(text, right - _KEY - 0.5)
