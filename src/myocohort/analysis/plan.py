"""A study file together with the rule, tests and models that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from myocohort.analysis.scores.check import score_problems
from myocohort.errors import Problem, StudyFileError
from myocohort.outcomes import OUTCOMES, RULES, Rule
from myocohort.stats.choice import RULES_OF_CHOICE
from myocohort.stats.models import MODELS
from myocohort.stats.tests import TESTS
from myocohort.study.loading import load_study, toml_problems
from myocohort.study.measured import measured_variables
from myocohort.study.studyfile import FILE_NAME, Study


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run: the study and its outcome rule with parameters."""

    study: Study
    rule: Rule
    parameters: BaseModel


def load_plan(folder: Path) -> Plan:
    """Read a study file and check all that needs more than the file itself.

    Raises
    ------
    StudyFileError
        With every key that names an unknown rule, parameter, test, model or group.
    """
    study = load_study(folder)
    problems: list[Problem] = []

    def unknown(key: str, value: str, known: list[str], what: str) -> None:
        problems.append(
            Problem(rule=f"{what} that Myocohort has", value=value, key=key, file=FILE_NAME,
                    next_step=f"Known: {', '.join(known)}")
        )  # fmt: skip

    rule = RULES.get(study.outcome.rule)
    parameters: BaseModel | None = None
    if rule is None:
        unknown("outcome.rule", study.outcome.rule, list(RULES), "an outcome rule")
    else:
        try:
            parameters = rule.parameters.model_validate(study.outcome.parameters)
        except ValidationError as error:
            for problem in toml_problems(error, FILE_NAME, rule.parameters):
                key = f"outcome.parameters.{problem.key}".rstrip(".")
                problems.append(
                    Problem(rule=problem.rule, value=problem.value, key=key, file=FILE_NAME,
                            next_step=problem.next_step)
                )  # fmt: skip
    every = {**study.variables, **measured_variables(study)}
    numeric = {name for name, v in every.items() if v.type in ("integer", "number")}
    for name, table in study.table.items():
        if not table.compares:
            continue
        chosen = {
            f"table.{name}.categorical_test": (table.categorical_test, "table"),
            f"table.{name}.continuous_test": (table.continuous_test, "values"),
            **{
                f"table.{name}.tests.{v}": (t, "values" if v in numeric else "table")
                for v, t in table.tests.items()
            },
        }
        for key, (test, kind) in chosen.items():
            known = [n for n, t in TESTS.items() if t.kind == kind]
            if test not in known:
                unknown(key, test, known, "a test of this kind")
        if table.rule_of_choice and table.rule_of_choice not in RULES_OF_CHOICE:
            key = f"table.{name}.rule_of_choice"
            unknown(key, table.rule_of_choice, list(RULES_OF_CHOICE), "a rule of choice")
        if table.by == "outcome":
            for group in table.groups:
                if group not in OUTCOMES:
                    unknown(f"table.{name}.groups", group, list(OUTCOMES), "an outcome")
    for code in study.arms:
        if code in OUTCOMES:
            problems.append(
                Problem(
                    rule=f"an arm is not called like an outcome ({', '.join(OUTCOMES)})",
                    key=f"arms.{code}",
                    file=FILE_NAME,
                )
            )
    if study.model is not None:
        compared = (study.model.event, *study.model.against)
        mixed = len({name in OUTCOMES for name in compared}) > 1
        if mixed or study.model.event in study.model.against:
            problems.append(
                Problem(
                    rule="a model compares an outcome with other outcomes, or an arm with other "
                    "arms",
                    value=", ".join(compared),
                    key="model.against",
                    file=FILE_NAME,
                )
            )
        groups = [*OUTCOMES, *study.arms]
        for group in (study.model.event, *study.model.against):
            if group not in groups:
                unknown("model.event", group, groups, "an outcome or arm")
        for method in study.model.methods:
            if method not in MODELS:
                unknown("model.methods", method, list(MODELS), "a model")
    problems += score_problems(study, every)
    if problems or rule is None or parameters is None:
        raise StudyFileError(problems)
    return Plan(study, rule, parameters)
