"""Slices of a stack in the order of their positions: once each, evenly, on a straight line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import Problem
from myocohort.mri.scans.frames import Frame
from myocohort.mri.scans.pixels import stored
from myocohort.mri.scans.problems import UnreadableScansError, listed, refused
from myocohort.mri.scans.spacing import SAID_UNEVEN, UNEVEN, evenness, places, runs
from myocohort.mri.scans.stacks import Stack

SIDEWAYS_MM = 0.5
"""Slices of a stack lie on one straight line within this, as `scan.SAME_PLACE_MM`."""


def ordered(stack: Stack, *, split_gaps: bool) -> list[Stack]:
    """Sort a stack by position, drop copies, tell repetitions apart, and check that it is even.

    Returns
    -------
    list of Stack
        One; several where slices were measured repeatedly (by time or acquisition), or where
        gaps split it and that was asked for.

    Raises
    ------
    ScanError
        Two pictures at one position, missing or uneven slices, two patients.
    """
    if len({frame.person for frame in stack.frames}) > 1:
        raise refused(
            stack.name, "a series is of one patient", "images of several patients share its UID",
            "Give the files of one patient.",
        )  # fmt: skip
    out = []
    for one in _once(stack):
        out += _even(one, split_gaps=split_gaps)
    return out


def _once(stack: Stack) -> list[Stack]:
    """Return stacks with one slice at each position."""
    at_place = places(stack.positions)
    frames = stack.frames
    if all(len(place) == 1 for place in at_place):
        return [replace(stack, frames=tuple(frames[place[0]] for place in at_place))]
    kept: list[list[Frame]] = []
    copies = 0
    for place in at_place:
        different = _without_copies([frames[at] for at in place], stack.name)
        copies += len(place) - len(different)
        kept.append(different)
    said = f"{copies} copies of slices were left out" if copies > 1 else (
        "1 copy of a slice was left out")  # fmt: skip
    warnings = (*stack.warnings, *((said,) if copies else ()))
    if all(len(place) == 1 for place in kept):
        return [replace(stack, frames=tuple(place[0] for place in kept), warnings=warnings)]
    return _repetitions(replace(stack, warnings=warnings), kept)


def _without_copies(frames: list[Frame], name: str) -> list[Frame]:
    """Return frames of one position whose pixels differ."""
    if len(frames) == 1:
        return frames
    out: list[Frame] = []
    seen: set[bytes] = set()
    for frame in sorted(frames, key=lambda one: (one.uid, one.label, one.index)):
        content = stored([frame], name)[0].tobytes()
        if content not in seen:
            seen.add(content)
            out.append(frame)
    return out


_TIMES: tuple[tuple[str, Callable[[Frame], float | None]], ...] = (
    ("time", lambda frame: frame.temporal),
    ("acquisition", lambda frame: frame.acquisition),
    ("trigger", lambda frame: frame.trigger_ms),
)


def _repetitions(stack: Stack, at_place: list[list[Frame]]) -> list[Stack]:
    """Split by what numbers repetitions, where that leaves each position once in each."""
    frames = [frame for place in at_place for frame in place]
    for word, number in _TIMES:
        values = sorted({value for frame in frames if (value := number(frame)) is not None})
        if len(values) < 2 or any(number(frame) is None for frame in frames):
            continue
        parts = [tuple(frame for frame in frames if number(frame) == value) for value in values]
        if all(len(part) == len(at_place) for part in parts) and all(
            len({number(frame) for frame in place}) == len(place) for place in at_place
        ):
            said = f"measured {len(values)} times: this is {word}"
            return [
                Stack(f"{stack.name}, {word} {value:g}", part,
                      (*stack.warnings, f"{said} {value:g}"))
                for value, part in zip(values, parts, strict=True)
            ]  # fmt: skip
    twice = [place for place in at_place if len(place) > 1]
    where = [f"{place[0].position @ place[0].normal:.2f} mm" for place in twice]
    files = sorted({frame.label for frame in twice[0]})
    raise refused(
        stack.name,
        "each position has one picture, or a number tells repetitions apart",
        f"different pictures at {listed(where)} along the normal ({listed(files)})",
        "Give the files of one measurement as a list.",
    )


def _even(stack: Stack, *, split_gaps: bool) -> list[Stack]:
    """Check that slices lie evenly on a straight line; split at gaps where that is wanted."""
    if len(stack.frames) < 2:
        return [stack]
    positions = stack.positions
    even = evenness(positions)
    if even.breaks:
        if not split_gaps:
            raise UnreadableScansError([_broken(stack, even.missing, positions)])
        parts = runs(len(positions), even.breaks)
        said = f"{len(even.missing)} slices are missing; this is an unbroken part"
        return [
            replace(stack, name=f"{stack.name}, part {k}", frames=stack.frames[start:end],
                    warnings=(*stack.warnings, said))
            for k, (start, end) in enumerate(parts, 1)
        ]  # fmt: skip
    said_here = list(stack.warnings)
    if even.worst >= UNEVEN:
        raise UnreadableScansError([_broken(stack, (), positions)])
    if even.worst > SAID_UNEVEN:
        said_here.append(
            f"slices are up to {100 * even.worst:.0f}% of their distance off an even grid"
        )
    said_here += _against_header(stack, even.step)
    _straight(stack)
    return [replace(stack, warnings=tuple(said_here))]


def _broken(stack: Stack, missing: tuple[float, ...], positions: NDArray[np.float64]) -> Problem:
    distances = np.diff(positions)
    value = f"distances from {distances.min():.2f} to {distances.max():.2f} mm"
    if missing:
        value += f"; missing at {listed([f'{at:.2f} mm' for at in missing])} along the normal"
    return Problem(
        rule="slices lie evenly, within a tenth of their distance", value=value, file=stack.name,
        next_step="Export the missing slices; or read each unbroken part as a scan of its own "
        "(split_gaps, --split-gaps), or give the files of one part as a list.",
    )  # fmt: skip


def _against_header(stack: Stack, step: float) -> list[str]:
    """Compare the measured distance with the one that the header tells."""
    told = stack.frames[0].between
    thick = stack.frames[0].thickness
    if not told or abs(abs(told) - step) <= 0.1 * step:
        return []
    if thick and abs(abs(told) + thick - step) <= 0.02 * step:
        return []  # some scanners write the gap there
    many = step / abs(told)
    more = ""
    if many > 1.5 and abs(many - round(many)) < 0.1:
        more = f": only one slice in {round(many)} may be here"
    return [f"slices are {step:.2f} mm apart, the header says {abs(told):.2f} mm{more}"]


def _straight(stack: Stack) -> None:
    """Refuse slices that do not lie on one straight line."""
    at = np.array([frame.position for frame in stack.frames])
    share = np.linspace(0, 1, len(at))[:, None]
    normal = stack.frames[0].normal
    off = at - (at[0] + share * (at[-1] - at[0]))
    sideways = np.linalg.norm(off - np.outer(off @ normal, normal), axis=1)
    if sideways.max() > SIDEWAYS_MM:
        raise refused(
            stack.name, f"slices lie on a straight line within {SIDEWAYS_MM:g} mm",
            f"slice {int(np.argmax(sideways)) + 1} is {sideways.max():.1f} mm beside it",
            "Give the files of one stack as a list.",
        )  # fmt: skip
