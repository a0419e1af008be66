"""Western blots: densities of patients against those of controls, target by target.

A lane's density depends on how much was loaded, which a loading control of the same lane
corrects, and on the exposure of its membrane, which it does not. Ratios to a loading control
are therefore compared over membranes and beside it on each membrane alone; raw densities are
compared on one membrane only (references: membranes).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from myocohort.analysis.comparison import value_summary
from myocohort.analysis.controls.two_groups import adjust, compare_two
from myocohort.analysis.section import MOST_LISTED

LOADING_CONTROLS = (
    "actin", "beta-actin", "b-actin", "alpha-actin", "gapdh", "tubulin", "alpha-tubulin",
    "beta-tubulin", "vinculin", "cofilin", "hsp90", "histone h3", "lamin b1", "total protein",
    "ponceau", "ponceau s", "stain-free",
)  # fmt: skip
"""Targets that are loading controls, in the order in which one of several is taken; case, spaces
and Greek letters aside."""
MOST_MEMBRANES = 12
"""Membranes of a target that are compared each by itself, in the order of the records."""
REFERENCE = "Butler TAJ, et al. Misleading westerns. Biomed Res Int 2019;2019:5214821"

_GREEK = {"α": "alpha", "β": "beta"}
_LANE = ["patient", "membrane", "lane"]


def compare_blots(
    blots: pd.DataFrame,
    followed: Sequence[str],
    controls: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
) -> dict[str, Any]:
    """Compare each target's density between the followed patients and each arm of controls.

    Parameters
    ----------
    blots
        Columns patient, membrane, lane, target, density.
    followed
        Codes of the followed patients.
    controls
        Code of an arm of controls -> its patients.
    labels
        Code of an arm -> label.

    Returns
    -------
    dict
        `controls.blots` of results.json (docs/results.md).
    """
    empty: dict[str, Any] = {
        "left_out": "", "notes": [], "loading": None, "unit": "", "reference": REFERENCE,
        "membranes": [], "targets": [], "families": [], "lanes": [], "lanes_left_out": "",
    }  # fmt: skip
    arm_of = dict.fromkeys(followed, "")
    for code, members in controls.items():
        arm_of |= dict.fromkeys(members, code)
    lanes = blots[blots["patient"].isin(arm_of)].copy()
    if lanes.empty:
        return {**empty, "left_out": "the records hold no blot of a followed patient or a control."}
    lanes["arm"] = lanes["patient"].map(arm_of)
    lanes["target"] = _one_spelling(lanes["target"])
    lanes["lane"] = lanes["lane"].fillna(-1)  # a key, so that lanes without a number match too
    loading = _loading_control(lanes)
    compared = lanes[lanes["target"] != loading].copy()
    normed = _normed(compared, lanes, loading)
    known = normed.dropna(subset=["value"])
    targets, families = [], []
    for code in controls:
        if not (known["arm"] == code).any() or not (known["arm"] == "").any():
            continue
        found = [
            _target(target, of, code, labels[code], len(followed), len(controls[code]), loading)
            for target, of in normed.groupby("target", sort=False)
        ]
        families.append(
            {
                "code": code,
                "label": labels[code],
                **adjust([c for target in found for c in target["comparisons"] if c["in_family"]]),
            }
        )
        targets += found
    if not targets:
        return {
            **empty,
            "left_out": "no target has a density both in followed patients and in controls.",
        }
    few = normed["patient"].nunique() <= MOST_LISTED
    return {
        **empty,
        "notes": _notes(normed, lanes, loading, targets, families),
        "loading": loading,
        "unit": f"density / density of {loading} in the same lane" if loading else "raw density",
        "membranes": _membranes(lanes, normed, loading),
        "targets": targets,
        "families": families,
        "lanes": _lanes(normed) if few else [],
        "lanes_left_out": ""
        if few
        else f"lanes are listed for up to {MOST_LISTED} patients; there are "
        f"{normed['patient'].nunique()}.",
    }


def plain_name(target: str) -> str:
    """Return a target's name without case, Greek letters and doubled spaces."""
    text = unicodedata.normalize("NFKC", target).casefold()
    for letter, word in _GREEK.items():
        text = text.replace(letter, word)
    return " ".join(text.replace("_", " ").replace("\u2010", "-").replace("\u2011", "-").split())


