"""The section on muscle biopsies as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from myocohort.report.model.models import Results
from myocohort.report.pathology.correlation_figure import correlated_points, rho_text
from myocohort.report.pathology.expression_figure import MOST_GROUPS, MOST_MARKERS
from myocohort.report.pathology.findings_figure import MOST_FINDINGS
from myocohort.report.rounding import (
    MISSING,
    decimals_for,
    fixed_text,
    n_equals,
    p_equation,
    p_text,
    percent_text,
    plain_text,
)

NONE = "the results hold no pathology."
MOST_DRAWN_PAIRS = 3
"""Pairs of markers that are drawn where no publication reports one."""


@dataclass(frozen=True, slots=True)
class FindingCell:
    """One group: present of read with percent, its limits, and in whom it was not read."""

    share: str
    limits: str
    not_read: str
    reason: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding; a cell a group."""

    label: str
    stain: str
    cells: tuple[FindingCell, ...]


@dataclass(frozen=True, slots=True)
class ExpressionRow:
    """One group's expression of a marker."""

    label: str
    n: int
    missing: str
    mean: str
    median: str
    spread: str


@dataclass(frozen=True, slots=True)
class MarkerView:
    """One marker.

    Parameters
    ----------
    label, rows
        The marker and its groups.
    compared
        The test between groups, or why there is none.
    fields
        Planned fields against those that count, in a sentence.
    """

    label: str
    rows: tuple[ExpressionRow, ...]
    compared: str
    fields: str


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One stained patient: group, and for each marker value, cells of fibres, and fields."""

    patient: str
    group: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """The rank correlation of two markers; limits stand with the p value that belongs to them."""

    pair: str
    n: int
    missing: int
    rho: str
    limits: str
    p_limits: str
    p: str
    adjusted: str
    printed: str


@dataclass(frozen=True, slots=True)
class PathologyView:
    """The whole section; `left_out` says why where there is none.

    Parameters
    ----------
    left_out, notes
        Why there is nothing, and what a reader must know.
    groups
        Label and n of all patients, then of each group.
    findings
        A row a finding.
    interval
        What the limits of the findings are.
    markers, listed, patients, patients_left_out
        Expression by group; the markers whose patients are listed, the patients, and why those
        of other markers are not.
    pairs, pair_notes, level
        Rank correlations, how they were made, and the level of their limits.
    has_printed
        Whether a publication prints one of them.
    pair_figures
        Names of the figures of pairs.
    left_out_figures
        What is not drawn, and why.
    warnings
        Of the tests.
    """

    left_out: str
    notes: tuple[str, ...] = ()
    groups: tuple[tuple[str, int], ...] = ()
    findings: tuple[FindingRow, ...] = ()
    interval: str = ""
    markers: tuple[MarkerView, ...] = ()
    listed: tuple[str, ...] = ()
    patients: tuple[PatientRow, ...] = ()
    patients_left_out: tuple[str, ...] = ()
    pairs: tuple[PairRow, ...] = ()
    pair_notes: tuple[str, ...] = ()
    level: str = ""
    has_printed: bool = False
    pair_figures: tuple[str, ...] = ()
    left_out_figures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def pathology_view(results: Results) -> PathologyView:
    """Lay out the section `pathology` of results.json."""
    section = results.get("pathology")
    if not section:
        return PathologyView(NONE)
    if section["left_out"]:
        return PathologyView(section["left_out"])
    pairs = section["associations"]["pairs"]
    titles = {table["id"]: table["title"] for table in results.get("tables") or ()}
    intervals = [
        cell["interval"]
        for finding in section["findings"]
        for cell in finding["groups"].values()
        if cell["interval"]
    ]
    limits = [pair["interval"] for pair in pairs if pair["interval"]]
    return PathologyView(
        left_out="",
        notes=tuple(section["notes"]),
        groups=tuple((group["label"], group["n"]) for group in section["groups"]),
        findings=tuple(_finding(finding, section["groups"]) for finding in section["findings"]),
        interval=interval_words(intervals),
        markers=tuple(_marker(of, section["groups"], titles) for of in section["expression"]),
        listed=tuple(marker["label"] for marker in _listed(section)),
        patients=tuple(_patients(section)),
        patients_left_out=tuple(
            f"{marker['label']}: {marker['patients_left_out']}"
            for marker in section["expression"]
            if marker["patients_left_out"]
        ),
        pairs=tuple(_pair(pair) for pair in pairs),
        pair_notes=tuple(_pair_notes(section["associations"])),
        level=plain_text(100 * limits[0]["level"]) if limits else "",
        has_printed=any(pair["printed"] for pair in pairs),
        pair_figures=tuple(figure_name(pair) for pair in drawn_pairs(section)),
        left_out_figures=tuple(_not_drawn(section)),
        warnings=tuple(pathology_warnings(results)),
    )


def drawn_pairs(section: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the pairs that are drawn: those that a publication reports, else the first."""
    pairs = section["associations"]["pairs"]
    reported = [pair for pair in pairs if pair["printed"]]
    return (reported or pairs)[:MOST_DRAWN_PAIRS]


