"""DICOM files made for tests: classic series and enhanced multi-frame, in any storage order.

`write_series(folder, voxels, geometry, **tags)` writes a canonical array (axes to the right,
front and head) as a series of classic MR images. The person in the headers is `PERSON`: no test
may find a word of it in what the package says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from nibabel.orientations import apply_orientation, inv_ornt_aff
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    EnhancedMRImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

from myocohort.mri.scan import Geometry

PERSON = {
    "PatientName": "Zauberer^Quirin Xaver",
    "PatientID": "PID7731942",
    "PatientBirthDate": "19481123",
}
WORDS_OF_PERSON = ("zauberer", "quirin", "xaver", "7731942", "19481123", "1948-11-23", "23.11.1948")

AXES = {"axial": (0, 1, 2), "coronal": (0, 2, 1), "sagittal": (1, 2, 0)}
"""Canonical axes along a row, along a column, and across the slices."""


def thigh(
    shape: tuple[int, int, int] = (24, 20, 4), spacing: float = 8.0, between: float = 10.0
) -> tuple[NDArray[np.float32], Geometry]:
    """Whole numbers on a grid off the centre, one marker of 4000 at voxel (3, 5, 1)."""
    voxels = np.random.default_rng(1).integers(0, 900, shape).astype(np.float32)
    voxels[3, 5, 1] = 4000
    affine = np.diag([spacing, spacing, between, 1.0])
    affine[:3, 3] = (-83.5, -41.25, 112.75)
    return voxels, Geometry(shape, affine)


def tilted(geometry: Geometry, degrees: float, axis: int = 0) -> Geometry:
    """The same grid turned about an axis of the body."""
    angle = np.radians(degrees)
    turn = np.eye(3)
    first, second = [(1, 2), (0, 2), (0, 1)][axis]
    turn[[first, second], [first, second]] = np.cos(angle)
    turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
    affine = geometry.affine.copy()
    affine[:3] = turn @ affine[:3]
    return Geometry(geometry.shape, affine)


def stored_as(
    voxels: NDArray[Any], geometry: Geometry, plane: str = "axial",
    flips: Sequence[bool] = (False, False, False), *, swapped: bool = False,
) -> tuple[NDArray[Any], NDArray[np.float64]]:  # fmt: skip
    """Voxels and affine (RAS+) in storage order: columns, rows, slices."""
    axes = list(AXES[plane])
    if swapped:
        axes[0], axes[1] = axes[1], axes[0]
    turn = np.zeros((3, 2))
    for place, axis in enumerate(axes):
        turn[axis] = place, -1 if flips[place] else 1
    turned = apply_orientation(voxels, turn)
    return turned, geometry.affine @ inv_ornt_aff(turn, geometry.shape)


def slices_of(
    voxels: NDArray[Any], geometry: Geometry, *, plane: str = "axial",
    flips: Sequence[bool] = (False, False, False), swapped: bool = False,
    slope: float = 1.0, intercept: float = 0.0, series: str = "", **tags: Any,
) -> list[FileDataset]:  # fmt: skip
    """Classic MR images, one a slice, by ascending position in storage; tags override."""
    turned, affine = stored_as(voxels, geometry, plane, flips, swapped=swapped)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    series, study, reference = series or generate_uid(), generate_uid(), generate_uid()
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    out = []
    for k in range(turned.shape[2]):
        one = _blank(MRImageStorage)
        one.SeriesInstanceUID, one.StudyInstanceUID = series, study
        one.FrameOfReferenceUID = reference
        one.SeriesNumber, one.InstanceNumber = 5, k + 1
        one.ImagePositionPatient = _ds(lps[:3, :3] @ (0, 0, k) + lps[:3, 3])
        one.ImageOrientationPatient = _ds([*lps[:3, 0] / spacing[0], *lps[:3, 1] / spacing[1]])
        one.PixelSpacing = _ds([spacing[1], spacing[0]])
        one.SliceThickness = _ds([spacing[2] * 0.8])[0]
        one.SpacingBetweenSlices = _ds([spacing[2]])[0]
        if (slope, intercept) != (1.0, 0.0):
            one.RescaleSlope, one.RescaleIntercept, one.RescaleType = slope, intercept, "US"
        _pixels(one, turned[:, :, k].T, slope, intercept)
        for name, value in tags.items():
            setattr(one, name, value)
        out.append(one)
    return out


def save(datasets: Sequence[FileDataset], folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Write data sets as files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / (names[k] if names else f"im{k:04d}.dcm") for k in range(len(datasets))]
    for dataset, path in zip(datasets, paths, strict=True):
        dataset.save_as(path, enforce_file_format=True)
    return paths


def write_series(folder: Path, voxels: NDArray[Any], geometry: Geometry, **tags: Any) -> list[Path]:
    """Write a classic series; see `slices_of` for storage order and tags."""
    return save(slices_of(voxels, geometry, **tags), folder)


@dataclass(frozen=True)
class Part:
    """Frames of an enhanced file: one stack, echo and component."""

    voxels: NDArray[Any]
    geometry: Geometry
    stack: str = "1"
    echo_ms: float | None = None
    component: str = "MAGNITUDE"
    frame_type: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "T1", "NONE")
    slope: float = 1.0
    intercept: float = 0.0
    plane: str = "axial"


def write_enhanced(
    path: Path, parts: Sequence[Part], order: Sequence[int] = (), **tags: Any
) -> Dataset:
    """Write an enhanced MR file with the frames of all parts in this order."""
    frames = [frame for part in parts for frame in _frames(part)]
    chosen = [frames[k] for k in order] if len(order) else frames
    out = _blank(EnhancedMRImageStorage)
    out.SeriesInstanceUID, out.StudyInstanceUID = generate_uid(), generate_uid()
    out.SeriesNumber, out.FrameOfReferenceUID = 7, generate_uid()
    out.MagneticFieldStrength, out.EchoPulseSequence = 3.0, "SPIN"
    out.AcquisitionDateTime = "20190304101500"
    shared, timing = Dataset(), Dataset()
    timing.RepetitionTime = 600.0
    shared.MRTimingAndRelatedParametersSequence = [timing]
    out.SharedFunctionalGroupsSequence = [shared]
    out.PerFrameFunctionalGroupsSequence = [groups for groups, _ in chosen]
    _pixels(out, chosen[0][1])
    out.NumberOfFrames = len(chosen)
    out.PixelData = b"".join(values.tobytes() for _, values in chosen)
    for name, value in tags.items():
        setattr(out, name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    out.save_as(path, enforce_file_format=True)
    return out


def _frames(part: Part) -> list[tuple[Dataset, NDArray[np.uint16]]]:
    """Functional groups and stored numbers of each slice of a part."""
    out = []
    classic = slices_of(part.voxels, part.geometry, plane=part.plane,
                        slope=part.slope, intercept=part.intercept)  # fmt: skip
    for k, one in enumerate(classic):
        groups = Dataset()
        groups.PlanePositionSequence = [_item(one, "ImagePositionPatient")]
        groups.PlaneOrientationSequence = [_item(one, "ImageOrientationPatient")]
        groups.PixelMeasuresSequence = [
            _item(one, "PixelSpacing", "SliceThickness", "SpacingBetweenSlices")
        ]
        content, echo, kind, scale = Dataset(), Dataset(), Dataset(), Dataset()
        content.StackID, content.InStackPositionNumber = part.stack, k + 1
        groups.FrameContentSequence = [content]
        if part.echo_ms is not None:
            echo.EffectiveEchoTime = part.echo_ms
            groups.MREchoSequence = [echo]
        kind.FrameType, kind.ComplexImageComponent = list(part.frame_type), part.component
        groups.MRImageFrameTypeSequence = [kind]
        scale.RescaleSlope, scale.RescaleIntercept = part.slope, part.intercept
        groups.PixelValueTransformationSequence = [scale]
        out.append((groups, np.frombuffer(one.PixelData, np.uint16).reshape(one.Rows, one.Columns)))
    return out


def _item(source: Dataset, *names: str) -> Dataset:
    """A data set of some elements of another."""
    out = Dataset()
    for name in names:
        setattr(out, name, getattr(source, name))
    return out


def _blank(sop_class: str) -> FileDataset:
    """An MR image of `PERSON` without place and pixels."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, generate_uid()
    out = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    out.SOPClassUID, out.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    out.Modality, out.ImageType = "MR", ["ORIGINAL", "PRIMARY", "M", "ND"]
    out.AcquisitionDate = out.StudyDate = "20190304"
    out.Manufacturer, out.ManufacturerModelName = "SIEMENS", "Skyra"
    for name, value in PERSON.items():
        setattr(out, name, value)
    return out


def _pixels(out: Dataset, values: NDArray[Any], slope: float = 1.0, intercept: float = 0.0) -> None:
    """Put numbers into a data set as 16 bits."""
    whole = np.round((values - intercept) / slope).astype(np.uint16)
    out.SamplesPerPixel, out.PhotometricInterpretation = 1, "MONOCHROME2"
    out.Rows, out.Columns = whole.shape
    out.BitsAllocated = out.BitsStored = 16
    out.HighBit, out.PixelRepresentation = 15, 0
    out.PixelData = np.ascontiguousarray(whole).tobytes()


def _ds(values: Any) -> list[str]:
    """Decimal strings of at most 16 characters, as scanners write them."""
    return [f"{float(value):.9g}"[:16] for value in values]
