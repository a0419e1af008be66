"""The courses on sheets of the workbook, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.model.models import Results
from myocohort.report.over_time.courses_view import MRS_WORDS

NONE = "the results hold no courses."
_CURVE = (
    ("at_risk", "At risk", "n"),
    ("survival", "Without the event, %", "percent"),
    ("low", "Limit, low, %", "percent"),
    ("high", "Limit, high, %", "percent"),
)


def course_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Courses, Curves, Hazard ratios, mRS and mRS flows."""
    section = results.get("courses") or {}
    why = section.get("left_out") or NONE
    notes = (*section.get("definitions", ()), *section.get("notes", ()))
    yield from _times(section.get("times", ()), why, notes)
    yield from _mrs(section.get("mrs") or {"groups": ()}, why)


def _times(times: Sequence[Mapping[str, Any]], why: str, notes: tuple[str, ...]) -> Iterator[Sheet]:
    rows: list[list[object]] = []
    steps: list[list[object]] = []
    hazards: list[list[object]] = []
    for one in times:
        reasons = "; ".join(
            [f"{row['reason']}: {row['n']}" for row in one["left_out"]]
            + ([one["not_compared"]] if one["not_compared"] else [])
        )
        test = one["comparison"] or {}
        if one["error"]:
            unused: list[object] = [None] * 14
            rows.append([one["title"], f"left out: {one['error']}", *unused, reasons or None, None])
        for group in one["groups"]:
            interval = group["median_interval"] or {}
            head: list[object] = [one["title"], group["label"]]
            facts = [
                group["n"], group["events"], group["median"], interval.get("low"),
                interval.get("high"), test.get("statistic"), test.get("df"), test.get("p"),
                sum(row["n"] for row in one["left_out"]), reasons or None,
                "; ".join([*one["warnings"], *test.get("warnings", ())]) or None,
            ]  # fmt: skip
            for at in group["at"] or ({"month": None},):
                rows.append([*head, at["month"], *(_cell(at, key) for key, _, _ in _CURVE), *facts])
            steps += [
                [*head, step["time"], step["at_risk"], step["events"], *(
                    _cell(step, key) for key, _, _ in _CURVE[1:]
                )]
                for step in group["steps"]
            ]  # fmt: skip
        for model in one["models"]:
            if model["error"]:
                blank: list[object] = [None] * 13
                hazards.append([one["title"], f"not fitted: {model['error']}", None, *blank])
            for term in model["terms"]:
                numbers: list[object] = [term["b"], term["se"], term["hazard_ratio"]]
                for name, p in (("profile", "lrt"), ("wald", "wald")):
                    limits = term["ci"].get(name) or {}
                    numbers += [limits.get("low"), limits.get("high"), term["p"].get(p)]
                hazards.append([
                    one["title"], model["procedure"], term["label"], *numbers,
                    model["n"], model["n_missing"], model["events"],
                    "; ".join(model["warnings"]) or None,
                ])  # fmt: skip
    yield Sheet(
        "Courses",
        "Times to an event: Kaplan-Meier at planned months, and the log-rank test",
        [
            Column("Question"), Column("Group"), Column("Month", "n"),
            *(Column(words, kind) for _, words, kind in _CURVE),
            Column("n", "n"), Column("Events", "n"), Column("Median, months", "number"),
            Column("Median, low", "number"), Column("Median, high", "number"),
            Column("Chi-square", "number", "Log-rank"), Column("df", "number", "Log-rank"),
            Column("P", "p", "Log-rank"), Column("Left out", "n"), Column("Why left out"),
            Column("Warnings"),
        ],
        rows,
        why,
        remarks=notes,
        frozen=2,
    )  # fmt: skip
    yield Sheet(
        "Curves",
        "Every step of the Kaplan-Meier curves",
        [
            Column("Question"), Column("Group"), Column("Months", "number"),
            Column("At risk", "n"), Column("Events", "n"),
            *(Column(words, kind) for _, words, kind in _CURVE[1:]),
        ],
        steps,
        why if not times else "no event happened.",
        frozen=2,
    )  # fmt: skip
    yield Sheet(
        "Hazard ratios",
        "Cox regression of the times to an event",
        [
            Column("Question"), Column("Method"), Column("Term"), Column("b", "coefficient"),
            Column("SE", "coefficient"), Column("Hazard ratio", "ratio"),
            Column("Low", "ratio", "Profile"), Column("High", "ratio", "Profile"),
            Column("Likelihood-ratio P", "p", "Profile"),
            Column("Low", "ratio", "Wald"), Column("High", "ratio", "Wald"),
            Column("P", "p", "Wald"), Column("n", "n"), Column("n missing", "n"),
            Column("Events", "n"), Column("Warnings"),
        ],
        hazards,
        why if not times else "the study file asks for no comparison.",
        frozen=3,
    )  # fmt: skip


def _cell(of: Mapping[str, Any], key: str) -> object:
    """Return a number as the sheet has it: shares in percent."""
    value = of.get(key)
    return value if key == "at_risk" or value is None else 100 * value


def _mrs(mrs: Mapping[str, Any], why: str) -> Iterator[Sheet]:
    groups = mrs["groups"]
    categories = [str(grade) for grade in mrs.get("categories", ())]
    columns = [Column("Group"), Column("Month", "n"), Column("n", "n"), Column("Missing", "n")]
    for category in categories:
        columns += [
            Column("n", "n", f"mRS {category}"),
            Column("%", "percent", f"mRS {category}"),
        ]
    columns.append(Column("Why missing"))
    rows: list[list[object]] = []
    flows: list[list[object]] = []
    for group in groups:
        for month in group["months"]:
            reasons = "; ".join(f"{reason}: {n}" for reason, n in month["reasons"].items())
            cells = [level[key] for level in month["levels"] for key in ("n", "percent")]
            rows.append([group["label"], month["month"], month["of"], month["missing"], *cells,
                         reasons or None])  # fmt: skip
        flows += [
            [group["label"], flow["from"], flow["to"], cell["from"], cell["to"], cell["n"]]
            for flow in group["flows"]
            for cell in flow["cells"]
        ]
    remarks = [f"{MRS_WORDS}.", *([mrs["note"]] if mrs.get("note") else [])]
    yield Sheet("mRS", "mRS at the planned months", columns, rows, why, remarks, frozen=2)
    yield Sheet(
        "mRS flows",
        "Who moves between categories of the mRS",
        [
            Column("Group"), Column("From month", "n"), Column("To month", "n"),
            Column("From mRS"), Column("To mRS"), Column("Patients", "n"),
        ],
        flows,
        why,
    )  # fmt: skip
