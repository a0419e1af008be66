"""Bad input ends with a clear message, and nothing is written."""

from __future__ import annotations

import sqlite3

import pytest

STUDY = """
title = "A study"
origin = "made"
[arms.a]
label = "all"
[tables.patients]
file = "patients.csv"
[tables.visits]
file = "visits.csv"
"""
PATIENTS = "patient,onset,treatment_start\nP1,2019-05,2020-01-10\nP2,2019-06-01,2020-02-01\n"
VISITS = (
    "patient,date,month,mrs,weakest_mrc,ck,ck_uln_u_per_l,exclusion\n"
    "P1,2020-01-10,0,4,2,6000,200,\n"
    "P1,2021-01-12,12,2,4,300,200,\n"
    "P2,2020-02-01,0,3,3,900,200,\n"
    "P2,2021-02-01,12,3,3,800,200,\n"
)


@pytest.fixture
def folder(tmp_path):
    """Return a study folder with good records that have not been loaded."""
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    (tmp_path / "visits.csv").write_text(VISITS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def loaded(folder, myocohort):
    """Return the same folder after a run."""
    myocohort("run", folder)
    return folder


def rows_of(folder):
    """Count the rows of every table of the registry, by reading the file directly."""
    database = folder / "registry.sqlite3"
    if not database.exists():
        return {}
    connection = sqlite3.connect(database)
    try:
        names = [
            name
            for (name,) in connection.execute(
                "select name from sqlite_master where type = 'table' and name like 'registry_%'"
            )
        ]
        return {n: connection.execute(f"select count(*) from {n}").fetchone()[0] for n in names}
    finally:
        connection.close()


CELLS = [
    ("P1,2021-01-12,12,2,4,300", "P1,2021-01-12,12,7,4,300", "mrs", "7", "0 to 6"),
    ("P1,2021-01-12,12,2,4,300", "P1,2021-01-12,12,2.5,4,300", "mrs", "2.5", "whole number"),
    ("P1,2021-01-12,12,2,4,300", "P1,2021-01-12,12,２,4,300", "mrs", "２", "whole number"),
    ("P1,2021-01-12,12,2,4,300", 'P1,2021-01-12,12,2,4,"1,234"', "ck", "1,234", "thousands"),
    ("P1,2021-01-12,12,2,4,300", "P1,2021-01-12,12,2,4,5 mmol/L", "ck", "5 mmol/L", "ukat/L"),
    ("P1,2021-01-12,12,2,4,300", "P1,2020-02-30,12,2,4,300", "date", "2020-02-30", "calendar"),
    ("P1,2021-01-12,12,2,4,300", "P1,03/04/2020,12,2,4,300", "date", "03/04/2020", "date_order"),
    ("P1,2021-01-12,12,2,4,300", "P1,2018-01-12,,2,4,300", "date", "2018-01-12", "onset"),
    ("P1,2021-01-12,12,2,4,300", "P9,2021-01-12,12,2,4,300", "patient", "P9", "patients"),
]


@pytest.mark.parametrize(("good", "bad", "column", "value", "rule"), CELLS,
                         ids=[case[3] + " in " + case[2] for case in CELLS])  # fmt: skip
def test_a_bad_cell_is_named_with_its_place(loaded, good, bad, column, value, rule, myocohort):
    """File, row 3, column, value and rule are in the message; everything stays as it was."""
    folder = loaded
    assert good in VISITS
    report = (folder / "results" / "results.json").read_bytes()
    (folder / "visits.csv").write_text(VISITS.replace(good, bad), encoding="utf-8")
    before = rows_of(folder)
    assert before["registry_visit"] == 4
    done = myocohort("run", folder, "--json", expect=1)
    problems = [p for p in done.json["problems"] if p.get("column") == column]
    assert len(problems) == 1, done.out
    (problem,) = problems
    assert problem["file"].endswith("visits.csv")
    assert problem["row"] == 3
    assert problem["value"] == value
    assert rule in problem["rule"] + problem["next_step"]
    assert rows_of(folder) == before
    assert (folder / "results" / "results.json").read_bytes() == report


FILES = {
    "empty": (b"", "empty"),
    "not UTF-8": (PATIENTS.replace("P1", "P\xe9").encode("cp1252"), "UTF-8"),
    "UTF-16": (PATIENTS.encode("utf-16"), "UTF-8"),
    "duplicate header": (b"patient,onset,onset\nP1,2019,2019\n", "onset"),
    "duplicate patient": (b"patient,onset\nP1,2019\nP1,2018\n", "row 2"),
    "ragged": (b"patient,onset\nP1,2019,x,y\n", "4 cells"),
    "no patient column": (b"pateint,onset\nP1,2019\n", "pateint"),
}


@pytest.mark.parametrize("name", list(FILES))
def test_a_bad_file_is_named(folder, name, myocohort):
    """A file that is empty, not UTF-8 or has duplicates says so; nothing is written."""
    content, message = FILES[name]
    (folder / "patients.csv").write_bytes(content)
    done = myocohort("run", folder, expect=1)
    assert "patients.csv" in done.err
    assert message in done.err
    assert "nothing was written" in done.err
    assert not any(rows_of(folder).values())


def test_a_missing_file_is_named(folder, myocohort):
    """A table whose file is not there is an error, both for run and for import."""
    (folder / "visits.csv").unlink()
    assert "visits.csv" in myocohort("run", folder, expect=1).err
    assert "nowhere.csv" in myocohort("import", folder, folder / "nowhere.csv", expect=1).err


def test_all_problems_of_all_files_come_at_once(folder, myocohort):
    """Three bad cells in two files are three problems of one run."""
    (folder / "patients.csv").write_text(PATIENTS.replace("2019-05", "2019-13"), encoding="utf-8")
    broken = VISITS.replace(",4,2,6000", ",9,2,6000").replace(",3,3,900", ",3,8,900")
    (folder / "visits.csv").write_text(broken, encoding="utf-8")
    problems = myocohort("run", folder, "--json", expect=1).json["problems"]
    assert {(p["file"], p["row"], p["column"]) for p in problems} == {
        ("patients.csv", 2, "onset"), ("visits.csv", 2, "mrs"), ("visits.csv", 4, "weakest_mrc"),
    }  # fmt: skip


def test_a_good_run_after_a_bad_one_needs_no_repair(folder, myocohort):
    """The corrected file is imported as if nothing had happened, and again without change."""
    (folder / "visits.csv").write_text(VISITS.replace(",4,2,6000", ",9,2,6000"), encoding="utf-8")
    myocohort("run", folder, expect=1)
    (folder / "visits.csv").write_text(VISITS, encoding="utf-8")
    assert myocohort("run", folder, "--json").json["outcome"]["refractory"] == 1
    again = myocohort("import", folder, folder / "visits.csv", "--json").json["tables"][0]
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 4)


