"""Oedema on STIR: a map of signal over the patient's normal muscle, and its share in each muscle.

Quantitative STIR (Sci Rep 2020;10:7246): a muscle is STIR-positive where more than 2.5% of its
pixels exceed a limit that comes from the averaged histograms of healthy controls. That study
found 95% agreement with T2 mapping, against 84% for reading by eye. Added here: the receive field
is taken out without taking oedema for it (`mri.stir.field`), fat that dilutes muscle is allowed
for, failed fat suppression is left out (`mri.stir.suppression`), and without controls the limit
comes from the patient's own muscle (`mri.stir.limit`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.fat_map import FatMap
from myocohort.mri.oedema_map import OedemaMap, RegionOedema
from myocohort.mri.regions import Region, Regions
from myocohort.mri.scan import Geometry, Scan, ScanError
from myocohort.mri.stir.controls import (
    EXCESS_FROM,
    EXCESS_STEP,
    POSITIVE_SHARE,
    ControlLimit,
    excess_histogram,
)
from myocohort.mri.stir.limit import Limit, averaged, limit_of, normal_sd, without_spots
from myocohort.mri.stir.muscle_voxels import (
    MUSCULAR,
    RIM_MM,
    block_means,
    border_depth_mm,
    muscle_codes,
)
from myocohort.mri.stir.reference import PLAIN, Reference, find_reference
from myocohort.mri.stir.suppression import UNCHECKED, Suppression, find_failures

LITTLE_FAT = 0.25
"""Fat fraction up to which a voxel may serve as muscle reference."""

MOSTLY_FAT = 0.7
"""Above this fraction a voxel holds too little muscle to say whether that is oedematous: an error
of 0.1 in the fraction would pass for an excess of a third."""

LEAST_LEFT = 1 / 3
"""Share of a muscle that must be left beside failed fat suppression."""

LEAST_MUSCLE = 0.1
"""Share of a muscle that must not be mostly fat."""

LEAST_AREA_MM2 = 50.0
"""Area, over all slices, below which a muscle is not judged."""

INSIDE_MM = 3.0
"""Deeper than this below a muscle's border, oedema is called inside it."""

SLICE_AREA_MM2 = 20.0
"""Area of a muscle in a slice that counts for its extent along the thigh."""

MODERATE_EXCESS = 0.35
"""Mean excess of positive voxels from which oedema is called moderate. A project default, not a
published limit: at an echo time of 50 ms muscle whose T2 rose from 33 to 41 ms gives it."""

LEAST_BLIND = 0.5
"""Share of the muscle area that must be at the darkest common level where fat is not known. Below
it muscle diluted by fat may be that level, and healthy muscle would pass for oedema."""

NO_REFERENCE = (
    "No signal level is shared by enough muscle to serve as muscle without oedema: oedema cannot "
    "be measured in this scan."
)
ALL_FAT = (
    "By the fat map no muscle has less than 50% of fat, so none can serve as muscle without "
    "oedema: oedema cannot be measured in this scan."
)
MIXED_BLIND = (
    "Only {share:.0%} of the muscle is at the darkest common level. Without a fat map it cannot be "
    "told whether that is muscle with fat or the rest has oedema: oedema is not measured. Give a "
    "T1 or a Dixon of the same session."
)


@dataclass(frozen=True, slots=True)
class _Crop:
    """The part of a scan that holds the body."""

    box: tuple[slice, slice, slice]
    values: NDArray[np.float32]
    codes: NDArray[np.int16]
    labelled: NDArray[np.bool_]
    depth: NDArray[np.float32]
    fat: NDArray[np.float32] | None
    body: Body
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class _Referenced:
    """Signal over the muscle reference, which voxels that rests on, and where fat is bright."""

    reference: Reference
    ratio: NDArray[np.float32]
    normal: NDArray[np.bool_]
    suppression: Suppression


@dataclass(frozen=True, slots=True)
class _Signal:
    """Signal against that of muscle without oedema.

    `surplus` is the signal above what muscle without oedema and with that much fat would give, in
    units of pure muscle's signal; its noise is that of the scan whatever the fat. `averaged` is the
    same in measured muscle, over a voxel's neighbourhood, and NaN elsewhere.
    """

    reference: Reference
    suppression: Suppression
    surplus: NDArray[np.float32]
    averaged: NDArray[np.float32]
    water: NDArray[np.float32] | None
    sd: float


