"""A stack of DICOM frames made a scan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import Scan
from myocohort.mri.scans.frames import Frame
from myocohort.mri.scans.grids import check_size, oddities, place
from myocohort.mri.scans.pixels import rescaled, stored
from myocohort.mri.scans.problems import refused
from myocohort.mri.scans.sequence import guess
from myocohort.mri.scans.stacks import Stack
from myocohort.mri.scans.values import finite, radians

_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def scan_of(stack: Stack) -> Scan:
    """Decode the pixels of an ordered stack and put them on the canonical grid.

    Raises
    ------
    ScanError
        Damaged pixels, a picture without content, a field of view that no thigh has, or one
        slice whose thickness nothing tells.
    """
    frames = list(stack.frames)
    first = frames[0]
    affine = affine_of(frames, stack.name)
    placed = place(_nothing(frames), affine, 2, stack.name)
    check_size(placed, stack.name)
    voxels = rescaled(frames, stored(frames, stack.name))
    values, said = finite(place(voxels, affine, 2, stack.name).voxels, stack.name)
    phase = first.component == "phase"
    if phase:
        values, _ = radians(values, stack.name, first.vendor)
    step = float(placed.geometry.spacing[placed.through])
    return Scan(
        voxels=values, geometry=placed.geometry, name=stack.name,
        sequence=guess(first.tags, named="series description"),
        quantity="phase" if phase else "magnitude",
        echo_ms=first.tags.echo_ms, repetition_ms=first.tags.repetition_ms,
        inversion_ms=first.tags.inversion_ms, field_t=first.tags.field_t,
        date=min((one.date for one in frames if one.date is not None), default=None),
        axial=placed.axial,
        slice_gap_mm=None if first.thickness is None else _gap(step, first.thickness),
        vendor=first.vendor,
        warnings=(*stack.warnings, *oddities(placed), *_about(frames), *said),
    )  # fmt: skip


def _nothing(frames: list[Frame]) -> NDArray[np.bool_]:
    """Return an array of the stack's shape that takes no memory, to place it before decoding."""
    rows, columns = frames[0].size
    return np.broadcast_to(np.zeros((), dtype=bool), (columns, rows, len(frames)))


def _gap(step: float, thickness: float) -> float:
    """Return the gap between slices; 0 where they touch or overlap."""
    return round(max(step - thickness, 0.0), 3)


def affine_of(frames: list[Frame], name: str) -> NDArray[np.float64]:
    """Return voxel indices (column, row, slice) to RAS+ millimetres.

    Raises
    ------
    ScanError
        One slice, and neither its thickness nor the distance of slices is told.
    """
    first = frames[0]
    if len(frames) > 1:
        step = (frames[-1].position - first.position) / (len(frames) - 1)
    else:
        depth = abs(first.between or 0.0) or first.thickness
        if not depth:
            raise refused(
                name, "a single slice tells its thickness", "no SliceThickness",
                "Export the series anew; without it no volume is known.",
            )  # fmt: skip
        step = first.normal * depth
    rows, columns = first.spacing
    affine = np.eye(4)
    affine[:3, 0] = first.along_row * columns
    affine[:3, 1] = first.along_column * rows
    affine[:3, 2] = step
    affine[:3, 3] = first.position
    return np.asarray(_TO_RAS @ affine, dtype=np.float64)


def _about(frames: list[Frame]) -> list[str]:
    """Say what is odd about how the numbers of a stack were made."""
    said = []
    scales = {round(one.private_scale, 6) for one in frames if one.private_scale}
    if scales and frames[0].vendor.lower().startswith("philips"):
        each = "differs between slices" if len(scales) > 1 else "is not applied"
        said.append(
            f"Philips keeps a scale of its own (2005,100E), which {each}: compare intensities "
            + ("neither with other series nor between slices" if len(scales) > 1 else
               "with no other series")
        )  # fmt: skip
    if any(one.contrast for one in frames):
        said.append("contrast agent was given: muscle is brighter than its fat makes it")
    if any(one.lossy for one in frames):
        said.append("the pictures were compressed with loss")
    if len(frames) == 1:
        said.append("one slice only")
    return said
