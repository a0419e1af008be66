"""The section on patients and controls as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.notes import Notes
from myocohort.report.rounding import MISSING, Number, decimals_for, fixed_text, p_text, plain_text

NONE = "the results hold no comparison with controls."


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line: two groups, the shift with its limits and p, and Cliff's delta.

    Parameters
    ----------
    label
        Of the muscle, or of target and membranes.
    patients, controls
        n with missing, or with lanes; mean (SD); median.
    shift, p, holm, benjamini_hochberg
        Of one family.
    delta
        With limits of its own.
    smallest
        The smallest p that is possible with these numbers, of exact tests.
    marks
        Letters of its notes.
    """

    label: str
    patients: tuple[str, str, str]
    controls: tuple[str, str, str]
    shift: str
    p: str
    holm: str
    benjamini_hochberg: str
    delta: str
    smallest: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideRow:
    """Right less left of one muscle: n, mean (SD), median with range, how often which is higher."""

    muscle: str
    n: str
    mean: str
    median: str
    directions: str


@dataclass(frozen=True, slots=True)
class ArmView:
    """MRI against one arm of controls: a block of rows for each scale, and notes."""

    identity: str
    label: str
    about: str
    figure: str
    scales: tuple[tuple[str, tuple[Comparison, ...]], ...]
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SidesView:
    """Right against left in one group."""

    label: str
    scales: tuple[tuple[str, tuple[SideRow, ...]], ...]


@dataclass(frozen=True, slots=True)
class ImagingView:
    """The comparison of MRI; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    arms: tuple[ArmView, ...]
    sides: tuple[SidesView, ...]


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane of a blot."""

    target: str
    membrane: str
    lane: str
    patient: str
    group: str
    density: str
    loading: str
    value: str


@dataclass(frozen=True, slots=True)
class BlotsView:
    """The comparison of blots; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    unit: str
    loading: str
    membranes: tuple[tuple[str, ...], ...]
    arms: tuple[tuple[str, tuple[Comparison, ...]], ...]
    marks: tuple[tuple[str, str], ...]
    lanes: tuple[LaneRow, ...]
    lanes_left_out: str


@dataclass(frozen=True, slots=True)
class ControlsView:
    """The whole section; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    level: str
    imaging: ImagingView | None
    blots: BlotsView | None


def controls_view(results: Results) -> ControlsView:
    """Lay out the section `controls` of results.json."""
    section = results.get("controls")
    if not section:
        return ControlsView(NONE, (), "", None, None)
    if section["left_out"]:
        return ControlsView(section["left_out"], tuple(section["notes"]), "", None, None)
    labels = {arm["code"]: arm["label"] for arm in (results.get("study") or {}).get("arms", ())}
    return ControlsView(
        "",
        tuple(section["notes"]),
        level_text(results),
        _imaging(section["imaging"]),
        _blots(section["blots"], labels),
    )


def least_p_text(p: Number) -> str:
    """Print the smallest possible p with two significant digits; it is no result of a test."""
    if not isinstance(p, int | float):
        return MISSING
    if p < 1e-6:
        return "<0.000001"
    return fixed_text(p, 1 - Decimal(repr(p)).adjusted())


def level_text(results: Results) -> str:
    """Return the level of the limits as it is in the results: "95%"; "" where there are none."""
    section = results.get("controls") or {}
    imaging, blots = section.get("imaging") or {}, section.get("blots") or {}
    rows = [row for arm in imaging.get("arms", ()) for row in arm["rows"]]
    rows += [row for target in blots.get("targets", ()) for row in target["comparisons"]]
    levels = [
        effect["interval"]["level"]
        for row in rows
        for effect in (row["shift"], row["delta"])
        if effect and effect["interval"]
    ]
    return f"{plain_text(100 * levels[0])}%" if levels else ""


def _limits(effect: Mapping[str, Any], decimals: int) -> str:
    """Print an effect with its limits: "0.54 (0.39 to 0.67)"."""
    interval = effect["interval"]
    text = fixed_text(effect["estimate"], decimals)
    if interval is None:
        return f"{text} ({MISSING})"
    low, high = (fixed_text(interval[end], decimals) for end in ("low", "high"))
    return f"{text} ({low} to {high})"


def effect_text(effect: Mapping[str, Any] | None, decimals: int = 2) -> str:
    """Print an effect with its limits, or a dash where there is none."""
    return MISSING if effect is None else _limits(effect, decimals)


def group_texts(of: Mapping[str, Any], decimals: int = 2) -> tuple[str, str, str]:
    """Print n with missing (or lanes), mean (SD), and median of one group."""
    n = str(of["n"])
    if "lanes" in of and of["lanes"] != of["n"]:
        n += f" ({of['lanes']} lanes)"
    elif "lanes" not in of and of["missing"]:
        n += f" ({of['missing']})"
    mean = MISSING
    if of["n"]:
        mean = f"{fixed_text(of['mean'], decimals)} ({fixed_text(of['sd'], decimals)})"
    return n, mean, fixed_text(of["median"], decimals)


