"""Strength over time: a line a patient, and the whole grades at the planned months as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from myocohort.report.drawing import GREY, INK, figure_style
from myocohort.report.figure_parts import tag_origin
from myocohort.report.group_marks import mark_of_group
from myocohort.report.model.models import Results
from myocohort.report.over_time.mrs_figure import SHADES
from myocohort.report.over_time.patient_axes import (
    WIDTH,
    heading,
    is_rooted,
    month_axis,
    month_words,
    outcome_groups,
    panels,
    place,
    plain_axes,
    space_of_tag,
    thin_lines,
)
from myocohort.report.rounding import plain_text
from myocohort.report.wording import origin_of

_LINES, _BARS = 1.55, 1.5
_TWO_ROWS = 0.85  # of these, so that two rows fit on a page
_LEFT, _RIGHT, _TOP = 0.62, 0.1, 0.32
_AXIS, _UNDER, _KEY, _BETWEEN = 0.5, 0.6, 0.3, 0.2
_DODGE = 0.11  # of a grade: less than half a plus or minus
_WIDE = 0.68  # of the distance between two bars
_SMALLEST = 0.11  # of a part that its number fits into


def strength_figure(section: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the weakest muscle group of every patient, two panels for each outcome.

    Parameters
    ----------
    section
        `patients_over_time` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no grade is known.
    """
    if section["strength"]["left_out"]:
        return None
    with figure_style():
        return _draw(section, results)


def _draw(section: Mapping[str, Any], results: Results) -> Figure:
    groups = outcome_groups(section["strength"])
    patients = [p for p in section["patients"] if any(v["mrc"] for v in p["visits"])]
    rows, columns = panels(len(groups))
    above, below = (size * (1.0 if rows == 1 else _TWO_ROWS) for size in (_LINES, _BARS))
    lines = above + _AXIS if patients else 0.0
    block = _TOP + lines + below + _UNDER
    foot = _KEY + space_of_tag(results)
    height = rows * block + (rows - 1) * _BETWEEN + foot
    figure = Figure(figsize=(WIDTH, height))
    gap = 0.2
    wide = (WIDTH - _LEFT - _RIGHT - gap * (columns - 1)) / columns
    months = [v["month"] for p in patients for v in p["visits"] if v["mrc"]]
    months += [float(m["month"]) for m in section["months"]]
    rooted = is_rooted(months)
    for number, group in enumerate(groups):
        row, column = divmod(number, columns)
        top = height - row * (block + _BETWEEN) - _TOP
        left = _LEFT + column * (wide + gap)
        upper = None
        if patients:
            upper = figure.add_axes(
                (left / WIDTH, (top - above) / height, wide / WIDTH, above / height)
            )
            own = [p for p in patients if group["by"] == "all" or p["outcome"] == group["code"]]
            shifts = np.linspace(-_DODGE, _DODGE, len(own)) if len(own) > 1 else [0.0]
            courses = (_points(p, shift, rooted) for p, shift in zip(own, shifts, strict=False))
            thin_lines(upper, courses, mark_of_group(group["code"], number).colour, 2.2)
            upper.set_ylim(-0.4, 5.4)
            upper.set_yticks(range(6))
            month_axis(upper, min(months), max(months), rooted=rooted)
            plain_axes(upper)
            upper.grid(axis="y", color=GREY, alpha=0.2, linewidth=0.5)
            upper.set_axisbelow(True)
            if column:
                upper.tick_params(axis="y", labelleft=False)
            else:
                upper.set_ylabel("Weakest MRC grade", fontsize=8, color=INK)
        base = top - lines - below
        lower = figure.add_axes((left / WIDTH, base / height, wide / WIDTH, below / height))
        _bars(lower, group, below)
        if column:
            lower.tick_params(axis="y", labelleft=False)
        else:
            lower.set_ylabel("Of those with a grade, %", fontsize=8, color=INK)
        heading(upper or lower, group["label"], group["n"], wide)
        if column == 0:
            # once in each row of panels, under what they belong to
            middle = (_LEFT + (WIDTH - _LEFT - _RIGHT) / 2) / WIDTH
            words = "Planned month (0: before treatment), and n with a grade"
            _words(figure, middle, (base - 0.47) / height, words)
            if upper is not None:
                under = (top - above - 0.34) / height
                _words(figure, middle, under, month_words(rooted=rooted))
    _key(figure, (foot - _KEY / 2) / height)
    tag_origin(figure, origin_of(results), y=0.1)
    return figure


def _words(figure: Figure, x: float, y: float, text: str) -> None:
    figure.text(x, y, text, ha="center", va="center", fontsize=8, color=INK)


def _points(patient: Mapping[str, Any], shift: float, rooted: bool) -> list[tuple[float, float]]:
    """Return where each known grade stands; lines on the same grade stand a little apart."""
    return [
        (place(visit["month"], rooted=rooted), visit["mrc_score"] + float(shift))
        for visit in patient["visits"]
        if visit["mrc"] is not None
    ]


def _bars(axes: Axes, group: Mapping[str, Any], inches: float) -> None:
    """Draw a bar a month, grade 0 at the foot; the numbers are patients."""
    months = group["months"]
    for at, month in enumerate(months):
        base = 0.0
        for level in month["levels"]:
            if not level["n"]:
                continue
            shade = _shade(level["grade"])
            axes.add_patch(
                Rectangle((at - _WIDE / 2, base), _WIDE, level["percent"], facecolor=shade,
                          edgecolor=GREY, linewidth=0.5)
            )  # fmt: skip
            if level["percent"] / 100 * inches >= _SMALLEST:
                ink = "#10202f" if sum(to_rgb(shade)) / 3 > 0.5 else "#fdfdfd"
                axes.text(at, base + level["percent"] / 2, str(level["n"]), fontsize=7, color=ink,
                          ha="center", va="center")  # fmt: skip
            base += level["percent"]
    axes.set_xlim(-0.6, len(months) - 0.4)
    axes.set_ylim(0, 100)
    names = [f"{plain_text(m['month'])}\nn {m['n']}" for m in months]
    axes.set_xticks(range(len(months)), names)
    axes.set_yticks([0, 50, 100])
    plain_axes(axes)
    axes.tick_params(axis="x", length=0, labelsize=7)


def _shade(grade: str) -> str:
    """Return light for normal strength, dark for none."""
    return SHADES[5 - int(grade)]


def _key(figure: Figure, y: float) -> None:
    boxes = [
        Patch(facecolor=_shade(str(grade)), edgecolor=GREY, linewidth=0.5, label=f"MRC {grade}")
        for grade in range(6)
    ]
    figure.legend(handles=boxes, loc="center", bbox_to_anchor=(0.5, y), ncols=6, frameon=False,
                  fontsize=7.5, labelcolor=INK, handlelength=1.4, columnspacing=1.5)  # fmt: skip