def _one_spelling(targets: pd.Series) -> list[str]:
    first: dict[str, str] = {}
    return [first.setdefault(plain_name(str(target)), str(target)) for target in targets]


def _loading_control(lanes: pd.DataFrame) -> str | None:
    """Return the loading control that is on most membranes; None where there is none."""
    found = []
    for target, of in lanes.dropna(subset=["density"]).groupby("target", sort=False):
        name = plain_name(str(target)).replace("alpha ", "alpha-").replace("beta ", "beta-")
        if name in LOADING_CONTROLS:
            found.append((-of["membrane"].nunique(), LOADING_CONTROLS.index(name), str(target)))
    return min(found)[2] if found else None


def _normed(compared: pd.DataFrame, lanes: pd.DataFrame, loading: str | None) -> pd.DataFrame:
    """Give each lane its value: the ratio to the loading control, or the raw density without one.

    Where there is a loading control on some membranes, the lanes of the others have no value.
    """
    if loading is None:
        missing = compared["density"].isna()
        return compared.assign(
            loading=np.nan,
            value=compared["density"],
            why=np.where(missing, "no density recorded", ""),
        )
    by_lane = (
        lanes.loc[lanes["target"] == loading, [*_LANE, "density"]]
        .rename(columns={"density": "loading"})
        .drop_duplicates(_LANE)
    )
    merged = compared.merge(by_lane, on=_LANE, how="left")
    usable = merged["loading"] > 0
    value = (merged["density"] / merged["loading"].where(usable)).astype(float)
    why = np.select(
        [merged["density"].isna(), merged["loading"].isna(), ~usable],
        ["no density recorded", f"no {loading} in this lane", f"{loading} is not above 0"],
        "",
    )
    return merged.assign(value=value, why=why)


def _target(
    target: object,
    lanes: pd.DataFrame,
    code: str,
    label: str,
    n_patients: int,
    n_controls: int,
    loading: str | None,
) -> dict[str, Any]:
    """Compare one target with one arm: over all membranes where that is sound, and on each."""
    here = lanes[lanes["arm"].isin(["", code])]
    membranes = list(dict.fromkeys(here.loc[here["value"].notna(), "membrane"]))
    several = len(membranes) > 1
    comparisons = []
    pooled = loading is not None or not several
    if pooled:
        comparisons.append(
            _compared(here, "", str(target), label, n_patients, n_controls, in_family=True)
        )
    if several:
        comparisons += [
            _compared(
                here[here["membrane"] == membrane], str(membrane), str(target), label,
                n_patients, n_controls, in_family=not pooled,
            )
            for membrane in membranes[:MOST_MEMBRANES]
        ]  # fmt: skip
    return {
        "target": str(target),
        "code": code,
        "label": label,
        "pooled": pooled,
        "membranes": len(membranes),
        "comparisons": comparisons,
    }


def _compared(
    lanes: pd.DataFrame,
    membrane: str,
    target: str,
    label: str,
    n_patients: int,
    n_controls: int,
    *,
    in_family: bool,
) -> dict[str, Any]:
    """Compare one value a patient: lanes averaged within a membrane, then over membranes."""
    known = lanes.dropna(subset=["value"])
    within = known.groupby(["arm", "patient", "membrane"], sort=False)["value"].mean()
    each = within.groupby(level=[0, 1], sort=False).mean().reset_index()
    mine, theirs = each[each["arm"] == ""], each[each["arm"] != ""]
    sizes = {"patients": n_patients, "controls": n_controls}
    groups = {"patients": mine, "controls": theirs}
    summaries = {}
    for name, of in groups.items():
        shown = known[known["arm"].eq("") if name == "patients" else known["arm"].ne("")]
        all_lanes = lanes[lanes["arm"].eq("") if name == "patients" else lanes["arm"].ne("")]
        summaries[name] = {
            **value_summary(of["value"].to_numpy(dtype=float)),
            "missing": sizes[name] - len(of),
            "lanes": len(shown),
            "lanes_without_value": len(all_lanes) - len(shown),
        }
    where = f" on {membrane}" if membrane else ""
    question = f"{target}{where}: patients against {label}"
    first, second = (groups[g]["value"].to_numpy(dtype=float) for g in ("patients", "controls"))
    few = len(each) <= MOST_LISTED
    return {
        "membrane": membrane,
        "in_family": in_family,
        **summaries,
        "values": [
            {"patient": str(p), "group": "controls" if arm else "patients", "value": float(v)}
            for arm, p, v in each.itertuples(index=False)
        ]
        if few
        else [],
        **compare_two(first, second, question),
        "holm": None,
        "benjamini_hochberg": None,
    }


