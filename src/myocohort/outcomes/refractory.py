"""Refractory myositis with relapse, after Zhao 2020 (Methods, efficacy evaluation).

The paper's words: refractory when, after 12 months of immunotherapy, there is obvious limb
weakness and mRS is 3-5, or a relapse; non-refractory when strength is normal or close to
it and mRS is 0-2. A relapse is a CK above the patient's baseline and above three times the
upper limit with limb weakness worse again, other causes excluded. What the paper leaves
open is a parameter here, with its default in `Parameters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from myocohort.outcomes.course import Course, Decision, Visit
from myocohort.outcomes.course_events import DEAD, Criteria
from myocohort.outcomes.rule import Rule
from myocohort.study.standard import MRC_SCORES, mrc_grade


class Parameters(BaseModel):
    """The open points of the rule.

    Parameters
    ----------
    month
        When the outcome is read, in months of treatment.
    window
        First and last month in which a visit counts for it; the visit nearest to `month`
        is taken, and of two equally near the later.
    good_mrs_at_most
        Highest mRS of a good outcome; above it, up to 5, is a poor one.
    close_to_normal_at_least
        Lowest whole MRC grade of the weakest group that is "normal or close to normal".
    obvious_weakness_at_most
        Highest whole MRC grade of the weakest group that is "obvious weakness".
    relapse_times_upper_limit
        A relapse has a CK above this many times the upper limit.
    relapse_fall
        A relapse has a weakest MRC at least this many grades below the best since treatment.
    baseline_ck
        `last_before_treatment`, or `lowest_since_treatment`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    month: float = Field(default=12, gt=0)
    window: tuple[float, float] = (10, 14)
    good_mrs_at_most: int = Field(default=2, ge=0, le=4)
    close_to_normal_at_least: int = Field(default=4, ge=1, le=5)
    obvious_weakness_at_most: int = Field(default=3, ge=0, le=4)
    relapse_times_upper_limit: float = Field(default=3, gt=0)
    relapse_fall: float = Field(default=1, gt=0)
    baseline_ck: Literal["last_before_treatment", "lowest_since_treatment"] = (
        "last_before_treatment"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 < self.window[0] <= self.month <= self.window[1]:
            raise ValueError("`window` is [first, last] around `month`, after treatment began")
        if self.obvious_weakness_at_most >= self.close_to_normal_at_least:
            raise ValueError("`obvious_weakness_at_most` lies below `close_to_normal_at_least`")
        return self


def decide(course: Course, parameters: Parameters) -> Decision:
    """Classify one patient.

    Parameters
    ----------
    course
        The patient's visits.
    parameters
        The open points of the rule.

    Returns
    -------
    Decision
        Died (by the end of the window) stands first; then a relapse at any time makes the
        patient refractory, whatever else is missing; then the visit of the outcome month
        decides. A possible relapse that missing values leave open makes the case
        unclassifiable instead of non-refractory.
    """
    p = parameters
    visits = sorted(course.visits, key=lambda visit: visit.month)

    def decision(outcome: str, why: str, *records: Visit | None) -> Decision:
        texts = tuple(dict.fromkeys(str(record) for record in records if record is not None))
        return Decision(course.patient, outcome, why, texts)

    dead = next((v for v in visits if v.mrs == DEAD and v.month <= p.window[1]), None)
    after = [v for v in visits if dead and v.month > dead.month and v.mrs not in (None, DEAD)]
    if dead is not None and after:
        why = f"mRS 6 at month {dead.month:.4g}, but mRS {after[0].mrs} at a later visit"
        return decision("unclassifiable", f"{why}: correct one of them", dead, after[0])
    if dead is not None:
        return decision("died", f"mRS 6 at month {dead.month:.4g}", dead)
    last = visits[-1] if visits else None
    if course.death is not None and course.death[1] <= p.window[1]:
        return decision("died", f"date of death at month {course.death[1]:.1f}", last)

    open_question: tuple[Visit, str] | None = None
    for index, visit in enumerate(visits):
        verdict, why, compared = _relapse(visits[:index], visit, p)
        if verdict is True:
            return decision(
                "refractory", f"relapse at month {visit.month:.4g}: {why}", *compared, visit
            )
        if verdict is None and open_question is None:
            open_question = (visit, why)

    chosen = _outcome_visit(visits, p)
    if chosen is None:
        seen = f"last visit at month {last.month:.4g}" if last else "no visit at all"
        why = f"no visit in months {p.window[0]:g} to {p.window[1]:g}; {seen}"
        if course.death is not None and course.death[0] <= p.window[1]:
            why = f"a death is recorded, but not whether by month {p.window[1]:g}; {why}"
            return decision("unclassifiable", why, last)
        return decision("lost", why, last)
    when = f"month {chosen.month:.4g}"
    if chosen.mrs is None or chosen.weakest_mrc is None:
        what = " and ".join(
            name
            for name, value in (("mRS", chosen.mrs), ("strength", chosen.weakest_mrc))
            if value is None
        )
        return decision("unclassifiable", f"{what} missing at {when}", chosen)
    grade = mrc_grade(chosen.weakest_mrc)
    state = f"mRS {chosen.mrs} and weakest MRC {chosen.weakest_mrc} at {when}"
    good = chosen.mrs <= p.good_mrs_at_most
    if good and grade >= p.close_to_normal_at_least:
        if open_question is not None:
            visit, why = open_question
            return decision(
                "unclassifiable",
                f"{state}, but a relapse at month {visit.month:.4g} cannot be ruled out: {why}",
                chosen,
                visit,
            )
        return decision("non_refractory", state, chosen)
    if not good and grade <= p.obvious_weakness_at_most:
        return decision("refractory", state, chosen)
    return decision("discordant", f"{state} point to different groups: adjudicate", chosen)


def _outcome_visit(visits: Sequence[Visit], p: Parameters) -> Visit | None:
    """Return the visit nearest to the outcome month within the window, the later of two."""
    inside = [v for v in visits if p.window[0] <= v.month <= p.window[1]]
    return min(inside, key=lambda v: (round(abs(v.month - p.month), 9), -v.month), default=None)


def _relapse(
    earlier: Sequence[Visit], visit: Visit, p: Parameters
) -> tuple[bool | None, str, list[Visit]]:
    """Judge one visit: True, False, or None where missing values leave it open.

    Open means that no criterion fails and at least one is met.
    """
    if visit.month <= 0 or visit.exclusion is not None:
        return False, "", []
    treated = [v for v in earlier if v.month > 0]
    if not treated:  # nothing has become better yet that could be worse again
        return False, "", []
    graded = [v for v in treated if v.weakest_mrc is not None]
    best = max(graded, key=_score, default=None)
    baseline = _baseline_ck(earlier, p)
    limit = None if visit.ck_uln is None else p.relapse_times_upper_limit * visit.ck_uln

    criteria: dict[str, bool | None] = {
        "CK above baseline": None
        if visit.ck is None or baseline is None or baseline.ck is None
        else visit.ck > baseline.ck,
        f"CK above {p.relapse_times_upper_limit:g} times its upper limit": None
        if visit.ck is None or limit is None
        else visit.ck > limit,
        "weakness worse again": None
        if visit.weakest_mrc is None or best is None
        # Rounded because thirds of a grade are not exact in binary.
        else round(_score(best) - _score(visit), 6) >= p.relapse_fall,
    }
    compared = [v for v in (baseline, best) if v is not None]
    if False in criteria.values() or True not in criteria.values():
        return False, "", []
    unknown = [name for name, met in criteria.items() if met is None]
    if unknown:
        met = [name for name, value in criteria.items() if value]
        return None, f"{', '.join(met)}; not known: {', '.join(unknown)}", compared
    assert visit.ck is not None
    assert baseline is not None
    assert best is not None
    why = (
        f"CK {visit.ck:g} U/L above the baseline of {baseline.ck:g} and above "
        f"{p.relapse_times_upper_limit:g} x {visit.ck_uln:g}, weakest MRC {visit.weakest_mrc} "
        f"after {best.weakest_mrc}"
    )
    return True, why, compared


def _score(visit: Visit) -> float:
    assert visit.weakest_mrc is not None
    return MRC_SCORES[visit.weakest_mrc]


def _baseline_ck(earlier: Sequence[Visit], p: Parameters) -> Visit | None:
    measured = [v for v in earlier if v.ck is not None]
    if p.baseline_ck == "last_before_treatment":
        before = [v for v in measured if v.month <= 0]
        return before[-1] if before else None
    since = [v for v in measured if v.month > 0]
    return min(since, key=lambda v: v.ck or 0.0, default=None)


def remission(visit: Visit, p: Parameters) -> bool | None:
    """Whether a visit is in the state that the rule calls a good outcome; None if open."""
    met = [
        None if visit.mrs is None else visit.mrs <= p.good_mrs_at_most,
        None
        if visit.weakest_mrc is None
        else mrc_grade(visit.weakest_mrc) >= p.close_to_normal_at_least,
    ]
    if False in met:
        return False
    return None if None in met else True


def criteria(p: Parameters) -> Criteria:
    """Return what the rule calls a relapse, a remission and a loss."""
    return Criteria(
        relapse=lambda earlier, visit: _relapse(earlier, visit, p)[0],
        remission=lambda visit: remission(visit, p),
        month=p.month,
        window=p.window,
        relapse_in_words=_relapse_in_words(p),
        remission_in_words=(
            f"Remission: mRS 0-{p.good_mrs_at_most} and a weakest muscle group of MRC grade "
            f"{p.close_to_normal_at_least} or more at one visit."
        ),
    )


def _relapse_in_words(p: Parameters) -> str:
    baseline = {
        "last_before_treatment": "the last value before treatment",
        "lowest_since_treatment": "the lowest value since treatment began",
    }[p.baseline_ck]
    return (
        f"Relapse: CK above the patient's baseline ({baseline}) and above "
        f"{p.relapse_times_upper_limit:g} times its upper limit, with the weakest MRC at least "
        f"{p.relapse_fall:g} grade below the best since treatment, other causes excluded."
    )


def definition(p: Parameters) -> list[str]:
    """Return the rule in sentences, as it is run."""
    good, grade, weak = (
        p.good_mrs_at_most,
        p.close_to_normal_at_least,
        p.obvious_weakness_at_most,
    )
    return [
        f"The outcome was read at the visit nearest to month {p.month:g} of treatment within "
        f"months {p.window[0]:g} to {p.window[1]:g}; of two equally near visits the later.",
        f"Non-refractory: mRS 0-{good} and a weakest muscle group of MRC grade {grade} or more.",
        f"Refractory: mRS {good + 1}-5 and a weakest muscle group of MRC grade {weak} or less, "
        "or a relapse at any time of follow-up.",
        _relapse_in_words(p),
        "Other combinations of mRS and strength are discordant and wait for adjudication; a "
        "missing value at that visit, or a relapse that missing values leave open, makes the "
        "case unclassifiable; patients without a visit in the window are lost; deaths up to "
        "the end of the window are reported apart.",
    ]


REFRACTORY = Rule(
    label="Refractory myositis with relapse",
    parameters=Parameters,
    decide=decide,
    definition=definition,
    reference="Zhao Y, et al. Orphanet J Rare Dis 2020, Methods: clinical follow-up and "
    "efficacy evaluation. doi:10.1186/s13023-020-01431-7",
    criteria=criteria,
)
