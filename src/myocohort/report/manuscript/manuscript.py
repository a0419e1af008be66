"""The text of a manuscript: paragraphs by rule from results.json, none with a new number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.figures import Figures
from myocohort.report.flow_figure import size_text
from myocohort.report.model.models import SIGNIFICANCE, Results, models_of, refusals, usable
from myocohort.report.model.survival import what_survives
from myocohort.report.model.table2 import ModelView, model_view
from myocohort.report.model.validation import validation_view
from myocohort.report.rounding import n_equals, p_equation, plain_text
from myocohort.report.sections import SECTIONS
from myocohort.report.wording import OUTCOMES, outcome_words, status_words

ROUNDING = (
    "Numbers are rounded only for printing, halves away from zero; results.json has them in full. "
    "A dash stands for a number that does not exist, and the note beside it says why."
)
NOT_WRITTEN = (
    "Not part of this document, and left to the authors: abstract, introduction, discussion, "
    "recruitment and setting, ethics approval and consent, funding, contributions and "
    "availability of data."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text under its heading.

    Parameters
    ----------
    heading
        Of the second level.
    paragraphs
        In order; empty where there is nothing to say.
    left_out
        What is said instead of paragraphs.
    """

    heading: str
    paragraphs: tuple[str, ...]
    left_out: str


def methods_parts(results: Results) -> list[Part]:
    """Return the parts of the methods: the design by the study file, then what was run."""
    return [
        Part("Study design and patients", tuple(_design(results)), "the results name no groups."),
        Part(
            "Definitions and statistics",
            tuple(str(text) for text in results.get("methods") or ()),
            "the results hold no methods paragraph.",
        ),
    ]


def results_parts(results: Results, figures: Figures) -> list[Part]:
    """Return the parts of the results; a part without content says why it is left out."""
    final = models_of(results, "final")
    view = model_view(final) if usable(final) else None
    no_model = "; ".join(f"{method} could not be fitted: {why}" for method, why in refusals(final))
    parts = [
        Part("Flow of patients", tuple(_flow(results)), "the results hold no flow of patients."),
        Part(
            "Indicators by group",
            tuple(_indicators(results)),
            "the results hold no table with rows.",
        ),
        Part("Screening of candidates", tuple(_screening(results)), "no candidates were screened."),
        Part(
            "Final model",
            tuple(_model(view, figures)) if view else (),
            f"{no_model}."
            if no_model
            else "the results hold no final model, so there is no Table 2 and no forest plot.",
        ),
    ]
    survives = " ".join(what_survives(results))
    if survives:
        parts.append(Part("What survives", (survives,), ""))
    for section in SECTIONS:
        paragraphs, why = section.paragraphs(results)
        parts.append(Part(section.heading, tuple(paragraphs), why))
    parts.append(
        Part(
            "Missing values",
            tuple(_missing(results)),
            "the results do not say what was missing.",
        )
    )
    if results.get("scoreboard"):
        parts.append(
            Part("Comparison with the publication", tuple(_publication(results, view)), "")
        )
    return parts


def limits(results: Results) -> list[str]:
    """Return what a reader must hold against the numbers: warnings and refusals, each once."""
    found: list[str] = []
    study = results.get("study") or {}
    rebuild = results.get("rebuild") or {}
    found += [study.get("origin_note") or "", rebuild.get("note") or ""]
    untested: dict[str, list[str]] = {}
    for row in _rows(results):
        if row.get("p") is None and row.get("test") != "":
            warnings = row.get("warnings") or ()
            why = [text for text in warnings if text.startswith("no test")] or warnings
            reasons = "; ".join(why) or "no reason is recorded"
            untested.setdefault(reasons, []).append(row["label"])
    for reasons, labels in untested.items():
        found.append(f"{'; '.join(dict.fromkeys(labels))}: no p value was computed; {reasons}")
    for identity, words in (("final", "Final model"), ("screened", "Model of all candidates")):
        models = models_of(results, identity)
        for method, why in refusals(models):
            found.append(f"{words}, {method}: could not be fitted; {why}")
        if usable(models):
            view = model_view(models)
            found += [f"{words}: {warning.rstrip('.')} ({by})" for by, warning in view.warnings]
    validation = validation_view(results)
    if validation:
        found += validation.warnings
        for model in validation.models:
            found += [f"{warning.rstrip('.')} ({model.title})" for warning in model.warnings]
            if model.error:
                found.append(f"{model.title} could not be validated: {model.error}")
    for section in SECTIONS:
        found += section.warnings(results)
    return [_ended(f"{text[0].upper()}{text[1:]}") for text in dict.fromkeys(found) if text]


def _design(results: Results) -> Iterator[str]:
    arms = (results.get("study") or {}).get("arms") or ()
    if arms:
        listed = "; ".join(f"{arm['label']} ({arm['role']}, {n_equals(arm['n'])})" for arm in arms)
        yield f"Groups of the study: {listed}."
    rule = results.get("outcome_rule") or {}
    if rule:
        text = f"Outcome: {rule.get('label') or rule['name']}, decided for each patient by rule"
        reference = rule.get("reference")
        yield _ended(f"{text} ({reference.rstrip('.')})" if reference else text)


