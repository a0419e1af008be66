"""What the numbers of the voxels are: finite, not all one, a phase in radians."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scans.problems import listed, refused

MILLIRADIANS = 1000 * np.pi
LARGEST = 1e12
"""More is a damaged file: scanners write whole numbers of 16 bits, and slopes to 1e5 or so."""

WHOLE = 1e-4
"""Labels written with a scale factor are whole numbers within this."""

HALF_TURN = 2048.0
"""Half a turn in Siemens' 12-bit phases: 0 is -pi and 4096 would be pi (CMRR-C2P/MB issue 238)."""


def finite(voxels: NDArray[Any], name: str) -> tuple[NDArray[np.float32], list[str]]:
    """Return the voxels as float32 with 0 for those that are not a number, and what is odd.

    Raises
    ------
    ScanError
        Where all voxels have one value: there is nothing to measure.
    """
    out = np.array(voxels, dtype=np.float32, order="C")
    bad = ~np.isfinite(out)
    count = int(bad.sum())
    warnings = []
    if count == out.size:
        raise refused(name, "voxels are numbers", "none is", "Convert the scan anew from DICOM.")
    if count:
        out[bad] = 0.0
        warnings.append(f"{count} of {out.size} voxels are not a number and were set to 0")
    reach = float(np.abs(out).max())
    if reach > LARGEST:
        raise refused(
            name, f"voxels are at most {LARGEST:g}", f"{reach:g}",
            "The file is damaged or its scale factor is wrong: convert it anew from DICOM.",
        )  # fmt: skip
    if float(out.min()) == float(out.max()):
        raise refused(
            name, "a scan shows something", f"every voxel is {float(out.flat[0]):g}",
            "Check that this is the file that was meant; export or convert it anew.",
        )  # fmt: skip
    return out, warnings


def radians(phase: NDArray[np.float32], name: str, vendor: str) -> tuple[NDArray[np.float32], str]:
    """Return a phase in radians, -pi to pi, and in words what it was taken for.

    Phases are stored as radians, as thousandths of a radian (Philips, GE), or on a scale where
    4096 steps are one turn (Siemens: 0 to 4095, or -4096 to 4094 after rescaling). The scale is
    told by the range, which the noise of the background fills; what fits none is refused.

    Raises
    ------
    ScanError
        Where the range fits no known scale.
    """
    low, high = float(phase.min()), float(phase.max())
    reach = max(-low, high)
    thousandths = vendor.lower().startswith(("philips", "ge"))
    if low < 0 and reach <= np.pi + 0.01:
        return phase, "radians"
    if low >= 0 and 4.0 < high <= 2 * np.pi + 0.01:
        return _wrapped(phase), "radians from 0 to 2 pi"
    if low < 0 and reach <= MILLIRADIANS + 2 and (thousandths or reach > 0.95 * MILLIRADIANS):
        return _wrapped(phase / np.float32(1000)), "thousandths of a radian"
    if low < 0 and MILLIRADIANS + 2 < reach <= 4096 and not thousandths:
        return _wrapped(phase * np.float32(np.pi / 4096)), "-4096 to 4095 for one turn"
    if low >= 0 and HALF_TURN < high <= 4096 and not thousandths:
        turned = (phase - np.float32(HALF_TURN)) * np.float32(np.pi / HALF_TURN)
        return turned, "0 to 4095 for one turn"
    raise refused(
        name,
        "a phase is in radians, thousandths of a radian, or 0 to 4095 (Siemens)",
        f"{low:g} to {high:g}",
        "Export the phase in radians, or leave it out (a Dixon from magnitudes is ambiguous).",
    )


def _wrapped(phase: NDArray[np.float32]) -> NDArray[np.float32]:
    turn = np.float32(2 * np.pi)
    return np.asarray(phase - turn * np.round(phase / turn), dtype=np.float32)


def is_like_phase(values: NDArray[np.float32]) -> bool:
    """Whether numbers spread over one turn as phases do.

    The air around a body has every phase alike, so that at least a quarter of the voxels lies in
    each half of the range; in a magnitude most voxels are dark and few lie in the upper half.
    """
    low, high = float(values.min()), float(values.max())
    reach = max(-low, high)
    ends = (np.pi, MILLIRADIANS, 4095.0)  # the scales of `radians`
    if not any(abs(reach - end) <= 0.01 * end for end in ends):
        return False
    upper = float((values > (low + high) / 2).mean())
    return 0.25 <= upper <= 0.75


def whole_numbers(values: NDArray[np.float64], name: str) -> NDArray[np.int32]:
    """Return labels as whole numbers.

    Raises
    ------
    ScanError
        Where numbers are negative or not whole, or all are 0.
    """
    rounded = np.round(values)
    broken = np.abs(values - rounded) > WHOLE
    if broken.any():
        examples = [f"{one:g}" for one in np.unique(values[broken])[:4]]
        raise refused(
            name, "labels are whole numbers",
            f"{int(broken.sum())} voxels are not: {listed(examples)}",
            "Give the map itself, resampled by nearest neighbour if at all; probabilities and "
            "images are no label maps.",
        )  # fmt: skip
    if rounded.min() < 0 or rounded.max() > np.iinfo(np.int32).max:
        raise refused(
            name, "labels are 0 or above", f"{rounded.min():g} to {rounded.max():g}",
            "Number the structures from 1; 0 is none of them.",
        )  # fmt: skip
    if not rounded.any():
        raise refused(
            name, "a label map has labels", "every voxel is 0",
            "Check that the segmentation ran on this scan.",
        )  # fmt: skip
    labels = np.array(rounded, dtype=np.int32, order="C")
    return labels
