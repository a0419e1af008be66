"""Real fits by each family: neither the intervals nor the p values that stand beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from myocohort.errors import StatisticsError
from myocohort.papers.checks.interval_around_estimate import interval_around_estimate
from myocohort.papers.checks.p_of_estimate import p_of_estimate
from myocohort.papers.entries import Group, Model
from myocohort.papers.paperfile import Paper
from myocohort.stats.models import MODELS
from myocohort.stats.result import ModelResult

# Family of the model, of its interval, and of the p beside it: also those that do not belong
# to one another, as R prints them (a profile interval beside Wald's p).
PRINTED = [
    ("ml", "wald", "wald"),
    ("ml", "wald", "lrt"),
    ("ml", "profile", "lrt"),
    ("ml", "profile", "wald"),
    ("firth", "profile", "lrt"),
    ("firth", "profile", "wald"),
    ("firth", "wald", "lrt"),
    ("exact", "exact", "twice_one_sided"),
    ("exact", "exact", "probability"),
    ("exact", "exact", "mid_p"),
]


def printed(fitted: ModelResult, interval: str, p: str, decimals: int) -> list[dict[str, str]]:
    """Return the lines of a fit that have a finite estimate."""
    lines = []
    for term in fitted.terms:
        limits, value = term.ci.get(interval), term.p.get(p)
        if not term.name.startswith("x") or limits is None or value is None:
            continue
        if not math.isfinite(term.b):
            continue
        texts = [
            f"{number:.{decimals}f}" if number < 1e6 else ">999"
            for number in (term.odds_ratio, limits.low, limits.high)
        ]
        line = dict(zip(("odds_ratio", "low", "high"), texts, strict=True))
        p_text = f"{value:.3f}" if value >= 0.0005 else "<0.001"
        lines.append({"term": f"{term.name}=yes", **line, "p": p_text})
    return lines


@pytest.mark.parametrize(("family", "interval", "p"), PRINTED)
def test_no_family_is_accused(family: str, interval: str, p: str) -> None:
    """Whatever family a table prints, claimed or not, none of its lines is inconsistent."""
    rng = np.random.default_rng(20)
    for _ in range(15):
        n, terms = int(rng.integers(20, 60)), int(rng.integers(1, 3))
        X = (rng.random((n, terms)) < rng.uniform(0.2, 0.6, terms)).astype(float)
        risk = 1 / (1 + np.exp(0.5 - X @ rng.normal(0, 1.2, terms)))
        y = (rng.random(n) < risk).astype(float)
        try:
            fitted = MODELS[family].fit(X, y, [f"x{i}" for i in range(terms)])
        except StatisticsError:
            continue
        lines = printed(fitted, interval, p, int(rng.integers(1, 4)))
        if not lines:
            continue
        for claimed in (family, None):
            model = Model.model_validate(
                {"id": "m", "place": "T", "group": "all", "claimed": claimed, "terms": lines}
            )
            paper = Paper(title="t", groups={"all": Group(label="patients")}, model=(model,))
            found = [*interval_around_estimate(paper), *p_of_estimate(paper)]
            assert not [f for f in found if f.verdict == "inconsistent"]
