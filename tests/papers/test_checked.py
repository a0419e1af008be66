"""A whole paper checked: one verdict a number, whatever the checks say and whoever says it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from myocohort.papers import checked
from myocohort.papers.checked import CheckedPaper, check_paper
from myocohort.papers.checks import Run
from myocohort.papers.checks.finding import finding
from myocohort.papers.claimed_procedures import computes, is_another, labels_of
from myocohort.papers.paperfile import Paper
from myocohort.papers.rounding import Recognised
from myocohort.stats.tests import TESTS

SMALL = """
size = [
  { id = "all", place = "Methods", group = "all", n = "30" },
  { id = "one", place = "Table 1", group = "one", n = "10" },
  { id = "two", place = "Table 1", group = "two", n = "20" },
]
count = [
  { id = "ild", place = "Table 1, ILD", variable = "ild", group = "one", n = "3", percent = "30" },
  { id = "ana", place = "Table 1, ANA", variable = "ana", group = "one", n = "4", percent = "99" },
]
mean = [{ id = "age", place = "Table 1, age", variable = "age", group = "one", mean = "40.1" }]
same = [{ id = "again", place = "Abstract", of = "ana.percent", printed = "99" }]
cited = [{ id = "old", place = "Discussion", printed = "7", why = "of another study" }]
setting = [{ id = "dose", place = "Methods", printed = "1:100", why = "dilution" }]
"""


NEAREST = Recognised("nearest", "as these tests have it")


def only(paper: Paper, monkeypatch: pytest.MonkeyPatch, *said: tuple[str, str, tuple[str, ...]]):
    """Check a paper with a single check that says what is given: verdict, number, against."""
    numbers = {number.id: number for number in paper.numbers()}
    findings = tuple(
        finding("made", verdict, numbers[name], against, f"{verdict} for {name}")
        for verdict, name, against in said
    )
    monkeypatch.setattr(checked, "run_checks", lambda paper: Run(findings, NEAREST, ()))
    return {number.number.id: number for number in check_paper(paper).numbers}


def test_an_accusation_outweighs_everything_else(
    made_paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number with a consistent and an inconsistent finding is inconsistent."""
    seen = only(
        made_paper(SMALL),
        monkeypatch,
        ("consistent", "ild.percent", ("ild.n",)),
        ("inconsistent", "ild.percent", ("one.n",)),
        ("untestable", "ild.percent", ()),
    )
    assert seen["ild.percent"].verdict == "inconsistent"
    assert [found.verdict for found in seen["ild.percent"].accusations] == ["inconsistent"]


