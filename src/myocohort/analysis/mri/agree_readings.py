"""Agreement of MRI readings in a file: `myocohort mri agree`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from myocohort.analysis.mri.reading_file import read_reading_file
from myocohort.analysis.wording import number
from myocohort.mri.grade_values import grade_values
from myocohort.mri.readings import CLUSTERED, CONTEXT, agreement_of_readings

RESULTS = {
    "kappa_linear": "kappa, linear weights",
    "kappa_quadratic": "kappa, quadratic weights",
    "icc_grades": "ICC(2,1) of the grades",
    "icc_totals": "ICC(2,1) of total scores",
}
KINDS = {
    "readers": "two readers",
    "repeat": "one reader, read again",
    "proposal": "a reader and a program's proposals",
    "programs": "two programs",
}


def agree_readings(path: Path, scale: str = "") -> dict[str, Any]:
    """Measure the agreement of a file's readings, on each scale.

    Parameters
    ----------
    path
        As `read_reading_file` takes it.
    scale
        The one scale that is asked for; '' for all.

    Returns
    -------
    dict
        file, rows, scales (each: scale, and what `agreement_of_readings` returns), notes, context.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    read = read_reading_file(path, scale)
    return {
        "file": read.file,
        "rows": read.rows,
        "scales": [
            {"scale": name, **agreement_of_readings(readings, list(grade_values(name).values()))}
            for name, readings in read.by_scale.items()
        ],
        "notes": [*read.notes, CLUSTERED],
        "context": list(CONTEXT),
    }


def agreement_text(agreed: Mapping[str, Any]) -> list[str]:
    """Return the agreement as lines for the terminal."""
    lines = [f"{agreed['file']}: {agreed['rows']} readings"]
    for one in agreed["scales"]:
        lines += ["", f"Scale {one['scale']}"]
        lines += [
            f"  {rater['label']}: {rater['readings']} readings"
            + (f", {rater['ungraded']} without a single grade" if rater["ungraded"] else "")
            for rater in one["raters"]
        ]
        if not one["pairs"]:
            lines.append("  nobody to be compared with on this scale")
        for pair in one["pairs"]:
            lines += ["", *_pair(pair)]
    return [*lines, "", *agreed["notes"], *agreed["context"]]


def _pair(pair: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{pair['first']} and {pair['second']} ({KINDS[pair['kind']]}): "
        f"{pair['n']} muscle-sides of {pair['patients']} patients have a single grade of both, "
        f"{pair['n_missing']} of one only"
    ]
    if pair["n"]:
        lines.append(
            f"  equal {pair['equal']:.1%}, within one grade {pair['within_one']:.1%}; second less "
            f"first {number(pair['mean_difference'])} on average"
        )
    for name, label in RESULTS.items():
        result = pair[name]
        if result is None:
            continue
        of = f" (n {result['n']}, missing {result['n_missing']})" if name == "icc_totals" else ""
        lines.append(f"  {label}{of}: {_estimate(result)}")
        lines += [f"    {w}" for w in result["warnings"] if not w.startswith("no p")]
    if pair.get("range"):
        lines += _range(pair["range"])
    for row in pair["muscles"]:
        kappa = row["kappa_quadratic"]
        said = row["reason"] if kappa is None else f"quadratic kappa {_estimate(kappa)}"
        lines.append(f"    {row['muscle']} (n {row['n']}): {said}")
    return lines + [f"  warning: {warning}" for warning in pair["warnings"]]


def _estimate(result: Mapping[str, Any]) -> str:
    """Return an estimate and its interval; how that was made stands once, in the notes."""
    interval = result["interval"]
    if interval is None:
        return f"{number(result['estimate'])} (no interval)"
    low, high = number(interval["low"]), number(interval["high"])
    return f"{number(result['estimate'])} ({100 * interval['level']:g}% CI {low} to {high})"


def _range(found: Mapping[str, Any]) -> list[str]:
    if not found["n"]:
        return ["  no proposal with a grade or a range beside a reader's grade"]
    return [
        f"  the reader's grade lies in the proposal ({found['ranges']} of {found['n']} are "
        f"ranges, mean width {number(found['mean_width'])} grades): {found['inside']:.1%}; at most "
        f"one grade off it: {found['within_one']:.1%}"
    ]
