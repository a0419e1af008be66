"""Biopsy findings with the stains' own denominators, antibody strips and blots."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from myocohort.errors import RebuildError
from myocohort.papers.entries import Count
from myocohort.papers.paperfile import Paper
from myocohort.papers.rebuild import targets
from myocohort.papers.rebuild.demography import GROUPS, control_codes
from myocohort.papers.rebuild.findings import by_group
from myocohort.papers.rebuild.origins import Part, describe

STAINS = {
    "fibre_size_variation": "HE", "hypertrophy": "HE", "necrosis": "HE", "regeneration": "HE",
    "cd68_perimysium": "CD68", "ragged_blue_fibres": "SDH", "cox_negative": "COX",
    "connective_tissue": "HE", "perivascular_infiltrate": "HE", "cd3": "CD3", "cd4": "CD4",
    "cd8": "CD8", "cd20": "CD20", "mac": "MAC", "mhc1": "MHC-I",
}  # fmt: skip
B_CELL_STAINS = {"cd19_positive": "CD19", "baff_positive": "BAFF", "baff_r_positive": "BAFF-R"}
SCHEME = "strip, four grades (Zhao 2020)"
BLOT_TARGETS = ("BAFF", "BAFF-R", "actin")
MEMBRANES = 2


def inferred_findings(paper: Paper) -> frozenset[str]:
    """Return the findings whose number of stained patients was inferred from percentages."""
    return targets.inferred_denominators(paper, [_entry(paper, finding) for finding in STAINS])


def choose_stained(paper: Paper, people: pd.DataFrame, seed: int) -> pd.Series:
    """Return "yes" or "no" by patient: whether BAFF, BAFF-R and CD19 were stained."""
    rng = targets.stream(seed, "stained")
    chosen = pd.Series("no", index=people.index)
    for group in GROUPS:
        members = people.index[people["outcome"] == group]
        n = targets.size(paper, f"stained_{group}")
        if n > len(members):
            raise RebuildError(f"{n} of the {len(members)} patients of {group!r} are stained")
        chosen[rng.choice(members, size=n, replace=False)] = "yes"
    return chosen


def biopsies_part(
    paper: Paper, people: pd.DataFrame, stained: pd.Series, positive: pd.DataFrame, seed: int
) -> Part:
    """Make the biopsies table.

    Parameters
    ----------
    paper
        The paper file.
    people
        The enrolled patients.
    stained
        "yes" for the patients stained for BAFF, BAFF-R and CD19.
    positive
        Whether any cell was positive for each of these, by patient.
    seed
        Of the random choices.
    """
    rng = targets.stream(seed, "biopsies")
    entries = {finding: _entry(paper, finding) for finding in STAINS}
    n_of = targets.denominators(paper, tuple(entries.values()))
    # The stains of fewer patients are done in some of those with the stains of more.
    first = list(rng.permutation(people.index[stained == "yes"]))
    pool = first + list(rng.permutation(people.index[stained == "no"]))
    wide = pd.DataFrame(index=people.index, columns=[*STAINS, *B_CELL_STAINS], dtype=object)
    done: dict[str, set[str]] = {}
    for n in sorted(set(n_of.values()), reverse=True):
        pool = pool[:n] if n == max(n_of.values()) else list(rng.permutation(pool))[:n]
        for finding in (finding for finding in STAINS if n_of[finding] == n):
            done[finding] = set(pool)
            wide[finding] = _evenly(people, pool, entries[finding], rng)
    wide.update(positive[list(B_CELL_STAINS)])
    done |= {finding: set(first) for finding in B_CELL_STAINS}
    wide = wide.astype(object).where(wide.notna(), None)
    table = pd.DataFrame(
        [
            (patient, finding, stain, "yes" if patient in done[finding] else "no",
             wide.loc[patient, finding])
            for patient in people.index
            for finding, stain in (STAINS | B_CELL_STAINS).items()
        ],
        columns=["patient", "finding", "stain", "stained", "present"],
    )  # fmt: skip
    origins = describe(
        "biopsies",
        patient=("illustrative", "made-up codes"),
        finding=("determined", "the printed findings"),
        stain=("determined", "the printed stains; findings without a stain of their own: HE"),
        stained=(
            "one of many",
            f"most findings are shares of {max(n_of.values())} patients, a number that the "
            "printed percentages fit and the paper does not print; some stains have fewer; who "
            "was stained is free",
        ),
        present=(
            "one of many",
            "the printed counts, spread evenly over the outcome groups because the paper found no "
            "difference; BAFF, BAFF-R and CD19 follow from the field counts: positive with any "
            "positive cell; the origin of that column says whether their printed numbers are met",
        ),
    )
    return Part({"biopsies": table}, wide, origins)


def antibodies_part(paper: Paper, people: pd.DataFrame, seed: int) -> Part:
    """Make the antibodies table: all enrolled strongly positive for SRP, some for Ro-52."""
    rng = targets.stream(seed, "antibodies")
    ro52 = by_group(paper, people, "anti_ro52", rng)
    rows = []
    for patient in people.index:
        rows.append((patient, "SRP", "+++", SCHEME))
        grade = str(rng.choice(["+", "++", "+++"])) if ro52[patient] == "yes" else "negative"
        rows.append((patient, "Ro-52", grade, SCHEME))
    rows += [(code, "SRP", "negative", SCHEME) for code in control_codes(paper, "srp_negative")]
    table = pd.DataFrame(rows, columns=["patient", "antigen", "grade", "scheme"])
    origins = describe(
        "antibodies",
        patient=("illustrative", "made-up codes"),
        antigen=("determined", "SRP in all; Ro-52 is printed for the followed"),
        grade=(
            "one of many",
            "SRP: +++ in all enrolled, as printed, and negative in the controls. Ro-52: the "
            "printed counts of both outcome groups; who has it, and how strongly, is free; the "
            "patients lost have the share of the others",
        ),
        scheme=("determined", "negative, weak positive (+), positive (++), strong positive (+++)"),
    )
    return Part({"antibodies": table}, ro52.to_frame("anti_ro52"), origins)


def blots_part(paper: Paper, people: pd.DataFrame, biopsied: pd.Series, seed: int) -> Part:
    """Make blots in which the patients' BAFF-R, relative to actin, is above the controls'."""
    rng = targets.stream(seed, "blots")
    n = targets.size(paper, "blotted")
    choice = people.index[biopsied.notna()]
    if n > len(choice):
        raise RebuildError(f"{n} patients have blots, but only {len(choice)} a biopsy")
    chosen = sorted(rng.choice(choice, size=n, replace=False))
    controls = control_codes(paper, "healthy")
    rows = []
    for membrane in range(MEMBRANES):
        lanes = controls[membrane::MEMBRANES] + chosen[membrane::MEMBRANES]
        for lane, patient in enumerate(lanes, start=1):
            actin = rng.normal(1000, 80)
            share = {
                "actin": 1.0,
                "BAFF": rng.normal(0.55, 0.08),
                "BAFF-R": rng.normal(0.25, 0.04) if patient in controls else rng.normal(0.8, 0.1),
            }
            rows += [
                (patient, f"membrane-{membrane + 1}", lane, target, round(actin * share[target], 1))
                for target in BLOT_TARGETS
            ]
    table = pd.DataFrame(rows, columns=["patient", "membrane", "lane", "target", "density"])
    wide = pd.DataFrame({"blotted": np.where(people.index.isin(chosen), "yes", "no")}, people.index)
    origins = describe(
        "blots",
        patient=("illustrative", "made-up codes; the number of patients and controls is printed"),
        membrane=("illustrative", "nothing is printed"),
        lane=("illustrative", "nothing is printed"),
        target=("determined", "the printed antibodies"),
        density=(
            "illustrative",
            "no density is printed; BAFF-R is higher in the patients, as the paper says in words",
        ),
    )
    return Part({"blots": table}, wide, origins)


def _entry(paper: Paper, finding: str) -> Count:
    """Return the printed count of a finding, by whichever of its levels it is printed."""
    for entry in paper.count:
        if entry.variable == finding and entry.n is not None:
            return entry
    raise RebuildError(
        f"the paper file prints no count of {finding}; add it as an entry of [[count]]"
    )


def _evenly(people: pd.DataFrame, members: list[str], entry: Count, rng: Generator) -> pd.Series:
    """Give a level to the printed number of the stained, in every outcome group alike."""
    order = pd.Series(rng.permutation(members))
    outcome = order.map(people["outcome"])
    by_outcome = list(order[outcome.argsort(kind="stable")])
    n, having = len(by_outcome), int(entry.n or 0)
    if having > n:
        raise RebuildError(f"{entry.id}: {having} patients of {n} stained ones")
    other = "no" if entry.level == "yes" else "yes"
    levels = [entry.level if (i + 1) * having // n > i * having // n else other for i in range(n)]
    return pd.Series(levels, index=by_outcome, dtype=object).reindex(people.index)
