"""Cells to values: every cell through `Variable.parse`, every failure with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from myocohort.errors import Problem
from myocohort.registry.imports.columns import CK_UNIT, Column
from myocohort.registry.imports.match import MatchedTable
from myocohort.study.standard import STRENGTH_PREFIX
from myocohort.study.studyfile import Study
from myocohort.study.units import canonical
from myocohort.study.values import PartialDate, Value
from myocohort.study.variable import NUMBER, Cell, Variable

ERROR_CELLS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
MAX_INTEGER = 2**31 - 1
MAX_QUOTED = 80
AS_TEXT = Variable(name="cell", label="cell", type="text")


@dataclass(slots=True)
class Row:
    """One row of input after its cells were validated.

    Parameters
    ----------
    matched, number
        Where it is; the number is what the spreadsheet shows.
    cells
        Column -> value of the columns that belong to the row itself.
    strengths
        Muscle group -> MRC code, of a visit.
    observed
        Variable -> value, of declared variables beyond the standard columns.
    bad
        Columns of which a problem was reported.
    """

    matched: MatchedTable
    number: int
    cells: dict[str, Value] = field(default_factory=dict)
    strengths: dict[str, Value] = field(default_factory=dict)
    observed: dict[str, Value] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)

    @property
    def table(self) -> str:
        """The record table."""
        return self.matched.table

    @property
    def patient(self) -> str:
        """The patient's code; empty where the cell has a problem."""
        return self.text("patient")

    def text(self, name: str) -> str:
        """Return a cell's text or code; empty where there is none."""
        value = self.cells.get(name)
        return (value.text or "") if value is not None else ""

    def number_in(self, name: str) -> float | None:
        """Return a cell's number; None where there is none."""
        value = self.cells.get(name)
        return value.number if value is not None else None

    def date_in(self, name: str) -> PartialDate | None:
        """Return a cell's date; None where there is none."""
        value = self.cells.get(name)
        return value.date if value is not None else None

    def shown(self, name: str) -> str:
        """Return a cell as written, for a message; empty where it identifies a person."""
        value = self.cells.get(name)
        return "" if value is None or self.matched.identifying(name) else value.raw

    @property
    def who(self) -> str:
        """The patient in words, for a message."""
        return f"patient {self.shown('patient')}" if self.shown("patient") else "the patient"

    @property
    def place(self) -> str:
        """File, sheet and row in words, for a message about another row."""
        sheet = f", sheet {self.matched.sheet.sheet!r}" if self.matched.sheet.sheet else ""
        return f"{self.matched.sheet.file}{sheet}, row {self.number}"

    def problem(self, rule: str, *, column: str, value: str = "", next_step: str = "") -> Problem:
        """Return a problem at this row; the column is given by Myocohort's name."""
        return Problem(
            rule=rule,
            value=value,
            next_step=next_step,
            file=self.matched.sheet.file,
            sheet=self.matched.sheet.sheet,
            row=self.number,
            column=self.matched.header(column),
        )


Parser = Callable[[Cell], Value | Problem]


def read_rows(study: Study, matched: MatchedTable) -> tuple[list[Row], list[Problem]]:
    """Validate all cells of a table.

    Returns
    -------
    rows, problems
        A row lacks the cells of which there are problems.
    """
    own, observed = _parsers(study, matched)
    unit_place = matched.columns[CK_UNIT][1] if CK_UNIT in matched.columns else None
    rows: list[Row] = []
    problems: list[Problem] = []

    def keep(
        row: Row, name: str, parsed: Value | Problem, into: dict[str, Value], key: str
    ) -> None:
        if isinstance(parsed, Problem):
            row.bad.add(name)
            problems.append(
                parsed.at(
                    file=matched.sheet.file,
                    sheet=matched.sheet.sheet,
                    row=row.number,
                    column=matched.header(name),
                )
            )
        else:
            into[key] = parsed

    for number, cells in matched.sheet.rows:
        row = Row(matched, number)
        for name, place, parse in own:
            cell = cells[place]
            if name == "ck" and unit_place is not None:
                joined = _with_unit(cell, cells[unit_place], matched.columns["ck"][0])
                if isinstance(joined, Problem):
                    keep(row, name, joined, row.cells, name)
                    continue
                cell = joined
            if name.startswith(STRENGTH_PREFIX) and row.table == "visits":
                keep(row, name, parse(cell), row.strengths, name.removeprefix(STRENGTH_PREFIX))
            else:
                keep(row, name, parse(cell), row.cells, name)
        for name, place, parse, variable, where in observed:
            if name not in row.bad and _picked(row, where):
                keep(row, name, parse(cells[place]), row.observed, variable)
        problems += _also(matched, row)
        rows.append(row)
    return rows, problems