def _membranes(
    lanes: pd.DataFrame, normed: pd.DataFrame, loading: str | None
) -> list[dict[str, Any]]:
    """Describe what is on each membrane."""
    found = []
    with_value = normed.dropna(subset=["value"])
    for membrane, of in lanes.groupby("membrane", sort=False):
        mine = of["arm"] == ""
        found.append(
            {
                "membrane": str(membrane),
                "lanes": len(of.drop_duplicates(["patient", "lane"])),
                "patients": int(of.loc[mine, "patient"].nunique()),
                "controls": int(of.loc[~mine, "patient"].nunique()),
                "targets": list(dict.fromkeys(of["target"])),
                "loading": bool(loading is not None and (of["target"] == loading).any()),
                "values": int((with_value["membrane"] == membrane).sum()),
            }
        )
    return found


def _lanes(normed: pd.DataFrame) -> list[dict[str, Any]]:
    """List every lane with its density, loading control and value."""

    def number(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    columns = ["target", "membrane", "lane", "patient", "arm", "density", "loading", "value", "why"]
    ordered = normed.sort_values(["target", "membrane", "lane"], kind="stable")
    return [
        {
            "target": str(target),
            "membrane": str(membrane),
            "lane": None if lane < 0 else int(lane),
            "patient": str(patient),
            "arm": arm or "patients",
            "density": number(density),
            "loading": number(of_loading),
            "value": number(value),
            "why": str(why),
        }
        for target, membrane, lane, patient, arm, density, of_loading, value, why in ordered[
            columns
        ].itertuples(index=False)
    ]


def _notes(
    normed: pd.DataFrame,
    lanes: pd.DataFrame,
    loading: str | None,
    targets: Sequence[Mapping[str, Any]],
    families: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Return what a reader must know of normalisation, lanes and families."""
    several = lanes["membrane"].nunique() > 1
    notes = []
    if loading:
        notes.append(
            f"Each density is divided by that of {loading} in the same lane, the loading control."
        )
        if several:
            notes.append(
                "That corrects what was loaded, not how long a membrane was exposed: the membranes "
                "are compared together and beside it each by itself. Lanes of a membrane are "
                "comparable with each other in any case."
            )
        notes.append(
            "A ratio to a loading control holds only where both signals grow with the load; the "
            "records have no dilution series that would show it."
        )
        without = [
            str(m) for m, of in lanes.groupby("membrane", sort=False)
            if not (of["target"] == loading).any()
        ]  # fmt: skip
        if without:
            notes.append(
                f"Not comparable, and left out: membranes without {loading} ({', '.join(without)})."
            )
    else:
        notes.append(
            "No target is known as a loading control, so that densities are raw and what was "
            "loaded is not corrected."
        )
        if several:
            notes.append(
                "Raw densities of several membranes are not comparable; each membrane is compared "
                "by itself."
            )
    most = max(target["membranes"] for target in targets)
    if most > MOST_MEMBRANES:
        notes.append(f"Of {most} membranes the first {MOST_MEMBRANES} are compared each by itself.")
    repeated = normed.dropna(subset=["value"]).groupby(["target", "patient"], sort=False)
    if (repeated.size() > 1).any():
        notes.append(
            "Several lanes of a patient are averaged within their membrane, and several membranes "
            "then, so that every patient has one value."
        )
    lost = normed.loc[normed["why"] != "", "why"].value_counts()
    notes += [f"{n} lanes have no value: {why}." for why, n in sorted(lost.items())]
    negative = int((normed["density"] < 0).sum())
    if negative:
        notes.append(f"{negative} densities are below 0; they are kept, and not set to 0.")
    for family in families:
        if family["tests"] > 1:
            notes.append(
                f"Family of the adjusted p values: the {family['tests']} comparisons with "
                f"{family['label']}"
                + (", membranes together." if loading or not several else ", each membrane.")
            )
    return notes
