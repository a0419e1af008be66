"""`myocohort mri` with bad files: clear errors or warnings, no traceback, nothing half-written."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from phantom import made_anatomy, make_phantom

from myocohort.cli import main, mri_measure
from myocohort.mri.checks import check_t1
from myocohort.mri.fat_map import FatMap
from myocohort.mri.scan import ScanError

PERSON = "Zauberer^Quirin"


@dataclass(frozen=True)
class Ended:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str

    @property
    def told(self):
        """All problems in one text; the JSON holds no NaN."""
        return json.dumps(self.json["problems"], ensure_ascii=False)

    @property
    def json(self):
        """The output, read strictly."""

        def refuse(name):
            raise ValueError(f"{name} in the JSON")

        return json.loads(self.out, parse_constant=refuse)


@pytest.fixture
def run(monkeypatch):
    """Return the command in this process, with its errors as `myocohort` prints them."""

    def ended(*arguments, code=0):
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["myocohort", "mri", *map(str, arguments)])
        found = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main.run()
            except SystemExit as reason:
                found = reason.code or 0
        done = Ended(found, out.getvalue(), err.getvalue())
        assert done.code == code, done.out + done.err
        assert "Zauberer" not in done.out + done.err
        return done

    return ended


@dataclass(frozen=True)
class Files:
    """A phantom and its files."""

    phantom: object
    t1: Path
    stir: Path
    labels: Path

    @property
    def geometry(self):
        """The phantom's grid."""
        return self.phantom.anatomy.geometry

    @property
    def codes(self):
        """The label map's numbers."""
        return self.phantom.label_map.labels.astype(np.int16)


def write(path, voxels, affine):
    """Write a NIfTI in mm with a person in its header, and return the path."""
    image = nib.Nifti1Image(voxels, affine)
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = PERSON.encode()
    nib.save(image, path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return T1, STIR and labels of two slices; their names do not tell what they are."""
    folder = tmp_path_factory.mktemp("scans")
    phantom = make_phantom(made_anatomy(spacing=3.0, slices=2), seed=1)
    affine = phantom.anatomy.geometry.affine
    return Files(
        phantom,
        write(folder / "a.nii.gz", phantom.t1.voxels, affine),
        write(folder / "b.nii.gz", phantom.stir.voxels, affine),
        write(folder / "c.nii.gz", phantom.label_map.labels.astype(np.int16), affine),
    )


@pytest.fixture
def measure(run, files):
    """Return `measure --json` with the phantom's files where none are given."""

    def measured(*options, labels=None, label_map="musclemap", t1=None, scan=True, code=0):
        scans = ("--t1", t1 or files.t1) if scan else ()
        return run(
            "measure", "--json", *scans, "--labels", labels or files.labels,
            "--label-map", label_map, *options, code=code,
        )  # fmt: skip

    return measured


@pytest.fixture(scope="module")
def measured(files, tmp_path_factory):
    """Return the result of a measurement, as its file holds it."""
    from myocohort.mri.job import Job, measure_job

    job = Job(files.labels, "musclemap", t1=files.t1, stir=files.stir)
    return json.dumps(measure_job(job).content)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda v: -np.pi + 2 * np.pi * np.random.default_rng(0).random(v.shape), "phase"),
        (lambda v: np.where(v == v.max(), 1e30, v), "1e+12"),
        (lambda v: v * 0, "every voxel is 0"),
        (lambda v: v * np.nan, "voxels are numbers"),
        (lambda v: np.stack([v, v], axis=-1), "one volume"),
    ],
    ids=["phase", "spike", "zero", "nan", "4d"],
)
def test_scans_that_are_no_image_are_refused(measure, files, tmp_path, make, words):
    """A phase, a damaged scale, nothing at all, several volumes: said by file and value."""
    voxels = make(files.phantom.t1.voxels.astype(float)).astype(np.float32)
    path = write(tmp_path / "bad.nii.gz", voxels, files.geometry.affine)
    told = measure(t1=path, code=1).told
    assert "bad.nii.gz" in told
    assert words in told


def test_t1_and_stir_given_for_each_other_are_refused(measure, files):
    """Fat is bright on T1 and dark on STIR; names that tell nothing do not hide an exchange."""
    options = ("--stir", files.t1)
    assert "given for each other" in measure(*options, t1=files.stir, code=1).told
    assert "the same image" in measure(*options, code=1).told


def test_a_label_map_is_no_scan(measure, files):
    """It has one value in each region, which no image has."""
    assert "label map itself" in measure(t1=files.labels, code=1).told


