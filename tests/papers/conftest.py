from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from myocohort.papers.paperfile import Paper, load_paper

REFERENCE_PAPER = Path(__file__).parents[2] / "studies" / "anm_srp_2020" / "paper.toml"

# One of the 8 joint tables of sex, severe weakness and ILD that have the printed margins and
# odds ratios; patients by pattern 000 ... 111, enumerated with fit_ml over all tables with
# these margins (R's glm gives the same: ../shared/references/statistics.md).
PATTERN_SIZES = (9, 8, 8, 4, 5, 1, 3, 2)
REFRACTORY = (0, 2, 1, 4, 2, 1, 1, 2)

HEAD = """
title = "A paper"
citation = "Somebody 2020"
doi = "10.1/1"
groups.all = { label = "patients", arm = "srp" }
groups.one = { label = "first group", arm = "srp", outcome = ["refractory"] }
groups.two = { label = "second group", arm = "srp", outcome = ["non_refractory"] }
partitions = [{ whole = "all", parts = ["one", "two"] }]
"""


@pytest.fixture(scope="session")
def reference_paper() -> Paper:
    """Return the reference study's paper file."""
    return load_paper(REFERENCE_PAPER)


@pytest.fixture
def made_paper(tmp_path: Path) -> Callable[[str], Paper]:
    """Return a function that reads a made paper with the groups all, one and two."""

    def read(entries: str) -> Paper:
        path = tmp_path / "paper.toml"
        path.write_text(HEAD + entries, encoding="utf-8")
        return load_paper(path)

    return read


@pytest.fixture(scope="session")
def made_cohort(reference_paper: Paper) -> pd.DataFrame:
    """Return an analysis table made from the printed counts of Table 1 and the joint table."""
    rows = []
    for pattern, size, refractory in zip(
        itertools.product(("no", "yes"), repeat=3), PATTERN_SIZES, REFRACTORY, strict=True
    ):
        male, severe, ild = pattern
        for index in range(size):
            rows.append(
                {
                    "arm": "srp",
                    "outcome": "refractory" if index < refractory else "non_refractory",
                    "sex": "male" if male == "yes" else "female",
                    "severe_weakness": severe,
                    "ild": ild,
                }
            )
    rows += [{"arm": "srp", "outcome": "lost", "sex": None} for _ in range(8)]
    rows += [{"arm": "srp_negative", "outcome": None} for _ in range(36)]
    table = pd.DataFrame(rows)
    for entry in reference_paper.count:
        if entry.group not in ("refractory", "non_refractory") or entry.variable in (
            "sex",
            "severe_weakness",
            "ild",
        ):
            continue
        group = table.index[table["outcome"] == entry.group]
        table.loc[group, entry.variable] = "no"
        table.loc[group[: int(entry.n or 0)], entry.variable] = "yes"
    return table
