"""Pairs of thighs in section, each muscle filled with a colour and written on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from myocohort.report.drawing import GREY, INK
from myocohort.report.imaging.thigh_map_shapes import (
    FASCIA,
    FEMUR,
    RIGHT_THIGH,
    SKIN,
    Point,
    mirrored,
)

INSIDE = "#fbfaf6"
"""Between the muscles, in any page: what is written across stays readable."""
DARK, LIGHT = "#10202f", "#fdfdfd"
"""Ink on a muscle; its colour is the same in any page."""
UNIT = 0.535
"""Inches of a unit of `thigh_map_shapes`."""
NUMBER_SIZE = 7.0
"""Of the numbers, points."""
_BONE, _MARROW, _BONE_EDGE = "#ece8df", "#fbf9f3", "#8a8478"
_ROUND = 0.32  # of an edge, from a corner
_CLEAR = 0.13  # units between the middle of a number and the line that leads from it


def _path(outline: Sequence[Point], direction: float) -> Path:
    """Return an outline with round corners, in inches around the middle of the thigh."""
    corners = np.array([(direction * x, y) for x, y in outline]) * UNIT
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    starts = corners + _ROUND * (before - corners)
    ends = corners + _ROUND * (after - corners)
    points = np.stack([starts, corners, ends], axis=1).reshape(-1, 2)
    codes = [Path.LINETO, Path.CURVE3, Path.CURVE3] * len(corners)
    codes[0] = Path.MOVETO
    return Path(np.vstack([points, points[:1]]), [*codes, Path.CLOSEPOLY])


class Thighs:
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
            return x + u * UNIT, y + v * UNIT

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
                share = _CLEAR * UNIT / abs(end[1] - v)
                self._leaders.append(((u + share * (end[0] - u), v + share * (end[1] - v)), end))
            elif face is not None:
                colour = _on(face)
            self._axes.text(
                u, v, texts[muscle], fontsize=NUMBER_SIZE, color=colour, ha="center", va="center",
                zorder=5,
            )  # fmt: skip
        self._axes.text(
            *at((-0.98, 0.60)), side[0].upper(), fontsize=8, fontweight="bold", color=INK,
            ha="center", va="center",
        )  # fmt: skip

    def draw(self) -> None:
        """Draw the outlines of all thighs."""
        self._put(_ellipse(*SKIN), self._middles, "none", GREY, 0.7)
        self._put(_ellipse(*FASCIA), self._middles, INSIDE, GREY, 0.4)
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
            ends[:, 0], ends[:, 1], color=DARK, marker="o", markersize=2.0, linestyle="none",
            markeredgecolor=LIGHT, markeredgewidth=0.4, zorder=4,
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
    return Path.unit_circle().transformed(Affine2D().scale(across * UNIT, upright * UNIT))


def _on(face: str) -> str:
    """Return the ink that is read best on a colour."""
    red, green, blue = (int(face[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else LIGHT
