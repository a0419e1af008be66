"""Numbers for the grades of a scale, so that they can be summed and subtracted."""

from __future__ import annotations

from myocohort.mri.scales import SCALES


def known_scales() -> tuple[str, ...]:
    """Return the names of the scales."""
    return tuple(SCALES)


def grade_values(scale: str) -> dict[str, float]:
    """Return code -> number of each grade, from the least to the most.

    The number is the code itself where all codes of the scale are whole numbers (1 stays 1 on a
    scale that starts at 1), and otherwise the grade's place from 0: 0, 1, 2A, 2B, 3, 4 are 0 to 5.

    Raises
    ------
    KeyError
        If the scale is unknown.
    """
    codes = SCALES[scale].codes
    whole = all(code.isdecimal() for code in codes)
    return {code: float(code) if whole else float(place) for place, code in enumerate(codes)}
