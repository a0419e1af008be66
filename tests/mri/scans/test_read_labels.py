"""Label maps: whole numbers from 0, turned as scans are."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from made_dicom import thigh, write_series

from myocohort.mri.scan import ScanError
from myocohort.mri.scans import read_labels, read_scan


def write(path, labels, affine):
    """Write a NIfTI that says how it lies."""
    image = nib.Nifti1Image(labels, affine)
    image.set_sform(affine, 1)
    nib.save(image, path)
    return path


def maps():
    """A small map of three labels."""
    _, geometry = thigh()
    labels = np.random.default_rng(6).integers(0, 4, geometry.shape).astype(np.uint8)
    return labels, geometry


def test_labels_of_any_type_and_order(tmp_path):
    """Stored flipped, as bytes or floats, the map is the same and lies where the scan lies."""
    labels, geometry = maps()
    flipped = geometry.affine @ np.diag([-1, -1, 1, 1])
    flipped[:3, 3] = (geometry.affine @ [23, 19, 0, 1])[:3]
    for kind in (np.uint8, np.int32, np.float32, np.float64):
        path = write(tmp_path / "a.nii.gz", labels[::-1, ::-1].astype(kind), flipped)
        read = read_labels(path)
        np.testing.assert_array_equal(read.labels, labels)
        assert read.labels.dtype == np.int32
        assert read.geometry.same_as(geometry)
    big = read_labels(write(tmp_path / "b.nii", labels.astype(np.int32) * 7222, geometry.affine))
    assert big.labels.max() == 3 * 7222


def test_labels_as_a_dicom_series(tmp_path):
    """MR images whose numbers are labels are a label map as well."""
    labels, geometry = maps()
    write_series(tmp_path, labels, geometry)
    np.testing.assert_array_equal(read_labels(tmp_path).labels, labels)


@pytest.mark.parametrize(("change", "words"), [
    (lambda one: one * 0.5, "labels are whole numbers"),
    (lambda one: one - 1.0, "labels are 0 or above"),
    (lambda one: one * 0.0, "every voxel is 0"),
    (lambda one: one * 1e12, "labels are 0 or above"),
])  # fmt: skip
def test_what_is_no_label_map(tmp_path, change, words):
    """Halves, negative numbers, an empty map and huge numbers are refused."""
    labels, geometry = maps()
    path = write(tmp_path / "a.nii", change(labels.astype(np.float64)), geometry.affine)
    with pytest.raises(ScanError, match=words):
        read_labels(path)


def test_labels_that_are_not_a_number_are_none(tmp_path):
    """NaN is no label, and is told."""
    labels, geometry = maps()
    values = labels.astype(np.float32)
    values[0, 0, 0] = np.nan
    read = read_labels(write(tmp_path / "a.nii", values, geometry.affine))
    assert read.labels[0, 0, 0] == 0
    assert "1 voxels are not a number and were set to 0" in read.warnings


def test_other_files(tmp_path):
    """A path that leads nowhere, and a file of another kind."""
    with pytest.raises(ScanError, match="nothing is there"):
        read_labels(tmp_path / "gone.nii")
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(ScanError, match="best saved as NIfTI"):
        read_labels(tmp_path / "a.txt")


def test_real_maps(shared_data):
    """The maps of ../shared/data are stored left and back first; eleven labels each."""
    path = shared_data / "mri" / "labels" / "Training_T1_THIGH_003_0002.nii.gz"
    read = read_labels(path)
    assert read.labels.max() == 11
    assert read.geometry.affine[0, 0] > 0
    stored = np.asarray(nib.load(path).dataobj)
    np.testing.assert_array_equal(read.labels, stored[::-1, ::-1])
    assert read_scan(path).geometry.same_as(read.geometry)
