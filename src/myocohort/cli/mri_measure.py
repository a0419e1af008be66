"""Commands that measure scans: one session, or a folder or a list of many."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json, steps, steps_as_told

if TYPE_CHECKING:
    from myocohort.mri.job import Job
    from myocohort.mri.measure import Measured

FAT_SCALES = (
    "Scale of the grade of fat: modified-mercuri, mercuri-wattjes, mercuri-leung, fischer, "
    "goutallier or lamminen."
)
OEDEMA_SCALES = "Scale of the grade of oedema: oedema-0-5 or oedema-0-3."
CONTROLS = "measure.json of a healthy control; repeat it."
STEPS = 8
"""About as many steps as a session with T1 and STIR has."""


def measure(
    labels: Annotated[Path, typer.Option(help="Label map of the muscles: NIfTI or DICOM.")],
    label_map: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="What its numbers mean: musclemap, totalsegmentator-mr, totalsegmentator-thigh, "
            "totalsegmentator, thighsegai, thigh11, or a CSV with label, muscle, side.",
        ),
    ],
    more: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[ECHO]...", help="Further echoes after --dixon-echoes."),
    ] = None,
    t1: Annotated[
        Path | None,
        typer.Option(
            "--t1",
            help="T1: a NIfTI, a DICOM file or folder; FOLDER#4 is series 4 of several in it.",
        ),
    ] = None,
    stir: Annotated[Path | None, typer.Option(help="STIR, given like T1.")] = None,
    dixon: Annotated[
        tuple[Path, Path] | None, typer.Option(metavar="FAT WATER", help="Two-point Dixon.")
    ] = None,
    dixon_echoes: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="ECHO...",
            help="Echoes of a Dixon: magnitudes, and their phases where there are any.",
        ),
    ] = None,
    echo_times: Annotated[
        str,
        typer.Option(metavar="MS,MS,...", help="Of the magnitudes, where the files lack them."),
    ] = "",
    field: Annotated[
        float | None, typer.Option(metavar="TESLA", help="Where the files lack it.")
    ] = None,
    side: Annotated[
        str, typer.Option(metavar="left|right", help="Of a scan that shows one leg only.")
    ] = "",
    muscle_reference: Annotated[
        str,
        typer.Option(
            metavar="RATIO[:SD]|FILE,...",
            help="T1 signal of muscle without fat over subcutaneous fat, where no muscle is "
            "spared: a number, or measure.json of the patient's other scans or of controls.",
        ),
    ] = "",
    stir_controls: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help=CONTROLS),
    ] = None,
    scale: Annotated[str, typer.Option(help=FAT_SCALES)] = "modified-mercuri",
    oedema_scale: Annotated[str, typer.Option(help=OEDEMA_SCALES)] = "oedema-0-5",
    calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of `myocohort mri calibrate`.")
    ] = None,
    patient: Annotated[str, typer.Option(help="Code of the patient, kept in the result.")] = "",
    date: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Day of the scan, where the file lacks it.")
    ] = "",
    status: Annotated[
        str, typer.Option(help="Of a control: healthy, or its disease; kept in the result.")
    ] = "",
    study: Annotated[str, typer.Option(help="Study of the control.")] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep measure.json, and pictures as PNG and SVG."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure fat and oedema of every muscle on both sides, and propose grades."""
    from myocohort.mri.job import Job, measure_job

    if more and not dixon_echoes:
        raise typer.BadParameter(f"{str(more[0])!r} belongs to no option; echoes follow "
                                 "--dixon-echoes")  # fmt: skip
    if not (t1 or stir or dixon or dixon_echoes):
        raise typer.BadParameter("name a scan: --t1, --stir, --dixon or --dixon-echoes")
    if dixon and dixon_echoes:
        raise typer.BadParameter("--dixon and --dixon-echoes are two ways to give one Dixon")
    job = Job(
        labels=labels, label_map=label_map, t1=t1, stir=stir,
        fat=dixon[0] if dixon else None, water=dixon[1] if dixon else None,
        echoes=(*(dixon_echoes or ()), *(more or ())), echo_times_ms=_times(echo_times),
        field_t=field, side=_side(side), muscle_reference=muscle_reference,
        stir_controls=tuple(stir_controls or ()), scale=_scale(scale, "fat", "--scale"),
        oedema_scale=_scale(oedema_scale, "oedema", "--oedema-scale"), calibration=calibration,
        patient=patient, date=_day(date), status=status, study=study,
    )  # fmt: skip
    if out is not None:
        _require_writable(out)
    with steps(STEPS) as tell:
        measured = measure_job(job, tell)
        if out is not None:
            tell("drawing pictures")
            keep(measured, out)
    if as_json:
        print_json(measured.content)
        return
    _print(measured.content)
    if out is not None:
        typer.echo(f"\nKept: {out}")


