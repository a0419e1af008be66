"""The section on what could overturn the final model as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import METHOD_NAMES, Results
from myocohort.report.robustness.compared_view import NO_COMPARISON, ComparedView, compared_view
from myocohort.report.robustness.verdicts import turned_words, verdict_sentence
from myocohort.report.rounding import (
    MISSING,
    interval_text,
    p_equation,
    p_text,
    plain_text,
    ratio_text,
)
from myocohort.report.wording import counted, joined

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


def robustness_view(results: Results) -> RobustnessView:
    """Lay out `robustness` of results.json."""
    section = results.get("robustness")
    if not section or section["left_out"]:
        why = section["left_out"] if section else NONE
        nothing = (why, (), "", "", (), (), (), (), ())
        return RobustnessView(*nothing, _NO_INFLUENCE, _NO_LOST, NO_COMPARISON)
    confounding = section["confounding"] or {}
    level = plain_text(section["level"])
    return RobustnessView(
        "",
        tuple(section["notes"]),
        section["no_model"],
        level,
        tuple(_summary(term) for term in section["terms"]),
        tuple(text for term in section["terms"] if (text := verdict_sentence(section, term))),
        tuple(_families(section["terms"], confounding.get("families", ()))),
        tuple(confounding.get("sentences", ())),
        tuple(_treatments(confounding)) if confounding else (),
        _influence(section) if section["influence"] else _NO_INFLUENCE,
        _lost(section) if section["lost"] else _NO_LOST,
        compared_view(section["followed"]),
    )


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
    verdict = f"can be turned by {joined(turned)}" if turned else "is not turned by any of these"
    return SummaryRow(
        term["label"],
        text if families["n"] else MISSING,
        influence,
        lost,
        e_value,
        verdict,
        bool(turned),
    )


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
            f"screening: {joined(passed)}."
        )
    elif rows and all(row["p"] is None for row in rows):
        yield f"None of the {len(rows)} treatments among the candidates could be tested."
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
        without = counted(influence["n_missing"], "patient")
        missing = f"; {without} with a missing term are not in the model"
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
            f"{counted(lost['n_without'], 'patient')} without an outcome of the model ({kinds}); "
            f"{lost['n_assigned']} have all terms and were assigned one."
        )
        about += [
            f"Cannot be assigned: {one['label']} missing in {counted(one['n'], 'patient')}."
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
        tuple(f"{term['label']}: {turned_words(lost, term, level)}." for term in lost["terms"]),
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
