"""The flow of patients: who was enrolled, who left at each step and why, who was analysed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.modelling import model_rows, term_label, term_values
from myocohort.analysis.outcome import OUTCOME_LABELS
from myocohort.analysis.plan import Plan
from myocohort.analysis.table import AnalysisTable
from myocohort.outcomes import OUTCOMES, Decision
from myocohort.study.studyfile import ModelPlan

MOST_REASONS = 4
OTHER_REASONS = "other reasons"
_MONTH = re.compile(r" at month \d+(\.\d+)?")
_TISSUE = ("biopsies", "fields")


def flow_steps(
    plan: Plan, table: AnalysisTable, decisions: Sequence[Decision]
) -> list[dict[str, Any]]:
    """List the steps of the flow of patients (STROBE item 13).

    Parameters
    ----------
    plan
        The study.
    table
        The analysis table.
    decisions
        Outcome of each followed patient.

    Returns
    -------
    list of dict
        `flow` of results.json: `label`, `n` and `level`: 0 is the main line, 1 is split off
        (before the last step of the main line it left there; after it, it is an end), 2 is a
        set of patients that was analysed. All have `reasons` ``[{reason, n}]``: of level 1
        why they left, of level 2 why the others are not in it. Level 2 has `of`, out of how
        many patients, and `controls` ``[{label, n}]``, which are not among them.
    """
    counts = Counter(decision.outcome for decision in decisions)
    arms = [arm.label for arm in plan.study.arms.values() if arm.role == "patients"]
    classified = counts["refractory"] + counts["non_refractory"]
    steps = [_step(f"Enrolled: {', '.join(arms)}", len(decisions), 0)]
    steps += [
        _step(OUTCOME_LABELS[outcome], counts[outcome], 1, _reasons(decisions, outcome))
        for outcome in OUTCOMES[2:]
        if counts[outcome]
    ]
    steps.append(_step("Classified by the outcome rule", classified, 0))
    steps += [
        _step(OUTCOME_LABELS[outcome], counts[outcome], 1)
        for outcome in ("non_refractory", "refractory")
    ]
    return steps + _analysed(plan, table, len(decisions))


def _step(
    label: str, n: int, level: int, reasons: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {"label": label, "n": n, "level": level, "reasons": reasons or []}


def _reasons(decisions: Sequence[Decision], outcome: str) -> list[dict[str, Any]]:
    """Return why patients have no outcome, without the months, which differ by patient."""
    if outcome == "died":
        return []  # the step itself says so
    whys = (d.why for d in decisions if d.outcome == outcome)
    return _listed(Counter(_MONTH.sub("", why).removesuffix("; last visit") for why in whys))


def _listed(counts: Counter[str]) -> list[dict[str, Any]]:
    """List reasons, most frequent first, the rare ones of many together."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) > MOST_REASONS:
        kept, rest = ordered[: MOST_REASONS - 1], ordered[MOST_REASONS - 1 :]
        ordered = [*kept, (OTHER_REASONS, sum(n for _, n in rest))]
    return [{"reason": reason, "n": n} for reason, n in ordered]


def _analysed(plan: Plan, table: AnalysisTable, enrolled: int) -> list[dict[str, Any]]:
    """Return the sets of patients that the parts of the analysis rest on."""
    study, frame = plan.study, table.frame
    found = []
    if study.model is not None:
        box = _in_the_model(study.model, table)
        if box is not None:
            found.append(box)
    sets: list[tuple[str, pd.Series]] = []
    why: dict[str, str] = {}  # set -> variable that knows why a patient is not in it
    if study.imaging is not None:
        scores = [name for s in study.imaging.scales if (name := f"mri_{s}_0") in frame]
        if scores:
            sets.append(("MRI before treatment", frame[scores].notna().any(axis=1)))
            why["MRI before treatment"] = scores[0]
        if "mri_followed" in frame:
            sets.append(("MRI before treatment and later", frame["mri_followed"] == "yes"))
    tissue = [
        name
        for name, variable in table.variables.items()
        if variable.table in _TISSUE or name in {f"expression_{marker}" for marker in study.markers}
    ]
    if tissue:
        sets.append(("muscle biopsy", frame[tissue].notna().any(axis=1)))
    if "blotted" in frame:
        sets.append(("western blot", frame["blotted"] == "yes"))
    followed = frame["arm"].isin(
        [code for code, arm in study.arms.items() if arm.role == "patients"]
    )
    for label, inside in sets:
        sizes = Counter(frame.loc[inside & ~followed, "arm"])
        known = table.reasons[why[label]] if label in why else {}
        outside = frame.loc[followed & ~inside, "patient"]
        reasons = Counter(known[patient] for patient in outside if patient in known)
        found.append(
            {
                **_step(f"Analysed: {label}", int((inside & followed).sum()), 2, _listed(reasons)),
                "of": enrolled,
                "controls": [
                    {"label": arm.label, "n": sizes[code]}
                    for code, arm in study.arms.items()
                    if sizes.get(code)
                ],
            }
        )
    return found


def _in_the_model(plan: ModelPlan, table: AnalysisTable) -> dict[str, Any] | None:
    """Return who is complete for the final model; None where its terms are not pinned.

    Screened terms depend on the data, and their models say themselves who is missing.
    """
    if not plan.terms:
        return None
    inside, _ = model_rows(table.frame, plan)
    absent = np.column_stack(
        [term_values(inside, term, table.variables).isna() for term in plan.terms]
    )
    labels = np.array([term_label(term, table.variables) for term in plan.terms], dtype=object)
    incomplete = absent[absent.any(axis=1)]
    whys = Counter(f"{', '.join(dict.fromkeys(labels[row]))} not known" for row in incomplete)
    return {
        **_step("Analysed: final model", len(inside) - len(incomplete), 2, _listed(whys)),
        "of": len(inside),
        "controls": [],
    }
