"""Two files of `myocohort mri measure --json` compared: `myocohort mri compare`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from myocohort.analysis.wording import number
from myocohort.errors import InputError, Problem
from myocohort.mri.by_method import as_measured_by, shared_modality
from myocohort.mri.compare import compare_measurements
from myocohort.mri.measurement import MEASURE, Measurement, file_label, read_measurement

NONE = "-"


def read_measurement_file(path: Path) -> Measurement:
    """Read a measurement from its file.

    Raises
    ------
    InputError
        If the file cannot be read, is no JSON, or is no measurement; with every problem.
    """
    return read_measurement(_content(path), file_label(path))


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        rule = str(error.strerror or error)
        raise InputError([Problem(rule, file=str(path), next_step=MEASURE)]) from error
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are both
        rule = "a measurement is a file of JSON"
        raise InputError([Problem(rule, file=file_label(path), next_step=MEASURE)]) from error


def compare_files(
    before: Path, after: Path, *, months: float | None = None, shift_mm: float = 0.0
) -> dict[str, Any]:
    """Compare two measurements; see `mri.compare.compare_measurements`.

    Where one session has both Dixon and T1 and the other one of them, that one is compared.

    Raises
    ------
    InputError
        With the problems of both files at once.
    """
    problems: list[Problem] = []
    read: list[Measurement] = []
    contents = []
    for path in (before, after):
        try:
            contents.append(_content(path))
            read.append(read_measurement(contents[-1], file_label(path)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if read[0].modality != read[1].modality and (shared := shared_modality(contents)):
        read = [
            read_measurement(as_measured_by(content, shared), file_label(path))
            for content, path in zip(contents, (before, after), strict=True)
        ]
    return compare_measurements(read[0], read[1], months=months, shift_mm=shift_mm)


def comparison_text(compared: Mapping[str, Any]) -> list[str]:
    """Return a comparison as lines for the terminal."""
    lines = []
    for when in ("before", "after"):
        one = compared[when]
        method = one["method"] or one["sequence"] or "method not given"
        lines.append(f"{when}: {one['file']}, {one['date'] or 'no date'}, {method}")
    months = compared["months"]
    if months["value"] is not None:
        lines.append(f"{months['value']:.2f} months apart ({months['from']})")
    lines += ["", *_table(compared), ""]
    if mean := compared["mean_fat_fraction"]:
        lines.append(f"mean fat fraction of {mean['muscle_sides']} muscle-sides: {_change(mean)}")
    for name, label in (("grade", "fat"), ("oedema_grade", "oedema")):
        lines += _total(label, compared["totals"][name])
    common = compared["common_slices"]
    if common is not None and not common["all"]:
        pairs = len(common["pairs"])
        lines.append(f"common slices: {pairs} of {common['before']} and {common['after']}")
        lines.append(f"  {common['how']}")
    lines += [f"warning: {warning}" for warning in compared["warnings"]]
    return [*lines, "", *compared["assumed"]]


HEAD = ("muscle", "side", "fat", "points (95% interval)", "common slices", "grade", "change",
        "oedema", "change", "volume")  # fmt: skip


def _table(compared: Mapping[str, Any]) -> list[str]:
    """Return the muscle-sides as aligned columns."""
    rows = [HEAD]
    for row in compared["muscles"]:
        fat, volume = row["fat_fraction"], row["volume_ml"]
        common = row["common_slices"]
        rows.append(
            (
                row["name"], row["side"], f"{_share(fat['before'])} to {_share(fat['after'])}",
                _change(fat), NONE if common is None else _change(common["fat_fraction"]),
                *_grades(row["grade"]), *_grades(row["oedema_grade"]),
                NONE if volume["percent"] is None else f"{volume['percent']:+.1f}%",
            )
        )  # fmt: skip
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f}%"


def _change(found: Mapping[str, Any]) -> str:
    if found["change"] is None:
        return NONE
    text = f"{100 * found['change']:+.1f}"
    if found["low"] is not None:
        text += f" ({100 * found['low']:+.1f} to {100 * found['high']:+.1f})"
    rate = found["rate"]
    return text if rate is None else f"{text}, {100 * rate['value']:+.2f}/month"


def _grades(found: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return the grades before and after, and the change; ranges as ranges."""
    if found is None:
        return NONE, NONE
    text = " to ".join(_ends(found[when]) for when in ("before", "after"))
    if found["low"] is None:
        return text, NONE
    low, high = found["low"], found["high"]
    return text, _signed(low) if low == high else f"{_signed(low)} .. {_signed(high)}"


def _signed(value: float) -> str:
    return f"{value:+g}" if value else "0"


def _ends(ends: Mapping[str, Any] | None) -> str:
    if ends is None:
        return NONE
    low, high = ends["low"], ends["high"]
    if not isinstance(low, str):
        low, high = f"{low:g}", f"{high:g}"
    return low if low == high else f"[{low}-{high}]"


def _total(label: str, total: Mapping[str, Any] | None) -> list[str]:
    if total is None:
        return []
    if total["change"] is None:
        return [f"total of {label}: no change, {total['reason']}"]
    change, rate = total["change"], total["rate"]
    text = (
        f"total of {label} ({total['scale']}, {total['muscle_sides']} muscle-sides): "
        f"{_ends(total['before'])} to {_ends(total['after'])}, change {_from_to(change)}"
    )
    if rate is not None:
        text += f", {_from_to(rate)} points a month ({rate['positive']} is positive)"
    return [text] + ([f"  {total['incomplete']}"] if total["incomplete"] else [])


def _from_to(found: Mapping[str, float]) -> str:
    low, high = number(found["low"]), number(found["high"])
    return low if low == high else f"{low} to {high}"
