"""Agreement of readings of muscles: between readers, of one reader with himself, of proposals.

The units are muscle-sides of scans; those of one patient are not independent, so that intervals
come from leaving out one patient at a time (`stats.clustered_agreement`).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.stats.clustered_agreement import clustered_icc, clustered_kappa
from myocohort.study.standard import MUSCLES

Unit = tuple[str, str, str, str]
"""Patient, scan, muscle, side."""

FEWEST_UNITS, FEWEST_PATIENTS = 10, 5
"""Fewer pairs of readings of a muscle, or of fewer patients, are counted only. A project default:
of ten readings, a single one moves the share of agreement by a tenth."""
CLUSTERED = (
    "Muscle-sides of one patient are not independent: intervals come from leaving out one patient "
    "at a time (jackknife), not from the number of muscle-sides."
)
NOTHING_SINGLE = "No muscle-side has a single grade of both: there is no kappa and no ICC."
NOTHING_COMMON = (
    "No muscle-side of a scan was read by both: check that they name the scans alike (date, or "
    "month)."
)
CONTEXT = (
    "Published, for orientation only: ICC 0.87-0.90 between readers (JDM image score) and 0.99 for "
    "repeated Dixon scans; other scales, readers and patients.",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one muscle-side on one scale.

    Parameters
    ----------
    unit
        Patient, scan (its date, else its month), muscle and side.
    reader
        Who, or which program.
    grade
        None where there is none.
    automatic
        Whether it is a program's proposal.
    round
        1 for a reader's first reading of this unit, 2 for the second by `read_on`, ...
    low, high
        Of a proposal: the range of grades; the grade twice where it is one.
    """

    unit: Unit
    reader: str
    grade: float | None
    automatic: bool
    round: int = 1
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Rater:
    """A column of readings: a reader, a round of a reader, or a program."""

    reader: str
    automatic: bool
    round: int

    @property
    def label(self) -> str:
        """As it is printed."""
        again = f", reading {self.round}" if self.round > 1 else ""
        return f"{self.reader}{again}{' (automatic)' if self.automatic else ''}"


def agreement_of_readings(
    readings: Iterable[Reading], grades: Sequence[float], level: float = 0.95
) -> dict[str, Any]:
    """Measure agreement on one scale, for each two raters who belong together.

    Parameters
    ----------
    readings
        Of one scale.
    grades
        All grades of the scale in order, used or not.
    level
        Coverage of intervals.

    Returns
    -------
    dict
        raters, readings, ungraded, and pairs: n, n_missing (units that only one of the two
        graded), patients, equal, within_one, mean_difference (second - first), kappa_linear,
        kappa_quadratic, icc_grades, icc_totals, muscles; with a program also `range`.
    """
    by_rater: dict[Rater, dict[Unit, Reading]] = {}
    for reading in readings:
        rater = Rater(reading.reader, reading.automatic, reading.round)
        by_rater.setdefault(rater, {})[reading.unit] = reading
    raters = sorted(by_rater, key=lambda r: (r.automatic, r.reader, r.round))
    return {
        "grades": [float(grade) for grade in grades],
        "raters": [
            {"label": rater.label, "reader": rater.reader, "automatic": rater.automatic,
             "round": rater.round, "readings": len(by_rater[rater]),
             "ungraded": sum(r.grade is None for r in by_rater[rater].values())}
            for rater in raters
        ],
        "pairs": [
            _pair(first, second, by_rater, grades, level)
            for first, second in itertools.combinations(raters, 2)
            if _kind(first, second)
        ],
    }  # fmt: skip


def _kind(first: Rater, second: Rater) -> str:
    """Say what a pair is: readers, repeat, proposal, programs; '' where it is not asked."""
    if first.reader == second.reader and first.automatic == second.automatic:
        return "repeat" if second.round == first.round + 1 else ""
    if first.round > 1 or second.round > 1:
        return ""
    if first.automatic != second.automatic:
        return "proposal"
    return "programs" if first.automatic else "readers"


