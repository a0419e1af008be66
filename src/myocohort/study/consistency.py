"""What must hold between the parts of a study file: names, types, sources."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from myocohort.errors import Problem
from myocohort.study.measured import measured_later, measured_variables
from myocohort.study.standard import MUSCLES, SCALES, TABLES
from myocohort.study.studyfile import Study, TablePlan, split_term
from myocohort.study.variable import Variable

RESERVED = ("patient", "arm", "outcome")
"""Columns of the analysis table that no variable may be called."""

FITTING = {
    "integer": ("integer", "number"),
    "number": ("integer", "number"),
    "category": ("category", "text"),
    "yes_no": ("yes_no",),
    "date": ("date",),
    "text": ("text", "category"),
}
"""Type of a variable -> types of a standard column that it may be read from."""


class _Findings:
    """Problems of one study file, gathered."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, key: str, rule: str, value: str = "", next_step: str = "") -> None:
        """Keep one problem."""
        self.problems.append(
            Problem(rule=rule, value=value, key=key, file=self.file, next_step=next_step)
        )

    def known(self, name: str, names: Iterable[str], key: str, what: str) -> bool:
        """Whether a name is one of those that there are; keep a problem if not."""
        known = list(names)
        if name in known:
            return True
        close = difflib.get_close_matches(name, known, n=1)
        step = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}"
        self.add(key, f"{what} that is declared", name, step)
        return False


def consistency_problems(study: Study, file: str) -> list[Problem]:
    """Find what a study file names but does not have, and types that do not fit.

    Parameters
    ----------
    study
        Valid by itself.
    file
        What to call it.
    """
    found = _Findings(file)
    variables = {**study.variables, **measured_variables(study)}
    for variable in study.variables.values():
        _check_variable(study, variable, found)
    if study.imaging is not None:
        for scale in study.imaging.scales.values():
            found.known(scale, SCALES, "imaging.scales", "a scale of MRI readings")
        for muscle in study.imaging.muscles:
            found.known(muscle, MUSCLES, "imaging.muscles", "a muscle of MRI readings")
    _check_tables(study, variables, found)
    _check_model(study, variables, found)
    _check_time_to_event(study, variables, found)
    return found.problems


def _check_variable(study: Study, variable: Variable, found: _Findings) -> None:
    """Check the name, the month and the source of one variable."""
    key = f"variables.{variable.name}"
    if variable.name in (*RESERVED, *measured_variables(study)):
        rule = "the name is not that of a built-in or measured column"
        found.add(key, rule, variable.name, "Choose another name")
    if variable.month is not None and variable.month not in study.schedule.months:
        planned = ", ".join(str(month) for month in study.schedule.months)
        found.add(
            f"{key}.month", f"the month is one of the schedule: {planned}", str(variable.month)
        )
    standard = TABLES.get(variable.table)
    if standard is None:
        return
    if variable.table == "visits" and variable.derived and variable.month is None:
        found.add(f"{key}.month", "a variable derived from visits says which month it is of")
    for name in variable.where:
        found.known(name, standard.columns, f"{key}.where", f"a column of {variable.table}")
    column = standard.columns.get(variable.column)
    if column is not None:
        _check_source(variable, column, key, found)
    elif variable.table not in ("patients", "visits"):
        found.known(
            variable.column, standard.columns, f"{key}.column", f"a column of {variable.table}"
        )


def _check_source(variable: Variable, column: Variable, key: str, found: _Findings) -> None:
    """Check that a standard column can be read, or compared, as the variable says."""
    if not variable.derived:
        if column.type not in FITTING[variable.type]:
            rule = f"{variable.table}.{variable.column} is of type {column.type}"
            found.add(f"{key}.type", rule, variable.type, "Derive it: any_of, at_most or bands")
    elif variable.any_of:
        for code in variable.any_of if column.categories else ():
            found.known(code, column.categories, f"{key}.any_of", f"a code of {column.name}")
    elif column.type not in ("integer", "number") and not column.scores:
        rule = f"at_least, at_most and bands compare numbers; {variable.column} has none"
        found.add(key, rule, next_step="Use any_of")


