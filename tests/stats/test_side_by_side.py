"""Methods side by side: each line is one family, and the verdicts are compared."""

from __future__ import annotations

import json

import numpy as np
import pytest
from model_data import NAMES, grouped, joint_tables, read

from myocohort.errors import StatisticsError
from myocohort.stats.result import jsonable
from myocohort.stats.side_by_side import compare_methods


def test_reference_study():
    """For severe weakness the verdict depends on the method, for the others it does not.

    ../shared/references/statistics.md: Wald p of ML .047056, penalised likelihood-ratio p of
    Firth .046; the exact p is in the test of exact regression.
    """
    X, y, weights = grouped(joint_tables()[0])
    found = compare_methods(X, y, NAMES, weights=weights)
    assert found.depends == ("severe",)
    assert found.failed == {}
    severe = {(line.method, line.family): line for line in found.lines if line.term == "severe"}
    assert list(severe) == [
        ("ml", "wald"),
        ("ml", "profile"),
        ("firth", "wald"),
        ("firth", "profile"),
        ("exact", "exact"),
    ]
    assert severe["ml", "wald"].p == pytest.approx(0.047056, abs=6e-7)
    assert severe["firth", "profile"].p == pytest.approx(0.046, abs=5e-4)
    assert severe["exact", "exact"].p > 0.05
    assert severe["exact", "exact"].estimate == "cmle"
    json.dumps(jsonable(found), allow_nan=False)


@pytest.mark.parametrize("table", joint_tables()[::3], ids=str)
def test_interval_and_p_of_a_line_agree(table):
    """On every line the interval excludes 1 exactly where p is below .05."""
    X, y, weights = grouped(table)
    for line in compare_methods(X, y, NAMES, weights=weights).lines:
        assert (line.interval.low > 1 or line.interval.high < 1) == (line.p < 0.05)
        assert line.p_name in {"wald", "lrt", "twice_one_sided"}


def test_a_method_that_fails_is_told_with_its_reason(shared_data):
    """Where exact regression says nothing, the others stand and the reason is kept."""
    X, y, names = read(shared_data / "stats" / "endometrial.csv", "HG")
    found = compare_methods(X, y, names)
    assert list(found.models) == ["ml", "firth"]
    assert "budget" in found.failed["exact"]
    nv = next(line for line in found.lines if (line.term, line.method) == ("NV", "ml"))
    assert (nv.family, nv.interval, nv.p, nv.odds_ratio) == ("wald", None, None, float("inf"))


def test_bad_input_is_refused():
    """Unknown methods, none at all, and data that no method can fit."""
    X, y = np.array([[0.0], [1], [0], [1]]), [0, 1, 1, 0]
    with pytest.raises(StatisticsError, match="ml, firth, exact; found lasso"):
        compare_methods(X, y, ["x"], ["ml", "lasso"])
    with pytest.raises(StatisticsError, match="found none"):
        compare_methods(X, y, ["x"], [])
    with pytest.raises(StatisticsError, match="nobody of the 4"):
        compare_methods(X, [0, 0, 0, 0], ["x"])