def _pair(
    first: Rater,
    second: Rater,
    by_rater: Mapping[Rater, Mapping[Unit, Reading]],
    grades: Sequence[float],
    level: float,
) -> dict[str, Any]:
    """Compare two raters."""
    own, other = by_rater[first], by_rater[second]
    units = list(dict.fromkeys([*own, *other]))
    values = np.array([[_grade(own.get(u)), _grade(other.get(u))] for u in units])
    both = np.asarray(~np.isnan(values).any(axis=1), dtype=np.bool_)
    n, graded = int(both.sum()), int((~np.isnan(values)).any(axis=1).sum())
    patients = [unit[0] for unit in units]
    apart = values[both, 1] - values[both, 0]
    found: dict[str, Any] = {
        "first": first.label, "second": second.label, "kind": _kind(first, second),
        "n": n, "n_missing": graded - n,
        "patients": len({p for p, known in zip(patients, both, strict=True) if known}),
        "equal": float((apart == 0).mean()) if n else None,
        "within_one": float((np.abs(apart) <= 1).mean()) if n else None,
        "mean_difference": float(apart.mean()) if n else None,
        "kappa_linear": None, "kappa_quadratic": None, "icc_grades": None, "icc_totals": None,
        "muscles": [], "warnings": [],
    }  # fmt: skip
    if second.automatic and not first.automatic:
        found["range"] = _against_ranges(own, other)
    if not n:
        found["warnings"].append(NOTHING_SINGLE if own.keys() & other.keys() else NOTHING_COMMON)
        return found
    for weights in ("linear", "quadratic"):
        kappa = clustered_kappa(values, patients, grades, weights=weights, level=level)
        found[f"kappa_{weights}"] = kappa.as_dict()
    found["icc_grades"] = clustered_icc(values, patients, level=level).as_dict()
    found["icc_totals"] = _totals(units, values, level)
    found["muscles"] = _by_muscle(units, values, grades, level)
    return found


def _grade(reading: Reading | None) -> float:
    return math.nan if reading is None or reading.grade is None else float(reading.grade)


def _totals(
    units: Sequence[Unit], values: NDArray[np.float64], level: float
) -> dict[str, Any] | None:
    """Return the ICC of total scores, of scans that both raters read completely.

    Complete are the muscle-sides that occur in this pair's readings at all; their number is said.
    """
    slots = {unit[2:] for unit in units}
    sums: dict[tuple[str, str], list[Any]] = {}
    for unit, row in zip(units, values, strict=True):
        entry = sums.setdefault(unit[:2], [0, np.zeros(2)])
        if not np.isnan(row).any():
            entry[0] += 1
            entry[1] = entry[1] + row
    rows = [total if count == len(slots) else np.full(2, np.nan) for count, total in sums.values()]
    result = clustered_icc(np.array(rows), [scan[0] for scan in sums], level=level)
    return {**result.as_dict(), "muscle_sides": len(slots)}


def _by_muscle(
    units: Sequence[Unit], values: NDArray[np.float64], grades: Sequence[float], level: float
) -> list[dict[str, Any]]:
    """Return the quadratic kappa of each muscle, both sides together, where there are enough."""
    found = []
    names = {unit[2] for unit in units}
    for muscle in [m for m in MUSCLES if m in names]:
        picked = [place for place, unit in enumerate(units) if unit[2] == muscle]
        own = values[picked]
        patients = [units[place][0] for place in picked]
        both = np.asarray(~np.isnan(own).any(axis=1), dtype=np.bool_)
        who = {p for p, known in zip(patients, both, strict=True) if known}
        row: dict[str, Any] = {
            "muscle": muscle, "n": int(both.sum()), "n_missing": int((~both).sum()),
            "patients": len(who), "kappa_quadratic": None, "reason": "",
        }  # fmt: skip
        if row["n"] < FEWEST_UNITS or len(who) < FEWEST_PATIENTS:
            row["reason"] = (
                f"fewer than {FEWEST_UNITS} pairs of readings or {FEWEST_PATIENTS} patients"
            )
        else:
            kappa = clustered_kappa(own, patients, grades, weights="quadratic", level=level)
            row["kappa_quadratic"] = kappa.as_dict()
        found.append(row)
    return found


def _against_ranges(
    reader: Mapping[Unit, Reading], program: Mapping[Unit, Reading]
) -> dict[str, Any]:
    """Say how often a reader's grade lies in the proposed range, and how far off it is else.

    A wide range holds nearly any grade: its mean width (0 of a single grade) stands beside.
    """
    distances: list[float] = []
    widths: list[float] = []
    for unit, proposal in program.items():
        grade = _grade(reader.get(unit))
        low = proposal.grade if proposal.low is None else proposal.low
        high = proposal.grade if proposal.high is None else proposal.high
        if math.isnan(grade) or low is None or high is None:
            continue
        distances.append(max(low - grade, grade - high, 0.0))
        widths.append(high - low)
    n = len(distances)
    counts = Counter(distances)
    return {
        "n": n,
        "ranges": sum(width > 0 for width in widths),
        "mean_width": sum(widths) / n if n else None,
        "inside": counts[0.0] / n if n else None,
        "within_one": sum(d <= 1 for d in distances) / n if n else None,
        "distances": [{"distance": d, "n": counts[d]} for d in sorted(counts)],
    }
