"""Grades that are proposed to a reader, each with the measures and the rule that led to it.

A proposal of fat rests on the mean fat fraction of the muscle, with its interval, and on the
texture. The scales name shares of "the volume" that is replaced: the volume of fat in a muscle
is its mean fraction times its volume, whatever the size of the voxels and however finely fat and
muscle are mixed. The share of voxels above one half is not that volume (a muscle with 40% of fat
everywhere has none of them, and noise alone moves it where the fraction is near one half); it is
kept in the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from myocohort.mri.calibrated_bands import Calibration
from myocohort.mri.fat_map import RegionFat
from myocohort.mri.oedema import MODERATE_EXCESS
from myocohort.mri.oedema_map import RegionOedema
from myocohort.mri.scales import SCALES, Fit, Grade, Scale, Swelling
from myocohort.mri.scales.scale import Sign
from myocohort.mri.stir.controls import POSITIVE_SHARE
from myocohort.mri.texture import Texture

LEFT = (0.05, 0.10)
"""Muscle that fills less than 5% of the area is none, from 10% on some; between them either
(project default)."""
MODERATE = (0.7 * MODERATE_EXCESS, 1.3 * MODERATE_EXCESS)
"""Mean excess of STIR-positive voxels around which mild becomes moderate: either between the two
(project default)."""
HELD = 0.8
"""A calibrated range is the shortest run of grades that holds this chance."""
LITERAL = "literal bands"
DEFAULT = "project default"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grade, or a range of grades, that measures propose.

    Parameters
    ----------
    scale, version
        The scale by name, and the version of its definition.
    low, high
        Least and highest grade that the measures allow, as codes; None where nothing could be
        measured.
    grade
        The grade, where the measures allow one only; None where they allow a range.
    nearest
        The one grade of the range that fits the point estimate best, for tables that need one;
        None where the measures allow every grade of the scale.
    evidence
        In a sentence: measures, band and pattern that led to it; or why there is no proposal.
    basis
        "literal bands" (limits that the scale's words name), "project default", or "calibrated on
        ...".
    measures
        The numbers, in plain types.
    """

    scale: str
    version: str
    low: str | None
    high: str | None
    grade: str | None
    nearest: str | None
    evidence: str
    basis: str
    measures: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the proposal as plain types, for `--json`."""
        return asdict(self)


def propose(
    scale: str | Scale,
    fat: RegionFat,
    texture: Texture | None,
    *,
    calibration: Calibration | None = None,
) -> Proposal:
    """Propose a grade of fat for one muscle.

    Parameters
    ----------
    scale
        A scale of fat, or its name.
    fat
        What was measured of its fat.
    texture
        How fat lies in it; None where it cannot be told, which allows every pattern.
    calibration
        Bands of the study's own readers, used in place of the scale's within the fractions that
        they were made from.

    Raises
    ------
    ValueError
        If the scale is not known, is none of fat, or is not the calibration's.
    """
    known = _scale(scale, "fat")
    measures = _fat_measures(fat, texture)
    if fat.fat_fraction is None:
        return _none(known, "No grade: the fat fraction could not be measured.", measures)
    if calibration is not None:
        if calibration.scale != known.name:
            raise ValueError(f"the calibration is for {calibration.scale}, not {known.name}")
        found = _calibrated(known, fat, texture, calibration, measures)
        if found is not None:
            return found
    low, high = _interval(fat)
    signs = _signs(texture)
    allowed = _allowed(known.grades, low, high, signs)
    if not allowed:
        allowed = _allowed(known.grades, low, high, None)
    basis = DEFAULT
    if all(_fitting(grade.fits, low, high, signs, literal=True) for grade in allowed):
        basis = LITERAL
    point = fat.fat_fraction
    nearest = (
        _allowed(known.grades, point, point, _likeliest(texture))
        or _allowed(known.grades, point, point, signs)
        or allowed
    )
    why = _fat_sentence(fat, texture)
    return _of(known, allowed, _middle([one for one in nearest if one in allowed] or allowed),
               why, basis, measures)  # fmt: skip


def _scale(scale: str | Scale, measures: str) -> Scale:
    if isinstance(scale, str):
        if scale not in SCALES:
            raise ValueError(f"no scale {scale!r}; there are {', '.join(SCALES)}")
        scale = SCALES[scale]
    if scale.measures != measures:
        raise ValueError(f"{scale.name} is a scale of {scale.measures}, not of {measures}")
    return scale


def _none(scale: Scale, reason: str, measures: dict[str, Any]) -> Proposal:
    return Proposal(scale.name, scale.version, None, None, None, None, reason, DEFAULT, measures)


def _of(
    scale: Scale,
    allowed: list[Grade],
    nearest: Grade,
    why: str,
    basis: str,
    measures: dict[str, Any],
) -> Proposal:
    """Return the proposal of a run of grades; every grade between the ends is part of it."""
    low, high = allowed[0], allowed[-1]
    first, last = scale.position(low.code), scale.position(high.code)
    if first == 0 and last == len(scale.grades) - 1:
        why += " These measures allow every grade: no proposal."
        return Proposal(
            scale.name, scale.version, low.code, high.code, None, None, why, basis, measures
        )
    named = "; ".join(f"{one.code} ({one.words})" for one in scale.grades[first : last + 1])
    why += f" This allows {named}."
    only = low.code if first == last else None
    return Proposal(
        scale.name, scale.version, low.code, high.code, only, nearest.code, why, basis, measures
    )


def _middle(grades: list[Grade]) -> Grade:
    return grades[(len(grades) - 1) // 2]


def _interval(fat: RegionFat) -> tuple[float, float]:
    point = fat.fat_fraction or 0.0
    return (
        point if fat.low is None else min(fat.low, point),
        point if fat.high is None else max(fat.high, point),
    )


def _signs(texture: Texture | None) -> frozenset[Sign] | None:
    """Return what the texture may show; None where every pattern is possible."""
    if texture is None:
        return None
    return frozenset((*texture.patterns, *_left(texture)))


def _left(texture: Texture) -> list[Sign]:
    left = 1 - texture.fat_area_share
    signs: list[Sign] = ["end-stage"] if left < LEFT[1] else []
    return signs + (["muscle left"] if left >= LEFT[0] else [])


def _likeliest(texture: Texture | None) -> frozenset[Sign]:
    """Return the likeliest sign; without a texture the fraction alone decides, as if even."""
    if texture is None:
        return frozenset(("even", "end-stage", "muscle left"))
    return frozenset((texture.pattern, *_left(texture)))


def _fitting(
    fits: Iterable[Fit],
    low: float,
    high: float,
    signs: frozenset[Sign] | None,
    *,
    literal: bool = False,
) -> bool:
    """Whether one of the fits reaches into an interval of the fraction and allows a sign."""
    return any(
        fit.low <= high
        and (low < fit.high or fit.high == 1.0)
        and (not fit.signs or signs is None or bool(signs.intersection(fit.signs)))
        and (fit.literal or not literal)
        for fit in fits
    )


def _allowed(
    grades: Iterable[Grade], low: float, high: float, signs: frozenset[Sign] | None
) -> list[Grade]:
    return [grade for grade in grades if _fitting(grade.fits, low, high, signs)]


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.0f}%"


def _fat_sentence(fat: RegionFat, texture: Texture | None) -> str:
    """Say what was measured of the fat."""
    low, high = _interval(fat)
    said = f"Fat is {_percent(fat.fat_fraction or 0.0)} of the volume"
    if fat.low is not None:
        said += f" (95% interval {_percent(low)} to {_percent(high)})"
    if fat.fat_share is not None:
        said += f", {_percent(fat.fat_share)} of the voxels are more than half fat"
    if texture is None:
        return said + "; too little of the muscle is seen to tell a pattern."
    patterns = " or ".join(texture.patterns)
    said += f"; the pattern is {patterns}"
    if texture.length_mm is not None and texture.edge_mm is not None:
        said += (
            f" (correlation length {texture.length_mm:.1f} mm, borders {texture.edge_mm:.1f} mm)"
        )
    return f"{said}, muscle left in {_percent(1 - texture.fat_area_share)} of the area."


def _fat_measures(fat: RegionFat, texture: Texture | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "fat_fraction": fat.fat_fraction,
        "low": fat.low,
        "high": fat.high,
        "fat_share": fat.fat_share,
    }
    if texture is not None:
        found["patterns"] = list(texture.patterns)
        found["texture"] = asdict(texture)
    return found


def _calibrated(
    scale: Scale,
    fat: RegionFat,
    texture: Texture | None,
    calibration: Calibration,
    measures: dict[str, Any],
) -> Proposal | None:
    """Return the proposal by a study's own bands; None outside of what it was made from."""
    values: dict[str, float] = {}
    for term, least, most in zip(
        calibration.terms, calibration.lowest, calibration.highest, strict=True
    ):
        value = fat.fat_fraction if term == "fat_fraction" else getattr(texture, term, None)
        if value is None or not least - 0.05 * (most - least) <= value <= most + 0.05 * (
            most - least
        ):
            return None
        values[term] = float(value)
    chances = calibration.chances(values, fat.fat_fraction_sd or 0.0)
    at = [scale.position(code) for code in calibration.grades]
    runs = [
        (last - first, -float(chances[first : last + 1].sum()), first, last)
        for first in range(len(at))
        for last in range(first, len(at))
        if chances[first : last + 1].sum() >= HELD
    ]
    _, _, first, last = min(runs)
    median = int((chances.cumsum() < 0.5).sum())
    nearest = scale.grades[at[min(max(median, first), last)]]
    kappa = calibration.cross_validated
    basis = f"calibrated on {calibration.study}, {calibration.readings} readings"
    if kappa.estimate is not None:
        basis += f", cross-validated kappa {kappa.estimate:.2f}"
    why = _fat_sentence(fat, texture)
    why += " By the readings of that study: " + ", ".join(
        f"{code} {_percent(float(chance))}"
        for code, chance in zip(calibration.grades, chances, strict=True)
        if chance >= 0.005
    ) + "."  # fmt: skip
    absent = [code for code in scale.codes if code not in calibration.grades]
    if absent:
        why += f" Nobody read {', '.join(absent)} there, so that it cannot be proposed."
    measures = {**measures, "chances": dict(zip(calibration.grades, chances.tolist(), strict=True))}
    return _of(scale, list(scale.grades[at[first] : at[last] + 1]), nearest, why, basis, measures)


