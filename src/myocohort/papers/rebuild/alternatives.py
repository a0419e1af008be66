"""One analysis table for each joint table that the printed model leaves possible.

A figure that depends on who is who (a c-statistic, a screening) is computed on each of them
and given as a range: a single rebuilt table would make it look determined.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.demography import (
    GROUPS,
    find_ages,
    followed_patients,
    solve_outcome_model,
)
from myocohort.papers.rebuild.findings import FINDINGS, by_group, regimens
from myocohort.papers.rebuild.joint import JointSolutions

SEROLOGY = ("anti_ro52",)


def alternatives(
    paper: Paper, *, seed: int = 2020, joint: JointSolutions | None = None
) -> tuple[pd.DataFrame, ...]:
    """Make one table of the followed patients for each solution of the printed model.

    Parameters
    ----------
    paper
        The reference study's paper file.
    seed
        Of every random choice; the same seed gives the same tables.
    joint
        The solutions, where they are known already.

    Returns
    -------
    tuple of DataFrame
        In the order of `joint.solutions`. One row a patient, in no order that means anything:
        `outcome`, then what Table 1 compares, as the variables of the study are written. The
        model's terms are those of the solution. All else is one of many: findings and
        regimens have the printed counts of both outcome groups, given to patients anew in
        each table; the ages are one set with the printed means, SDs and p, dealt anew within
        each outcome group.

    Raises
    ------
    RebuildError
        When the printed numbers contradict each other or are missing.
    """
    joint = solve_outcome_model(paper) if joint is None else joint
    ages: dict[str, np.ndarray] = {}
    tables = []
    for number in range(1, joint.fits + 1):
        people = followed_patients(paper, joint, number)
        ages = ages or _ages_by_group(paper, people, seed)
        rng = targets.stream(seed, f"alternative {number}")
        table = people.copy()
        table["onset_age"] = 0
        for group, values in ages.items():
            table.loc[table["outcome"] == group, "onset_age"] = rng.permutation(values)
        for finding in (*FINDINGS, *SEROLOGY):
            table[finding] = by_group(paper, people, finding, rng)
        given, _ = regimens(paper, people, rng)
        tables.append(table.join(given))
    return tuple(tables)


def _ages_by_group(paper: Paper, followed: pd.DataFrame, seed: int) -> dict[str, np.ndarray]:
    """Return ages of both outcome groups that, with those lost, are as printed."""
    lost = pd.Series(["lost"] * targets.size_lost(paper))
    outcome = pd.concat([followed["outcome"], lost], ignore_index=True)
    ages = find_ages(paper, outcome, seed)
    return {group: ages[(outcome == group).to_numpy()].astype(int) for group in GROUPS}