def measure_stir(
    scan: Scan,
    regions: Regions,
    body: Body,
    *,
    fat_fraction: NDArray[np.float32] | FatMap | None = None,
    controls: ControlLimit | None = None,
) -> OedemaMap:
    """Map the signal over the patient's normal muscle, and the voxels with oedema.

    Parameters
    ----------
    scan
        STIR, magnitude.
    regions
        Muscles on its grid.
    body
        Of the scan.
    fat_fraction
        Fat fraction of each voxel on the same grid, where T1 or Dixon gave one. Fat is dark on
        STIR: without it, oedema in muscle with fat is understated.
    controls
        Limit from healthy controls; without it the limit is the patient's own.

    Raises
    ------
    ScanError
        If the grids differ, or no muscle is large enough to be measured.
    """
    crop = _crop(scan, regions, body, fat_fraction)
    warnings = _odd(scan, regions, crop)
    signal = _signal(crop, scan.name)
    if isinstance(signal, str):
        return _nothing(scan, (*warnings, signal))
    limit = limit_of(signal.sd, controls)
    readable = crop.body.mask & ~signal.suppression.failed & np.isfinite(signal.surplus)
    inside = np.isfinite(signal.averaged)
    positive = without_spots(signal.averaged > limit.value, crop.geometry.spacing)
    excess = np.where(readable, signal.surplus, np.float32(np.nan))
    if signal.water is not None:
        excess = np.asarray(excess / signal.water, dtype=np.float32)
    whole_excess = np.full(scan.geometry.shape, np.nan, dtype=np.float32)
    whole_excess[crop.box] = excess
    whole_positive = np.zeros(scan.geometry.shape, dtype=bool)
    whole_positive[crop.box] = positive
    fat = "fat allowed for by the fat map" if signal.water is not None else "fat not known"
    return OedemaMap(
        excess=whole_excess,
        positive=whole_positive,
        geometry=scan.geometry,
        limit=limit.value,
        method=(
            "STIR over the patient's own muscle without oedema, receive field taken out, "
            f"{fat}; limit from {limit.source}; rim of {RIM_MM:g} mm and small bright spots left "
            "out"
        ),
        references=_references(crop, signal, limit, inside, regions),
        warnings=(*warnings, *limit.warnings, *_doubts(signal)),
    )


def _crop(
    scan: Scan,
    regions: Regions,
    body: Body,
    fat_fraction: NDArray[np.float32] | FatMap | None,
) -> _Crop:
    """Cut the scan to the body, after checking that all lie on one grid."""
    fat = fat_fraction.fraction if isinstance(fat_fraction, FatMap) else fat_fraction
    shape = scan.geometry.shape
    same = regions.geometry.same_as(scan.geometry) and body.mask.shape == shape
    if not same or (fat is not None and fat.shape != shape):
        raise ScanError(
            f"{scan.name}: muscles, body and fat map must lie on the grid of the STIR scan "
            f"({' x '.join(map(str, shape))} voxels). Resample them to it first"
        )
    whole = muscle_codes(regions)
    found = ndimage.find_objects((body.mask | (whole > 0)).astype(np.uint8))
    if not found or not whole.any():
        raise ScanError(
            f"{scan.name}: no labelled muscle lies in this scan, so that oedema has nothing to be "
            "measured in. Check that scan and label map are of the same patient and place"
        )
    box = found[0]
    affine = scan.geometry.affine.copy()
    affine[:3, 3] = (affine @ [*(one.start for one in box), 1.0])[:3]
    inner = (
        int(box[0].stop - box[0].start),
        int(box[1].stop - box[1].start),
        int(box[2].stop - box[2].start),
    )
    codes = np.ascontiguousarray(whole[box])
    return _Crop(
        box=box,
        values=np.ascontiguousarray(scan.voxels[box]),
        codes=codes,
        labelled=regions.codes[box] > 0,
        depth=border_depth_mm(codes, scan.geometry.spacing),
        fat=None if fat is None else np.ascontiguousarray(fat[box]),
        body=Body(
            np.ascontiguousarray(body.mask[box]), body.depth_mm[box], body.leg[box], body.warnings
        ),
        geometry=Geometry(inner, affine),
    )


