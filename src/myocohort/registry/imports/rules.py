"""What must hold between rows and tables, with what the registry holds already."""

from __future__ import annotations

import re
from collections.abc import Iterable

from myocohort.errors import Problem
from myocohort.registry.entries import (
    DATED_KINDS,
    KEYS,
    Entry,
    Key,
    Snapshot,
    Stored,
    date_of,
    entries_of,
    occasion,
    row_key,
)
from myocohort.registry.imports.columns import did_you_mean, is_dated
from myocohort.registry.imports.row_rules import (
    ROW_RULES,
    Course,
    date_problems,
    future_dates,
    month_of,
    no_rule,
)
from myocohort.registry.imports.validate import Row
from myocohort.study.standard import TABLES
from myocohort.study.studyfile import Study
from myocohort.study.values import PartialDate

PATIENT_DATES = ("onset", "treatment_start", "death")


def apply_rules(
    study: Study, rows: list[Row], snapshot: Snapshot, *, all_read: bool
) -> tuple[list[Entry], list[Problem]]:
    """Check rows against each other and the registry, and give what is to be stored.

    Parameters
    ----------
    rows
        All rows of the batch, those with bad cells too.
    snapshot
        All patients, and all records of the kinds that the batch touches; where dates of
        patients change, all dated records.
    all_read
        Whether every file could be read; where not, a patient who is not found may be in it.
    """
    courses = {
        key[0]: Course(*(date_of(stored.values[name]) for name in PATIENT_DATES))
        for key, stored in snapshot.kinds["patients"].items()
    }
    named: dict[str, list[Row]] = {}
    for row in rows:
        if row.table == "patients" and row.patient:
            named.setdefault(row.patient, []).append(row)
            course = courses.setdefault(row.patient, Course())
            for name in PATIENT_DATES:
                if name in row.cells:
                    setattr(course, name, row.date_in(name))
    problems = [*_duplicates(study, rows), *_similar_codes(named, snapshot)]
    entries: list[Entry] = []
    default_arm = next(iter(study.arms)) if len(study.arms) == 1 else ""
    folded = {_folded(code): code for code in courses}
    for row in rows:
        found = _unknown_patient(row, courses, folded) if all_read else []
        dated = is_dated(study, row.table)
        month = None
        course = courses.get(row.patient, Course())
        if dated:
            month, timing_problems = _timing(row, row.patient in courses, course, snapshot)
            found += timing_problems
        found += ROW_RULES.get(row.table, no_rule)(row, course)
        found += future_dates(row)
        problems += found
        if not found and not row.bad:
            entries += entries_of(row, dated=dated, month=month, default_arm=default_arm)
    followed, followed_problems = _follow_patients(named, courses, snapshot, entries)
    return entries + followed, problems + followed_problems


def dates_change(rows: Iterable[Row], snapshot: Snapshot) -> bool:
    """Whether rows of patients change a date that stored records depend on."""
    for row in rows:
        stored = snapshot.find("patients", (row.patient,)) if row.table == "patients" else None
        if stored is not None and _changed_dates(row, stored):
            return True
    return False


def _changed_dates(row: Row, stored: Stored) -> list[str]:
    return [
        name
        for name in PATIENT_DATES
        if name in row.cells and str(row.date_in(name) or "") != stored.values[name]
    ]


def _duplicates(study: Study, rows: list[Row]) -> list[Problem]:
    """Find rows that claim to be the same record."""
    first: dict[tuple[str, Key], Row] = {}
    problems = []
    for row in rows:
        if not row.patient:
            continue
        for kind, key, fields in _identities(study, row):
            other = first.setdefault((kind, key), row)
            if other is row:
                continue
            named = ", ".join(fields)
            problems.append(
                row.problem(
                    f"{row.table} has one row for each {named}",
                    column="patient",
                    value=", ".join(shown for name in fields if (shown := row.shown(name))),
                    next_step=f"The same is in {other.place}: delete or correct one of the two",
                )
            )
            break
    return problems


def _identities(study: Study, row: Row) -> list[tuple[str, Key, list[str]]]:
    """Return what a row claims to be: one record, or one value of each variable."""
    if row.table in TABLES:
        if not row.bad.isdisjoint({*TABLES[row.table].key}):
            return []
        fields = [name for name in TABLES[row.table].key if name in row.matched.columns]
        return [(row.table, row_key(row), fields)]
    where = ""
    fields = ["patient"]
    if is_dated(study, row.table):
        if row.bad & {"date", "month"}:
            return []
        where = occasion(row.date_in("date"), row.number_in("month"))
        fields += [name for name in ("date", "month") if name in row.matched.columns]
    return [(row.table, (row.patient, where, name), fields) for name in row.observed]


