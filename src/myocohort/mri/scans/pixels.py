"""Stored numbers of DICOM frames, decoded."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from myocohort.mri.scans.frames import DAMAGED, Frame
from myocohort.mri.scans.problems import refused

RLE = "1.2.840.10008.1.2.5"

BY_GDCM = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in (50, 51, 57, 70, 80, 81, 90, 91))
"""JPEG baseline and extended, JPEG lossless, JPEG-LS, JPEG 2000: GDCM decodes them, as it comes
within SimpleITK (OpenJPEG, CharLS and the IJG's library). pydicom alone decodes none but JPEG
2000 and baseline JPEG by way of Pillow, and pylibjpeg's decoder of JPEG lossless is GPL."""

_PIXEL_TAGS = (
    "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated",
    "BitsStored", "HighBit", "PixelRepresentation",
)  # fmt: skip


def stored(frames: list[Frame], name: str) -> list[NDArray[Any]]:
    """Return each frame's stored numbers, (rows, columns), in the order of the frames.

    Each file is opened once. Slope and intercept are not applied.

    Raises
    ------
    ScanError
        Where a file is cut off or damaged, or its compression has no decoder here.
    """
    out: dict[tuple[Path, int], NDArray[Any]] = {}
    wanted: dict[Path, list[Frame]] = {}
    for frame in frames:
        wanted.setdefault(frame.path, []).append(frame)
    for path, of_file in wanted.items():
        indices = sorted({frame.index for frame in of_file})
        for index, values in zip(indices, _decoded(of_file[0], indices, name), strict=True):
            if values.shape != of_file[0].size:
                raise refused(
                    f"{name}, {of_file[0].label}", "the pixels fill the rows and columns told",
                    f"{values.shape} for {of_file[0].size}", _EXPORT,
                )  # fmt: skip
            out[path, index] = values
    return [out[frame.path, frame.index] for frame in frames]


_EXPORT = "Export this file anew from the archive."


def _decoded(frame: Frame, indices: list[int], name: str) -> list[NDArray[Any]]:
    """Return the frames of one file."""
    syntax = UID(frame.syntax) if frame.syntax else None
    compressed = syntax is not None and syntax.is_transfer_syntax and syntax.is_compressed
    place = f"{name}, {frame.label}"
    if compressed and frame.syntax not in BY_GDCM and frame.syntax != RLE:
        raise refused(
            place, "the compression of the pixels has a decoder here", UID(frame.syntax).name,
            "Export without compression, or decompress with gdcmconv --raw or dcmdjpeg.",
        )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom quotes values of the header
            if compressed and frame.syntax in BY_GDCM:
                return _by_gdcm(frame.path, indices)
            if syntax is None or syntax.is_deflated:
                return _as_a_whole(frame.path, indices)
            plugin = "pydicom" if compressed else ""
            decoded = iter_pixels(frame.path, indices=indices, raw=True, decoding_plugin=plugin)
            return [np.array(one) for one in decoded]
    except DAMAGED as error:
        raise refused(
            place, "the pixels can be decoded", f"cut off or damaged ({type(error).__name__})",
            _EXPORT,
        ) from error  # fmt: skip


def _as_a_whole(path: Path, indices: list[int]) -> list[NDArray[Any]]:
    """Return frames of a file that pydicom does not decode by its path.

    Those are deflated as a whole, or come without the group that tells their encoding.
    """
    dataset = dcmread(path, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        dataset.file_meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian if implicit else
            ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        )  # fmt: skip
    return [np.array(one) for one in iter_pixels(dataset, indices=indices, raw=True)]


def _by_gdcm(path: Path, indices: list[int]) -> list[NDArray[Any]]:
    """Decode frames by GDCM, one at a time.

    Each goes through a temporary file that holds the pixels and what describes them and nothing
    else: no person, and no slope and intercept that GDCM would apply.
    """
    dataset = dcmread(path)
    count = int(dataset.get("NumberOfFrames") or 1)
    parts = list(generate_frames(dataset.PixelData, number_of_frames=count))
    return [_one_by_gdcm(dataset, parts[index]) for index in indices]


def _one_by_gdcm(dataset: Dataset, part: bytes) -> NDArray[Any]:
    """Decode one compressed frame."""
    import SimpleITK

    sitk: Any = SimpleITK  # it has no types

    bare = Dataset()
    for tag in _PIXEL_TAGS:
        setattr(bare, tag, getattr(dataset, tag))
    bare.SOPClassUID, bare.SOPInstanceUID = _SECONDARY_CAPTURE, "2.25.1"
    bare.PixelData = encapsulate([part])
    bare["PixelData"].is_undefined_length = True
    bare.file_meta = FileMetaDataset()
    bare.file_meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    bare.file_meta.MediaStorageSOPClassUID = bare.SOPClassUID
    bare.file_meta.MediaStorageSOPInstanceUID = bare.SOPInstanceUID
    with tempfile.TemporaryDirectory(prefix="myocohort-") as folder:
        file = Path(folder) / "frame.dcm"
        bare.save_as(file, enforce_file_format=True)
        reader = sitk.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetFileName(str(file))
        decoded: NDArray[Any] = sitk.GetArrayFromImage(reader.Execute())
    return decoded.reshape(decoded.shape[-2:])


_SECONDARY_CAPTURE = UID("1.2.840.10008.5.1.4.1.1.7")


def rescaled(frames: list[Frame], values: Iterable[NDArray[Any]]) -> NDArray[np.float32]:
    """Return slices with slope and intercept applied, shape (columns, rows, slices)."""
    rows, columns = frames[0].size
    out = np.empty((columns, rows, len(frames)), dtype=np.float32)
    for k, (frame, one) in enumerate(zip(frames, values, strict=True)):
        out[:, :, k] = one.T * np.float64(frame.slope) + np.float64(frame.intercept)
    return out
