"""The command that draws what was measured: one session, or several of one patient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json


def pictures(
    sessions: Annotated[
        list[Path],
        typer.Argument(
            metavar="SESSION...",
            help="Folders that `myocohort mri measure --out` made, of one patient.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the pictures go.")
    ],
    as_json: AsJson = False,
) -> None:
    """Draw a session; of several, also before and after side by side, and the trajectories."""
    from myocohort.errors import InputError, Problem
    from myocohort.mri.measurement import read_measurement
    from myocohort.report.mri.kept import VIEWS, read_views
    from myocohort.report.mri.pictures import Session, patient_pictures, write_pictures

    read, problems, patients = [], [], set()
    for folder in sessions:
        try:
            file = folder / "measure.json"
            content = _content(file)
            patients.add(read_measurement(content, str(file)).patient)
            read.append(Session(content, *read_views(folder / VIEWS)))
        except InputError as error:
            problems += error.problems
    places = [folder.resolve() for folder in sessions]
    for folder in dict.fromkeys(one for one in sessions if places.count(one.resolve()) > 1):
        step = "Name it once"
        problems.append(Problem("a session is given once", file=str(folder), next_step=step))
    if len(patients - {""}) > 1:
        step = "Give the sessions of one patient"
        problems.append(Problem("pictures are of one patient", value=", ".join(sorted(patients)),
                                next_step=step))  # fmt: skip
    if problems:
        raise InputError(problems)
    written = write_pictures(patient_pictures(read), out)
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(str(path))


def _content(file: Path) -> Any:
    from myocohort.errors import InputError, Problem

    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        rule = "a session is a folder that `myocohort mri measure --out` made"
        raise InputError(
            [Problem(rule, file=str(file), next_step="Measure the scan with --out FOLDER")]
        ) from reason
