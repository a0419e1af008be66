"""EULAR/ACR 2017 classification of idiopathic inflammatory myopathies, on points (Lundberg 2017).

Every item present adds points, from one column where no muscle biopsy is available and from
another where one is. The sum is compared with limits on points, not with a probability that was
computed from it. The subgroups (a decision tree) are not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from myocohort.errors import InputError, Problem
from myocohort.outcomes.score import Item, Number, Score, ScoreRule, between, exact, in_words, plain

BIOPSY_NEEDED = "biopsy needed"
CATEGORIES = (BIOPSY_NEEDED, "below possible", "possible", "probable", "definite")

AGE_LIMITS = (18, 40)
OLDEST = 120

AGE_POINTS = (("0", "1.3", "2.1"), ("0", "1.5", "2.2"))
"""Points for onset below 18, at 18 to 39, and at 40 or later; without and with biopsy."""

POINTS: dict[str, tuple[str, str, str]] = {
    "proximal_upper": ("weakness of the proximal upper extremities", "0.7", "0.7"),
    "proximal_lower": ("weakness of the proximal lower extremities", "0.8", "0.5"),
    "neck_flexors": ("neck flexors weaker than neck extensors", "1.9", "1.6"),
    "legs_proximal": ("proximal weaker than distal muscles of the legs", "0.9", "1.2"),
    "heliotrope": ("heliotrope rash", "3.1", "3.2"),
    "gottron_papules": ("Gottron's papules", "2.1", "2.7"),
    "gottron_sign": ("Gottron's sign", "3.3", "3.7"),
    "dysphagia": ("dysphagia or oesophageal dysmotility", "0.7", "0.6"),
    "anti_jo1": ("anti-Jo-1 antibody", "3.9", "3.8"),
    "raised_enzymes": ("CK, LDH, AST or ALT above the upper limit", "1.3", "1.4"),
}
"""Item -> label, points without biopsy, points with biopsy (Lundberg 2017)."""

BIOPSY_POINTS: dict[str, tuple[str, str]] = {
    "endomysial": ("endomysial infiltration around fibres, not invading them", "1.7"),
    "perimysial": ("perimysial or perivascular infiltration", "1.2"),
    "perifascicular_atrophy": ("perifascicular atrophy", "1.9"),
    "rimmed_vacuoles": ("rimmed vacuoles", "3.1"),
}
"""Item of the biopsy -> label, points (Lundberg 2017)."""

RASHES = ("heliotrope", "gottron_papules", "gottron_sign")
"""Without one of these, classification needs a biopsy."""

LIMITS = (("5.3", "5.5", "7.5"), ("6.5", "6.7", "8.7"))
"""Lowest points of possible, probable and definite; without and with biopsy."""


class Parameters(BaseModel):
    """The classification has no open points: weights and limits are the source's."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the classification reads; None is not known, which is neither yes nor no.

    Parameters
    ----------
    patient
        The study's code of the patient.
    onset_age
        Age in years at the first symptom of the disease; 39.9 is below 40.
    proximal_upper, proximal_lower
        Objective symmetric weakness, usually progressive, of the proximal arms and legs.
    neck_flexors
        Neck flexors relatively weaker than neck extensors.
    legs_proximal
        In the legs, proximal muscles relatively weaker than distal ones.
    heliotrope, gottron_papules, gottron_sign
        Skin.
    dysphagia
        Dysphagia or oesophageal dysmotility.
    anti_jo1
        Anti-Jo-1 (anti-histidyl-tRNA synthetase) antibody positive.
    raised_enzymes
        CK, LDH, AST or ALT above the upper limit of normal.
    biopsy
        Whether a muscle biopsy is available: it decides the column of points.
    endomysial, perimysial, perifascicular_atrophy, rimmed_vacuoles
        Findings of the biopsy; only where there is one.
    """

    patient: str
    onset_age: Number | None = None
    proximal_upper: bool | None = None
    proximal_lower: bool | None = None
    neck_flexors: bool | None = None
    legs_proximal: bool | None = None
    heliotrope: bool | None = None
    gottron_papules: bool | None = None
    gottron_sign: bool | None = None
    dysphagia: bool | None = None
    anti_jo1: bool | None = None
    raised_enzymes: bool | None = None
    biopsy: bool = False
    endomysial: bool | None = None
    perimysial: bool | None = None
    perifascicular_atrophy: bool | None = None
    rimmed_vacuoles: bool | None = None


def category(points: Fraction, *, biopsy: bool) -> str:
    """Return the category of a sum of points; a limit itself belongs to the higher one."""
    return CATEGORIES[1 + sum(points >= Fraction(limit) for limit in LIMITS[biopsy])]


def score(findings: Findings, parameters: Parameters) -> Score:
    """Classify one patient on points.

    Parameters
    ----------
    findings
        The items, each yes, no or not known.
    parameters
        None to set.

    Returns
    -------
    Score
        Lowest and highest points, and the categories that the items not known leave possible:
        exactly those that some combination of answers gives. Without a biopsy and without one
        of the three rashes it is "biopsy needed", whatever the points.

    Raises
    ------
    InputError
        For an impossible age, or findings of a biopsy that is said not to exist.
    """
    _refuse_impossible(findings)
    column = int(findings.biopsy)
    age, age_points = _age(findings.onset_age, column)
    items = [age]
    possible = [age_points]
    names: list[str] = ["onset_age"]
    for name, (label, *texts) in POINTS.items():
        items.append(_yes_no(name, label, getattr(findings, name), Fraction(texts[column])))
        possible.append({items[-1].low, items[-1].high})
        names.append(name)
    if findings.biopsy:
        for name, (label, text) in BIOPSY_POINTS.items():
            items.append(_yes_no(name, label, getattr(findings, name), Fraction(text)))
            possible.append({items[-1].low, items[-1].high})
            names.append(name)

    reached = _categories(names, possible, biopsy=findings.biopsy)
    low = sum((min(each) for each in possible), Fraction())
    high = sum((max(each) for each in possible), Fraction())
    missing = [item.missing for item in items if item.missing]
    notes = []
    if BIOPSY_NEEDED in reached:
        rash = "No" if len(reached) == 1 else "Perhaps no"
        notes.append(
            f"{rash} heliotrope rash, Gottron's papules or Gottron's sign: then the points without "
            "a biopsy classify nobody"
        )
    # Categories in between may be out of reach, so they are listed: not "between A and C".
    classes = " or ".join(each for each in reached if each != BIOPSY_NEEDED)
    points = in_words(low, high, None, (classes,) if classes else (), ", ".join(missing))
    if reached == (BIOPSY_NEEDED,):
        statement = f"{BIOPSY_NEEDED}: no rash of dermatomyositis; points without biopsy {points}"
    elif BIOPSY_NEEDED in reached:
        statement = f"{BIOPSY_NEEDED} if there is no rash, otherwise {points}"
    else:
        statement = points
    return Score(
        name="iim_classification",
        version=VERSION,
        patient=findings.patient,
        low=low,
        high=high,
        categories=reached,
        statement=statement,
        items=tuple(items),
        notes=tuple(notes),
        reference=REFERENCE,
    )


def _refuse_impossible(findings: Findings) -> None:
    problems: list[Problem] = []
    if findings.onset_age is not None:
        problems += between(findings.onset_age, "age at onset", 0, OLDEST, "onset_age", "years")
    said = [name for name in BIOPSY_POINTS if getattr(findings, name) is not None]
    if said and not findings.biopsy:
        problems.append(
            Problem(
                rule="findings of a muscle biopsy need a biopsy",
                value=", ".join(said),
                next_step="Say that there was a biopsy, or leave its findings missing",
                column="biopsy",
            )
        )
    if problems:
        raise InputError(problems)


def _age(age: Number | None, column: int) -> tuple[Item, set[Fraction]]:
    texts = AGE_POINTS[column]
    label = "age at onset"
    if age is None:
        every = {Fraction(text) for text in texts}
        return Item("onset_age", label, min(every), max(every), "not known", label), every
    points = Fraction(texts[sum(exact(age) >= limit for limit in AGE_LIMITS)])
    return Item("onset_age", label, points, points, f"{plain(exact(age))} years"), {points}


def _yes_no(name: str, label: str, present: bool | None, points: Fraction) -> Item:
    if present is None:
        return Item(name, label, Fraction(0), points, "not known", label)
    given = points if present else Fraction(0)
    return Item(name, label, given, given, "present" if present else "absent")


def _categories(
    names: list[str], possible: list[set[Fraction]], *, biopsy: bool
) -> tuple[str, ...]:
    """Return the categories that some combination of the possible points gives."""
    # (sum so far, whether a rash is among it): few, because points come in tenths.
    sums: set[tuple[Fraction, bool]] = {(Fraction(0), False)}
    for name, choices in zip(names, possible, strict=True):
        sums = {
            (points + more, rash or (name in RASHES and more > 0))
            for points, rash in sums
            for more in choices
        }
    found = {
        category(points, biopsy=biopsy) if biopsy or rash else BIOPSY_NEEDED
        for points, rash in sums
    }
    return tuple(each for each in CATEGORIES if each in found)


def definition(p: Parameters) -> list[str]:
    """Return the classification in sentences, as it is run."""
    without, with_biopsy = LIMITS
    return [
        "Idiopathic inflammatory myopathy was classified by the sum of points of the 2017 "
        "EULAR/ACR criteria (Lundberg 2017), where nothing else explains the findings better; "
        "points, not probabilities, were compared with the limits.",
        f"Without a muscle biopsy at least {without[0]} points are possible, {without[1]} probable "
        f"and {without[2]} definite; with one {with_biopsy[0]}, {with_biopsy[1]} and "
        f"{with_biopsy[2]}. Fewer points are below possible.",
        "Patients without heliotrope rash, Gottron's papules and Gottron's sign were classified "
        "only with a biopsy.",
        "Items that were not known counted neither as present nor as absent: every category that "
        "they leave possible is given. Subgroups were not assigned.",
    ]


VERSION = "2017"
REFERENCE = (
    "Lundberg IE, et al. 2017 EULAR/ACR classification criteria for adult and juvenile idiopathic "
    "inflammatory myopathies and their major subgroups. Ann Rheum Dis 2017, table of score "
    "points. doi:10.1136/annrheumdis-2017-211468"
)

IIM_CLASSIFICATION = ScoreRule(
    label="Classification of inflammatory myopathy",
    version=VERSION,
    categories=CATEGORIES,
    inputs=Findings,
    parameters=Parameters,
    score=score,
    definition=definition,
    reference=REFERENCE,
)
