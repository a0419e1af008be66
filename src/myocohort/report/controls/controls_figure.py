"""Muscles of patients against controls: mean grades, the shift with its limits, adjusted p."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from myocohort.report.drawing import FIRTH, GREY, INK, ML, figure_style, shrink_to
from myocohort.report.figure_parts import open_frame, shortened, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import MISSING, p_equation
from myocohort.report.wording import origin_of

TOP_GRADE = 5
_WIDTH = 7.6  # inches, as are all lengths here
_LABELS = 1.5  # for the names of the muscles
_MEANS, _SHIFTS = (1.55, 3.95), (4.35, 6.35)  # from, to
_TEXT = 6.45
_APART = 0.035  # of the two marks from the middle of a row, so that neither hides the other
_ROW, _HEADING, _TOP, _AXIS = 0.2, 0.28, 0.5, 0.5


def controls_figure(arm: Mapping[str, Any], results: Results) -> Figure | None:
    """Draw all muscles of one comparison with an arm of controls.

    Parameters
    ----------
    arm
        An element of `controls.imaging.arms` of results.json.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no muscle has a mean in both groups.
    """
    rows = arm["rows"]
    if not any(row["patients"]["n"] and row["controls"]["n"] for row in rows):
        return None
    with figure_style():
        return _draw(arm, results)


def _draw(arm: Mapping[str, Any], results: Results) -> Figure:
    origin = origin_of(results)
    scales: dict[str, list[Mapping[str, Any]]] = {}
    for row in arm["rows"]:
        scales.setdefault(row["label"], []).append(row)
    body = sum(_HEADING + _ROW * len(rows) for rows in scales.values())
    bottom = _AXIS + (0.2 if origin else 0)
    height = _TOP + body + bottom
    figure = Figure(figsize=(_WIDTH, height))
    reach = _reach(arm["rows"])
    means, shifts = (
        figure.add_axes(
            (span[0] / _WIDTH, bottom / height, (span[1] - span[0]) / _WIDTH, body / height)
        )
        for span in (_MEANS, _SHIFTS)
    )
    for axes in (means, shifts):
        axes.set_ylim(body, 0)
        axes.set_yticks([])
        open_frame(axes, "bottom")
    means.set_xlim(-0.1, TOP_GRADE + 0.1)
    means.set_xticks(range(TOP_GRADE + 1))
    means.set_xlabel("Mean grade", fontsize=8.5, color=INK)
    shifts.set_xlim(-reach * 1.06, reach * 1.06)
    shifts.axvline(0, color=GREY, linewidth=0.7)
    shifts.set_xlabel("Shift in grade, with limits", fontsize=8.5, color=INK)
    y = 0.0
    for label, rows in scales.items():
        heading = figure.text(
            0.08 / _WIDTH, 1 - (_TOP + y + _HEADING * 0.55) / height, label, fontsize=8.5,
            color=INK, va="center", fontweight="bold",
        )  # fmt: skip
        shrink_to(heading, _LABELS + 2)
        y += _HEADING
        for row in rows:
            middle = y + _ROW / 2
            at = 1 - (_TOP + middle) / height
            figure.text(
                _LABELS / _WIDTH, at, row["muscle"], fontsize=8, color=INK, ha="right", va="center"
            )
            _means(means, row, middle)
            _shift(shifts, row, middle, reach)
            figure.text(_TEXT / _WIDTH, at, shift_words(row), fontsize=7.5, color=INK, va="center")
            y += _ROW
    _heads(figure, arm, height)
    tag_origin(figure, origin)
    return figure


def _reach(rows: list[Mapping[str, Any]]) -> float:
    """Return how far the axis of the shift goes from 0: the widest finite limit, at least 1."""
    found = [1.0]
    for row in rows:
        shift = row["shift"]
        if shift is None:
            continue
        interval = shift["interval"] or {"low": None, "high": None}
        for value in (shift["estimate"], interval["low"], interval["high"]):
            if isinstance(value, int | float):
                found.append(abs(float(value)))
    return min(max(found), float(TOP_GRADE))


def shift_words(row: Mapping[str, Any]) -> str:
    """Print what stands at the right of a muscle: p adjusted by Holm."""
    return MISSING if row["holm"] is None else p_equation(row["holm"])


def _means(axes: Axes, row: Mapping[str, Any], y: float) -> None:
    first, second = row["patients"]["mean"], row["controls"]["mean"]
    if first is not None and second is not None:
        axes.plot((first, second), (y - _APART, y + _APART), color=GREY, linewidth=0.6, zorder=1)
    if second is not None:
        axes.plot(second, y + _APART, marker="s", markersize=5, markerfacecolor="none",
                  markeredgecolor=FIRTH, markeredgewidth=1.1, zorder=2)  # fmt: skip
    if first is not None:
        axes.plot(first, y - _APART, marker="o", markersize=4.2, color=ML, zorder=3)


def _shift(axes: Axes, row: Mapping[str, Any], y: float, reach: float) -> None:
    shift = row["shift"]
    if shift is None:
        axes.text(0, y, "no shift", fontsize=7, color=GREY, ha="center", va="center")
        return
    interval = shift["interval"]
    if interval is not None:
        ends = []
        for name, mark, outside in (("low", "<", -reach), ("high", ">", reach)):
            value = interval[name]
            inside = isinstance(value, int | float) and abs(value) <= reach
            ends.append(float(value) if inside else outside)
            if not inside:
                axes.plot(outside, y, marker=mark, markersize=3.5, color=INK)
        axes.plot(ends, (y, y), color=INK, linewidth=1.1, solid_capstyle="butt")
        for end in ends:
            axes.plot((end, end), (y - 0.04, y + 0.04), color=INK, linewidth=0.8)
    axes.plot(shift["estimate"], y, marker="D", markersize=3.6, color=INK, zorder=3)


def _heads(figure: Figure, arm: Mapping[str, Any], height: float) -> None:
    """Name the two groups and the columns above them."""
    label = shortened(arm["label"], 60)
    x, y = 0.12, height - 0.14
    for marker, colour, face, words in (
        ("o", ML, ML, "followed patients"),
        ("s", FIRTH, "none", label),
    ):
        figure.add_artist(
            Line2D(
                [x / _WIDTH], [y / height], marker=marker, markersize=5, color=colour,
                markerfacecolor=face, linestyle="none",
            )
        )  # fmt: skip
        text = figure.text((x + 0.12) / _WIDTH, y / height, words, fontsize=8, color=INK,
                           va="center", parse_math=False)  # fmt: skip
        shrink_to(text, 3.6)
        x += 1.6
    for at, words in ((_SHIFTS[0], "Patients less controls"), (_TEXT, "Holm")):
        figure.text(at / _WIDTH, (height - 0.36) / height, words, fontsize=8, color=INK,
                    va="center", fontweight="bold")  # fmt: skip
    figure.text(
        _MEANS[0] / _WIDTH, (height - 0.36) / height, "Mean of both sides", fontsize=8, color=INK,
        va="center", fontweight="bold",
    )  # fmt: skip
