"""Rebuilding the reference study's patients from its paper file, step by step.

The steps are those of `myocohort paper rebuild`, timed within one process after one run that
is not counted (it imports OR-Tools); CP-SAT has one worker throughout.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from myocohort.papers.paperfile import load_paper
from myocohort.papers.rebuild import rebuild_paper
from myocohort.papers.rebuild.binary import read_rows
from myocohort.papers.rebuild.columns import search_column
from myocohort.papers.rebuild.linked import Joint
from myocohort.papers.rebuild.model_terms import numbers_behind, search_model
from myocohort.papers.rebuild.rows import compare, compared_groups

PAPER = Path(__file__).parents[1] / "studies" / "anm_srp_2020" / "paper.toml"
REPETITIONS = 5


def show(name: str, step: Callable[[], object]) -> None:
    """Print the median time of a step and its range."""
    times = []
    for repetition in range(REPETITIONS + 1):
        start = time.perf_counter()
        step()
        if repetition:
            times.append(time.perf_counter() - start)
    print(f"  {name:<52} {statistics.median(times):6.2f} s  "
          f"({min(times):.2f} to {max(times):.2f})")  # fmt: skip


def main() -> None:
    """Time the joint tables, each reading of the therapy rows, the ages, and all together."""
    paper = load_paper(PAPER)
    model = paper.model[0]
    found = search_model(paper, model)
    assert found.joint is not None
    joint = Joint(found.joint, numbers_behind(paper, model))
    print(f"paper rebuild on the reference study, median of {REPETITIONS}")
    show(
        f"{found.joint.candidates:,} joint tables, {found.joint.fits} fit",
        lambda: search_model(paper, model),
    )
    ((above, groups),) = compared_groups(paper)
    for reading in paper.reading:
        answer = read_rows(paper, compare(paper, above, groups), reading, joint)
        what = "solutions" if answer.possible else f"{len(answer.conflicts)} minimal conflicts"
        show(
            f"reading {reading.id}: {what}",
            lambda reading=reading: read_rows(  # type: ignore[misc]
                paper, compare(paper, above, groups), reading, joint
            ),
        )
    show("ages of 48 patients", lambda: search_column(paper, "onset_age"))
    show("everything", lambda: rebuild_paper(paper))


if __name__ == "__main__":
    main()
