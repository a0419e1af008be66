"""Total improvement score of the 2016 ACR/EULAR response criteria (Rider 2017, Table 3).

Each of the six core set measures gives points for its absolute percentage change, that is the
change as a percentage of the measure's range, counted towards improvement; their sum is 0 to
100. Points and thresholds are the source's. How a change of an enzyme becomes a percentage
rests on ranges in multiples of the upper limit, which are parameters with a source each.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from myocohort.errors import InputError, Problem
from myocohort.outcomes.core_set import (
    ENZYMES,
    MEASURES,
    CoreSet,
    Enzyme,
    Measured,
    Population,
)
from myocohort.outcomes.score import Item, Score, ScoreRule, exact, in_words, plain, total

CATEGORIES = ("below minimal", "minimal", "moderate", "major")

THRESHOLDS: dict[str, tuple[int, int, int]] = {"adult": (20, 40, 60), "juvenile": (30, 45, 70)}
"""Lowest total of minimal, moderate and major improvement (Rider 2017, Table 3)."""

LIMITS = (5, 15, 25, 40)
MMT_LIMITS = (2, 10, 20, 30)
"""Highest percentage of each bin but the last; the limit itself belongs to the lower bin."""

POINTS: dict[str, tuple[Fraction, ...]] = {
    name: tuple(Fraction(text) for text in texts.split())
    for name, texts in {
        "physician_global": "0 7.5 15 17.5 20",
        "patient_global": "0 2.5 5 7.5 10",
        "mmt": "0 10 20 27.5 32.5",
        "haq": "0 5 7.5 7.5 10",
        "enzyme": "0 2.5 5 7.5 7.5",
        "extramuscular": "0 7.5 12.5 15 20",
    }.items()
}
"""Points of the five bins of each measure (Rider 2017, Table 3)."""

_MEMORY = (
    "from memory of Rider 2017 and Aggarwal 2017 (2016 ACR/EULAR response criteria), not checked "
    "against the papers"
)
EnzymeName = Literal["CK", "aldolase", "ALT", "AST", "LDH"]


class EnzymeRange(BaseModel):
    """The range that a change of an enzyme is divided by.

    Parameters
    ----------
    times_upper_limit
        The range, in multiples of the upper limit.
    source
        Where this number was read.
    checked
        Whether it was read there; where it was not, every score that uses it says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    times_upper_limit: Decimal = Field(gt=0)
    source: str = Field(min_length=1)
    checked: bool = True


def _default_ranges() -> dict[EnzymeName, EnzymeRange]:
    times: dict[EnzymeName, int] = {"CK": 15, "aldolase": 6, "ALT": 3, "AST": 3, "LDH": 3}
    return {
        name: EnzymeRange(times_upper_limit=Decimal(number), source=_MEMORY, checked=False)
        for name, number in times.items()
    }


