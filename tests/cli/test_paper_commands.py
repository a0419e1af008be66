"""The commands on published papers: draft and check, with good input and with bad."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from myocohort.cli.main import run

STUDIES = Path(__file__).parents[2] / "studies"
HEAD = """
title = "A paper"
groups.all = { label = "patients" }
size = [{ id = "all", place = "Methods", group = "all", n = "20" }]
"""
MARKDOWN = """# Weakness and lung disease

## Methods

Groups were compared by Fisher's exact test.

## Results

Table 1. Findings

| Finding | Refractory (n = 10) | Others (n = 20) | P |
|---|---|---|---|
| ILD, n (%) | 6 (60.0) | 3 (15.0) | 0.030 |
| Dysphagia, n (%) | 2 (20.0) | 4 (26.0) | 1.000 |
"""


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The standard output as JSON."""
        return json.loads(self.out)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return the command as a function that runs in this process, errors included."""

    def call(*arguments: object, expect: int = 0) -> Said:
        monkeypatch.setattr(sys, "argv", ["myocohort", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        printed = capsys.readouterr()
        code = ended.value.code or 0
        assert code == expect, printed.out + printed.err
        return Said(code, printed.out, printed.err)

    return call


@pytest.fixture
def written(tmp_path: Path):
    """Return a function that writes a paper file with the given entries."""

    def write(entries: str) -> Path:
        path = tmp_path / "paper.toml"
        path.write_text(HEAD + entries, encoding="utf-8")
        return path

    return write


def count(**fields: str) -> str:
    """Return a count entry; fields replace or add to the usual ones."""
    entry = {"id": "c", "place": "Table 1", "variable": "ild", "group": "all", "n": "5", **fields}
    return "[[count]]\n" + "".join(f'{key} = "{value}"\n' for key, value in entry.items())


def model(**fields: str) -> str:
    """Return a model with one line."""
    line = ", ".join(f'{key} = "{value}"' for key, value in {"term": "ild", **fields}.items())
    return f'[[model]]\nid = "m"\nplace = "Table 2"\ngroup = "all"\nterms = [{{ {line} }}]\n'


def test_a_study_folder_is_checked_in_a_process_of_its_own(tmp_path, myocohort):
    """The reference study's folder: terminal output, page and exit code 0 with inconsistencies."""
    page = tmp_path / "page.html"
    done = myocohort("paper", "check", STUDIES / "anm_srp_2020", "--html", page)
    assert "printed 41.03, computed 1.03" in done.out
    assert "1.03 instead of 41.03 (one digit too many) would agree" in done.out
    assert str(page) in done.out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert done.err == ""


def test_check_as_json_has_the_keys_of_the_issue(command):
    """A paper file by its own name; `--json` prints JSON alone."""
    answer = command("paper", "check", STUDIES / "anm_srp_2020" / "paper.toml", "--json").json
    assert {"checked", "consistent", "inconsistent", "untestable", "procedures"} <= set(answer)
    listed = {item["id"]: item for item in answer["inconsistent"]}
    assert listed["table2.severe_weakness.low"]["computed"] == "1.03"
    differing = {item["id"] for item in answer["procedures"] if item["differs"]}
    assert "table1.gc_only.p" in differing
    assert "table1.sex.p" not in differing


def test_the_paper_that_a_study_file_names_is_checked(tmp_path, command, written):
    """A folder's study.toml decides which file; without one it is paper.toml."""
    written(count(percent="25"))
    assert command("paper", "check", tmp_path, "--json").json["checked"] == 3
    (tmp_path / "paper.toml").rename(tmp_path / "zhao.toml")
    (tmp_path / "study.toml").write_text(
        'title = "T"\npaper = "zhao.toml"\n[arms.a]\nlabel = "a"\n', encoding="utf-8"
    )
    assert command("paper", "check", tmp_path, "--json").json["checked"] == 3
    (tmp_path / "study.toml").unlink()
    assert "paper.toml" in command("paper", "check", tmp_path, expect=1).err


