"""Commands that compare groups and raters in any CSV or XLSX file: compare, agree."""

from __future__ import annotations

from typing import Annotated

import typer

from myocohort.cli.output import AsJson, print_json
from myocohort.cli.statistics import Data, choice, choices, split_list


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    app.command()(compare)
    app.command()(agree)


def compare(
    data: Data,
    group: Annotated[str, typer.Option(metavar="COLUMN", help="Who is in which group.")],
    variables: Annotated[str, typer.Option(help="Columns, comma-separated; all by default.")] = "",
    groups: Annotated[
        str, typer.Option(help="Values of the group column to compare, in this order.")
    ] = "",
    categories: Annotated[
        str, typer.Option(help="Columns of numbers that are codes of categories.")
    ] = "",
    tests: Annotated[
        str, typer.Option(help="Rule of choice: small-sample-1, spss-2020, cochran-1954.")
    ] = "small-sample-1",
    adjust: Annotated[str, typer.Option(help="holm, bh or none.")] = "holm",
    as_json: AsJson = False,
) -> None:
    """Compare variables between groups: summaries, test with its reason, effect sizes."""
    from myocohort.analysis.data_files.compare_file import ADJUST, compare_file
    from myocohort.analysis.data_files.compare_text import comparison_lines
    from myocohort.stats.choice import RULES_OF_CHOICE

    compared = compare_file(
        data,
        group,
        split_list(variables),
        groups=split_list(groups),
        as_categories=split_list(categories),
        rule=choice(tests, list(RULES_OF_CHOICE), "--tests"),
        adjust=choice(adjust, list(ADJUST), "--adjust"),
    )
    if as_json:
        print_json(compared)
        return
    for line in comparison_lines(compared):
        typer.echo(line)


def agree(
    data: Data,
    unit: Annotated[str, typer.Option(metavar="COLUMN", help="What was read.")],
    rater: Annotated[str, typer.Option(metavar="COLUMN", help="Who read it.")],
    value: Annotated[str, typer.Option(metavar="COLUMN", help="The reading.")],
    scale: Annotated[
        str, typer.Option(help="All grades of the scale in order, used or not: 0,1,2,3,4,5.")
    ] = "",
    measures: Annotated[
        str, typer.Option(help="Comma-separated; chosen by scale and raters by default.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Measure how far raters agree, from a table with one row per reading."""
    from myocohort.analysis.data_files.agree_file import agree_file, agreement_lines
    from myocohort.stats.agreement import AGREEMENT

    named = choices(measures, list(AGREEMENT), "--measures") if measures else []
    grades = split_list(scale)
    for name in named:
        if AGREEMENT[name].takes == "grades" and not grades:
            raise typer.BadParameter(f"{name} needs all grades of the scale", param_hint="--scale")
    agreed = agree_file(data, unit, rater, value, scale=grades, measures=named)
    if as_json:
        print_json(agreed)
        return
    for line in agreement_lines(agreed):
        typer.echo(line)
