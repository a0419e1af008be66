"""Many sessions: listed in a CSV, or found in a folder by the names of their files."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from myocohort.errors import InputError, Problem
from myocohort.mri.job import Job, series_of
from myocohort.mri.regions import Side

SCANS = ("t1", "stir", "dixon_fat", "dixon_water", "labels")
COLUMNS = ("patient", "date", *SCANS, "echoes", "echo_times_ms", "field_t", "label_map", "side",
           "muscle_reference", "status", "study")  # fmt: skip
"""Columns of a list; `echoes`, `echo_times_ms` hold several parts with ; between them. Paths are
counted from the list's own folder."""
ENDINGS = (".nii.gz", ".nii", "")
"""Of a scan's file in a folder; without an ending it is a folder of DICOM."""


def jobs_of(source: Path, *, label_map: str, scale: str, oedema_scale: str) -> dict[str, Job]:
    """Return what is to be measured, by the folder that its result goes into.

    Parameters
    ----------
    source
        A CSV with some of `COLUMNS`, or a folder with a folder PATIENT/DATE (or PATIENT) for each
        session, in which files or DICOM folders are called t1, stir, dixon_fat, dixon_water,
        labels, and echo1, echo2 ... (magnitudes and phases).
    label_map
        For rows that name none.
    scale, oedema_scale
        For all.

    Raises
    ------
    InputError
        With all problems of all rows.
    """
    problems: list[Problem] = []
    rows = _found(source, problems) if source.is_dir() else _listed(source, problems)
    jobs: dict[str, Job] = {}
    for place, row in rows:
        name = "_".join(part for part in (row.get("patient", ""), row.get("date", "")) if part)
        name = name or Path(row.get("t1") or row.get("labels") or f"session-{place.row}").stem
        before = len(problems)
        job = _job(row, place, label_map, scale, oedema_scale, problems)
        if any(sign in name for sign in "/\\:") or name.startswith("."):
            _add(problems, place, "patient and date make the name of a folder", name, "patient")
        elif name in jobs:
            _add(problems, place, "patient and date name a session, each once", name, "patient")
        if job is not None and len(problems) == before:
            jobs[name] = job
    if not rows and not problems:
        step = "See docs/mri.md, Many patients"
        problems.append(Problem("a list or folder has a session", file=str(source), next_step=step))
    if problems:
        raise InputError(problems)
    return jobs


def _listed(path: Path, problems: list[Problem]) -> list[tuple[Problem, dict[str, str]]]:
    """Return the rows of a list; each with its place."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            heads = [head.strip() for head in reader.fieldnames or ()]
            raw = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as reason:
        step = "Give a CSV in UTF-8, or a folder of sessions"
        problems.append(Problem("a list can be read", str(reason), step, file=str(path)))
        return []
    for head in heads:
        if head not in COLUMNS:
            rule = f"columns of a list are {', '.join(COLUMNS)}"
            problems.append(Problem(rule, file=path.name, row=1, column=head, value=head))
    rows = []
    for number, one in enumerate(raw, start=2):
        row = {str(key).strip(): (value or "").strip() for key, value in one.items()
               if key is not None and not isinstance(value, list)}  # fmt: skip
        for name in (*SCANS, "label_map"):
            if row.get(name) and series_of(path.parent / row[name])[0].exists():
                row[name] = str(path.parent / row[name])
        parts = [part.strip() for part in row.get("echoes", "").split(";") if part.strip()]
        row["echoes"] = ";".join(str(path.parent / part) for part in parts)
        if any(row.values()):
            rows.append((Problem("", file=path.name, row=number), row))
    return rows


def _found(folder: Path, problems: list[Problem]) -> list[tuple[Problem, dict[str, str]]]:
    """Return the sessions of a folder: every folder below it that holds a scan or labels.

    What one of them lacks is told when it is measured, so that the others are done.
    """
    rows = []
    for inside in sorted(one for one in folder.rglob("*") if one.is_dir()):
        row = {name: str(file) for name in SCANS if (file := _file(inside, name)) is not None}
        echoes = sorted(one for one in inside.iterdir() if one.name.startswith("echo"))
        if not row and not echoes:
            continue
        row.setdefault("labels", str(inside / "labels.nii.gz"))
        parts = inside.relative_to(folder).parts
        row["patient"] = parts[0]
        if len(parts) > 1:
            row["date"] = parts[-1]
        row["echoes"] = ";".join(str(one) for one in echoes)
        rows.append((Problem("", file=str(inside.relative_to(folder))), row))
    if not rows:
        rule = "a folder of sessions has labels.nii.gz (or a folder labels) beside each scan"
        problems.append(Problem(rule, file=str(folder), next_step="Or give a CSV that lists them"))
    return rows


def _file(folder: Path, name: str) -> Path | None:
    for ending in ENDINGS:
        path = folder / f"{name}{ending}"
        if path.exists():
            return path
    return None


def _job(
    row: Mapping[str, str],
    place: Problem,
    label_map: str,
    scale: str,
    oedema_scale: str,
    problems: list[Problem],
) -> Job | None:
    """Return the job of a row; None where something is wrong, which is added to the problems."""
    before = len(problems)
    day = row.get("date", "")
    if day:
        try:
            if dt.date.fromisoformat(day).isoformat() != day:
                raise ValueError(day)
        except ValueError:
            _add(problems, place, "date is written as 2024-05-31", day, "date")
    side = row.get("side", "")
    if side and side not in get_args(Side):
        _add(problems, place, "side is left or right, or empty", side, "side")
    numbers: dict[str, tuple[float, ...]] = {}
    for name in ("echo_times_ms", "field_t"):
        try:
            numbers[name] = tuple(float(p) for p in row.get(name, "").split(";") if p.strip())
        except ValueError:
            _add(problems, place, f"{name} is a number", row[name], name)
    table = row.get("label_map") or label_map
    if not table:
        _add(problems, place, "a session has a label map by name (--label-map)", "", "label_map")
    if not row.get("labels"):
        _add(problems, place, "a session has labels", "", "labels")
    scans = [name for name in (*SCANS[:-1], "echoes") if row.get(name)]
    if not scans and place.row is not None:
        _add(problems, place, "a session has a scan", "", "t1")
    if len(problems) > before:
        return None
    paths: dict[str, Any] = {
        key: Path(row[name]) if row.get(name) else None
        for key, name in (("t1", "t1"), ("stir", "stir"), ("fat", "dixon_fat"),
                          ("water", "dixon_water"))
    }  # fmt: skip
    return Job(
        labels=Path(row["labels"]), label_map=table, **paths,
        echoes=tuple(Path(part) for part in row.get("echoes", "").split(";") if part),
        echo_times_ms=numbers["echo_times_ms"],
        field_t=numbers["field_t"][0] if numbers["field_t"] else None,
        side=side or None,  # type: ignore[arg-type]
        muscle_reference=row.get("muscle_reference", ""), scale=scale, oedema_scale=oedema_scale,
        patient=row.get("patient", ""), date=day, status=row.get("status", ""),
        study=row.get("study", ""),
    )  # fmt: skip


def _add(problems: list[Problem], place: Problem, rule: str, value: str, column: str) -> None:
    problems.append(Problem(rule, value=value, file=place.file, row=place.row, column=column))
