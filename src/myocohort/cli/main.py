"""The command `myocohort` and its groups."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from myocohort.cli import (
    comparing,
    explain,
    mri,
    papers,
    planning,
    records,
    statistics,
    study,
    validating,
)
from myocohort.cli.output import report_error
from myocohort.errors import InputError, MyocohortError, Problem

app = typer.Typer(
    name="myocohort",
    help="A workbench for clinical studies of treatment-refractory myositis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
study.add_commands(app)
records.add_commands(app)
explain.add_commands(app)
for group in (statistics, comparing, validating, planning, papers, mri):
    group.add_commands(app)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Answer --version; everything else is a command."""
    if version:
        from myocohort import __version__

        typer.echo(__version__)
        raise typer.Exit


def run() -> None:
    """Run the command line: exit code 0 done, 1 input or study has errors, 2 wrong usage."""
    try:
        app()
    except MyocohortError as error:
        report_error(error, as_json="--json" in sys.argv)
        sys.exit(1)
    except OSError as error:
        problem = Problem(
            rule=str(error.strerror or error),
            file=str(error.filename or ""),
            next_step="Check the folder, your rights in it, and the space on the disk.",
        )
        report_error(InputError([problem]), as_json="--json" in sys.argv)
        sys.exit(1)
