"""Running the command as people do: as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The standard output as JSON."""
        return json.loads(self.out)


def run_command(*arguments: object, expect: int = 0) -> Done:
    """Run `myocohort ...` in a new process, since a process opens one study only."""
    command = [sys.executable, "-W", "error", "-m", "myocohort", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def myocohort() -> Callable[..., Done]:
    """Return the command as a function: myocohort("run", folder, expect=0)."""
    return run_command


@pytest.fixture(scope="session")
def reference_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the reference study, built and run once by `myocohort demo`."""
    folder = tmp_path_factory.mktemp("demo") / "study"
    run_command("demo", "--out", folder)
    return folder
