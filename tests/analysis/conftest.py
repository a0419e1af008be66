"""Made records, without a registry."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from myocohort.analysis.outcome import OUTCOME_LABELS, decide_all
from myocohort.analysis.plan import Plan, load_plan
from myocohort.analysis.provenance import Provenance
from myocohort.analysis.section import Asked
from myocohort.analysis.table import build_table
from myocohort.registry.records import Records

COLUMNS = {
    "patients": ("patient", "arm", "onset", "treatment_start", "death", "missing"),
    "visits": ("patient", "date", "month", "mrs", "weakest_mrc", "ck", "ck_raw",
               "ck_uln_u_per_l", "exclusion", "missing"),
    "strengths": ("patient", "date", "month", "group", "code", "missing"),
    "treatments": ("patient", "drug", "name", "start", "stop", "dose", "dose_unit", "missing"),
    "antibodies": ("patient", "antigen", "grade", "scheme", "date", "missing"),
    "mri_readings": ("patient", "date", "month", "muscle", "side", "scale", "grade", "reader",
                     "read_on", "blinded", "automatic", "missing"),
    "biopsies": ("patient", "finding", "stain", "stained", "present", "missing"),
    "fields": ("patient", "marker", "field", "positive_cells", "fibres", "missing"),
    "blots": ("patient", "membrane", "lane", "target", "density", "missing"),
    "observations": ("patient", "table", "variable", "row_date", "month", "number", "text",
                     "date", "raw", "missing"),
}  # fmt: skip


@pytest.fixture
def make_records():
    """Return a function that makes Records of dicts per table, empty where not given."""

    def make(**tables: list[dict[str, object]]) -> Records:
        frames = {}
        for name, columns in COLUMNS.items():
            shared = {"missing": {}, "arm": "a"} if name == "patients" else {"missing": {}}
            rows = [{**shared, **row} for row in tables.get(name, [])]
            frames[name] = pd.DataFrame(rows, columns=list(columns))
        return Records(**frames)

    return make


@pytest.fixture
def make_plan(tmp_path: Path):
    """Return a function that loads a plan from the body of a study file."""

    def make(body: str) -> Plan:
        head = 'title = "T"\n[arms.a]\nlabel = "a"\n[arms.c]\nlabel = "c"\nrole = "controls"\n'
        (tmp_path / "study.toml").write_text(head + body, encoding="utf-8")
        return load_plan(tmp_path)

    return make


@pytest.fixture
def make_asked(make_plan, make_records):
    """Return a function from a study body and records to what a section may look at.

    `columns` are the provenance of rebuilt records; `rows` are passed to `make_records`.
    """

    def make(body="", columns=(), results=None, **rows):
        plan = make_plan(body)
        records = make_records(**rows)
        decisions = decide_all(plan, records)
        table = build_table(plan, records, decisions)
        labels = {**OUTCOME_LABELS, **{c: a.label for c, a in plan.study.arms.items()}}
        provenance = Provenance(columns=tuple(columns))
        before = {"tables": [], "models": [], "provenance": list(columns), **(results or {})}
        return Asked(plan, records, table, decisions, labels, provenance, before)

    return make
