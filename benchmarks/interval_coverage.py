"""Coverage of 95% intervals and type I error in small cohorts: which method to trust when.

Each repetition draws 40 patients: three independent yes/no terms as common as those of the
reference study (male .28, severe weakness .43, interstitial lung disease .38), and an outcome
from the logistic model in which all three have the same true odds ratio and 13 events are
expected (drawn, not held at 13). Every data set is analysed by the functions that `myocohort
fit` calls. Where a method has no finite limit on a side, or none at all (Wald intervals of
maximum likelihood under separation; a statistic that has only one possible value), that side
counts as covering and the test as not rejecting. Figures are means over the three terms; the
Monte Carlo error is that of a mean over independent data sets.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from myocohort.errors import StatisticsError
from myocohort.parallel import chunk_sizes, map_chunks, spawn_seeds
from myocohort.stats.exact_logistic import fit_exact
from myocohort.stats.firth import fit_firth
from myocohort.stats.logistic import fit_ml
from myocohort.stats.result import ModelResult

N, EVENTS = 40, 13
PREVALENCES = (0.28, 0.43, 0.38)
ODDS_RATIOS = (1.0, 2.0, 5.0, 20.0)
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "coverage.png"
CHUNK = 250
SEED = 20201
NAMES = ("male", "severe weakness", "ILD")
PATTERNS = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], dtype=np.float64)

FloatArray = NDArray[np.float64]

FITS: dict[str, Callable[..., ModelResult]] = {"ML": fit_ml, "Firth": fit_firth, "exact": fit_exact}
FAMILIES = (
    ("ML", "wald", "wald"),
    ("ML", "profile", "lrt"),
    ("Firth", "wald", "wald"),
    ("Firth", "profile", "lrt"),
    ("exact", "exact", "twice_one_sided"),
)
"""Method, its interval, and the p that belongs to it."""
LABELS = ("ML, Wald", "ML, profile", "Firth, Wald", "Firth, profile", "exact conditional")


class Chunk(NamedTuple):
    """Some repetitions with one true odds ratio."""

    odds_ratio: float
    repetitions: int
    seed: np.random.SeedSequence


class Answer(NamedTuple):
    """What a chunk gave.

    Parameters
    ----------
    missed
        Whether the truth lies below the interval (0) or above it (1), shape (repetitions,
        families, terms, 2).
    rejected
        Whether p < .05 for an odds ratio of 1, shape (repetitions, families + 1, terms); the
        last is the mid-p of the exact test.
    estimates
        Log odds ratios, shape (repetitions, methods, terms); NaN where there is none.
    seen
        How many data sets were separated, and how many fits had no answer and why.
    """

    missed: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    estimates: FloatArray
    seen: Counter[str]


def intercept(log_odds_ratio: float) -> float:
    """Return the intercept with which `EVENTS` of `N` patients are expected to have the outcome."""
    shares = np.prod(np.where(PATTERNS == 1, PREVALENCES, 1 - np.array(PREVALENCES)), axis=1)

    def surplus(b0: float) -> float:
        return float(shares @ _risk(b0, log_odds_ratio)) - EVENTS / N

    return float(brentq(surplus, -20.0, 20.0))


def _risk(b0: float, log_odds_ratio: float) -> FloatArray:
    risk: FloatArray = 1.0 / (1.0 + np.exp(-(b0 + log_odds_ratio * PATTERNS.sum(axis=1))))
    return risk


def run_chunk(chunk: Chunk) -> Answer:
    """Draw data sets and analyse each by every method."""
    rng = np.random.default_rng(chunk.seed)
    truth = math.log(chunk.odds_ratio)
    risk = _risk(intercept(truth), truth)
    size, terms = chunk.repetitions, len(NAMES)
    missed = np.zeros((size, len(FAMILIES), terms, 2), dtype=np.bool_)
    rejected = np.zeros((size, len(FAMILIES) + 1, terms), dtype=np.bool_)
    estimates = np.full((size, len(FITS), terms), np.nan)
    seen: Counter[str] = Counter()
    # patients of one pattern are alike, so that they are passed as one row and its weight
    X, y = np.repeat(PATTERNS, 2, axis=0), np.tile((0.0, 1.0), len(PATTERNS))
    for i in range(size):
        drawn = (rng.random((N, terms)) < PREVALENCES) @ np.array([4, 2, 1])
        events = rng.random(N) < risk[drawn]
        weights = np.bincount(2 * drawn + events, minlength=len(X))
        fits = {}
        for j, (name, fit) in enumerate(FITS.items()):
            try:
                fits[name] = fit(X, y, NAMES, weights=weights)
            except StatisticsError as reason:
                seen[f"{name} refused: {str(reason)[:60]}"] += 1
                continue
            estimates[i, j] = [term.b for term in fits[name].terms if term.name in NAMES]
        if "Firth" in fits:
            seen[f"separation {fits['Firth'].separation.kind}"] += 1
        for j, (name, family, test) in enumerate(FAMILIES):
            if name in fits:
                missed[i, j], rejected[i, j] = judge(fits[name], family, test, chunk.odds_ratio)
        if "exact" in fits:
            rejected[i, -1] = judge(fits["exact"], "exact", "mid_p", chunk.odds_ratio)[1]
    return Answer(missed, rejected, estimates, seen)


def judge(
    model: ModelResult, family: str, test: str, odds_ratio: float
) -> tuple[list[tuple[bool, bool]], list[bool]]:
    """Say of each term on which side its interval misses the truth, and whether p < .05."""
    missed, rejected = [], []
    for term in model.terms:
        if term.name not in NAMES:
            continue
        interval, p = term.ci[family], term.p[test]
        if interval is None:
            missed.append((False, False))
        else:
            missed.append((odds_ratio < interval.low, odds_ratio > interval.high))
        rejected.append(p is not None and p < 0.05)
    return missed, rejected


def simulate(odds_ratio: float, repetitions: int, workers: int) -> Answer:
    """Return the answers of all repetitions with one true odds ratio."""
    sizes = chunk_sizes(repetitions, CHUNK)
    seeds = spawn_seeds(SEED + round(100 * odds_ratio), len(sizes))
    chunks = [Chunk(odds_ratio, size, seed) for size, seed in zip(sizes, seeds, strict=True)]
    answers = map_chunks(run_chunk, chunks, workers=workers)
    seen: Counter[str] = Counter()
    for answer in answers:
        seen.update(answer.seen)
    joined = (np.concatenate(parts) for parts in list(zip(*answers, strict=True))[:3])
    return Answer(*joined, seen)


def percent(hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the percentage over repetitions and terms, and its Monte Carlo error."""
    share = hits.mean(axis=1)
    return 100.0 * float(share.mean()), 100.0 * float(share.std(ddof=1)) / math.sqrt(len(share))


