"""The section on single muscles as it is printed, rounding done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.report.imaging.thigh_map_figure import drawn_groups, thigh_map_figure
from myocohort.report.model.models import Results
from myocohort.report.rounding import fixed_text, n_equals, plain_text
from myocohort.report.section import ReportFigure
from myocohort.report.wording import reasons_text

NONE = "the results hold no muscles."


@dataclass(frozen=True, slots=True)
class GradeCell:
    """One muscle-side at one time: n, missing, mean with SD, median, patients at each grade."""

    n: int
    missing: int
    mean: str
    median: str
    grades: str


@dataclass(frozen=True, slots=True)
class ChangeCell:
    """Grade after less grade before: n of pairs, mean with SD, median with range, directions."""

    n: int
    mean: str
    median: str
    directions: str


@dataclass(frozen=True, slots=True)
class MuscleRow:
    """One muscle on one side; `after` and `change` are None where nobody has a later scan."""

    muscle: str
    side: str
    before: GradeCell
    after: GradeCell | None
    change: ChangeCell | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group: who was scanned, and its rows; `left_out` where nobody has a grade."""

    label: str
    n: int
    about: str
    left_out: str
    follow_up: bool
    rows: tuple[MuscleRow, ...]


@dataclass(frozen=True, slots=True)
class ScaleView:
    """One scale: its heading, the name of its figure, and its groups."""

    identity: str
    label: str
    figure: str
    groups: tuple[GroupView, ...]


@dataclass(frozen=True, slots=True)
class MusclesView:
    """The whole section; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    month: str
    scales: tuple[ScaleView, ...]


def muscles_view(results: Results) -> MusclesView:
    """Lay out the section `muscles` of results.json."""
    section = results.get("muscles")
    if not section:
        return MusclesView(NONE, (), "", ())
    return MusclesView(
        section["left_out"],
        tuple(section["notes"]),
        plain_text(section["month"]),
        tuple(
            ScaleView(
                f"muscles-{place}",
                scale["label"],
                figure_name(scale),
                tuple(_group(group) for group in scale["groups"]),
            )
            for place, scale in enumerate(section["scales"], start=1)
        ),
    )


def figure_name(scale: Mapping[str, Any]) -> str:
    """Return the name of a scale's map: "thigh-map-fat"."""
    return "thigh-map-" + re.sub(r"[^a-z0-9]+", "-", str(scale["name"]).casefold()).strip("-")


def mean_text(of: Mapping[str, Any]) -> str:
    """Print mean (SD) with two decimals; an SD that does not exist is a dash."""
    return f"{fixed_text(of['mean'], 2)} ({fixed_text(of['sd'], 2)})" if of["n"] else "–"


def _group(group: Mapping[str, Any]) -> GroupView:
    follow_up = any(row["after"]["n"] for row in group["rows"])
    return GroupView(
        group["label"],
        group["n"],
        _about(group),
        group["left_out"],
        follow_up,
        tuple(
            MuscleRow(
                row["muscle"],
                row["side"],
                _grades(row["before"]),
                _grades(row["after"]) if follow_up else None,
                _change(row["difference"]) if follow_up else None,
            )
            for row in group["rows"]
        ),
    )


def _about(group: Mapping[str, Any]) -> str:
    """Say who has a scan at each time, and why the others have none."""
    parts = []
    for time, words in (("before", "before treatment"), ("after", "after")):
        scans = group["scans"][time]
        why = reasons_text(scans["reasons"])
        missing = f", missing {scans['missing']} ({why})" if scans["missing"] else ""
        parts.append(f"scan {words} {scans['n']} of {group['n']}{missing}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _grades(of: Mapping[str, Any]) -> GradeCell:
    counts = " · ".join(str(n) for n in of["grades"])
    between = "".join(f"; {plain_text(one['grade'], 2)}: {one['n']}" for one in of["between"])
    return GradeCell(
        of["n"],
        of["missing"],
        mean_text(of),
        plain_text(of["median"], 2),
        counts + between if of["n"] else "–",
    )


def _change(of: Mapping[str, Any]) -> ChangeCell:
    median = plain_text(of["median"], 2)
    if of["n"]:
        median += f" ({plain_text(of['min'], 2)} to {plain_text(of['max'], 2)})"
    return ChangeCell(
        of["n"],
        mean_text(of),
        median,
        f"{of['rose']} / {of['same']} / {of['fell']}" if of["n"] else "–",
    )


def muscle_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield a thigh map for each scale on which a muscle was graded."""
    section = results.get("muscles") or {}
    for scale in section.get("scales", ()):
        drawing = thigh_map_figure(scale, section["month"], results)
        if drawing is None:
            continue
        groups = drawn_groups(scale)
        sizes = ", ".join(
            f"{group['label']} ({n_equals(group['scans']['before']['n'])})" for group in groups
        )
        others = sum(bool(group["rows"]) for group in scale["groups"]) - len(groups)
        more = " The other groups are in the tables." if others else ""
        yield ReportFigure(
            figure_name(scale),
            drawing,
            f"{scale['label']}: mean grade of each muscle on both sides, on a schematic "
            "section through both thighs, before treatment, after, and the difference in those "
            "with both. The section is seen from the feet; the gluteus maximus lies higher and is "
            f"drawn apart. Scans before treatment: {sizes}. Hatched: no reading.{more}",
            f"{scale['label']}: both thighs in section, each muscle coloured by its mean grade; "
            "the tables have the numbers",
        )


def muscle_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what is said of single muscles, and why nothing is where nothing is."""
    section = results.get("muscles")
    if not section:
        return [], NONE
    if section["left_out"]:
        return [], section["left_out"]
    paragraphs = [" ".join(section["notes"])]
    for scale in section["scales"]:
        for group in drawn_groups(scale)[:1]:
            paragraphs.append(_paragraph(scale, group, section["month"]))
    return paragraphs, NONE


def _paragraph(scale: Mapping[str, Any], group: Mapping[str, Any], month: int) -> str:
    text = f"{scale['label']}, {group['label']}: {_range(group['rows'], 'before')} before treatment"
    if any(row["after"]["n"] for row in group["rows"]):
        text += f" and {_range(group['rows'], 'after')} near month {plain_text(month)}"
    return f"{text}. {_about(group)}"


def _range(rows: list[Mapping[str, Any]], time: str) -> str:
    """Say which muscle-side has the lowest mean, and which the highest."""
    known = [row for row in rows if row[time]["mean"] is not None]
    if not known:
        return "no mean grade"
    low = min(known, key=lambda row: row[time]["mean"])
    high = max(known, key=lambda row: row[time]["mean"])
    if low[time]["mean"] == high[time]["mean"]:
        return f"the same mean grade {fixed_text(low[time]['mean'], 2)} of every muscle"
    return (
        f"mean grades from {fixed_text(low[time]['mean'], 2)} ({low['muscle']}, {low['side']}) to "
        f"{fixed_text(high[time]['mean'], 2)} ({high['muscle']}, {high['side']})"
    )


def muscle_warnings(results: Results) -> Iterator[str]:
    """Yield the muscles that were never read in the followed patients."""
    section = results.get("muscles") or {}
    for scale in section.get("scales", ()):
        rows = scale["groups"][0]["rows"]
        unread = [f"{row['muscle']} ({row['side']})" for row in rows if not row["before"]["n"]]
        if unread:
            yield (
                f"{scale['label']}: not read before treatment in any followed patient: "
                f"{', '.join(unread)}."
            )
