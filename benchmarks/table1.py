"""Table 1 for 1,000,000 rows, 20 variables and two groups: Myocohort against PyPI's tableone.

Both get the same frame in one run, in turn; both give counts or median and quartiles per group
and a p value per variable (chi-square; Mann-Whitney here, Kruskal-Wallis in tableone, which are
the same question for two groups). Reading the frame is not timed.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings

import numpy as np
import pandas as pd
from tableone import TableOne

from myocohort.analysis.comparison import compare_groups
from myocohort.study.studyfile import Section, TablePlan
from myocohort.study.variable import Variable


def make_frame(rows: int, seed: int = 1) -> tuple[pd.DataFrame, dict[str, Variable]]:
    """Make ten numeric and ten yes/no columns, 1% of each missing, and an arm."""
    rng = np.random.default_rng(seed)
    columns: dict[str, object] = {"arm": rng.choice(["a", "b"], rows)}
    variables = {}
    for i in range(10):
        values = np.round(rng.gamma(2.0 + i, 20.0, rows), 1)
        values[rng.random(rows) < 0.01] = np.nan
        columns[f"number_{i}"] = values
        variables[f"number_{i}"] = Variable(name=f"number_{i}", type="number")
    for i in range(10):
        answers = np.where(rng.random(rows) < 0.1 + 0.05 * i, "yes", "no").astype(object)
        answers[rng.random(rows) < 0.01] = None
        columns[f"finding_{i}"] = answers
        variables[f"finding_{i}"] = Variable(name=f"finding_{i}", type="yes_no")
    return pd.DataFrame(columns), variables


def main(rows: int = 1_000_000, repetitions: int = 3) -> None:
    """Time both in turn and print medians and the ratio pair by pair."""
    frame, variables = make_frame(rows)
    plan = TablePlan(
        title="Table 1", by="arm", groups=("a", "b"),
        sections=(Section(variables=tuple(variables)),),
    )  # fmt: skip
    numbers = [name for name, variable in variables.items() if variable.type == "number"]
    findings = [name for name in variables if name not in numbers]
    ours, theirs = [], []
    for _ in range(repetitions):
        start = time.perf_counter()
        compare_groups(frame, plan, variables, {"a": "a", "b": "b"})
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            TableOne(
                frame, columns=list(variables), categorical=findings, groupby="arm",
                nonnormal=numbers, pval=True, missing=True,
            )  # fmt: skip
        theirs.append(time.perf_counter() - start)
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    print(f"Table 1, {rows:,} rows, 20 variables, 2 groups, {repetitions} repetitions")
    print(f"  myocohort  median {statistics.median(ours):7.2f} s")
    print(f"  tableone   median {statistics.median(theirs):7.2f} s")
    print(f"  tableone / myocohort: {min(ratios):.1f} to {max(ratios):.1f}, "
          f"median {statistics.median(ratios):.1f}")  # fmt: skip


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
