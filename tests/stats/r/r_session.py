"""Runs a script in R on data passed as CSV, and reads its numbers back with all digits.

A script finds each table given as a data frame of that name, and puts what it found into the
list `out`: numbers, or vectors and matrices of numbers (matrices come back row by row).
"""

from __future__ import annotations

import csv
import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

Table = Mapping[str, Sequence[object]]

OPENING = """
options(warn = 1, digits = 17)
out <- list()
"""

# 17 digits tell every double from its neighbours
CLOSING = """
.rows <- do.call(rbind, lapply(names(out), function(name) {
  value <- out[[name]]
  if (is.matrix(value) || is.data.frame(value)) value <- t(as.matrix(value))
  data.frame(name = name, value = sprintf("%.17g", as.numeric(value)))
}))
write.csv(.rows, "out.csv", row.names = FALSE, quote = FALSE)
"""


@cache
def missing_packages(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of these packages this R does not have."""
    wanted = ", ".join(f'"{package}"' for package in packages)
    script = f"for (p in c({wanted})) if (!requireNamespace(p, quietly = TRUE)) cat(p, '')"
    answer = subprocess.run(
        ["Rscript", "--vanilla", "-e", script], capture_output=True, text=True, check=True
    )
    return tuple(answer.stdout.split())


def run_r(
    script: str, tables: Mapping[str, Table] | None = None, packages: Sequence[str] = ()
) -> dict[str, list[float]]:
    """Run a script in R and return what it left in `out`.

    Parameters
    ----------
    script
        Lines of R.
    tables
        Data frames by name; None and NaN become NA, floats keep all their digits.
    packages
        Loaded before the script. Where R or one of them is absent, the test is skipped.

    Returns
    -------
    dict
        A list of numbers for each name in `out`; NA and NaN are NaN.
    """
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed here: make test-r installs it where it may")
    if packages and (absent := missing_packages(tuple(packages))):
        pytest.skip(f"R packages not installed here: {', '.join(absent)} (make test-r)")
    with tempfile.TemporaryDirectory() as folder:
        lines = [OPENING]
        for name, table in (tables or {}).items():
            _write(Path(folder) / f"{name}.csv", table)
            lines.append(f'{name} <- read.csv("{name}.csv", na.strings = "NA")')
        lines += [f"suppressPackageStartupMessages(library({package}))" for package in packages]
        (Path(folder) / "script.R").write_text("\n".join([*lines, script, CLOSING]))
        answer = subprocess.run(
            ["Rscript", "--vanilla", "script.R"],
            cwd=folder,
            env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            pytest.fail(f"R stopped:\n{answer.stderr}")
        found: dict[str, list[float]] = {}
        with (Path(folder) / "out.csv").open(newline="") as rows:
            for row in csv.DictReader(rows):
                found.setdefault(row["name"], []).append(_number(row["value"]))
    return found


def _write(path: Path, table: Table) -> None:
    with path.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(table)
        for row in zip(*table.values(), strict=True):
            writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if value is None:
        return "NA"
    if hasattr(value, "item"):  # numpy scalars
        value = value.item()
    if isinstance(value, float):
        return "NA" if math.isnan(value) else repr(value)
    return int(value) if isinstance(value, bool) else value


def _number(text: str) -> float:
    return math.nan if text == "NA" else float(text)
