"""Both thighs in section, each muscle coloured by its mean grade: before, after, difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import shortened
from myocohort.report.imaging.thigh_map_shapes import (
    ABBREVIATIONS,
    BOX,
    RIGHT_THIGH,
)
from myocohort.report.imaging.thighs import INSIDE, UNIT, Thighs
from myocohort.report.model.models import Results
from myocohort.report.rounding import fixed_text
from myocohort.report.wording import origin_of

TOP_GRADE = 5
MOST_ROWS = 6
"""Groups that are drawn; the others are in the table."""
DRAWN = ("all", "refractory", "non_refractory")
"""Groups that are drawn first, before the control arms."""
# Light (grade 0) to dark (grade 5), falling evenly in lightness, so that grey print keeps it.
SEQUENTIAL = LinearSegmentedColormap.from_list(
    "grade", ["#fff3d6", "#fbcf7c", "#f0993f", "#cf5f2a", "#8f3326", "#4d1722"]
)
# Blue (lower) over near white to vermilion (higher); the sign stands in every number.
DIVERGING = LinearSegmentedColormap.from_list(
    "change", ["#0b4f8a", "#4a90c8", "#b5d3ea", "#f7f4ee", "#f6c19c", "#e07b39", "#9c3a06"]
)
TIMES = (
    ("before", "Before treatment"),
    ("after", "After: month {month}"),
    ("difference", "Difference (after less before)"),
)

_WIDTH = 7.6  # inches, as are all lengths here
_THIGH = (BOX[3] - BOX[2]) * UNIT
_HEADING, _TITLES, _GAP = 0.24, 0.3, 0.1
_KEY, _SCALES = 1.5, 0.55


def drawn_groups(scale: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the groups that the map shows: all, the two outcomes, arms, controls with a grade."""
    graded = [group for group in scale["groups"] if group["rows"]]
    first = [g for g in graded if g["by"] in ("all", "outcome") and g["code"] in DRAWN]
    controls = [g for g in graded if g["by"] == "controls"]
    arms = [g for g in graded if g["by"] == "arm"]
    return [*first, *controls, *arms][:MOST_ROWS]


def scale_end(scale: Mapping[str, Any]) -> int:
    """Return where the colours of the difference end: the whole grade that holds every mean."""
    means = [
        abs(row["difference"]["mean"])
        for group in drawn_groups(scale)
        for row in group["rows"]
        if row["difference"]["mean"] is not None
    ]
    return max(1, math.ceil(max(means, default=0)))


def thigh_map_figure(
    scale: Mapping[str, Any], month: int | None, results: Results
) -> Figure | None:
    """Draw the mean grade of each muscle on each side on a schematic section.

    Parameters
    ----------
    scale
        An element of `muscles.scales` of results.json.
    month
        `muscles.month`.
    results
        The whole of it, for the origin of the records.

    Returns
    -------
    Figure or None
        None where no group has a grade. Muscles without one are hatched.
    """
    groups = drawn_groups(scale)
    if not groups:
        return None
    with figure_style():
        return _draw(groups, scale, month, results)


def _draw(
    groups: Sequence[Mapping[str, Any]],
    scale: Mapping[str, Any],
    month: int | None,
    results: Results,
) -> Figure:
    origin = origin_of(results)
    times = [
        (time, title.format(month=month))
        for time, title in TIMES
        if time == "before" or _any(groups, time)
    ]
    bottom = _SCALES + (0.2 if origin else 0)
    block = _HEADING + _THIGH + _GAP
    height = _KEY + _TITLES + len(groups) * block + bottom
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(0, height)
    axes.axis("off")
    end = scale_end(scale)
    thighs = Thighs(axes)
    _key(axes, thighs, height)
    panel = _WIDTH / 3
    y = height - _KEY
    for place, (_, title) in enumerate(times):
        axes.text(
            (place + 0.5) * panel, y - 0.12, title, fontsize=8.5, color=INK, ha="center",
            va="center", fontweight="bold",
        )  # fmt: skip
    y -= _TITLES
    for group in groups:
        label = shortened(group["label"], 80)
        heading = axes.text(
            0.1, y - _HEADING / 2, label, fontsize=8.5, color=INK, va="center", parse_math=False
        )
        shrink_to(heading, _WIDTH - 0.2)
        axes.plot((0.08, _WIDTH - 0.08), (y, y), color=GREY, linewidth=0.4)
        y -= _HEADING
        for place, (time, _) in enumerate(times):
            _panel(axes, thighs, group["rows"], time, (place + 0.5) * panel, y, end)
        y -= _THIGH + _GAP
    thighs.draw()
    _colours(axes, bottom, end, differences=len(times) == len(TIMES))
    if origin:
        axes.text(
            0.08, 0.1, f"{origin.tag}: see the report", fontsize=7.5, color=GREY, va="center",
            parse_math=False,
        )  # fmt: skip
    return figure


