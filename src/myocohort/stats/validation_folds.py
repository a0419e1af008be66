"""Repeated cross-validation of a model, with the choice of its terms inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myocohort.errors import StatisticsError
from myocohort.parallel import Progress, chunk_sizes, map_chunks, spawn_seeds
from myocohort.stats.design import FloatArray
from myocohort.stats.result import Result
from myocohort.stats.selection import Rule, choose_many, selection_warnings
from myocohort.stats.validation import QUESTION, chosen_data, fit_in_data
from myocohort.stats.validation_data import Candidates
from myocohort.stats.validation_fits import METHODS, Method, Reasons, count_reasons, fit_many
from myocohort.stats.validation_measures import MEASURES, linear_predictors, performance

REFERENCE = (
    "Stone M. J R Stat Soc B 1974;36:111-147; Steyerberg EW et al. J Clin Epidemiol 2001;54:774-781"
)
MOST_NUMBERS = 500_000  # rows times fits in a chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidated:
    """One measure of performance, apparent and cross-validated.

    Parameters
    ----------
    name
        "c-statistic", "Brier score", "calibration slope" or "calibration intercept".
    apparent
        In the data that the model was made from; None where it has no value.
    mean, sd
        Of the repeats, each measured on the predictions of all its folds together; sd is
        None for a single repeat.
    repeats
        How many entered.
    """

    name: str
    apparent: float | None
    mean: float | None
    sd: float | None
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidation(Result):
    """A model cross-validated; `estimate` is the cross-validated c-statistic.

    Parameters
    ----------
    rule
        How the terms are chosen, in words; empty if they were given.
    candidates, terms
        Candidates, and terms of the model in the data.
    events
        Rows with the outcome.
    folds, repeats, seed
        Parts that the rows are divided into, how often, and from which seed.
    measures
        In the order of `MEASURES`.
    failed
        Folds whose training rows gave no model, by reason; their repeats enter no measure.
    """

    rule: str
    candidates: tuple[str, ...]
    terms: tuple[str, ...]
    events: int
    folds: int
    repeats: int
    seed: int
    measures: tuple[CrossValidated, ...]
    failed: Mapping[str, int]

    def measure(self, name: str) -> CrossValidated:
        """Return one of the measures by its name."""
        return next(measure for measure in self.measures if measure.name == name)


class FoldTask(NamedTuple):
    """What every chunk of repeats needs to know: data, rule, and number of folds."""

    data: Candidates
    rule: Rule
    folds: int


def cross_validate(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    kinds: Sequence[str] | None = None,
    terms: Sequence[str] | None = None,
    screen: float | None = None,
    backward: Literal["p", "aic"] | None = None,
    stay: float = 0.05,
    method: Method = "firth",
    folds: int = 10,
    repeats: int = 50,
    seed: int = 1,
    workers: int | str = 1,
    progress: Progress | None = None,
    question: str = QUESTION,
) -> CrossValidation:
    """Estimate the performance of a model in rows that it was not made from.

    The rows are divided at random into folds of nearly equal size and nearly equal share of
    events; for each fold terms are chosen and the model is fitted in the other folds. The
    predictions of all folds of a repeat are measured together, because single folds of a
    small cohort hold too few events.

    Parameters
    ----------
    X, y, names, kinds, terms, screen, backward, stay, method, workers, progress, question
        As in `validate`.
    folds
        From 2 to the number of complete rows; that number is leave-one-out.
    repeats
        How often the rows are divided anew; 1 for leave-one-out.
    seed
        A whole number of at least 0.

    Returns
    -------
    CrossValidation
        A repeat with a fold that gives no model is counted and enters no measure.

    Raises
    ------
    StatisticsError
        As in `validate`, and if folds or repeats are impossible.
    MyocohortError
        If seed or workers are not what they should be.

    References
    ----------
    Stone M. J R Stat Soc B 1974;36:111-147. Steyerberg EW et al. J Clin Epidemiol
    2001;54:774-781.
    """
    rule = Rule(screen=screen, backward=backward, stay=stay, method=method)
    data = chosen_data(X, y, names, kinds, terms, rule)
    _check_folds(folds, repeats, data.n)
    model = fit_in_data(data, rule)
    # depends on the data only, never on the number of workers
    sizes = chunk_sizes(repeats, max(1, MOST_NUMBERS // (data.n * folds)))
    seeds = spawn_seeds(seed, repeats)
    ends = np.cumsum(sizes)
    answers = map_chunks(
        partial(run_repeats, FoldTask(data, rule, folds)),
        [seeds[end - size : end] for end, size in zip(ends, sizes, strict=True)],
        workers=workers,
        progress=progress,
    )
    found = np.concatenate([values for values, _ in answers])
    failed = count_reasons(np.concatenate([reasons for _, reasons in answers]))
    measures = tuple(
        _summary(name, float(model.apparent[place]), found[:, place])
        for place, name in enumerate(MEASURES)
    )
    kind = "Leave-one-out" if folds == data.n else f"{folds}-fold"
    times = "" if repeats == 1 else f", {repeats} repeats"
    return CrossValidation(
        question=question,
        method=(
            f"{kind} cross-validation{times}, folds stratified by outcome, predictions pooled "
            f"within each repeat; logistic regression, {METHODS[method]}; "
            f"{rule.label or 'terms fixed beforehand'}"
        ),
        n=data.n,
        n_missing=data.n_missing,
        estimate=measures[0].mean,
        estimate_name="cross-validated c-statistic" if measures[0].repeats else None,
        warnings=(*selection_warnings(data), *_warnings(failed, measures, repeats, folds)),
        reference=REFERENCE,
        rule=rule.label,
        candidates=data.names,
        terms=data.chosen(model.columns),
        events=data.n_events,
        folds=folds,
        repeats=repeats,
        seed=seed,
        measures=measures,
        failed=failed,
    )


def _check_folds(folds: int, repeats: int, rows: int) -> None:
    for what, value in (("folds", folds), ("repeats", repeats)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise StatisticsError(f"{what} is a whole number; found {value!r}")
    if not 2 <= folds <= rows:
        raise StatisticsError(f"folds is from 2 to the {rows} complete rows; found {folds}")
    if repeats < 1 or (folds == rows and repeats > 1):
        raise StatisticsError(
            f"repeats is at least 1, and 1 where every row is a fold; found {repeats}"
        )


def run_repeats(
    task: FoldTask, seeds: Sequence[np.random.SeedSequence]
) -> tuple[FloatArray, Reasons]:
    """Return the performance in each repeat, NaN where a fold fails, and the folds' reasons."""
    data, rows = task.data, len(task.data.y)
    places = np.stack([deal(np.random.default_rng(seed), data.y, task.folds) for seed in seeds])
    fold = places[:, np.newaxis] == np.arange(task.folds)[:, np.newaxis]
    weights = (~fold).reshape(-1, rows).astype(np.float64)
    choices = choose_many(data, weights, task.rule)
    reasons = choices.reasons.copy()
    chosen = np.flatnonzero(reasons == 0)
    coefficients = np.zeros((len(weights), data.X.shape[1] + 1))
    found, reasons[chosen] = fit_many(
        task.rule.method, data.X, data.y, weights[chosen], choices.columns[chosen]
    )
    coefficients[chosen] = np.nan_to_num(found)
    log_odds = linear_predictors(data.X, coefficients).reshape(len(seeds), task.folds, rows)
    pooled = np.take_along_axis(log_odds, places[:, np.newaxis], axis=1)[:, 0]
    whole = (reasons == 0).reshape(len(seeds), task.folds).all(axis=1)
    measured = np.full((len(seeds), len(MEASURES)), np.nan)
    if whole.any():
        measured[whole] = performance(pooled[whole], data.y, np.ones((int(whole.sum()), rows)))
    return measured, reasons


