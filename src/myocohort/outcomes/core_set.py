"""The six core set measures of disease activity of the IMACS group at one visit.

Physician global, patient global, manual muscle test (MMT), Health Assessment Questionnaire
(HAQ), muscle enzymes and extramuscular activity. Each measure carries its denominator: 4 on a
scale of 10 cm and 40 on one of 100 mm are the same, and an MMT of 76 means nothing without it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from myocohort.errors import Problem
from myocohort.outcomes.score import Number, between, exact, plain

Population = Literal["adult", "juvenile"]

ENZYMES = ("CK", "aldolase", "ALT", "AST", "LDH")
"""The muscle enzymes of the core set."""

MEASURES = {
    "physician_global": "physician global activity",
    "patient_global": "patient global activity",
    "mmt": "manual muscle test",
    "haq": "HAQ",
    "enzyme": "muscle enzyme",
    "extramuscular": "extramuscular activity",
}
"""The six core set measures: name -> what a report calls it."""

HAQ_RANGE = 3
"""The HAQ disability index runs from 0 to 3."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value together with the top of the scale it was measured on.

    Parameters
    ----------
    value
        From 0 to `out_of`.
    out_of
        10 for a visual analogue scale in cm, 100 in mm; 3 for the HAQ; 80, 150 or 260 for MMT.
    """

    value: Number
    out_of: Number

    @property
    def share(self) -> Fraction:
        """The value as a share of its scale, 0 to 1."""
        return exact(self.value) / exact(self.out_of)

    def __str__(self) -> str:
        return f"{plain(exact(self.value))} of {plain(exact(self.out_of))}"


@dataclass(frozen=True, slots=True)
class Enzyme:
    """A muscle enzyme in serum.

    Parameters
    ----------
    name
        One of `ENZYMES`.
    value
        In the unit of `upper_limit`; None where it is missing.
    upper_limit
        The upper reference limit of that laboratory; None where it is missing.
    """

    name: str
    value: Number | None
    upper_limit: Number | None

    @property
    def times_limit(self) -> Fraction | None:
        """The value as a multiple of its upper limit, where both are known."""
        if self.value is None or self.upper_limit is None:
            return None
        return exact(self.value) / exact(self.upper_limit)


@dataclass(frozen=True, slots=True)
class CoreSet:
    """The core set measures of one visit; None is missing.

    Parameters
    ----------
    physician_global, patient_global, extramuscular
        Visual analogue scales, higher is worse.
    mmt
        Manual muscle test, higher is better.
    haq
        Disability index out of 3, higher is worse.
    enzymes
        Those that the study measures, each once. One that is listed without a value is
        missing; one that is not listed plays no part.
    """

    physician_global: Measured | None = None
    patient_global: Measured | None = None
    mmt: Measured | None = None
    haq: Measured | None = None
    extramuscular: Measured | None = None
    enzymes: tuple[Enzyme, ...] = ()

    @property
    def scales(self) -> dict[str, Measured | None]:
        """The five measures that have a scale, by name."""
        return {
            "physician_global": self.physician_global,
            "patient_global": self.patient_global,
            "mmt": self.mmt,
            "haq": self.haq,
            "extramuscular": self.extramuscular,
        }

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the measures that are missing; enzymes, where none has value and limit."""
        found = [name for name, measured in self.scales.items() if measured is None]
        if all(enzyme.times_limit is None for enzyme in self.enzymes):
            found.append("enzyme")
        return tuple(name for name in MEASURES if name in found)

    def problems(self, when: str) -> list[Problem]:
        """Return everything that is impossible about the values.

        Parameters
        ----------
        when
            What the visit is called in messages: "baseline".
        """
        found: list[Problem] = []
        for name, measured in self.scales.items():
            if measured is not None:
                found += _scale_problems(name, measured, when)
        found += [problem for enzyme in self.enzymes for problem in _enzyme_problems(enzyme, when)]
        names = Counter(enzyme.name for enzyme in self.enzymes)
        found += [
            Problem(
                rule=f"an enzyme is given once at {when}",
                value=f"{name}, {times} times",
                next_step="Keep the value that belongs to the visit",
                column=name,
            )
            for name, times in names.items()
            if times > 1
        ]
        return found


def _scale_problems(name: str, measured: Measured, when: str) -> list[Problem]:
    label = f"{MEASURES[name]} at {when}"
    try:
        top = exact(measured.out_of)
    except ValueError:
        top = Fraction(0)
    wrong = "the range is a number above 0" if top <= 0 else ""
    if name == "haq" and top > 0 and top != HAQ_RANGE:
        wrong = f"the range is {HAQ_RANGE}"
    if wrong:
        return [
            Problem(
                rule=f"{label}: {wrong}",
                value=str(measured.out_of),
                next_step="Give the top of the scale that was used",
                column=name,
            )
        ]
    return between(measured.value, label, 0, measured.out_of, column=name)


def _enzyme_problems(enzyme: Enzyme, when: str) -> list[Problem]:
    if enzyme.name not in ENZYMES:
        return [
            Problem(
                rule=f"a muscle enzyme is one of {', '.join(ENZYMES)}",
                value=enzyme.name,
                next_step="Use one of these names, or leave it out",
                column=enzyme.name,
            )
        ]
    found: list[Problem] = []
    label = f"{enzyme.name} at {when}"
    if enzyme.value is not None:
        found += between(enzyme.value, label, 0, None, column=enzyme.name)
    if enzyme.upper_limit is not None:
        limit = f"upper limit of {label}"
        wrong = between(enzyme.upper_limit, limit, 0, None, column=enzyme.name)
        if not wrong and exact(enzyme.upper_limit) == 0:
            wrong = [
                Problem(
                    rule=f"{limit} is above 0",
                    value=str(enzyme.upper_limit),
                    next_step="Give the laboratory's limit, or leave it missing",
                    column=enzyme.name,
                )
            ]
        found += wrong
    return found
