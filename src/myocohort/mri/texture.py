"""How fat lies in a muscle: numbers of its texture that do not rest on how much fat there is.

The words of the scales ("scattered", "moth-eaten", "washed-out", "muscle left at the periphery")
are patterns, and a pattern cannot be read from a share of pixels. Slices of a thigh lie 4 to 24
mm apart, so everything here is measured within the slices and then put together.

Two things would make such numbers depend on the scanner: the size of its voxels and its noise.
Every map is therefore brought to one resolution (a point spread with an SD of `FINE_MM` in the
plane; what the voxel itself blurs is counted in), and what noise adds to a variance or to a slope
is known from the weights of that smoothing and is taken off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Pattern = Literal["even", "scattered", "streaks", "moth-eaten", "washed-out", "periphery"]
"""even: no structure beyond noise, whatever the fraction. scattered: small separate spots.
streaks: long thin areas. moth-eaten: islands with sharp borders. washed-out: areas that run into
each other, with blurred borders. periphery: fat in the core, muscle left at the rim."""

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

FINE_MM = 1.0
"""SD of the point spread that every map is brought to: about that of voxels of 2.4 mm,
which are the largest that can be brought to it."""
COARSEST_VOXEL_MM = 2.4
"""Larger voxels in the plane blur more than that by themselves: they show no pattern."""
COARSE_MM = 4.0
"""SD of the smoothing that spots do not survive and areas of a centimetre do."""
SMALLEST_CM2 = 0.5
"""A slice with less muscle than this shows no pattern."""
POINT_MM2 = math.pi * (2.3548 * FINE_MM / 2) ** 2
"""Area within half the height of a point at this resolution: no area looks smaller."""

EVEN_SD = 0.10
"""Structure below this SD of the fraction is what healthy muscle shows too: septa and vessels give
.04 to .08 in drawn areas of healthy muscle on the Siemens three-point Dixon of the shared data.
Spots that fill 3% of a muscle, or one patch that fills 1.5%, stay below it as well."""
EVEN_CONTRAST = 0.25
"""Nor is it a pattern where it has less than a quarter of the contrast of fat against muscle."""
NOISE_SHARE = 0.5
"""Structure counts as such only where its variance is at least half that of noise at the same
resolution: the noise itself is not known better."""
SPOT_LENGTH_MM = (1.4, 2.1)
"""Correlation lengths up to 1.4 mm are spots, from 2.1 mm on patches; between them either. Strewn
discs 4 mm wide have 1.4 mm, of 6 mm 2.1 mm: that 4 mm is a spot and 6 mm a patch is a project
default (a bundle of fibres that the eye still sees in muscle is a few millimetres wide)."""
STREAK_LENGTH_MM = 3.0
"""Streaks are thin: a longer correlation length is one border seen along its way."""
BLURRED_MM = (2.4, 3.4)
"""Half of a border's step takes 1.4 mm where the border is sharp, at this resolution. Borders up
to 2.4 mm are sharp, from 3.4 mm on blurred; between them either (project default)."""
STREAK_COHERENCE = (0.55, 0.7)
"""Areas run along one direction where slopes agree in it: 0 not at all, 1 fully. Round areas give
less than 0.55 (project default)."""
CONFLUENT_MM = 6.0
"""Longer correlation lengths are areas of 18 mm and more, in which fat runs together even where
their borders are sharp."""
BORDER_MM = 1.0
"""What is nearer to the region's border is left out of the rim: fat between muscles blurs so far
into it."""
PERIPHERY_DROP = (0.15, 0.25)
"""Muscle is left at the periphery where the core is more than half fat and the outer third holds
less than the core by this difference of fractions: surely from a quarter of the way between
muscle and fat on (project default)."""


@dataclass(frozen=True, slots=True)
class Texture:
    """Texture of fat in one region, taken over its slices.

    Parameters
    ----------
    area_cm2
        Area of all slices that were looked at.
    slices
        How many they are.
    structure_sd
        SD of the fraction within slices at 1 mm resolution, noise taken off.
    contrast
        `structure_sd` over that of fat and muscle side by side with the same mean, 0 (even) to 1.
    noise_sd
        What noise alone gives at that resolution.
    length_mm
        Correlation length of the structure; None where there is none. Discs are about 3 times as
        wide as this.
    edge_mm
        Way over which a border rises from a quarter to three quarters of its step; 1.4 where it
        is sharp. None where there is no structure.
    coherence
        How far slopes agree in a direction, 0 to 1; None where there is no structure.
    islands_per_cm2, island_mm
        Separate areas with more fat than half way between the least and the most (with less, where
        fat prevails), their number per area of muscle and their width: the diameter of a disc of
        their mean area, each area weighted by its size. None where there is no structure.
    largest_mm2, largest_share
        Largest connected area of fat in a slice, and its share of all fat area there (mean of the
        slices, weighted by fat area); fat area is what lies above one half. None without any.
    fat_area_share
        Share of the area above one half at 1 mm resolution, 0 to 1; the rest is muscle left.
    rim_fraction, core_fraction
        Mean fraction in the outer third and the inner two thirds of the area, the outermost
        millimetre left out. None where the region is too thin to tell.
    """

    area_cm2: float
    slices: int
    structure_sd: float
    contrast: float
    noise_sd: float
    length_mm: float | None
    edge_mm: float | None
    coherence: float | None
    islands_per_cm2: float | None
    island_mm: float | None
    largest_mm2: float | None
    largest_share: float | None
    fat_area_share: float
    rim_fraction: float | None
    core_fraction: float | None

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Patterns that these numbers allow, the likeliest first."""
        return _patterns(self)

    @property
    def pattern(self) -> Pattern:
        """The likeliest pattern."""
        return self.patterns[0]


