"""What could overturn the final model, on sheets of the workbook, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.book.sheet import Column, Sheet, limit_cells
from myocohort.report.model.models import Results
from myocohort.report.robustness.view import NONE, family_name, scenario_words, who_words


def robustness_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Families and E-values, Leave-one-out, Lost assigned, Lost compared."""
    section = results.get("robustness") or {}
    why = section.get("left_out") or section.get("no_model") or NONE
    notes = tuple(section.get("notes", ()))
    yield _families(section.get("confounding") or {}, why, notes)
    yield _left_out(section, section.get("influence") or {}, why, notes)
    yield _assigned(section, section.get("lost") or {}, why, notes)
    yield _compared(section.get("followed") or {}, section.get("left_out") or NONE, notes)


def _families(confounding: Mapping[str, Any], why: str, notes: tuple[str, ...]) -> Sheet:
    rows = [
        [
            row["label"],
            family_name(row),
            row["odds_ratio"],
            *limit_cells(row["interval"]),
            row["p"],
            row["e_value"],
            row["e_value_of_limit"],
            row["e_value_method"] or "; ".join(row["warnings"]) or None,
        ]
        for row in confounding.get("families", ())
    ]
    said = (*confounding.get("sentences", ()), *confounding.get("by_indication", ()))
    return Sheet(
        "Families and E-values",
        "The final model by method and family, with E-values",
        (
            Column("Term"),
            Column("Method and family"),
            Column("OR", "ratio"),
            Column("Lower limit", "ratio"),
            Column("Upper limit", "ratio"),
            Column("P", "p"),
            Column("E-value", "ratio"),
            Column("E-value of the limit", "ratio"),
            Column("E-value by"),
        ),
        rows,
        confounding.get("left_out") or why,
        (*notes, *said),
        frozen=2,
    )


def _left_out(
    section: Mapping[str, Any], influence: Mapping[str, Any], why: str, notes: tuple[str, ...]
) -> Sheet:
    terms = influence.get("terms", ())
    columns = [
        Column("Left out: has"),
        Column("Outcome"),
        Column("Patients", "n"),
        Column("Codes"),
        Column("Solutions with such a patient", "n"),
    ]
    for term in terms:
        for method in ("Firth", "ML"):
            group = f"{term['label']}, {method}"
            columns += [
                Column("OR", "ratio", group),
                Column("Lower limit", "ratio", group),
                Column("Upper limit", "ratio", group),
                Column("P", "p", group),
                Column("Dfbeta", "coefficient", group),
            ]
    columns.append(Column("Not fitted"))
    rows = []
    for row in influence.get("rows", ()):
        outcome = section["event_label"] if row["event"] else section["against_label"]
        cells: list[object] = [
            who_words(row, terms),
            outcome,
            row["n"],
            ", ".join(row["patients"]) or None,
            row["tables"],
        ]
        for term in terms:
            for method in ("firth", "ml"):
                numbers = row["terms"][term["name"]].get(method) or {}
                cells += [numbers.get("odds_ratio"), *limit_cells(numbers.get("interval"))]
                cells += [numbers.get("p"), numbers.get("dfbeta")]
        cells.append("; ".join(row["errors"].values()) or None)
        rows.append(cells)
    return Sheet(
        "Leave-one-out",
        "The final model without each patient in turn",
        columns,
        rows,
        influence.get("left_out") or why,
        (*notes, *([f"{influence['method']}."] if influence.get("method") else [])),
    )


def _assigned(
    section: Mapping[str, Any], lost: Mapping[str, Any], why: str, notes: tuple[str, ...]
) -> Sheet:
    rows = []
    for term in lost.get("terms", ()):
        for scenario in term["scenarios"]:
            cells: list[object] = [
                term["label"],
                scenario_words(scenario, term, section["event_label"]),
                scenario["n"],
                scenario["events"],
            ]
            for method in ("firth", "ml"):
                numbers = scenario[method] or {}
                cells += [numbers.get("odds_ratio"), *limit_cells(numbers.get("interval"))]
                cells.append(numbers.get("p"))
            first = scenario["id"] == "classified"
            cells += [term["fewest"] if first else None, term["ways_below"] if first else None]
            cells.append(scenario["ml_error"] or None)
            rows.append(cells)
    columns = [Column("Term"), Column("Assigned"), Column("n", "n"), Column("Events", "n")]
    for method in ("Firth", "ML"):
        columns += [
            Column("OR", "ratio", method),
            Column("Lower limit", "ratio", method),
            Column("Upper limit", "ratio", method),
            Column("P", "p", method),
        ]
    columns += [
        Column("Fewest that turn it", "n"),
        Column("Ways below the level", "n"),
        Column("Not fitted"),
    ]
    said = [f"Refitted with {lost['method']}."] if lost.get("method") else []
    if lost.get("ways") is not None:
        said.append(f"Ways in all: {lost['ways']}.")
    return Sheet(
        "Lost assigned",
        "The final model with the outcomes that those without one may have had",
        columns,
        rows,
        lost.get("left_out") or why,
        (*notes, *said),
        frozen=2,
    )


def _compared(followed: Mapping[str, Any], why: str, notes: tuple[str, ...]) -> Sheet:
    groups = followed.get("groups", ())
    columns = [Column("Indicator"), Column("Level"), Column("Unit")]
    for group in groups:
        label = f"{group['label']} (n = {group['n']})"
        columns += [
            Column("n", "n", label),
            Column("Of", "n", label),
            Column("Missing", "n", label),
            Column("%", "percent", label),
            Column("Mean", "number", label),
            Column("SD", "number", label),
            Column("Median", "number", label),
        ]
    columns += [
        Column("P", "p"),
        Column("Test"),
        Column("Standardised difference", "number"),
        Column("Lower limit", "number"),
        Column("Upper limit", "number"),
        Column("Records"),
        Column("Warnings"),
    ]
    rows = [line for row in followed.get("rows", ()) for line in _compared_lines(row, groups)]
    return Sheet(
        "Lost compared",
        "Patients lost to follow-up against those classified",
        columns,
        rows,
        followed.get("left_out") or why,
        notes,
    )


def _compared_lines(row: Mapping[str, Any], groups: Any) -> Iterator[list[object]]:
    """Yield the line of a variable, and one for each level of a category."""
    summaries = [row["counts"][group["code"]] for group in groups]
    number = row["kind"] == "number"
    cells: list[object] = [row["label"], None, row["unit"] or None]
    for summary in summaries:
        of = None if number else summary["of"]
        cells += [summary.get("n"), of, summary["missing"], summary.get("percent")]
        cells += [summary.get("mean"), summary.get("sd"), summary.get("median")]
    distance = row["standardised_difference"] or {}
    warnings = [*row["warnings"], *distance.get("warnings", ())]
    cells += [
        row["p"],
        row["test"],
        distance.get("estimate"),
        *limit_cells(distance.get("interval")),
    ]
    yield [*cells, row["provenance"] or None, "; ".join(warnings) or None]
    for place, level in enumerate(summaries[0].get("levels", ())):
        cells = [row["label"], level["label"], None]
        for summary in summaries:
            one = summary["levels"][place]
            cells += [one["n"], summary["of"], None, one["percent"], None, None, None]
        yield [*cells, *[None] * 7]
