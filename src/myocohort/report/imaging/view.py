"""MRI over time as it is printed: change rates, total scores, and the model, rounding done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.notes import Notes
from myocohort.report.rounding import (
    MISSING,
    Number,
    decimals_for,
    fixed_text,
    n_equals,
    p_equation,
    p_text,
    plain_text,
)
from myocohort.report.wording import first_capital, missing_text, month_words

NONE = "the results hold no MRI over time."
CHANGES = {
    "increase": "increasing rate: points a month that the total score rose since before treatment",
    "reduction": "reducing rate: points a month that the total score fell since before treatment",
}
_FORMS = {
    "months": "a mean for each month and group",
    "line": "a straight line over the months for each group",
    "time": "a mean for each month, all patients together",
}


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One group at one month; texts are dashes where nobody has a value."""

    group: str
    n: str
    missing: str
    mean: str
    limits: str
    median: str
    extremes: str


@dataclass(frozen=True, slots=True)
class MonthRows:
    """All groups at one month."""

    month: str
    rows: tuple[SummaryRow, ...]


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """The two groups at one month: the shift with its own limits and p, and the test."""

    month: str
    n: str
    shift: str
    limits: str
    shift_p: str
    p: str
    holm: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient: total score before treatment, then total and rate at each month."""

    patient: str
    group: str
    before: str
    months: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One coefficient of the model with the interval and p of its own t, p also as a sentence."""

    label: str
    n: str
    estimate: str
    limits: str
    p: str
    p_equation: str


@dataclass(frozen=True, slots=True)
class ModelView:
    """The model for repeated measures; `left_out` says why where there is none."""

    left_out: str
    title: str
    heading: str
    rows: tuple[ModelRow, ...]
    answer: str
    facts: tuple[str, ...]
    reduced: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScaleView:
    """One scale.

    Parameters
    ----------
    identity, title
        For links, and above it.
    left_out
        Why there is nothing of it.
    about
        What its rate is.
    rates, scores
        Summaries by month and group.
    level
        Of the limits, in percent.
    against
        "Non-refractory less Refractory".
    comparisons, notes, adjusted
        Month by month, the notes of their letters, and how p values were adjusted.
    months, patients
        Single patients.
    model
        For repeated measures.
    """

    identity: str
    title: str
    left_out: str
    about: str
    rates: tuple[MonthRows, ...]
    scores: tuple[MonthRows, ...]
    level: str
    against: str
    comparisons: tuple[ComparisonRow, ...]
    notes: tuple[tuple[str, str], ...]
    adjusted: str
    months: tuple[str, ...]
    patients: tuple[PatientRow, ...]
    model: ModelView | None


