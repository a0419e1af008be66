"""Pictures of MRI over time: every patient's rate by month and group, and scores over time."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, shortened, tag_origin
from myocohort.report.group_marks import mark_of_group
from myocohort.report.imaging.view import compared, group_labels, scales_with_rates
from myocohort.report.model.models import Results
from myocohort.report.section import ReportFigure
from myocohort.report.wording import Origin, clean, origin_of

_WIDTH = 7.6  # inches, as are all lengths here
_IN_A_ROW = 5
_PANEL, _PANEL_GAP = 1.6, 0.46
_LEFT, _RIGHT, _KEY, _HEADING = 0.5, 0.06, 0.34, 0.34
_BETWEEN = 0.4
_SCORES = 2.6
_POINT = 3.6  # points
_APART = 0.056  # between two points, which would cover each other nearer than this
_MOST_ASIDE = 0.17  # of a point from the middle of its group
_GROUPS_APART = 1.2  # on an axis whose unit is the distance of two groups, roughly
_MEAN_AT = 0.53


@dataclass(frozen=True, slots=True)
class _Style:
    """How a group is drawn: never by colour alone."""

    code: str
    label: str
    colour: str
    marker: str
    line: Any
    filled: bool


def imaging_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the rates by month and group, and the total scores over time."""
    section = results.get("imaging") or {}
    scales = scales_with_rates(section)
    if not scales:
        return
    styles = _styles(section)
    origin = origin_of(results)
    groups = " and ".join(style.label for style in styles)
    single = any(scale["patients"] for scale in scales)
    if any(_sizes(rate, styles) != [0, 0] for scale in scales for rate in scale["rates"]):
        points = (
            "each point is a patient, the line beside the points the mean with its interval"
            if single
            else "points of single patients are left out, there are too many; the bar reaches from "
            "the first to the third quartile, the line beside it is the mean with its interval"
        )
        yield ReportFigure(
            "mri-rates",
            _drawn(_draw_rates, scales, styles, origin),
            f"MRI change rates by month, {groups}: {points}; n stands under each group. Each panel "
            "has its own axis.",
            f"Change rates on MRI by month of {groups}; the tables of this section have the "
            "numbers",
        )
    if any(_sizes(score, styles) != [0, 0] for scale in scales for score in scale["scores"]):
        lines = (
            "a thin line is a patient, grey where the outcome is another; thick lines join"
            if single
            else "lines of single patients are left out, there are too many; lines join"
        )
        yield ReportFigure(
            "mri-scores",
            _drawn(_draw_scores, scales, styles, origin),
            f"Total MRI scores over time, {groups}: {lines} the means of those who were scanned, "
            "who are not the same patients in all months; n stands under the months (0: before "
            "treatment).",
            f"Total MRI scores over time of {groups}; the tables of this section have the numbers",
        )


def _drawn(draw: Any, *arguments: Any) -> Figure:
    with figure_style():
        figure: Figure = draw(*arguments)
    return figure


def _styles(section: Mapping[str, Any]) -> tuple[_Style, _Style]:
    labels = group_labels(section)
    styles = []
    for place, code in enumerate(compared(section)):
        mark = mark_of_group(code, place)
        line = (0, (5, 2)) if place else "solid"
        styles.append(_Style(code, clean(labels[code]), mark.colour, mark.shape, line, mark.filled))
    return styles[0], styles[1]


def _sizes(part: Mapping[str, Any], styles: Sequence[_Style]) -> list[int]:
    by_code = {group["code"]: group["n"] for group in part["groups"]}
    return [by_code[style.code] for style in styles]


