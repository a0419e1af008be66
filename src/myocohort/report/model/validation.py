"""The validation as it is printed: every figure a range over the tables it was computed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import METHOD_NAMES, Results
from myocohort.report.rounding import MISSING, fixed_text

Range = Mapping[str, Any]

_DECIMALS = {"Brier score": 3}
_COLUMNS = ("apparent", "optimism", "corrected")


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure: its name, and apparent, optimism and corrected as printed.

    `resamples` is how many entered the optimism.
    """

    name: str
    cells: tuple[str, ...]
    monte_carlo_se: str
    resamples: str


@dataclass(frozen=True, slots=True)
class ModelPart:
    """One validated model.

    Parameters
    ----------
    title
        What was validated.
    lines
        Its measures; empty where there is an error.
    failed
        Sentence on the refits that failed; "" where there is an error.
    warnings
        Of the validation.
    error
        Why there are no numbers; "" where there are.
    """

    title: str
    lines: tuple[MeasureLine, ...]
    failed: str
    warnings: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """How often a candidate is chosen.

    Parameters
    ----------
    label
        As the study file words it.
    share
        Percentages as printed.
    low, high
        The same as numbers from 0 to 100, for the bar.
    in_final
        Whether it is a term of the final model.
    """

    label: str
    share: str
    low: float
    high: float
    in_final: bool


@dataclass(frozen=True, slots=True)
class ValidationView:
    """The section "Validation" with its rounding done.

    Parameters
    ----------
    about
        What was done, and what the ranges are ranges over.
    models
        The validated models.
    chosen
        Candidates, most often chosen first; empty without a screening.
    warnings, notes
        Of the whole, and how the figures were made.
    reference
        Source of the method.
    """

    about: str
    models: tuple[ModelPart, ...]
    chosen: tuple[Chosen, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    reference: str


def validation_view(results: Results) -> ValidationView | None:
    """Lay out the validation; None where the study file asks for none."""
    validation = results.get("validation")
    if not validation:
        return None
    good = [model for model in validation["models"] if not model["error"]]
    return ValidationView(
        about=_about(validation),
        models=tuple(_part(model, validation) for model in validation["models"]),
        chosen=tuple(
            Chosen(
                row["label"],
                percent_range(row["share"]),
                100 * row["share"]["low"],
                100 * row["share"]["high"],
                row["in_final"],
            )
            for model in good
            for row in model["inclusion"]
        ),
        warnings=tuple(validation["warnings"]),
        notes=tuple(dict.fromkeys(note for model in good for note in model["notes"])),
        reference=validation["reference"],
    )


def range_text(of: Range | None, decimals: int) -> str:
    """Print a range as "0.87–0.92", with "to" beside a minus sign, as one number if it is one."""
    if of is None:
        return MISSING
    low, high = fixed_text(of["low"], decimals), fixed_text(of["high"], decimals)
    if low == high:
        return low
    negative = "\N{MINUS SIGN}" in low + high
    return f"{low} to {high}" if negative else f"{low}–{high}"


def percent_range(share: Range) -> str:
    """Print a range of shares in whole percent: "76–83%"."""
    return range_text({end: 100 * share[end] for end in ("low", "high")}, 0) + "%"


def _about(validation: Mapping[str, Any]) -> str:
    data = validation["data"]
    text = (
        f"{validation['resamples']:,} bootstrap resamples (seed {validation['seed']}) of the "
        f"patients; in each, the candidates were screened anew where the model was screened, and "
        f"the model was fitted anew ({METHOD_NAMES[validation['method']]}). Corrected: apparent "
        f"less optimism."
    )
    if data["kind"] == "joint tables":
        text += f" Each figure is the range over {data['tables']} tables. {data['note']}"
    return text


def over_tables(of: Range | None, decimals: int, tables: int) -> str:
    """Print a range, and over how many of the tables where some have no such figure."""
    text = range_text(of, decimals)
    known = 0 if of is None else of["tables"]
    return text if known in (0, tables) else f"{text} ({known} of {tables} tables)"


def _part(model: Mapping[str, Any], validation: Mapping[str, Any]) -> ModelPart:
    if model["error"]:
        return ModelPart(model["title"], (), "", (), model["error"])
    lines, tables = [], validation["data"]["tables"]
    for measure in model["measures"]:
        decimals = _DECIMALS.get(measure["name"], 2)
        error = measure["monte_carlo_se"]
        lines.append(
            MeasureLine(
                measure["name"],
                tuple(over_tables(measure[column], decimals, tables) for column in _COLUMNS),
                MISSING if error is None else fixed_text(error["high"], 3),
                range_text(measure["resamples"], 0),
            )
        )
    failed = f"Failed refits: {range_text(model['failed'], 0)} of {validation['resamples']:,}"
    if model["failed_why"]:
        failed += f" ({'; '.join(model['failed_why'])})"
    terms = [term["label"] for term in model["terms"]]
    chosen = f" Terms in the data themselves: {', '.join(terms)}." if terms else ""
    return ModelPart(
        model["title"], tuple(lines), f"{failed}.{chosen}", tuple(model["warnings"]), ""
    )
