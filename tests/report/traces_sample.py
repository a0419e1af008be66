"""A made section `traces` for the sample results: two rows of Table 1 and one term of Table 2.

The counts are those of `sample.py` (Zhao 2020, Table 1); who the patients are is made up.
"""

from __future__ import annotations

from typing import Any


def codes(first: int, n: int) -> list[str]:
    """Return n codes of patients from a number on."""
    return [f"P{number:02d}" for number in range(first, first + n)]


def who(first: int, n: int) -> dict[str, Any]:
    """Return a count with its patients."""
    return {"n": n, "patients": codes(first, n)}


def traces() -> dict[str, Any]:
    """Return the section: sex and ILD in 27 non-refractory and 13 refractory patients."""
    return {
        "left_out": "",
        "notes": ["A note on the traces."],
        "listed": True,
        "variables": [
            source("sex=male", "Male sex", "patients", "sex"),
            source("ild", "Interstitial lung disease", "baseline", "ILD on CT"),
        ],
        "tables": [
            {
                "id": "table1",
                "rows": [
                    row("sex=male", (5, 22), (6, 7)),
                    row("ild", (6, 21), (9, 4)),
                ],
            }
        ],
        "models": [
            {
                "id": "final", "n": 40, "n_missing": 1, "events": 13,
                "left_out": [{"reason": "Interstitial lung disease: not done", **who(41, 1)}],
                "terms": [
                    {
                        "name": "ild", "label": "Interstitial lung disease",
                        "words": "1 where yes, 0 where no.",
                        "cells": [
                            {"value": "yes", "event": True, **who(28, 9)},
                            {"value": "yes", "event": False, **who(1, 6)},
                            {"value": "no", "event": True, **who(37, 4)},
                            {"value": "no", "event": False, **who(7, 21)},
                        ],
                    }
                ],
            }
        ],
    }  # fmt: skip


def source(name: str, label: str, table: str, header: str) -> dict[str, Any]:
    """Return where a made variable comes from."""
    return {
        "variable": name, "label": label, "type": "yes_no", "unit": None, "tables": [table],
        "column": name, "header": header, "files": [f"records/{table}.csv"],
        "derivation": f"Column {name} of the table {table}.",
    }  # fmt: skip


def row(name: str, non_refractory: tuple[int, int], refractory: tuple[int, int]) -> dict[str, Any]:
    """Return a row of yes and no in both groups; numbers run on."""
    groups = []
    start = 1
    for code, (yes, no) in (("non_refractory", non_refractory), ("refractory", refractory)):
        levels = [
            {"value": "yes", "label": "yes", **who(start, yes)},
            {"value": "no", "label": "no", **who(start + yes, no)},
        ]
        groups.append({"code": code, "n": yes + no, "levels": levels, "missing": []})
        start += yes + no
    return {"variable": name, "groups": groups}
