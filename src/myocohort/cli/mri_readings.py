"""Commands of `myocohort mri` on grades and measurements: compare, agree, to-registry."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from myocohort.cli.output import AsJson, print_json
from myocohort.cli.study import Folder

KEPT = "What `myocohort mri measure` kept by --out or printed by --json (measure.json)."


def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help=KEPT)],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The same of the later scan.")],
    months: Annotated[
        float | None, typer.Option(metavar="N", help="Months between, where dates are missing.")
    ] = None,
    shift: Annotated[
        float,
        typer.Option(
            metavar="MM",
            help="How much higher the same landmark lies in the scan AFTER, for common slices.",
        ),
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Compare two measurements of one patient: change of fat, volume and grades, and its rate."""
    from myocohort.analysis.mri.compare_files import compare_files, comparison_text

    for option, value in (("--months", months), ("--shift", shift)):
        if value is not None and not math.isfinite(value):
            raise typer.BadParameter(f"is a number; found {value:g}", param_hint=option)
    compared = compare_files(before, after, months=months, shift_mm=shift)
    if as_json:
        print_json(compared)
        return
    for line in comparison_text(compared):
        typer.echo(line)


def agree(
    readings: Annotated[
        Path,
        typer.Argument(
            metavar="READINGS",
            help="CSV or XLSX: patient, date or month, muscle, side, scale, reader, grade; also "
            "read_on, automatic, grade_low and grade_high.",
        ),
    ],
    scale: Annotated[str, typer.Option(help="The scale, if it is one only.")] = "",
    as_json: AsJson = False,
) -> None:
    """Measure how far readers of muscles agree with each other and with proposed grades."""
    from myocohort.analysis.mri.agree_readings import agree_readings, agreement_text

    agreed = agree_readings(readings, scale)
    if as_json:
        print_json(agreed)
        return
    for line in agreement_text(agreed):
        typer.echo(line)


def to_registry(
    folder: Folder,
    patient: Annotated[
        str, typer.Argument(metavar="PATIENT", help="Code of the patient in the study.")
    ],
    measured: Annotated[Path, typer.Argument(metavar="MEASURED", help=KEPT)],
    month: Annotated[
        float | None, typer.Option(metavar="M", help="Month since the start of treatment.")
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the scan, where the file has none."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring proposed grades into a study as automatic readings, which a reader has to confirm."""
    from myocohort.analysis.mri.to_registry import registry_text
    from myocohort.analysis.mri.to_registry import to_registry as bring
    from myocohort.analysis.plan import load_plan
    from myocohort.registry.load import load_changed
    from myocohort.registry.session import open_study

    study = load_plan(folder).study
    with open_study(study):
        load_changed(study)
        brought = bring(
            study, patient, measured, date=None if date is None else date.date(), month=month
        )
    if as_json:
        print_json(brought)
        return
    for line in registry_text(brought):
        typer.echo(line)
