"""Voxels that tell what pure fat and pure muscle look like: where they are and how bright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

from myocohort.mri.body import Body
from myocohort.mri.regions import Regions

SUBCUTANEOUS, BETWEEN, THIN, MARROW = -1, -2, -3, -4
"""Groups of voxels beside the labelled muscles: fat under the skin, what lies between labelled
muscles (fat, vessels, muscles without a label; marrow where the femur has no label), fat under the
skin where the layer is too thin to have a pure middle, and the inside of labelled bone."""

RIM_MM = 1.2
"""Outer part of a muscle that is left out: a voxel of 0.7 to 1 mm across its border, and labels
that are off by one voxel, bring in fat from outside."""

SKIN_MM = 1.0
"""Subcutaneous fat nearer than this to skin or muscle compartment is never used: the dermis is 1 to
2 mm thick and the outline goes through its middle."""

WELL_INSIDE_MM = 3.0
"""Fat this far from skin and muscle is pure as far as its borders go."""

RIDGE_SHARE, RIDGE_MM = 0.75, 6.0
"""Where the layer is thinner, only its middle is used: voxels at least this share as deep as the
deepest within this distance."""

BLUR_MM = 0.6
"""SD of the blur before levels are read: it takes most of the noise of voxels below 1 mm, and is
too small to reach over the margins above."""

NOT_FAT_MM = 1.4
"""Half of what of the layer between outline and muscles is no fat: dermis of 1 to 2 mm (Gibney
2010, Curr Med Res Opin 26:1519: 1.9 mm on the thigh) and fascia of 0.5 to 1 mm."""

RIDGE_REACH_MM = 3.0
"""In a thin or narrow layer the level is read from the brightest line along it within this
distance, for it cannot be told from the outlines where the fat begins."""

NARROW_MM = 6.0
"""Depth of the layer's middle below which it is narrow: fascia lata, and muscles that have no
label, lie some millimetres outside the hull of those that have one, skin 2 mm inside the
outline."""

STEP_MM, MOST_VOXELS = 2.0, 40_000
"""Distance of the voxels used, and how many at most: fields and levels are smooth."""

WET_BLUR_MM = 2.0
"""SD of the blur of the oedema map: T1 and T2 rise together over whole bundles of fibres."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Voxels that are used to find field and anchors.

    Parameters
    ----------
    at_mm
        (n, 3): position along the scan's axes from the middle of the body's box.
    log
        (n,): log signal.
    code
        (n,): region's code, or one of the groups above.
    noise
        SD of a voxel's signal from noise, after the blur.
    wet
        (n,): excess of STIR over muscle without oedema; 0 where not known.
    area_mm2
        Area that a voxel stands for.
    fat_depth_mm
        Median distance of the subcutaneous voxels from skin and muscle; 0 where there are none.
    mostly_thin
        Whether more of the layer under the skin is `THIN` than not.
    """

    at_mm: NDArray[np.float64]
    log: NDArray[np.float64]
    code: NDArray[np.int64]
    noise: float
    wet: NDArray[np.float64]
    area_mm2: float
    fat_depth_mm: float
    mostly_thin: bool = False


def muscle_mask(regions: Regions) -> NDArray[np.bool_]:
    """Return voxels of all labelled muscles and compartments."""
    table = np.zeros(max([*regions.of, int(regions.codes.max(initial=0))], default=0) + 1, bool)
    for code, region in regions.of.items():
        table[code] = region.kind != "bone"
    return np.asarray(table[regions.codes], dtype=np.bool_)


def depth_in_region(codes: NDArray[np.int16], spacing: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how deep each voxel's centre lies under the border of its own region in its slice.

    float32, mm, 0 outside; the border runs half a voxel outside the outermost centres.
    """
    edge = np.zeros(codes.shape, dtype=np.bool_)
    for axis in (0, 1):
        here: list[slice] = [slice(None)] * 3
        there: list[slice] = [slice(None)] * 3
        here[axis], there[axis] = slice(1, None), slice(None, -1)
        differs = codes[tuple(here)] != codes[tuple(there)]
        edge[tuple(here)] |= differs
        edge[tuple(there)] |= differs
    half = float(spacing[:2].mean()) / 2
    depth = np.zeros(codes.shape, dtype=np.float32)
    for k in range(codes.shape[2]):
        inside = codes[:, :, k] > 0
        if inside.any():
            box = ndimage.find_objects(inside.astype(np.uint8))[0]
            outline = np.pad(edge[(*box, k)], 1, constant_values=True)
            far = ndimage.distance_transform_edt(~outline, sampling=tuple(spacing[:2]))
            depth[(*box, k)] = np.where(inside[box], far[1:-1, 1:-1] + half, 0)
    return depth


