"""What rebuilt records leave open of predicted risks: ranges over all joint tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from myocohort.analysis.prediction.predicted import IntArray, Predicted
from myocohort.stats.design import FloatArray
from myocohort.stats.validation_data import BoolArray

SAME = 1e-9  # risks that differ by less are the same number


def points_with_tables(
    shown: Sequence[Mapping[str, Any]], patterns: FloatArray, others: Sequence[Predicted]
) -> list[dict[str, Any]]:
    """Add to each pattern its range over the joint tables: size, events, share and risk.

    Groups of similar risk, which have no `patterns`, have none: they differ between tables.
    """
    if not others or not len(patterns):
        return [{**point, "tables": None} for point in shown]
    found = []
    for point, pattern in zip(shown, patterns, strict=True):
        rows = []
        for of in others:
            inside = _inside(of, pattern)
            if inside.any():
                n, events = int(inside.sum()), int(of.y[inside].sum())
                rows.append((n, events, events / n, float(of.risk[inside][0])))
        columns = list(zip(*rows, strict=True))
        ranges = {
            name: _range(columns[i])
            for i, name in enumerate(("n", "events", "observed", "risk"))
            if columns
        }
        found.append({**point, "tables": ranges or None})
    return found


def _range(values: Sequence[float | None]) -> dict[str, Any] | None:
    known = [value for value in values if value is not None]
    return {"low": min(known), "high": max(known), "tables": len(known)} if known else None


def measures_with_tables(
    own: Sequence[Mapping[str, Any]], others: Sequence[Sequence[Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Add to each measure its range over the joint tables; None where there are none."""
    return [
        {
            **row,
            "tables": {
                key: _range([other[place][key] for other in others])
                for key in ("apparent", "cross_validated")
            }
            if others
            else None,
        }
        for place, row in enumerate(own)
    ]


def tables_note(
    of: Predicted,
    others: Sequence[Predicted],
    found: Sequence[Mapping[str, Any]],
    place: IntArray,
    by: str,
    patterns: FloatArray,
) -> str:
    """Say what of the figures the joint tables leave open, from the tables themselves."""
    if not others:
        return ""
    head = (
        f"The printed numbers leave {len(others)} joint tables possible; the points and curves are "
        "of the records of this study, and the ranges are over all of these tables."
    )
    if by != "pattern":
        return head
    sizes = np.array([[_inside(o, pattern).sum() for pattern in patterns] for o in others])
    events = np.array([[o.y[_inside(o, p)].sum() for p in patterns] for o in others])
    own_n = np.array([point["n"] for point in found])
    own_events = np.array([point["events"] for point in found])
    own_risk = np.array([of.risk[place == i][0] for i in range(len(patterns))])
    same_sizes = bool((sizes == own_n).all())
    same_risks = same_sizes and all(
        abs(float(o.risk[_inside(o, p)][0]) - risk) < SAME
        for o in others
        for p, risk in zip(patterns, own_risk, strict=True)
    )
    is_one = bool(((sizes == own_n) & (events == own_events)).all(axis=1).any())
    if is_one:
        head = head.replace("the records of this study", "the records of this study, one of them")
    if same_risks and (events == events[0]).all():
        return f"{head} Sizes, outcomes and risks of the patterns are the same in all of them."
    if same_risks:
        return (
            f"{head} In all of them the {len(patterns)} patterns of terms have the same sizes and "
            "the model gives them the same risks, which are therefore determined. In which "
            f"patterns the {of.events} events fell is not, and with it how well risks and outcomes "
            "agree."
        )
    return f"{head} Sizes or risks of the patterns differ between them."


def _inside(of: Predicted, pattern: FloatArray) -> BoolArray:
    return np.asarray(np.equal(of.X, pattern).all(axis=1), dtype=np.bool_)
