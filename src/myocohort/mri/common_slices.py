"""Whether two scans cover the same, and which of their slices can be held against each other."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.mri.measurement import Key, Measurement, MuscleRow, SliceRow

SAME = 0.01
"""Spacings and fields of view that differ by less than 1% are the same: files round them."""
AREA_APART = 0.25
"""Median relative difference of cross-sections from which matched slices are doubted: a project
default, not from a publication."""
HOW = (
    "Slices are matched by their heights in scanner coordinates, each to the nearest one within "
    "half a slice distance{shift}. Heights in the scanner are not anatomical: this holds only if "
    "both scans were planned at the same level of the thigh."
)


@dataclass(frozen=True, slots=True)
class CommonSlices:
    """Slices that both scans have.

    Parameters
    ----------
    pairs
        Heights before and after, mm.
    before, after
        How many slices with muscle each scan has.
    how
        How they were matched, in words.
    warnings
        In sentences.
    """

    pairs: tuple[tuple[float, float], ...]
    before: int
    after: int
    how: str
    warnings: tuple[str, ...]

    @property
    def all(self) -> bool:
        """Whether no slice of either scan is left over."""
        return len(self.pairs) == self.before == self.after


@dataclass(frozen=True, slots=True)
class Restricted:
    """A muscle-side over the common slices of two scans.

    Parameters
    ----------
    slices
        How many.
    area_cm2, fat_fraction
        Before and after: mean cross-section, and mean fat fraction by voxels.
    widen
        Factors for the SDs of the whole muscle-side, before and after: as if all of its error
        were noise, which shrinks with the root of the voxels; an upper bound.
    """

    slices: int
    area_cm2: tuple[float, float]
    fat_fraction: tuple[float, float]
    widen: tuple[float, float]


def coverage_differences(
    before: Mapping[str, Any], after: Mapping[str, Any], what: str
) -> list[str]:
    """Say how the coverage of two scans differs, a sentence a difference.

    Parameters
    ----------
    before, after
        As `Scan.coverage` returns them; what one of them lacks is said.
    what
        "the scans" or "STIR".
    """
    if not before or not after:
        return [f"The coverage of {what} is not known of both measurements."]
    found = []
    if before.get("slices") != after.get("slices"):
        found.append(f"slices {before.get('slices')} and {after.get('slices')}")
    for name, word in (
        ("length_mm", "length"), ("spacing_mm", "spacing"), ("field_of_view_mm", "field of view"),
    ):  # fmt: skip
        first, second = _numbers(before.get(name)), _numbers(after.get(name))
        if not _same(first, second):
            found.append(f"{word} {_shown(first)} and {_shown(second)} mm")
    if not found:
        return []
    return [
        f"The coverage of {what} differs ({'; '.join(found)}): averages over different parts of a "
        "muscle are not comparable."
    ]


def match_slices(before: Measurement, after: Measurement, shift_mm: float) -> CommonSlices | None:
    """Match the slices of two scans by height; None where one has no slices with heights.

    Parameters
    ----------
    before, after
        Measurements with slices.
    shift_mm
        How much higher the same anatomy lies in the scan after, from a landmark; 0 if unknown.
    """
    first, second = _heights(before), _heights(after)
    if not first or not second:
        return None
    reach = min(_distance(before, first), _distance(after, second)) / 2
    pairs = []
    for height in first:
        wanted = height + shift_mm
        other = min(second, key=lambda h: abs(h - wanted))
        back = min(first, key=lambda h: abs(h + shift_mm - other))
        if abs(other - wanted) <= reach and back == height:
            pairs.append((height, other))
    warnings = []
    if not pairs:
        warnings.append(
            "No slice of one scan lies at the height of a slice of the other: nothing can be "
            "restricted to common slices. Give the shift of a landmark, if one is known."
        )
    apart = _areas_apart(before, after, pairs)
    if apart is not None and apart > AREA_APART:
        warnings.append(
            f"Muscle cross-sections in matched slices differ by {apart:.0%} (median): the slices "
            "may lie at different levels of the thigh."
        )
    shift = f", after a shift of {shift_mm:g} mm as given" if shift_mm else ""
    how = HOW.format(shift=shift)
    return CommonSlices(tuple(pairs), len(first), len(second), how, tuple(warnings))


def restrict(before: MuscleRow, after: MuscleRow, common: CommonSlices) -> Restricted | None:
    """Average a muscle-side over the common slices; None where it has none of them."""
    both = _both(before, after, common.pairs)
    measured = [
        (a, b) for a, b in both if a.fat_fraction is not None and b.fat_fraction is not None
    ]
    counts = [sum(pair[place].voxels for pair in measured) for place in (0, 1)]
    if not measured or not all(counts):
        return None

    def mean(place: int) -> float:
        rows = [pair[place] for pair in measured]
        return sum(r.voxels * (r.fat_fraction or 0.0) for r in rows) / counts[place]

    def area(place: int) -> float:
        return sum(pair[place].area_cm2 for pair in measured) / len(measured)

    def widen(row: MuscleRow, n: int) -> float:
        return math.sqrt(max(1.0, sum(s.voxels for s in row.slices) / n))

    return Restricted(
        len(measured),
        (area(0), area(1)),
        (mean(0), mean(1)),
        (widen(before, counts[0]), widen(after, counts[1])),
    )


def _both(
    before: MuscleRow, after: MuscleRow, pairs: Sequence[tuple[float, float]]
) -> list[tuple[SliceRow, SliceRow]]:
    first = {row.position_mm: row for row in before.slices}
    second = {row.position_mm: row for row in after.slices}
    return [(first[a], second[b]) for a, b in pairs if a in first and b in second]


def _areas_apart(
    before: Measurement, after: Measurement, pairs: Sequence[tuple[float, float]]
) -> float | None:
    """Return the median of |difference| / mean of cross-sections in matched slices."""
    shared: list[Key] = [key for key in before.muscles if key in after.muscles]
    apart = sorted(
        abs(a.area_cm2 - b.area_cm2) / ((a.area_cm2 + b.area_cm2) / 2)
        for key in shared
        for a, b in _both(before.muscles[key], after.muscles[key], pairs)
        if a.area_cm2 + b.area_cm2 > 0
    )
    return apart[len(apart) // 2] if apart else None


def _heights(measurement: Measurement) -> list[float]:
    return sorted({s.position_mm for row in measurement.muscles.values() for s in row.slices})


def _distance(measurement: Measurement, heights: Sequence[float]) -> float:
    """Return the distance of neighbouring slices, from the coverage or else the heights."""
    spacing = _numbers(measurement.coverage.get("spacing_mm"))
    if len(spacing) == 3:
        return spacing[2]
    steps = [high - low for low, high in itertools.pairwise(heights)]
    return min(steps) if steps else math.inf


def _numbers(value: object) -> tuple[float, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(float(one) for one in values if isinstance(one, int | float))


def _same(first: Sequence[float], second: Sequence[float]) -> bool:
    if len(first) != len(second):
        return False
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in zip(first, second, strict=True))


def _shown(values: Sequence[float]) -> str:
    return " x ".join(f"{value:g}" for value in values) or "unknown"
