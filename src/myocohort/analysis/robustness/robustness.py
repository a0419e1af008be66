"""What could overturn the final model: the section `robustness` of results.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from myocohort.analysis.robustness.confounding import describe_confounding
from myocohort.analysis.robustness.final_model import final_model
from myocohort.analysis.robustness.influence import describe_influence
from myocohort.analysis.robustness.lost_assigned import LEVEL, assign_lost
from myocohort.analysis.robustness.lost_compared import compare_lost
from myocohort.analysis.section import Asked, Part
from myocohort.stats.firth import REFERENCE as FIRTH_REFERENCE
from myocohort.stats.result import jsonable

PLAIN_FAMILY = ("firth", "profile")
"""Method and family that the summary takes as the conclusion: it is always finite."""


def describe_robustness(asked: Asked) -> dict[str, Any]:
    """Describe what could overturn the conclusion of the final model.

    Parameters
    ----------
    asked
        The study, its analysis table and the models that were fitted.

    Returns
    -------
    dict
        `robustness` of results.json (docs/results.md). Without a model, the lost are still
        compared with the classified.
    """
    study, table = asked.plan.study, asked.table
    model = final_model(study, table.frame, table.variables, asked.results["screening"])
    followed = compare_lost(asked)
    found: dict[str, Any] = {
        "left_out": "",
        "notes": [],
        "level": LEVEL,
        "event_label": "",
        "against_label": "",
        "followed": followed,
        "lost": None,
        "influence": None,
        "confounding": None,
        "terms": [],
        "no_model": "",
    }
    if isinstance(model, str):
        found["no_model"] = model
        found["left_out"] = followed["left_out"] and f"{model} {followed['left_out']}"
        found["notes"] = _rebuilt_notes(asked, None)
        plain: dict[str, Any] = jsonable(found)
        return plain
    alternatives = asked.provenance.alternatives if study.origin == "rebuilt" else ()
    found["event_label"] = asked.labels.get(model.plan.event, model.plan.event)
    found["against_label"] = " or ".join(asked.labels.get(a, a) for a in model.plan.against)
    found["lost"] = assign_lost(asked, model)
    found["influence"] = describe_influence(model, alternatives)
    found["confounding"] = describe_confounding(model, asked.results)
    found = jsonable(found)
    found["notes"] = _rebuilt_notes(asked, found["influence"])
    found["terms"] = [_summary(found, term, model.labels[term]) for term in model.terms]
    return found


def _rebuilt_notes(asked: Asked, influence: Mapping[str, Any] | None) -> list[str]:
    """Say of rebuilt records what of this section the publication determines."""
    if asked.plan.study.origin != "rebuilt":
        return []
    notes = [
        "The records are rebuilt: of the patients lost the publication prints less than of the "
        "others, and their values are one of many solutions. Their comparison with the classified, "
        "and what their outcomes could do to the model, show what such a study looks like; they "
        "are no finding about patients."
    ]
    rows = (influence or {"rows": []})["rows"]
    if rows and influence and influence["tables"]:
        count = influence["tables"]
        kinds = {(*row["values"].values(), row["event"]) for row in rows}
        alike = (
            "What leaving a patient out does depends on the terms and the outcome of that patient "
            "only, so that each line is the same in every solution that has such a patient"
            if len(kinds) == len(rows)
            else "What leaving a patient out does is not the same in every solution, and each line "
            "says in how many it is so"
        )
        notes.append(
            "Who has the event among patients who are equal in the terms of the model is one of "
            f"{count} solutions. {alike}; the lines of all {count} are shown, and which patient "
            "of these records has which line is not determined."
        )
    return notes


def _summary(found: Mapping[str, Any], term: str, label: str) -> dict[str, Any]:
    """Put together what each part says of one term."""
    families = [row for row in found["confounding"]["families"] if row["term"] == term]
    p_values = [row["p"] for row in families if row["p"] is not None]
    plain = next((row for row in families if (row["method"], row["family"]) == PLAIN_FAMILY), None)
    influence = _of(found["influence"]["terms"], term)
    lost = _of(found["lost"]["terms"], term)
    extremes = [s["firth"] for s in lost["scenarios"] if s["id"] != "classified"] if lost else []
    below = sum(p < LEVEL for p in p_values)
    crossing = influence["crossing"]["firth"] if influence else None
    overturned = []
    if 0 < below < len(p_values):
        overturned.append("families")
    if crossing and (crossing["n"] or crossing["rows"]):
        overturned.append("influence")
    if lost and lost["fewest"] is not None:
        overturned.append("lost")
    return {
        "name": term,
        "label": label,
        "families": {"n": len(p_values), "below": below, **(_range(p_values) or {})},
        "influence": influence and influence["ranges"]["firth"],
        "crossing": crossing,
        "lost": lost
        and {
            "odds_ratio": _range(row["odds_ratio"] for row in extremes),
            "fewest": lost["fewest"],
            "ways_below": lost["ways_below"],
        },
        "e_value": plain and plain["e_value"],
        "e_value_of_limit": plain and plain["e_value_of_limit"],
        "overturned_by": overturned,
    }


def _of(terms: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    return next((term for term in terms if term["name"] == name), None)


def _range(values: Iterable[float | str]) -> dict[str, float | str] | None:
    known = sorted(values, key=float)
    return {"low": known[0], "high": known[-1]} if known else None


def methods_of_robustness(results: Mapping[str, Any]) -> str:
    """Describe what was run to overturn the model, as it was run; empty where nothing was."""
    section = results.get("robustness") or {}
    parts: list[str] = []
    followed = section.get("followed") or {"left_out": "not there"}
    if not followed["left_out"]:
        tests = dict.fromkeys(row["test"] for row in followed["rows"] if row["p"] is not None)
        listed = f" with: {'; '.join(tests)}" if tests else ""
        distances = dict.fromkeys(
            row["standardised_difference"]["method"]
            for row in followed["rows"]
            if row["standardised_difference"]
        )
        parts.append(f"Patients lost to follow-up were compared with those classified{listed}.")
        if distances:
            parts.append(f"Distances do not depend on n: {'; '.join(distances)}.")
    influence = section.get("influence") or {"left_out": "not there"}
    if not influence["left_out"]:
        parts.append(
            f"{influence['method']} ({influence['n_refitted']} of {influence['n']} patients), by "
            "Firth's penalised likelihood and by maximum likelihood, with profile-likelihood "
            "limits and (penalised) likelihood-ratio p; the terms were taken as given and not "
            "chosen again. Dfbeta is the log odds ratio with all patients less that without the "
            "patient."
        )
    lost = section.get("lost") or {"left_out": "not there"}
    if not lost["left_out"]:
        parts.append(
            f"The model was refitted by the same methods to all patients with {lost['method']}. "
            "The fewest patients that turn a conclusion are counted from the assignment in which "
            "each of them speaks for the term, or against it where p was not below the line."
        )
    confounding = section.get("confounding") or {"left_out": "not there"}
    if not confounding["left_out"]:
        used = dict.fromkeys(
            row["e_value_method"] for row in confounding["families"] if row["e_value_method"]
        )
        parts.append(f"Unmeasured confounding: {'; '.join(used)}.")
    if parts:
        parts.append(
            f"A p of {section['level']:g} is used as the conventional line and nothing more."
        )
    return " ".join(parts)


def references_of_robustness(results: Mapping[str, Any]) -> list[str]:
    """List the sources of what was run."""
    section = results.get("robustness") or {}
    found: list[str] = []
    followed = section.get("followed") or {"left_out": "not there"}
    if not followed["left_out"]:
        for row in followed["rows"]:
            if row["p"] is not None:
                found.append(row["reference"])
            if row["standardised_difference"]:
                found.append(row["standardised_difference"]["reference"])
    influence = section.get("influence") or {"left_out": "not there"}
    if not influence["left_out"]:
        found += [FIRTH_REFERENCE, influence["reference"]]
    confounding = section.get("confounding") or {"left_out": "not there"}
    if not confounding["left_out"]:
        found.append(confounding["reference"])
    return list(dict.fromkeys(found))


ROBUSTNESS_PART = Part(describe_robustness, methods_of_robustness, references_of_robustness)
