from __future__ import annotations

import itertools
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_papers import MANNERS, Printer

from myocohort.papers.checks.finding import Finding
from myocohort.papers.checks.pooled_sd import pooled_sd
from myocohort.papers.entries import Group, Mean, Partition, Size
from myocohort.papers.paperfile import Paper
from myocohort.papers.pooled import Pooling
from myocohort.papers.printed import Rounding, interval


def paper_of(
    whole: tuple[str, str], parts: list[tuple[str, str, int]], *, declared: bool = True
) -> Paper:
    """Return a paper with mean and SD of a whole group and of its parts, and their sizes."""
    names = [f"part{place}" for place in range(len(parts))]
    sizes = [n for *_, n in parts]
    rows = zip(
        ("all", *names), (whole, *((m, s) for m, s, _ in parts)), (sum(sizes), *sizes), strict=True
    )
    listed = list(rows)
    return Paper(
        title="t",
        missing_declared=declared,
        groups={name: Group(label=name) for name, *_ in listed},
        partitions=(Partition(whole="all", parts=tuple(names)),),
        size=tuple(Size(id=f"s.{g}", place="T", group=g, n=str(n)) for g, _, n in listed),
        mean=tuple(
            Mean(id=f"m.{g}", place="T", variable="age", group=g, mean=mean, sd=sd)
            for g, (mean, sd), _ in listed
        ),
    )


def only(
    whole: tuple[str, str],
    parts: list[tuple[str, str, int]],
    rounding: Rounding = "nearest",
    *,
    declared: bool = True,
) -> Finding:
    """Return the finding about the SD of the whole."""
    (found,) = pooled_sd(paper_of(whole, parts, declared=declared), rounding)
    return found


def test_a_pooled_sd_of_made_patients() -> None:
    """Two groups of known values pool to the SD of all of them, and to no other."""
    one, two = [20, 31, 44, 52], [61, 58, 70]
    parts = [
        (f"{statistics.mean(x):.2f}", f"{statistics.stdev(x):.2f}", len(x)) for x in (one, two)
    ]
    mean, sd = f"{statistics.mean(one + two):.2f}", f"{statistics.stdev(one + two):.2f}"
    assert only((mean, sd), parts).verdict == "consistent"
    found = only((mean, "11.80"), parts)
    assert found.verdict == "inconsistent"
    assert found.computed == sd
    assert found.number == "m.all.sd"


def test_within_and_between_both_count() -> None:
    """10 ± 1 and 20 ± 1 of five each: the SD of all is about 5.35, not 1."""
    parts = [("10.0", "1.0", 5), ("20.0", "1.0", 5)]
    assert only(("15.0", "5.4"), parts).verdict == "consistent"
    found = only(("15.0", "1.0"), parts)
    assert found.verdict == "inconsistent"
    assert found.computed == "5.4"


def test_undeclared_missing_values_widen_what_is_possible() -> None:
    """With fewer of the second group the whole's SD is smaller, and so is its mean."""
    parts = [("10.0", "1.0", 9), ("20.0", "1.0", 9)]
    assert only(("11.0", "3.3"), parts, declared=False).verdict == "consistent"
    found = only(("11.0", "3.3"), parts)
    assert found.verdict == "untestable"
    assert "see pooled_mean" in found.explanation


def test_the_other_denominator_is_no_reason_to_accuse() -> None:
    """0, 2 and 10, 12 have the SDs 1.00 and 1.00, together 5.10, with n in the denominator."""
    sds = [statistics.pstdev(values) for values in ([0, 2], [10, 12], [0, 2, 10, 12])]
    one, two, all_of_them = (f"{sd:.2f}" for sd in sds)
    found = only(("6.00", all_of_them), [("1.00", one, 2), ("11.00", two, 2)])
    assert found.verdict == "untestable"
    assert "n in place of n - 1" in found.explanation


