"""From one grid to another, in the body's millimetres.

Slices of a thigh scan lie 4 to 24 mm apart, voxels in a slice 1 mm. Along the slices nothing is
carried farther than a label or a signal can be trusted to hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.scan import Geometry, LabelMap, Scan, ScanError

NEAR_MM = (2.5, 5.0)
"""A slice gives its labels or signal to slices no farther away than half the finer slice distance,
which is at least the first and at most the second of these: the outline of a muscle that tapers by
20 degrees moves by 2 mm over 5 mm of its length."""


@dataclass(frozen=True, slots=True)
class LabelsOnScan:
    """Labels on a scan's grid.

    Parameters
    ----------
    labels
        int32, shape of the scan.
    covered
        bool, (slices,): slices that have a slice of the label map near enough.
    outside
        Share of labelled voxels of the map that lie outside the scan, 0 to 1.
    warnings
        In sentences.
    """

    labels: NDArray[np.int32]
    covered: NDArray[np.bool_]
    outside: float
    warnings: tuple[str, ...] = ()


def resample_like(label_map: LabelMap, scan: Scan) -> LabelsOnScan:
    """Return the labels on the scan's grid: each voxel takes the label of the place it lies at.

    Parameters
    ----------
    label_map
        On any grid in the same body coordinates.
    scan
        Gives the grid.

    Raises
    ------
    ScanError
        The map has no label within the scan.

    Notes
    -----
    Nearest neighbour: no new labels arise. Where slices do not match, see `NEAR_MM`; a stack with
    24 mm between slices labels one slice of a 4 mm scan for each of its own, and the slices between
    stay without labels.
    """
    here, there = scan.geometry, label_map.geometry
    if here.same_as(there):
        everywhere = np.ones(here.shape[2], dtype=bool)
        return LabelsOnScan(label_map.labels, everywhere, 0.0)
    out = nearest_on(label_map.labels, there, here)
    covered = np.asarray(covered_by(there, here).any(axis=(0, 1)))
    if not out.any():
        raise ScanError(_no_overlap(label_map, scan))
    outside = _share_outside(label_map, here)
    return LabelsOnScan(out, covered, outside, _told(covered, outside, here, there, label_map.name))


def scan_on(scan: Scan, geometry: Geometry) -> Scan:
    """Return a scan on another grid (STIR on the grid of T1), linear within and between slices.

    Parameters
    ----------
    scan
        A magnitude image or a map of numbers; phases cannot be averaged.
    geometry
        The grid that is wanted, in the same body coordinates.

    Returns
    -------
    The scan on that grid; 0 where `covered_by` says that it has no signal to give.

    Raises
    ------
    ScanError
        The scan does not cover any voxel of the grid, or is a phase image.
    """
    if scan.quantity == "phase":
        raise ScanError(f"{scan.name}: phases cannot be resampled; resample the fat fraction made "
                        "of them")  # fmt: skip
    if scan.geometry.same_as(geometry):
        return scan
    covered = covered_by(scan.geometry, geometry)
    if not covered.any():
        raise ScanError(
            f"{scan.name}: covers no voxel of the other scan. Check that both are of the same "
            "examination, and that no tool has reset the position of one of them"
        )
    out = np.nan_to_num(values_on(scan.voxels, scan.geometry, geometry), nan=0.0)
    missing = int((~covered.any(axis=(0, 1))).sum())
    told = scan.warnings
    if missing:
        told = (
            *told,
            f"{scan.name} covers {geometry.shape[2] - missing} of {geometry.shape[2]} slices of "
            "the other scan: nothing is measured from it in the rest",
        )
    return replace(scan, voxels=out, geometry=geometry, warnings=told)


def values_on(
    values: NDArray[np.float32], source: Geometry, wanted: Geometry
) -> NDArray[np.float32]:
    """Return numbers on another grid, linear within and between slices.

    Parameters
    ----------
    values
        float32, shape of the source; NaN where not determined.
    source, wanted
        The grids, in the same body coordinates.

    Returns
    -------
    float32, shape of the wanted grid; NaN where `covered_by` says so, and beside values that are
    not determined.
    """
    if source.same_as(wanted):
        return values
    covered = covered_by(source, wanted)
    out = np.full(wanted.shape, np.nan, dtype=np.float32)
    for k, at in _places(wanted, source):
        if covered[:, :, k].any():
            value = ndimage.map_coordinates(values, at, order=1, mode="nearest", prefilter=False)
            out[:, :, k] = np.where(covered[:, :, k], value, np.nan)
    return out


def nearest_on(values: NDArray[np.int32], source: Geometry, wanted: Geometry) -> NDArray[np.int32]:
    """Return whole numbers on another grid, each voxel with that of the nearest voxel.

    0 where no voxel is near enough; see `NEAR_MM`.
    """
    out = np.zeros(wanted.shape, dtype=np.int32)
    top = np.array(source.shape).reshape(3, 1, 1) - 1
    for k, at in _places(wanted, source):
        nearest = np.rint(at).astype(np.intp)
        near = _near(at[2] - nearest[2], wanted, source)
        inside = ((nearest >= 0) & (nearest <= top)).all(axis=0) & near
        i, j, m = np.clip(nearest, 0, top)
        out[:, :, k] = np.where(inside, values[i, j, m], 0)
    return out


def covered_by(source: Geometry, wanted: Geometry) -> NDArray[np.bool_]:
    """Return which voxels of a grid have a voxel of another near enough to take its value."""
    out = np.zeros(wanted.shape, dtype=bool)
    half = 0.5 + 1e-6
    for k, at in _places(wanted, source):
        inside = np.ones(at.shape[1:], dtype=bool)
        for axis in (0, 1):
            inside &= (at[axis] >= -half) & (at[axis] <= source.shape[axis] - 1 + half)
        nearest = np.clip(np.rint(at[2]), 0, source.shape[2] - 1)
        out[:, :, k] = inside & _near(at[2] - nearest, wanted, source)
    return out


def _places(wanted: Geometry, source: Geometry) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield for each slice of a grid where its voxels lie in another's indices, (3, nx, ny)."""
    to_source = np.linalg.inv(source.affine) @ wanted.affine
    i = np.arange(wanted.shape[0], dtype=float)[:, None]
    j = np.arange(wanted.shape[1], dtype=float)[None, :]
    for k in range(wanted.shape[2]):
        yield k, np.stack(
            [
                row[0] * i + row[1] * j + (row[2] * k + row[3])
                for row in to_source[:3]
            ]
        )  # fmt: skip


