"""`myocohort mri measure`, `measure-all`, `pictures`: a phantom's files from scan to registry."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from phantom import Phantom, made_anatomy, make_phantom
from session_files import STORED, write_echoes, write_scan, write_session, write_voxels
from typer.testing import CliRunner

from myocohort.cli.main import app
from myocohort.mri.job import Job, measure_job
from myocohort.mri.resample import resample_like, scan_on
from myocohort.mri.scan import Geometry

FATTY = {("vastus lateralis", "left"): 0.45, ("semitendinosus", "right"): 0.8}
WORSE = {("vastus lateralis", "left"): 0.6, ("semitendinosus", "right"): 0.9}
WET = {("gracilis", "left"): 0.6}

MUSCLE_KEYS = {
    "name", "side", "voxels", "volume_ml", "fat_share", "fat_fraction", "fat_fraction_sd",
    "stir_positive_share", "grade", "slices", "warnings",
}  # fmt: skip
STUDY = """
title = "Made-up study"
origin = "made"
[arms.treated]
label = "treated"
[tables.patients]
file = "patients.csv"
[imaging]
months = [3]
scales = { fat = "modified-mercuri", oedema = "oedema-0-5" }
"""


@dataclass(frozen=True)
class Files:
    """Two sessions of a patient P1 in ROOT/P1/DATE, the echoes of the first, and the phantom."""

    root: Path
    first: Path
    last: Path
    echoes: list[Path]
    p: Phantom


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Write the phantoms; voxels of 2 mm, two slices."""
    root = tmp_path_factory.mktemp("scans")
    anatomy = made_anatomy(spacing=2.0, slices=2)
    p = make_phantom(anatomy, fat=FATTY, rest=0.02, oedema=WET, seed=3)
    later = make_phantom(anatomy, fat=WORSE, rest=0.02, oedema=WET, seed=4)
    first = write_session(p, root / "P1" / "2020-03-01", date="2020-03-01")
    last = write_session(later, root / "P1" / "2020-09-01", date="2020-09-01")
    return Files(root, first, last, write_echoes(p, tmp_path_factory.mktemp("echoes")), p)


def mri(*arguments: object, expect: int = 0) -> Any:
    """Run `myocohort mri ...` in this process, which saves its start; no study is opened."""
    done = CliRunner().invoke(app, ["mri", *map(str, arguments)])
    assert done.exit_code == expect, done.output
    return done


def labels(folder: Path) -> tuple[object, ...]:
    """Return the options that name a session's labels."""
    return ("--labels", folder / "labels.nii.gz", "--label-map", "musclemap")


def of_t1(folder: Path) -> tuple[object, ...]:
    """Return the options of T1, STIR and labels."""
    return ("--t1", folder / "t1.nii.gz", "--stir", folder / "stir.nii.gz", *labels(folder))


def fractions(content: dict[str, Any]) -> dict[tuple[str, str], float]:
    """Return the fat fraction of each muscle-side."""
    return {(row["name"], row["side"]): row["fat_fraction"] for row in content["muscles"]}


@pytest.fixture(scope="session")
def kept(files, tmp_path_factory) -> tuple[Path, Path, dict[str, Any]]:
    """Measure both sessions as `measure-all` does; also the first session's content."""
    out = tmp_path_factory.mktemp("kept")
    done = mri("measure-all", files.root, "--out", out, "--label-map", "musclemap",
                     "--json")  # fmt: skip
    assert [one["state"] for one in json.loads(done.stdout)["sessions"]] == ["measured", "measured"]
    first, last = out / "P1_2020-03-01", out / "P1_2020-09-01"
    return first, last, json.loads((first / "measure.json").read_text(encoding="utf-8"))


def test_the_json_has_the_agreed_shape(files):
    """Every key of the issue's shape; fat, oedema and grades are near the truth."""
    done = mri("measure", *of_t1(files.first), "--patient", "P1", "--json")
    content = json.loads(done.stdout)
    assert {"scan", "muscles", "references", "coverage", "warnings"} <= set(content)
    assert content["scan"]["date"] == "2020-03-01"
    assert content["coverage"]["slices"] == 2
    assert len(content["muscles"]) == 24
    for row in content["muscles"]:
        assert set(row) >= MUSCLE_KEYS
        assert {"scale", "proposal", "evidence"} <= set(row["grade"])
        assert abs(row["fat_fraction"] - files.p.truth[row["name"], row["side"]]) < 0.06
        assert row["fat_fraction_low"] <= row["fat_fraction"] <= row["fat_fraction_high"]
        assert row["voxels"] == sum(one["voxels"] for one in row["slices"])
        assert row["stir_positive"] is ((row["name"], row["side"]) in WET)
    assert set(content["references"]) == {"fat", "stir"}


