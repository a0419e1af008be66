"""How fat fraction or oedema of each muscle-side went over several scan sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.report.drawing import FIRTH, GREY, INK, ML, figure_style
from myocohort.report.mri.parts import PROPOSED, foot, heading
from myocohort.study.standard import MUSCLES

QUANTITIES = {
    "fat_fraction": "fat fraction, %",
    "stir_positive_share": "STIR-positive voxels, %",
}
_SIDES = (("right", ML, "o", "-"), ("left", FIRTH, "s", "--"))
_WIDTH, _COLUMNS, _CELL = 7.2, 4, 1.35
_TOP, _FOOT = 0.35, 0.75


def trajectories_figure(
    sessions: Sequence[tuple[float, Mapping[str, Any]]],
    quantity: str,
    title: str,
    unit: str,
) -> Figure | None:
    """Draw one small chart a muscle, both sides in it, with 95% intervals.

    Parameters
    ----------
    sessions
        Time and content of `myocohort mri measure --json`, in order of time.
    quantity
        A key of `QUANTITIES`.
    title
        Heading.
    unit
        Of the time ("months from the first scan", "scan").

    Returns
    -------
    Figure or None
        None where fewer than two sessions have a value of any muscle-side.
    """
    series: dict[str, dict[str, list[tuple[float, float, float, float]]]] = {}
    for at, measured in sessions:
        for row in measured["muscles"]:
            value = row.get(quantity)
            if value is None:
                continue
            low = row.get(f"{quantity}_low", value)
            high = row.get(f"{quantity}_high", value)
            sides = series.setdefault(row["name"], {})
            sides.setdefault(row["side"], []).append((at, 100 * value, 100 * low, 100 * high))
    names = [name for name in MUSCLES if name in series]
    names += sorted(set(series) - set(MUSCLES))
    if not any(len(points) > 1 for sides in series.values() for points in sides.values()):
        return None
    with figure_style():
        return _draw(names, series, quantity, title, unit)


def _draw(
    names: list[str],
    series: Mapping[str, Mapping[str, Sequence[tuple[float, float, float, float]]]],
    quantity: str,
    title: str,
    unit: str,
) -> Figure:
    lines = -(-len(names) // _COLUMNS)
    height = _TOP + lines * _CELL + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    heading(figure, title)
    cell = (_WIDTH - 0.4) / _COLUMNS
    for place, name in enumerate(names):
        line, column = divmod(place, _COLUMNS)
        x, y = 0.4 + column * cell, height - _TOP - (line + 1) * _CELL + 0.2
        box = (x / _WIDTH, y / height, 0.86 * cell / _WIDTH, (_CELL - 0.42) / height)
        axes = figure.add_axes(box)
        _chart(axes, name, series[name])
        if column:
            axes.set_yticklabels([])
    figure.text(0.008, 0.5, QUANTITIES[quantity], rotation=90, fontsize=8, color=INK, va="center")
    handles = "Right: blue, circles, whole line. Left: vermilion, squares, broken line."
    foot(
        figure,
        [
            f"Across: {unit}. {handles}",
            "Bars: 95% intervals of each measurement; no bar where none is known.",
            PROPOSED,
        ],
    )
    return figure


def _chart(
    axes: Axes, name: str, sides: Mapping[str, Sequence[tuple[float, float, float, float]]]
) -> None:
    for side, colour, mark, line in _SIDES:
        points = sides.get(side, ())
        if not points:
            continue
        at = [point[0] for point in points]
        values = [point[1] for point in points]
        axes.vlines(at, [p[2] for p in points], [p[3] for p in points], colors=colour,
                    linewidth=0.8)  # fmt: skip
        axes.plot(at, values, color=colour, marker=mark, linestyle=line, markersize=3,
                  linewidth=1.1)  # fmt: skip
    axes.set_ylim(-4, 104)
    axes.set_yticks([0, 50, 100])
    axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    for edge in ("left", "bottom"):
        axes.spines[edge].set_color(GREY)
    axes.set_title(name, fontsize=8, color=INK, pad=3, parse_math=False)
