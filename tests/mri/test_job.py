"""Files of a session: what they are, whether they changed, days and label tables."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from session_files import write_scan, write_voxels
from tiny_legs import APART, draw, labelled

from myocohort.errors import InputError
from myocohort.mri.job import Job, label_table, measure_job
from myocohort.mri.scan import ScanError

TABLE = "label,muscle,side\n3,vastus lateralis,left\n9,semitendinosus,\n"


@pytest.fixture
def job(tmp_path):
    """Return a job whose files hold a few bytes each."""
    for name in ("labels.nii", "t1.nii", "stir.nii"):
        (tmp_path / name).write_bytes(name.encode())
    return Job(tmp_path / "labels.nii", "thigh11", t1=tmp_path / "t1.nii",
               stir=tmp_path / "stir.nii")  # fmt: skip


def test_the_same_files_elsewhere_have_the_same_fingerprint(job, tmp_path):
    """Names and places of files do not count."""
    moved = tmp_path / "other"
    moved.mkdir()
    for name in ("labels", "t1", "stir"):
        (moved / f"{name}_2.nii").write_bytes((tmp_path / f"{name}.nii").read_bytes())
    other = replace(job, labels=moved / "labels_2.nii", t1=moved / "t1_2.nii",
                    stir=moved / "stir_2.nii")  # fmt: skip
    assert other.fingerprint() == job.fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"scale": "fischer"}, {"oedema_scale": "oedema-0-3"}, {"side": "left"}, {"field_t": 3.0},
        {"label_map": "musclemap"}, {"patient": "P1"}, {"date": "2020-01-01"},
        {"status": "healthy"}, {"study": "ours"}, {"muscle_reference": "0.34"},
        {"echo_times_ms": (1.0, 2.0)}, {"stir": None},
    ],
    ids=str,
)  # fmt: skip
def test_another_way_of_measuring_has_another_fingerprint(job, change):
    """Every choice counts, since it changes the result."""
    assert replace(job, **change).fingerprint() != job.fingerprint()


def test_files_exchanged_have_another_fingerprint(job):
    """The same bytes as T1 or as STIR are not the same session."""
    only = replace(job, stir=None)
    assert replace(only, t1=None, stir=only.t1).fingerprint() != only.fingerprint()
    assert replace(job, t1=job.stir, stir=job.t1).fingerprint() != job.fingerprint()


def test_a_changed_file_has_another_fingerprint(job):
    """In a folder of DICOM as well as in a single file, and of a table or a reference."""
    before = job.fingerprint()
    job.t1.write_bytes(b"other")
    assert job.fingerprint() != before
    folder = job.t1.with_name("dicom")
    (folder / "inside").mkdir(parents=True)
    (folder / "inside" / "1.dcm").write_bytes(b"1")
    own = job.t1.with_name("table.csv")
    own.write_text(TABLE, encoding="utf-8")
    earlier = job.t1.with_name("earlier.json")
    earlier.write_text("{}", encoding="utf-8")
    more = replace(job, t1=folder, label_map=str(own), muscle_reference=str(earlier))
    found = {more.fingerprint()}
    (folder / "inside" / "2.dcm").write_bytes(b"2")
    found.add(more.fingerprint())
    own.write_text(TABLE.replace("left", "right"), encoding="utf-8")
    found.add(more.fingerprint())
    earlier.write_text("[]", encoding="utf-8")
    found.add(more.fingerprint())
    assert len(found) == 4


def test_a_sidecar_counts_since_it_is_read(job):
    """The JSON beside a NIfTI tells times and day."""
    before = job.fingerprint()
    job.t1.with_suffix(".json").write_text('{"EchoTime": 0.01}', encoding="utf-8")
    assert job.fingerprint() != before


def test_another_series_of_a_folder_has_another_fingerprint(job):
    """The bytes are those of the whole folder; which series is read counts too."""
    folder = job.t1.with_name("visit")
    folder.mkdir()
    (folder / "1.dcm").write_bytes(b"1")
    found = {replace(job, t1=Path(f"{folder}{end}")).fingerprint() for end in ("", "#3", "#4")}
    assert len(found) == 3


def test_all_files_that_are_missing_are_told(tmp_path):
    """Every file in one error, also those of references."""
    job = Job(
        tmp_path / "labels.nii", "thigh11", t1=tmp_path / "t1.nii", calibration=tmp_path / "c.json",
        stir_controls=(tmp_path / "s.json",), muscle_reference=f"{tmp_path / 'm.json'}",
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        measure_job(job)
    assert [Path(one.file).name for one in caught.value.problems] == [
        "labels.nii", "t1.nii", "s.json", "c.json", "m.json",
    ]  # fmt: skip


def test_a_label_table_by_name_or_by_file(tmp_path):
    """A known name, a user's CSV; anything else names the known ones."""
    assert label_table("thigh11").name == "thigh11"
    own = tmp_path / "own.csv"
    own.write_text(TABLE, encoding="utf-8")
    assert label_table(str(own)).labels[3].side == "left"
    with pytest.raises(InputError, match="musclemap, totalsegmentator-mr"):
        label_table("musclemaps")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Return a job of two small legs with STIR-like contrast and a day in its sidecar."""
    folder = tmp_path_factory.mktemp("tiny")
    scan, _ = draw(APART)
    labels = labelled(APART)
    write_scan(folder / "t1.nii.gz", replace(scan, repetition_ms=550.0, echo_ms=10.0),
               date="2020-03-01")  # fmt: skip
    write_voxels(folder / "labels.nii.gz", labels.labels, labels.geometry)
    return Job(folder / "labels.nii.gz", "thigh11", t1=folder / "t1.nii.gz")


def test_the_day_of_the_file_is_kept_and_not_overruled(tiny):
    """A day that contradicts the file is an error; the same day is not."""
    assert measure_job(replace(tiny, date="2020-03-01")).content["scan"]["date"] == "2020-03-01"
    with pytest.raises(ScanError, match="--date is 2020-03-02, but the scan's file says 2020"):
        measure_job(replace(tiny, date="2020-03-02"))


def test_a_file_without_a_day_takes_the_one_given(tiny, tmp_path):
    """Patient, day, status and study of the job stand in the result; so does its fingerprint."""
    scan = tmp_path / "t1.nii.gz"
    scan.write_bytes(tiny.t1.read_bytes())
    job = replace(tiny, t1=scan, date="2021-05-06", patient="P1", status="healthy", study="ours")
    content = measure_job(job).content
    assert content["scan"]["date"] == "2021-05-06"
    assert content["patient"] == "P1"
    assert content["control"] == {"status": "healthy", "study": "ours"}
    assert content["fingerprint"] == job.fingerprint()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