def comparison_notes(row: Mapping[str, Any]) -> list[str]:
    """Return the notes of a comparison: its warnings, and those of its effects, each once."""
    delta = row["delta"] or {"warnings": ()}
    found = [f"P: {row['test']}"] if row["p"] is not None else []
    return [*found, *row["warnings"], *(f"Cliff's delta: {text}" for text in delta["warnings"])]


def _comparison(row: Mapping[str, Any], label: str, notes: Notes, decimals: int) -> Comparison:
    return Comparison(
        label,
        group_texts(row["patients"], decimals),
        group_texts(row["controls"], decimals),
        effect_text(row["shift"], decimals),
        p_text(row["p"]),
        p_text(row["holm"]),
        p_text(row["benjamini_hochberg"]),
        effect_text(row["delta"]),
        least_p_text(row["smallest_p"]),
        notes.mark(comparison_notes(row)),
    )


def arm_figure(place: int) -> str:
    """Return the name of an arm's figure; the first is "controls-muscles"."""
    return "controls-muscles" if place == 1 else f"controls-muscles-{place}"


def _imaging(imaging: Mapping[str, Any]) -> ImagingView:
    arms = []
    for place, arm in enumerate(imaging["arms"], start=1):
        notes = Notes()
        scales: dict[str, list[Comparison]] = {}
        for row in arm["rows"]:
            lines = scales.setdefault(row["label"], [])
            lines.append(_comparison(row, row["muscle"], notes, 2))
        arms.append(
            ArmView(
                f"controls-{place}",
                arm["label"],
                arm_about(arm),
                arm_figure(place),
                tuple((label, tuple(lines)) for label, lines in scales.items()),
                notes.listed,
            )
        )
    return ImagingView(imaging["left_out"], tuple(imaging["notes"]), tuple(arms), _sides(imaging))


def arm_about(arm: Mapping[str, Any]) -> str:
    """Say who was scanned and how many p values are small, raw and adjusted."""
    n, scanned, family = arm["n"], arm["scanned"], arm["family"]
    below = family["below"]
    return (
        f"Scanned before treatment: {scanned['patients']} of {n['patients']} followed patients, "
        f"{scanned['controls']} of {n['controls']} controls. Of {family['tests']} comparisons "
        f"{below['raw']} have a raw p below {plain_text(below['level'])}, {below['holm']} after "
        f"Holm's and {below['benjamini_hochberg']} after Benjamini and Hochberg's adjustment."
    )


def _sides(imaging: Mapping[str, Any]) -> tuple[SidesView, ...]:
    words = {row["name"]: row["label"] for arm in imaging["arms"] for row in arm["rows"]}
    groups: dict[str, dict[str, list[SideRow]]] = {}
    for row in imaging["sides"]:
        n = str(row["n"]) + (f" ({row['missing']})" if row["missing"] else "")
        mean = median = directions = MISSING
        if row["n"]:
            mean = f"{fixed_text(row['mean'], 2)} ({fixed_text(row['sd'], 2)})"
            ends = (plain_text(row[end], 2) for end in ("median", "min", "max"))
            median = "{} ({} to {})".format(*ends)
            directions = f"{row['right_higher']} / {row['same']} / {row['left_higher']}"
        line = SideRow(row["muscle"], n, mean, median, directions)
        groups.setdefault(row["label"], {}).setdefault(words[row["name"]], []).append(line)
    return tuple(
        SidesView(label, tuple((scale, tuple(lines)) for scale, lines in scales.items()))
        for label, scales in groups.items()
    )


def comparison_label(target: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Name a comparison of blots by its target and, where it is of one, its membrane."""
    return f"{target['target']}, {row['membrane']}" if row["membrane"] else str(target["target"])


def blot_decimals(blots: Mapping[str, Any]) -> int:
    """Return the decimals of all values of the blots, so that they can be compared."""
    return decimals_for(
        row[group][name]
        for target in blots["targets"]
        for row in target["comparisons"]
        for group in ("patients", "controls")
        for name in ("mean", "sd")
    )


def _blots(blots: Mapping[str, Any], labels: Mapping[str, str]) -> BlotsView:
    decimals, notes = blot_decimals(blots), Notes()
    arms: dict[str, list[Comparison]] = {}
    for target in blots["targets"]:
        for row in target["comparisons"]:
            line = _comparison(row, comparison_label(target, row), notes, decimals)
            arms.setdefault(target["label"], []).append(line)
    return BlotsView(
        blots["left_out"],
        tuple(blots["notes"]),
        blots["unit"],
        blots["loading"] or "",
        tuple(
            (
                one["membrane"],
                str(one["lanes"]),
                str(one["patients"]),
                str(one["controls"]),
                ", ".join(one["targets"]),
            )
            for one in blots["membranes"]
        ),
        tuple((label, tuple(lines)) for label, lines in arms.items()),
        notes.listed,
        tuple(
            LaneRow(
                lane["target"],
                lane["membrane"],
                plain_text(lane["lane"]),
                lane["patient"],
                "followed" if lane["arm"] == "patients" else labels.get(lane["arm"], lane["arm"]),
                plain_text(lane["density"]),
                plain_text(lane["loading"]),
                lane["why"] if lane["value"] is None else fixed_text(lane["value"], decimals),
            )
            for lane in blots["lanes"]
        ),
        blots["lanes_left_out"],
    )
