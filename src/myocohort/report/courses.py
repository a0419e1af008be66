"""The section on outcomes over time as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from myocohort.report.drawing import figure_png, figure_svg, inline_svg
from myocohort.report.files import write_whole
from myocohort.report.kaplan_meier import (
    MOST_BANDS,
    MOST_MARKS,
    at_share,
    kaplan_meier_figure,
)
from myocohort.report.models import Results
from myocohort.report.mrs_figure import mrs_figure, mrs_groups_figure
from myocohort.report.rounding import (
    MISSING,
    fixed_text,
    interval_text,
    p_equation,
    p_text,
    percent_text,
    plain_text,
    ratio_text,
)

MRS_WORDS = (
    "0: no symptoms; 1: no significant disability; 2: slight disability; 3: moderate disability; "
    "4: moderately severe disability; 5: severe disability; 6: died"
)
FIRST_FIGURE = 3
"""After the flow of patients and the forest plot."""
_METHODS = {"firth": "Firth", "ml": "Maximum likelihood"}


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One group: its label, what it has, and for each month at risk, share and limits.

    Shares are of patients without the event, in percent.
    """

    label: str
    facts: str
    at_risk: tuple[int, ...]
    shares: tuple[str, ...]
    limits: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class HazardRow:
    """One term in one method: hazard ratio with its profile interval and p, then Wald's."""

    label: str
    method: str
    ratio: str
    profile: str
    p: str
    wald: str
    wald_p: str


@dataclass(frozen=True, slots=True)
class TimeView:
    """One question about the time to an event.

    Parameters
    ----------
    identity, title
        For links, and what is printed above it.
    number, legend
        Of its figure.
    about
        Patients, events and what ended observation, in a sentence.
    event
        What the time runs to.
    months, rows
        The table of the curve.
    figure
        Its picture; None where there is no curve.
    comparison
        The log-rank test in a sentence; empty without one.
    hazards, hazard_notes
        Cox's regression: its lines, and what was fitted.
    left_out
        Reasons with their numbers, and models that have none.
    warnings
        What a reader must know.
    """

    identity: str
    title: str
    number: int
    legend: str
    about: str
    event: str
    months: tuple[int, ...]
    rows: tuple[CurveRow, ...]
    figure: Markup | None
    comparison: str
    hazards: tuple[HazardRow, ...]
    hazard_notes: tuple[str, ...]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MrsRow:
    """mRS of one group at one month: n with a value, a cell a category, missing."""

    month: int
    of: int
    cells: tuple[tuple[int, str], ...]
    missing: str


