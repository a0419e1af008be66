"""What could overturn each term of the final model, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from myocohort.report.rounding import plain_text, ratio_text
from myocohort.report.wording import counted


def verdict_sentence(section: Mapping[str, Any], term: Mapping[str, Any]) -> str:
    """Say in one sentence what each part does to one term."""
    level = plain_text(section["level"])
    parts = []
    families = term["families"]
    if families["n"]:
        count = {families["n"]: "all", 0: "none"}.get(families["below"], str(families["below"]))
        parts.append(f"p is below {level} in {count} of {families['n']} families")
    crossing = term["crossing"]
    if crossing is not None:
        failed = term["influence"]["failed"] if term["influence"] else 0
        parts.append(_crossing(section, crossing, failed, level))
    lost = term_of(section["lost"]["terms"], term["name"]) if section["lost"] else None
    if lost is not None:
        parts.append(turned_words(section["lost"], lost, level))
    if term["e_value"] is not None:
        limit = ""
        if term["e_value_of_limit"] is not None:
            limit = f", for the limit {ratio_text(term['e_value_of_limit'])}"
        parts.append(f"its E-value is {ratio_text(term['e_value'])}{limit} (Firth)")
    return f"{term['label']}: {'; '.join(parts)}." if parts else ""


def _crossing(
    section: Mapping[str, Any], crossing: Mapping[str, Any], failed: int, level: str
) -> str:
    influence = section["influence"]
    solutions = crossing["n_tables"]
    if not crossing["n"] and not (solutions and solutions["high"]):
        whom = "whoever is left out" if influence["complete"] else "whoever was left out"
        if failed:
            whom = f"whoever else is left out; without {failed} of the patients there is no model"
        return f"it stays on its side of {level} {whom}"
    count, tail = str(crossing["n"]), ""
    if solutions:
        low, high = solutions["low"], solutions["high"]
        count = str(low) if low == high else f"{low} to {high}"
        tail = f" (over the {influence['tables']} solutions)"
    least = "" if influence["complete"] else "at least "
    return (
        f"leaving out any one of {least}{count} of the {counted(influence['n'], 'patient')} takes "
        f"it across {level}{tail}"
    )


def turned_words(lost: Mapping[str, Any], term: Mapping[str, Any], level: str) -> str:
    """Say how many of those without an outcome turn one term."""
    fewest = term["fewest"]
    those = f"of the {counted(lost['n_assigned'], 'patient')} without an outcome"
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


def term_of(terms: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """Return the term of this name, None without one."""
    return next((term for term in terms if term["name"] == name), None)
