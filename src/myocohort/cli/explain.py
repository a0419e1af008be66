"""The command that goes from a number of the report down to the records."""

from __future__ import annotations

from typing import Annotated

import typer

from myocohort.cli.output import AsJson, print_json
from myocohort.cli.study import Folder


def add_commands(app: typer.Typer) -> None:
    """Put this command on the app."""
    app.command()(explain)


def explain(
    folder: Folder,
    number: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER",
            help='What it is called: "Table 2, ILD, OR"; table, row, then group, column or method.',
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Print how a number of the report came about, down to the rows of the files."""
    from myocohort.analysis.explain.explaining import explain_number, explanation_lines
    from myocohort.analysis.explain.find import UnusableQuery

    try:
        explained = explain_number(folder, number)
    except UnusableQuery as error:
        problem = error.problems[0]
        if as_json:
            print_json({"problems": [problem.as_dict()], "choices": list(error.choices)})
        else:
            typer.echo(f"error: {problem}", err=True)
            for choice in error.choices:
                typer.echo(f"  {choice}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        print_json(explained)
        return
    for line in explanation_lines(explained):
        typer.echo(line)
