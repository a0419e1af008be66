"""Tables: counts and values per group with the test that was run, or of all who are followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.data_files.compare_effects import effects_of_table, effects_of_values
from myocohort.errors import StatisticsError
from myocohort.stats.choice import choose_test
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.describe import describe_values
from myocohort.stats.result import Result
from myocohort.stats.tests import TESTS, Test
from myocohort.study.studyfile import TablePlan
from myocohort.study.variable import Variable

MOST_FOR_EFFECTS = 5_000
"""Rows above which no effect sizes are computed: a shift looks at all pairs of values."""

LEVELS = {"yes_no": {"no": "no", "yes": "yes"}}


def compare_groups(
    frame: pd.DataFrame,
    plan: TablePlan,
    variables: Mapping[str, Variable],
    group_labels: Mapping[str, str],
) -> dict[str, Any]:
    """Compare all variables of a table between its groups, or describe all patients.

    Parameters
    ----------
    frame
        The analysis table; rows whose group is not in the plan are left out, and controls,
        who have no outcome, where the plan has no groups.
    plan
        Groups, tests and sections.
    variables
        Name -> variable.
    group_labels
        Group code -> label.

    Returns
    -------
    dict
        `title`, `by`, `n`, `groups`, `sections` with rows, `notes`: the shape of results.json.
        Without groups, `groups` is empty and rows have their total only.
    """
    if not plan.compares:
        return _describe_followed(frame, plan, variables)
    codes = group_codes(frame[plan.by], plan.groups)
    inside = codes >= 0
    frame, codes = frame.loc[inside], codes[inside]
    sizes = np.bincount(codes, minlength=len(plan.groups))
    sections = [
        {
            "heading": section.heading,
            "rows": [
                compare_variable(frame[name], codes, plan, variables[name])
                for name in section.variables
            ],
        }
        for section in plan.sections
    ]
    notes = [
        f"No patient is in the group {group_labels.get(group, group)}."
        for group, size in zip(plan.groups, sizes, strict=True)
        if size == 0
    ]
    return {
        "title": plan.title,
        "by": plan.by,
        "n": len(frame),
        "groups": [
            {"code": group, "label": group_labels.get(group, group), "n": int(size)}
            for group, size in zip(plan.groups, sizes, strict=True)
        ],
        "sections": sections,
        "notes": notes,
    }


def _describe_followed(
    frame: pd.DataFrame, plan: TablePlan, variables: Mapping[str, Variable]
) -> dict[str, Any]:
    """Describe the variables of a table in all patients: those with an outcome."""
    followed = frame.loc[frame["outcome"].notna()]
    return {
        "title": plan.title,
        "by": plan.by,
        "n": len(followed),
        "groups": [],
        "sections": [
            {
                "heading": section.heading,
                "rows": [
                    describe_variable(followed[name], variables[name]) for name in section.variables
                ],
            }
            for section in plan.sections
        ],
        "notes": [] if len(followed) else ["No patient is followed."],
    }


def rows_of(*tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all rows of tables that `compare_groups` made, in order."""
    return [row for table in tables for section in table["sections"] for row in section["rows"]]


def group_codes(values: pd.Series, groups: Sequence[str]) -> NDArray[np.intp]:
    """Give each value the number of its group, from 0 in their order; -1 for anything else."""
    return pd.Index(list(groups), dtype=object).get_indexer(pd.Index(values, dtype=object))


def compare_variable(
    values: pd.Series,
    codes: NDArray[np.intp],
    plan: TablePlan,
    variable: Variable,
    *,
    with_effects: bool = True,
) -> dict[str, Any]:
    """Summarise one variable by group and test the difference.

    Parameters
    ----------
    values
        Of the patients in the groups.
    codes
        Group of each, 0 to the number of groups less one.
    plan
        Says the groups and which test is run.
    variable
        Its type decides counts or values.
    with_effects
        Whether effect sizes are computed, up to `MOST_FOR_EFFECTS` rows.

    Returns
    -------
    dict
        One row: summaries per group, their total, the result of the test with the reason why
        it was chosen, and effect sizes, the first group against the second.
    """
    with_effects = with_effects and len(values) <= MOST_FOR_EFFECTS
    effects: list[dict[str, Any]] = []
    question = f"Does {variable.title} differ between {' and '.join(plan.groups)}?"
    if variable.type in ("integer", "number"):
        kind, numbers = "number", values.to_numpy(dtype=float)
        summaries = [value_summary(numbers[codes == i]) for i in range(len(plan.groups))]
        total = value_summary(numbers)
        test, reason = pick_test(plan, variable.name, "values", numbers, codes)
        tested = run_test(test, question, numbers, codes)
        if with_effects:
            effects = run_effects(lambda: effects_of_values(numbers, codes, plan.groups)[0])
    else:
        kind = "yes_no" if variable.type == "yes_no" else "category"
        levels = LEVELS.get(variable.type) or variable.categories
        level_codes = group_codes(values, list(levels))
        counts, missing = cross_tabulate(codes, level_codes, len(plan.groups), len(levels))
        sizes = np.bincount(codes, minlength=len(plan.groups))
        make = yes_no_summary if kind == "yes_no" else category_summary
        summaries = [make(row, int(n), levels) for row, n in zip(counts, sizes, strict=True)]
        total = make(counts.sum(axis=0), int(sizes.sum()), levels)
        test, reason = pick_test(plan, variable.name, "table", counts)
        tested = run_test(test, question, counts, n_missing=missing)
        if with_effects:
            effects = run_effects(lambda: effects_of_table(counts, test.name, missing))
    return {
        "variable": variable.name,
        "label": variable.title,
        "kind": kind,
        "unit": variable.unit,
        "counts": dict(zip(plan.groups, summaries, strict=True)),
        "total": total,
        **tested,
        "reason": reason,
        "effects": effects,
        "printed_p": None,
        "printed_id": None,
        "provenance": "",
    }


