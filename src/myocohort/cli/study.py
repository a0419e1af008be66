"""Commands for a whole study: demo, new, run, reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_ignored, print_json, steps

if TYPE_CHECKING:
    from myocohort.analysis.run import Run

Folder = Annotated[Path, typer.Argument(metavar="STUDY", help="The study folder.")]

MOST_MOVED = 20
"""Lines of what moved that are printed; results/moved.txt has all."""


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    for command in (demo, new, run, reproduce):
        app.command()(command)


def demo(
    out: Annotated[Path, typer.Option(help="Folder to write the study into.")] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Rebuild the reference study from its paper, run it, and say where the report is."""
    from myocohort.analysis.demo import run_demo

    with steps(22) as progress:
        done = run_demo(out, progress)
    _print_run(done, as_json)


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    as_json: AsJson = False,
) -> None:
    """Write a commented example study that runs, to be changed into your own."""
    from myocohort.study.example import write_example

    written = [str(path) for path in write_example(folder)]
    if as_json:
        print_json({"written": written})
        return
    for path in written:
        typer.echo(path)
    typer.echo(f"Next: myocohort run {folder}")


def run(folder: Folder, as_json: AsJson = False) -> None:
    """Load what changed, compute everything, and write STUDY/results."""
    from myocohort.analysis.run import run_study

    with steps(14) as progress:
        done = run_study(folder, progress=progress)
    _print_run(done, as_json)


def _print_run(done: Run, as_json: bool) -> None:
    imported = done.imported.as_dict()
    print_ignored(imported["ignored"])
    for item in imported["tables"]:
        if item["updated"]:
            typer.echo(f"{item['file']}: {item['updated']} records changed by it", err=True)
    for line in done.left_out:
        typer.echo(line, err=True)
    if as_json:
        moved = None if done.moved is None else done.moved.as_dict()
        print_json({**done.results, "moved": moved})
        return
    for outcome, count in done.results["outcome"].items():
        typer.echo(f"{outcome:>15}  {count}")
    board = done.results["scoreboard"]
    if board is not None:
        typer.echo(_board_line(board))
    if done.moved is not None:
        for line in done.moved.text(most=MOST_MOVED):
            typer.echo(line)
    typer.echo(f"Report: {done.folder / 'report.html'}")


def _board_line(board: dict[str, Any]) -> str:
    return (
        f"{board['published']} printed numbers: {board['reproduced']} reproduced, "
        f"{board['consistent']} consistent, {len(board['contradicted'])} contradicted, "
        f"{len(board['not_recoverable'])} not recoverable"
    )


def reproduce(folder: Folder, as_json: AsJson = False) -> None:
    """Recompute every number that the study's publication prints."""
    from myocohort.analysis.plan import load_plan
    from myocohort.analysis.run import run_study
    from myocohort.errors import Problem, StudyFileError

    if load_plan(folder).study.paper is None:
        rule = "the study names the paper whose numbers are recomputed"
        step = 'Write paper = "paper.toml"'
        raise StudyFileError([Problem(rule=rule, key="paper", file="study.toml", next_step=step)])
    with steps(14) as progress:
        board = run_study(folder, write=False, progress=progress).results["scoreboard"]
    if as_json:
        print_json(board)
        return
    typer.echo(_board_line(board))
    for item in board["contradicted"]:
        typer.echo(f"\n{item['place']}: printed {item['printed']}, computed {item['computed']}")
        typer.echo(f"  {item['why']}")
