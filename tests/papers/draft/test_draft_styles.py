"""Tables of made patients in many styles: every number that a style makes clear is read right."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from myocohort.papers.draft.document import Document, Table
from myocohort.papers.draft.drafting import draft_paper
from myocohort.papers.entries import Count, Mean, Median, Missing, PValue, Range, Size
from myocohort.papers.paperfile import Paper

Expected = tuple[str, ...]

FINDINGS = ["Interstitial lung disease", "Dysphagia", "Raised CK", "Anti-Ro-52", "Weight loss"]
CATEGORIES = [("Course", ["acute", "subacute", "chronic"]), ("Stage", ["I", "II", "III", "IV"])]
NUMBERS = ["Age", "Body mass index", "Disease duration", "Muscle strength"]
HEADS = ["{0} ({1})", "{0} (n = {1})", "{0}, N={1}", "{0}\nn={1}", "{0} (n={1} patients)"]
P_HEADS = ["P", "p-value", "P value*", "p", "Sig."]


class Style:
    """One journal's way to print a table, drawn at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        pick = self.random.choice
        self.sizes = [self.random.randint(12, 90), self.random.randint(12, 90)]
        self.groups = pick([["Cases", "Controls"], ["Group A", "Group B"], ["SRP+", "SRP-"]])
        self.overall = pick([True, False])
        self.head = pick(HEADS)
        self.p_head = pick(P_HEADS)
        self.count = pick(
            ["{0} ({1})", "{0} ({1}%)", "{0}({1})", "{0}/{2} ({1})", "{1}% ({0})", "two"]
        )
        self.mean = pick(["{0} ± {1}", "{0}±{1}", "{0} ({1})", "{0} +/- {1}"])
        self.median = pick(["{0} ({1}, {2})", "{0} [{1}–{2}]", "{0} ({1}-{2})", "{0} ({1} to {2})"])
        self.ranges = pick([True, False])
        self.decimals = pick([0, 1, 2])
        self.said_in = pick(["label", "notes", "nowhere"])
        self.levels = pick(["indented", "p on the head", "section"])
        self.point = pick([".", ".", "·"])
        if self.said_in == "nowhere":
            self.ranges = False

    def percent(self, count: int, size: int) -> str:
        """Print a percentage with the style's decimals."""
        return f"{100 * count / size:.{self.decimals}f}"

    def label(self, text: str, said: str) -> str:
        """Print a label, with what its cells hold where the style says it there."""
        return f"{text}, {said}" if self.said_in == "label" else text


