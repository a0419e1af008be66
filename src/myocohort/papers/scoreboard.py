"""Every printed number beside what the records give: the scoreboard of `myocohort reproduce`.

A match proves something only where the number was computed from others than itself. So a
number that the records were built to have is consistent at best, a number counts as
contradicted only where other printed numbers determine it, and everything else is not
recoverable, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from myocohort.errors import StatisticsError
from myocohort.papers.candidate import Candidate
from myocohort.papers.checks import run_checks
from myocohort.papers.checks.finding import Finding
from myocohort.papers.edits import healing
from myocohort.papers.entries import (
    Cited,
    Correlation,
    Mean,
    Median,
    Model,
    PrintedNumber,
    PValue,
    Range,
    Same,
    Setting,
)
from myocohort.papers.groups import values_of
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import agrees, format_like, whole
from myocohort.papers.procedures import claimed_test, compares
from myocohort.papers.recompute import recompute
from myocohort.papers.refit import refit
from myocohort.papers.scores import Score, Scoreboard, Status
from myocohort.stats.result import ModelResult


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a verdict rests on."""

    paper: Paper
    table: pd.DataFrame
    fitted: frozenset[str]
    numbers: Mapping[str, PrintedNumber]
    findings: Mapping[str, Finding]
    fits: Mapping[str, ModelResult | StatisticsError]
    fitted_variables: frozenset[str]


def score(
    paper: Paper,
    table: pd.DataFrame,
    *,
    fitted: frozenset[str],
) -> Scoreboard:
    """Recompute every printed number of a paper from an analysis table.

    Parameters
    ----------
    paper
        The paper file.
    table
        One row a patient: columns `arm`, `outcome` and the variables; yes/no as "yes" and
        "no", categories as codes, numbers as float, missing values as None or NaN.
    fitted
        Ids of the printed numbers that the records were built to have. Empty for records
        that were collected.

    Returns
    -------
    Scoreboard
        One score for every printed number.
    """
    numbers = {number.id: number for number in paper.numbers()}
    case = _Case(
        paper=paper,
        table=table,
        fitted=fitted,
        numbers=numbers,
        findings={f.number: f for f in run_checks(paper).findings if f.verdict == "inconsistent"},
        fits={entry.id: _fit(paper, entry, table) for entry in paper.model},
        fitted_variables=frozenset(
            variable
            for number in numbers.values()
            if number.id in fitted
            for variable in _measured(paper, number)
        ),
    )
    return Scoreboard(tuple(_score(case, number) for number in numbers.values()))


def _fit(paper: Paper, entry: Model, table: pd.DataFrame) -> ModelResult | StatisticsError:
    try:
        return refit(paper, entry, table)
    except StatisticsError as error:
        return error


def _score(case: _Case, number: PrintedNumber) -> Score:
    entry = number.entry
    if isinstance(entry, Cited | Setting):
        return _scored(number, "not_recoverable", why=entry.why)
    if isinstance(entry, Same):
        return _restated(case, number, case.numbers[entry.of])
    return _result(case, number, case.findings.get(number.id))


def _restated(case: _Case, number: PrintedNumber, original: PrintedNumber) -> Score:
    """Score a restatement: as what it restates, or against it where the two disagree."""
    finding = case.findings.get(number.id)
    if finding is None and number.text == original.text:
        there = _result(case, original, case.findings.get(original.id))
        why = f"restates {original.place}" + (f": {there.why}" if there.why else "")
        return replace(there, id=number.id, place=number.place, kind=number.kind, why=why)
    here = _result(case, replace(original, text=number.text), None)
    here = replace(here, id=number.id, place=number.place, kind=number.kind)
    if finding is None:
        why = f"restates {original.place}, which prints {original.text}"
        return replace(here, why=f"{why}: {here.why}" if here.why else why)
    if here.status == "reproduced" and _first_agrees(case, original, number.text):
        return replace(here, why=f"{finding.explanation}; the records give this one")
    there = _result(case, original, case.findings.get(original.id))
    recomputed = f", and the records give {there.computed} ({there.by})" if there.computed else ""
    said = finding.explanation + recomputed + _remark(number)
    return replace(
        here,
        status="contradicted",
        computed=there.computed or finding.computed,
        value=there.value,
        by=finding.check,
        why=said,
    )


def _first_agrees(case: _Case, original: PrintedNumber, text: str) -> bool:
    """Return whether the first procedure gives a text; a p of another family is not the same."""
    candidates = recompute(case.paper, original, case.table, case.fits)
    return agrees(text, candidates[0].value)


def _result(case: _Case, number: PrintedNumber, finding: Finding | None) -> Score:
    """Score a number that is a result of the study's patients; `finding` accuses it, if any."""
    try:
        candidates = recompute(case.paper, number, case.table, case.fits)
    except StatisticsError as error:
        if finding is not None:
            return _contradicted_by(finding, number, None)
        return _scored(number, "not_recoverable", why=str(error) + _remark(number))
    if finding is not None:
        return _contradicted_by(finding, number, candidates[0])
    matching = [candidate for candidate in candidates if agrees(number.text, candidate.value)]
    if not matching:
        return _mismatch(case, number, candidates)
    first = matching[0]
    if number.id in case.fitted:
        why = "the records were built to have it"
        return _scored(number, "consistent", first, why=why)
    made = case.fitted_variables.intersection(_measured(case.paper, number))
    if made and not _follows_from_r(case, number):
        why = (
            "the values behind it were made to meet other printed numbers; that they give this "
            "one too says nothing"
        )
        return _scored(number, "not_recoverable", first, why=why + _remark(number))
    if first.claimed or not isinstance(number.entry, PValue):
        return _scored(number, "reproduced", first)
    ways = " or ".join(candidate.by for candidate in matching)
    claimed = claimed_test(number.entry).label
    instead = format_like(number.text, candidates[0].value)
    score = _scored(number, "reproduced", first, why=f"the claimed {claimed} gives {instead}")
    return replace(score, by=f"{ways}, not by the claimed {claimed}", other_test=True)


