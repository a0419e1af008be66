"""The section on predicted risks as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.model.validation import range_text
from myocohort.report.prediction.calibration_figure import calibration_figure
from myocohort.report.prediction.decision_curve_figure import decision_curve_figure
from myocohort.report.prediction.printed import (
    letter_of,
    limits_text,
    pattern_label,
    per_100,
    percent,
)
from myocohort.report.rounding import MISSING, fixed_text, n_equals, plain_text
from myocohort.report.section import ReportFigure

NONE = "the results hold no predicted risks."
SHOWN_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Those of the thresholds that the table prints; the workbook has all."""
_DECIMALS = {"Brier score": 3}
_TITLES = {
    "c-statistic": "c-statistic",
    "Brier score": "Brier score",
    "calibration slope": "Calibration slope",
    "calibration intercept": "Calibration intercept",
}


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure: apparent with limits, cross-validated with the SD of the repeats.

    The ranges over joint tables are "" where there are none.
    """

    name: str
    apparent: str
    limits: str
    cross_validated: str
    sd: str
    apparent_range: str
    cross_validated_range: str


@dataclass(frozen=True, slots=True)
class PointRow:
    """One pattern of the terms, or group of similar risk; risks and shares in percent."""

    letter: str
    label: str
    n: str
    events: str
    observed: str
    limits: str
    risk: str
    cross_validated: str
    observed_range: str


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One threshold: who is acted on, and the net benefit per 100 patients."""

    threshold: str
    treated: str
    true_positives: str
    apparent: str
    cross_validated: str
    limits: str
    cross_validated_range: str
    treat_all: str