def _near(
    slices_away: NDArray[np.float64], wanted: Geometry, source: Geometry
) -> NDArray[np.bool_]:
    """Whether a distance in slices of the source is near enough; see `NEAR_MM`."""
    finer = min(wanted.spacing[2], source.spacing[2])
    most = float(np.clip(finer / 2, *NEAR_MM)) + 1e-6
    return np.asarray(np.abs(slices_away) * source.spacing[2] <= most)


def _share_outside(label_map: LabelMap, geometry: Geometry) -> float:
    """Return the share of labelled voxels that lie outside a grid's voxels."""
    to_scan = np.linalg.inv(geometry.affine) @ label_map.geometry.affine
    at = np.argwhere(label_map.labels).astype(np.float32)
    place = at @ to_scan[:3, :3].T + to_scan[:3, 3]
    half = 0.5 + 1e-3
    inside = ((place >= -half) & (place <= np.array(geometry.shape) - 1 + half)).all(axis=1)
    return float(1 - inside.mean())


def _told(
    covered: NDArray[np.bool_], outside: float, here: Geometry, there: Geometry, name: str
) -> tuple[str, ...]:
    told = [f"{name} lies on another grid than the scan and was brought onto it (nearest voxel)"]
    missing = int((~covered).sum())
    if missing:
        told.append(
            f"{name} has no slice near {missing} of {covered.size} slices of the scan (distance "
            f"between slices {there.spacing[2]:.4g} and {here.spacing[2]:.4g} mm): nothing is "
            "measured in those"
        )
    if outside > 0.01:
        told.append(
            f"{outside:.0%} of the labelled voxels of {name} lie outside the scan: volumes are of "
            "the part within"
        )
    return tuple(told)


def _no_overlap(label_map: LabelMap, scan: Scan) -> str:
    spans = []
    for one in (label_map.geometry, scan.geometry):
        low, high = one.corners().min(axis=0), one.corners().max(axis=0)
        spans.append(
            ", ".join(
                f"{axis} {a:.0f} to {b:.0f}" for axis, a, b in zip("xyz", low, high, strict=True)
            )
        )
    step = (
        "Check that both are of the same examination, and that no tool has reset the position of "
        "one of them"
    )
    here, there = scan.geometry.slice_positions(), label_map.geometry.slice_positions()
    apart = float(np.abs(here[:, None] - there[None, :]).min())
    if _share_outside(label_map, scan.geometry) < 1:
        return (
            f"{label_map.name}: no slice of it lies near enough to one of {scan.name}: the nearest "
            f"are {apart:.1f} mm apart, and labels hold for {NEAR_MM[0]:g} to {NEAR_MM[1]:g} mm, "
            f"by the distance of slices. {step}; or segment this scan itself"
        )
    return (
        f"{label_map.name}: no label lies within {scan.name} (labels: {spans[0]} mm; scan: "
        f"{spans[1]} mm). {step}"
    )