def test_a_number_held_against_a_consistent_one_is_consistent(
    made_paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides of an arithmetic that holds are consistent, also where one was untestable."""
    seen = only(
        made_paper(SMALL),
        monkeypatch,
        ("consistent", "ild.percent", ("ild.n", "one.n")),
        ("untestable", "ild.n", ()),
    )
    assert {seen[name].verdict for name in ("ild.percent", "ild.n", "one.n")} == {"consistent"}
    assert not any(number.involved for number in seen.values())


def test_what_an_accused_number_was_held_against_is_marked_as_involved(
    made_paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another finding for it, it is consistent and involved; alone, untestable, and why."""
    seen = only(
        made_paper(SMALL),
        monkeypatch,
        ("inconsistent", "ild.percent", ("ild.n", "one.n")),
        ("consistent", "all.n", ("one.n",)),
    )
    assert (seen["one.n"].verdict, seen["one.n"].involved) == ("consistent", True)
    assert (seen["ild.n"].verdict, seen["ild.n"].involved) == ("untestable", True)
    assert seen["ild.n"].reason.startswith("30 (Table 1, ILD) is inconsistent with it")
    assert not seen["ild.percent"].involved


def test_a_number_that_restates_an_accused_one_is_accused_with_it(
    made_paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that cannot be right is not right where it is printed a second time."""
    seen = only(
        made_paper(SMALL),
        monkeypatch,
        ("inconsistent", "ana.percent", ("ana.n",)),
        ("consistent", "again.printed", ("ana.percent",)),
    )
    assert seen["again.printed"].verdict == "inconsistent"
    (said,) = seen["again.printed"].accusations
    assert said.explanation.startswith("it restates Table 1, ANA: ")


def test_the_reason_of_an_untestable_number(
    made_paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own findings say why; else what was held against it; else no check applies."""
    seen = only(
        made_paper(SMALL),
        monkeypatch,
        ("untestable", "age.mean", ("two.n",)),
    )
    assert seen["age.mean"].reason == "untestable for age.mean"
    assert "could not be decided" in seen["two.n"].reason
    assert seen["ild.n"].reason == checked.NO_CHECK


def test_a_possible_number_is_not_consistent_for_that(
    made_paper: Callable[[str], Paper],
) -> None:
    """A count that is not above the size of its group agrees with nothing yet."""
    paper = made_paper(
        'size = [{ id = "one", place = "T", group = "one", n = "10" }]\n'
        'count = [{ id = "ild", place = "T", variable = "ild", group = "one", n = "3" }]'
    )
    seen = check_paper(paper).numbers
    assert [number.verdict for number in seen] == ["untestable", "untestable"]
    assert "possible" in seen[1].reason


def test_settings_and_other_studies_are_no_results(made_paper: Callable[[str], Paper]) -> None:
    """They are counted apart, and the three lists hold each result exactly once."""
    whole = check_paper(made_paper(SMALL)).as_dict()
    assert whole["not_results"] == 2
    assert whole["checked"] == 9
    listed = [item["id"] for key in ("inconsistent", "untestable") for item in whole[key]]
    assert whole["consistent"] + len(listed) == whole["checked"]
    assert len(listed) == len(set(listed))
    assert not {"old.printed", "dose.printed"} & set(listed)


def test_a_number_accused_twice_is_listed_once_with_both(
    made_paper: Callable[[str], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first finding of a number with two stands in its line, the other under `others`."""
    paper = made_paper(SMALL)
    number = {number.id: number for number in paper.numbers()}["ana.percent"]
    found = (
        finding("grim", "inconsistent", number, (), "first"),
        finding("shares", "inconsistent", number, (), "second", suggestion="40 would agree"),
    )
    monkeypatch.setattr(checked, "run_checks", lambda paper: Run(found, NEAREST, ()))
    item, restated = check_paper(paper).as_dict()["inconsistent"]
    assert restated["id"] == "again.printed"
    assert (item["check"], item["suggestion"]) == ("shares", "40 would agree")
    assert [other["check"] for other in item["others"]] == ["grim"]


YATES = "Pearson chi-square test with Yates's continuity correction"
PEARSON = "Pearson chi-square test without continuity correction"
T_TEST = "Student's t test (equal variances)"
EXACT_U = "Mann-Whitney U test, exact, with ties"


@pytest.mark.parametrize(
    ("claimed", "said", "differs"),
    [
        ("pearson_chi_square", [("p_of_counts", (PEARSON, YATES))], False),
        ("pearson_chi_square", [("p_of_counts", (YATES,))], True),
        (
            "pearson_chi_square",
            [("p_of_counts", (f"{T_TEST} on the category coded 0 and 1",))],
            True,
        ),
        ("pearson_chi_square", [("p_of_counts", ())], False),
        (None, [("p_of_counts", (PEARSON,))], False),
        ("student_t", [("p_of_counts", (f"{T_TEST} on the category coded 0 and 1",))], False),
        ("mann_whitney", [("p_of_means", (T_TEST,))], False),  # it cannot be had from means
        ("mann_whitney", [("p_of_means", (T_TEST,)), ("grim_u", (EXACT_U,))], False),
        ("welch_t", [("p_of_means", (T_TEST,))], True),
    ],
)
def test_procedures_are_put_together_for_each_p(
    made_paper: Callable[[str], Paper],
    monkeypatch: pytest.MonkeyPatch,
    claimed: str | None,
    said: list[tuple[str, tuple[str, ...]]],
    differs: bool,
) -> None:
    """They differ from the claimed one where a check that computes it found only others."""
    named = "" if claimed is None else f', claimed = "{claimed}"'
    paper = made_paper(
        'p = [{ id = "ild", place = "Table 1, ILD, P", variable = "ild",'
        f' groups = ["one", "two"], p = "0.04"{named} }}]'
    )
    label = "" if claimed is None else TESTS[claimed].label
    number = paper.numbers()[0]
    found = tuple(
        finding(check, "consistent", number, (), "why", claimed=label, fits=fits)
        for check, fits in said
    )
    monkeypatch.setattr(checked, "run_checks", lambda paper: Run(found, NEAREST, ()))
    procedures = check_paper(paper).as_dict()["procedures"]
    (item,) = procedures
    assert (item["place"], item["claimed"]) == ("Table 1, ILD, P", label)
    assert item["fits"] == [fit for _, fits in said for fit in fits]
    assert item["differs"] is differs


def test_every_test_that_a_p_can_claim_has_the_procedures_of_its_name() -> None:
    """The names in findings are those of the procedures, whichever module they come from."""
    assert labels_of("pearson_chi_square")["p_of_counts"] == (PEARSON,)
    assert labels_of("student_t") == {
        "p_of_counts": (T_TEST,), "p_of_means": (T_TEST,), "correlation_and_p": (), "grim_u": (),
    }  # fmt: skip
    assert not computes("p_of_means", "mann_whitney")
    assert not is_another("spearman", ["Spearman's rank correlation, p by the t approximation"])
    assert is_another("spearman", ["Pearson's correlation"])


def test_the_contract_of_the_json(made_paper: Callable[[str], Paper]) -> None:
    """The first five keys and those of their items are as the issue says, and all is JSON."""
    whole = json.loads(json.dumps(check_paper(made_paper(SMALL)).as_dict(), allow_nan=False))
    assert list(whole)[:5] == [
        "checked", "consistent", "inconsistent", "untestable", "procedures",
    ]  # fmt: skip
    (item,) = [item for item in whole["inconsistent"] if item["id"] == "ana.percent"]
    assert {"id", "place", "printed", "computed", "check", "explanation", "suggestion"} <= set(item)
    assert item["printed"] == "99"
    assert {"id", "place", "printed", "check", "explanation"} == set(whole["untestable"][0])


def test_a_paper_without_numbers_is_checked(made_paper: Callable[[str], Paper]) -> None:
    """Nothing is checked and nothing found."""
    whole = check_paper(made_paper("")).as_dict()
    assert (whole["checked"], whole["consistent"]) == (0, 0)
    assert whole["inconsistent"] == whole["untestable"] == whole["numbers"] == []


def test_a_paper_that_cuts_digits_off_is_read_so(made_paper: Callable[[str], Paper]) -> None:
    """Its percentages are consistent, and those that rounding would change are named.

    100 k / 17 cut to one digit: 5.8, 11.7, 17.6, ..., by hand.
    """
    cut = [f"{1000 * k // 17 / 10:.1f}" for k in range(1, 17)]
    counts = "\n".join(
        f'  {{ id = "c{k}", place = "T", variable = "v{k}", group = "one", n = "{k}", '
        f'percent = "{percent}" }},'
        for k, percent in enumerate(cut, start=1)
    )
    whole = check_paper(
        made_paper(
            'size = [{ id = "one", place = "T", group = "one", n = "17" }]\n'
            f"count = [\n{counts}\n]"
        )
    )
    assert whole.rounding.rounding == "truncated"
    assert not whole.having("inconsistent")
    rounded = [f"{round(1000 * k / 17) / 10:.1f}" for k in range(1, 17)]
    changed = {f"c{k}.percent" for k in range(1, 17) if cut[k - 1] != rounded[k - 1]}
    assert changed
    assert set(whole.downgraded) <= changed
    assert whole.as_dict()["rounding"]["downgraded"] == list(whole.downgraded)


def test_every_number_of_the_reference_paper_has_a_verdict(reference_paper: Paper) -> None:
    """Each is there once, in words that a reader understands."""
    whole = check_paper(reference_paper)
    assert isinstance(whole, CheckedPaper)
    claims = [claim.id for claim in reference_paper.claim]
    wanted = [*(number.id for number in reference_paper.numbers()), *claims]
    assert [n.number.id for n in whole.numbers] == wanted
    words = {n.number.id: (n.about, n.what) for n in whole.numbers}
    assert words["table2.severe_weakness.low"] == (
        "severe weakness, followed patients",
        "lower limit",
    )
    assert words["table1.sex.male.refractory.percent"] == (
        "Gender: male, refractory group", "percentage",
    )  # fmt: skip
    assert words["abstract.male.p.printed"] == ("restates Table 2, sex=male", "")
    assert all(about for about, _ in words.values())