def figure_name(pair: Mapping[str, Any]) -> str:
    """Return the name of a pair's figure: baff_r and cd19 are "baff-r-cd19"."""
    return f"{pair['x']}-{pair['y']}".replace("_", "-")


def _finding(finding: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> FindingRow:
    return FindingRow(
        finding["label"],
        finding["stain"],
        tuple(_finding_cell(finding["groups"][group["code"]]) for group in groups),
    )


def _finding_cell(counts: Mapping[str, Any]) -> FindingCell:
    parts = [
        (counts["not_stained"], "not stained"),
        (counts["not_read"], "not read"),
        (counts["no_record"], "without a record"),
    ]
    not_read = "; ".join(f"{n} {words}" for n, words in parts if n)
    interval = counts["interval"]
    return FindingCell(
        f"{counts['present']}/{counts['of']} ({percent_text(counts['percent'])})"
        if counts["of"]
        else MISSING,
        MISSING
        if interval is None
        else f"{percent_text(interval['low'])}–{percent_text(interval['high'])}",
        not_read or "0",
        counts["reason"],
    )


def interval_words(intervals: Sequence[Mapping[str, Any]]) -> str:
    """Say what the limits are, from the first of those that there are."""
    if not intervals:
        return ""
    return f"{plain_text(100 * intervals[0]['level'])}% limits by {intervals[0]['method']}"


def _marker(
    marker: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> MarkerView:
    summaries = [marker["groups"][group["code"]] for group in groups]
    decimals = decimals_for(s[key] for s in summaries for key in ("mean", "sd"))
    return MarkerView(
        marker["label"],
        tuple(
            _expression_row(group["label"], summary, decimals)
            for group, summary in zip(groups, summaries, strict=True)
        ),
        _compared(marker, titles),
        _fields(marker),
    )


def _expression_row(label: str, summary: Mapping[str, Any], decimals: int) -> ExpressionRow:
    reasons = "; ".join(f"{why}: {n}" for why, n in summary["reasons"].items())
    missing = f"{summary['missing']} ({reasons})" if reasons else str(summary["missing"])
    if not summary["n"]:
        return ExpressionRow(label, 0, missing, MISSING, MISSING, MISSING)
    mean, sd, median, q1, q3, low, high = (
        fixed_text(summary[key], decimals)
        for key in ("mean", "sd", "median", "q1", "q3", "min", "max")
    )
    return ExpressionRow(
        label, summary["n"], missing, f"{mean} ± {sd}", f"{median} ({q1}–{q3})", f"{low}–{high}"
    )


def _compared(marker: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    test = marker["comparison"]
    if test is None:
        return str(marker["not_compared"])
    where = f" (in the table “{titles.get(test['table'], test['table'])}”)"
    if test["p"] is None:
        return f"{test['test']}{where}: no p value."
    published = f"; as published {test['printed_p']}" if test["printed_p"] else ""
    return f"{test['test']}{where}: {p_equation(test['p'])}, {n_equals(test['n'])}{published}."


def _fields(marker: Mapping[str, Any]) -> str:
    counts = marker["fields"]
    if not counts["recorded"]:
        return "No field of it is recorded in a followed patient."
    n, fewer = counts["patients"], counts["patients_with_fewer"]
    text = (
        f"{marker['planned']} fields planned a patient; in {n} patient{'s' * (n != 1)} "
        f"{counts['counted']} of {counts['recorded']} recorded fields count"
    )
    return f"{text}; patients with fewer than planned: {fewer}." if fewer else f"{text}."


def _listed(section: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [marker for marker in section["expression"] if not marker["patients_left_out"]]


def _patients(section: Mapping[str, Any]) -> Iterator[PatientRow]:
    """Yield every patient of any marker's list, in the order of the lists."""
    markers = _listed(section)
    labels: dict[str | None, str] = {g["code"]: g["label"] for g in section["groups"]}
    by_marker = [{row["patient"]: row for row in marker["patients"]} for marker in markers]
    order = {
        row["patient"]: labels.get(row["group"], "In no group")
        for rows in by_marker
        for row in rows.values()
    }
    for patient, group in order.items():
        yield PatientRow(patient, group, tuple(_value(rows.get(patient)) for rows in by_marker))


def _value(row: Mapping[str, Any] | None) -> tuple[str, str, str]:
    if row is None:
        return MISSING, MISSING, "not stained"
    cells = f"{row['positive_cells']}/{row['fibres']}; {row['fields']}"
    return fixed_text(row["value"], 3), cells, row["reason"]


def _pair(pair: Mapping[str, Any]) -> PairRow:
    interval, printed = pair["interval"], pair["printed"]
    published = ""
    if printed:
        published = f"{printed['r']}; p {printed['p']}" if printed["p"] else printed["r"]
    return PairRow(
        f"{pair['x_label']} with {pair['y_label']}",
        pair["n"],
        pair["n_missing"],
        rho_text(pair["rho"]),
        MISSING
        if interval is None
        else f"{rho_text(interval['low'])} to {rho_text(interval['high'])}",
        p_text(pair["p_interval"]),
        p_text(pair["p"]),
        p_text(pair["p_adjusted"]),
        published,
    )


def _pair_notes(associations: Mapping[str, Any]) -> Iterator[str]:
    """Yield how rho, its limits and the adjusted p values were made."""
    pairs = associations["pairs"]
    if not pairs:
        return
    tested = [pair["method"] for pair in pairs if pair["p"] is not None]
    if not tested:
        yield "No pair of markers could be tested: the warnings say why."
        return
    yield f"P: {'; '.join(dict.fromkeys(tested))}."
    limits = list(dict.fromkeys(p["interval"]["method"] for p in pairs if p["interval"]))
    if limits:
        yield (
            f"Limits: {'; '.join(limits)}, with the p value that belongs to them, which is not "
            "that of the test."
        )
    adjustment = associations["adjustment"]
    family = f"family of {adjustment['family']} p value{'s' if adjustment['family'] != 1 else ''}"
    yield f"Adjusted P: {adjustment['method']}, {family}."
    yield "All patients in whom both markers have a value; the others are missing."


def _not_drawn(section: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the figures leave out."""
    read = sum(bool(finding["groups"]["all"]["of"]) for finding in section["findings"])
    if read > MOST_FINDINGS:
        yield f"the figure has the first {MOST_FINDINGS} of {read} findings."
    if section["findings"] and not read:
        yield "no finding was read in a followed patient, so there is no picture of findings."
    markers = sum(
        any(group["n"] for group in marker["groups"].values()) for marker in section["expression"]
    )
    if markers > MOST_MARKERS:
        yield f"the figure has the first {MOST_MARKERS} of {markers} markers."
    if section["expression"] and not markers:
        yield "nobody has a value of a marker, so there is no picture of expression."
    if len(section["groups"]) - 1 > MOST_GROUPS:
        yield f"the figure of expression has the first {MOST_GROUPS} groups with a value."
    yield from _pairs_not_drawn(section)


def _pairs_not_drawn(section: Mapping[str, Any]) -> Iterator[str]:
    """Yield which pairs of markers have no picture."""
    pairs, chosen = section["associations"]["pairs"], drawn_pairs(section)
    drawn = 0
    for pair in chosen:
        names = f"{pair['x_label']} against {pair['y_label']}"
        if pair["rho"] is None:
            yield f"{names} is not drawn: {'; '.join(pair['warnings'])}."
        elif correlated_points(pair, section):
            drawn += 1
        else:
            yield f"{names} is not drawn, because the patients are not listed."
    if drawn and len(chosen) < len(pairs):
        words = "reported by the publication" if chosen[0]["printed"] else "the first"
        yield f"pairs of markers that are not drawn; {drawn} of {len(pairs)} are: {words}."


def pathology_warnings(results: Results) -> Iterator[str]:
    """Yield the warnings of the tests, what they are of before them."""
    section = results.get("pathology")
    if not section or section["left_out"]:
        return
    for marker in section["expression"]:
        for warning in (marker["comparison"] or {}).get("warnings") or ():
            yield f"Expression of {marker['label']}: {warning}"
    for pair in section["associations"]["pairs"]:
        for warning in pair["warnings"]:
            yield f"{pair['x_label']} with {pair['y_label']}: {warning}"