def _signal(crop: _Crop, name: str) -> _Signal | str:
    """Find field, reference and failed suppression; once more without what failed.

    Returns a sentence where that is not possible.
    """
    water = None
    muscle = (crop.codes > 0) & (crop.depth > RIM_MM)
    if not muscle.any():
        raise ScanError(
            f"{name}: no labelled muscle is large enough for its signal to be measured (with "
            f"{RIM_MM:g} mm of its rim left out). Check the label map"
        )
    if crop.fat is not None:
        fat = np.clip(np.nan_to_num(crop.fat, nan=1.0), 0, 1)
        water = np.asarray(1 - fat, dtype=np.float32)
        plain = muscle & (fat <= LITTLE_FAT)
        muscle = plain if plain.sum() >= LEAST_MUSCLE * muscle.sum() else muscle & (fat <= 0.5)
    failed = np.zeros(muscle.shape, dtype=bool)
    found = _referenced(crop, water, muscle, failed)
    if found is not None and found.suppression.failed.any():
        failed = found.suppression.failed
        again = _referenced(crop, water, muscle, failed)
        found = None if again is None else replace(again, suppression=_both(found, again))
    if found is None:
        return NO_REFERENCE if muscle.any() else ALL_FAT
    if water is None and found.reference.share < LEAST_BLIND:
        return MIXED_BLIND.format(share=found.reference.share)
    ratio, suppression = found.ratio, found.suppression
    if water is None:
        surplus = ratio - 1
    else:
        surplus = ratio - water - (1 - water) * suppression.fat_level
        surplus[water < 1 - MOSTLY_FAT] = np.nan
    inside = crop.body.mask & ~suppression.failed & np.isfinite(surplus)
    inside &= (crop.codes > 0) & (crop.depth > RIM_MM)
    means = averaged(surplus, inside, crop.geometry.spacing)
    sd = normal_sd(means[found.normal & inside])
    return _Signal(found.reference, suppression, surplus, means, water, sd)


def _referenced(
    crop: _Crop,
    water: NDArray[np.float32] | None,
    muscle: NDArray[np.bool_],
    failed: NDArray[np.bool_],
) -> _Referenced | None:
    """Find field and reference in muscle where suppression has not failed; None without any."""
    use = muscle & ~failed
    blocks, member = block_means(crop.values, water, crop.codes, use, crop.geometry)
    if blocks.signal.size == 0:
        return None
    slices = int(use.any(axis=(0, 1)).sum())
    reference = find_reference(blocks, slices, fat_known=water is not None)
    if reference is None:
        return None
    ratio = crop.values / (reference.field.on(crop.geometry) * np.float32(np.exp(reference.level)))
    normal = np.zeros(use.shape, dtype=bool)
    normal[use] = np.append(reference.normal, False)[member]
    return _Referenced(
        reference,
        np.asarray(ratio, dtype=np.float32),
        normal,
        find_failures(ratio, crop.body, crop.labelled, crop.fat, crop.geometry),
    )


def _both(first: _Referenced, second: _Referenced) -> Suppression:
    """Join what failed by the first reference, which may be spoilt by it, and by the second."""
    a, b = first.suppression, second.suppression
    return replace(b if b.failed_cells >= a.failed_cells else a, failed=a.failed | b.failed)


def _odd(scan: Scan, regions: Regions, crop: _Crop) -> tuple[str, ...]:
    """Return what is odd about the input, in sentences."""
    told = []
    if scan.sequence.kind not in ("stir", "unknown"):
        told.append(f"{scan.name} is measured as STIR, but looks like {scan.sequence.kind}.")
    if crop.fat is None:
        told.append(
            "No fat map was given: fat is dark on STIR, so oedema in muscle with fat is "
            "understated."
        )
    if len([one for one in regions.of.values() if one.kind in MUSCULAR]) < 4:
        told.append("Fewer than four muscles are labelled: the muscle reference rests on these.")
    return tuple(told)


def _nothing(scan: Scan, warnings: tuple[str, ...]) -> OedemaMap:
    """Return a map without values, for a scan without a reference."""
    return OedemaMap(
        excess=np.full(scan.geometry.shape, np.nan, dtype=np.float32),
        positive=np.zeros(scan.geometry.shape, dtype=bool),
        geometry=scan.geometry,
        limit=math.nan,
        method="STIR; not measured, because no muscle could serve as reference",
        references={"reference": None},
        warnings=warnings,
    )


