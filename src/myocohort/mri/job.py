"""Files of one session: read, measured, and told apart by their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from myocohort import __version__
from myocohort.errors import InputError, Problem
from myocohort.mri.calibration import read_calibration
from myocohort.mri.label_maps import LABEL_MAPS, LabelTable
from myocohort.mri.labels import read_label_table
from myocohort.mri.measure import Measured, Tell, measure
from myocohort.mri.measurement import VERSION
from myocohort.mri.references import muscle_reference_of, stir_limit_of
from myocohort.mri.regions import Side
from myocohort.mri.scan import Kind, Scan, ScanError
from myocohort.mri.scans import read_echoes, read_labels, read_scan
from myocohort.mri.scans.sidecar import sidecar_of
from myocohort.mri.session import Choices, Session


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be measured, by files.

    Parameters
    ----------
    labels, label_map
        Label map, and the name of its table in `LABEL_MAPS` or a table's file.
    t1, stir, fat, water, echoes
        Scans: files, or folders of DICOM; of t1, stir, fat and water one series of a folder too,
        written as folder#4 (`series_of`).
    echo_times_ms, field_t
        Where the echoes' files do not tell them.
    side
        "left" or "right" of a scan of one leg; else empty.
    muscle_reference
        A ratio, or files of measurements; empty for none.
    stir_controls
        Measurements of healthy controls.
    scale, oedema_scale, calibration
        As in `Choices`; `calibration` is a file.
    patient, date
        Code and day (ISO) that the result is kept under; empty where not given.
    status, study
        Of a control: "healthy" or its disease, and the study that it belongs to; empty where
        not given. Only healthy controls may make a limit of STIR.
    """

    labels: Path
    label_map: str
    t1: Path | None = None
    stir: Path | None = None
    fat: Path | None = None
    water: Path | None = None
    echoes: tuple[Path, ...] = ()
    echo_times_ms: tuple[float, ...] = ()
    field_t: float | None = None
    side: Side | None = None
    muscle_reference: str = ""
    stir_controls: tuple[Path, ...] = ()
    scale: str = "modified-mercuri"
    oedema_scale: str = "oedema-0-5"
    calibration: Path | None = None
    patient: str = ""
    date: str = ""
    status: str = ""
    study: str = ""

    def files(self) -> Iterator[Path]:
        """Yield every file and folder that it reads."""
        for _, path in self._uses():
            yield path

    def fingerprint(self) -> str:
        """Return a hash of all it reads and how it measures: the same for the same result.

        Names of files and their places are not part of it; what each is read as is.
        """
        told = hashlib.sha256()
        for use, path in self._uses():
            told.update(use.encode())
            for file in sorted(path.rglob("*")) if path.is_dir() else [path, sidecar_of(path)]:
                if file.is_file():
                    with file.open("rb") as stream:
                        told.update(hashlib.file_digest(stream, "sha256").digest())
        used = {use.partition("#")[0] for use, _ in self._uses()}
        options = [
            (one.name, repr(getattr(self, one.name)))
            for one in fields(self)
            if one.name not in used
        ]
        told.update(json.dumps([VERSION, __version__, options]).encode())
        return told.hexdigest()

    def _uses(self) -> Iterator[tuple[str, Path]]:
        """Yield the field that names a file or a folder, with its series if any, and the path."""
        yield "labels", self.labels
        for use in ("t1", "stir", "fat", "water"):
            path = getattr(self, use)
            if path is not None:
                whole, series = series_of(path)
                yield (use if series is None else f"{use}#{series}"), whole
        for use in ("echoes", "stir_controls"):
            for path in getattr(self, use):
                yield use, path
        if self.calibration is not None:
            yield "calibration", self.calibration
        if self.label_map not in LABEL_MAPS:
            yield "label_map", Path(self.label_map)
        for part in self.muscle_reference.split(","):
            if part.strip() and not _is_number(part.partition(":")[0]):
                yield "muscle_reference", Path(part.strip())


def measure_job(job: Job, tell: Tell = lambda step: None) -> Measured:
    """Read a session's files and measure it.

    Raises
    ------
    InputError
        With all files that are missing.
    ScanError
        As `mri.measure.measure` says.
    """
    _require_files(job)
    choices = Choices(
        scale=job.scale,
        oedema_scale=job.oedema_scale,
        side=job.side,
        muscle_reference=muscle_reference_of(job.muscle_reference),
        controls=stir_limit_of(job.stir_controls),
        calibration=read_calibration(job.calibration) if job.calibration else None,
    )
    tell("reading scans")
    session = Session(
        labels=read_labels(job.labels),
        table=label_table(job.label_map),
        t1=_scan(job.t1, "t1"),
        stir=_scan(job.stir, "stir"),
        fat=_scan(job.fat, "dixon-fat"),
        water=_scan(job.water, "dixon-water"),
        echoes=read_echoes(job.echoes, job.echo_times_ms, job.field_t) if job.echoes else (),
    )
    measured = measure(session, choices, tell)
    about: dict[str, Any] = {"patient": job.patient or None, "fingerprint": job.fingerprint()}
    measured.content.update(about)
    if job.status:
        measured.content["control"] = {"status": job.status, "study": job.study}
    if job.date:
        _date(measured.content, job.date)
    return measured


def series_of(path: Path) -> tuple[Path, str | None]:
    """Return a file or folder, and which of its series: "visit#4" is series 4 of "visit".

    A name that is there as it stands is that file or folder, # or not.
    """
    whole, mark, series = str(path).rpartition("#")
    if not mark or path.exists():
        return path, None
    return Path(whole), series.strip()


def _scan(path: Path | None, kind: Kind) -> Scan | None:
    if path is None:
        return None
    whole, series = series_of(path)
    return read_scan(whole, kind=kind, series=series)


def label_table(name: str) -> LabelTable:
    """Return a table of `LABEL_MAPS`, or the one in a file."""
    if name in LABEL_MAPS:
        return LABEL_MAPS[name]
    if not Path(name).is_file():
        known = ", ".join(LABEL_MAPS)
        step = f"Give one of {known}, or a CSV with label, muscle, side"
        raise InputError(
            [Problem(rule="a label map is a known name or a file", value=name, next_step=step)]
        )
    return read_label_table(Path(name))


def _require_files(job: Job) -> None:
    missing = [
        Problem(rule="the file is there", file=str(path), next_step="Check its name and folder")
        for path in job.files()
        if not path.exists() and str(path) != job.label_map
    ]
    if missing:
        raise InputError(missing)


def _date(content: dict[str, Any], day: str) -> None:
    """Put the day that the user gave; another one in the file is an error, not a choice."""
    told = content["scan"]["date"]
    if told is not None and told != day:
        raise ScanError(
            f"{content['scan']['name']}: --date is {day}, but the scan's file says {told}. "
            "Leave --date out, or check which scan this is"
        )
    content["scan"]["date"] = day


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
