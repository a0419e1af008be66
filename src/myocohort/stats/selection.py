"""Choosing the terms of a model from candidates: screening and backward elimination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from myocohort.errors import StatisticsError
from myocohort.stats.design import FloatArray
from myocohort.stats.p_values import from_chi_square_1
from myocohort.stats.result import Result
from myocohort.stats.validation_data import BoolArray, Candidates, make_candidates
from myocohort.stats.validation_fits import (
    METHODS,
    NOT_CONVERGED,
    ONE_OUTCOME,
    Method,
    Reasons,
    check_method,
    one_outcome,
)
from myocohort.stats.validation_lrt import likelihood_ratios
from myocohort.stats.validation_screening import screening_p

QUESTION = "Which of the candidates are chosen for the model?"
REFERENCE = (
    "Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, section 4.3; "
    "Heinze G, Wallisch C, Dunkler D. Biom J 2018;60:431-449"
)
AIC_LIMIT = 2.0  # a term improves AIC if twice its log-likelihood ratio exceeds this


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How terms are chosen from candidates: screening first, if any, then elimination, if any.

    Parameters
    ----------
    screen
        A candidate enters if its univariable p is strictly below this; None for no screening.
    backward
        None, "p" (the term with the largest likelihood-ratio p leaves while that is above
        `stay`) or "aic" (the term whose removal lowers AIC most leaves while one does).
    stay
        See `backward`.
    method
        "ml" or "firth": whose likelihood the elimination compares. For Firth the penalty
        keeps the columns of the term that is tested; AIC is defined for "ml" only.
    """

    screen: float | None = None
    backward: Literal["p", "aic"] | None = None
    stay: float = 0.05
    method: Method = "firth"

    def __post_init__(self) -> None:
        check_method(self.method)
        for what, share in (("a screening threshold", self.screen), ("stay", self.stay)):
            if share is not None and not 0.0 < share <= 1.0:
                raise StatisticsError(f"{what} lies between 0 and 1; found {share!r}")
        if self.backward not in (None, "p", "aic"):
            raise StatisticsError(f"backward is p, aic or None; found {self.backward!r}")
        if self.backward == "aic" and self.method != "ml":
            raise StatisticsError(
                "AIC is defined for maximum likelihood, and Firth's penalty changes with the "
                "terms. Use backward 'p', or method 'ml'"
            )

    @property
    def label(self) -> str:
        """The rule in words; empty if it chooses nothing."""
        parts = []
        if self.screen is not None:
            parts.append(
                f"screening at p < {self.screen:g} (Pearson chi-square without continuity "
                f"correction of binary candidates, Mann-Whitney of numbers)"
            )
        if self.backward == "p":
            test = "penalised likelihood-ratio" if self.method == "firth" else "likelihood-ratio"
            parts.append(f"backward elimination of terms with {test} p > {self.stay:g}")
        if self.backward == "aic":
            parts.append("backward elimination by AIC (maximum likelihood)")
        return ", then ".join(parts)