def _draw_rates(
    scales: Sequence[Mapping[str, Any]], styles: tuple[_Style, _Style], origin: Origin | None
) -> Figure:
    rows = [
        (scale, scale["rates"][start : start + _IN_A_ROW], start == 0)
        for scale in scales
        for start in range(0, len(scale["rates"]), _IN_A_ROW)
    ]
    heights = [(_HEADING if first else 0) + _PANEL + _PANEL_GAP for _, _, first in rows]
    height = _KEY + sum(heights) + (0.24 if origin else 0.04)
    figure = Figure(figsize=(_WIDTH, height))
    _key(figure, styles)
    columns = max(len(rates) for _, rates, _ in rows)
    wide = (_WIDTH - _LEFT - _RIGHT - (columns - 1) * _BETWEEN) / max(columns, 2)
    top = height - _KEY
    for (scale, rates, first), high in zip(rows, heights, strict=True):
        if first:
            _heading(figure, top - 0.12, scale, "points/month")
            top -= _HEADING
        for column, rate in enumerate(rates):
            left = _LEFT + column * (wide + _BETWEEN)
            axes = figure.add_axes(
                (left / _WIDTH, (top - 0.18 - _PANEL) / height, wide / _WIDTH, _PANEL / height)
            )
            _rate_panel(axes, scale, rate, styles)
        top -= high - (_HEADING if first else 0)
    tag_origin(figure, origin, y=0.11)
    return figure


def _rate_panel(
    axes: Axes,
    scale: Mapping[str, Any],
    rate: Mapping[str, Any],
    styles: tuple[_Style, _Style],
) -> None:
    """Draw one month of one scale: both groups, their means, and how many they are."""
    by_code = {group["code"]: group for group in rate["groups"]}
    values = {style.code: _rates_of(scale, style.code, rate["month"]) for style in styles}
    low, high = _range(values, [by_code[style.code] for style in styles])
    left, right = -0.4, _GROUPS_APART + _MEAN_AT + 0.15
    axes.set_xlim(left, right)
    unit = axes.get_position().width * _WIDTH / (right - left)
    axes.set_ylim(low, high)
    _plain(axes)
    if low < 0 < high:
        axes.axhline(0, color=GREY, linewidth=0.6, linestyle=(0, (2, 2)), zorder=1)
    axes.set_title(f"Month {rate['month']}", fontsize=8, color=INK, pad=4)
    axes.set_xticks(
        [0.15, _GROUPS_APART + 0.15], [f"n = {by_code[style.code]['n']}" for style in styles]
    )
    axes.tick_params(axis="x", length=0, labelsize=7.5)
    for place, style in enumerate(styles):
        group = by_code[style.code]
        if not group["n"]:
            continue
        if values[style.code]:
            aside = _aside(values[style.code], high - low, unit)
            x = [place * _GROUPS_APART + shift for shift in aside]
            _points(axes, x, values[style.code], style)
        else:
            axes.plot(
                [place * _GROUPS_APART] * 2, [group["q1"], group["q3"]], color=style.colour,
                linewidth=6, alpha=0.45, solid_capstyle="butt", zorder=2,
            )  # fmt: skip
        _mean(axes, place * _GROUPS_APART + _MEAN_AT, group)


def _rates_of(scale: Mapping[str, Any], code: str, month: int) -> list[float]:
    return [
        rate["value"]
        for patient in scale["patients"]
        if patient["group"] == code
        for rate in patient["rates"]
        if rate["month"] == month
    ]


def _range(
    values: Mapping[str, Sequence[float]], groups: Sequence[Mapping[str, Any]]
) -> tuple[float, float]:
    """Return the ends of an axis that holds the points and the intervals."""
    ends = [value for listed in values.values() for value in listed]
    for group in groups:
        if group["n"]:
            ends += [group["mean"]]
            ends += [] if any(values.values()) else [group["q1"], group["q3"]]
        if group["interval"]:
            ends += [group["interval"]["low"], group["interval"]["high"]]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    space = 0.08 * (high - low) or max(abs(low), 1.0) * 0.1
    return low - space, high + space


def _aside(values: Sequence[float], span: float, unit: float) -> list[float]:
    """Return how far each point stands aside, so that none covers another while there is room.

    Parameters
    ----------
    values
        Of the points.
    span
        Of the axis upwards, in the values' unit.
    unit
        Length of the unit of the axis to the side.
    """
    heights = [value / span * _PANEL for value in values]
    near = _APART
    while True:
        shifts, covered = _side_by_side(heights, near)
        if not covered or near < _APART / 4:
            return [shift / unit for shift in shifts]
        near *= 0.8


