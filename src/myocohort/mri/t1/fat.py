"""Fat fraction of every voxel of a T1-weighted scan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.fat_map import FatMap
from myocohort.mri.oedema import measure_stir
from myocohort.mri.regions import Regions
from myocohort.mri.scan import Geometry, Scan, ScanError
from myocohort.mri.t1.evidence import (
    BETWEEN,
    MARROW,
    NOT_FAT_MM,
    SUBCUTANEOUS,
    THIN,
    WET_BLUR_MM,
    Evidence,
    collect,
    muscle_mask,
)
from myocohort.mri.t1.levels import Levels, find_levels
from myocohort.mri.t1.noise import noise_sd, without_noise_bias
from myocohort.mri.t1.reference import MuscleReference, usual_reference
from myocohort.mri.t1.spared import SURE, Ratio, is_doubted, judge_ratio, lower_level

MUSCLES_DIFFER = 0.03
"""SD of pure muscle's log signal from muscle to muscle and place to place: T1, T2 and water content
of healthy thigh muscles differ by a few percent each."""

FAT_DIFFERS = 0.02
"""SD of pure fat's log signal: subcutaneous fat holds 85 to 95% of lipid by Dixon, and fat that has
replaced muscle may hold a little more or less."""

THIN_FAT = 0.4
"""More SD of the fat level, in log signal, where the layer under the skin holds no pure fat: a
voxel half filled by skin, fascia or muscle of a third of fat's signal is 0.4 darker. It falls
with the layer's thickness, skin and fascia taken off, over the voxel's width: a layer that is two
voxels thick has a pure voxel somewhere along every line across it."""

MARROW_DIFFERS, ENOUGH_MARROW_MM2 = 0.1, 300.0
"""SD of the log level of fat that rests on marrow and fat between muscles: marrow of the adult
femur is 80 to 95% fat; and the area needed for it."""

OVER_FAT = 0.05
"""Nothing is brighter on T1 than fat: where a fiftieth of the voxels between skin and bone passes
the fat level by more than this and the noise, the level is too low by as much."""

UNSEEN_OEDEMA = 0.05
"""SD of muscle's log signal where no STIR tells of oedema: moderate oedema darkens T1 by 5 to
10%."""

OWN_LEVEL = 0.02
"""A muscle's own darker level is used as far as it lies below the common one by more than this."""

FEW_FAT_MM2 = 300.0
"""Area of subcutaneous fat, over all slices, below which there is no anchor."""

DRY = 0.1
"""Mean STIR excess of a region below which it holds no oedema: half of the least limit of STIR."""

DARKEST = 0.5
"""Largest fall of muscle's log signal by oedema that is believed."""