def _mismatch(case: _Case, number: PrintedNumber, candidates: tuple[Candidate, ...]) -> Score:
    """Score a number that the records do not give: contradicted only where it is determined."""
    first = candidates[0]
    entry = number.entry
    if isinstance(entry, PValue) and _counts_are_printed(case, entry):
        slip = healing(
            number.text, lambda text: any(agrees(text, c.value) for c in candidates if c.claimed)
        )
        others = "; ".join(
            f"{c.by} {format_like(number.text, c.value)}" for c in candidates if not c.claimed
        )
        why = f"{_arithmetic(case, entry)}: {first.by} gives {_shown(number, first)}"
        why += f"; no other test gives {number.text} ({others})" if others else ""
        why += f". {slip}" if slip else ""
        return _scored(number, "contradicted", first, why=why + _remark(number))
    if isinstance(entry, Model) and _odds_ratios_agree(case, entry):
        slip = healing(number.text, lambda text: agrees(text, first.value))
        why = f"the records that give all its odds ratios give {_shown(number, first)}"
        why += f". {slip}" if slip else ""
        return _scored(number, "contradicted", first, why=why + _remark(number))
    why = f"the records give {_shown(number, first)}, and no other printed number determines it"
    return _scored(number, "not_recoverable", first, why=why + _remark(number))


def _counts_are_printed(case: _Case, entry: PValue) -> bool:
    """Return whether the paper prints the counts that a p value is computed from, as recorded."""
    if compares(case.paper, entry) != "table":
        return False
    for group in entry.groups:
        values = values_of(case.paper, group, entry.variable, case.table)
        printed = {
            count.level: whole(count.n)
            for count in case.paper.count
            if count.variable == entry.variable and count.group == group and count.n is not None
        }
        recorded = {level: int((values == level).sum()) for level in {*values, *printed}}
        rest = len(recorded) - len(printed)
        size = case.paper.group_size(group)
        if not printed or any(recorded[level] != n for level, n in printed.items()):
            return False
        if rest > 1 or (rest == 1 and size != len(values)):
            return False
    return True


def _arithmetic(case: _Case, entry: PValue) -> str:
    """Write the printed counts of a comparison: "5 of 27 and 5 of 13"."""
    parts = []
    for group in entry.groups:
        values = values_of(case.paper, group, entry.variable, case.table)
        levels = [
            count.n
            for count in case.paper.count
            if count.variable == entry.variable and count.group == group and count.n is not None
        ]
        parts.append(f"{' : '.join(levels)} of {len(values)}")
    return " and ".join(parts)


def _odds_ratios_agree(case: _Case, entry: Model) -> bool:
    """Return whether the refitted model has every printed odds ratio."""
    odds_ratios = [n for n in case.paper.numbers_of(entry) if n.kind == "odds_ratio"]
    return all(
        agrees(n.text, recompute(case.paper, n, case.table, case.fits)[0].value)
        for n in odds_ratios
    )


def _measured(paper: Paper, number: PrintedNumber) -> tuple[str, ...]:
    """Return the measurements whose values a number summarises; none for counts."""
    entry = number.entry
    if isinstance(entry, Mean | Median | Range):
        return (entry.variable,)
    if isinstance(entry, PValue) and compares(paper, entry) == "values":
        return (entry.variable,)
    if isinstance(entry, Correlation):
        return (entry.x, entry.y)
    return ()


def _follows_from_r(case: _Case, number: PrintedNumber) -> bool:
    """Return whether a p value is that of a correlation which the records were built to have.

    It is computed from r and n alone, so that nothing else about the values enters it.
    """
    entry = number.entry
    return (
        isinstance(entry, Correlation)
        and number.field == "p"
        and f"{entry.id}.r" in case.fitted
        and case.paper.group_size(entry.group) is not None
    )


def _contradicted_by(finding: Finding, number: PrintedNumber, first: Candidate | None) -> Score:
    """Score a number that cannot be right by arithmetic alone, whatever the records say."""
    why = finding.explanation + (f". {finding.suggestion}" if finding.suggestion else "")
    found = _scored(number, "contradicted", first, why=why + _remark(number))
    if first is not None and found.computed == finding.computed:
        return replace(found, by=f"{finding.check}; {first.by}")
    return replace(found, computed=finding.computed, value=None, by=finding.check)


def _scored(
    number: PrintedNumber, status: Status, candidate: Candidate | None = None, *, why: str = ""
) -> Score:
    return Score(
        id=number.id,
        place=number.place,
        printed=number.text,
        kind=number.kind,
        status=status,
        computed="" if candidate is None else _shown(number, candidate),
        value=None if candidate is None else float(candidate.value),
        by="" if candidate is None else candidate.by,
        why=why,
    )


def _shown(number: PrintedNumber, candidate: Candidate) -> str:
    return format_like(number.text, candidate.value)


def _remark(number: PrintedNumber) -> str:
    return f" ({number.entry.remark})" if number.entry.remark else ""
