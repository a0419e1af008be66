from __future__ import annotations

from pathlib import Path

import pytest

from myocohort.errors import PaperFileError
from myocohort.papers.paperfile import load_paper

HEAD = """
title = "A paper"
citation = "Somebody 2020"
doi = "10.1/1"
groups.all = { label = "all patients", arm = "srp" }
"""


def write(folder: Path, text: str) -> Path:
    """Write a paper file with the given entries."""
    path = folder / "paper.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_every_entry_yields_its_numbers_under_ids_of_their_own(tmp_path: Path) -> None:
    """A count yields n and percent, a model line its odds ratio, limits and p."""
    paper = load_paper(
        write(
            tmp_path,
            """
            [[count]]
            id = "t.ild"
            place = "Table 1"
            variable = "ild"
            group = "all"
            n = "9"
            percent = "69.2"
            [[same]]
            id = "d.ild"
            place = "Discussion"
            printed = "34.8"
            of = "t.ild.percent"
            [[model]]
            id = "t2"
            place = "Table 2"
            outcome = "refractory"
            group = "all"
            claimed = "ml"
            terms = [{ term = "sex=male", odds_ratio = "19.57", low = "1.49", p = "0.024" }]
            """,
        )
    )
    assert [(number.id, number.text, number.kind) for number in paper.numbers()] == [
        ("t.ild.n", "9", "count"),
        ("t.ild.percent", "69.2", "percent"),
        ("t2.sex=male.odds_ratio", "19.57", "odds_ratio"),
        ("t2.sex=male.low", "1.49", "interval_limit"),
        ("t2.sex=male.p", "0.024", "p"),
        ("d.ild.printed", "34.8", "restated"),
    ]


def test_the_size_of_a_group_is_what_the_paper_prints(tmp_path: Path) -> None:
    """A printed size is found by its group; a group without one has none."""
    path = write(tmp_path, 'size = [{ id = "s", place = "Methods", group = "all", n = "48" }]')
    paper = load_paper(path)
    assert paper.group_size("all") == 48
    assert paper.group_size("nobody") is None


def test_all_failures_of_the_form_are_reported_at_once(tmp_path: Path) -> None:
    """An unknown key, a count with decimals and a missing place come in one error, with keys."""
    path = write(
        tmp_path,
        """
        colour = "red"
        count = [{ id = "a", variable = "ild", group = "all", n = "9.5" }]
        setting = [{ id = "b", place = "Methods", printed = 7, why = "a pH" }]
        """,
    )
    with pytest.raises(PaperFileError) as caught:
        load_paper(path)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"colour", "count.a.place", "count.a.n", "setting.b.printed"}
    assert all(problem.file == str(path) for problem in caught.value.problems)


def test_failures_between_entries_are_reported_at_once(tmp_path: Path) -> None:
    """A doubled id, an unknown group, an unknown test and a dangling reference come together."""
    path = write(
        tmp_path,
        """
        size = [
          { id = "a", place = "Methods", group = "all", n = "48" },
          { id = "a", place = "Methods", group = "nobody", n = "48" },
        ]
        count = [{ id = "c", place = "Table 1", variable = "ild", group = "all" }]
        same = [{ id = "b", place = "Abstract", printed = "48", of = "a" }]
        [[p]]
        id = "p"
        place = "Table 1"
        variable = "ild"
        groups = ["all", "all"]
        p = "0.5"
        claimed = "guesswork"
        """,
    )
    with pytest.raises(PaperFileError) as caught:
        load_paper(path)
    values = {problem.value for problem in caught.value.problems}
    assert {"a", "nobody", "guesswork"} <= values
    assert "same.b.of" in {problem.key for problem in caught.value.problems}
    assert "count.c" in {problem.key for problem in caught.value.problems}


