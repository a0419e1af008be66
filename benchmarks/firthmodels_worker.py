"""Time firthmodels in a process of its own, on request: a line "n p" in, seconds out.

It runs under any Python that has firthmodels, so that its numba extra needs no place in the
project's environment. Started with the backend ("numpy" or "numba"), it first prints the
seconds that the import took. An answer holds the seconds of each of `repeats` analyses after
the first, of that first one, and the estimates with profile limits, to be compared.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np


def cohort(n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Make a cohort: every second term yes/no, the others numbers, a third with the outcome."""
    rng = np.random.default_rng([n, p])
    X = rng.normal(size=(n, p))
    X[:, ::2] = X[:, ::2] > 0.4
    risk = 1.0 / (1.0 + np.exp(-(X[:, 0] + 0.5 * X[:, 1] - 1.2)))
    return X, (rng.random(n) < risk).astype(float)


def serve(backend: str) -> None:
    """Answer requests until the input ends."""
    start = time.perf_counter()
    from firthmodels import FirthLogisticRegression

    print(json.dumps(time.perf_counter() - start), flush=True)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        n, p, repeats = map(int, line.split())
        X, y = cohort(n, p)
        seconds = []
        for _ in range(repeats + 1):
            start = time.perf_counter()
            model = FirthLogisticRegression(backend=backend).fit(X, y)
            model.lrt()
            limits = model.conf_int(method="pl")
            seconds.append(time.perf_counter() - start)
        answer = {
            "seconds": seconds[1:],
            "first": seconds[0],
            "b": [*model.coef_.tolist(), float(model.intercept_)],
            "limits": np.asarray(limits).tolist(),
            "p": np.asarray(model.lrt_pvalues_).tolist(),
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
