"""MRI over time in sentences: paragraphs of the results, and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.imaging.view import NONE, ModelView, ScaleView, compared, imaging_view
from myocohort.report.model.models import Results
from myocohort.report.rounding import p_equation


def imaging_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of MRI over time, and why nothing is where nothing is."""
    view = imaging_view(results)
    if view.left_out:
        return [], view.left_out
    section = results["imaging"]
    found = [" ".join(view.notes)] if view.notes else []
    for scale, raw in zip(view.scales, section["scales"], strict=True):
        if scale.left_out:
            found.append(f"{scale.title}: {scale.left_out}")
            continue
        found.append(" ".join(_rates_in_words(scale, raw, section)))
        if scale.model:
            found.append(" ".join(_model_in_words(scale.title, scale.model)))
    return found, NONE


def _rates_in_words(
    scale: ScaleView, raw: Mapping[str, Any], section: Mapping[str, Any]
) -> Iterator[str]:
    pair = compared(section)
    codes = [group["code"] for group in section["groups"]]
    yield f"{scale.title}. {scale.about} Mean ± SD ({scale.level}% limits) by group{_p_of(raw)}:"
    for rate, rows in zip(raw["rates"], scale.rates, strict=True):
        if not any(group["n"] for group in rate["groups"]):
            yield f"{rows.month}: nobody has a rate, missing {rows.rows[0].missing}."
            continue
        by_code = dict(zip(codes, rows.rows, strict=True))
        groups = "; ".join(
            f"{by_code[code].group} {by_code[code].mean} ({by_code[code].limits}), "
            f"n = {by_code[code].n}"
            for code in pair
        )
        p, holm = (p_equation(rate["comparison"][key]) for key in ("p", "p_holm"))
        yield f"{rows.month}: {groups}; {p}, by Holm {holm}."


def _p_of(raw: Mapping[str, Any]) -> str:
    """Say of which test the p values are: not of the means that stand before them."""
    found = [rate["comparison"] for rate in raw["rates"]]
    tests = dict.fromkeys(one["test"] for one in found if one["p"] is not None)
    return f", and p of the {'; '.join(tests)}" if tests else ""


def _model_in_words(title: str, model: ModelView) -> Iterator[str]:
    if model.left_out:
        yield f"{title}, repeated measures: left out. {model.left_out}"
        return
    yield f"{title}, repeated measures. {' '.join(model.facts)} {model.answer}"
    listed = "; ".join(
        f"{row.label}: {row.estimate} ({row.limits}), {row.p_equation}" for row in model.rows
    )
    yield f"{model.heading}: {listed}."
    yield from model.reduced


def imaging_warnings(results: Results) -> Iterator[str]:
    """Yield what must be held against the numbers, the scale before it."""
    section = results.get("imaging") or {}
    for scale in section.get("scales", ()):
        for rate in scale["rates"]:
            when = f"{scale['label']}, month {rate['month']}"
            for warning in rate["comparison"]["warnings"]:
                yield f"{when}: {warning}"
        model = scale["model"]
        if model:
            title = f"{scale['label']}, model of repeated scores"
            left_out = [model["left_out"]] if model["left_out"] else model["reduced"]
            for text in (*left_out, *model["warnings"]):
                yield f"{title}: {text}"
