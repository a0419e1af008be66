"""One plain paragraph on what of the final model survives, by rule from the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.model.models import (
    METHOD_NAMES,
    SIGNIFICANCE,
    Family,
    Results,
    Verdict,
    models_of,
    usable,
    verdicts,
)
from myocohort.report.model.validation import over_tables, percent_range, range_text
from myocohort.report.rounding import Number, p_equation, plain_text

FEW_LEFT = 0.95
"""Share of resamples with a calibration slope below which the sentence says so."""
LEAST_SHARE = 0.05
"""Share of resamples below which a term that was chosen is not named as a rival."""
_LEVEL = plain_text(SIGNIFICANCE)


def what_survives(results: Results) -> tuple[str, ...]:
    """Say which terms hold in every family, which do not, and how the model validates.

    Returns
    -------
    tuple of str
        Sentences; empty where there is no final model. A term that is below the level in
        some families and not in others is named with all of them and their p values.
    """
    models = models_of(results, "final")
    if not usable(models):
        return ()
    sentences = list(_verdict_sentences(verdicts(models)))
    sentences += [
        f"{METHOD_NAMES[key]} could not be fitted and is not counted."
        for key, model in models.items()
        if model.get("error")
    ]
    screening = results.get("screening")
    if screening and screening.get("rows"):
        sentences.append(
            f"None of these p values takes account of the screening of "
            f"{len(screening['rows'])} candidates."
        )
    validation = results.get("validation")
    if validation:
        sentences += _validation_sentences(validation)
    return tuple(sentences)


def _verdict_sentences(found: Sequence[Verdict]) -> Iterator[str]:
    always = [v.label for v in found if v.below and not v.not_below]
    never = [v.label for v in found if v.not_below and not v.below]
    if always:
        yield f"Below {_LEVEL} in every family of every method: {_listed(always)}."
    for verdict in found:
        if verdict.depends:
            yield (
                f"For {verdict.label} the verdict depends on the family: below {_LEVEL} by "
                f"{_families(verdict.below)}; not below by {_families(verdict.not_below)}."
            )
    if never:
        yield f"Below {_LEVEL} in no family of any method: {_listed(never)}."
    silent = [v.label for v in found if not v.below and not v.not_below]
    if silent:
        yield f"No p value could be computed for {_listed(silent)}."


def _validation_sentences(validation: Mapping[str, Any]) -> Iterator[str]:
    models = {model["id"]: model for model in validation["models"]}
    for model in models.values():
        if model["error"]:
            yield f"Not validated ({model['title']}): {model['error']}."
    final, screening = models.get("final"), models.get("screening")
    if final and not final["error"]:
        n = len(final["terms"])
        yield (
            f"Taken as if fixed beforehand, the {f'{n} terms have' if n != 1 else 'term has'} "
            f"a c-statistic of "
            f"{_c_and_slope(final, validation)}."
        )
    if screening and not screening["error"]:
        yield (
            f"With the screening repeated in each of {validation['resamples']:,} bootstrap "
            f"resamples, the c-statistic of what it chooses is "
            f"{_c_and_slope(screening, validation)}."
        )
        yield from _inclusion_sentences(screening["inclusion"])
    if validation["data"]["kind"] == "joint tables":
        tables = validation["data"]["tables"]
        text = f"Ranges run over the {tables} joint tables that the publication leaves possible"
        if screening:
            text += (
                "; it does not say how the other candidates occur with them, and other "
                "arrangements of those could lie outside"
            )
        yield f"{text}."


def _c_and_slope(model: Mapping[str, Any], validation: Mapping[str, Any]) -> str:
    tables, resamples = validation["data"]["tables"], validation["resamples"]
    measures = {measure["name"]: measure for measure in model["measures"]}
    c, slope = measures["c-statistic"], measures["calibration slope"]
    text = f"{range_text(c['apparent'], 2)} in the data"
    if c["corrected"] is None:
        return f"{text}, which could not be corrected for optimism"
    text += f" and {range_text(c['corrected'], 2)} corrected for optimism"
    if slope["corrected"] is not None:
        text += f" (calibration slope {over_tables(slope['corrected'], 2, tables)}, 1 is ideal"
        if slope["resamples"]["low"] < FEW_LEFT * resamples:
            text += (
                f"; it rests on {range_text(slope['resamples'], 0)} of the resamples, because in "
                f"the others the model separates the outcome or there is none, and is too "
                f"favourable"
            )
        text += ")"
    return text


def _inclusion_sentences(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Name how often each term of the final model is chosen, and the others chosen as often."""
    final = [row for row in rows if row["in_final"]]
    if not final:
        return
    shares = _listed([f"{row['label']} in {percent_range(row['share'])}" for row in final])
    yield f"The screening chooses {shares} of them."
    least = min(row["share"]["low"] for row in final)
    rivals = [
        row
        for row in rows
        if not row["in_final"] and row["share"]["high"] >= max(least, LEAST_SHARE)
    ]
    if rivals:
        others = _listed([f"{row['label']} ({percent_range(row['share'])})" for row in rivals])
        yield f"Chosen as often as one of these or oftener, and not in the final model: {others}."


def _families(pairs: Sequence[tuple[Family, Number]]) -> str:
    return _listed([f"{family.name} ({p_equation(p)})" for family, p in pairs])


def _listed(parts: Sequence[str]) -> str:
    """Join parts with commas and "and"; with semicolons where a part has a comma itself."""
    if len(parts) < 2:
        return "".join(parts)
    comma = "; " if any("," in part for part in parts) else ", "
    return f"{comma.join(parts[:-1])} and {parts[-1]}"
