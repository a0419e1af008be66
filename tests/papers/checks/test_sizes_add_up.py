from __future__ import annotations

from collections.abc import Callable

import pytest

from myocohort.papers.checks.sizes_add_up import sizes_add_up
from myocohort.papers.paperfile import Paper


@pytest.mark.parametrize(
    ("two", "verdict", "computed"), [("27", "consistent", ""), ("28", "inconsistent", "41")]
)
def test_parts_make_up_the_whole(
    made_paper: Callable[[str], Paper], two: str, verdict: str, computed: str
) -> None:
    """13 and 27 are 40; 13 and 28 are not."""
    paper = made_paper(
        f"""
        size = [
          {{ id = "all", place = "T", group = "all", n = "40" }},
          {{ id = "one", place = "T", group = "one", n = "13" }},
          {{ id = "two", place = "T", group = "two", n = "{two}" }},
        ]
        """
    )
    (found,) = sizes_add_up(paper)
    assert (found.verdict, found.computed) == (verdict, computed)


def test_a_part_without_a_size_is_untestable(made_paper: Callable[[str], Paper]) -> None:
    """Where the size of a part is not printed, nothing can be added."""
    paper = made_paper('size = [{ id = "all", place = "T", group = "all", n = "40" }]')
    assert [f.verdict for f in sizes_add_up(paper)] == ["untestable"]


SIZES = """
size = [
  { id = "all", place = "T", group = "all", n = "%s" },
  { id = "one", place = "T", group = "one", n = "%s" },
  { id = "two", place = "T", group = "two", n = "%s" },
]
"""


@pytest.mark.parametrize(
    ("sizes", "accused", "suggestion"),
    [
        (("40", "13", "72"), "two.n", "27 instead of 72 (two digits swapped) would agree"),
        (("04", "13", "27"), "all.n", "40 instead of 04 (two digits swapped) would agree"),
        (("40", "13", "5"), "all.n", ""),
    ],
)
def test_the_size_that_one_slip_heals_is_named(
    made_paper: Callable[[str], Paper], sizes: tuple[str, str, str], accused: str, suggestion: str
) -> None:
    """13 and 72 are not 40, but 13 and 27 are; where no slip heals, the whole is named."""
    (found,) = sizes_add_up(made_paper(SIZES % sizes))
    assert (found.number, found.suggestion) == (accused, suggestion)
    assert found.verdict == "inconsistent"


def test_both_slips_are_said(made_paper: Callable[[str], Paper]) -> None:
    """13 and 28 are 41, and 27 would do as well."""
    (found,) = sizes_add_up(made_paper(SIZES % ("40", "13", "28")))
    assert found.suggestion == "41 instead of 40 (one digit wrong) would agree"
    assert "27 instead of 28 (one digit wrong) would agree" in found.explanation


def test_a_part_alone_may_exceed_the_whole(made_paper: Callable[[str], Paper]) -> None:
    """With 41 in one part the whole cannot have 40, whatever the other has."""
    paper = made_paper(
        """
        size = [
          { id = "all", place = "T", group = "all", n = "40" },
          { id = "one", place = "T", group = "one", n = "41" },
        ]
        """
    )
    (found,) = sizes_add_up(paper)
    assert (found.verdict, found.computed) == ("inconsistent", "at least 41")


@pytest.mark.parametrize(
    ("of", "verdicts"), [("37", ["consistent"]), ("36", ["inconsistent"]), ("38", ["inconsistent"])]
)
def test_those_with_and_without_a_value_are_the_group(
    made_paper: Callable[[str], Paper], of: str, verdicts: list[str]
) -> None:
    """37 with a value and 3 without are 40, beside a count as beside a mean."""
    entries = """
        size = [{ id = "all", place = "T", group = "all", n = "40" }]
        missing = [{ id = "m", place = "T", variable = "a", group = "all", n = "3" }]
        """
    for kind, numbers in (("count", f'n = "5", of = "{of}"'), ("mean", f'n = "{of}", mean = "5"')):
        beside = f'{kind} = [{{ id = "c", place = "T", variable = "a", group = "all", {numbers} }}]'
        found = [f for f in sizes_add_up(made_paper(entries + beside)) if f.number != "all.n"]
        assert [f.verdict for f in found] == verdicts
