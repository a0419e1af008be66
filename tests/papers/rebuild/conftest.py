from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from myocohort.papers.paperfile import Paper, load_paper
from myocohort.papers.rebuild import Rebuilt, rebuild_cohort


@pytest.fixture(scope="session")
def rebuilt(reference_paper: Paper) -> Rebuilt:
    """Return the records behind the reference study."""
    return rebuild_cohort(reference_paper)


@pytest.fixture(scope="session")
def wide(rebuilt: Rebuilt) -> pd.DataFrame:
    """Return one row a patient, read from the record tables alone, by code of its own."""
    return read_patients(rebuilt.tables)


def read_patients(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Read all that a paper could print of each patient from the record tables."""
    wide = tables["patients"].set_index("patient")
    for column in ("onset_age", "months_to_admission"):
        wide[column] = wide[column].astype(float)
    adult = wide["onset_age"] >= 18
    wide["teenager"] = np.where(adult, "no", "yes")
    wide.loc[wide["onset_age"].isna(), "teenager"] = None
    wide = wide.join(tables["baseline"].set_index("patient"))
    wide = wide.join(_courses(tables["visits"], wide["treatment_start"]))
    ro52 = tables["antibodies"].query("antigen == 'Ro-52'").set_index("patient")["grade"]
    wide["anti_ro52"] = ro52.map(lambda grade: "no" if grade == "negative" else "yes")
    wide = wide.join(_scans(tables["mri_readings"]))
    done = tables["biopsies"].query("stained == 'yes'")
    wide = wide.join(done.pivot(index="patient", columns="finding", values="present"))
    fields = tables["fields"]
    ratio = (fields["positive_cells"] / fields["fibres"]).groupby(
        [fields["patient"], fields["marker"]]
    )
    names = {"BAFF": "expression_baff", "BAFF-R": "expression_baff_r", "CD19": "expression_cd19"}
    wide = wide.join(ratio.mean().unstack().rename(columns=names))
    wide["blotted"] = np.where(wide.index.isin(tables["blots"]["patient"]), "yes", "no")
    return wide.astype(object).where(wide.notna(), None)


def _courses(visits: pd.DataFrame, starts: pd.Series) -> pd.DataFrame:
    """Apply the outcome rule of the reference study, written down once more."""
    rows = {}
    for patient, mine in visits.groupby("patient"):
        mine = mine.sort_values("month")
        first = mine.iloc[0]
        start = dt.date.fromisoformat(starts[patient])
        last = dt.date.fromisoformat(mine["date"].max())
        weakest = int(first["weakest_mrc"])
        rows[patient] = {
            "outcome": _outcome(mine),
            "weakness_class": {1: "severe", 2: "severe", 3: "moderate"}.get(weakest, "mild"),
            "severe_weakness": "yes" if weakest <= 2 else "no",
            "follow_up_years": (last - start).days / 365.25,
        }
    return pd.DataFrame(rows).T


def _outcome(mine: pd.DataFrame) -> str:
    before, later = mine.iloc[0], mine[mine["month"] > 0]
    for i in range(len(later)):
        visit = later.iloc[i]
        best = later.iloc[: i + 1]["weakest_mrc"].max()
        ck_rise = visit["ck"] > before["ck"] and visit["ck"] > 3 * visit["ck_uln_u_per_l"]
        if ck_rise and visit["weakest_mrc"] <= best - 1:
            return "refractory"
    inside = mine[mine["month"].between(10, 14)]
    if inside.empty:
        return "lost"
    visit = inside.iloc[int(np.argmin(np.abs(inside["month"] - 12)))]
    if visit["mrs"] >= 3 and visit["weakest_mrc"] <= 3:
        return "refractory"
    return "non_refractory" if visit["mrs"] <= 2 and visit["weakest_mrc"] >= 4 else "discordant"


def _scans(readings: pd.DataFrame) -> pd.DataFrame:
    totals = readings.groupby(["patient", "scale", "month", "date"])["grade"].agg(["sum", "count"])
    assert (totals["count"] == 24).all()
    columns: dict[str, dict[str, object]] = {}
    for (patient, scale), scans in totals["sum"].groupby(level=[0, 1]):
        name, sign = {"modified-mercuri": ("fat", 1), "oedema-0-5": ("oedema", -1)}[scale]
        row = columns.setdefault(patient, {})
        day = {month: dt.date.fromisoformat(date) for _, _, month, date in scans.index}
        score = {month: total for (_, _, month, _), total in scans.items()}
        row[f"mri_{name}_0"] = float(score[0])
        row[f"{name}_present"] = "yes" if score[0] > 0 else "no"
        row["mri_followed"] = "yes" if len(score) > 1 else "no"
        for month in sorted(score)[1:]:
            months = (day[month] - day[0]).days / 30.4375
            row[f"{name}_rate_{month}"] = sign * (score[month] - score[0]) / months
    return pd.DataFrame(columns).T


@pytest.fixture
def changed_paper(tmp_path: Path) -> Callable[..., Paper]:
    """Return a function that reads the reference paper with one entry changed or left out."""
    source = Path(__file__).parents[3] / "studies" / "anm_srp_2020" / "paper.toml"

    def read(entry: str, **fields: str) -> Paper:
        lines = source.read_text(encoding="utf-8").splitlines()
        places = [i for i, line in enumerate(lines) if f'{{ id = "{entry}",' in line]
        assert len(places) == 1, entry
        if not fields:
            del lines[places[0]]
        for name, value in fields.items():
            pattern = rf'\b{name} = "[^"]*"'
            lines[places[0]], n = re.subn(pattern, f'{name} = "{value}"', lines[places[0]])
            assert n == 1, name
        path = tmp_path / "paper.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load_paper(path)

    return read