class _Plane(NamedTuple):
    """A region at one resolution: values (0 outside), what noise variance they have, slopes."""

    values: Floats
    noise: Floats
    mask: Mask


def describe_texture(
    fraction: NDArray[np.floating],
    mask: Mask,
    spacing: NDArray[np.floating] | tuple[float, float, float],
    noise_sd: float,
) -> Texture | None:
    """Describe how fat lies in a region.

    Parameters
    ----------
    fraction
        Fat fraction of each voxel, shape (right, front, slices) of the scan or of a crop; NaN
        where it is not determined.
    mask
        The region, same shape.
    spacing
        Voxel size along each axis, mm.
    noise_sd
        SD of one voxel's fraction from noise, independent between voxels.

    Returns
    -------
    Texture or None
        None where no slice shows enough of the region (`SMALLEST_CM2`), or voxels are too large
        (`COARSEST_VOXEL_MM`).

    Raises
    ------
    ValueError
        If the shapes differ or are not three-dimensional, or the noise is not known.
    """
    if fraction.shape != mask.shape or fraction.ndim != 3:
        raise ValueError(
            f"fraction and mask have one shape with three axes, not {fraction.shape} and "
            f"{mask.shape}"
        )
    if not (math.isfinite(noise_sd) and noise_sd >= 0):
        raise ValueError(f"the noise is a number of at least 0, not {noise_sd}")
    size = (float(spacing[0]), float(spacing[1]))
    if max(size) > COARSEST_VOXEL_MM:
        return None
    cell = size[0] * size[1]
    values, inside = _crop(fraction, mask)
    areas = inside.sum(axis=(0, 1)) * cell / 100
    kept = areas >= SMALLEST_CM2
    if not kept.any():
        return None
    values, inside = values[:, :, kept], inside[:, :, kept]
    fine = _smooth(values, inside, size, FINE_MM, noise_sd)
    coarse = _smooth(values, inside, size, COARSE_MM, noise_sd)
    variance, noise = _structure(fine)
    mean = float(values[inside].mean(dtype=np.float64))
    spread = min(max(mean, 0.02), 0.98)
    contrast = math.sqrt(max(variance, 0.0) / (spread * (1 - spread)))
    structured = variance > max(EVEN_SD**2, NOISE_SHARE * noise) and contrast > EVEN_CONTRAST
    extent = 2 * math.sqrt(float(areas[kept].max()) * 100 / math.pi)
    length = _length(variance, _structure(coarse)[0], extent) if structured else None
    low, high = np.quantile(fine.values[inside], (0.01, 0.99))
    islands: tuple[float | None, float | None] = (None, None)
    edge: float | None = None
    coherence: float | None = None
    if structured and length is not None:
        edge = _edge(fine, size, noise_sd, float(low), float(high))
        coherence = _coherence(fine, size, noise_sd, length)
        islands = _islands(fine, (float(low) + float(high)) / 2, cell)
    largest = _largest(fine, cell)
    rim, core = _rim_and_core(values, inside, size)
    return Texture(
        area_cm2=float(areas[kept].sum()),
        slices=int(kept.sum()),
        structure_sd=math.sqrt(max(variance, 0.0)),
        contrast=min(1.0, contrast),
        noise_sd=math.sqrt(noise),
        length_mm=length,
        edge_mm=edge,
        coherence=coherence,
        islands_per_cm2=islands[0],
        island_mm=islands[1],
        largest_mm2=largest[0],
        largest_share=largest[1],
        fat_area_share=float((fine.values[inside] > 0.5).mean()),
        rim_fraction=rim,
        core_fraction=core,
    )


