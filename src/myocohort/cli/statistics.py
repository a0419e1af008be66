"""Commands that fit models to any CSV or XLSX file: fit, impute-fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json

Data = Annotated[Path, typer.Argument(metavar="DATA", help="A CSV or XLSX file with one table.")]
Outcome = Annotated[str, typer.Option(help="Column with the outcome: 0/1, yes/no, or --event.")]
TermList = Annotated[str, typer.Option(help="Columns, comma-separated; or column=category.")]
Event = Annotated[str, typer.Option(help="The outcome's value that is the event.")]


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    app.command()(fit)
    app.command(name="impute-fit")(impute_fit)


def split_list(text: str) -> list[str]:
    """Split a comma-separated option."""
    return [part.strip() for part in text.split(",") if part.strip()]


def choices(text: str, known: list[str], option: str) -> list[str]:
    """Split an option and check its parts; a wrong, doubled or missing one is wrong usage."""
    chosen = split_list(text)
    for part in chosen:
        if part not in known:
            raise typer.BadParameter(
                f"{part!r} is not one of {', '.join(known)}", param_hint=option
            )
    if not chosen or len(set(chosen)) < len(chosen):
        raise typer.BadParameter(f"names some of {', '.join(known)}, each once", param_hint=option)
    return chosen


def choice(text: str, known: list[str], option: str) -> str:
    """Check an option that takes one of some names; another is wrong usage."""
    (chosen, *more) = choices(text, known, option)
    if more:
        raise typer.BadParameter(f"is one of {', '.join(known)}", param_hint=option)
    return chosen


def fit(
    data: Data,
    outcome: Outcome,
    terms: TermList,
    event: Event = "",
    method: Annotated[str, typer.Option(help="ml, firth, exact; comma-separated.")] = "ml,firth",
    interval: Annotated[str, typer.Option(help="wald, profile; comma-separated.")] = "wald,profile",
    weights: Annotated[
        str, typer.Option(metavar="COLUMN", help="How many patients each row stands for.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Fit a logistic regression, each method with intervals and p of its own family."""
    from myocohort.analysis.data_files.fit_file import (
        FAMILIES,
        diagnostic_lines,
        fit_file,
        model_lines,
    )
    from myocohort.stats.models import MODELS

    methods = choices(method, list(MODELS), "--method")
    families = choices(interval, list(FAMILIES), "--interval")
    fitted = fit_file(
        data, outcome, split_list(terms), methods, families, event=event, weight=weights
    )
    if as_json:
        print_json(fitted)
        return
    typer.echo(
        f"{fitted['file']}: {fitted['rows']} rows, {fitted['n_missing']} left out for missing "
        f"values ({fitted['missing_in_words']}); event {fitted['event']}"
    )
    for note in fitted["notes"]:
        typer.echo(note)
    for model in fitted["models"]:
        typer.echo("")
        for line in model_lines(model):
            typer.echo(line)
    typer.echo("")
    for line in diagnostic_lines(fitted["diagnostics"]):
        typer.echo(line)


def impute_fit(
    data: Data,
    outcome: Outcome,
    terms: Annotated[str, typer.Option(help="Columns of the model, comma-separated.")],
    event: Event = "",
    auxiliary: Annotated[
        str, typer.Option(help="Columns beside the model that inform the imputation.")
    ] = "",
    m: Annotated[int, typer.Option("--m", min=2, max=1000, help="Imputed sets.")] = 20,
    iterations: Annotated[int, typer.Option(min=1, max=1000, help="Of each chain.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    method: Annotated[str, typer.Option(help="firth, ml; comma-separated.")] = "firth",
    as_json: AsJson = False,
) -> None:
    """Impute missing values, fit a logistic regression in each set, and pool by Rubin."""
    from myocohort.analysis.data_files.impute_file import impute_file, imputed_lines
    from myocohort.stats.impute_fit import FITS

    methods: Any = choices(method, list(FITS), "--method")
    answer = impute_file(
        data, outcome, split_list(terms), methods, event=event,
        auxiliary=split_list(auxiliary), m=m, iterations=iterations, seed=seed,
    )  # fmt: skip
    if as_json:
        print_json(answer)
        return
    for line in imputed_lines(answer):
        typer.echo(line)
