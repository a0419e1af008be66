"""The worked cases of the outcome rule, through import, registry and command."""

from __future__ import annotations

import csv

STUDY = """
title = "Vignettes"
origin = "made"
[arms.cases]
label = "cases"
[tables.patients]
columns = { patient = "case" }
[tables.visits]
columns = { patient = "case" }
"""


def test_all_vignettes_come_out_as_stated(tmp_path, shared_data, myocohort):
    """Every case of outcome-vignettes.csv is imported as it is and classified as stated there."""
    source = shared_data.parent / "references" / "outcome-vignettes.csv"
    text = source.read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    expected = {row["case"]: row["expected"] for row in rows}
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "patients.csv").write_text("case\n" + "\n".join(expected) + "\n")
    (tmp_path / "visits.csv").write_text(text, encoding="utf-8")
    summary = myocohort(
        "import", tmp_path, tmp_path / "patients.csv", tmp_path / "visits.csv", "--json"
    ).json
    created = {item["table"]: item["created"] for item in summary["tables"]}
    assert created == {"patients": len(expected), "visits": len(rows)}
    decisions = myocohort("outcome", tmp_path, "--json").json
    assert {d["patient"]: d["outcome"] for d in decisions} == expected
    one = myocohort("outcome", tmp_path, "--patient", "v15")
    assert "CK 720 U/L" in one.out
    assert "month 18" in one.out
