"""A cohort made by a formula, so that R makes the same one.

The goldens of selection, validation and calibration begin with these lines of R:

    i <- 0:59
    d <- data.frame(a = (37*i) %% 61 / 10, b = as.numeric((i*i) %% 7 > 2),
      c = (i*i*i + 5*i) %% 23, e = as.numeric((11*i) %% 13 < 5), f = as.numeric((17*i) %% 9 < 3))
    d$y <- as.numeric(d$a + 3*d$b - 0.1*d$c + ((29*i) %% 31) / 3.5 > 8)
    # for resample r from 1 to 12: d[index(r), ]
    index <- function(r) { k <- 0:59
      (37*k*(2*r + 1) + 13*((k*k*r) %% 101) + 5*r) %% 127 %% 60 + 1 }
    # c-statistic, Brier score, slope and intercept of predictions p
    measures <- function(p, y) c(pROC::auc(y, p, direction = "<"), mean((y - p)^2),
      rev(coef(glm(y ~ qlogis(p), binomial, epsilon = 1e-14))))
"""

from __future__ import annotations

import numpy as np

ROWS = 60
TERMS = ["a", "b", "c", "e", "f"]
KINDS = ["number", "binary", "number", "binary", "binary"]

_i = np.arange(ROWS)
X = np.column_stack(
    (
        (37 * _i) % 61 / 10,
        (_i**2) % 7 > 2,
        (_i**3 + 5 * _i) % 23,
        (11 * _i) % 13 < 5,
        (17 * _i) % 9 < 3,
    )
).astype(float)
Y = (X[:, 0] + 3 * X[:, 1] - 0.1 * X[:, 2] + ((29 * _i) % 31) / 3.5 > 8).astype(float)
RISK = 1 / (1 + np.exp(-(0.8 * X[:, 0] - 1.5 - 0.5 * X[:, 3])))


def resamples(count: int = 12) -> np.ndarray:
    """Return how often each row is in each resample of the formula."""
    k = np.arange(ROWS)
    rows = [
        (37 * k * (2 * r + 1) + 13 * ((k * k * r) % 101) + 5 * r) % 127 % ROWS
        for r in range(1, count + 1)
    ]
    return np.stack([np.bincount(row, minlength=ROWS) for row in rows])
