"""The command `myocohort mri calibrate`: bands of a scale from a study's own readings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from myocohort.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from myocohort.mri.calibrated_bands import Calibration, KappaFound
    from myocohort.mri.measurement import Measurement


def calibrate(
    readings: Annotated[
        Path,
        typer.Argument(
            metavar="READINGS",
            help="CSV or XLSX: patient, muscle, side, reader, grade, fat_fraction; date or month.",
        ),
    ],
    measures: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MEASURE]...",
            help="measure.json of the same scans, where the readings have no fat_fraction.",
        ),
    ] = None,
    scale: Annotated[str, typer.Option(help="Scale of the readings.")] = "modified-mercuri",
    study: Annotated[
        str, typer.Option(help="What proposals call the readings; the file's name by default.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the calibration here, as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find where a study's readers pass from grade to grade, and how well that holds."""
    import hashlib

    from myocohort.analysis.data_files.dataset import read_dataset
    from myocohort.mri.calibration import calibrate as fitted
    from myocohort.mri.calibration_table import read_muscles
    from myocohort.mri.scales import SCALES
    from myocohort.report.files import write_whole

    fats = [name for name, one in SCALES.items() if one.measures == "fat"]
    if scale not in fats:
        raise typer.BadParameter(f"{scale!r} is not one of {', '.join(fats)}", param_hint="--scale")
    data = read_dataset(readings)
    measurements = _measurements(measures or [])
    table = read_muscles(data.header, data.rows, scale, data.file, measurements)
    digest = hashlib.sha256()
    for path in (readings, *sorted(measures or [])):
        digest.update(path.read_bytes())
    found = fitted(
        table.readings, scale, study=study or readings.stem, input_sha256=digest.hexdigest()
    )
    if out is not None:
        write_whole(out, found.to_json().encode())
    if as_json:
        print_json({**found.as_dict(), "left_out": dict(table.left_out)})
        return
    for reason, count in table.left_out.items():
        typer.echo(f"{count} row{'s' * (count != 1)} left out: {reason}", err=True)
    for line in _lines(found):
        typer.echo(line)
    if out is not None:
        typer.echo(f"Written: {out}")


def _measurements(paths: list[Path]) -> list[Measurement]:
    """Read measurements; every problem of every file is reported at once."""
    from myocohort.analysis.mri.compare_files import read_measurement_file
    from myocohort.errors import InputError

    found, problems = [], []
    for path in paths:
        try:
            found.append(read_measurement_file(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _lines(found: Calibration) -> list[str]:
    """Return the calibration as lines of text for the terminal."""
    lines = [
        f"{found.study}: {found.readings} readings of {found.units} muscle-sides in "
        f"{found.patients} patients by {len(found.readers)} "
        f"reader{'s' * (len(found.readers) != 1)}; {found.scale}",
        "",
        "grade  fat fraction",
    ]
    lines += [f"{band.grade:>5}  {band.low:.3f} to {band.high:.3f}" for band in found.bands]
    if len(found.terms) > 1:
        lines.append(f"with {', '.join(found.terms[1:])} at their mean")
    lines += [
        "",
        f"Weighted kappa with the readers ({found.folds}):",
        f"  calibrated bands  {_kappa(found.cross_validated)}",
        f"  the scale's bands {_kappa(found.literal)}",
    ]
    if found.between_readers is not None:
        lines.append(f"  between readers   {_kappa(found.between_readers)}")
    return [*lines, *(f"Note: {warning}" for warning in found.warnings)]


def _kappa(found: KappaFound) -> str:
    if found.estimate is None:
        return f"none: {found.reason}"
    if found.low is None or found.high is None:
        return f"{found.estimate:.2f} (no interval: {found.reason})"
    return f"{found.estimate:.2f} ({found.low:.2f} to {found.high:.2f}), n = {found.n}"
