"""Entry criteria of the RIM trial: myositis refractory to treatment in that trial's sense.

Oddis 2013: intolerance of, or an inadequate response to, glucocorticoids and an adequate
regimen of at least one other immunosuppressant; adults with MMT8 at most 125 of 150 and at
least two other abnormal core set measures; juveniles with at least three abnormal core set
measures, weak or not. This is another construct than the outcome `refractory` of Zhao 2020,
which is read at month 12, and the two are not to be exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from myocohort.errors import InputError, Problem
from myocohort.outcomes.core_set import MEASURES, CoreSet, Measured, Population
from myocohort.outcomes.score import (
    MET,
    Item,
    Score,
    ScoreRule,
    all_met,
    at_least,
    criterion,
    exact,
    plain,
)

MMT8_AT_MOST = 125
MMT8_OUT_OF = 150
OTHERS_AT_LEAST = 2
JUVENILE_AT_LEAST = 3

_MEMORY = "from memory of Oddis 2013 (RIM trial), not checked against the paper"


class Parameters(BaseModel):
    """From where on a core set measure is abnormal.

    Parameters
    ----------
    global_at_least
        Physician's and patient's global activity, on a scale of 10.
    extramuscular_at_least
        Extramuscular activity, on a scale of 10.
    haq_at_least
        HAQ disability index, 0 to 3.
    enzyme_times_upper_limit_at_least
        At least one muscle enzyme, in multiples of its upper limit.
    source
        Where these four numbers were read.
    checked
        Whether they were read there; where they were not, every result says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    global_at_least: Decimal = Field(default=Decimal("2"), gt=0, le=10)
    extramuscular_at_least: Decimal = Field(default=Decimal("1"), gt=0, le=10)
    haq_at_least: Decimal = Field(default=Decimal("0.25"), gt=0, le=3)
    enzyme_times_upper_limit_at_least: Decimal = Field(default=Decimal("1.3"), gt=0)
    source: str = Field(default=_MEMORY, min_length=1)
    checked: bool = False

    @model_validator(mode="after")
    def _own_source(self) -> Self:
        numbers = {
            "global_at_least",
            "extramuscular_at_least",
            "haq_at_least",
            "enzyme_times_upper_limit_at_least",
        }
        if (self.checked or numbers & self.model_fields_set) and self.source == _MEMORY:
            raise ValueError("other numbers, or checked ones, need their own `source`")
        return self


@dataclass(frozen=True, slots=True)
class Treated:
    """A patient after treatment; None is not known.

    Parameters
    ----------
    patient
        The study's code of the patient.
    population
        "adult" or "juvenile".
    glucocorticoids_failed
        Intolerance of, or an inadequate response to, glucocorticoids.
    other_agent_failed
        Intolerance of, or an inadequate response to, an adequate regimen of at least one other
        immunosuppressive or immunomodulatory agent.
    measures
        The core set measures at entry; the MMT8 out of 150.
    """

    patient: str
    population: Population | None
    glucocorticoids_failed: bool | None
    other_agent_failed: bool | None
    measures: CoreSet


def score(treated: Treated, parameters: Parameters) -> Score:
    """Decide whether a patient meets the entry criteria of the RIM trial.

    Parameters
    ----------
    treated
        Treatment and core set measures.
    parameters
        From where on a measure is abnormal.

    Returns
    -------
    Score
        Met, not met, or both possible where something is missing; the value is the number of
        criteria met.

    Raises
    ------
    InputError
        With every impossible value.
    """
    problems = treated.measures.problems("entry")
    if treated.population not in (None, "adult", "juvenile"):
        rule = "the population is adult or juvenile"
        step = "Write one of the two, or leave it missing"
        problems.append(Problem(rule, str(treated.population), step, column="population"))
    if problems:
        raise InputError(problems)

    items = [
        _failed("glucocorticoids", "glucocorticoids", treated.glucocorticoids_failed),
        _failed("other_agent", "another immunosuppressant", treated.other_agent_failed),
        *_activity(treated.population, treated.measures, parameters),
    ]
    notes: tuple[str, ...] = ()
    if not parameters.checked:
        notes = (f"The limits of abnormal core set measures are {parameters.source}",)
    return all_met(
        items,
        name="rim_entry",
        version=VERSION,
        patient=treated.patient,
        reference=REFERENCE,
        notes=notes,
    )


def _failed(name: str, drug: str, failed: bool | None) -> Item:
    label = f"intolerance of or inadequate response to {drug}"
    evidence = {True: "yes", False: "no", None: "not known"}[failed]
    return criterion(name, label, failed, evidence, f"response to {drug}" if failed is None else "")


