"""Bad DICOM: clear errors that name thing, rule, value and next step, or a warning."""

from __future__ import annotations

import numpy as np
import pytest
from made_dicom import Part, save, slices_of, thigh, tilted, write_enhanced, write_series
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from myocohort.errors import InputError
from myocohort.mri.scan import Geometry, ScanError
from myocohort.mri.scans import read_scan, read_scans, survey


def refused(path, *words, **options) -> str:
    """Reading fails with an error that says these words and a next step."""
    with pytest.raises(ScanError) as caught:
        read_scans(path, **options)
    assert isinstance(caught.value, InputError)
    assert all(problem.next_step and problem.file for problem in caught.value.problems)
    for word in words:
        assert word in str(caught.value)
    return str(caught.value)


def test_truncated_files_are_told_all_at_once(tmp_path):
    """Files cut in the header and in the pixels are named together; a cut tail says how much."""
    paths = write_series(tmp_path, *thigh())
    whole = [path.read_bytes() for path in paths]
    paths[0].write_bytes(whole[0][:-100])
    paths[1].write_bytes(whole[1][:500])
    paths[2].write_bytes(whole[2][: len(whole[2]) - 960 - 200])
    error = refused(tmp_path, "im0000.dcm", "860 of 960 bytes of pixels are there", "im0001.dcm",
                    "im0002.dcm", "Copy or export this file anew")  # fmt: skip
    assert error.count("a DICOM file is whole") == 3


@pytest.mark.parametrize("length", [0, 100, 140, 180, 260, 400, 700, 900])
def test_a_file_cut_anywhere_gives_no_other_error(tmp_path, length):
    """Wherever one of four files ends, it is told or listed, and nothing is guessed."""
    paths = write_series(tmp_path, *thigh())
    paths[2].write_bytes(paths[2].read_bytes()[:length])
    found = survey(tmp_path)
    assert not found.scans
    assert found.problems
    assert any("im0002" in str(one) for one in (*found.problems, *found.skipped))


def test_missing_slices_are_named_by_position(tmp_path):
    """A gap is an error with the positions; the unbroken parts can be asked for."""
    voxels, geometry = thigh((24, 20, 9))
    made = slices_of(voxels, geometry)
    save([made[k] for k in (0, 1, 2, 5, 6, 7, 8)], tmp_path)
    # slice 3 lies at 112.75 + 3 x 10 mm
    refused(tmp_path, "missing at 142.75 mm, 152.75 mm", "split_gaps", "series 5")
    parts = read_scans(tmp_path, split_gaps=True)
    chosen = read_scan(tmp_path, series="series 5, part 2", split_gaps=True)
    np.testing.assert_array_equal(chosen.voxels, parts[1].voxels)
    assert [one.name for one in parts] == ["series 5, part 1", "series 5, part 2"]
    np.testing.assert_array_equal(parts[1].voxels, voxels[:, :, 5:])
    assert any("2 slices are missing" in one for one in parts[0].warnings)


def test_every_second_slice_lost_in_one_half(tmp_path):
    """Positions 0 1 2 4 6 8: the step is the small one, and three slices are missing."""
    voxels, geometry = thigh((24, 20, 9))
    made = slices_of(voxels, geometry)
    save([made[k] for k in (0, 1, 2, 4, 6, 8)], tmp_path)
    refused(tmp_path, "missing at 142.75 mm, 162.75 mm, 182.75 mm")


def test_every_second_slice_lost_everywhere_is_a_warning(tmp_path):
    """An even stack whose header tells half the distance can be measured, with a warning."""
    voxels, geometry = thigh((24, 20, 9))
    save(slices_of(voxels, geometry)[::2], tmp_path)
    scan = read_scan(tmp_path)
    assert scan.geometry.spacing[2] == pytest.approx(20)
    assert any("only one slice in 2 may be here" in one for one in scan.warnings)


@pytest.mark.parametrize(("off_mm", "fate"), [(0.05, "silent"), (0.5, "told"), (3.0, "refused")])
def test_uneven_slices(tmp_path, off_mm, fate):
    """Below 1% of the distance nothing is said, below 10% a warning, above it an error."""
    made = slices_of(*thigh())
    at = [float(one) for one in made[1].ImagePositionPatient]
    made[1].ImagePositionPatient = [at[0], at[1], at[2] + off_mm]
    save(made, tmp_path)
    if fate == "refused":
        refused(tmp_path, "slices lie evenly", "distances from 7.00 to 13.00 mm")
        return
    told = any("off an even grid" in one for one in read_scan(tmp_path).warnings)
    assert told is (fate == "told")


def test_a_slice_beside_the_line(tmp_path):
    """A slice that is shifted sideways within the stack is an error; a steady shift is told."""
    made = slices_of(*thigh())
    at = [float(one) for one in made[1].ImagePositionPatient]
    made[1].ImagePositionPatient = [at[0] + 4, at[1], at[2]]
    save(made, tmp_path / "one")
    refused(tmp_path / "one", "straight line", "slice 2 is 4.0 mm beside it")
    made = slices_of(*thigh())
    for k, one in enumerate(made):
        at = [float(value) for value in one.ImagePositionPatient]
        one.ImagePositionPatient = [at[0] + 2 * k, at[1], at[2]]
    save(made, tmp_path / "all")
    scan = read_scan(tmp_path / "all")
    assert any("11 degrees off a right angle" in one for one in scan.warnings)


