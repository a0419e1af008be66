"""CK over time: a thin line a patient, the median of each group, the upper limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from myocohort.report.drawing import GREY, INK, figure_style
from myocohort.report.figure_parts import tag_origin
from myocohort.report.group_marks import Mark, mark_of_group
from myocohort.report.model.models import Results
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

_PANEL = 2.35
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN = 0.7, 0.1, 0.32, 0.85, 0.62


def ck_figure(section: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the CK of every patient, a panel for each group of the outcome.

    Parameters
    ----------
    section
        `patients_over_time` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no CK is known at a planned month or a visit.
    """
    values = _values(section)
    if section["ck"]["left_out"] or not any(value > 0 for value in values):
        return None
    with figure_style():
        return _draw(section, results, values)


def _values(section: Mapping[str, Any]) -> list[float]:
    """Return every CK that is drawn."""
    drawn = [v["ck"] for p in section["patients"] for v in p["visits"] if v["ck"] is not None]
    for group in outcome_groups(section["ck"]) if section["ck"]["groups"] else ():
        for month in group["months"]:
            drawn += [month[key] for key in ("q1", "median", "q3") if month[key] is not None]
    return drawn


def _draw(section: Mapping[str, Any], results: Results, values: list[float]) -> Figure:
    groups = outcome_groups(section["ck"])
    limits = section["ck"]["limits"]
    rows, columns = panels(len(groups))
    foot = _BOTTOM + space_of_tag(results)
    height = rows * (_PANEL + _TOP) + (rows - 1) * _BETWEEN + foot
    figure = Figure(figsize=(WIDTH, height))
    gap = 0.18
    wide = (WIDTH - _LEFT - _RIGHT - gap * (columns - 1)) / columns
    months = [v["month"] for p in section["patients"] for v in p["visits"] if v["ck"] is not None]
    months += [float(m["month"]) for m in section["months"]]
    rooted = is_rooted(months)
    positive = [value for value in [*values, limits["low"], limits["high"]] if value]
    bottom, top = min(positive) / 1.4, max(positive) * 1.4
    for number, group in enumerate(groups):
        row, column = divmod(number, columns)
        base = height - (row + 1) * (_PANEL + _TOP) - row * _BETWEEN
        left = _LEFT + column * (wide + gap)
        axes = figure.add_axes((left / WIDTH, base / height, wide / WIDTH, _PANEL / height))
        axes.set_yscale("log")
        axes.set_ylim(bottom, top)
        _limits(axes, limits)
        own = (
            p for p in section["patients"] if group["by"] == "all" or p["outcome"] == group["code"]
        )
        thin_lines(axes, (_points(p, bottom, rooted=rooted) for p in own), GREY, 1.8)
        _median(axes, group, mark_of_group(group["code"], number), bottom, rooted=rooted)
        month_axis(axes, min(months), max(months), rooted=rooted)
        plain_axes(axes)
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0) if top / bottom < 1e3 else (1.0,)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.12g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(axis="y", which="minor", length=0)
        if column:
            axes.tick_params(axis="y", labelleft=False)
        heading(axes, group["label"], group["n"], wide)
    figure.text(0.16 / WIDTH, (foot + (height - foot) / 2) / height, "CK, U/L (logarithmic)",
                rotation=90, ha="center", va="center", fontsize=8.5, color=INK)  # fmt: skip
    figure.text(0.5, (foot - 0.36) / height, month_words(rooted=rooted), ha="center", va="center",
                fontsize=8.5, color=INK)  # fmt: skip
    _key(figure, section, (foot - 0.62) / height)
    tag_origin(figure, origin_of(results), y=0.1)
    return figure


def _limits(axes: Axes, limits: Mapping[str, Any]) -> None:
    if limits["low"] is None:
        return
    for limit in dict.fromkeys((limits["low"], limits["high"])):
        axes.axhline(limit, color=INK, linewidth=0.9, linestyle=(0, (5, 2)), zorder=1)
    if limits["different"] > 2:
        axes.axhspan(limits["low"], limits["high"], color=INK, alpha=0.12, linewidth=0, zorder=0)


def _points(
    patient: Mapping[str, Any], bottom: float, *, rooted: bool
) -> list[tuple[float, float]]:
    """Return where each known CK stands; one of 0 stands at the lower edge."""
    return [
        (place(visit["month"], rooted=rooted), max(visit["ck"], bottom))
        for visit in patient["visits"]
        if visit["ck"] is not None
    ]


def _median(
    axes: Axes, group: Mapping[str, Any], mark: Mark, bottom: float, *, rooted: bool
) -> None:
    seen = [m for m in group["months"] if m["median"] is not None]
    x = [place(m["month"], rooted=rooted) for m in seen]
    axes.plot(x, [max(m["median"], bottom) for m in seen], color=mark.colour,
              linewidth=1.8, marker=mark.shape, markersize=4, zorder=4)  # fmt: skip
    for at, month in zip(x, seen, strict=True):
        axes.plot([at, at], [max(month["q1"], bottom), max(month["q3"], bottom)],
                  color=mark.colour, linewidth=1.2, zorder=3)  # fmt: skip


def _key(figure: Figure, section: Mapping[str, Any], y: float) -> None:
    limits = section["ck"]["limits"]
    lines: list[Line2D | Patch] = []
    if section["patients"]:
        lines.append(Line2D([], [], color=GREY, linewidth=0.8, marker="o", markersize=2,
                            label="one patient"))  # fmt: skip
    lines.append(Line2D([], [], color=INK, linewidth=1.8,
                        label="median and quartiles at the planned months"))  # fmt: skip
    if limits["low"] is not None:
        ends = plain_text(limits["low"], 1)
        if limits["high"] != limits["low"]:
            joint = " and " if limits["different"] == 2 else " to "
            ends += f"{joint}{plain_text(limits['high'], 1)}"
        lines.append(Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (5, 2)),
                            label=f"upper limit, {ends} U/L"))  # fmt: skip
    figure.legend(handles=lines, loc="center", bbox_to_anchor=(0.5, y), ncols=3, frameon=False,
                  fontsize=7.5, labelcolor=INK, handlelength=2.2, columnspacing=1.6)  # fmt: skip
