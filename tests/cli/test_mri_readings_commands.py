"""`myocohort mri compare`, `agree` and `to-registry`; and Table 3 from readings in the registry."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from measured_json import SIDES, grade, measured

from myocohort import __version__
from myocohort.mri.change import ScoredScan, follow, mean_of_readers, totals_of_scans
from myocohort.study.standard import MUSCLES
from myocohort.study.studyfile import Imaging

STUDY = """
title = "Made-up study"
origin = "made"
[arms.treated]
label = "treated"
[tables.patients]
file = "patients.csv"
[tables.mri_readings]
columns = { reader = "Read by" }
[tables.mri_measures]
per = "visit"
[variables.fat_left_gracilis]
label = "Fat of the left gracilis"
type = "number"
table = "mri_measures"
column = "fat_fraction"
where = { muscle = "gracilis", side = "left" }
month = 0
[imaging]
months = [3]
scales = { fat = "modified-mercuri", oedema = "oedema-0-5" }
"""
PATIENTS = "patient,arm,treatment_start\nP1,treated,2020-01-15\nP2,treated,2020-02-01\n"


def write(path, content):
    """Write JSON and return the path."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path):
    """Return the folder of a study with two patients."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    return folder


def stored(folder, columns="muscle, side, scale, grade, automatic, missing"):
    """Return the readings that the registry holds."""
    with closing(sqlite3.connect(folder / "registry.sqlite3")) as database:
        return database.execute(
            f"SELECT {columns} FROM registry_mrireading ORDER BY scale, muscle, side"
        ).fetchall()


def test_compare_prints_changes_and_doubts(tmp_path, myocohort):
    """The table has a line for each muscle-side, by the dates; warnings stand below."""
    before = write(tmp_path / "before.json", measured("2020-01-01", 0.2))
    content = measured("2020-04-01", 0.3)
    content["coverage"]["slices"] = 5
    after = write(tmp_path / "after.json", content)
    text = myocohort("mri", "compare", before, after).out
    assert text.count("gracilis") == 2
    assert "+10.0 (+4.5 to +15.5), +3.34/month" in text
    assert "warning: The coverage of the scans differs (slices 4 and 5)" in text
    assert "total of fat (modified-mercuri, 24 muscle-sides): 24 to 24, change 0" in text


def test_compare_says_the_problems_of_both_files(tmp_path, myocohort):
    """A file that is no JSON and one that is no measurement are told together."""
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    other = write(tmp_path / "other.json", {"muscles": []})
    done = myocohort("mri", "compare", bad, other, "--json", expect=1)
    assert [problem["file"] for problem in done.json["problems"]] == ["bad.json", "other.json"]


def readings(path, rows, header="patient,date,muscle,side,scale,reader,grade,read_on,automatic"):
    """Write a table of readings."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def read(patients, reader, shift=0, read_on="", automatic="no"):
    """Return rows of one reader: all muscles of both sides of one scan a patient."""
    return [
        f"P{p},2020-01-01,{muscle},{side},modified-mercuri,{reader},"
        f"{min(5, (p + i) % 6 + (shift if i % 3 == 0 else 0))},{read_on},{automatic}"
        for p in range(patients)
        for i, (muscle, side) in enumerate((m, s) for m in MUSCLES for s in SIDES)
    ]


def test_agree_compares_readers_repeats_and_proposals(tmp_path, myocohort):
    """Two readers, one of them twice, and a program: three kinds of pairs, by the patient."""
    path = readings(
        tmp_path / "readings.csv",
        [
            *read(6, "R1", read_on="2020-02-01"),
            *read(6, "R1", 1, read_on="2020-03-01"),
            *read(6, "R2", 1),
            *read(6, "M", 1, automatic="yes"),
        ],
    )
    found = myocohort("mri", "agree", path, "--json").json
    (scale,) = found["scales"]
    kinds = sorted(pair["kind"] for pair in scale["pairs"])
    assert kinds == ["proposal", "proposal", "readers", "repeat"]
    pair = next(pair for pair in scale["pairs"] if pair["kind"] == "readers")
    assert (pair["n"], pair["patients"]) == (144, 6)
    assert "jackknife over 6 patients" in pair["kappa_linear"]["interval"]["method"]
    text = myocohort("mri", "agree", path, "--scale", "modified-mercuri").out
    assert "R1 and R2 (two readers): 144 muscle-sides of 6 patients" in text
    assert "ICC(2,1) of total scores (n 6, missing 0)" in text
    assert "0.87-0.90" in text


