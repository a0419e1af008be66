"""Small-sample models side by side: firthmodels with and without numba, R's rms, and the clock.

- Firth's fit with penalised likelihood-ratio tests and profile intervals of all coefficients,
  against firthmodels in processes of its own: with its plain numpy backend in this
  environment, and with its numba extra in another one, whose Python is named by --numba-python
  or the environment variable NUMBA_PYTHON. Pairs are run in turn.
- 1,000 bootstrap resamples of the reference study, each with the screening of all candidates
  and a Firth refit, against rms `validate` with the three printed terms and no screening.
- The exact conditional regression of the reference study's three terms.

Linear algebra has one thread on either side: on matrices as small as these more threads do not
help, and on a busy machine they wait for each other (firthmodels then takes ten times as long).
What is absent on a machine is named and left out. Our figures include the checks of the data
and the decision about separation, which the others do not make.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from firthmodels_worker import cohort
from myocohort.analysis.demo import build_reference_study
from myocohort.analysis.modelling import term_values
from myocohort.analysis.outcome import decide_all
from myocohort.analysis.plan import load_plan
from myocohort.analysis.table import build_table
from myocohort.registry.load import load_changed
from myocohort.registry.records import read_records
from myocohort.registry.session import open_study
from myocohort.stats.exact_logistic import fit_exact
from myocohort.stats.firth import fit_firth
from myocohort.stats.validation import validate

SIZES = ((48, 3), (200, 5), (2000, 10))
ROUNDS = 9  # pairs run in turn
REPEATS = 20  # analyses in each half of a pair; their median counts
RESAMPLES = 1000
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
VALIDATE = """
suppressMessages(library(rms))
d <- read.csv(commandArgs(TRUE)[1])
fit <- lrm(y ~ ., d, x = TRUE, y = TRUE)
options(warn = -1)
set.seed(as.integer(commandArgs(TRUE)[2]))
sink(tempfile())
took <- system.time(v <- validate(fit, B = as.integer(commandArgs(TRUE)[3])))[["elapsed"]]
sink()
cat(took, v["Dxy", "n"], as.character(packageVersion("rms")), R.version$minor)
"""


class Reference(NamedTuple):
    """Candidates, outcome and printed terms of the reference study."""

    X: np.ndarray
    y: np.ndarray
    candidates: list[str]
    terms: list[str]
    entry_p: float

    @property
    def model(self) -> np.ndarray:
        """The columns of the printed terms."""
        return self.X[:, [self.candidates.index(term) for term in self.terms]]


def reference_study() -> Reference:
    """Rebuild the reference study's cohort and return what its model is made from."""
    with tempfile.TemporaryDirectory() as folder:
        build_reference_study(Path(folder) / "study")
        plan = load_plan(Path(folder) / "study")
        with open_study(plan.study):
            load_changed(plan.study)
            records = read_records(plan.study)
            table = build_table(plan, records, decide_all(plan, records))
    model = plan.study.model
    if model is None:
        raise RuntimeError("the reference study has no [model]")
    inside = table.frame[table.frame["outcome"].isin([model.event, *model.against])]
    values = [term_values(inside, term, table.variables) for term in model.candidates]
    y = (inside["outcome"] == model.event).to_numpy(dtype=float)
    return Reference(
        np.column_stack(values), y, list(model.candidates), list(model.terms), model.entry_p
    )


def timed(work: Callable[[], object], repeats: int) -> float:
    """Return the median seconds of some runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Return their time over ours, pair by pair."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"


class Worker:
    """firthmodels in a process of its own."""

    def __init__(self, python: str, backend: str) -> None:
        script = Path(__file__).with_name("firthmodels_worker.py")
        self.process = subprocess.Popen(
            [python, str(script), backend], env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.import_seconds = float(self._answer())

    def ask(self, n: int, p: int, repeats: int) -> dict[str, Any]:
        """Return the seconds and figures of one cohort."""
        if self.process.stdin is None:
            raise RuntimeError("the process takes no requests")
        self.process.stdin.write(f"{n} {p} {repeats}\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = self._answer()
        return answer

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> Any:
        line = self.process.stdout.readline() if self.process.stdout is not None else ""
        if not line:
            raise RuntimeError(f"{self.process.args} ended without an answer")
        return json.loads(line)


def firth(numba_python: str | None) -> None:
    """Compare Firth's fit, tests and profile intervals with firthmodels."""
    workers = {"firthmodels, numpy": Worker(sys.executable, "numpy")}
    if numba_python:
        workers["firthmodels, numba"] = Worker(numba_python, "numba")
    else:
        print("  firthmodels with numba: left out, no --numba-python")
    for name, worker in workers.items():
        first = worker.ask(*SIZES[0], 1)["first"]
        print(f"  {name}: import {worker.import_seconds:.2f} s, first analysis {first:.2f} s")
    for n, p in SIZES:
        X, y = cohort(n, p)
        names = [f"x{i}" for i in range(p)]
        model = fit_firth(X, y, names)
        for name, worker in workers.items():
            worker.ask(n, p, 1)
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(timed(lambda: fit_firth(X, y, names), REPEATS))  # noqa: B023 (called at once)
                answer = worker.ask(n, p, REPEATS)
                theirs.append(statistics.median(answer["seconds"]))
            print(f"  n = {n}, p = {p}: myocohort {1e3 * statistics.median(ours):.2f} ms, {name} "
                  f"{1e3 * statistics.median(theirs):.2f} ms, ratio {ratio(ours, theirs)}; "
                  f"{apart(model, answer)}")  # fmt: skip
    for worker in workers.values():
        worker.close()


