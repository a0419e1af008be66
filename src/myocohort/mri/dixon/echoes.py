"""Echoes of one Dixon scan, checked against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.body import Body
from myocohort.mri.scan import Geometry, Scan, ScanError

SAME_ECHO_MS = 0.02
"""Echo times closer than this are the same echo."""

FIELDS_T = (0.2, 7.0)
"""Field strengths of whole-body scanners; anything outside is a wrong unit."""

LONGEST_ECHO_MS = 100.0
"""A gradient echo of muscle has decayed long before; a larger number is a wrong unit."""

Box = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True)
class Echo:
    """One gradient echo.

    Parameters
    ----------
    magnitude
        Its magnitude image.
    phase
        Its phase image in radians on the same grid; None where only magnitudes were kept.
    echo_ms
        Echo time, ms.
    field_t
        Field strength, T.
    """

    magnitude: Scan
    phase: Scan | None
    echo_ms: float
    field_t: float


@dataclass(frozen=True, slots=True)
class Series:
    """Echoes in the order of their times, cut to the body.

    Parameters
    ----------
    signal
        complex64 with phase, else float32; (echoes, x, y, slices) of the box.
    seconds
        Echo times, s, shape (echoes,).
    box
        Where the cut-out lies in the scan.
    inside
        bool: the body within the box.
    first
        The whole magnitude image of the first echo, with its air.
    """

    signal: NDArray[np.complex64] | NDArray[np.float32]
    seconds: NDArray[np.float64]
    field_t: float
    geometry: Geometry
    box: Box
    inside: NDArray[np.bool_]
    name: str
    first: NDArray[np.float32]

    @property
    def echo_ms(self) -> NDArray[np.float64]:
        """Echo times in ms."""
        return np.asarray(self.seconds * 1000, dtype=np.float64)


def box_of(mask: NDArray[np.bool_], rim: int = 1) -> Box:
    """Return the bounding box of a mask with a rim of voxels in the plane; slices have no rim."""
    sides = []
    for axis in range(3):
        others = tuple(one for one in range(3) if one != axis)
        at = np.flatnonzero(mask.any(axis=others))
        more = rim if axis < 2 else 0
        sides.append(
            slice(max(int(at[0]) - more, 0), min(int(at[-1]) + 1 + more, mask.shape[axis]))
        )
    return sides[0], sides[1], sides[2]


def series_of(echoes: Sequence[Echo], body: Body) -> Series:
    """Return the echoes as one array, in the order of their times.

    Raises
    ------
    ScanError
        Fewer than two echoes, the same echo twice, different fields or grids, phases of some
        echoes only, phases in other units than radians, or no body.
    """
    ordered = sorted(echoes, key=lambda one: one.echo_ms)
    _check_times(ordered)
    _check_grids(ordered, body)
    with_phase = _check_phases(ordered)
    box = box_of(body.mask)
    inside = body.mask[box]
    layers = []
    for echo in ordered:
        size = echo.magnitude.voxels[box]
        if with_phase and echo.phase is not None:
            layers.append((size * np.exp(1j * echo.phase.voxels[box])).astype(np.complex64))
        else:
            layers.append(size.astype(np.float32))
    return Series(
        signal=np.stack(layers),
        seconds=np.array([one.echo_ms for one in ordered]) / 1000,
        field_t=ordered[0].field_t,
        geometry=ordered[0].magnitude.geometry,
        box=box,
        inside=inside,
        name=ordered[0].magnitude.name,
        first=ordered[0].magnitude.voxels,
    )


def _check_times(ordered: Sequence[Echo]) -> None:
    if len(ordered) < 2:
        raise ScanError(
            f"a Dixon scan needs two echoes or more, {len(ordered)} given. From one echo no fat "
            "fraction can be computed"
        )
    for echo in ordered:
        name = echo.magnitude.name
        if not 0 < echo.echo_ms <= LONGEST_ECHO_MS:
            raise ScanError(
                f"{name}: echo time {echo.echo_ms:g} ms is not between 0 and "
                f"{LONGEST_ECHO_MS:g} ms. Give it in milliseconds"
            )
        if not FIELDS_T[0] <= echo.field_t <= FIELDS_T[1]:
            raise ScanError(
                f"{name}: field strength {echo.field_t:g} T is not between {FIELDS_T[0]:g} and "
                f"{FIELDS_T[1]:g} T. Give it in tesla"
            )
    for one, two in pairwise(ordered):
        if two.echo_ms - one.echo_ms < SAME_ECHO_MS:
            raise ScanError(
                f"{one.magnitude.name} and {two.magnitude.name} have the same echo time, "
                f"{one.echo_ms:g} ms. Give each echo once"
            )
        if abs(two.field_t - one.field_t) > 0.05 * one.field_t:
            raise ScanError(
                f"{one.magnitude.name} and {two.magnitude.name} differ in field strength, "
                f"{one.field_t:g} and {two.field_t:g} T: they are not echoes of one scan"
            )


def _check_grids(ordered: Sequence[Echo], body: Body) -> None:
    first = ordered[0].magnitude
    for echo in ordered:
        for scan in (echo.magnitude, echo.phase):
            if scan is not None and not scan.geometry.same_as(first.geometry):
                raise ScanError(
                    f"{scan.name} lies on another grid than {first.name}: "
                    "echoes of one scan share their grid. Give images of one scan"
                )
        if echo.magnitude.quantity != "magnitude":
            raise ScanError(
                f"{echo.magnitude.name} is a phase image; give it as the phase of its echo"
            )
    if body.mask.shape != first.geometry.shape:
        raise ScanError(f"{first.name}: the outline of the body is that of another scan")
    if not body.mask.any():
        raise ScanError(f"{first.name}: no body is seen in the images")


def _check_phases(ordered: Sequence[Echo]) -> bool:
    missing = [one.magnitude.name for one in ordered if one.phase is None]
    if missing and len(missing) < len(ordered):
        raise ScanError(
            f"no phase image for {', '.join(missing)}, while other echoes have one. Give the phase "
            "of every echo, or of none"
        )
    for echo in ordered:
        if echo.phase is None:
            continue
        values = echo.phase.voxels
        reach = max(float(values.max()), -float(values.min()))
        if reach > 2 * np.pi * 1.01:
            raise ScanError(
                f"{echo.phase.name}: phases reach {reach:.4g}, so they are not in radians. State "
                "that the file is a phase image, so that it is scaled"
            )
        if float(values.max() - values.min()) < np.pi / 2:
            raise ScanError(
                f"{echo.phase.name}: its values span {float(values.max() - values.min()):.3g} "
                "radians only, background and tissue included: this is no phase image"
            )
    return not missing
