"""One series of a DICOM folder that holds several, named behind the folder as visit#4."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from myocohort.mri.job import Job, series_of
from myocohort.mri.job_list import jobs_of


def test_the_series_stands_behind_the_folder(tmp_path):
    """A name that is there as it stands is taken as it stands."""
    there = tmp_path / "visit#4"
    assert series_of(there) == (tmp_path / "visit", "4")
    assert series_of(tmp_path / "visit") == (tmp_path / "visit", None)
    there.mkdir()
    assert series_of(there) == (there, None)


@pytest.fixture
def job(tmp_path):
    """Return a job on a folder with two series."""
    visit = tmp_path / "visit"
    visit.mkdir()
    for name in ("a.dcm", "b.dcm"):
        (visit / name).write_bytes(name.encode())
    labels = tmp_path / "labels.nii"
    labels.write_bytes(b"labels")
    return Job(labels, "thigh11", t1=Path(f"{visit}#3"), stir=Path(f"{visit}#4"))


def test_another_series_is_another_result(job, tmp_path):
    """All files of the folder are there and are read; which series it is changes the result."""
    assert all(path.exists() for path in job.files())
    assert replace(job, stir=Path(f"{tmp_path / 'visit'}#5")).fingerprint() != job.fingerprint()


def test_a_list_finds_a_series_beside_itself(job, tmp_path):
    """Paths of a list count from its own folder, series or not."""
    path = tmp_path / "list.csv"
    path.write_text("patient,t1,stir,labels\nP1,visit#3,visit#4,labels.nii\n", encoding="utf-8")
    found = jobs_of(path, label_map="thigh11", scale="modified-mercuri", oedema_scale="oedema-0-5")[
        "P1"
    ]
    assert (found.t1, found.stir) == (job.t1, job.stir)
