"""Whole commands as processes: start-up of a light one, and the reference study."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def seconds(*command: str, repetitions: int = 5) -> list[float]:
    """Time a command as a whole process, after one run that is not counted."""
    times = []
    for repetition in range(repetitions + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        if repetition:
            times.append(time.perf_counter() - start)
    return times


def show(name: str, times: list[float]) -> None:
    """Print the median and the range."""
    print(f"  {name:<44} {statistics.median(times):6.2f} s  "
          f"({min(times):.2f} to {max(times):.2f})")  # fmt: skip


def main() -> None:
    """Time start-up against bare Python, then the reference study's commands."""
    python = sys.executable
    print("Whole processes, median of 5 (of 3 for the study), after one warm-up")
    show("python -c pass", seconds(python, "-c", "pass"))
    show("python -c 'import pandas'", seconds(python, "-c", "import pandas"))
    show("myocohort --version", seconds(python, "-m", "myocohort", "--version"))
    show("myocohort --help", seconds(python, "-m", "myocohort", "--help"))
    with tempfile.TemporaryDirectory() as folder:
        study = str(Path(folder) / "study")
        demo = (python, "-m", "myocohort", "demo", "--out", study)
        show("myocohort demo (rebuild, import, run)", seconds(*demo, repetitions=3))
        show("myocohort run (nothing changed)",
             seconds(python, "-m", "myocohort", "run", study, repetitions=3))  # fmt: skip
        show("myocohort reproduce",
             seconds(python, "-m", "myocohort", "reproduce", study, repetitions=3))  # fmt: skip


if __name__ == "__main__":
    main()
