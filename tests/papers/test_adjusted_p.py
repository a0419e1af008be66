"""What adjustment for several comparisons can make of a p value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from myocohort.papers.adjusted_p import adjusted, comparisons
from myocohort.papers.paperfile import Paper


def paper_of(*groups: tuple[str, ...]) -> Paper:
    """Return a paper with p values of one variable for these groups, and of another one."""
    values = [("x", compared) for compared in groups] + [("y", ("a", "b"))]
    return Paper.model_validate(
        {
            "title": "A paper",
            "groups": {name: {"label": name} for name in "abcd"},
            "p": [
                {"id": f"p{i}", "place": "T", "variable": name, "groups": list(compared), "p": "1"}
                for i, (name, compared) in enumerate(values)
            ],
        }
    )


@pytest.mark.parametrize(
    ("groups", "number"),
    [
        ([("a", "b")], 1),
        ([("a", "b"), ("a", "c")], 3),
        ([("a", "b", "c"), ("a", "b")], 3),
        ([("a", "b"), ("a", "c"), ("a", "d"), ("b", "c")], 6),
        ([("a", "b"), ("c", "d")], 6),
    ],
)
def test_how_many_comparisons_a_variable_has(groups: list[tuple[str, ...]], number: int) -> None:
    """All pairs of the groups, where more than one p value of the variable is printed."""
    paper = paper_of(*groups)
    assert comparisons(paper, paper.p[0]) == number
    assert comparisons(paper, paper.p[-1]) == 1


@given(st.lists(st.floats(1e-6, 1), min_size=2, max_size=6))
def test_bonferroni_holm_and_false_discovery(ps: list[float]) -> None:
    """Unless another p of the family takes its place, each is one of those that are tried."""
    m, order = len(ps), np.argsort(ps)
    rates = stats.false_discovery_control(ps)
    for rank, place in enumerate(order):
        p = ps[place]
        tried = [low for low, _ in adjusted(p, p, m)] + [p]
        wanted = [min(1, m * p), min(1, (m - rank) * p), min(1, m / (rank + 1) * p)]
        wanted.append(1 - (1 - p) ** m)
        assert all(min(abs(w - t) for t in tried) < 1e-9 for w in wanted)
        assert rates[place] <= wanted[2] + 1e-9
