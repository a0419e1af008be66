from __future__ import annotations

from collections.abc import Callable

import pytest

from myocohort.papers.checks.readings_add_up import readings_add_up
from myocohort.papers.paperfile import Paper, Reading

Read = Callable[[str], Paper]

REGIMENS = ("gc_only", "gc_ivig_mtx", "gc_mtx", "gc_ivig", "gc_oi")
APART = Reading(
    id="apart",
    label="each patient has one of the five regimens, and OI + MTX is any methotrexate",
    exclusive=(REGIMENS,),
    any_of={"oi_mtx": ("gc_ivig_mtx", "gc_mtx"), "oi_ivig": ("gc_ivig_mtx", "gc_ivig")},
)
SEVERAL = Reading(
    id="several",
    label="a patient can have several regimens, and OI + MTX is any methotrexate",
    any_of={"oi_mtx": ("gc_ivig_mtx", "gc_mtx"), "oi_ivig": ("gc_ivig_mtx", "gc_ivig")},
)


def verdicts(paper: Paper, *readings: Reading) -> dict[tuple[str, str], str]:
    """Return the verdicts on a paper by number and the word of its reading."""
    found = readings_add_up(paper.model_copy(update={"reading": readings}))
    return {
        (f.number, "one" if "has one of" in f.explanation else "several"): f.verdict for f in found
    }


def test_the_regimens_of_the_reference_paper_as_one_reading(reference_paper: Paper) -> None:
    """3 + 10 + 6 + 5 + 4 = 28 of 27 and 4 + 3 + 1 + 3 + 5 = 16 of 13; 3 + 1 = 4, not 3."""
    found = verdicts(reference_paper, APART)
    assert found == {
        ("table1.gc_oi.non_refractory.n", "one"): "inconsistent",
        ("table1.oi_mtx.non_refractory.n", "one"): "consistent",
        ("table1.oi_ivig.non_refractory.n", "one"): "consistent",
        ("table1.gc_oi.refractory.n", "one"): "inconsistent",
        ("table1.oi_mtx.refractory.n", "one"): "inconsistent",
        ("table1.oi_ivig.refractory.n", "one"): "consistent",
    }
    copy = reference_paper.model_copy(update={"reading": (APART,)})
    said = {f.number: f for f in readings_add_up(copy)}
    assert "3 + 10 + 6 + 5 + 4 = 28 of 27" in said["table1.gc_oi.non_refractory.n"].explanation
    assert "4 + 3 + 1 + 3 + 5 = 16 of 13" in said["table1.gc_oi.refractory.n"].explanation
    assert said["table1.oi_mtx.refractory.n"].computed == "4"
    assert "3 + 1 = 4, printed 3" in said["table1.oi_mtx.refractory.n"].explanation


def test_a_number_is_not_accused_where_another_reading_holds(reference_paper: Paper) -> None:
    """With several regimens a patient, 3 lies between the largest part, 3, and the sum, 4."""
    found = verdicts(reference_paper, APART, SEVERAL)
    assert "inconsistent" not in found.values()
    assert found["table1.gc_oi.non_refractory.n", "one"] == "untestable"
    assert found["table1.oi_mtx.refractory.n", "one"] == "untestable"
    assert found["table1.oi_mtx.refractory.n", "several"] == "consistent"


def test_the_readings_of_the_reference_file_accuse_nothing(reference_paper: Paper) -> None:
    """Some reading in its paper.toml holds for each of its rows."""
    assert all(f.verdict != "inconsistent" for f in readings_add_up(reference_paper))


ROWS = """
size = [{ id = "s", place = "T", group = "all", n = "20" }]
count = [
  { id = "a", place = "T", variable = "a", group = "all", n = "%s" },
  { id = "b", place = "T", variable = "b", group = "all", n = "%s" },
  { id = "ab", place = "T", variable = "ab", group = "all", n = "%s" },
]
[[reading]]
id = "r"
label = "the last row is either"
any_of = { ab = ["a", "b"] }
[[reading]]
id = "q"
label = "the last row is either, never both"
any_of = { ab = ["a", "b"] }
exclusive = [["a", "b"]]
"""


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        (("7", "5", "12"), ["consistent"] * 3),
        (("7", "5", "9"), ["consistent", "consistent", "untestable"]),
        (("7", "5", "7"), ["consistent", "consistent", "untestable"]),
        (("7", "5", "6"), ["inconsistent", "consistent", "inconsistent"]),
        (("7", "5", "13"), ["inconsistent", "consistent", "inconsistent"]),
        (("17", "5", "18"), ["consistent", "untestable", "untestable"]),
    ],
)
def test_a_union_lies_between_its_largest_part_and_the_sum(
    made_paper: Read, counts: tuple[str, str, str], found: list[str]
) -> None:
    """Below the largest part or above the sum no reading holds; between, one with both does."""
    assert [f.verdict for f in readings_add_up(made_paper(ROWS % counts))] == found


def test_what_cannot_be_added_is_said(made_paper: Read) -> None:
    """Without a size no sum can be too large; without all parts a union has no upper end."""
    paper = made_paper(
        """
        count = [
          { id = "a", place = "T", variable = "a", group = "all", n = "7" },
          { id = "b", place = "T", variable = "b", group = "all", n = "5" },
          { id = "ab", place = "T", variable = "ab", group = "all", n = "30" },
          { id = "z", place = "T", variable = "z", group = "one", n = "30" },
        ]
        [[reading]]
        id = "r"
        label = "the last row is any of three"
        any_of = { ab = ["a", "b", "z"] }
        exclusive = [["a", "b"]]
        """
    )
    assert [(f.number, f.verdict) for f in readings_add_up(paper)] == [
        ("a.n", "untestable"),
        ("ab.n", "consistent"),
    ]


def test_a_single_row_above_its_group_is_said(made_paper: Read) -> None:
    """21 of 20 exceed the group before anything is added."""
    paper = made_paper(ROWS % ("21", "1", "20"))
    said = [f.explanation for f in readings_add_up(paper) if f.number == "a.n"]
    assert any("from this row alone" in text for text in said)
