"""Two measurements of one patient compared: what changed in each muscle-side, and how surely.

Nothing is compared that does not measure the same: fat fractions by different methods, grades on
different scales and volumes over different slices have no change, with the reason. A range of
grades stays a range: its change is everything from the least to the most that is possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from myocohort.errors import InputError, Problem
from myocohort.mri.change import change_rate
from myocohort.mri.common_slices import CommonSlices, coverage_differences, match_slices
from myocohort.mri.compare_muscles import (
    LEVEL,
    Pair,
    compare_muscle,
    interval_of_change,
    least_and_most,
    no_change,
    sum_of,
)
from myocohort.mri.measurement import Graded, Key, Measurement
from myocohort.mri.same_measure import not_the_same, sides_swapped
from myocohort.study.standard import MUSCLES, SCALES
from myocohort.study.values import months_between

MONTHS_APART = 0.5
"""Months as stated and months by the dates that differ by more are said."""
ASSUMED = (
    "Intervals of a change take the errors of the two measurements as independent (the SDs are "
    "added as squares). Where both rest on the same anchors, part of the error cancels and the "
    "interval is wider than it need be.",
    "The interval of the mean over muscle-sides takes their errors within one scan as fully "
    "alike, because they share the scan's anchors; it is not narrowed by their number.",
)


def compare_measurements(
    before: Measurement,
    after: Measurement,
    *,
    months: float | None = None,
    shift_mm: float = 0.0,
) -> dict[str, Any]:
    """Compare two measurements muscle-side by muscle-side, and in sum.

    Parameters
    ----------
    before, after
        In order of time.
    months
        Between the scans, where the files have no dates or false ones; more than 0.
    shift_mm
        As for `common_slices.match_slices`.

    Returns
    -------
    dict
        Plain types, as `myocohort mri compare --json` prints them (docs/mri.md).

    Raises
    ------
    InputError
        If the scan after is older than the one before, the files name two patients, or no
        muscle-side is in both.
    """
    shared = [key for key in before.muscles if key in after.muscles]
    apart, source, warnings = _months(before, after, months)
    warnings += _same_patient(before, after)
    if not shared:
        rule = "both measurements have a muscle-side in common"
        raise InputError([Problem(rule, file=after.file, next_step="Give two of one patient")])
    withheld, differing = not_the_same(before, after)
    warnings += differing
    warnings += coverage_differences(before.coverage, after.coverage, "the scans")
    if before.coverage_stir or after.coverage_stir:
        # a measurement without one has STIR on the grid of the other scan
        first, second = (one.coverage_stir or one.coverage for one in (before, after))
        warnings += coverage_differences(first, second, "STIR")
    warnings += sides_swapped(before, after)
    common = match_slices(before, after, shift_mm)
    warnings += common.warnings if common is not None else ()
    pair = Pair(before, after, apart, withheld, common)
    rows = [compare_muscle(pair, before.muscles[key], after.muscles[key]) for key in shared]
    one_only = {
        "only_before": _named(key for key in before.muscles if key not in after.muscles),
        "only_after": _named(key for key in after.muscles if key not in before.muscles),
    }
    for name, keys in one_only.items():
        if keys:
            where = name.removeprefix("only_")
            warnings.append(f"{len(keys)} muscle-sides are in the measurement {where} only.")
    return {
        "before": _about(before),
        "after": _about(after),
        "months": {"value": apart, "from": source},
        "muscles": rows,
        **one_only,
        "mean_fat_fraction": _mean(pair, rows),
        "totals": {name: _total(pair, name) for name in ("grade", "oedema_grade")},
        "common_slices": None if common is None else _matched(common),
        "level": LEVEL,
        "assumed": list(ASSUMED),
        "warnings": warnings,
    }


def _same_patient(before: Measurement, after: Measurement) -> list[str]:
    """Refuse two patients; say where that they are one is taken for granted."""
    if before.patient and after.patient:
        if before.patient != after.patient:
            rule = "both measurements are of the same patient"
            raise InputError([Problem(rule, file=after.file, next_step="Their codes differ")])
        return []
    return ["A measurement has no patient's code: that both are of one patient is not checked."]


def _named(keys: Any) -> list[dict[str, str]]:
    return [{"name": name, "side": side} for name, side in keys]


def _about(one: Measurement) -> dict[str, Any]:
    date = None if one.date is None else one.date.isoformat()
    return {
        "file": one.file, "name": one.name, "date": date, "sequence": one.sequence,
        "method": one.method, "warnings": list(one.warnings),
    }  # fmt: skip


def _months(
    before: Measurement, after: Measurement, stated: float | None
) -> tuple[float | None, str, list[str]]:
    """Return the months between, where they come from, and what is odd about them."""
    by_date = None
    if before.date is not None and after.date is not None:
        by_date = months_between(before.date, after.date)
        if by_date < 0:
            raise InputError(
                [Problem(rule="the scan BEFORE is not later than the scan AFTER",
                         value=f"{before.date} and {after.date}", file=before.file,
                         next_step="Give the earlier measurement first")]
            )  # fmt: skip
    if stated is not None:
        if not math.isfinite(stated) or stated <= 0:
            raise InputError([Problem(rule="months are more than 0", value=f"{stated:g}")])
        odd = by_date is not None and abs(by_date - stated) > MONTHS_APART
        warning = f"{stated:g} months were stated; by the dates it is {by_date or 0:.1f}."
        return stated, "stated", [warning] if odd else []
    if by_date is None:
        return None, "", ["A date is missing and no months were stated: there is no rate."]
    if by_date == 0:
        return None, "dates", ["Both scans bear the same date: there is no rate."]
    return by_date, "dates", []


def _total(pair: Pair, name: str) -> dict[str, Any] | None:
    """Return the total score of the twelve muscles, both sides, with its change and rate."""
    firsts: list[Graded] = []
    seconds: list[Graded] = []
    left_out: list[Key] = []
    asked: list[Key] = [key for key in {**pair.before.muscles, **pair.after.muscles}
                        if key[0] in MUSCLES]  # fmt: skip
    for key in asked:
        rows = pair.before.muscles.get(key), pair.after.muscles.get(key)
        first, second = (None if row is None else getattr(row, name) for row in rows)
        if first is None or second is None or no_change(first, second):
            left_out.append(key)
        else:
            firsts.append(first)
            seconds.append(second)
    found: dict[str, Any] = {
        "scale": "", "muscle_sides": len(firsts), "planned": 2 * len(MUSCLES),
        "left_out": _named(left_out), "before": None, "after": None, "change": None,
        "rate": None, "reason": pair.withheld.get(name, ""), "incomplete": "",
    }  # fmt: skip
    if not firsts:
        graded = any(getattr(row, name) for m in (pair.before, pair.after)
                     for row in m.muscles.values())  # fmt: skip
        return {**found, "reason": found["reason"] or "no grade in both"} if graded else None
    found["scale"] = firsts[0].scale
    if len(firsts) < 2 * len(MUSCLES):
        found["incomplete"] = (
            f"only {len(firsts)} of {2 * len(MUSCLES)} muscle-sides have a grade in both: this is "
            "no total score of the scale, and is compared with itself only"
        )
    found["before"], found["after"] = _ends(firsts), _ends(seconds)
    if found["reason"]:
        return found
    low, high = least_and_most(firsts, seconds)
    found["change"] = {"low": low, "high": high}
    if pair.months is not None:
        found["rate"] = _rate_of_totals(found, pair.months, name)
    return found


def _ends(grades: Sequence[Graded]) -> dict[str, float]:
    return {"low": sum_of(grades, "low"), "high": sum_of(grades, "high")}


def _rate_of_totals(found: Mapping[str, Any], months: float, name: str) -> dict[str, Any]:
    """Return the change rate as the study counts it: rising fat and falling oedema positive."""
    standard = SCALES.get(found["scale"], "increase" if name == "grade" else "reduction")
    rising = standard == "increase"
    before, after = found["before"], found["after"]
    ends = [
        change_rate(before["high"], after["low"], months, rising=rising),
        change_rate(before["low"], after["high"], months, rising=rising),
    ]
    return {"low": min(ends), "high": max(ends), "positive": standard, "unit": "points per month"}


def _mean(pair: Pair, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the plain mean of the fat fractions that both have, of the twelve muscles."""
    fats = [
        row["fat_fraction"] for row in rows
        if row["name"] in MUSCLES and row["fat_fraction"]["change"] is not None
    ]  # fmt: skip
    if not fats:
        return None
    n = len(fats)
    before, after = (sum(fat[end] for fat in fats) / n for end in ("before", "after"))
    sds = [fat["sd"] for fat in fats]
    sd = None if any(one is None for one in sds) else sum(sds) / n
    return {
        "muscle_sides": n, "before": before, "after": after, "change": after - before,
        **interval_of_change(after - before, sd, pair.months),
    }  # fmt: skip


def _matched(common: CommonSlices) -> dict[str, Any]:
    return {
        "pairs": [list(pair) for pair in common.pairs],
        "before": common.before, "after": common.after, "all": common.all, "how": common.how,
    }  # fmt: skip