def _crop(fraction: NDArray[np.floating], mask: Mask) -> tuple[Floats, Mask]:
    """Return the box around the region, undetermined voxels left out of it and set to 0."""
    if not mask.any():
        return np.zeros((1, 1, 1), np.float32), np.zeros((1, 1, 1), np.bool_)
    (box,) = ndimage.find_objects(mask.astype(np.int8))
    values = fraction[box].astype(np.float32)
    inside = mask[box] & np.isfinite(values)
    return np.where(inside, values, np.float32(0)), inside


def _kernel(sigma: float) -> NDArray[np.float64]:
    """Return the weights of a Gaussian with this SD in voxels; one weight where it is 0."""
    reach = math.ceil(4 * sigma)
    at = np.arange(-reach, reach + 1)
    # integrals over each voxel, so that narrow kernels keep their width
    edges = np.array([math.erf((x + 0.5) / (sigma * math.sqrt(2))) if sigma > 0 else 1.0
                      for x in (at[0] - 1, *at)])  # fmt: skip
    weights = np.diff(edges) if sigma > 0 else np.ones(1)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _added(size: float, target_mm: float) -> float:
    """Return the SD in voxels of what smoothing must add to a voxel's own blur.

    A voxel averages over its width s, which has the variance s squared / 12; the kernel, a
    Gaussian that is integrated over voxels, has the same beside its own.
    """
    return math.sqrt(max(0.0, target_mm**2 - size**2 / 6)) / size


def _smooth(
    values: Floats, inside: Mask, size: tuple[float, float], target_mm: float, noise_sd: float
) -> _Plane:
    """Bring a region to a resolution, within its slices and without a look beyond its border."""
    weight = inside.astype(np.float32)
    total, weights, squares = values, weight, weight
    for axis in (0, 1):
        kernel = _kernel(_added(size[axis], target_mm))
        total = ndimage.correlate1d(total, kernel, axis=axis, mode="constant")
        weights = ndimage.correlate1d(weights, kernel, axis=axis, mode="constant")
        squares = ndimage.correlate1d(squares, kernel**2, axis=axis, mode="constant")
    safe = np.where(inside, weights, np.float32(1))
    smooth = np.where(inside, total / safe, np.float32(0)).astype(np.float32)
    noise = np.where(inside, noise_sd**2 * squares / safe**2, np.float32(0)).astype(np.float32)
    return _Plane(smooth, noise, inside)


def _structure(plane: _Plane) -> tuple[float, float]:
    """Return the variance within slices, noise taken off, and what was taken off."""
    count = plane.mask.sum(axis=(0, 1))
    means = plane.values.sum(axis=(0, 1), dtype=np.float64) / count
    squares = np.square(plane.values, dtype=np.float64).sum(axis=(0, 1)) / count
    variance = float(((squares - means**2) * count).sum() / count.sum())
    noise = float(plane.noise[plane.mask].mean(dtype=np.float64))
    return variance - noise, noise


def _length(fine: float, coarse: float, extent_mm: float) -> float:
    """Return the correlation length in mm from how much variance survives coarse smoothing.

    A field with the covariance exp(-r squared / 2 L squared) in the plane keeps the share
    L squared / (L squared + 2 s squared) of its variance under smoothing with the SD s. At most
    `extent_mm`, the width of the region: what is longer cannot be seen in it.
    """
    share = min(max(coarse / fine, 0.0), 1.0)
    squared = 2 * (share * COARSE_MM**2 - FINE_MM**2) / max(1 - share, 1e-6)
    return min(math.sqrt(max(squared, FINE_MM**2 / 4)), extent_mm)


