"""Patients and controls on sheets of the workbook, unrounded, and as tables of a manuscript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.controls.view import NONE, Comparison, controls_view, level_text
from myocohort.report.manuscript.journal_table import (
    JournalCell,
    JournalColumn,
    JournalRow,
    JournalTable,
    heading_row,
)
from myocohort.report.model.models import Results
from myocohort.report.wording import reasons_text

_SUMMARY = (
    ("n", "n", "n"), ("missing", "Missing", "n"), ("mean", "Mean", "number"),
    ("sd", "SD", "number"), ("median", "Median", "number"), ("q1", "Lower quartile", "number"),
    ("q3", "Upper quartile", "number"), ("min", "Lowest", "number"), ("max", "Highest", "number"),
)  # fmt: skip
_TEST = (
    Column("Shift", "coefficient", "Hodges-Lehmann shift"),
    Column("Low", "coefficient", "Hodges-Lehmann shift"),
    Column("High", "coefficient", "Hodges-Lehmann shift"),
    Column("U", "number"),
    Column("P", "p"),
    Column("P, Holm", "p"),
    Column("P, Benjamini-Hochberg", "p"),
    Column("Smallest possible P", "coefficient"),
    Column("Test"),
    Column("Delta", "coefficient", "Cliff's delta"),
    Column("Low", "coefficient", "Cliff's delta"),
    Column("High", "coefficient", "Cliff's delta"),
    Column("Warnings"),
)


def _effect(effect: Mapping[str, Any] | None) -> list[object]:
    if effect is None:
        return [None, None, None]
    interval = effect["interval"] or {"low": None, "high": None}
    return [effect["estimate"], interval["low"], interval["high"]]


def _tested(row: Mapping[str, Any]) -> list[object]:
    delta = row["delta"] or {"warnings": ()}
    warnings = [*row["warnings"], *(f"Cliff's delta: {text}" for text in delta["warnings"])]
    return [
        *_effect(row["shift"]), row["statistic"], row["p"], row["holm"],
        row["benjamini_hochberg"], row["smallest_p"], row["test"], *_effect(row["delta"]),
        "; ".join(warnings) or None,
    ]  # fmt: skip


def control_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheets Controls MRI, Sides MRI, Controls blots and Blot lanes."""
    section = results.get("controls") or {}
    why = section.get("left_out") or NONE
    imaging = section.get("imaging") or {"left_out": why, "arms": (), "sides": (), "notes": ()}
    blots = section.get("blots") or {
        "left_out": why, "targets": (), "lanes": (), "notes": (), "lanes_left_out": "", "unit": "",
    }  # fmt: skip
    yield from _imaging(imaging)
    yield from _blots(blots)


def _imaging(imaging: Mapping[str, Any]) -> Iterator[Sheet]:
    why = imaging["left_out"] or NONE
    groups = []
    for words in ("Patients", "Controls"):
        groups += [Column(heading, kind, words) for _, heading, kind in _SUMMARY]
        groups.append(Column("Why missing", "text", words))
    yield Sheet(
        "Controls MRI",
        "Followed patients against controls before treatment, both sides of a muscle averaged",
        [Column("Controls"), Column("Scale"), Column("Muscle"), *groups, *_TEST],
        [
            [arm["label"], row["label"], row["muscle"], *_with_reasons(row["patients"]),
             *_with_reasons(row["controls"]), *_tested(row)]
            for arm in imaging["arms"]
            for row in arm["rows"]
        ],
        why,
        tuple(imaging["notes"]),
        frozen=3,
    )  # fmt: skip
    labels = {row["name"]: row["label"] for arm in imaging["arms"] for row in arm["rows"]}
    yield Sheet(
        "Sides MRI",
        "Right less left before treatment, in those read on both sides (described, not tested)",
        [
            Column("Group"), Column("Scale"), Column("Muscle"), Column("n", "n"),
            Column("Missing", "n"), Column("Mean", "number"), Column("SD", "number"),
            Column("Median", "number"), Column("Lowest", "number"), Column("Highest", "number"),
            Column("Right higher", "n"), Column("Same", "n"), Column("Left higher", "n"),
        ],
        [
            [row["label"], labels[row["name"]], row["muscle"]]
            + [row[name] for name in ("n", "missing", "mean", "sd", "median", "min", "max",
                                      "right_higher", "same", "left_higher")]
            for row in imaging["sides"]
        ],
        why,
        frozen=3,
    )  # fmt: skip


