"""Slices of a scan side by side, with the muscles outlined and named, or coloured by a value."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myocohort.mri.regions import Region
from myocohort.mri.views import View
from myocohort.report.drawing import INK, figure_style
from myocohort.report.imaging.thigh_map_figure import SEQUENTIAL
from myocohort.report.imaging.thigh_map_shapes import ABBREVIATIONS
from myocohort.report.mri.parts import (
    PROPOSED,
    colour_of,
    foot,
    heading,
    middle_of,
    outline,
    scale_bar,
    shade,
    show_slice,
    sides,
)

MOST_DRAWN = 12
_COLUMNS = 3
_WIDTH = 7.2
_TOP, _FOOT, _LINE = 0.32, 0.85, 0.18
_SMALLEST_NAMED_MM2 = 120.0  # an abbreviation does not fit into less


def montage_figure(
    view: View,
    of: Mapping[int, Region],
    title: str,
    *,
    values: Mapping[int, float] | None = None,
    value_label: str = "",
) -> Figure:
    """Draw up to twelve slices of a view with its muscles.

    Parameters
    ----------
    view
        From `mri.views.view_of`.
    of
        Code -> region, of the same `Regions`.
    title
        Heading.
    values
        Code -> value from 0 to 1 that colours the muscle; without it each muscle has its own
        colour. A muscle without a value is outlined only.
    value_label
        What the value is.
    """
    count = len(view.slices)
    drawn = np.unique(np.round(np.linspace(0, count - 1, min(count, MOST_DRAWN))).astype(int))
    with figure_style():
        return _draw(view, of, title, drawn[::-1].tolist(), values, value_label)


def _draw(
    view: View,
    of: Mapping[int, Region],
    title: str,
    drawn: list[int],
    values: Mapping[int, float] | None,
    value_label: str,
) -> Figure:
    columns = min(_COLUMNS, len(drawn))
    lines = math.ceil(len(drawn) / columns)
    rows, wide = view.slices.shape[1:]
    cell = _WIDTH / columns
    tall = cell * rows / wide
    height = _TOP + lines * (tall + _LINE) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    heading(figure, title)
    for place, index in enumerate(drawn):
        line, column = divmod(place, columns)
        bottom = height - _TOP - (line + 1) * (tall + _LINE)
        box = (column * cell / _WIDTH, bottom / height, 0.985 * cell / _WIDTH, tall / height)
        axes = figure.add_axes(box)
        plane = view.slices[index]
        show_slice(axes, plane, view.pixel_mm)
        for code in np.unique(view.codes[index]).tolist():
            if code not in of or of[code].kind == "bone":
                continue
            _muscle(axes, view, index, code, of[code], values)
        sides(axes, plane, view.pixel_mm)
        if place == len(drawn) - 1:
            scale_bar(axes, plane, view.pixel_mm)
        axes.text(
            0.5, 1.01, f"{view.positions_mm[index]:.0f} mm", transform=axes.transAxes, fontsize=7,
            color=INK, ha="center", va="bottom",
        )  # fmt: skip
    notes = ["Slices from the head to the feet, heights as the scanner counts them; "
             "the patient's right is at the left."]  # fmt: skip
    if values is None:
        named = {of[int(code)].name for code in np.unique(view.codes) if int(code) in of}
        key = [f"{short} {name}" for name, short in ABBREVIATIONS.items() if name in named]
        half = math.ceil(len(key) / 2)
        notes += [", ".join(key[:half]), ", ".join(key[half:])]
    else:
        _colour_bar(figure, height, value_label)
        notes.append(PROPOSED)
    foot(figure, [note for note in notes if note])
    return figure


def _muscle(
    axes: Axes,
    view: View,
    index: int,
    code: int,
    region: Region,
    values: Mapping[int, float] | None,
) -> None:
    """Outline one muscle of one slice, and name or fill it."""
    mask = view.codes[index] == code
    if values is None:
        outline(axes, mask, view.pixel_mm, colour_of(region.name), fill=0.28)
        short = ABBREVIATIONS.get(region.name)
        if short and mask.sum() * view.pixel_mm**2 >= _SMALLEST_NAMED_MM2:
            x, y = middle_of(mask, view.pixel_mm)
            axes.text(x, y, short, fontsize=5.5, color="white", ha="center", va="center")
        return
    value = values.get(code)
    if value is None:
        outline(axes, mask, view.pixel_mm, "#ffffff")
        return
    outline(axes, mask, view.pixel_mm, shade(value), fill=0.75)


def _colour_bar(figure: Figure, height: float, label: str) -> None:
    """Draw the colours of the values from 0 to 100% at the foot."""
    axes = figure.add_axes((0.62, 0.56 / height, 0.34, 0.1 / height))
    axes.imshow(np.linspace(0, 1, 101)[None, :], cmap=SEQUENTIAL, aspect="auto",
                extent=(0, 100, 0, 1))  # fmt: skip
    axes.set_yticks([])
    axes.set_xticks([0, 50, 100], ["0%", "50%", "100%"], fontsize=7, color=INK)
    axes.tick_params(length=2, pad=1)
    axes.set_title(label, fontsize=7.5, color=INK, pad=2)
