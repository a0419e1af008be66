"""Leave-one-out influence on the odds ratios of the final model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from myocohort.analysis.modelling import model_rows
from myocohort.analysis.robustness.final_model import FinalModel
from myocohort.analysis.robustness.lost_assigned import LEVEL
from myocohort.analysis.section import MOST_LISTED
from myocohort.errors import StatisticsError
from myocohort.stats.leave_one_out import Change, LeaveOneOut, Refit, leave_one_out
from myocohort.stats.result import P_OF_INTERVAL, ModelResult
from myocohort.study.studyfile import split_term

METHODS = ("firth", "ml")
MOST_OF_TERM = 10
"""Refits of each term that are listed where there are more: those that move it most."""
FEW = 10
"""Patients of one refit up to whom codes are given in larger studies."""
ALIKE = 1e-9
"""Relative difference up to which refits of two joint tables are the same."""
FAMILY = "profile"


@dataclass(slots=True)
class _Row:
    """One kind of patient that was left out; `tables` has their number in each joint table."""

    refit: Refit
    patients: list[str] = field(default_factory=list)
    n: int = 0
    tables: dict[int, int] = field(default_factory=dict)


def describe_influence(model: FinalModel, alternatives: Sequence[pd.DataFrame]) -> dict[str, Any]:
    """Refit the final model without each patient in turn.

    Parameters
    ----------
    model
        The final model.
    alternatives
        Of rebuilt records: the tables that the publication leaves possible. A refit depends on
        the terms and the outcome of who is left out only; each kind of patient that occurs in
        any of them has its row. Tables without a variable of the model are left out.

    Returns
    -------
    dict
        `influence` of the section (docs/results.md).
    """
    names = [split_term(term)[0] for term in model.terms]
    alternatives = [frame for frame in alternatives if all(name in frame for name in names)]
    empty: dict[str, Any] = {
        "left_out": "", "level": LEVEL, "method": "", "reference": "", "n": 0, "n_missing": 0,
        "n_refitted": 0, "complete": False, "tables": len(alternatives), "terms": [],
        "rows": [], "refits": 0, "errors": {},
    }  # fmt: skip
    try:
        own = leave_one_out(model.X, model.event, model.terms, methods=METHODS)
        rows = _rows_of_records(own, model)
        for number, frame in enumerate(alternatives):
            _add_table(rows, number, frame, model)
    except StatisticsError as error:
        return {**empty, "left_out": f"The model could not be fitted: {error}."}
    listed = _listed(rows, model.terms)
    return {
        **empty,
        "method": own.method,
        "reference": own.reference,
        "n": own.n,
        "n_missing": own.n_missing,
        "n_refitted": own.n_refitted,
        "complete": own.complete,
        "terms": [
            _term(own, rows, listed, model, column, len(alternatives))
            for column in range(len(model.terms))
        ],
        "rows": [_as_dict(number, rows[place], own) for number, place in enumerate(listed, 1)],
        "refits": len(rows),
        "errors": dict(own.whole_errors),
    }


def _rows_of_records(own: LeaveOneOut, model: FinalModel) -> list[_Row]:
    rows = []
    for refit in own.refits:
        codes = [model.patients[row] for row in refit.rows]
        named = codes if own.n <= MOST_LISTED or len(codes) <= FEW else []
        rows.append(_Row(refit, named, len(codes)))
    return rows


def _add_table(rows: list[_Row], number: int, frame: pd.DataFrame, model: FinalModel) -> None:
    """Count the kinds of patients of one joint table, and add those that are new."""
    inside, event = model_rows(frame, model.plan)
    found = leave_one_out(model.matrix(inside), event.astype(float), model.terms, methods=METHODS)
    for refit in found.refits:
        same = next((row for row in rows if _same(row.refit, refit)), None)
        if same is None:
            same = _Row(replace(refit, rows=()))
            rows.append(same)
        same.tables[number] = len(refit.rows)


def _same(one: Refit, other: Refit) -> bool:
    """Whether two refits are of one kind of patient and say the same."""
    if (one.values, one.event) != (other.values, other.event):
        return False
    if one.terms.keys() != other.terms.keys():
        return False
    return all(
        math.isclose(a.odds_ratio, b.odds_ratio, rel_tol=ALIKE)
        for method in one.terms
        for a, b in zip(one.terms[method], other.terms[method], strict=True)
    )


def _listed(rows: Sequence[_Row], terms: Sequence[str]) -> list[int]:
    """Return the places of the rows that are listed."""
    if len(rows) <= MOST_LISTED:
        return list(range(len(rows)))
    chosen: set[int] = set()
    for column in range(len(terms)):
        order = sorted(range(len(rows)), key=lambda place: -_moved(rows[place], column))
        chosen.update(order[:MOST_OF_TERM])
    return sorted(chosen)


def _moved(row: _Row, column: int) -> float:
    changes = row.refit.terms.get(METHODS[0])
    change = changes[column].dfbeta if changes else None
    return 0.0 if change is None else abs(change)


def _term(
    own: LeaveOneOut,
    rows: Sequence[_Row],
    listed: Sequence[int],
    model: FinalModel,
    column: int,
    tables: int,
) -> dict[str, Any]:
    largest = max((_moved(row, column) for row in rows if row.n), default=0.0)
    number_of = {place: number for number, place in enumerate(listed, 1)}
    return {
        "name": own.names[column],
        "label": model.labels[own.names[column]],
        "yes_no": model.yes_no(own.names[column]),
        "whole": {method: _whole(fitted, column) for method, fitted in own.whole.items()},
        "ranges": {method: _ranges(rows, method, column) for method in own.whole},
        "most": [
            number_of[place]
            for place, row in enumerate(rows)
            if place in number_of
            and row.n
            and largest
            and _moved(row, column) >= largest * (1 - ALIKE)
        ],
        "crossing": {
            method: _crossing(rows, number_of, method, column, fitted, tables)
            for method, fitted in own.whole.items()
        },
    }


def _whole(model: ModelResult, column: int) -> dict[str, Any]:
    term = model.terms[column + 1]
    return {
        "odds_ratio": term.odds_ratio,
        "interval": term.ci[FAMILY],
        "p": term.p[P_OF_INTERVAL[FAMILY]],
    }


def _ranges(rows: Sequence[_Row], method: str, column: int) -> dict[str, Any]:
    changes = [row.refit.terms[method][column] for row in rows if method in row.refit.terms]
    return {
        "odds_ratio": _range(change.odds_ratio for change in changes),
        "p": _range(change.p for change in changes),
        "dfbeta": _range(change.dfbeta for change in changes),
        "failed": sum(row.n for row in rows if method not in row.refit.terms),
    }


def _range(values: Iterable[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    return {"low": min(known), "high": max(known)} if known else None


def _crossing(
    rows: Sequence[_Row],
    number_of: Mapping[int, int],
    method: str,
    column: int,
    model: ModelResult,
    tables: int,
) -> dict[str, Any]:
    """Return without whom p is on the other side of the level, and how many in joint tables."""
    p = model.terms[column + 1].p[P_OF_INTERVAL[FAMILY]]
    crossing = [
        (place, row)
        for place, row in enumerate(rows)
        if p is not None
        and method in row.refit.terms
        and (after := row.refit.terms[method][column].p) is not None
        and (after < LEVEL) != (p < LEVEL)
    ]
    return {
        "n": sum(row.n for _, row in crossing),
        "n_tables": _range(
            sum(row.tables.get(table, 0) for _, row in crossing) for table in range(tables)
        ),
        "rows": [number_of[place] for place, _ in crossing if place in number_of],
        "patients": [code for _, row in crossing for code in row.patients],
    }


def _as_dict(number: int, row: _Row, own: LeaveOneOut) -> dict[str, Any]:
    refit = row.refit
    return {
        "id": number,
        "values": dict(zip(own.names, refit.values, strict=True)),
        "event": refit.event,
        "n": row.n,
        "patients": row.patients,
        "tables": len(row.tables) or None,
        "terms": {
            name: {method: _change(changes[column]) for method, changes in refit.terms.items()}
            for column, name in enumerate(own.names)
        },
        "errors": dict(refit.errors),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "odds_ratio": change.odds_ratio,
        "interval": change.interval,
        "p": change.p,
        "dfbeta": change.dfbeta,
    }
