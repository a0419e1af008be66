"""Rows that the paper does not explain: do they add up under some reading of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from myocohort.papers.checks.finding import Finding, finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import PrintedNumber, Reading
from myocohort.papers.paperfile import Paper
from myocohort.papers.patients import patients_with
from myocohort.papers.printed import Rounding, whole

NAME = "readings_add_up"
LEVEL = "yes"


@dataclass(frozen=True, slots=True)
class _Row:
    """The printed count of a yes/no variable in a group."""

    variable: str
    number: PrintedNumber

    @property
    def n(self) -> int:
        return whole(self.number.text)


def readings_add_up(paper: Paper, rounding: Rounding = "nearest") -> Iterator[Finding]:
    """Hold the counts of yes/no rows against each reading that the paper file declares.

    Rows that exclude each other cannot have more patients together than the group. A row that
    sums up others has at least as many as the largest of them and at most as many as all
    together, and exactly as many as all together where they exclude each other. A number is
    inconsistent only where it takes part in a rule that fails under every reading; one that
    fails under some readings only speaks against these.
    """
    by_reading = [tuple(_under(paper, reading)) for reading in paper.reading]
    failing = [
        {
            name
            for found in findings
            if found.verdict == "inconsistent"
            for name in (found.number, *found.against)
        }
        for findings in by_reading
    ]
    for findings in by_reading:
        for found in findings:
            if found.verdict == "inconsistent" and not all(found.number in f for f in failing):
                said = (
                    f"{found.explanation}: this speaks against the reading, not against the number"
                )
                yield replace(
                    found, verdict="untestable", explanation=said, computed="", suggestion=""
                )
            else:
                yield found


def _under(paper: Paper, reading: Reading) -> Iterator[Finding]:
    """Yield what one reading says, as if it were the only one."""
    for group in paper.groups:
        rows = {
            count.variable: _Row(count.variable, paper.number_of(count, "n"))
            for count in reversed(paper.count)
            if count.group == group and count.level == LEVEL and count.n is not None
        }
        for names in reading.exclusive:
            known = [rows[name] for name in names if name in rows]
            if len(known) > 1:
                yield from _exclusive(paper, reading, group, known)
        for summary, names in reading.any_of.items():
            known = [rows[name] for name in names if name in rows]
            if summary in rows and known:
                apart = any(set(names) <= set(exclusive) for exclusive in reading.exclusive)
                everything = len(known) == len(names)
                yield _union(reading, rows[summary], known, apart=apart, everything=everything)


def _sum(rows: Sequence[_Row]) -> str:
    return f"{' + '.join(row.number.text for row in rows)} = {sum(row.n for row in rows)}"


def _reading(reading: Reading) -> str:
    return f"on the reading that {reading.label}"


def _exclusive(
    paper: Paper, reading: Reading, group: str, rows: Sequence[_Row]
) -> Iterator[Finding]:
    """Hold rows that exclude each other against the patients of the group with a value."""
    having = [patients_with(paper, row.variable, group) for row in rows]
    sizes = [patients[-1] for patients in having if patients is not None]
    if len(sizes) < len(rows):
        reason = f"{_reading(reading)}, {_sum(rows)}, but the group has no printed size"
        yield finding(NAME, "untestable", rows[0].number, _ids(rows[1:]), reason)
        return
    most = max(sizes)
    said = f"{_reading(reading)}, {_sum(rows)} of {most}"
    running = 0
    for place, row in enumerate(rows):
        running += row.n
        if running > most:
            others = [other for other in rows if other is not row]
            yield finding(
                NAME,
                "inconsistent",
                row.number,
                _ids(others),
                f"{said}, more than there are" + ("" if place else " from this row alone"),
                computed=f"at most {most - sum(other.n for other in others)}"
                if sum(other.n for other in others) <= most
                else "",
            )
            return
    yield finding(NAME, "consistent", rows[0].number, _ids(rows[1:]), said)


def _union(
    reading: Reading, summary: _Row, rows: Sequence[_Row], *, apart: bool, everything: bool
) -> Finding:
    """Hold a row that sums up others against them; `apart` where these exclude each other."""
    total, largest = sum(row.n for row in rows), max(row.n for row in rows)
    least = total if apart else largest
    most = total if everything else None
    fits = least <= summary.n and (most is None or summary.n <= most)
    if apart and everything:
        said = f"{_sum(rows)}"
    else:
        upper = f"at most {_sum(rows)}" if everything else "parts of it are not printed"
        said = f"at least {least} ({'their sum' if apart else 'the largest part'}), {upper}"
    said = f"{_reading(reading)}, {said}, printed {summary.number.text}"
    if fits:
        return finding(NAME, "consistent", summary.number, _ids(rows), said)

    def heals(text: str) -> bool:
        return least <= whole(text) and (most is None or whole(text) <= most)

    return finding(
        NAME,
        "inconsistent",
        summary.number,
        _ids(rows),
        said,
        computed=str(least) if least == most else "",
        suggestion=healing(summary.number.text, heals),
    )


def _ids(rows: Sequence[_Row]) -> tuple[str, ...]:
    return tuple(row.number.id for row in rows)
