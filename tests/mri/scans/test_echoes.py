"""Echoes of a Dixon from files in any order."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from made_dicom import thigh, write_series

from myocohort.mri.scan import ScanError
from myocohort.mri.scans import read_echoes

TIMES = (3.45, 4.6, 5.75)


def dicom(folder, **tags):
    """Three echoes, magnitude and phase, a folder each."""
    voxels, geometry = thigh()
    phases = np.random.default_rng(2).integers(0, 4096, voxels.shape)
    for k, time in enumerate(TIMES):
        common = {"EchoTime": time, "MagneticFieldStrength": 1.5, **tags}
        write_series(folder / f"m{k}", voxels + k, geometry, **common)
        write_series(folder / f"p{k}", phases, geometry, **common,
                     ImageType=["ORIGINAL", "PRIMARY", "P"])  # fmt: skip
    return voxels


def nifti(folder):
    """Three magnitudes and three phases whose files tell nothing."""
    voxels, geometry = thigh()
    out = []
    for k in range(3):
        phases = np.random.default_rng(k).integers(0, 4096, voxels.shape).astype(np.int16)
        phases.flat[:2] = 0, 4095
        for word, values in (("a", voxels + k), ("b", phases)):
            image = nib.Nifti1Image(values, geometry.affine)
            image.set_sform(geometry.affine, 1)
            nib.save(image, folder / f"{k}{word}.nii")
            out.append(folder / f"{k}{word}.nii")
    return voxels, out


def test_dicom_tells_all(tmp_path):
    """In one folder, or folder by folder in any order: three echoes by time, with phases."""
    voxels = dicom(tmp_path)
    for paths in ([tmp_path], sorted(tmp_path.iterdir(), reverse=True)):
        echoes = read_echoes(paths)
        assert [(one.echo_ms, one.field_t) for one in echoes] == [(t, 1.5) for t in TIMES]
        for k, one in enumerate(echoes):
            np.testing.assert_array_equal(one.magnitude.voxels, voxels + k)
            assert one.phase.quantity == "phase"
            assert one.phase.echo_ms == one.echo_ms


def test_nifti_with_what_the_user_gives(tmp_path):
    """Times in the order of the magnitudes; a phase is known by its numbers, and told."""
    voxels, paths = nifti(tmp_path)
    echoes = read_echoes(paths, TIMES, 1.5)
    np.testing.assert_array_equal(echoes[2].magnitude.voxels, voxels + 2)
    assert any("taken for a phase" in one for one in echoes[0].phase.warnings)
    backwards = read_echoes([paths[4], paths[0], paths[2]], (5.75, 3.45, 4.6), 1.5)
    assert [one.phase for one in backwards] == [None] * 3
    np.testing.assert_array_equal(backwards[0].magnitude.voxels, voxels)


@pytest.mark.parametrize(("given", "field", "words"), [
    ((), 1.5, "the file does not tell it"), (TIMES, None, "the field strength is known"),
    (TIMES[:2], 1.5, "2 times for 3 magnitudes"), ((3.45, 3.45, 4.6), 1.5, "above 0 and differ"),
    ((0.0, 1.0, 2.0), 1.5, "above 0 and differ"),
])  # fmt: skip
def test_what_is_not_known_is_asked_for(tmp_path, given, field, words):
    """Nothing is guessed: times and field come from files or from the user."""
    _, paths = nifti(tmp_path)
    with pytest.raises(ScanError, match=words):
        read_echoes(paths, given, field)


def test_what_contradicts_is_refused(tmp_path):
    """Times or a field other than the files', a phase too few, phases alone."""
    dicom(tmp_path)
    with pytest.raises(ScanError, match=r"3 ms given, 3\.45 ms in a file"):
        read_echoes([tmp_path], (3.0, 4.6, 5.75))
    with pytest.raises(ScanError, match=r"1\.5 T, 3 T"):
        read_echoes([tmp_path], (), 3.0)
    parts = sorted(tmp_path.iterdir())
    with pytest.raises(ScanError, match="2 phases for 3 magnitudes"):
        read_echoes(parts[:5])
    with pytest.raises(ScanError, match="phases only"):
        read_echoes(parts[3:])