def describe_variable(values: pd.Series, variable: Variable) -> dict[str, Any]:
    """Summarise one variable in all patients, without groups.

    No test was asked for, which an empty name of the test says.

    Parameters
    ----------
    values
        Of the patients.
    variable
        Its type decides counts or values.
    """
    if variable.type in ("integer", "number"):
        kind, total = "number", value_summary(values.to_numpy(dtype=float))
    else:
        kind = "yes_no" if variable.type == "yes_no" else "category"
        levels = LEVELS.get(variable.type) or variable.categories
        level_codes = group_codes(values, list(levels))
        counts, _ = cross_tabulate(
            np.zeros(len(values), dtype=np.intp), level_codes, 1, len(levels)
        )
        make = yes_no_summary if kind == "yes_no" else category_summary
        total = make(counts[0], len(values), levels)
    return {
        "variable": variable.name,
        "label": variable.title,
        "kind": kind,
        "unit": variable.unit,
        "counts": {},
        "total": total,
        "p": None,
        "test": "",
        "question": "",
        "statistic": None,
        "statistic_name": None,
        "df": None,
        "n": len(values) - total["missing"],
        "n_missing": total["missing"],
        "warnings": [],
        "reference": "",
        "reason": "",
        "effects": [],
        "printed_p": None,
        "printed_id": None,
        "provenance": "",
    }


def pick_test(plan: TablePlan, name: str, kind: str, *data: NDArray[Any]) -> tuple[Test, str]:
    """Return the test of one variable and why it is that one."""
    if name in plan.tests:
        return TESTS[plan.tests[name]], "named for this variable in the study file"
    if plan.rule_of_choice:
        chosen = choose_test(kind, *data, rule=plan.rule_of_choice)
        return TESTS[chosen.test], f"{plan.rule_of_choice}: {chosen.reason}"
    named = plan.continuous_test if kind == "values" else plan.categorical_test
    return TESTS[named], "named in the study file"


def run_effects(compute: Callable[[], Sequence[Result]]) -> list[dict[str, Any]]:
    """Return effect sizes as plain types; none where the data cannot give any."""
    try:
        found = [result.as_dict() for result in compute()]
    except StatisticsError:
        return []
    wanted = ("estimate_name", "estimate", "interval", "p", "method", "warnings", "reference")
    return [{name: effect[name] for name in wanted} for effect in found]


def run_test(test: Test, question: str, *data: NDArray[Any], **options: Any) -> dict[str, Any]:
    """Run a test; where it cannot answer, the reason stands in place of the p value."""
    try:
        result = test.run(*data, question=question, **options)
    except StatisticsError as error:
        result = Result(
            question=question,
            method=test.label,
            n=0,
            n_missing=options.get("n_missing", 0),
            warnings=(f"not computed: {error}",),
        )
    fields = result.as_dict()
    fields["test"] = fields.pop("method")
    wanted = ("p", "test", "question", "statistic", "statistic_name", "df", "n", "n_missing",
              "warnings", "reference")  # fmt: skip
    return {name: fields[name] for name in wanted}


def value_summary(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return n, missing, mean, SD, median, quartiles and range of one group."""
    summary = describe_values(values)
    return {
        "n": summary.n,
        "missing": summary.n_missing,
        "mean": summary.mean,
        "sd": summary.sd,
        "median": summary.median,
        "q1": summary.lower_quartile,
        "q3": summary.upper_quartile,
        "min": summary.minimum,
        "max": summary.maximum,
        "quartiles": summary.quantile_definition,
    }


def yes_no_summary(counts: NDArray[np.int64], size: int, _: Mapping[str, str]) -> dict[str, Any]:
    """Return how many of the known are yes; counts are [no, yes]."""
    known = int(counts.sum())
    yes = int(counts[1])
    percent = 100 * yes / known if known else None
    return {"n": yes, "of": known, "percent": percent, "missing": size - known}


def category_summary(
    counts: NDArray[np.int64], size: int, levels: Mapping[str, str]
) -> dict[str, Any]:
    """Return the count and percentage of each category among the known."""
    known = int(counts.sum())
    return {
        "of": known,
        "missing": size - known,
        "levels": [
            {
                "code": code,
                "label": label,
                "n": int(count),
                "percent": 100 * int(count) / known if known else None,
            }
            for (code, label), count in zip(levels.items(), counts, strict=True)
        ],
    }
