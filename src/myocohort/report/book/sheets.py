"""What stands on each sheet of the workbook, unrounded, apart from how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.model.models import Results, differs
from myocohort.report.model.validation_sheets import validation_sheets
from myocohort.report.sections import SECTIONS
from myocohort.report.wording import outcome_words, status_words

Row = Mapping[str, Any]


_SUMMARY = (
    ("n", "n"),
    ("of", "n"),
    ("percent", "percent"),
    ("mean", "number"),
    ("sd", "number"),
    ("median", "number"),
    ("q1", "number"),
    ("q3", "number"),
    ("missing", "n"),
)
_DESCRIBED = (Column("n", "n"), Column("n missing", "n"), Column("Records"))
_TESTED = (
    Column("P", "p"),
    Column("Test"),
    Column("Statistic", "number"),
    Column("df", "number"),
    Column("n", "n"),
    Column("n missing", "n"),
    Column("P as published"),
    Column("Differs from published"),
    Column("Records"),
    Column("Warnings"),
)
_ESTIMATES = {"cmle": "conditional maximum likelihood", "mue": "median-unbiased"}
_EXACT_TESTS = ("twice_one_sided", "mid_p", "score", "probability")
_SUMMARY_WORDS = {"percent": "%", "sd": "SD", "q1": "Q1", "q3": "Q3"}


def _indicators(results: Results) -> Iterator[Sheet]:
    tables = results.get("tables") or ()
    if not tables:
        yield Sheet("Table 1", "Table 1", (), (), "the results hold no table.")
    for position, table in enumerate(tables):
        name = f"Table {1 if position == 0 else position + 2}"
        rows = [row for section in table["sections"] for row in section["rows"]]
        codes = [group["code"] for group in table["groups"]]
        groups = [f"{group['label']} (n = {group['n']})" for group in table["groups"]]
        used = [
            (key, kind)
            for key, kind in _SUMMARY
            if any(key in summary for row in rows for summary in _flat_summaries(row))
        ]
        columns = [Column("Section"), Column("Indicator"), Column("Level"), Column("Unit")]
        whole = "All" if groups else f"All (n = {table['n']})"
        for label in [*groups, whole]:
            columns += [Column(_SUMMARY_WORDS.get(k, k), kind, label) for k, kind in used]
        columns += _TESTED if groups else _DESCRIBED
        lines = [
            line
            for section in table["sections"]
            for row in section["rows"]
            for line in _indicator_lines(section["heading"], row, codes, used)
        ]
        yield Sheet(
            name, f"{name}. {table['title']}", columns, lines, "the table has no rows.", frozen=2
        )


def _flat_summaries(row: Row) -> Iterable[Row]:
    for summary in (*(row.get("counts") or {}).values(), row.get("total") or {}):
        yield summary
        yield from summary.get("levels") or ()


def _indicator_lines(
    heading: str, row: Row, codes: Sequence[str], used: Sequence[tuple[str, str]]
) -> Iterator[list[object]]:
    summaries = [(row.get("counts") or {}).get(code) or {} for code in codes]
    summaries.append(row.get("total") or {})
    printed = row.get("printed_p")
    n = [row.get("n"), row.get("n_missing")]
    provenance = row.get("provenance") or None
    behind = (
        [*n, provenance]
        if not codes
        else [
            row.get("p"),
            row.get("test"),
            row.get("statistic"),
            row.get("df"),
            *n,
            printed,
            differs(printed, row.get("p")) if printed else None,
            provenance,
            "; ".join(row.get("warnings") or ()) or None,
        ]
    )
    yield [
        heading,
        row["label"],
        None,
        row.get("unit") or None,
        *(summary.get(key) for summary in summaries for key, _ in used),
        *behind,
    ]
    labels = {
        level["code"]: level["label"]
        for summary in reversed(summaries)
        for level in summary.get("levels") or ()
    }
    for code, label in labels.items():
        levels: list[Row] = [
            next((x for x in summary.get("levels") or () if x["code"] == code), {})
            for summary in summaries
        ]
        counts = [level.get(key) for level in levels for key, _ in used]
        yield [heading, row["label"], label, None, *counts, *[None] * len(behind)]


def _model(results: Results) -> Iterator[Sheet]:
    columns = [Column("Model"), Column("Method"), Column("Term")]
    columns += [Column("b", "coefficient"), Column("SE", "coefficient"), Column("OR", "ratio")]
    for name, test in (("Wald", "Wald P"), ("Profile likelihood", "Likelihood-ratio P")):
        columns += [
            Column("Lower limit", "ratio", name),
            Column("Upper limit", "ratio", name),
            Column(test, "p", name),
        ]
    exact = "Exact conditional"
    columns += [
        Column("Estimate", "text", exact),
        Column("Lower limit", "ratio", exact),
        Column("Upper limit", "ratio", exact),
        Column("Twice-one-sided P", "p", exact),
        Column("Mid-P", "p", exact),
        Column("Score P", "p", exact),
        Column("Probability P", "p", exact),
    ]
    columns += [
        Column("OR", "text", "As published"),
        Column("Lower limit", "text", "As published"),
        Column("Upper limit", "text", "As published"),
        Column("P", "text", "As published"),
        Column("n", "n"),
        Column("n missing", "n"),
        Column("Events", "n"),
        Column("Events per variable", "number"),
        Column("Separation"),
        Column("Warnings"),
    ]
    rows: list[list[object]] = []
    for model in results.get("models") or ():
        if model.get("error"):
            blank: list[object] = [None] * (len(columns) - 4)
            failed = f"not fitted: {model['error']}"
            rows.append([model["id"], model["procedure"], failed, None, *blank])
            continue
        for term in model["terms"]:
            numbers: list[object] = [term["b"], term["se"], term["odds_ratio"]]
            for name, test in (("wald", "wald"), ("profile", "lrt")):
                interval = term["ci"].get(name) or {}
                numbers += [interval.get("low"), interval.get("high"), term["p"].get(test)]
            interval = term["ci"].get("exact") or {}
            numbers += [
                _ESTIMATES.get(term.get("estimate") or ""),
                interval.get("low"),
                interval.get("high"),
                *(term["p"].get(name) for name in _EXACT_TESTS),
            ]
            printed = term.get("printed") or {}
            rows.append([
                model["id"],
                model["procedure"],
                term.get("label") or term["name"],
                *numbers,
                *(printed.get(key) for key in ("odds_ratio", "low", "high", "p")),
                model["n"],
                model["n_missing"],
                model["events"],
                model["events_per_variable"],
                (model.get("separation") or {}).get("kind"),
                "; ".join(model.get("warnings") or ()) or None,
            ])  # fmt: skip
    yield Sheet(
        "Table 2",
        "Table 2. The models, every family of interval and p value",
        columns,
        rows,
        "the results hold no model.",
        remarks=(
            "A Wald P belongs to the Wald limits, a likelihood-ratio P (penalised for Firth's "
            "method) to the profile limits, a twice-one-sided P to the exact limits; mid-P, score "
            "P and probability P have no limits here.",
        ),
        frozen=3,
    )


def _screening(results: Results) -> Iterator[Sheet]:
    screening = results.get("screening") or {}
    yield Sheet(
        "Screening",
        f"Candidates for the model; entry at p < {screening.get('threshold', '')}",
        [
            Column("Candidate"),
            Column("P", "p"),
            Column("Test"),
            Column("Passes"),
            Column("In the final model"),
        ],
        [
            [row["label"], row["p"], row["test"], row["passes"], row["in_final"]]
            for row in screening.get("rows") or ()
        ],
        "no candidates were screened.",
        remarks=[screening["note"]] if screening.get("note") else (),
    )


def _missing(results: Results) -> Iterator[Sheet]:
    entries = results.get("missing") or ()
    codes = list(dict.fromkeys(code for row in entries for code in row.get("group_missing") or {}))
    yield Sheet(
        "Missing",
        "Missing values of every variable",
        [
            Column("Variable"),
            *(Column(outcome_words(code), "n") for code in codes),
            Column("All", "n"),
            Column("Of", "n"),
            Column("Reasons"),
        ],
        [
            [
                row["label"],
                *((row.get("group_missing") or {}).get(code) for code in codes),
                row["missing"],
                row["of"],
                "; ".join(f"{why}: {n}" for why, n in (row.get("reasons") or {}).items()) or None,
            ]
            for row in entries
        ],
        "the results do not say what was missing.",
    )


def _scoreboard(results: Results) -> Iterator[Sheet]:
    scoreboard = results.get("scoreboard") or {}
    yield Sheet(
        "Scoreboard",
        "Every published number, recomputed",
        [
            Column("Number"),
            Column("Place"),
            Column("Published"),
            Column("Computed", "number"),
            Column("Status"),
            Column("By"),
            Column("Why"),
        ],
        [
            [
                row["id"],
                row["place"],
                row["printed"],
                row.get("computed"),
                status_words(row["status"]),
                row.get("by"),
                row.get("why"),
            ]
            for row in scoreboard.get("numbers") or ()
        ],
        "this study has no published paper to be compared with.",
        frozen=2,
    )


def _provenance(results: Results) -> Iterator[Sheet]:
    yield Sheet(
        "Provenance",
        "How far the publication determines each column of the records",
        [Column("Records"), Column("Column"), Column("Provenance"), Column("Why")],
        [
            [row["table"], row["column"], row["kind"], row["why"]]
            for row in results.get("provenance") or ()
        ],
        "the records are the study's own, or nothing is recorded about how they were made.",
        frozen=2,
    )


def _manifest(results: Results) -> Iterator[Sheet]:
    manifest = results.get("manifest") or {}
    rows: list[list[object]] = [
        [words, manifest[key], None, None]
        for key, words in (
            ("myocohort", "Myocohort"),
            ("python", "Python"),
            ("records_loaded", "Records loaded"),
        )
        if manifest.get(key)
    ]
    rows += [[name, version, None, None] for name, version in _items(manifest, "packages")]
    rows += [[f"Seed, {name}", seed, None, None] for name, seed in _items(manifest, "seeds")]
    if manifest.get("study_file_sha256"):
        rows.append(["study.toml", None, None, manifest["study_file_sha256"]])
    rows += [
        [entry["file"], None, entry["rows"], entry["sha256"]]
        for entry in manifest.get("inputs") or ()
    ]
    yield Sheet(
        "Manifest",
        "What the numbers were made from and with",
        [Column("What"), Column("Value", "n"), Column("Rows", "n"), Column("SHA-256")],
        rows,
        "the results hold no manifest.",
    )


def _items(manifest: Mapping[str, Any], key: str) -> Iterable[tuple[str, object]]:
    return (manifest.get(key) or {}).items()


SHEETS: tuple[Callable[[Results], Iterable[Sheet]], ...] = (
    _indicators,
    _model,
    _screening,
    validation_sheets,
    *(section.sheets for section in SECTIONS),
    _missing,
    _scoreboard,
    _provenance,
    _manifest,
)
"""The sheets in their order."""