@dataclass(frozen=True, slots=True)
class FlowTable:
    """Who goes from which category (rows) to which (columns) between two months."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class MrsView:
    """The modified Rankin Scale at the planned months; `number` is that of its first figure."""

    number: int
    categories: tuple[str, ...]
    words: str
    groups: tuple[tuple[str, int, tuple[MrsRow, ...]], ...]
    flows: tuple[FlowTable, ...]
    note: str
    figure: Markup | None
    groups_figure: Markup | None


@dataclass(frozen=True, slots=True)
class CoursesView:
    """The whole section; `left_out` says why where there is none."""

    left_out: str
    definitions: tuple[str, ...]
    notes: tuple[str, ...]
    times: tuple[TimeView, ...]
    mrs: MrsView | None


def courses_view(results: Results, *, pictures: bool = True) -> CoursesView:
    """Lay out the section `courses` of results.json; pictures only where they are asked for."""
    section = results.get("courses")
    if not section:
        return CoursesView("the results hold no courses.", (), (), (), None)
    numbers, drawn = [], FIRST_FIGURE
    for one in section["times"]:
        numbers.append(drawn)
        drawn += bool(one["events"])  # without an event there is no picture
    return CoursesView(
        section["left_out"],
        tuple(section["definitions"]),
        tuple(section["notes"]),
        tuple(
            _time(one, number, results if pictures else None)
            for one, number in zip(section["times"], numbers, strict=True)
        ),
        _mrs(section["mrs"], drawn, results if pictures else None) if section["mrs"] else None,
    )


def write_course_figures(results: Results, folder: Path) -> list[Path]:
    """Write the curves and the bars as SVG and as PNG at 300 dots an inch.

    Parameters
    ----------
    results
        The content of results.json.
    folder
        Made when there is something to write.

    Returns
    -------
    list of Path
        What was written.
    """
    section = results.get("courses") or {}
    figures = {
        f"{one['id']}-{one['event']}".replace("_", "-"): kaplan_meier_figure(one, results)
        for one in section.get("times", ())
    }
    if section.get("mrs"):
        figures["mrs"] = mrs_figure(section["mrs"], results)
        figures["mrs-groups"] = mrs_groups_figure(section["mrs"], results)
    written = []
    for name, figure in figures.items():
        if figure is None:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for ending, content in (("svg", figure_svg(figure).encode()), ("png", figure_png(figure))):
            written.append(folder / f"{name}.{ending}")
            write_whole(written[-1], content)
    return written


def _time(one: Mapping[str, Any], number: int, results: Results | None) -> TimeView:
    figure = None if results is None else kaplan_meier_figure(one, results)
    picture = None
    if figure is not None:
        description = f"Kaplan-Meier curves: {one['title']}. The table below has their numbers"
        picture = Markup(inline_svg(figure, one["id"], description))
    return TimeView(
        one["id"],
        one["title"],
        number,
        _legend(one),
        _about(one),
        one["event_label"],
        tuple(one["months"]),
        tuple(_curve_row(group) for group in one["groups"]),
        picture,
        _comparison(one["comparison"]),
        tuple(row for model in one["models"] for row in _hazard_rows(model)),
        tuple(_hazard_note(model) for model in one["models"] if not model["error"]),
        _left_out(one),
        (
            *one["warnings"],
            *((one["comparison"] or {}).get("warnings") or ()),
            *dict.fromkeys(warning for model in one["models"] for warning in model["warnings"]),
        ),
    )


def _legend(one: Mapping[str, Any]) -> str:
    """Return the legend of the curves: what is drawn of limits and ends of observation."""
    groups = [group for group in one["groups"] if group["n"]]
    text = f"{one['title']}: Kaplan-Meier curves"
    if groups and len(groups) <= MOST_BANDS:
        text += f" with {plain_text(100 * groups[0]['level'])}% limits"
    if one["n"] <= MOST_MARKS:
        text += "; a tick marks a patient whose observation ended"
    return f"{text}."


def _about(one: Mapping[str, Any]) -> str:
    if one["error"]:
        return f"Left out: {one['error']}."
    causes = {cause: n for cause, n in one["causes"].items() if cause != "censored"}
    events = "no event"
    if one["events"]:
        events = "1 event" if one["events"] == 1 else f"{one['events']} events"
        if len(causes) > 1 or (causes and one["event"] == "death_or_loss"):
            events += f" ({', '.join(f'{cause} {n}' for cause, n in sorted(causes.items()))})"
    picture = "" if one["events"] else " Without an event there is no curve to draw."
    return f"{_patients(one['n'])}, {events}.{picture}"


def _patients(n: int) -> str:
    return "1 patient" if n == 1 else f"{n} patients"


def _curve_row(group: Mapping[str, Any]) -> CurveRow:
    interval = group["median_interval"]
    facts = f"n = {group['n']}"
    if group["n"]:
        events = "1 event" if group["events"] == 1 else f"{group['events']} events"
        median = "not reached"
        if group["median"] is not None:
            median = f"{fixed_text(group['median'], 1)} months"
        facts += f", {events}, median {median}"
    if interval:
        ends = f"{fixed_text(interval['low'], 1)}\u2013{fixed_text(interval['high'], 1)}"
        facts += f" ({plain_text(100 * interval['level'])}% limits {ends})"
    return CurveRow(
        group["label"],
        facts,
        tuple(at["at_risk"] for at in group["at"]),
        tuple(at_share(at) for at in group["at"]),
        tuple(_limits(at) for at in group["at"]),
        plain_text(100 * group["level"]) if group["n"] else "",
    )


def _limits(at: Mapping[str, Any]) -> str:
    if at["low"] is None or at["high"] is None:
        return MISSING
    return f"{percent_text(100 * at['low'])}\u2013{percent_text(100 * at['high'])}"


def _comparison(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return ""
    if result["p"] is None:
        return f"{result['method']}: no p value."
    return (
        f"{result['method']}: chi-square {fixed_text(result['statistic'], 2)} with "
        f"{plain_text(result['df'])} df, {p_equation(result['p'])}, n = {result['n']}."
    )


def _hazard_rows(model: Mapping[str, Any]) -> list[HazardRow]:
    rows = []
    for term in model["terms"]:
        ci, p = term["ci"], term["p"]
        rows.append(
            HazardRow(
                term["label"],
                _METHODS.get(model["method"], model["method"]),
                ratio_text(term["hazard_ratio"]),
                interval_text(ci.get("profile")),
                p_text(p.get("lrt")),
                interval_text(ci.get("wald")),
                p_text(p.get("wald")),
            )
        )
    return rows


def _hazard_note(model: Mapping[str, Any]) -> str:
    against = f"; hazard ratios against {model['against']}" if model["against"] else ""
    return (
        f"{model['procedure']}{against}: n = {model['n']}, n missing = {model['n_missing']}, "
        f"events {model['events']}, events per term "
        f"{fixed_text(model['events_per_variable'], 1)}. {model['reference']}."
    )


def _left_out(one: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"{_patients(row['n'])}: {row['reason']}." for row in one["left_out"]]
    if one["not_compared"]:
        found.append(one["not_compared"])
    found += [
        f"Cox regression ({_METHODS.get(model['method'], model['method'])}): {model['error']}."
        for model in one["models"]
        if model["error"]
    ]
    return tuple(found)


def _mrs(mrs: Mapping[str, Any], number: int, results: Results | None) -> MrsView:
    categories = tuple(mrs["categories"])
    flow = bars = None
    if results is not None:
        flow, bars = mrs_figure(mrs, results), mrs_groups_figure(mrs, results)
    return MrsView(
        number,
        categories,
        MRS_WORDS,
        tuple(
            (group["label"], group["n"], tuple(_mrs_row(month) for month in group["months"]))
            for group in mrs["groups"]
        ),
        tuple(_flow(flow, categories) for flow in mrs["groups"][0]["flows"]),
        mrs["note"],
        None
        if flow is None
        else Markup(
            inline_svg(
                flow, "mrs", "Stacked bars of the mRS at each month, and who moves between "
                "categories; the tables below have the numbers",
            )
        ),
        None
        if bars is None
        else Markup(
            inline_svg(
                bars, "mrs-groups", "Stacked bars of the mRS at each month by group; the table "
                "below has the numbers",
            )
        ),
    )  # fmt: skip


def _mrs_row(month: Mapping[str, Any]) -> MrsRow:
    reasons = "; ".join(f"{why} {n}" for why, n in month["reasons"].items())
    return MrsRow(
        month["month"],
        month["of"],
        tuple((level["n"], percent_text(level["percent"])) for level in month["levels"]),
        f"{month['missing']} ({reasons})" if reasons else str(month["missing"]),
    )


def _flow(flow: Mapping[str, Any], categories: Sequence[str]) -> FlowTable:
    """Lay out one step of the flows; categories that nobody comes from or goes to are left out."""
    counts = {(cell["from"], cell["to"]): cell["n"] for cell in flow["cells"]}
    states = (*categories, "missing")
    rows = [state for state in states if any(a == state for a, _ in counts)]
    columns = [state for state in states if any(b == state for _, b in counts)]
    return FlowTable(
        f"From {month_words(flow['from'])} to {month_words(flow['to'])}",
        tuple(columns),
        tuple((row, tuple(counts.get((row, column), 0) for column in columns)) for row in rows),
    )


def month_words(month: int) -> str:
    """Return "before treatment" for 0, "month 3" for 3."""
    return f"month {month}" if month else "before treatment"
