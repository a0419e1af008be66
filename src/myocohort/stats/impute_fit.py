"""A logistic regression in each of m imputed data sets, and what they say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from myocohort.errors import StatisticsError
from myocohort.stats.chains import Trace
from myocohort.stats.design import INTERCEPT
from myocohort.stats.firth import fit_firth
from myocohort.stats.imputed_terms import (
    ImputedTerm,
    likelihood_ratios,
    pool_term,
    term_columns,
    term_labels,
)
from myocohort.stats.incomplete import Column, Frame, Kind, read_columns
from myocohort.stats.logistic import fit_ml
from myocohort.stats.mice import Imputation, ImputedVariable, Numeric, impute
from myocohort.stats.missing_pattern import MissingPattern, describe_missing
from myocohort.stats.p_values import normal_quantile
from myocohort.stats.pooling import PooledTest, pool_chi_square
from myocohort.stats.result import ModelResult, Result, Separation
from myocohort.stats.terms import FEW_EVENTS

QUESTION = "Which terms go with the outcome, with missing values imputed?"
REFERENCE = (
    "Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987; Barnard J, Rubin DB. "
    "Biometrika 1999;86:948-955; Li KH et al. Stat Sin 1991;1:65-92"
)
Method = Literal["firth", "ml"]
MissingOutcome = Literal["delete", "impute"]
FITS = {"firth": fit_firth, "ml": fit_ml}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImputedFit(Result):
    """A logistic regression pooled over imputed data sets.

    The statistic is D2 of the likelihood ratio against the intercept alone.

    Parameters
    ----------
    terms
        The intercept first.
    tests
        D2 of the likelihood-ratio test of each variable (all its categories together). They
        are of another family than the Wald intervals of the terms.
    overall
        D2 of the whole model.
    m, iterations, seed
        Of the imputation.
    events
        Fewest and most rows with the outcome among the sets.
    separation
        Found in each imputed set.
    separated_sets
        Sets with separation.
    variables
        How each variable was imputed.
    traces, convergence
        What the chains did, and the same in words.
    pattern
        What was missing, also together with the outcome.
    complete_cases
        The same model on complete rows only, for comparison; None if it cannot be fitted.
    complete_cases_reason
        Why not.
    """

    terms: tuple[ImputedTerm, ...]
    tests: tuple[PooledTest, ...]
    overall: PooledTest
    m: int
    iterations: int
    seed: int
    events: tuple[int, int]
    separation: tuple[Separation, ...]
    separated_sets: int
    variables: tuple[ImputedVariable, ...]
    traces: tuple[Trace, ...]
    convergence: str
    pattern: MissingPattern
    complete_cases: ModelResult | None
    complete_cases_reason: str = ""


def impute_fit(
    columns: Frame,
    y: str,
    terms: Sequence[str],
    *,
    auxiliary: Sequence[str] = (),
    m: int = 20,
    iterations: int = 10,
    seed: int,
    method: Method = "firth",
    numeric: Numeric = "pmm",
    missing_outcome: MissingOutcome = "delete",
    kinds: Mapping[str, Kind] | None = None,
    level: float = 0.95,
    question: str = QUESTION,
) -> ImputedFit:
    """Impute, fit a logistic regression in each imputed set, and pool.

    Parameters
    ----------
    columns
        Names with columns of equal length (dict of lists, DataFrame); None, NaN and empty
        text are missing. Only the named ones are used.
    y
        The outcome, 0 or 1. It is a predictor in the imputation of all others.
    terms
        Variables of the model. Text is entered by category, the first in ascending order
        being the reference.
    auxiliary
        Further variables that inform the imputation, but are not in the model.
    m, iterations, seed, numeric, kinds
        See `impute`.
    method
        "firth" or "ml" in each set.
    missing_outcome
        What becomes of rows without outcome: "delete" - they inform the imputation, but not
        the model (von Hippel 2007); "impute" - their imputed outcome enters it.
    level
        Coverage of the intervals.
    question
        What is asked, in words.

    Returns
    -------
    ImputedFit
        Separation is checked in every set. An infinite estimate is never averaged into a
        number: such a term has no standard error, interval or Wald p.

    Raises
    ------
    StatisticsError
        If a column cannot be read or imputed, the outcome is not 0 or 1, or the model
        cannot be fitted in some set (which is named): results are not pooled over the rest.

    References
    ----------
    Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987. Barnard J, Rubin DB.
    Biometrika 1999;86:948-955. D2: Li KH, Meng XL, Raghunathan TE, Rubin DB. Stat Sin
    1991;1:65-92. Rows without outcome: von Hippel PT. Sociol Methodol 2007;37:83-117.
    """
    if method not in FITS:
        raise StatisticsError(f"method is one of {', '.join(FITS)}; found {method!r}")
    if missing_outcome not in ("delete", "impute"):
        raise StatisticsError(f"missing_outcome is delete or impute; found {missing_outcome!r}")
    normal_quantile(level)  # refuses an impossible level
    if not terms:
        raise StatisticsError("a model needs at least one term")
    names = [y, *terms, *auxiliary]
    read = read_columns(columns, names, kinds=kinds)
    _check_outcome(read[y])
    constant = [name for name in terms if len(np.unique(read[name].observed)) == 1]
    if constant:
        raise StatisticsError(
            f"constant: {', '.join(map(repr, constant))}. A term that is the same in all rows is "
            f"left out"
        )
    imputation = impute(
        columns, names, m=m, iterations=iterations, seed=seed, numeric=numeric, kinds=kinds
    )
    parts = {name: term_labels(read[name]) for name in terms}
    labels = [label for part in parts.values() for label in part]
    outcome_missing = read[y].missing
    kept = ~outcome_missing if missing_outcome == "delete" else np.ones_like(outcome_missing)
    fits, statistics = [], []
    for number in range(m):
        state = imputation.completed(number)
        X = np.column_stack([term_columns(read[name], state[name]) for name in terms])[kept]
        outcome = state[y][kept]
        try:
            fit = FITS[method](X, outcome, labels, level=level, profile=False)
            fits.append(fit)
            statistics.append(likelihood_ratios(method, fit, X, outcome, labels, parts))
        except StatisticsError as reason:
            advice = "" if method == "firth" else ". Firth's method may have an answer"
            raise StatisticsError(
                f"imputed set {number + 1} of {m} cannot be fitted: {reason}{advice}"
            ) from reason
    n = int(kept.sum())
    pooled = tuple(
        pool_term(
            name,
            [fit.terms[i].b for fit in fits],
            [fit.terms[i].se for fit in fits],
            n - len(labels) - 1,
            level,
        )
        for i, name in enumerate((INTERCEPT, *labels))
    )
    overall = pool_chi_square(
        [fit.statistic or 0.0 for fit in fits],
        len(labels),
        question="Do all terms together go with the outcome?",
    )
    tests = tuple(
        pool_chi_square(
            [ratios[name] for ratios in statistics],
            len(part),
            question=f"Does {name} go with the outcome, adjusted for the others?",
        )
        for name, part in parts.items()
    )
    complete, why_not = _complete_cases(read, y, terms, labels, method, level)
    events = [fit.events for fit in fits]
    return ImputedFit(
        question=question,
        method=f"{fits[0].method} in each of {m} sets imputed by chained equations, pooled by "
        f"Rubin's rules with Barnard-Rubin degrees of freedom; tests by D2",
        n=n,
        n_missing=int((~kept).sum()),
        statistic=overall.statistic,
        statistic_name=overall.statistic_name,
        df=overall.df,
        p=overall.p,
        warnings=(
            *_outcome_warnings(imputation, y, missing_outcome),
            *imputation.warnings,
            *_size_warnings(fits),
            *_separation_warnings(fits, method),
            *overall.warnings,
        ),
        reference=REFERENCE,
        terms=pooled,
        tests=tests,
        overall=overall,
        m=m,
        iterations=iterations,
        seed=seed,
        events=(min(events), max(events)),
        separation=tuple(fit.separation for fit in fits),
        separated_sets=sum(fit.separation.kind != "none" for fit in fits),
        variables=imputation.variables,
        traces=imputation.traces,
        convergence=imputation.convergence,
        pattern=describe_missing(columns, names, outcome=y, kinds=kinds),
        complete_cases=complete,
        complete_cases_reason=why_not,
    )


def _check_outcome(outcome: Column) -> None:
    known = set(outcome.levels if outcome.kind != "numeric" else map(str, outcome.observed))
    if outcome.kind == "binary" and outcome.levels == ("0", "1"):
        return
    if not known:
        raise StatisticsError(f"the outcome {outcome.name!r} has no value in any row")
    if known <= {"0", "1", "0.0", "1.0"}:
        raise StatisticsError(
            f"the outcome {outcome.name!r} is the same in all rows: nothing can be modelled"
        )
    shown = ", ".join(sorted(known)[:5])
    raise StatisticsError(
        f"the outcome {outcome.name!r} is 0 or 1; found {shown}. Code the event as 1, all else as 0"
    )


def _complete_cases(
    read: Mapping[str, Column],
    y: str,
    terms: Sequence[str],
    labels: Sequence[str],
    method: Method,
    level: float,
) -> tuple[ModelResult | None, str]:
    X = np.column_stack([term_columns(read[name], read[name].values) for name in terms])
    try:
        return FITS[method](X, read[y].values, labels, level=level, profile=False), ""
    except StatisticsError as reason:
        return None, str(reason)


def _outcome_warnings(imputation: Imputation, y: str, missing_outcome: str) -> list[str]:
    if not imputation.drawn:
        return [
            "nothing is missing: the estimates are those of the data as they are, and only the t "
            "distribution of the pooled interval differs"
        ]
    missing = imputation.columns[y].n_missing
    if not missing:
        return []
    rows = "row has" if missing == 1 else "rows have"
    done = (
        "inform the imputation, but are left out of the model"
        if missing_outcome == "delete"
        else "enter the model with an imputed outcome"
    )
    return [f"{missing} {rows} no outcome: they {done}"]


def _size_warnings(fits: Sequence[ModelResult]) -> list[str]:
    ratios = [fit.events_per_variable for fit in fits]
    warnings = [
        w for w in dict.fromkeys(w for f in fits for w in f.warnings) if "odds ratio of" in w
    ]
    if min(ratios) < FEW_EVENTS:
        low, high = f"{min(ratios):.1f}", f"{max(ratios):.1f}"
        warnings.append(
            f"{low if low == high else f'{low} to {high}'} events per variable: below "
            f"{FEW_EVENTS:.0f}, estimates are uncertain and those of maximum likelihood too far "
            f"from 0"
        )
    return warnings


def _separation_warnings(fits: Sequence[ModelResult], method: Method) -> list[str]:
    kinds = Counter(fit.separation.kind for fit in fits if fit.separation.kind != "none")
    if not kinds:
        return []
    runs = Counter((name, sign) for fit in fits for name, sign in fit.separation.directions.items())
    listed = ", ".join(
        f"{name} to {'+' if sign > 0 else '-'}infinity in {times}"
        for (name, sign), times in runs.items()
    )
    found = ", ".join(f"{kind} in {times}" for kind, times in kinds.items())
    meaning = (
        "The finite estimates shown rest on Firth's penalty"
        if method == "firth"
        else "They are not pooled and have no standard error, interval or Wald p; D2 pools their "
        "likelihood-ratio tests, and Firth's method gives finite estimates"
    )
    return [
        f"separation in {sum(kinds.values())} of {len(fits)} imputed sets ({found}): by maximum "
        f"likelihood these coefficients run away: {listed}. {meaning}"
    ]
