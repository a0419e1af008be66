"""The sizes of parts and of their whole: do they add up."""

from __future__ import annotations

from collections.abc import Iterator

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding, whole

NAME = "sizes_add_up"


def sizes_add_up(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the printed size of each whole against those of its parts."""
    sizes = {size.group: size for size in paper.size}
    for partition in paper.partitions:
        if partition.whole not in sizes:
            continue
        number = next(iter(paper.numbers_of(sizes[partition.whole])))
        known = [sizes[part] for part in partition.parts if part in sizes]
        against = tuple(f"{size.id}.n" for size in known)
        if len(known) < len(partition.parts):
            yield finding(NAME, "untestable", number, against, "a part has no printed size")
            continue
        total = sum(whole(size.n) for size in known)
        added = f"{' + '.join(size.n for size in known)} = {total}"
        if total == whole(number.text):
            yield finding(NAME, "consistent", number, against, added)
        else:
            yield finding(
                NAME,
                "inconsistent",
                number,
                against,
                f"{added}, but the whole is printed as {number.text}",
                computed=str(total),
            )
