"""Commands for published papers: draft, check, rebuild."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json, steps_as_told

PaperFile = Annotated[
    Path, typer.Argument(metavar="PAPER", help="A paper file, or a study folder with one.")
]


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    paper = typer.Typer(help="Published papers: their numbers, and what can be known from them.",
                        no_args_is_help=True)  # fmt: skip
    for command in (draft, check, rebuild):
        paper.command()(command)
    app.add_typer(paper, name="paper")


def draft(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Plain text, Markdown, HTML or JATS XML.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="PAPER", help="The paper file to be written.")
    ] = Path("paper.toml"),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the paper file if it is there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a draft of a paper file from a paper's text, to be corrected by a person."""
    from myocohort.errors import PaperFileError, Problem
    from myocohort.papers.draft.drafting import draft_paper
    from myocohort.papers.draft.reading import read_document
    from myocohort.papers.draft.writing import draft_toml
    from myocohort.report.files import write_whole

    if out.exists() and not force:
        rule = "a paper file that is there is not overwritten: a person may have corrected it"
        step = "Name another with -o, or say --force."
        raise PaperFileError([Problem(rule=rule, file=str(out), next_step=step)])
    _require_place(out)
    drafted = draft_paper(read_document(file))
    write_whole(out, draft_toml(drafted).encode())
    missed = [{"place": place, "text": text} for place, text in drafted.not_understood]
    if as_json:
        print_json(
            {
                "written": str(out),
                "title": drafted.paper["title"],
                "entries": dict(drafted.counts),
                "attention": list(drafted.attention),
                "not_understood": missed,
            }
        )
        return
    typer.echo(f"{file.name}: {drafted.paper['title']}")
    for kind, count in drafted.counts.items():
        if count:
            typer.echo(f"{kind.replace('_', ' '):>15}  {count}")
    if drafted.attention:
        typer.echo("\nTo be looked at:")
        for point in drafted.attention:
            typer.echo(f"  {point}")
    if missed:
        typer.echo("\nNot understood (also in the draft):")
        for item in missed:
            typer.echo(f"  {item['place']}: {_shortened(item['text'])}")
    typer.echo(f"\nDraft: {out}")
    typer.echo(f"Next: correct it beside the paper, then myocohort paper check {out}")


