"""References from earlier measurements: the level of pure muscle on T1, and the limit of STIR."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from myocohort.errors import InputError, Problem
from myocohort.mri.measurement import file_label
from myocohort.mri.scan import ScanError
from myocohort.mri.stir.controls import ControlHistogram, ControlLimit, limit_from_controls
from myocohort.mri.t1.reference import MuscleReference
from myocohort.mri.t1.spared import SURE

GIVEN_SD = 0.1
"""SD of a ratio that a user gives without one, as a share of it."""

BETWEEN_SCANS_SD = 0.05
"""SD of the ratio from one scan to another with the same timing, as a share of it: a working
figure for water content, temperature and pulse calibration, not a published one."""


def muscle_reference_of(text: str) -> MuscleReference | None:
    """Return the muscle reference that a user names.

    Parameters
    ----------
    text
        Empty for none; "0.34" or "0.34:0.02" (ratio and SD); or files of `myocohort mri measure
        --json` of the patient's other scans or of controls, comma-separated.

    Raises
    ------
    InputError
        With every file that cannot serve.
    ScanError
        If the ratio cannot be one.
    """
    if not text.strip():
        return None
    ratio, _, sd = text.partition(":")
    try:
        value = float(ratio)
        return MuscleReference(value, float(sd) if sd else GIVEN_SD * value, "the user")
    except ValueError:
        pass
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        rule = "a muscle reference is a number, or files with commas between them"
        raise InputError([Problem(rule, value=text, next_step="Leave it out, or name one")])
    problems: list[Problem] = []
    ratios = []
    for name in names:
        content = _read(Path(name), problems)
        if content is not None:
            found = _ratio(content, name, problems)
            if found is not None:
                ratios.append(found)
    if problems:
        raise InputError(problems)
    n = len(ratios)
    mean = sum(value for value, _ in ratios) / n
    between = BETWEEN_SCANS_SD * mean
    if n > 1:
        spread = math.sqrt(sum((value - mean) ** 2 for value, _ in ratios) / (n - 1))
        between = max(between, spread)
    own = sum(sd**2 for _, sd in ratios) / n**2
    source = f"{n} earlier measurements" if n > 1 else f"the measurement {Path(names[0]).name}"
    return MuscleReference(mean, math.sqrt(between**2 * (1 + 1 / n) + own), source)


def stir_limit_of(paths: Sequence[Path]) -> ControlLimit | None:
    """Return the limit of STIR from measurements of healthy controls; None without any.

    Raises
    ------
    InputError
        With every file that cannot be read or holds no STIR.
    ScanError
        If a control is not stated to be healthy.
    """
    if not paths:
        return None
    problems: list[Problem] = []
    found = []
    for path in paths:
        content = _read(path, problems)
        if content is None:
            continue
        stir = _part(content, "references").get("stir")
        if not isinstance(stir, Mapping):
            step = "Measure the control with --stir"
            problems.append(
                Problem("a control has a measured STIR", file=str(path), next_step=step)
            )
            continue
        control = _part(content, "control")
        try:
            found.append(
                ControlHistogram.of_measured(
                    stir, status=str(control.get("status") or ""),
                    study=str(control.get("study") or file_label(path)),
                )
            )  # fmt: skip
        except ScanError as reason:
            problems.append(Problem(str(reason), file=str(path)))
    if problems:
        raise InputError(problems)
    return limit_from_controls(found)


def _read(path: Path, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    if isinstance(content, dict):
        return content
    rule = "a reference is a number, or a file that `myocohort mri measure --json` printed"
    problems.append(Problem(rule, file=str(path), next_step="Check the name and the file"))
    return None


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of a measurement; an empty one where it is absent or of another kind."""
    part = content.get(name)
    return part if isinstance(part, Mapping) else {}


def _ratio(
    content: Mapping[str, Any], name: str, problems: list[Problem]
) -> tuple[float, float] | None:
    """Return ratio and SD of a measurement in which a muscle was spared."""
    for reference in _part(content, "references").values():
        ratio = reference.get("muscle_ratio") if isinstance(reference, Mapping) else None
        if not isinstance(ratio, Mapping):
            continue
        spared, value, sd = (ratio.get(key) for key in ("chance_spared", "value", "sd"))
        if not (
            isinstance(spared, int | float)
            and isinstance(value, int | float)
            and isinstance(sd, int | float)
            and 0 < value < 1
            and 0 < sd < 1
        ):
            rule = "muscle_ratio has chance_spared, and value and sd between 0 and 1"
            found = f"{spared}, {value} and {sd}"
            problems.append(Problem(rule, found[:80], "Measure that scan again", file=name))
            return None
        if spared < SURE:
            step = "Give a scan in which a muscle is spared"
            rule = "a reference comes from a scan with a spared muscle"
            problems.append(Problem(rule, file=name, next_step=step))
            return None
        return float(value), float(sd)
    rule = "a muscle reference comes from a measured T1"
    problems.append(Problem(rule, file=name, next_step="Measure it with --t1"))
    return None
