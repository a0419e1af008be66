"""Findings of muscle biopsies, each with the number of patients in whom it was looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from myocohort.stats.proportion import wilson_limits
from myocohort.study.studyfile import Study
from myocohort.study.variable import Variable

LEVEL = 0.95
INTERVAL = "Wilson's score interval"
INTERVAL_REFERENCE = "Wilson EB. J Am Stat Assoc 1927;22:209-212"
NONE_READ = "the finding was read in nobody of this group"

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """Patients who are counted together.

    Parameters
    ----------
    code, label
        Of an outcome or of an arm of controls.
    inside
        Which rows of the analysis table belong to it.
    part
        Whether it is a part of the followed patients: a group of the outcome.
    """

    code: str
    label: str
    inside: Flags
    part: bool


@dataclass(frozen=True, slots=True)
class _Finding:
    """One finding: what it is called, and per row of the analysis table what is recorded."""

    code: str
    variable: str | None
    label: str
    stain: str
    recorded: Flags
    stained: Flags
    yes: Flags
    no: Flags


def describe_findings(
    study: Study, biopsies: pd.DataFrame, patients: pd.Series, groups: Sequence[Group]
) -> list[dict[str, Any]]:
    """Count each finding in each group.

    Parameters
    ----------
    study
        Whose variables of the table `biopsies` name findings.
    biopsies
        Columns patient, finding, stain, stained, present ("yes", "no" or missing).
    patients
        Codes, in the order of the analysis table.
    groups
        Who is counted together; the first are all patients.

    Returns
    -------
    list of dict
        The findings of the study file in its order, then others in that of the records:
        `finding`, `variable` (None if the study file does not name it), `label`, `stain`,
        `groups` (code -> counts). Counts: `n` patients, of whom `no_record` have no row,
        `not_stained`, `not_read` (stained, without an answer or with two that contradict each
        other) and `of` were read; `present`, `percent` of those read, `interval` in percent.
    """
    return [
        {
            "finding": found.code,
            "variable": found.variable,
            "label": found.label,
            "stain": found.stain,
            "groups": {group.code: _count(found, group.inside) for group in groups},
        }
        for found in _findings(study, biopsies, patients)
    ]


def _findings(study: Study, biopsies: pd.DataFrame, patients: pd.Series) -> list[_Finding]:
    """Lay out the rows of each finding along the patients of the analysis table."""
    if biopsies.empty:
        return []
    named = _named(study)
    keys = biopsies["finding"].astype(str).str.strip().str.casefold()
    rows = pd.DataFrame(
        {
            "place": pd.Index(patients).get_indexer(pd.Index(biopsies["patient"])),
            "key": keys,
            "stained": (biopsies["stained"] == "yes").to_numpy(),
            "yes": (biopsies["present"] == "yes").to_numpy(),
            "no": (biopsies["present"] == "no").to_numpy(),
        }
    )
    rows = rows[rows["place"] >= 0]
    words = dict(zip(keys[::-1], biopsies["finding"].astype(str).str.strip()[::-1], strict=True))
    stains = _stains(keys, biopsies["stain"])
    known = list(dict.fromkeys(rows["key"]))
    order = [key for key in named if key in set(known)]
    order += [key for key in known if key not in named]
    by_key = dict(iter(rows.groupby("key", sort=False)))
    found = []
    for key in order:
        part, variable = by_key[key], named.get(key)
        place = part["place"].to_numpy()
        flags = {name: _marked(place[part[name].to_numpy()], len(patients)) for name in
                 ("stained", "yes", "no")}  # fmt: skip
        found.append(
            _Finding(
                words[key],
                variable.name if variable else None,
                variable.title if variable else words[key],
                stains.get(key, ""),
                _marked(place, len(patients)),
                **flags,
            )
        )
    return found


def _marked(places: NDArray[np.intp], size: int) -> Flags:
    flags = np.zeros(size, dtype=bool)
    flags[places] = True
    return flags


def _named(study: Study) -> Mapping[str, Variable]:
    """Return finding -> the variable that is exactly its presence, in the study file's order."""
    found: dict[str, Variable] = {}
    for variable in study.variables.values():
        source = variable.table, variable.column, tuple(variable.where)
        if source == ("biopsies", "present", ("finding",)) and not variable.derived:
            found.setdefault(variable.where["finding"].strip().casefold(), variable)
    return found


def _stains(keys: pd.Series, stains: pd.Series) -> dict[str, str]:
    """Return finding -> its stains, in the order of the records."""
    pairs = pd.DataFrame({"key": keys, "stain": stains.fillna("").astype(str).str.strip()})
    pairs = pairs[pairs["stain"] != ""].drop_duplicates()
    return {str(key): ", ".join(rows["stain"]) for key, rows in pairs.groupby("key", sort=False)}


def _count(found: _Finding, inside: Flags) -> dict[str, Any]:
    n = int(inside.sum())
    recorded = inside & found.recorded
    read = inside & (found.yes ^ found.no)
    stained = inside & (found.stained | found.yes | found.no)
    of, present = int(read.sum()), int((read & found.yes).sum())
    percent = interval = None
    if of:
        low, high = wilson_limits(present, of, level=LEVEL)
        percent = 100 * present / of
        interval = {"low": 100 * low, "high": 100 * high, "level": LEVEL, "method": INTERVAL}
    return {
        "n": n,
        "no_record": n - int(recorded.sum()),
        "not_stained": int((recorded & ~stained).sum()),
        "not_read": int((stained & ~read).sum()),
        "of": of,
        "present": present,
        "percent": percent,
        "interval": interval,
        "reason": "" if of else NONE_READ,
    }
