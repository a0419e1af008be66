"""One patient's thigh map: 24 muscle-sides coloured by fat fraction and by proposed grade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.report.drawing import GREY, INK, figure_style
from myocohort.report.imaging.thigh_map_figure import SEQUENTIAL
from myocohort.report.imaging.thigh_map_shapes import ABBREVIATIONS, BOX, RIGHT_THIGH
from myocohort.report.imaging.thighs import UNIT, Thighs
from myocohort.report.mri.parts import PROPOSED, foot, heading, shade
from myocohort.report.mri.words import grade_text, percent_text

_PANEL = 3.6
_THIGH = (BOX[3] - BOX[2]) * UNIT
_TOP, _TITLE, _BAR, _FOOT = 0.3, 0.25, 0.45, 0.8


@dataclass(frozen=True, slots=True)
class _Panel:
    """What a pair of thighs shows: a share of the colours, and a text, for each muscle-side."""

    title: str
    colour: Callable[[Mapping[str, Any]], float | None]
    text: Callable[[Mapping[str, Any]], str]
    ends: tuple[str, str]


def patient_map_figure(measured: Mapping[str, Any], title: str) -> Figure | None:
    """Draw the muscles of one measurement.

    Parameters
    ----------
    measured
        The content of `myocohort mri measure --json`.
    title
        Heading.

    Returns
    -------
    Figure or None
        None where no muscle-side has a number. Hatched muscles have none.
    """
    rows = {(one["name"], one["side"]): one for one in measured["muscles"]}
    panels = [panel for panel in _panels(measured) if _any(panel, rows)]
    if not panels:
        return None
    with figure_style():
        return _draw(panels, rows, title)


def _panels(measured: Mapping[str, Any]) -> list[_Panel]:
    panels = [
        _Panel("Fat fraction, %", lambda row: row.get("fat_fraction"),
               lambda row: percent_text(row.get("fat_fraction")), ("0%", "100%")),
    ]  # fmt: skip
    for key, title in (("grade", "fat"), ("oedema_grade", "oedema")):
        scales = {one[key]["scale"] for one in measured["muscles"] if one.get(key)}
        for scale in sorted(scales):
            panels.append(_grade_panel(measured, key, f"Proposed grade of {title} ({scale})"))
    panels.append(
        _Panel("STIR-positive voxels, %", lambda row: row.get("stir_positive_share"),
               lambda row: percent_text(row.get("stir_positive_share")), ("0%", "100%"))
    )  # fmt: skip
    return panels


def _grade_panel(measured: Mapping[str, Any], key: str, title: str) -> _Panel:
    levels = next(one[key]["grades"] for one in measured["muscles"] if one.get(key))

    def colour(row: Mapping[str, Any]) -> float | None:
        grade = row.get(key)
        if not grade or grade.get("low") is None:
            return None
        places = [levels.index(grade["low"]), levels.index(grade["high"])]
        return float(sum(places)) / 2 / max(1, len(levels) - 1)

    def text(row: Mapping[str, Any]) -> str:
        return grade_text(row.get(key))

    return _Panel(title, colour, text, (str(levels[0]), str(levels[-1])))


def _any(panel: _Panel, rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> bool:
    return any(panel.colour(row) is not None for row in rows.values())


def _draw(
    panels: list[_Panel], rows: Mapping[tuple[str, str], Mapping[str, Any]], title: str
) -> Figure:
    columns = min(2, len(panels))
    lines = -(-len(panels) // columns)
    block = _TITLE + _THIGH + _BAR
    width, height = 2 * _PANEL, _TOP + lines * block + _FOOT
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")
    heading(figure, title)
    thighs = Thighs(axes)
    for place, panel in enumerate(panels):
        line, column = divmod(place, columns)
        middle = (column + 0.5) * (width / columns)
        _one(axes, thighs, panel, rows, middle, height - _TOP - line * block)
    thighs.draw()
    key = [f"{short} {name}" for name, short in ABBREVIATIONS.items()]
    foot(
        figure,
        [
            ", ".join(key[:6]),
            ", ".join(key[6:]),
            "R patient's right, L left; schematic, seen from the feet; GM lies higher. "
            "Hatched: not measured.",
            PROPOSED,
        ],
    )
    return figure


def _one(
    axes: Axes,
    thighs: Thighs,
    panel: _Panel,
    rows: Mapping[tuple[str, str], Mapping[str, Any]],
    middle: float,
    top: float,
) -> None:
    axes.text(middle, top - _TITLE / 2, panel.title, fontsize=8.5, color=INK, ha="center",
              va="center", parse_math=False)  # fmt: skip
    y = top - _TITLE - BOX[3] * UNIT
    for side, direction in (("right", 1.0), ("left", -1.0)):
        x = middle - direction * BOX[1] * UNIT
        texts, faces = {}, {}
        for muscle in RIGHT_THIGH:
            row = rows.get((muscle, side), {})
            share = panel.colour(row)
            texts[muscle] = panel.text(row) if share is not None else ""
            faces[muscle] = None if share is None else shade(share)
        thighs.add(x, y, side, texts, faces)
    _bar(axes, middle, top - _TITLE - _THIGH - 0.12, panel.ends)


def _bar(axes: Axes, middle: float, y: float, ends: tuple[str, str]) -> None:
    wide = 1.4
    axes.imshow(
        np.linspace(0, 1, 101)[None, :], cmap=SEQUENTIAL, aspect="auto",
        extent=(middle - wide / 2, middle + wide / 2, y - 0.1, y), zorder=3,
    )  # fmt: skip
    for x, text, align in (
        (-wide / 2 - 0.06, ends[0], "right"),
        (wide / 2 + 0.06, ends[1], "left"),
    ):
        axes.text(middle + x, y - 0.05, text, fontsize=7, color=GREY, ha=align, va="center")
