"""Fat of each muscle, from a map of fat fractions of any sequence; and fat between the muscles.

A voxel at a muscle's rim holds some of what lies outside, and a label is seldom right to a voxel.
The rim is therefore not measured: each of its voxels takes the fraction of the nearest voxel of the
core, so that a muscle whose periphery differs from its middle keeps the weight of its periphery.
Muscle that is washed out often remains at the periphery: where the fraction rises or falls towards
the border inside the core, it is taken to go on so in the rim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.fat_map import FatMap, RegionFat, SliceFat
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import Scan

RIM_MM = (1.5, 1.0, 0.5, 0.0)
"""Depth of the rim; the first that leaves `LEAST_CORE` of the muscle in a slice. A border voxel of
0.7 to 1 mm and a label that is off by one voxel together reach that deep."""

LEAST_CORE = 0.25
"""Share of a muscle in a slice that the core must have."""

RIM_SD = 0.06
"""SD of the difference between rim and the core next to it: a layer of 1.5 mm of partly replaced
muscle against the next one."""

BELT_MM = 4.0
"""Outermost part of the core that tells how the fraction changes towards the border; over more than
two or three rims' depths it need not be a straight line."""

SLOPE_PER_MM = 0.1
"""SD of that change before a muscle is looked at, where half of it is fat: from all muscle at the
border to all fat in the middle of a muscle 20 mm thick, or the other way round."""

PATCH_MM2 = 9.0
"""Area over which neighbours are alike: bundles of fibres and lobules of fat are 1 to 5 mm wide."""

INDEPENDENT = 0.5
"""Share of voxels that count as independent: reconstruction and resampling correlate neighbours."""

LITTLE_MEASURED = 0.5
"""Below this share of voxels with a value a warning is given."""

CLOSING_MM = 12.0
"""Gaps between muscles up to twice this wide belong to the muscle compartment."""

NO_SIGNAL = -0.2
"""A fraction below this is no signal: cortical bone, vessels with flow."""

SHAFT_CM2 = (3.0, 14.0)
"""Area of the femur with its cortex across the thigh."""

