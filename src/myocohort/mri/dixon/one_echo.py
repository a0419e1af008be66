"""What one gradient echo can say of fat in muscle: a share, no fraction.

From one magnitude no fat fraction can be computed: water and fat are two unknowns. Out of phase,
their signals are taken from each other, so that a voxel with a quarter of fat or more is clearly
darker than muscle, and half of each is nearly black. So the share of the muscle compartment that is
darker than the bright tissue next to it says how much of it is mixed with fat. Fascia, tendon and
vessels are dark too, and pure fat may not be: it is a share for a first look, not a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myocohort.mri.body import Body, depth_in_plane, shrink_in_plane
from myocohort.mri.dixon.coarse import smooth
from myocohort.mri.dixon.echoes import box_of
from myocohort.mri.dixon.rim import rim_of
from myocohort.mri.dixon.spectrum import turns_of_fat
from myocohort.mri.regions import Regions
from myocohort.mri.scan import Scan, ScanError

Floats = NDArray[np.float32]

BRIGHT_MM = 15.0
"""Bright tissue is looked for over this distance (Gaussian, SD): wider than a fascicle, narrower
than the coil's shading."""

DARK = 0.6
"""Out of phase, with fat three quarters as bright as muscle, a voxel falls below this share of the
muscle beside it from 23% of fat on."""

DARK_RANGE = (0.55, 0.65)
"""The line moved by what shading over `BRIGHT_MM` leaves; it gives the interval."""

HEAVY = 0.3
"""From 30% of the muscle's volume on the scale of Mercuri speaks of its late stage."""

SHADING_MM = 25.0
"""Body signal averaged over this distance shows the coil's shading, and little of the tissues."""

LEVELS_MM = (6.0, 8.0, 10.0, 12.0, 12.0, 12.0)
"""Fat under the skin is averaged over these distances while its layer grows inwards."""

LIKE_FAT = 0.2
"""Signal within 20% of the fat nearby counts as that layer of fat: shading over a centimetre and
noise stay within, muscle and the dark line at the fascia do not."""

NECK_MM = 2.5
"""A layer that is narrower than twice this does not grow on: septa lead into the muscles."""

FASCIA_MM = 3.0
"""Depth of the compartment's edge that is left out: fascia and mixed voxels."""

FEMUR_CM2 = (3.0, 20.0)
"""Section of the femur's shaft, with its dark cortex, from the condyles to the hip."""


PHASES = {"in phase": "in phase", "between": "neither in nor out of phase"}
"""Echoes that say nothing, in words."""


@dataclass(frozen=True, slots=True)
class OneEcho:
    """How much of the muscle compartment is darker than the bright tissue next to it.

    Parameters
    ----------
    share
        Of the compartment's voxels, 0 to 1; None where the echo is not out of phase.
    low, high
        The same with the line between dark and bright moved by 8% either way.
    heavily_replaced
        True where even `low` is above 30%, False where even `high` is below; else None.
    voxels
        Of the compartment.
    says
        What may be printed, in a sentence.
    references
        Echo and how its phase is known, in plain types for `--json`.
    """

    share: float | None
    low: float | None
    high: float | None
    heavily_replaced: bool | None
    voxels: int
    says: str
    references: dict[str, Any] = field(default_factory=dict)


def replaced_share_one_echo(scan: Scan, body: Body, regions: Regions | None = None) -> OneEcho:
    """Return the share of the muscle compartment that one out-of-phase echo shows mixed with fat.

    Parameters
    ----------
    scan
        Magnitude of one gradient echo.
    body
        Where the body is in it.
    regions
        Muscles, where a label map gives them. Without them the compartment is what lies inside the
        layer of fat under the skin, bone left out; fat between the muscles is then part of it.

    Raises
    ------
    ScanError
        A phase image, or no layer under the skin, or nothing inside it.
    """
    if scan.quantity != "magnitude":
        raise ScanError(f"{scan.name} is a phase image; give the magnitude image of the echo")
    phase = _phase(scan)
    references = {"echo_ms": scan.echo_ms, "field_t": scan.field_t, "phase": phase}
    if not body.mask.any():
        raise ScanError(f"{scan.name}: no body is seen in the image")
    box = box_of(body.mask)
    scan = replace(scan, voxels=scan.voxels[box])
    body = Body(body.mask[box], body.depth_mm[box], body.leg[box])
    codes = None if regions is None else _muscle_mask(regions)[box]
    compartment = _compartment(scan, body, codes)
    count = int(np.count_nonzero(compartment))
    if count == 0:
        raise ScanError(f"{scan.name}: no muscle compartment is seen inside the fat under the skin")
    if phase in ("in phase", "between"):
        return OneEcho(
            None, None, None, None, count,
            f"the echo is {PHASES[phase]}, where a mixture is not darker than water, "
            "so that one echo says nothing of how much fat the muscles hold. Give all echoes, or "
            "fat and water images",
            references,
        )  # fmt: skip
    ratio = _against_bright(scan.voxels, compartment, scan.geometry.spacing)
    share, low, high = (float(np.mean(ratio < line)) for line in (DARK, *DARK_RANGE))
    heavy = True if low > HEAVY else False if high < HEAVY else None
    words = {True: "heavily replaced", False: "not heavily replaced", None: "between"}
    given = "" if phase == "out of phase" else ", if it is out of phase (its tags do not say)"
    return OneEcho(
        share, low, high, heavy, count,
        f"{words[heavy]}: in one echo{given} {100 * share:.0f}% ({100 * low:.0f} to "
        f"{100 * high:.0f}%) of the muscle compartment is darker than the tissue next to it, so it "
        "is mixed with fat, or fascia or vessel. One echo gives no fat fraction",
        references,
    )  # fmt: skip


