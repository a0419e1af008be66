"""docs/mri.md: it names every command, option and key, and shows what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from myocohort.cli.main import app
from myocohort.mri.job_list import COLUMNS
from myocohort.mri.label_maps import LABEL_MAPS
from myocohort.mri.measurement import file_label
from myocohort.mri.scales import SCALES

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "mri.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```console\n\$ myocohort (.*?)\n(.*?)^```$", TEXT, re.M | re.S)
NOT_NAMED = {"--help", "--json", "--out"}


def commands():
    """Return the commands of the group."""
    return typer.main.get_command(app).commands["mri"].commands


@pytest.mark.parametrize(("line", "printed"), EXAMPLES, ids=[line for line, _ in EXAMPLES])
def test_the_page_shows_what_the_commands_print(line, printed, monkeypatch):
    """Examples on the made-up readings are run; their output is the page's."""
    monkeypatch.chdir(DOCS / "data")
    done = CliRunner().invoke(app, line.split(), catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout == printed


def test_every_command_and_option_is_on_the_page():
    """Commands also stand in docs/commands.md."""
    table = (DOCS / "commands.md").read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"`{name} " in TEXT or f"`{name}`" in TEXT, name
        assert f"`myocohort mri {name} " in table, name
        options = {one for param in command.params for one in param.opts if one.startswith("--")}
        missing = {one for one in options - NOT_NAMED if not re.search(rf"{one}\b", TEXT)}
        assert not missing, (name, missing)


def test_label_maps_scales_and_columns_are_on_the_page():
    """Every label map by name; every column of a list; every scale on its own page."""
    assert [name for name in LABEL_MAPS if f"`{name}`" not in TEXT] == []
    assert [name for name in COLUMNS if f"`{name}`" not in TEXT] == []
    scales = (DOCS / "mri-scales.md").read_text(encoding="utf-8")
    assert [name for name in SCALES if f"## {name}" not in scales] == []


def test_links_and_pictures_of_the_page_are_there():
    """Files exist, pictures are below 150 kB, and anchors stand in the page that they name."""
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT.replace("\n", " ")):
        file, _, anchor = target.partition("#")
        path = DOCS / file if file else DOCS / "mri.md"
        assert path.exists(), target
        if path.suffix == ".png":
            assert path.stat().st_size < 150_000, target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in heads}
            assert anchor in slugs, target


def test_controls_and_calibration_reach_every_session(tmp_path):
    """What `measure-all` takes for all is asked for in each session."""
    (tmp_path / "patients" / "P1").mkdir(parents=True)
    for name in ("t1.nii", "labels.nii"):
        (tmp_path / "patients" / "P1" / name).write_bytes(b"x")
    line = ["mri", "measure-all", str(tmp_path / "patients"), "--label-map", "thigh11",
            "--out", str(tmp_path / "out"), "--stir-controls", str(tmp_path / "control.json"),
            "--calibration", str(tmp_path / "bands.json")]  # fmt: skip
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 1
    assert "control.json: the file is there" in done.stdout
    assert "bands.json: the file is there" in done.stdout


def test_kept_measurements_are_told_apart(tmp_path):
    """All are called measure.json: their folder stands before the name."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "measure.json").write_text("[]", encoding="utf-8")
    files = [str(tmp_path / name / "measure.json") for name in ("first", "second")]
    assert [file_label(Path(one)) for one in files] == ["first/measure.json", "second/measure.json"]
    assert file_label(Path("measure.json")) == "measure.json"
    done = CliRunner().invoke(app, ["mri", "compare", *files])
    told = str(done.exception)
    assert "first/measure.json" in told
    assert "second/measure.json" in told