SHAFT_GAP_MM = 2.0
"""Gaps in the ring of cortex that are closed."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """One region in one slice: fraction and depth of each of its voxels, and which are measured.

    `values` and `at_mm` of a voxel of the rim are those of the nearest voxel of the core.
    """

    values: NDArray[np.float32]
    at_mm: NDArray[np.float32]
    depth_mm: NDArray[np.float32]
    core: NDArray[np.bool_]


def fat_of_regions(fat_map: FatMap, regions: Regions, scan: Scan) -> dict[int, RegionFat]:
    """Measure every region but bone.

    Parameters
    ----------
    fat_map
        On the regions' grid.
    regions
        Muscles.
    scan
        That the map was made of: its geometry gives areas, volumes and positions.

    Returns
    -------
    Code -> fat; a region without voxels in this scan has none of the numbers and says so.
    """
    boxes = ndimage.find_objects(regions.codes)
    result = {}
    for code, region in regions.of.items():
        if region.kind == "bone":
            continue
        box = boxes[code - 1] if code <= len(boxes) else None
        if box is None:
            result[code] = RegionFat(
                0, 0.0, 0, None, None, None, None, None, (),
                (f"The {region.side} {region.name} is not in this scan.",),
            )  # fmt: skip
        else:
            result[code] = _measure(fat_map, regions.codes[box] == code, box, region, scan)
    return result


def _measure(
    fat_map: FatMap,
    mask: NDArray[np.bool_],
    box: tuple[slice, ...],
    region: Region,
    scan: Scan,
) -> RegionFat:
    geometry = scan.geometry
    fraction = fat_map.fraction[box]
    area_cm2 = float(np.prod(geometry.spacing[:2])) / 100
    heights = geometry.slice_positions()[box[2]]
    found: dict[int, _Slice | None] = {}
    for k in range(mask.shape[2]):
        if mask[:, :, k].any():
            found[k] = _slice(fraction[:, :, k], mask[:, :, k], geometry.spacing)
    parts = [part for part in found.values() if part is not None]
    slope, slope_sd = _towards_border(parts, area_cm2 * 100)
    slices, values = [], []
    for k, part in found.items():
        count = int(mask[:, :, k].sum())
        share = mean = None
        if part is not None:
            values.append(_extended(part, slope))
            share = float((values[-1] > 0.5).mean())
            mean = float(np.clip(values[-1].mean(), 0, 1))
        index = int(box[2].start) + k
        slices.append(SliceFat(index, float(heights[k]), count, count * area_cm2, share, mean))
    voxels = int(mask.sum())
    volume = voxels * geometry.voxel_ml
    name = f"{region.side} {region.name}"
    if not parts:
        return RegionFat(
            voxels, volume, 0, None, None, None, None, None, tuple(slices),
            (f"No voxel of the {name} has a fraction.",),
        )  # fmt: skip
    return _pooled(fat_map, parts, values, slope_sd, voxels, volume, tuple(slices), name)


def _slice(
    fraction: NDArray[np.float32], mask: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> _Slice | None:
    """Return the fractions of a region's voxels in a slice, the rim's taken from the core."""
    known = mask & np.isfinite(fraction)
    if not known.any():
        return None
    padded = np.pad(mask, 1)
    depth = ndimage.distance_transform_edt(padded, sampling=tuple(spacing[:2]))[1:-1, 1:-1]
    depth = depth - float(spacing[:2].mean()) / 2
    core = known
    for rim in RIM_MM:
        core = known & (depth >= rim)
        if core.sum() >= LEAST_CORE * mask.sum():
            break
    if not core.any():
        core = known
    near = ndimage.distance_transform_edt(
        ~core, sampling=tuple(spacing[:2]), return_distances=False, return_indices=True
    )
    at = depth.astype(np.float32)
    return _Slice(fraction[tuple(near)][mask], at[tuple(near)][mask], at[mask], core[mask])


def _towards_border(parts: list[_Slice], voxel_mm2: float) -> tuple[float, float]:
    """Return the change of the fraction per mm of depth in the outer core, and its SD.

    A straight line in each slice, with one slope for all, drawn towards 0 as far as it may be an
    accident of the muscle's pattern.
    """
    depth, values = [], []
    for part in parts:
        at = part.depth_mm[part.core].astype(np.float64)
        if not at.size:
            continue
        belt = at <= at.min() + BELT_MM
        of_belt = part.values[part.core][belt].astype(np.float64)
        depth.append(at[belt] - at[belt].mean())
        values.append(of_belt - of_belt.mean())
    if not depth:
        return 0.0, 0.0
    x, y = np.concatenate(depth), np.concatenate(values)
    mean = float(np.clip(np.mean([one.values.mean() for one in parts]), 0.0, 1.0))
    usual = SLOPE_PER_MM**2 * 4 * mean * (1 - mean)
    spread = float((x * x).sum())
    if spread <= 0 or usual <= 0:
        return 0.0, float(np.sqrt(usual))
    slope = float((x * y).sum()) / spread
    alike = max(1.0, PATCH_MM2 / voxel_mm2)
    variance = float(((y - slope * x) ** 2).mean()) * alike / spread
    kept = usual / (usual + variance)
    return slope * kept, float(np.sqrt(variance * kept))


def _extended(part: _Slice, slope: float) -> NDArray[np.float32]:
    """Return the fractions of a slice with the rim's continued from the core by a slope."""
    change = np.float32(slope) * (part.depth_mm - part.at_mm)
    low, high = np.minimum(part.values, 0), np.maximum(part.values, 1)
    return np.where(part.core, part.values, np.clip(part.values + change, low, high))


def _pooled(
    fat_map: FatMap,
    parts: list[_Slice],
    extended: list[NDArray[np.float32]],
    slope_sd: float,
    voxels: int,
    volume: float,
    slices: tuple[SliceFat, ...],
    name: str,
) -> RegionFat:
    """Put the slices of a region together, with the error of the whole."""
    values = np.concatenate(extended)
    nearest = np.concatenate([one.values for one in parts])
    reach = np.concatenate([one.at_mm - one.depth_mm for one in parts])
    core = np.concatenate([one.core for one in parts])
    measured = int(core.sum())
    mean = float(values.mean(dtype=np.float64))
    share = float((values > 0.5).mean())
    fraction = min(max(mean, 0.0), 1.0)
    noise = fat_map.noise_sd / np.sqrt(max(measured * INDEPENDENT, 1.0))
    anchors = (1 - fraction) * fat_map.sd_at_zero**2 + fraction * fat_map.sd_at_one**2
    # pure muscle and pure fat have no texture: their rim is what their core is
    texture = 2 * float(np.sqrt(fraction * (1 - fraction)))
    rim = float(1 - core.mean()) * RIM_SD * texture
    continued = float(np.where(core, 0, reach).mean()) * slope_sd
    moved = (mean - float(nearest.mean(dtype=np.float64))) / 2
    sd = float(np.sqrt(noise**2 + anchors + rim**2 + continued**2 + moved**2))
    low, high = max(fraction - 1.96 * sd, 0.0), min(fraction + 1.96 * sd, 1.0)
    told = []
    known = sum(one.values.size for one in parts)
    if known < voxels * LITTLE_MEASURED:
        told.append(f"Less than half of the {name} has a fraction.")
    limit = fat_map.ambiguous_above
    if limit is not None and high > limit:
        told.append(
            f"The fraction of the {name} may be {1 - fraction:.0%} as well as {fraction:.0%}: this "
            f"scan cannot tell fractions above {limit:g} from their mirror image."
        )
    return RegionFat(voxels, volume, measured, share, fraction, sd, low, high, slices, tuple(told))


