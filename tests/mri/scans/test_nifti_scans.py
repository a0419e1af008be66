"""NIfTI scans: orientation, units, damaged headers, phases, sidecars."""

from __future__ import annotations

import itertools
import json
import warnings

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_dicom import thigh
from nibabel.orientations import apply_orientation, inv_ornt_aff

from myocohort.mri.scan import ScanError
from myocohort.mri.scans import read_scan, read_scans, survey


def write(path, voxels, affine, **header):
    """Write a NIfTI with its sform and qform set, or as the header says."""
    image = nib.Nifti1Image(np.asarray(voxels), affine)
    codes = header.pop("codes", (1, 1))
    image.set_sform(affine, codes[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a shear has no qform
        image.set_qform(header.pop("qform", affine), codes[1])
    image.header.set_xyzt_units(header.pop("units", "mm"))
    for key, value in header.items():
        image.header[key] = value
    nib.save(image, path)
    return path


def refused(path, *words, **options):
    """Reading fails and says these words."""
    with pytest.raises(ScanError) as caught:
        read_scan(path, **options)
    for word in words:
        assert word in str(caught.value)


@settings(max_examples=12)
@given(
    axes=st.sampled_from(list(itertools.permutations(range(3)))),
    flips=st.tuples(*[st.sampled_from([1, -1])] * 3),
    kind=st.sampled_from([np.int16, np.uint16, np.float32, np.float64, ">i2"]),
)
def test_any_storage_order_is_the_same_scan(tmp_path_factory, axes, flips, kind):
    """All 48 orders of axes, also those of negative determinant, leave voxels and places."""
    voxels, geometry = thigh()
    turn = np.array(list(zip(axes, flips, strict=True)), dtype=float)
    path = tmp_path_factory.mktemp("n") / "a.nii"
    write(path, apply_orientation(voxels, turn).astype(kind),
          geometry.affine @ inv_ornt_aff(turn, geometry.shape))  # fmt: skip
    scan = read_scan(path)
    np.testing.assert_array_equal(scan.voxels, voxels)
    np.testing.assert_allclose(scan.geometry.affine, geometry.affine, atol=1e-3)
    assert scan.warnings == ()
    assert scan.axial
    assert scan.voxels.dtype == np.float32


def test_coronal_slices_are_known_by_their_spacing(tmp_path):
    """The axis of the largest spacing, or the header's own word, is the one across slices."""
    voxels, geometry = thigh((24, 6, 20), 8.0, 8.0)
    affine = geometry.affine.copy()
    affine[1, 1] = 24.0
    assert not read_scan(write(tmp_path / "a.nii", voxels, affine)).axial
    image = nib.Nifti1Image(voxels, geometry.affine)
    image.header.set_dim_info(slice=1)
    image.set_sform(geometry.affine, 1)
    nib.save(image, tmp_path / "b.nii")
    refused(tmp_path / "c.nii", "nothing is there")
    assert not read_scan(tmp_path / "b.nii").axial


def test_scale_factors_are_applied(tmp_path):
    """scl_slope and scl_inter; a slope of 0 means none."""
    voxels, geometry = thigh()
    for slope, inter, expected in ((2.0, -5.0, voxels * 2 - 5), (0.0, 7.0, voxels)):
        image = nib.Nifti1Image(voxels.astype(np.int16), geometry.affine)
        image.set_sform(geometry.affine, 1)
        path = tmp_path / "a.nii"
        nib.save(image, path)
        raw = bytearray(path.read_bytes())
        raw[112:120] = np.array([slope, inter], "<f4").tobytes()
        path.write_bytes(bytes(raw))
        np.testing.assert_array_equal(read_scan(path).voxels, expected)


def test_units(tmp_path):
    """Metres and microns become mm with a warning; mm called metres are no thigh."""
    voxels, geometry = thigh()
    for unit, factor in (("meter", 0.001), ("micron", 1000.0)):
        scaled = np.diag([factor, factor, factor, 1]) @ geometry.affine
        scan = read_scan(write(tmp_path / f"{unit}.nii", voxels, scaled, units=unit))
        np.testing.assert_allclose(scan.geometry.affine, geometry.affine, rtol=1e-4, atol=1e-3)
        assert any(f"stored in {unit}s" in one for one in scan.warnings)
    refused(write(tmp_path / "a.nii", voxels, geometry.affine, units="meter"), "50 to 700 mm")
    tenth = np.diag([0.1, 0.1, 0.1, 1]) @ geometry.affine
    refused(write(tmp_path / "b.nii", voxels, tenth), "50 to 700 mm", "19.2 x 16 mm")


def test_qform_and_sform_that_differ(tmp_path):
    """A shift is told and the sform used; a swap of left and right is refused."""
    voxels, geometry = thigh()
    moved = geometry.affine.copy()
    moved[0, 3] += 12
    scan = read_scan(write(tmp_path / "a.nii", voxels, geometry.affine, qform=moved))
    assert "qform and sform differ by up to 12.0 mm; the sform was used" in scan.warnings
    np.testing.assert_allclose(scan.geometry.affine, geometry.affine, atol=1e-3)
    flipped = geometry.affine @ np.diag([-1, 1, 1, 1])
    refused(write(tmp_path / "b.nii", voxels, geometry.affine, qform=flipped),
            "same left, front and head", "RAS and LAS")  # fmt: skip


def test_without_orientation_left_and_right_are_unknown(tmp_path):
    """Neither qform nor sform: refused, because sides would be a guess."""
    voxels, geometry = thigh()
    path = write(tmp_path / "a.nii", voxels, geometry.affine, codes=(0, 0))
    refused(path, "left and right are known", "neither qform nor sform is set", "dcm2niix")


@pytest.mark.parametrize(("shape", "words"), [
    ((24, 20), "three axes"), ((24, 20, 4, 3), "3 volumes in one file"),
    ((24, 20, 4, 1, 2), "2 volumes"), ((1, 20, 4), "50 to 700 mm"),
])  # fmt: skip
def test_shapes_that_are_no_scan(tmp_path, shape, words):
    """Flat pictures and several volumes are refused, with what to do."""
    _, geometry = thigh()
    refused(write(tmp_path / "a.nii", np.ones(shape, np.int16), geometry.affine), words)


def test_one_volume_in_four_axes_is_taken(tmp_path):
    """A fourth axis of length one is dropped."""
    voxels, geometry = thigh()
    scan = read_scan(write(tmp_path / "a.nii", voxels[..., None], geometry.affine))
    np.testing.assert_array_equal(scan.voxels, voxels)


def test_colours_and_complex_numbers(tmp_path):
    """A voxel is one number."""
    voxels, geometry = thigh()
    colour = np.zeros(voxels.shape, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    refused(write(tmp_path / "a.nii", colour, geometry.affine), "colours")
    refused(write(tmp_path / "b.nii", voxels.astype(np.complex64), geometry.affine),
            "complex numbers", "in a file each")  # fmt: skip


def test_voxels_that_are_not_a_number(tmp_path):
    """NaN and infinities become 0 and are counted; nothing but them is refused."""
    voxels, geometry = thigh()
    voxels[0, 0, 0], voxels[1, 0, 0], voxels[2, 0, 0] = np.nan, np.inf, -np.inf
    scan = read_scan(write(tmp_path / "a.nii", voxels, geometry.affine))
    assert "3 of 1920 voxels are not a number and were set to 0" in scan.warnings
    assert np.isfinite(scan.voxels).all()
    assert scan.voxels[1, 0, 0] == 0
    refused(write(tmp_path / "b.nii", voxels * np.nan, geometry.affine), "voxels are numbers")
    three = np.full(voxels.shape, 3.0)
    refused(write(tmp_path / "c.nii", three, geometry.affine), "every voxel is 3")


def test_affines_that_place_nothing(tmp_path):
    """A column of zeros, parallel axes or NaN: refused with the affine."""
    voxels, geometry = thigh()
    zero, parallel, nan = (geometry.affine.copy() for _ in range(3))
    zero[:, 0] = 0
    parallel[:3, 0] = parallel[:3, 1]
    nan[0, 0] = np.nan
    for k, affine in enumerate((zero, parallel, nan)):
        image = nib.Nifti1Image(voxels, geometry.affine)
        image.header.set_sform(affine, 1)
        image.header["qform_code"] = 0
        path = tmp_path / f"{k}.nii"
        path.write_bytes(image.header.binaryblock + b"\0" * 4 + voxels.tobytes(order="F"))
        refused(path, "affine", "Convert the scan anew")


def test_a_shear_is_told(tmp_path):
    """Axes off a right angle are kept, with a warning."""
    voxels, geometry = thigh()
    affine = geometry.affine.copy()
    affine[1, 2] = 3
    scan = read_scan(write(tmp_path / "a.nii", voxels, affine, codes=(1, 0)))
    assert any("off a right angle" in one for one in scan.warnings)


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.98])
def test_a_file_cut_anywhere_is_told(tmp_path, suffix, share):
    """Wherever it ends, the error names the file and what to do."""
    voxels, geometry = thigh()
    path = write(tmp_path / f"a.{suffix}", voxels, geometry.affine)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    refused(path, f"a.{suffix}", "Copy the file anew")


def test_what_is_no_nifti(tmp_path):
    """Text under a NIfTI's name, and a header that counts too many voxels."""
    (tmp_path / "a.nii").write_text("text " * 200)
    refused(tmp_path / "a.nii", "a file is NIfTI")
    voxels, geometry = thigh()
    path = write(tmp_path / "b.nii", voxels, geometry.affine)
    raw = bytearray(path.read_bytes())
    raw[42:48] = np.array([30000, 30000, 9], "<i2").tobytes()
    path.write_bytes(bytes(raw))
    refused(path, "1e+09 voxels")


def test_phases_on_every_scale_are_radians(tmp_path):
    """Siemens' 0..4095 and -4096..4094, thousandths, 0..2 pi and radians come out alike."""
    _, geometry = thigh()
    steps = np.random.default_rng(5).integers(0, 4096, geometry.shape)
    steps.flat[:2] = 0, 4095
    radians = (steps - 2048) * np.pi / 2048
    makers = {
        "siemens": steps, "rescaled": steps * 2 - 4096, "radians": radians,
        "thousandths": radians * 1000, "turn": np.where(radians < 0, radians + 2 * np.pi, radians),
    }  # fmt: skip
    for name, values in makers.items():
        path = write(tmp_path / f"{name}.nii", values.astype(np.float32), geometry.affine)
        scan = read_scan(path, quantity="phase")
        off = np.angle(np.exp(1j * (scan.voxels - radians)))
        assert np.abs(off).max() < 2e-3  # float32 of thousandths, and pi / 3141.59
        assert scan.quantity == "phase"
        assert np.abs(scan.voxels).max() <= np.pi + 1e-5
        assert any("was taken to be" in one for one in scan.warnings) is (name != "radians")
    refused(write(tmp_path / "degrees.nii", (radians * 180 / np.pi).astype(np.float32),
                  geometry.affine), "a phase is in radians", quantity="phase")  # fmt: skip


def test_a_phase_that_is_not_called_one(tmp_path):
    """By name or sidecar it is read as a phase; by its numbers alone only a warning is given."""
    _, geometry = thigh()
    steps = np.random.default_rng(5).integers(0, 4096, geometry.shape).astype(np.int16)
    steps.flat[:2] = 0, 4095
    assert read_scan(write(tmp_path / "e1_ph.nii", steps, geometry.affine)).quantity == "phase"
    plain = read_scan(write(tmp_path / "e1.nii", steps, geometry.affine))
    assert plain.quantity == "magnitude"
    assert any("spread as those of a phase" in one for one in plain.warnings)
    (tmp_path / "e1.json").write_text(json.dumps({"ImageType": ["ORIGINAL", "PRIMARY", "P"]}))
    assert read_scan(tmp_path / "e1.nii").quantity == "phase"
    said = read_scan(tmp_path / "e1.nii", quantity="magnitude").warnings
    assert any("say that it is a phase" in one for one in said)


def test_a_sidecar_tells_times_in_seconds(tmp_path):
    """BIDS keys: times become ms, thickness the gap, the day is kept and no name is."""
    voxels, geometry = thigh()
    write(tmp_path / "a.nii.gz", voxels, geometry.affine)
    (tmp_path / "a.json").write_text(json.dumps({
        "EchoTime": 0.012, "RepetitionTime": 0.6, "ScanningSequence": "SE",
        "MagneticFieldStrength": 1.5, "Manufacturer": "Siemens", "SliceThickness": 8,
        "PatientName": "Zauberer", "AcquisitionDateTime": "2019-03-04T10:00:00",
    }))  # fmt: skip
    scan = read_scan(tmp_path)
    assert (scan.echo_ms, scan.repetition_ms, scan.field_t) == (12.0, 600.0, 1.5)
    assert scan.slice_gap_mm == 2.0
    assert scan.date.isoformat() == "2019-03-04"
    assert scan.sequence.kind == "t1"
    assert "zauberer" not in repr(scan).lower()
    (tmp_path / "a.json").write_text(json.dumps({"EchoTime": 12}))
    scan = read_scan(tmp_path / "a.nii.gz")
    assert scan.echo_ms is None
    assert any("EchoTime in the JSON file is 12" in one for one in scan.warnings)
    (tmp_path / "a.json").write_text("{")
    assert any("cannot be read" in one for one in read_scan(tmp_path / "a.nii.gz").warnings)


def test_a_folder_of_nifti_files(tmp_path):
    """Each file is a scan by its name; one is chosen by it."""
    voxels, geometry = thigh()
    for name in ("x_t1.nii", "x_stir.nii.gz"):
        write(tmp_path / name, voxels, geometry.affine)
    (tmp_path / "broken.nii").write_bytes(b"x")
    found = survey(tmp_path)
    assert [(one.name, one.sequence.kind) for one in found.scans] == [
        ("x_stir.nii.gz", "stir"), ("x_t1.nii", "t1")
    ]  # fmt: skip
    assert len(found.problems) == 1
    assert read_scan(tmp_path, series="x_t1.nii").sequence.kind == "t1"
    with pytest.raises(ScanError, match=r"broken\.nii"):
        read_scans(tmp_path)


def test_real_scans(shared_data):
    """The thighs of ../shared/data: Siemens' phases fill one turn, all lie head up."""
    folder = shared_data / "mri" / "dixon"
    phase = read_scan(folder / "siemens_0007-Dixon_TE_345_th.nii.gz", quantity="phase")
    assert phase.voxels.min() == pytest.approx(-np.pi)
    assert phase.voxels.max() == pytest.approx(np.pi, abs=0.01)
    magnitude = read_scan(folder / "siemens_0006-Dixon_TE_345_th.nii.gz")
    assert magnitude.geometry.same_as(phase.geometry)
    assert magnitude.sequence.kind == "dixon-echo"
    assert magnitude.coverage()["slices"] == 10
