"""Both thighs in section, each muscle coloured by its mean grade: before, after, difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import shortened
from myocohort.report.imaging.thigh_map_shapes import (
    ABBREVIATIONS,
    BOX,
    FASCIA,
    FEMUR,
    RIGHT_THIGH,
    SKIN,
    Point,
    mirrored,
)
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
_DARK, _LIGHT = "#10202f", "#fdfdfd"  # numbers on a muscle; its colour is the same in any page
_INSIDE = "#fbfaf6"  # between the muscles, in any page: what is written across stays readable
_BONE, _MARROW, _BONE_EDGE = "#ece8df", "#fbf9f3", "#8a8478"
TIMES = (
    ("before", "Before treatment"),
    ("after", "After: month {month}"),
    ("difference", "Difference (after less before)"),
)

_WIDTH = 7.6  # inches, as are all lengths here
_UNIT = 0.535
_THIGH = (BOX[3] - BOX[2]) * _UNIT
_HEADING, _TITLES, _GAP = 0.24, 0.3, 0.1
_KEY, _SCALES = 1.5, 0.55
_SIZE = 7.0  # of the numbers, points
_ROUND = 0.32  # of an edge, from a corner
_CLEAR = 0.13  # units between the middle of a number and the line that leads from it


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
    thighs = _Thighs(axes)
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
    thighs: _Thighs,
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
    y = top - BOX[3] * _UNIT
    for side, direction in (("right", 1.0), ("left", -1.0)):
        x = middle - direction * BOX[1] * _UNIT
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


def _path(outline: Sequence[Point], direction: float) -> Path:
    """Return an outline with round corners, in inches around the middle of the thigh."""
    corners = np.array([(direction * x, y) for x, y in outline]) * _UNIT
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    starts = corners + _ROUND * (before - corners)
    ends = corners + _ROUND * (after - corners)
    points = np.stack([starts, corners, ends], axis=1).reshape(-1, 2)
    codes = [Path.LINETO, Path.CURVE3, Path.CURVE3] * len(corners)
    codes[0] = Path.MOVETO
    return Path(np.vstack([points, points[:1]]), [*codes, Path.CLOSEPOLY])


class _Thighs:
    """Collects all thighs of a figure, so that each outline is written once and used often."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._middles: list[Point] = []
        self._bones: list[Point] = []
        self._muscles: dict[tuple[str, str], list[tuple[Point, str | None]]] = {}
        self._leaders: list[tuple[Point, Point]] = []

    def add(
        self,
        x: float,
        y: float,
        side: str,
        texts: Mapping[str, str],
        faces: Mapping[str, str | None],
    ) -> None:
        """Put one thigh around its middle, the left one as the mirror image of the right."""

        def at(point: Point) -> Point:
            u, v = point if side == "right" else mirrored(point)
            return x + u * _UNIT, y + v * _UNIT

        self._middles.append((x, y))
        self._bones.append(at(FEMUR[0]))
        for muscle, shape in RIGHT_THIGH.items():
            face = faces[muscle]
            self._muscles.setdefault((muscle, side), []).append(((x, y), face))
            if not texts[muscle]:
                continue
            (u, v), colour = at(shape.number), INK
            if shape.leader is not None:
                end = at(shape.leader)
                share = _CLEAR * _UNIT / abs(end[1] - v)
                self._leaders.append(((u + share * (end[0] - u), v + share * (end[1] - v)), end))
            elif face is not None:
                colour = _on(face)
            self._axes.text(
                u, v, texts[muscle], fontsize=_SIZE, color=colour, ha="center", va="center",
                zorder=5,
            )  # fmt: skip
        self._axes.text(
            *at((-0.98, 0.60)), side[0].upper(), fontsize=8, fontweight="bold", color=INK,
            ha="center", va="center",
        )  # fmt: skip

    def draw(self) -> None:
        """Draw the outlines of all thighs."""
        self._put(_ellipse(*SKIN), self._middles, "none", GREY, 0.7)
        self._put(_ellipse(*FASCIA), self._middles, _INSIDE, GREY, 0.4)
        for (muscle, side), places in self._muscles.items():
            path = _path(RIGHT_THIGH[muscle].outline, 1.0 if side == "right" else -1.0)
            read = [(middle, face) for middle, face in places if face is not None]
            unread = [middle for middle, face in places if face is None]
            if read:
                self._put(path, [m for m, _ in read], [str(f) for _, f in read], GREY, 0.35)
            if unread:
                self._put(path, unread, "none", GREY, 0.35, hatch="////////")
        for share, face in ((1.0, _BONE), (0.55, _MARROW)):
            radius = FEMUR[1] * share
            self._put(_ellipse(radius, radius), self._bones, face, _BONE_EDGE, 0.5)
        if not self._leaders:
            return
        self._axes.add_collection(
            LineCollection(self._leaders, colors=GREY, linewidths=0.6, zorder=4), autolim=False
        )
        ends = np.array([end for _, end in self._leaders])
        self._axes.plot(
            ends[:, 0], ends[:, 1], color=_DARK, marker="o", markersize=2.0, linestyle="none",
            markeredgecolor=_LIGHT, markeredgewidth=0.4, zorder=4,
        )  # fmt: skip

    def _put(
        self,
        path: Path,
        middles: Sequence[Point],
        faces: str | Sequence[str],
        edge: str,
        width: float,
        hatch: str | None = None,
    ) -> None:
        figure = self._axes.get_figure(root=True)
        if figure is None:
            return
        self._axes.add_collection(
            PathCollection(
                [path],
                offsets=np.array(middles),
                offset_transform=self._axes.transData,
                transform=figure.dpi_scale_trans,
                facecolors=faces,
                edgecolors=edge,
                linewidths=width,
                hatch=hatch,
            ),
            autolim=False,
        )


def _ellipse(across: float, upright: float) -> Path:
    return Path.unit_circle().transformed(Affine2D().scale(across * _UNIT, upright * _UNIT))


def _on(face: str) -> str:
    """Return the ink that is read best on a colour."""
    red, green, blue = (int(face[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else _LIGHT


def _key(axes: Axes, thighs: _Thighs, height: float) -> None:
    """Explain the section: an unfilled pair of thighs with abbreviations, and their meaning."""
    blank: dict[str, str | None] = dict.fromkeys(RIGHT_THIGH, _INSIDE)
    y = height - 0.08 - BOX[3] * _UNIT
    middle = 1.4
    for side, direction in (("right", 1.0), ("left", -1.0)):
        thighs.add(middle - direction * BOX[1] * _UNIT, y, side, ABBREVIATIONS, blank)
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
