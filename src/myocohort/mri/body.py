"""The body in a scan: its outline, its legs, and how deep each voxel lies under the skin.

The outline is where signal ends and air begins (`mri.air`), not where bright tissue begins:
subcutaneous fat is nearly black on STIR and on the water image of a Dixon scan. Everything is done
within slices, because thigh scans have slices of 4 to 24 mm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from myocohort.mri.air import Air, find_air, local_quotient
from myocohort.mri.legs import split_legs
from myocohort.mri.resample import nearest_on
from myocohort.mri.scan import Geometry, Scan, ScanError
from myocohort.mri.thigh_shape import check_units, shape_warnings

VOTE_MM = 5.0
"""Width of the window in which voxels vote on air or tissue; a straight edge stays where it is."""

FALSE_VOTE = 1e-4
"""Share of windows of pure air that may pass for tissue; such specks are dropped by their size."""

LINE_EXCEED = 0.02
"""Share of voxels in air that may pass for skin; single voxels of them do not form long lines."""

LINE_MM = 30.0
"""Length from which on a line of bright voxels is skin: on STIR skin is often all that is seen of
a leg whose fat and muscle are dark, and it is too thin for votes."""

BRIDGE_MM = 8.0
"""Pieces that lie this close belong together: on STIR dark fat may cut a leg into pieces. Legs that
lie this close are told apart by their outline instead (`mri.legs`)."""

SEAL_MM = 8.0
"""Gaps of this width in a leg's skin are sealed before what it encloses is filled."""

RIM_MM = 8.0
"""Depth to which the outline is corrected: votes move it outwards by half a window, ringing of
bright fat by a voxel or two, and sealing by as much as a gap is wide."""

RIM_SHARE = 0.3
"""Rim voxels below this share of the way from air to the brightest tissue within `VOTE_MM` / 2 are
outside. One half would be the edge of even tissue; less spares a dark layer on brighter tissue."""

SPUR_MM = 9.0
"""What is thinner than this on the outside of a leg is ringing or flow ghosts, not skin."""

SMALLEST_SHARE = 0.25
"""Parts of a slice below this share of its largest part are hands, arms, pads or ghosts: the lower
arm has 30 to 45 cm2 where a thigh has 100 to 250."""

SMALLEST_CM2 = 5.0
"""A part below this area is no leg, even where it is the largest of its slice."""

DARK_FAT = 1.1
"""Mean over SD in a small window, median over a region, against that of air, from which on a dark
region is tissue: pure noise has 1.91 (Rayleigh), a signal of 1.5 SD of noise 2.1 (Rice). Where
noise itself differs from place to place the quotient does not."""

PLAIN_NOISE = 2.2
"""Quotient of air above which noise was averaged by interpolation, unevenly from place to place:
the quotient then tells nothing of dark regions, and the higher limit is taken."""

NOTHING_ADDED = 0.002
"""Share of the image below which it makes no difference which of two outlines is taken."""

NO_AIR = 0.98
"""Share of an image's voxels from which on a body leaves no air to speak of."""

AT_BORDER = 0.1
"""Share of the body's outline along the image's border from which on the body is called cut."""


@dataclass(frozen=True, slots=True)
class Body:
    """Where the body is.

    Parameters
    ----------
    mask
        bool, shape of the scan: inside the skin, bone and vessels filled.
    depth_mm
        float32: distance to the nearest voxel outside the body within the slice, mm; 0 outside.
        Where the image's border cuts the body the skin is not in the image, and the border does
        not count as skin.
    leg
        int8: 1 the patient's left leg, 2 the right, 0 outside or not told apart.
    warnings
        In sentences (one leg only, legs touch, not a thigh by its shape ...).
    """

    mask: NDArray[np.bool_]
    depth_mm: NDArray[np.float32]
    leg: NDArray[np.int8]
    warnings: tuple[str, ...] = ()


