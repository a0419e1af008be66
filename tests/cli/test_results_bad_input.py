"""Records that leave parts of the results section without anything: it is made, and says so."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from parsed import Page, Word
from PIL import Image

from browser import open_page

MUSCLES = ("gracilis", "sartorius")
STUDY = """
title = "A small study"
origin = "made"
[arms.srp]
label = "anti-SRP positive"
[arms.healthy]
label = "healthy"
role = "controls"
[schedule]
months = [0, 6, 12]
within = 1.5
[tables.patients]
file = "patients.csv"
[tables.visits]
file = "visits.csv"
[tables.mri_readings]
file = "mri_readings.csv"
[tables.fields]
file = "fields.csv"
[tables.blots]
file = "blots.csv"
[tables.treatments]
file = "treatments.csv"
[tables.biopsies]
file = "biopsies.csv"
[variables.ild]
label = "Interstitial lung disease"
type = "yes_no"
table = "patients"
[variables.male]
label = "Male"
type = "yes_no"
table = "patients"
[variables.necrosis]
label = "Necrosis"
type = "yes_no"
table = "biopsies"
column = "present"
where = { finding = "necrosis" }
[outcome]
rule = "refractory"
[table.one]
title = "Between the outcomes"
by = "outcome"
groups = ["non_refractory", "refractory"]
continuous_test = "mann_whitney"
sections = [{ variables = ["ild", "male", "fat_rate_12", "expression_baff"] }]
[model]
event = "refractory"
against = ["non_refractory"]
candidates = ["ild", "male"]
entry_p = 0.2
terms = ["ild"]
methods = ["ml", "firth"]
[model.validation]
resamples = 10
seed = 1
[imaging]
months = [6, 12]
within = 1.5
muscles = ["gracilis", "sartorius"]
scales = { fat = "modified-mercuri", oedema = "oedema-0-5" }
[markers.baff]
label = "BAFF"
[markers.cd19]
label = "CD19"
"""
Rows = list[dict[str, Any]]
Records = dict[str, Rows]


@pytest.fixture
def records() -> Records:
    """Return 12 patients, one in three refractory, all with everything, and 3 controls."""
    found: Records = {
        name: []
        for name in ("patients", "visits", "mri_readings", "fields", "blots", "treatments",
                     "biopsies")
    }  # fmt: skip
    for number in range(15):
        control = number >= 12
        code = f"C{number}" if control else f"P{number + 1}"
        begun = f"2020-01-{number + 1:02d}"
        refractory = number % 3 == 0
        found["patients"].append(
            {"patient": code, "arm": "healthy" if control else "srp", "onset": "2019",
             "treatment_start": begun, "ild": "yes" if number % 2 else "no",
             "male": "yes" if number % 4 == 1 else "no"}
        )  # fmt: skip
        found["biopsies"].append(
            {"patient": code, "finding": "necrosis", "stain": "HE", "stained": "yes",
             "present": "yes" if number % 5 else "no"}
        )  # fmt: skip
        for target, density in (("BAFF", 100 + 7 * number), ("actin", 200 + number)):
            found["blots"].append(
                {"patient": code, "membrane": "m1", "lane": number + 1, "target": target,
                 "density": density}
            )  # fmt: skip
        for month in (0,) if control else (0, 12):
            for muscle in MUSCLES:
                for side in ("left", "right"):
                    for scale in ("modified-mercuri", "oedema-0-5"):
                        found["mri_readings"].append(
                            {"patient": code, "month": month, "muscle": muscle, "side": side,
                             "scale": scale, "grade": (number + month // 12 + len(side)) % 4,
                             "reader": "r1", "blinded": "yes", "automatic": "no"}
                        )  # fmt: skip
        if control:
            continue
        for month, mrs, strength in (
            (0, 4, 2), (6, 3, 3), (12, 4 if refractory else 1, 2 if refractory else 5)
        ):  # fmt: skip
            found["visits"].append(
                {"patient": code, "month": month, "mrs": mrs, "weakest_mrc": strength,
                 "ck": 6000 - 400 * month, "ck_uln_u_per_l": 200}
            )  # fmt: skip
        for marker in ("BAFF", "CD19"):
            found["fields"].append(
                {"patient": code, "marker": marker, "field": 1, "positive_cells": number + 1,
                 "fibres": 20}
            )  # fmt: skip
        found["treatments"].append(
            {"patient": code, "drug": "glucocorticoid", "name": "prednisone", "start": begun,
             "stop": "", "dose": 40, "dose_unit": "mg/day"}
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Made:
    """What a run made."""

    folder: Path
    results: dict[str, Any]
    page: Page
    word: Word

    def says(self, *sentences: str) -> None:
        """Assert that both documents have the sentences."""
        for document in (self.page, self.word):
            text = re.sub(r"[\u2066-\u2069]", "", document.text)
            for sentence in sentences:
                assert sentence in text, sentence


@pytest.fixture
def make(tmp_path, myocohort):
    """Return a function from a study file and records to what a run makes of them.

    Nothing of it is not a number, or Python's word for nothing.
    """

    def run(study: str, records: Records) -> Made:
        (tmp_path / "study.toml").write_text(study, encoding="utf-8")
        for name, rows in records.items():
            with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        myocohort("run", tmp_path)
        results = tmp_path / "results"
        made = Made(
            tmp_path,
            json.loads((results / "results.json").read_text(encoding="utf-8")),
            Page((results / "report.html").read_text(encoding="utf-8")),
            Word((results / "report.docx").read_bytes()),
        )
        for document in (made.page, made.word):
            assert not re.findall(r"(?i).{30}\b(?:nan|nat|inf)\b.{20}", document.text)
            assert not re.findall(r".{30}(?:\bNone\b[,;)]|\(\)|: \.|(?<!of )\b1 patients).{0,20}",
                                  document.text)  # fmt: skip
        return made

    return run


def test_nobody_came_back_and_mri_was_read_late_only(make, records):
    """All are lost, no control is there, MRI is of month 6 alone: each section says why."""
    for name, rows in records.items():
        records[name] = [row for row in rows if not row["patient"].startswith("C")]
    records["visits"] = [row for row in records["visits"] if row["month"] < 6]
    records["mri_readings"] = [
        {**row, "month": 6} for row in records["mri_readings"] if row["month"] == 12
    ]
    made = make(STUDY, records)
    assert made.results["outcome"]["lost"] == 12
    made.says(
        "could not be fitted: there are no rows",
        "nobody has an outcome of the model and all its terms",
        "MRI was read after the start of treatment only: nobody has a scan before treatment",
        "no control is in the records",
        "Nobody is in the groups that are compared, so that nothing can be missing.",
    )
    assert "Month 6: nobody has a rate, missing 12" in made.word.text
    assert "by Holm p not computed" not in made.word.text
    assert "No value is missing." not in made.word.text


def test_one_event_automatic_grades_and_one_marker_in_one_patient(make, records):
    """One event is described, but nothing is foretold from it; proposals are no readings."""
    for row in records["visits"]:
        if row["month"] == 12 and row["patient"] != "P1":
            row.update(mrs=1, weakest_mrc=5)
    for row in records["mri_readings"]:
        row["automatic"] = "yes"
    records["fields"] = [
        row for row in records["fields"] if row["marker"] == "BAFF" or row["patient"] == "P2"
    ]
    records["blots"] = [row for row in records["blots"] if row["target"] != "actin"]
    made = make(STUDY, records)
    assert made.results["outcome"]["refractory"] == 1
    assert all(model["error"] for model in made.results["validation"]["models"])
    made.says(
        "1 of 12 complete rows have the outcome; optimism is estimated from 2 with it",
        "1 of 12 patients with known terms have the outcome; predicted risks are judged from 2",
        "whoever else is left out; without 1 of the patients there is no model",
        "192 of followed patients are automatic proposals that no reader accepted",
        "no MRI reading counts: 216 are automatic proposals that no reader accepted",
        "in 1 patient 1 of 1 recorded fields count",
    )
    cd19 = made.results["pathology"]["expression"][1]
    assert (cd19["groups"]["all"]["n"], cd19["groups"]["all"]["sd"]) == (1, None)


def test_groups_that_are_arms_lend_no_p_to_those_of_the_outcome(make, records):
    """Two followed arms, no controls, no oedema, a muscle never read, doses without dates."""
    for name, rows in records.items():
        records[name] = [row for row in rows if not row["patient"].startswith("C")]
    for number, row in enumerate(records["patients"]):
        row["arm"] = ("srp", "hmgcr")[number % 2]
        row["treatment_start"] = ""
    records["mri_readings"] = [
        row
        for row in records["mri_readings"]
        if row["scale"] == "modified-mercuri" and row["muscle"] == "gracilis"
    ]
    study = STUDY.replace(
        '[arms.healthy]\nlabel = "healthy"\nrole = "controls"', '[arms.hmgcr]\nlabel = "anti-HMGCR"'
    ).replace(
        'by = "outcome"\ngroups = ["non_refractory", "refractory"]',
        'by = "arm"\ngroups = ["srp", "hmgcr"]',
    )
    made = make(study, records)
    table = made.results["tables"][0]
    (row,) = [r for r in table["sections"][0]["rows"] if r["variable"] == "expression_baff"]
    assert row["p"] is not None
    baff = made.results["pathology"]["expression"][0]
    assert {"refractory", "non_refractory"} <= baff["groups"].keys()
    assert baff["comparison"] is None
    made.says(
        "No table of the study compares the expression of BAFF between the groups shown here.",
        "the study has no arm of controls",
        "No followed patient has a reading on the scale oedema-0-5.",
        "only 2 of 4 muscle-sides read before treatment: 12",
    )
    assert "no dose is known (missing 12 (" in made.word.text
    assert "The mean dose a day was compared instead" not in made.word.text


def test_hard_names_and_images_keep_the_layout(make, records, browser, tmp_path):
    """Markup, 200 characters, right to left; an image missing, broken and too large: named."""
    names = {"P1": "<b>P&amp;1</b>$x_2$", "P2": "مريض ٢", "P3": "P" * 60}
    for rows in records.values():
        for row in rows:
            row["patient"] = names.get(row["patient"], row["patient"])
    long = ("A very long label " * 12)[:200]
    study = (
        STUDY.replace("Interstitial lung disease", "الجنس <b>sex</b> $x^2$")
        .replace('"Male"', f'"{long}"')
        .replace('"anti-SRP positive"', f'"<i>{"W" * 120}</i>"')
        .replace('"healthy"', f'"{long}"', 1)
        .replace('"Necrosis"', f'"{long}"')
    )
    Image.effect_noise((300, 200), 60).save(tmp_path / "good.png")
    Image.new("L", (20_000, 20_000)).save(tmp_path / "huge.png")
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "good.png").read_bytes()[:300])
    images = ", ".join(
        f'{{ file = "{name}", label = "<b>{name}</b> {long}", um_per_pixel = 0.5 }}'
        for name in ("good.png", "huge.png", "broken.jpg", "none.png")
    )
    study += f'[[panels]]\ntitle = "Biopsies"\nkind = "micrograph"\nimages = [{images}]\n'
    made = make(study, records)
    assert "3 of 4 images are left out" in made.page.text
    assert "the file is missing" in made.page.text
    assert "<b>P&amp;1</b>$x_2$" in made.page.text
    # a code without a blank is cut inside: it is not lost behind the sign of the cut
    lines = (made.folder / "results" / "figures" / "time-lines.svg").read_text(encoding="utf-8")
    assert "PPPPPPPPPPPP …" in lines
    address = (made.folder / "results" / "report.html").as_uri()
    for width in (1280, 390):
        with open_page(browser, address, viewport={"width": width, "height": 900}) as opened:
            page, visits = opened
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert (visits.messages, visits.refused) == ([], [])


def test_one_patient_and_nothing_asked(make, records):
    """A study of one patient with visits alone names every part that it has not."""
    study = STUDY[: STUDY.index("[tables.mri_readings]")]
    made = make(
        study,
        {
            "patients": [row for row in records["patients"] if row["patient"] == "P1"],
            "visits": [row for row in records["visits"] if row["patient"] == "P1"],
        },
    )
    for key in ("imaging", "muscles", "pathology", "scores", "prediction", "robustness", "panels"):
        reason = made.results[key]["left_out"]
        assert reason, key
        assert reason.rstrip(".")[1:] in made.page.text, key
    assert made.results["courses"]["left_out"] == ""