def _flow(results: Results) -> Iterator[str]:
    """Put the boxes into one sentence a step of the main line."""
    flow = results.get("flow") or ()
    sentences: list[str] = []
    analysed: list[str] = []
    for box in flow:
        words = f"{box['label']} ({size_text(box)})"
        if box["level"] == 2:
            analysed.append(words.removeprefix("Analysed: "))
        elif box["level"] == 0 or not sentences:
            sentences.append(words)
        elif ", of these: " in sentences[-1]:
            sentences[-1] += f"; {words}"
        else:
            sentences[-1] += f", of these: {words}"
    if sentences:
        yield " ".join(f"{sentence}." for sentence in sentences)
    if analysed:
        yield f"Analysed: {'; '.join(analysed)}."
    counts = results.get("outcome") or {}
    order = [key for key in dict.fromkeys((*OUTCOMES, *counts)) if key in counts]
    if order:
        listed = "; ".join(f"{outcome_words(key)} {counts[key]}" for key in order)
        yield f"Outcome by the rule: {listed}."


def _rows(results: Results) -> list[Mapping[str, Any]]:
    return [
        row
        for table in results.get("tables") or ()
        for section in table["sections"]
        for row in section["rows"]
    ]


def _indicators(results: Results) -> Iterator[str]:
    level = plain_text(SIGNIFICANCE)
    numbers = iter((1, *range(3, 3 + len(results.get("tables") or ()))))
    for table in results.get("tables") or ():
        rows = [row for section in table["sections"] for row in section["rows"]]
        if not rows:
            yield f"The table “{table['title']}” has no rows."
            continue
        number = f"Table {next(numbers)}"
        if not table["groups"]:
            yield f"{number}: {table['title']}. All patients; nothing was compared."
            continue
        tested = [row for row in rows if isinstance(row.get("p"), int | float)]
        below = [row for row in tested if row["p"] < SIGNIFICANCE]
        if not tested:
            yield f"{number}: {table['title']}. No p value could be computed."
            continue
        listed = "; ".join(f"{row['label']} ({p_equation(row['p'])})" for row in below)
        sentence = f"p below {level}: {listed}" if below else f"no p value is below {level}"
        if below and len(below) < len(tested):
            sentence += f"; not below {level}: all others that were tested"
        yield f"{number}: {table['title']}. By group, {sentence}."


def _screening(results: Results) -> Iterator[str]:
    screening = results.get("screening") or {}
    rows = screening.get("rows") or ()
    if not rows:
        return
    passed = [f"{row['label']} ({p_equation(row['p'])})" for row in rows if row["passes"]]
    threshold = f"{screening['threshold']:g}"
    yield f"Candidates with p < {threshold}: {'; '.join(passed) or 'none'}."
    if screening.get("note"):
        yield _ended(str(screening["note"]))


def _model(view: ModelView, figures: Figures) -> Iterator[str]:
    yield "; ".join(f"{name}: {value}" for name, value in view.facts) + "."
    sentences = []
    for term in view.terms:
        fits = [
            f"{method} {fit.headline}" for method, fit in zip(view.methods, term.fits, strict=True)
        ]
        if term.exact:
            fits.append(f"exact {term.exact.headline}")
        sentences.append(f"{term.label}: {'; '.join(fits)}.")
    if sentences:
        where = "Table 2"
        if "forest" in figures:
            where += f", Figure {figures['forest'].number}"
        yield f"Odds ratios with {view.level} intervals ({where}). " + " ".join(sentences)
    for method, why in view.errors:
        yield f"{method} could not be fitted: {_ended(why)}"


def _missing(results: Results) -> Iterator[str]:
    rows: Sequence[Mapping[str, Any]] | None = results.get("missing")
    if not rows:
        return
    by_number: dict[str, list[str]] = {}
    for row in rows:
        if row["missing"]:
            by_number.setdefault(f"{row['missing']} of {row['of']}", []).append(row["label"])
    if not any(row["of"] for row in rows):
        yield "Nobody is in the groups that are compared, so that nothing can be missing."
        return
    if not by_number:
        yield "No variable of the analysis has a missing value."
        return
    listed = "; ".join(f"{number} in {', '.join(labels)}" for number, labels in by_number.items())
    yield f"Missing values: {listed}. Other variables have none."


def _publication(results: Results, view: ModelView | None) -> Iterator[str]:
    scoreboard = results["scoreboard"]
    counts = {
        "reproduced": scoreboard["reproduced"],
        "consistent": scoreboard["consistent"],
        "contradicted": len(scoreboard.get("contradicted") or ()),
        "not_recoverable": len(scoreboard.get("not_recoverable") or ()),
    }
    listed = "; ".join(f"{n} {status_words(status)}" for status, n in counts.items())
    yield f"Of {scoreboard['published']} numbers that the publication prints: {listed}."
    for term in view.terms if view else ():
        for what, published, computed in term.differences:
            text = f"{term.label}, {what}: published {published}, computed {computed}."
            yield " ".join([text, *term.remarks])


def _ended(text: str) -> str:
    """Return a text with a point at its end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
