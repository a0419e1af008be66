"""Changes of MRI total scores whose rates have the printed means and p values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Interval, interval
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.continuous import Between, Sample, find_values
from myocohort.papers.rebuild.demography import GROUPS
from myocohort.papers.rebuild.ranks import Floats, reachable
from myocohort.study.values import DAYS_PER_MONTH

# Change of the total score (0 to 120) between two scans that a patient may have.
CHANGES = {"fat": np.arange(-3, 41), "oedema": np.arange(0, 41)}
OFF_THE_DAY = 0.25
DAYS_OFF = 9


@dataclass(frozen=True, slots=True)
class Scans:
    """Who is scanned after how many days, and by how much the total scores have changed.

    Parameters
    ----------
    patients
        Codes of those followed by MRI.
    group
        Their outcome groups.
    days
        Month -> days from the first scan, by patient.
    change
        Scale and month -> rise of the fat score or fall of the oedema score, by patient.
    """

    patients: list[str]
    group: NDArray[np.str_]
    days: dict[int, NDArray[np.int64]]
    change: dict[tuple[str, int], NDArray[np.int64]]


def find_changes(paper: Paper, people: pd.DataFrame, seed: int) -> tuple[Scans, list[str]]:
    """Find changes of the total scores with the printed rates, and say which p were missed."""
    rng = targets.stream(seed, "changes")
    chosen = people[people["mri_followed"] == "yes"]
    patients = [code for group in GROUPS for code in chosen.index[chosen["outcome"] == group]]
    group = people.loc[patients, "outcome"].to_numpy(dtype=str)
    severity = rng.gamma(4, 0.25, size=len(patients))
    months = imaging_months(paper)
    days = {}
    for month in months:
        days[month] = round(month * DAYS_PER_MONTH) + _days_off(group, rng)
    change, missed = {}, []
    for kind in CHANGES:
        for month in months:
            variable = f"{kind}_rate_{month}"
            per_month = days[month] / DAYS_PER_MONTH
            samples = []
            for name in GROUPS:
                inside = group == name
                mean, _ = targets.mean_and_sd(paper, variable, f"mri_{name}")
                centre = float(targets.mean_entry(paper, variable, f"mri_{name}").mean)
                choices = tuple(CHANGES[kind] / m for m in per_month[inside])
                start = centre * severity[inside]
                samples.append(Sample(f"{variable} of {name}", choices, start, mean))
            entry = targets.p_entry(paper, variable)
            together = Between(p=interval(entry.p), mean=_pooled(paper, variable))
            try:
                found = find_values(samples, together, seed=seed)
            except RebuildError:
                found = find_values(samples, seed=seed)
                missed.append(f"{entry.p} ({variable})")
            points = np.round(np.concatenate(found) * per_month).astype(np.int64)
            change[kind, month] = _in_order(points, group, days[month], severity)
    return Scans(patients, group, days, change), missed


def _days_off(group: NDArray[np.str_], rng: Generator) -> NDArray[np.int64]:
    """Return by how many days each scan misses its month: most none, some in each group.

    Those on the day can share a rate, as the printed p values need it; those off it give the
    group's mean its decimals, which whole changes over one interval could not.
    """
    off = np.zeros(len(group), dtype=np.int64)
    for name in GROUPS:
        inside = np.flatnonzero(group == name)
        some = rng.choice(inside, size=max(3, round(OFF_THE_DAY * len(inside))), replace=False)
        off[some] = rng.choice([-1, 1], size=len(some)) * rng.integers(
            1, DAYS_OFF + 1, size=len(some)
        )
    return off


def _pooled(paper: Paper, variable: str) -> Interval | None:
    """Return the printed mean of both groups together, where their own means leave room for it."""
    whole = next(
        (m for m in paper.mean if (m.variable, m.group) == (variable, "mri_followed")), None
    )
    if whole is None:
        return None
    low, high, n = Fraction(0), Fraction(0), 0
    for group in GROUPS:
        mean, _ = targets.mean_and_sd(paper, variable, f"mri_{group}")
        size = targets.size(paper, f"mri_{group}")
        low += (mean.low or 0) * size
        high += (mean.high or 0) * size
        n += size
    wanted = interval(whole.mean)
    return wanted if wanted.meets(Interval(low / n, high / n)) else None


def _in_order(
    points: NDArray[np.int64],
    group: NDArray[np.str_],
    days: NDArray[np.int64],
    severity: Floats,
) -> NDArray[np.int64]:
    """Hand the changes of patients scanned after equally many days out by their severity.

    The rates of a group stay what they are; a patient's changes come to resemble each other
    from one month to the next.
    """
    points = points.copy()
    for name in GROUPS:
        for day in np.unique(days):
            same = np.flatnonzero((group == name) & (days == day))
            points[same[np.argsort(severity[same], kind="stable")]] = np.sort(points[same])
    return points


def imaging_months(paper: Paper) -> list[int]:
    """Return the months for which the paper prints change rates by outcome group."""
    found = {
        int(match[1])
        for entry in paper.mean
        if entry.group == f"mri_{GROUPS[0]}"
        and (match := re.fullmatch(r"(?:fat|oedema)_rate_(\d+)", entry.variable))
    }
    if not found:
        raise RebuildError(
            "the paper file prints no mean of fat_rate_<month> in mri_non_refractory"
        )
    return sorted(found)


def most_tied(paper: Paper) -> str:
    """Say which printed p needs the most patients with one and the same rate, if any does."""
    n1, n2 = (targets.size(paper, f"mri_{group}") for group in GROUPS)
    needs = []
    for kind in CHANGES:
        for month in imaging_months(paper):
            entry = targets.p_entry(paper, f"{kind}_rate_{month}")
            p = interval(entry.p)
            ways = reachable(n1, n2, p, exact=False)
            if len(ways) and not len(reachable(n1, n2, p, exact=True)):
                needs.append((float(ways[:, 1].min()), entry.p, entry.variable))
    if not needs:
        return ""
    ties, text, variable = max(needs)
    sharing = next(t for t in range(2, n1 + n2 + 1) if t**3 - t >= ties)
    return (
        f" In groups of {n1} and {n2}, {len(needs)} of the printed p exist only with ties: "
        f"{text} of {variable} with as many as when {sharing} patients share one rate."
    )
