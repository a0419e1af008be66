"""Calibration on readings: cut-offs found again, patients left out, refusals, the file."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import replace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from myocohort.cli.mri_calibrate import calibrate as command
from myocohort.errors import InputError
from myocohort.mri.calibrated_bands import parse_calibration
from myocohort.mri.calibration import (
    ReadMuscle,
    _folds,
    _predicted,
    _rows,
    calibrate,
    read_calibration,
)
from myocohort.mri.calibration_table import read_muscles
from myocohort.mri.fat_map import RegionFat
from myocohort.mri.grading import propose
from myocohort.mri.measurement import read_measurement
from myocohort.mri.scales import SCALES

CUTS = (0.08, 0.2, 0.4, 0.7, 0.93)
"""Where the made readers pass from grade to grade: not where the scale's words do."""
MUSCLES = ("vastus lateralis", "gracilis", "sartorius", "rectus femoris")
HEADER = ("patient", "muscle", "side", "reader", "grade", "fat_fraction")


def readings(patients=14, readers=("A", "B"), cuts=CUTS, steep=40.0, seed=3, texture=False):
    """Return made readings: each reader errs by himself around the same cut-offs."""
    rng = np.random.default_rng(seed)
    found = []
    for patient in range(patients):
        base = rng.uniform(-0.1, 1.1)
        for muscle in MUSCLES:
            for side in ("left", "right"):
                fraction = round(float(np.clip(base + rng.normal(0, 0.12), 0, 1)), 4)
                values = {"fat_fraction": fraction}
                if texture:
                    values["contrast"] = round(float(rng.uniform(0, 1)), 4)
                for reader in readers:
                    push = 0.25 * (values.get("contrast", 0.5) - 0.5)
                    seen = fraction + push + rng.logistic() / steep
                    grade = str(int(np.digitize(seen, cuts)))
                    unit = (f"P{patient:02d}", "", muscle, side)
                    found.append(ReadMuscle(unit, reader, grade, values))
    return found


@pytest.fixture(scope="module")
def found():
    """Return a calibration of 14 patients and two readers."""
    return calibrate(readings(), "modified-mercuri", study="made")


def fat(fraction, sd=0.01):
    """Return the fat of a muscle."""
    return RegionFat(900, 9.0, 800, None, fraction, sd, fraction - 2 * sd, fraction + 2 * sd)


def test_the_readers_cut_offs_are_found(found):
    """Bands are those that the readers were made with, in order and without gaps."""
    highs = [band.high for band in found.bands]
    assert [band.grade for band in found.bands] == list("012345")
    assert highs == pytest.approx([*CUTS, 1.0], abs=0.05)
    assert [band.low for band in found.bands] == [0.0, *highs[:-1]]
    assert (found.patients, found.units, found.readings) == (14, 112, 224)
    assert found.readers == ("A", "B")


def test_patients_left_out_judge_it(found):
    """In patients left out it agrees better than the scale's own bands, and intervals are there."""
    assert found.folds == "each patient left out in turn"
    assert found.cross_validated.estimate > found.literal.estimate
    for kappa in (found.cross_validated, found.literal, found.between_readers):
        assert kappa.low < kappa.estimate < kappa.high
        assert kappa.n == 112
        assert "leaves out one patient" in kappa.method


@pytest.mark.parametrize("patients", [14, 24])
def test_whole_patients_are_left_out(patients):
    """What is predicted for a patient does not depend on that patient's own readings."""
    made = readings(patients=patients, readers=("A",))
    scale = SCALES["modified-mercuri"]

    def predicted(taken):
        ordered = sorted(taken, key=lambda one: one.unit)
        arrays = _rows(ordered, scale, ("fat_fraction",))
        folds = _folds(arrays.patients)
        assert sorted(name for fold in folds for name in fold) == sorted(set(arrays.patients))
        return _predicted(arrays, folds, 1)[0][:8]

    changed = [replace(one, grade="5") if one.unit[0] == "P00" else one for one in made]
    assert predicted(changed).tolist() == predicted(made).tolist()


def test_order_and_repetition_change_nothing(found):
    """The same readings in any order give the same file, to the last character."""
    made = readings()
    random.Random(4).shuffle(made)
    again = calibrate(made, "modified-mercuri", study="made")
    assert again.to_json() == found.to_json()
    assert len(found.input_sha256) == 64
    assert calibrate(made[:-1], "modified-mercuri", study="made").input_sha256 != found.input_sha256


