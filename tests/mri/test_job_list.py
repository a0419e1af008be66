"""Many sessions from a CSV or a folder: each found, each problem told with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from myocohort.errors import InputError
from myocohort.mri.job_list import COLUMNS, jobs_of


def jobs(source, label_map="musclemap"):
    """Return the jobs with the usual scales."""
    return jobs_of(source, label_map=label_map, scale="modified-mercuri", oedema_scale="oedema-0-5")


def listed(folder, *rows, header="patient,date,t1,labels"):
    """Write a list."""
    path = folder / "list.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def problems(source, **options):
    """Return row, column and rule of every problem."""
    with pytest.raises(InputError) as caught:
        jobs(source, **options)
    return [(one.row, one.column, one.rule) for one in caught.value.problems]


def test_a_list_counts_paths_from_its_own_folder(tmp_path):
    """Relative paths stand beside the list; blank lines and a byte order mark do not matter."""
    for name in ("a.nii", "l.nii"):
        (tmp_path / name).touch()
    path = listed(tmp_path, "P1,2020-01-01,a.nii,l.nii", ",,,", "P1,2020-07-01,a.nii,l.nii",
                  header="\ufeffpatient, date,t1,labels")  # fmt: skip
    found = jobs(path)
    assert list(found) == ["P1_2020-01-01", "P1_2020-07-01"]
    one = found["P1_2020-01-01"]
    assert (one.t1, one.labels) == (tmp_path / "a.nii", tmp_path / "l.nii")
    assert (one.patient, one.date, one.label_map) == ("P1", "2020-01-01", "musclemap")
    assert (one.stir, one.side, one.echoes) == (None, None, ())


def test_every_column_of_a_list_reaches_the_job(tmp_path):
    """One row with all columns."""
    cells = {
        "patient": "P2", "date": "2021-02-03", "t1": "t.nii", "stir": "s.nii",
        "dixon_fat": "f.nii", "dixon_water": "w.nii", "labels": "l.nii", "echoes": "e1.nii; e2.nii",
        "echo_times_ms": "1.2;2.4", "field_t": "3", "label_map": "thigh11", "side": "left",
        "muscle_reference": "0.34:0.02", "status": "healthy", "study": "ours",
    }  # fmt: skip
    assert set(cells) == set(COLUMNS)
    (job,) = jobs(listed(tmp_path, ",".join(cells.values()), header=",".join(cells))).values()
    assert (job.fat, job.water) == (Path("f.nii"), Path("w.nii"))
    assert job.echoes == (tmp_path / "e1.nii", tmp_path / "e2.nii")
    assert (job.echo_times_ms, job.field_t, job.side) == ((1.2, 2.4), 3.0, "left")
    assert (job.label_map, job.muscle_reference) == ("thigh11", "0.34:0.02")
    assert (job.status, job.study) == ("healthy", "ours")


def test_all_problems_of_all_rows_are_told(tmp_path):
    """Date, side, numbers, no labels, no scan, a twin, a name that leaves the folder."""
    header = "patient,date,t1,labels,side,field_t"
    path = listed(
        tmp_path, "P1,2020-13-01,a,l,,", "P2,2020-01-01,a,l,both,", "P3,2020-01-01,a,l,,high",
        "P4,2020-01-01,a,,,", "P5,2020-01-01,,l,,", "P6,2020-01-01,a,l,,", "P6,2020-01-01,a,l,,",
        "../P7,2020-01-01,a,l,,", header=header,
    )  # fmt: skip
    assert [(row, column) for row, column, _ in problems(path)] == [
        (2, "date"), (3, "side"), (4, "field_t"), (5, "labels"), (6, "t1"), (8, "patient"),
        (9, "patient"),
    ]  # fmt: skip


def test_a_label_map_must_be_named(tmp_path):
    """By the row or by the option."""
    path = listed(tmp_path, "P1,2020-01-01,a,l")
    assert [one[1] for one in problems(path, label_map="")] == ["label_map"]


def test_a_list_with_unknown_columns_or_without_rows_is_refused(tmp_path):
    """A misspelt header must not pass unseen; an empty list is no list."""
    found = problems(listed(tmp_path, "P1,a,l", header="patient,T1,labels"))
    assert (1, "T1") in [(row, column) for row, column, _ in found]
    assert "a session" in problems(listed(tmp_path))[0][2]


def test_a_list_that_cannot_be_read_is_refused(tmp_path):
    """Not there, not UTF-8."""
    assert "can be read" in problems(tmp_path / "absent.csv")[0][2]
    (tmp_path / "list.csv").write_bytes(b"patient,date\n\xff\xfe,\n")
    assert "can be read" in problems(tmp_path / "list.csv")[0][2]


def test_a_folder_of_patients_and_days(tmp_path):
    """PATIENT/DATE with files or folders of DICOM; echoes in their order; others are left out."""
    for name in ("P1/2020-01-01/t1.nii.gz", "P1/2020-01-01/labels.nii.gz",
                 "P1/2020-07-01/labels.nii", "P1/2020-07-01/echo2.nii", "P1/2020-07-01/echo1.nii",
                 "P2/labels.nii.gz", "P2/stir/1.dcm", "notes/readme.txt"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = jobs(tmp_path)
    assert list(found) == ["P1_2020-01-01", "P1_2020-07-01", "P2"]
    assert found["P1_2020-01-01"].t1 == tmp_path / "P1/2020-01-01/t1.nii.gz"
    assert [one.name for one in found["P1_2020-07-01"].echoes] == ["echo1.nii", "echo2.nii"]
    assert found["P2"].stir == tmp_path / "P2/stir"
    assert (found["P2"].patient, found["P2"].date) == ("P2", "")


def test_a_folder_without_sessions_is_refused(tmp_path):
    """The error says what a folder of sessions looks like."""
    assert "labels.nii.gz" in problems(tmp_path)[0][2]
