"""Which columns a table may have, and what validates the cells of each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from myocohort.errors import Problem
from myocohort.study.standard import DATED, PATIENT, STRENGTH_PREFIX, TABLES, mrc
from myocohort.study.studyfile import FILE_NAME, Study, TableSource
from myocohort.study.units import canonical
from myocohort.study.variable import Variable

CK_UNIT = "ck_unit"
"""A column of `visits` with the unit of the CK beside it."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A declared variable that is stored as an observation.

    Parameters
    ----------
    name
        Of the variable.
    reader
        What validates the cell: the variable, or what a derived one is derived from.
    where
        Column and value of the rows that it is taken from.
    """

    name: str
    reader: Variable
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a table may have.

    Parameters
    ----------
    name
        As Myocohort or the study file calls it.
    variable
        What validates it as a part of the row itself; None where it is only observed.
    observed
        Declared variables that are stored from it.
    also
        Declared variables whose range or categories hold beside the standard ones.
    required
        The table cannot be read without it.
    """

    name: str
    variable: Variable | None = None
    observed: tuple[Observed, ...] = ()
    also: tuple[Variable, ...] = ()
    required: bool = False

    @property
    def identifying(self) -> bool:
        """Whether its values are never repeated in messages."""
        readers = [observed.reader for observed in self.observed]
        own = [self.variable] if self.variable is not None else []
        return any(variable.identifying for variable in (*own, *readers))


def table_names(study: Study) -> list[str]:
    """List the standard tables and those that the study file declares."""
    return list({**TABLES, **study.table_sources()})


def is_dated(study: Study, table: str) -> bool:
    """Whether rows of a table carry a date or a month."""
    if table in TABLES:
        return TABLES[table].dated
    return study.table_sources()[table].per == "visit"


def table_columns(study: Study, table: str, header: Iterable[str]) -> dict[str, Column]:
    """Return name -> column of everything that a table of this study may have.

    Parameters
    ----------
    study, table
        The table is a standard one or one that the study file declares.
    header
        Of the file: any mrc_... in it is the strength of a muscle group.
    """
    declared = [variable for variable in study.variables.values() if variable.table == table]
    columns = {
        name: _own_column(study, name, variable, declared)
        for name, variable in _own_variables(study, table, declared, header).items()
    }
    for variable in declared:
        known = columns.get(variable.column, Column(variable.column))
        reader = _reader(study, variable)
        if table in TABLES and known.variable is not None:
            if not variable.column.startswith(STRENGTH_PREFIX):
                continue
            reader = known.variable if variable.derived else reader
        where = tuple(sorted(variable.where.items()))
        observed = (*known.observed, Observed(variable.name, reader, where))
        columns[variable.column] = replace(known, observed=observed, also=())
    for variable in declared:
        for name in variable.where:
            known = columns.get(name, Column(name))
            text = Variable(name=name, label=name, type="text")
            columns[name] = replace(
                known,
                variable=known.variable or text,
                required=known.required or table not in TABLES,
            )
    return columns


def unit_problems(study: Study) -> list[Problem]:
    """Find variables that declare another unit for a column whose unit is fixed."""
    problems = []
    for variable in study.variables.values():
        standard = TABLES.get(variable.table)
        column = standard.columns.get(variable.column) if standard else None
        if column is None or column.unit is None or variable.unit is None or variable.derived:
            continue
        if canonical(variable.unit) != canonical(column.unit):
            problems.append(
                Problem(
                    rule=f"{column.title} in {variable.table} is kept in {column.unit}",
                    value=variable.unit,
                    key=f"variables.{variable.name}.unit",
                    file=FILE_NAME,
                    next_step=f'Write unit = "{column.unit}" here; cells may carry another unit '
                    '("12 ukat/L")',
                )
            )
    return problems


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the known name closest to a name, or nothing."""
    names = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), list(names), n=1)
    return names[close[0]] if close else ""


def source_of(study: Study, table: str) -> TableSource:
    """Return where a table is kept, as far as the study file says."""
    return study.tables.get(table, TableSource())


def _own_variables(
    study: Study, table: str, declared: list[Variable], header: Iterable[str]
) -> dict[str, Variable]:
    """Return the columns that belong to the row itself, not to a declared variable."""
    if table not in TABLES:
        dated = DATED if is_dated(study, table) else ()
        return {variable.name: variable for variable in (PATIENT, *dated)}
    own = dict(TABLES[table].columns)
    if table == "patients":
        own["arm"] = _arm(study)
    if table == "visits":
        own[CK_UNIT] = Variable(name=CK_UNIT, label="unit of CK", type="text")
        renamed = source_of(study, table).columns
        names = (*renamed, *(other for other in header if other not in renamed.values()))
        # A sum such as "mrc_sum" is declared with its own type and is no muscle group.
        sums = {v.column for v in declared if v.type != "category" and not v.derived}
        for name in names:
            if name.startswith(STRENGTH_PREFIX) and name not in sums:
                own[name] = mrc(name, name.removeprefix(STRENGTH_PREFIX).replace("_", " "))
    return own


def _arm(study: Study) -> Variable:
    return Variable(
        name="arm",
        label="arm",
        type="category",
        categories={code: arm.label for code, arm in study.arms.items()},
        required=len(study.arms) > 1,
    )


def _own_column(study: Study, name: str, variable: Variable, declared: list[Variable]) -> Column:
    """Add the study's missing codes, and what declared variables say of the same column."""
    same = [v for v in declared if v.column == name and not v.derived]
    missing = {**variable.missing, **study.missing}
    for other in same:
        if not other.where:
            missing |= other.missing
    # A code that identifies in one table identifies in all.
    named = study.variables.values() if name == "patient" else same
    identifying = any(v.identifying for v in named if v.column == name)
    merged = variable.model_copy(update={"missing": missing, "identifying": identifying})
    numeric = ("integer", "number")
    also = tuple(
        other
        for other in same
        if (other.type in numeric and variable.type in numeric)
        or (other.type == "category" and variable.type in ("category", "text"))
    )
    return Column(name, merged, also=also, required=variable.required)


def _reader(study: Study, variable: Variable) -> Variable:
    """Return what validates a variable's cells: of a derived one, what it is derived from."""
    if not variable.derived:
        return variable
    for other in study.variables.values():
        same = (other.table, other.column) == (variable.table, variable.column)
        if same and other.where == variable.where and not other.derived:
            return other
    plain = variable.model_copy(
        update={"at_least": None, "at_most": None, "any_of": (), "bands": {}, "categories": {}}
    )
    return plain.model_copy(update={"type": "text" if variable.any_of else "number"})
