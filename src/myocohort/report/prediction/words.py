"""What a manuscript says of predicted risks."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.model.models import Results
from myocohort.report.prediction.view import MeasureRow, PredictionView, RisksView, prediction_view
from myocohort.report.rounding import MISSING


def prediction_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of the predicted risks, and why nothing is where nothing is."""
    view = prediction_view(results)
    if view.left_out:
        return [], view.left_out
    return list(_paragraphs(view)), "no predicted risk could be judged."


def prediction_warnings(results: Results) -> Iterator[str]:
    """Yield what a reader must know of each model's risks, and why a model is left out."""
    view = prediction_view(results)
    for model in view.models:
        if model.error:
            yield f"Predicted risks, {model.title}: left out: {model.error}"
        for warning in model.warnings:
            yield f"Predicted risks, {model.title}: {warning}"


def _paragraphs(view: PredictionView) -> Iterator[str]:
    """Yield the drawn model in full, the others with their measures, then what holds for all."""
    for model in view.models:
        if model.error:
            continue
        drawn = model.identity == view.drawn
        sentences = [f"{model.title}. {model.about}", *(model.notes if drawn else ())]
        sentences.append(f"{'; '.join(_in_words(row, model) for row in model.measures)}.")
        if drawn:
            sentences += [model.best, model.smooth]
        yield " ".join(sentence for sentence in sentences if sentence)
    yield " ".join(view.notes)


def _in_words(row: MeasureRow, model: RisksView) -> str:
    text = f"{row.name} {row.apparent}"
    if row.limits != MISSING:
        text += f" ({model.level}% limits {row.limits})"
    if row.apparent_range:
        text += f" ({row.apparent_range} over the joint tables)"
    text += f", cross-validated {row.cross_validated}"
    return text + (f" ({row.cross_validated_range})" if row.cross_validated_range else "")
