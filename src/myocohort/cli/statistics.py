"""Commands on any CSV or XLSX file: fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from myocohort.cli.output import AsJson, print_json

Data = Annotated[Path, typer.Argument(metavar="DATA", help="A CSV or XLSX file with one table.")]
Outcome = Annotated[str, typer.Option(help="Column with the outcome: 0/1, yes/no, or --event.")]
TermList = Annotated[str, typer.Option(help="Columns, comma-separated; or column=category.")]
Event = Annotated[str, typer.Option(help="The outcome's value that is the event.")]


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    app.command()(fit)


def split_list(text: str) -> list[str]:
    """Split a comma-separated option."""
    return [part.strip() for part in text.split(",") if part.strip()]


def fit(
    data: Data,
    outcome: Outcome,
    terms: TermList,
    event: Event = "",
    method: Annotated[str, typer.Option(help="ml, firth, exact; comma-separated.")] = "ml,firth",
    interval: Annotated[str, typer.Option(help="wald, profile; comma-separated.")] = "wald,profile",
    as_json: AsJson = False,
) -> None:
    """Fit a logistic regression, each method with intervals and p of its own family."""
    from myocohort.analysis.fit import FAMILIES, fit_file
    from myocohort.stats.models import MODELS

    methods = choices(method, list(MODELS), "--method")
    families = choices(interval, list(FAMILIES), "--interval")
    fitted = fit_file(data, outcome, split_list(terms), methods, families, event=event)
    if as_json:
        print_json(fitted)
        return
    typer.echo(
        f"{fitted['file']}: {fitted['rows']} rows, {fitted['n_missing']} left out for missing "
        f"values ({fitted['missing_in_words']})"
    )
    for note in fitted["notes"]:
        typer.echo(note)
    for model in fitted["models"]:
        print_model(model)


def choices(text: str, known: list[str], option: str) -> list[str]:
    """Split an option and check its parts; a wrong one is wrong usage."""
    chosen = split_list(text)
    for part in chosen:
        if part not in known:
            raise typer.BadParameter(
                f"{part!r} is not one of {', '.join(known)}", param_hint=option
            )
    return chosen


def print_model(model: dict[str, object]) -> None:
    """Print one model: a line a term and family."""
    from myocohort.analysis.fit import model_lines

    typer.echo("")
    for line in model_lines(model):
        typer.echo(line)