def _doubts(signal: _Signal) -> tuple[str, ...]:
    """Return what must be known of reference and fat suppression, in sentences."""
    told = []
    share = signal.reference.share
    if share < PLAIN:
        told.append(
            f"Only {share:.0%} of the muscle looks free of oedema, which is a weak reference: it "
            "may be oedematous itself. Muscles that do not stand out have no value; shares "
            "of those that do are lower limits."
        )
    if signal.reference.doubtful:
        told.append(
            "Two receive fields fit this scan about as well, and differ in which muscles are "
            "bright: a slope of signal across muscles, or between the legs, may be the coil's or "
            "oedema. Look at the images before you believe the oedema of this scan."
        )
    suppression = signal.suppression
    if suppression.cells == 0:
        told.append("No fat under the skin was seen, so fat suppression could not be checked.")
    elif suppression.unchecked > UNCHECKED:
        told.append(
            f"Along {suppression.unchecked:.0%} of the skin no fat was seen that could show "
            "whether fat suppression worked: it is too thin or too dark there."
        )
    if suppression.failed_cells:
        part = suppression.failed_cells / suppression.cells
        told.append(
            f"Fat suppression failed in {part:.0%} of the fat that was looked at; muscle near it "
            "is left out."
        )
        if part > 0.5:
            told.append("Fat is bright in most of the scan: is it a STIR?")
    return tuple(told)


def _references(
    crop: _Crop,
    signal: _Signal,
    limit: Limit,
    inside: NDArray[np.bool_],
    regions: Regions,
) -> dict[str, Any]:
    """Return where reference and limit come from, in plain types for `--json`."""
    field = signal.reference.field
    whole = (crop.codes > 0) & (crop.depth > RIM_MM)
    most = max(regions.of, default=0) + 1
    voxels = np.bincount(crop.codes[whole], minlength=most)
    failed = np.bincount(crop.codes[whole & signal.suppression.failed], minlength=most)
    fatty = np.bincount(crop.codes[whole & ~np.isfinite(signal.surplus)], minlength=most)
    points, left_out = [], {}
    for code, region in regions.of.items():
        if region.kind not in MUSCULAR or voxels[code] == 0:
            continue
        values = signal.averaged[inside & (crop.codes == code)]
        if values.size:
            points.append(round(float(np.quantile(values, 1 - POSITIVE_SHARE)), 4))
        if failed[code] or fatty[code]:
            left_out[_key(region)] = {
                "fat_suppression": round(float(failed[code] / voxels[code]), 4),
                "mostly_fat": round(float(fatty[code] / voxels[code]), 4),
            }
    return {
        "reference": {
            "signal": float(np.exp(signal.reference.level)),
            "share_of_muscle": round(signal.reference.share, 4),
            "muscles": [_key(regions.of[code]) for code in signal.reference.muscles],
            "sd": round(signal.sd, 4),
        },
        "receive_field": {
            "lowest": round(float(np.exp(field.low)), 3),
            "highest": round(float(np.exp(field.high)), 3),
        },
        "limit": {"value": limit.value, "source": limit.source, "how": limit.how},
        "fat_suppression": {
            "fat_over_muscle": round(signal.suppression.fat_level, 3),
            "places": signal.suppression.cells,
            "failed_places": signal.suppression.failed_cells,
            "skin_unchecked": round(signal.suppression.unchecked, 3),
        },
        "left_out": left_out,
        "histogram": {
            "from": EXCESS_FROM,
            "step": EXCESS_STEP,
            "counts": excess_histogram(signal.averaged[inside]),
            "upper_points": points,
        },
    }


def _key(region: Region) -> str:
    return f"{region.name}, {region.side}"