def _hull(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the convex hull of a mask in a slice."""
    result = np.zeros_like(mask)
    points = np.argwhere(mask)
    if len(points) < 4:
        return result
    try:
        lines = ConvexHull(points).equations
    except QhullError:  # all on one line
        return result
    low, high = points.min(axis=0), points.max(axis=0) + 1
    x, y = np.ogrid[low[0] : high[0], low[1] : high[1]]
    inside = np.ones((high[0] - low[0], high[1] - low[1]), dtype=np.bool_)
    for a, b, c in lines:
        inside &= a * x + b * y + c <= 1e-9
    result[low[0] : high[0], low[1] : high[1]] = inside
    return result


def compartment_hull(muscles: NDArray[np.bool_], body: Body) -> NDArray[np.bool_]:
    """Return the hull of each leg's labelled muscles in each slice."""
    hull = np.zeros(muscles.shape, dtype=np.bool_)
    for k in range(muscles.shape[2]):
        for leg in np.unique(body.leg[:, :, k][muscles[:, :, k]]):
            hull[:, :, k] |= _hull(muscles[:, :, k] & (body.leg[:, :, k] == leg))
    return hull


def _distance(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the distance to the mask in each slice, mm; 0 in slices without any of it."""
    result = np.zeros(mask.shape, dtype=np.float32)
    for k in range(mask.shape[2]):
        if mask[:, :, k].any():
            result[:, :, k] = ndimage.distance_transform_edt(
                ~mask[:, :, k], sampling=tuple(spacing[:2])
            )
    return result


def _groups(
    regions: Regions, body: Body, spacing: NDArray[np.float64]
) -> tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]:
    """Return each voxel's group (0 none), its margin, and the largest margin near it, mm.

    The margin is the distance from skin and from the hull of the muscles, 0 outside the layer.
    """
    half = float(spacing[:2].mean()) / 2
    muscles = muscle_mask(regions)
    hull = compartment_hull(muscles, body)
    group = np.where(muscles, regions.codes, 0).astype(np.int16)
    group[depth_in_region(group, spacing) < RIM_MM] = 0
    outside = _distance(hull, spacing)
    margin = np.where(body.mask & ~hull, np.minimum(outside, body.depth_mm) - half, 0)
    window = [2 * round(RIDGE_MM / step) + 1 for step in spacing[:2]]
    deepest = ndimage.maximum_filter(margin, (*window, 1))
    least = np.maximum(SKIN_MM, np.minimum(WELL_INSIDE_MM, RIDGE_SHARE * deepest))
    labelled = regions.codes > 0
    pure = deepest >= NOT_FAT_MM + 2 * half + BLUR_MM
    layer = body.mask & ~hull & ~labelled
    group[layer & (margin >= least)] = np.where(pure, SUBCUTANEOUS, THIN)[layer & (margin >= least)]
    clear = _distance(labelled, spacing) - half >= SKIN_MM
    group[hull & ~labelled & clear & (body.depth_mm > WELL_INSIDE_MM)] = BETWEEN
    bone = labelled & ~muscles
    if bone.any():
        group[depth_in_region(np.where(bone, regions.codes, 0), spacing) > WELL_INSIDE_MM] = MARROW
    return group, margin.astype(np.float32), np.where(layer, deepest, 0).astype(np.float32)


def _ridge(
    signal: NDArray[np.float32],
    layer: NDArray[np.bool_],
    at: tuple[NDArray[np.int64], ...],
    spacing: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return the signal of the layer's brightest line near each place.

    Of as many voxels as a line through the neighbourhood has, a quarter are brighter: noise does
    not lift it by more than 0.7 to 1 SD, and the darker voxels beside the line do not count.
    """
    reach = [int(RIDGE_REACH_MM / step) for step in spacing[:2]]
    across = max(2 * RIDGE_REACH_MM / float(spacing[:2].mean()), 1.0)
    kept = np.pad(np.where(layer, signal, 0), [(reach[0],) * 2, (reach[1],) * 2, (0, 0)])
    near = [
        kept[at[0] + reach[0] + i, at[1] + reach[1] + j, at[2]]
        for i in range(-reach[0], reach[0] + 1)
        for j in range(-reach[1], reach[1] + 1)
        if (i * spacing[0]) ** 2 + (j * spacing[1]) ** 2 <= RIDGE_REACH_MM**2
    ]
    rank = min(int(across / 4), len(near) - 1)
    return np.asarray(np.sort(np.stack(near), axis=0)[-1 - rank], dtype=np.float32)


def _every(n: int, stride: int) -> NDArray[np.bool_]:
    """Return every so many places along an axis, the same ones counted from either end."""
    from_middle = np.abs(np.arange(n) - (n - 1) / 2).astype(np.int64)
    return np.asarray(from_middle % stride == stride // 2, dtype=np.bool_)


def collect(
    signal: NDArray[np.float32],
    noise_sd: float,
    regions: Regions,
    body: Body,
    spacing: NDArray[np.float64],
) -> tuple[Evidence, tuple[NDArray[np.int64], ...]]:
    """Choose the voxels that field and anchors are found from.

    Parameters
    ----------
    signal
        T1 without noise bias.
    noise_sd
        Of one voxel.
    regions, body
        On the same grid.
    spacing
        mm along each axis.

    Returns
    -------
    The evidence, without oedema, and the voxels' indices.
    """
    group, margin, deepest = _groups(regions, body, spacing)
    widths = BLUR_MM / spacing[:2]
    blurred = ndimage.gaussian_filter(signal, (*widths, 0.0))
    count = int(np.count_nonzero(group))
    area = count * float(spacing[0] * spacing[1])
    step = max(STEP_MM, float(np.sqrt(area / MOST_VOXELS)))
    chosen = np.zeros(group.shape, dtype=np.bool_)
    stride = [max(1, round(step / one)) for one in spacing[:2]]
    rows, columns = (_every(n, one) for n, one in zip(group.shape[:2], stride, strict=True))
    chosen[rows[:, None] & columns] = True
    index = np.nonzero(chosen & (group != 0) & (blurred > 0))
    inside = np.nonzero(body.mask)
    centre = np.array([(one.min() + one.max()) / 2 if one.size else 0.0 for one in inside])
    at = (np.stack(index, axis=1) - centre) * spacing
    code = group[index].astype(np.int64)
    levels = blurred[index]
    thin = code == THIN
    narrow = (code == SUBCUTANEOUS) & (deepest[index] < NARROW_MM)
    for image, those in ((signal, thin), (blurred, narrow)):
        at_these = tuple(one[those] for one in index)
        levels[those] = np.maximum(levels[those], _ridge(image, deepest > 0, at_these, spacing))
    under_skin = margin[index][(code == SUBCUTANEOUS) | thin]
    # a Gaussian of SD w voxels takes white noise down by 2 sqrt(pi) w along each axis, in variance
    left = float(np.prod(1 / np.sqrt(np.maximum(1.0, 2 * np.sqrt(np.pi) * widths))))
    evidence = Evidence(
        at_mm=np.asarray(at, dtype=np.float64),
        log=np.log(levels).astype(np.float64),
        code=code,
        noise=noise_sd * left,
        wet=np.zeros(code.size),
        area_mm2=float(np.prod(spacing[:2]) * stride[0] * stride[1]),
        fat_depth_mm=float(np.median(under_skin)) if under_skin.size else 0.0,
        mostly_thin=bool(2 * np.count_nonzero(thin) > under_skin.size),
    )
    return evidence, index
