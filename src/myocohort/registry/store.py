"""Writing entries: one transaction, found again by natural key, nothing lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from myocohort.errors import Problem
from myocohort.registry.entries import KEYS, Entry, Key, Snapshot, Stored
from myocohort.registry.imports.match import MatchedTable
from myocohort.registry.imports.validate import Row
from myocohort.study.standard import TABLES
from myocohort.study.values import NOT_RECORDED

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it is done, and how much there is."""

BATCH = 5_000
LISTED = 5
DERIVED_FIELDS = {"occasion", "month", "raw", "ck_raw", "text", "date", "number"}


@dataclass(slots=True)
class Change:
    """An entry, and the record that it changes (None where it is new)."""

    entry: Entry
    stored: Stored | None
    fields: dict[str, Any]
    missing: dict[str, str] | str


@dataclass(slots=True)
class Plan:
    """What is to be written, and what becomes of each input row."""

    changes: dict[str, list[Change]] = field(default_factory=dict)
    created: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)


def take_snapshot(kinds: Iterable[str]) -> Snapshot:
    """Read all records of the kinds that are named, and all patients."""
    wanted = {"patients", *kinds}
    return Snapshot({kind: _stored(kind) for kind in KEYS if kind in wanted})


def make_plan(
    entries: list[Entry], snapshot: Snapshot, *, blank_overwrites: bool
) -> tuple[Plan, list[Problem]]:
    """Compare entries with what is stored.

    Parameters
    ----------
    entries
        Of rows without problems.
    snapshot
        What is stored.
    blank_overwrites
        Whether an empty cell may take the place of a value.

    Returns
    -------
    plan, problems
        A problem for every value that an empty cell would overwrite.
    """
    plan, problems = Plan(), []
    for entry in entries:
        stored = snapshot.find(entry.kind, entry.key)
        missing = _merged_missing(entry, stored)
        if entry.row is not None:
            plan.known.add(id(entry.row))
        if stored is None:
            plan.changes.setdefault(entry.kind, []).append(
                Change(entry, None, entry.values, missing)
            )
            if entry.row is not None:
                main = entry.row.table if entry.row.table in TABLES else "observations"
                (plan.created if entry.kind == main else plan.updated).add(id(entry.row))
            continue
        fields = {
            name: value for name, value in entry.values.items() if stored.values[name] != value
        }
        if not fields and missing == stored.missing:
            continue
        if not blank_overwrites:
            problems += _blanked(entry, stored, fields)
        plan.changes.setdefault(entry.kind, []).append(Change(entry, stored, fields, missing))
        if entry.row is not None:
            plan.updated.add(id(entry.row))
    plan.updated -= plan.created
    return plan, problems


def vanished(
    tables: list[MatchedTable], entries: list[Entry], snapshot: Snapshot
) -> tuple[list[Problem], dict[tuple[str, str], int]]:
    """Find records that were read from a file which no longer has them.

    An import never deletes: without this check a row whose date was corrected would be in
    the registry twice.

    Returns
    -------
    list of Problem
        Of the study's own files.
    dict
        (file, table) -> how many such records a file given by hand leaves in place: it may be
        the next month's export under the same name.
    """
    from myocohort.registry.models import ImportedFile

    known = ImportedFile.objects.values_list("name", "table", "pk", "declared")
    before = {(name, table): (pk, declared) for name, table, pk, declared in known}
    renewed = {(entry.kind, entry.key) for entry in entries}
    problems: list[Problem] = []
    kept: dict[tuple[str, str], int] = {}
    for matched in tables:
        place = (matched.sheet.file, matched.table)
        if place not in before:
            continue
        source, declared = before[place]
        kind = matched.table if matched.table in TABLES else "observations"
        gone = [
            key
            for key, stored in snapshot.kinds[kind].items()
            if stored.source == source
            and (kind, key) not in renewed
            and stored.values.get("table", matched.table) == matched.table
        ]
        if gone and declared:
            problems.append(_vanished_problem(matched, gone))
        elif gone:
            kept[place] = len(gone)
    return problems, kept


def _vanished_problem(matched: MatchedTable, gone: list[Key]) -> Problem:
    named = "; ".join(", ".join(str(part) for part in key if part) for key in gone[:LISTED])
    more = f" and {len(gone) - LISTED} more" if len(gone) > LISTED else ""
    return Problem(
        rule=f"a file still has the rows of {matched.table} that were imported from it "
        f"({len(gone)} gone or given another key)",
        value="" if matched.identifying("patient") else named + more,
        file=matched.sheet.file,
        sheet=matched.sheet.sheet,
        next_step="An import never deletes. Put the rows back, or read all files anew with "
        "`myocohort study update STUDY`",
    )


def write(
    plan: Plan, tables: list[MatchedTable], sources: dict[int, int], progress: Progress | None
) -> None:
    """Write a plan; the caller holds the transaction.

    Parameters
    ----------
    plan
        From `make_plan`.
    tables, sources
        The tables that were read, and id of a table -> primary key of its ImportedFile.
    progress
        Called after each batch.
    """
    from myocohort.registry.models import MODELS, Patient, Visit

    owners = _Owners()
    for kind, model in MODELS.items():
        changes = plan.changes.get(kind)
        if not changes:
            continue
        if kind != "patients" and not owners.patients:
            owners.patients = dict(Patient.objects.values_list("code", "pk"))
        if kind == "strengths":
            rows = Visit.objects.values_list("patient__code", "occasion", "pk")
            owners.visits = {(code, occasion): pk for code, occasion, pk in rows}
        _write_kind(kind, model, changes, owners, sources, progress)