def measure_t1(
    scan: Scan,
    regions: Regions,
    body: Body,
    *,
    stir: Scan | None = None,
    muscle_reference: MuscleReference | None = None,
) -> FatMap:
    """Turn a T1-weighted scan into fat fractions.

    The fraction is 0 in muscle that is spared and 1 in the patient's subcutaneous fat, and linear
    in signal between them, after receive field, noise bias and darkening by oedema are taken out
    (`mri.t1.levels`). It is relative to subcutaneous fat: that holds 85 to 95% of lipid.

    Parameters
    ----------
    scan
        T1, magnitude.
    regions, body
        On its grid.
    stir
        STIR on the same grid; with it muscle darkened by oedema is not taken for muscle without
        fat.
    muscle_reference
        Signal of pure muscle over subcutaneous fat from the patient's other scans, the study's
        controls or the user; replaces what timing lets expect, and is what the fractions rest on
        where no muscle is spared.

    Raises
    ------
    ScanError
        If the grids differ, or there is no labelled muscle or no subcutaneous fat.
    """
    crop = _crop(scan, regions, body, stir)
    sd = noise_sd(crop.scan.voxels, crop.body, scan.geometry.spacing)
    signal = without_noise_bias(crop.scan.voxels, sd)
    evidence, index = collect(signal, sd, crop.regions, crop.body, scan.geometry.spacing)
    _check(evidence, scan)
    expected = muscle_reference or usual_reference(scan)
    levels = find_levels(evidence, expected.ratio)
    wet = None
    if crop.stir is not None:
        first = _fraction(signal, evidence, levels, np.exp(levels.log_ratio), crop, None)
        wet = _wet(crop, first)
        if wet is not None:
            levels = find_levels(replace(evidence, wet=wet[index].astype(float)), expected.ratio)
    oedema_known = wet is not None
    doubted = False
    if wet is not None:
        dry = _dry(crop, wet)
        levels = lower_level(levels, dry)
        doubted = is_doubted(levels, dry)
    ratio = judge_ratio(levels, expected, _seen_sd(levels, oedema_known), doubted=doubted)
    if ratio.chance_spared < 0.5:
        levels = replace(levels, offset={})  # offsets are from a level that is not used
    fraction = _fraction(signal, evidence, levels, ratio.value, crop, wet)
    whole = np.full(scan.geometry.shape, np.nan, dtype=np.float32)
    whole[crop.box] = fraction
    return _fat_map(
        whole, scan, sd, evidence, levels, ratio, expected, oedema_known,
        _warnings(scan, crop, ratio, expected, muscle_reference, wet)
        + _fat_warnings(evidence, levels),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Crop:
    """The part of a scan that holds the body."""

    box: tuple[slice, slice, slice]
    scan: Scan
    stir: Scan | None
    regions: Regions
    body: Body


def _crop(scan: Scan, regions: Regions, body: Body, stir: Scan | None) -> _Crop:
    """Cut all to the body, after checking that they lie on one grid."""
    shape = scan.geometry.shape
    same = regions.geometry.same_as(scan.geometry) and body.mask.shape == shape
    if not same or (stir is not None and not stir.geometry.same_as(scan.geometry)):
        raise ScanError(
            f"{scan.name}: muscles, body and STIR must lie on the grid of the T1 scan "
            f"({' x '.join(map(str, shape))} voxels). Resample them to it first"
        )
    found = ndimage.find_objects((body.mask | (regions.codes > 0)).astype(np.uint8))
    if not found or not muscle_mask(regions).any():
        raise ScanError(
            f"{scan.name}: no labelled muscle lies in this scan. Check that scan and label map are "
            "of the same patient and place"
        )
    near = [
        slice(max(one.start - 12, 0), min(one.stop + 12, n))
        for one, n in zip(found[0], shape, strict=True)
    ]  # air around the body tells the noise
    box = (near[0], near[1], near[2])
    affine = scan.geometry.affine.copy()
    affine[:3, 3] = (affine @ [*(one.start for one in box), 1.0])[:3]
    geometry = Geometry(tuple(int(s.stop - s.start) for s in box), affine)  # type: ignore[arg-type]

    def cut(one: Scan) -> Scan:
        return replace(one, voxels=np.ascontiguousarray(one.voxels[box]), geometry=geometry)

    return _Crop(
        box,
        cut(scan),
        None if stir is None else cut(stir),
        replace(regions, codes=np.ascontiguousarray(regions.codes[box]), geometry=geometry),
        Body(
            np.ascontiguousarray(body.mask[box]), body.depth_mm[box], body.leg[box], body.warnings
        ),
    )


def _check(evidence: Evidence, scan: Scan) -> None:
    """Raise where an anchor is missing altogether."""
    fat = np.count_nonzero(np.isin(evidence.code, (SUBCUTANEOUS, THIN))) * evidence.area_mm2
    if fat < FEW_FAT_MM2:
        raise ScanError(
            f"{scan.name}: only {fat / 100:.1f} cm2 of subcutaneous fat were found over all "
            f"slices, fewer than {FEW_FAT_MM2 / 100:g}. T1 needs it as the level of pure fat: give "
            "a scan whose field of view reaches the skin, or use Dixon"
        )
    if not (evidence.code > 0).any():
        raise ScanError(
            f"{scan.name}: the labelled muscles are too thin to be measured with their rim left "
            "out. Check the label map"
        )


def _wet(crop: _Crop, fraction: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the smoothed excess of STIR over muscle without oedema; 0 where not known."""
    if crop.stir is None:
        return None
    found = measure_stir(crop.stir, crop.regions, crop.body, fat_fraction=fraction)
    known = np.isfinite(found.excess) & (crop.regions.codes > 0)
    if not known.any():
        return None
    widths = WET_BLUR_MM / crop.scan.geometry.spacing[:2]
    weight = ndimage.gaussian_filter(known.astype(np.float32), (*widths, 0.0))
    values = np.where(known, np.nan_to_num(found.excess), 0).astype(np.float32)
    values = ndimage.gaussian_filter(values, (*widths, 0.0))
    wet = np.where(known, values / np.maximum(weight, 1e-6), 0)
    return np.asarray(np.clip(wet, 0, None), dtype=np.float32)


def _dry(crop: _Crop, wet: NDArray[np.float32]) -> set[int]:
    """Return the codes of regions whose mean STIR excess is below what counts as oedema."""
    codes = crop.regions.codes
    count = np.bincount(codes.ravel())
    mean = np.bincount(codes.ravel(), weights=wet.ravel()) / np.maximum(count, 1)
    return {int(code) for code in np.flatnonzero((count > 0) & (mean < DRY)) if code > 0}


def _fraction(
    signal: NDArray[np.float32],
    evidence: Evidence,
    levels: Levels,
    ratio: float,
    crop: _Crop,
    wet: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    """Return the fraction of each voxel; not a number outside the body and without signal."""
    inside = np.nonzero(crop.body.mask)
    axes = [
        (np.arange(n) - (at.min() + at.max()) / 2) * step
        for n, at, step in zip(signal.shape, inside, crop.scan.geometry.spacing, strict=True)
    ]
    over_fat = signal / np.exp(levels.field.on_grid(levels.coefficients, axes))
    codes = crop.regions.codes
    fall = np.zeros(max(int(codes.max(initial=0)), *crop.regions.of) + 1, dtype=np.float32)
    for code, offset in levels.offset.items():
        if code > 0:
            fall[code] = max(-offset - OWN_LEVEL, 0.0)
    darker = fall[codes]
    if wet is not None:
        darker = darker + np.float32(levels.darkening) * wet
    muscle = np.float32(ratio) * np.exp(-np.clip(darker, 0, DARKEST))
    fraction = (over_fat - muscle) / (1 - muscle)
    fraction[~crop.body.mask | (signal <= 0)] = np.nan
    return np.asarray(fraction, dtype=np.float32)


def _seen_sd(levels: Levels, oedema_known: bool) -> float:
    """Return the SD of the log level of pure muscle in one muscle."""
    unseen = 0.0 if oedema_known else UNSEEN_OEDEMA
    return float(np.sqrt(levels.sd_muscle**2 + MUSCLES_DIFFER**2 + unseen**2))


def _passed(evidence: Evidence, levels: Levels) -> float:
    """Return by how much the level of fat is passed where nothing can be brighter, log signal."""
    middle = float(np.median(levels.field.rows(evidence.at_mm) @ levels.coefficients))
    return max(levels.highest - OVER_FAT - 2 * evidence.noise / float(np.exp(middle)), 0.0)


def _fat_sd(scan: Scan, evidence: Evidence, levels: Levels) -> float:
    """Return the SD of the log level of fat."""
    width = float(scan.geometry.spacing[:2].mean())
    pure_mm = max(2 * (evidence.fat_depth_mm - NOT_FAT_MM), 0.0)
    thin = THIN_FAT * float(np.exp(-pure_mm / width))
    inner = np.count_nonzero(np.isin(evidence.code, (BETWEEN, MARROW))) * evidence.area_mm2
    if evidence.mostly_thin and inner >= ENOUGH_MARROW_MM2:
        thin = min(thin, MARROW_DIFFERS)
    passed = _passed(evidence, levels)
    return float(np.sqrt(levels.sd_fat**2 + FAT_DIFFERS**2 + thin**2 + passed**2))


def _fat_map(
    fraction: NDArray[np.float32],
    scan: Scan,
    noise: float,
    evidence: Evidence,
    levels: Levels,
    ratio: Ratio,
    expected: MuscleReference,
    oedema_known: bool,
    warnings: tuple[str, ...],
) -> FatMap:
    """Put the result together with its errors."""
    span = 1 - ratio.value
    fat_sd = _fat_sd(scan, evidence, levels)
    inside = evidence.code > 0
    fat_signal = float(np.exp(np.median(levels.field.rows(evidence.at_mm[inside])
                                        @ levels.coefficients)))  # fmt: skip
    references: dict[str, Any] = {
        "muscle_ratio": {
            "value": round(ratio.value, 4),
            "sd": round(ratio.sd, 4),
            "seen": round(ratio.seen, 4),
            "chance_spared": round(ratio.chance_spared, 3),
            "expected": round(expected.ratio, 4),
            "expected_sd": round(expected.sd, 4),
            "expected_source": expected.source,
            "at_level": [int(code) for code in ratio.regions if code > 0],
            "unlabelled_at_level": BETWEEN in ratio.regions,
        },
        "subcutaneous_fat": {
            "voxels_used": int(np.count_nonzero(np.isin(evidence.code, (SUBCUTANEOUS, THIN)))),
            "depth_mm": round(evidence.fat_depth_mm, 2),
            "log_sd": round(fat_sd, 4),
            "mostly_thin": evidence.mostly_thin,
            "passed_by": round(_passed(evidence, levels), 3),
        },
        "noise_sd": round(noise, 4),
        "oedema": {"stir": oedema_known, "darkening": round(levels.darkening, 3)},
    }
    return FatMap(
        fraction=fraction,
        geometry=scan.geometry,
        noise_sd=noise / (fat_signal * span),
        sd_at_zero=ratio.sd / span,
        sd_at_one=fat_sd / span,
        method=(
            "T1, smooth receive field fitted together with the levels of subcutaneous fat and "
            "spared muscle; fraction relative to subcutaneous fat"
        ),
        references=references,
        warnings=warnings,
    )


def _warnings(
    scan: Scan,
    crop: _Crop,
    ratio: Ratio,
    expected: MuscleReference,
    given: MuscleReference | None,
    wet: NDArray[np.float32] | None,
) -> tuple[str, ...]:
    """Return what a reader must know, in sentences."""
    told = []
    if scan.sequence.kind not in ("t1", "unknown"):
        told.append(f"{scan.name} is measured as T1, but looks like {scan.sequence.kind}.")
    if ratio.chance_spared < SURE:
        doubt = (
            "No muscle is spared"
            if ratio.chance_spared < 0.1
            else "It is not sure that a muscle is spared"
        )
        told.append(
            f"{doubt} (lowest common level {ratio.seen:.2f} of fat, chance "
            f"{ratio.chance_spared:.0%}): the level of pure muscle, {ratio.value:.2f} of fat "
            f"with an SD of {ratio.sd:.2f}, rests on {expected.source}, and intervals are wide."
        )
        if given is None:
            told.append(
                "Give a muscle reference from the patient's other scans or from controls scanned "
                "with the same timing to narrow them."
            )
    elif given is not None and abs(ratio.seen - given.ratio) > 2 * given.sd + 0.05 * ratio.seen:
        told.append(
            f"Spared muscle in this scan has {ratio.seen:.2f} of fat's signal, the muscle "
            f"reference from {given.source} {given.ratio:.2f}: they disagree."
        )
    if crop.stir is not None and wet is None:
        told.append("STIR could not be used to allow for oedema, which darkens T1.")
    elif crop.stir is None:
        told.append(
            "Without STIR, oedema that darkens T1 hides fat; the intervals allow for 5% of it."
        )
    return tuple(told)


def _fat_warnings(evidence: Evidence, levels: Levels) -> tuple[str, ...]:
    """Return what a reader must know of the level of fat."""
    told = []
    if evidence.mostly_thin:
        told.append(
            "The fat under the skin is too thin to fill a voxel: the level of pure fat rests on "
            "its brightest line, on marrow and on fat between the muscles, and intervals are wider."
        )
    passed = _passed(evidence, levels)
    if passed > 0.05:
        told.append(
            f"Parts of the thigh are brighter than the level of pure fat by {passed:.0%} and more: "
            "the level is too low and fractions are too high, and intervals are wider."
        )
    return tuple(told)
