"""How commands print: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import typer

from myocohort.errors import InputError, MyocohortError, RecordsError, StudyFileError

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def print_json(value: Any) -> None:
    """Print a result as JSON; absent numbers are null, infinities are strings."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def report_error(error: MyocohortError, *, as_json: bool) -> None:
    """Print all problems of an error."""
    problems = error.problems if isinstance(error, InputError) else ()
    if as_json:
        listed = [problem.as_dict() for problem in problems] or [{"rule": str(error)}]
        print_json({"problems": listed})
        return
    if not problems:
        typer.echo(f"error: {error}", err=True)
        return
    for problem in problems:
        typer.echo(f"error: {problem}", err=True)
    count = len(problems)
    kept = "; nothing was written" if isinstance(error, RecordsError | StudyFileError) else ""
    typer.echo(f"{count} problem{'s' if count > 1 else ''}{kept}.", err=True)


def print_ignored(ignored: list[dict[str, str]]) -> None:
    """Say which sheets and columns were not read: a misspelt header must not pass unseen."""
    for item in ignored:
        what = f"column {item['column']!r}" if item["column"] else f"sheet {item['sheet']!r}"
        if not item["column"] and not item["sheet"]:
            what = "the file"
        hint = f" (did you mean {item['suggestion']!r}?)" if item["suggestion"] else ""
        typer.echo(f"{item['file']}: {what} was not read{hint}", err=True)


class Steps:
    """A progress bar on standard error, told one step at a time.

    Parameters
    ----------
    advance
        Shows the name of the step that begins; rich shows nothing where standard error is
        no terminal, so a plain line is printed there.
    """

    def __init__(self, progress: Any, task: Any) -> None:
        self._progress = progress
        self._task = task

    def __call__(self, text: str) -> None:
        """Begin a step."""
        if self._progress.console.is_terminal:
            self._progress.update(self._task, description=text, advance=1)
        else:
            typer.echo(f"{text} ...", err=True)


@contextmanager
def steps(total: int) -> Iterator[Steps]:
    """Show progress over a known number of steps."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True,
                  disable=not console.is_terminal) as progress:  # fmt: skip
        yield Steps(progress, progress.add_task("", total=total))


@contextmanager
def steps_as_told() -> Iterator[Callable[[int, int, str], None]]:
    """Show progress of work that says itself how many steps it has, when it begins the first."""
    with ExitStack() as stack:
        bar: list[Steps] = []

        def tell(_step: int, total: int, what: str) -> None:
            if not bar:
                bar.append(stack.enter_context(steps(total)))
            bar[0](what)

        yield tell