def test_the_table_says_methods_and_doubts(files):
    """Without --json: a line for each muscle-side, grades as proposals, warnings apart."""
    done = mri("measure", *of_t1(files.first))
    assert done.stdout.count("gracilis") == 2
    assert "Grades of modified-mercuri are proposals until a reader accepts them" in done.stdout
    assert "warning: No healthy controls were given" in done.stderr


def test_dixon_in_both_ways(files):
    """Fat and water, or echoes as arguments behind the first one; times are in the sidecars."""
    two = mri("measure", "--dixon", files.first / "dixon_fat.nii.gz",
                    files.first / "dixon_water.nii.gz", *labels(files.first), "--json")  # fmt: skip
    first, *others = files.echoes
    echoes = mri("measure", *labels(files.first), "--dixon-echoes", first, *others,
                       "--json")  # fmt: skip
    for done, most in ((two, 0.04), (echoes, 0.03)):
        found = fractions(json.loads(done.stdout))
        assert max(abs(found[key] - files.p.truth[key]) for key in found) < most
        assert "Dixon" in json.loads(done.stdout)["muscles"][0]["fat_method"]


def test_wrong_use_is_told_before_anything_is_read(tmp_path):
    """No scan, an argument that belongs to nothing, another measure's scale, a third side."""
    some = of_t1(tmp_path)
    for arguments, words in (
        (labels(tmp_path), "name a scan"),
        ((*some, "echo.nii"), "belongs to no option"),
        ((*some, "--scale", "oedema-0-5"), "is one of"),
        ((*some, "--side", "both"), "left or right"),
        ((*some, "--date", "1.3.2020"), "2024-05-31"),
        ((*some, "--echo-times", "a,b"), "numbers in ms"),
    ):
        done = mri("measure", *arguments, expect=2)
        assert words in " ".join(done.output.replace("\u2502", " ").split())


def test_missing_files_are_told_as_json(files, myocohort, tmp_path):
    """Every missing file in one answer."""
    done = myocohort("mri", "measure", *of_t1(tmp_path), "--json", expect=1)
    assert len(done.json["problems"]) == 3


def measured_t1(folder: Path) -> dict[tuple[str, str], float]:
    """Return the fat fractions of a session's T1."""
    return fractions(
        measure_job(
            Job(folder / "labels.nii.gz", "musclemap", t1=folder / "t1.nii.gz")
        ).content
    )  # fmt: skip


@pytest.fixture(scope="session")
def plain(tmp_path_factory) -> tuple[Phantom, dict[tuple[str, str], float]]:
    """Thighs of 1 mm voxels, three slices: the phantom, and its fractions as they are measured."""
    p = make_phantom(made_anatomy(spacing=1.0, slices=3), fat=FATTY, rest=0.02, seed=3)
    folder = tmp_path_factory.mktemp("plain")
    return p, measured_t1(write_t1(p.t1, p.label_map, folder))


def write_t1(t1, label_map, folder: Path, stored=STORED) -> Path:
    """Write T1 and labels."""
    write_scan(folder / "t1.nii.gz", t1, stored=stored)
    write_voxels(folder / "labels.nii.gz", label_map.labels, label_map.geometry, stored)
    return folder


@pytest.mark.parametrize(
    "stored",
    [[[0, -1], [1, 1], [2, 1]], [[2, -1], [0, 1], [1, -1]]],
    ids=["flipped", "permuted"],
)
def test_storage_order_changes_nothing(plain, tmp_path, stored):
    """The same thighs stored in another order give the same numbers."""
    p, before = plain
    found = measured_t1(write_t1(p.t1, p.label_map, tmp_path, np.array(stored, float)))
    assert max(abs(found[key] - before[key]) for key in before) < 0.002


