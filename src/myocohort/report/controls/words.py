"""What a manuscript says of patients and controls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.controls.view import (
    NONE,
    arm_about,
    blot_decimals,
    comparison_label,
    effect_text,
    least_p_text,
)
from myocohort.report.model.models import Results
from myocohort.report.rounding import fixed_text, n_equals, p_equation, plain_text


def control_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of patients and controls, and why nothing is where nothing is."""
    section = results.get("controls")
    if not section:
        return [], NONE
    if section["left_out"]:
        return [], section["left_out"]
    imaging, blots = section["imaging"], section["blots"]
    parts: list[str] = [" ".join(section["notes"])] if section["notes"] else []
    if imaging["left_out"]:
        parts.append(f"MRI of controls was left out: {imaging['left_out']}")
    for arm in imaging["arms"]:
        parts.append(f"MRI, followed patients against {arm['label']}. {arm_about(arm)}")
    if blots["left_out"]:
        parts.append(f"Blots of controls were left out: {blots['left_out']}")
    decimals = blot_decimals(blots)
    for target in blots["targets"]:
        parts.append(_blot_sentence(target, decimals, blots["unit"]))
    return parts, NONE


def _blot_sentence(target: Mapping[str, Any], decimals: int, unit: str) -> str:
    sentences = []
    rows: Sequence[Mapping[str, Any]] = [r for r in target["comparisons"] if r["in_family"]]
    for row in rows:
        groups = []
        for name, words in (("patients", "patients"), ("controls", target["label"])):
            of = row[name]
            mean = ""
            if of["n"]:
                mean = f", mean {fixed_text(of['mean'], decimals)}"
                mean += f" (SD {fixed_text(of['sd'], decimals)})"
            groups.append(f"{words} {n_equals(of['n'])}{mean}")
        text = f"{comparison_label(target, row)} ({unit}): {' against '.join(groups)}"
        if row["p"] is not None:
            shift = row["shift"]
            if shift and shift["interval"]:
                level = plain_text(100 * shift["interval"]["level"])
                text += f"; shift with {level}% limits {effect_text(shift, decimals)}"
            text += f"; {row['test']}: {p_equation(row['p'])}"
            if row["smallest_p"] is not None:
                least = least_p_text(row["smallest_p"])
                text += f" (the smallest possible with these numbers is {least})"
        sentences.append(f"{text}.")
    return " ".join(sentences)


def control_warnings(results: Results) -> Iterator[str]:
    """Yield the warnings of the comparisons, each once with what it is about."""
    section = results.get("controls") or {}
    if not section or section["left_out"]:
        return
    about: dict[str, list[str]] = {}
    for arm in section["imaging"]["arms"]:
        for row in arm["rows"]:
            for warning in row["warnings"]:
                about.setdefault(warning, []).append(f"{row['name']}, {row['muscle']}")
    for target in section["blots"]["targets"]:
        for row in target["comparisons"]:
            for warning in row["warnings"]:
                about.setdefault(warning, []).append(comparison_label(target, row))
    for warning, places in about.items():
        yield f"Patients against controls ({'; '.join(dict.fromkeys(places))}): {warning}."
