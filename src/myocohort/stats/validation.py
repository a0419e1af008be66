"""Optimism of a model by Harrell's bootstrap, with the choice of its terms inside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.parallel import Progress, map_chunks
from myocohort.stats.design import INTERCEPT, FloatArray
from myocohort.stats.selection import Rule, check_backward, choose_many, selection_warnings
from myocohort.stats.validation_data import BoolArray, Candidates, make_candidates
from myocohort.stats.validation_fits import (
    METHODS,
    REASONS,
    SEPARATED,
    Method,
    count_reasons,
    fit_many,
)
from myocohort.stats.validation_inclusion import inclusion
from myocohort.stats.validation_measures import SLOPE, linear_predictors, performance
from myocohort.stats.validation_resamples import (
    Outcome,
    Task,
    draw_resamples,
    given_resamples,
    join,
    run_chunk,
)
from myocohort.stats.validation_result import NO_MODEL, Measure, Validation, measures_of

QUESTION = "How well will the model foretell the outcome of new patients like these?"
REFERENCE = (
    "Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-387; "
    "Steyerberg EW et al. J Clin Epidemiol 2001;54:774-781"
)
FEW_LEFT = 0.95  # share of resamples with a value below which the reader is warned
FEWEST = 2  # rows with the outcome, and without it, below which nothing is validated


def validate(
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
    resamples: int = 1000,
    seed: int = 1,
    resampled: ArrayLike | None = None,
    workers: int | str = 1,
    progress: Progress | None = None,
    question: str = QUESTION,
) -> Validation:
    """Estimate how much better a model looks in its own data than it is.

    In each bootstrap resample terms are chosen anew by the same rule, the model is fitted,
    and its performance in the resample is compared with that in the data; the mean
    difference is the optimism.

    Parameters
    ----------
    X, y, names
        Candidates, shape (rows, candidates); outcome, 0 or 1; names. Rows with NaN in any
        candidate are left out and counted.
    kinds
        "binary" or "number" for each candidate (which test screens it); by default binary if
        it has two values.
    terms
        Terms of a model fixed beforehand, among the names; all of them by default. Not
        together with screen or backward.
    screen, backward, stay
        How terms are chosen (see `selection.Rule`).
    method
        "firth" or "ml", of the fit and of an elimination.
    resamples, seed
        How many resamples are drawn, and the seed, a whole number of at least 0. The answer
        does not depend on `workers`.
    resampled
        How often each complete row is in each resample, shape (resamples, rows), in place of
        drawing them.
    workers, progress
        See `parallel.map_chunks`.
    question
        What is asked, in words.

    Returns
    -------
    Validation
        Without an interval of the corrected figures.

    Raises
    ------
    StatisticsError
        If the data are unfit (see `make_candidates`), terms are unknown, the rule is
        impossible, fewer than two rows have the outcome or fewer than two have it not, the
        resamples are fewer than 10 or do not fit the rows, or the data
        themselves give no model (as under separation with "ml"); the message says why.
    MyocohortError
        If seed or workers are not what they should be.

    References
    ----------
    Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-387, section 5. Steyerberg EW et al.
    J Clin Epidemiol 2001;54:774-781.
    """
    rule = Rule(screen=screen, backward=backward, stay=stay, method=method)
    data = chosen_data(X, y, names, kinds, terms, rule)
    model = fit_in_data(data, rule)
    if min(data.n_events, data.n - data.n_events) < FEWEST:
        # a resample would have the same one again, in which the model was made
        raise StatisticsError(
            f"{data.n_events} of {data.n} complete rows have the outcome; optimism is estimated "
            f"from {FEWEST} with it and {FEWEST} without it on"
        )
    task = Task(data, rule, model.columns)
    chunks = (
        draw_resamples(resamples, seed, data.n)
        if resampled is None
        else given_resamples(resampled, data.n)
    )
    count = sum(map(len, chunks))
    answer = join(map_chunks(partial(run_chunk, task), chunks, workers=workers, progress=progress))
    whole, fixed = answer.whole, answer.fixed if model.columns.any() else None
    measures = measures_of(model.apparent, whole)
    corrected = measures[0].corrected
    return Validation(
        question=question,
        method=(
            f"Bootstrap optimism correction (Harrell), {count} resamples; logistic regression, "
            f"{METHODS[method]}; {rule.label or 'terms fixed beforehand'}"
        ),
        n=data.n,
        n_missing=data.n_missing,
        estimate=corrected,
        estimate_name="optimism-corrected c-statistic" if corrected is not None else None,
        warnings=(*selection_warnings(data), *_warnings(model, rule, count, whole, measures)),
        reference=REFERENCE,
        rule=rule.label,
        candidates=data.names,
        terms=data.chosen(model.columns),
        coefficients=model.named(data),
        events=data.n_events,
        resamples=count,
        seed=seed if resampled is None else None,
        measures=measures,
        fixed_measures=measures_of(model.apparent, fixed) if fixed else (),
        failed=count_reasons(whole.reasons),
        fixed_failed=count_reasons(fixed.reasons) if fixed else {},
        inclusion=inclusion(data, answer.choices, screened=screen is not None)
        if rule.label
        else None,
        notes=_notes(rule),
    )


class ModelInData(NamedTuple):
    """The model in the data themselves.

    Parameters
    ----------
    columns
        Candidates that are in it.
    coefficients
        The intercept first, 0 for candidates that are not in.
    apparent
        Its performance there, shape (measures,).
    """

    columns: BoolArray
    coefficients: FloatArray
    apparent: FloatArray

    def named(self, data: Candidates) -> dict[str, float]:
        """Return the coefficients of its terms by name."""
        slopes = zip(data.names, self.coefficients[1:], self.columns, strict=True)
        return {
            INTERCEPT: float(self.coefficients[0]),
            **{name: float(b) for name, b, inside in slopes if inside},
        }


def chosen_data(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    kinds: Sequence[str] | None,
    terms: Sequence[str] | None,
    rule: Rule,
) -> Candidates:
    """Return the complete rows of the columns that a validation is about.

    Raises
    ------
    StatisticsError
        If they are unfit, terms are unknown, or given together with a rule that chooses.
    """
    if terms is None:
        data = make_candidates(X, y, names, kinds)
    else:
        if rule.label:
            raise StatisticsError(
                "terms fixed beforehand are not chosen: give terms, or screen and backward"
            )
        unknown = [str(term) for term in terms if term not in names]
        if unknown or not terms:
            raise StatisticsError(
                f"terms are some of {', '.join(map(str, names))}; "
                f"found {', '.join(unknown) or 'none'}"
            )
        every = make_candidates(X, y, names, kinds)
        places = [every.names.index(term) for term in terms]
        data = make_candidates(
            np.asarray(X, dtype=np.float64)[:, places],
            y,
            [every.names[i] for i in places],
            [every.kinds[i] for i in places],
        )
    check_backward(data, rule)
    return data


def fit_in_data(data: Candidates, rule: Rule) -> ModelInData:
    """Choose terms in the data by the rule, fit the model, and measure it there.

    Raises
    ------
    StatisticsError
        If there is no model.
    """
    once = np.ones((1, data.n))
    choices = choose_many(data, once, rule)
    coefficients, reasons = fit_many(rule.method, data.X, data.y, once, choices.columns)
    reason = int(choices.reasons[0] or reasons[0])
    if reason:
        advice = "Use Firth's method" if reason == SEPARATED else "Use fewer or other terms"
        raise StatisticsError(
            f"no model in the data themselves ({', '.join(data.chosen(choices.columns[0]))}): "
            f"{REASONS[reason]}. {advice}"
        )
    apparent = performance(linear_predictors(data.X, coefficients), data.y, once)
    return ModelInData(choices.columns[0], coefficients[0], apparent[0])


def _warnings(
    model: ModelInData, rule: Rule, count: int, whole: Outcome, measures: Sequence[Measure]
) -> tuple[str, ...]:
    warnings = []
    if not model.columns.any():
        warnings.append(
            "no candidate was chosen in the data: the model is its intercept, which tells no "
            "patient from another; slope and intercept of calibration have no apparent value"
        )
    if np.isinf(model.apparent[SLOPE]):
        warnings.append(
            "the model separates the outcomes in the data, so that the apparent calibration "
            "slope is infinite and no corrected one is given"
        )
    failed = count_reasons(whole.reasons)
    if failed:
        reasons = "; ".join(f"{number} because {reason}" for reason, number in failed.items())
        warnings.append(
            f"{sum(failed.values())} of {count} resamples gave no model ({reasons}); they "
            f"enter no measure"
        )
    if sum(failed.values()) > (1.0 - FEW_LEFT) * count:
        advice = "; Firth's method fits separated resamples too" if rule.method == "ml" else ""
        warnings.append(
            f"the resamples that gave a model are those in which it was easy to fit, so that "
            f"the corrected figures are too favourable{advice}"
        )
    for measure in measures:
        missing = sum(measure.left_out.values()) - sum(failed.values())
        if measure.resamples < FEW_LEFT * count and missing > 0:
            reasons = "; ".join(
                f"{reason}: {number}"
                for reason, number in measure.left_out.items()
                if reason != NO_MODEL
            )
            warnings.append(
                f"the optimism of the {measure.name} rests on {measure.resamples} of {count} "
                f"resamples ({reasons}), so that it may be too small"
                if measure.resamples
                else f"no resample has an optimism of the {measure.name} ({reasons}), so that "
                f"none is given"
            )
    return tuple(warnings)


def _notes(rule: Rule) -> tuple[str, ...]:
    notes = [
        "slope and intercept of calibration: logistic regression, by maximum likelihood, of the "
        "outcome on the linear predictor; both are measured in the resample and in the data",
        "no interval is given for corrected figures: no method for it could be checked against "
        "another program",
    ]
    if rule.method == "ml":
        notes.append("by maximum likelihood the slope is 1 and the intercept 0 in the own data")
    if rule.screen is not None:
        notes.append(
            "candidates that are the same throughout a resample have no p there and are not chosen"
        )
    return tuple(notes)
