"""Reading the registry for analysis: one frame for each kind of record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from myocohort.registry.session import require_open
from myocohort.study.standard import MRC_SCORES, MUSCLES
from myocohort.study.studyfile import Study


@dataclass(frozen=True, slots=True)
class Records:
    """All records of a study.

    Patients come in the natural order of their codes (P2 before P10), the other frames by
    patient and then by time. Texts, codes and dates (ISO text, maybe partial) are str or None,
    numbers float64 or NaN. `missing` holds column -> reason of what is missing, or the
    reason itself in `strengths` and `observations` ('' where there is a value).

    Parameters
    ----------
    patients
        patient, arm, onset, treatment_start, death, missing.
    visits
        patient, date, month, mrs, weakest_mrc (as given, else the lowest of the groups that
        were measured), ck (U/L), ck_raw (as written), ck_uln_u_per_l, exclusion, missing.
    strengths
        patient, date, month, group, code, missing.
    treatments
        patient, drug, name, start, stop, dose, dose_unit, missing.
    antibodies
        patient, antigen, grade, scheme, date, missing.
    mri_readings
        patient, date, month, muscle, side, scale, grade, reader, read_on, blinded, automatic
        (both yes or no), missing.
    biopsies
        patient, finding, stain, stained, present (both yes or no), missing.
    fields
        patient, marker, field, positive_cells, fibres, missing.
    blots
        patient, membrane, lane, target, density, missing.
    observations
        patient, table, variable, row_date, month, number, text, date, raw, missing; of a
        derived variable what was read, not yet compared.
    """

    patients: pd.DataFrame
    visits: pd.DataFrame
    strengths: pd.DataFrame
    treatments: pd.DataFrame
    antibodies: pd.DataFrame
    mri_readings: pd.DataFrame
    biopsies: pd.DataFrame
    fields: pd.DataFrame
    blots: pd.DataFrame
    observations: pd.DataFrame


COLUMNS: dict[str, tuple[str, ...]] = {
    "patients": ("arm", "onset", "treatment_start", "death"),
    "visits": ("date", "month", "mrs", "weakest_mrc", "ck", "ck_raw", "ck_uln_u_per_l",
               "exclusion"),
    "strengths": ("visit__date", "visit__month", "group", "code"),
    "treatments": ("drug", "name", "start", "stop", "dose", "dose_unit"),
    "antibodies": ("antigen", "grade", "scheme", "date"),
    "mri_readings": ("date", "month", "muscle", "side", "scale", "grade", "reader", "read_on",
                     "blinded", "automatic"),
    "biopsies": ("finding", "stain", "stained", "present"),
    "fields": ("marker", "field", "positive_cells", "fibres"),
    "blots": ("membrane", "lane", "target", "density"),
    "observations": ("table", "variable", "row_date", "month", "number", "text", "date", "raw"),
}  # fmt: skip

ORDER: dict[str, tuple[str, ...]] = {
    "visits": ("month", "date"),
    "strengths": ("visit__month", "visit__date"),
    "treatments": ("start", "drug", "name"),
    "antibodies": ("antigen", "date"),
    "mri_readings": ("month", "date", "scale", "reader", "muscle", "side"),
    "biopsies": ("finding",),
    "fields": ("marker", "field"),
    "blots": ("membrane", "lane", "target"),
    "observations": ("table", "variable", "month"),
}
"""Kind -> what rows of a patient are ordered by; muscles as the reference study lists them."""

MUSCLE_RANK = {muscle: rank for rank, muscle in enumerate(MUSCLES)}


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts P2 before P10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(p), p) if p[0] in "0123456789" else (1, 0, p.casefold()) for p in parts)


def read_records(study: Study) -> Records:
    """Read all records of the study that is open, with one query for each kind.

    Parameters
    ----------
    study
        The study that is open.

    Raises
    ------
    RegistryError
        It is not open.
    """
    require_open(study)
    from myocohort.registry.models import MODELS

    codes = MODELS["patients"]._default_manager.values_list("pk", "code")
    ranks = {
        pk: rank for rank, (pk, _) in enumerate(sorted(codes, key=lambda c: natural_key(c[1])))
    }
    strengths = _rows("strengths", ranks)
    frames = {
        kind: _frame(kind, _rows(kind, ranks))
        for kind in COLUMNS
        if kind not in ("visits", "strengths")
    }
    visits = _with_weakest(_rows("visits", ranks), strengths)
    return Records(
        visits=_frame("visits", visits), strengths=_frame("strengths", strengths), **frames
    )


def _rows(kind: str, ranks: dict[int, int]) -> list[dict[str, Any]]:
    """Read all rows of a kind, in order."""
    from myocohort.registry.models import MODELS

    patient, code = {
        "patients": ("pk", "code"),
        "strengths": ("visit__patient_id", "visit__patient__code"),
    }.get(kind, ("patient_id", "patient__code"))
    visit = {"visits": "pk", "strengths": "visit_id"}.get(kind)
    names = [patient, code, *([visit] if visit else []), "missing", *COLUMNS[kind]]
    manager = MODELS[kind]._default_manager
    rows = [
        dict(zip(names, row, strict=True)) for row in manager.values_list(*names).order_by("pk")
    ]
    order = ORDER.get(kind, ())

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return (ranks[row[patient]], *(_sortable(row[name]) for name in order))

    rows.sort(key=key)
    for row in rows:
        row["patient"] = row[code]
    return rows


def _sortable(value: Any) -> tuple[int, Any]:
    """Order blanks before values, and muscles as the reference study lists them."""
    if value is None or value == "":
        return (0, 0)
    if isinstance(value, str):
        return (1, MUSCLE_RANK[value]) if value in MUSCLE_RANK else (2, value)
    return (1, value)


def _with_weakest(
    visits: list[dict[str, Any]], strengths: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Take the weakest group from the groups, where it is not given and all were measured."""
    lowest: dict[int, str] = {}
    incomplete = {row["visit_id"] for row in strengths if not row["code"]}
    for row in strengths:
        if row["visit_id"] in incomplete:
            continue
        before = lowest.get(row["visit_id"])
        if before is None or MRC_SCORES[row["code"]] < MRC_SCORES[before]:
            lowest[row["visit_id"]] = row["code"]
    for row in visits:
        if not row["weakest_mrc"] and row["pk"] in lowest:
            row["weakest_mrc"] = lowest[row["pk"]]
            row["missing"].pop("weakest_mrc", None)
    return visits


def _frame(kind: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make a frame with numbers as float64 and everything else as objects."""
    from django.db.models import FloatField, IntegerField

    from myocohort.registry.models import MODELS

    numbers = {
        field.name
        for field in MODELS[kind]._meta.concrete_fields
        if isinstance(field, FloatField | IntegerField)
    } | {"visit__month"}
    columns: dict[str, pd.Series[Any]] = {}
    for name in ("patient", *COLUMNS[kind], "missing"):
        values = [row[name] for row in rows]
        if name in numbers:
            column = pd.Series(values, dtype="float64")
        elif name == "missing":
            column = pd.Series(values, dtype="object")
        else:
            column = pd.Series([value or None for value in values], dtype="object")
        columns[name.removeprefix("visit__")] = column
    return pd.DataFrame(columns)