def apart(model: Any, answer: dict[str, Any]) -> str:
    """Say how far the two programs' figures are apart; firthmodels has the intercept last."""
    terms = [*model.terms[1:], model.terms[0]]
    limits = np.log([[t.ci["profile"].low, t.ci["profile"].high] for t in terms])
    b = np.abs(np.array([t.b for t in terms]) - answer["b"]).max()
    p = np.abs(np.array([t.p["lrt"] for t in terms]) - answer["p"]).max()
    limit = np.abs(limits - answer["limits"]).max()
    return f"largest difference of b {b:.0e}, limits {limit:.0e}, p {p:.0e}"


def bootstrap(reference: Reference) -> None:
    """Compare the bootstrap with screening inside with rms `validate` without."""
    X, y, candidates, _, entry_p = reference

    def ours_once() -> Any:
        return validate(X, y, candidates, screen=entry_p, resamples=RESAMPLES)

    result = ours_once()
    print(f"  {result.n} patients, {len(candidates)} candidates, {RESAMPLES:,} resamples, one "
          f"process; {sum(result.failed.values())} resamples gave no model")  # fmt: skip
    rscript = shutil.which("Rscript")
    if rscript is None:
        print(f"  myocohort {timed(ours_once, 5):.2f} s; R is absent: rms left out")
        return
    ours, theirs, said = [], [], ["", "", ""]
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "data.csv", Path(folder) / "validate.R"
        rows = np.column_stack((reference.model, y))
        np.savetxt(data, rows, "%g", ",", header="a,b,c,y", comments="")
        script.write_text(VALIDATE, encoding="utf-8")
        for seed in range(1, 6):
            ours.append(timed(ours_once, 1))
            command = [rscript, "--vanilla", str(script), str(data), str(seed), str(RESAMPLES)]
            run = subprocess.run(
                command, capture_output=True, text=True, check=False, env=os.environ | ONE_THREAD
            )
            if run.returncode:
                print(f"  rms left out, R says: {run.stderr.strip().splitlines()[-1:]}")
                break
            took, *said = run.stdout.split()
            theirs.append(float(took))
    print(f"  myocohort, screening inside, Firth: {statistics.median(ours):.2f} s "
          f"({min(ours):.2f} to {max(ours):.2f})")  # fmt: skip
    if theirs:
        print(f"  rms {said[1]} validate (R 4.{said[2]}), no screening, maximum likelihood: "
              f"{statistics.median(theirs):.2f} s ({min(theirs):.2f} to {max(theirs):.2f}), "
              f"{said[0]} of {RESAMPLES} resamples kept")  # fmt: skip
        print(f"  ratio {ratio(ours, theirs)}")


def exact(reference: Reference) -> None:
    """Time the exact conditional regression of the reference study's terms."""
    seconds = []
    for _ in range(ROUNDS):
        seconds.append(timed(lambda: fit_exact(reference.model, reference.y, reference.terms), 5))
    print(f"  myocohort {1e3 * statistics.median(seconds):.1f} ms "
          f"({1e3 * min(seconds):.1f} to {1e3 * max(seconds):.1f})")  # fmt: skip


def main(numba_python: str | None = None) -> None:
    """Run the three comparisons."""
    print(f"Firth fit, penalised LRT and profile intervals: {ROUNDS} pairs in turn, "
          f"median of {REPEATS} in each")  # fmt: skip
    with threadpool_limits(1):
        firth(numba_python or os.environ.get("NUMBA_PYTHON"))
        reference = reference_study()
        print("Bootstrap validation of the reference study, 5 pairs in turn")
        bootstrap(reference)
        print("Exact conditional regression of the reference study's three terms")
        exact(reference)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numba-python", help="a Python with firthmodels[numba]")
    main(parser.parse_args().numba_python)
