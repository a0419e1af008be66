"""Fat under the skin: what tells fat from water where the echoes alone cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.body import Body

SKIN_MM = 2.5
"""Skin of the thigh is 1 to 2 mm thick and reads as water; half a millimetre more for its blur."""

RIM_MM = 6.0
"""Subcutaneous fat of the thigh reaches deeper than this in most people (to 3 mm in athletes)."""

CORE_MM = 15.0
"""Deeper than this lie muscles, bone and the fat between them."""

WATER_BELOW = 0.35
FAT_ABOVE = 0.65
"""Fractions that are clearly of one kind; a swap takes one to the other."""

LEAST_CM2 = 1.0
"""A rim or core smaller than this in a slice is not judged."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Median fraction of a leg's rim and core in one slice; leg as in `Body.leg`."""

    slice: int
    leg: int
    rim: float
    core: float

    @property
    def inside_out(self) -> bool:
        """Whether water under the skin encloses fat, which no thigh shows."""
        return self.rim < WATER_BELOW and self.core > FAT_ABOVE

    @property
    def in_order(self) -> bool:
        """Whether fat under the skin encloses tissue with less fat."""
        return self.rim > FAT_ABOVE and self.core < self.rim - 0.2


def swapped_shells(shells: tuple[Shell, ...]) -> list[Shell]:
    """Return the legs and slices in which fat and water are certainly exchanged.

    A leg that is inside out; or one with water under the skin beside a leg of the same slice with
    fat under it and leaner tissue inside: nobody is without fat under the skin of one leg only.
    """
    found = []
    for one in shells:
        beside = any(
            other.slice == one.slice and other.leg != one.leg and other.in_order for other in shells
        )
        if one.inside_out or (one.rim < WATER_BELOW and beside):
            found.append(one)
    return found


def depth_below_skin(body: Body, spacing: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the depth from the skin's edge, half a voxel inside the first voxel outside, mm."""
    half = np.float32(np.mean(spacing[:2]) / 2)
    return np.asarray(np.where(body.mask, body.depth_mm - half, 0), dtype=np.float32)


def rim_of(body: Body, spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where fat is expected just under the skin, shape of the scan."""
    depth = depth_below_skin(body, spacing)
    return np.asarray(body.mask & (depth >= SKIN_MM) & (depth <= RIM_MM))


def shells_of(
    fraction: NDArray[np.float32], body: Body, spacing: NDArray[np.float64]
) -> tuple[Shell, ...]:
    """Return rim and core of each leg and slice in which both are large enough to judge.

    Parameters
    ----------
    fraction
        Fat fraction, not a number where undetermined, shape of the scan.
    """
    depth = depth_below_skin(body, spacing)
    rim, core = rim_of(body, spacing), depth >= CORE_MM
    known = np.isfinite(fraction)
    least = LEAST_CM2 * 100 / float(spacing[0] * spacing[1])
    found = []
    for k in range(fraction.shape[2]):
        for leg in (1, 2, 0):
            here = body.mask[:, :, k] & (body.leg[:, :, k] == leg) & known[:, :, k]
            of_rim = fraction[:, :, k][here & rim[:, :, k]]
            of_core = fraction[:, :, k][here & core[:, :, k]]
            if of_rim.size >= least and of_core.size >= least:
                found.append(Shell(k, leg, float(np.median(of_rim)), float(np.median(of_core))))
    return tuple(found)


def places(slices: list[tuple[int, int]]) -> str:
    """Return slices and legs in words: "left leg, slices 3 to 5; right leg, slice 7"."""
    words = []
    for leg, name in ((1, "left leg"), (2, "right leg"), (0, "both legs together")):
        at = sorted(k + 1 for k, which in slices if which == leg)
        if not at:
            continue
        runs = np.split(np.array(at), np.flatnonzero(np.diff(at) > 1) + 1)
        texts = [f"{r[0]}" if len(r) == 1 else f"{r[0]} to {r[-1]}" for r in runs]
        words.append(f"{name}, slice{'s' if len(at) > 1 else ''} {', '.join(texts)}")
    return "; ".join(words)


def lean_warning(shells: tuple[Shell, ...]) -> tuple[str, ...]:
    """Return a warning where no fat under the skin shows which of both is fat."""
    swapped = swapped_shells(shells)
    lean = [(one.slice, one.leg) for one in shells if one.rim < WATER_BELOW and one not in swapped]
    if not lean:
        return ()
    return (
        f"no fat is seen {SKIN_MM:g} to {RIM_MM:g} mm under the skin ({places(lean)}): the leg is "
        "very lean, or fat and water are exchanged and its muscle is replaced; look at the images",
    )