def measure_all(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="LIST|FOLDER",
            help="A CSV with a row a session (patient, date, t1, stir, dixon_fat, dixon_water, "
            "echoes, labels ...), or a folder PATIENT/DATE with files t1, stir, labels ...",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="A folder a session there.")
    ],
    label_map: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="As of measure; a row may name another.")
    ] = "",
    workers: Annotated[int, typer.Option(min=1, help="Local processes.")] = 1,
    stir_controls: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help=f"For all: {CONTROLS}")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For all: of `myocohort mri calibrate`.")
    ] = None,
    scale: Annotated[str, typer.Option(help=FAT_SCALES)] = "modified-mercuri",
    oedema_scale: Annotated[str, typer.Option(help=OEDEMA_SCALES)] = "oedema-0-5",
    as_json: AsJson = False,
) -> None:
    """Measure many sessions; those that are done and unchanged are not measured again."""
    from dataclasses import replace
    from functools import partial

    from myocohort.cli.mri_measure import measure_one  # by its full name, for other processes
    from myocohort.mri.job_list import jobs_of
    from myocohort.parallel import map_chunks

    jobs = jobs_of(
        source, label_map=label_map, scale=_scale(scale, "fat", "--scale"),
        oedema_scale=_scale(oedema_scale, "oedema", "--oedema-scale"),
    )  # fmt: skip
    controls = tuple(stir_controls or ())
    jobs = {
        name: replace(job, stir_controls=controls, calibration=calibration)
        for name, job in jobs.items()
    }
    _require_writable(out)
    with steps_as_told() as tell:
        done = map_chunks(
            partial(measure_one, out), list(jobs.items()), workers=workers,
            progress=lambda step, total: tell(step, total, f"{step} of {total} sessions"),
        )  # fmt: skip
    failed = [one for one in done if one["error"]]
    if as_json:
        print_json({"sessions": done})
    else:
        for one in done:
            typer.echo(f"{one['session']}: {one['error'] or one['state']}")
        typer.echo(f"{len(done) - len(failed)} of {len(done)} sessions measured: {out}")
    if failed:
        raise typer.Exit(1)


def measure_one(out: Path, named: tuple[str, Job]) -> dict[str, Any]:
    """Measure one session of many into its folder; what is wrong with it is told, not raised."""
    from myocohort.errors import MyocohortError
    from myocohort.mri.job import measure_job

    name, job = named
    folder = out / name
    told: dict[str, Any] = {"session": name, "state": "measured", "error": ""}
    try:
        if _is_done(folder, job):
            told["state"] = "done before"
        else:
            keep(measure_job(job), folder)
    except MyocohortError as error:
        told |= {"state": "failed", "error": str(error)}
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        told |= {"state": "failed", "error": f"{place}{error.strerror or error}"}
    return told


def _require_writable(out: Path) -> None:
    """Refuse a folder that nothing can be written to, before anything is measured."""
    from myocohort.errors import InputError, Problem

    place = out
    while not place.exists():
        place = place.parent
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return
    found = f"no right to write in {place}" if place.is_dir() else f"{place} is no folder"
    rule = "results can be written to --out"
    step = "Choose another folder"
    raise InputError([Problem(rule, value=found, file=str(out), next_step=step)])