def test_the_file_is_read_back(found):
    """What is written is read again, and proposes the same."""
    again = parse_calibration(found.to_json(), "calibration.json")
    assert again.to_json() == found.to_json()
    first, second = (
        propose("modified-mercuri", fat(0.3), None, calibration=c) for c in (found, again)
    )
    assert first.measures["chances"] == pytest.approx(second.measures["chances"], abs=1e-7)
    assert (first.low, first.high) == (second.low, second.high)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "myocohort mri calibrate"),
        ({"version": 99}, "version of the file's layout is 1"),
        ({"scale": "mercuri"}, "the scale is one of"),
        ({"scale_version": "0"}, "version of the scale"),
        ({"thresholds": [1.0]}, "every field"),
        ({"slopes": None}, "every field"),
    ],
)
def test_other_files_are_refused(found, change, message):
    """A file of another kind, layout or scale is an error with its next step."""
    text = json.dumps({**found.as_dict(), **change})
    with pytest.raises(InputError, match=message):
        parse_calibration(text, "calibration.json")


def test_no_json_is_refused():
    """A file that is no JSON is told so."""
    with pytest.raises(InputError, match="JSON"):
        parse_calibration("not json", "calibration.json")


def test_proposals_use_the_bands(found):
    """Between the readers' cut-off and the scale's, the calibrated grade is another one."""
    described = propose("modified-mercuri", fat(0.66, 0.005), None)
    calibrated = propose("modified-mercuri", fat(0.64, 0.005), None, calibration=found)
    assert described.nearest == "4"
    assert calibrated.nearest == "3"
    assert calibrated.basis.startswith("calibrated on made, 224 readings, cross-validated kappa")
    assert "By the readings of that study" in calibrated.evidence
    assert sum(calibrated.measures["chances"].values()) == pytest.approx(1.0)
    sure, unsure = (
        propose("modified-mercuri", fat(0.3, sd), None, calibration=found) for sd in (0.0, 0.15)
    )
    assert sure.grade == "2"
    assert unsure.grade is None


def test_outside_of_the_readings_the_scales_bands_stand(found):
    """Where the study has no such muscle, its calibration says nothing."""
    narrow = replace(found, lowest=(0.2,), highest=(0.6,))
    beyond = propose("modified-mercuri", fat(0.7), None, calibration=narrow)
    assert "calibrated" not in beyond.basis
    with pytest.raises(ValueError, match="is for modified-mercuri"):
        propose("fischer", fat(0.3), None, calibration=found)


def test_a_grade_that_nobody_read_is_told():
    """An unread grade has no band, and calibration and proposal say so."""
    made = [one for one in readings() if one.grade != "5"]
    found = calibrate(made, "modified-mercuri")
    assert found.grades == tuple("01234")
    assert "Nobody read 5" in found.warnings[0]
    said = propose("modified-mercuri", fat(0.5), None, calibration=found)
    assert "Nobody read 5" in said.evidence


def test_texture_enters_where_it_predicts():
    """A texture number that moves the readers enters; one reader has no kappa between readers."""
    found = calibrate(readings(readers=("A",), texture=True), "modified-mercuri")
    assert found.terms == ("fat_fraction", "contrast")
    assert found.slopes[1] > 0
    assert found.between_readers is None
    assert any("log loss" in warning for warning in found.warnings)
    plain = calibrate(
        [replace(one, values={"fat_fraction": one.values["fat_fraction"]})
         for one in readings(readers=("A",), texture=True)],
        "modified-mercuri",
    )  # fmt: skip
    assert found.cross_validated.estimate > plain.cross_validated.estimate


def test_too_little_is_refused_with_every_reason():
    """Few patients, few muscles and few grades are three problems at once."""
    made = [replace(one, grade="0") for one in readings(patients=2)]
    with pytest.raises(InputError) as caught:
        calibrate(made, "modified-mercuri")
    rules = " ".join(problem.rule for problem in caught.value.problems)
    assert len(caught.value.problems) == 3
    assert "5 patients" in rules
    assert "30 muscle-sides" in rules
    assert "3 grades" in rules


def test_readings_against_the_fat_are_refused():
    """Grades that fall as fat rises are a mistake in the table, not a calibration."""
    made = [replace(one, grade=str(5 - int(one.grade))) for one in readings()]
    with pytest.raises(InputError, match="higher grades go with more fat"):
        calibrate(made, "modified-mercuri")
    with pytest.raises(InputError, match="scale of fat"):
        calibrate(made, "oedema-0-5")


def rows(made):
    """Return readings as rows of a table."""
    return [
        (k, (one.unit[0], one.unit[2], one.unit[3], one.reader, one.grade,
             str(one.values["fat_fraction"])))
        for k, one in enumerate(made, start=2)
    ]  # fmt: skip


