"""Echoes of a Dixon put together from files: magnitudes, phases, echo times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from myocohort.mri.dixon.echoes import Echo
from myocohort.mri.scan import Scan
from myocohort.mri.scans.nifti import is_nifti, read_nifti
from myocohort.mri.scans.problems import listed, refused
from myocohort.mri.scans.survey import read_scans
from myocohort.mri.scans.values import is_like_phase

SAME_TIME_MS = 0.02
"""A magnitude and a phase are of one echo within this; headers round to 0.01 ms."""

SAME_FIELD_T = 0.1
"""Field strengths within this are the same magnet: 1.494 is called 1.5 T."""


def read_echoes(
    paths: Sequence[str | Path], times_ms: Sequence[float] = (), field_t: float | None = None
) -> tuple[Echo, ...]:
    """Read the echoes of a Dixon from files and folders, in any order.

    Parameters
    ----------
    paths
        NIfTI files, or DICOM files and folders that may hold several echoes, magnitude and
        phase.
    times_ms
        Echo times of the magnitudes in the order of the files, where they do not tell them.
    field_t
        Field strength, where the files do not tell it.

    Returns
    -------
    tuple of Echo
        By echo time. A NIfTI that neither sidecar nor name calls a phase is taken for one where
        its numbers spread over one turn as only phases do; a warning says so.

    Raises
    ------
    ScanError
        Where files cannot be read, echo times or the field are not known or contradict what is
        given, or phases do not go with the magnitudes.
    """
    scans = [one for path in paths for one in _scans(Path(path))]
    magnitudes = [one for one in scans if one.quantity == "magnitude"]
    phases = [one for one in scans if one.quantity == "phase"]
    if not magnitudes:
        raise refused(_names(scans), "an echo has a magnitude", "phases only",
                      "Give the magnitudes as well.")  # fmt: skip
    magnitudes = _timed(magnitudes, tuple(times_ms))
    phases = _matched(phases, magnitudes)
    field = _field(scans, field_t)
    pairs: list[Scan | None] = [*phases] if phases else [None] * len(magnitudes)
    echoes = [
        Echo(one, phase, one.echo_ms or 0.0, field)
        for one, phase in zip(magnitudes, pairs, strict=True)
    ]
    return tuple(sorted(echoes, key=lambda one: one.echo_ms))


def _scans(path: Path) -> list[Scan]:
    """Return the scans of a path; a NIfTI whose numbers are those of a phase as a phase."""
    if not (path.is_file() and is_nifti(path)):
        return read_scans(path)
    scan = read_scans(path)[0]
    if scan.quantity == "magnitude" and is_like_phase(scan.voxels):
        scan = read_nifti(path, phase=True)
        said = "taken for a phase, because its numbers spread over one turn"
        scan = replace(scan, warnings=(*scan.warnings, said))
    return [scan]


def _names(scans: Sequence[Scan]) -> str:
    return listed([one.name for one in scans])


def _timed(magnitudes: list[Scan], given: tuple[float, ...]) -> list[Scan]:
    """Return the magnitudes with their echo times."""
    if given and len(given) != len(magnitudes):
        raise refused(
            _names(magnitudes), "there is an echo time for each magnitude",
            f"{len(given)} times for {len(magnitudes)} magnitudes",
            "Give them in the order of the files, phases left out.",
        )  # fmt: skip
    unknown = [one.name for one in magnitudes if one.echo_ms is None]
    if unknown and not given:
        raise refused(
            listed(unknown), "the echo time is known", "the file does not tell it",
            "Give the echo times in ms, in the order of the files.",
        )  # fmt: skip
    told = tuple(one.echo_ms or 0.0 for one in magnitudes)
    pairs = list(zip(sorted(told), sorted(given), strict=True)) if given and not unknown else [
        (one.echo_ms or time, time) for one, time in zip(magnitudes, given, strict=False)
    ]  # fmt: skip
    for in_file, time in pairs:
        if abs(in_file - time) > SAME_TIME_MS:
            raise refused(
                _names(magnitudes), "echo times given are those of the files",
                f"{time:g} ms given, {in_file:g} ms in a file",
                "Leave the times out, or give them in the order of the files.",
            )  # fmt: skip
    given = given if unknown else told
    if min(given) <= 0 or len({round(time, 2) for time in given}) < len(given):
        raise refused(
            _names(magnitudes), "echo times are above 0 and differ",
            listed([f"{time:g} ms" for time in given]), "Give one scan for each echo.",
        )  # fmt: skip
    return [replace(one, echo_ms=time) for one, time in zip(magnitudes, given, strict=True)]


def _matched(phases: list[Scan], magnitudes: list[Scan]) -> list[Scan]:
    """Return the phases in the order of the magnitudes: by echo time, else by order."""
    if not phases:
        return []
    if len(phases) != len(magnitudes):
        raise refused(
            _names(phases), "each echo has a phase, or none has",
            f"{len(phases)} phases for {len(magnitudes)} magnitudes",
            "Give a phase for each magnitude, or leave all of them out.",
        )  # fmt: skip
    if all(one.echo_ms is None for one in phases):
        return phases
    out = []
    for magnitude in magnitudes:
        fits = [
            one for one in phases
            if one.echo_ms is not None
            and abs(one.echo_ms - (magnitude.echo_ms or 0.0)) <= SAME_TIME_MS
        ]  # fmt: skip
        if len(fits) != 1:
            raise refused(
                _names(phases), "each magnitude has one phase of its echo time",
                f"{len(fits)} at {magnitude.echo_ms:g} ms", "Give the files of one measurement.",
            )  # fmt: skip
        out.append(fits[0])
    return out


def _field(scans: Sequence[Scan], given: float | None) -> float:
    """Return the field strength: the files', or the one given."""
    told = [one.field_t for one in scans if one.field_t is not None]
    known = [*told, *([] if given is None else [given])]
    if not known:
        raise refused(
            _names(scans), "the field strength is known", "no file tells it",
            "Give it in tesla (1.5, 3).",
        )  # fmt: skip
    if max(known) - min(known) > SAME_FIELD_T or min(known) <= 0:
        raise refused(
            _names(scans), "all echoes are of one field strength",
            listed([f"{one:g} T" for one in sorted(set(known))]), "Correct what is given.",
        )  # fmt: skip
    return float(known[0])