class Parameters(BaseModel):
    """What the source's table does not fix.

    Parameters
    ----------
    enzyme
        `most_abnormal`: the enzyme that stands highest above its own upper limit at baseline,
        of two equally high the one named first in `ENZYMES`; or the name of one enzyme.
    enzyme_ranges
        Enzyme -> its range, with a source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enzyme: Literal["most_abnormal", "CK", "aldolase", "ALT", "AST", "LDH"] = "most_abnormal"
    enzyme_ranges: dict[EnzymeName, EnzymeRange] = Field(default_factory=_default_ranges)

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if not self.enzyme_ranges:
            raise ValueError("`enzyme_ranges` names at least one enzyme")
        if self.enzyme != "most_abnormal" and self.enzyme not in self.enzyme_ranges:
            raise ValueError("`enzyme` has a range in `enzyme_ranges`")
        return self


@dataclass(frozen=True, slots=True)
class CoreSetChange:
    """The core set measures before and after.

    Parameters
    ----------
    patient
        The study's code of the patient.
    before, after
        Core set measures at baseline and at the visit that is judged.
    population
        Whose thresholds apply; None where it is not known, and then both are tried.
    """

    patient: str
    before: CoreSet
    after: CoreSet
    population: Population | None


def points(measure: str, percent: Fraction) -> Fraction:
    """Return the points for an absolute percentage change towards improvement.

    Parameters
    ----------
    measure
        A name in `MEASURES`.
    percent
        Improvement above 0, worsening below.
    """
    limits = MMT_LIMITS if measure == "mmt" else LIMITS
    return POINTS[measure][sum(percent > limit for limit in limits)]


def category(total_score: Fraction, population: Population) -> str:
    """Return the category of a total; a threshold itself belongs to the higher category."""
    return CATEGORIES[sum(total_score >= limit for limit in THRESHOLDS[population])]


def score(change: CoreSetChange, parameters: Parameters) -> Score:
    """Score the improvement of one patient.

    Parameters
    ----------
    change
        Core set measures before and after.
    parameters
        Which enzyme, and the ranges of enzymes.

    Returns
    -------
    Score
        0 to 100. A measure that is missing at one visit is taken at the least and at the most
        that the other visit allows; the category is given where the whole range lies in one.

    Raises
    ------
    InputError
        With every impossible value: outside its range, or an MMT on two different ranges.
    """
    _refuse_impossible(change)
    scales_after = change.after.scales
    found = {
        name: _of_scale(name, before, scales_after[name])
        for name, before in change.before.scales.items()
    }
    found["enzyme"], notes = _of_enzyme(change.before, change.after, parameters)
    items = tuple(found[name] for name in MEASURES)
    low, high = total(items)

    populations: tuple[Population, ...] = get_args(Population)
    if change.population is not None:
        populations = (change.population,)
    reached = [CATEGORIES.index(category(t, p)) for p in populations for t in (low, high)]
    categories = CATEGORIES[min(reached) : max(reached) + 1]
    missing = [item.missing for item in items if item.missing]
    if change.population is None:
        missing.append("adult or juvenile")
        notes.append("Not known whether adult or juvenile: the thresholds of both were applied")
    return Score(
        name="total_improvement",
        version=VERSION,
        patient=change.patient,
        low=low,
        high=high,
        out_of=Fraction(100),
        categories=categories,
        statement=in_words(low, high, Fraction(100), categories, ", ".join(missing)),
        items=items,
        notes=tuple(notes),
        reference=REFERENCE,
    )


def _refuse_impossible(change: CoreSetChange) -> None:
    problems = change.before.problems("baseline") + change.after.problems("follow-up")
    if change.population not in (None, *THRESHOLDS):
        problems.append(
            Problem(
                rule="the population is adult or juvenile",
                value=str(change.population),
                next_step="Write one of the two, or leave it missing",
                column="population",
            )
        )
    mmt = (change.before.mmt, change.after.mmt)
    if not problems and mmt[0] and mmt[1] and exact(mmt[0].out_of) != exact(mmt[1].out_of):
        problems.append(
            Problem(
                rule="the manual muscle test has the same range at both visits",
                value=f"{mmt[0]}, then {mmt[1]}",
                next_step="Sum the same muscles on the same sides at both visits",
                column="mmt",
            )
        )
    if problems:
        raise InputError(problems)


def _of_scale(name: str, before: Measured | None, after: Measured | None) -> Item:
    """Score a measure with a scale; a missing value lies anywhere on it."""
    start = (Fraction(0), Fraction(1)) if before is None else (before.share, before.share)
    end = (Fraction(0), Fraction(1)) if after is None else (after.share, after.share)
    low, high = start[0] - end[1], start[1] - end[0]
    if name == "mmt":  # the only one of which more is better
        low, high = -high, -low
    evidence = f"{before or 'missing'} at baseline, {after or 'missing'} at follow-up"
    return _item(name, MEASURES[name], low, high, evidence, _absent(before, after, MEASURES[name]))


def _item(
    name: str, label: str, low: Fraction | None, high: Fraction | None, evidence: str, missing: str
) -> Item:
    """Make an item of the least and most change, as shares of the range; None is unlimited."""
    least = POINTS[name][0] if low is None else points(name, 100 * low)
    most = POINTS[name][-1] if high is None else points(name, 100 * high)
    if low is not None and low == high:
        evidence += f": {_percent(low)}"
    return Item(name, label, least, most, evidence, missing)


def _percent(share: Fraction) -> str:
    if share == 0:
        return "no change"
    return f"{plain(abs(100 * share))}% {'better' if share > 0 else 'worse'}"


def _absent(before: object, after: object, label: str) -> str:
    visits = [
        visit for visit, value in (("baseline", before), ("follow-up", after)) if value is None
    ]
    return f"{label} at {' and '.join(visits)}" if visits else ""


def _of_enzyme(before: CoreSet, after: CoreSet, p: Parameters) -> tuple[Item, list[str]]:
    """Score the enzyme, and return what has to be said about its range."""
    baseline = {enzyme.name: enzyme for enzyme in before.enzymes}
    follow_up = {enzyme.name: enzyme for enzyme in after.enzymes}
    label = MEASURES["enzyme"]
    name: str = p.enzyme
    if name == "most_abnormal":
        listed = [each for each in ENZYMES if each in baseline or each in follow_up]
        times = {each: baseline[each].times_limit if each in baseline else None for each in listed}
        unknown = [each for each, multiple in times.items() if multiple is None]
        if not listed:
            return _item("enzyme", label, None, None, "no enzyme", label), []
        if unknown:
            evidence = f"which enzyme is the most abnormal is open without {', '.join(unknown)}"
            missing = f"{' and '.join(unknown)} at baseline (value or upper limit)"
            return _item("enzyme", label, None, None, evidence, missing), []
        # Of equal multiples max() keeps the first, in the order of ENZYMES.
        name = max(listed, key=lambda each: times[each] or Fraction(0))
    chosen = {known: limits for known, limits in p.enzyme_ranges.items() if known == name}
    if not chosen:
        evidence = f"{name} is the most abnormal enzyme and has no range in `enzyme_ranges`"
        missing = f"range of {name} in the parameters"
        return _item("enzyme", label, None, None, evidence, missing), []
    (span,) = chosen.values()
    width = exact(span.times_upper_limit)
    first, last = baseline.get(name), follow_up.get(name)
    start = first.times_limit if first else None
    end = last.times_limit if last else None
    low = None if start is None or end is None else (start - end) / width
    high = None if start is None else (start - (end or Fraction(0))) / width
    evidence = (
        f"{name} {_multiple(first)} at baseline, {_multiple(last)} at follow-up, "
        f"range {span.times_upper_limit} times the upper limit"
    )
    notes = []
    if not span.checked:
        notes.append(
            f"The range of {name}, {span.times_upper_limit} times its upper limit, is {span.source}"
        )
    item = _item("enzyme", f"{label} ({name})", low, high, evidence, _absent(start, end, name))
    return item, notes


def _multiple(enzyme: Enzyme | None) -> str:
    if enzyme is None or enzyme.value is None:
        return "missing"
    if enzyme.times_limit is None:
        return f"{plain(exact(enzyme.value))} without an upper limit"
    return f"{plain(enzyme.times_limit)} times its upper limit"


def definition(p: Parameters) -> list[str]:
    """Return the score in sentences, as it is run."""
    which = (
        "the one that stood highest above its own upper limit at baseline"
        if p.enzyme == "most_abnormal"
        else p.enzyme
    )
    by_source: dict[str, list[str]] = {}
    for name, span in p.enzyme_ranges.items():
        if p.enzyme in ("most_abnormal", name):
            by_source.setdefault(span.source, []).append(f"{name} {span.times_upper_limit}")
    ranges = "; ".join(f"{', '.join(each)} ({source})" for source, each in by_source.items())
    adult, juvenile = (
        " / ".join(str(limit) for limit in THRESHOLDS[name]) for name in ("adult", "juvenile")
    )
    return [
        "The total improvement score of the 2016 ACR/EULAR response criteria adds points for the "
        "absolute percentage change (change divided by the range of the measure) towards "
        "improvement of six core set measures; it runs from 0 to 100 (Rider 2017, Table 3).",
        f"Minimal, moderate and major improvement are totals of at least {adult} in adults and "
        f"{juvenile} in juveniles.",
        f"The muscle enzyme was {which}. A change of an enzyme was divided by a range in multiples "
        f"of the upper limit: {ranges}.",
        "A missing measure was not taken as no improvement: the score is given with the lowest "
        "and the highest total that the missing values allow, and a category only where both "
        "lie in it.",
    ]


VERSION = "2016"
REFERENCE = (
    "Rider LG, et al. 2016 ACR/EULAR criteria for minimal, moderate, and major clinical response "
    "in juvenile dermatomyositis. Ann Rheum Dis 2017;76:782-791. "
    "doi:10.1136/annrheumdis-2017-211401. Points and thresholds, adults' too: Table 3 (PMC5577002)"
)

TOTAL_IMPROVEMENT = ScoreRule(
    label="Total improvement score",
    version=VERSION,
    categories=CATEGORIES,
    inputs=CoreSetChange,
    parameters=Parameters,
    score=score,
    definition=definition,
    reference=REFERENCE,
)
