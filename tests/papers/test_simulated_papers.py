"""Made papers: nothing true is accused, and nearly every slip that can be seen is found.

The full run, 10,000 papers, is benchmarks/paper_checks.py; its rates are in
docs/checks/accuracy.md.
"""

from __future__ import annotations

from itertools import chain

import pytest
from planted import KINDS
from simulated import judge, slips

PAPERS, CHUNK = 300, 30
DETECTABLE = 40  # planted slips of each kind that the oracle calls detectable
AT_LEAST = {"count": 0.95, "percentage": 0.95, "interval": 0.95, "p": 0.8, "mean": 0.9, "sd": 0.9}


@pytest.mark.parametrize("first", range(0, PAPERS, CHUNK))
def test_no_consistent_number_is_accused(first: int) -> None:
    """In papers printed half-up, half-even or by printf, every number is true and none accused."""
    for seed in range(first, first + CHUNK):
        judged = judge(seed)
        assert judged.recognised == "nearest", seed
        assert not judged.accused, (seed, judged.accused)


def test_papers_that_cut_digits_off_are_recognised() -> None:
    """Throughout truncated papers are recognised, and none of their numbers is accused."""
    judged = [judge(seed, "truncated") for seed in range(1000, 1020)]
    assert {paper.recognised for paper in judged} == {"truncated"}
    assert not [(paper.seed, paper.accused) for paper in judged if paper.accused]


def test_papers_that_round_twice_are_not_accused() -> None:
    """About half of them have a percentage that betrays it; the others are not accused either."""
    judged = [judge(seed, "twice") for seed in range(2000, 2020)]
    assert {paper.recognised for paper in judged} <= {"twice", "nearest"}
    assert sum(paper.recognised == "twice" for paper in judged) >= 6
    assert not [(paper.seed, paper.accused) for paper in judged if paper.accused]


@pytest.mark.parametrize("kind", KINDS)
def test_planted_slips_are_found(kind: str) -> None:
    """Of the slips that the oracle calls detectable, the check finds as many as it promises."""
    planted = chain.from_iterable(
        slips(seed, (kind,), all_of_them=False) for seed in range(3000, 3400)
    )
    judged = [slip for _, slip in zip(range(DETECTABLE), planted, strict=False)]
    assert len(judged) == DETECTABLE
    missed = [slip for slip in judged if not slip.found]
    assert len(missed) <= (1 - AT_LEAST[kind]) * DETECTABLE, missed
