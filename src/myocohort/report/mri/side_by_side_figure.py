"""The same sequences of two scan sessions side by side: before left, after right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from myocohort.mri.regions import Region
from myocohort.mri.views import View
from myocohort.report.drawing import INK, figure_style
from myocohort.report.mri.parts import (
    colour_of,
    foot,
    heading,
    outline,
    scale_bar,
    show_slice,
    sides,
)

LEVELS = (0.85, 0.5, 0.15)
"""Where along the muscles' length slices are shown, from the head: a share of the length."""
_WIDTH = 7.2
_TOP, _NAMES, _LINE, _FOOT = 0.3, 0.2, 0.06, 0.42


def side_by_side_figure(
    before: Sequence[View],
    after: Sequence[View],
    of_before: Mapping[int, Region],
    of_after: Mapping[int, Region],
    titles: tuple[str, str],
    heading_text: str,
) -> Figure | None:
    """Draw slices at three levels of each sequence that both sessions have.

    Parameters
    ----------
    before, after
        Views of the two sessions.
    of_before, of_after
        Code -> region of each.
    titles
        What the sessions are called ("before, 2020-03-01").
    heading_text
        Heading of the figure.

    Returns
    -------
    Figure or None
        None where they share no sequence.
    """
    later = {view.title: view for view in after}
    pairs = [(view, later[view.title]) for view in before if view.title in later]
    if not pairs:
        return None
    with figure_style():
        return _draw(pairs, (of_before, of_after), titles, heading_text)


def level_slice(view: View, level: float) -> int:
    """Return the slice at a share of the length that the muscles cover, from the feet."""
    at = view.positions_mm
    return int(np.abs(at - (at[0] + level * (at[-1] - at[0]))).argmin())


def _draw(
    pairs: Sequence[tuple[View, View]],
    of: tuple[Mapping[int, Region], Mapping[int, Region]],
    titles: tuple[str, str],
    heading_text: str,
) -> Figure:
    cell = _WIDTH / 2
    rows = [
        (pair, level, max(cell * v.slices.shape[1] / v.slices.shape[2] for v in pair))
        for pair in pairs
        for level in _levels(pair)
    ]
    height = _TOP + _NAMES + sum(tall + _LINE for _, _, tall in rows) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    heading(figure, heading_text)
    for place, title in enumerate(titles):
        figure.text((place + 0.5) / 2, 1 - _TOP / height, title, fontsize=8.5, color=INK,
                    ha="center", va="top", parse_math=False)  # fmt: skip
    y = height - _TOP - _NAMES
    for pair, level, tall in rows:
        y -= tall
        for place, view in enumerate(pair):
            box = (place * cell / _WIDTH, y / height, 0.99 * cell / _WIDTH, tall / height)
            axes = figure.add_axes(box)
            index = level_slice(view, level)
            plane = view.slices[index]
            show_slice(axes, plane, view.pixel_mm)
            for code, region in of[place].items():
                if region.kind != "bone":
                    mask = view.codes[index] == code
                    outline(axes, mask, view.pixel_mm, colour_of(region.name))
            sides(axes, plane, view.pixel_mm)
            scale_bar(axes, plane, view.pixel_mm)
            words = f"{view.title}, {view.positions_mm[index]:.0f} mm"
            axes.text(0.5, 0.98, words, transform=axes.transAxes, fontsize=7, color="white",
                      ha="center", va="top", parse_math=False)  # fmt: skip
        y -= _LINE
    foot(
        figure,
        [
            "Slices at the same share of the length that the muscles cover; the sessions are "
            "not registered to each other.",
            "Each picture has its own window of grey; the patient's right is at the left.",
        ],
    )
    return figure


def _levels(pair: tuple[View, View]) -> tuple[float, ...]:
    """Return the levels that show another slice of both sessions each."""
    shown: dict[tuple[int, ...], float] = {}
    for level in LEVELS:
        at = tuple(level_slice(view, level) for view in pair)
        if not any(one == other for used in shown for one, other in zip(used, at, strict=True)):
            shown[at] = level
    return tuple(shown.values())
