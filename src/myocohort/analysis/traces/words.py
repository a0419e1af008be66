"""Where a variable comes from, in words: table, column, file, and how it is derived."""

from __future__ import annotations

from typing import Any

from myocohort.study.measured import measured_variables
from myocohort.study.standard import MUSCLES, SCALES, TABLES
from myocohort.study.studyfile import Study, split_term
from myocohort.study.variable import Variable


def source_of_variable(variable: Variable, study: Study) -> dict[str, Any]:
    """Say where a variable comes from.

    Parameters
    ----------
    variable
        Declared or measured.
    study
        Names files, headers, scans and markers.

    Returns
    -------
    dict
        `variable`, `label`, `type`, `unit`, `tables` (of the records), `column` and `header` (what
        the file calls it; both empty for a measured variable), `files` (that the study file names
        for those tables) and `derivation` (a sentence or several).
    """
    measured = variable.name in measured_variables(study)
    tables, words = _measured(variable.name, study) if measured else _declared(variable, study)
    source = study.tables.get(variable.table)
    header = source.columns.get(variable.column, variable.column) if source else variable.column
    return {
        "variable": variable.name,
        "label": variable.title,
        "type": variable.type,
        "unit": variable.unit,
        "tables": list(tables),
        "column": "" if measured else variable.column,
        "header": "" if measured else header,
        "files": _files(tables, study),
        "derivation": words,
    }


def term_in_words(term: str, variable: Variable) -> str:
    """Say what a model's term is: 1 and 0 of which answer, or the number itself."""
    _, level = split_term(term)
    if level is not None:
        return f"1 where {variable.title} is {variable.categories[level]}, 0 for every other value."
    if variable.type == "yes_no":
        return "1 where yes, 0 where no."
    unit = f" {variable.unit}" if variable.unit else ""
    return f"The number itself; its odds ratio is per 1{unit}."


def _files(tables: tuple[str, ...], study: Study) -> list[str]:
    named = (study.tables[table].file for table in tables if table in study.tables)
    return [name for name in dict.fromkeys(named) if name]


def _declared(variable: Variable, study: Study) -> tuple[tuple[str, ...], str]:
    parts = [f"Column {variable.column} of the table {variable.table}"]
    if variable.where:
        picks = " and ".join(f"{name} is {wanted}" for name, wanted in variable.where.items())
        parts.append(f"in rows where {picks}")
    if variable.month is not None:
        parts.append(
            f"at the visit with a value that is nearest to month {variable.month} and at most "
            f"{study.schedule.within:g} months from it, of two equally near the earlier"
        )
    sentences = [", ".join(parts) + "."]
    derived = _derived(variable)
    if derived:
        sentences.append(derived)
        if variable.type == "yes_no" and variable.month is None:
            sentences.append("Of several rows of a patient, one that is yes makes a yes.")
    if variable.table == "visits" and variable.column == "weakest_mrc":
        sentences.append("Where it is not given, the weakest of the muscle groups, if all are.")
    return (variable.table,), " ".join(sentences)


def _derived(variable: Variable) -> str:
    """Say how a source value becomes yes, no or a category; empty where it is taken as it is."""
    standard = TABLES.get(variable.table)
    column = None if standard is None else standard.columns.get(variable.column)
    graded = column is not None and bool(column.scores)
    what = "its whole MRC grade (4-, 4 and 4+ are 4)" if graded else "it"
    if variable.any_of:
        return f"Yes where it is one of: {', '.join(variable.any_of)}; otherwise no."
    if variable.at_most is not None:
        return f"Yes where {what} is at most {variable.at_most:g}; otherwise no."
    if variable.at_least is not None:
        return f"Yes where {what} is at least {variable.at_least:g}; otherwise no."
    if variable.bands:
        bands = "; ".join(
            f"{variable.categories[code]} where {what} is {_band(low, high)}"
            for code, (low, high) in variable.bands.items()
        )
        return bands[0].upper() + bands[1:] + "."
    return ""


def _band(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _measured(name: str, study: Study) -> tuple[tuple[str, ...], str]:
    if name == "follow_up_years":
        return ("visits", "patients"), (
            "Time from the start of treatment to the last visit, by dates where both are known, "
            "otherwise by the planned month; months divided by 12."
        )
    if name == "blotted":
        return ("blots",), "Yes where the patient has a row in the table blots; otherwise no."
    for marker, plan in study.markers.items():
        if name == f"expression_{marker}":
            return ("fields",), (
                f"Rows where marker is {plan.label}: mean over the fields of positive_cells "
                "divided by fibres; fields without fibres are left out."
            )
    return ("mri_readings", "patients"), _imaging(name, study)


def _imaging(name: str, study: Study) -> str:
    plan = study.imaging
    if plan is None:  # only with [imaging] are these variables measured
        raise ValueError(f"{name} is no measured variable of this study")
    low, high = plan.before
    before = (
        f"The scan before treatment is the last from month {low:g} to 0, otherwise the first up to "
        f"month {high:g}."
    )
    if name == "mri_followed":
        return f"Yes where there is a scan before treatment and a later one; otherwise no. {before}"
    scale = next(s for s in plan.scales if name in _names_of(s, plan.months))
    count = 2 * len(plan.muscles)
    which = "the twelve thigh muscles" if plan.muscles == MUSCLES else ", ".join(plan.muscles)
    total = (
        f"the sum of the grades of the {count} muscle-sides ({which}, left and right) on the scale "
        f"{plan.scales[scale]}, all of which must be read; several readers are averaged muscle by "
        "muscle, automatic readings do not count"
    )
    if name == f"mri_{scale}_0":
        return f"At the scan before treatment, {total}. {before}"
    if name == f"{scale}_present":
        return f"Yes where the total at the scan before treatment is above 0: {total}. {before}"
    month = name.rsplit("_", 1)[1]
    rising = SCALES[plan.scales[scale]] == "increase"
    change = "after less the total before" if rising else "before less the total after"
    return (
        f"The total {change} treatment began, divided by the months between the scans. "
        f"A total is {total}. "
        f"{before} The one after is nearest to month {month}, at most {plan.within:g} months from "
        "it."
    )


def _names_of(scale: str, months: tuple[int, ...]) -> set[str]:
    return {f"mri_{scale}_0", f"{scale}_present", *(f"{scale}_rate_{m}" for m in months)}