def test_a_table_becomes_readings():
    """Rows are readings; other scales, proposals and rows without a grade are counted."""
    made = readings(patients=2)
    assert read_muscles(HEADER, rows(made), "modified-mercuri", "r.csv").readings == tuple(made)
    header = (*HEADER, "scale", "automatic")
    table = [(n, (*cells, "modified-mercuri", "no")) for n, cells in rows(made)]
    table[0] = (2, (*table[0][1][:6], "fischer", "no"))
    table[1] = (3, (*table[1][1][:6], "modified-mercuri", "yes"))
    table[2] = (4, (*table[2][1][:4], "", *table[2][1][5:]))
    found = read_muscles(header, table, "modified-mercuri", "r.csv")
    assert len(found.readings) == len(made) - 3
    assert found.left_out == {"another scale": 1, "proposals, not readings": 1, "no grade": 1}


def test_every_wrong_row_is_told():
    """Grade, side, fraction, a second reading and other measures: each with its row."""
    table = rows(readings(patients=1))
    cells = [list(one) for _, one in table]
    cells[0][4], cells[2][2], cells[4][5] = "2A", "middle", "45"
    cells[6][0] = ""
    cells.append(list(cells[8]))
    cells[10][5] = "0.111"
    wrong = list(enumerate(cells, start=2))
    with pytest.raises(InputError) as caught:
        read_muscles(HEADER, wrong, "modified-mercuri", "r.csv")
    found = {(p.row, p.column) for p in caught.value.problems}
    assert found == {(2, "grade"), (4, "side"), (6, "fat_fraction"), (8, "patient"),
                     (18, "reader"), (13, "fat_fraction")}  # fmt: skip
    assert any("Divide percentages" in str(problem) for problem in caught.value.problems)
    with pytest.raises(InputError, match="column fat_fraction"):
        read_muscles(HEADER[:5], [], "modified-mercuri", "r.csv")


def measurement(patient, date, fraction):
    """Return what `measure --json` prints, shortened."""
    return {
        "version": 1,
        "patient": patient,
        "scan": {"name": "t1", "date": date},
        "muscles": [{"name": "gracilis", "side": "left", "voxels": 9, "volume_ml": 1.0,
                     "fat_fraction": fraction, "slices": [], "warnings": []}],
        "references": {}, "coverage": {}, "warnings": [],
    }  # fmt: skip


def test_measurements_give_the_fractions():
    """Where the table has no fractions, those of the same patient, date and muscle are used."""
    header = ("patient", "muscle", "side", "reader", "grade", "date")
    table = [(2, ("P1", "gracilis", "left", "A", "2", "2020-02-01"))]
    measured = [
        read_measurement(measurement("P1", day, fraction), "m.json")
        for day, fraction in (("2020-01-01", 0.1), ("2020-02-01", 0.3))
    ]
    found = read_muscles(header, table, "modified-mercuri", "r.csv", measured)
    assert found.readings[0].values == {"fat_fraction": 0.3}
    undated = [(2, ("P1", "gracilis", "left", "A", "2", ""))]
    with pytest.raises(InputError, match="2 measurements"):
        read_muscles(header, undated, "modified-mercuri", "r.csv", measured)
    other = [(2, ("P2", "gracilis", "left", "A", "2", ""))]
    assert read_muscles(header, other, "modified-mercuri", "r.csv", measured).left_out == {
        "no fat fraction": 1
    }
    nameless = [read_measurement(measurement("", None, 0.1), "m.json")]
    with pytest.raises(InputError, match="names its patient"):
        read_muscles(header, table, "modified-mercuri", "r.csv", nameless)


@pytest.fixture
def run(tmp_path):
    """Return a function that runs the command on made readings."""
    path = tmp_path / "readings.csv"
    with path.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(HEADER)
        writer.writerows(cells for _, cells in rows(readings()))
    app = typer.Typer()
    app.command()(command)

    def _run(*options):
        return CliRunner().invoke(app, [str(path), *options])

    return _run


def test_the_command_prints_bands_and_writes_the_file(run, tmp_path):
    """Bands and kappas are printed; --out writes what proposals use; --json prints it."""
    out = tmp_path / "calibration.json"
    said = run("--out", str(out))
    assert said.exit_code == 0
    for part in ("224 readings of 112 muscle-sides in 14 patients by 2 readers", "calibrated bands",
                 "the scale's bands", "between readers"):  # fmt: skip
        assert part in said.output
    written = read_calibration(out)
    assert written.study == "readings"
    first = out.read_bytes()
    run("--out", str(out))
    assert out.read_bytes() == first
    plain = json.loads(run("--json").stdout)
    assert plain["bands"][2]["grade"] == "2"
    assert plain["left_out"] == {}


def test_the_command_refuses_wrong_usage(run):
    """A scale that is none of fat is wrong usage, exit code 2."""
    assert run("--scale", "oedema-0-5").exit_code == 2
    assert isinstance(run("--scale", "mercuri-wattjes").exception, InputError)
