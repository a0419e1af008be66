"""A whole run on 5,000 patients with 20,000 visits: time and memory of `myocohort run`.

The study is made up: three arms' worth of columns a large registry has (baseline, four visits a
patient with mRS, strength and CK, glucocorticoids, an antibody each), one table, a model that is
screened and validated with 200 resamples, and the times to relapse, remission, death and loss.
A thousand of the patients have two MRI readings of 24 muscle-sides on one scale, and 500 ten fields
of two markers. The command runs as a process of its own, import and all documents included.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from myocohort.study.standard import MUSCLES

CANDIDATES = ("ild", "dysphagia", "myalgia", "weight_loss", "raised_esr", "raised_ana")
STUDY = """\
title = "A large registry, made up"
origin = "made"
[arms.srp]
label = "anti-SRP"
[arms.hmgcr]
label = "anti-HMGCR"
[arms.controls]
label = "diseased controls"
role = "controls"
[variables.sex]
label = "Sex"
type = "category"
categories = { female = "female", male = "male" }
table = "patients"
[variables.onset_age]
label = "Age at onset"
type = "integer"
unit = "years"
table = "patients"
[variables.severe_weakness]
label = "Severe weakness"
type = "yes_no"
table = "visits"
column = "weakest_mrc"
month = 0
at_most = 2
"""


def make_study(folder: Path, patients: int, seed: int = 1) -> dict[str, int]:
    """Write a study folder; return table -> rows."""
    rng = np.random.default_rng(seed)
    codes = np.array([f"P{n:05d}" for n in range(1, patients + 1)])
    arms = rng.choice(["srp", "hmgcr", "controls"], patients, p=[0.5, 0.4, 0.1])
    starts = pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 4000, patients), "D")
    frames = {
        "patients": pd.DataFrame(
            {
                "patient": codes,
                "arm": arms,
                "treatment_start": starts.strftime("%Y-%m-%d"),
                "sex": rng.choice(["female", "male"], patients),
                "onset_age": rng.integers(5, 85, patients),
            }
        ),
        "baseline": pd.DataFrame(
            {"patient": codes}
            | {name: np.where(rng.random(patients) < 0.3, "yes", "no") for name in CANDIDATES}
        ),
        "visits": _visits(rng, codes, starts),
        "treatments": pd.DataFrame(
            {
                "patient": codes,
                "drug": "glucocorticoid",
                "name": "prednisone",
                "start": starts.strftime("%Y-%m-%d"),
                "stop": (starts + pd.to_timedelta(300, "D")).strftime("%Y-%m-%d"),
                "dose": rng.choice([10.0, 20.0, 40.0], patients),
                "dose_unit": "mg/day",
            }
        ),
        "mri_readings": _readings(rng, codes[: patients // 5]),
        "fields": _fields(rng, codes[: patients // 10]),
    }
    (folder / "records").mkdir(parents=True)
    for name, frame in frames.items():
        frame.to_csv(folder / "records" / f"{name}.csv", index=False)
    variables = "".join(
        f'[variables.{name}]\nlabel = "{name.replace("_", " ")}"\ntype = "yes_no"\n'
        for name in CANDIDATES
    )
    tables = "".join(f'[tables.{n}]\nfile = "records/{n}.csv"\n' for n in frames)
    names = ["onset_age", "sex", "severe_weakness", *CANDIDATES]
    terms = ["onset_age", "sex=male", "severe_weakness", *CANDIDATES]
    rest = f"""\
[table.table1]
title = "Indicators"
groups = ["non_refractory", "refractory"]
[[table.table1.sections]]
variables = {names}
[model]
event = "refractory"
against = ["non_refractory"]
candidates = {terms}
terms = ["sex=male", "severe_weakness", "ild"]
methods = ["ml", "firth"]
[model.validation]
resamples = 200
[imaging]
months = [3, 12]
scales = {{ fat = "modified-mercuri" }}
[markers.baff]
label = "BAFF"
[markers.cd19]
label = "CD19"
"""
    text = STUDY + tables + variables + rest
    (folder / "study.toml").write_text(text.replace("'", '"'), encoding="utf-8")
    return {name: len(frame) for name, frame in frames.items()}


def _visits(rng: np.random.Generator, codes: np.ndarray, starts: pd.DatetimeIndex) -> pd.DataFrame:
    """Return four visits a patient: before treatment, and at months 3, 6 and 12."""
    months = np.tile([0, 3, 6, 12], len(codes))
    dates = starts.repeat(4) + pd.to_timedelta((months * 30.4375).round(), "D")
    strength = np.array(["0", "1", "2", "3", "4-", "4", "4+", "5"])
    return pd.DataFrame(
        {
            "patient": codes.repeat(4),
            "date": dates.strftime("%Y-%m-%d"),
            "month": months,
            "mrs": rng.integers(0, 6, len(months)),
            "weakest_mrc": rng.choice(strength, len(months)),
            "ck": rng.lognormal(6.5, 1.2, len(months)).round(),
            "ck_uln_u_per_l": 200,
        }
    )


def _readings(rng: np.random.Generator, codes: np.ndarray) -> pd.DataFrame:
    """Return a reading before treatment and one at month 3 of 24 muscle-sides a patient."""
    rows = pd.MultiIndex.from_product(
        [codes, [0, 3], MUSCLES, ["left", "right"]], names=["patient", "month", "muscle", "side"]
    ).to_frame(index=False)
    return rows.assign(
        scale="modified-mercuri",
        grade=rng.integers(0, 6, len(rows)),
        reader="reader-1",
        blinded="yes",
        automatic="no",
    )


def _fields(rng: np.random.Generator, codes: np.ndarray) -> pd.DataFrame:
    """Return ten high-power fields of two markers a patient."""
    rows = pd.MultiIndex.from_product(
        [codes, ["BAFF", "CD19"], range(1, 11)], names=["patient", "marker", "field"]
    ).to_frame(index=False)
    return rows.assign(
        positive_cells=rng.integers(0, 6, len(rows)), fibres=rng.integers(15, 40, len(rows))
    )


def family_memory(pid: int) -> float:
    """Return the memory in MB of a process and all that it began, shared pages once (Linux)."""
    total = 0
    for process in (pid, *_children(pid)):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def _children(pid: int) -> list[int]:
    try:
        direct = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [one for child in direct for one in (int(child), *_children(int(child)))]


def main(patients: int = 5000, repetitions: int = 1, keep: str = "") -> None:
    """Run `myocohort run` on the made study and print seconds and peak memory."""
    with tempfile.TemporaryDirectory() as made:
        for number in range(repetitions):
            folder = Path(keep or made) / f"study-{number}"
            rows = make_study(folder, patients)
            if number == 0:
                listed = ", ".join(f"{n:,} {name}" for name, n in rows.items())
                print(f"Rows: {listed}")
            start = time.perf_counter()
            command = [sys.executable, "-m", "myocohort", "run", str(folder)]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            memory = 0.0
            while process.poll() is None:
                memory = max(memory, family_memory(process.pid))
                time.sleep(0.05)
            seconds = time.perf_counter() - start
            if process.returncode:
                raise SystemExit(f"myocohort run ended with {process.returncode}")
            print(f"myocohort run: {seconds:.1f} s, peak memory {memory:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=5000)
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--keep", default="", help="a folder in which the study stays")
    given = parser.parse_args()
    main(given.patients, given.repetitions, given.keep)
