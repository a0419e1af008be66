"""Thighs grown around the muscles of a real label map.

The label maps of ../shared/data/mri/labels have eleven muscle heads and nothing else. The rest is
drawn in: femur in the gap inside the vasti, muscles without a label in the room that is left
inside the muscles' hull, fat between muscles, fascia, vessels, subcutaneous fat and skin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import phantom_anatomy as tissues
from numpy.typing import NDArray
from phantom_anatomy import (
    FASCIA_MM,
    SEPTUM_MM,
    SKIN_MM,
    Anatomy,
    cell_centres,
    grid,
    region_codes,
    smooth_wave,
    strands,
)
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

THIGH11 = {
    1: "sartorius", 2: "rectus femoris", 3: "vastus lateralis", 4: "vastus intermedius",
    5: "vastus medialis", 6: "adductor magnus", 7: "gracilis", 8: "biceps femoris",
    9: "semitendinosus", 10: "semimembranosus", 11: "biceps femoris",
}  # fmt: skip
"""Numbers of the label maps in shared/data/mri/labels (Apache-2.0; references/mri.md)."""

MISSING = ("gluteus maximus", "adductor longus")
Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Leg:
    """One thigh in one slice on the label map's grid: signed distances in mm, inside negative."""

    muscles: dict[str, Image]
    hull: Image
    femur: tuple[float, float, float]  # index of its middle along both axes, radius in mm
    vessels: tuple[tuple[float, float], ...]


def from_labels(
    path: Path,
    *,
    slices: int | Sequence[int] | None = None,
    spacing: float | None = None,
    finer: int = 2,
    subcutaneous_mm: float = 12.0,
    shape: tuple[int, int] | None = None,
    seed: int = 0,
) -> Anatomy:
    """Grow a pair of thighs around the muscles of a label map.

    Parameters
    ----------
    path
        NIfTI with the numbers of `THIGH11`.
    slices
        How many, spread evenly over those in which both legs have at least eight muscles; or
        their indices from the feet; all of those by default.
    spacing
        In-plane, mm; the label map's by default.
    subcutaneous_mm
        Mean thickness of subcutaneous fat, 3 to 40.
    shape
        In-plane voxels; by default what the thighs need with 12 mm of air around them.
    """
    image = nibabel.as_closest_canonical(nibabel.load(path))
    step = np.asarray(nibabel.affines.voxel_sizes(image.affine), dtype=float)
    labels = _framed(np.asarray(image.dataobj).astype(np.int16), 2 * subcutaneous_mm + 15, step)
    rng = np.random.default_rng([seed, 41])
    legs_of = _split(labels)
    chosen = _choose(labels, legs_of, slices)
    legs = {
        (k, side): _leg(np.where(legs_of[:, :, z] == side, labels[:, :, z], 0), step)
        for k, z in enumerate(chosen)
        for side in (1, 2)
    }
    centre = _centre(labels[:, :, chosen], step)
    gap = max(float(spacing or step[0]), 1e-3)
    if shape is None:
        shape = _shape(legs, step, subcutaneous_mm, gap, centre)
    geometry = grid((*shape, len(chosen)), gap, float(step[2]))
    x, y = cell_centres(geometry, finer)
    of = region_codes(sorted(set(THIGH11.values())))
    size = (x.shape[0], y.shape[1], len(chosen))
    tissue, codes = np.zeros(size, dtype=np.uint8), np.zeros(size, dtype=np.int16)
    leg = np.zeros(size, dtype=np.int8)
    at = ((x[:, 0] + centre[0]) / step[0], (y[0] + centre[1]) / step[1])  # index in the labels
    waves = {side: smooth_wave(x, y, rng, 160) for side in (1, 2)}
    for (k, side), one in legs.items():
        names = {r.name: c for c, r in of.items() if r.side == ("left", "right")[side - 1]}
        lateral = (x if side == 2 else -x) / 100
        fat_mm = subcutaneous_mm * np.clip(1 - 0.2 * lateral + 0.1 * waves[side], 0.4, 1.6)
        own = (x if side == 2 else -x) > 0.3  # the thighs touch in the middle at most
        new_tissue, new_codes = _paint(one, at, names, fat_mm, step)
        new_tissue = np.where(own, new_tissue, tissues.AIR)
        edge = (np.abs(x) < 0.3 + SKIN_MM) & (new_tissue == tissues.ADIPOSE)
        new_tissue[edge] = tissues.SKIN
        new_tissue[(new_tissue == tissues.ADIPOSE) & strands(x, y, rng)] = tissues.FASCIA
        put = new_tissue > tissues.AIR
        tissue[:, :, k][put], codes[:, :, k][put] = new_tissue[put], new_codes[put]
        leg[:, :, k][put] = side
    return Anatomy(geometry, finer, tissue, codes, leg, of, MISSING)


