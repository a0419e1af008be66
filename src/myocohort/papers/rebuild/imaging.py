"""Thigh MRI readings whose change rates have the printed means and p values."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.demography import control_codes
from myocohort.papers.rebuild.origins import ColumnOrigin, Part, describe
from myocohort.papers.rebuild.ranks import Floats
from myocohort.papers.rebuild.rates import DAYS_OFF, Scans, find_changes, most_tied
from myocohort.study.standard import MUSCLES
from myocohort.study.values import DAYS_PER_MONTH

SCALES = {"fat": "modified-mercuri", "oedema": "oedema-0-5"}
TOP_GRADE = 5
SLOTS = [(muscle, side) for muscle in MUSCLES for side in ("left", "right")]
MAINLY = ("gluteus maximus", "adductor magnus", "semimembranosus", "semitendinosus",
          "biceps femoris")  # fmt: skip
"""Muscles that the paper says are mainly affected; the others get a third of the share."""

DAYS_BEFORE = 3  # the first scan, before the start of treatment


def imaging_part(paper: Paper, people: pd.DataFrame, seed: int) -> Part:
    """Make readings before treatment and at the printed months, and those of the controls."""
    rng = targets.stream(seed, "imaging")
    scans, missed = find_changes(paper, people, seed)
    scanned = _scanned(paper, people, rng)
    before = {kind: _totals_before(paper, kind, scanned, scans, rng) for kind in SCALES}
    weights = np.array([3.0 if muscle in MAINLY else 1.0 for muscle, _ in SLOTS])
    blocks = []
    wide = pd.DataFrame(index=people.index)
    for kind, scale in SCALES.items():
        for patient, total in before[kind].items():
            wide.loc[patient, f"mri_{kind}_0"] = float(total)
            grades = _first_grades(total, weights, rng)
            day = _scan_day(people, patient)
            blocks.append(_block(patient, day, 0, scale, grades))
            if patient not in scans.patients:
                continue
            i = scans.patients.index(patient)
            sign = 1 if kind == "fat" else -1
            for month, days in scans.days.items():
                wanted = total + sign * int(scans.change[kind, month][i])
                grades = shift(grades, wanted, weights, rng)
                months = int(days[i]) / DAYS_PER_MONTH
                rate = sign * float(wanted - total) / months
                wide.loc[patient, f"{kind}_rate_{month}"] = rate
                later = day + dt.timedelta(days=int(days[i]))
                blocks.append(_block(patient, later, month, scale, grades))
        wide[f"{kind}_present"] = [
            None if np.isnan(total) else ("yes" if total > 0 else "no")
            for total in wide[f"mri_{kind}_0"]
        ]
        controls = control_codes(paper, "srp_negative")
        pool = list(before[kind].values())
        start = dt.date(2012, 1, 9)
        for n, (patient, total) in enumerate(zip(controls, rng.permutation(pool), strict=False)):
            grades = _first_grades(int(total), weights, rng)
            day = start + dt.timedelta(days=61 * n)
            blocks.append(_block(patient, day, 0, scale, grades))
    table = pd.concat(blocks, ignore_index=True)
    order = ["patient", "month", "scale"]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    return Part({"mri_readings": table}, wide, _origins(missed, most_tied(paper)))


def shift(
    grades: NDArray[np.int64],
    total: int,
    weights: Floats,
    rng: Generator,
    *,
    at_once: int | None = None,
) -> NDArray[np.int64]:
    """Return grades 0 to 5 with another total.

    The grades change in rounds, by one grade a round, so that no muscle changes much more
    than the others.

    Parameters
    ----------
    grades
        One per muscle and side.
    total
        Their sum afterwards, from 0 to 5 times their number.
    weights
        How readily each changes.
    at_once
        Muscles that change in one round; None for as many as can. With few at once those of
        greater weight get ahead of the others.
    """
    grades = grades.copy()
    step = 1 if total > grades.sum() else -1
    while (left := abs(int(total - grades.sum()))) > 0:
        able = grades < TOP_GRADE if step > 0 else grades > 0
        if not able.any():
            raise RebuildError(f"no {len(grades)} grades from 0 to {TOP_GRADE} add up to {total}")
        many = min(left, int(able.sum()), at_once or len(grades))
        share = weights * able
        moved = rng.choice(len(grades), size=many, replace=False, p=share / share.sum())
        grades[moved] += step
    return grades


def _first_grades(total: int, weights: Floats, rng: Generator) -> NDArray[np.int64]:
    return shift(np.zeros(len(SLOTS), dtype=np.int64), total, weights, rng, at_once=6)


def _scanned(paper: Paper, people: pd.DataFrame, rng: Generator) -> list[str]:
    """Return all patients scanned before treatment: those followed by MRI and some others."""
    followed = list(people.index[people["mri_followed"] == "yes"])
    others = people.index[people["mri_followed"] == "no"]
    more = targets.size(paper, "mri") - len(followed)
    if not 0 <= more <= len(others):
        raise RebuildError(
            f"{targets.size(paper, 'mri')} patients had an MRI, {len(followed)} were followed by it"
        )
    chosen = {*followed, *rng.choice(others, size=more, replace=False)}
    return [code for code in people.index if code in chosen]


def _totals_before(
    paper: Paper, kind: str, scanned: list[str], scans: Scans, rng: Generator
) -> dict[str, int]:
    """Return total scores before treatment: 0 in whom nothing is present, and room to change."""
    present = targets.count(paper, f"{kind}_present", "mri")
    falls = {
        patient: max(
            -int(scans.change[kind, month][i])
            if kind == "fat"
            else int(scans.change[kind, month][i])
            for month in scans.days
        )
        for i, patient in enumerate(scans.patients)
    }
    may_be_zero = [patient for patient in scanned if falls.get(patient, 0) <= 0]
    absent = len(scanned) - present
    if absent > len(may_be_zero):
        raise RebuildError(
            f"{kind} is absent in {absent} patients before treatment, but only {len(may_be_zero)} "
            "have no printed fall from it"
        )
    zero = set(rng.choice(may_be_zero, size=absent, replace=False))
    centre = 22 if kind == "fat" else 30
    return {
        patient: 0
        if patient in zero
        else max(1, falls.get(patient, 0)) + int(rng.gamma(2.2, centre / 2.2) / 2)
        for patient in scanned
    }


def _scan_day(people: pd.DataFrame, patient: str) -> dt.date:
    start = str(people.loc[patient, "treatment_start"])
    return dt.date.fromisoformat(start) - dt.timedelta(days=DAYS_BEFORE)


def _block(
    patient: str, day: dt.date, month: int, scale: str, grades: NDArray[np.int64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient": patient,
            "date": day.isoformat(),
            "month": month,
            "muscle": [muscle for muscle, _ in SLOTS],
            "side": [side for _, side in SLOTS],
            "scale": scale,
            "grade": grades,
            "reader": "reader-1",
            "read_on": (day + dt.timedelta(days=14)).isoformat(),
            "blinded": "yes",
            "automatic": "no",
        }
    )


def _origins(missed: list[str], tied: str) -> tuple[ColumnOrigin, ...]:
    not_met = (
        f" Not met: the printed p {', '.join(missed)}; no values were found that have it together "
        "with the means."
        if missed
        else ""
    )
    printed = (
        "the printed numbers of patients with fat and with oedema before treatment, the printed "
        "mean change rates of both outcome groups, all patients followed by MRI taken as scanned "
        "at every month, the printed mean rates of both groups together where those leave room "
        "for them, and the printed p (Mann-Whitney, asymptotic, tie-corrected). The "
        "printed rates of fat make the total score fall again after month 3. Which muscle has "
        "which grade is free; the muscles that the paper calls mainly affected have more. Those "
        "of the controls are illustrative: the totals of the enrolled in another order."
    )
    plan = "the printed plan of the readings"
    return describe(
        "mri_readings",
        patient=("illustrative", "made-up codes; who of the enrolled was scanned is free"),
        date=(
            "one of many",
            f"planned month after the first scan, up to {DAYS_OFF} days off; the change rates rest "
            "on it",
        ),
        month=("determined", plan),
        muscle=("determined", plan),
        side=("determined", plan),
        scale=("determined", plan),
        grade=("one of many", printed + tied + not_met),
        reader=("illustrative", "the paper does not say who read"),
        read_on=("illustrative", "nothing is printed"),
        blinded=("illustrative", "the paper does not say"),
        automatic=("determined", "readings by eye"),
    )
