"""Whether two measurements measure the same: method, anchors, scale, bands, slices and sides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.mri.measurement import Graded, Measurement

LIKELIER = 100
"""Exchanged sides are said where the readings are this many times likelier with them exchanged,
if the errors are normal with the SDs given and nothing changed. A project default."""
SIDES = ("left", "right")
OWN = "the scale's own bands"
MOST_SHOWN = 4


OF_ONE_SCAN = ("at_level", "muscles", "how", "left_out")
"""Words in references that say what was found in this scan, and not what it rests on."""


def not_the_same(before: Measurement, after: Measurement) -> tuple[dict[str, str], list[str]]:
    """Find what may not be compared.

    Returns
    -------
    dict
        "fat", "oedema", "volume", "grade", "oedema_grade" -> why its change is withheld.
    list of str
        The same and further doubts, in sentences.
    """
    withheld: dict[str, str] = {}
    first, second = before.modality, after.modality
    if first != second:
        words = " and ".join(one or "an unknown method" for one in (first, second))
        withheld["fat"] = withheld["grade"] = f"fat was measured by different methods: {words}"
    for name in ("grade", "oedema_grade"):
        if reason := _other_grades(before, after, name):
            withheld.setdefault(name, reason)
    steps = [one.coverage.get("spacing_mm") for one in (before, after)]
    heights = [s[2] for s in steps if isinstance(s, list) and len(s) == 3]
    if len(heights) == 2 and not math.isclose(*heights, rel_tol=0.01):
        withheld["volume"] = "the distance of slices differs"
    found = []
    if "fat" in withheld:
        found.append(f"Changes of fat and of its grades are withheld: {withheld['fat']}.")
    for name, word in (("grade", "fat"), ("oedema_grade", "oedema")):
        if name in withheld and withheld[name] != withheld.get("fat"):
            found.append(f"Changes of grades of {word} are withheld: {withheld[name]}.")
    found += _other_references(before.references, after.references)
    if first and first == second and before.method != after.method:
        found.append(f"The methods differ: {before.method!r} and {after.method!r}.")
    return withheld, found


def _other_grades(before: Measurement, after: Measurement, name: str) -> str:
    """Say whether grades are on other scales or rest on other bands."""
    first, second = _grades(before, name), _grades(after, name)
    scales = {grade.scale for grade in first}, {grade.scale for grade in second}
    if all(scales) and scales[0] != scales[1]:
        return f"different scales, {_listed(scales[0])} and {_listed(scales[1])}"
    versions = {grade.version for grade in first}, {grade.version for grade in second}
    if all(versions) and versions[0] != versions[1]:
        return f"different versions of the scale, {_listed(versions[0])} and {_listed(versions[1])}"
    bases = _calibrations(first), _calibrations(second)
    if first and second and bases[0] != bases[1]:
        return f"different calibrations, {_listed(bases[0])} and {_listed(bases[1])}"
    return ""


def _calibrations(grades: list[Graded]) -> set[str]:
    """Return the calibrations of grades; a scale's own bands, literal or default, are one."""
    return {grade.basis if grade.basis.startswith("calibrated") else OWN for grade in grades}


def _grades(measurement: Measurement, name: str) -> list[Graded]:
    every: list[Graded | None] = [getattr(row, name) for row in measurement.muscles.values()]
    return [grade for grade in every if grade is not None and grade.low is not None]


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(name or "not named" for name in names))


def _other_references(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say which words about the references differ; their numbers differ in any two scans."""
    first, second = dict(_words(before)), dict(_words(after))
    other = [
        f"{place}: {first.get(place, 'not given')!r} and {second.get(place, 'not given')!r}"
        for place in dict.fromkeys([*first, *second])
        if first.get(place) != second.get(place)
    ]
    if not other:
        return []
    more = f"; and {len(other) - MOST_SHOWN} more" if len(other) > MOST_SHOWN else ""
    return [f"The references (anchors, limits) differ: {'; '.join(other[:MOST_SHOWN])}{more}."]


def _words(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in OF_ONE_SCAN:
                continue
            yield from _words(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        texts = [one for one in value if isinstance(one, str)]
        if texts and not place.endswith("warnings"):
            yield place, ", ".join(texts)
    elif isinstance(value, str):
        yield place, value


def sides_swapped(before: Measurement, after: Measurement) -> list[str]:
    """Say whether left and right seem exchanged between two measurements.

    The differences left - right of one scan are held against those of the other, as they are
    and with the sides exchanged; errors that all muscles of a scan share do not enter them.
    """
    straight = crossed = 0.0
    for muscle in dict.fromkeys(name for name, _ in before.muscles):
        rows = [one.muscles.get((muscle, side)) for one, side in
                itertools.product((before, after), SIDES)]  # fmt: skip
        values = [row.fat_fraction for row in rows if row is not None]
        sds = [row.fat_fraction_sd for row in rows if row is not None]
        known = [v for v in values if v is not None]
        spread = sum(sd**2 for sd in sds if sd is not None)
        if len(known) < 4 or None in sds or spread == 0:
            continue
        first, second = known[0] - known[1], known[2] - known[3]
        straight += (second - first) ** 2 / spread
        crossed += (second + first) ** 2 / spread
    if straight - crossed <= 2 * math.log(LIKELIER):
        return []
    return [
        "Left and right seem exchanged between the two measurements: the differences between the "
        "sides are far more alike with one of them turned round. Check the sides of the label "
        "maps, and the orientation of the scans."
    ]