def _phase(scan: Scan) -> str:
    if scan.echo_ms is None or scan.field_t is None:
        return "unknown"
    turned = turns_of_fat(scan.echo_ms, scan.field_t) % 1
    if abs(turned - 0.5) < 1 / 6:
        return "out of phase"
    return "in phase" if min(turned, 1 - turned) < 1 / 6 else "between"


def _against_bright(
    values: Floats, where: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> Floats:
    """Return the signal of each voxel of a mask over that of the bright half around it."""
    bright = where
    for _ in range(3):
        level = _spread(values, bright, BRIGHT_MM, spacing)
        bright = where & (values >= level)
    return np.asarray((values / np.maximum(level, np.float32(1e-20)))[where])


def _layer_of_fat(scan: Scan, body: Body) -> NDArray[np.bool_]:
    """Return the layer of even signal under the skin, as far as it reaches inwards."""
    spacing = scan.geometry.spacing
    layer = rim_of(body, spacing)
    if not layer.any():
        raise ScanError(
            f"{scan.name}: no layer under the skin is seen, so that fat has no reference"
        )
    start = layer.copy()
    # Fat and muscle differ less than a surface coil shades: the shading goes first, roughly.
    shading = _spread(scan.voxels, body.mask, SHADING_MM, spacing)
    even = np.asarray(scan.voxels / np.maximum(shading, 1e-20), dtype=np.float32)
    for mm in LEVELS_MM:
        level = _spread(even, layer, mm, spacing)
        alike = body.mask & (np.abs(even / np.maximum(level, np.float32(1e-20)) - 1) < LIKE_FAT)
        filled = ndimage.uniform_filter(alike.astype(np.float32), (3, 3, 1)) > 0.5
        wide = _without_necks(filled, spacing) | start
        for k in range(layer.shape[2]):
            layer[:, :, k] = ndimage.binary_propagation(
                start[:, :, k] & alike[:, :, k], mask=wide[:, :, k]
            )
        if not layer.any():
            raise ScanError(
                f"{scan.name}: the layer under the skin has no even signal, so that fat has no "
                "reference"
            )
    return layer


def _without_necks(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    core = shrink_in_plane(mask, NECK_MM, spacing)
    half = float(np.mean(spacing[:2])) / 2
    return np.asarray(mask & (depth_in_plane(~core, spacing) - half <= NECK_MM))


def _spread(
    values: Floats, where: NDArray[np.bool_], reach: float, spacing: NDArray[np.float64]
) -> Floats:
    """Return the mean of values of a mask around each voxel; far from the mask the usual value."""
    mm = (float(spacing[0]), float(spacing[1]), float(spacing[2]))
    weight = smooth(where.astype(np.float32), reach, mm)
    mean = smooth(np.where(where, values, 0).astype(np.float32), reach, mm)
    usual = float(np.median(values[where]))
    small = np.float32(1e-4)
    return np.asarray((mean + small * usual) / (weight + small), dtype=np.float32)


def _muscle_mask(regions: Regions) -> NDArray[np.bool_]:
    """Return the voxels of all regions but bone."""
    muscle = np.zeros(regions.codes.shape, dtype=bool)
    for _, region, mask in regions.masks():
        if region.kind != "bone":
            muscle |= mask
    return muscle


def _compartment(scan: Scan, body: Body, muscle: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return the voxels of muscle, or what lies inside the layer of fat without bone."""
    spacing = scan.geometry.spacing
    if muscle is not None:
        return shrink_in_plane(muscle, 1.0, spacing)
    inner = body.mask & ~_layer_of_fat(scan, body) & ~rim_of(body, spacing)
    for k in range(inner.shape[2]):
        inner[:, :, k] = _large_pieces(inner[:, :, k], spacing)
    return shrink_in_plane(inner, FASCIA_MM, spacing) & ~_bone(scan.voxels, inner, spacing)


def _large_pieces(inner: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the legs' insides without strips of skin and septa, holes filled."""
    core = shrink_in_plane(inner[:, :, None], FASCIA_MM, spacing)[:, :, 0]
    pieces, count = ndimage.label(core)
    if count == 0:
        return np.zeros_like(inner)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    large = np.isin(pieces, np.flatnonzero(sizes >= 0.1 * sizes.max()))
    near = depth_in_plane(~large[:, :, None], spacing)[:, :, 0] <= FASCIA_MM + float(spacing[0])
    return np.asarray(ndimage.binary_fill_holes(inner & near))


def _bone(
    values: Floats, inner: NDArray[np.bool_], spacing: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return dark rings (cortical bone) of the femur's size with the marrow that they enclose."""
    bone = np.zeros_like(inner)
    voxel_cm2 = float(spacing[0] * spacing[1]) / 100
    for k in range(inner.shape[2]):
        layer = inner[:, :, k]
        if not layer.any():
            continue
        dark = layer & (values[:, :, k] < 0.3 * float(np.median(values[:, :, k][layer])))
        filled = ndimage.binary_fill_holes(ndimage.binary_closing(dark))
        pieces, count = ndimage.label(ndimage.binary_opening(filled, iterations=2))
        for piece in range(1, count + 1):
            here = pieces == piece
            if FEMUR_CM2[0] <= np.count_nonzero(here) * voxel_cm2 <= FEMUR_CM2[1]:
                bone[:, :, k] |= here
    return np.asarray(ndimage.binary_dilation(bone, np.ones((3, 3, 1), dtype=bool)))
