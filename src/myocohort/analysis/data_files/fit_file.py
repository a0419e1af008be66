"""Logistic regression on any file: `myocohort fit`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.analysis.data_files.dataset import read_dataset, weights
from myocohort.analysis.data_files.dataset_terms import (
    in_words,
    missing_per_column,
    outcome_and_terms,
)
from myocohort.analysis.wording import effect_text, number, p_text
from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.stats.diagnostics import diagnose
from myocohort.stats.models import MODELS
from myocohort.stats.result import P_OF_INTERVAL, ModelResult, jsonable

FAMILIES = ("wald", "profile")
"""Intervals that can be asked for; the exact one is that of its method."""


def fit_file(
    path: Path,
    outcome: str,
    terms: Sequence[str],
    methods: Sequence[str],
    families: Sequence[str],
    *,
    event: str = "",
    weight: str = "",
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
        "wald", "profile": which intervals, each with its own p. Exact models have their own.
    weight
        Column with the number of patients that a row stands for; all counts are patients then.

    Returns
    -------
    dict
        file, rows, n_missing, missing (per column), event, notes, models, diagnostics. A model that
        cannot be fitted carries `error`.

    Raises
    ------
    InputError
        With every problem of the file, the outcome and the terms; or where no model at all
        can be fitted.
    """
    data = read_dataset(path)
    y, event, X = outcome_and_terms(data, outcome, event, terms)
    patients = weights(data, weight) if weight else np.ones(data.n)
    missing = missing_per_column(outcome, y, X, patients)
    left_out = int(patients[np.isnan(y) | np.isnan(X.X).any(axis=1)].sum())
    models = [_fit(method, X.X, y, X.names, patients, families) for method in methods]
    if all("error" in model for model in models):
        reasons = dict.fromkeys(model["error"] for model in models)
        raise InputError(Problem(rule=reason, file=data.file) for reason in reasons)
    return {
        "file": data.file,
        "rows": data.n,
        "n_missing": left_out,
        "missing": missing,
        "missing_in_words": in_words(missing),
        "event": f"{outcome}={event}",
        "notes": list(X.notes),
        "models": models,
        "diagnostics": _diagnose(X.X, y, X.names, patients),
    }


def _diagnose(
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    names: Sequence[str],
    patients: NDArray[np.float64],
) -> dict[str, Any]:
    """Judge the risks of maximum likelihood; say why where there are none."""
    try:
        found: dict[str, Any] = jsonable(diagnose(X, y, list(names), weights=patients))
    except StatisticsError as error:
        return {"error": str(error)}
    return found


def diagnostic_lines(found: dict[str, Any]) -> list[str]:
    """Return the diagnostics as lines of text for the terminal."""
    if "error" in found:
        return [f"Diagnostics: {found['error']}"]
    c, test = found["c_statistic"], found["hosmer_lemeshow"]
    factors = found["variance_inflation"]["factors"]
    lines = [
        "Diagnostics of maximum likelihood on the data it was fitted to (too favourable; see "
        "`myocohort validate`):",
        f"  {effect_text(c)}",
        f"  Brier score {number(found['brier']['estimate'], 3)}",
    ]
    if test is not None and test["p"] is not None:
        lines.append(f"  Hosmer-Lemeshow p {p_text(test['p'])}, df {test['df']:g}")
    if len(factors) > 1:
        shown = ", ".join(f"{name} {number(factor)}" for name, factor in factors.items())
        lines.append(f"  variance inflation: {shown}")
    lines += [f"  c-statistic: {warning}" for warning in c["warnings"]]
    return lines + [
        f"  Hosmer-Lemeshow: {warning}" for warning in (test["warnings"] if test else ())
    ]


def _fit(
    method: str,
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    names: Sequence[str],
    patients: NDArray[np.float64],
    families: Sequence[str],
) -> dict[str, Any]:
    """Fit one model; say why where it cannot be fitted."""
    try:
        result = MODELS[method].fit(X, y, list(names), weights=patients)
    except StatisticsError as error:
        return {"method": method, "procedure": MODELS[method].label, "error": str(error)}
    return plain_model(method, result, families)


def plain_model(method: str, result: ModelResult, families: Sequence[str]) -> dict[str, Any]:
    """Return a fitted model in the shape of `fit --json`: `ci` of odds ratios, `ci_b` of b.

    Parameters
    ----------
    method
        Name in `MODELS`.
    result
        The fit.
    families
        Names in `FAMILIES`: the intervals that are shown.
    """
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
    left_out = set(FAMILIES) - set(families)
    shown = [family for family in plain["ci"] if family not in left_out]
    hidden_p = {P_OF_INTERVAL[family] for family in left_out}
    intervals = {
        family: None
        if plain["ci"][family] is None
        else [plain["ci"][family]["low"], plain["ci"][family]["high"]]
        for family in shown
    }
    log_odds = {family: _log_limits(limits) for family, limits in intervals.items()}
    rest = {name: value for name, value in plain.items() if name not in ("ci", "p")}
    if rest["estimate"] is None:
        del rest["estimate"]  # only exact terms say how they were estimated
    return {
        **rest,
        "ci": intervals,
        "ci_b": log_odds,
        "p": {name: value for name, value in plain["p"].items() if name not in hidden_p},
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
        how = f" ({term['estimate']})" if "estimate" in term else ""
        parts = [f"  {term['name']:<{width}}  OR {number(term['odds_ratio'])}{how}"]
        for family, limits in term["ci"].items():
            if limits is None:
                parts.append(f"{family}: none")
                continue
            p = term["p"].get(P_OF_INTERVAL[family])
            tail = "" if p is None else f", p {p_text(p)}"
            parts.append(f"{family} {number(limits[0])} to {number(limits[1])}{tail}")
        others = {name: p for name, p in term["p"].items() if name not in P_OF_INTERVAL.values()}
        parts += [f"{name} p {p_text(p)}" for name, p in others.items() if p is not None]
        lines.append("; ".join(parts))
    return lines + [f"  warning: {warning}" for warning in model["warnings"]]