def deal(rng: np.random.Generator, y: FloatArray, folds: int) -> NDArray[np.intp]:
    """Return the fold of each row: events, then the others, dealt out in random order."""
    events, others = np.flatnonzero(y > 0), np.flatnonzero(y == 0)
    order = np.concatenate((rng.permutation(events), rng.permutation(others)))
    places = np.empty(len(y), dtype=np.intp)
    places[order] = np.arange(len(y)) % folds
    return places


def _summary(name: str, apparent: float, values: FloatArray) -> CrossValidated:
    known = values[np.isfinite(values)]
    return CrossValidated(
        name=name,
        apparent=None if np.isnan(apparent) else apparent,
        mean=float(known.mean()) if len(known) else None,
        sd=float(known.std(ddof=1)) if len(known) > 1 else None,
        repeats=len(known),
    )


def _warnings(
    failed: Mapping[str, int], measures: Sequence[CrossValidated], repeats: int, folds: int
) -> tuple[str, ...]:
    warnings = []
    if failed:
        reasons = "; ".join(f"{number} because {reason}" for reason, number in failed.items())
        warnings.append(
            f"{sum(failed.values())} of {repeats * folds} folds gave no model ({reasons}); "
            f"{repeats - measures[0].repeats} of {repeats} repeats therefore enter no measure"
        )
    short = [m for m in measures if m.repeats < measures[0].repeats]
    warnings += [
        f"the {m.name} rests on {m.repeats} of {repeats} repeats: in the others the predictions "
        f"are all equal or separate the outcome"
        for m in short
    ]
    return tuple(warnings)
