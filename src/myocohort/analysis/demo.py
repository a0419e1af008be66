"""The reference study: rebuilt from its paper, then run like any other."""

from __future__ import annotations

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from myocohort.analysis.provenance import ALTERNATIVES, FILE_NAME
from myocohort.analysis.run import Progress, Run, run_study
from myocohort.errors import InputError, Problem
from myocohort.papers.paperfile import load_paper
from myocohort.papers.rebuild import JointSolutions, alternatives, rebuild_cohort

REFERENCE_STUDY = "anm_srp_2020"
SEED = 2020


def reference_files() -> Path:
    """Return the folder of the reference study: in the wheel, or in a checkout."""
    packed = files("myocohort") / "studies" / REFERENCE_STUDY
    with as_file(packed) as path:
        if path.is_dir():
            return path
    return Path(__file__).parents[3] / "studies" / REFERENCE_STUDY


def build_reference_study(out: Path, progress: Progress = lambda _: None) -> None:
    """Write the reference study into a folder: study file, paper file, rebuilt records.

    Beside the records stands one analysis table for each joint table that the printed model
    leaves possible.

    Parameters
    ----------
    out
        A folder that does not exist, is empty, or holds an earlier demo.
    progress
        Told each step.

    Raises
    ------
    InputError
        If the folder holds something else; nothing of it is touched.
    """
    if out.exists() and not out.is_dir():
        raise InputError([Problem(rule="the demo is written into a folder", file=str(out),
                                  next_step="Name a new folder with --out")])  # fmt: skip
    if out.exists() and any(out.iterdir()) and not (out / FILE_NAME).exists():
        raise InputError([Problem(rule="the demo's folder is new, empty or an earlier demo",
                                  file=str(out), next_step="Name a new folder with --out")]
                         )  # fmt: skip
    source = reference_files()
    paper = load_paper(source / "paper.toml")
    rebuilt = rebuild_cohort(
        paper,
        seed=SEED,
        progress=lambda _step, _of, what: progress(what),
    )
    progress("one analysis table for each joint table")
    others = {
        f"{ALTERNATIVES}/{number}.csv": table
        for number, table in enumerate(alternatives(paper, seed=SEED, joint=rebuilt.joint), start=1)
    }
    provenance = {
        "seed": SEED,
        "rebuild": {**rebuilt.joint.as_dict(), "patterns": _pattern_rows(rebuilt.joint)},
        "fitted": sorted(rebuilt.fitted),
        "columns": [
            {"table": o.table, "column": o.column, "kind": o.kind, "why": o.why}
            for o in rebuilt.origins
        ],
        "alternatives": {
            "files": list(others),
            "joint": list(rebuilt.joint.terms),
            "note": _alternatives_note(rebuilt.joint),
        },
    }
    text = json.dumps(provenance, indent=1, ensure_ascii=False)
    # The provenance file comes first: it marks the folder as a demo, should this be interrupted.
    (out / "records").mkdir(parents=True, exist_ok=True)
    (out / FILE_NAME).write_text(text + "\n", encoding="utf-8")
    for name in ("study.toml", "paper.toml", "README.md"):
        shutil.copyfile(source / name, out / name)
    for name, table in rebuilt.tables.items():
        table.to_csv(out / "records" / f"{name}.csv", index=False, lineterminator="\n")
    (out / ALTERNATIVES).mkdir(exist_ok=True)
    for file, table in others.items():
        table.to_csv(out / file, index=False, lineterminator="\n")


def _alternatives_note(joint: JointSolutions) -> str:
    return (
        f"One table of the followed patients for each of the {joint.fits} joint tables of "
        f"{', '.join(joint.terms)} by outcome that have the printed margins and odds ratios. "
        "All other columns are one of many: they have the printed counts (ages: means, SDs and "
        "p) of both outcome groups, and are dealt to the patients once in each table, so that "
        "figures that use them could lie outside these ranges."
    )


def _pattern_rows(joint: JointSolutions) -> list[dict[str, object]]:
    """Return the patterns whose sizes all solutions share, in words; empty if they differ."""
    words = [term.replace("_", " ").replace("=", ": ") for term in joint.terms]
    return [
        {
            "pattern": ", ".join(
                f"{word} - {'yes' if digit else 'no'}"
                for word, digit in zip(words, pattern, strict=True)
            ),
            "n": size,
        }
        for pattern, size in zip(joint.patterns, joint.pattern_sizes or (), strict=False)
    ]


def run_demo(out: Path, progress: Progress = lambda _: None) -> Run:
    """Build the reference study in a folder and run it."""
    build_reference_study(out, progress)
    return run_study(out, progress=progress)