def find_body(scan: Scan) -> Body:
    """Return the outline of the body, its legs and the depth under the skin.

    Parameters
    ----------
    scan
        A magnitude image of any contrast.

    Raises
    ------
    ScanError
        A phase or a fraction image, whose air is not dark, or an image without tissue.
    """
    if scan.quantity == "phase" or scan.sequence.kind == "dixon-fraction":
        what = "phase" if scan.quantity == "phase" else "fat fraction"
        raise ScanError(
            f"{scan.name}: a {what} image shows no outline of the body, because air is not dark in "
            "it. Give the magnitude images of the same scan"
        )
    check_units(scan.geometry, scan.name)
    spacing = scan.geometry.spacing
    size = np.abs(scan.voxels)
    air = find_air(size)
    first = _outlined(size, air, spacing)
    if not first.pieces.any():
        raise ScanError(
            f"{scan.name}: no body is seen in it: no part with signal above the noise is larger "
            f"than {SMALLEST_CM2:g} cm2. Look at the images, or give another series"
        )
    legs, told = split_legs(first.pieces, first.joined, spacing)
    sealed = _trimmed(_sealed(legs, spacing), size, air, first, spacing)
    mask = sealed > 0
    leg = np.where(sealed > 2, 0, sealed).astype(np.int8)
    shape = shape_warnings(leg, mask, spacing)
    return Body(
        mask=mask,
        depth_mm=depth_in_plane(mask, spacing),
        leg=leg,
        warnings=(*first.warnings, *told, *_cut_by_border(mask), *shape),
    )


def body_on(body: Body, source: Geometry, wanted: Geometry) -> Body:
    """Return a body on another grid of the same session (T1's outline for a STIR scan).

    Parameters
    ----------
    body
        On the source grid.
    source, wanted
        Grids in the same body coordinates.

    Returns
    -------
    The body with the nearest voxel's outline and legs; nothing in slices that have no source slice
    near (`resample.covered_by`). Its warnings are those of the source.
    """
    if source.same_as(wanted):
        return body
    leg = np.where(body.mask, body.leg + 1, 0).astype(np.int32)
    placed = nearest_on(leg, source, wanted)
    mask = placed > 0
    return Body(
        mask=mask,
        depth_mm=depth_in_plane(mask, wanted.spacing),
        leg=np.maximum(placed - 1, 0).astype(np.int8),
        warnings=body.warnings,
    )


