"""The patients behind a paper: every record table, and what each column is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild.courses import visits_part
from myocohort.papers.rebuild.demography import build_people, patients_part, solve_outcome_model
from myocohort.papers.rebuild.expression import expression_part
from myocohort.papers.rebuild.findings import baseline_part, treatments_part
from myocohort.papers.rebuild.held import fitted_numbers
from myocohort.papers.rebuild.imaging import imaging_part
from myocohort.papers.rebuild.joint import JointSolutions
from myocohort.papers.rebuild.origins import ColumnOrigin
from myocohort.papers.rebuild.tissue import (
    antibodies_part,
    biopsies_part,
    blots_part,
    choose_stained,
    inferred_findings,
)

Progress = Callable[[int, int, str], None]

STEPS = (
    "joint tables of the printed model",
    "patients",
    "findings, treatments and visits",
    "thigh MRI",
    "muscle biopsies",
    "antibodies and blots",
    "printed numbers that the records have",
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Records that a published paper leaves possible.

    Parameters
    ----------
    tables
        Record tables by name; the columns are those of `study.standard`.
    origins
        For every column of every table, whether it is determined, one of many solutions, or
        illustrative.
    fitted
        Ids of the printed numbers that the records were built to have.
    joint
        The search for joint tables of the model's terms.
    """

    tables: dict[str, pd.DataFrame]
    origins: tuple[ColumnOrigin, ...]
    fitted: frozenset[str]
    joint: JointSolutions


def rebuild_cohort(paper: Paper, *, seed: int = 2020, progress: Progress | None = None) -> Rebuilt:
    """Make individual records that meet what the reference study's paper prints.

    Parameters
    ----------
    paper
        Its paper file (`studies/anm_srp_2020/paper.toml`). All targets are read from it.
    seed
        Of every random choice; the same seed gives the same records.
    progress
        Told step, number of steps and what is being done.

    Returns
    -------
    Rebuilt
        The record tables. Which of several solutions they are says nothing about the
        patients of the study.

    Raises
    ------
    RebuildError
        When the printed numbers contradict each other, are missing from the paper file, or no
        records were found that meet them.
    """
    steps = iter(enumerate(STEPS, start=1))

    def next_step() -> None:
        number, text = next(steps)
        if progress is not None:
            progress(number, len(STEPS), text)

    next_step()
    joint = solve_outcome_model(paper)
    next_step()
    people = build_people(paper, joint, seed)
    patients = patients_part(paper, people)
    next_step()
    baseline = baseline_part(paper, people, seed)
    treatments = treatments_part(people, baseline.columns, seed)
    visits = visits_part(people, seed)
    next_step()
    imaging = imaging_part(paper, people, seed)
    next_step()
    stained = choose_stained(paper, people, seed)
    expression = expression_part(paper, people, stained, seed)
    biopsies = biopsies_part(paper, people, stained, expression.columns, seed)
    next_step()
    antibodies = antibodies_part(paper, people, seed)
    blots = blots_part(paper, people, biopsies.columns["necrosis"], seed)
    next_step()
    parts = (
        patients, baseline, visits, treatments, antibodies, imaging, biopsies, expression, blots,
    )  # fmt: skip
    table = patients.columns
    for part in parts[1:]:
        table = table.join(part.columns[part.columns.columns.difference(table.columns)])
    return Rebuilt(
        tables={name: frame for part in parts for name, frame in part.tables.items()},
        origins=tuple(origin for part in parts for origin in part.origins),
        fitted=fitted_numbers(paper, table, inferred_findings(paper)),
        joint=joint,
    )
