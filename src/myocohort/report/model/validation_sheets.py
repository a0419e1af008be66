"""The validation on sheets of the workbook, every range as two numbers, unrounded."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.model.models import Results
from myocohort.report.model.validation import validation_view


def validation_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Validation and Inclusion."""
    validation = results.get("validation") or {}
    ends = ("low", "high")
    kinds = ("apparent", "optimism", "corrected", "monte_carlo_se", "resamples")
    words = {"monte_carlo_se": "Monte Carlo SE of the optimism", "resamples": "Resamples used"}
    columns = [Column("Model"), Column("Measure")]
    for kind in kinds:
        for end in ends:
            of = "n" if kind == "resamples" else "number"
            columns.append(Column(end, of, words.get(kind, kind.capitalize())))
    columns += [
        Column("Failed refits, low", "n"),
        Column("Failed refits, high", "n"),
        Column("Resamples", "n"),
        Column("Seed", "n"),
        Column("Tables", "n"),
    ]
    rows: list[list[object]] = []
    chosen: list[list[object]] = []
    for model in validation.get("models") or ():
        if model["error"]:
            reason = f"not validated: {model['error']}"
            rows.append([model["title"], reason, *[None] * (len(columns) - 2)])
            continue
        for measure in model["measures"]:
            rows.append([
                model["title"],
                measure["name"],
                *((measure[kind] or {}).get(end) for kind in kinds for end in ends),
                *(model["failed"][end] for end in ends),
                validation["resamples"],
                validation["seed"],
                validation["data"]["tables"],
            ])  # fmt: skip
        chosen += [
            [row["label"], *(100 * row["share"][end] for end in ends), row["in_final"]]
            for row in model["inclusion"]
        ]
    view = validation_view(results)
    remarks = (view.about,) if view else ()
    yield Sheet(
        "Validation",
        "Performance of the model, corrected for optimism",
        columns,
        rows,
        "the study file asks for no validation.",
        remarks=remarks,
        frozen=2,
    )
    yield Sheet(
        "Inclusion",
        "How often each candidate is chosen in the resamples",
        [
            Column("Candidate"),
            Column("Low", "percent", "% of resamples"),
            Column("High", "percent", "% of resamples"),
            Column("In the final model"),
        ],
        chosen,
        "no screening was repeated in resamples.",
        remarks=remarks,
    )
