"""The yes/no findings of Table 1 with their counts in both outcome groups, and the regimens."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.random import Generator

from myocohort.errors import RebuildError
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.demography import GROUPS, yes_no
from myocohort.papers.rebuild.origins import Line, Part, describe

FINDINGS = (
    "neck_weakness", "dysphagia", "dysmasesia", "myalgia", "amyotrophy", "weight_loss",
    "raised_esr", "raised_ana",
)  # fmt: skip
REGIMENS = ("gc_only", "gc_ivig_mtx", "gc_mtx", "gc_ivig", "gc_oi")
WITH_MTX = ("gc_ivig_mtx", "gc_mtx")
WITH_IVIG = ("gc_ivig_mtx", "gc_ivig")
SUMMARIES = {"oi_mtx": WITH_MTX, "oi_ivig": WITH_IVIG}
"""Summary rows of Table 1, and the regimens that can make them up."""

OTHERS = (
    ("tacrolimus", 2.0, "mg/day"),
    ("azathioprine", 100.0, "mg/day"),
    ("mycophenolate mofetil", 1.0, "g/day"),
)


def baseline_part(paper: Paper, people: pd.DataFrame, seed: int) -> Part:
    """Make the baseline table: findings and regimens before and at the start of treatment."""
    rng = targets.stream(seed, "findings")
    table = people[["ild"]].copy()
    for finding in FINDINGS:
        table[finding] = by_group(paper, people, finding, rng)
    given, notes = regimens(paper, people, rng)
    table = table[["ild"]].join([table[list(FINDINGS)], given])
    table = table[[*FINDINGS[:6], "ild", *FINDINGS[6:], *REGIMENS, *SUMMARIES]]
    lost = "; for the patients lost nothing is printed, their share is that of the others"
    margins = f"the printed counts of both outcome groups; who has it is free{lost}"
    columns: dict[str, Line] = dict.fromkeys(table.columns, ("one of many", margins))
    ild = (
        "the printed counts of both outcome groups; together with sex and severe weakness the "
        "sizes of the patterns are determined by the printed odds ratios, and who is refractory "
        f"among them is one of several solutions{lost}"
    )
    columns["ild"] = ("one of many", ild)
    for name in (*REGIMENS, *SUMMARIES):
        columns[name] = ("one of many", margins + notes[name])
    origins = describe(
        "baseline",
        patient=("illustrative", "made-up codes"),
        **columns,
    )
    return Part({"baseline": table.rename_axis("patient").reset_index()}, table, origins)


def by_group(paper: Paper, people: pd.DataFrame, variable: str, rng: Generator) -> pd.Series:
    """Give a finding to the printed number of each outcome group, and to a share of the lost."""
    column = pd.Series("no", index=people.index)
    followed = 0
    for group in GROUPS:
        members = people.index[people["outcome"] == group]
        yes = targets.count(paper, variable, group)
        followed += yes
        column.loc[members] = np.array(yes_no(len(members), yes, rng))
    lost = people.index[people["outcome"] == "lost"]
    share = followed / (len(people) - len(lost))
    column.loc[lost] = np.array(yes_no(len(lost), round(share * len(lost)), rng))
    return column


def regimens(
    paper: Paper, people: pd.DataFrame, rng: Generator
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give each patient a regimen; where the rows add up to too many, some have two in turn."""
    table = pd.DataFrame("no", index=people.index, columns=[*REGIMENS, *SUMMARIES])
    notes = dict.fromkeys(table.columns, "")
    for group in GROUPS:
        label = group.replace("_", "-")
        members = list(rng.permutation(people.index[people["outcome"] == group]))
        counts = {name: targets.count(paper, name, group) for name in REGIMENS}
        twice = max(0, sum(counts.values()) - len(members))
        if twice > min(counts["gc_only"], counts["gc_oi"]):
            raise RebuildError(
                f"the regimens of the group {group!r} add up to {sum(counts.values())} of "
                f"{len(members)} patients, and too few began with GC alone or had GC + OI to "
                "explain it by a change of treatment"
            )
        if twice:
            for name in ("gc_only", "gc_oi"):
                notes[name] += (
                    f". Of the {len(members)} patients of the {label} group "
                    f"{sum(counts.values())} regimens are printed: the {twice} too many are read "
                    "as a change from GC alone to GC + OI, and counted in both rows"
                )
        place = 0
        for name in (*(name for name in REGIMENS if name != "gc_only"), "gc_only"):
            # gc_only comes after gc_oi and shares its last patients with it.
            place -= twice if name == "gc_only" else 0
            table.loc[members[place : place + counts[name]], name] = "yes"
            place += counts[name]
        for summary, parts in SUMMARIES.items():
            wanted = targets.count(paper, summary, group)
            having = [m for m in members if (table.loc[m, list(parts)] == "yes").any()]
            if wanted > len(having):
                raise RebuildError(
                    f"{summary} is printed of {wanted} patients of the group {group!r}, but the "
                    f"regimens that can make it up have {len(having)}"
                )
            if wanted < len(having):
                notes[summary] += (
                    f". The {' and '.join(parts)} that should make it up have {len(having)} "
                    f"patients of the {label} group, this row {wanted}: the {len(having) - wanted} "
                    "too many are left out of it"
                )
            table.loc[having[:wanted], summary] = "yes"
    for member in people.index[people["outcome"] == "lost"]:
        followed = people.index[people["outcome"] != "lost"]
        table.loc[member] = table.loc[rng.choice(followed)]
    return table, notes


def treatments_part(people: pd.DataFrame, baseline: pd.DataFrame, seed: int) -> Part:
    """Make treatments that go with each patient's regimen."""
    rng = targets.stream(seed, "treatments")
    rows: list[tuple[object, ...]] = []
    for row, patient in enumerate(people.index):
        start = dt.date.fromisoformat(people["treatment_start"].iloc[row])
        has = {name: baseline[name].iloc[row] == "yes" for name in REGIMENS}
        later = start + dt.timedelta(days=int(rng.integers(60, 100)))

        given: list[tuple[str, str, dt.date, dt.date | None, float, str]] = []
        given.append(("glucocorticoid", "prednisone", start, None, 1.0, "mg/kg/day"))
        if any(has[name] for name in WITH_MTX):
            given.append(("methotrexate", "methotrexate", start, None, 10.0, "mg/week"))
        if any(has[name] for name in WITH_IVIG):
            stop = start + dt.timedelta(days=4)
            given.append(("ivig", "immunoglobulin", start, stop, 0.4, "g/kg/day"))
        if has["gc_oi"]:
            name, dose, unit = OTHERS[int(rng.integers(len(OTHERS)))]
            given.append(("other", name, later if has["gc_only"] else start, None, dose, unit))
        rows += [(patient, *line) for line in given]
    names = ["patient", "drug", "name", "start", "stop", "dose", "dose_unit"]
    table = pd.DataFrame(rows, columns=names)
    for column in ("start", "stop"):
        table[column] = [None if day is None else day.isoformat() for day in table[column]]
    invented: Line = ("illustrative", "nothing is printed of names, doses and dates")
    origins = describe(
        "treatments",
        patient=("illustrative", "made-up codes"),
        drug=(
            "one of many",
            "goes with the patient's regimen in the baseline table; whoever is in the rows GC and "
            "GC + OI has the other immunosuppressant later",
        ),
        name=invented,
        start=invented,
        stop=invented,
        dose=invented,
        dose_unit=invented,
    )
    return Part({"treatments": table}, pd.DataFrame(index=people.index), origins)
