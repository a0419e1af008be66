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


def test_a_slip_that_would_make_them_agree_is_proposed(made_paper: Callable[[str], Paper]) -> None:
    """96.2 for 69.2 has two digits swapped; an inequality is no number to mend."""
    entries = """
        mean = [{ id = "c", place = "Table 1", variable = "age", group = "one", mean = "69.2" }]
        same = [{ id = "d", place = "Discussion", printed = "%s", of = "c.mean" }]
        """
    (found,) = stated_twice(made_paper(entries % "96.2"))
    assert found.suggestion == "69.2 instead of 96.2 (two digits swapped) would agree"
    assert "no value can be printed as both 96.2 and 69.2" in found.explanation
    (found,) = stated_twice(made_paper(entries % "<9.2"))
    assert found.suggestion == ""


@pytest.mark.parametrize(
    ("original", "restated", "verdict"),
    [
        ("19.57", "20", "consistent"),
        ("19.57", "19.6", "consistent"),
        ("19.57", "19", "inconsistent"),
        ("0.024", "<0.05", "consistent"),
        ("0.024", "<0.001", "inconsistent"),
        ("<0.001", "0.000", "consistent"),
    ],
)
def test_fewer_digits_and_inequalities(
    made_paper: Callable[[str], Paper], original: str, restated: str, verdict: str
) -> None:
    """20 is 19.57 with fewer digits, 19 is so only with its digits cut off."""
    paper = made_paper(
        f"""
        mean = [{{ id = "c", place = "T", variable = "x", group = "one", mean = "{original}" }}]
        same = [{{ id = "d", place = "Abstract", printed = "{restated}", of = "c.mean" }}]
        """
    )
    assert [f.verdict for f in stated_twice(paper)] == [verdict]
    if restated == "19":
        assert [f.verdict for f in stated_twice(paper, "truncated")] == ["consistent"]