@dataclass(frozen=True, slots=True)
class RisksView:
    """One model whose risks were judged.

    Parameters
    ----------
    identity, title, about
        For links, what it is, and its patients, events and method.
    error
        Why there are no numbers; "" where there are.
    formula, coefficients
        How a risk follows from the terms.
    measures, points, thresholds
        The tables.
    by
        What the points are: "pattern" or "group".
    tables
        Over how many joint tables the ranges go; 0 without any.
    smooth, best
        Sentences on the smooth curve and on where the model is of use.
    notes, warnings
        What a reader must know.
    """

    identity: str
    title: str
    about: str
    error: str
    formula: str = ""
    coefficients: tuple[tuple[str, str], ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    points: tuple[PointRow, ...] = ()
    thresholds: tuple[ThresholdRow, ...] = ()
    by: str = ""
    tables: int = 0
    level: str = ""
    smooth: str = ""
    best: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictionView:
    """The whole section; `left_out` says why where there is none.

    `drawn` is the identity of the model that the figures are of.
    """

    left_out: str
    event: str = ""
    notes: tuple[str, ...] = ()
    thresholds: str = ""
    models: tuple[RisksView, ...] = ()
    drawn: str = ""


def prediction_view(results: Results) -> PredictionView:
    """Lay out the section `prediction` of results.json."""
    section = results.get("prediction")
    if not section:
        return PredictionView(NONE)
    if section["left_out"]:
        return PredictionView(section["left_out"])
    drawn = drawn_model(results)
    return PredictionView(
        "",
        section["event_label"],
        tuple(section["notes"]),
        section["thresholds"]["why"],
        tuple(_risks(model, section) for model in section["models"]),
        drawn["id"] if drawn else "",
    )


def drawn_model(results: Results) -> Mapping[str, Any] | None:
    """Return the first model whose risks could be judged: the final one where it could."""
    section = results.get("prediction") or {}
    if section.get("left_out"):
        return None
    return next((model for model in section.get("models") or () if not model["error"]), None)


def prediction_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield calibration and decision curve of the first model that could be judged."""
    model = drawn_model(results)
    if model is None:
        return
    section = results["prediction"]
    who = f"{n_equals(model['n'])}, {model['events']} with the outcome"
    by = "pattern of the terms" if model["calibration"]["by"] == "pattern" else "group of risk"
    over = (
        f" Grey bars: lowest to highest observed share over {model['tables']} joint tables."
        if model["tables"]
        else ""
    )
    yield ReportFigure(
        "calibration",
        calibration_figure(model, section["event_label"], results),
        f"{model['title']}: observed against predicted risk ({who}), a point for each {by}, with "
        f"Wilson limits; the larger, the more patients.{over}",
        f"Calibration of the predicted risks of the {model['title'].lower()}; the table of "
        "predicted and observed risks has its numbers",
    )
    yield ReportFigure(
        "decision-curve",
        decision_curve_figure(model, section["thresholds"]["values"], results),
        f"{model['title']}: net benefit of acting by the predicted risk, on everybody and on "
        f"nobody ({who}), apparent and cross-validated.",
        f"Decision curve of the {model['title'].lower()}; the table of net benefits has its "
        "numbers at five thresholds",
    )


def _risks(model: Mapping[str, Any], section: Mapping[str, Any]) -> RisksView:
    terms = ", ".join(term["label"] for term in model["terms"])
    if model["error"]:
        return RisksView(model["id"], model["title"], terms, model["error"])
    calibration, decision = model["calibration"], model["decision"]
    smooth = calibration["smooth_left_out"]
    return RisksView(
        model["id"],
        model["title"],
        _about(model, section),
        "",
        formula=(
            "The predicted risk is 1 / (1 + exp(\N{MINUS SIGN}L)), where L is the intercept plus "
            "the sum of coefficient times term; a yes/no term is 1 or 0."
        ),
        coefficients=tuple(
            (row["label"], fixed_text(row["b"], 3)) for row in model["coefficients"]
        ),
        measures=tuple(_measure(row) for row in model["measures"]),
        points=tuple(_point(i, point) for i, point in enumerate(calibration["points"])),
        thresholds=tuple(_thresholds(decision, section["thresholds"]["values"])),
        by=calibration["by"],
        tables=model["tables"],
        level=plain_text(100 * calibration["points"][0]["interval"]["level"]),
        smooth=f"{smooth[:1].upper()}{smooth[1:]}." if smooth else "",
        best=_best(decision, model["tables"]),
        notes=(
            *([model["tables_note"]] if model["tables_note"] else []),
            f"Brier score of giving everybody the observed share: "
            f"{fixed_text(model['uninformed_brier'], 3)}.",
        ),
        warnings=tuple(model["warnings"]),
    )


def _about(model: Mapping[str, Any], section: Mapping[str, Any]) -> str:
    crossed = model["cross_validation"]
    repeats = "1 repeat" if crossed["repeats"] == 1 else f"{crossed['repeats']} repeats"
    return (
        f"{model['procedure']}: n = {model['n']}, n missing = {model['n_missing']}, "
        f"with the outcome ({section['event_label']}) {model['events']}, events per term "
        f"{fixed_text(model['events_per_variable'], 1)}; {crossed['folds']}-fold cross-validation, "
        f"{repeats}, seed {section['seed']}."
    )


def _measure(row: Mapping[str, Any]) -> MeasureRow:
    decimals = _DECIMALS.get(row["name"], 2)
    interval, tables = row["interval"], row["tables"] or {}
    limits = MISSING
    if interval:
        limits = limits_text(
            fixed_text(interval["low"], decimals), fixed_text(interval["high"], decimals)
        )
    return MeasureRow(
        _TITLES.get(row["name"], row["name"]),
        fixed_text(row["apparent"], decimals),
        limits,
        fixed_text(row["cross_validated"], decimals),
        fixed_text(row["sd"], decimals + 1),
        range_text(tables.get("apparent"), decimals) if tables else "",
        range_text(tables.get("cross_validated"), decimals) if tables else "",
    )


def _point(place: int, point: Mapping[str, Any]) -> PointRow:
    interval, tables = point["interval"], point["tables"] or {}
    return PointRow(
        letter_of(place),
        pattern_label(point),
        str(point["n"]),
        str(point["events"]),
        percent(point["observed"]),
        limits_text(percent(interval["low"]), percent(interval["high"])),
        percent(point["risk"]),
        percent(point["cross_validated_risk"]),
        _range(tables.get("observed"), percent) if tables else "",
    )


def _range(of: Mapping[str, Any] | None, printed: Any) -> str:
    if of is None:
        return MISSING
    low, high = printed(of["low"]), printed(of["high"])
    return str(low) if low == high else limits_text(low, high)


def _thresholds(decision: Mapping[str, Any], thresholds: Sequence[float]) -> Iterator[ThresholdRow]:
    by_name = {strategy["name"]: strategy for strategy in decision["strategies"]}
    crossed, limits = by_name.get("cross_validated"), decision["limits"]
    for threshold in SHOWN_THRESHOLDS:
        if threshold not in thresholds:
            continue
        at = list(thresholds).index(threshold)
        tables = crossed["tables"] if crossed else None
        yield ThresholdRow(
            plain_text(100 * threshold),
            str(decision["treated"][at]),
            str(decision["true_positives"][at]),
            per_100(by_name["apparent"]["net_benefit"][at]),
            per_100(crossed["net_benefit"][at]) if crossed else MISSING,
            limits_text(per_100(limits["low"][at]), per_100(limits["high"][at]))
            if limits
            else MISSING,
            _range({"low": tables["low"][at], "high": tables["high"][at]}, per_100)
            if tables
            else "",
            per_100(by_name["treat_all"]["net_benefit"][at]),
        )


def _best(decision: Mapping[str, Any], tables: int) -> str:
    """Say at which thresholds acting by the cross-validated model is the best strategy."""
    if all(strategy["name"] != "cross_validated" for strategy in decision["strategies"]):
        return "No repeat of the cross-validation is whole: there is no such net benefit."
    head = "Cross-validated, acting by the model has more net benefit than acting on all or none"
    text = f"{head} at {_runs(decision['best'])}."
    if tables and decision["best_in_all_tables"] is not None:
        text += (
            f" In all {tables} joint tables this holds at {_runs(decision['best_in_all_tables'])}."
        )
    limits = decision["limits"]
    if limits:
        text += (
            f" The limits ({plain_text(100 * limits['level'])}%) belong to the cross-validated net "
            f"benefit and are {limits['method']}: they say how far it rests on who was in the "
            "study. Acting on all varies with the same patients, so that limits which reach its "
            "curve are no test of a difference."
        )
    return text


def _runs(runs: Sequence[Mapping[str, float]]) -> str:
    if not runs:
        return "no threshold of the range"
    ends = [(plain_text(100 * run["low"]), plain_text(100 * run["high"])) for run in runs]
    listed = [f"{low}%" if low == high else f"{low} to {high}%" for low, high in ends]
    return f"thresholds of {' and '.join(listed)}"