def _folded(code: str) -> str:
    """Write a code without what is easily mistyped: case, and zeros that lead a number."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", code.casefold())


def _similar_codes(named: dict[str, list[Row]], snapshot: Snapshot) -> list[Problem]:
    first: dict[str, str] = {_folded(key[0]): key[0] for key in snapshot.kinds["patients"]}
    problems = []
    for code, rows in named.items():
        other = first.setdefault(_folded(code), code)
        if other == code:
            continue
        hidden = rows[0].matched.identifying("patient")
        place = f"{named[other][0].place}" if other in named else "the registry"
        problems.append(
            rows[0].problem(
                "codes of patients differ by more than upper case and leading zeros",
                column="patient",
                value="" if hidden else code,
                next_step=("A code like it" if hidden else f"{other!r}")
                + f" is in {place}: write one patient in one way, and two patients more "
                "differently",
            )
        )
    return problems


def _unknown_patient(row: Row, courses: dict[str, Course], folded: dict[str, str]) -> list[Problem]:
    if not row.patient or row.patient in courses:
        return []
    hidden = row.matched.identifying("patient")
    close = folded.get(_folded(row.patient)) or did_you_mean(row.patient, courses)
    hint = f" Did you mean {close!r}?" if close and not hidden else ""
    return [
        row.problem(
            f"a patient in {row.table} is in patients, in this import or in the registry",
            column="patient",
            value=row.shown("patient"),
            next_step=f"Add the patient to patients, or correct the code.{hint}",
        )
    ]


def _timing(
    row: Row, known: bool, course: Course, snapshot: Snapshot
) -> tuple[float | None, list[Problem]]:
    """Return the month of a dated row, and what is wrong with its date and month."""
    if row.bad & {"date", "month", "patient"}:
        return None, []
    if not {"date", "month"} & set(row.matched.columns):
        return None, []  # said of the header already
    date, given = row.date_in("date"), row.number_in("month")
    column = "date" if "date" in row.matched.columns else "month"
    if date is None and given is None:
        return None, [
            row.problem(
                "a row has a date, a month since the start of treatment, or both",
                column=column,
                next_step="Fill in one of them",
            )
        ]
    if "month" not in row.cells and (stored := _stored_like(row, date, snapshot)) is not None:
        given = stored.values["month_given"]
    month = month_of(date, given, course)
    if not known:
        return None, []
    if month is None:
        start = course.treatment_start
        why = "missing" if start is None else f"known as {start} only"
        if start is not None and start.complete:
            why = f"complete, but the date is {date} only"
        return None, [
            row.problem(
                "the month of a dated row is given, or follows from a complete date and a "
                "complete start of treatment",
                column=column,
                value=row.shown(column),
                next_step=f"The start of treatment of {row.who} is {why}: complete the dates, or "
                "fill in the month",
            )
        ]
    broken = date_problems(date, given, course)
    return month, [
        row.problem(rule, column=column, value=row.shown(column),
                    next_step=f"{row.who}: {detail}".removeprefix("the patient: "))
        for rule, detail in broken
    ]  # fmt: skip


def _stored_like(row: Row, date: PartialDate | None, snapshot: Snapshot) -> Stored | None:
    if row.table in KEYS:
        return snapshot.find(row.table, row_key(row))
    where = occasion(date, None)
    for name in row.observed:
        stored = snapshot.find("observations", (row.patient, row.table, name, where))
        if stored is not None:
            return stored
    return None


def _follow_patients(
    named: dict[str, list[Row]],
    courses: dict[str, Course],
    snapshot: Snapshot,
    entries: list[Entry],
) -> tuple[list[Entry], list[Problem]]:
    """Recompute months of stored records, and recheck them, where a patient's dates change."""
    followed: list[Entry] = []
    problems: list[Problem] = []
    changed = {
        code: names
        for code, rows in named.items()
        if (stored := snapshot.find("patients", (code,))) is not None
        and (names := _changed_dates(rows[-1], stored))
    }
    if not changed:
        return [], []
    renewed = {(entry.kind, entry.key) for entry in entries}
    for kind in DATED_KINDS:
        for key, stored in snapshot.kinds.get(kind, {}).items():
            values = stored.values
            if key[0] not in changed or (kind, key) in renewed or values["month"] is None:
                continue
            row = named[key[0]][-1]
            date = date_of(values["row_date" if kind == "observations" else "date"])
            month = month_of(date, values["month_given"], courses[key[0]])
            found = date_problems(date, values["month_given"], courses[key[0]])
            if month is None:
                found.append(
                    ("a start of treatment stays complete where months follow from it",
                     "complete it, or fill in the months")
                )  # fmt: skip
            column = changed[key[0]][0]
            if kind == "observations" and values["table"] in TABLES:
                found = []  # said of the visit already
            problems += [
                row.problem(
                    f"{rule} (a record in {kind} of {date}, which the registry holds)",
                    column=column,
                    value=row.shown(column),
                    next_step=detail,
                )
                for rule, detail in found
            ]
            if month != values["month"]:
                followed.append(Entry(kind, key, {"month": month}))
    return followed, list(dict.fromkeys(problems))
