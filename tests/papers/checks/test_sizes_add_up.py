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
