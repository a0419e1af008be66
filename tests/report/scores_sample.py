"""Two scores as results.json holds them: one with categories, one without."""

from __future__ import annotations

from typing import Any


def scores() -> dict[str, Any]:
    """Return the section `scores` of made results."""

    def group(code: str, label: str, n: int, better: int, worse: int) -> dict[str, Any]:
        decided = better + worse
        return {
            "code": code, "label": label, "n": n, "decided": decided, "undecided": n - decided,
            "categories": [
                {"category": "worse", "n": worse, "percent": 100 * worse / decided},
                {"category": "better", "n": better, "percent": 100 * better / decided},
            ],
            "complete": decided, "incomplete": n - decided,
            "median": 1.0, "q1": 0.25, "q3": 2.5, "min": -1.0, "max": 3.0,
            "missing": [{"item": "mRS", "n": n - decided}],
        }  # fmt: skip

    change = {
        "id": "score-1", "score": "mrs_change", "title": "Change <b>of</b> mRS", "version": "v1",
        "categories": ["worse", "better"], "parameters": {"grades": 1},
        "items": {"before": "mrs_0", "after": "mrs_12"}, "definition": ["It is the change."],
        "reference": "A source", "groups": [group("", "All patients", 9, 5, 2),
        group("refractory", "Refractory", 4, 1, 2)], "notes": ["Not checked."],
        "refused": [{"patient": "P9", "why": "mRS lies between 0 and 5, not 6"}],
        "patients": [{"patient": "P1", "low": 2.0, "high": 2.0, "out_of": None,
                      "categories": ["better"], "statement": "better (mRS 4, then 2: +2)",
                      "missing": []}],
        "not_listed": "",
    }  # fmt: skip
    sum_of_grades = change | {
        "id": "score-2", "title": "MMT8", "categories": [], "notes": [], "refused": [],
        "groups": [group("", "All patients", 9, 5, 2) | {"categories": [], "undecided": 0}],
    }  # fmt: skip
    return {"left_out": "", "notes": ["Missing is never zero."], "scores": [change, sum_of_grades]}