def intermuscular(fat_map: FatMap, regions: Regions, body: Body) -> dict[str, Any]:
    """Measure fat between the muscles of each thigh against fat inside them.

    The muscle compartment is the labelled muscles with the gaps of up to 24 mm between them closed.
    Fat between the muscles is the fat of its voxels outside labelled muscles and the femur. Muscles
    that have no label lie there too: their fat counts as fat between muscles.

    Parameters
    ----------
    fat_map
        Fractions.
    regions, body
        On the same grid.

    Returns
    -------
    "left" and "right" -> compartment_ml, intermuscular_fat_ml, intramuscular_fat_ml, share (of the
    compartment's fat that lies between the muscles), warnings; None where nothing can be said.
    """
    spacing = fat_map.geometry.spacing
    result: dict[str, Any] = {}
    bones = [code for code, region in regions.of.items() if region.kind == "bone"]
    muscles = [code for code, region in regions.of.items() if region.kind != "bone"]
    bone = np.isin(regions.codes, bones)
    muscle = np.isin(regions.codes, muscles)
    for number, side in ((1, "left"), (2, "right")):
        leg = body.leg == number
        if not (muscle & leg).any():
            result[side] = None
            continue
        box = ndimage.find_objects((muscle & leg).astype(np.uint8))[0]
        result[side] = _between(
            fat_map.fraction[box], (muscle & leg)[box], (bone & leg)[box], spacing,
            fat_map.geometry.voxel_ml,
        )  # fmt: skip
    return result


def _between(
    fraction: NDArray[np.float32],
    muscle: NDArray[np.bool_],
    bone: NDArray[np.bool_],
    spacing: NDArray[np.float64],
    voxel_ml: float,
) -> dict[str, Any]:
    fat = np.clip(np.nan_to_num(fraction), 0, 1)
    compartment = np.zeros(muscle.shape, dtype=np.bool_)
    femur = bone.copy()
    missed = 0
    for k in range(muscle.shape[2]):
        if not muscle[:, :, k].any():
            continue
        compartment[:, :, k] = _closed(muscle[:, :, k], CLOSING_MM, spacing)
        if not bone[:, :, k].any():
            shaft = _shaft(fraction[:, :, k], compartment[:, :, k] & ~muscle[:, :, k], spacing)
            femur[:, :, k] = shaft
            missed += not shaft.any()
    slices = int(muscle.any(axis=(0, 1)).sum())
    between = compartment & ~muscle & ~femur
    told = []
    outside: float | None = float(fat[between].sum()) * voxel_ml
    inside = float(fat[muscle].sum()) * voxel_ml
    if missed > 0.25 * slices:
        outside = None
        told.append(
            f"The femur has no label and was not seen in {missed} of {slices} slices; its marrow "
            "would count as fat between muscles, so that no volume is given."
        )
    elif missed:
        told.append(f"The femur was not seen in {missed} of {slices} slices; its marrow counts.")
    total = None if outside is None else inside + outside
    return {
        "compartment_ml": round(float((compartment & ~femur).sum()) * voxel_ml, 2),
        "intermuscular_fat_ml": None if outside is None else round(outside, 2),
        "intramuscular_fat_ml": round(inside, 2),
        "share": round(outside / total, 4) if outside is not None and total else None,
        "warnings": told,
    }


def _closed(
    mask: NDArray[np.bool_], reach_mm: float, spacing: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Close gaps of up to twice the reach in a slice, and fill what is enclosed."""
    pad = [int(np.ceil(reach_mm / step)) + 1 for step in spacing[:2]]
    padded = np.pad(mask, [(pad[0], pad[0]), (pad[1], pad[1])])
    plane = tuple(spacing[:2])
    grown = ndimage.distance_transform_edt(~padded, sampling=plane) <= reach_mm
    shut = ndimage.distance_transform_edt(grown, sampling=plane) > reach_mm
    filled = ndimage.binary_fill_holes(shut | padded)
    inner = filled[pad[0] : filled.shape[0] - pad[0], pad[1] : filled.shape[1] - pad[1]]
    return np.asarray(inner, dtype=np.bool_)


def _shaft(
    fraction: NDArray[np.float32], gaps: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return the femur among the gaps between muscles: marrow inside a ring without signal."""
    ring = gaps & ~(np.nan_to_num(fraction, nan=-1.0) > NO_SIGNAL)
    filled = _closed(ring, SHAFT_GAP_MM, spacing)
    label, count = ndimage.label(filled)
    low, high = SHAFT_CM2
    best, area_of = np.zeros_like(gaps), 0.0
    for one in range(1, count + 1):
        found = label == one
        area = float(found.sum()) * float(np.prod(spacing[:2])) / 100
        if low <= area <= high and area > area_of and (found & ~ring).sum() > 0.2 * found.sum():
            best, area_of = found, area
    return best
