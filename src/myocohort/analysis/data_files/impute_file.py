"""Logistic regression with missing values imputed, in any file: `myocohort impute-fit`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from myocohort.analysis.data_files.dataset import (
    Dataset,
    answers_yes_no,
    categories,
    check_size,
    is_numeric,
    is_yes,
    numbers,
    read_dataset,
    require_columns,
    small_categories,
)
from myocohort.analysis.data_files.dataset_terms import binary, check_terms
from myocohort.analysis.data_files.fit_file import model_lines, plain_model
from myocohort.analysis.wording import number, p_text
from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.stats.impute_fit import ImputedFit, Method, impute_fit

Cells = list[float | str | None]


def impute_file(
    path: Path,
    outcome: str,
    terms: Sequence[str],
    methods: Sequence[Method],
    *,
    event: str = "",
    auxiliary: Sequence[str] = (),
    m: int = 20,
    iterations: int = 20,
    seed: int = 1,
) -> dict[str, Any]:
    """Impute the missing values of a file, fit in each imputed set, and pool.

    Parameters
    ----------
    path
        CSV or XLSX with one table.
    outcome, event
        The outcome's column, and its value that counts as the event.
    terms, auxiliary
        Columns of the model, and further ones that inform the imputation.
    methods
        "firth", "ml": each is fitted in the same imputed sets.
    m, iterations, seed
        Of the imputation.

    Returns
    -------
    dict
        file, rows, missing (per column), event, notes, pattern, models. A model that cannot
        be fitted carries `error`.

    Raises
    ------
    InputError
        With every problem of the file and its columns; or where no model can be fitted.
    """
    data = read_dataset(path)
    frame, event, notes = _frame(data, outcome, event, terms, auxiliary)
    models: list[dict[str, Any]] = []
    pattern: dict[str, Any] = {}
    for method in methods:
        try:
            fitted = impute_fit(
                frame, outcome, terms, auxiliary=auxiliary, m=m, iterations=iterations,
                seed=seed, method=method,
            )  # fmt: skip
        except StatisticsError as error:
            models.append({"method": method, "error": str(error)})
            continue
        pattern = _plain_pattern(fitted)
        models.append(_plain_fit(method, fitted))
    if all("error" in model for model in models):
        reasons = dict.fromkeys(model["error"] for model in models)
        raise InputError(Problem(rule=reason, file=data.file) for reason in reasons)
    return {
        "file": data.file,
        "rows": data.n,
        "missing": {name: column.count(None) for name, column in frame.items()},
        "event": f"{outcome}={event}",
        "notes": notes,
        "pattern": pattern,
        "models": models,
    }


def _frame(
    data: Dataset, outcome: str, event: str, terms: Sequence[str], auxiliary: Sequence[str]
) -> tuple[dict[str, Cells], str, list[str]]:
    """Return the columns as numbers or text, the outcome and yes-no as 0 and 1."""
    check_terms(data, terms, outcome)
    problems: list[Problem] = []
    for names, option in ((terms, "--terms"), (auxiliary, "--auxiliary")):
        try:
            require_columns(data, names, option)
        except InputError as error:
            problems += error.problems
    problems += [
        Problem(rule="--auxiliary names columns beside the model", value=name, file=data.file)
        for name in auxiliary
        if name in terms or name == outcome
    ]
    frame: dict[str, Cells] = {}
    try:
        require_columns(data, [outcome], "--outcome")
        y, event = binary(data, outcome, event)
        frame[outcome] = _with_none(y)
    except InputError as error:
        problems += error.problems
    notes: list[str] = []
    for name in (*terms, *auxiliary):
        if name not in data.header:
            continue
        try:
            frame[name] = _column(data, name, notes)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return frame, event, notes


def _column(data: Dataset, name: str, notes: list[str]) -> Cells:
    if is_numeric(data, name):
        return _with_none(numbers(data, name))
    column = categories(data, name)
    found = Counter(value for value in column if value is not None)
    if answers_yes_no(found):
        return [None if value is None else float(is_yes(value)) for value in column]
    check_size(data, name, len(found))
    notes.append(f"{name}: compared with {min(found)!r}, its first category.")
    notes += small_categories(name, found)
    return list(column)


def _with_none(values: np.ndarray) -> Cells:
    return [None if np.isnan(value) else float(value) for value in values]


def _plain_fit(method: str, fitted: ImputedFit) -> dict[str, Any]:
    """Return a pooled model in the shape of `impute-fit --json`, without chains and sets."""
    whole = fitted.as_dict()
    for name in ("traces", "separation", "pattern", "complete_cases"):
        del whole[name]
    complete = fitted.complete_cases
    return {
        "method": method,
        "procedure": whole.pop("method"),
        **whole,
        "complete_cases": None if complete is None else plain_model(method, complete, ["wald"]),
    }


def _plain_pattern(fitted: ImputedFit) -> dict[str, Any]:
    whole = fitted.pattern.as_dict()
    return {name: whole[name] for name in ("n", "n_missing", "variables", "patterns", "monotone")}


def imputed_lines(answer: dict[str, Any]) -> list[str]:
    """Return pooled models as lines of text for the terminal."""
    gone = "; ".join(f"{name} {count}" for name, count in answer["missing"].items() if count)
    lines = [
        f"{answer['file']}: {answer['rows']} rows; missing: {gone or 'none'}",
        f"Patterns: {_patterns(answer['pattern']['patterns'])}",
        *answer["notes"],
    ]
    for model in answer["models"]:
        lines += ["", *_model_lines(model)]
    return lines


def _patterns(patterns: Sequence[dict[str, Any]]) -> str:
    shown = [f"{' and '.join(p['missing']) or 'nothing'} missing in {p['n']}" for p in patterns]
    return "; ".join(shown)


def _model_lines(model: dict[str, Any]) -> list[str]:
    if "error" in model:
        return [f"{model['method']}: {model['error']}"]
    low, high = model["events"]
    events = f"{low}" if low == high else f"{low} to {high}"
    lines = [
        f"{model['procedure']}: n {model['n']}, left out {model['n_missing']}, events {events}, "
        f"separation in {model['separated_sets']} of {model['m']} sets",
        f"  all terms: D2 p {p_text(model['p'])}",
    ]
    width = max(len(term["name"]) for term in model["terms"])
    for term in model["terms"]:
        limits, p = term["ci"]["wald"], term["p"]["wald"]
        row = f"  {term['name']:<{width}}  OR {number(term['odds_ratio'])}"
        row += (
            "; wald: none"
            if limits is None
            else f"; wald {number(limits['low'])} to {number(limits['high'])}, p {p_text(p)}"
        )
        # Of mice's fraction a part is for the small sample alone, also where nothing is missing.
        share = term["fraction_missing_information"] if term["between"] else None
        lines.append(row + ("" if share is None else f"; missing information {100 * share:.0f}%"))
    for test in model["tests"]:
        lines.append(f"  {test['question']} D2 p {p_text(test['p'])}")
        lines += [f"    {warning}" for warning in test.get("warnings", ())]
    lines.append(f"  {model['convergence']}")
    lines += [f"  warning: {warning}" for warning in model["warnings"]]
    complete = model["complete_cases"]
    if complete is None:
        return [*lines, f"  complete rows only: {model['complete_cases_reason']}"]
    shown = [f"  {line}" for line in model_lines(complete)]
    return [*lines, "  For comparison, complete rows only:", *shown]
