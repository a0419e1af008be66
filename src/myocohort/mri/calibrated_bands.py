"""Bands of a scale as a study's own readers draw them: kept in a file, used for proposals."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import InputError, Problem
from myocohort.mri.scales import SCALES

FORMAT = "myocohort-mri-calibration"
VERSION = 1
"""Of the file's layout."""
NODES = np.array([-1.7321, 0.0, 1.7321])
WEIGHTS = np.array([1 / 6, 2 / 3, 1 / 6])
"""Gauss-Hermite points of a standard normal: exact for polynomials of degree 5."""


@dataclass(frozen=True, slots=True)
class CalibratedBand:
    """Where a grade is the median reading: mean fat fraction from low to high.

    `grade` is its code; None as a limit where the band has no end within 0 to 1.
    """

    grade: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class KappaFound:
    """A weighted kappa with its interval over patients; None where it has none, with the reason."""

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Proportional-odds model of a study's readings, and how well it does in other patients.

    Parameters
    ----------
    scale, scale_version
        The scale that was read, and the version of its definition.
    study
        What to call the readings.
    terms
        Measures of the model: "fat_fraction", and numbers of the texture by their names.
    grades
        Grades that were read, in order; others of the scale cannot be proposed by it.
    thresholds
        Log odds cut-offs between them, one fewer.
    slopes
        Log odds of a higher grade per unit of each term.
    centres, lowest, highest
        Mean, least and most of each term in the readings.
    bands
        Of the fat fraction where the other terms are at their mean.
    patients, units, readings, readers
        How many there are; a unit is one muscle on one side at one date.
    consensus
        How several readers were brought together.
    cross_validated, literal, between_readers
        Weighted kappa with the readers: of this calibration in patients that it was not fitted
        on, of the scale's own bands in the same muscles, and of the readers with each other.
    input_sha256
        Of the readings' file or rows.
    warnings
        In sentences.
    """

    scale: str
    scale_version: str
    study: str
    terms: tuple[str, ...]
    grades: tuple[str, ...]
    thresholds: tuple[float, ...]
    slopes: tuple[float, ...]
    centres: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    bands: tuple[CalibratedBand, ...]
    patients: int
    units: int
    readings: int
    readers: tuple[str, ...]
    consensus: str
    folds: str
    cross_validated: KappaFound
    literal: KappaFound
    between_readers: KappaFound | None
    input_sha256: str
    warnings: tuple[str, ...] = ()

    def chances(self, values: Mapping[str, float], sd: float = 0.0) -> NDArray[np.float64]:
        """Return the chance of each of `grades`, averaged over the error of the fat fraction.

        Parameters
        ----------
        values
            Term -> value.
        sd
            Standard error of the fat fraction.
        """
        line = sum(b * values[term] for term, b in zip(self.terms, self.slopes, strict=True))
        spread = self.slopes[self.terms.index("fat_fraction")] * sd * NODES
        at = np.subtract.outer(np.array(self.thresholds), line + spread)
        below = (1 + np.tanh(at / 2)) / 2
        whole = np.vstack([np.zeros(len(NODES)), below, np.ones(len(NODES))])
        return np.asarray(np.diff(whole, axis=0) @ WEIGHTS, dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Return what the file holds, in plain types; the same readings give the same file."""
        return {"format": FORMAT, "version": VERSION, **_rounded(asdict(self))}

    def to_json(self) -> str:
        """Return the content of the file."""
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def parse_calibration(text: str, file: str) -> Calibration:
    """Read a calibration from the content of its file.

    Raises
    ------
    InputError
        If it is no such file, is of another version, or of a scale or a version of the scale
        that is not known here.
    """
    again = "Run `myocohort mri calibrate` on the readings again"

    def wrong(rule: str, value: object = "") -> InputError:
        return InputError([Problem(rule=rule, value=str(value), file=file, next_step=again)])

    try:
        plain = json.loads(text)
    except ValueError as error:
        raise wrong("a calibration is JSON as `myocohort mri calibrate` writes it") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise wrong("a calibration is a file that `myocohort mri calibrate` wrote")
    if plain.get("version") != VERSION:
        raise wrong(f"the version of the file's layout is {VERSION}", plain.get("version"))
    scale = SCALES.get(str(plain.get("scale")))
    if scale is None:
        raise wrong(f"the scale is one of {', '.join(SCALES)}", plain.get("scale"))
    if plain.get("scale_version") != scale.version:
        raise wrong(
            f"the version of the scale {scale.name} is {scale.version}", plain.get("scale_version")
        )
    fields = {key: value for key, value in plain.items() if key not in ("format", "version")}
    try:
        return _from_plain(fields)
    except (TypeError, ValueError, KeyError) as error:
        raise wrong("every field of the calibration is there and of its kind") from error


def _from_plain(fields: dict[str, Any]) -> Calibration:
    for name in ("terms", "grades", "thresholds", "slopes", "centres", "lowest", "highest",
                 "readers", "warnings"):  # fmt: skip
        fields[name] = tuple(fields[name])
    fields["bands"] = tuple(CalibratedBand(**band) for band in fields["bands"])
    for name in ("cross_validated", "literal", "between_readers"):
        fields[name] = None if fields[name] is None else KappaFound(**fields[name])
    found = Calibration(**fields)
    numbers = (*found.thresholds, *found.slopes, *found.centres)
    lengths = {len(found.terms), len(found.slopes), len(found.centres)}
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("not a number")
    if len(lengths) != 1 or len(found.thresholds) != len(found.grades) - 1:
        raise ValueError("lengths differ")
    if "fat_fraction" not in found.terms or set(found.grades) - set(SCALES[found.scale].codes):
        raise ValueError("terms or grades")
    return found


def _rounded(value: Any) -> Any:
    """Round to 10 significant digits, so that the last bits of a processor do not show."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return float(f"{value:.10g}") if isinstance(value, float) else value
