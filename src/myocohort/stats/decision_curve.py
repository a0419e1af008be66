"""Decision curve: the net benefit of treating by a model, against treating all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from myocohort.errors import StatisticsError
from myocohort.stats.calibration import outcomes_and_risks
from myocohort.stats.result import Result

QUESTION = "Over which thresholds does treating by the model do more good than harm?"
REFERENCE = "Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574"
THRESHOLDS = tuple(step / 100 for step in range(1, 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetBenefit:
    """One strategy at all thresholds, in their order.

    Parameters
    ----------
    name
        The model, "treat all" or "treat none".
    treated, true_positives
        Patients whose risk is at least the threshold, and those of them with the outcome.
    net_benefit
        True positives less false positives weighted by threshold / (1 - threshold), both
        per patient.
    avoided_per_100
        Treatments avoided per 100 patients, at no more missed outcomes, against treating all.
    """

    name: str
    treated: tuple[int, ...]
    true_positives: tuple[int, ...]
    net_benefit: tuple[float, ...]
    avoided_per_100: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCurve(Result):
    """Net benefits of models, of treating all and of treating none.

    Parameters
    ----------
    thresholds
        Risks from which on one would treat, between 0 and 1, ascending.
    events
        Patients with the outcome.
    strategies
        The models in the order given, then "treat all" and "treat none".
    """

    thresholds: tuple[float, ...]
    events: int
    strategies: tuple[NetBenefit, ...]


def decision_curve(
    y: ArrayLike,
    risks: Mapping[str, ArrayLike],
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    question: str = QUESTION,
) -> DecisionCurve:
    """Weigh true against false positives at each threshold of risk.

    A patient is treated if the risk is at least the threshold. Risks from the patients that
    the model was made from make it look better than it is.

    Parameters
    ----------
    y
        Outcome, 0 or 1, NaN if missing.
    risks
        Predicted risk of each patient, from 0 to 1, NaN if missing, by name of the model.
        Patients with any of them missing are left out of all.
    thresholds
        Strictly between 0 and 1.
    question
        What is asked, in words.

    Returns
    -------
    DecisionCurve
        Without interval and p.

    Raises
    ------
    StatisticsError
        If lengths differ, a risk or a threshold is out of range, the outcome is not 0 or 1
        or the same in all, or no model or threshold is given.

    References
    ----------
    Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574.
    """
    if not risks:
        raise StatisticsError("a decision curve needs the risks of at least one model")
    taken = {"treat all", "treat none"} & set(risks)
    if taken:
        raise StatisticsError(f"a model cannot be called {taken.pop()!r}, which is a strategy")
    at = np.unique(np.asarray(thresholds, dtype=np.float64))
    if not len(at) or not ((at > 0.0) & (at < 1.0)).all():
        raise StatisticsError(
            f"thresholds lie strictly between 0 and 1; found {list(thresholds) or 'none'}"
        )
    outcome, table, n_missing = outcomes_and_risks(y, list(risks.values()))
    n, events = len(outcome), int(outcome.sum())
    everyone, nobody = np.ones(n), np.full(n, -1.0)
    columns = [*zip(risks, table.T, strict=True), ("treat all", everyone), ("treat none", nobody)]
    odds = at / (1.0 - at)
    all_treated = events / n - (n - events) / n * odds
    strategies = []
    for name, risk in columns:
        treat = risk >= at[:, np.newaxis]
        treated, true = treat.sum(axis=1), (treat & (outcome > 0)).sum(axis=1)
        benefit = true / n - (treated - true) / n * odds
        strategies.append(
            NetBenefit(
                name=str(name),
                treated=tuple(int(count) for count in treated),
                true_positives=tuple(int(count) for count in true),
                net_benefit=tuple(float(value) for value in benefit),
                avoided_per_100=tuple(
                    float(value) for value in 100.0 * (benefit - all_treated) / odds
                ),
            )
        )
    left_out = f"{n_missing} left out because outcome or risk is missing; {n} entered"
    return DecisionCurve(
        question=question,
        method="Decision curve analysis: net benefit, treated if risk >= threshold",
        n=n,
        n_missing=n_missing,
        warnings=(left_out,) if n_missing else (),
        reference=REFERENCE,
        thresholds=tuple(float(value) for value in at),
        events=events,
        strategies=tuple(strategies),
    )