def test_copies_are_left_out_and_differing_doubles_refused(tmp_path):
    """The same pixels twice at a position: one is kept with a warning; others are an error."""
    voxels, geometry = thigh()
    made = slices_of(voxels, geometry)
    save(made, tmp_path / "copy")
    save(made[1:2], tmp_path / "copy" / "again")
    scan = read_scan(tmp_path / "copy")
    np.testing.assert_array_equal(scan.voxels, voxels)
    assert "1 copy of a slice was left out" in scan.warnings
    save(made, tmp_path / "other")
    made[1].PixelData = bytes(len(made[1].PixelData))
    made[1].SOPInstanceUID = generate_uid()
    save(made[1:2], tmp_path / "other", ["double"])
    refused(tmp_path / "other", "122.75 mm", "double", "im0001.dcm", "one measurement")


def test_without_position_orientation_or_spacing(tmp_path):
    """A slice that does not say where it lies is named; all such files at once."""
    made = slices_of(*thigh())
    del made[0].ImagePositionPatient
    del made[1].ImageOrientationPatient
    del made[2].PixelSpacing
    made[3].ImageOrientationPatient = [1, 0, 0, 1, 0, 0]
    save(made, tmp_path)
    refused(tmp_path, "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
            "right angle")  # fmt: skip


def test_an_enhanced_frame_without_position(tmp_path):
    """The frame is named by its number."""
    made = write_enhanced(tmp_path / "a", [Part(*thigh())])
    del made.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence
    made.save_as(tmp_path / "a")
    refused(tmp_path, "ImagePositionPatient", "frame 3")
    del made.PerFrameFunctionalGroupsSequence[3]
    made.save_as(tmp_path / "a")
    refused(tmp_path, "each of the 4 frames has its functional groups (3 are there)")


def test_mosaic_and_lookup_table_are_refused(tmp_path):
    """What would need another reader names one."""
    made = slices_of(*thigh(), ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    save(made[:1], tmp_path / "mosaic")
    refused(tmp_path / "mosaic", "mosaic", "dcm2niix")
    table = slices_of(*thigh())
    table[0].ModalityLUTSequence = [Dataset()]
    save(table[:1], tmp_path / "table")
    refused(tmp_path / "table", "a lookup table")


def test_wrong_units_and_constant_pictures(tmp_path):
    """A field of view of 1.9 cm or 1.9 m is no thigh; a black series shows nothing."""
    voxels, geometry = thigh()
    for name, factor in (("small", 0.1), ("large", 10.0)):
        affine = geometry.affine @ np.diag([factor, factor, 1, 1])
        write_series(tmp_path / name, voxels, Geometry(geometry.shape, affine))
        refused(tmp_path / name, "field of view of a thigh scan is 50 to 700 mm")
    write_series(tmp_path / "black", voxels * 0, geometry)
    refused(tmp_path / "black", "every voxel is 0")


def test_one_bad_series_leaves_the_others_listed(tmp_path):
    """A survey gives the good scans beside the problems; a series can be read by its number."""
    voxels, geometry = thigh()
    write_series(tmp_path / "good", voxels, geometry)
    bad = slices_of(voxels, geometry, SeriesNumber=6)
    del bad[1], bad[0].PixelSpacing
    save(bad, tmp_path / "bad")
    found = survey(tmp_path)
    assert [one.name for one in found.scans] == ["series 5"]
    assert len(found.problems) == 1
    assert read_scan(tmp_path, series=5).name == "series 5"
    with pytest.raises(ScanError, match="PixelSpacing"):
        read_scan(tmp_path)


def test_nothing_to_read(tmp_path):
    """An empty folder, a folder of notes, and a path that leads nowhere."""
    refused(tmp_path, "there is a scan", "no file")
    (tmp_path / "a.txt").write_text("a")
    refused(tmp_path, "a.txt (not DICOM)")
    refused(tmp_path / "gone", "nothing is there")


def test_a_single_slice_needs_its_thickness(tmp_path):
    """One slice is read with its thickness and a warning; without it no volume is known."""
    made = slices_of(*thigh())[:1]
    save(made, tmp_path)
    scan = read_scan(tmp_path)
    assert scan.geometry.spacing[2] == pytest.approx(10)
    assert "one slice only" in scan.warnings
    del made[0].SliceThickness, made[0].SpacingBetweenSlices
    save(made, tmp_path)
    refused(tmp_path, "SliceThickness")


def test_steep_slices_and_contrast_are_told(tmp_path):
    """Odd input that can still be measured: a warning sentence each."""
    voxels, geometry = thigh((20, 20, 4))
    write_series(tmp_path, voxels, tilted(geometry, 40.0), ContrastBolusAgent="Gd",
                 LossyImageCompression="01", ImagesInAcquisition=9)  # fmt: skip
    said = " ".join(read_scan(tmp_path).warnings)
    assert "tilted by 40 degrees" in said
    assert "contrast agent" in said
    assert "compressed with loss" in said
    assert "counts 9 images, 4 are here" in said


def test_real_and_imaginary_parts_are_no_scans(tmp_path):
    """Parts of complex pictures are listed as not looked at."""
    voxels, geometry = thigh()
    write_series(tmp_path / "m", voxels, geometry)
    write_series(tmp_path / "r", voxels, geometry, ImageType=["ORIGINAL", "PRIMARY", "R"])
    found = survey(tmp_path)
    assert len(found.scans) == 1
    assert any("real part" in one.why for one in found.skipped)