def _activity(population: Population | None, measures: CoreSet, p: Parameters) -> list[Item]:
    """Return the criteria on core set measures."""
    weak = _weak(measures.mmt)
    others = {name: _abnormal(name, measures, p) for name in MEASURES if name != "mmt"}
    adult = at_least(2, (weak, at_least(OTHERS_AT_LEAST, others.values())))
    juvenile = at_least(JUVENILE_AT_LEAST, (weak, *others.values()))
    if population is None:
        met = adult if adult == juvenile else None
        label = "active disease"
        unknown = [
            MEASURES[name] for name, value in {"mmt": weak, **others}.items() if value is None
        ]
        missing = ", ".join(["adult or juvenile", *unknown]) if met is None else ""
        evidence = "not known whether adult or juvenile: the criteria of both were tried"
        return [criterion("activity", label, met, evidence, missing)]
    if population == "juvenile":
        label = f"at least {JUVENILE_AT_LEAST} abnormal core set measures"
        return [_counted("abnormal", label, JUVENILE_AT_LEAST, {"mmt": weak, **others})]
    strength = f"MMT8 at most {MMT8_AT_MOST} of {MMT8_OUT_OF}"
    found = "missing" if measures.mmt is None else str(measures.mmt)
    missing = "" if weak is not None else f"MMT8 out of {MMT8_OUT_OF}"
    if weak is None and measures.mmt is not None:
        missing += f" (it was taken out of {plain(exact(measures.mmt.out_of))})"
    label = f"at least {OTHERS_AT_LEAST} other abnormal core set measures"
    return [
        criterion("weakness", strength, weak, found, missing),
        _counted("abnormal", label, OTHERS_AT_LEAST, others),
    ]


def _counted(name: str, label: str, least: int, measures: dict[str, bool | None]) -> Item:
    met = at_least(least, measures.values())
    said = {True: "abnormal", False: "not abnormal", None: "not known"}
    evidence = ", ".join(f"{MEASURES[each]} {said[value]}" for each, value in measures.items())
    unknown = ", ".join(MEASURES[each] for each, value in measures.items() if value is None)
    return criterion(name, label, met, evidence, unknown if met is None else "")


def _weak(mmt: Measured | None) -> bool | None:
    if mmt is None or exact(mmt.out_of) != MMT8_OUT_OF:
        return None
    return exact(mmt.value) <= MMT8_AT_MOST


def _abnormal(name: str, measures: CoreSet, p: Parameters) -> bool | None:
    if name == "enzyme":
        limit = exact(p.enzyme_times_upper_limit_at_least)
        multiples = [enzyme.times_limit for enzyme in measures.enzymes]
        known = [multiple for multiple in multiples if multiple is not None]
        if any(multiple >= limit for multiple in known):
            return True
        return False if known and len(known) == len(multiples) else None
    measured = measures.scales[name]
    if measured is None:
        return None
    least, scale = {
        "haq": (p.haq_at_least, 3),
        "extramuscular": (p.extramuscular_at_least, 10),
    }.get(name, (p.global_at_least, 10))
    return measured.share >= exact(least) / scale


def definition(p: Parameters) -> list[str]:
    """Return the criteria in sentences, as they are run."""
    return [
        "The entry criteria of the RIM trial (Oddis 2013) are intolerance of or an inadequate "
        "response to glucocorticoids and to an adequate regimen of at least one other "
        f"immunosuppressant, with, in adults, an MMT8 of at most {MMT8_AT_MOST} of "
        f"{MMT8_OUT_OF} and at least {OTHERS_AT_LEAST} other abnormal core set measures, and, in "
        f"juveniles, at least {JUVENILE_AT_LEAST} abnormal core set measures.",
        f"Abnormal was a global activity of at least {p.global_at_least} of 10, an extramuscular "
        f"activity of at least {p.extramuscular_at_least} of 10, a HAQ of at least "
        f"{p.haq_at_least} and an enzyme of at least {p.enzyme_times_upper_limit_at_least} times "
        f"its upper limit ({p.source}).",
        "Where missing values leave it open, the criteria are neither met nor not met.",
    ]


VERSION = "2013"
REFERENCE = (
    "Oddis CV, et al. Rituximab in the treatment of refractory adult and juvenile dermatomyositis "
    "and adult polymyositis. Arthritis Rheum 2013;65:314-324. doi:10.1002/art.37754"
)

RIM_ENTRY = ScoreRule(
    label="Entry criteria of the RIM trial",
    version=VERSION,
    categories=MET,
    inputs=Treated,
    parameters=Parameters,
    score=score,
    definition=definition,
    reference=REFERENCE,
)