def show(odds_ratio: float, answer: Answer) -> list[tuple[float, float]]:
    """Print one true odds ratio's table and return the coverage of each family with its error."""
    print(f"\nTrue odds ratio {odds_ratio:g} of each term, {len(answer.missed):,} data sets; "
          f"% and Monte Carlo error")  # fmt: skip
    print(f"  {'':<22}{'coverage':>15}{'truth below':>12}{'above':>7}{'p < .05':>15}")
    coverage = []
    for j, label in enumerate(LABELS):
        missed = answer.missed[:, j]
        covered = percent(~missed.any(axis=2))
        coverage.append(covered)
        below, above = percent(missed[:, :, 0])[0], percent(missed[:, :, 1])[0]
        print(f"  {label:<22}{covered[0]:9.2f} ±{covered[1]:.2f}{below:12.2f}"
              f"{above:7.2f}{_pm(percent(answer.rejected[:, j]))}")  # fmt: skip
    print(f"  {'exact mid-p test':<22}{'':>34}{_pm(percent(answer.rejected[:, -1]))}")
    finite = np.isfinite(answer.estimates[:, 0])
    among = 100.0 * float((~answer.missed[:, 0].any(axis=2))[finite].mean())
    print(f"  ML, Wald: of the {100 * finite.mean():.2f}% of terms that have an interval: "
          f"{among:.2f}% covered")  # fmt: skip
    for name, values in zip(FITS, np.moveaxis(answer.estimates, 1, 0), strict=True):
        known = values[~np.isnan(values)]
        print(f"  {name}: median estimated odds ratio {math.exp(np.median(known)):.2f}, "
              f"infinite in {100 * np.isinf(known).mean():.2f}%")  # fmt: skip
    for what, count in sorted(answer.seen.items()):
        print(f"  {what}: {count:,}")
    return coverage


def _pm(figure: tuple[float, float]) -> str:
    return f"{figure[0]:9.2f} ±{figure[1]:.2f}"


def draw(coverage: dict[float, list[tuple[float, float]]], repetitions: int, path: Path) -> None:
    """Draw coverage against the true odds ratio, one line for each interval."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    # Okabe and Ito's colours; markers and line styles tell the lines apart without them
    styles = (
        ("#E69F00", "o", "--"),
        ("#D55E00", "s", "-"),
        ("#56B4E9", "o", "--"),
        ("#0072B2", "s", "-"),
        ("#009E73", "^", "-"),
    )
    figure, axes = plt.subplots(figsize=(7.0, 4.2), layout="constrained")
    places = np.arange(len(coverage))
    axes.axhline(95.0, color="black", linewidth=1.0)
    for j, (label, (colour, marker, line)) in enumerate(zip(LABELS, styles, strict=True)):
        values = np.array([figures[j] for figures in coverage.values()])
        axes.errorbar(
            places + (j - 2) * 0.05, values[:, 0], yerr=1.96 * values[:, 1], label=label,
            color=colour, marker=marker, linestyle=line, markersize=5, linewidth=1.5, capsize=2,
        )  # fmt: skip
    axes.set_xticks(places, [f"{value:g}" for value in coverage])
    axes.set_xlabel("True odds ratio of each of three yes/no terms")
    axes.set_ylabel("Intervals that cover it (%)")
    axes.set_title(
        f"Coverage of 95% intervals: {N} patients, {EVENTS} events expected,\n"
        f"{repetitions:,} data sets at each point (bars: ± 1.96 Monte Carlo errors)",
        fontsize=10,
    )
    axes.legend(frameon=False, fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(repetitions: int = 10_000, workers: int = 2, picture: Path | None = PICTURE) -> None:
    """Simulate every true odds ratio, print the tables and draw the picture."""
    start = time.perf_counter()
    coverage = {}
    print(
        f"Coverage and type I error, n = {N}, {EVENTS} events expected, prevalences {PREVALENCES}"
    )
    for odds_ratio in ODDS_RATIOS:
        coverage[odds_ratio] = show(odds_ratio, simulate(odds_ratio, repetitions, workers))
    if picture is not None:
        draw(coverage, repetitions, picture)
    print(f"\n{time.perf_counter() - start:.0f} s with {workers} processes")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    arguments = parser.parse_args()
    main(arguments.repetitions, arguments.workers, arguments.picture)
