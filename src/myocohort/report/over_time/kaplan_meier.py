"""The picture of Kaplan-Meier curves: one line a group, numbers at risk below."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from myocohort.report.drawing import EXACT, FIRTH, GREY, INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import label_lines, open_frame, tag_origin, text_at
from myocohort.report.model.models import Results
from myocohort.report.rounding import percent_text, plain_text
from myocohort.report.wording import origin_of

# Lines differ in colour and in dashes, never in colour alone; a sixth group begins anew.
_LINES: tuple[tuple[str, Any], ...] = (
    (ML, "solid"),
    (FIRTH, (0, (6, 2))),
    (EXACT, (0, (1.5, 1.5))),
    (INK, (0, (6, 2, 1.5, 2))),
    (GREY, (0, (3, 3))),
)
_WIDTH = 7.6  # inches, as are all lengths here
_LEFT, _LEFT_OF_ONE, _RIGHT = 2.3, 1.3, 0.25
_PLOT = 2.5
_TOP, _AXIS, _HEADING, _ROW = 0.3, 0.62, 0.24, 0.2
_LABEL_WIDTH = 26  # characters
_BEFORE_NUMBERS = 0.25
_NEAREST = 0.36  # between two months of the axis
MOST_MARKS = 200
"""Patients up to whom each end of observation is marked."""
MOST_BANDS = 2
"""Groups up to which limits are drawn as bands."""


def at_share(at: Mapping[str, Any]) -> str:
    """Print the share without the event at a month, in percent, or a dash."""
    return percent_text(None if at["survival"] is None else 100 * at["survival"])


def kaplan_meier_figure(one: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the curves of one question about the time to an event.

    Parameters
    ----------
    one
        An element of `courses.times` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where nobody had the event.
    """
    groups = [group for group in one["groups"] if group["n"]]
    if not one["events"]:
        return None
    with figure_style():
        return _draw(one, groups, results)


def _draw(one: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], results: Results) -> Figure:
    origin = origin_of(results)
    labels = [label_lines(group["label"], _LABEL_WIDTH, 2) for group in groups]
    heights = [_ROW * max(len(lines) * 0.8, 1) for lines in labels]
    bottom = _AXIS + _HEADING + sum(heights) + 0.1 + (0.2 if origin else 0)
    height = _TOP + _PLOT + bottom
    figure = Figure(figsize=(_WIDTH, height))
    left = _LEFT if len(groups) > 1 else _LEFT_OF_ONE
    wide = _WIDTH - left - _RIGHT
    axes = figure.add_axes((left / _WIDTH, bottom / height, wide / _WIDTH, _PLOT / height))
    last = max(max(group["last"] for group in groups), 1.0)
    _axes(axes, one, last)
    marked = sum(group["n"] for group in groups) <= MOST_MARKS
    for place, group in enumerate(groups):
        ends = [
            row["month"]
            for row in one["observed"]
            if row["group"] == group["code"] and row["cause"] == "censored"
        ]
        _curve(axes, group, place, ends if marked else [], bands=len(groups) <= MOST_BANDS)
    months = _months_shown(one["months"], last, wide)
    axes.set_xticks(months, [plain_text(month) for month in months])
    _numbers_at_risk(figure, groups, labels, heights, months, last, left, bottom)
    tag_origin(figure, origin)
    return figure


def _axes(axes: Axes, one: Mapping[str, Any], last: float) -> None:
    axes.set_xlim(0, last * 1.02)
    axes.set_ylim(0, 104)
    axes.set_yticks([0, 25, 50, 75, 100])
    open_frame(axes, "left", "bottom")
    axes.set_xlabel("Months since the start of treatment", fontsize=8.5, color=INK)
    what = textwrap.fill(f"Without {one['event_label']}, %", 26)
    axes.set_ylabel(what, fontsize=8.5, color=INK)


def _curve(
    axes: Axes, group: Mapping[str, Any], place: int, ends: Sequence[float], *, bands: bool
) -> None:
    """Draw one curve, its limits as a band, and a tick where observation of somebody ended."""
    colour, dashes = _LINES[place % len(_LINES)]
    steps = group["steps"]
    times = [0.0, *(step["time"] for step in steps), group["last"]]
    values = [100.0, *(100 * step["survival"] for step in steps)]
    values.append(values[-1])
    axes.plot(
        times,
        values,
        drawstyle="steps-post",
        color=colour,
        linestyle=dashes,
        linewidth=1.5,
    )
    limited = [step for step in steps if step["low"] is not None]
    if bands and limited:
        axes.fill_between(
            [*(step["time"] for step in limited), group["last"]],
            [100 * step["low"] for step in (*limited, limited[-1])],
            [100 * step["high"] for step in (*limited, limited[-1])],
            step="post",
            color=colour,
            alpha=0.12,
            linewidth=0,
        )
    heights = [_value(steps, end) for end in ends]
    if ends:
        axes.plot(
            ends, heights, "|", color=colour, markersize=6, markeredgewidth=0.9, clip_on=False
        )


def _value(steps: Sequence[Mapping[str, Any]], time: float) -> float:
    before = [step["survival"] for step in steps if step["time"] <= time]
    return 100 * before[-1] if before else 100.0


def _months_shown(months: Sequence[int], last: float, wide: float) -> list[int]:
    """Return the months whose numbers do not run into each other; the first always."""
    shown: list[int] = []
    for month in months:
        if not shown or (month - shown[-1]) / (last * 1.02) * wide >= _NEAREST:
            shown.append(month)
    return shown


def _numbers_at_risk(
    figure: Figure,
    groups: Sequence[Mapping[str, Any]],
    labels: Sequence[Sequence[str]],
    heights: Sequence[float],
    months: Sequence[int],
    last: float,
    left: float,
    bottom: float,
) -> None:
    wide = _WIDTH - left - _RIGHT
    y = bottom - _AXIS
    text_at(figure, 0.08, y, "Number at risk", size=8.5)
    y -= _HEADING
    for place, (group, lines, height) in enumerate(zip(groups, labels, heights, strict=True)):
        y -= (height - _ROW) / 2
        if len(groups) > 1:
            _sample(figure, y, place)
        from_left = 0.08 if len(groups) == 1 else 0.5
        label = text_at(figure, from_left, y, "\n".join(lines), size=8)
        shrink_to(label, left - from_left - _BEFORE_NUMBERS)
        for at in group["at"]:
            if at["month"] in months:
                x = left + at["month"] / (last * 1.02) * wide
                text_at(figure, x, y, str(at["at_risk"]), size=8, align="center")
        y -= (height + _ROW) / 2


def _sample(figure: Figure, y: float, place: int) -> None:
    """Draw a piece of a group's line before its label, which is the legend."""
    width, height = figure.get_size_inches()
    colour, dashes = _LINES[place % len(_LINES)]
    figure.add_artist(
        Line2D(
            [0.08 / width, 0.42 / width],
            [y / height, y / height],
            color=colour,
            linestyle=dashes,
            linewidth=1.5,
            transform=figure.transFigure,
        )
    )
