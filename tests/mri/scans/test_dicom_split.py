"""A folder with several series, echoes, parts and stacks is split and listed."""

from __future__ import annotations

import numpy as np
import pytest
from made_dicom import (
    WORDS_OF_PERSON,
    Part,
    save,
    slices_of,
    thigh,
    tilted,
    write_enhanced,
    write_series,
)
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from myocohort.mri.scan import Geometry, ScanError
from myocohort.mri.scans import read_scan, read_scans, survey


def test_echoes_magnitude_and_phase_of_one_series(tmp_path):
    """Three echoes with phases under one UID are six scans, with their echo times."""
    uid = generate_uid()
    voxels, geometry = thigh()
    phases = np.random.default_rng(2).integers(0, 4096, voxels.shape)
    for echo in (3.45, 4.6, 5.75):
        common = {"series": uid, "EchoTime": echo, "MagneticFieldStrength": 1.5}
        for letter, values in (("M", voxels), ("P", phases)):
            write_series(tmp_path / f"{echo}{letter}", values, geometry, **common,
                         ImageType=["ORIGINAL", "PRIMARY", letter, "ND"])  # fmt: skip
    scans = read_scans(tmp_path)
    assert [(one.quantity, one.echo_ms) for one in scans] == [
        ("magnitude", 3.45), ("magnitude", 4.6), ("magnitude", 5.75),
        ("phase", 3.45), ("phase", 4.6), ("phase", 5.75),
    ]  # fmt: skip
    assert scans[3].name == "series 5, phase, echo 3.45 ms"
    np.testing.assert_allclose(scans[3].voxels, (phases - 2048) * np.pi / 2048, atol=1e-6)
    with pytest.raises(ScanError, match=r"one scan is read at a time.*6 are here"):
        read_scan(tmp_path)
    chosen = read_scan(tmp_path, series="series 5, phase, echo 4.60 ms")
    assert (chosen.quantity, chosen.echo_ms) == ("phase", 4.6)
    with pytest.raises(ScanError, match="series 9 is not among"):
        read_scan(tmp_path, series=9)


def test_the_parts_of_a_dixon_are_told_by_their_image_type(tmp_path):
    """Siemens, Philips and GE words for water, fat, in and out of phase, under one UID."""
    voxels, geometry = thigh()
    makers = {
        "SIEMENS": ("WATER", "FAT", "IN_PHASE", "OPP_PHASE"),
        "Philips": ("W", "F", "IP", "OP"),
        "GE MEDICAL SYSTEMS": ("WATER", "FAT", "IN_PHASE", "OUT_PHASE"),
    }
    for maker, words in makers.items():
        uid = generate_uid()
        for word in words:
            write_series(tmp_path / maker / word, voxels, geometry, series=uid, Manufacturer=maker,
                         ImageType=["DERIVED", "PRIMARY", "M", "DIXON", word])  # fmt: skip
        scans = read_scans(tmp_path / maker)
        assert {(one.name.split(", ")[1], one.sequence.kind, one.sequence.confidence)
                for one in scans} == {
            (part, f"dixon-{part}", "stated") for part in ("water", "fat", "in", "out")
        }  # fmt: skip
        water = read_scan(tmp_path / maker, kind="dixon-water")
        assert (water.name, water.warnings) == ("series 5, water", ())
        with pytest.raises(ScanError, match=r"4 are here: .*series 5, water \(dixon-water\)"):
            read_scan(tmp_path / maker, kind="t1")


def test_orientations_and_sizes_of_a_localiser(tmp_path):
    """Three planes under one UID are three scans called after their plane."""
    uid = generate_uid()
    voxels, geometry = thigh((12, 12, 12), 10.0, 10.0)
    for plane in ("axial", "coronal", "sagittal"):
        write_series(tmp_path / plane, voxels, geometry, plane=plane, series=uid,
                     ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])  # fmt: skip
    small, grid = thigh((8, 8, 3), 10.0, 10.0)
    write_series(tmp_path / "small", small, grid, series=uid)
    names = [one.name for one in read_scans(tmp_path)]
    assert len(names) == 4
    assert any("coronal" in name and "12 x 12" in name for name in names)
    assert any("8 x 8" in name for name in names)


def test_two_series_of_one_number_are_told_apart(tmp_path):
    """Series 5 of two days: both are listed, by day."""
    voxels, geometry = thigh()
    write_series(tmp_path / "b", voxels, geometry, AcquisitionDate="20200101")
    write_series(tmp_path / "a", voxels, geometry, AcquisitionDate="20190101")
    scans = read_scans(tmp_path)
    assert [one.name for one in scans] == ["series 5 [1]", "series 5 [2]"]
    assert [one.date.year for one in scans] == [2019, 2020]