def test_agree_says_all_problems_with_their_rows(tmp_path, myocohort):
    """Muscle, side, grade, scale, a twin, no scan: each with row and column, all at once."""
    good = "P1,2020-01-01,gracilis,left,modified-mercuri,R1,2,,no"
    path = readings(
        tmp_path / "readings.csv",
        [
            good,
            "P1,2020-01-01,soleus,left,modified-mercuri,R1,2,,no",
            "P1,2020-01-01,gracilis,middle,modified-mercuri,R2,2,,no",
            "P1,2020-01-01,gracilis,left,modified-mercuri,R2,6,,no",
            "P1,2020-01-01,gracilis,left,mercuri,R2,2,,no",
            "P1,,gracilis,left,modified-mercuri,R2,2,,no",
            good,
        ],
    )
    done = myocohort("mri", "agree", path, "--json", expect=1)
    places = [(problem["row"], problem["column"]) for problem in done.json["problems"]]
    assert places == [
        (3, "muscle"), (4, "side"), (5, "grade"), (6, "scale"), (7, "date"), (8, "read_on"),
    ]  # fmt: skip


def test_agree_with_one_reader_is_an_error(tmp_path, myocohort):
    """One reader who read once cannot agree with anybody."""
    path = readings(tmp_path / "readings.csv", read(2, "R1"))
    assert "needs two readers" in myocohort("mri", "agree", path, expect=1).err


def test_agree_reads_a_range_as_the_registry_s_file_writes_it(tmp_path, myocohort):
    """A grade "1 to 3" of a program is a range, beside a reader in it and one outside."""
    rows = [
        f"P1,2020-01-01,gracilis,{side},modified-mercuri,{reader},{cell},,{automatic}"
        for side, reader, cell, automatic in (
            ("left", "R1", "2", "no"), ("right", "R1", "5", "no"),
            ("left", "M", "1 to 3", "yes"), ("right", "M", "1 to 3", "yes"),
        )
    ]  # fmt: skip
    found = myocohort("mri", "agree", readings(tmp_path / "r.csv", rows), "--json").json
    (pair,) = found["scales"][0]["pairs"]
    assert (pair["range"]["inside"], pair["range"]["ranges"]) == (0.5, 2)


def test_to_registry_brings_proposals_that_do_not_count(study, tmp_path, myocohort):
    """48 automatic readings, a range without a grade but with its ends; again changes nothing.

    The numbers stand in a file beside them, from which a study's own variables are filled.
    """
    content = measured("2020-01-10")
    content["muscles"][0]["grade"] = grade(1, 3)
    content["muscles"].append({**content["muscles"][0], "name": "gluteus medius"})
    path = write(tmp_path / "measure.json", content)
    found = myocohort("mri", "to-registry", study, "P1", path, "--json").json
    assert found["proposed"] == {"modified-mercuri": 23, "oedema-0-5": 24}
    assert found["ranges"] == {"modified-mercuri": 1, "oedema-0-5": 0}
    assert found["left_out"] == ["gluteus medius"]
    rows = stored(study)
    assert len(rows) == 48
    assert {row[4] for row in rows} == {"yes"}
    (ranged,) = [row for row in rows if row[3] is None]
    assert ranged[:3] == ("gluteus maximus", "left", "modified-mercuri")
    assert json.loads(ranged[5])["grade"] == "a range of grades, 1 to 3"
    with (study / found["folder"] / "mri_measures.csv").open(encoding="utf-8") as lines:
        measures = list(csv.DictReader(lines))
    assert len(measures) == 24
    assert measures[0]["fat_fraction"] == "0.2"
    assert (measures[0]["grade_low"], measures[0]["grade_high"]) == ("1", "3")
    assert stored(study, "DISTINCT reader, date, blinded") == [
        (f"myocohort {__version__}", "2020-01-10", "yes")
    ]
    with closing(sqlite3.connect(study / "registry.sqlite3")) as database:
        query = "SELECT variable, number, row_date FROM registry_observation"
        assert database.execute(query).fetchall() == [("fat_left_gracilis", 0.2, "2020-01-10")]
    again = myocohort("mri", "to-registry", study, "P1", path, "--json").json
    assert again["import"]["tables"][0]["unchanged"] == 48
    # A new measurement of the scan takes the place of the earlier one, also where it is a range.
    content["muscles"][1]["grade"] = grade(0, 2)
    write(path, content)
    third = myocohort("mri", "to-registry", study, "P1", path).out
    assert "48 rows, 0 created, 1 updated, 47 unchanged" in third
    assert "count in no result until a reader" in third
    assert len(stored(study)) == 48
    assert "48 rows" in myocohort("study", "update", study).out