def test_a_study_of_nothing_still_ends_with_a_report(tmp_path, myocohort):
    """An empty group, a constant variable and all values missing: a report that says so."""
    (tmp_path / "study.toml").write_text(
        STUDY + '[variables.ild]\ntype = "yes_no"\ntable = "patients"\n'
        '[variables.weight]\ntype = "number"\nunit = "kg"\ntable = "patients"\n'
        '[variables.constant]\ntype = "yes_no"\ntable = "patients"\n'
        '[table.t]\ntitle = "T"\ngroups = ["non_refractory", "refractory"]\n'
        'sections = [{ variables = ["ild", "weight", "constant"] }]\n'
        '[model]\nevent = "refractory"\nagainst = ["non_refractory"]\nterms = ["ild"]\n'
    )
    (tmp_path / "patients.csv").write_text(
        "patient,treatment_start,ild,weight,constant\nP1,2020-01-10,yes,,yes\nP2,2020-02-01,no,,yes\n"
    )
    (tmp_path / "visits.csv").write_text(
        VISITS.replace("12,3,3,800", "12,1,5,100"), encoding="utf-8"
    )
    results = myocohort("run", tmp_path, "--json").json
    assert results["outcome"]["refractory"] == 0
    assert [row["p"] for row in results["table1"]] == [None, None, None]
    assert all(row["warnings"] for row in results["table1"])
    assert all(model["error"] for model in results["models"])
    assert (tmp_path / "results" / "report.html").exists()