def test_enhanced_echoes_and_phases(tmp_path):
    """Echo time, component and scale come from each frame's groups."""
    voxels, geometry = thigh()
    phase = np.full_like(voxels, 0) + np.random.default_rng(3).integers(0, 4096, voxels.shape)
    parts = [
        Part(voxels, geometry, echo_ms=2.3), Part(voxels * 2, geometry, echo_ms=4.6),
        Part(phase, geometry, echo_ms=2.3, component="PHASE"),
    ]  # fmt: skip
    write_enhanced(tmp_path / "one", parts, np.random.default_rng(4).permutation(12))
    scans = read_scans(tmp_path)
    assert [(one.quantity, one.echo_ms) for one in scans] == [
        ("magnitude", 2.3), ("magnitude", 4.6), ("phase", 2.3)
    ]  # fmt: skip
    np.testing.assert_array_equal(scans[1].voxels, voxels * 2)
    assert scans[0].date.isoformat() == "2019-03-04"


def test_repetitions_are_split_by_what_numbers_them(tmp_path):
    """Two measurements of each position are two scans where a number makes full stacks."""
    uid = generate_uid()
    voxels, geometry = thigh()
    for number in (1, 2):
        write_series(tmp_path / str(number), voxels * number, geometry, series=uid,
                     AcquisitionNumber=number, FrameOfReferenceUID="1.2.3")  # fmt: skip
    scans = read_scans(tmp_path)
    assert [one.name for one in scans] == ["series 5, acquisition 1", "series 5, acquisition 2"]
    with pytest.raises(ScanError, match=r"2 are here: series 5, acquisition 1, series 5"):
        read_scan(tmp_path)
    assert read_scan(tmp_path, series="series 5, acquisition 2").name == scans[1].name
    np.testing.assert_array_equal(scans[1].voxels, voxels * 2)
    assert "measured 2 times: this is acquisition 2" in scans[1].warnings


def test_echo_times_that_differ_by_rounding_are_one_echo(tmp_path):
    """2.455 and 2.4549 ms are one echo; a field in gauss is no field in tesla."""
    voxels, geometry = thigh()
    made = slices_of(voxels, geometry, MagneticFieldStrength=15000)
    for k, one in enumerate(made):
        one.EchoTime = 2.455 - 0.0001 * (k % 2)
    save(made, tmp_path)
    scan = read_scan(tmp_path)
    np.testing.assert_array_equal(scan.voxels, voxels)
    assert scan.field_t is None


def test_progress_is_told(tmp_path):
    """Headers, then each scan: step, of how many, and what begins."""
    write_series(tmp_path, *thigh())
    told = []
    read_scans(tmp_path, progress=lambda *step: told.append(step))
    assert told == [(0, 1, "headers 1 to 4 of 4"), (0, 1, "pixels of series 5")]


def test_interleaved_acquisitions_are_one_stack(tmp_path):
    """Odd and even slices with acquisition numbers of their own belong together."""
    voxels, geometry = thigh((24, 20, 6))
    made = slices_of(voxels, geometry)
    for k, one in enumerate(made):
        one.AcquisitionNumber = 1 + k % 2
    save(made, tmp_path)
    np.testing.assert_array_equal(read_scan(tmp_path).voxels, voxels)


def test_other_files_are_listed_and_passed_over(tmp_path):
    """Reports, PDFs, screen shots, CT, an index and notes stand beside the scan."""
    voxels, geometry = thigh()
    write_series(tmp_path, voxels, geometry)
    others = {
        "report": ("1.2.840.10008.5.1.4.1.1.88.11", "SR", False),
        "pdf": ("1.2.840.10008.5.1.4.1.1.104.1", "DOC", False),
        "shot": ("1.2.840.10008.5.1.4.1.1.7", "MR", True),
        "ct": ("1.2.840.10008.5.1.4.1.1.2", "CT", True),
    }
    for name, (kind, modality, picture) in others.items():
        one = slices_of(voxels, geometry)[0]
        one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = kind
        one.Modality = modality
        if not picture:
            for tag in ("PixelData", "Rows", "Columns"):
                delattr(one, tag)
        save([one], tmp_path, [name])
    (tmp_path / "notes.txt").write_text("read me")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    found = survey(tmp_path)
    assert len(found.scans) == 1
    assert not found.problems
    why = {one.name: one.why for one in found.skipped}
    assert set(why) == {*others, "notes.txt", "empty"}
    assert why["pdf"] == "no picture: Encapsulated PDF"
    assert why["notes.txt"] == "not DICOM"
    assert "CT" in why["ct"]