def _framed(
    labels: NDArray[np.int16], margin_mm: float, step: NDArray[np.float64]
) -> NDArray[np.int16]:
    """Cut or widen a label map in the plane so that this margin lies around its labels."""
    for axis in (0, 1):
        filled = np.flatnonzero(labels.any(axis=tuple({0, 1, 2} - {axis})))
        wide = int(np.ceil(margin_mm / step[axis]))
        labels = np.take(labels, np.arange(filled[0], filled[-1] + 1), axis=axis)
        labels = np.pad(labels, [(wide, wide) if a == axis else (0, 0) for a in range(3)])
    return labels


def _split(labels: NDArray[np.int16]) -> NDArray[np.int8]:
    """Return 1 in the left and 2 in the right leg: the plane through the middle of the labels."""
    side = np.zeros(labels.shape, dtype=np.int8)
    for k in range(labels.shape[2]):
        i = np.nonzero(labels[:, :, k])[0]
        if i.size:
            low, high = i.min(), i.max()
            side[: (low + high) // 2 + 1, :, k] = 1
            side[(low + high) // 2 + 1 :, :, k] = 2
    return side


def _choose(
    labels: NDArray[np.int16], legs: NDArray[np.int8], wanted: int | Sequence[int] | None
) -> list[int]:
    """Return indices of the slices to draw, from the feet."""
    if wanted is not None and not isinstance(wanted, int):
        return list(wanted)
    good = [
        k for k in range(labels.shape[2])
        if all(
            len({THIGH11[int(v)] for v in np.unique(labels[:, :, k][legs[:, :, k] == side]) if v})
            >= 8
            for side in (1, 2)
        )
    ]  # fmt: skip
    if wanted is None or wanted >= len(good):
        return good
    places = (
        np.linspace(0, len(good) - 1, wanted + 2)[1:-1]
        if wanted < 3
        else np.linspace(0, len(good) - 1, wanted)
    )
    return [good[round(float(p))] for p in places]


def _centre(labels: NDArray[np.int16], step: NDArray[np.float64]) -> tuple[float, float]:
    """Return the middle of the labels' box in mm from the first voxel's centre."""
    i, j, _ = np.nonzero(labels)
    return (float(i.min() + i.max()) / 2 * step[0], float(j.min() + j.max()) / 2 * step[1])


def _shape(
    legs: dict[tuple[int, int], _Leg],
    step: NDArray[np.float64],
    fat_mm: float,
    spacing: float,
    centre: tuple[float, float],
) -> tuple[int, int]:
    """Return how many voxels the thighs need."""
    reach = [0.0, 0.0]
    for one in legs.values():
        inside = np.nonzero(one.hull < 0)
        for axis in (0, 1):
            mm = inside[axis] * step[axis] - centre[axis]
            reach[axis] = max(reach[axis], float(np.abs(mm).max()))
    return tuple(int(np.ceil(2 * (r + 1.5 * fat_mm + 12) / spacing)) for r in reach)  # type: ignore[return-value]


def _distance(mask: NDArray[np.bool_], step: NDArray[np.float64]) -> Image:
    """Return the signed distance to a mask's border in mm, negative inside, smoothed a little."""
    out = ndimage.distance_transform_edt(~mask, step[:2])
    inside = ndimage.distance_transform_edt(mask, step[:2])
    half = 0.5 * float(step[0])
    signed = np.where(mask, half - inside, out - half).astype(np.float32)
    return np.asarray(ndimage.gaussian_filter(signed, 0.8), dtype=np.float32)


def _hull(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the convex hull of a mask."""
    points = np.argwhere(mask)
    try:
        hull = ConvexHull(points)
    except QhullError:
        return mask
    i, j = np.indices(mask.shape)
    inside = np.ones(mask.shape, dtype=bool)
    for a, b, c in hull.equations:
        inside &= a * i + b * j + c <= 1e-9
    return inside


def _leg(labels: NDArray[np.int16], step: NDArray[np.float64]) -> _Leg:
    """Find hull, femur and vessels of one thigh in one slice."""
    muscles = {}
    for name in dict.fromkeys(THIGH11.values()):
        mask = np.isin(labels, [n for n, m in THIGH11.items() if m == name])
        if mask.sum() > 12:
            muscles[name] = _distance(mask, step)
    tight = _distance(_hull(labels > 0), step)
    rounded = ndimage.gaussian_filter(tight, 8.0 / step[:2])  # a thigh has no corners
    hull = np.minimum(rounded, _distance(labels > 0, step)) - 2.0
    return _Leg(muscles, hull, _femur(labels, hull, step), _vessels(labels, step))


def _femur(
    labels: NDArray[np.int16], hull: Image, step: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Find the largest gap inside the vasti: its middle (index) and radius in mm, 11.5 to 16."""
    free = ndimage.distance_transform_edt((labels == 0) & (hull < 0), step[:2])
    for wanted in ((4,), (3, 4), (3, 4, 5), (2, 3, 4, 5)):
        vasti = np.isin(labels, wanted)
        if vasti.sum() < 50:
            continue
        room = np.where(_hull(vasti), free, 0)
        at = np.unravel_index(int(room.argmax()), room.shape)
        if room[at] >= 9:
            break
    radius = float(np.clip(0.97 * room[at], 11.5, 16))
    return float(at[0]), float(at[1]), radius


def _vessels(
    labels: NDArray[np.int16], step: NDArray[np.float64]
) -> tuple[tuple[float, float], ...]:
    """Place the femoral artery and vein in free room beside the sartorius."""
    if not (labels == 1).any():
        return ()
    away = ndimage.distance_transform_edt(labels != 1, step[:2])
    free = ndimage.distance_transform_edt(labels == 0, step[:2])
    deep = ndimage.distance_transform_edt(_hull(labels > 0), step[:2])
    good = (free > 4.5) & (deep > 8) & (away < 25)
    if not good.any():
        return ()
    cost = np.where(good, away, np.inf)
    at = np.unravel_index(int(cost.argmin()), cost.shape)
    return ((float(at[0]), float(at[1])),)


def _paint(
    one: _Leg,
    at: tuple[NDArray[np.float32], NDArray[np.float32]],
    names: dict[str, int],
    fat_mm: Image,
    step: NDArray[np.float64],
) -> tuple[NDArray[np.uint8], NDArray[np.int16]]:
    """Return tissue and codes of one thigh in one slice on the cells."""
    labels = list(one.muscles)
    stack = np.stack([_sample(one.muscles[name], at) for name in labels])
    first = stack.argmin(axis=0)
    nearest = np.take_along_axis(stack, first[None], axis=0)[0]
    hull = _sample(one.hull, at)
    i, j = at[0][:, None], at[1][None, :]
    to_femur = np.hypot((i - one.femur[0]) * step[0], (j - one.femur[1]) * step[1])
    radius = one.femur[2]
    tissue = np.full(hull.shape, tissues.SEPTUM, dtype=np.uint8)
    # room of some width without a label is muscle that the map does not name
    free = ((nearest > 1.0) & (to_femur > radius + 1.0) & (hull < -1.5)).astype(bool)
    cell = abs(float(at[0][1] - at[0][0])) * float(step[0])
    core = ndimage.distance_transform_edt(free) * cell > 4.5
    other = ndimage.distance_transform_edt(~core) * cell < 4.0
    tissue[free & other] = tissues.OTHER_MUSCLE
    inside = nearest < -SEPTUM_MM / 2
    tissue[inside] = tissues.MUSCLE
    codes = np.where(inside, np.array([names[n] for n in labels], dtype=np.int16)[first], 0)
    tissue[(to_femur < radius + 0.8) & ~inside] = tissues.SEPTUM
    tissue[to_femur < radius] = tissues.CORTEX
    tissue[to_femur < 0.55 * radius] = tissues.MARROW
    for a, b in one.vessels:
        away = np.hypot((i - a) * step[0], (j - b) * step[1])
        tissue[(away < 4.6) & ~inside] = tissues.SEPTUM
        tissue[(away < 3.4) & ~inside] = tissues.VESSEL
    tissue[hull > 0] = tissues.FASCIA
    tissue[hull > FASCIA_MM] = tissues.ADIPOSE
    tissue[hull > fat_mm - SKIN_MM] = tissues.SKIN
    tissue[hull > fat_mm] = tissues.AIR
    codes[tissue != tissues.MUSCLE] = 0
    codes[(tissue == tissues.CORTEX) | (tissue == tissues.MARROW)] = names["femur"]
    return tissue, codes.astype(np.int16)


def _sample(image: Image, at: tuple[NDArray[np.float32], NDArray[np.float32]]) -> Image:
    """Interpolate linearly at a grid of places along both axes; beyond the image its edge."""
    rows = _between(at[0], image.shape[0])
    columns = _between(at[1], image.shape[1])
    low, high, weight = rows
    half = image[low] * (1 - weight)[:, None] + image[high] * weight[:, None]
    low, high, weight = columns
    return np.asarray(half[:, low] * (1 - weight) + half[:, high] * weight, dtype=np.float32)


def _between(
    place: NDArray[np.float32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return both neighbours of each place and the second one's weight."""
    clipped = np.clip(place, 0, n - 1)
    low = np.minimum(np.floor(clipped).astype(np.int64), n - 2)
    return low, low + 1, (clipped - low).astype(np.float32)