def _edge(
    plane: _Plane, size: tuple[float, float], noise_sd: float, low: float, high: float
) -> float | None:
    """Return the width of borders in mm: half the step over the mean slope half way up.

    The area between the contours at a quarter and at three quarters of the step, over their
    length, is their distance; by the coarea formula it is half the step over the mean slope there.
    Slopes are taken between neighbours, the shortest way that the grid has.
    """
    step = high - low
    squared, count = 0.0, 0
    for axis in (0, 1):
        here, there = _neighbours(plane.values, axis)
        both = np.logical_and(*_neighbours(plane.mask, axis))
        middle = (here + there) / 2
        zone = both & (middle > low + step / 4) & (middle < low + 3 * step / 4)
        steep = (there[zone] - here[zone]).astype(np.float64) / size[axis]
        count += len(steep)
        noise = _slope_noise(size, axis, noise_sd, (1, -1), size[axis])
        squared += float((steep**2).sum()) - noise * len(steep)
    if not count:
        return None
    # the pairs along one axis see one part of the slope each, so that the mean is doubled
    steepness = math.sqrt(max(2 * squared / count, (step / 200) ** 2))
    return step / 2 / steepness


def _neighbours(values: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return each voxel and the next one along an axis."""
    if axis == 0:
        return values[:-1], values[1:]
    return values[:, :-1], values[:, 1:]


def _slope_noise(
    size: tuple[float, float],
    axis: int,
    noise_sd: float,
    difference: tuple[float, ...],
    width: float,
) -> float:
    """Return the variance that noise gives to a difference of smoothed voxels over their way."""
    along, across = (_kernel(_added(size[k], FINE_MM)) for k in (axis, 1 - axis))
    steep = np.convolve(along, difference) / width
    return noise_sd**2 * float((steep**2).sum() * (across**2).sum())


def _coherence(
    plane: _Plane, size: tuple[float, float], noise_sd: float, length: float
) -> float | None:
    """Return how far slopes agree in a direction within twice the correlation length, 0 to 1.

    The two eigenvalues of the averaged products of slopes, their difference over their sum, each
    place weighted by its slopes; noise has no direction and is taken off both.
    """
    values, mask = plane.values, plane.mask
    known = mask.copy()
    slopes, noise = [], []
    for axis in (0, 1):
        both = np.roll(mask, -1, axis) & np.roll(mask, 1, axis)
        edges: list[slice | list[int]] = [slice(None), slice(None)]
        edges[axis] = [0, -1]
        both[tuple(edges)] = False
        known &= both
        change = np.roll(values, -1, axis) - np.roll(values, 1, axis)
        slopes.append(change / np.float32(2 * size[axis]))
        noise.append(_slope_noise(size, axis, noise_sd, (1, 0, -1), 2 * size[axis]))
    if not known.any():
        return None
    sigma = max(3.0, 2 * length)
    products = ((0, 0, noise[0]), (1, 1, noise[1]), (0, 1, 0.0))
    first, second, mixed = (
        ndimage.gaussian_filter(
            np.where(known, slopes[i] * slopes[j] - np.float32(less), np.float32(0)),
            (sigma / size[0], sigma / size[1], 0.0),
            mode="constant",
            truncate=3.0,
        )[known].astype(np.float64)
        for i, j, less in products
    )
    together = float((first + second).sum())
    if together <= 0:
        return 0.0
    return min(1.0, float(np.hypot(first - second, 2 * mixed).sum()) / together)


IN_PLANE = np.zeros((3, 3, 3), dtype=np.bool_)
IN_PLANE[:, :, 1] = True
"""Voxels that touch, corners included, within a slice: no axis of the grid is preferred less."""


def _sizes(area: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return voxels and slice of each connected area."""
    labels, count = ndimage.label(area, IN_PLANE)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    first = ndimage.find_objects(labels)
    return sizes, np.array([box[2].start for box in first], dtype=np.intp)


def _islands(plane: _Plane, half: float, cell: float) -> tuple[float, float | None]:
    """Return separate areas per cm2 and their width in mm, of the rarer of fat and muscle."""
    fat = plane.mask & (plane.values > half)
    rare = fat if 2 * fat.sum() <= plane.mask.sum() else plane.mask & ~fat
    sizes = _sizes(rare)[0] * cell
    sizes = sizes[sizes >= POINT_MM2 / 2]
    area = float(plane.mask.sum()) * cell / 100
    if not len(sizes):
        return 0.0, None
    mean = float((sizes**2).sum() / sizes.sum())
    return len(sizes) / area, 2 * math.sqrt(mean / math.pi)


def _largest(plane: _Plane, cell: float) -> tuple[float | None, float | None]:
    """Return the largest connected area of fat in mm2 and its share of the fat of its slice."""
    sizes, slices = _sizes(plane.mask & (plane.values > 0.5))
    if not len(sizes):
        return None, None
    count = plane.mask.shape[2]
    most = np.zeros(count)
    np.maximum.at(most, slices, sizes)
    return float(most.max()) * cell, float(most.sum() / sizes.sum())


def _rim_and_core(
    values: Floats, inside: Mask, size: tuple[float, float]
) -> tuple[float | None, float | None]:
    """Return the mean fraction in the outer third of the area and in the rest."""
    rim: list[Floats] = []
    core: list[Floats] = []
    for k in range(inside.shape[2]):
        padded = np.pad(inside[:, :, k], 1)
        depth = ndimage.distance_transform_edt(padded, sampling=size)[1:-1, 1:-1]
        # depth is counted between voxel centres: the border itself is half a voxel nearer
        within = inside[:, :, k] & (depth - max(size) / 2 >= BORDER_MM * (1 - 1e-6))
        if not within.any():
            continue
        third = np.quantile(depth[within], 1 / 3)
        rim.append(values[:, :, k][within & (depth <= third)])
        core.append(values[:, :, k][within & (depth > third)])
    outer = np.concatenate(rim) if rim else np.zeros(0, np.float32)
    inner = np.concatenate(core) if core else np.zeros(0, np.float32)
    if min(len(outer), len(inner)) * size[0] * size[1] < POINT_MM2:
        return None, None
    return float(outer.mean(dtype=np.float64)), float(inner.mean(dtype=np.float64))


def _patterns(texture: Texture) -> tuple[Pattern, ...]:
    """Return the patterns that the numbers allow, the likeliest first."""
    if texture.length_mm is None or texture.edge_mm is None:
        return ("even",)
    core, rim = texture.core_fraction or 0.0, texture.rim_fraction or 0.0
    drop = core - rim if core > 0.5 else 0.0
    found: list[Pattern] = ["periphery"] if drop >= PERIPHERY_DROP[1] else []
    if texture.edge_mm >= BLURRED_MM[1]:
        found += ["washed-out"]
    else:
        sharp = _sharp(texture.length_mm, texture.coherence or 0.0, bool(found))
        merged = texture.edge_mm > BLURRED_MM[0] or texture.length_mm > CONFLUENT_MM
        blurred: list[Pattern] = ["washed-out"] if merged else []
        found += sharp + blurred if texture.edge_mm < sum(BLURRED_MM) / 2 else blurred + sharp
    if PERIPHERY_DROP[0] <= drop < PERIPHERY_DROP[1]:
        found.append("periphery")
    return tuple(found)


def _sharp(length: float, coherence: float, periphery: bool) -> list[Pattern]:
    """Return the patterns with sharp borders that fit, the likeliest first."""
    sized: list[Pattern] = []
    if length < SPOT_LENGTH_MM[1]:
        sized.append("scattered")
    if length > SPOT_LENGTH_MM[0]:
        sized.append("moth-eaten")
    if length > sum(SPOT_LENGTH_MM) / 2:
        sized.reverse()
    # a rim of muscle has one border, which runs around the core and is no streak
    if periphery or length > STREAK_LENGTH_MM or coherence < STREAK_COHERENCE[0]:
        return sized
    if coherence >= STREAK_COHERENCE[1]:
        return ["streaks"]
    return ["streaks", *sized] if coherence >= sum(STREAK_COHERENCE) / 2 else [*sized, "streaks"]
