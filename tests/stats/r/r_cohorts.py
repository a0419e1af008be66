"""Cohorts for the comparisons with R: the shared data, and made ones, small and awkward."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from model_data import NAMES, grouped, joint_tables, read

Cohort = tuple[np.ndarray, np.ndarray, list[str]]


def reference_study() -> Cohort:
    """Return the 40 patients of a joint table of the reference study."""
    X, y, weights = grouped(joint_tables()[0])
    return np.repeat(X, weights, axis=0), np.repeat(y, weights), NAMES


def small(seed: int, n: int = 24) -> Cohort:
    """Return two yes-no terms, a year and a CK-like skewed term of few patients; overlapping."""
    rng = np.random.default_rng(seed)
    while True:
        X = np.column_stack(
            [
                rng.integers(0, 2, n),
                rng.random(n) < 0.25,
                rng.integers(2008, 2024, n),
                np.round(rng.lognormal(6, 1.2, n)),
            ]
        ).astype(float)
        y = (rng.random(n) < 1 / (1 + np.exp(0.8 - X[:, 0]))).astype(float)
        if 5 <= y.sum() <= n - 5 and min(X[:, 0].sum(), X[:, 1].sum()) > 2:
            return X, y, ["male", "ILD", "year", "CK"]


def separated(seed: int, n: int = 20) -> Cohort:
    """Return a cohort in which everybody with ILD has the outcome."""
    rng = np.random.default_rng(seed)
    ild = np.arange(n) < 4
    age = np.round(rng.normal(52, 12, n))
    y = (ild | (rng.random(n) < 0.3)).astype(float)
    y[-2:] = 0, 1
    return np.column_stack([ild, age]).astype(float), y, ["ILD", "age"]


def one_event() -> Cohort:
    """Return 15 patients of whom one, a woman, has the outcome: men separate."""
    x = np.arange(15.0)
    return np.column_stack([x % 2, (7 * x) % 15]), (x == 6).astype(float), ["male", "age"]


COHORTS = {
    "reference study": reference_study,
    "small 1": lambda: small(1),
    "small 2": lambda: small(2),
    "small 3": lambda: small(3, n=40),
    "separated 1": lambda: separated(1),
    "separated 2": lambda: separated(5),
    "one event": one_event,
}
SHARED = {"endometrial": "HG", "sex2": "case"}


def cohort(name: str, shared_data: Path | None = None) -> Cohort:
    """Return a cohort by name; the shared ones are read from their folder."""
    if name in SHARED:
        assert shared_data is not None
        return read(shared_data / "stats" / f"{name}.csv", SHARED[name])
    return COHORTS[name]()


def as_table(X: np.ndarray, y: np.ndarray, names: list[str]) -> dict[str, list[float]]:
    """Return the columns for R, the outcome as y."""
    return {**{name: X[:, i].tolist() for i, name in enumerate(names)}, "y": y.tolist()}
