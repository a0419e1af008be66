"""Comparing groups in any file: `myocohort compare`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from myocohort.analysis.data_files.compare_effects import effects_of_table, effects_of_values
from myocohort.analysis.data_files.dataset import (
    MOST_CATEGORIES,
    Dataset,
    about,
    answers_yes_no,
    categories,
    check_size,
    is_numeric,
    is_yes,
    levels,
    numbers,
    read_dataset,
    require_columns,
    small_categories,
)
from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.stats.choice import RULES_OF_CHOICE, choose_test
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.describe import describe_counts, describe_values
from myocohort.stats.multiplicity import ADJUSTMENTS
from myocohort.stats.result import Result, jsonable
from myocohort.stats.tests import TESTS

ADJUST = {"holm": "holm", "bh": "benjamini_hochberg", "none": ""}
"""Name on the command line -> name in `ADJUSTMENTS`; empty for no adjustment."""
Kind = Literal["yes_no", "category", "number"]


@dataclass(frozen=True, slots=True)
class Coded:
    """One variable, ready to be compared.

    Parameters
    ----------
    name, kind
        The column, and what it was taken for.
    values
        Numbers, or positions among `labels`; NaN where missing.
    labels
        Categories in order; of two, the event is the second. Empty for numbers.
    notes
        What a reader must know.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64]
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> NDArray[np.int64]:
        """Position of each category, -1 where missing."""
        return np.where(np.isnan(self.values), -1, self.values).astype(np.int64)


def compare_file(
    path: Path,
    group: str,
    variables: Sequence[str] = (),
    *,
    groups: Sequence[str] = (),
    as_categories: Sequence[str] = (),
    rule: str = "small-sample-1",
    adjust: str = "holm",
) -> dict[str, Any]:
    """Compare the variables of a file between groups.

    Parameters
    ----------
    path
        CSV or XLSX with one table.
    group, groups
        The column that says who is in which group; which of them to compare, in this order,
        by default all in order (no before yes, numbers by size, names by name).
    variables
        Columns; by default all but the group, those of text that are hardly categories left
        out with a note.
    as_categories
        Columns of numbers that are codes of categories. 0 and 1 are known as no and yes.
    rule
        Name in `RULES_OF_CHOICE`: which test is run for which data.
    adjust
        Name in `ADJUST`: the family is all variables compared.

    Returns
    -------
    dict
        file, rows, group, rule, adjustment, quartiles, variables, notes.

    Raises
    ------
    InputError
        With every problem of the file, the group and the variables.
    """
    data = read_dataset(path)
    require_columns(data, [group], "--group")
    asked = [*variables, *(name for name in as_categories if name not in variables)]
    require_columns(data, variables, "--variables")
    require_columns(data, as_categories, "--categories")
    if group in asked:
        raise InputError(
            [Problem(rule="the group is not compared with itself", value=group, file=data.file)]
        )
    named, codes, other = _groups(data, group, groups)
    notes: list[str] = []
    if other:
        notes.append(f"{other} rows of other groups are left out.")
    coded: list[Coded] = []
    problems: list[Problem] = []
    for name in variables or [name for name in data.header if name != group]:
        reason = "" if variables else _hardly_comparable(data, name)
        if reason:
            notes.append(f"{name} was left out: {reason}.")
            continue
        try:
            coded.append(code_variable(data, name, name in as_categories))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if not coded:
        raise InputError([Problem(rule="there is a variable to compare", file=data.file)])
    inside = codes != len(named)
    chosen = RULES_OF_CHOICE[rule]
    with about(data):
        rows = [_compare(variable, codes, inside, named, rule) for variable in coded]
    return {
        "file": data.file,
        "rows": int(inside.sum()),
        "group": {
            "column": group,
            "n_missing": int((codes < 0).sum()),
            "groups": [
                {"code": name, "n": int((codes == code).sum())} for code, name in enumerate(named)
            ],
        },
        "rule": {"name": rule, "label": chosen.label, "reference": chosen.reference},
        "adjustment": _adjust(rows, adjust),
        "quartiles": describe_values([]).quantile_definition,
        "variables": rows,
        "notes": notes,
    }


def _groups(
    data: Dataset, group: str, wanted: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64], int]:
    """Return names of the groups, the code of each row (-1 missing), and rows left out.

    Rows of groups that are not wanted have the code after the last.
    """
    found = levels(data, group)
    check_size(data, group, len(found))
    unknown = [name for name in wanted if name not in found]
    twice = [name for name, count in Counter(wanted).items() if count > 1]
    if unknown or twice:
        raise InputError(
            [
                Problem(
                    rule=f"--groups names values of {group}, each once",
                    value=", ".join(unknown or twice),
                    file=data.file,
                    column=group,
                    next_step=f"It has: {', '.join(found)}",
                )
            ]
        )
    named = tuple(wanted or found)
    if len(named) < 2:
        raise InputError(
            [
                Problem(
                    rule=f"{group} has at least two groups, it has {len(named)}",
                    value=", ".join(named),
                    file=data.file,
                    column=group,
                )
            ]
        )
    place = {name: code for code, name in enumerate(named)}
    codes = [
        -1 if value is None else place.get(value, len(named)) for value in categories(data, group)
    ]
    return named, np.array(codes, dtype=np.int64), codes.count(len(named))