def test_no_person_is_ever_named(tmp_path):
    """Names in headers, descriptions, file and folder names come out nowhere."""
    voxels, geometry = thigh()
    folder = tmp_path / "Zauberer_Quirin"
    tags = {"SeriesDescription": "t1 Zauberer Quirin", "Manufacturer": "SIEMENS Xaver",
            "ProtocolName": "19481123"}  # fmt: skip
    paths = write_series(folder / "PID7731942", voxels, geometry, **tags)
    good = read_scan(folder)
    paths[1].rename(paths[1].with_name("ZAUBERER_1948-11-23.dcm"))
    cut = paths[2].read_bytes()
    paths[2].with_name("quirin.dcm").write_bytes(cut[:-50])
    (folder / "Xaver 7731942.txt").write_text("x")
    mosaic = slices_of(voxels, geometry, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    save(mosaic[:1], folder, ["zauberer mosaic"])
    found = survey(folder)
    assert len(found.problems) == 2
    said = repr(found) + repr(good)
    with pytest.raises(ScanError) as caught:
        read_scans(folder)
    said += str(caught.value) + repr(caught.value.problems)
    with pytest.raises(ScanError) as caught:
        read_scan(folder, series=99)
    said += str(caught.value)
    for word in WORDS_OF_PERSON:
        assert word not in said.lower()


def test_a_damaged_header_gives_away_no_name(tmp_path):
    """A length that swallows the next tags makes a text of them: it is told by nobody."""
    paths = write_series(tmp_path, *thigh())
    for tag, path in zip((b"\x08\x00\x16\x00UI", b"\x08\x00\x60\x00CS", b"\x08\x00\x70\x00LO"),
                         paths, strict=False):  # fmt: skip
        raw = bytearray(path.read_bytes())
        at = raw.index(tag, 132)
        raw[at + 6 : at + 8] = (900).to_bytes(2, "little")
        path.write_bytes(bytes(raw))
    found = survey(tmp_path)
    with pytest.raises(ScanError) as caught:
        read_scans(tmp_path)
    said = (repr(found) + str(caught.value)).lower()
    assert not any(word in said for word in WORDS_OF_PERSON)


def test_pixel_spacing_of_rows_and_columns_is_not_swapped(tmp_path):
    """PixelSpacing is rows first: 2 mm between rows (front to back), 3 mm between columns."""
    made = slices_of(*thigh())
    for one in made:
        one.PixelSpacing = ["5", "7"]
    save(made, tmp_path)
    np.testing.assert_allclose(read_scan(tmp_path).geometry.spacing, [7, 5, 10])


def test_radial_slices_are_no_stack(tmp_path):
    """Slices turned against each other are told apart, each as one slice."""
    voxels, geometry = thigh((20, 20, 2))
    voxels, geometry = voxels[:, :, :1], Geometry((20, 20, 1), geometry.affine)
    uid = generate_uid()
    for degrees in (0, 10, 20):
        write_series(tmp_path / str(degrees), voxels, tilted(geometry, degrees), series=uid)
    scans = read_scans(tmp_path)
    assert len(scans) == 3
    assert all("one slice only" in one.warnings for one in scans)


def test_a_series_shared_by_two_patients_is_refused(tmp_path):
    """Images of two patients under one UID are no scan; two patients in a folder are told."""
    voxels, geometry = thigh()
    made = slices_of(voxels, geometry)
    made[2].PatientID = "another"
    save(made, tmp_path / "mixed")
    with pytest.raises(ScanError, match="of one patient"):
        read_scans(tmp_path / "mixed")
    write_series(tmp_path / "two" / "a", voxels, geometry)
    write_series(tmp_path / "two" / "b", voxels, geometry, PatientID="another")
    assert all("these files are of 2 patients" in one.warnings
               for one in read_scans(tmp_path / "two"))  # fmt: skip


def test_philips_own_scale_is_told_and_not_applied(tmp_path):
    """(2005,100E) changes no number; slices that differ in it get a sharper warning."""
    voxels, geometry = thigh()
    for name, step in (("same", 0.0), ("differs", 0.01)):
        made = slices_of(voxels, geometry, Manufacturer="Philips Medical Systems")
        for k, one in enumerate(made):
            block: Dataset = one
            block.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(
                0x0E, "FL", 0.02 + step * k
            )
        save(made, tmp_path / name)
        scan = read_scan(tmp_path / name)
        np.testing.assert_array_equal(scan.voxels, voxels)
        assert any("2005,100E" in one for one in scan.warnings)
        assert any("nor between slices" in one for one in scan.warnings) is (step > 0)
