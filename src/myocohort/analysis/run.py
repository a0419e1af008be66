"""The main job: load what changed, compute, and write the results folder."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from myocohort.analysis.comparison import rows_of
from myocohort.analysis.moved import Moved, what_moved
from myocohort.analysis.panels.panels import write_panels
from myocohort.analysis.plan import Plan, load_plan
from myocohort.analysis.provenance import read_provenance
from myocohort.analysis.results import compute_results
from myocohort.errors import InputError, Problem
from myocohort.registry.files import imported_files
from myocohort.registry.load import load_changed
from myocohort.registry.records import read_records
from myocohort.registry.session import open_study
from myocohort.registry.summary import ImportSummary

Progress = Callable[[str], None]
"""Called with the name of each step as it begins."""


WRITTEN = (
    "results.json",
    "report.html",
    "report.docx",
    "tables.xlsx",
    "tables.tex",
    "figures",
    "images",
    "moved.txt",
)
"""What a run writes; anything else in the folder is somebody's own."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run gave.

    Parameters
    ----------
    results
        The content of results.json.
    folder
        Where the results were written, or None.
    imported
        What was loaded into the registry before.
    moved
        Against the results that stood there; None where there were none, or nothing is written.
    """

    results: dict[str, Any]
    folder: Path | None
    imported: ImportSummary
    moved: Moved | None = None

    @property
    def left_out(self) -> list[str]:
        """What is not there, with the reason: p of a test, a model's fit, times, pictures."""
        rows = rows_of(*self.results["tables"])
        tests = [
            f"{row['label']}: no p value; {' '.join(row['warnings'])}"
            for row in rows
            if row["p"] is None and row["test"]
        ]
        models = [
            f"{model['title']} ({model['method']}): not fitted; {model['error']}"
            for model in self.results["models"]
            if model["error"]
        ]
        times = [
            f"{one['title']}: {one['error']}"
            for one in self.results["courses"]["times"]
            if one["error"]
        ]
        pictures = [
            f"{panel['title']}, {image['place']}: left out; {image['left_out']}"
            for panel in self.results["panels"]["panels"]
            for image in panel["images"]
            if image["left_out"]
        ]
        lists = [
            f"{panel['title']}: left out; {panel['error']}"
            for panel in self.results["panels"]["panels"]
            if panel["error"]
        ]
        return tests + models + times + pictures + lists


def run_study(folder: Path, *, write: bool = True, progress: Progress = lambda _: None) -> Run:
    """Load changed records, compute the results and write them.

    Parameters
    ----------
    folder
        The study folder.
    write
        Whether STUDY/results is written.
    progress
        Told each step.

    Returns
    -------
    Run
        With the results.

    Raises
    ------
    InputError
        With every problem of the study file or the records; nothing is written then.
    """
    progress("Reading the study file")
    plan = load_plan(folder)
    with open_study(plan.study):
        imported = load_changed(plan.study, progress=announce(progress))
        progress("Computing results")
        results = _compute(plan)
        target, moved = None, None
        if write:
            progress("Writing the report")
            target = plan.study.folder / "results"
            text = json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
            moved = _moved(text, target)
            _write(plan, results, text, target, moved)
    return Run(results, target, imported, moved)


def _moved(text: str, target: Path) -> Moved | None:
    """Compare with the results that stand there; None where there are none."""
    path = target / "results.json"
    if target.is_symlink() or not path.is_file():
        return None
    return what_moved(path.read_text(encoding="utf-8", errors="replace"), text)


def announce(progress: Progress) -> Callable[[str, int, int], None]:
    """Tell each part of an import once, as it begins."""
    told: set[str] = set()

    def tell(what: str, _done: int, _total: int) -> None:
        if what not in told:
            told.add(what)
            progress(f"Records: {what}")

    return tell


def _compute(plan: Plan) -> dict[str, Any]:
    provenance = read_provenance(plan.study.folder)
    return compute_results(plan, read_records(plan.study), imported_files(), provenance)


def _write(
    plan: Plan, results: dict[str, Any], text: str, target: Path, moved: Moved | None
) -> None:
    """Write all files into a folder beside the target and swap them: no half-written results.

    `text` becomes results.json.
    """
    from myocohort.report.documents import write_documents

    if target.is_symlink() or (target.exists() and not target.is_dir()):
        rule = "results are written into a folder called results"
        step = "Move what is there now, or rename it"
        raise InputError([Problem(rule=rule, file=str(target), next_step=step)])
    building = Path(tempfile.mkdtemp(prefix=".results-", dir=target.parent))
    try:
        (building / "results.json").write_text(text, encoding="utf-8")
        earlier = target / "moved.txt"
        if moved is not None and not moved.identical:
            lines = "\n".join(moved.text())
            (building / "moved.txt").write_text(lines + "\n", encoding="utf-8")
        elif earlier.is_file():  # of the last run that moved anything
            shutil.copyfile(earlier, building / "moved.txt")
        write_panels(plan, results, building)
        write_documents(results, building, made_on=dt.date.today())
        building.chmod(0o755)
        _swap(building, target)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _swap(building: Path, target: Path) -> None:
    """Put a finished folder in the place of another, which comes back if that fails."""
    old = target.parent / f"{building.name}-old"
    if target.exists():
        target.rename(old)
    try:
        for path in old.iterdir() if old.exists() else ():
            if path.name not in WRITTEN:  # somebody's own notes stay
                shutil.copytree(path, building / path.name) if path.is_dir() else shutil.copy2(
                    path, building / path.name
                )
        building.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