def _is_done(folder: Path, job: Job) -> bool:
    """Whether the folder holds the result of the same files, measured in the same way."""
    try:
        content = json.loads((folder / "measure.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("fingerprint") == job.fingerprint()


def keep(measured: Measured, folder: Path) -> None:
    """Write pictures, what they are drawn from, and last measure.json: it marks the rest whole."""
    from myocohort.report.files import write_whole
    from myocohort.report.mri.kept import VIEWS, write_views
    from myocohort.report.mri.pictures import session_pictures, write_pictures

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "measure.json").unlink(missing_ok=True)  # an earlier one is not of these pictures
    write_views(measured.views, measured.of, folder / VIEWS)
    write_pictures(session_pictures(measured.content, measured.views, measured.of), folder)
    text = json.dumps(measured.content, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(folder / "measure.json", text.encode())


def _print(content: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from myocohort.report.mri.words import grade_text, percent_text
    from myocohort.study.standard import MUSCLES

    table = Table(box=None, pad_edge=False)
    heads = ("muscle", "side", "fat fraction %", "95% interval", "share > 1/2 %", "ml", "grade",
             "STIR+ %", "oedema")  # fmt: skip
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < 2 else "right", no_wrap=True)
    for row in content["muscles"]:
        low, high = row["fat_fraction_low"], row["fat_fraction_high"]
        table.add_row(
            row["name"], row["side"], percent_text(row["fat_fraction"]),
            f"{percent_text(low)}\u2013{percent_text(high)}" if low is not None else "",
            percent_text(row["fat_share"]),
            "" if row["volume_ml"] is None else f"{row['volume_ml']:.0f}",
            grade_text(row["grade"]), percent_text(row["stir_positive_share"]),
            grade_text(row["oedema_grade"]),
        )  # fmt: skip
    Console(width=110).print(table)
    for name, reference in content["references"].items():
        typer.echo(f"\n{name}: {reference['method']}")
    if content["absent"]:
        typer.echo(f"What this kind of label map cannot give: {', '.join(content['absent'])}")
    there = {(row["name"], row["side"]) for row in content["muscles"]}
    without = [f"{side} {name}" for name in MUSCLES if name not in content["absent"]
               for side in ("left", "right") if (name, side) not in there]  # fmt: skip
    if without:
        typer.echo(f"Not measured, no voxels in the label map: {', '.join(without)}")
    bases: dict[str, dict[str, None]] = {}
    for row in content["muscles"]:
        for key in ("grade", "oedema_grade"):
            if row[key]:
                bases.setdefault(row[key]["scale"], {})[row[key]["basis"]] = None
    for scale, found in bases.items():
        rests = " or ".join(found)
        typer.echo(f"Grades of {scale} are proposals until a reader accepts them ({rests}).")
    told = list(content["warnings"])
    told += [
        f"{row['name']}, {row['side']}: {warning}"
        for row in content["muscles"]
        for warning in row["warnings"]
    ]
    for warning in told:
        typer.echo(f"warning: {warning}", err=True)


def _times(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise typer.BadParameter(
            f"echo times are numbers in ms, as 3.45,4.60,5.75; found {text!r}",
            param_hint="--echo-times",
        ) from None


def _side(text: str) -> Any:
    if text not in ("", "left", "right"):
        raise typer.BadParameter(f"is left or right; found {text!r}", param_hint="--side")
    return text or None


def _day(text: str) -> str:
    from datetime import date

    if text:
        try:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError:
            raise typer.BadParameter(
                f"is a day as 2024-05-31; found {text!r}", param_hint="--date"
            ) from None
    return text


def _scale(name: str, measures: str, option: str) -> str:
    from myocohort.mri.scales import SCALES

    known = [one for one, scale in SCALES.items() if scale.measures == measures]
    if name not in known:
        raise typer.BadParameter(f"is one of {', '.join(known)}; found {name!r}", param_hint=option)
    return name
