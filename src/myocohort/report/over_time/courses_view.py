"""The section on outcomes over time as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.over_time.kaplan_meier import (
    MOST_BANDS,
    MOST_MARKS,
    at_share,
    kaplan_meier_figure,
)
from myocohort.report.over_time.mrs_figure import mrs_figure, mrs_groups_figure
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
from myocohort.report.section import ReportFigure
from myocohort.report.wording import counted, month_words

MRS_WORDS = (
    "0: no symptoms; 1: no significant disability; 2: slight disability; 3: moderate disability; "
    "4: moderately severe disability; 5: severe disability; 6: died"
)
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
    figure, legend
        Its name, and what stands under it.
    about
        Patients, events and what ended observation, in a sentence.
    event
        What the time runs to.
    months, rows
        The table of the curve.
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
    figure: str
    legend: str
    about: str
    event: str
    months: tuple[int, ...]
    rows: tuple[CurveRow, ...]
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
    """The modified Rankin Scale at the planned months."""

    categories: tuple[str, ...]
    words: str
    groups: tuple[tuple[str, int, tuple[MrsRow, ...]], ...]
    flows: tuple[FlowTable, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CoursesView:
    """The whole section; `left_out` says why where there is none."""

    left_out: str
    definitions: tuple[str, ...]
    notes: tuple[str, ...]
    times: tuple[TimeView, ...]
    mrs: MrsView | None


def courses_view(results: Results) -> CoursesView:
    """Lay out the section `courses` of results.json."""
    section = results.get("courses")
    if not section:
        return CoursesView("the results hold no courses.", (), (), (), None)
    return CoursesView(
        section["left_out"],
        tuple(section["definitions"]),
        tuple(section["notes"]),
        tuple(_time(one) for one in section["times"]),
        _mrs(section["mrs"]) if section["mrs"] else None,
    )


def course_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the curves that have an event, and the bars of the mRS."""
    section = results.get("courses") or {}
    for one in section.get("times", ()):
        figure = kaplan_meier_figure(one, results)
        if figure is not None:
            alternative = f"Kaplan-Meier curves: {one['title']}; its table has their numbers"
            yield ReportFigure(_figure_name(one), figure, _legend(one), alternative)
    mrs = section.get("mrs")
    if not mrs:
        return
    bars, groups = mrs_figure(mrs, results), mrs_groups_figure(mrs, results)
    if bars is not None:
        yield ReportFigure(
            "mrs",
            bars,
            "mRS of all patients at each month, and who moves between categories; numbers are "
            "patients.",
            "Stacked bars of the mRS at each month, and who moves between categories; the tables "
            "have the numbers",
        )
    if groups is not None:
        yield ReportFigure(
            "mrs-groups",
            groups,
            "mRS by group, of those with a value; numbers are patients.",
            "Stacked bars of the mRS at each month by group; the table has the numbers",
        )


def _figure_name(one: Mapping[str, Any]) -> str:
    return f"{one['id']}-{one['event']}".replace("_", "-")


def _time(one: Mapping[str, Any]) -> TimeView:
    return TimeView(
        one["id"],
        one["title"],
        _figure_name(one),
        _legend(one),
        _about(one),
        one["event_label"],
        tuple(one["months"]),
        tuple(_curve_row(group) for group in one["groups"]),
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
        events = counted(one["events"], "event")
        if len(causes) > 1 or (causes and one["event"] == "death_or_loss"):
            events += f" ({', '.join(f'{cause} {n}' for cause, n in sorted(causes.items()))})"
    picture = "" if one["events"] else " Without an event there is no curve to draw."
    return f"{counted(one['n'], 'patient')}, {events}.{picture}"


def _curve_row(group: Mapping[str, Any]) -> CurveRow:
    interval = group["median_interval"]
    facts = f"n = {group['n']}"
    if group["n"]:
        events = counted(group["events"], "event")
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
    found = [f"{counted(row['n'], 'patient')}: {row['reason']}." for row in one["left_out"]]
    if one["not_compared"]:
        found.append(one["not_compared"])
    found += [
        f"Cox regression ({_METHODS.get(model['method'], model['method'])}): {model['error']}."
        for model in one["models"]
        if model["error"]
    ]
    return tuple(found)


def _mrs(mrs: Mapping[str, Any]) -> MrsView:
    categories = tuple(mrs["categories"])
    return MrsView(
        categories,
        MRS_WORDS,
        tuple(
            (group["label"], group["n"], tuple(_mrs_row(month) for month in group["months"]))
            for group in mrs["groups"]
        ),
        tuple(_flow(flow, categories) for flow in mrs["groups"][0]["flows"]),
        mrs["note"],
    )


def _mrs_row(month: Mapping[str, Any]) -> MrsRow:
    reasons = "; ".join(f"{why}: {n}" for why, n in month["reasons"].items())
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