def test_to_registry_says_everything_that_is_wrong_and_writes_nothing(study, tmp_path, myocohort):
    """Unknown patient, no date, a scale that the study does not read: one answer, no file."""
    content = measured(None)
    for row in content["muscles"]:
        row["grade"] = grade(1, scale="goutallier")
    path = write(tmp_path / "measure.json", content)
    done = myocohort("mri", "to-registry", study, "P9", path, "--json", expect=1)
    rules = [problem["rule"] for problem in done.json["problems"]]
    assert rules == [
        "the patient is in the registry", "a scan has a date or a month",
        "the study reads on the scale of the proposals",
    ]  # fmt: skip
    assert not (study / "measured").exists()


def test_to_registry_leaves_nothing_where_the_import_fails(study, tmp_path, myocohort):
    """A date in the future is refused by the import; no file and no reading stay behind."""
    path = write(tmp_path / "measure.json", measured(None))
    myocohort("mri", "to-registry", study, "P1", path, "--date", "2090-01-01", expect=1)
    assert not (study / "measured").exists()
    assert stored(study) == []


def day(text):
    """Return a stored date, None without one."""
    return dt.date.fromisoformat(text) if text else None


def test_table_3_is_this_room_s_change_rates_from_readings_in_the_registry(reference_study):
    """Each mean of Table 3 is that of `mri.change` on the muscles' grades in the registry.

    Totals, choice of scans and rates are made anew here from the readings alone, by patient.
    """
    results = json.loads((reference_study / "results" / "results.json").read_text("utf-8"))
    (table,) = [table for table in results["tables"] if table["id"] == "table3"]
    with closing(sqlite3.connect(reference_study / "registry.sqlite3")) as database:
        every = pd.read_sql_query(
            "SELECT code AS patient, r.date, month, muscle, side, scale, grade, automatic "
            "FROM registry_mrireading r JOIN registry_patient p ON p.id = r.patient_id "
            "WHERE grade IS NOT NULL AND automatic = 'no'",
            database,
        )
    listed = [patient for scale in results["imaging"]["scales"] for patient in scale["patients"]]
    outcome = {patient["patient"]: patient["group"] for patient in listed}
    plan = Imaging()
    means = {}
    for name, scale in plan.scales.items():
        totals = totals_of_scans(mean_of_readers(every[every["scale"] == scale]))
        scans = {}
        for patient, month, date, total, n in totals.itertuples(index=False):
            scan = ScoredScan(month, day(date), total, n, (month, date))
            scans.setdefault(patient, []).append(scan)
        rates = {
            patient: follow(plan, own, rising=name == "fat").rates for patient, own in scans.items()
        }
        for group in ("non_refractory", "refractory"):
            for month in plan.months:
                own = [r[month] for p, r in rates.items() if outcome.get(p) == group and month in r]
                means[f"{name}_rate_{month}", group] = (len(own), sum(own) / len(own))
    rows = {row["variable"]: row for section in table["sections"] for row in section["rows"]}
    assert len(rows) == 10
    for variable, row in rows.items():
        for group, count in row["counts"].items():
            n, mean = means[variable, group]
            assert (count["n"], count["mean"]) == (n, pytest.approx(mean))