def depth_in_plane(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the distance to the nearest voxel outside the mask within the slice.

    Parameters
    ----------
    mask
        bool, (x, y, slices).
    spacing
        Voxel size along each axis, mm.

    Returns
    -------
    float32, mm between voxel centres; 0 outside. The image's border is not an edge; in a slice
    that the mask fills from border to border the distance is that to the border.
    """
    depth = np.zeros(mask.shape, dtype=np.float32)
    box = _box(mask)
    if box is None:
        return depth
    for k in range(box[2].start, box[2].stop):
        layer = mask[box[0], box[1], k]
        depth[box[0], box[1], k] = _distance(layer, spacing[:2])
    return depth


def shrink_in_plane(
    mask: NDArray[np.bool_], mm: float, spacing: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return the mask without its rim, slice by slice.

    Parameters
    ----------
    mask
        bool, (x, y, slices).
    mm
        Voxels whose centre lies nearer than this to the mask's edge go; the edge runs half a voxel
        outside the outermost centres, so that the result depends little on the voxel size.
    spacing
        Voxel size along each axis, mm.
    """
    half = float(np.mean(spacing[:2])) / 2
    return np.asarray(mask & (depth_in_plane(mask, spacing) - half >= mm))


def _box(mask: NDArray[np.bool_]) -> tuple[slice, slice, slice] | None:
    """Return the bounding box with a rim of one voxel in the plane, as far as the image goes."""
    sides = []
    for axis in range(3):
        others = tuple(one for one in range(3) if one != axis)
        at = np.flatnonzero(mask.any(axis=others))
        if at.size == 0:
            return None
        rim = 1 if axis < 2 else 0
        sides.append(slice(max(int(at[0]) - rim, 0), min(int(at[-1]) + 1 + rim, mask.shape[axis])))
    return sides[0], sides[1], sides[2]


def _distance(layer: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.float32]:
    if layer.all():
        layer = np.pad(layer, 1)
        return np.asarray(
            ndimage.distance_transform_edt(layer, spacing)[1:-1, 1:-1], dtype=np.float32
        )
    return np.asarray(ndimage.distance_transform_edt(layer, spacing), dtype=np.float32)


def _odd(mm: float, spacing: float, least: int = 1) -> int:
    """Return the odd number of voxels nearest to a width."""
    return max(2 * int(np.floor(mm / spacing / 2)) + 1, least)


@dataclass(frozen=True, slots=True)
class _Outline:
    """Pieces of the body, the same bridged, lines of skin, and each slice's limit of air."""

    pieces: NDArray[np.bool_]
    joined: NDArray[np.bool_]
    lines: NDArray[np.bool_]
    limit: NDArray[np.float32]
    warnings: tuple[str, ...]


def _outlined(size: NDArray[np.float32], air: Air, spacing: NDArray[np.float64]) -> _Outline:
    """Return a first outline of the body.

    Two limits are tried. The lower one is just above typical air: it finds fat that is nearly
    black, but also air where noise is higher than elsewhere. The higher one is above air anywhere.
    What only the lower one finds belongs to the body if its noise is that of tissue.
    """
    window = (_odd(VOTE_MM, spacing[0], 3), _odd(VOTE_MM, spacing[1], 3), 1)
    low = air.limit(_exceed(window))
    high = low * air.unevenness
    lines = _long_lines(size > air.limit(LINE_EXCEED) * air.unevenness, spacing)
    surely = _bridged(_vote(size > high, window) | lines, spacing)
    warnings: tuple[str, ...] = ()
    if float(surely[0].mean()) > NO_AIR:
        warnings = ("the image shows hardly any air: the skin, and depth below it, are not known",)
    if (high > low).any() and air.quotient < PLAIN_NOISE:
        perhaps = _bridged(_vote(size > low, window) | lines, spacing)
        added = _filled(perhaps[1]) & ~_filled(surely[1])
        if added.mean() > NOTHING_ADDED and _is_tissue(size, added, air, spacing):
            return _Outline(*perhaps, lines, np.full_like(high, low), warnings)
    return _Outline(*surely, lines, high, warnings)


def _exceed(window: tuple[int, int, int]) -> float:
    """Return the share of bright voxels in air at which a majority is as rare as `FALSE_VOTE`."""
    voters = window[0] * window[1]
    return float(stats.beta.ppf(FALSE_VOTE, voters // 2 + 1, voters - voters // 2))


def _vote(bright: NDArray[np.bool_], window: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return where most voxels of a window are bright."""
    votes = ndimage.uniform_filter(bright.astype(np.float32), window, mode="nearest")
    return np.asarray(votes > 0.5)


def _long_lines(bright: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return connected bright voxels of a slice that reach over some length."""
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[:, :, 1] = True
    lines, n = ndimage.label(bright, in_plane)
    # A line that reaches so far has that many voxels at least: most specks need no closer look.
    least = LINE_MM / float(spacing[:2].max())
    large = np.flatnonzero(np.bincount(lines.ravel(), minlength=n + 1) >= least)
    boxes = ndimage.find_objects(lines)
    long = np.zeros(n + 1, dtype=bool)
    for number in large[large > 0]:
        box = boxes[number - 1]
        reach = [(box[axis].stop - box[axis].start) * float(spacing[axis]) for axis in (0, 1)]
        long[number] = max(reach) >= LINE_MM
    return np.asarray(long[lines])


def _is_tissue(
    size: NDArray[np.float32],
    region: NDArray[np.bool_],
    air: Air,
    spacing: NDArray[np.float64],
) -> bool:
    """Whether a dark region carries signal, by the quotient of local mean and SD."""
    core = shrink_in_plane(region, VOTE_MM / 2, spacing)
    slices = np.flatnonzero(core.any(axis=(0, 1)))
    if slices.size == 0:
        return False
    quotient = local_quotient(size[:, :, slices])
    return float(np.median(quotient[core[:, :, slices]])) > DARK_FAT * air.quotient


def _bridged(
    tissue: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the at most two largest parts of each slice, and the same with pieces bridged."""
    joined = _closed(tissue, BRIDGE_MM, spacing)
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[:, :, 1] = ndimage.generate_binary_structure(2, 1)
    parts, n = ndimage.label(joined, in_plane)
    areas = np.bincount(parts.ravel(), weights=tissue.ravel(), minlength=n + 1)
    keep = np.zeros(n + 1, dtype=bool)
    least = SMALLEST_CM2 * 100 / float(spacing[0] * spacing[1])
    for k in range(tissue.shape[2]):
        here = np.unique(parts[:, :, k])
        here = here[here > 0]
        if here.size == 0:
            continue
        by_size = here[np.argsort(-areas[here], kind="stable")][:2]
        keep[by_size[areas[by_size] >= max(least, SMALLEST_SHARE * areas[by_size[0]])]] = True
    kept = keep[parts]
    return tissue & kept, joined & kept


def _closed(mask: NDArray[np.bool_], mm: float, spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the mask with gaps up to this width in the plane closed."""
    grown = _windowed(ndimage.maximum_filter1d, mask, mm, spacing)
    return np.asarray(_windowed(ndimage.minimum_filter1d, grown, mm, spacing) | mask)


def _opened(mask: NDArray[np.bool_], mm: float, spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the mask without what is thinner than this in the plane."""
    shrunk = _windowed(ndimage.minimum_filter1d, mask, mm, spacing)
    return np.asarray(_windowed(ndimage.maximum_filter1d, shrunk, mm, spacing) & mask)


def _windowed(
    extreme: Callable[..., NDArray[np.uint8]],
    mask: NDArray[np.bool_],
    mm: float,
    spacing: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return the extreme of a square window; beyond the image lies what lies at its border."""
    out = mask.astype(np.uint8)
    for axis in (0, 1):
        out = extreme(out, _odd(mm, float(spacing[axis])), axis=axis, mode="nearest")
    return np.asarray(out > 0)


def _sealed(legs: NDArray[np.int8], spacing: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return each leg with gaps in its skin sealed and all that it encloses filled.

    Each leg by itself: air between two legs that touch at two places is enclosed by both, not by
    one.
    """
    out = np.zeros(legs.shape, dtype=np.int8)
    for leg in (1, 2, 3):
        own = legs == leg
        box = _box(own)
        if box is None:
            continue
        filled = _opened(_filled(_closed(own[box], SEAL_MM, spacing)), SPUR_MM, spacing)
        free = (out[box] == 0) & ((legs[box] == 0) | own[box])
        out[box][filled & free] = leg
    return out


def _trimmed(
    legs: NDArray[np.int8],
    size: NDArray[np.float32],
    air: Air,
    first: _Outline,
    spacing: NDArray[np.float64],
) -> NDArray[np.int8]:
    """Return the legs without a rim that is air, moved to where signal rises; skin stays."""
    mask = legs > 0
    box = _box(mask)
    if box is None:
        return legs
    inside = size[box]
    mean = ndimage.uniform_filter(inside, (3, 3, 1), mode="nearest")
    reach = (_odd(VOTE_MM, spacing[0], 3), _odd(VOTE_MM, spacing[1], 3), 1)
    bright = ndimage.maximum_filter(mean, reach, mode="nearest")
    dark = (mean < air.mean + RIM_SHARE * (bright - air.mean)) | (mean < first.limit[box[2]])
    dark &= ~first.lines[box]
    rim = depth_in_plane(mask, spacing)[box] < RIM_MM
    out = np.zeros_like(legs)
    for leg in (1, 2, 3):
        own = (legs[box] == leg) & ~(rim & dark)
        own = _opened(_filled(_closed(own, SEAL_MM / 2, spacing)), SPUR_MM, spacing)
        out[box][own & (legs[box] == leg)] = leg
    return out


def _filled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask with the holes of each slice filled."""
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[:, :, 1] = ndimage.generate_binary_structure(2, 1)
    rest, n = ndimage.label(~mask, in_plane)
    outside = np.zeros(n + 1, dtype=bool)
    for edge in (rest[0], rest[-1], rest[:, 0], rest[:, -1]):
        outside[np.unique(edge)] = True
    outside[0] = False
    return np.asarray(~outside[rest])


def _cut_by_border(mask: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say where the image's border cuts the body, because the skin is not seen there."""
    cut = np.zeros(mask.shape[2], dtype=bool)
    for edge, length in ((mask[[0, -1]], mask.shape[1]), (mask[:, [0, -1]], mask.shape[0])):
        axis = 1 if edge.shape[0] == 2 else 0
        cut |= (edge.sum(axis=axis) > AT_BORDER * length).any(axis=0)
    if not cut.any():
        return ()
    return (
        f"the image's border cuts the body in {int(cut.sum())} of {mask.shape[2]} slices: the skin "
        "is not seen there",
    )
