"""The commands on any CSV or XLSX file, as processes: output, exit codes, documentation."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from myocohort.cli.main import app
from myocohort.cli.planning import COMMANDS
from myocohort.stats.planning import PLANS

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"
NEW = ("fit", "compare", "validate", "impute-fit", "agree", "plan")


def groups():
    """Return the commands of the app as click sees them."""
    return typer.main.get_command(app).commands


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return a workbook with a yes-no outcome, numbers, a gap and a separating term."""
    path = tmp_path_factory.mktemp("book") / "cohort.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["refractory", "ild", "age"])
    for i in range(24):
        event = i % 3 == 0
        sheet.append(
            ["yes" if event else "no", int(event and i % 2 == 0), None if i == 5 else 40 + i]
        )
    workbook.save(path)
    return path


def test_each_command_answers_in_json_from_a_workbook(book, myocohort):
    """Fit of a separating term prints infinity as a string, and p and n beside it."""
    fitted = myocohort(
        "fit",
        book,
        "--outcome",
        "refractory",
        "--terms",
        "ild,age",
        "--method",
        "ml,exact",
        "--json",
    ).json
    ml, exact = fitted["models"]
    assert ml["terms"][1]["odds_ratio"] == "inf"
    assert ml["separation"] == {"kind": "quasi-complete", "terms": {"ild": "inf"}}
    assert exact["terms"][0]["estimate"] == "mue"
    assert exact["terms"][0]["ci"]["exact"][1] == "inf"
    assert (fitted["rows"], fitted["n_missing"], ml["n"]) == (24, 1, 23)


def test_validate_says_nothing_on_standard_error_without_a_terminal(book, myocohort):
    """The bar is for terminals; the answer is on standard output."""
    done = myocohort(
        "validate", book, "--outcome", "refractory", "--terms", "ild,age", "--screen", "0.5",
        "--bootstrap", "20", "--json",
    )  # fmt: skip
    assert done.err == ""
    assert done.json["inclusion"]["terms"]["ild"] > 0.5


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "--group", "refractory"],
        ["impute-fit", "--outcome", "refractory", "--terms", "ild,age", "--m", "2"],
    ],
)
def test_text_names_file_n_and_missing(book, myocohort, arguments):
    """By default the answer is text for people."""
    command, *options = arguments
    out = myocohort(command, book, *options).out
    assert out.startswith("cohort.xlsx: 24 rows")
    assert "missing" in out
    assert "p " in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["fit", "--outcome", "y", "--terms", "a", "--method", "lasso"],
        ["compare", "--group", "g", "--tests", "magic"],
        ["validate", "--outcome", "y", "--terms", "a", "--backward", "aic"],
        ["agree", "--unit", "u", "--rater", "r", "--value", "v", "--measures", "fleiss_kappa"],
    ],
)
def test_wrong_usage_ends_with_2(book, myocohort, arguments):
    """A name that is not on offer, or an option that needs another, is wrong usage."""
    command, *options = arguments
    assert "Error" in myocohort(command, book, *options, expect=2).err


def test_problems_come_as_data_with_exit_code_1(book, myocohort):
    """A file's problem under --json names rule and file."""
    done = myocohort("agree", book, "--unit", "age", "--rater", "ild", "--value", "refractory",
                     "--json", expect=1)  # fmt: skip
    assert {problem["file"] for problem in done.json["problems"]} == {"cohort.xlsx"}


def test_plan_lists_and_answers(myocohort):
    """Every plan is listed; two proportions are those of R's power.prop.test.

    R: power.prop.test(p1 = .15, p2 = .5, power = .8) gives n = 26.90187944 in each group.
    """
    listed = myocohort("plan", "--json").json["plans"]
    assert [item["name"] for item in listed] == list(COMMANDS)
    plan = myocohort("plan", "two-proportions", "--p1", ".15", "--p2", ".5", "--json").json
    assert plan["groups"] == [27, 27]
    assert plan["criteria"][0]["unrounded"] / 2 == pytest.approx(26.90187944, rel=1e-6)


def test_every_plan_has_a_command():
    """A planning function that is on offer can be asked for."""
    assert sorted(COMMANDS.values()) == sorted(PLANS)
    assert list(groups()["plan"].commands) == list(COMMANDS)


EXAMPLES = re.findall(
    r"^```console\n\$ myocohort (.*?)\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.M | re.S
)


@pytest.mark.parametrize(("line", "printed"), EXAMPLES, ids=[line for line, _ in EXAMPLES])
def test_the_page_shows_what_the_commands_print(line, printed, monkeypatch, request):
    """Each example of docs/commands.md is run in this process; its output is the page's."""
    monkeypatch.chdir(DOCS.parent / "data")
    arguments = line.split()
    if "endometrial.csv" in arguments:
        shared = request.getfixturevalue("shared_data")
        place = arguments.index("endometrial.csv")
        arguments[place] = str(shared / "stats" / "endometrial.csv")
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout == printed


def test_every_command_has_an_example():
    """No command on any file is shown without its output."""
    assert {line.split()[0] for line, _ in EXAMPLES} == set(NEW)


def test_every_command_and_option_is_documented():
    """docs/commands.md has a section for each command on any file, naming its options."""
    text = DOCS.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `myocohort ([a-z-]+)`\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    for name in NEW:
        command = groups()[name]
        for option in (o for p in command.params for o in p.opts if o.startswith("--")):
            assert f"`{option}" in sections[name] or option in ("--json", "--help"), (name, option)
    for name in COMMANDS:
        assert f"`{name}`" in sections["plan"], name
