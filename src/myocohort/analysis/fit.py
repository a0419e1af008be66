"""Logistic regression on any file: `myocohort fit`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from myocohort.analysis.dataset import binary, design, read_dataset, require_columns
from myocohort.errors import InputError, StatisticsError
from myocohort.stats.models import MODELS
from myocohort.stats.result import jsonable

FAMILIES = {"wald": "wald", "profile": "lrt"}
"""Interval -> the p value of the same family."""


def fit_file(
    path: Path,
    outcome: str,
    terms: Sequence[str],
    methods: Sequence[str],
    families: Sequence[str],
    *,
    event: str = "",
) -> dict[str, Any]:
    """Fit logistic regressions to a file.

    Parameters
    ----------
    path
        CSV or XLSX with one table.
    outcome, event
        The outcome's column, and its value that counts as the event.
    terms
        Columns, or ``column=category``.
    methods
        Names in `MODELS`.
    families
        "wald", "profile": which intervals, each with its own p.

    Returns
    -------
    dict
        file, rows, n_missing, missing (per column), event, notes, models. A model that
        cannot be fitted carries `error`.

    Raises
    ------
    InputError
        With every problem of the file, the outcome and the terms; or where no model at all
        can be fitted.
    """
    data = read_dataset(path)
    problems = []
    y, X = None, None
    try:
        require_columns(data, [outcome], "--outcome")
        y, event = binary(data, outcome, event)
    except InputError as error:
        problems += error.problems
    try:
        X = design(data, terms)
    except InputError as error:
        problems += error.problems
    if problems or y is None or X is None:
        raise InputError(problems)
    missing = {
        name: int(np.isnan(column).sum())
        for name, column in zip((outcome, *X.names), (y, *X.X.T), strict=True)
    }
    left_out = int((np.isnan(y) | np.isnan(X.X).any(axis=1)).sum())
    models = [_fit(method, X.X, y, X.names, families) for method in methods]
    if all("error" in model for model in models):
        raise StatisticsError(models[0]["error"])
    return {
        "file": data.file,
        "rows": data.n,
        "n_missing": left_out,
        "missing": missing,
        "missing_in_words": _in_words(missing),
        "event": f"{outcome}={event}",
        "notes": list(X.notes),
        "models": models,
    }


def _in_words(missing: dict[str, int]) -> str:
    found = [f"{name} {count}" for name, count in missing.items() if count]
    return "; ".join(found) if found else "none"


def _fit(
    method: str, X: np.ndarray, y: np.ndarray, names: Sequence[str], families: Sequence[str]
) -> dict[str, Any]:
    """Fit one model in the shape of `fit --json`: `ci` of odds ratios, `ci_b` of log odds."""
    try:
        result = MODELS[method].fit(X, y, list(names))
    except StatisticsError as error:
        return {"method": method, "procedure": MODELS[method].label, "error": str(error)}
    return {
        "method": method,
        "procedure": result.method,
        "n": result.n,
        "n_missing": result.n_missing,
        "events": result.events,
        "events_per_variable": jsonable(result.events_per_variable),
        "log_likelihood": jsonable(result.log_likelihood),
        "separation": {
            "kind": result.separation.kind,
            "terms": {
                name: "inf" if sign > 0 else "-inf"
                for name, sign in result.separation.directions.items()
            },
        },
        "terms": [_term(term, families) for term in result.terms],
        "warnings": list(result.warnings),
        "reference": result.reference,
    }


def _term(term: Any, families: Sequence[str]) -> dict[str, Any]:
    """Return one coefficient; a family that a method does not have is left out."""
    plain = jsonable(term)
    shown = [family for family in families if family in plain["ci"]]
    others = [family for family in plain["ci"] if family not in FAMILIES]
    kept_p = [FAMILIES[family] for family in shown]
    kept_p += [p for p in plain["p"] if p not in FAMILIES.values()]
    intervals = {
        family: None
        if plain["ci"][family] is None
        else [plain["ci"][family]["low"], plain["ci"][family]["high"]]
        for family in (*shown, *others)
    }
    log_odds = {family: _log_limits(limits) for family, limits in intervals.items()}
    rest = {name: value for name, value in plain.items() if name not in ("ci", "p")}
    return {
        **rest,
        "ci": intervals,
        "ci_b": log_odds,
        "p": {name: plain["p"][name] for name in kept_p},
    }


def _log_limits(limits: list[float | str] | None) -> list[float | str] | None:
    """Return limits of an odds ratio on the scale of b."""
    if limits is None:
        return None
    return [
        "-inf" if limit == 0 else limit if isinstance(limit, str) else math.log(limit)
        for limit in limits
    ]


def model_lines(model: dict[str, Any]) -> list[str]:
    """Return a fitted model as lines of text for the terminal."""
    if "error" in model:
        return [f"{model['procedure']}: {model['error']}"]
    likelihood = model["log_likelihood"]
    lines = [
        f"{model['procedure']}: n {model['n']}, events {model['events']}, "
        + ("" if likelihood is None else f"log-likelihood {likelihood:.4f}, ")
        + f"separation {model['separation']['kind']}"
    ]
    width = max(len(term["name"]) for term in model["terms"])
    for term in model["terms"]:
        head = f"  {term['name']:<{width}}  OR {_shown(term['odds_ratio'], 2)}"
        parts = []
        for family, limits in term["ci"].items():
            if limits is None:
                parts.append(f"{family}: none")
                continue
            p = term["p"].get(FAMILIES.get(family, ""))
            tail = "" if p is None else f", p {'<0.001' if p < 0.0005 else f'{p:.3f}'}"
            parts.append(f"{family} {_shown(limits[0], 2)} to {_shown(limits[1], 2)}{tail}")
        extra = [
            f"{name} p {p:.4f}"
            for name, p in term["p"].items()
            if name not in FAMILIES.values() and p is not None
        ]
        lines.append("; ".join([head, *parts, *extra]))
    return lines + [f"  warning: {warning}" for warning in model["warnings"]]


def _shown(value: float | str, digits: int) -> str:
    return value if isinstance(value, str) else f"{value:.{digits}f}"
