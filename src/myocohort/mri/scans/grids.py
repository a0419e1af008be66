"""Grids of voxels in the body: axes to the right, front and head, and what is odd about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from nibabel import orientations
from numpy.typing import NDArray

from myocohort.mri.scan import Geometry
from myocohort.mri.scans.problems import refused

_turns: Any = orientations  # nibabel has no types there

SMALLEST_MM = 50.0
"""No picture of a thigh is narrower: a thin adult thigh is about 100 mm across."""

LARGEST_MM = 700.0
"""No magnet's field of view is wider: bores are 600 to 700 mm."""

AXIAL_DEGREES = 30.0
"""Slices tilted more than this are not what a reader takes for axial (`Scan.axial`)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Voxels on their canonical grid.

    Parameters
    ----------
    voxels
        As they came, with axes turned to the right, front and head.
    geometry
        Where they lie.
    through
        The axis (0, 1 or 2, canonical) across the slices as they were acquired.
    """

    voxels: NDArray[Any]
    geometry: Geometry
    through: int

    @property
    def axial(self) -> bool:
        """Whether the slices are axial, within `AXIAL_DEGREES`."""
        return _angle(self.geometry.affine[:3, self.through], 2) <= AXIAL_DEGREES


def place(voxels: NDArray[Any], affine: NDArray[np.float64], through: int, name: str) -> Placed:
    """Turn voxels so that their axes run to the patient's right, front and head.

    Parameters
    ----------
    voxels
        Shape (a, b, c), in storage order.
    affine
        (4, 4), storage indices to millimetres, RAS+.
    through
        Storage axis across the slices.

    Raises
    ------
    ScanError
        Where the affine places voxels nowhere: not finite, or a plane or line.
    """
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not np.isfinite(affine).all() or lengths.min() <= 0:
        raise refused(name, "its affine places every voxel", _rows(affine), _AGAIN)
    if abs(np.linalg.det(affine[:3, :3] / lengths)) < 0.1:
        raise refused(name, "the axes of its affine span a volume", _rows(affine), _AGAIN)
    turn = _turns.io_orientation(affine)
    turned = _turns.apply_orientation(voxels, turn)
    canonical = np.asarray(affine @ _turns.inv_ornt_aff(turn, voxels.shape), dtype=np.float64)
    shape = (int(turned.shape[0]), int(turned.shape[1]), int(turned.shape[2]))
    return Placed(turned, Geometry(shape, canonical), int(turn[through, 0]))


_AGAIN = "Convert the scan anew from DICOM, or correct the file's header."


def _rows(affine: NDArray[np.float64]) -> str:
    return np.array2string(affine[:3], precision=3, separator=", ").replace("\n", "")


def _angle(direction: NDArray[np.float64], axis: int) -> float:
    """Return the angle between a direction and an axis of the body, degrees 0 to 90."""
    cosine = abs(float(direction[axis])) / float(np.linalg.norm(direction))
    return float(np.degrees(np.arccos(min(cosine, 1.0))))


def tilt(placed: Placed) -> float:
    """Return how far the slices are tilted from the nearest plane of the body, degrees."""
    return _angle(placed.geometry.affine[:3, placed.through], placed.through)


def field_of_view(placed: Placed) -> tuple[float, float]:
    """Return the two sides of a slice in mm."""
    size = placed.geometry.spacing * np.array(placed.geometry.shape)
    first, second = (float(size[axis]) for axis in range(3) if axis != placed.through)
    return first, second


def oddities(placed: Placed) -> list[str]:
    """Say what is odd about a grid that can be measured all the same."""
    said = []
    degrees = tilt(placed)
    if degrees > AXIAL_DEGREES:
        said.append(
            f"the slices are tilted by {degrees:.0f} degrees from the planes of the body: areas "
            "are those of the tilted slices"
        )
    unit = placed.geometry.affine[:3, :3] / placed.geometry.spacing
    skew = np.abs(unit.T @ unit - np.eye(3)).max()
    if skew > np.sin(np.radians(1.0)):
        degrees = float(np.degrees(np.arcsin(min(skew, 1.0))))
        said.append(
            f"slices are shifted against each other (axes {degrees:.0f} degrees off a right "
            "angle): check volumes and the pictures"
        )
    return said


def check_size(placed: Placed, name: str) -> None:
    """Refuse a field of view that no scan of a thigh has: the units are wrong.

    Raises
    ------
    ScanError
        Where a side of the slices is below `SMALLEST_MM` or above `LARGEST_MM`.
    """
    sides = field_of_view(placed)
    if min(sides) < SMALLEST_MM or max(sides) > LARGEST_MM:
        raise refused(
            name,
            f"the field of view of a thigh scan is {SMALLEST_MM:.0f} to {LARGEST_MM:.0f} mm",
            f"{sides[0]:.4g} x {sides[1]:.4g} mm",
            "Check the units of the file (millimetres are meant), or take the uncropped scan.",
        )
