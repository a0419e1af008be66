"""Another disease, other variables, another outcome month, a workbook and two arms."""

from __future__ import annotations

import datetime as dt
import random

import openpyxl
import pytest

STUDY = """
title = "Rituximab against cyclophosphamide in anti-MDA5 dermatomyositis"
origin = "made"
date_order = "dmy"
[missing]
"999" = "not measured"
[arms.rtx]
label = "rituximab"
[arms.cyc]
label = "cyclophosphamide"
[tables.patients]
file = "clinic.xlsx"
sheet = "People"
columns = { patient = "Case no.", arm = "Drug", treatment_start = "First dose" }
[tables.lungs]
file = "clinic.xlsx"
sheet = "Lungs"
per = "visit"
columns = { patient = "Case no.", date = "Day" }
[tables.visits]
file = "clinic.xlsx"
sheet = "Clinic"
columns = { patient = "Case no.", date = "Day", mrs = "Rankin", weakest_mrc = "MRC" }
[variables.fvc]
label = "FVC before treatment"
type = "number"
unit = "%"
minimum = 10
maximum = 150
table = "lungs"
month = 0
[variables.ferritin]
label = "Ferritin"
type = "number"
unit = "µg/L"
minimum = 0
table = "patients"
[variables.ulcers]
label = "Skin ulcers"
type = "yes_no"
table = "patients"
[outcome]
rule = "refractory"
[outcome.parameters]
month = 6
window = [5, 8]
[table.baseline]
title = "Before treatment, by arm"
by = "arm"
groups = ["rtx", "cyc"]
categorical_test = "fisher_exact"
sections = [{ variables = ["fvc", "ferritin", "ulcers"] }]
[model]
event = "refractory"
against = ["non_refractory"]
terms = ["fvc", "ulcers"]
methods = ["firth"]
"""


@pytest.fixture
def folder(tmp_path):
    """Return a study folder with a workbook of 20 made patients."""
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    rng = random.Random(5)
    book = openpyxl.Workbook()
    people, lungs, clinic = book.active, book.create_sheet("Lungs"), book.create_sheet("Clinic")
    people.title = "People"
    people.append(["Case no.", "Drug", "First dose", "ferritin", "ulcers"])
    lungs.append(["Case no.", "Day", "fvc"])
    clinic.append(["Case no.", "Day", "Rankin", "MRC", "Remark"])
    for number in range(1, 21):
        start = dt.date(2019, 1, 7) + dt.timedelta(days=11 * number)
        ferritin = 999 if number == 4 else round(rng.uniform(80, 1900), 1)
        people.append([number, "rtx" if number % 2 else "cyc", start.strftime("%d/%m/%Y"),
                       ferritin, number % 3 == 0])  # fmt: skip
        fvc = rng.randint(45, 105)
        lungs.append([number, start, fvc])
        lungs.append([number, start + dt.timedelta(days=180), fvc + 5])
        clinic.append([number, start, 4, "3", "before"])
        bad = fvc < 70
        clinic.append(
            [number, start + dt.timedelta(days=190), 3 if bad else 1, 3 if bad else 5, ""]
        )
    book.save(tmp_path / "clinic.xlsx")
    return tmp_path


def test_a_second_study_runs_without_a_change_of_code(folder, myocohort):
    """Outcome at month 6, a table by arm and a Firth model come out of a workbook."""
    results = myocohort("run", folder, "--json").json
    assert sum(results["outcome"].values()) == 20
    assert results["outcome"]["refractory"] > 0
    assert results["outcome"]["lost"] == 0
    rows = {row["variable"]: row for row in results["table1"]}
    assert {group["code"]: group["n"] for group in results["tables"][0]["groups"]} == {
        "rtx": 10, "cyc": 10,
    }  # fmt: skip
    assert "Fisher" in rows["ulcers"]["test"]
    assert rows["ulcers"]["total"]["n"] == 6
    assert rows["fvc"]["n_missing"] == 0
    assert rows["ferritin"]["n_missing"] == 1
    missing = {row["variable"]: row["reasons"] for row in results["missing"]}
    assert missing["ferritin"] == {"not measured": 1}
    assert [model["method"] for model in results["models"]] == ["firth"]
    assert {row["file"] for row in results["manifest"]["inputs"]} == {"clinic.xlsx"}
    assert "month 6" in " ".join(results["methods"])
    for name in ("results.json", "report.html", "report.docx", "tables.xlsx", "tables.tex"):
        assert (folder / "results" / name).stat().st_size > 1000


def test_a_second_run_gives_the_same_bytes(folder, myocohort):
    """On unchanged input nothing is loaded again and results.json is identical."""
    myocohort("run", folder)
    first = (folder / "results" / "results.json").read_bytes()
    myocohort("run", folder)
    assert (folder / "results" / "results.json").read_bytes() == first


def test_a_changed_category_asks_for_an_explicit_update(folder, myocohort):
    """After a change of unit the run stops until `study update`, which reads the files anew."""
    myocohort("run", folder)
    changed = STUDY.replace("maximum = 150", "maximum = 160")
    (folder / "study.toml").write_text(changed, encoding="utf-8")
    assert "study update" in myocohort("run", folder, expect=1).err
    myocohort("study", "update", folder)
    assert myocohort("run", folder, "--json").json["outcome"]["lost"] == 0
    broken = STUDY.replace("maximum = 150", "maximum = 60")
    (folder / "study.toml").write_text(broken, encoding="utf-8")
    assert "from 10 to 60" in myocohort("study", "update", folder, expect=1).err
    (folder / "study.toml").write_text(changed, encoding="utf-8")
    myocohort("run", folder)
