"""One muscle-side of two measurements: change of fat, volume, oedema and grades, or why none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.mri.common_slices import CommonSlices, restrict
from myocohort.mri.measurement import Graded, Measurement, MuscleRow
from myocohort.stats.p_values import normal_quantile

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Pair:
    """What all comparisons need.

    Parameters
    ----------
    before, after
        Measurements, in order of time.
    months
        Between them; None where unknown, so that there is no rate.
    withheld
        "fat", "oedema", "volume", "grade", "oedema_grade" -> why its change is not given.
    common
        Slices that both have; None where slices are not known.
    """

    before: Measurement
    after: Measurement
    months: float | None
    withheld: Mapping[str, str]
    common: CommonSlices | None


def compare_muscle(pair: Pair, before: MuscleRow, after: MuscleRow) -> dict[str, Any]:
    """Compare one muscle-side, as `myocohort mri compare --json` prints it."""
    fewer = len(before.slices) != len(after.slices)
    sentence = f"It has {len(before.slices)} slices before and {len(after.slices)} after."
    whole = _fat(pair, before.fat_fraction, after.fat_fraction, (before, after), (1.0, 1.0))
    part = None
    if pair.common is not None and not pair.common.all:
        part = _on_common(pair, before, after)
    return {
        "name": before.name,
        "side": before.side,
        "fat_fraction": whole,
        "fat_share": _plain(before.fat_share, after.fat_share, pair.withheld.get("fat", "")),
        "volume_ml": _volume(pair, before, after, sentence if fewer else ""),
        "stir_positive_share": _plain(
            before.stir_positive_share, after.stir_positive_share, pair.withheld.get("oedema", "")
        ),
        "stir_mean_excess": _plain(
            before.stir_mean_excess, after.stir_mean_excess, pair.withheld.get("oedema", "")
        ),
        "grade": _grade(pair, "grade", before.grade, after.grade),
        "oedema_grade": _grade(pair, "oedema_grade", before.oedema_grade, after.oedema_grade),
        "slices": {"before": len(before.slices), "after": len(after.slices)},
        "common_slices": part,
        "warnings": [sentence] if fewer else [],
    }


def _plain(before: float | None, after: float | None, withheld: str = "") -> dict[str, Any]:
    """Return two values with their difference, or why there is none."""
    reason = withheld
    if before is None or after is None:
        lacking = [w for w, v in (("before", before), ("after", after)) if v is None]
        reason = f"not measured {' and '.join(lacking)}"
    change = None if before is None or after is None or reason else after - before
    return {"before": before, "after": after, "change": change, "reason": reason}


def _fat(
    pair: Pair,
    before: float | None,
    after: float | None,
    rows: tuple[MuscleRow, MuscleRow],
    widen: tuple[float, float],
) -> dict[str, Any]:
    """Return the change of a fat fraction with its interval and its rate per month."""
    found = _plain(before, after, pair.withheld.get("fat", ""))
    sds = [row.fat_fraction_sd for row in rows]
    first, second = sds
    sd = None
    if first is not None and second is not None:
        sd = math.hypot(first * widen[0], second * widen[1])
    return {**found, **interval_of_change(found["change"], sd, pair.months)}


def interval_of_change(
    change: float | None, sd: float | None, months: float | None
) -> dict[str, Any]:
    """Return SD and interval of a change of fractions, cut at -1 and 1, and the same a month."""
    if change is None:
        return {"sd": None, "low": None, "high": None, "rate": None}
    limits: tuple[float | None, float | None] = (None, None)
    if sd is not None:
        reach = normal_quantile(LEVEL) * sd
        limits = max(-1.0, change - reach), min(1.0, change + reach)
    rate = None
    if months is not None:
        low, high = (None if limit is None else limit / months for limit in limits)
        rate = {"value": change / months, "low": low, "high": high, "unit": "per month"}
    return {"sd": sd, "low": limits[0], "high": limits[1], "rate": rate}


def _on_common(pair: Pair, before: MuscleRow, after: MuscleRow) -> dict[str, Any] | None:
    part = None if pair.common is None else restrict(before, after, pair.common)
    if part is None:
        return None
    fat = _fat(pair, *part.fat_fraction, (before, after), part.widen)
    return {"slices": part.slices, "fat_fraction": fat, "area_cm2": _plain(*part.area_cm2)}


def _volume(pair: Pair, before: MuscleRow, after: MuscleRow, fewer: str) -> dict[str, Any]:
    """Return the change of a volume; none where it is over different slices."""
    differs = pair.withheld.get("volume", "") or fewer
    reason = f"volumes over different slices are not compared. {fewer}".strip() if differs else ""
    found = _plain(before.volume_ml, after.volume_ml, reason)
    change = found["change"]
    percent = None if change is None or not before.volume_ml else 100 * change / before.volume_ml
    return {**found, "percent": percent}


def _grade(
    pair: Pair, name: str, before: Graded | None, after: Graded | None
) -> dict[str, Any] | None:
    """Return the change of a grade as the range of all that is possible."""
    one = before or after
    if one is None:
        return None
    found: dict[str, Any] = {
        "scale": one.scale,
        "before": _range(before), "after": _range(after),
        "change": None, "low": None, "high": None, "reason": "",
    }  # fmt: skip
    reason = pair.withheld.get(name, "") or no_change(before, after)
    if reason:
        return {**found, "reason": reason}
    low, high = least_and_most([before], [after])
    return {**found, "low": low, "high": high, "change": low if low == high else None}


def _range(grade: Graded | None) -> dict[str, str] | None:
    """Return the codes of a grade's ends."""
    if grade is None or grade.codes is None:
        return None
    return {"low": grade.codes[0], "high": grade.codes[1]}


def no_change(before: Graded | None, after: Graded | None) -> str:
    """Say why two grades have no change; '' where they have one."""
    for when, grade in (("before", before), ("after", after)):
        if grade is None or grade.low is None:
            return f"no grade {when}"
    if before is not None and after is not None and before.scale != after.scale:
        return f"different scales: {before.scale} and {after.scale}"
    return ""


def least_and_most(
    before: Sequence[Graded | None], after: Sequence[Graded | None]
) -> tuple[float, float]:
    """Return the least and the greatest change of the sum of grades that is possible."""
    low = sum_of(after, "low") - sum_of(before, "high")
    return low, sum_of(after, "high") - sum_of(before, "low")


def sum_of(grades: Sequence[Graded | None], end: str) -> float:
    """Return the sum of the low or the high ends of grades."""
    return float(sum(getattr(grade, end) for grade in grades if grade is not None))