def _any(groups: Sequence[Mapping[str, Any]], time: str) -> bool:
    return any(row[time]["n"] for group in groups for row in group["rows"])


def n_words(rows: Sequence[Mapping[str, Any]], time: str) -> str:
    """Return "n = 36", or the range where muscles differ; those that nobody has are hatched."""
    sizes = [row[time]["n"] for row in rows if row[time]["n"]]
    low, high = min(sizes), max(sizes)
    return f"n = {low}" if low == high else f"n = {low}\u2013{high}"


def _panel(
    axes: Axes,
    thighs: Thighs,
    rows: Sequence[Mapping[str, Any]],
    time: str,
    middle: float,
    top: float,
    end: int,
) -> None:
    """Draw both thighs of one group at one time."""
    if not any(row[time]["n"] for row in rows):
        axes.text(middle, top - _THIGH / 2, "no scans", fontsize=8, color=GREY, ha="center",
                  va="center")  # fmt: skip
        return
    means = {(row["muscle"], row["side"]): row[time]["mean"] for row in rows}
    y = top - BOX[3] * UNIT
    for side, direction in (("right", 1.0), ("left", -1.0)):
        x = middle - direction * BOX[1] * UNIT
        texts = {muscle: number_text(means.get((muscle, side)), time) for muscle in RIGHT_THIGH}
        faces = {muscle: _face(means.get((muscle, side)), time, end) for muscle in RIGHT_THIGH}
        thighs.add(x, y, side, texts, faces)
    words = n_words(rows, time)
    axes.text(middle, top - _THIGH + 0.02, words, fontsize=7.5, color=INK, ha="center", va="bottom")


def number_text(mean: float | None, time: str) -> str:
    """Print a mean with one decimal, a difference with its sign; nothing without a reading."""
    if mean is None:
        return ""
    text = fixed_text(mean, 1)
    return f"+{text}" if time == "difference" and float(mean) > 0 and text != "0.0" else text


def _face(mean: float | None, time: str, end: int) -> str | None:
    """Return the colour of a mean; None without one."""
    if mean is None:
        return None
    if time == "difference":
        colour = DIVERGING((mean / end + 1) / 2)
    else:
        colour = SEQUENTIAL(mean / TOP_GRADE)
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])


def _key(axes: Axes, thighs: Thighs, height: float) -> None:
    """Explain the section: an unfilled pair of thighs with abbreviations, and their meaning."""
    blank: dict[str, str | None] = dict.fromkeys(RIGHT_THIGH, INSIDE)
    y = height - 0.08 - BOX[3] * UNIT
    middle = 1.4
    for side, direction in (("right", 1.0), ("left", -1.0)):
        thighs.add(middle - direction * BOX[1] * UNIT, y, side, ABBREVIATIONS, blank)
    x, column = 3.1, 1.55
    words = [f"{short} {muscle}" for muscle, short in ABBREVIATIONS.items()]
    for place, text in enumerate(words):
        axes.text(
            x + (place // 4) * column, height - 0.22 - (place % 4) * 0.17, text, fontsize=7.5,
            color=INK, va="center",
        )  # fmt: skip
    lines = (
        "R patient's right, L left; seen from the feet, front at the top; schematic.",
        "GM lies higher, at the level of the pelvis, and is drawn apart. Circle: femur.",
        "Numbers are mean grades. Hatched: no reading.",
    )
    for place, text in enumerate(lines):
        axes.text(x, height - 0.98 - place * 0.16, text, fontsize=7.5, color=GREY, va="center")


def _colours(axes: Axes, bottom: float, end: int, *, differences: bool) -> None:
    """Draw the colour scales at the foot."""
    bars: list[tuple[float, Any, float, float, str]] = [
        (0.35, SEQUENTIAL, 0, TOP_GRADE, "Mean grade, 0 to 5")
    ]
    if differences:
        bars.append((4.2, DIVERGING, -end, end, "Difference in grade, after less before"))
    y, wide, steps = bottom - 0.32, 2.6, 40
    for x, colours, low, high, title in bars:
        for step in range(steps):
            axes.add_patch(
                # to the end of the bar, so that no seam shows between two steps
                Rectangle((x + wide * step / steps, y), wide * (1 - step / steps), 0.12,
                          facecolor=colours((step + 0.5) / steps), edgecolor="none")
            )  # fmt: skip
        axes.add_patch(
            Rectangle((x, y), wide, 0.12, facecolor="none", edgecolor=GREY, linewidth=0.5)
        )
        axes.text(x, y + 0.2, title, fontsize=7.5, color=INK, va="center")
        ticks = range(TOP_GRADE + 1) if low == 0 else (low, 0, high)
        for tick in ticks:
            at = x + wide * (tick - low) / (high - low)
            axes.text(at, y - 0.09, _tick(tick, low), fontsize=7, color=INK, ha="center",
                      va="center")  # fmt: skip


def _tick(tick: float, low: float) -> str:
    text = fixed_text(tick, 0)
    return f"+{text}" if low < 0 < tick else text
