"""Who the enrolled patients are: outcome, sex, weakness, age, course, dates of treatment."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.random import Generator

from myocohort.errors import RebuildError
from myocohort.outcomes.refractory import Parameters
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import interval
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.continuous import (
    Between,
    Sample,
    bell,
    find_values,
    quartile_values,
    same_choices,
)
from myocohort.papers.rebuild.joint import JointSolutions
from myocohort.papers.rebuild.model_terms import solve_model, split_term
from myocohort.papers.rebuild.origins import Part, describe
from myocohort.study.values import DAYS_PER_MONTH

GROUPS = ("non_refractory", "refractory")
FIRST_START = dt.date(2008, 1, 1)
LAST_START = dt.date(2018, 12, 31)
LAST_VISIT = dt.date(2019, 12, 31)
TEENS = np.arange(13.0, 18.0)
ADULTS = np.arange(18.0, 81.0)
# Whoever is scanned at month 24 is followed for a little longer than that.
IMAGING_FOLLOW_UP = 26
CONTROLS = {"srp_negative": ("NEG", "mri_controls"), "healthy": ("HC", "healthy")}


def solve_outcome_model(paper: Paper) -> JointSolutions:
    """Find the joint tables of the terms of the one printed model by outcome."""
    return solve_model(paper, targets.model_entry(paper))


def build_people(paper: Paper, joint: JointSolutions, seed: int) -> pd.DataFrame:
    """Make the enrolled patients with all that the paper prints of them before treatment.

    Returns
    -------
    DataFrame
        One row a patient, in the order of the start of treatment, patient codes as index;
        columns: those of the analysis table, and `follow_up_months`, `treatment_start`,
        `onset`, `weakest_mrc`.
    """
    rng = targets.stream(seed, "people")
    people = pd.concat(
        [followed_patients(paper, joint), _lost(paper, joint, rng)], ignore_index=True
    )
    people["onset_age"] = find_ages(paper, people["outcome"], seed)
    people["teenager"] = np.where(people["onset_age"] < ADULTS[0], "yes", "no")
    _weakness(paper, people, rng)
    _illness(paper, people, rng)
    people["mri_followed"] = _choose_by_group(
        people, {g: targets.size(paper, f"mri_{g}") for g in GROUPS}, rng
    )
    _follow_up(paper, people, seed, rng)
    people = people.sort_values("treatment_start", kind="stable", ignore_index=True)
    width = len(str(len(people)))
    people.index = pd.Index([f"SRP-{n:0{width}d}" for n in range(1, len(people) + 1)])
    return people


def patients_part(paper: Paper, people: pd.DataFrame) -> Part:
    """Make the patients table: the enrolled, and the controls of whom only the number is known."""
    columns = [
        "onset", "treatment_start", "sex", "onset_age", "months_to_admission", "course",
        "weakness_site",
    ]  # fmt: skip
    table = people[columns].rename_axis("patient").reset_index()
    table["onset_age"] = table["onset_age"].astype(int)
    table["months_to_admission"] = table["months_to_admission"].astype(int)
    table.insert(1, "arm", "srp")
    controls = [
        {"patient": code, "arm": arm} for arm in CONTROLS for code in control_codes(paper, arm)
    ]
    table = pd.concat([table.astype(object), pd.DataFrame(controls, dtype=object)])
    table = table.astype(object).where(table.notna(), None).reset_index(drop=True)
    wide = people.drop(columns=["follow_up_months", "weakest_mrc", "onset", "treatment_start"])
    wide = wide.assign(arm="srp").reindex(table["patient"])
    wide["arm"] = table["arm"].to_numpy()
    blank = "; blank for controls, of whom nothing is printed"
    origins = describe(
        "patients",
        patient=("illustrative", "made-up codes, in the order of the start of treatment"),
        arm=("determined", "the printed numbers of patients and controls"),
        onset=(
            "illustrative",
            f"start of treatment minus the months to admission, to the month{blank}",
        ),
        treatment_start=(
            "illustrative",
            f"drawn from {FIRST_START.year} to {LAST_START.year}; the paper prints no dates{blank}",
        ),
        sex=(
            "one of many",
            "the number of men in each outcome group and in all enrolled is printed; with severe "
            "weakness and lung disease the sizes of the patterns are determined by the printed "
            f"odds ratios, and who is refractory among them is one of several solutions{blank}",
        ),
        onset_age=(
            "one of many",
            "whole years with the printed mean and SD of both outcome groups and of all enrolled, "
            "the printed p (Mann-Whitney, asymptotic, tie-corrected) and the printed number of "
            f"teenagers; how these spread over the groups is free{blank}",
        ),
        months_to_admission=(
            "one of many",
            "whole months with the printed 6 (4, 18) read as median and quartiles, which the "
            "paper does not say; they hold under every usual definition of a quartile; who has "
            f"which is free{blank}",
        ),
        course=(
            "one of many",
            f"the printed numbers of all enrolled, the shortest histories called acute{blank}",
        ),
        weakness_site=("one of many", f"the printed numbers of all enrolled{blank}"),
    )
    return Part({"patients": table}, wide, origins)


def control_codes(paper: Paper, arm: str) -> list[str]:
    """Return the codes of the controls of an arm."""
    prefix, group = CONTROLS[arm]
    n = targets.size(paper, group)
    return [f"{prefix}-{i:0{len(str(n))}d}" for i in range(1, n + 1)]


def spread(values: dict[str, int], rng: Generator) -> list[str]:
    """Return each value as often as asked, in random order."""
    return list(rng.permutation([value for value, n in values.items() for _ in range(n)]))


def yes_no(n: int, yes: int, rng: Generator) -> list[str]:
    """Return `yes` times "yes" among n, in random order."""
    return spread({"yes": yes, "no": n - yes}, rng)


def _absent_level(paper: Paper, variable: str, level: str) -> str:
    if level == "yes":
        return "no"
    others = [name for name in targets.levels(paper, variable, "enrolled") if name != level]
    if len(others) != 1:
        raise RebuildError(f"{variable} has more than two levels, so {variable}={level} is no term")
    return others[0]


def followed_patients(paper: Paper, joint: JointSolutions, number: int = 1) -> pd.DataFrame:
    """Turn a solution of the joint tables into one row a patient: outcome and model terms.

    Parameters
    ----------
    number
        Which solution, counted from 1.
    """
    rows = []
    for group, cells in zip(joint.groups, joint.solutions[number - 1], strict=True):
        for pattern, n in zip(joint.patterns, cells, strict=True):
            row = {"outcome": group}
            for term, present in zip(joint.terms, pattern, strict=True):
                variable, level = split_term(term)
                row[variable] = level if present else _absent_level(paper, variable, level)
            rows += [row] * n
    return pd.DataFrame(rows)


def _lost(paper: Paper, joint: JointSolutions, rng: Generator) -> pd.DataFrame:
    """Make the lost patients: what all enrolled have less what the followed have."""
    n = targets.size_lost(paper)
    followed = followed_patients(paper, joint)
    men = targets.levels(paper, "sex", "enrolled")
    left = {sex: total - int((followed["sex"] == sex).sum()) for sex, total in men.items()}
    severe = targets.levels(paper, "weakness_class", "enrolled")["severe"]
    severe -= int((followed["severe_weakness"] == "yes").sum())
    if min(*left.values(), severe, n - severe) < 0 or sum(left.values()) != n:
        raise RebuildError(
            f"{n} patients were lost, but sex and severe weakness of the enrolled and of the "
            f"followed leave {left} and {severe} severe cases for them"
        )
    lung = round(n * float((followed["ild"] == "yes").mean()))
    return pd.DataFrame(
        {
            "outcome": ["lost"] * n,
            "sex": spread(left, rng),
            "severe_weakness": yes_no(n, severe, rng),
            "ild": yes_no(n, lung, rng),
        }
    )


def find_ages(paper: Paper, outcome: pd.Series, seed: int) -> np.ndarray:
    """Find ages in whole years with everything that is printed of them."""
    sizes = {group: int((outcome == group).sum()) for group in (*GROUPS, "lost")}
    teens = targets.levels(paper, "teenager", "enrolled")["yes"]
    share = {group: teens * n // len(outcome) for group, n in sizes.items()}
    share["non_refractory"] += teens - sum(share.values())
    every = targets.mean_entry(paper, "onset_age", "enrolled")
    rng = targets.stream(seed, "ages")
    samples = []
    for group, n in sizes.items():
        if group == "lost":
            mean, sd = None, None
            centre, width = float(every.mean), float(every.sd or 15)
        else:
            mean, sd = targets.mean_and_sd(paper, "onset_age", group)
            entry = targets.mean_entry(paper, "onset_age", group)
            centre, width = float(entry.mean), float(entry.sd or 15)
        young = share[group]
        choices = same_choices(young, TEENS) + same_choices(n - young, ADULTS)
        start = np.concatenate([np.full(young, 15.0), bell(n - young, centre + 3, width)])
        samples.append(Sample(f"onset_age of {group}", choices, start, mean, sd))
    mean, sd = targets.mean_and_sd(paper, "onset_age", "enrolled")
    p = interval(targets.p_entry(paper, "onset_age").p)
    found = find_values(samples, Between(p=p, mean=mean, sd=sd), seed=seed)
    return np.concatenate([rng.permutation(values) for values in found])


def _weakness(paper: Paper, people: pd.DataFrame, rng: Generator) -> None:
    """Add class, weakest MRC before treatment and site of the weakness, in place."""
    classes = targets.levels(paper, "weakness_class", "enrolled")
    severe = people["severe_weakness"] == "yes"
    rest = {name: n for name, n in classes.items() if name != "severe"}
    people["weakness_class"] = "severe"
    people.loc[~severe, "weakness_class"] = spread(rest, rng)
    grades = {"severe": (1, 2, 2), "moderate": (3,), "mild": (4,)}
    people["weakest_mrc"] = [int(rng.choice(grades[name])) for name in people["weakness_class"]]
    people["weakness_site"] = spread(targets.levels(paper, "weakness_site", "enrolled"), rng)


def _illness(paper: Paper, people: pd.DataFrame, rng: Generator) -> None:
    """Add the months from onset to admission, and the course that goes with them, in place."""
    entry = targets.median_entry(paper, "months_to_admission", "enrolled")
    if entry.q1 is None or entry.q3 is None:
        raise RebuildError("the paper file prints no quartiles of months_to_admission")
    n = len(people)
    quartiles = (float(entry.q1), float(entry.median), float(entry.q3))
    months = quartile_values(n, quartiles, 1, 4 * quartiles[2], rng)
    courses = targets.levels(paper, "course", "enrolled")
    names = [name for name in ("acute", "subacute", "chronic") for _ in range(courses[name])]
    order = rng.permutation(n)
    people["months_to_admission"] = months[order]
    people["course"] = np.array(names)[order]


def _choose_by_group(people: pd.DataFrame, wanted: dict[str, int], rng: Generator) -> pd.Series:
    """Return "yes" for so many of each outcome group, chosen at random."""
    chosen = pd.Series("no", index=people.index)
    for group, n in wanted.items():
        members = people.index[people["outcome"] == group]
        if n > len(members):
            raise RebuildError(f"{n} of the {len(members)} patients of {group!r} are asked for")
        chosen[rng.choice(members, size=n, replace=False)] = "yes"
    return chosen


def _follow_up(paper: Paper, people: pd.DataFrame, seed: int, rng: Generator) -> None:
    """Add months of follow-up with the printed mean, SD and range, and dates, in place."""
    first = int(Parameters().month)
    last = max(
        int(12 * float(entry.high))
        for entry in paper.range
        if entry.variable == "follow_up_years" and entry.high is not None
    )
    followed = people.index[people["outcome"] != "lost"]
    # One patient at each end of the printed range; neither end decides who is scanned.
    ends = {
        _any(people, followed, "no", rng): np.array([first]),
        _any(people, followed, "yes", rng): np.array([last]),
    }
    months = [
        ends.get(i, np.arange(IMAGING_FOLLOW_UP if scanned == "yes" else first, last + 1))
        for i, scanned in people.loc[followed, "mri_followed"].items()
    ]
    years = tuple(np.round(m * DAYS_PER_MONTH) / DAYS_PER_MONTH / 12 for m in months)
    mean, sd = targets.mean_and_sd(paper, "follow_up_years", "followed")
    start = rng.gamma(2.4, 1.6, size=len(years))
    sample = Sample("follow_up_years of followed", years, start, mean, sd)
    (found,) = find_values([sample], seed=seed)
    people.loc[followed, "follow_up_years"] = found
    people["follow_up_months"] = np.round(people["follow_up_years"] * 12)
    starts, onsets = [], []
    for years_of, history in zip(
        people["follow_up_years"].fillna(0), people["months_to_admission"], strict=True
    ):
        latest = min(LAST_START, LAST_VISIT - dt.timedelta(days=int(years_of * 365.25) + 10))
        start_day = FIRST_START + dt.timedelta(
            days=int(rng.integers(0, (latest - FIRST_START).days))
        )
        starts.append(start_day.isoformat())
        onset = start_day - dt.timedelta(days=round(history * DAYS_PER_MONTH) + 10)
        onsets.append(onset.isoformat()[:7])
    people["treatment_start"] = starts
    people["onset"] = onsets


def _any(people: pd.DataFrame, among: pd.Index, scanned: str, rng: Generator) -> int:
    return int(rng.choice(among[people.loc[among, "mri_followed"] == scanned]))
