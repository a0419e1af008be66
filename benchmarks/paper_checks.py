"""The checks of published papers on made ones: false accusations, and planted slips found.

Papers are made from simulated patients (tests/papers/made_papers.py), so that every number is
true. Each is checked as it is, and again with one slip of a finger planted in a number of one
kind, and then of another (count, percentage, interval, p, mean and SD take turns). An oracle
apart from the checks (tests/papers/planted.py) says whether the slip can be seen at all. Papers
that cut digits off or round twice throughout are checked too. `--write` puts the tables into
docs/checks/accuracy.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "papers"))
# one thread a process: the matrices are small
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from planted import KINDS, SLIPS  # noqa: E402
from simulated import Judged, Slip, judge, slips  # noqa: E402

from myocohort.papers.printed import Rounding  # noqa: E402
from myocohort.parallel import chunk_sizes, map_chunks  # noqa: E402

PAGE = ROOT / "docs" / "checks" / "accuracy.md"
BEGIN, END = "<!-- made by benchmarks/paper_checks.py -->", "<!-- end -->"
CHUNK = 50
FIRST: dict[Rounding, int] = {"nearest": 100_000, "truncated": 200_000, "twice": 300_000}


class Chunk(NamedTuple):
    """Some papers that are printed in one way, and whether slips are planted in them."""

    first: int
    papers: int
    way: Rounding
    slipped: bool


class Answer(NamedTuple):
    """What a chunk gave."""

    way: Rounding
    judged: list[Judged]
    slips: list[Slip]
    seconds: float


def run_chunk(chunk: Chunk) -> Answer:
    """Make and check the papers; the seconds are those of making and checking them unslipped."""
    seeds = range(chunk.first, chunk.first + chunk.papers)
    start = time.perf_counter()
    judged = [judge(seed, chunk.way) for seed in seeds]
    seconds = time.perf_counter() - start
    found = []
    if chunk.slipped:
        found = [slip for seed in seeds for slip in slips(seed, _kinds(seed), all_of_them=True)]
    return Answer(chunk.way, judged, found, seconds)


def _kinds(seed: int) -> tuple[str, str]:
    """Return the two kinds of number whose turn it is."""
    return KINDS[seed % len(KINDS)], KINDS[(seed + 3) % len(KINDS)]


def tables(answers: list[Answer]) -> str:
    """Return the tables in Markdown."""
    return "\n\n".join((_of_papers(answers), _of_kinds(answers), _of_slips(answers)))


def _of_papers(answers: list[Answer]) -> str:
    lines = [
        "| printed | papers | numbers | recognised as such | numbers accused | s per paper |",
        "|---|---|---|---|---|---|",
    ]
    names = {"nearest": "to the nearest", "truncated": "with digits cut off", "twice": "twice"}
    for way, name in names.items():
        judged = [paper for answer in answers if answer.way == way for paper in answer.judged]
        if judged:
            seconds = sum(answer.seconds for answer in answers if answer.way == way)
            known = sum(paper.recognised == way for paper in judged)
            lines.append(
                f"| {name} | {len(judged):,} | {sum(paper.numbers for paper in judged):,} "
                f"| {known:,} ({100 * known / len(judged):.1f}%) "
                f"| {sum(len(paper.accused) for paper in judged):,} "
                f"| {seconds / len(judged):.2f} |"
            )
    return "\n".join(lines)


def _of_kinds(answers: list[Answer]) -> str:
    return _rates(answers, "kind", "number", KINDS)


def _of_slips(answers: list[Answer]) -> str:
    return _rates(answers, "slip", "slip", SLIPS)


def _rates(answers: list[Answer], field: str, heading: str, names: tuple[str, ...]) -> str:
    lines = [
        f"| {heading} | slips | detectable | of these found | of all found |",
        "|---|---|---|---|---|",
    ]
    every = [slip for answer in answers for slip in answer.slips]
    for name in names:
        own = [slip for slip in every if getattr(slip, field) == name]
        seen = [slip for slip in own if slip.detectable]
        if own and seen:
            lines.append(
                f"| {name} | {len(own):,} | {_share(len(seen), len(own))} "
                f"| {_share(sum(slip.found for slip in seen), len(seen))} "
                f"| {_share(sum(slip.found for slip in own), len(own))} |"
            )
    return "\n".join(lines)


def _share(count: int, total: int) -> str:
    return f"{count:,} ({100 * count / total:.1f}%)"


def _tell(done: int, total: int) -> None:
    print(f"\r{done} of {total} chunks", end="", file=sys.stderr, flush=True)


def main(
    papers: int = 10_000, slipped: int = 2_000, workers: int = 2, *, write: bool = False
) -> None:
    """Make and check the papers, print the tables and what was accused or missed.

    Slips are planted in the first `slipped` of the papers printed to the nearest: that takes
    some ten times as long as the checking of the paper as it is.
    """
    start = time.perf_counter()
    chunks = []
    for way, number in (("nearest", papers), ("truncated", papers // 10), ("twice", papers // 10)):
        first = FIRST[way]
        for size in chunk_sizes(number, CHUNK):
            planted = way == "nearest" and first < FIRST[way] + slipped
            chunks.append(Chunk(first, size, way, planted))
            first += size
    answers = map_chunks(run_chunk, chunks, workers=workers, progress=_tell)
    text = tables(answers)
    print(f"\n\n{text}\n\n{time.perf_counter() - start:.0f} s with {workers} processes\n")
    for answer in answers:
        for paper in answer.judged:
            for accusation in paper.accused:
                print(f"ACCUSED in {answer.way} paper {paper.seed}: {accusation}")
    missed = [slip for answer in answers for slip in answer.slips if slip.detectable > slip.found]
    shown: Counter[str] = Counter()
    for slip in missed:
        shown[slip.kind] += 1
        if shown[slip.kind] <= 5:
            print(f"missed in paper {slip.seed}: {slip.kind}, {slip.slip}, {slip.words}")
    if write:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        tail = rest.partition(END)[2]
        PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=10_000)
    parser.add_argument("--slipped", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    arguments = parser.parse_args()
    main(arguments.papers, arguments.slipped, arguments.workers, write=arguments.write)
