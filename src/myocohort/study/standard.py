"""The record tables that every study of myositis has, and the columns that have a meaning.

A study file may map any of these columns to the header that a team uses, and may declare
further variables in `patients`, `visits` or tables of its own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from myocohort.study.variable import Variable

_THIRD = 1 / 3
MRC_SCORES = {
    "0": 0.0, "1": 1.0, "1+": 1 + _THIRD, "2-": 2 - _THIRD, "2": 2.0, "2+": 2 + _THIRD,
    "3-": 3 - _THIRD, "3": 3.0, "3+": 3 + _THIRD, "4-": 4 - _THIRD, "4": 4.0,
    "4+": 4 + _THIRD, "5-": 5 - _THIRD, "5": 5.0,
}  # fmt: skip
"""MRC grade -> score; a plus or minus is a third of a grade, so that falls can be measured."""


def mrc_grade(code: str) -> int:
    """Return the whole MRC grade of a code, 0 to 5: 4-, 4 and 4+ are all grade 4."""
    return int(code[0])


def mrc(name: str, label: str) -> Variable:
    """Return a variable of muscle strength.

    Medical Research Council, Memorandum 45, 1976: 0 no contraction, 1 flicker, 2 active
    movement with gravity eliminated, 3 against gravity, 4 against gravity and resistance,
    5 normal power.
    """
    return Variable(
        name=name, label=label, type="category",
        categories={code: f"MRC {code}" for code in MRC_SCORES}, scores=MRC_SCORES,
    )  # fmt: skip


def _number(
    name: str,
    label: str,
    low: float | None = 0,
    high: float | None = None,
    unit: str | None = None,
    *,
    required: bool = False,
) -> Variable:
    return Variable(
        name=name,
        label=label,
        type="number",
        minimum=low,
        maximum=high,
        unit=unit,
        required=required,
    )


def _integer(
    name: str, label: str, low: float, high: float | None = None, *, required: bool = False
) -> Variable:
    return Variable(
        name=name, label=label, type="integer", minimum=low, maximum=high, required=required
    )


def _text(name: str, label: str, *, required: bool = False) -> Variable:
    return Variable(name=name, label=label, type="text", required=required)


def _date(name: str, label: str) -> Variable:
    return Variable(name=name, label=label, type="date")


def _yes_no(name: str, label: str, *, required: bool = False) -> Variable:
    return Variable(name=name, label=label, type="yes_no", required=required)


def _category(name: str, label: str, *codes: str, required: bool = False) -> Variable:
    return Variable(
        name=name,
        label=label,
        type="category",
        categories={code: code.replace("_", " ") for code in codes},
        required=required,
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A record table.

    Parameters
    ----------
    name
        As the study file calls it; also the stem of its CSV file or the name of its sheet.
    key
        Columns that together name a row; none of them may repeat.
    columns
        Column -> variable, in the order of a template.
    dated
        Rows carry a `date`, a planned `month` since the start of treatment, or both.
    """

    name: str
    key: tuple[str, ...]
    columns: dict[str, Variable]
    dated: bool = False


PATIENT = _text("patient", "patient", required=True)
DATED = (_date("date", "date"), _number("month", "month since start of treatment", -24, 600))
MUSCLES = (
    "gluteus maximus", "vastus intermedius", "vastus medialis", "vastus lateralis",
    "rectus femoris", "biceps femoris", "semitendinosus", "semimembranosus", "adductor magnus",
    "sartorius", "adductor longus", "gracilis",
)  # fmt: skip
"""The twelve muscles that the reference study read (Zhao 2020, Methods, Muscle MRI)."""

SCALES = {"modified-mercuri": "increase", "oedema-0-5": "reduction"}
"""Scale of MRI readings -> what a change rate counts as positive (Zhao 2020, Results:
"increasing rate of fatty infiltration", "reducing rate of edema")."""

GRADE_RANGES = {
    f"{low} to {high}": f"a range of grades, {low} to {high}"
    for low, high in itertools.combinations(range(6), 2)
}
"""Cell of a reading whose grade is a range -> why it is missing: a range is no grade."""

EXCLUSIONS = ("exercise", "electrolytes", "thyroid", "drugs", "other")
"""Causes of a CK rise that rule out a relapse (Zhao 2020, Methods, efficacy evaluation)."""


def _table(name: str, key: tuple[str, ...], *columns: Variable, dated: bool = False) -> Table:
    every = (PATIENT, *(DATED if dated else ()), *columns)
    return Table(name, key, {column.name: column for column in every}, dated)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "patients", ("patient",),
            _text("arm", "arm"), _date("onset", "onset"),
            _date("treatment_start", "start of treatment"), _date("death", "death"),
        ),
        _table(
            "visits", ("patient", "date", "month"),
            _integer("mrs", "mRS", 0, 6), mrc("weakest_mrc", "weakest muscle group (MRC)"),
            _number("ck", "CK", 0, 1_000_000, "U/L"),
            _number("ck_uln_u_per_l", "upper limit of CK", 20, 2_000, "U/L"),
            _category("exclusion", "other cause of a CK rise", *EXCLUSIONS),
            dated=True,
        ),
        _table(
            "treatments", ("patient", "drug", "name", "start"),
            _category("drug", "drug", "glucocorticoid", "methotrexate", "ivig", "other",
                      required=True),
            _text("name", "name of the drug"), _date("start", "start"), _date("stop", "stop"),
            _number("dose", "dose"), _text("dose_unit", "unit of the dose"),
        ),
        _table(
            "antibodies", ("patient", "antigen", "date"),
            _text("antigen", "antigen", required=True),
            _category("grade", "grade", "negative", "(+)", "+", "++", "+++"),
            _text("scheme", "grading scheme"), _date("date", "date"),
        ),
        _table(
            "mri_readings",
            ("patient", "date", "month", "muscle", "side", "scale", "reader", "automatic"),
            _category("muscle", "muscle", *MUSCLES, required=True),
            _category("side", "side", "left", "right", required=True),
            _category("scale", "scale", *SCALES, required=True),
            _integer("grade", "grade", 0, 5).model_copy(update={"missing": GRADE_RANGES}),
            _text("reader", "reader", required=True),
            _date("read_on", "read on"), _yes_no("blinded", "blinded", required=True),
            _yes_no("automatic", "automatic", required=True),
            dated=True,
        ),
        _table(
            "biopsies", ("patient", "finding"),
            _text("finding", "finding", required=True), _text("stain", "stain"),
            _yes_no("stained", "stained", required=True), _yes_no("present", "present"),
        ),
        _table(
            "fields", ("patient", "marker", "field"),
            _text("marker", "marker", required=True),
            _integer("field", "field", 1, required=True),
            _integer("positive_cells", "positive cells", 0), _integer("fibres", "fibres", 0),
        ),
        _table(
            "blots", ("patient", "membrane", "lane", "target"),
            _text("membrane", "membrane", required=True), _integer("lane", "lane", 1, 60),
            _text("target", "target", required=True), _number("density", "density", None),
        ),
    )
}  # fmt: skip

STRENGTH_PREFIX = "mrc_"
"""A column of `visits` such as mrc_lower_limbs is the strength of that muscle group."""