def _side_by_side(heights: Sequence[float], near: float) -> tuple[list[float], bool]:
    """Put points beside each other where they are nearer; whether some had no room."""
    steps = [0.0]
    for step in range(1, int(_MOST_ASIDE / near) + 1):
        steps += [step * near, -step * near]
    placed: list[tuple[float, float]] = []
    shifts, covered = [0.0] * len(heights), False
    for i in sorted(range(len(heights)), key=lambda i: (heights[i], i)):
        y = heights[i]
        around = [(x, other) for x, other in placed if y - other < near]
        room = [x for x in steps if all(math.hypot(x - a, y - b) >= near * 0.99 for a, b in around)]
        covered = covered or not room
        x = room[0] if room else steps[len(around) % len(steps)]
        placed.append((x, y))
        shifts[i] = x
    return shifts, covered


def _points(axes: Axes, x: Any, y: Any, style: _Style, *, size: float = _POINT) -> None:
    size *= 0.85 if style.marker == "D" else 1.0  # it reaches further than a disc as wide
    axes.plot(
        x, y, linestyle="none", marker=style.marker, markersize=size, color=style.colour,
        markerfacecolor=style.colour if style.filled else "none", markeredgewidth=0.8,
        alpha=0.85, zorder=3, clip_on=False,
    )  # fmt: skip


def _mean(axes: Axes, x: float, group: Mapping[str, Any]) -> None:
    """Draw a mean as a short line, and its interval upright through it."""
    interval = group["interval"]
    if interval:
        axes.plot([x, x], [interval["low"], interval["high"]], color=INK, linewidth=1.1, zorder=4)
    axes.plot([x - 0.1, x + 0.1], [group["mean"]] * 2, color=INK, linewidth=1.8, zorder=5)


def _draw_scores(
    scales: Sequence[Mapping[str, Any]], styles: tuple[_Style, _Style], origin: Origin | None
) -> Figure:
    rows = math.ceil(len(scales) / 2)
    block = _HEADING + _SCORES + 0.8
    height = _KEY + rows * block + (0.24 if origin else 0.04)
    figure = Figure(figsize=(_WIDTH, height))
    _key(figure, styles, lines=True)
    columns = min(len(scales), 2)
    between = 0.75
    wide = (_WIDTH - _LEFT - 0.15 - (columns - 1) * between) / columns
    for place, scale in enumerate(scales):
        row, column = divmod(place, 2)
        top = height - _KEY - row * block
        left = _LEFT + column * (wide + between)
        _heading(figure, top - 0.12, scale, "total score", left=left - 0.42, wide=wide + 0.42)
        axes = figure.add_axes(
            (
                left / _WIDTH,
                (top - _HEADING - _SCORES) / height,
                wide / _WIDTH,
                _SCORES / height,
            )
        )
        _score_panel(axes, scale, styles)
    tag_origin(figure, origin, y=0.11)
    return figure


def _score_panel(axes: Axes, scale: Mapping[str, Any], styles: tuple[_Style, _Style]) -> None:
    """Draw one scale: thin lines of patients, thick ones of the means, n below."""
    months = [score["month"] for score in scale["scores"]]
    by_style = {style.code: style for style in styles}
    last = max(months) or 1
    earliest = 0.0
    for patient in scale["patients"]:
        known = by_style.get(patient["group"])
        scores = sorted(patient["scores"], key=lambda score: score["at"])
        at = [score["at"] for score in scores]
        totals = [score["total"] for score in scores]
        earliest = min([earliest, *at])
        colour = known.colour if known else GREY
        if len(at) > 1:
            axes.plot(
                at, totals, color=colour, linewidth=0.6, alpha=0.45,
                linestyle=known.line if known else "dotted", zorder=2,
            )  # fmt: skip
        elif at:
            axes.plot(
                at, totals, marker=known.marker if known else "x", markersize=2.5, color=colour,
                markerfacecolor="none", markeredgewidth=0.6, alpha=0.6, linestyle="none", zorder=2,
            )  # fmt: skip
    for style in styles:
        means = [
            (score["month"], group["mean"])
            for score in scale["scores"]
            for group in score["groups"]
            if group["code"] == style.code and group["n"]
        ]
        axes.plot(
            [month for month, _ in means], [mean for _, mean in means], color=style.colour,
            linewidth=2, linestyle=style.line, marker=style.marker, markersize=5.5,
            markerfacecolor=style.colour if style.filled else "none", markeredgewidth=1.3,
            zorder=4,
        )  # fmt: skip
    _plain(axes)
    axes.set_xlim(min(earliest, 0) - 0.03 * last, last * 1.06)
    axes.set_ylim(bottom=0)
    _numbers(axes, scale, months, styles)


