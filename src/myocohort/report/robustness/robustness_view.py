"""The section on what could overturn the final model as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import METHOD_NAMES, Results
from myocohort.report.rounding import (
    MISSING,
    fixed_text,
    interval_text,
    p_equation,
    p_text,
    plain_text,
    ratio_text,
)
from myocohort.report.table1 import Cell, Line, TableView, table_view

NONE = "the results do not say what could overturn the model."
MOST_LINES = 20
"""Lines of a table up to which it stands open."""
_FAMILIES = {
    "wald": "Wald",
    "profile": "profile likelihood",
    "exact": "exact limits, twice-one-sided test",
    "score": "exact score test",
}
_OVERTURNED = {
    "families": "the choice of interval and test",
    "influence": "leaving out one patient",
    "lost": "the outcomes of those without one",
}


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One term: what was found, what each part says of it, and what overturns it."""

    label: str
    families: str
    influence: str
    lost: str
    e_value: str
    verdict: str
    turned: bool


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """One term in one family of estimate, interval and p, with its E-values."""

    method: str
    ratio: str
    interval: str
    p: str
    e_value: str
    e_value_of_limit: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """One kind of patient who was left out, and the odds ratio (p) of each term then."""

    who: str
    outcome: str
    n: str
    codes: tuple[str, ...]
    solutions: str
    cells: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class InfluenceView:
    """Leave-one-out: what was done, who crosses the line, and each kind of patient."""

    left_out: str
    about: tuple[str, ...]
    terms: tuple[str, ...]
    whole: tuple[str, ...]
    rows: tuple[LeftOutRow, ...]
    has_solutions: bool
    open: bool


@dataclass(frozen=True, slots=True)
class AssignedRow:
    """One term under one assignment."""

    scenario: str
    n: str
    ratio: str
    interval: str
    p: str
    ml: str


@dataclass(frozen=True, slots=True)
class LostView:
    """The outcomes that those without one may have had."""

    left_out: str
    about: tuple[str, ...]
    terms: tuple[tuple[str, tuple[AssignedRow, ...]], ...]
    turned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of the lost against the classified; a cell a group."""

    label: str
    level: int
    small: str
    cells: tuple[str, ...]
    p: str
    marks: tuple[str, ...]
    distance: str
    provenance: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    """The lost against the classified."""

    left_out: str
    groups: tuple[tuple[str, int], ...]
    lines: tuple[ComparedLine, ...]
    notes: tuple[tuple[str, str], ...]
    has_provenance: bool


@dataclass(frozen=True, slots=True)
class RobustnessView:
    """The whole section; `left_out` says why where there is none.

    Parameters
    ----------
    no_model
        Why only the lost are compared; "" with a model.
    sentences
        One on each term.
    """

    left_out: str
    notes: tuple[str, ...]
    no_model: str
    level: str
    summary: tuple[SummaryRow, ...]
    sentences: tuple[str, ...]
    families: tuple[tuple[str, tuple[FamilyRow, ...]], ...]
    confounding: tuple[str, ...]
    treatments: tuple[str, ...]
    influence: InfluenceView
    lost: LostView
    compared: ComparedView


_NO_INFLUENCE = InfluenceView("there is no model.", (), (), (), (), False, False)
_NO_LOST = LostView("there is no model.", (), (), ())
_NO_COMPARISON = ComparedView("there is none.", (), (), (), False)


def robustness_view(results: Results) -> RobustnessView:
    """Lay out `robustness` of results.json."""
    section = results.get("robustness")
    if not section or section["left_out"]:
        why = section["left_out"] if section else NONE
        nothing = (why, (), "", "", (), (), (), (), ())
        return RobustnessView(*nothing, _NO_INFLUENCE, _NO_LOST, _NO_COMPARISON)
    confounding = section["confounding"] or {}
    level = plain_text(section["level"])
    return RobustnessView(
        "",
        tuple(section["notes"]),
        section["no_model"],
        level,
        tuple(_summary(term) for term in section["terms"]),
        tuple(_sentence(section, term) for term in section["terms"]),
        tuple(_families(section["terms"], confounding.get("families", ()))),
        tuple(confounding.get("sentences", ())),
        tuple(_treatments(confounding)) if confounding else (),
        _influence(section) if section["influence"] else _NO_INFLUENCE,
        _lost(section) if section["lost"] else _NO_LOST,
        _compared(section["followed"]),
    )


def patients(n: int) -> str:
    """Return "1 patient", "2 patients"."""
    return "1 patient" if n == 1 else f"{n} patients"


def listed(parts: Sequence[str]) -> str:
    """Join parts with commas and "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def ratios_text(low_high: Mapping[str, Any] | None) -> str:
    """Print a range of odds ratios; one where both ends are printed alike."""
    if low_high is None:
        return MISSING
    low, high = ratio_text(low_high["low"]), ratio_text(low_high["high"])
    return low if low == high else f"{low}\u2013{high}"


