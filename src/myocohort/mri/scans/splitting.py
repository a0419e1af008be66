"""Frames of a series told apart: one sequence, one echo, one orientation, one size each."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scans.frames import Frame
from myocohort.mri.scans.sequence import part_of
from myocohort.mri.scans.stacks import Stack

SAME_DIRECTION_DEGREES = 0.1
"""Slices are parallel within this: over 400 mm it moves the rim by 0.7 mm."""

SAME_ECHO_MS = 0.02
"""Echo times of one echo agree to this; echoes of a Dixon lie 0.5 ms and more apart."""


def split(frames: list[Frame], name: str) -> list[Stack]:
    """Split one series into its stacks.

    Magnitude and phase, echoes, parts of a Dixon, stacks, sizes and orientations are told
    apart, and each stack is called after what it differs in.
    """
    keys = _keys(frames)
    together: dict[tuple[Hashable, ...], list[Frame]] = {}
    for frame, key in zip(frames, keys, strict=True):
        together.setdefault(key, []).append(frame)
    differ = [len({key[at] for key in together}) > 1 for at in range(len(_TOLD))]
    out = []
    said = _fewer_than_promised(frames)
    for key in sorted(together, key=str):
        what = [told(key[at]) for at, told in enumerate(_TOLD) if differ[at] and told(key[at])]
        out.append(Stack(", ".join([name, *what]), tuple(together[key]), said))
    return _numbered(out)


def _fewer_than_promised(frames: list[Frame]) -> tuple[str, ...]:
    """Say where the header counts more images than there are: slices at an end may be missing."""
    of_acquisition: dict[int | None, set[str]] = {}
    for frame in frames:
        of_acquisition.setdefault(frame.acquisition, set()).add(frame.uid)
    for frame in frames:
        there = len(of_acquisition[frame.acquisition])
        if frame.promised and frame.promised > there:
            return (f"the header counts {frame.promised} images, {there} are here",)
    return ()


def _keys(frames: list[Frame]) -> list[tuple[Hashable, ...]]:
    """Return what each frame is told apart by, in the order of `_TOLD`."""
    echoes = _echo_times(frames)
    directions: list[NDArray[np.float64]] = []
    out: list[tuple[Hashable, ...]] = []
    for frame in sorted(frames, key=lambda one: (one.uid, one.index)):
        _direction(frame, directions)
    for frame in frames:
        echo = echoes.get(frame.tags.echo_ms)
        rows, columns = frame.spacing
        out.append((
            frame.component,
            part_of(frame.tags.image_type),
            echo,
            frame.stack_id,
            _direction(frame, directions),
            (*frame.size, round(rows, 3), round(columns, 3)),
            frame.reference_frame,
        ))  # fmt: skip
    planes = [_plane(axes) for axes in directions]
    return [(*key[:4], (planes[int(str(key[4]))], key[4]), *key[5:]) for key in out]


def _echo_times(frames: list[Frame]) -> dict[float | None, float]:
    """Return the echo that each echo time belongs to: those that differ by rounding are one."""
    times = sorted({one.tags.echo_ms for one in frames if one.tags.echo_ms is not None})
    out: dict[float | None, float] = {}
    first = -1.0
    for time in times:
        if time - first > SAME_ECHO_MS:
            first = time
        out[time] = first
    return out


def _direction(frame: Frame, known: list[NDArray[np.float64]]) -> int:
    """Return the number of a frame's orientation among those known, adding it if it is new."""
    axes = np.stack([frame.along_row, frame.along_column])
    limit = 2 * np.sin(np.radians(SAME_DIRECTION_DEGREES) / 2)
    for at, other in enumerate(known):
        if np.linalg.norm(axes - other, axis=1).max() < limit:
            return at
    known.append(axes)
    return len(known) - 1


def _plane(axes: NDArray[np.float64]) -> str:
    normal = np.abs(np.cross(axes[0], axes[1]))
    return ("sagittal", "coronal", "axial")[int(np.argmax(normal))]


_TOLD: tuple[Callable[[Any], str], ...] = (
    lambda component: str(component),
    lambda part: "" if part == "unknown" else str(part).removeprefix("dixon-"),
    lambda echo: "no echo time" if echo is None else f"echo {echo:.2f} ms",
    lambda stack: f"stack {stack}" if stack else "no stack",
    lambda plane: plane[0],
    lambda size: f"{size[1]} x {size[0]}",
    lambda _frame_of_reference: "",
)
"""How each part of a key is told in a stack's name."""


def _numbered(stacks: list[Stack]) -> list[Stack]:
    """Return the stacks with a number to those that would bear the same name."""
    names = [stack.name for stack in stacks]
    seen: dict[str, int] = {}
    out = []
    for stack in stacks:
        seen[stack.name] = seen.get(stack.name, 0) + 1
        many = names.count(stack.name) > 1
        number = f" ({seen[stack.name]})" if many else ""
        out.append(replace(stack, name=stack.name + number))
    return out
