"""Plans without a published number that could be found: held against simulated studies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from myocohort.stats.icc import icc
from myocohort.stats.planning_icc import icc_width_size
from myocohort.stats.planning_precision import c_statistic_precision, c_statistic_se


@pytest.mark.parametrize("c", [0.6, 0.75, 0.9])
def test_the_se_of_a_c_statistic_is_that_of_exponential_scores(c):
    """Hanley and McNeil's variance is exact for exponential scores: 8,000 simulated studies.

    With rates 1 and r the true c is r / (1 + r), so r = c / (1 - c). The area is scipy's
    Mann-Whitney U over the pairs; its spread has a Monte Carlo error of about 0.8%.
    """
    events, others, studies = 13, 27, 8000
    rng = np.random.default_rng(5)
    cases = rng.exponential(c / (1 - c), (studies, events))
    controls = rng.exponential(1.0, (studies, others))
    u = stats.mannwhitneyu(cases, controls, axis=1, method="asymptotic").statistic
    areas = u / (events * others)
    assert areas.mean() == pytest.approx(c, abs=0.004)
    planned = c_statistic_se(events, others, c, variance="hanley_mcneil")
    assert planned == pytest.approx(areas.std(ddof=1), rel=0.03)


def test_newcombe_s_variance_is_near_for_normal_scores():
    """The default of the plan is within a tenth of the spread of 4,000 simulated c-statistics."""
    c, events, others, studies = 0.8, 40, 60, 4000
    rng = np.random.default_rng(7)
    cases = rng.normal(np.sqrt(2) * stats.norm.ppf(c), 1.0, (studies, events))
    controls = rng.normal(size=(studies, others))
    u = stats.mannwhitneyu(cases, controls, axis=1, method="asymptotic").statistic
    spread = (u / (events * others)).std(ddof=1)
    plan = c_statistic_precision(events, others, c)
    width = plan.interval.high - plan.interval.low
    assert width / (2 * stats.norm.ppf(0.975)) == pytest.approx(spread, rel=0.10)


@pytest.mark.parametrize(("rho", "raters", "width"), [(0.8, 2, 0.3), (0.6, 3, 0.35)])
def test_the_subjects_for_an_icc_give_the_width_that_was_asked(rho, raters, width):
    """In 300 simulated studies of that size the mean width of the interval is near the plan's.

    The intervals are ICC(1,1)'s, which are held against R's psych (test_icc.py).
    """
    n = icc_width_size(rho, raters, width).n
    rng = np.random.default_rng(11)
    widths = []
    for _ in range(300):
        subject = rng.normal(0, np.sqrt(rho), (n, 1))
        readings = subject + rng.normal(0, np.sqrt(1 - rho), (n, raters))
        interval = icc(readings, "1,1").interval
        widths.append(interval.high - interval.low)
    assert np.mean(widths) == pytest.approx(width, rel=0.12)
