"""Measurable entry criteria of a trial in immune-mediated necrotizing myopathy (NCT04025632).

Anti-SRP or anti-HMGCR antibody, at most grade 4 of 5 in at least one proximal limb muscle
group, and CK above 1000 U/L. The trial's clinical diagnosis, stable treatment and exclusions are
not judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from myocohort.errors import InputError, Problem
from myocohort.outcomes.score import (
    MET,
    Number,
    Score,
    ScoreRule,
    all_met,
    at_least,
    between,
    criterion,
    exact,
    plain,
)
from myocohort.study.standard import MRC_SCORES

CK_ABOVE_U_PER_L = 1000


def _mrc_code(code: str) -> str:
    if code not in MRC_SCORES:
        raise ValueError(f"an MRC code is one of {', '.join(MRC_SCORES)}")
    return code


class Parameters(BaseModel):
    """The open point of the criteria.

    Parameters
    ----------
    mrc_at_most
        Highest MRC code of the weakest proximal group that counts. "At most grade 4 of 5"
        leaves 4+ open: it does not count unless this is "4+".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mrc_at_most: Annotated[str, AfterValidator(_mrc_code)] = "4"


@dataclass(frozen=True, slots=True)
class Screened:
    """A patient as the criteria see it; None is not known.

    Parameters
    ----------
    patient
        The study's code of the patient.
    anti_srp, anti_hmgcr
        Whether the antibody is positive.
    weakest_proximal_mrc
        MRC code of the weakest proximal limb muscle group, such as "4-".
    ck_u_per_l
        Creatine kinase, U/L.
    """

    patient: str
    anti_srp: bool | None
    anti_hmgcr: bool | None
    weakest_proximal_mrc: str | None
    ck_u_per_l: Number | None


def score(screened: Screened, parameters: Parameters) -> Score:
    """Decide whether a patient meets the measurable entry criteria.

    Parameters
    ----------
    screened
        Antibodies, strength and CK.
    parameters
        Which grade still counts as weak.

    Returns
    -------
    Score
        Met, not met, or both possible where something is missing; the value is the number of
        criteria met.

    Raises
    ------
    InputError
        For an MRC code or a CK that cannot be.
    """
    code, ck = screened.weakest_proximal_mrc, screened.ck_u_per_l
    problems: list[Problem] = []
    if code is not None and code not in MRC_SCORES:
        rule = f"the weakest proximal group has an MRC code: {', '.join(MRC_SCORES)}"
        step = "Give the MRC code; Kendall grades are another scale"
        problems.append(Problem(rule, code, step, column="weakest_proximal_mrc"))
    if ck is not None:
        problems += between(ck, "CK", 0, None, "ck_u_per_l", "U/L")
    if problems:
        raise InputError(problems)

    antibodies = {"anti-SRP": screened.anti_srp, "anti-HMGCR": screened.anti_hmgcr}
    said: dict[Any, str] = {True: "positive", False: "negative", None: "not known"}
    positive = at_least(1, antibodies.values())
    unknown = " and ".join(name for name, value in antibodies.items() if value is None)
    weak = None if code is None else MRC_SCORES[code] <= MRC_SCORES[parameters.mrc_at_most]
    high = None if ck is None else exact(ck) > CK_ABOVE_U_PER_L
    items = [
        criterion(
            "antibody",
            "anti-SRP or anti-HMGCR positive",
            positive,
            ", ".join(f"{name} {said[value]}" for name, value in antibodies.items()),
            unknown if positive is None else "",
        ),
        criterion(
            "weakness",
            f"MRC {parameters.mrc_at_most} or less in a proximal limb group",
            weak,
            "not known" if code is None else f"weakest proximal group MRC {code}",
            "weakest proximal MRC" if weak is None else "",
        ),
        criterion(
            "ck",
            f"CK above {CK_ABOVE_U_PER_L} U/L",
            high,
            "not known" if ck is None else f"CK {plain(exact(ck))} U/L",
            "CK" if high is None else "",
        ),
    ]
    return all_met(
        items,
        name="imnm_entry",
        version=VERSION,
        patient=screened.patient,
        reference=REFERENCE,
        notes=("Clinical diagnosis, stable treatment and the trial's exclusions are not judged",),
    )


def definition(p: Parameters) -> list[str]:
    """Return the criteria in sentences, as they are run."""
    return [
        "The measurable entry criteria of the trial NCT04025632 in immune-mediated necrotizing "
        "myopathy are a positive anti-SRP or anti-HMGCR antibody, MRC "
        f"{p.mrc_at_most} or less in at least one proximal limb muscle group, and CK above "
        f"{CK_ABOVE_U_PER_L} U/L.",
        "Clinical diagnosis, stable treatment and the trial's exclusions were not judged. Where "
        "missing values leave it open, the criteria are neither met nor not met.",
    ]


VERSION = "NCT04025632"
REFERENCE = (
    "ClinicalTrials.gov NCT04025632, eligibility criteria; Mammen AL, et al. Lancet Rheumatol "
    "2023;5:e67-e76. doi:10.1016/S2665-9913(23)00003-6"
)

IMNM_ENTRY = ScoreRule(
    label="Entry criteria of an IMNM trial",
    version=VERSION,
    categories=MET,
    inputs=Screened,
    parameters=Parameters,
    score=score,
    definition=definition,
    reference=REFERENCE,
)
