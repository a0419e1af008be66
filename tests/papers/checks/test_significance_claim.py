from __future__ import annotations

from collections.abc import Callable

import pytest

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.significance_claim import significance_claim
from myocohort.papers.paperfile import Paper

Read = Callable[[str], Paper]


def only(made_paper: Read, p: str, significant: str, level: str = "0.05") -> Finding:
    """Return the finding about one claim."""
    paper = made_paper(
        f"""
        p = [{{ id = "p", place = "Table 1", variable = "a", groups = ["one", "two"], p = "{p}" }}]
        [[claim]]
        id = "c"
        place = "Abstract"
        of = "p.p"
        significant = {significant}
        level = "{level}"
        """
    )
    (found,) = significance_claim(paper)
    assert (found.number, found.against) == ("c", ("p.p",))
    return found


@pytest.mark.parametrize(
    ("p", "significant", "other"),
    [
        ("0.024", "consistent", "inconsistent"),
        ("0.049", "consistent", "inconsistent"),
        ("<0.05", "consistent", "inconsistent"),
        ("<0.001", "consistent", "inconsistent"),
        ("0.051", "inconsistent", "consistent"),
        ("0.06", "inconsistent", "consistent"),
        (">0.05", "inconsistent", "consistent"),
        ("0.05", "untestable", "untestable"),
        ("0.050", "untestable", "untestable"),
        ("<=0.05", "untestable", "untestable"),
        ("<0.10", "untestable", "untestable"),
        (">0.01", "untestable", "untestable"),
    ],
)
def test_a_claim_is_held_against_every_value_of_its_p(
    made_paper: Read, p: str, significant: str, other: str
) -> None:
    """Only a p that lies wholly on one side of the level decides."""
    assert only(made_paper, p, "true").verdict == significant
    assert only(made_paper, p, "false").verdict == other


def test_another_level_and_the_slip_that_heals(made_paper: Read) -> None:
    """0.542 is not below 0.05, and 0.042 would be; 0.024 is not below 0.01."""
    found = only(made_paper, "0.542", "true")
    assert found.explanation == (
        "Abstract calls it significant at 0.05, but a p of 0.542 lies above 0.05"
    )
    assert found.suggestion == "0.042 instead of 0.542 (one digit wrong) would agree"
    assert only(made_paper, "0.024", "true", "0.01").verdict == "inconsistent"


def test_a_claim_about_no_p_or_no_level_is_untestable(made_paper: Read) -> None:
    """A level of 5 is none, and a mean is no p value; a restated p is one."""
    assert only(made_paper, "0.024", "true", "5").verdict == "untestable"
    paper = made_paper(
        """
        mean = [{ id = "m", place = "T", variable = "a", group = "all", mean = "0.01" }]
        p = [{ id = "p", place = "T", variable = "a", groups = ["one", "two"], p = "0.01" }]
        same = [{ id = "s", place = "Abstract", printed = "0.01", of = "p.p" }]
        claim = [
          { id = "c", place = "Abstract", of = "m.mean", significant = true },
          { id = "d", place = "Abstract", of = "s.printed", significant = true },
        ]
        """
    )
    assert [f.verdict for f in significance_claim(paper)] == ["untestable", "consistent"]


def test_cut_digits_move_the_level(made_paper: Read) -> None:
    """0.04 with its digits cut off can be 0.0499, and 0.050 is then not below 0.05."""
    paper = made_paper(
        """
        p = [{ id = "p", place = "T", variable = "a", groups = ["one", "two"], p = "0.04" }]
        claim = [{ id = "c", place = "Abstract", of = "p.p", significant = false }]
        """
    )
    assert [f.verdict for f in significance_claim(paper)] == ["inconsistent"]
    assert [f.verdict for f in significance_claim(paper, "truncated")] == ["untestable"]


def test_the_reference_papers_claims(reference_paper: Paper) -> None:
    """Only the heading on BAFF expression has its P, 0.542, on the other side of 0.05."""
    (found,) = [f for f in significance_claim(reference_paper) if f.verdict == "inconsistent"]
    assert found.number == "claim.heading.baff"
    assert "Results, Pathology, BAFF calls it not significant at 0.05, as the p says" in (
        found.explanation
    )
    assert found.suggestion == ""