def propose_oedema(scale: str | Scale, oedema: RegionOedema) -> Proposal:
    """Propose a grade of oedema for one muscle.

    Parameters
    ----------
    scale
        A scale of oedema, or its name.
    oedema
        What was measured on STIR. Of its `pattern`, "intensity" (mean excess of the positive
        voxels) tells mild from moderate; where it is not there, both are allowed.

    Raises
    ------
    ValueError
        If the scale is not known, or is none of oedema.
    """
    known = _scale(scale, "oedema")
    share = oedema.positive_share
    measures: dict[str, Any] = {
        "positive_share": share,
        "mean_excess": oedema.mean_excess,
        **oedema.pattern,
    }
    if share is None:
        return _none(known, "No grade: STIR could not be measured here.", measures)
    strengths = _strengths(oedema.pattern.get("intensity"))
    allowed = [
        grade
        for grade in known.grades
        if any(_swells(one, share, strengths) for one in grade.swellings)
    ]
    why = f"{100 * share:.1f}% of the voxels are above the STIR limit"
    if share > POSITIVE_SHARE:
        if "intensity" in oedema.pattern:
            bright = 1 + oedema.pattern["intensity"]
            why += f", on average {bright:.1f} times as bright as muscle without oedema"
        if "extent_slices" in oedema.pattern:
            why += f", in {_percent(oedema.pattern['extent_slices'])} of its slices"
    return _of(known, allowed, _middle(allowed), why + ".", DEFAULT, measures)


def _strengths(excess: float | None) -> set[str]:
    if excess is None or MODERATE[0] < excess < MODERATE[1]:
        return {"mild", "moderate"}
    return {"mild"} if excess <= MODERATE[0] else {"moderate"}


def _swells(one: Swelling, share: float, strengths: set[str]) -> bool:
    return (
        (one.low < share or one.low == 0.0)
        and share <= one.high
        and (one.strength is None or one.strength in strengths)
    )