@dataclass(slots=True)
class _Owners:
    """Primary keys of patients by code, and of visits by patient and occasion."""

    patients: dict[str, int] = field(default_factory=dict)
    visits: dict[Key, int] = field(default_factory=dict)

    def of(self, entry: Entry) -> dict[str, Any]:
        """Return the foreign key of an entry, or a patient's code."""
        if entry.kind == "patients":
            return {"code": entry.key[0]}
        if entry.kind == "strengths":
            return {"visit_id": self.visits[entry.key[:2]]}
        return {"patient_id": self.patients[entry.key[0]]}


def _write_kind(
    kind: str,
    model: Any,
    changes: list[Change],
    owners: _Owners,
    sources: dict[int, int],
    progress: Progress | None,
) -> None:
    new, old = [], []
    columns = {"missing", "source_id"}
    for change in changes:
        entry, stored = change.entry, change.stored
        values = dict(change.fields)
        if entry.row is not None:
            values["source_id"] = sources[id(entry.row.matched)]
        if stored is None:
            new.append(model(missing=change.missing, **owners.of(entry), **values))
            continue
        columns |= set(values)
        whole = {**stored.values, "source_id": stored.source, **values}
        old.append(model(pk=stored.pk, missing=change.missing, **owners.of(entry), **whole))
    manager = model._default_manager
    for objects, how in (
        (new, {}),
        # An upsert by primary key: bulk_update's CASE WHEN is slow for 20,000 rows.
        (old, {"update_conflicts": True, "unique_fields": ["id"],
               "update_fields": sorted(columns)}),
    ):  # fmt: skip
        for start in range(0, len(objects), BATCH):
            part = objects[start : start + BATCH]
            manager.bulk_create(part, **how)
            if progress is not None:
                progress(f"storing {kind}", start + len(part), len(objects))


def empty() -> None:
    """Delete all records, files and the study's state; the caller holds the transaction."""
    from myocohort.registry.models import MODELS, ImportedFile, StudyState

    models: list[Any] = [*reversed(MODELS.values()), ImportedFile, StudyState]
    for model in models:
        queryset = model._default_manager.all()
        queryset._raw_delete(queryset.db)


def _merged_missing(entry: Entry, stored: Stored | None) -> dict[str, str] | str:
    if isinstance(entry.missing, str):
        return entry.missing
    before = stored.missing if stored is not None and isinstance(stored.missing, dict) else {}
    both = {**before, **entry.missing}
    return {name: reason for name, reason in both.items() if reason}


def _blanked(entry: Entry, stored: Stored, fields: dict[str, Any]) -> list[Problem]:
    """Find values that an empty cell would overwrite; a missing code is an explicit word."""
    if entry.row is None:
        return []
    row: Row = entry.row
    columns = []
    if isinstance(entry.missing, str):
        had = [stored.values[name] for name in ("number", "text", "date", "code")
               if name in stored.values]  # fmt: skip
        if entry.missing == NOT_RECORDED and any(value not in ("", None) for value in had):
            columns.append(_column_of(row, entry))
    else:
        columns += [
            name
            for name, value in fields.items()
            if name not in DERIVED_FIELDS or name == "date"
            if value in ("", None)
            and stored.values[name] not in ("", None)
            and entry.missing.get(name, NOT_RECORDED) == NOT_RECORDED
        ]
    return [
        row.problem(
            "an empty cell does not overwrite a value that the registry holds",
            column="month" if column == "month_given" else column,
            value="" if row.matched.identifying(column) else _as_text(stored, entry, column),
            next_step="Fill the value in, use a missing code, or import the file with "
            "`myocohort import --blank-overwrites`",
        )
        for column in columns
    ]


def _as_text(stored: Stored, entry: Entry, column: str) -> str:
    if isinstance(entry.missing, str):
        return str(stored.values.get("raw") or stored.values.get("code") or "")
    return str(stored.values[column])


def _column_of(row: Row, entry: Entry) -> str:
    if entry.kind == "strengths":
        return entry.column
    for name, (column, _) in row.matched.columns.items():
        if any(observed.name == entry.column for observed in column.observed):
            return name
    return entry.column


def _stored(kind: str) -> dict[Key, Stored]:
    """Read all records of one kind, by key."""
    from myocohort.registry.models import MODELS

    model = MODELS[kind]
    owner = {"patients": "code", "strengths": "visit__patient__code"}.get(kind, "patient__code")
    outside = {"id", "patient", "visit", "source", "missing", "code" if kind == "patients" else ""}
    fields = [f.name for f in model._meta.concrete_fields if f.name not in outside]
    extra = ["visit__occasion"] if kind == "strengths" else []
    wanted = ["pk", "source_id", "missing", owner, *extra, *fields]
    found: dict[Key, Stored] = {}
    for pk, source, missing, code, *rest in model._default_manager.values_list(*wanted).iterator(
        chunk_size=BATCH
    ):
        values = dict(zip((*extra, *fields), rest, strict=True))
        where = values.pop("visit__occasion", None)
        parts = {"patient": code, "occasion": where, **values}
        found[tuple(parts[name] for name in KEYS[kind])] = Stored(pk, source, values, missing)
    return found
