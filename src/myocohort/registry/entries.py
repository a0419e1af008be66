"""What is stored of an input row, and the key by which it is found again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from myocohort.registry.imports.validate import Row
from myocohort.study.standard import STRENGTH_PREFIX, TABLES
from myocohort.study.values import NOT_RECORDED, PartialDate, Value
from myocohort.study.variable import Variable

Key = tuple[Any, ...]


def _key_fields(table: str) -> tuple[str, ...]:
    dated = TABLES[table].dated
    rest = [c for c in TABLES[table].key if not (dated and c in ("date", "month"))]
    return ("patient", "occasion", *rest[1:]) if dated else tuple(rest)


KEYS: dict[str, tuple[str, ...]] = {
    **{table: _key_fields(table) for table in TABLES},
    "strengths": ("patient", "occasion", "group"),
    "observations": ("patient", "table", "variable", "occasion"),
}
"""Kind of record -> the fields that tell two apart; the first is always the patient."""

DATED_KINDS = ("visits", "mri_readings", "observations")


@dataclass(slots=True)
class Entry:
    """A record to be stored.

    Parameters
    ----------
    kind
        A key of `KEYS`.
    key
        Values of the key's fields; the patient by code.
    values
        Field -> value, of the columns that the input has; '' or None where missing.
    missing
        Column -> reason; of strengths and observations the reason itself.
    row
        Where it comes from; None where it only follows from another row.
    column
        Of strengths and observations: the column that they come from.
    """

    kind: str
    key: Key
    values: dict[str, Any]
    missing: dict[str, str] | str = field(default_factory=dict)
    row: Row | None = None
    column: str = ""


@dataclass(slots=True)
class Stored:
    """A record that the registry holds.

    Parameters
    ----------
    pk, source
        Primary keys of the record and of the file that last wrote it.
    values, missing
        As in `Entry`, all fields.
    """

    pk: int
    source: int
    values: dict[str, Any]
    missing: dict[str, str] | str


@dataclass(slots=True)
class Snapshot:
    """What the registry holds of the kinds that an import touches."""

    kinds: dict[str, dict[Key, Stored]] = field(default_factory=dict)

    def find(self, kind: str, key: Key) -> Stored | None:
        """Return a record, or None."""
        return self.kinds.get(kind, {}).get(key)


@lru_cache(maxsize=100_000)
def date_of(text: str) -> PartialDate | None:
    """Read a date as the registry keeps it; None where it is blank."""
    return PartialDate.from_iso(text) if text else None


def occasion(date: PartialDate | None, month: float | None) -> str:
    """Return what tells dated rows of a patient apart.

    A complete date is enough: a month that is added later makes no second visit. A partial
    date needs the month as given beside it.
    """
    if date is not None and date.complete:
        return str(date)
    return f"{date or ''}/{'' if month is None else repr(float(month))}"


def field_value(variable: Variable, value: Value) -> Any:
    """Return what a typed column holds of a value."""
    if variable.type == "integer":
        return None if value.number is None else int(value.number)
    if variable.type == "number":
        return value.number
    if variable.type == "date":
        return "" if value.date is None else str(value.date)
    return value.text or ""


def row_key(row: Row) -> Key:
    """Return the natural key of a row of a standard table."""
    parts: list[Any] = []
    for name in KEYS[row.table]:
        if name == "occasion":
            parts.append(occasion(row.date_in("date"), row.number_in("month")))
            continue
        variable = TABLES[row.table].columns[name]
        value = row.cells.get(name, Value(raw="", missing=NOT_RECORDED))
        parts.append(field_value(variable, value))
    return tuple(parts)


def entries_of(row: Row, *, dated: bool, month: float | None, default_arm: str) -> list[Entry]:
    """Return what is stored of a row without problems.

    Parameters
    ----------
    row
        Validated.
    dated
        Whether its table is dated.
    month
        As given or computed, of a dated row.
    default_arm
        The only arm of the study, or ''.
    """
    timing: dict[str, Any] = {}
    where = ""
    if dated:
        date = row.date_in("date")
        where = occasion(date, row.number_in("month"))
        timing = {"occasion": where, "month": month}
        if "month" in row.cells:
            timing["month_given"] = row.number_in("month")
    entries = []
    if row.table in TABLES:
        entries.append(_standard(row, timing, default_arm))
    for group, value in row.strengths.items():
        entries.append(
            Entry(
                "strengths",
                (row.patient, where, group),
                {"group": group, "code": value.text or ""},
                value.missing or "",
                row,
                STRENGTH_PREFIX + group,
            )
        )
    for name, value in row.observed.items():
        content = {
            "number": value.number,
            "text": value.text or "",
            "date": "" if value.date is None else str(value.date),
            "raw": value.raw,
        }
        if dated:
            content |= timing | {"row_date": str(row.date_in("date") or "")}
        entries.append(
            Entry(
                "observations",
                (row.patient, row.table, name, where),
                {"table": row.table, "variable": name, **content},
                value.missing or "",
                row,
                name,
            )
        )
    return entries


def _standard(row: Row, timing: dict[str, Any], default_arm: str) -> Entry:
    values: dict[str, Any] = dict(timing)
    missing: dict[str, str] = {}
    columns = TABLES[row.table].columns
    for name, value in row.cells.items():
        if name not in columns or name == "patient" or (timing and name == "month"):
            continue
        values[name] = field_value(columns[name], value)
        blank_date = bool(timing) and name == "date" and value.missing == NOT_RECORDED
        if value.missing and not blank_date:  # a planned month is reason enough for no date
            missing[name] = value.missing
        else:
            missing[name] = ""
    key = row_key(row)
    for name, part in zip(KEYS[row.table], key, strict=True):
        if name != "patient":
            values.setdefault(name, part)
    if "ck" in row.cells:
        values["ck_raw"] = row.cells["ck"].raw
    if row.table == "patients" and default_arm and not values.get("arm"):
        values["arm"], missing["arm"] = default_arm, ""
    return Entry(row.table, key, values, missing, row)