@dataclass(frozen=True, slots=True)
class ImagingView:
    """The whole section; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    scales: tuple[ScaleView, ...]


def imaging_view(results: Results) -> ImagingView:
    """Lay out the section `imaging` of results.json."""
    section = results.get("imaging")
    if not section:
        return ImagingView(NONE, (), ())
    labels = group_labels(section)
    return ImagingView(
        section["left_out"],
        tuple(section["notes"]),
        tuple(
            _scale(scale, f"imaging-{place}", section, labels)
            for place, scale in enumerate(section["scales"], start=1)
        ),
    )


def group_labels(section: Mapping[str, Any]) -> dict[str, str]:
    """Return code of a group -> label."""
    return {group["code"]: group["label"] for group in section["groups"]}


def compared(section: Mapping[str, Any]) -> tuple[str, str]:
    """Return the codes of the two groups that are compared."""
    return section["compared"]["first"], section["compared"]["second"]


def _scale(
    scale: Mapping[str, Any], identity: str, section: Mapping[str, Any], labels: Mapping[str, str]
) -> ScaleView:
    first, second = (labels[code] for code in compared(section))
    notes = Notes()
    comparisons = tuple(_comparison(rate, compared(section), notes) for rate in scale["rates"])
    holm = scale["holm"] or {}
    return ScaleView(
        identity,
        scale["label"],
        scale["left_out"],
        f"{first_capital(CHANGES.get(scale['change'], 'change rate'))}; "
        f"{scale['muscle_sides']} muscle-sides.",
        tuple(_month_rows(rate, labels) for rate in scale["rates"]),
        tuple(_month_rows(score, labels, decimals=1) for score in scale["scores"]),
        next(
            (
                plain_text(100 * group["interval"]["level"])
                for part in (*scale["rates"], *scale["scores"])
                for group in part["groups"]
                if group["interval"]
            ),
            "95",
        ),
        f"{first} less {second}",
        comparisons,
        notes.listed,
        f"adjusted for {holm['n']} p values of this scale ({holm['method']})"
        if holm.get("n")
        else "",
        tuple(f"Month {rate['month']}" for rate in scale["rates"]),
        tuple(_patient(row, scale, labels) for row in scale["patients"]),
        _model(scale["model"], labels, scale["label"]) if scale["model"] else None,
    )


def _month_rows(
    part: Mapping[str, Any], labels: Mapping[str, str], decimals: int | None = None
) -> MonthRows:
    groups = part["groups"]
    if decimals is None:
        decimals = decimals_for(group[key] for group in groups for key in ("mean", "sd"))
    return MonthRows(
        first_capital(month_words(part["month"])),
        tuple(_summary(group, labels[group["code"]], decimals) for group in groups),
    )


def _summary(group: Mapping[str, Any], label: str, decimals: int) -> SummaryRow:
    missing = missing_text(group)
    n = str(group["n"])
    if not group["n"]:
        return SummaryRow(label, n, missing, MISSING, MISSING, MISSING, MISSING)

    def text(key: str) -> str:
        return fixed_text(group[key], decimals)

    return SummaryRow(
        label,
        n,
        missing,
        f"{text('mean')} ± {text('sd')}",
        limits_text(group["interval"], decimals),
        f"{text('median')} ({text('q1')} to {text('q3')})",
        f"{text('min')} to {text('max')}",
    )


def limits_text(interval: Mapping[str, Any] | None, decimals: int) -> str:
    """Print two limits that may be negative, or a dash when there are none."""
    if interval is None:
        return MISSING
    return f"{fixed_text(interval['low'], decimals)} to {fixed_text(interval['high'], decimals)}"


def _decimals(estimate: Number, interval: Mapping[str, Any] | None) -> int:
    limits = (interval["low"], interval["high"]) if interval else ()
    return decimals_for((estimate, *limits))


def _comparison(rate: Mapping[str, Any], pair: tuple[str, str], notes: Notes) -> ComparisonRow:
    one = rate["comparison"]
    shift = one["shift"] or {"estimate": None, "interval": None, "p": None, "warnings": ()}
    decimals = _decimals(shift["estimate"], shift["interval"])
    sizes = {group["code"]: group["n"] for group in rate["groups"]}
    return ComparisonRow(
        first_capital(month_words(rate["month"])),
        " / ".join(str(sizes[code]) for code in pair),
        fixed_text(shift["estimate"], decimals),
        limits_text(shift["interval"], decimals),
        p_text(shift["p"]),
        p_text(one["p"]),
        p_text(one["p_holm"]),
        notes.mark([one["test"], *one["warnings"], *(shift["warnings"] or ())]),
    )


def _patient(
    row: Mapping[str, Any], scale: Mapping[str, Any], labels: Mapping[str, str]
) -> PatientRow:
    totals = {score["month"]: score["total"] for score in row["scores"]}
    rates = {rate["month"]: rate["value"] for rate in row["rates"]}
    months = [rate["month"] for rate in scale["rates"]]
    return PatientRow(
        row["patient"],
        labels[row["group"]],
        MISSING if 0 not in totals else plain_text(totals[0]),
        tuple(
            (
                MISSING if month not in totals else plain_text(totals[month]),
                fixed_text(rates.get(month), 2),
            )
            for month in months
        ),
    )


def _model(model: Mapping[str, Any], labels: Mapping[str, str], scale: str) -> ModelView:
    reduced = tuple(_sentence(text) for text in model["reduced"])
    dropped = tuple(_sentence(f"left out: {one['reason']}") for one in model["months_left_out"])
    title = f"{scale}: model of the repeated total scores"
    if model["left_out"]:
        return ModelView(_sentence(model["left_out"]), title, "", (), "", (), (), (), ())
    against = f"{labels[model['first']]} less {labels[model['second']]}"
    return ModelView(
        "",
        title,
        "Change since before treatment" if model["form"] == "time" else against,
        tuple(_model_rows(model)),
        _answer(model),
        tuple(_facts(model, labels)),
        (*(f"Simpler model: {text}" for text in reduced), *dropped),
        tuple(model["notes"]),
        tuple(_sentence(warning) for warning in model["warnings"]),
    )


def _model_rows(model: Mapping[str, Any]) -> Iterator[ModelRow]:
    listed = [
        *model["differences"],
        *model["changes"],
        *([model["slope"]] if model["slope"] else []),
    ]
    decimals = decimals_for(
        value
        for one in listed
        for value in (one["estimate"], one["interval"]["low"], one["interval"]["high"])
    )
    base = month_words(model["months"][0]) if model["months"] else ""

    def row(label: str, n: str, one: Mapping[str, Any]) -> ModelRow:
        limits = limits_text(one["interval"], decimals)
        estimate = fixed_text(one["estimate"], decimals)
        return ModelRow(label, n, estimate, limits, p_text(one["p"]), p_equation(one["p"]))

    pair = (model["first"], model["second"])
    for one in model["differences"]:
        what = "level" if one["what"] == "level" else f"change since {base}"
        n = " / ".join(str(one["n"][code]) for code in pair)
        yield row(f"{first_capital(month_words(one['month']))}, {what}", n, one)
    for one in model["changes"]:
        yield row(
            f"{first_capital(month_words(one['month']))}, change since {base}", str(one["n"]), one
        )
    if model["slope"]:
        n = " / ".join(str(model["n_by_group"].get(code, 0)) for code in pair)
        yield row("Slope, points a month", n, model["slope"])


def _answer(model: Mapping[str, Any]) -> str:
    test = model["test"]
    df = plain_text(test["df"])
    if test["df_denominator"] is not None:
        df += f" and {fixed_text(test['df_denominator'], 1)}"
    return (
        f"{model['question']} {test['method']}: {test['statistic_name']} "
        f"{fixed_text(test['statistic'], 2)} with {df} df, {p_equation(test['p'])}."
    )


def _facts(model: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    groups = "; ".join(
        f"{labels[code]} {n_equals(model['n_by_group'].get(code, 0))}"
        for code in (model["first"], model["second"])
    )
    yield (
        f"Model: {_FORMS[model['form']]}. {model['method']}. "
        f"{model['n_patients']} patients with {model['n_scans']} scans ({groups}); "
        f"{model['n_patients_missing']} patients of these groups without a complete scan."
    )
    yield (
        f"SD between patients {fixed_text(model['sd_between'], 2)}, within patients "
        f"{fixed_text(model['sd_within'], 2)} points; share of the variance that lies between "
        f"patients {fixed_text(model['intraclass_correlation'], 2)}."
    )


def _sentence(text: str) -> str:
    text = text.strip()
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return first_capital(ended)


def scales_with_rates(section: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    """Return the scales of which there is something to draw."""
    return [scale for scale in (section or {}).get("scales", ()) if scale["rates"]]
