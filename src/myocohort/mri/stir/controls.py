"""The limit of STIR signal that healthy controls give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myocohort.mri.scan import ScanError

POSITIVE_SHARE = 0.025
"""A muscle is STIR-positive where more than this share of its pixels exceeds the limit
(Sci Rep 2020;10:7246, abstract)."""

MUSCLES_BELOW = 0.95
"""Share of the controls' own muscles that must be negative by the limit."""

EXCESS_FROM, EXCESS_TO, EXCESS_STEP = -1.0, 4.0, 0.02
"""Histogram of the excess over the muscle reference; what lies outside counts in the end bins."""

FEW_CONTROLS = 5
"""Fewer controls are told in a warning."""

HEALTHY = "healthy"


def excess_histogram(excess: NDArray[np.float32]) -> list[int]:
    """Count excess values in the bins of all histograms."""
    bins = round((EXCESS_TO - EXCESS_FROM) / EXCESS_STEP)
    at = np.clip(np.floor((excess - EXCESS_FROM) / EXCESS_STEP).astype(np.int64), 0, bins - 1)
    return [int(one) for one in np.bincount(at, minlength=bins)]


@dataclass(frozen=True, slots=True)
class ControlHistogram:
    """STIR signal of one control's muscles.

    Parameters
    ----------
    status
        As the study states it; only "healthy" may make a limit.
    study
        Label of the study that the control belongs to.
    counts
        Voxels in each bin of the excess over the control's own muscle reference, see
        `excess_histogram`.
    upper_points
        For each muscle-side the excess that `POSITIVE_SHARE` of its voxels exceeds.
    """

    status: str
    study: str
    counts: tuple[int, ...]
    upper_points: tuple[float, ...]

    @classmethod
    def of_measured(
        cls, references: Mapping[str, Any], *, status: str, study: str
    ) -> ControlHistogram:
        """Take the histogram from the references of a measured STIR scan (`measure --json`).

        Raises
        ------
        ScanError
            If they hold none.
        """
        found = references.get("histogram")
        if not isinstance(found, Mapping):
            raise ScanError(
                f"a control of {study or 'a study without a name'} has no histogram of its STIR "
                "signal. Measure its scan with `myocohort mri measure --stir ... --json` and give "
                "that file"
            )
        return cls.from_dict({**found, "status": status, "study": study})

    def to_dict(self) -> dict[str, Any]:
        """Return it in plain types."""
        return {
            "status": self.status,
            "study": self.study,
            "from": EXCESS_FROM,
            "step": EXCESS_STEP,
            "counts": list(self.counts),
            "upper_points": list(self.upper_points),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ControlHistogram:
        """Read it from plain types.

        Raises
        ------
        ScanError
            If bins differ from those of this version, or counts are missing or negative.
        """
        study = str(content.get("study", ""))
        counts = content.get("counts")
        points = content.get("upper_points")
        bins = round((EXCESS_TO - EXCESS_FROM) / EXCESS_STEP)
        fits = (
            content.get("from") == EXCESS_FROM
            and content.get("step") == EXCESS_STEP
            and isinstance(counts, Sequence)
            and len(counts) == bins
            and isinstance(points, Sequence)
            and all(isinstance(one, int) and one >= 0 for one in counts)
            and all(isinstance(one, (int, float)) and np.isfinite(one) for one in points)
        )
        if not fits or not isinstance(counts, Sequence) or not isinstance(points, Sequence):
            raise ScanError(
                f"the histogram of a control of {study or 'a study without a name'} must hold "
                f"{bins} whole counts from {EXCESS_FROM:g} in steps of {EXCESS_STEP:g} and the "
                "muscles' upper points. Measure the control's scan again with this version"
            )
        return cls(
            status=str(content.get("status", "")),
            study=study,
            counts=tuple(counts),
            upper_points=tuple(float(one) for one in points),
        )


@dataclass(frozen=True, slots=True)
class ControlLimit:
    """The excess above which signal is oedema, from healthy controls.

    Parameters
    ----------
    limit
        Of the excess over the muscle reference.
    controls, voxels
        How many it rests on.
    source
        Labels of the studies that the controls belong to.
    how
        The rule, as it is printed.
    warnings
        In sentences.
    """

    limit: float
    controls: int
    voxels: int
    source: str
    how: str
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it in plain types."""
        return {
            "limit": self.limit,
            "controls": self.controls,
            "voxels": self.voxels,
            "source": self.source,
            "how": self.how,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> ControlLimit:
        """Read it from plain types.

        Raises
        ------
        ScanError
            If the limit is not a positive number or the numbers of controls and voxels are missing.
        """
        limit, controls, voxels = (content.get(name) for name in ("limit", "controls", "voxels"))
        fits = isinstance(limit, (int, float)) and np.isfinite(limit) and limit > 0
        if (
            not fits
            or not isinstance(limit, (int, float))
            or not isinstance(controls, int)
            or not isinstance(voxels, int)
        ):
            raise ScanError(
                "a limit from controls must hold `limit` (a number above 0), `controls` and "
                f"`voxels` (whole numbers); found {limit!r}, {controls!r} and {voxels!r}. Make it "
                "again from the controls' measurements"
            )
        return cls(
            limit=float(limit),
            controls=controls,
            voxels=voxels,
            source=str(content.get("source", "")),
            how=str(content.get("how", "")),
            warnings=tuple(str(one) for one in content.get("warnings", ())),
        )


def limit_from_controls(controls: Sequence[ControlHistogram]) -> ControlLimit:
    """Return the limit that healthy controls give.

    The controls' histograms are averaged, each control counting alike whatever its size, and the
    limit is the value that `POSITIVE_SHARE` of the averaged histogram exceeds (Sci Rep
    2020;10:7246). By that alone about half of all healthy muscles would be positive, because
    some muscles are a little brighter than others; so the limit is at least the value by which
    `MUSCLES_BELOW` of the controls' own muscles are negative (added here).

    Raises
    ------
    ScanError
        Without controls, or where one is not stated to be healthy: diseased muscle gives a limit
        that hides oedema. The reference study's controls for MRI (SRP-negative necrotizing
        myopathy) are patients.
    """
    if not controls:
        raise ScanError(
            "no controls were given: a limit needs at least one healthy person's scan. Leave "
            "controls out to take the limit from the patient's own muscle"
        )
    for one in controls:
        if one.status != HEALTHY:
            raise ScanError(
                f"a control of {one.study or 'a study without a name'} is stated as "
                f"{one.status or 'nothing'!r}, not as {HEALTHY!r}: a limit of STIR signal may come "
                "from healthy people only, because diseased controls (such as patients with "
                "SRP-negative necrotizing myopathy) raise it and hide oedema. Leave that control "
                "out, or measure it with --status healthy if it is; without healthy controls the "
                "limit is taken from the patient's own muscle"
            )
        if sum(one.counts) == 0 or not one.upper_points:
            raise ScanError(
                f"a healthy control of {one.study or 'a study without a name'} has no measured "
                "muscle. Leave it out"
            )
    shares = np.mean([np.array(one.counts) / sum(one.counts) for one in controls], axis=0)
    above = np.cumsum(shares[::-1])[::-1]  # share at or above the lower edge of each bin
    edges = EXCESS_FROM + EXCESS_STEP * np.arange(len(shares) + 1)
    upper = float(np.interp(-POSITIVE_SHARE, -np.append(above, 0.0), edges))
    points = np.concatenate([np.array(one.upper_points) for one in controls])
    muscles = float(np.quantile(points, MUSCLES_BELOW))
    few = (
        (f"The limit rests on {len(controls)} healthy controls only.",)
        if len(controls) < FEW_CONTROLS
        else ()
    )
    return ControlLimit(
        limit=max(upper, muscles),
        controls=len(controls),
        voxels=sum(sum(one.counts) for one in controls),
        source=", ".join(sorted({one.study for one in controls if one.study})),
        how=(
            f"the larger of the value that {POSITIVE_SHARE:.1%} of the averaged histogram exceeds "
            f"({upper:.3f}) and the value by which {MUSCLES_BELOW:.0%} of the controls' muscles "
            f"are negative ({muscles:.3f})"
        ),
        warnings=few,
    )
