"""The wheel alone, in an empty environment."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        out,
        ROOT,
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_what_runs_and_nothing_else(wheel):
    """Reference study, example, templates and migrations are packed; tests are not."""
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "myocohort/studies/anm_srp_2020/study.toml",
        "myocohort/studies/anm_srp_2020/paper.toml",
        "myocohort/study/example_study/study.toml",
        "myocohort/registry/migrations/0001_initial.py",
    ):
        assert part in names
    assert any(name.startswith("myocohort/report/templates/") for name in names)
    assert not [name for name in names if "test" in name.split("/")[0]]


def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel, tmp_path):
    """In a new virtual environment with only the wheel and what it asks for, `demo` runs."""
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    binary = environment / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [binary / "python", "-m", "pip", "install", "--quiet", wheel], check=True,
        capture_output=True,
    )  # fmt: skip
    done = subprocess.run(
        [binary / "myocohort", "demo", "--out", tmp_path / "study"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "report.html" in done.stdout
    assert (tmp_path / "study" / "results" / "report.html").exists()