@pytest.mark.parametrize(
    ("entries", "key"),
    [
        (count(colour="red"), "count.c.colour"),
        (count(n="-3"), "count.c.n"),
        (count(n="5.5"), "count.c.n"),
        (count(percent="a third"), "count.c.percent"),
        (count(group="nobody"), "c.group"),
        (count() + count(), ""),
        ('[[same]]\nid = "s"\nplace = "Abstract"\nprinted = "1"\nof = "nothing.n"\n', "same.s.of"),
        (model(), "model.m.terms"),
    ],
    ids=["key", "negative", "decimals", "words", "group", "twice", "of", "no estimate"],
)
def test_errors_of_the_file_end_with_1_and_name_the_key(command, written, entries, key):
    """What cannot be printed in a paper, or names nothing, is an error of the file."""
    problems = command("paper", "check", written(entries), "--json", expect=1).json["problems"]
    assert any(problem.get("key", "").startswith(key) for problem in problems)
    assert all(problem["file"].endswith("paper.toml") for problem in problems)


def test_all_errors_of_a_file_come_at_once(command, written):
    """Two wrong entries are two problems, on standard error with their number."""
    path = written(count(n="-3") + count(id="d", colour="red"))
    done = command("paper", "check", path, expect=1)
    assert "2 problems." in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        (count(n="25"), "c.n"),
        (count(percent="125"), "c.percent"),
        (model(odds_ratio="2.0", low="3.9", high="1.1"), "m.ild."),
        (model(odds_ratio="2.0", low="1.1", high="3.9", p="1.2"), "m.ild.p"),
    ],
    ids=["above the size", "above 100", "reversed", "p above 1"],
)
def test_impossible_numbers_are_findings(command, written, entries, number):
    """A paper may print them, so that the file is right, and the number is inconsistent."""
    answer = command("paper", "check", written(entries), "--json").json
    (item,) = {item["id"]: item for item in answer["inconsistent"]}.values()
    assert item["id"].startswith(number)
    assert item["explanation"]


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path, command, written):
    """The folder is named, with exit code 1."""
    out = tmp_path / "nowhere" / "page.html"
    done = command("paper", "check", written(count()), "--html", out, expect=1)
    assert "nowhere" in done.err


def test_draft_then_check(tmp_path, command):
    """A Markdown paper becomes a file that loads, and the wrong percentage is found."""
    source, out = tmp_path / "paper.md", tmp_path / "out.toml"
    source.write_text(MARKDOWN, encoding="utf-8")
    done = command("paper", "draft", source, "-o", out)
    assert "Weakness and lung disease" in done.out
    assert f"myocohort paper check {out}" in done.out
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["out.toml", "paper.md"]
    answer = command("paper", "check", out, "--json").json
    printed = {item["printed"] for item in answer["inconsistent"]}
    assert "26.0" in printed
    assert not {"60.0", "15.0"} & printed


def test_draft_as_json(tmp_path, command):
    """Entries by kind, what to look at and what was not understood, as data."""
    source = tmp_path / "paper.md"
    source.write_text(MARKDOWN + "\nOf these, 7 had something else.\n", encoding="utf-8")
    answer = command("paper", "draft", source, "-o", tmp_path / "o.toml", "--json").json
    assert answer["entries"]["p"] == 2
    assert answer["entries"]["not_understood"] == len(answer["not_understood"])
    assert any("something else" in item["text"] for item in answer["not_understood"])