def _hardly_comparable(data: Dataset, name: str) -> str:
    """Say why a column that nobody named is left out; empty if it is compared."""
    if is_numeric(data, name):
        return ""
    known = [value for value in categories(data, name) if value is not None]
    distinct = len(set(known))
    if distinct > MOST_CATEGORIES:
        return f"text with {distinct} values"
    return "text with another value in each row" if 2 < distinct == len(known) else ""


def code_variable(data: Dataset, name: str, as_category: bool = False) -> Coded:
    """Return a column as numbers, as no and yes, or as categories.

    Raises
    ------
    InputError
        With every text in a column of numbers, or if there are too many categories.
    """
    if is_numeric(data, name) and not as_category:
        values = numbers(data, name)
        if set(np.unique(values[~np.isnan(values)])) == {0.0, 1.0}:
            return Coded(name, "yes_no", values, ("0", "1"))
        return Coded(name, "number", values)
    column = categories(data, name)
    labels = tuple(levels(data, name))
    if answers_yes_no(labels):
        answers = [np.nan if value is None else float(is_yes(value)) for value in column]
        return Coded(name, "yes_no", np.array(answers), ("no", "yes"))
    check_size(data, name, len(labels))
    place = {label: float(code) for code, label in enumerate(labels)}
    values = np.array([np.nan if value is None else place[value] for value in column])
    counts = Counter(value for value in column if value is not None)
    return Coded(name, "category", values, labels, tuple(small_categories(name, counts)))


def _compare(
    variable: Coded,
    codes: NDArray[np.int64],
    inside: NDArray[np.bool_],
    groups: tuple[str, ...],
    rule: str,
) -> dict[str, Any]:
    """Compare one variable in the shape of `compare --json`."""
    codes = codes[inside]
    effects: list[Result]
    entered: tuple[Any, ...]
    comparisons: dict[str, Any] | None = None
    if variable.kind == "number":
        values = variable.values[inside]
        kind, entered, missing = "values", (values, codes), {}
        summaries = [asdict(describe_values(values[codes == g])) for g in range(len(groups))]
    else:
        positions = variable.codes[inside]
        table, n_missing = cross_tabulate(codes, positions, len(groups), len(variable.labels))
        kind, entered, missing = "table", (table,), {"n_missing": n_missing}
        summaries = [
            asdict(describe_counts(positions[codes == g], len(variable.labels)))
            for g in range(len(groups))
        ]
    choice = choose_test(kind, *entered, rule=rule)
    test: dict[str, Any] = {
        "name": choice.test,
        "label": TESTS[choice.test].label,
        "reason": choice.reason,
    }
    try:
        result = TESTS[choice.test].run(*entered, **missing)
        test |= result.as_dict()
        n, left_out = result.n, result.n_missing
    except StatisticsError as error:
        known = (codes >= 0) & ~np.isnan(variable.values[inside])
        n, left_out = int(known.sum()), int((~known).sum())
        test |= {"method": TESTS[choice.test].label, "p": None, "warnings": [str(error)]}
    if variable.kind == "number":
        effects, comparisons = effects_of_values(variable.values[inside], codes, groups)
    else:
        effects = effects_of_table(table, choice.test, missing["n_missing"])
    return {
        "variable": variable.name,
        "kind": variable.kind,
        "event": variable.labels[1] if len(variable.labels) == 2 else None,
        "labels": list(variable.labels),
        "n": n,
        "n_missing": left_out,
        "summaries": [
            {"group": group, **jsonable(summary)}
            for group, summary in zip(groups, summaries, strict=True)
        ],
        "test": test,
        "p": test["p"],
        "p_adjusted": None,
        "effects": [effect.as_dict() for effect in effects],
        "pairs": comparisons,
        "warnings": [*variable.notes, *test["warnings"]],
    }


def _adjust(rows: list[dict[str, Any]], adjust: str) -> dict[str, Any] | None:
    """Fill in the adjusted p values, and say how they were found."""
    if not ADJUST[adjust]:
        return None
    adjusted = ADJUSTMENTS[ADJUST[adjust]]([row["p"] for row in rows])
    for row, p in zip(rows, adjusted.adjusted, strict=True):
        row["p_adjusted"] = p
    whole = adjusted.as_dict()
    return {name: whole[name] for name in ("method", "family", "warnings", "reference")}