def check(
    paper: PaperFile,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write a page with all arithmetic.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold every printed number against the others; inconsistencies are no error."""
    from datetime import date

    from myocohort.papers.checked import check_paper
    from myocohort.papers.paperfile import load_paper

    read = load_paper(paper_file(paper))
    if html is not None:
        _require_place(html)
    checked = check_paper(read).as_dict()
    if html is not None:
        from myocohort.report.paper_check import write_paper_check

        write_paper_check(checked, html, made_on=date.today())
    if as_json:
        print_json(checked)
        return
    _print_checked(checked)
    if html is not None:
        typer.echo(f"\nPage with the arithmetic of every number: {html}")


def rebuild(
    paper: PaperFile,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write the records, into a new or empty folder."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="How many solutions of each reading are listed.")
    ] = 8,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=2**31 - 1, help="Of every choice that the printed numbers leave free."
        ),
    ] = 2020,
    as_json: AsJson = False,
) -> None:
    """Search for patients who have every printed number at once."""
    from myocohort.papers.paperfile import load_paper
    from myocohort.papers.rebuild.rebuilt import rebuild_paper
    from myocohort.papers.rebuild.written import require_new, write_records

    read = load_paper(paper_file(paper))
    if out is not None:
        require_new(out)
    with steps_as_told() as progress:
        rebuilt = rebuild_paper(read, limit=limit, seed=seed, progress=progress)
    written = () if out is None else write_records(read, rebuilt, out, seed=seed)
    if as_json:
        print_json({**rebuilt.as_dict(), "written": [str(path) for path in written]})
        return
    typer.echo(rebuilt.title)
    for paragraph in rebuilt.words():
        typer.echo(f"\n{paragraph}")
    if written:
        typer.echo("")
    for path in written:
        typer.echo(path)


def paper_file(given: Path) -> Path:
    """Return the paper file itself; in a study folder the one that study.toml names.

    A folder without study.toml, or whose study names none, is taken to hold paper.toml.
    """
    if not given.is_dir():
        return given
    if not (given / "study.toml").is_file():
        return given / "paper.toml"
    from myocohort.study.loading import load_study

    return given / (load_study(given).paper or "paper.toml")


def _require_place(path: Path) -> None:
    """Refuse to write a file where there is no folder, or where something else than a file is.

    A device, a pipe or a link such as /dev/stdout would be replaced by the file, not written to.
    """
    from myocohort.errors import PaperFileError, Problem

    if path.is_symlink() or (path.exists() and not path.is_file()):
        rule = "what is written is a file"
        value = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a device"
        problem = Problem(rule=rule, value=value, file=str(path), next_step="Name a file.")
        raise PaperFileError([problem])
    if not path.parent.is_dir():
        rule = "the folder of what is written exists"
        step = "Make the folder, or name another."
        raise PaperFileError([Problem(rule=rule, file=str(path), next_step=step)])


def _shortened(text: str) -> str:
    """Return a text of at most 100 characters; the draft has it in full."""
    return text if len(text) <= 100 else f"{text[:97]}..."


def _print_checked(checked: Mapping[str, Any]) -> None:
    typer.echo(checked["title"])
    if checked["citation"]:
        typer.echo(checked["citation"])
    typer.echo(
        f"\n{checked['checked']} printed numbers and claims checked: "
        f"{checked['consistent']} consistent, {len(checked['inconsistent'])} inconsistent, "
        f"{len(checked['untestable'])} untestable"
    )
    if checked["not_results"]:
        typer.echo(f"Left out: {checked['not_results']} settings and numbers of other studies")
    rounding = checked["rounding"]
    typer.echo(f"Rounding: {rounding['name']} ({rounding['explanation']})")
    if rounding["downgraded"]:
        typer.echo(
            f"  {len(rounding['downgraded'])} numbers would be inconsistent if it were to the "
            f"nearest: {', '.join(rounding['downgraded'])}"
        )
    if checked["inconsistent"]:
        typer.echo("\nInconsistent (about numbers, not about people; nor which of two is right):")
    told_of_readings = False
    for item in checked["inconsistent"]:
        if item["reading"] and not told_of_readings:
            typer.echo("\nInconsistent on a reading of the paper that is not printed:")
            told_of_readings = True
        computed = f", computed {item['computed']}" if item["computed"] else ""
        typer.echo(f"\n{item['place']} ({item['about']}): printed {item['printed']}{computed}")
        for found in (item, *item["others"]):
            typer.echo(f"  {found['check'].replace('_', ' ')}: {found['explanation']}")
            if found["suggestion"]:
                typer.echo(f"  {found['suggestion']}")
        if item["remark"]:
            typer.echo(f"  remark: {item['remark']}")
    differing = [item for item in checked["procedures"] if item["differs"]]
    if differing:
        typer.echo("\nAnother procedure than the claimed one gives the printed p:")
    for item in differing:
        typer.echo(
            f"  {item['place']}: P {item['printed']}, claimed {item['claimed']}, "
            f"given by {'; '.join(item['fits'])}"
        )
    excluded = [reading for reading in checked["readings"] if reading["against"]]
    if excluded:
        typer.echo("\nReadings of unexplained rows that the counts speak against:")
    for reading in excluded:
        typer.echo(f"  {reading['label']}:")
        for said in reading["against"]:
            typer.echo(f"    {said}")
    for compared in checked["p_values"]:
        typer.echo(
            f"\n{compared['place']} has {compared['n']} p values; the smallest, "
            f"{compared['smallest']}, times {compared['n']} is {compared['times_n']}"
        )
    if checked["remarks"]:
        typer.echo("\nRemarks of the paper file:")
    for remark in checked["remarks"]:
        typer.echo(f"  {remark}")
    if checked["not_understood"]:
        typer.echo(f"\nNot understood, and not checked: {len(checked['not_understood'])} pieces")
