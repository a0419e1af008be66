"""What a manuscript says of what could overturn the final model."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.model.models import Results
from myocohort.report.robustness.view import robustness_view


def robustness_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what could overturn the model in sentences, and why there is nothing."""
    view = robustness_view(results)
    if view.left_out:
        return [], view.left_out
    found = [" ".join(view.notes)] if view.notes else []
    if view.no_model:
        return found, view.no_model
    if view.sentences:
        found.append(f"What could overturn the final model. {' '.join(view.sentences)}")
    if view.lost.about:
        found.append(" ".join(view.lost.about))
    if view.compared.left_out:
        found.append(view.compared.left_out)
    said = [*view.treatments, *view.confounding]
    if said:
        found.append(" ".join(said))
    return found, "the results do not say what could overturn the model."


def robustness_warnings(results: Results) -> Iterator[str]:
    """Yield which terms something overturns, and what has to be said of treatments."""
    view = robustness_view(results)
    for row in view.summary:
        if row.turned:
            yield f"{row.label}: whether p is below {view.level} {row.verdict}."
    yield from view.treatments