TESTING = ("categorical_test", "continuous_test", "rule_of_choice", "tests")
"""Keys of a table that say how groups are compared."""


def _check_tables(study: Study, variables: dict[str, Variable], found: _Findings) -> None:
    for name, plan in study.table.items():
        _check_groups(name, plan, found)
        for variable in (*plan.variables, *plan.tests):
            key = f"table.{name}"
            if found.known(variable, variables, key, "a variable") and variables[variable].type in (
                "text",
                "date",
            ):
                rule = "a table compares numbers, categories and yes/no"
                found.add(key, rule, f"{variable} ({variables[variable].type})")
        if plan.by == "arm":
            for group in plan.groups:
                found.known(group, study.arms, f"table.{name}.groups", "an arm")


def _check_groups(name: str, plan: TablePlan, found: _Findings) -> None:
    """Check that a table has groups and tests where it compares, and none where it does not."""
    key = f"table.{name}"
    if plan.compares:
        if len(plan.groups) < 2:
            rule = f'a table with by = "{plan.by}" names the two or more groups that it compares'
            step = f'Give `groups`; or describe all patients: {key}.by = "overall"'
            found.add(f"{key}.groups", rule, ", ".join(plan.groups), step)
        return
    if plan.groups:
        rule = 'a table with by = "overall" has one column of all patients, no groups'
        step = 'Remove `groups`; or compare them: by = "outcome" or by = "arm"'
        found.add(f"{key}.groups", rule, ", ".join(plan.groups), step)
    for test in TESTING:
        if test in plan.model_fields_set:
            rule = 'a table with by = "overall" compares nothing and runs no test'
            step = f'Remove `{test}`; or compare groups: by = "outcome" or by = "arm"'
            found.add(f"{key}.{test}", rule, next_step=step)


def _check_model(study: Study, variables: dict[str, Variable], found: _Findings) -> None:
    if study.model is None:
        return
    for name in study.model.treatments:
        found.known(name, variables, "model.treatments", "a variable")
    named = [("model.candidates", term) for term in study.model.candidates]
    named += [("model.terms", term) for term in study.model.terms]
    for key, term in named:
        name, level = split_term(term)
        if not found.known(name, variables, key, "a variable"):
            continue
        variable = variables[name]
        if level is not None:
            found.known(level, variable.categories, key, f"a category of {name}")
        elif variable.type in ("category", "text", "date"):
            rule = "a term is yes/no, a number, or variable=category"
            found.add(key, rule, term, f"Write {name}=<category>")


def _check_time_to_event(study: Study, variables: dict[str, Variable], found: _Findings) -> None:
    """Check that what is compared is declared, has groups, and is known when treatment starts."""
    later = measured_later(study)
    for number, plan in enumerate(study.time_to_event, start=1):
        key = f"time_to_event.{number}"
        named: list[tuple[str, str, str | None]] = []
        if plan.by not in ("", "arm", "outcome"):
            named.append((f"{key}.by", plan.by, None))
        named += [(f"{key}.terms", *split_term(term)) for term in plan.terms]
        for place, name, level in named:
            if name == "outcome":
                rule = "a term is known when treatment starts; the outcome is not"
                found.add(place, rule, name, "Choose a variable from before treatment")
                continue
            if name == "arm" and place.endswith("terms"):
                found.known(level or "", study.arms, place, "an arm, written arm=<code>,")
                continue
            if not found.known(name, variables, place, "a variable"):
                continue
            variable = variables[name]
            if name in later or (variable.month or 0) > 0:
                rule = "what is compared is known when treatment starts"
                found.add(place, rule, name, "Choose a variable from before treatment")
            if place.endswith("by") and variable.type not in ("yes_no", "category"):
                rule = "by names a yes/no or category variable, or the arm"
                found.add(place, rule, f"{name} ({variable.type})", "Give it as one of `terms`")
            elif level is not None:
                found.known(level, variable.categories, place, f"a category of {name}")
            elif place.endswith("terms") and variable.type in ("category", "text", "date"):
                rule = "a term is yes/no, a number, or variable=category"
                found.add(place, rule, name, f"Write {name}=<category>")
