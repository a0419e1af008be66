"""The group `myocohort mri`: thigh MRI from scans to grades, change and agreement."""

from __future__ import annotations

import typer

from myocohort.cli.mri_calibrate import calibrate
from myocohort.cli.mri_inspect import inspect
from myocohort.cli.mri_measure import measure, measure_all
from myocohort.cli.mri_pictures import pictures
from myocohort.cli.mri_readings import agree, compare, to_registry


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    mri = typer.Typer(
        help="Thigh MRI: scans, muscles, fat, oedema, grades, change and agreement.",
        no_args_is_help=True,
    )
    for command in (inspect, measure, pictures, compare, agree, calibrate):
        mri.command()(command)
    mri.command(name="measure-all")(measure_all)
    mri.command(name="to-registry")(to_registry)
    app.add_typer(mri, name="mri")