def made_table(seed: int) -> tuple[Table, Counter[Expected]]:
    """Make a table and the numbers that a draft of it should have."""
    style = Style(seed)
    rng = style.random
    wanted: Counter[Expected] = Counter()
    groups = [*(["Overall"] if style.overall else []), *style.groups]
    sizes = [*([sum(style.sizes)] if style.overall else []), *style.sizes]
    two = style.count == "two"
    head = [[""], [""]]
    for group, size in zip(groups, sizes, strict=True):
        head[0] += [style.head.format(group, size)] * (2 if two else 1)
        head[1] += ["n", "%"] if two else [""]
        wanted["size", group, str(size)] += 1
    head[0].append(style.p_head)
    head[1].append("")
    rows: list[list[str]] = []

    def p_value(label: str) -> str:
        text = rng.choice([f"{rng.random():.3f}", "<0.001", f"{rng.random():.2f}"])
        wanted["p", label, text] += 1
        return text

    def count_row(label: str, name: str, level: str, counts: list[int], p: str) -> None:
        cells = []
        for group, size, count in zip(groups, sizes, counts, strict=True):
            percent = style.percent(count, size)
            wanted["count", name, level, group, str(count), percent] += 1
            cells += [str(count), percent] if two else [style.count.format(count, percent, size)]
        rows.append([label, *cells, p])

    def number_row(label: str, cells: list[str], p: str) -> None:
        rows.append(
            [label, *(part for cell in cells for part in ([cell, ""] if two else [cell])), p]
        )

    rows.append(["Clinical features", *[""] * (len(head[0]) - 1)])
    for name in rng.sample(FINDINGS, 3):
        own = [rng.randint(0, size) for size in style.sizes]
        counts = [sum(own), *own] if style.overall else own
        count_row(style.label(name, "n (%)"), name, "yes", counts, p_value(name))
    for name in rng.sample(NUMBERS, 2):
        cells = []
        for group in groups:
            mean, sd = f"{rng.uniform(20, 80):.1f}", f"{rng.uniform(1, 20):.1f}"
            wanted["mean", name, group, mean, sd] += 1
            cells.append(style.mean.format(mean, sd))
        number_row(style.label(name, "mean (SD)"), cells, p_value(name))
    cells = []
    for group in groups:
        low, middle, high = sorted(rng.sample(range(1, 60), 3))
        kind = "range" if style.ranges else "quartiles"
        wanted[kind, "Delay", group, str(middle), str(low), str(high)] += 1
        cells.append(style.median.format(middle, low, high))
    said = "median (range)" if style.ranges else "median (IQR)"
    number_row(style.label("Delay", said), cells, p_value("Delay"))
    name, levels = rng.choice(CATEGORIES)
    p = p_value(name)
    rows.append([style.label(name, "n (%)"), *[""] * (len(head[0]) - 2), p])
    own_levels = [_split(rng, size, len(levels)) for size in style.sizes]
    for position, level in enumerate(levels):
        own = [counts[position] for counts in own_levels]
        counts = [sum(own), *own] if style.overall else own
        count_row(f"  {level}" if style.levels == "indented" else level, name, level, counts, "")
    rows = [[row[0], *(cell.replace(".", style.point) for cell in row[1:])] for row in rows]
    notes = ["* from tests named in Methods"]
    if style.said_in == "notes":
        notes.append(f"Values are n (%), mean (SD) or {said}.")
    lines = head if two else head[:1]
    table = Table(
        "Table 1", "Features", tuple(map(tuple, lines)), tuple(map(tuple, rows)), tuple(notes)
    )
    return table, wanted


def _split(rng: random.Random, size: int, parts: int) -> list[int]:
    cuts = sorted(rng.randint(0, size) for _ in range(parts - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, size], strict=True)]


def read(paper: Paper) -> Iterator[Expected]:
    """Yield what a draft says of the table, in the words of `made_table`."""
    group = {key: what.label for key, what in paper.groups.items()}
    name = {key: what.label for key, what in paper.variables.items()}
    ranges = {(entry.variable, entry.group): entry for entry in paper.range}
    for entry in paper.entries():
        if isinstance(entry, Size):
            yield "size", group[entry.group], entry.n
        elif isinstance(entry, Count):
            assert entry.n is not None
            assert entry.percent is not None
            where = (name[entry.variable], entry.level, group[entry.group])
            yield "count", *where, entry.n, entry.percent
        elif isinstance(entry, Mean):
            yield "mean", name[entry.variable], group[entry.group], entry.mean, str(entry.sd)
        elif isinstance(entry, Median):
            where = (name[entry.variable], group[entry.group])
            if entry.q1 is not None and entry.q3 is not None:
                yield "quartiles", *where, entry.median, entry.q1, entry.q3
            else:
                limits = ranges[entry.variable, entry.group]
                yield "range", *where, entry.median, str(limits.low), str(limits.high)
        elif isinstance(entry, PValue):
            yield "p", name[entry.variable], entry.p
        elif not isinstance(entry, Range):
            assert isinstance(entry, Missing)
            yield "missing", entry.n


@pytest.mark.parametrize("block", range(4))
def test_tables_in_many_styles(block: int) -> None:
    """All numbers of 75 made tables in random styles are read as what they are."""
    for seed in range(75 * block, 75 * block + 75):
        table, wanted = made_table(seed)
        draft = draft_paper(Document("A paper", "", (table,)))
        found = Counter(read(Paper.model_validate(draft.paper)))
        assert found == wanted, (seed, wanted - found, found - wanted, table)
        assert not draft.not_understood
