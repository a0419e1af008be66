"""A registry in a process of its own, for tests.

One process may open one study only, so the process that runs the tests opens none: a worker,
started once for the session, holds one folder that is emptied before each test. That costs a
tenth of a second a test, where a new process for each would cost a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from myocohort.errors import InputError, Problem, RegistryError
from myocohort.registry.session import DATABASE, open_study
from myocohort.study.loading import load_study

STUDY = """
title = "A small study"

[arms.imnm]
label = "Anti-SRP myopathy"
"""


@dataclass
class Outcome:
    """What a call gave: a summary, problems, or the error of the registry."""

    summary: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    error: str = ""

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows created, updated and unchanged; the test fails where there were problems."""
        if self.problems or self.error:
            raise AssertionError("\n".join(map(str, self.problems)) or self.error)
        return self.summary["created"], self.summary["updated"], self.summary["unchanged"]


class Registry:
    """A study folder and its registry, in the worker."""

    def __init__(self, folder: Path, pool: ProcessPoolExecutor) -> None:
        self.folder = folder
        self.pool = pool

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the study."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def study(self, more: str = "", text: str = STUDY) -> None:
        """Write the study file: keys of the root before the tables, tables after them."""
        root = more.lstrip().startswith("missing")
        self.write("study.toml", more + text if root else text + more)

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function of this module in the worker."""
        return self.pool.submit(function, self.folder, *args).result(timeout=120)

    def load(self, *names: str, blank_overwrites: bool = False) -> Outcome:
        """Import files."""
        return self.call(in_worker_import, names, blank_overwrites)

    def load_changed(self) -> Outcome:
        """Import the study's own files that changed."""
        return self.call(in_worker_load_changed)

    def update(self) -> Outcome:
        """Read all records anew under the study file."""
        return self.call(in_worker_update)

    def counts(self) -> dict[str, int]:
        """Count the rows of every model."""
        return self.call(in_worker_counts)

    def records(self) -> Any:
        """Read all records."""
        return self.call(in_worker_records)


@contextmanager
def worker(folder: Path) -> Iterator[ProcessPoolExecutor]:
    """Start the worker with a migrated, empty registry kept aside as a template."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        (folder / "study.toml").write_text(STUDY)
        pool.submit(in_worker_counts, folder).result(timeout=120)
        shutil.copy(folder / DATABASE, template(folder))
        yield pool


def template(folder: Path) -> Path:
    """Return where the empty registry is kept."""
    return folder.with_suffix(".template")


def reset(folder: Path) -> None:
    """Empty the folder and put an empty registry in it."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copy(template(folder), folder / DATABASE)
    (folder / "study.toml").write_text(STUDY)


def _outcome(folder: Path, call: Callable[..., Any], *, update: bool = False) -> Outcome:
    try:
        study = load_study(folder)
        with open_study(study, update=update):
            return Outcome(call(study).as_dict())
    except InputError as error:
        return Outcome(problems=list(error.problems))
    except RegistryError as error:
        return Outcome(error=str(error))


def in_worker_import(folder: Path, names: tuple[str, ...], blank_overwrites: bool) -> Outcome:
    """Import files in the worker."""
    from myocohort.registry.load import import_files

    files = [folder / name for name in names]
    return _outcome(folder, lambda s: import_files(s, files, blank_overwrites=blank_overwrites))


def in_worker_load_changed(folder: Path) -> Outcome:
    """Load what changed in the worker."""
    from myocohort.registry.load import load_changed

    return _outcome(folder, load_changed)


def in_worker_update(folder: Path) -> Outcome:
    """Update in the worker."""
    from myocohort.registry.load import update_study

    return _outcome(folder, update_study, update=True)


def in_worker_counts(folder: Path) -> dict[str, int]:
    """Count rows in the worker."""
    with open_study(load_study(folder), update=True):
        from django.apps import apps

        models = apps.get_app_config("registry").get_models()
        return {model.__name__: model._default_manager.count() for model in models}


def in_worker_records(folder: Path) -> Any:
    """Read records in the worker."""
    from myocohort.registry.records import read_records

    study = load_study(folder)
    with open_study(study):
        return read_records(study)