@pytest.mark.parametrize("content", [b"\xff\xfe", b"title = ", b""])
def test_a_file_that_is_no_paper_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """Bytes that are not UTF-8, broken TOML and an empty file name the file in their error."""
    path = tmp_path / "paper.toml"
    path.write_bytes(content)
    with pytest.raises(PaperFileError) as caught:
        load_paper(path)
    assert caught.value.problems[0].file == str(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """A path that does not exist is an error about the paper file, not a traceback."""
    with pytest.raises(PaperFileError, match=r"nowhere\.toml"):
        load_paper(tmp_path / "nowhere.toml")


SIZES_AND_A_COUNT = """
size = [{ id = "s", place = "Methods", group = "all", n = "48" }]
missing = [{ id = "m", place = "Table 1", variable = "ild", group = "all", n = "3" }]
count = [
  { id = "c", place = "Table 1", variable = "ild", group = "all", n = "15" },
  { id = "d", place = "Table 1", variable = "mac", group = "all", n = "32", of = "37" },
]
mean = [{ id = "a", place = "Table 1", variable = "age", group = "all", n = "40", mean = "41" }]
"""


def test_who_has_a_value_is_what_the_paper_declares(tmp_path: Path) -> None:
    """The number beside a count or a mean comes first, then the size less those missing."""
    paper = load_paper(write(tmp_path, SIZES_AND_A_COUNT))
    assert paper.having("ild", "all") == 45
    assert paper.having("mac", "all") == 37
    assert paper.having("age", "all") == 40
    assert paper.having("sex", "all") == 48
    assert paper.having("sex", "nobody") is None


def test_a_line_of_a_model_has_one_measure(tmp_path: Path) -> None:
    """A line with an odds ratio and a coefficient is refused, and so is one with neither."""
    line = """
    [[model]]
    id = "t2"
    place = "Table 2"
    group = "all"
    terms = [{ term = "ild", odds_ratio = "2.0", coefficient = "0.69" }, { term = "age" }]
    """
    with pytest.raises(PaperFileError) as caught:
        load_paper(write(tmp_path, line))
    assert [problem.key for problem in caught.value.problems] == [
        "model.t2.terms.0",
        "model.t2.terms.1",
    ]


def test_a_hazard_ratio_is_a_number_of_its_own_kind(tmp_path: Path) -> None:
    """The measure names the number, and a printed standard error is one too."""
    line = """
    [[model]]
    id = "t2"
    place = "Table 2"
    group = "all"
    terms = [{ term = "ild", hazard_ratio = "2.0", standard_error = "0.3", p = "0.02" }]
    """
    paper = load_paper(write(tmp_path, line))
    assert [(n.id, n.kind) for n in paper.numbers()] == [
        ("t2.ild.hazard_ratio", "hazard_ratio"),
        ("t2.ild.standard_error", "standard_error"),
        ("t2.ild.p", "p"),
    ]
    assert paper.model[0].terms[0].measure == "hazard_ratio"


def test_tables_claims_and_readings_name_what_the_file_has(tmp_path: Path) -> None:
    """Unknown ids and variables and rows of unequal width are reported together."""
    text = (
        SIZES_AND_A_COUNT
        + """
    table = [{ id = "t", caption = "T", head = [["", "A"]], rows = [["ILD", "{c.n}", "{x.n}"]] }]
    claim = [{ id = "k", place = "Abstract", of = "c.p", significant = true }]
    reading = [{ id = "r", label = "as it reads", any_of = { ild = ["mac", "sex"] } }]
    """
    )
    with pytest.raises(PaperFileError) as caught:
        load_paper(write(tmp_path, text))
    assert [(problem.key, problem.value) for problem in caught.value.problems] == [
        ("claim.k.of", "c.p"),
        ("table.t", "2, 3"),
        ("table.t", "x.n"),
        ("reading.r", "sex"),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('partitions = [{ whole = "all", parts = ["a", "all"] }]', "a part of itself"),
        ('partitions = [{ whole = "all", parts = ["a", "a"] }]', "different groups"),
        ('same = [{ id = "x", place = "T", printed = "1", of = "x.printed" }]', "not itself"),
        (
            'same = [{ id = "x", place = "T", printed = "1", of = "y.printed" },'
            ' { id = "y", place = "T", printed = "1", of = "x.printed" }]',
            "not itself",
        ),
        (
            'p = [{ id = "p", place = "T", variable = "v", groups = ["a", "a"], p = "1" }]',
            "different groups",
        ),
        (f'size = [{{ id = "s", place = "T", group = "a", n = "{"9" * 400}" }}]', "at most 30"),
        (f'size = [{{ id = "s", place = "T", group = "a", n = "{"9" * 10}" }}]', "at most 9"),
        (
            'mean = [{ id = "m", place = "T", variable = "v", group = "a",'
            f' mean = "{"9" * 400}" }}]',
            "at most 30",
        ),
        ("x = " + "[" * 20000, "readable"),
        ("deep" + ".a" * 5000 + " = 1", "Extra inputs"),
    ],
)
def test_circles_and_endless_numbers_are_errors_of_the_file(
    tmp_path: Path, text: str, rule: str
) -> None:
    """They are named; nothing is computed from them."""
    with pytest.raises(PaperFileError) as error:
        load_paper(write(tmp_path, f'groups.a = {{ label = "a" }}\n{text}'))
    assert rule in str(error.value)
