"""What a manuscript says of muscle biopsies."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.model.models import Results
from myocohort.report.pathology.view import PathologyView, pathology_view
from myocohort.report.rounding import MISSING, n_equals, p_relation


def pathology_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of the biopsies, and why nothing is where nothing is."""
    view = pathology_view(results)
    if view.left_out:
        return [], view.left_out
    return list(_paragraphs(view)), "the results hold no finding and no expression."


def _paragraphs(view: PathologyView) -> Iterator[str]:
    if view.notes:
        yield " ".join(view.notes)
    found = [
        f"{row.label} {cell.share}"
        for row in view.findings
        for cell in row.cells[:1]
        if not cell.reason
    ]
    if found:
        yield (
            "Findings of the biopsies, all patients, present of read (%), with "
            f"{view.interval} in the table: "
            f"{'; '.join(found)}."
        )
    for marker in view.markers:
        values = [f"{row.label} {row.mean} ({n_equals(row.n)})" for row in marker.rows if row.n]
        if values:
            yield (
                f"Expression of {marker.label}, mean ± SD: {'; '.join(values)}. "
                f"{marker.compared} {marker.fields}"
            )
    pairs = [
        f"{row.pair} {row.rho}"
        + (f" ({view.level}% limits {row.limits})" if row.limits != MISSING else "")
        + f", {p_relation(row.p)}, adjusted {p_relation(row.adjusted)}, {n_equals(row.n)}"
        for row in view.pairs
        if row.rho != MISSING
    ]
    if pairs:
        yield f"Rank correlation of markers: {'; '.join(pairs)}. {' '.join(view.pair_notes)}"
