"""What a grading scale of muscle MRI is: its grades, their words, and what a proposal looks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from myocohort.mri.texture import Pattern

Sign = Pattern | Literal["end-stage", "muscle left"]
"""A pattern of `mri.texture`; "end-stage" where hardly any muscle is left, "muscle left" where
some is."""

STRUCTURE: tuple[Pattern, ...] = (
    "scattered", "streaks", "moth-eaten", "washed-out", "periphery",
)  # fmt: skip
"""Every pattern but even."""
NORMAL = 0.10
"""Mean fraction below which fat is what healthy muscle holds: Dixon of healthy thigh muscle has
medians of 2.5 to 7% (docs/mri-scales.md). Project default: no scale prints a number for normal."""
TRACES = 0.15
"""Scattered areas up to this share of the muscle are "scattered" or "traces"; of discs that are
strewn at random over 15% of a plane half touch another one, which is beginning confluence.
Project default."""
FULL = 0.85
"""Mean fraction from which a muscle can be fat altogether: subcutaneous fat itself reads .84 to
.90 on Dixon. Project default."""
ALL = 0.95
"""Mean fraction from which muscle that is left no longer counts. Project default."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A range of the mean fat fraction in which signs allow a grade.

    Parameters
    ----------
    low, high
        Fractions, the lower one included; the upper one is not, unless it is 1.
    signs
        Any of these; empty where the words name no pattern, so that every one is allowed.
    literal
        Both limits stand in the scale's own words; otherwise one is a project default.
    """

    low: float
    high: float
    signs: tuple[Sign, ...] = ()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Swelling:
    """Oedema for which a grade is proposed.

    Parameters
    ----------
    low, high
        Share of STIR-positive voxels, the upper limit included; the lower one is not, unless it
        is 0.
    strength
        "mild" or "moderate" signal; None where the words do not name it.
    """

    low: float
    high: float
    strength: Literal["mild", "moderate"] | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade of a scale.

    Parameters
    ----------
    code
        As readers write it ("2A").
    words
        What it means, shortened into own words.
    band
        Share of the muscle's volume that the scale's words name, low and high; None where they
        name none.
    pattern
        The pattern that the words demand; "" where they demand none.
    fits
        When it is proposed; of scales of fat.
    swellings
        When it is proposed; of scales of oedema.
    """

    code: str
    words: str
    band: tuple[float, float] | None = None
    pattern: str = ""
    fits: tuple[Fit, ...] = ()
    swellings: tuple[Swelling, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """A grading scale as one publication words it.

    Parameters
    ----------
    name
        As records and commands call it; one name for one wording.
    version
        Of this definition: it changes when a proposal could.
    label
        As it is printed.
    measures
        "fat" or "oedema".
    grades
        From the least to the most.
    source
        Who printed it.
    notes
        What a reader must know: what is unconfirmed, what it is not.
    """

    name: str
    version: str
    label: str
    measures: Literal["fat", "oedema"]
    grades: tuple[Grade, ...]
    source: str
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the grades, from the least to the most."""
        return tuple(grade.code for grade in self.grades)

    def position(self, code: str) -> int:
        """Return the place of a grade from the least, 0 first.

        Raises
        ------
        KeyError
            If the scale has no such grade.
        """
        if code not in self.codes:
            raise KeyError(f"{self.name} has the grades {', '.join(self.codes)}, not {code!r}")
        return self.codes.index(code)


def normal() -> tuple[Fit, ...]:
    """Return when muscle is normal: no more fat than healthy muscle has, and evenly.

    A slope or a cloud that weak is left of the coil's field as often as it is fat.
    """
    return (Fit(0.0, NORMAL, ("even", "washed-out", "periphery")),)


def traces() -> tuple[Fit, ...]:
    """Return when fat is scattered or a trace: spots or streaks, or a little everywhere.

    One patch of at most a twentieth of the muscle may be read as a spot.
    """
    return (
        Fit(0.0, TRACES, ("scattered", "streaks")),
        Fit(0.0, 0.05, ("moth-eaten",)),
        Fit(NORMAL, 2 * NORMAL, ("even", "washed-out", "periphery")),
    )


def patches(high: float) -> tuple[Fit, ...]:
    """Return when there are patches of fat up to a share that the scale's words name.

    Spots that begin to touch are patches too; without a pattern the share alone decides.
    """
    return (
        Fit(NORMAL, high, ("moth-eaten", "washed-out", "periphery"), literal=True),
        Fit(0.0, NORMAL, ("moth-eaten",)),
        Fit(NORMAL, high, ("even", "scattered")),
        Fit(NORMAL / 2, high, ("streaks",)),
    )


def mostly(low: float) -> tuple[Fit, ...]:
    """Return when more than a share is fat and muscle is still left.

    Where a pattern is seen at all, it is muscle that draws it, though too thin to be counted.
    """
    return (
        Fit(low, FULL, literal=True),
        Fit(FULL, ALL, ("muscle left", *STRUCTURE)),
        Fit(FULL, (FULL + ALL) / 2, ("even",)),
    )


def replaced() -> tuple[Fit, ...]:
    """Return when a muscle is replaced altogether."""
    return (Fit(FULL, 1.0, ("end-stage",)), Fit(ALL, 1.0))
