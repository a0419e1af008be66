"""CK, strength, glucocorticoids and time lines as they are printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from myocohort.report.model.models import Results
from myocohort.report.over_time.ck_figure import ck_figure
from myocohort.report.over_time.dose_figure import dose_figure
from myocohort.report.over_time.strength_figure import strength_figure
from myocohort.report.over_time.time_lines_figure import EARLIEST, drawn_patients, time_lines_figure
from myocohort.report.rounding import MISSING, fixed_text, p_equation, percent_text, plain_text
from myocohort.report.section import ReportFigure
from myocohort.report.wording import missing_text, outcome_words

Row = TypeVar("Row")
KEY = "patients_over_time"
NO_SECTION = "the results hold no patients over time."
_CK_DECIMALS = 0
_DECIMALS = {"mg": 0, "mg/day": 1, "mg/kg": 1, "mg/kg/day": 2}
"""Unit of a dose -> decimals."""


@dataclass(frozen=True, slots=True)
class CkRow:
    """CK of one group at one month: n, where it lies (U/L), how many above the limit, missing."""

    month: str
    n: int
    median: str
    quartiles: str
    geometric: str
    above: str
    missing: str


@dataclass(frozen=True, slots=True)
class StrengthRow:
    """Grades of one group at one month: for each whole grade number, percentage, and codes."""

    month: str
    n: int
    cells: tuple[tuple[str, str], ...]
    missing: str


@dataclass(frozen=True, slots=True)
class DoseRow:
    """A dose in one group."""

    label: str
    n: int
    median: str
    quartiles: str
    extremes: str
    missing: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One dose that is described by group, and what its comparison gave."""

    title: str
    rows: tuple[DoseRow, ...]
    comparison: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientRow:
    """The doses of one patient, with their ranges and the days that they cover."""

    patient: str
    outcome: str
    months: str
    by_month: str
    by_month_range: str
    whole: str
    whole_range: str
    days: str
    note: str


