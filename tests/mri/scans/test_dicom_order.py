"""Whatever the storage order, a series is the same scan."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_dicom import Part, save, slices_of, thigh, tilted, write_enhanced

from myocohort.mri.scan import Scan
from myocohort.mri.scans import read_scan, read_scans


def assert_same(scan: Scan, voxels: np.ndarray, affine: np.ndarray) -> None:
    """Same numbers at the same places; the marker lies where it lay."""
    np.testing.assert_array_equal(scan.voxels, voxels)
    np.testing.assert_allclose(scan.geometry.affine, affine, atol=1e-4)
    assert scan.voxels.dtype == np.float32
    assert scan.voxels.flags.c_contiguous
    at = np.argwhere(scan.voxels == 4000)[0]
    there = scan.geometry.affine @ [*at, 1]
    np.testing.assert_allclose(there, affine @ [3, 5, 1, 1], atol=1e-3)


@settings(max_examples=15)
@given(
    plane=st.sampled_from(["axial", "coronal", "sagittal"]),
    flips=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    swapped=st.booleans(),
    order=st.permutations(range(4)),
    numbers=st.permutations(range(1, 5)),
    position=st.sampled_from(["HFS", "FFS", "HFP", "FFP"]),
)
def test_classic_files_in_any_order(plane, flips, swapped, order, numbers, position):
    """Files, instance numbers, flips, planes and patient positions leave voxels and places."""
    voxels, geometry = thigh((9, 8, 4), 10.0, 20.0)
    across = {"axial": 2, "coronal": 1, "sagittal": 0}[plane]
    with tempfile.TemporaryDirectory() as folder:
        made = slices_of(
            voxels, geometry, plane=plane, flips=flips, swapped=swapped, PatientPosition=position
        )
        keep = [k for k in order if k < len(made)] + list(range(4, len(made)))
        for k, one in enumerate(made):
            one.InstanceNumber = numbers[k] if k < 4 else k + 1
        save([made[k] for k in keep], Path(folder))
        scan = read_scan(folder)
    assert_same(scan, voxels, geometry.affine)
    assert scan.axial == (across == 2)
    assert scan.slice_gap_mm == pytest.approx(0.2 * geometry.spacing[across])
    assert scan.warnings == ()


@settings(max_examples=10)
@given(order=st.permutations(range(12)), plane=st.sampled_from(["axial", "coronal"]))
def test_enhanced_frames_in_any_order(order, plane):
    """Frames of two stacks are placed by their functional groups and split by StackID."""
    voxels, geometry = thigh((9, 8, 6), 10.0, 20.0)
    affine = geometry.affine.copy()
    affine[2, 3] += 300
    upper = np.flip(voxels, 0)
    geometry_up = type(geometry)(geometry.shape, affine)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "enhanced"
        parts = [Part(voxels, geometry, "1"), Part(upper, geometry_up, "2")]
        if plane == "coronal":
            parts = [Part(voxels, geometry, "1", plane=plane)]
            order = [k for k in order if k < 8]
        write_enhanced(path, parts, order)
        scans = read_scans(path)
    assert_same(scans[0], voxels, geometry.affine)
    assert len(scans) == len(parts)
    if plane == "axial":
        assert [one.name for one in scans] == ["series 7, stack 1", "series 7, stack 2"]
        np.testing.assert_array_equal(scans[1].voxels, upper)
        np.testing.assert_allclose(scans[1].geometry.affine, affine, atol=1e-4)


def test_the_list_of_files_is_read_as_the_folder(tmp_path):
    """A list in any order gives what the folder gives, without extensions as well."""
    voxels, geometry = thigh()
    paths = save(slices_of(voxels, geometry), tmp_path, ["d", "b", "a", "c"])
    assert_same(read_scan(sorted(paths)), voxels, geometry.affine)
    assert_same(read_scan(tmp_path), voxels, geometry.affine)


def test_oblique_slices_keep_their_tilt(tmp_path):
    """Up to 30 degrees nothing is said; above, a warning, and the scan is no longer axial."""
    voxels, geometry = thigh((20, 20, 4))
    for degrees, said in ((12.0, False), (35.0, True)):
        turned = tilted(geometry, degrees)
        folder = tmp_path / str(degrees)
        save(slices_of(voxels, turned), folder)
        scan = read_scan(folder)
        assert_same(scan, voxels, turned.affine)
        assert scan.axial is not said
        assert any("tilted by 35 degrees" in one for one in scan.warnings) is said


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_gdcm_places_the_marker_alike(tmp_path, plane):
    """SimpleITK's own series reader, an independent one, finds it at the same place."""
    import SimpleITK

    voxels, geometry = thigh((20, 20, 6))
    save(slices_of(voxels, tilted(geometry, 17.0, 1), plane=plane, flips=(True, False, True)),
         tmp_path)  # fmt: skip
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    image = reader.Execute()
    k, j, i = (int(one) for one in np.argwhere(SimpleITK.GetArrayFromImage(image) == 4000)[0])
    left, back, head = image.TransformIndexToPhysicalPoint((i, j, k))
    scan = read_scan(tmp_path)
    there = scan.geometry.affine @ [*np.argwhere(scan.voxels == 4000)[0], 1]
    np.testing.assert_allclose(there[:3], (-left, -back, head), atol=1e-3)


def test_slope_and_intercept_are_applied_frame_by_frame(tmp_path):
    """Each slice has its own, as Philips writes it; enhanced files by their groups."""
    voxels, geometry = thigh()
    made = slices_of(voxels, geometry)
    for k, one in enumerate(made):
        one.RescaleSlope, one.RescaleIntercept = str(k + 1), str(-k)
    save(made, tmp_path / "classic")
    expected = voxels * np.arange(1, 5) - np.arange(4)
    np.testing.assert_allclose(read_scan(tmp_path / "classic").voxels, expected)
    part = Part(voxels * 2 + 10, geometry, slope=2.0, intercept=10.0)
    write_enhanced(tmp_path / "enhanced.dcm", [part])
    np.testing.assert_allclose(read_scan(tmp_path / "enhanced.dcm").voxels, voxels * 2 + 10)
