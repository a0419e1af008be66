"""The command that lists scans: `myocohort mri inspect`."""

from __future__ import annotations

import json

import pytest
import typer
from made_dicom import WORDS_OF_PERSON, save, slices_of, thigh, write_series
from typer.testing import CliRunner

from myocohort.cli.mri_inspect import inspect

app = typer.Typer()
app.command()(inspect)


def run(*arguments, code=0):
    """Run the command and check how it ended."""
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    for word in WORDS_OF_PERSON:
        assert word not in done.output.lower()
    return done


@pytest.fixture
def folder(tmp_path):
    """A T1, a STIR, a note; more is put beside them by the tests."""
    voxels, geometry = thigh()
    write_series(tmp_path / "t1", voxels, geometry, ScanningSequence="SE", RepetitionTime=600,
                 EchoTime=12)  # fmt: skip
    write_series(tmp_path / "stir", voxels, geometry, SeriesNumber=6, SeriesDescription="STIR")
    (tmp_path / "notes.txt").write_text("x")
    return tmp_path


def test_the_table_of_a_folder(folder):
    """Sequence, grid, coverage, echo time, and what was not looked at."""
    out = run(folder).stdout
    for word in ("series 5", "t1?", "24 x 20 x 4", "8 x 8 x 10", "113 to 143", "12", "2019-03-04",
                 "repetition 600 ms", "stir?", "notes.txt: not DICOM"):  # fmt: skip
        assert word in out


def test_json(folder):
    """The same in plain types; the list of scans can be read by a program."""
    told = json.loads(run(folder, "--json").stdout)
    assert [one["name"] for one in told["scans"]] == ["series 5", "series 6"]
    assert told["scans"][0]["sequence"]["kind"] == "t1"
    assert told["scans"][0]["coverage"]["slices"] == 4
    assert told["scans"][0]["date"] == "2019-03-04"
    assert told["problems"] == []
    assert told["skipped"] == [{"file": "notes.txt", "why": "not DICOM"}]


def test_a_problem_ends_with_1_and_the_others_are_listed(folder):
    """One series has a gap: it is told on standard error, the rest is in the table."""
    voxels, geometry = thigh((24, 20, 8))
    made = slices_of(voxels, geometry, SeriesNumber=9)
    save([made[k] for k in (0, 1, 2, 4, 5, 6)], folder / "gap")
    done = run(folder, code=1)
    assert "series 5" in done.stdout
    assert "missing at 142.75 mm" in done.stderr
    assert "1 problem." in done.stderr
    told = json.loads(run(folder, "--json", code=1).stdout)
    assert len(told["scans"]) == 2
    assert told["problems"][0]["file"] == "series 9"
    told = json.loads(run(folder, "--json", "--split-gaps").stdout)
    assert len(told["scans"]) == 4


def test_a_folder_without_scans(tmp_path):
    """Nothing to list ends with 1; no path at all is wrong usage."""
    assert "No scan that can be read" in run(tmp_path, code=1).stdout
    run(code=2)


def test_the_impression_of_a_real_thigh(shared_data):
    """The GE thigh looks heavily replaced, the Siemens one does not; neither gets a fraction."""
    dixon = shared_data / "mri" / "dixon"
    if not dixon.exists():
        pytest.skip("../shared/data/mri is not here: the real thighs are left out")
    found = {}
    for name in ("ge_40006-ORIG_DIXON_TE_345_TH-0000", "siemens_0006-Dixon_TE_345_th"):
        done = run(dixon / f"{name}.nii.gz", "--impression", "--json")
        (scan,) = json.loads(done.stdout)["scans"]
        found[name[:2]] = scan["impression"]
    assert found["ge"].startswith("heavily replaced")
    assert found["si"].startswith("not heavily replaced")
    assert all("no fat fraction" in text for text in found.values())
