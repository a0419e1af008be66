"""Headers of DICOM files: what is a slice, what is something else, what is damaged."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from myocohort.errors import Problem
from myocohort.mri.scans.enhanced import frames_of
from myocohort.mri.scans.frames import (
    DAMAGED,
    Frame,
    FrameError,
    component_of,
    day_of,
    field_of,
    maker_of,
    number,
    numbers,
    person_of,
    place_of,
    raw_texts,
    text,
    texts,
    whole,
)
from myocohort.mri.scans.people import People
from myocohort.mri.scans.sequence import Tags

PEOPLE_TAGS = (
    "PatientName",
    "PatientID",
    "OtherPatientIDs",
    "PatientBirthDate",
    "OtherPatientNames",
)
"""Read to be struck out, never to be told."""

_CLASSIC = (
    "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "Modality", "ImageType",
    "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "ProtocolName", "AcquisitionDate",
    "SeriesDate", "StudyDate", "ContentDate", "AcquisitionDateTime", "Manufacturer",
    "ManufacturerModelName", "FrameOfReferenceUID", "ImagePositionPatient",
    "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns", "SliceThickness",
    "SpacingBetweenSlices", "RescaleSlope", "RescaleIntercept", "ModalityLUTSequence",
    "EchoTime", "RepetitionTime", "InversionTime", "MagneticFieldStrength", "ScanningSequence",
    "SequenceName", "ScanOptions", "ComplexImageComponent", "AcquisitionNumber",
    "TemporalPositionIdentifier", "TriggerTime", "SamplesPerPixel", "NumberOfFrames", "StackID",
    "ImagesInAcquisition", "ContrastBolusAgent", "LossyImageCompression",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "EchoPulseSequence",
    "InversionRecovery", "BitsAllocated", "PhotometricInterpretation", "BurnedInAnnotation",
)  # fmt: skip
_PRIVATE = ((0x0043, 0x102F), (0x2005, 0x100E), (0x2005, 0x0010), (0x0043, 0x0010))
_WANTED: list[Any] = [*PEOPLE_TAGS, *_CLASSIC, *_PRIVATE]

_DICOMDIR = "1.2.840.10008.1.3.10"
_PIXELS = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")
_UNKNOWN_LENGTH = 0xFFFFFFFF
_EXPORT = "Copy or export this file anew from the archive."


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no part of a scan, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is part of a scan and cannot be used.

    Parameters
    ----------
    problem
        What is wrong.
    series
        UID of the series, so that the rest of it is not taken for a whole; empty where the
        header does not tell.
    """

    problem: Problem
    series: str


Read = list[Frame] | Skipped | Broken