def test_a_corrected_file_is_not_overwritten(tmp_path, command):
    """Without --force an existing file stays as it is, and the next step is named."""
    source, out = tmp_path / "paper.md", tmp_path / "paper.toml"
    source.write_text(MARKDOWN, encoding="utf-8")
    out.write_text("corrected by hand", encoding="utf-8")
    done = command("paper", "draft", source, "-o", out, expect=1)
    assert "--force" in done.err
    assert out.read_text(encoding="utf-8") == "corrected by hand"
    command("paper", "draft", source, "-o", out, "--force")
    assert "title" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n/Encrypt 2 0 R"),
        ("paper.docx", b"PK\x03\x04\x14\x00\x06\x00\x08\x00"),
        ("paper.txt", bytes(range(256)) * 20),
        ("paper.txt", b""),
    ],
    ids=["encrypted pdf", "docx", "binary", "empty"],
)
def test_a_draft_of_what_is_no_text_ends_with_1(tmp_path, command, name, content):
    """The file is named with the next step, and no draft is left."""
    source, out = tmp_path / name, tmp_path / "out.toml"
    source.write_bytes(content)
    (problem,) = command("paper", "draft", source, "-o", out, "--json", expect=1).json["problems"]
    assert problem["file"].endswith(name)
    assert problem["next_step"]
    assert not out.exists()


@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "nowhere"])
def test_only_a_file_is_written(tmp_path, command, written, kind):
    """A folder, a pipe and a link stay what they are: a file would take their place."""
    source = tmp_path / "paper.md"
    source.write_text(MARKDOWN, encoding="utf-8")
    out = tmp_path / "nowhere" / "out" if kind == "nowhere" else tmp_path / "out"
    if kind == "folder":
        out.mkdir()
    elif kind == "pipe":
        os.mkfifo(out)
    elif kind == "link":
        (tmp_path / "target").write_text("kept", encoding="utf-8")
        out.symlink_to(tmp_path / "target")
    before = sorted(tmp_path.iterdir())
    drafting = command("paper", "draft", source, "-o", out, "--force", "--json", expect=1)
    assert drafting.json["problems"][0]["file"] == str(out)
    paper = written(count())
    checking = command("paper", "check", paper, "--html", out, "--json", expect=1)
    assert checking.json["problems"][0]["file"] == str(out)
    assert sorted({*tmp_path.iterdir()} - {paper}) == sorted({*before} - {paper})
    assert out.is_dir() == (kind == "folder")
    assert out.is_fifo() == (kind == "pipe")
    assert out.is_symlink() == (kind == "link")


def test_a_draft_of_nothing_ends_with_1(tmp_path, command):
    """A file that is not there is an error, not a traceback."""
    command("paper", "draft", tmp_path / "none.txt", "-o", tmp_path / "out.toml", expect=1)


def test_merged_cells_keep_their_columns(tmp_path, command):
    """A head that spans two columns leaves count and percentage where they belong."""
    source, out = tmp_path / "paper.html", tmp_path / "out.toml"
    source.write_text(
        "<html><body><h1>T</h1><table><caption>Table 1. Findings</caption>"
        "<tr><th rowspan=2>Finding</th><th colspan=2>Refractory (n = 10)</th>"
        "<th colspan=2>Others (n = 20)</th></tr>"
        "<tr><th>n</th><th>%</th><th>n</th><th>%</th></tr>"
        "<tr><td>ILD</td><td>6</td><td>60.0</td><td>3</td><td>15.0</td></tr>"
        "<tr><td>Dysphagia</td><td>2</td><td>20.0</td><td>4</td><td>26.0</td></tr>"
        "</table></body></html>",
        encoding="utf-8",
    )
    command("paper", "draft", source, "-o", out)
    answer = command("paper", "check", out, "--json").json
    assert [item["printed"] for item in answer["inconsistent"]] == ["26.0"]
    assert {item["printed"] for item in answer["numbers"]} >= {"6", "60.0", "3", "15.0"}


def test_a_ragged_row_is_listed_not_dropped(tmp_path, command):
    """A row with a cell too few is named, and its numbers are not put in a wrong column."""
    source, out = tmp_path / "paper.md", tmp_path / "out.toml"
    source.write_text(MARKDOWN + "| Myalgia, n (%) | 7 (70.0) |\n", encoding="utf-8")
    missed = command("paper", "draft", source, "-o", out, "--json").json["not_understood"]
    assert any("7 (70.0)" in item["text"] for item in missed)
    answer = command("paper", "check", out, "--json").json
    assert answer["not_understood"] == missed


