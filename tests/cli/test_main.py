"""The command itself: start-up, exit codes, help, errors."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("django", "matplotlib", "pandas", "scipy", "openpyxl", "jinja2")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"]])
def test_light_commands_import_nothing_heavy(arguments):
    """--version and --help start without Django, matplotlib, pandas or file formats."""
    code = (
        "import sys\n"
        f"sys.argv = ['myocohort', *{arguments!r}]\n"
        "from myocohort.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_new_is_light_too(tmp_path):
    """Writing the example needs none of the heavy packages either."""
    code = (
        "import sys\n"
        f"sys.argv = ['myocohort', 'new', {str(tmp_path / 's')!r}]\n"
        "from myocohort.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["rn"], ["run"], ["run", "a", "b"], ["outcome", "--x"]])
def test_wrong_usage_ends_with_2(arguments, myocohort):
    """An unknown command, a missing argument and an unknown option are wrong usage."""
    myocohort(*arguments, expect=2)


def test_a_folder_without_a_study_ends_with_1_and_the_next_step(tmp_path, myocohort):
    """The error names the file and how to start."""
    done = myocohort("run", tmp_path, expect=1)
    assert "study.toml" in done.err
    assert "myocohort new" in done.err
    assert not list(tmp_path.iterdir())


def test_errors_as_json_name_their_place(tmp_path, myocohort):
    """With --json the problems are data: file, key, rule, next step."""
    (tmp_path / "study.toml").write_text('title = "T"\ntitel = 1\n[arms.a]\nlabel = "a"\n')
    problems = myocohort("run", tmp_path, "--json", expect=1).json["problems"]
    assert problems == [
        {
            "rule": "unknown key",
            "key": "titel",
            "file": "study.toml",
            "next_step": "Did you mean 'title'?",
        }
    ]


def test_unknown_rules_parameters_and_tests_are_reported_together(tmp_path, myocohort):
    """What the file names and Myocohort lacks is one list, with what it has."""
    (tmp_path / "study.toml").write_text(
        'title = "T"\n[arms.a]\nlabel = "a"\n[variables.x]\ntype = "yes_no"\n'
        "[outcome.parameters]\nmonths = 12\n"
        '[table.t]\ntitle = "T"\ngroups = ["refractory", "well"]\ncategorical_test = "chi"\n'
        'sections = [{ variables = ["x"] }]\n'
        '[model]\nevent = "refractory"\nagainst = ["non_refractory"]\nmethods = ["lasso"]\n'
    )
    problems = myocohort("run", tmp_path, "--json", expect=1).json["problems"]
    assert {problem["key"] for problem in problems} == {
        "outcome.parameters.months", "table.t.categorical_test", "table.t.groups",
        "model.methods",
    }  # fmt: skip


def test_the_example_runs(tmp_path, myocohort):
    """`new` then `run` gives a report; each kind of outcome is there, labelled as made up."""
    myocohort("new", tmp_path / "mine")
    results = myocohort("run", tmp_path / "mine", "--json").json
    assert results["outcome"]["discordant"] == 1
    assert results["outcome"]["unclassifiable"] == 1
    assert results["outcome"]["lost"] == 2
    assert results["study"]["origin"] == "made"
    page = (tmp_path / "mine" / "results" / "report.html").read_text(encoding="utf-8")
    assert "made up" in page
    assert json.loads((tmp_path / "mine" / "results" / "results.json").read_text())


def test_reproduce_without_a_paper_says_so(tmp_path, myocohort):
    """A study without a paper file has nothing to reproduce: exit code 1 and the key."""
    myocohort("new", tmp_path / "mine")
    assert "paper" in myocohort("reproduce", tmp_path / "mine", expect=1).err
