"""Bands of a scale calibrated on a study's own readings, and judged in patients left out.

No publication maps a fat fraction to a grade by eye. Where a study has readings and measures of
the same muscles, a proportional-odds regression (`stats.ordinal_logistic`) finds the fractions at
which its readers pass from grade to grade. How well that works is measured in patients whose
readings took no part in the fit: the muscles of one patient are alike, so that whole patients are
left out, never muscles.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import InputError, Problem, StatisticsError
from myocohort.mri.calibrated_bands import (
    CalibratedBand,
    Calibration,
    KappaFound,
    parse_calibration,
)
from myocohort.mri.fat_map import RegionFat
from myocohort.mri.grading import propose
from myocohort.mri.scales import SCALES, Scale
from myocohort.stats.clustered_agreement import clustered_kappa
from myocohort.stats.kappa import KappaResult
from myocohort.stats.ordinal_logistic import OrdinalResult, fit_ordinal

FEWEST_PATIENTS = 5
"""With fewer, leaving one out says nothing of other patients, and no kappa has an interval."""
FEWEST_UNITS = 30
"""With fewer muscle-sides there are not ten for each of three grades. Project default."""
FEWEST_GRADES = 3
"""Two grades give one cut-off: that is no scale."""
FOLDS = 10
"""Groups of patients where there are more than twice as many patients."""
TEXTURES = ("contrast", "structure_sd", "fat_area_share")
"""Numbers of the texture that every muscle has, with fat and without."""
CONSENSUS = (
    "every reading enters the fit with a weight of 1 over the readers of that muscle; agreement is "
    "measured against the median reading, the lower grade where it falls between two"
)

Unit = tuple[str, str, str, str]
"""Patient, date or month, muscle, side."""


@dataclass(frozen=True, slots=True)
class ReadMuscle:
    """One reading of one muscle-side, with the measures of that muscle-side.

    Parameters
    ----------
    unit
        Patient, date or month of the scan ("" where there is one scan each), muscle and side.
    reader
        Who.
    grade
        A code of the scale.
    values
        "fat_fraction", and of `TEXTURES` what there is.
    """

    unit: Unit
    reader: str
    grade: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Readings as arrays; a unit is a muscle-side at one date.

    Parameters
    ----------
    units, of
        The units in order, and the unit of each reading.
    grades
        Place of each reading's grade on the scale.
    consensus
        Median of each unit.
    X
        Measures of each unit, a column for each of `terms`.
    """

    units: tuple[Unit, ...]
    of: NDArray[np.intp]
    grades: NDArray[np.intp]
    consensus: NDArray[np.intp]
    terms: tuple[str, ...]
    X: NDArray[np.float64]

    @property
    def patients(self) -> list[str]:
        """Patient of each unit."""
        return [unit[0] for unit in self.units]

    @property
    def weights(self) -> NDArray[np.float64]:
        """Of each reading: 1 over the readings of its unit."""
        return np.asarray(1.0 / np.bincount(self.of)[self.of], dtype=np.float64)