def _ps(low_high: Mapping[str, Any] | None) -> str:
    if not low_high or "low" not in low_high:
        return MISSING
    low, high = p_text(low_high["low"]), p_text(low_high["high"])
    return low if low == high else f"{low} to {high}"


def _summary(term: Mapping[str, Any]) -> SummaryRow:
    families = term["families"]
    text = f"{families['below']} of {families['n']} below; p {_ps(families)}"
    influence = MISSING
    if term["influence"]:
        ranges = term["influence"]
        influence = f"OR {ratios_text(ranges['odds_ratio'])}; p {_ps(ranges['p'])}"
    lost = f"OR {ratios_text(term['lost']['odds_ratio'])}" if term["lost"] else MISSING
    e_value = MISSING
    if term["e_value"] is not None:
        e_value = f"{ratio_text(term['e_value'])}; limit {ratio_text(term['e_value_of_limit'])}"
    turned = [_OVERTURNED[name] for name in term["overturned_by"]]
    verdict = f"can be turned by {listed(turned)}" if turned else "is not turned by any of these"
    return SummaryRow(
        term["label"],
        text if families["n"] else MISSING,
        influence,
        lost,
        e_value,
        verdict,
        bool(turned),
    )


def _sentence(section: Mapping[str, Any], term: Mapping[str, Any]) -> str:
    """Say in one sentence what each part does to one term."""
    level = plain_text(section["level"])
    parts = []
    families = term["families"]
    if families["n"]:
        count = {families["n"]: "all", 0: "none"}.get(families["below"], str(families["below"]))
        parts.append(f"p is below {level} in {count} of {families['n']} families")
    crossing = term["crossing"]
    if crossing is not None:
        parts.append(_crossing(section, crossing, level))
    lost = _of(section["lost"]["terms"], term["name"]) if section["lost"] else None
    if lost is not None:
        parts.append(_turned(section["lost"], lost, level))
    if term["e_value"] is not None:
        limit = ""
        if term["e_value_of_limit"] is not None:
            limit = f", for the limit {ratio_text(term['e_value_of_limit'])}"
        parts.append(f"its E-value is {ratio_text(term['e_value'])}{limit} (Firth)")
    return f"{term['label']}: {'; '.join(parts)}."


def _crossing(section: Mapping[str, Any], crossing: Mapping[str, Any], level: str) -> str:
    influence = section["influence"]
    solutions = crossing["n_tables"]
    if not crossing["n"] and not (solutions and solutions["high"]):
        whom = "whoever is left out" if influence["complete"] else "whoever was left out"
        return f"it stays on its side of {level} {whom}"
    count, tail = str(crossing["n"]), ""
    if solutions:
        low, high = solutions["low"], solutions["high"]
        count = str(low) if low == high else f"{low} to {high}"
        tail = f" (over the {influence['tables']} solutions)"
    least = "" if influence["complete"] else "at least "
    return (
        f"leaving out any one of {least}{count} of the {patients(influence['n'])} takes it across "
        f"{level}{tail}"
    )


def _turned(lost: Mapping[str, Any], term: Mapping[str, Any], level: str) -> str:
    """Say how many of those without an outcome turn one term."""
    fewest = term["fewest"]
    those = f"of the {patients(lost['n_assigned'])} without an outcome"
    ways = ""
    if lost["ways"] is not None and term["ways_below"] is not None:
        ways = f" (below it in {term['ways_below']} of {lost['ways']} ways)"
    if fewest == 0:
        side = "not below" if term["holds"] else "below"
        return f"whatever the outcomes {those}, p is {side} {level}{ways}"
    against = "against" if term["holds"] else "for"
    there = f"{level} or above" if term["holds"] else f"below {level}"
    if fewest is None:
        return f"no outcomes {those}{_tried(lost)} bring p to {there}{ways}"
    if lost["exhaustive"]:
        return (
            f"at least {fewest} {those} would have to speak {against} it for p to be {there}{ways}"
        )
    return (
        f"if {fewest} {those}, those of most influence first, spoke {against} it, p would be "
        f"{there}"
    )


def _tried(lost: Mapping[str, Any]) -> str:
    return "" if lost["exhaustive"] else ", of those tried,"