def read_header(path: Path, label: str, people: People) -> Read:
    """Return the slices of a DICOM file, why it is passed over, or what is wrong with it.

    No pixel is read, but that the file is long enough to hold them is checked.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(132)
        if start[128:132] != b"DICM" and start[:2] not in (b"\x08\x00", b"\x02\x00"):
            return Skipped(label, "not DICOM" if size else "empty")
        file.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom quotes values, names among them
            try:
                dataset = dcmread(file, stop_before_pixels=True, specific_tags=_WANTED, force=True)
                syntax = _syntax(dataset)
                deflated = bool(syntax) and UID(syntax).is_deflated
                ends = "" if deflated else _cut(file.tell(), file.read(12), size)
                people.learn(one for tag in PEOPLE_TAGS for one in raw_texts(dataset, tag))
                return _sorted_out(dataset, path, label, ends)
            except DAMAGED:
                return Broken(_damaged(label, "its header cannot be read to the end"), "")


def _syntax(dataset: Dataset) -> str:
    meta = getattr(dataset, "file_meta", None)
    return text(meta, "TransferSyntaxUID") if meta is not None else ""


def _damaged(label: str, what: str) -> Problem:
    return Problem(rule="a DICOM file is whole", value=what, next_step=_EXPORT, file=label)


def _cut(at: int, tail: bytes, size: int) -> str:
    """Say whether a file ends before its pixels do; empty where it does not."""
    if tail[:4] not in _PIXELS:
        return "it ends before the pixels"
    order = "little" if tail[:4] == _PIXELS[0] else "big"
    explicit = tail[4:6] in (b"OW", b"OB", b"UN")
    length = int.from_bytes(tail[8:12] if explicit else tail[4:8], order)  # type: ignore[arg-type]
    there = size - at - (12 if explicit else 8)
    if length == _UNKNOWN_LENGTH:
        return ""  # compressed: told by the decoder
    return f"{max(there, 0)} of {length} bytes of pixels are there" if there < length else ""


def _sorted_out(dataset: Dataset, path: Path, label: str, ends: str) -> Read:
    """Tell slices from everything else that DICOM files hold."""
    meta = getattr(dataset, "file_meta", None)
    kind = text(dataset, "SOPClassUID") or (text(meta, "MediaStorageSOPClassUID") if meta else "")
    modality = text(dataset, "Modality").upper()
    if kind == _DICOMDIR or path.name.upper() == "DICOMDIR":
        return Skipped(label, "DICOMDIR, an index of files")
    named = _class_name(kind)
    if not named and whole(dataset, "Rows") is None:
        return Broken(_damaged(label, "its header ends before it says what it is"), "")
    if whole(dataset, "Rows") is None and "MR Image" not in named:
        return Skipped(label, f"no picture: {named}")
    if modality not in ("MR", ""):
        return Skipped(label, f"not MRI: {named}")
    if "Secondary Capture" in named or "Spectroscopy" in named:
        return Skipped(label, f"not a scan: {named}")
    if (whole(dataset, "SamplesPerPixel") or 1) > 1:
        return Skipped(label, "a colour picture")
    if ends:
        return Broken(_damaged(label, ends), text(dataset, "SeriesInstanceUID"))
    try:
        return _frames(dataset, path, label)
    except FrameError as error:
        step = "Export the series anew with geometry, or convert it to NIfTI with dcm2niix."
        problem = Problem(rule=str(error), value=error.value, next_step=step, file=label)
        return Broken(problem, text(dataset, "SeriesInstanceUID"))


def _class_name(uid: str) -> str:
    """Return what a class of objects is called in DICOM; a class it does not know is private."""
    if not uid:
        return ""
    name = UID(uid).name
    return "an object of a private kind" if name == uid else name.removesuffix(" Storage")


def _frames(dataset: Dataset, path: Path, label: str) -> list[Frame]:
    """Return the slices of an MR image file.

    Raises
    ------
    FrameError
        Where they cannot be placed or scaled.
    """
    values = {one.upper() for one in texts(dataset, "ImageType")}
    if "MOSAIC" in values:
        rule = "each slice is a picture of its own; a Siemens mosaic puts them side by side"
        raise FrameError(rule, "image type MOSAIC")
    if "ModalityLUTSequence" in dataset:
        raise FrameError("stored numbers are rescaled by slope and intercept", "a lookup table")
    if "PerFrameFunctionalGroupsSequence" in dataset:
        return frames_of(dataset, path, label, _syntax(dataset))
    if (whole(dataset, "NumberOfFrames") or 1) > 1:
        raise FrameError("a file of several frames says where each of them lies")
    return [_classic(dataset, path, label)]


def _classic(dataset: Dataset, path: Path, label: str) -> Frame:
    """Return the one slice of a classic file."""
    position, row, column, spacing = place_of(
        numbers(dataset, "ImagePositionPatient", 3),
        numbers(dataset, "ImageOrientationPatient", 6),
        numbers(dataset, "PixelSpacing", 2),
    )
    maker = maker_of(dataset)
    image_type = texts(dataset, "ImageType")
    slope = number(dataset, "RescaleSlope")
    return Frame(
        path=path, label=label, index=0, uid=text(dataset, "SOPInstanceUID"),
        series=text(dataset, "SeriesInstanceUID"), series_number=whole(dataset, "SeriesNumber"),
        person=person_of(dataset), reference_frame=text(dataset, "FrameOfReferenceUID"),
        position=position, along_row=row, along_column=column, spacing=spacing,
        size=(whole(dataset, "Rows") or 0, whole(dataset, "Columns") or 0),
        thickness=number(dataset, "SliceThickness"),
        between=number(dataset, "SpacingBetweenSlices"),
        slope=1.0 if slope is None else slope,
        intercept=number(dataset, "RescaleIntercept") or 0.0,
        component=component_of(
            image_type, text(dataset, "ComplexImageComponent").upper(),
            number(dataset, (0x0043, 0x102F)), maker,
        ),
        tags=classic_tags(dataset, image_type),
        stack_id=text(dataset, "StackID"), acquisition=whole(dataset, "AcquisitionNumber"),
        temporal=whole(dataset, "TemporalPositionIdentifier"),
        trigger_ms=number(dataset, "TriggerTime"),
        date=day_of(dataset, "AcquisitionDate", "AcquisitionDateTime", "SeriesDate",
                    "ContentDate", "StudyDate"),
        vendor=maker, syntax=_syntax(dataset), private_scale=number(dataset, (0x2005, 0x100E)),
        contrast=bool(text(dataset, "ContrastBolusAgent")),
        lossy=text(dataset, "LossyImageCompression") == "01",
        promised=whole(dataset, "ImagesInAcquisition"),
    )  # fmt: skip


def classic_tags(dataset: Dataset, image_type: tuple[str, ...]) -> Tags:
    """Return what a classic header tells of the sequence."""
    described = text(dataset, "SeriesDescription")
    return Tags(
        image_type=image_type,
        description=described or text(dataset, "ProtocolName"),
        scanning_sequence=texts(dataset, "ScanningSequence"),
        options=texts(dataset, "ScanOptions"),
        repetition_ms=number(dataset, "RepetitionTime"),
        echo_ms=number(dataset, "EchoTime") or None,
        inversion_ms=number(dataset, "InversionTime") or None,
        field_t=field_of(dataset),
    )


def is_file_of_interest(path: Path) -> bool:
    """Whether a file in a folder is looked at: hidden files of file systems are not."""
    return not path.name.startswith(".") and os.path.isfile(path)
