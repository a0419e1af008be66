"""What a manuscript says of patients over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.over_time.patients_view import (
    KEY,
    NO_SECTION,
    DosesView,
    month_name,
    patients_view,
)
from myocohort.report.rounding import fixed_text
from myocohort.report.wording import missing_text


def patients_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of CK, strength and doses, and why nothing is where nothing is."""
    section = results.get(KEY)
    if not section:
        return [], NO_SECTION
    if section["left_out"]:
        return [], section["left_out"]
    view = patients_view(results)
    found = []
    if not view.ck_left_out:
        found.append(" ".join(_ck_sentences(section)))
    if not view.strength_left_out:
        found.append(" ".join(_strength_sentences(section)))
    if view.doses and not view.doses.left_out:
        found.append(" ".join(_dose_sentences(view.doses)))
    return [text for text in found if text], "no CK, strength or glucocorticoid is recorded."


def _outcomes(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [group for group in part["groups"] if group["by"] == "outcome"]


def _ends(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the first and the last planned month with a value."""
    known = [month for month in group["months"] if month["n"]]
    return known if len(known) < 2 else [known[0], known[-1]]


def _when(month: int) -> str:
    return f"at month {month_name(month)}" if month else "before treatment"


def _ck_sentences(section: Mapping[str, Any]) -> Iterator[str]:
    for group in _outcomes(section["ck"]):
        parts = []
        for month in _ends(group):
            text = (
                f"{fixed_text(month['median'], 0)} U/L "
                f"(quartiles {fixed_text(month['q1'], 0)} to {fixed_text(month['q3'], 0)}) "
                f"{_when(month['month'])} (n = {month['n']}, missing {missing_text(month)})"
            )
            if month["limit_known"]:
                text += f", above its upper limit in {month['above']} of {month['limit_known']}"
            parts.append(text)
        if parts:
            yield f"Median CK, {group['label']}: {'; '.join(parts)}."


def _strength_sentences(section: Mapping[str, Any]) -> Iterator[str]:
    for group in _outcomes(section["strength"]):
        parts = []
        for month in _ends(group):
            levels = ", ".join(
                f"grade {level['grade']} in {level['n']}" for level in month["levels"] if level["n"]
            )
            parts.append(
                f"{levels} {_when(month['month'])} (n = {month['n']}, missing "
                f"{missing_text(month)})"
            )
        if parts:
            yield f"MRC of the weakest muscle group, {group['label']}: {'; '.join(parts)}."


def _dose_sentences(doses: DosesView) -> Iterator[str]:
    for measure in doses.measures:
        rows = "; ".join(
            f"{row.label} median {row.median} (quartiles {row.quartiles}, n = {row.n}, missing "
            f"{row.missing})"
            for row in measure.rows
            if row.n
        )
        if not rows:
            rows = "no dose is known"
            if measure.rows:
                rows += f" (missing {measure.rows[0].missing})"
        yield f"{measure.title}: {rows}. {measure.comparison}"
    yield from doses.warnings


def patients_warnings(results: Results) -> Iterator[str]:
    """Yield what limits the doses and their comparison."""
    view = patients_view(results)
    if view.doses is None:
        return
    for warning in view.doses.warnings:
        yield f"Glucocorticoids: {warning}"
    for measure in view.doses.measures:
        for warning in measure.warnings:
            yield f"{measure.title}: {warning}"
