"""Printed p values stand beside those computed where both compare the same patients."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from myocohort.analysis.publication import printed_beside
from myocohort.papers.paperfile import load_paper

PAPER = Path(__file__).parents[2] / "studies" / "anm_srp_2020" / "paper.toml"


@pytest.fixture
def beside():
    """Return a function from a frame and group codes to the row of the rate at month 3."""
    paper = load_paper(PAPER)

    def run(frame, codes=("non_refractory", "refractory"), by="outcome"):
        row = {"variable": "fat_rate_3"}
        groups = [{"code": code} for code in codes]
        table = {"by": by, "groups": groups, "sections": [{"rows": [row]}]}
        printed_beside(paper, {"tables": [table], "models": []}, frame)
        return row["printed_p"], row["printed_id"]

    return run


def people(**changes):
    """Return four patients, one of them without a scan later on."""
    columns = {
        "arm": ["srp"] * 4,
        "outcome": ["refractory", "refractory", "non_refractory", "non_refractory"],
        "mri_followed": ["yes", "yes", "yes", "no"],
        "fat_rate_3": [1.0, 2.0, 3.0, None],
    }
    return pd.DataFrame({**columns, **changes})


def test_groups_of_another_name_with_the_same_patients(beside):
    """The paper prints it of those followed by MRI: with a value, these are the same patients."""
    assert beside(people()) == ("0.022", "table3.fat_rate_3.p")
    assert beside(people(), ("refractory", "non_refractory"))[0] == "0.022"


def test_other_patients_have_no_printed_p(beside):
    """A patient more, another arm, other groups, or an unknown group: nothing stands beside."""
    assert beside(people(fat_rate_3=[1.0, 2.0, 3.0, 4.0])) == (None, None)
    assert beside(people(arm=["other"] * 4)) == (None, None)
    assert beside(people(), ("non_refractory", "lost")) == (None, None)
    assert beside(people(), ()) == (None, None)
    assert beside(people().drop(columns="mri_followed")) == (None, None)
    assert beside(people().drop(columns="fat_rate_3")) == (None, None)


def test_the_same_name_is_enough(beside):
    """A group that the paper calls as the study does needs no look at the patients."""
    row = ("mri_non_refractory", "mri_refractory")
    assert beside(people(), row)[0] == "0.022"