def _with_reasons(of: Mapping[str, Any]) -> list[object]:
    why = reasons_text(of["reasons"])
    return [*(of[name] for name, _, _ in _SUMMARY), why or None]


def _blots(blots: Mapping[str, Any]) -> Iterator[Sheet]:
    why = blots["left_out"] or NONE
    groups = []
    for words in ("Patients", "Controls"):
        groups += [Column(heading, kind, words) for _, heading, kind in _SUMMARY]
        groups += [Column("Lanes", "n", words), Column("Lanes without a value", "n", words)]
    rows = []
    for target in blots["targets"]:
        for row in target["comparisons"]:
            cells: list[object] = [target["label"], target["target"], row["membrane"] or "all"]
            for name in ("patients", "controls"):
                of = row[name]
                cells += [of[key] for key, _, _ in _SUMMARY]
                cells += [of["lanes"], of["lanes_without_value"]]
            rows.append([*cells, *_tested(row)])
    yield Sheet(
        "Controls blots",
        f"Followed patients against controls: {blots['unit'] or 'density'}, one value a patient",
        [Column("Controls"), Column("Target"), Column("Membrane"), *groups, *_TEST],
        rows,
        why,
        tuple(blots["notes"]),
        frozen=3,
    )
    yield Sheet(
        "Blot lanes",
        "Every lane",
        [
            Column("Target"), Column("Membrane"), Column("Lane", "n"), Column("Patient"),
            Column("Group"), Column("Density", "number"), Column("Loading control", "number"),
            Column("Value", "coefficient"), Column("Why none"),
        ],
        [
            [lane[name] for name in ("target", "membrane", "lane", "patient", "arm", "density",
                                     "loading", "value")] + [lane["why"] or None]
            for lane in blots["lanes"]
        ],
        blots["lanes_left_out"] or why,
        frozen=2,
    )  # fmt: skip


def control_tables(results: Results) -> list[JournalTable]:
    """Return the tables of MRI and blots against controls, still without numbers."""
    view = controls_view(results)
    tables, level = [], level_text(results)
    for arm in view.imaging.arms if view.imaging else ():
        blocks = [(scale, lines) for scale, lines in arm.scales]
        title = f"MRI before treatment: followed patients against {arm.label}"
        tables.append(
            _table(title, "Muscle", blocks, arm.notes, arm.about, level=level, smallest=False)
        )
    if view.blots and view.blots.arms:
        blots = view.blots
        title = f"Western blots ({blots.unit}): followed patients against controls"
        tables.append(
            _table(title, "Target", list(blots.arms), blots.marks, " ".join(blots.notes),
                   level=level, smallest=True)
        )  # fmt: skip
    return tables


def _table(
    title: str,
    first: str,
    blocks: list[tuple[str, tuple[Comparison, ...]]],
    notes: tuple[tuple[str, str], ...],
    remark: str,
    *,
    level: str,
    smallest: bool,
) -> JournalTable:
    columns = [JournalColumn(first, numbers=False)]
    for group in ("Patients", "Controls"):
        columns += [JournalColumn(heading, group) for heading in ("n", "Mean (SD)", "Median")]
    columns += [JournalColumn("Shift (limits)"), JournalColumn("P")]
    if smallest:
        columns.append(JournalColumn("Smallest possible P"))
    columns += [JournalColumn("P, Holm"), JournalColumn("P, BH"), JournalColumn("Cliff's delta")]
    rows = []
    for heading, lines in blocks:
        rows.append(heading_row(heading))
        for line in lines:
            texts = [*line.patients, *line.controls, line.shift]
            tail = [line.holm, line.benjamini_hochberg, line.delta]
            cells = [JournalCell(line.label), *map(JournalCell, texts)]
            cells.append(JournalCell(line.p, marks=line.marks))
            if smallest:
                cells.append(JournalCell(line.smallest))
            rows.append(JournalRow((*cells, *map(JournalCell, tail))))
    remarks = [
        remark,
        f"Shift: Hodges-Lehmann, patients less controls, with {level} limits that belong to P. BH "
        f"Benjamini-Hochberg. Cliff's delta with {level} limits of its own. In brackets after n: "
        + ("lanes, where a patient has several." if smallest else "missing."),
    ]
    return JournalTable(
        "", title, tuple(columns), tuple(rows), notes, tuple(r for r in remarks if r)
    )
