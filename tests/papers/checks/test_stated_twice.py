from __future__ import annotations

from collections.abc import Callable

import pytest

from myocohort.papers.checks.stated_twice import stated_twice
from myocohort.papers.paperfile import Paper


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ("69.2", "consistent"),
        ("69", "consistent"),
        ("69.25", "consistent"),
        ("34.8", "inconsistent"),
        ("<50", "inconsistent"),
        (">50", "consistent"),
    ],
)
def test_a_restatement_agrees_when_one_value_is_printed_as_both(
    made_paper: Callable[[str], Paper], printed: str, verdict: str
) -> None:
    """69.2 and 69.25 share a value, 69.2 and 34.8 do not; inequalities count too."""
    paper = made_paper(
        f"""
        mean = [{{ id = "c", place = "Table 1", variable = "age", group = "one", mean = "69.2" }}]
        same = [{{ id = "d", place = "Discussion", printed = "{printed}", of = "c.mean" }}]
        """
    )
    (found,) = stated_twice(paper)
    assert found.verdict == verdict
    assert found.number == "d.printed"
    assert "Table 1 prints 69.2" in found.explanation
