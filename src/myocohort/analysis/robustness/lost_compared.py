"""The patients who were lost against those who were classified: who they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.analysis.comparison import (
    LEVELS,
    compare_variable,
    describe_variable,
    group_codes,
    run_effects,
)
from myocohort.analysis.robustness.final_model import classified_outcomes
from myocohort.analysis.section import Asked
from myocohort.outcomes import OUTCOMES
from myocohort.stats.counts import cross_tabulate
from myocohort.stats.result import Result
from myocohort.stats.standardised_difference import (
    standardised_difference,
    standardised_difference_of_categories,
)
from myocohort.study.studyfile import Section, Study, TablePlan, split_term
from myocohort.study.variable import Variable

CLASSIFIED, LOST = "classified", "lost"


def compare_lost(asked: Asked) -> dict[str, Any]:
    """Compare the lost with the classified, and describe the others who were not classified.

    Parameters
    ----------
    asked
        The study with its analysis table; the variables are those of the first table that
        compares groups, otherwise of the first table, otherwise of the model.

    Returns
    -------
    dict
        `left_out`, `groups` (classified, lost, then the other outcomes that occur), `compared`
        (their two codes) and `rows`: those of a table with `standardised_difference` added.
    """
    study, frame = asked.plan.study, asked.table.frame
    inside = classified_outcomes(study)
    group_of = dict.fromkeys(inside, CLASSIFIED)
    apart = [o for o in OUTCOMES if o not in inside and o != LOST]
    group_of |= {outcome: outcome for outcome in (LOST, *apart) if outcome not in inside}
    followed = frame.loc[frame["outcome"].notna()]
    groups = followed["outcome"].map(group_of)
    counts = groups.value_counts()
    shown = [CLASSIFIED, LOST, *(outcome for outcome in apart if counts.get(outcome, 0))]
    found: dict[str, Any] = {
        "left_out": "",
        "groups": [
            {
                "code": code,
                "label": "Classified" if code == CLASSIFIED else asked.labels.get(code, code),
                "n": int(counts.get(code, 0)),
            }
            for code in shown
        ],
        "compared": [CLASSIFIED, LOST],
        "rows": [],
    }
    names = _variables(study)
    if not names:
        return {**found, "left_out": "The study file has neither a table nor a model."}
    if not counts.get(LOST, 0):
        return {**found, "left_out": "No patient was lost to follow-up."}
    if not counts.get(CLASSIFIED, 0):
        return {**found, "left_out": "No patient was classified."}
    tests = _tests(study)
    for name in names:
        row = _row(followed, groups, shown, tests, asked.table.variables[name])
        row["provenance"] = asked.provenance.kind(asked.table.variables[name])
        found["rows"].append(row)
    return found


def _variables(study: Study) -> list[str]:
    """Return the variables of the table that compares, of any table, or of the model."""
    table = study.first_comparison or next(iter(study.table.values()), None)
    if table is not None:
        return list(dict.fromkeys(table.variables))
    if study.model is None:
        return []
    terms = (*study.model.candidates, *study.model.terms)
    return list(dict.fromkeys(split_term(term)[0] for term in terms))


def _tests(study: Study) -> TablePlan:
    """Return the tests of the table that compares, with the two groups in the place of its own."""
    groups = (CLASSIFIED, LOST)
    table = study.first_comparison
    if table is None:
        return TablePlan(title="Lost", groups=groups, sections=(Section(variables=()),))
    return table.model_copy(update={"groups": groups})


def _row(
    followed: pd.DataFrame,
    groups: pd.Series,
    shown: list[str],
    tests: TablePlan,
    variable: Variable,
) -> dict[str, Any]:
    values = followed[variable.name]
    codes = group_codes(groups, tests.groups)
    compared = codes >= 0
    row = compare_variable(values[compared], codes[compared], tests, variable, with_effects=False)
    for group in shown[2:]:
        described = describe_variable(values[groups == group], variable)
        row["counts"][group] = described["total"]
    row["standardised_difference"] = _distance(values[compared], codes[compared], variable)
    return row


def _distance(
    values: pd.Series, codes: NDArray[np.intp], variable: Variable
) -> Mapping[str, Any] | None:
    """Return the standardised difference, classified less lost; None where there is none."""

    def compute() -> list[Result]:
        if variable.type in ("integer", "number"):
            return [standardised_difference(values.to_numpy(dtype=float), codes)]
        levels = LEVELS.get(variable.type) or variable.categories
        table, missing = cross_tabulate(codes, group_codes(values, list(levels)), 2, len(levels))
        event = 1 if variable.type == "yes_no" else None
        return [standardised_difference_of_categories(table, event=event, n_missing=missing)]

    found = run_effects(compute)
    return found[0] if found else None