def _parsers(
    study: Study, matched: MatchedTable
) -> tuple[
    list[tuple[str, int, Parser]],
    list[tuple[str, int, Parser, str, tuple[tuple[str, str], ...]]],
]:
    own, observed = [], []
    for name, (column, place) in matched.columns.items():
        if column.variable is not None and name != CK_UNIT:
            # Cells of the standard columns that must be filled may not hold a missing code.
            own.append((name, place, _parser(study, column, column.variable, column.required)))
        for item in column.observed:
            parse = _parser(study, column, item.reader, refuse_missing=False)
            observed.append((name, place, parse, item.name, item.where))
    return own, observed


def _parser(study: Study, column: Column, variable: Variable, refuse_missing: bool) -> Parser:
    """Return a function that validates a cell and remembers what it has seen."""
    seen: dict[tuple[type, Cell], Value | Problem] = {}

    def parse(cell: Cell) -> Value | Problem:
        key = (type(cell), cell)  # True and 1 are equal in Python, but not as cells
        if key not in seen:
            seen[key] = _fit(column, _parse(study, variable, cell, refuse_missing))
        return seen[key]

    return parse


def _parse(study: Study, variable: Variable, cell: Cell, refuse_missing: bool) -> Value | Problem:
    text = cell.strip() if isinstance(cell, str) else ""
    if text in ERROR_CELLS and text not in variable.missing:
        return Problem(
            rule="a cell holds no error of a formula",
            value=text,
            next_step="Repair the formula, or write the value itself",
        )
    parsed = variable.parse(cell, study.date_order)
    if isinstance(parsed, Problem):
        return parsed
    if parsed.missing and refuse_missing:
        return Problem(
            rule=f"{variable.title} may not be missing", value=parsed.raw, next_step="Fill it in"
        )
    too_large = parsed.number is not None and abs(parsed.number) > MAX_INTEGER
    if variable.type == "integer" and too_large:
        return Problem(
            rule=f"{variable.title} is at most {MAX_INTEGER}",
            value=parsed.raw,
            next_step="Correct it, or use a missing code",
        )
    return parsed


def _fit(column: Column, parsed: Value | Problem) -> Value | Problem:
    """Keep what identifies a person, or is very long, out of a message."""
    if isinstance(parsed, Value):
        return parsed
    if column.identifying:
        return replace(parsed, value="")
    if len(parsed.value) > MAX_QUOTED:
        return replace(parsed, value=parsed.value[:MAX_QUOTED] + "…")
    return parsed


def _also(matched: MatchedTable, row: Row) -> list[Problem]:
    """Hold standard columns to the range and categories that the study file declares."""
    problems = []
    for name, (column, _) in matched.columns.items():
        group = name.removeprefix(STRENGTH_PREFIX)
        value = row.cells.get(name) if group == name else row.strengths.get(group)
        if not column.also or value is None or value.missing:
            continue
        for variable in column.also:
            if not _picked(row, tuple(variable.where.items())):
                continue
            found = variable.parse(value.text or value.raw)
            if isinstance(found, Problem):
                fitted = _fit(column, found)
                if isinstance(fitted, Problem):
                    row.bad.add(name)
                    problems.append(
                        row.problem(
                            fitted.rule,
                            column=name,
                            value=fitted.value,
                            next_step=fitted.next_step,
                        )
                    )
    return problems


def _picked(row: Row, where: tuple[tuple[str, str], ...]) -> bool:
    """Whether a row is the one that a variable is taken from."""
    for name, wanted in where:
        value = row.cells.get(name)
        if value is None:
            return False
        spellings = {value.raw.casefold(), (value.text or "").casefold()}
        if wanted.strip().casefold() not in spellings:
            return False
    return True


def _with_unit(cell: Cell, unit: Cell, column: Column) -> Cell | Problem:
    """Write the unit of its own column behind a CK that has none."""
    text, unit_text = AS_TEXT.parse(cell), AS_TEXT.parse(unit)
    if isinstance(text, Problem) or isinstance(unit_text, Problem) or not unit_text.raw:
        return cell
    match = NUMBER.fullmatch(text.raw)
    coded = column.variable is not None and text.raw in column.variable.missing
    if match is None or coded:
        return cell
    own = (match["unit"] or "").strip()
    if own and canonical(own) != canonical(unit_text.raw):
        return Problem(
            rule="CK has one unit",
            value=f"{text.raw} beside {unit_text.raw}",
            next_step="Correct the cell or the unit beside it",
        )
    return text.raw if own else f"{text.raw} {unit_text.raw}"
