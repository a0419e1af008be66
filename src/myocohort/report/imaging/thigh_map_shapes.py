"""The schematic section through a thigh: where each muscle lies at mid-thigh.

Drawn for the patient's right thigh as an axial MRI shows it, seen from the feet: the outer side
is at the left (negative x), the front at the top (positive y), the skin an ellipse of about 1.
It is a drawing after the usual order of the muscles and not a measured section. The gluteus
maximus does not reach the middle of the thigh; it lies higher, and is a patch of its own behind
and outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]

SKIN = (0.99, 1.02)
"""Half axes of the skin."""
FASCIA = (0.93, 0.95)
"""Half axes of the border between subcutaneous fat and muscles."""
FEMUR = ((-0.10, 0.10), 0.125)
"""Centre and radius."""
BOX = (-1.11, 1.21, -1.4, 1.1)
"""Left, right, lowest and highest point of one thigh with its labels."""
ABBREVIATIONS = {
    "gluteus maximus": "GM", "vastus intermedius": "VI", "vastus medialis": "VM",
    "vastus lateralis": "VL", "rectus femoris": "RF", "biceps femoris": "BF",
    "semitendinosus": "ST", "semimembranosus": "SM", "adductor magnus": "AM",
    "sartorius": "SA", "adductor longus": "AL", "gracilis": "GR",
}  # fmt: skip
"""As the key of the figure explains them."""
_GAP = 0.035  # left free between two muscles, on each side


@dataclass(frozen=True, slots=True)
class Shape:
    """One muscle of the right thigh.

    Parameters
    ----------
    outline
        Corners in order; they are drawn round.
    number
        Where its number stands.
    leader
        Where the line from the number to the muscle ends; None where the number fits into it.
    """

    outline: tuple[Point, ...]
    number: Point
    leader: Point | None = None


def _edge(angle: float) -> Point:
    """Return the point of the fascia at an angle from the inner side, in degrees."""
    turn = math.radians(angle)
    return FASCIA[0] * math.cos(turn), FASCIA[1] * math.sin(turn)


def _arc(start: float, end: float) -> list[Point]:
    steps = max(2, round(abs(end - start) / 18))
    return [_edge(start + (end - start) * step / steps) for step in range(steps + 1)]


# Corners that neighbours share, so that muscles lie side by side and never over each other.
_SARTORIUS_LONGUS = (0.62, 0.10)
_MEDIALIS_LONGUS = (0.31, 0.29)
_BEHIND_INNER = (0.11, -0.03)
_BEHIND = (-0.12, -0.09)
_FRONT_INNER = (0.18, 0.52)
_FRONT = (-0.09, 0.44)
_FRONT_OUTER = (-0.38, 0.54)
_OUTER = (-0.38, 0.18)
_LOW_OUTER = (-0.30, -0.04)
_INNER = (0.11, 0.25)
_BICEPS_TOP = (-0.16, -0.17)
_BICEPS_OUTER = (-0.44, -0.20)
_BICEPS_INNER = (-0.17, -0.43)
_TENDINOSUS_INNER = (0.17, -0.43)
_MEMBRANOSUS_INNER = (0.55, -0.38)
_LONGUS_MAGNUS = (0.63, -0.14)
_MAGNUS_TOP = (0.20, -0.15)

_CORNERS: dict[str, tuple[list[Point], Point, Point | None]] = {
    "rectus femoris": (
        [*_arc(70, 120), _FRONT_OUTER, _FRONT, _FRONT_INNER], (-0.08, 0.68), None,
    ),
    "vastus medialis": (
        [*_arc(30, 70), _FRONT_INNER, _INNER, _MEDIALIS_LONGUS], (0.44, 0.49), None,
    ),
    "vastus intermedius": (
        [_FRONT_INNER, _FRONT, _FRONT_OUTER, _OUTER, _LOW_OUTER, _BEHIND, _BEHIND_INNER, _INNER],
        (-0.86, 0.98), (-0.25, 0.34),
    ),
    "vastus lateralis": (
        [*_arc(120, 204), _BICEPS_OUTER, _LOW_OUTER, _OUTER, _FRONT_OUTER], (-0.64, 0.14), None,
    ),
    "biceps femoris": (
        [*_arc(204, 250), _BICEPS_INNER, _BICEPS_TOP, _BICEPS_OUTER], (-0.44, -0.48), None,
    ),
    "semitendinosus": (
        [*_arc(250, 286), _TENDINOSUS_INNER, _BICEPS_INNER], (-0.02, -0.68), None,
    ),
    "semimembranosus": (
        [*_arc(286, 329), _MEMBRANOSUS_INNER, _TENDINOSUS_INNER], (0.44, -0.61), None,
    ),
    "adductor magnus": (
        [_BICEPS_TOP, _BICEPS_INNER, _TENDINOSUS_INNER, _MEMBRANOSUS_INNER, _LONGUS_MAGNUS,
         _MAGNUS_TOP, _BEHIND],
        (0.20, -0.29), None,
    ),
    "adductor longus": (
        [_MEDIALIS_LONGUS, _SARTORIUS_LONGUS, _LONGUS_MAGNUS, _MAGNUS_TOP, _BEHIND_INNER],
        (0.38, 0.03), None,
    ),
    "gracilis": (
        [*_arc(329, 355), _SARTORIUS_LONGUS, _LONGUS_MAGNUS, _MEMBRANOSUS_INNER],
        (0.93, -0.92), (0.75, -0.20),
    ),
    "sartorius": (
        [*_arc(-5, 30), _MEDIALIS_LONGUS, _SARTORIUS_LONGUS], (0.93, 0.92), (0.73, 0.23),
    ),
    "gluteus maximus": (
        [(-1.10, -0.90), (-0.93, -0.80), (-0.60, -0.94), (-0.36, -1.12), (-0.42, -1.34),
         (-0.74, -1.36), (-1.02, -1.22)],
        (-0.74, -1.10), None,
    ),
}  # fmt: skip


def _shrunk(corners: list[Point]) -> tuple[Point, ...]:
    """Move each edge inwards, so that neighbours do not touch."""
    area = sum(
        x * v - u * y for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1], strict=True)
    )
    turned = 1.0 if area > 0 else -1.0
    found = []
    for place, (x, y) in enumerate(corners):
        before, after = corners[place - 1], corners[(place + 1) % len(corners)]
        moves = []
        for (a, b), (c, d) in ((before, (x, y)), ((x, y), after)):
            length = math.hypot(c - a, d - b)
            moves.append((-(d - b) / length * turned, (c - a) / length * turned))
        found.append(
            (x + _GAP * (moves[0][0] + moves[1][0]) / 2, y + _GAP * (moves[0][1] + moves[1][1]) / 2)
        )
    return tuple(found)


RIGHT_THIGH: dict[str, Shape] = {
    muscle: Shape(_shrunk(corners), number, leader)
    for muscle, (corners, number, leader) in _CORNERS.items()
}
"""Muscle -> its shape in the right thigh; the left thigh is its mirror image."""


def mirrored(point: Point) -> Point:
    """Return the point of the left thigh."""
    return -point[0], point[1]