def _numbers(
    axes: Axes,
    scale: Mapping[str, Any],
    months: Sequence[int],
    styles: tuple[_Style, _Style],
) -> None:
    """Write months and, under them, how many of each group were scanned."""
    low, high = axes.get_xlim()
    wide = axes.get_position().width * _WIDTH
    shown: list[int] = []
    for month in months:
        if not shown or (month - shown[-1]) / (high - low) * wide >= 0.26:
            shown.append(month)
    axes.set_xticks(shown, [str(month) for month in shown])
    axes.set_xlabel("Months since the start of treatment", fontsize=7.5, color=INK, labelpad=2)
    sizes = {score["month"]: _sizes(score, styles) for score in scale["scores"]}
    for line, style in enumerate(styles):
        y = -0.19 - 0.07 * line
        axes.plot(
            [-0.075], [y], marker=style.marker, color=style.colour, markersize=4.5,
            markerfacecolor=style.colour if style.filled else "none", markeredgewidth=1,
            transform=axes.transAxes, clip_on=False, linestyle="none",
        )  # fmt: skip
        for month in shown:
            axes.text(
                month, y, str(sizes[month][line]), transform=axes.get_xaxis_transform(),
                ha="center", va="center", fontsize=7.5, color=INK,
            )  # fmt: skip


def _plain(axes: Axes) -> None:
    open_frame(axes, "left", "bottom", size=7.5, length=2.5, pad=2)
    axes.locator_params(axis="y", nbins=5)


def _heading(
    figure: Figure,
    y: float,
    scale: Mapping[str, Any],
    unit: str,
    *,
    left: float = 0.08,
    wide: float = _WIDTH - 0.2,
) -> None:
    words = {"increase": "increasing rate, ", "reduction": "reducing rate, "}
    change = words.get(scale["change"], "") if unit == "points/month" else ""
    most = 90 if wide > _WIDTH / 2 else 46  # characters
    title = shortened(scale["label"], most)
    width, height = figure.get_size_inches()
    text = figure.text(
        left / width, y / height, f"{title}: {change}{unit}", fontsize=8.5, color=INK,
        fontweight="bold", va="center", parse_math=False,
    )  # fmt: skip
    shrink_to(text, wide)


def _key(figure: Figure, styles: Sequence[_Style], *, lines: bool = False) -> None:
    """Explain both groups in one line above the panels."""
    width, height = figure.get_size_inches()
    each = (width - 0.2) / len(styles)
    for place, style in enumerate(styles):
        x, y = 0.1 + place * each, height - 0.16
        figure.add_artist(
            Line2D(
                [(x + 0.02) / width, (x + 0.16) / width, (x + 0.3) / width], [y / height] * 3,
                color=style.colour, linestyle=style.line if lines else "none",
                linewidth=1.6 if lines else 0, marker=style.marker, markevery=[1], markersize=5,
                markerfacecolor=style.colour if style.filled else "none", markeredgewidth=1,
                transform=figure.transFigure,
            )
        )  # fmt: skip
        label = textwrap.shorten(style.label, 60, placeholder=" …")
        text = figure.text(
            (x + 0.38) / width, y / height, label, fontsize=8, color=INK, va="center",
            parse_math=False,
        )  # fmt: skip
        shrink_to(text, each - 0.45)
