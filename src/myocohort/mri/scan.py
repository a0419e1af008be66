"""A scan: voxels on a grid in the body, and what is known of how they were made."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import MyocohortError

Kind = Literal[
    "t1", "t2", "stir", "dixon-in", "dixon-out", "dixon-fat", "dixon-water", "dixon-fraction",
    "dixon-echo", "localiser", "unknown",
]  # fmt: skip
"""What a sequence is; "dixon-echo" is a gradient echo that is neither known in nor out of phase."""

SAME_PLACE_MM = 0.5
"""Two grids are the same where no corner lies farther apart than this."""


class ScanError(MyocohortError):
    """A scan or a label map cannot be read or measured; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A regular grid of voxels in the body.

    Parameters
    ----------
    shape
        Voxels along each axis. Axis 0 runs towards the patient's right, axis 1 towards the
        front, axis 2 towards the head, whatever the storage order was; an oblique stack keeps
        its tilt in the affine.
    affine
        (4, 4): voxel indices to millimetres in the body; x to the right, y to the front, z to the
        head (RAS+, as NIfTI counts it).
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Distance of neighbouring voxel centres along each axis, mm, shape (3,)."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0), dtype=np.float64)

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel in millilitres; slice gaps are part of it."""
        return float(abs(np.linalg.det(self.affine[:3, :3]))) / 1000

    def slice_positions(self) -> NDArray[np.float64]:
        """Return the height of each slice's centre in mm towards the head, shape (slices,)."""
        middle = (np.array(self.shape[:2], dtype=float) - 1) / 2
        at = np.array([[*middle, k, 1.0] for k in range(self.shape[2])])
        return np.asarray((at @ self.affine.T)[:, 2], dtype=np.float64)

    def corners(self) -> NDArray[np.float64]:
        """Return the centres of the eight corner voxels in mm, shape (8, 3)."""
        ends = [(0, n - 1) for n in self.shape]
        at = np.array([[i, j, k, 1.0] for i in ends[0] for j in ends[1] for k in ends[2]])
        return np.asarray((at @ self.affine.T)[:, :3], dtype=np.float64)

    def same_as(self, other: Geometry) -> bool:
        """Whether both grids have the same voxels at the same places, to `SAME_PLACE_MM`."""
        if self.shape != other.shape:
            return False
        apart = np.abs(self.corners() - other.corners())
        return bool(apart.max() < SAME_PLACE_MM)


@dataclass(frozen=True, slots=True)
class Sequence:
    """What kind of sequence a scan is, and how surely that is known.

    Parameters
    ----------
    kind
        One of `Kind`.
    confidence
        "stated" by the user or a tag that says just this, "likely" from timing or a name,
        "unknown".
    because
        The tags or the name that it rests on, in words; no person's name.
    """

    kind: Kind = "unknown"
    confidence: Literal["stated", "likely", "unknown"] = "unknown"
    because: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """One series of images of one sequence on one grid.

    Parameters
    ----------
    voxels
        float32, shape of the geometry, axes to the right, front and head (see `Geometry`).
        Finite everywhere: voxels that are not a number were set to 0 and are told in `warnings`.
    geometry
        Where they lie.
    name
        How messages call it: a file's or a folder's name, or a series number; no person's name.
    sequence
        What it is.
    quantity
        "magnitude" or "phase" (in radians, -pi to pi).
    echo_ms, repetition_ms, inversion_ms, field_t
        Echo, repetition and inversion time and field strength, where the file tells them.
    date
        Day of the scan, where the file tells it.
    axial
        Slices as they were acquired are axial (within 30 degrees).
    slice_gap_mm
        Gap between slices where the file tells their thickness; None where it does not.
    vendor
        Manufacturer and model where the file tells them.
    warnings
        What was odd, in sentences.
    """

    voxels: NDArray[np.float32]
    geometry: Geometry
    name: str
    sequence: Sequence = field(default_factory=Sequence)
    quantity: Literal["magnitude", "phase"] = "magnitude"
    echo_ms: float | None = None
    repetition_ms: float | None = None
    inversion_ms: float | None = None
    field_t: float | None = None
    date: datetime.date | None = None
    axial: bool = True
    slice_gap_mm: float | None = None
    vendor: str = ""
    warnings: tuple[str, ...] = ()

    def coverage(self) -> dict[str, Any]:
        """Return what part of the body the scan covers, in plain types for `--json`."""
        at = self.geometry.slice_positions()
        spacing = self.geometry.spacing
        size = spacing[:2] * np.array(self.geometry.shape[:2])
        return {
            "slices": self.geometry.shape[2],
            "spacing_mm": [round(float(one), 4) for one in spacing],
            "field_of_view_mm": [round(float(one), 1) for one in size],
            "from_mm": round(float(at.min()), 2),
            "to_mm": round(float(at.max()), 2),
            "length_mm": round(float(self.geometry.shape[2] * spacing[2]), 1),
        }


@dataclass(frozen=True, slots=True)
class LabelMap:
    """A map of whole numbers on a grid, as a segmentation tool wrote it.

    Parameters
    ----------
    labels
        int32, shape of the geometry, axes as in `Scan`.
    geometry, name, warnings
        As in `Scan`.
    """

    labels: NDArray[np.int32]
    geometry: Geometry
    name: str
    warnings: tuple[str, ...] = ()
