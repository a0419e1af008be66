"""Data sets that the tests of the models share."""

from __future__ import annotations

import csv
import itertools
from functools import cache
from pathlib import Path

import numpy as np


def read(path: Path, outcome: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return terms, outcome and names of a CSV with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = [name for name in rows[0] if name != outcome]
    X = np.array([[float(row[name]) for name in names] for row in rows])
    return X, np.array([float(row[outcome]) for row in rows]), names


NAMES = ["male", "severe", "ILD"]
PATTERNS = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
SIZES = np.array([9, 8, 8, 4, 5, 1, 3, 2])


@cache
def joint_tables() -> list[np.ndarray]:
    """Return every number of refractory patients per pattern with the margins of Table 1.

    Zhao et al. 2020: 13 refractory, of whom 6 male, 8 with severe weakness, 9 with ILD.
    """
    found = []
    for counts in itertools.product(*(range(size + 1) for size in SIZES)):
        table = np.array(counts)
        if table.sum() == 13 and tuple(table @ PATTERNS) == (6, 8, 9):
            found.append(table)
    return found


def grouped(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return terms, outcome and weights of a joint table of the reference study."""
    X = np.vstack([PATTERNS, PATTERNS])
    y = np.repeat([1.0, 0.0], len(PATTERNS))
    return X, y, np.concatenate([table, SIZES - table])
