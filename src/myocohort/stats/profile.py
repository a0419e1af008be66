"""Profile likelihood: the best a model can do with one coefficient held, and its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.likelihood import Evaluate, Point, maximise, solve

MOST_TRIALS = 200
LAST_MOVE = 1e-7  # each move squares the error, so that this one leaves 1e-12 or less
INNER_TOLERANCE = 1e-12  # the profile is then too low by at most half of this
FLAT = 0.01
FIRST_REACH = 4.0  # of a coefficient without a standard error, on the scale of the design


class Profile:
    """The maximum of a log-likelihood over all coefficients but the last, which is held.

    Parameters
    ----------
    evaluate
        The log-likelihood, the held coefficient being the last one.
    home
        Coefficients to start from; the maximum itself where there is one.
    """

    def __init__(self, evaluate: Evaluate, home: FloatArray) -> None:
        self._evaluate = evaluate
        self._moving = len(home) - 1
        self._home = self._here = self._climb(home)

    def _climb(self, start: FloatArray) -> Point:
        return maximise(self._evaluate, start, free=self._moving, tolerance=INNER_TOLERANCE)

    def restart(self) -> None:
        """Go back to where the profile started."""
        self._here = self._home

    def at(self, held: float) -> tuple[float, float]:
        """Return the profile and its derivative with the last coefficient at `held`."""
        moving = self._moving
        beta = self._here.beta.copy()
        if moving:
            # where the others go, to first order, when the last one is moved
            curvature = self._here.curvature
            drift, failed = solve(curvature[:moving, :moving], curvature[:moving, moving])
            if not failed:
                beta[:moving] -= drift * (held - beta[moving])
        beta[moving] = held
        self._here = self._climb(beta)
        return self._here.value, float(self._here.score[moving])


@dataclass(frozen=True, slots=True)
class ProfileAnswer:
    """What the profile of one coefficient says about it.

    Parameters
    ----------
    low, high
        Limits; may be infinite.
    deviance
        Twice the fall of the log-likelihood when the coefficient is held at 0.
    """

    low: float
    high: float
    deviance: float

    def times(self, unit: float) -> ProfileAnswer:
        """Return what it says about the coefficient times `unit`, which may be negative."""
        low, high = sorted((self.low * unit, self.high * unit))
        return ProfileAnswer(low, high, self.deviance)


def profile_of_finite(
    evaluate: Evaluate, home: FloatArray, best: float, drop: float, se: float
) -> ProfileAnswer:
    """Profile a coefficient whose estimate, the last of `home`, is finite.

    Parameters
    ----------
    evaluate
        The log-likelihood, with the coefficient last.
    home
        Coefficients at the maximum (those before the last may be only near it).
    best
        The maximum of the log-likelihood.
    drop
        Quantile of chi-square with one degree of freedom for the coverage.
    se
        Standard error, to know where to look first.
    """
    profile = Profile(evaluate, home)
    estimate = float(home[-1])
    deviance = max(0.0, 2.0 * (best - profile.at(0.0)[0]))
    limits = []
    for outward in (-1, 1):
        profile.restart()
        limit = profile_limit(
            profile,
            best,
            drop,
            inside=estimate,
            outward=outward,
            first=estimate + outward * math.sqrt(drop) * se,
            reach=2.0 * se,
        )
        limits.append(limit)
    return ProfileAnswer(limits[0], limits[1], deviance)


def profile_of_infinite(
    evaluate: Evaluate, home: FloatArray, best: float, drop: float, sign: int
) -> ProfileAnswer:
    """Profile a coefficient that runs to infinity: one limit is finite, the other is not.

    Parameters
    ----------
    evaluate, home, drop
        As for `profile_of_finite`; `home` holds the coefficient at 0.
    best
        The height that the log-likelihood rises to.
    sign
        Where the coefficient runs: +1 or -1.
    """
    profile = Profile(evaluate, home)
    deviance = max(0.0, 2.0 * (best - profile.at(0.0)[0]))
    limit = profile_limit(
        profile, best, drop, inside=None, outward=-sign, first=0.0, reach=FIRST_REACH
    )
    if sign > 0:
        return ProfileAnswer(limit, math.inf, deviance)
    return ProfileAnswer(-math.inf, limit, deviance)


def profile_limit(
    profile: Profile,
    best: float,
    drop: float,
    *,
    inside: float | None,
    outward: int,
    first: float,
    reach: float,
) -> float:
    """Find where the profile has fallen by `drop` / 2 below `best`.

    Newton's method on the signed root of the deviance, which is nearly a straight line,
    kept within a bracket.

    Parameters
    ----------
    profile
        The profile likelihood.
    best
        Its maximum, or the height it rises to.
    drop
        Quantile of chi-square with one degree of freedom.
    inside
        Where the maximum lies; None if at infinity.
    outward
        +1 to search upwards, -1 downwards.
    first
        Where to look first, on the outward side of the maximum.
    reach
        Longest move while only one side of the limit is known; doubled each time.

    Raises
    ------
    StatisticsError
        If the limit is not found.
    """
    root_drop = math.sqrt(drop)
    outside: float | None = None
    held = first
    for _ in range(MOST_TRIALS):
        value, slope = profile.at(held)
        root = math.sqrt(max(0.0, 2.0 * (best - value)))
        if root >= root_drop:
            outside = held
        else:
            inside = held
        falling = -slope * outward
        on_top = root < FLAT * root_drop  # where the root has no useful slope
        move = math.inf if on_top or falling <= 0.0 else (root_drop - root) * root / falling
        if root < root_drop and move > reach:
            move, reach = reach, 2.0 * reach
        candidate = held + outward * move
        if abs(move) <= LAST_MOVE * (1.0 + abs(held)):
            return candidate
        if inside is not None and outside is not None:
            low, high = min(inside, outside), max(inside, outside)
            if not low < candidate < high:
                candidate = (low + high) / 2.0
            if high - low <= 1e-12 * (1.0 + abs(held)):
                return candidate
        elif outside is not None and not math.isfinite(candidate):
            candidate = held - outward * reach
            reach *= 2.0
        held = candidate
    raise StatisticsError(f"the profile-likelihood limit is not found within {MOST_TRIALS} trials")