def calibrate(
    readings: Sequence[ReadMuscle],
    scale: str,
    *,
    study: str = "the study's readings",
    input_sha256: str = "",
) -> Calibration:
    """Calibrate the bands of a scale of fat on readings.

    Parameters
    ----------
    readings
        In any order; the answer does not depend on it.
    scale
        Name of a scale of fat.
    study
        What to call the readings in proposals that use them.
    input_sha256
        Of the file that they come from; computed from the readings where it is not given.

    Returns
    -------
    Calibration
        Bands, and the quadratic-weighted kappa with the readers of the calibrated grade in
        patients left out, of the scale's own bands (by the fat fraction alone) in the same
        muscles, and between readers; intervals leave out one patient at a time. Where every
        muscle has texture numbers, they enter if that predicts better in patients left out.

    Raises
    ------
    InputError
        With each reason why there are too few readings, grades or patients, or where higher
        grades do not go with more fat.
    """
    known = SCALES.get(scale)
    if known is None or known.measures != "fat":
        fats = ", ".join(name for name, one in SCALES.items() if one.measures == "fat")
        raise InputError(
            [
                Problem(
                    "a calibration is for a scale of fat", value=scale, next_step=f"One of {fats}"
                )
            ]
        )
    ordered = sorted(readings, key=lambda one: (one.unit, one.reader, one.grade))
    _refuse(ordered, known)
    rows = _rows(ordered, known, _terms(ordered))
    folds = _folds(rows.patients)
    models = {rows.terms[:count]: _predicted(rows, folds, count)
              for count in sorted({1, len(rows.terms)})}  # fmt: skip
    terms = min(models, key=lambda one: (models[one][1], len(one)))
    fitted = _fit(rows, np.ones(len(rows.units), dtype=np.bool_), len(terms))
    slopes = tuple(term.b for term in fitted.terms)
    if slopes[0] <= 0:
        raise InputError(
            [
                Problem(
                    "higher grades go with more fat",
                    value=f"the log odds fall by {-slopes[0]:.3g} per unit of fat fraction",
                    next_step="Check that grades and fractions belong to the same muscles",
                )
            ]
        )
    X = rows.X[:, : len(terms)]
    centres = X.mean(axis=0)
    counted = Counter(one.reader for one in ordered)
    return Calibration(
        scale=known.name,
        scale_version=known.version,
        study=study,
        terms=terms,
        grades=tuple(known.codes[int(place)] for place in fitted.grades),
        thresholds=tuple(one.value for one in fitted.thresholds),
        slopes=slopes,
        centres=tuple(centres.tolist()),
        lowest=tuple(X.min(axis=0).tolist()),
        highest=tuple(X.max(axis=0).tolist()),
        bands=_bands(known, fitted, centres),
        patients=len(set(rows.patients)),
        units=len(rows.units),
        readings=len(ordered),
        readers=tuple(sorted(counted)),
        consensus=CONSENSUS,
        folds=_folds_in_words(folds),
        cross_validated=_kappa(models[terms][0], rows.consensus, rows.patients, known),
        literal=_kappa(_literal(rows, known), rows.consensus, rows.patients, known),
        between_readers=_between(ordered, rows, known),
        input_sha256=input_sha256 or _hash(ordered),
        warnings=_warnings(rows, fitted, known, models),
    )


def read_calibration(path: Path) -> Calibration:
    """Read a file that `myocohort mri calibrate --out` wrote.

    Raises
    ------
    InputError
        As `parse_calibration`.
    OSError
        If there is no such file.
    """
    return parse_calibration(path.read_text("utf-8", errors="replace"), path.name)


def _refuse(readings: Sequence[ReadMuscle], scale: Scale) -> None:
    """Refuse too few patients, muscles or grades, every reason at once."""
    patients = {one.unit[0] for one in readings}
    units = {one.unit for one in readings}
    seen: dict[str, set[str]] = defaultdict(set)
    for one in readings:
        seen[one.grade].add(one.unit[0])
    common = sorted((g for g in seen if len(seen[g]) > 1), key=scale.position)
    problems = []
    for rule, found, fewest in (
        ("patients with readings and measures", len(patients), FEWEST_PATIENTS),
        ("muscle-sides with readings and measures", len(units), FEWEST_UNITS),
        ("grades that two or more patients have", len(common), FEWEST_GRADES),
    ):
        if found < fewest:
            problems.append(
                Problem(
                    rule=f"a calibration needs at least {fewest} {rule}",
                    value=str(found),
                    next_step="Add readings; until then the scale's own bands are used",
                )
            )
    if problems:
        raise InputError(problems)