def oedema_of_regions(
    oedema_map: OedemaMap, regions: Regions, scan: Scan
) -> dict[int, RegionOedema]:
    """Return the oedema of each muscle and compartment.

    Parameters
    ----------
    oedema_map
        Of `measure_stir`.
    regions
        The same regions.
    scan
        The same scan.
    """
    if not (
        regions.geometry.same_as(oedema_map.geometry) and scan.geometry.same_as(oedema_map.geometry)
    ):
        raise ScanError(
            f"{scan.name}: the muscles do not lie on the grid of its oedema map. Resample them "
            "first"
        )
    codes = muscle_codes(regions)
    found = ndimage.find_objects(codes)
    depth = border_depth_mm(codes, scan.geometry.spacing)
    result = {}
    for code, region in regions.of.items():
        box = found[code - 1] if 0 < code <= len(found) else None
        if region.kind not in MUSCULAR:
            continue
        if box is None:
            result[code] = RegionOedema(
                0, 0, None, None, None, warnings=("It does not lie in this scan.",)
            )
            continue
        result[code] = _region(
            oedema_map, region, codes[box] == code, depth[box], box, scan.geometry.spacing
        )
    return result


def _region(
    oedema_map: OedemaMap,
    region: Region,
    mask: NDArray[np.bool_],
    depth: NDArray[np.float32],
    box: tuple[slice, ...],
    spacing: NDArray[np.float64],
) -> RegionOedema:
    """Measure one region in its box."""
    excess, positive = oedema_map.excess[box], oedema_map.positive[box]
    interior = mask & (depth > RIM_MM)
    measured = interior & np.isfinite(excess)
    n = int(measured.sum())
    reference = oedema_map.references.get("reference")
    reason, warnings = _left(
        oedema_map.references.get("left_out", {}).get(_key(region), {}),
        n * float(spacing[0] * spacing[1]),
        reference is not None,
    )
    if reason:
        return RegionOedema(int(mask.sum()), n, None, None, None, warnings=(reason,))
    share = float(positive[measured].sum() / n)
    weak = reference is not None and reference["share_of_muscle"] < PLAIN
    if weak and share <= POSITIVE_SHARE:
        reason = (
            "It does not stand out from a weak muscle reference, so it cannot be called free of "
            "oedema."
        )
        return RegionOedema(int(mask.sum()), n, None, None, None, warnings=(*warnings, reason))
    return RegionOedema(
        voxels=int(mask.sum()),
        measured=n,
        positive_share=share,
        positive=share > POSITIVE_SHARE,
        mean_excess=float(excess[measured].mean(dtype=np.float64)),
        pattern=_pattern(excess, positive, measured, depth, spacing),
        warnings=warnings,
    )


def _left(
    left_out: dict[str, float], area_mm2: float, referenced: bool
) -> tuple[str, tuple[str, ...]]:
    """Return why a muscle has no value ("" where it has one), and its warnings."""
    failed, fatty = left_out.get("fat_suppression", 0.0), left_out.get("mostly_fat", 0.0)
    if not referenced:
        return "No muscle could serve as reference in this scan.", ()
    if failed > 1 - LEAST_LEFT:
        return f"Fat suppression failed in {failed:.0%} of it: oedema cannot be told.", ()
    if fatty > 1 - LEAST_MUSCLE:
        return f"{fatty:.0%} of it is mostly fat: too little muscle to tell oedema.", ()
    if area_mm2 < LEAST_AREA_MM2:
        return f"Only {area_mm2:.0f} mm2 of it could be measured, which is too little.", ()
    if failed > 0:
        return "", (f"Fat suppression failed in {failed:.0%} of it, which is left out.",)
    return "", ()


def _pattern(
    excess: NDArray[np.float32],
    positive: NDArray[np.bool_],
    measured: NDArray[np.bool_],
    depth: NDArray[np.float32],
    spacing: NDArray[np.float64],
) -> dict[str, float]:
    """Return the numbers that `RegionOedema.pattern` names."""
    found = positive & measured
    voxels = measured.sum(axis=(0, 1))
    counts = voxels * spacing[0] * spacing[1] >= SLICE_AREA_MM2
    if not counts.any():
        counts = voxels > 0
    hits = found.sum(axis=(0, 1))
    touched = counts & (hits > POSITIVE_SHARE * voxels)
    deep = depth > INSIDE_MM
    pattern = {
        "extent_slices": float(touched.sum() / counts.sum()),
        "extent_area": float(hits[touched].sum() / voxels[touched].sum()) if touched.any() else 0.0,
        "inside_of_muscle": float((deep & measured).sum() / measured.sum()),
    }
    if found.any():
        pattern["inside_share"] = float((deep & found).sum() / found.sum())
        pattern["intensity"] = float(excess[found].mean(dtype=np.float64))
    return pattern
