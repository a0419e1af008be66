"""Compressed DICOM is decoded to the very numbers that were stored, or refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from made_dicom import Part, save, slices_of, thigh, write_enhanced
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    RLELossless,
)

from myocohort.mri.scan import ScanError
from myocohort.mri.scans import read_scan
from myocohort.mri.scans.headers import read_header
from myocohort.mri.scans.people import People
from myocohort.mri.scans.pixels import stored

PYDICOM = Path(pydicom.__path__[0]) / "data" / "test_files"


@pytest.mark.parametrize("name", [
    "MR_small_RLE", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "MR_small_bigendian",
    "MR_small_implicit", "MR_small_expb", "MR_small_padded",
])  # fmt: skip
def test_pydicoms_own_files(name):
    """One picture in eight encodings, written by others, has the same signed numbers."""
    frames = [read_header(PYDICOM / f"{one}.dcm", one, People()) for one in ("MR_small", name)]
    plain, coded = (stored([one[0]], "series")[0] for one in frames)
    np.testing.assert_array_equal(coded, plain)
    assert coded.dtype.kind == plain.dtype.kind


def compressed_by_gdcm(values: np.ndarray, folder: Path, compressor: str) -> bytes:
    """One frame of JPEG lossless or JPEG 2000, as SimpleITK's GDCM writes it."""
    import SimpleITK

    writer = SimpleITK.ImageFileWriter()
    writer.SetImageIO("GDCMImageIO")
    writer.UseCompressionOn()
    writer.SetCompressor(compressor)
    file = folder / "coded.dcm"
    writer.SetFileName(str(file))
    writer.Execute(SimpleITK.GetImageFromArray(values))
    data = pydicom.dcmread(file)
    return next(pydicom.encaps.generate_frames(data.PixelData, number_of_frames=1))


@pytest.mark.parametrize(("compressor", "syntax"), [
    ("JPEG", JPEGLosslessSV1), ("JPEG2000", JPEG2000Lossless),
])  # fmt: skip
def test_slopes_are_applied_once_to_compressed_slices(tmp_path, compressor, syntax):
    """GDCM would apply slope and intercept itself; each slice has its own here."""
    voxels, geometry = thigh((64, 48, 2), 3.0)
    made = slices_of(voxels, geometry, slope=2.0, intercept=-6.0)
    for one in made:
        part = compressed_by_gdcm(one.pixel_array, tmp_path, compressor)
        one.PixelData = encapsulate([part])
        one["PixelData"].is_undefined_length = True
        one.file_meta.TransferSyntaxUID = syntax
    (tmp_path / "coded.dcm").unlink()
    save(made, tmp_path)
    np.testing.assert_array_equal(read_scan(tmp_path).voxels, np.round(voxels / 2 + 3) * 2 - 6)


def test_rle_frames_of_an_enhanced_file(tmp_path):
    """Frames of a compressed enhanced file come out in their places."""
    voxels, geometry = thigh()
    made = write_enhanced(tmp_path / "a", [Part(voxels, geometry)], [2, 0, 3, 1])
    made = pydicom.dcmread(tmp_path / "a")
    made.compress(RLELossless)
    made.save_as(tmp_path / "a")
    np.testing.assert_array_equal(read_scan(tmp_path).voxels, voxels)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_other_ways_to_write_numbers(tmp_path, syntax):
    """Implicit and deflated files hold the same scan."""
    voxels, geometry = thigh()
    made = slices_of(voxels, geometry)
    for one in made:
        one.file_meta.TransferSyntaxUID = syntax
    save(made, tmp_path)
    np.testing.assert_array_equal(read_scan(tmp_path).voxels, voxels)


@pytest.mark.parametrize("implicit", [True, False])
def test_files_without_preamble_and_meta_group(tmp_path, implicit):
    """Old exports begin with the data set itself; the encoding is told by its first tag."""
    voxels, geometry = thigh()
    for k, one in enumerate(slices_of(voxels, geometry)):
        del one.file_meta
        one.preamble = None
        one.save_as(tmp_path / f"{k}", implicit_vr=implicit, little_endian=True)
    np.testing.assert_array_equal(read_scan(tmp_path).voxels, voxels)


def test_a_compression_without_decoder_is_named(tmp_path):
    """High-throughput JPEG 2000 has no decoder here: its name and what to do."""
    made = slices_of(*thigh())
    for one in made:
        one.PixelData = encapsulate([b"\x00" * 64])
        one["PixelData"].is_undefined_length = True
        one.file_meta.TransferSyntaxUID = HTJ2KLossless
    save(made, tmp_path)
    with pytest.raises(ScanError, match=r"High-Throughput JPEG 2000.*gdcmconv --raw"):
        read_scan(tmp_path)


@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, JPEG2000Lossless, RLELossless])
def test_damaged_compressed_pixels_are_told(tmp_path, syntax):
    """Rubbish between the markers is an error that names the file."""
    made = slices_of(*thigh())
    for one in made:
        one.PixelData = encapsulate([b"\x07\x00" * 64])
        one["PixelData"].is_undefined_length = True
        one.file_meta.TransferSyntaxUID = syntax
    save(made, tmp_path)
    with pytest.raises(ScanError, match=r"im000\d.dcm: the pixels can be decoded"):
        read_scan(tmp_path)
