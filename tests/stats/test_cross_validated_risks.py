"""Cross-validated risks against FLIC fitted fold by fold."""

from __future__ import annotations

import numpy as np
import pytest

from myocohort.errors import StatisticsError
from myocohort.parallel import spawn_seeds
from myocohort.stats.cross_validated_risks import cross_validated_risks
from myocohort.stats.flic import firth_risks
from myocohort.stats.validation_folds import deal


def made(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Return terms and outcome of made patients."""
    rng = np.random.default_rng(3)
    X = np.column_stack([rng.random(n) < 0.4, rng.normal(size=n)]).astype(float)
    risk = 1 / (1 + np.exp(1 - X @ [1.2, 0.7]))
    return X, (rng.random(n) < risk).astype(float)


def test_each_row_is_predicted_by_flic_of_the_other_folds():
    """The batched fit gives what `firth_risks` gives on the training rows of each fold."""
    X, y = made()
    found = cross_validated_risks(X, y, folds=5, repeats=2, seed=7)
    for repeat, seed in enumerate(spawn_seeds(7, 2)):
        fold = deal(np.random.default_rng(seed), y, 5)
        for number in range(5):
            held = fold == number
            model = firth_risks(X, np.where(held, np.nan, y), ["a", "b"], correction="flic")
            wanted = np.array(model.risks, dtype=float)[held]
            assert found.risks[repeat, held] == pytest.approx(wanted, abs=1e-9)
    assert found.failed == {}


def test_the_same_seed_gives_the_same_and_another_seed_another():
    """Risks depend on the seed and on nothing else."""
    X, y = made()
    first, second, other = (cross_validated_risks(X, y, repeats=2, seed=s) for s in (1, 1, 2))
    assert (first.log_odds == second.log_odds).all()
    assert (first.log_odds != other.log_odds).any()


def test_a_fold_without_a_model_leaves_its_repeat_out():
    """A term that one patient has is constant without that patient: no repeat is whole."""
    _, y = made(30)
    X = np.zeros((30, 1))
    X[0] = 1.0
    found = cross_validated_risks(X, y, folds=3, repeats=4)
    assert found.log_odds.shape == (0, 30)
    assert found.failed == {"a chosen term does not vary": 4}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": 1}, "folds is from 2"),
        ({"folds": 61}, "folds is from 2"),
        ({"repeats": 0}, "repeats at least 1"),
        ({"y": np.zeros(60)}, "both occur"),
        ({"y": np.full(60, 2.0)}, "0 or 1"),
        ({"X": np.full((60, 2), np.nan)}, "missing"),
    ],
)
def test_impossible_requests_are_refused(change, message):
    """Each with what is wrong."""
    X, y = made()
    with pytest.raises(StatisticsError, match=message):
        cross_validated_risks(**{"X": X, "y": y, **change})