def test_labels_of_single_voxels_are_refused(measure, files, tmp_path):
    """One voxel a muscle cannot be measured; no warning of numpy comes through."""
    few = np.zeros_like(files.codes)
    for number in np.unique(files.codes)[1:]:
        where = np.argwhere(files.codes == number)
        few[tuple(where[len(where) // 2])] = number
    path = write(tmp_path / "few.nii.gz", few, files.geometry.affine)
    assert "26 voxels" in measure("--stir", files.stir, labels=path, code=1).told


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (lambda a, at: (a, at + np.array((0, 0, 10))), "10.0 mm apart"),
        (lambda a, at: (a, at + np.array((0, 0, 500))), "no label lies within"),
        (lambda a, at: (a, at + np.array((60, 0, 0))), "outside the body"),
        (lambda a, at: (a[::-1].copy(), at), "flipped left-right"),
        (lambda a, at: (a * 0, at), "every voxel is 0"),
        (lambda a, at: (a.astype(np.float32) * 0.37, at), "whole numbers"),
    ],
    ids=["between", "elsewhere", "beside", "flipped", "empty", "fractions"],
)
def test_maps_that_do_not_fit_are_refused(measure, files, tmp_path, move, words):
    """Between the slices, elsewhere, beside the body, flipped, empty, not whole."""
    affine = files.geometry.affine.copy()
    labels, affine[:3, 3] = move(files.codes, affine[:3, 3].copy())
    path = write(tmp_path / "moved.nii.gz", labels, affine)
    assert words in measure(labels=path, code=1).told


def test_a_side_against_the_map_is_refused(measure, files, tmp_path):
    """One leg is seen, the map calls it left: the user's right is not passed over in silence."""
    half = files.codes.shape[0] // 2
    affine = files.geometry.affine
    leg = write(tmp_path / "leg.nii.gz", files.phantom.t1.voxels[:half], affine)
    labels = write(tmp_path / "of.nii.gz", files.codes[:half], affine)
    told = measure("--side", "right", t1=leg, labels=labels, code=1).told
    assert "muscles of the left" in told
    found = measure("--side", "left", t1=leg, labels=labels).json["muscles"]
    assert {row["side"] for row in found} == {"left"}


def test_an_empty_file_among_slices_is_told(measure, files, tmp_path):
    """A slice lost at the end of a stack leaves no gap; its file does, and no name is told."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    folder = tmp_path / "series"
    folder.mkdir()
    series, t1 = generate_uid(), files.phantom.t1.voxels
    for k in range(2):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = (
            ExplicitVRLittleEndian, MRImageStorage,
        )  # fmt: skip
        meta.MediaStorageSOPInstanceUID = generate_uid()
        one = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        one.SOPClassUID, one.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        one.Modality, one.PatientName, one.SeriesInstanceUID = "MR", PERSON, series
        one.SeriesNumber, one.InstanceNumber, one.SliceThickness = 4, k + 1, 16
        x, y, z = files.geometry.affine[:3, 3] + np.array([0, 0, k * files.geometry.spacing[2]])
        one.ImagePositionPatient = [f"{-x:.6g}", f"{-y:.6g}", f"{z:.6g}"]
        one.ImageOrientationPatient = [-1, 0, 0, 0, -1, 0]
        one.PixelSpacing = [3, 3]
        one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
        one.Rows, one.Columns = t1.shape[1], t1.shape[0]
        one.BitsAllocated = one.BitsStored = 16
        one.HighBit, one.PixelRepresentation = 15, 0
        one.PixelData = np.round(t1[:, :, k].T * 3000 / t1.max()).astype(np.uint16).tobytes()
        one.save_as(folder / f"im{k}.dcm", enforce_file_format=True)
    whole = (folder / "im1.dcm").read_bytes()
    (folder / "im1.dcm").write_bytes(whole[: len(whole) // 2])
    assert "a DICOM file is whole" in measure(t1=folder, code=1).told
    (folder / "im1.dcm").write_bytes(b"")
    warnings = " ".join(measure(t1=folder).json["warnings"])
    assert "empty or no DICOM: im1.dcm" in warnings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"references": [1]}, "measured T1"),
        ({"references": {"fat": {"muscle_ratio": {"value": None}}}}, "muscle_ratio has"),
        ({"references": {"fat": {"muscle_ratio": {"chance_spared": 0.9, "value": "x", "sd": 1}}}},
         "muscle_ratio has"),
        ({"references": {"fat": {"muscle_ratio": {"chance_spared": 0.1, "value": 0.3, "sd": 0.1}}}},
         "spared muscle"),
    ],
)  # fmt: skip
def test_muscle_references_that_cannot_serve(measure, measured, tmp_path, change, words):
    """Parts of another kind, missing numbers, no spared muscle: the file and the rule."""
    path = tmp_path / "ref.json"
    path.write_text(json.dumps(json.loads(measured) | change), encoding="utf-8")
    told = measure("--muscle-reference", path, code=1).told
    assert "ref.json" in told
    assert words in told


@pytest.mark.parametrize("text", [",", "nan", "1.5", "0.3:x", "nowhere.json"])
def test_muscle_references_that_are_none(measure, text):
    """A comma, no number, a ratio above 1, no file."""
    assert measure("--muscle-reference", text, code=1).told


@pytest.mark.parametrize("control", [[1], "x", None, {"status": "myositis", "study": "A"}])
def test_controls_that_are_not_healthy(measure, measured, files, tmp_path, control):
    """Only who is stated to be healthy may make a limit of STIR."""
    path = tmp_path / "control.json"
    content = json.loads(measured)
    path.write_text(json.dumps(content | {"control": control}), encoding="utf-8")
    options = ("--stir", files.stir, "--stir-controls", path)
    assert "not as 'healthy'" in measure(*options, scan=False, code=1).told
    path.write_text(json.dumps(content | {"references": [1]}), encoding="utf-8")
    assert "a control has a measured STIR" in measure(*options, scan=False, code=1).told


def test_label_tables_that_cannot_be_read(measure, tmp_path):
    """An unknown muscle and a cell without end: row and rule."""
    table = tmp_path / "table.csv"
    table.write_text("label,muscle,side\n7111,vastus intermedis,left\n", encoding="utf-8")
    assert "Did you mean 'vastus intermedius'?" in measure(label_map=table, code=1).told
    table.write_text("label,muscle\n1," + "x" * 200_000, encoding="utf-8")
    assert "a label table is a CSV file" in measure(label_map=table, code=1).told


@pytest.mark.parametrize(
    "options",
    [
        ("--scale", "oedema-0-5"), ("--oedema-scale", "x"), ("--side", "l"), ("--date", "20200101"),
        ("--date", "2020-W01-1"), ("--echo-times", "a"), ("--field", "x"), ("more.nii",),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2(measure, options):
    """Options that no scan could make right."""
    measure(*options, code=2)


def test_a_place_that_cannot_be_written_is_told_first(run, measure, tmp_path):
    """Before anything is measured, by its name."""
    taken = tmp_path / "taken"
    taken.write_text("x")
    done = measure("--out", taken / "inner", code=1)
    assert "is no folder" in done.told
    assert "reading scans" not in done.err
    done = run("measure-all", tmp_path, "--out", taken, "--label-map", "thigh11", "--json", code=1)
    assert done.json["problems"]


@pytest.fixture
def quick(monkeypatch):
    """Leave the drawing out; what marks a session done is written as always."""
    from myocohort.report.mri import pictures

    monkeypatch.setattr(pictures, "session_pictures", lambda *parts: [])
    monkeypatch.setattr(pictures, "write_pictures", lambda drawn, folder: [])


@pytest.fixture
def sessions(files, tmp_path):
    """Return a folder of three sessions, the second with a broken scan."""
    for name in ("P1", "P2", "P3"):
        folder = tmp_path / "in" / name / "2020-01-01"
        folder.mkdir(parents=True)
        shutil.copy(files.t1, folder / "t1.nii.gz")
        shutil.copy(files.labels, folder / "labels.nii.gz")
    (tmp_path / "in/P2/2020-01-01/t1.nii.gz").write_bytes(files.t1.read_bytes()[:500])
    return tmp_path / "in"


@pytest.mark.usefixtures("quick")
def test_one_bad_session_does_not_stop_the_others(run, files, sessions, tmp_path):
    """Two are done and one is told; done ones are passed over, what is missing is told."""
    command = ("measure-all", sessions, "--out", tmp_path / "out", "--label-map", "musclemap")

    def states(code):
        found = run(*command, "--json", code=code).json["sessions"]
        return [one["state"] for one in found], [one["error"] for one in found]

    found, errors = states(1)
    assert found == ["measured", "failed", "measured"]
    assert "t1.nii.gz: a file is NIfTI" in errors[1]
    assert not (tmp_path / "out/P2_2020-01-01").exists()
    assert states(1)[0] == ["done before", "failed", "done before"]
    shutil.copy(files.t1, sessions / "P2/2020-01-01/t1.nii.gz")
    assert states(0)[0] == ["done before", "measured", "done before"]
    (sessions / "P3/2020-01-01/labels.nii.gz").unlink()
    (sessions / "P1/2020-01-01/t1.nii.gz").unlink()
    found, errors = states(1)
    assert found == ["failed", "done before", "failed"]
    assert "nothing to measure" in errors[0]
    assert "labels.nii.gz: the file is there" in errors[2]


def test_what_breaks_off_is_not_taken_for_done(run, files, tmp_path, monkeypatch):
    """Ctrl-C while a session is measured anew leaves no earlier result beside new pictures."""
    from myocohort.report.mri import pictures

    out = tmp_path / "out"
    out.mkdir()
    (out / "measure.json").write_text("{}")

    def interrupted(*parts):
        raise KeyboardInterrupt

    monkeypatch.setattr(pictures, "session_pictures", interrupted)
    from myocohort.mri.job import Job, measure_job

    with pytest.raises(KeyboardInterrupt):
        mri_measure.keep(measure_job(Job(files.labels, "musclemap", t1=files.t1)), out)
    assert not (out / "measure.json").exists()
    assert not list(out.glob(".*"))


def test_lists_with_bad_rows_are_refused_whole(run, tmp_path):
    """Dates, sides, numbers, twins, names that leave the folder: each with row and column."""
    rows = [
        "P1,20200101,t,l,thigh11,,", "P1,2020-01-01,t,l,thigh11,up,a", "../x,,t,l,thigh11,,",
        "P2,,t,l,thigh11,,", "P2,,t,l,thigh11,,", "P3,,,,,,",
    ]  # fmt: skip
    path = tmp_path / "list.csv"
    text = "\n".join(["patient,date,t1,labels,label_map,side,field_t", *rows])
    path.write_text(text + "\n", encoding="utf-8")
    done = run("measure-all", path, "--out", tmp_path / "out", "--json", code=1)
    places = {(one["row"], one["column"]) for one in done.json["problems"]}
    assert places == {
        (2, "date"), (3, "side"), (3, "field_t"), (4, "patient"), (6, "patient"),
        (7, "label_map"), (7, "labels"), (7, "t1"),
    }  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_damaged_views_are_told(run, measured, tmp_path):
    """Half a file, arrays that do not fit, a session given twice; nothing is drawn."""
    folder, out = tmp_path / "session", tmp_path / "out"
    folder.mkdir()
    (folder / "measure.json").write_text(measured, encoding="utf-8")
    about = {"views": [{"title": "T1", "pixel_mm": 1.0}], "of": {}}
    arrays = {"slices_0": np.zeros((2, 4, 4), np.uint8), "codes_0": np.zeros((1, 4, 4), np.int16)}
    for broken, more in ((about, arrays), ({"views": [], "of": []}, {})):
        text = np.frombuffer(json.dumps(broken).encode(), np.uint8)
        np.savez(folder / "views.npz", about=text, positions_0=np.zeros(2), **more)
        done = run("pictures", folder, "--out", out, "--json", code=1)
        assert "views.npz" in done.told
    whole = (folder / "views.npz").read_bytes()
    (folder / "views.npz").write_bytes(whole[: len(whole) // 2])
    assert "views.npz" in run("pictures", folder, "--out", out, "--json", code=1).told
    done = run("pictures", folder, folder, "--out", out, "--json", code=1)
    assert "a session is given once" in done.told
    assert not out.exists()


def test_pictures_of_two_patients_are_refused(run, measured, tmp_path):
    """Codes that differ are not drawn as one patient's course."""
    folders = []
    for name in ("P1", "P2"):
        (tmp_path / name).mkdir()
        content = json.dumps(json.loads(measured) | {"patient": name})
        (tmp_path / name / "measure.json").write_text(content, encoding="utf-8")
        np.savez(tmp_path / name / "views.npz",
                 about=np.frombuffer(b'{"views": [], "of": {}}', np.uint8))  # fmt: skip
        folders.append(tmp_path / name)
    done = run("pictures", *folders, "--out", tmp_path / "out", "--json", code=1)
    assert "P1, P2" in done.told
    assert not (tmp_path / "out").exists()


def test_months_and_shifts_that_are_no_numbers_are_wrong_usage(run, measured, tmp_path):
    """`nan` and `inf` are numbers to Python, not to anybody else."""
    path = tmp_path / "measure.json"
    path.write_text(measured, encoding="utf-8")
    for options in (("--months", "nan"), ("--shift", "nan"), ("--shift", "inf")):
        run("compare", path, path, *options, code=2)


def test_muscle_brighter_than_fat_is_no_t1(files):
    """Nothing of a leg is brighter than fat on T1: all muscles refused, single ones told."""
    regions, scan = files.phantom.regions, files.phantom.t1

    def fat_map(*bright):
        fraction = np.where(np.isin(regions.codes, bright), 1.5, 0.3).astype(np.float32)
        return FatMap(fraction, files.geometry, 0.01, 0.01, 0.01, "T1", {})

    muscles = [code for code, region in regions.of.items() if region.kind == "muscle"]
    assert check_t1(fat_map(), regions, scan) == ()
    (told,) = check_t1(fat_map(muscles[2]), regions, scan)
    assert f"{regions.of[muscles[2]].side} {regions.of[muscles[2]].name}" in told
    with pytest.raises(ScanError, match="muscle is brighter than the fat under the skin"):
        check_t1(fat_map(*muscles), regions, scan)