def _of(terms: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    return next((term for term in terms if term["name"] == name), None)


def family_name(row: Mapping[str, Any]) -> str:
    """Return method and family in words."""
    method = METHOD_NAMES.get(row["method"], row["method"])
    return f"{method}, {_FAMILIES.get(row['family'], row['family'])}"


def _families(
    terms: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[str, tuple[FamilyRow, ...]]]:
    """Yield the label of each term with its families."""
    for term in terms:
        own = tuple(_family(row) for row in rows if row["term"] == term["name"])
        if own:
            yield term["label"], own


def _family(row: Mapping[str, Any]) -> FamilyRow:
    return FamilyRow(
        family_name(row),
        ratio_text(row["odds_ratio"]),
        interval_text(row["interval"]),
        p_text(row["p"]),
        ratio_text(row["e_value"]),
        ratio_text(row["e_value_of_limit"]),
    )


def _treatments(confounding: Mapping[str, Any]) -> Iterable[str]:
    """Yield what has to be said of treatments."""
    yield from confounding["by_indication"]
    if not confounding["treatments_named"]:
        return
    rows = confounding["treatments"]
    line = plain_text(confounding["entry_p"])
    passed = [f"{row['label']} ({p_equation(row['p'])})" for row in rows if row["passes"]]
    if passed:
        yield (
            f"Of {len(rows)} treatments among the candidates these have p < {line} in the "
            f"screening: {listed(passed)}."
        )
    elif rows:
        yield f"None of the {len(rows)} treatments among the candidates has p < {line}."
    else:
        yield "No candidate of the screening is a treatment."


def who_words(row: Mapping[str, Any], terms: Sequence[Mapping[str, Any]]) -> str:
    """Say what a kind of patient has of the terms: the yes/no terms that are yes, and numbers."""
    parts = []
    for term in terms:
        value = row["values"][term["name"]]
        if not term["yes_no"]:
            parts.append(f"{term['label']} {plain_text(value)}")
        elif value:
            parts.append(term["label"])
    return "; ".join(parts) or "none of the terms"


def _influence(section: Mapping[str, Any]) -> InfluenceView:
    influence = section["influence"]
    if influence["left_out"]:
        return InfluenceView(influence["left_out"], (), (), (), (), False, False)
    terms = influence["terms"]
    missing = ""
    if influence["n_missing"]:
        missing = f"; {patients(influence['n_missing'])} with a missing term are not in the model"
    about = [
        f"{influence['method']}: {influence['n_refitted']} of {influence['n']} patients{missing}. "
        "Patients who are equal in the terms and the outcome stand in one line. Odds ratios are "
        "Firth's, with the penalised likelihood-ratio p in brackets."
    ]
    if len(influence["rows"]) < influence["refits"]:
        about.append(
            f"Of {influence['refits']} lines those {len(influence['rows'])} are listed that move "
            "a term most."
        )
    for term in terms:
        about += _ml_sentence(term)
    about += [f"{METHOD_NAMES[key]}: {why}." for key, why in influence["errors"].items()]
    solutions = influence["tables"] > 0
    rows = tuple(_left_out(row, section, terms, solutions) for row in influence["rows"])
    return InfluenceView(
        "",
        tuple(about),
        tuple(term["label"] for term in terms),
        tuple(_ratio_and_p(term["whole"]["firth"]) for term in terms),
        rows,
        solutions,
        len(rows) <= MOST_LINES,
    )


def _ml_sentence(term: Mapping[str, Any]) -> Iterable[str]:
    ranges = term["ranges"].get("ml")
    if ranges and ranges["odds_ratio"]:
        ratios = ratios_text(ranges["odds_ratio"])
        yield (
            f"{term['label']} by maximum likelihood: odds ratio {ratios}, likelihood-ratio p "
            f"{_ps(ranges['p'])}."
        )


def _ratio_and_p(numbers: Mapping[str, Any]) -> str:
    return f"{ratio_text(numbers['odds_ratio'])} ({p_text(numbers['p'])})"


def _left_out(
    row: Mapping[str, Any],
    section: Mapping[str, Any],
    terms: Sequence[Mapping[str, Any]],
    solutions: bool,
) -> LeftOutRow:
    cells = []
    for term in terms:
        numbers = row["terms"][term["name"]].get("firth")
        cells.append(_ratio_and_p(numbers) if numbers else MISSING)
    tables = ""
    if solutions:
        tables = f"{row['tables'] or 0} of {section['influence']['tables']}"
    return LeftOutRow(
        who_words(row, terms),
        section["event_label"] if row["event"] else section["against_label"],
        str(row["n"]),
        tuple(row["patients"]),
        tables,
        tuple(cells),
        row["errors"].get("firth", ""),
    )


def scenario_words(scenario: Mapping[str, Any], term: Mapping[str, Any], event: str) -> str:
    """Say who was assigned what."""
    identity = scenario["id"]
    total = term["exposed"] + term["others"]
    if identity == "classified":
        return "Those classified"
    if identity == "all_events":
        return f"All {total}: {event}"
    if identity == "no_events":
        return f"None of {total}: {event}"
    words = "Most for" if identity == "favour" else "Most against"
    where, rest = ("with", "without")
    if term["above"] is not None:
        where, rest = "above the mean", "not"
    return (
        f"{words}: {event} {scenario['exposed_events']} of {term['exposed']} {where}, "
        f"{scenario['others_events']} of {term['others']} {rest}"
    )


def _lost(section: Mapping[str, Any]) -> LostView:
    lost = section["lost"]
    about = []
    if lost["n_without"]:
        kinds = ", ".join(f"{one['label']} {one['n']}" for one in lost["outcomes"])
        about.append(
            f"{patients(lost['n_without'])} without an outcome of the model ({kinds}); "
            f"{lost['n_assigned']} have all terms and were assigned one."
        )
        about += [
            f"Cannot be assigned: {one['label']} missing in {patients(one['n'])}."
            for one in lost["not_assigned"]
        ]
    if lost["left_out"]:
        return LostView(lost["left_out"], tuple(about), (), ())
    ways = f" ({lost['ways']} ways)" if lost["ways"] is not None else ""
    about.append(
        f"The model was refitted with {lost['method']}{ways}; shown are the assignments that move "
        "each odds ratio furthest, and those that are the same for all. They are limits, not what "
        "is likely, and say how far the result depends on who was not classified."
    )
    about.append(
        "Of an odds ratio above 1 an outcome speaks for the term where a patient who has it has "
        "the event, or one who has it not does not have the event; below 1 it is the other way "
        "round. Of a number, who lies above the mean of those classified has it."
    )
    level = plain_text(lost["level"])
    event = section["event_label"]
    return LostView(
        "",
        tuple(about),
        tuple(
            (term["label"], tuple(_assigned(one, term, event) for one in term["scenarios"]))
            for term in lost["terms"]
        ),
        tuple(f"{term['label']}: {_turned(lost, term, level)}." for term in lost["terms"]),
    )


def _assigned(scenario: Mapping[str, Any], term: Mapping[str, Any], event: str) -> AssignedRow:
    firth, ml = scenario["firth"], scenario["ml"]
    return AssignedRow(
        scenario_words(scenario, term, event),
        f"{scenario['events']} / {scenario['n']}",
        ratio_text(firth["odds_ratio"]),
        interval_text(firth["interval"]),
        p_text(firth["p"]),
        _ratio_and_p(ml) if ml else MISSING,
    )


def _compared(followed: Mapping[str, Any]) -> ComparedView:
    groups = tuple((group["label"], group["n"]) for group in followed["groups"])
    if followed["left_out"]:
        return ComparedView(followed["left_out"], groups, (), (), False)
    distances = {row["variable"]: row["standardised_difference"] for row in followed["rows"]}
    view: TableView = table_view(
        {
            "id": "lost",
            "title": "",
            "groups": followed["groups"],
            "sections": [{"heading": "", "rows": followed["rows"]}],
        }
    )
    lines = tuple(
        _compared_line(line, len(groups), distances) for _, of in view.sections for line in of
    )
    return ComparedView("", groups, lines, view.notes, view.has_provenance)


def _compared_line(
    line: Line, groups: int, distances: Mapping[str, Mapping[str, Any] | None]
) -> ComparedLine:
    distance = ""
    if not line.level:
        found = distances[line.variable]
        distance = fixed_text(found["estimate"], 2) if found else MISSING
    return ComparedLine(
        f"{line.label}, {line.unit}" if line.unit else line.label,
        line.level,
        line.small,
        tuple(_texts(line.cells))[:groups],
        line.p,
        line.marks,
        distance,
        line.provenance,
    )


def _texts(cells: Sequence[Cell]) -> Iterable[str]:
    """Join count and percentage, and a mean with its second line, to one text a group."""
    waiting: str | None = None
    for cell in cells:
        if cell.span == 2:
            yield (
                f"{cell.text}; {cell.small}"
                if cell.text and cell.small
                else (cell.text or cell.small)
            )
        elif waiting is None:
            waiting = cell.text
        else:
            yield waiting if cell.text == MISSING else f"{waiting} ({cell.text})"
            waiting = None
