"""What a manuscript says of outcomes over time."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.model.models import Results
from myocohort.report.over_time.courses_view import CoursesView, courses_view


def course_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of the outcomes over time, and why nothing is where nothing is."""
    view = courses_view(results)
    if view.left_out:
        return [], view.left_out
    return list(_paragraphs(view)), "the results hold no outcome over time."


def course_warnings(results: Results) -> Iterator[str]:
    """Yield the warnings of each question, its title before it."""
    for one in courses_view(results).times:
        for warning in one.warnings:
            yield f"{one.title}: {warning}"


def _paragraphs(view: CoursesView) -> Iterator[str]:
    if view.notes:
        yield " ".join(view.notes)
    for one in view.times:
        facts = [f"{row.label}: {row.facts}" for row in one.rows]
        sentences = [f"{one.title}: {one.about}", f"{'; '.join(facts)}." if facts else ""]
        left_out = [f"Left out: {reason}" for reason in one.left_out]
        yield " ".join(text for text in (*sentences, one.comparison, *left_out) if text)
