"""Validating a model in any file by the bootstrap: `myocohort validate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from myocohort.analysis.data_files.dataset import about, read_dataset
from myocohort.analysis.data_files.dataset_terms import (
    in_words,
    missing_per_column,
    outcome_and_terms,
)
from myocohort.analysis.wording import number
from myocohort.parallel import Progress
from myocohort.stats.validation import validate
from myocohort.stats.validation_fits import Method

MODELS_SHOWN = 5


def validate_file(
    path: Path,
    outcome: str,
    terms: Sequence[str],
    *,
    event: str = "",
    screen: float | None = None,
    backward: Literal["p", "aic"] | None = None,
    method: Method = "firth",
    resamples: int = 1000,
    seed: int = 1,
    workers: int | str = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Estimate the optimism of a logistic regression, with the choice of its terms inside.

    Parameters
    ----------
    path
        CSV or XLSX with one table.
    outcome, event, terms
        As for `fit_file`; with `screen` or `backward` the terms are candidates, and each
        category of a column is one of its own.
    screen, backward, method, resamples, seed, workers, progress
        See `myocohort.stats.validation.validate`.

    Returns
    -------
    dict
        file, rows, missing (per column), event, notes, and the fields of `Validation`.

    Raises
    ------
    InputError
        With every problem of the file, the outcome and the terms; or why there is no model.
    """
    data = read_dataset(path)
    y, event, X = outcome_and_terms(data, outcome, event, terms)
    with about(data):
        result = validate(
            X.X, y, list(X.names), screen=screen, backward=backward, method=method,
            resamples=resamples, seed=seed, workers=workers, progress=progress,
        )  # fmt: skip
    missing = missing_per_column(outcome, y, X, np.ones(data.n))
    whole = result.as_dict()
    return {
        "file": data.file,
        "rows": data.n,
        "missing": missing,
        "missing_in_words": in_words(missing),
        "event": f"{outcome}={event}",
        **whole,
        "notes": [*X.notes, *whole["notes"]],
    }


def validation_lines(validated: dict[str, Any]) -> list[str]:
    """Return a validation as lines of text for the terminal."""
    lines = [
        f"{validated['file']}: {validated['rows']} rows, {validated['n_missing']} left out for "
        f"missing values ({validated['missing_in_words']})",
        f"{validated['method']}",
        f"n {validated['n']}, events {validated['events']} ({validated['event']}), "
        f"seed {validated['seed']}",
        f"Model in the data: {', '.join(validated['terms']) or 'the intercept alone'}",
        "",
        *_table("Whole procedure" if validated["rule"] else "", validated["measures"]),
    ]
    if validated["fixed_measures"]:
        lines += ["", *_table("The same terms, as if fixed", validated["fixed_measures"])]
    inclusion = validated["inclusion"]
    if inclusion:
        lines += ["", f"Chosen in {inclusion['resamples']} resamples:"]
        width = max(map(len, inclusion["terms"]))
        ordered = sorted(inclusion["terms"].items(), key=lambda item: -item[1])
        lines += [f"  {name:<{width}}  {100 * share:.1f}%" for name, share in ordered]
        lines.append(f"Most frequent of {inclusion['distinct_models']} sets of terms:")
        lines += [
            f"  {100 * model['share']:.1f}%  {', '.join(model['terms']) or 'none'}"
            for model in inclusion["models"][:MODELS_SHOWN]
        ]
    failed = sum(validated["failed"].values())
    lines += ["", f"Resamples without a model: {failed} of {validated['resamples']}"]
    lines += [f"warning: {warning}" for warning in validated["warnings"]]
    return lines + [f"note: {note}" for note in validated["notes"]]


def _table(title: str, measures: Sequence[dict[str, Any]]) -> list[str]:
    width = max(len(measure["name"]) for measure in measures)
    heads = ("apparent", "optimism", "corrected")
    lines = [title] if title else []
    lines.append(" " * (width + 2) + "".join(f"{head:>14}" for head in heads) + "  resamples")
    for measure in measures:
        cells = "".join(f"{number(measure[head], 3):>14}" for head in heads)
        lines.append(f"  {measure['name']:<{width}}{cells}  {measure['resamples']:>9}")
    return lines
