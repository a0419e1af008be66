"""The course of one patient, as an outcome rule sees it, and what the rule decides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit.

    Parameters
    ----------
    month
        Months since the start of treatment; 0 or below is before treatment.
    mrs
        Modified Rankin Scale, 0 to 6 (6: died).
    weakest_mrc
        MRC code of the weakest muscle group, such as "3", "4-".
    ck, ck_uln
        Creatine kinase and its upper reference limit, U/L.
    exclusion
        A cause of a CK rise other than the disease, where one was found.
    date
        ISO date of the visit, where known.
    """

    month: float
    mrs: int | None = None
    weakest_mrc: str | None = None
    ck: float | None = None
    ck_uln: float | None = None
    exclusion: str | None = None
    date: str | None = None

    def __str__(self) -> str:
        when = f"month {self.month:.4g}" + (f" ({self.date})" if self.date else "")
        limit = f" (upper limit {self.ck_uln:g})" if self.ck_uln is not None else ""
        ck = "CK missing" if self.ck is None else f"CK {self.ck:g} U/L{limit}"
        mrs = "mRS missing" if self.mrs is None else f"mRS {self.mrs}"
        mrc = "MRC missing" if self.weakest_mrc is None else f"weakest MRC {self.weakest_mrc}"
        excluded = f", other cause of a CK rise: {self.exclusion}" if self.exclusion else ""
        return f"{when}: {mrs}, {mrc}, {ck}{excluded}"


@dataclass(frozen=True, slots=True)
class Course:
    """All visits of one patient.

    Parameters
    ----------
    patient
        The study's code of the patient.
    visits
        In order of time.
    death
        Earliest and latest month of death, counted from the start of treatment, where a date
        of death is recorded; they differ where the date is partial or no start is known.
    """

    patient: str
    visits: tuple[Visit, ...]
    death: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule decides for one patient.

    Parameters
    ----------
    patient
        The study's code of the patient.
    outcome
        One of `myocohort.outcomes.OUTCOMES`.
    why
        The reason, in one sentence.
    records
        The visits that led to it, as text.
    """

    patient: str
    outcome: str
    why: str
    records: tuple[str, ...]
