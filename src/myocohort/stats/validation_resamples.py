"""Bootstrap resamples: drawn or given, and the models made in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.parallel import chunk_sizes, spawn_seeds
from myocohort.stats.design import FloatArray
from myocohort.stats.selection import Choices, Rule, choose_many
from myocohort.stats.validation_data import BoolArray, Candidates
from myocohort.stats.validation_fits import Reasons, fit_many
from myocohort.stats.validation_measures import MEASURES, linear_predictors, performance

FEWEST_RESAMPLES = 10
MOST_PER_CHUNK = 250
MOST_NUMBERS = 500_000  # rows times resamples in a chunk

Counts = NDArray[np.int32]


class Task(NamedTuple):
    """What every chunk of resamples needs to know.

    Parameters
    ----------
    data
        Candidates and outcome.
    rule
        How terms are chosen.
    terms
        Columns of the model in the data, validated as fixed too if the rule chooses.
    """

    data: Candidates
    rule: Rule
    terms: BoolArray


class Outcome(NamedTuple):
    """Performance of the models of many resamples.

    Parameters
    ----------
    trained, tested
        In the resample and in the data, shape (resamples, measures); NaN where there is no
        model, and see `performance`.
    reasons
        Why there is no model, a place in `REASONS`, shape (resamples,).
    """

    trained: FloatArray
    tested: FloatArray
    reasons: Reasons


class Answer(NamedTuple):
    """What is known of some resamples.

    Parameters
    ----------
    choices
        The terms that were chosen.
    whole, fixed
        Outcome of the whole procedure, and of the terms of the model in the data; None
        without a rule.
    """

    choices: Choices
    whole: Outcome
    fixed: Outcome | None


def draw_resamples(resamples: int, seed: int, rows: int) -> list[Counts]:
    """Draw bootstrap resamples: how often each row is in each, in chunks.

    The chunks depend on the number of rows only, each with a seed of its own.

    Raises
    ------
    StatisticsError
        If the number of resamples is not a whole number of at least 10.
    MyocohortError
        If the seed is not one.
    """
    whole = isinstance(resamples, int | np.integer) and not isinstance(resamples, bool)
    if not whole or resamples < FEWEST_RESAMPLES:
        raise StatisticsError(
            f"resamples is a whole number of at least {FEWEST_RESAMPLES}; found {resamples!r}"
        )
    sizes = chunk_sizes(int(resamples), _largest_chunk(rows))
    chances = np.full(rows, 1.0 / rows)
    return [
        np.random.default_rng(own).multinomial(rows, chances, size=size).astype(np.int32)
        for own, size in zip(spawn_seeds(seed, len(sizes)), sizes, strict=True)
    ]


def given_resamples(resampled: ArrayLike, rows: int) -> list[Counts]:
    """Check resamples made elsewhere, and split them into chunks.

    Raises
    ------
    StatisticsError
        If their shape does not fit, they do not hold counts, or one of them is empty.
    """
    try:
        counts = np.asarray(resampled, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("resampled holds whole numbers: how often each row is in") from error
    if counts.ndim != 2 or counts.shape[1] != rows or not len(counts):
        raise StatisticsError(
            f"resampled comes as resamples by {rows} complete rows; found shape {counts.shape}"
        )
    right = (counts >= 0) & (counts == np.floor(counts)) & (counts < 2**31)
    if not right.all() or not counts.any(axis=1).all():
        raise StatisticsError(
            "resampled holds whole numbers of at least 0, and in each resample at least one row"
        )
    ends = np.cumsum(chunk_sizes(len(counts), _largest_chunk(rows)))
    return np.split(counts.astype(np.int32), ends[:-1])


def _largest_chunk(rows: int) -> int:
    return max(1, min(MOST_PER_CHUNK, MOST_NUMBERS // rows))


def run_chunk(task: Task, counts: Counts) -> Answer:
    """Validate in some resamples: the whole procedure, and its terms as if fixed beforehand."""
    weights = counts.astype(np.float64)
    choices = choose_many(task.data, weights, task.rule)
    whole = _compare(task, weights, choices.columns, choices.reasons)
    if not task.rule.label:
        return Answer(choices, whole, None)
    fixed = np.broadcast_to(task.terms, choices.columns.shape)
    return Answer(
        choices, whole, _compare(task, weights, fixed, np.zeros(len(weights), dtype=np.int8))
    )


def _compare(task: Task, weights: FloatArray, columns: BoolArray, reasons: Reasons) -> Outcome:
    data, reasons = task.data, reasons.copy()
    trained, tested = np.full((2, len(weights), len(MEASURES)), np.nan)
    chosen = np.flatnonzero(reasons == 0)
    coefficients, obstacles = fit_many(
        task.rule.method, data.X, data.y, weights[chosen], columns[chosen]
    )
    reasons[chosen] = obstacles
    fitted = chosen[obstacles == 0]
    if len(fitted):
        log_odds = linear_predictors(data.X, coefficients[obstacles == 0])
        trained[fitted] = performance(log_odds, data.y, weights[fitted])
        tested[fitted] = performance(log_odds, data.y, np.ones_like(log_odds))
    return Outcome(trained, tested, reasons)


def join(answers: list[Answer]) -> Answer:
    """Return the answers to all chunks as one."""
    choices = [answer.choices for answer in answers]
    fixed = [answer.fixed for answer in answers if answer.fixed is not None]
    return Answer(
        Choices(
            np.concatenate([part.columns for part in choices]),
            np.concatenate([part.p for part in choices]),
            np.concatenate([part.reasons for part in choices]),
            (),
        ),
        _joined([answer.whole for answer in answers]),
        _joined(fixed) if fixed else None,
    )


def _joined(parts: list[Outcome]) -> Outcome:
    return Outcome(
        np.concatenate([part.trained for part in parts]),
        np.concatenate([part.tested for part in parts]),
        np.concatenate([part.reasons for part in parts]),
    )
