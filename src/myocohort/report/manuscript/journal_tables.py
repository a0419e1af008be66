"""Every table of a manuscript, laid out from results.json."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.manuscript.journal_table import (
    JournalCell,
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
    plain_cells,
)
from myocohort.report.model.models import METHOD_NAMES, Results, models_of, usable
from myocohort.report.model.table2 import (
    Estimate,
    ExactFit,
    ModelView,
    PrintedCell,
    TermView,
    model_view,
)
from myocohort.report.model.validation import validation_view
from myocohort.report.notes import Notes
from myocohort.report.rounding import (
    MISSING,
    fixed_text,
    like_printed,
    n_equals,
    p_text,
    plain_text,
)
from myocohort.report.sections import SECTIONS
from myocohort.report.table1 import Cell, Line, TableView, table_view
from myocohort.report.wording import PROVENANCE

DIFFERS = "\N{NOT EQUAL TO}"
EXACT_HEADING, PUBLISHED = METHOD_NAMES["exact"], "As published"


def journal_tables(results: Results) -> list[JournalTable]:
    """Return the tables that the results have numbers for: Table 1, Table 2, others, S1, ...

    Table 1 is the first of the study file, Table 2 the final model, as in the other
    documents; what stands behind them (screening, the model of all screened candidates,
    validation) is numbered S1, S2, ... in the order in which it is there.
    """
    full = [table for table in results.get("tables") or () if any(
        section["rows"] for section in table["sections"])]  # fmt: skip
    compared = [
        _comparison(f"Table {number}", table_view(table), _missing_of(table))
        for number, table in zip((1, *range(3, len(full) + 2)), full, strict=False)
    ]
    found = compared[:1]
    final = models_of(results, "final")
    if usable(final):
        found.append(_model("Table 2", model_view(final)))
    found += compared[1:]
    behind = [_screening(results), _screened(results), _validation(results)]
    for section in SECTIONS:
        behind += section.tables(results)
    behind.append(_contradicted(results))
    supplementary = [table for table in behind if table is not None]
    return found + [
        JournalTable(f"Table S{number}", t.title, t.columns, t.rows, t.notes, t.remarks)
        for number, t in enumerate(supplementary, start=1)
    ]


def _comparison(number: str, view: TableView, missing: str) -> JournalTable:
    """Lay out a comparison of groups: count and percentage in one column a group."""
    notes = Notes()
    notes.mark(text for _, text in view.notes)  # the same letters again
    columns = [JournalColumn("Indicator", numbers=False)]
    columns += [JournalColumn(f"{label} ({n_equals(n)})") for label, n in view.groups]
    whole = "All" if view.groups or view.n is None else f"All ({n_equals(view.n)})"
    columns.append(JournalColumn(whole))
    if view.has_tests:
        columns.append(JournalColumn("P"))
    if view.has_printed:
        columns.append(JournalColumn("P as published"))
    if view.has_provenance:
        columns.append(JournalColumn("Records", numbers=False))
    rows: list[JournalRow] = []
    for heading, lines in view.sections:
        if heading:
            rows.append(heading_row(heading))
        for position, line in enumerate(lines):
            follows = position + 1 < len(lines) and lines[position + 1].level > line.level
            rows.append(_comparison_row(line, view, notes, follows))
    numbers = "mean ± SD with median (first to third quartile) below"
    shares = "n (%), the percentage of the patients in whom it is known"
    if view.only_numbers:
        remarks = [f"Values are {numbers}."]
    else:
        remarks = [f"Values are {shares}{f', or {numbers}' if view.has_numbers else ''}."]
    remarks.append("SD standard deviation." if view.has_numbers else "")
    remarks.append(missing)
    if view.has_printed:
        remarks.append(
            f"{DIFFERS} The published p value differs from that of the test named here at the "
            "published digits."
        )
    if view.has_provenance:
        remarks += [f"Records {kind}: {words}." for kind, words in _kinds(view)]
    remarks += [
        f"Nobody is in the group “{label}”, so it has no numbers and nothing can be compared "
        "with it."
        for label in view.empty_groups
    ]
    return JournalTable(
        number,
        view.title,
        tuple(columns),
        tuple(rows),
        notes.listed,
        tuple(text for text in (*remarks, *view.remarks) if text),
    )


def _kinds(view: TableView) -> Iterator[tuple[str, str]]:
    """Yield the kinds of records that the table has, and what each means."""
    shown = {line.provenance for _, lines in view.sections for line in lines}
    for kind, words in PROVENANCE.items():
        if kind in shown:
            yield kind, words.removeprefix(f"{kind}: ").removeprefix("determined ")


def _comparison_row(line: Line, view: TableView, notes: Notes, goes_on: bool) -> JournalRow:
    label = f"{line.label}, {line.unit}" if line.unit else line.label
    cells = [JournalCell(label, line.small)]
    cells += _group_cells(line.cells, notes)
    if view.has_tests:
        cells.append(JournalCell(line.p, marks=line.marks))
    if view.has_printed:
        cells.append(JournalCell(f"{line.printed} {DIFFERS}" if line.differs else line.printed))
    if view.has_provenance:
        cells.append(JournalCell(line.provenance))
    return JournalRow(tuple(cells), level=line.level, goes_on=goes_on)


def _group_cells(cells: Sequence[Cell], notes: Notes) -> Iterator[JournalCell]:
    """Put a count and its percentage, two columns on the page, into one cell."""
    rest = iter(cells)
    for cell in rest:
        percent = None if cell.span == 2 else next(rest)
        reasons = dict.fromkeys([cell.reason, percent.reason if percent else ""])
        text = cell.text
        if percent is not None and not (cell.text == percent.text == MISSING):
            text = f"{cell.text} ({percent.text})"
        yield JournalCell(text, cell.small, notes.mark(_sentence(reason) for reason in reasons))


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:].rstrip('.')}." if reason else ""


def _missing_of(table: Mapping[str, Any]) -> str:
    """Say of which rows how many values are missing."""
    rows = [row for section in table["sections"] for row in section["rows"]]
    missing = [f"{row['label']} {row['n_missing']}" for row in rows if row.get("n_missing")]
    if table["groups"] and not any(group["n"] for group in table["groups"]):
        return ""
    if not missing:
        return "No value is missing."
    return f"Missing values: {'; '.join(missing)}; none of the others."


def _model(number: str, view: ModelView) -> JournalTable:
    """Lay out a model: the methods side by side, a row for each family of interval and p.

    A method that could not be fitted has no columns; a note says why.
    """
    notes = Notes()
    failed = {method for method, _ in view.errors}
    fitted = [place for place, method in enumerate(view.methods) if method not in failed]
    exact = bool(view.exact_name) and EXACT_HEADING not in failed
    columns = [
        JournalColumn("Indicator", numbers=False),
        JournalColumn("Interval and test", numbers=False),
    ]
    groups = [view.methods[place] for place in fitted] + ([EXACT_HEADING] if exact else [])
    for group in groups:
        columns += [JournalColumn(f"OR ({view.level} CI)", group), JournalColumn("P", group)]
    if view.has_printed:
        columns += [JournalColumn("OR (CI)", PUBLISHED), JournalColumn("P", PUBLISHED)]
    rows: list[JournalRow] = []
    for term in view.terms:
        rows += _term_rows(term, fitted, exact, view.has_printed, notes)
    remarks = [
        "OR odds ratio; CI confidence interval. The interval and p value of a cell belong to one "
        "family. Wald: Wald interval and Wald test. Likelihood: profile interval and "
        "likelihood-ratio test, both of the penalised likelihood for Firth's method."
    ]
    if exact:
        remarks[0] += (
            " Exact tails: exact limits and twice-one-sided exact p; exact score: p of the exact "
            "score test, which has no interval; CMLE conditional maximum-likelihood estimate."
        )
    names = [(view.methods[place], view.full_names[place]) for place in fitted]
    names += [(EXACT_HEADING, view.exact_name)] if exact else []
    remarks.append("; ".join(f"{short}: {full}" for short, full in names) + ".")
    if view.facts:
        remarks.append("; ".join(f"{name}: {value}" for name, value in view.facts) + ".")
    if view.intercepts:
        listed = "; ".join(f"{method} {b}" for method, b in view.intercepts)
        remarks.append(f"Intercept (log odds): {listed}.")
    if view.has_printed:
        remarks.append(f"{DIFFERS} The published number differs from {view.printed_family}.")
    remarks += [f"{method} could not be fitted: {why.rstrip('.')}." for method, why in view.errors]
    remarks += [f"{warning.rstrip('.')} ({methods})." for methods, warning in view.warnings]
    return JournalTable(
        number, view.title, tuple(columns), tuple(rows), notes.listed, tuple(remarks)
    )


def _term_rows(
    term: TermView, fitted: Sequence[int], exact: bool, printed: bool, notes: Notes
) -> Iterator[JournalRow]:
    for first in (True, False):
        family = "Wald" if first else "Likelihood"
        if exact:
            family += "; exact tails" if first else "; exact score"
        cells = [JournalCell(term.label if first else ""), JournalCell(family)]
        for fit in (term.fits[place] for place in fitted):
            cells += _estimate_cells(fit.odds_ratio, fit.wald if first else fit.likelihood, notes)
        if exact:
            cells += _exact_cells(term.exact, first, notes)
        if printed:
            cells += _printed_cells(term.printed, notes) if first else [JournalCell("")] * 2
        yield JournalRow(tuple(cells), goes_on=first)


def _estimate_cells(ratio: str, estimate: Estimate, notes: Notes) -> list[JournalCell]:
    """Return odds ratio with interval, and p; a dash has its reason as a note."""
    marks = notes.mark([_sentence(estimate.reason)])
    if estimate.interval == MISSING:
        return [JournalCell(ratio, marks=marks), JournalCell(estimate.p)]
    p_marks = marks if estimate.p == MISSING else ()
    return [JournalCell(f"{ratio} ({estimate.interval})"), JournalCell(estimate.p, marks=p_marks)]


def _exact_cells(fit: ExactFit | None, first: bool, notes: Notes) -> list[JournalCell]:
    if fit is None:
        return [JournalCell(MISSING)] * 2
    if first:
        ratio, p = _estimate_cells(fit.odds_ratio, fit.tail, notes)
        return [JournalCell(ratio.text, fit.kind, ratio.marks), p]
    if fit.score.p == MISSING:
        return _estimate_cells(MISSING, fit.score, notes)
    return [JournalCell(MISSING, marks=notes.mark([_sentence(fit.score.reason)])),
            JournalCell(fit.score.p)]  # fmt: skip


def _printed_cells(printed: Mapping[str, PrintedCell], notes: Notes) -> list[JournalCell]:
    if not printed:
        marks = notes.mark(["The publication prints nothing for this term."])
        return [JournalCell(MISSING, marks=marks), JournalCell(MISSING, marks=marks)]

    def text(field: str) -> str:
        cell = printed.get(field)
        if cell is None:
            return MISSING
        return f"{cell.text} {DIFFERS}" if cell.differs else cell.text

    return [JournalCell(f"{text('odds_ratio')} ({text('low')}–{text('high')})"),
            JournalCell(text("p"))]  # fmt: skip


def _screening(results: Results) -> JournalTable | None:
    screening = results.get("screening")
    if not screening or not screening.get("rows"):
        return None
    notes = Notes()
    threshold = max(
        fixed_text(screening["threshold"], 2), plain_text(screening["threshold"]), key=len
    )
    known = any(row.get("n") is not None for row in screening["rows"])
    columns = [JournalColumn("Candidate", numbers=False)]
    columns += [JournalColumn("n"), JournalColumn("Missing")] if known else []
    columns += [
        JournalColumn("P"),
        JournalColumn(f"P < {threshold}"),
        JournalColumn("In the final model"),
    ]
    rows = []
    for row in screening["rows"]:
        counts = [row.get("n"), row.get("n_missing")] if known else []
        texts = [row.get("test") or "", *(row.get("warnings") or ())]
        rows.append(
            JournalRow(
                (
                    JournalCell(row["label"]),
                    *plain_cells([MISSING if n is None else str(n) for n in counts]),
                    JournalCell(p_text(row["p"]), marks=notes.mark(texts)),
                    JournalCell("passes" if row["passes"] else "no"),
                    JournalCell("yes" if row["in_final"] else "no"),
                )
            )
        )
    remarks = [screening["note"]] if screening.get("note") else []
    return JournalTable(
        "",
        "Candidates for the model, each alone against the outcome",
        tuple(columns),
        tuple(rows),
        notes.listed,
        tuple(remarks),
    )


def _screened(results: Results) -> JournalTable | None:
    models = models_of(results, "screened")
    return _model("", model_view(models)) if usable(models) else None


def _validation(results: Results) -> JournalTable | None:
    view = validation_view(results)
    if view is None or not any(model.lines for model in view.models):
        return None
    names = ("Apparent", "Optimism", "Corrected", "Monte Carlo SE, at most", "Resamples used")
    columns = [JournalColumn("Measure", numbers=False), *(JournalColumn(name) for name in names)]
    rows: list[JournalRow] = []
    remarks = [view.about, "SE standard error."]
    for model in view.models:
        if model.error:
            remarks.append(f"{model.title} could not be validated: {model.error}.")
            continue
        rows.append(heading_row(model.title))
        rows += [
            JournalRow(
                (
                    JournalCell(m.name),
                    *(_two_lines(text) for text in m.cells),
                    *plain_cells([m.monte_carlo_se, m.resamples]),
                )
            )
            for m in model.lines
        ]
        remarks.append(f"{model.title}. {model.failed}")
    return JournalTable(
        "",
        "Performance of the model, corrected for optimism",
        tuple(columns),
        tuple(rows),
        remarks=tuple(_unique(remarks)),
    )


def _two_lines(text: str) -> JournalCell:
    """Put what stands in brackets behind a range under it."""
    figure, bracket, rest = text.partition(" (")
    return JournalCell(figure, f"({rest}" if bracket else "")


def _contradicted(results: Results) -> JournalTable | None:
    """Lay out the published numbers that cannot be right, with the arithmetic."""
    numbers = (results.get("scoreboard") or {}).get("contradicted")
    if not numbers:
        return None
    columns = (
        JournalColumn("Where", numbers=False),
        JournalColumn("Published"),
        JournalColumn("Computed"),
        JournalColumn("Why", numbers=False),
    )
    rows = []
    for number in numbers:
        computed = number.get("computed")
        told = computed is not None and computed != ""
        shown = like_printed(computed, number["printed"]) if told else MISSING
        why = number["why"] if told else f"{number['why']} (no single number can be computed)"
        rows.append(JournalRow(plain_cells([number["place"], number["printed"], shown, why])))
    return JournalTable("", "Published numbers that the records contradict", columns, tuple(rows))


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
