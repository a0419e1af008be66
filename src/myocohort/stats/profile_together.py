"""Profile likelihoods of all coefficients at once, where Newton's method meets no obstacle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from myocohort.errors import StatisticsError
from myocohort.stats.batched import Heights, Problems, information_slopes, make_problems
from myocohort.stats.design import Design, FloatArray
from myocohort.stats.likelihood import Evaluate, Point
from myocohort.stats.profile import ProfileAnswer, profile_of_finite
from myocohort.stats.terms import profile_failed

MOST_STEPS = 12
MOST_NUMBERS = 50_000_000  # patterns times coefficients cubed, above which space runs out
LAST_STEP = 1e-11  # squared length, in standard errors, of a step whose successor is not needed
SHRINKING = 0.25  # of a step's squared length, from one step to the next, without obstacles


def profiles_of_finite(
    design: Design,
    best: Point,
    errors: FloatArray,
    drop: float,
    *,
    together: Callable[[Problems, FloatArray], Heights],
    alone: Callable[[FloatArray, FloatArray, FloatArray], Evaluate],
) -> list[ProfileAnswer]:
    """Profile every coefficient of a model whose estimates are all finite.

    Parameters
    ----------
    design
        The design.
    best
        The maximum of the log-likelihood, on the scale of the design.
    errors
        Standard error of each coefficient in its own unit, to know where to look first.
    drop
        Quantile of chi-square with one degree of freedom for the coverage.
    together, alone
        The log-likelihood at many places of one problem, and at one place.

    Returns
    -------
    list of ProfileAnswer
        One of each coefficient, in its own unit.

    Raises
    ------
    StatisticsError
        If a limit is not found.
    """
    size = len(design.names)
    at_once: list[ProfileAnswer | None] = [None] * size
    if size**3 * max(len(design.X), 3 * size) <= MOST_NUMBERS:
        problems = make_problems(design.X, design.trials, design.events)
        at_once = profile_together(
            lambda beta: together(problems, beta),
            best,
            design.to_units,
            drop,
            information_slopes(problems, best.beta[np.newaxis])[0],
        )
    answers = []
    for column, answer in enumerate(at_once):
        if answer is None:
            held = design.holding(column, best.beta)
            try:
                answer = profile_of_finite(
                    alone(held.X, design.trials, design.events),
                    held.beta,
                    best.value,
                    drop,
                    float(errors[column]) / abs(held.unit),
                ).times(held.unit)
            except StatisticsError as reason:
                raise profile_failed(design.names[column], reason) from reason
        answers.append(answer)
    return answers


@np.errstate(over="ignore", invalid="ignore")  # a step into nowhere ends in the careful search
def profile_together(
    evaluate: Callable[[FloatArray], Heights],
    best: Point,
    combinations: FloatArray,
    drop: float,
    slopes: FloatArray,
) -> list[ProfileAnswer | None]:
    """Profile combinations of the coefficients of one model whose estimates are finite.

    Where the profile of c'beta has fallen by `drop` / 2, or c'beta is 0, the score is a
    multiple of c. These equations are solved for all c, both limits and 0 in one Newton
    iteration, from where a likelihood with the same second and third derivatives has the
    answers. A combination for which any step does not shrink fast, or the likelihood is not
    concave on the way, is left to the careful search of `profile_of_finite`.

    Parameters
    ----------
    evaluate
        The log-likelihood at many places, shape (places, coefficients).
    best
        Its maximum.
    combinations
        One combination of coefficients in each row.
    drop
        Quantile of chi-square with one degree of freedom for the coverage.
    slopes
        Derivatives of the information at the maximum, shape (size, size, size): the third
        derivatives of the log-likelihood, but for the sign and a penalty.

    Returns
    -------
    list of ProfileAnswer or None
        One of each combination, in its own unit; None where the search has to be careful.

    References
    ----------
    Venzon DJ, Moolgavkar SH. Appl Stat 1988;37:87-94.
    """
    number, size = combinations.shape
    c = np.concatenate((combinations, combinations, combinations))
    outward = np.repeat((-1.0, 1.0, 0.0), number)
    at_zero = outward == 0.0
    estimate = c @ best.beta
    inverse = np.linalg.inv(best.curvature)
    home = c @ inverse
    variance = np.vecdot(c, home)
    move = np.where(at_zero, -estimate / variance, outward * np.sqrt(drop / variance))
    bend = np.einsum("mi,ijk,mj->mk", home, slopes, home)
    further = move * np.where(at_zero, 1 / 2, 1 / 3) * np.vecdot(bend, home) / variance
    along = (move * (1.0 + further))[:, np.newaxis] * home
    beta = best.beta + along - 0.5 * move[:, np.newaxis] ** 2 * (bend @ inverse)
    target = best.value - drop / 2.0
    sound = np.ones(len(c), dtype=np.bool_)
    shortest = np.full(len(c), np.inf)
    for _ in range(MOST_STEPS):
        here = evaluate(beta)
        curvature, score = here.curvature, here.score
        sound &= np.isfinite(here.value) & (np.linalg.slogdet(curvature)[0] > 0.0)
        curvature[~sound] = np.eye(size)
        inverse = np.linalg.inv(curvature)
        along = np.vecdot(inverse, score[:, np.newaxis])
        across = np.vecdot(inverse, c[:, np.newaxis])
        variance = np.vecdot(c, across)
        sound &= variance > 0.0
        variance[~sound] = 1.0
        # of the parabola through this place: its top, and the multiples of c that lead there
        rise = 0.5 * np.vecdot(score, along)
        limit = np.maximum(0.0, 2.0 * (here.value + rise - target) / variance) ** 0.5
        multiple = np.where(at_zero, np.vecdot(c, beta + along) / variance, -outward * limit)
        step = along - multiple[:, np.newaxis] * across
        length = np.vecdot(score - multiple[:, np.newaxis] * c, step)
        arrived = length <= LAST_STEP
        sound &= arrived | (length < SHRINKING * shortest)
        shortest = length
        beta = np.where(sound[:, np.newaxis], beta + step, best.beta)
        if (arrived | ~sound).all():
            break
    value = here.value + np.vecdot(score, step) - 0.5 * length
    sound &= arrived & (np.linalg.eigvalsh(curvature)[:, 0] > 0.0)
    held = np.vecdot(c, beta)
    sound &= outward * (held - estimate) >= 0.0
    deviance = np.maximum(0.0, 2.0 * (best.value - value))
    return [
        ProfileAnswer(float(held[low]), float(held[high]), float(deviance[zero]))
        if sound[low] and sound[high] and sound[zero]
        else None
        for low, high, zero in np.arange(3 * number).reshape(3, number).T
    ]
