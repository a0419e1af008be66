"""What must hold of the scores that a study file asks for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from myocohort.analysis.scores.inputs import READINGS, TYPES, Reading
from myocohort.errors import Problem
from myocohort.outcomes import SCORES
from myocohort.study.loading import toml_problems
from myocohort.study.score_plan import ScorePlan
from myocohort.study.studyfile import FILE_NAME, Study
from myocohort.study.variable import Variable

POPULATIONS = ("adult", "juvenile")


def score_problems(study: Study, variables: Mapping[str, Variable]) -> list[Problem]:
    """Return every key of `[[scores]]` that names what there is not, or does not fit.

    Parameters
    ----------
    study
        With its `scores`.
    variables
        Name -> variable, declared and measured.
    """
    found: list[Problem] = []
    for number, plan in enumerate(study.scores, start=1):
        found += _problems(plan, f"scores.{number}", variables)
    return found


def _problems(plan: ScorePlan, key: str, variables: Mapping[str, Variable]) -> Iterator[Problem]:
    if plan.score not in SCORES:
        yield _unknown(f"{key}.score", plan.score, SCORES, "a score that Myocohort has")
        return
    reading = READINGS[plan.score]
    for item, name in plan.items.items():
        place = f"{key}.items.{item}"
        if item not in reading.items:
            yield _unknown(place, item, reading.items, f"an item of {plan.score}")
        elif name not in variables:
            yield _unknown(place, name, variables, "a variable that is declared")
        else:
            yield from _unfitting(place, item, reading, variables[name])
    if plan.population and plan.population not in POPULATIONS:
        place = f"{key}.population"
        if plan.population not in variables:
            names = (*POPULATIONS, *variables)
            rule = "adult, juvenile, or a variable that is declared"
            yield _unknown(place, plan.population, names, rule)
        elif variables[plan.population].type != "yes_no":
            rule = "a variable that says who is juvenile is yes/no"
            yield _problem(place, rule, plan.population, "Derive one from the age: at_most = 17")
    parameters = SCORES[plan.score].parameters
    try:
        parameters.model_validate(plan.parameters)
    except ValidationError as error:
        for problem in toml_problems(error, FILE_NAME, parameters):
            place = f"{key}.parameters.{problem.key}".rstrip(".")
            yield _problem(place, problem.rule, problem.value, problem.next_step)


def _unfitting(place: str, item: str, reading: Reading, variable: Variable) -> Iterator[Problem]:
    kind = reading.items[item]
    if variable.type not in TYPES[kind]:
        rule = f"{item} is read from a variable of type {' or '.join(TYPES[kind])}"
        yield _problem(place, rule, f"{variable.name} ({variable.type})", "Choose another one")
    elif kind == "scale" and not variable.maximum:
        rule = f"{item} is read from a variable with a `maximum`: the top of its scale"
        step = f"Give variables.{variable.name}.maximum, such as 10, 100 or 150"
        yield _problem(place, rule, variable.name, step)


def _unknown(key: str, value: str, known: Iterable[str], what: str) -> Problem:
    names = list(known)
    close = difflib.get_close_matches(value, names, n=1)
    step = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(names)}"
    return _problem(key, what, value, step)


def _problem(key: str, rule: str, value: str, step: str) -> Problem:
    return Problem(rule=rule, value=value, key=key, file=FILE_NAME, next_step=step)
