"""Densities of blots: every patient and every control as a point, the mean as a bar."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.report.drawing import FIRTH, INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, shortened, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import p_equation
from myocohort.report.wording import clean, origin_of

MOST_PANELS = 6
"""Comparisons that are drawn; the others are in the table."""
_WIDTH = 7.6  # inches, as are all lengths here
_LEFT, _GAP, _RIGHT = 0.8, 0.6, 0.15
_PLOT, _TOP, _BOTTOM = 2.1, 0.45, 0.48
_BROADEST = 3.0
_IN_A_ROW = 3
_SIDE_BY_SIDE = 0.05  # of the plot's height: points nearer than that stand beside each other
_STEP, _WIDEST = 0.09, 0.36  # on the axis of the groups


def drawn_targets(blots: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return targets with the comparisons that are drawn: those of the family, with a value."""
    found = [
        (target, row)
        for target in blots["targets"]
        for row in target["comparisons"]
        if row["in_family"] and (row["patients"]["n"] or row["controls"]["n"])
    ]
    return found[:MOST_PANELS]


def blots_figure(blots: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw the points of each target.

    Parameters
    ----------
    blots
        `controls.blots` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where there is no comparison. Where the results list no single values, because
        there are too many, quartiles are drawn as a box.
    """
    drawn = drawn_targets(blots)
    if not drawn:
        return None
    with figure_style():
        return _draw(drawn, str(blots["unit"]), results)


def _draw(
    drawn: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], unit: str, results: Results
) -> Figure:
    origin = origin_of(results)
    across = min(len(drawn), _IN_A_ROW)
    down = -(-len(drawn) // _IN_A_ROW)
    bottom = 0.3 if origin else 0.1
    each = _TOP + _PLOT + _BOTTOM
    height = down * each + bottom
    figure = Figure(figsize=(_WIDTH, height))
    wide = (_WIDTH - _LEFT - _RIGHT - (across - 1) * _GAP) / across
    wide = min(wide, _BROADEST)
    for place, (target, row) in enumerate(drawn):
        column, line = place % _IN_A_ROW, place // _IN_A_ROW
        x = _LEFT + column * (wide + _GAP)
        y = height - line * each - _TOP - _PLOT
        axes = figure.add_axes((x / _WIDTH, y / height, wide / _WIDTH, _PLOT / height))
        _panel(axes, target, row, wide)
        if column == 0:
            axes.set_ylabel(textwrap.fill(clean(unit), 34), fontsize=8, color=INK, parse_math=False)
    tag_origin(figure, origin)
    return figure


def _panel(axes: Axes, target: Mapping[str, Any], row: Mapping[str, Any], wide: float) -> None:
    groups = {
        name: [float(one["value"]) for one in row["values"] if one["group"] == name]
        for name in ("patients", "controls")
    }
    ends = [row[g][end] for g in groups for end in ("min", "max") if row[g][end] is not None]
    low, high = min(*ends, 0.0), max(ends)
    room = (high - low) * 0.08 or 1.0
    axes.set_xlim(-0.6, 1.6)
    axes.set_ylim(low - (room if low < 0 else 0), high + room)
    for at, (name, values) in enumerate(groups.items()):
        colour, marker, face = (ML, "o", ML) if name == "patients" else (FIRTH, "s", "none")
        of = row[name]
        if values:
            offsets = spread(values, (high - low + room) * _SIDE_BY_SIDE)
            axes.plot(
                [at + offset for offset in offsets], values, linestyle="none", marker=marker,
                markersize=4.2, color=colour, markerfacecolor=face, markeredgewidth=1.0, zorder=2,
            )  # fmt: skip
        elif of["n"]:
            axes.plot((at, at), (of["q1"], of["q3"]), color=colour, linewidth=6, alpha=0.5)
            axes.plot((at, at), (of["min"], of["max"]), color=colour, linewidth=0.8)
        if of["mean"] is not None:
            axes.plot((at - 0.3, at + 0.3), (of["mean"], of["mean"]), color=INK, linewidth=1.2,
                      zorder=1)  # fmt: skip
    label = shortened(target["label"], 24)
    names = (
        f"patients\nn = {row['patients']['n']}",
        f"{label}\nn = {row['controls']['n']}",
    )
    axes.set_xticks([0, 1], names, parse_math=False)
    open_frame(axes, "left", "bottom", size=7.5)
    axes.tick_params(axis="x", length=0)
    title = str(target["target"]) + (f", {row['membrane']}" if row["membrane"] else "")
    head = axes.text(
        0.5, 1.13, shortened(title, 60), fontsize=8.5, color=INK,
        ha="center", va="center", fontweight="bold", transform=axes.transAxes, parse_math=False,
    )  # fmt: skip
    shrink_to(head, wide)
    axes.text(
        0.5, 1.04, p_words(row), fontsize=7.5, color=INK, ha="center", va="center",
        transform=axes.transAxes,
    )  # fmt: skip


def p_words(row: Mapping[str, Any]) -> str:
    """Print the p of a comparison, and whether it is exact."""
    if row["p"] is None:
        return "no p value"
    exact = "exact " if row["smallest_p"] is not None else ""
    return f"{exact}{p_equation(row['p'])}"


def spread(values: Sequence[float], apart: float) -> list[float]:
    """Return how far each point stands from the middle, so that near ones do not overlap.

    Parameters
    ----------
    values
        Of one group.
    apart
        Values that differ by less stand beside each other.

    Returns
    -------
    list of float
        In the order of the values, from -0.36 to 0.36; the same for the same values.
    """
    offsets = [0.0] * len(values)
    run: list[int] = []
    order = sorted(range(len(values)), key=lambda i: (values[i], i))
    for place, i in enumerate(order):
        if run and values[i] - values[run[0]] >= apart:
            _beside(run, offsets)
            run = []
        run.append(i)
        if place == len(order) - 1:
            _beside(run, offsets)
    return offsets


def _beside(run: Sequence[int], offsets: list[float]) -> None:
    step = min(_STEP, 2 * _WIDEST / max(len(run) - 1, 1))
    for place, i in enumerate(run):
        offsets[i] = (place - (len(run) - 1) / 2) * step
