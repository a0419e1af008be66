"""Commands for records: import, outcome, and the update of a changed study file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_ignored, print_json, steps
from myocohort.cli.study import Folder


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    app.command(name="import")(import_)
    app.command()(outcome)
    study = typer.Typer(help="The study file and the registry filled under it.",
                        no_args_is_help=True)  # fmt: skip
    study.command()(update)
    app.add_typer(study, name="study")


def import_(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV or XLSX files.")],
    blank_overwrites: Annotated[
        bool, typer.Option("--blank-overwrites", help="Let an empty cell erase a value.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import records; all problems are listed at once, and with one nothing is written."""
    from myocohort.analysis.plan import load_plan
    from myocohort.analysis.run import announce
    from myocohort.registry.load import import_files
    from myocohort.registry.session import open_study

    study = load_plan(folder).study
    with open_study(study), steps(12) as progress:
        told = announce(progress)
        summary = import_files(study, files, blank_overwrites=blank_overwrites, progress=told)
    _print_import(summary.as_dict(), as_json)


def update(
    folder: Folder,
    forget_changed: Annotated[
        bool,
        typer.Option(
            "--forget-changed",
            help="Drop records of files imported by hand that are gone or changed.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the study's own files anew after a change of variables, categories or units."""
    from myocohort.analysis.plan import load_plan
    from myocohort.analysis.run import announce
    from myocohort.registry.load import update_study
    from myocohort.registry.session import open_study

    study = load_plan(folder).study
    with open_study(study, update=True), steps(12) as progress:
        summary = update_study(study, forget_changed=forget_changed, progress=announce(progress))
    _print_import(summary.as_dict(), as_json)


def _print_import(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    for item in summary["tables"]:
        typer.echo(
            f"{item['file']} -> {item['table']}: {item['rows']} rows, {item['created']} created, "
            f"{item['updated']} updated, {item['unchanged']} unchanged"
            + (f", {item['unmatched']} that no variable asks for" if item["unmatched"] else "")
        )
        if item["kept"]:
            typer.echo(f"  {item['kept']} earlier records of this file are not in it and stay")
        if item["absent"]:
            typer.echo(f"  no column for: {', '.join(item['absent'])}")
    print_ignored(summary["ignored"])
    for name in summary["not_changed"]:
        typer.echo(f"{name}: as at the last import")


def outcome(
    folder: Folder,
    patient: Annotated[str, typer.Option(help="Show one patient's decision.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say who is refractory and why: each decision with the records that led to it."""
    from myocohort.analysis.outcome import decide_all
    from myocohort.analysis.plan import load_plan
    from myocohort.errors import InputError, Problem
    from myocohort.registry.load import load_changed
    from myocohort.registry.records import read_records
    from myocohort.registry.session import open_study

    plan = load_plan(folder)
    with open_study(plan.study):
        load_changed(plan.study)
        decisions = decide_all(plan, read_records(plan.study))
    if patient:
        decisions = [decision for decision in decisions if decision.patient == patient]
        if not decisions:
            raise InputError(
                [Problem(rule="the patient is in an arm that is followed", value=patient,
                         next_step="`myocohort outcome STUDY` lists all")]
            )  # fmt: skip
    if as_json:
        print_json(
            [
                {"patient": d.patient, "outcome": d.outcome, "why": d.why,
                 "records": list(d.records)}
                for d in decisions
            ]
        )  # fmt: skip
        return
    for decision in decisions:
        typer.echo(f"{decision.patient}  {decision.outcome}: {decision.why}")
        if patient:
            for record in decision.records:
                typer.echo(f"    {record}")