@dataclass(frozen=True, slots=True)
class Group(Generic[Row]):
    """A heading and its rows."""

    label: str
    n: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class DosesView:
    """Glucocorticoids; `left_out` says why where there are none."""

    left_out: str
    unit: str
    month: int
    equivalents: str
    measures: tuple[Measure, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    patients: tuple[PatientRow, ...]


@dataclass(frozen=True, slots=True)
class PatientsView:
    """The whole section; what is left out has its reason."""

    left_out: str
    notes: tuple[str, ...] = ()
    ck_left_out: str = ""
    ck: tuple[Group[CkRow], ...] = ()
    ck_note: str = ""
    strength_left_out: str = ""
    grades: tuple[str, ...] = ()
    strength: tuple[Group[StrengthRow], ...] = ()
    doses: DosesView | None = None
    lines_left_out: str = ""


def patients_view(results: Results) -> PatientsView:
    """Lay out the section `patients_over_time` of results.json."""
    section = results.get(KEY)
    if not section:
        return PatientsView(NO_SECTION)
    if section["left_out"]:
        return PatientsView(section["left_out"], tuple(section["notes"]))
    ck, strength = section["ck"], section["strength"]
    return PatientsView(
        "",
        tuple(section["notes"]),
        ck["left_out"],
        tuple(
            Group(group["label"], group["n"], tuple(_ck_row(month) for month in group["months"]))
            for group in ck["groups"]
        ),
        _ck_note(ck),
        strength["left_out"],
        tuple(strength["grades"]),
        tuple(
            Group(group["label"], group["n"], tuple(_strength_row(m) for m in group["months"]))
            for group in strength["groups"]
        ),
        _doses(section),
        section["patients_left_out"],
    )


def month_name(month: int) -> str:
    """Return a planned month as a row is called."""
    return plain_text(month) if month else "Before treatment"


def range_text(low: Any, high: Any, decimals: int) -> str:
    """Print two ends with their dash, or a dash alone where there are none."""
    if low is None or high is None:
        return MISSING
    return f"{fixed_text(low, decimals)}\u2013{fixed_text(high, decimals)}"


def _ck_row(month: Mapping[str, Any]) -> CkRow:
    return CkRow(
        month_name(month["month"]),
        month["n"],
        fixed_text(month["median"], _CK_DECIMALS),
        range_text(month["q1"], month["q3"], _CK_DECIMALS),
        fixed_text(month["geometric_mean"], _CK_DECIMALS),
        f"{month['above']} of {month['limit_known']}" if month["limit_known"] else MISSING,
        missing_text(month),
    )


def _ck_note(ck: Mapping[str, Any]) -> str:
    """Say what the columns are, and why a dash may stand."""
    limits = ck["limits"]
    text = f"Quartiles: {ck['quartiles']}."
    if limits["low"] is None:
        text += " No upper limit is recorded."
    else:
        ends = plain_text(limits["low"])
        if limits["high"] != limits["low"]:
            ends += f" to {plain_text(limits['high'])}"
        text += (
            " Above the upper limit of the same visit, of those with a recorded limit; the limits "
            f"are {ends} U/L"
        )
        text += (
            f", and not recorded for {limits['unknown']} of {limits['visits']} values."
            if limits["unknown"]
            else "."
        )
    if any(m["geometric_mean_missing"] for g in ck["groups"] for m in g["months"]):
        text += " No geometric mean where a CK is 0."
    return f"{text} A dash stands where no value, or no limit, is known."


def _strength_row(month: Mapping[str, Any]) -> StrengthRow:
    cells = []
    for level in month["levels"]:
        text = str(level["n"])
        if month["n"]:
            text += f" ({percent_text(level['percent'])})"
        codes = level["codes"]
        plain = set(codes) <= {level["grade"]}
        small = "" if plain else ", ".join(f"{code}: {n}" for code, n in codes.items())
        cells.append((text, small))
    return StrengthRow(month_name(month["month"]), month["n"], tuple(cells), missing_text(month))


def _doses(section: Mapping[str, Any]) -> DosesView:
    doses = section["glucocorticoid"]
    unit = doses["unit"] or ""
    names = {group["code"]: group["label"] for group in section["groups"]}
    return DosesView(
        doses["left_out"],
        unit,
        doses["month"],
        _equivalents(doses),
        tuple(_measure(measure, names) for measure in doses["measures"]),
        tuple(doses["notes"]),
        tuple(doses["warnings"]),
        tuple(_patient(patient, unit, names) for patient in section["patients"] if unit),
    )


def _equivalents(doses: Mapping[str, Any]) -> str:
    listed = ", ".join(
        f"{plain_text(row['mg'])} mg of {row['drug']}"
        for row in doses["equivalents"]
        if row["drug"] != "prednisone"
    )
    five = plain_text(next((row["prednisone_mg"] for row in doses["equivalents"]), None))
    return f"{five} mg of prednisone stand for {listed} ({doses['reference']})."


def _measure(measure: Mapping[str, Any], names: Mapping[str, str]) -> Measure:
    decimals = _DECIMALS[measure["unit"]]
    rows = tuple(
        DoseRow(
            group["label"],
            group["n"],
            fixed_text(group["median"], decimals),
            range_text(group["q1"], group["q3"], decimals),
            range_text(group["min"], group["max"], decimals),
            missing_text(group),
        )
        for group in measure["groups"]
    )
    result = measure["comparison"]
    return Measure(
        f"{measure['label']}, {measure['unit']} of prednisone",
        rows,
        comparison_text(measure, names) if result else measure["not_compared"],
        tuple(result["warnings"]) if result and result["p"] is not None else (),
    )


def comparison_text(measure: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Print a comparison: the shift with its limits, and the p of the same family."""
    result, unit = measure["comparison"], measure["unit"]
    decimals = _DECIMALS[unit]
    count = f"n = {result['n']}, n missing = {result['n_missing']}"
    how = "against" if result["estimate"] is None else "less"
    between = f"{_name(names, result['first'])} {how} {_name(names, result['second'])}"
    if result["p"] is None:
        why = "; ".join(result["warnings"])
        return f"{between}: {why} ({count})."
    shift = ""
    if result["estimate"] is not None:
        interval = result["interval"]
        shift = (
            f"shift {fixed_text(result['estimate'], decimals)} {unit} "
            f"({plain_text(100 * interval['level'])}% limits "
            f"{fixed_text(interval['low'], decimals)} to "
            f"{fixed_text(interval['high'], decimals)}), "
        )
    return f"{between}: {shift}{p_equation(result['p'])}, {count}. {result['method']}."


def _name(names: Mapping[str, str], code: str) -> str:
    return names.get(code) or outcome_words(code)


def _patient(patient: Mapping[str, Any], unit: str, names: Mapping[str, str]) -> PatientRow:
    decimals = _DECIMALS[unit]
    by_month, whole = patient["dose"]["by_month"], patient["dose"]["whole"]

    def bounds(dose: Mapping[str, Any]) -> str:
        if dose["low"] == dose["high"]:
            return ""
        return range_text(dose["low"], dose["high"], decimals)

    days = MISSING
    if whole["days"] is not None:
        days = f"{plain_text(whole['covered'], 1)} of {plain_text(whole['days'], 1)}"
    return PatientRow(
        patient["patient"],
        _name(names, patient["outcome"]),
        fixed_text(patient["end"], 1),
        fixed_text(by_month["dose"], decimals),
        bounds(by_month),
        fixed_text(whole["dose"], decimals),
        bounds(whole),
        days,
        "; ".join(dict.fromkeys(why for why in (by_month["missing"], whole["missing"]) if why)),
    )


def patients_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the figures of what the results hold."""
    section = results.get(KEY)
    if not section or section["left_out"]:
        return
    listed = bool(section["patients"])
    many = f" {section['patients_left_out']}" if section["patients_left_out"] else ""
    drawing = time_lines_figure(section, results)
    if drawing is not None:
        yield ReportFigure(
            "time-lines",
            drawing,
            _time_lines_legend(section),
            "Time lines of the patients: onset, visits with mRS, drugs, scans and events",
        )
    drawing = ck_figure(section, results)
    if drawing is not None:
        every = "a thin line for every patient, and " if listed else ""
        none = sum(v["ck"] == 0 for p in section["patients"] for v in p["visits"])
        zero = f" A CK of 0 stands at the lower edge ({none})." if none else ""
        yield ReportFigure(
            "ck",
            drawing,
            f"CK by group of the outcome: {every}the median with quartiles at the planned "
            f"months; broken lines are upper limits.{zero}{many}",
            "CK over time in each group of the outcome; the table below has the medians",
        )
    drawing = strength_figure(section, results)
    if drawing is not None:
        every = (
            "above, a line for every patient (those on the same grade a little apart); below, "
            if listed
            else ""
        )
        yield ReportFigure(
            "strength",
            drawing,
            f"MRC grade of the weakest muscle group by group of the outcome: {every}the shares of "
            f"the whole grades at the planned months; numbers are patients.{many}",
            "MRC grades over time in each group of the outcome; the table below has the counts",
        )
    drawing = dose_figure(section, results)
    if drawing is not None:
        every = " Dots are patients; a line through one is its range." if listed else ""
        yield ReportFigure(
            "glucocorticoid",
            drawing,
            "Cumulative dose of glucocorticoids as prednisone, by group of the outcome: median "
            f"(line) and quartiles (box).{every}{many}",
            "Cumulative glucocorticoid dose in each group of the outcome; the table below has "
            "medians and quartiles",
        )


def _time_lines_legend(section: Mapping[str, Any]) -> str:
    shown, n = len(drawn_patients(section)), section["n"]
    who = "the only patient" if n == 1 else f"{'all ' if shown == n else ''}{shown} patients"
    text = f"Time lines of {who}, by outcome and then "
    text += "the longest follow-up first."
    if shown < n:
        text += (
            f" {shown} of {n} are drawn, taken at even steps from that order; {n - shown} are not."
        )
    text += " Squares are visits, bars are drugs; a bar without a recorded stop runs to the end of "
    text += "follow-up, and a short one is drawn wider than it is."
    earlier = sum(
        patient["onset"] is not None and patient["onset"] < EARLIEST
        for patient in drawn_patients(section)
    )
    if earlier:
        text += (
            f" Onset more than {plain_text(-EARLIEST)} months before treatment is an arrow "
            f"({earlier})."
        )
    return text