def _terms(readings: Sequence[ReadMuscle]) -> tuple[str, ...]:
    """Return the fat fraction, and what all muscles have of the texture and differ in."""
    found = ["fat_fraction"]
    for name in TEXTURES:
        values = [one.values.get(name) for one in readings]
        if None not in values and len(set(values)) > 1:
            found.append(name)
    return tuple(found)


def _rows(readings: Sequence[ReadMuscle], scale: Scale, terms: tuple[str, ...]) -> _Rows:
    units = tuple(dict.fromkeys(one.unit for one in readings))
    place = {unit: k for k, unit in enumerate(units)}
    of = np.array([place[one.unit] for one in readings], dtype=np.intp)
    grades = np.array([scale.position(one.grade) for one in readings], dtype=np.intp)
    first = {one.unit: one for one in reversed(readings)}
    medians = [np.sort(grades[of == k]) for k in range(len(units))]
    return _Rows(
        units=units,
        of=of,
        grades=grades,
        consensus=np.array([one[(len(one) - 1) // 2] for one in medians], dtype=np.intp),
        terms=terms,
        X=np.array([[first[unit].values[term] for term in terms] for unit in units]),
    )


def _folds(patients: Sequence[str]) -> list[set[str]]:
    """Deal patients into folds: each its own where there are few, else ten in turn.

    Their names in order say who is dealt first, so that the same readings give the same folds.
    """
    names = sorted(set(patients))
    count = len(names) if len(names) <= 2 * FOLDS else FOLDS
    return [set(names[k::count]) for k in range(count)]


def _folds_in_words(folds: list[set[str]]) -> str:
    if all(len(fold) == 1 for fold in folds):
        return "each patient left out in turn"
    return f"patients in {len(folds)} groups, each left out in turn"


def _fit(rows: _Rows, kept: NDArray[np.bool_], count: int) -> OrdinalResult:
    """Fit the first terms on some of the units."""
    own = kept[rows.of]
    return fit_ordinal(
        rows.X[rows.of[own], :count],
        rows.grades[own].astype(float),
        rows.terms[:count],
        weights=rows.weights[own],
    )


def _predicted(rows: _Rows, folds: list[set[str]], count: int) -> tuple[NDArray[np.float64], float]:
    """Return the median grade of each unit by a fit without its patient, and the mean log loss.

    A grade that nobody else has gets the chance 1 / (readings + 1): it was not ruled out.
    """
    places = np.full(len(rows.units), np.nan)
    loss, total = 0.0, 0.0
    for fold in folds:
        out = np.array([patient in fold for patient in rows.patients])
        try:
            fitted = _fit(rows, ~out, count)
        except StatisticsError:
            continue
        chances = fitted.chances(rows.X[out, :count])
        middle = (chances.cumsum(axis=1) < 0.5).sum(axis=1)
        places[out] = np.array(fitted.grades)[np.minimum(middle, len(fitted.grades) - 1)]
        row = {int(unit): k for k, unit in enumerate(np.flatnonzero(out))}
        column = {int(grade): k for k, grade in enumerate(fitted.grades)}
        for reading in np.flatnonzero(out[rows.of]):
            seen = column.get(int(rows.grades[reading]))
            unseen = 1.0 / (fitted.n + 1)
            chance = unseen if seen is None else float(chances[row[int(rows.of[reading])], seen])
            loss -= rows.weights[reading] * math.log(max(chance, unseen))
            total += rows.weights[reading]
    return places, loss / total if total else math.inf


def _literal(rows: _Rows, scale: Scale) -> NDArray[np.float64]:
    """Return the nearest grade by the scale's own bands, from the fat fraction alone."""
    found = []
    for fraction in rows.X[:, 0].tolist():
        fat = RegionFat(0, 0.0, 0, None, fraction, None, fraction, fraction)
        nearest = propose(scale, fat, None).nearest
        found.append(math.nan if nearest is None else float(scale.position(nearest)))
    return np.array(found)


def _kappa(
    proposed: NDArray[np.float64],
    consensus: NDArray[np.intp],
    patients: Sequence[str],
    scale: Scale,
) -> KappaFound:
    pairs = np.column_stack([proposed, consensus.astype(float)])
    return _found(_weighted(pairs, patients, scale), "between proposal and median reading")


def _weighted(pairs: NDArray[np.float64], patients: Sequence[str], scale: Scale) -> KappaResult:
    places = [float(place) for place in range(len(scale.grades))]
    return clustered_kappa(pairs, patients, places, weights="quadratic")


def _found(result: KappaResult, what: str) -> KappaFound:
    interval = result.interval
    return KappaFound(
        estimate=result.estimate,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        n=result.n,
        method=f"{result.method}, {what}; interval leaves out one patient at a time",
        reason="; ".join(result.warnings) if interval is None else "",
    )


def _between(readings: Sequence[ReadMuscle], rows: _Rows, scale: Scale) -> KappaFound | None:
    """Return the kappa of all pairs of readers of a muscle; None with one reader each."""
    pairs, patients = [], []
    for k, unit in enumerate(rows.units):
        places = rows.grades[rows.of == k]
        for first in range(len(places)):
            for second in range(first + 1, len(places)):
                # either order, so that no reader comes first
                pairs += [(places[first], places[second]), (places[second], places[first])]
                patients += [unit[0]] * 2
    if not pairs:
        return None
    found = _found(
        _weighted(np.array(pairs, dtype=float), patients, scale), "between readers, all pairs"
    )
    return KappaFound(
        found.estimate, found.low, found.high, len(pairs) // 2, found.method, found.reason
    )


def _bands(
    scale: Scale, fitted: OrdinalResult, centres: NDArray[np.float64]
) -> tuple[CalibratedBand, ...]:
    """Return where each grade is the median reading, other terms at their mean."""
    slopes = np.array([term.b for term in fitted.terms])
    others = float(slopes[1:] @ centres[1:])
    cuts = [(one.value - others) / slopes[0] for one in fitted.thresholds]
    limits = [0.0, *(min(max(cut, 0.0), 1.0) for cut in cuts), 1.0]
    return tuple(
        CalibratedBand(scale.codes[int(place)], low, high)
        for place, low, high in zip(fitted.grades, limits, limits[1:], strict=False)
    )


def _hash(readings: Sequence[ReadMuscle]) -> str:
    plain = [[one.unit, one.reader, one.grade, dict(sorted(one.values.items()))]
             for one in readings]  # fmt: skip
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _warnings(
    rows: _Rows,
    fitted: OrdinalResult,
    scale: Scale,
    models: Mapping[tuple[str, ...], tuple[Any, float]],
) -> tuple[str, ...]:
    said = []
    absent = [c for k, c in enumerate(scale.codes) if k not in {int(g) for g in fitted.grades}]
    if absent:
        said.append(f"Nobody read {', '.join(absent)}: this calibration cannot propose it.")
    seen: dict[int, set[str]] = defaultdict(set)
    for k, grade in zip(rows.of, rows.grades, strict=True):
        seen[int(grade)].add(rows.units[k][0])
    rare = [scale.codes[grade] for grade in sorted(seen) if len(seen[grade]) == 1]
    if rare:
        said.append(
            f"Only one patient has the grade {', '.join(rare)}: where that patient is left out, it "
            f"cannot be proposed."
        )
    if fitted.separation.kind != "none":
        said.append(
            "The measures order the readings without overlap: bands rest on the penalty of the fit."
        )
    patients = len(set(rows.patients))
    if patients < 2 * FOLDS:
        said.append(f"{patients} patients are few: the kappa's interval is rough.")
    if len(models) > 1:
        losses = [f"{' + '.join(terms)}: {loss:.3f}" for terms, (_, loss) in models.items()]
        said.append(
            f"Mean log loss in patients left out, the smaller one was taken: {'; '.join(losses)}. "
            f"The kappa of the better of two is a little too high."
        )
    return tuple(said)