@pytest.mark.parametrize("larger", [0.8, 1.2])
def test_resampling_changes_less_than_a_point(plain, tmp_path, larger):
    """Voxels that are 20% larger or smaller in the plane, image and labels resampled."""
    p, before = plain
    old = p.t1.geometry
    shape = (round(old.shape[0] / larger), round(old.shape[1] / larger), old.shape[2])
    affine = old.affine @ np.diag([larger, larger, 1, 1])
    wanted = Geometry(shape, affine)
    t1 = scan_on(p.t1, wanted)
    labels_there = resample_like(p.label_map, t1)
    label_map = replace(p.label_map, labels=labels_there.labels, geometry=wanted)
    found = measured_t1(write_t1(t1, label_map, tmp_path))
    assert max(abs(found[key] - before[key]) for key in before) < 0.01


def test_sessions_that_are_done_are_not_measured_again(files, kept):
    """A second run finds all done."""
    out = kept[0].parent
    again = mri("measure-all", files.root, "--out", out, "--label-map", "musclemap",
                      "--json")  # fmt: skip
    assert [one["state"] for one in json.loads(again.stdout)["sessions"]] == ["done before"] * 2


def test_a_list_tells_the_session_that_fails(files, tmp_path):
    """One good row and one whose labels are of another table: exit 1, the good one is kept."""
    path = tmp_path / "list.csv"
    held = files.first
    row = f"{held / 'dixon_fat.nii.gz'},{held / 'dixon_water.nii.gz'},{held / 'labels.nii.gz'}"
    path.write_text(
        f"patient,date,dixon_fat,dixon_water,labels,label_map\nP1,2020-03-01,{row},\n"
        f"P2,2020-03-01,{row},thigh11\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    done = mri("measure-all", path, "--out", out, "--label-map", "musclemap", "--json",
                     expect=1)  # fmt: skip
    good, bad = json.loads(done.stdout)["sessions"]
    assert (good["state"], good["error"]) == ("measured", "")
    assert bad["state"] == "failed"
    assert "thigh11" in bad["error"]
    assert (out / "P1_2020-03-01" / "measure.json").is_file()
    assert not (out / "P2_2020-03-01" / "measure.json").exists()


def test_pictures_of_one_and_of_several_sessions(kept, tmp_path, myocohort):
    """A session keeps its pictures; two give before and after and trajectories."""
    first, last, content = kept
    assert "Dixon" in content["muscles"][0]["fat_method"]
    names = {path.name for path in first.iterdir()}
    for name in ("montage-t1", "montage-dixon", "montage-stir", "montage-fat", "thigh-map"):
        assert {f"{name}.png", f"{name}.svg"} <= names
    done = mri("pictures", last, first, "--out", tmp_path / "pictures", "--json")
    made = {Path(one).name for one in json.loads(done.stdout)["written"]}
    assert {"before-after.png", "trajectories-fat-fraction.svg"} <= made
    svg = (tmp_path / "pictures" / "before-after.svg").read_text(encoding="utf-8")
    assert svg.index("before: 2020-03-01") < svg.index("after: 2020-09-01")
    wrong = myocohort("mri", "pictures", tmp_path, "--out", tmp_path / "none", expect=1)
    assert "measure.json" in wrong.err


def test_changes_between_real_measurements(kept):
    """Compare reads what measure wrote: fat rises where the phantom's did, by the days."""
    first, last, _ = kept
    done = mri("compare", first / "measure.json", last / "measure.json",
                      "--json")  # fmt: skip
    found = json.loads(done.stdout)
    rows = {(row["name"], row["side"]): row for row in found["muscles"]}
    assert found["months"]["value"] == pytest.approx(184 * 12 / 365.25, abs=0.01)
    change = rows["vastus lateralis", "left"]["fat_fraction"]["change"]
    assert change == pytest.approx(0.15, abs=0.03)


def test_proposals_go_into_a_study(kept, myocohort, tmp_path):
    """to-registry takes what measure wrote: 24 grades of fat as automatic readings."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "patients.csv").write_text(
        "patient,arm,treatment_start\nP1,treated,2020-01-15\n", encoding="utf-8"
    )
    myocohort("mri", "to-registry", folder, "P1", kept[0] / "measure.json")
    with closing(sqlite3.connect(folder / "registry.sqlite3")) as database:
        (count,) = database.execute(
            "SELECT count(*) FROM registry_mrireading WHERE automatic='yes' AND scale=?",
            ("modified-mercuri",),
        ).fetchone()
    assert count == 24
