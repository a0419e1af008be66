"""The command `mri inspect`: which scans a folder holds, and what is wrong with the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json, steps_as_told

if TYPE_CHECKING:
    from myocohort.mri.scan import Scan
    from myocohort.mri.scans import Survey


def inspect(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="A folder, DICOM files, or NIfTI files."),
    ],
    split_gaps: Annotated[
        bool,
        typer.Option(
            "--split-gaps", help="Take each unbroken part of a stack with missing slices."
        ),
    ] = False,
    impression: Annotated[
        bool,
        typer.Option(
            "--impression",
            help="Say of single gradient echoes whether muscle looks heavily replaced.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List scans with sequence, grid, coverage and warnings; exit code 1 where any has problems."""
    from myocohort.mri.scans import survey

    with steps_as_told() as progress:
        found = survey(paths, split_gaps=split_gaps, progress=progress)
    seen = _impressions(found) if impression else {}
    if as_json:
        content = as_plain(found)
        for one in content["scans"]:
            if impression:
                one["impression"] = seen.get(one["name"])
        print_json(content)
    else:
        _print(found, seen)
    if found.problems or not found.scans:
        raise typer.Exit(1)


def _impressions(found: Survey) -> dict[str, str]:
    """Return what one echo alone lets say, by the name of the scan; or why it says nothing."""
    from myocohort.mri.body import find_body
    from myocohort.mri.dixon import replaced_share_one_echo
    from myocohort.mri.scan import ScanError

    said = {}
    for scan in found.scans:
        if scan.sequence.kind in ("dixon-echo", "dixon-out") and scan.quantity == "magnitude":
            try:
                said[scan.name] = replaced_share_one_echo(scan, find_body(scan)).says
            except ScanError as error:
                said[scan.name] = str(error)
    return said


def as_plain(found: Survey) -> dict[str, Any]:
    """Return a survey in plain types."""
    return {
        "scans": [_scan(one) for one in found.scans],
        "problems": [one.as_dict() for one in found.problems],
        "skipped": [{"file": one.name, "why": one.why} for one in found.skipped],
    }


def _scan(scan: Scan) -> dict[str, Any]:
    return {
        "name": scan.name,
        "sequence": {
            "kind": scan.sequence.kind,
            "confidence": scan.sequence.confidence,
            "because": scan.sequence.because,
        },
        "quantity": scan.quantity,
        "shape": list(scan.geometry.shape),
        "coverage": scan.coverage(),
        "axial": scan.axial,
        "slice_gap_mm": scan.slice_gap_mm,
        "echo_ms": scan.echo_ms,
        "repetition_ms": scan.repetition_ms,
        "inversion_ms": scan.inversion_ms,
        "field_t": scan.field_t,
        "date": None if scan.date is None else scan.date.isoformat(),
        "vendor": scan.vendor,
        "warnings": list(scan.warnings),
    }


def _print(found: Survey, impressions: dict[str, str]) -> None:
    """Print a table of the scans, then what is to be known of each, then the other files."""
    if found.scans:
        _print_table(found)
    for scan in found.scans:
        typer.echo(f"\n{scan.name}: {scan.sequence.because}")
        for text in scan.warnings:
            typer.echo(f"  warning: {text}")
        if scan.name in impressions:
            typer.echo(f"  {impressions[scan.name]}")
    if not found.scans:
        typer.echo("No scan that can be read.")
    if found.skipped:
        typer.echo(f"\nNot looked at ({len(found.skipped)} files):")
        for why, names in _by_reason(found).items():
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            typer.echo(f"  {', '.join(names[:3])}{more}: {why}")
    for problem in found.problems:
        typer.echo(f"error: {problem}", err=True)
    if found.problems:
        count = len(found.problems)
        typer.echo(f"{count} problem{'s' if count > 1 else ''}.", err=True)


def _by_reason(found: Survey) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for one in found.skipped:
        out.setdefault(one.why, []).append(one.name)
    return out


def _print_table(found: Survey) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("scan", "sequence", "voxels", "spacing mm", "from-to mm", "echo ms", "date"):
        table.add_column(title)
    for scan in found.scans:
        covered = scan.coverage()
        kind: str = scan.sequence.kind
        if scan.sequence.confidence == "likely":
            kind += "?"
        if scan.quantity == "phase":
            kind += " phase"
        cells = (
            scan.name,
            kind,
            " x ".join(map(str, scan.geometry.shape)),
            " x ".join(f"{one:.3g}" for one in scan.geometry.spacing),
            f"{covered['from_mm']:.0f} to {covered['to_mm']:.0f}",
            "" if scan.echo_ms is None else f"{scan.echo_ms:.3g}",
            "" if scan.date is None else scan.date.isoformat(),
        )
        table.add_row(*(Text(cell) for cell in cells))
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)