REBUILT = """
title = "A paper"
groups.all = { label = "patients" }
groups.one = { label = "first group" }
groups.two = { label = "second group" }
partitions = [{ whole = "all", parts = ["one", "two"] }]
size = [
  { id = "one", place = "Table 1", group = "one", n = "5" },
  { id = "two", place = "Table 1", group = "two", n = "7" },
]
count = [
  { id = "ild.one", place = "Table 1", variable = "ild", group = "one", n = "4" },
  { id = "ild.two", place = "Table 1", variable = "ild", group = "two", n = "2" },
  { id = "ana.one", place = "Table 1", variable = "ana", group = "one", n = "3" },
  { id = "ana.two", place = "Table 1", variable = "ana", group = "two", n = "3" },
]
"""


@pytest.fixture
def rebuildable(tmp_path: Path) -> Path:
    """Return a paper file from which patients can be rebuilt."""
    path = tmp_path / "paper.toml"
    path.write_text(REBUILT, encoding="utf-8")
    return path


def test_rebuilt_records_have_the_printed_counts_and_say_what_they_are(
    tmp_path, command, rebuildable
):
    """Each CSV has the counts of the paper; every row and a file beside them say "rebuilt"."""
    out = tmp_path / "records"
    answer = command("paper", "rebuild", rebuildable, "--out", out, "--limit", 2, "--json").json
    *tables, provenance = [Path(path) for path in answer["written"]]
    assert 1 <= len(tables) <= 2
    for path in tables:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert {row["origin"] for row in rows} == {"rebuilt from printed numbers"}
        counts = Counter((row["group"], row["ild"]) for row in rows)
        assert counts == {
            ("one", "yes"): 4, ("one", "no"): 1, ("two", "yes"): 2, ("two", "no"): 5,
        }  # fmt: skip
    said = json.loads(provenance.read_text(encoding="utf-8"))
    assert said["made"] is True
    assert [item["file"] for item in said["files"]] == [path.name for path in tables]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["paper.toml", "records"]


def test_rebuild_prints_words_and_the_same_twice(command, rebuildable):
    """The answer is on standard output, the steps are not, and a seed repeats it."""
    first = command("paper", "rebuild", rebuildable, "--seed", 7)
    assert "A paper" in first.out
    assert "sets of records" in first.out
    assert "..." in first.err
    assert command("paper", "rebuild", rebuildable, "--seed", 7).out == first.out


def test_rebuild_leaves_a_folder_that_holds_something(tmp_path, command, rebuildable):
    """Nothing is written into it, and it is said before anything is searched."""
    done = command("paper", "rebuild", rebuildable, "--out", tmp_path, expect=1)
    assert "new or empty folder" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["paper.toml"]


def test_rebuild_of_nothing_ends_with_1(command, written):
    """A paper file without counts, means or models has nothing to rebuild from."""
    assert "error" in command("paper", "rebuild", written(""), expect=1).err


def test_rebuild_of_the_reference_study(command):
    """Tables 1 and 2: 31,000 joint tables, 8 that fit; nothing in it is not JSON."""
    answer = command("paper", "rebuild", STUDIES / "anm_srp_2020", "--limit", 1, "--json").json
    joint = answer["models"][0]["joint"]
    assert (joint["candidates"], joint["fits"]) == (31000, 8)
    assert answer["written"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["check"],
        ["draft"],
        ["rebuild"],
        ["rebuild", "x", "--limit", "-1"],
        ["rebuild", "x", "--seed", "-1"],
        ["rebuild", "x", "--seed", "2147483648"],
        ["chek", "x"],
        ["check", "x", "--colour"],
    ],
)
def test_wrong_usage_of_paper_ends_with_2(command, arguments):
    """A missing argument, an unknown command and an unknown option."""
    command("paper", *arguments, expect=2)
