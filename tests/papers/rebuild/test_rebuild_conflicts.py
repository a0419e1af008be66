from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import rebuild_paper
from myocohort.papers.rebuild.conflicts import minimal_conflicts, shrink, solved, solver

DOCS = Path(__file__).parents[3] / "docs" / "paper-rebuild.md"

sets = st.lists(st.frozensets(st.integers(0, 5), min_size=1, max_size=4), max_size=5)


@settings(max_examples=40, deadline=None)
@given(sets)
def test_all_minimal_conflicts_are_found(wrong: list[frozenset[int]]) -> None:
    """Where demands fail that contain one of some sets, the smallest of these come out, all."""

    def feasible(kept: frozenset[int]) -> bool:
        return not any(each <= kept for each in wrong)

    expected = {each for each in wrong if not any(other < each for other in wrong)}
    found, complete = minimal_conflicts(6, feasible, limit=20)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert complete


def test_a_limit_is_said() -> None:
    """Of three conflicts two are asked for: not complete."""
    found, complete = minimal_conflicts(3, lambda kept: not kept, limit=2)
    assert (len(found), complete) == (2, False)


def test_shrinking_leaves_only_what_is_needed() -> None:
    """Only 1 and 3 together fail."""
    assert shrink(range(5), lambda kept: not {1, 3} <= kept) == {1, 3}


def test_a_question_that_is_not_decided_is_an_error() -> None:
    """A solver that may not think answers nothing, and that is not taken for a no."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    numbers = [model.new_int_var(0, 10**6, "") for _ in range(30)]
    model.add(sum((i + 7) ** 3 * n for i, n in enumerate(numbers)) == 10**9 + 7)
    model.add_multiplication_equality(numbers[0], [numbers[1], numbers[2]])
    using = solver(effort=0.0)
    with pytest.raises(RebuildError, match="not decided"):
        solved(model, using)


def test_the_page_quotes_what_is_printed(reference_paper: Paper) -> None:
    """Every sentence that docs/paper-rebuild.md quotes is in the words of the reference study."""
    said = " ".join(rebuild_paper(reference_paper).words())
    quotes = re.findall(r"(?:^> .*\n)+", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(quotes) == 3
    for quote in quotes:
        text = " ".join(line.removeprefix("> ").strip() for line in quote.splitlines())
        for piece in text.split("[...]"):
            assert piece.strip(" .") in said


def test_an_interrupt_is_not_taken_for_the_end_of_a_search() -> None:
    """CP-SAT would catch it, and the rebuild would go on with the question left undecided."""
    assert not solver().parameters.catch_sigint_signal