class Choices(NamedTuple):
    """What a rule chose in many resamples.

    Parameters
    ----------
    columns
        Which candidates, shape (resamples, candidates).
    p
        Their univariable p values, NaN where untestable or not screened; same shape.
    reasons
        Why a resample has no choice, a place in `REASONS`; 0 where it has one.
    removals
        For each step of the elimination: resample, candidate, and likelihood-ratio statistic.
    """

    columns: BoolArray
    p: FloatArray
    reasons: Reasons
    removals: tuple[tuple[NDArray[np.intp], NDArray[np.intp], FloatArray], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One step of a backward elimination.

    Parameters
    ----------
    name
        The term that left.
    statistic, p
        Its likelihood-ratio chi-square (penalised for Firth) with one degree of freedom.
    """

    name: str
    statistic: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(Result):
    """The terms that a rule chooses.

    Parameters
    ----------
    candidates, terms
        All candidates, and those chosen.
    screening
        Univariable p of each candidate, None where untestable; empty without screening.
    removals
        Steps of the elimination, in order.
    """

    candidates: tuple[str, ...]
    terms: tuple[str, ...]
    screening: Mapping[str, float | None] = field(default_factory=dict)
    removals: tuple[Removal, ...] = ()


def select(
    X: ArrayLike,
    y: ArrayLike,
    names: Sequence[str],
    *,
    kinds: Sequence[str] | None = None,
    screen: float | None = None,
    backward: Literal["p", "aic"] | None = None,
    stay: float = 0.05,
    method: Method = "firth",
    question: str = QUESTION,
) -> Selection:
    """Choose the terms of a logistic regression from candidates.

    Choosing by the data makes estimates, intervals and p values of the model that follows
    too optimistic; `validate` with the same rule shows by how much.

    Parameters
    ----------
    X, y, names
        Candidates, shape (rows, candidates); outcome, 0 or 1; names. Rows with NaN are left
        out and counted.
    kinds
        "binary" or "number" for each candidate; by default binary if it has two values.
    screen, backward, stay, method
        See `Rule`; at least one of screen and backward is given.
    question
        What is asked, in words.

    Returns
    -------
    Selection
        With p None: no single test stands for a choice.

    Raises
    ------
    StatisticsError
        If the data are unfit (see `make_candidates`), the rule is impossible or chooses
        nothing because it is empty, or the elimination has no fit to start from.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, section 4.3.
    Heinze G, Wallisch C, Dunkler D. Biom J 2018;60:431-449.
    """
    rule = Rule(screen=screen, backward=backward, stay=stay, method=method)
    if not rule.label:
        raise StatisticsError("nothing is chosen without a rule: give screen, backward or both")
    data = make_candidates(X, y, names, kinds)
    check_backward(data, rule)
    choices = choose_many(data, np.ones((1, data.n)), rule)
    if choices.reasons[0]:
        raise StatisticsError(
            f"the elimination cannot begin: the model with all "
            f"{len(names) if screen is None else 'screened'} candidates has no maximum of its "
            f"penalised likelihood. Use fewer candidates"
        )
    p = [None if np.isnan(value) else float(value) for value in choices.p[0]]
    removals = tuple(
        Removal(
            name=data.names[int(column[0])],
            statistic=float(statistic[0]),
            p=from_chi_square_1(float(statistic[0])),
        )
        for _, column, statistic in choices.removals
    )
    return Selection(
        question=question,
        method=f"{rule.label}; {METHODS[method]}" if backward else rule.label,
        n=data.n,
        n_missing=data.n_missing,
        warnings=selection_warnings(data),
        reference=REFERENCE,
        candidates=data.names,
        terms=data.chosen(choices.columns[0]),
        screening=dict(zip(data.names, p, strict=True)) if screen is not None else {},
        removals=removals,
    )


def check_backward(data: Candidates, rule: Rule) -> None:
    """Refuse an elimination from all candidates where they are too many for the rows.

    Raises
    ------
    StatisticsError
        If there are.
    """
    if rule.backward and rule.screen is None and data.n < len(data.names) + 1:
        raise StatisticsError(
            f"backward elimination starts from all {len(data.names)} candidates, which "
            f"{data.n} rows cannot carry. Use fewer candidates, or screen them first"
        )


def selection_warnings(data: Candidates) -> tuple[str, ...]:
    """Warn of rows left out and of candidates that nothing can be said about."""
    warnings = []
    if data.n_missing:
        rows = "row was" if data.n_missing == 1 else "rows were"
        warnings.append(
            f"{data.n_missing} {rows} left out because a candidate or the outcome is missing; "
            f"{data.n} entered"
        )
    if data.constant:
        warnings.append(
            f"the same in all {data.n} rows, so never chosen: {', '.join(data.constant)}"
        )
    return tuple(warnings)


def choose_many(data: Candidates, weights: FloatArray, rule: Rule) -> Choices:
    """Choose terms in each resample by the same rule.

    Parameters
    ----------
    data
        Candidates and outcome.
    weights
        How often each row is in each resample, shape (resamples, rows).
    rule
        The rule; with neither screening nor elimination all candidates are chosen.
    """
    shape = (len(weights), len(data.names))
    reasons = np.where(one_outcome(data.y, weights), ONE_OUTCOME, 0).astype(np.int8)
    p, columns = np.full(shape, np.nan), np.ones(shape, dtype=np.bool_)
    if rule.screen is not None:
        p = screening_p(data.X, data.y, weights, data.kinds)
        columns = p < rule.screen
    removals: list[tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]] = []
    if rule.backward:
        columns &= data.X.min(axis=0) < data.X.max(axis=0)
        limit = AIC_LIMIT if rule.backward == "aic" else float(special.chdtri(1, rule.stay))
        left = np.flatnonzero((reasons == 0) & columns.any(axis=1))
        while len(left):
            statistics = likelihood_ratios(
                data.X, data.y, weights[left], columns[left], rule.method
            )
            lost = np.isnan(statistics).any(axis=1)
            reasons[left[lost]] = NOT_CONVERGED
            worst = np.where(lost, 0, statistics.argmin(axis=1))
            smallest = statistics[np.arange(len(left)), worst]
            leaving = ~lost & (smallest < limit)
            at, out = left[leaving], worst[leaving].astype(np.intp)
            if len(at):
                columns[at, out] = False
                removals.append((at, out, smallest[leaving]))
            left = at[columns[at].any(axis=1)]
    return Choices(columns, p, reasons, tuple(removals))
