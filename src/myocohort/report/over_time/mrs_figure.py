"""Stacked bars of the modified Rankin Scale, with the flows between months, and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, shortened, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import plain_text
from myocohort.report.wording import origin_of

# From light (no symptoms) to dark (died), told apart in grey too; each part has its number.
SHADES = ("#e8f1fa", "#c6dcef", "#9ac3e3", "#66a3d2", "#3a7fb8", "#1f5a8f", "#10314f")
MISSING = "missing"
_WIDTH = 7.6  # inches, as are all lengths here
_LEFT, _RIGHT = 0.75, 1.35
_PLOT = 3.2
_TOP, _BOTTOM = 0.3, 0.5
_BAR = 0.36  # of the distance between two bars
_SMALLEST = 0.12  # of a part that its number fits into
_ROW, _GAP, _HEADING = 0.27, 0.2, 0.25
_BARS_LEFT = 1.5
MOST_GROUPS = 8


def mrs_figure(mrs: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw all patients: a bar a month, and bands from category to category.

    Parameters
    ----------
    mrs
        `courses.mrs` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where nobody has an mRS at any month.
    """
    group = mrs["groups"][0]
    if not any(month["of"] for month in group["months"]):
        return None
    with figure_style():
        return _draw_flows(group, results)


def mrs_groups_figure(mrs: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw each group's months as bars of percentages; None with fewer than two groups."""
    groups = [
        group
        for group in mrs["groups"][1:]
        if any(month["of"] for month in group["months"])
    ][:MOST_GROUPS]  # fmt: skip
    if not groups:
        return None
    with figure_style():
        return _draw_groups(groups, results)


def _draw_flows(group: Mapping[str, Any], results: Results) -> Figure:
    origin = origin_of(results)
    bottom = _BOTTOM + (0.2 if origin else 0)
    height = _TOP + _PLOT + bottom
    figure = Figure(figsize=(_WIDTH, height))
    wide = _WIDTH - _LEFT - _RIGHT
    axes = figure.add_axes((_LEFT / _WIDTH, bottom / height, wide / _WIDTH, _PLOT / height))
    months, n = group["months"], group["n"]
    axes.set_xlim(-0.3, len(months) - 0.7)
    axes.set_ylim(0, n)
    smallest = n * _SMALLEST / _PLOT
    bases: list[dict[str, float]] = []
    for place, month in enumerate(months):
        bases.append(_bar(axes, place, month, smallest))
    for place, flow in enumerate(group["flows"]):
        _bands(axes, place, flow, bases[place], bases[place + 1])
    axes.set_xticks(range(len(months)), [_month(month["month"]) for month in months])
    axes.set_ylabel("Patients", fontsize=8.5, color=INK)
    open_frame(axes, "left")
    axes.tick_params(axis="x", length=0)
    _key(figure, [*(str(i) for i in range(7)), MISSING])
    tag_origin(figure, origin)
    return figure


def _bar(axes: Axes, place: int, month: Mapping[str, Any], smallest: float) -> dict[str, float]:
    """Draw one month's bar; return where each category begins, mRS 0 at the foot."""
    base, bases = 0.0, {}
    parts = [(level["mrs"], level["n"]) for level in month["levels"]]
    for category, n in [*parts, (MISSING, month["missing"])]:
        bases[category] = base
        if n:
            face = "none" if category == MISSING else SHADES[int(category)]
            axes.add_patch(
                Rectangle(
                    (place - _BAR / 2, base),
                    _BAR,
                    n,
                    facecolor=face,
                    edgecolor=GREY,
                    linewidth=0.6,
                    linestyle=(0, (3, 2)) if category == MISSING else "solid",
                    zorder=3,
                )
            )
            if n >= smallest:
                _inside(axes, place, base + n / 2, str(n), category)
        base += n
    return bases


def _bands(
    axes: Axes,
    place: int,
    flow: Mapping[str, Any],
    left: Mapping[str, float],
    right: Mapping[str, float],
) -> None:
    """Draw who goes from where to where between two bars."""
    used_left, used_right = dict(left), dict(right)
    along = np.linspace(0, 1, 24)
    smooth = along * along * (3 - 2 * along)
    x = place + _BAR / 2 + along * (1 - _BAR)
    for cell in flow["cells"]:
        start, end, n = used_left[cell["from"]], used_right[cell["to"]], cell["n"]
        used_left[cell["from"]] += n
        used_right[cell["to"]] += n
        low = start + (end - start) * smooth
        axes.fill_between(
            x, low, low + n, facecolor=GREY, alpha=0.25, edgecolor=GREY, linewidth=0.3, zorder=1
        )


def _draw_groups(groups: Sequence[Mapping[str, Any]], results: Results) -> Figure:
    origin = origin_of(results)
    months = len(groups[0]["months"])
    block = _HEADING + months * _ROW + _GAP
    bottom = 0.45 + (0.2 if origin else 0)
    plot = len(groups) * block
    height = 0.1 + plot + bottom
    figure = Figure(figsize=(_WIDTH, height))
    wide = _WIDTH - _BARS_LEFT - _RIGHT
    axes = figure.add_axes((_BARS_LEFT / _WIDTH, bottom / height, wide / _WIDTH, plot / height))
    axes.set_xlim(0, 100)
    axes.set_ylim(plot, 0)
    y = 0.0
    for group in groups:
        title = shortened(group["label"], 70)
        heading = axes.text(
            0,
            y + _HEADING / 2,
            f"{title} (n = {group['n']})",
            fontsize=8.5,
            color=INK,
            va="center",
            parse_math=False,
        )
        shrink_to(heading, wide)
        y += _HEADING
        for month in group["months"]:
            label = f"{_month(month['month'])}, n = {month['of']}"
            axes.text(-1.5, y + _ROW / 2, label, fontsize=8, color=INK, ha="right", va="center")
            _row(axes, month, y, wide)
            y += _ROW
        y += _GAP
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel("Of those with an mRS, %", fontsize=8.5, color=INK)
    open_frame(axes, "bottom")
    _key(figure, [str(i) for i in range(7)])
    tag_origin(figure, origin)
    return figure


def _row(axes: Axes, month: Mapping[str, Any], y: float, wide: float) -> None:
    """Draw one month of one group from left (mRS 0) to right; the numbers are patients."""
    base = 0.0
    for level in month["levels"]:
        percent = level["percent"]
        if not percent:
            continue
        axes.add_patch(
            Rectangle(
                (base, y + 0.03),
                percent,
                _ROW - 0.06,
                facecolor=SHADES[int(level["mrs"])],
                edgecolor=GREY,
                linewidth=0.6,
            )
        )
        if percent / 100 * wide >= 0.08 * (1 + len(str(level["n"]))):
            _inside(axes, base + percent / 2, y + _ROW / 2, str(level["n"]), level["mrs"])
        base += percent


def _inside(axes: Axes, x: float, y: float, text: str, category: str) -> None:
    """Put a number on a part: dark on light, light on dark, the page's ink on none."""
    if category == MISSING:
        colour = INK
    else:
        light = sum(to_rgb(SHADES[int(category)])) / 3 > 0.5
        colour = "#10202f" if light else "#fdfdfd"
    axes.text(x, y, text, fontsize=7.5, color=colour, ha="center", va="center", zorder=4)


def _key(figure: Figure, categories: Sequence[str]) -> None:
    """Explain the shades at the right, in the order of the scale from the top."""
    width, height = figure.get_size_inches()
    x, y = width - _RIGHT + 0.3, height - 0.35
    for category in reversed(categories):
        face = "none" if category == MISSING else SHADES[int(category)]
        figure.add_artist(
            Rectangle(
                (x / width, (y - 0.07) / height),
                0.2 / width,
                0.14 / height,
                facecolor=face,
                edgecolor=GREY,
                linewidth=0.6,
                linestyle=(0, (3, 2)) if category == MISSING else "solid",
                transform=figure.transFigure,
            )
        )
        words = {"6": "mRS 6, died", MISSING: "missing"}.get(category, f"mRS {category}")
        figure.text((x + 0.28) / width, y / height, words, fontsize=8, color=INK, va="center")
        y -= 0.22


def _month(month: int) -> str:
    return f"Month {plain_text(month)}" if month else "Before"
