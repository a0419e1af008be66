"""The command validate: the optimism of a model in any CSV or XLSX file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json
from myocohort.cli.statistics import Data, Event, Outcome, TermList, choice, split_list


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    app.command()(validate)


def validate(
    data: Data,
    outcome: Outcome,
    terms: TermList,
    event: Event = "",
    screen: Annotated[
        float | None, typer.Option(help="Terms are candidates; those with p below it enter.")
    ] = None,
    backward: Annotated[str, typer.Option(help="Eliminate terms by p or aic.")] = "",
    method: Annotated[str, typer.Option(help="firth or ml.")] = "firth",
    bootstrap: Annotated[int, typer.Option(min=10, max=1_000_000, help="Resamples.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    workers: Annotated[
        str, typer.Option(help="Local processes, or the address of a Dask scheduler.")
    ] = "1",
    as_json: AsJson = False,
) -> None:
    """Correct a model's performance for optimism, the choice of its terms included."""
    from myocohort.analysis.data_files.validate_file import validate_file, validation_lines
    from myocohort.stats.validation_fits import METHODS

    chosen: Any = choice(method, list(METHODS), "--method")
    rule: Any = choice(backward, ["p", "aic"], "--backward") if backward else None
    if rule == "aic" and chosen != "ml":
        raise typer.BadParameter("aic needs --method ml", param_hint="--backward")
    if screen is not None and not 0.0 < screen <= 1.0:
        raise typer.BadParameter("lies between 0 and 1", param_hint="--screen")
    with _bar() as progress:
        validated = validate_file(
            data, outcome, split_list(terms), event=event, screen=screen, backward=rule,
            method=chosen, resamples=bootstrap, seed=seed, workers=_workers(workers),
            progress=progress,
        )  # fmt: skip
    if as_json:
        print_json(validated)
        return
    for line in validation_lines(validated):
        typer.echo(line)


def _workers(text: str) -> int | str:
    """Return a number of processes, or an address as it is; neither is wrong usage."""
    if "://" in text:
        return text
    if not text.isdecimal() or int(text) < 1:
        raise typer.BadParameter(
            "a number of processes, or an address such as tcp://host:8786", param_hint="--workers"
        )
    return int(text)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Show on standard error how many resamples are done; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("resamples"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True,
                  disable=not console.is_terminal) as progress:  # fmt: skip
        task = progress.add_task("", total=None)

        def done(chunks: int, total: int) -> None:
            progress.update(task, completed=chunks, total=total)

        yield done