def test_an_incomplete_partition_is_untestable(reference_paper: Paper) -> None:
    """Of the 48 ages 40 are summarised by group; the lost patients' mean is not printed.

    48 × 40.9 - 27 × 37.26 - 13 × 50.77 is 8 × 37.15.
    """
    found = {finding.number: finding for finding in pooled_sd(reference_paper)}
    enrolled = found["text.onset_age.enrolled.sd"]
    assert enrolled.verdict == "untestable"
    assert "the patients lost to follow-up" in enrolled.explanation
    rest = (48 * Fraction("40.9") - 27 * Fraction("37.26") - 13 * Fraction("50.77")) / 8
    assert f"a mean of about {float(rest):.4g}" in enrolled.explanation


@pytest.mark.parametrize(
    ("whole", "parts", "reason"),
    [
        (("15.0", "<5"), [("10.0", "1.0", 5), ("20.0", "1.0", 5)], "inequality"),
        (("15.0", "5"), [("10.0", "1.0", 5), ("<20", "1.0", 5)], "inequality"),
        (("25.0", "5"), [("10.0", "1.0", 5), ("20.0", "1.0", 5)], "see pooled_mean"),
    ],
)
def test_what_cannot_be_tested(
    whole: tuple[str, str], parts: list[tuple[str, str, int]], reason: str
) -> None:
    """Inequalities and a mean that is itself impossible say nothing about the SD."""
    found = only(whole, parts)
    assert found.verdict == "untestable"
    assert reason in found.explanation


def test_a_missing_size_or_sd_is_untestable() -> None:
    """Without the size or the SD of a part there is nothing to pool."""
    paper = paper_of(("15.0", "5"), [("10.0", "1.0", 5), ("20.0", "1.0", 5)])
    unsized = paper.model_copy(update={"size": paper.size[:2]})
    assert [f.verdict for f in pooled_sd(unsized)] == ["untestable"]
    bare = paper.mean[2].model_copy(update={"sd": None})
    without = paper.model_copy(update={"mean": (*paper.mean[:2], bare)})
    assert [f.verdict for f in pooled_sd(without)] == ["untestable"]


@given(
    st.lists(st.lists(st.integers(-50, 90), min_size=2, max_size=12), min_size=2, max_size=3),
    st.sampled_from(MANNERS),
    st.sampled_from(["nearest", "truncated", "twice"]),
    st.integers(0, 3),
    st.booleans(),
)
def test_no_true_pooled_sd_is_accused(
    groups: list[list[int]], manner: str, way: Rounding, decimals: int, declared: bool
) -> None:
    """Means and SDs of made patients, printed in any way, are consistent."""
    printer = Printer("half_up" if way == "twice" else manner, way)

    def printed(values: list[int]) -> tuple[str, str]:
        mean = printer.number(Fraction(sum(values), len(values)), decimals)
        return mean, printer.number(statistics.stdev(values), decimals)

    parts = [(*printed(values), len(values)) for values in groups]
    whole = printed(list(itertools.chain.from_iterable(groups)))
    assert only(whole, parts, way, declared=declared).verdict == "consistent"


@given(
    st.lists(st.integers(-40, 40), min_size=2, max_size=3),
    st.integers(-45, 45),
    st.lists(st.integers(1, 6), min_size=3, max_size=3),
)
def test_weights_are_those_of_trying_all(means: list[int], whole: int, sizes: list[int]) -> None:
    """The last number of patients, solved for, is the one that going through all finds."""
    texts = [f"{mean / 10:.1f}" for mean in means]
    numbers = tuple(range(1, size + 1) for size in sizes[: len(means)])
    target = interval(f"{whole / 10:.1f}")
    pooling = Pooling(tuple(interval(text) for text in texts), numbers)
    found = set(pooling.weights(target))
    half = Fraction(1, 20)
    for weights in itertools.product(*numbers):
        centre = sum(w * Fraction(mean, 10) for w, mean in zip(weights, means, strict=True))
        exists = abs(centre / sum(weights) - Fraction(whole, 10)) <= 2 * half
        assert (weights in found) == exists
    together = Pooling(pooling.means, numbers, together=4)
    assert set(together.weights(target)) == {w for w in found if sum(w) == 4}
