"""A file of MRI readings, without a study: every cell checked, every problem said at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from myocohort.analysis.data_files.dataset import Dataset, read_dataset
from myocohort.errors import InputError, Problem
from myocohort.mri.grade_values import grade_values, known_scales
from myocohort.mri.readings import Reading, Unit
from myocohort.study.standard import TABLES
from myocohort.study.values import Value
from myocohort.study.variable import Variable

STANDARD = TABLES["mri_readings"].columns
NEEDED = ("patient", "muscle", "side", "reader", "grade")
ENDS = ("grade_low", "grade_high")
NOT_AUTOMATIC = "There is no column 'automatic': every reading is taken as a reader's."


@dataclass(slots=True)
class ReadingFile:
    """Readings by scale.

    Parameters
    ----------
    file
        What messages call it.
    rows
        Rows with a reading.
    by_scale
        Scale -> readings.
    notes
        What was taken for granted.
    """

    file: str
    rows: int
    by_scale: dict[str, list[Reading]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row without problems: what it reads, by whom, when, and what was found."""

    number: int
    scale: str
    unit: Unit
    reader: str
    automatic: bool
    read_on: str
    grade: float | None
    low: float | None
    high: float | None

    @property
    def key(self) -> tuple[object, ...]:
        """What a reader reads: once, or again on another day."""
        return (self.scale, self.unit, self.reader, self.automatic)


def read_reading_file(path: Path, scale: str = "") -> ReadingFile:
    """Read a table of readings as `mri_readings` of a study has them.

    Parameters
    ----------
    path
        CSV or XLSX: patient, date and/or month, muscle, side, scale, reader, grade; further
        read_on, automatic, and grade_low with grade_high of proposals that are a range.
    scale
        The one scale that is asked for; needed where the file has no column of it.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    data = read_dataset(path)
    problems = _columns(data, scale)
    if problems:
        raise InputError(problems)
    rows: list[_Row] = []
    for number, cells in data.rows:
        row = _row(data, number, dict(zip(data.header, cells, strict=True)), scale, problems)
        if row is not None and scale in ("", row.scale):
            rows.append(row)
    rounds = _rounds(data, rows, problems)
    raters = {(row.reader, row.automatic, rounds[row.number]) for row in rows}
    if not problems and len(raters) < 2:
        found = f"{len(raters)} in {len(rows)} rows" + (f" of the scale {scale}" if scale else "")
        problems.append(
            Problem("agreement needs two readers, or one who reads again", value=found,
                    file=data.file, next_step="A second reading has another reader or read_on")
        )  # fmt: skip
    if problems:
        raise InputError(problems)
    found_file = ReadingFile(data.file, len(rows))
    if "automatic" not in data.header:
        found_file.notes.append(NOT_AUTOMATIC)
    for row in rows:
        found_file.by_scale.setdefault(row.scale, []).append(
            Reading(row.unit, row.reader, row.grade, row.automatic, rounds[row.number],
                    row.low, row.high)
        )  # fmt: skip
    return found_file


def _columns(data: Dataset, scale: str) -> list[Problem]:
    """Check that the columns are there."""
    wanted = [*NEEDED, *(() if scale else ("scale",))]
    has = ", ".join(data.header)
    problems = [
        Problem(f"a table of readings has the column {name!r}", file=data.file, row=1,
                next_step=f"It has: {has}" + (". Or give --scale" if name == "scale" else ""))
        for name in wanted
        if name not in data.header
    ]  # fmt: skip
    if not {"date", "month"} & set(data.header):
        rule = "a table of readings has a column 'date', 'month' or both"
        problems.append(Problem(rule, file=data.file, row=1, next_step=f"It has: {has}"))
    if len({*ENDS} & {*data.header}) == 1:
        rule = "grade_low and grade_high stand together"
        problems.append(Problem(rule, file=data.file, row=1, next_step="Add the other column"))
    if scale and scale not in known_scales():
        rule = f"a scale is one of {', '.join(known_scales())}"
        problems.append(Problem(rule, value=scale, next_step="Correct --scale"))
    return problems


def _row(
    data: Dataset, number: int, cells: Mapping[str, str], scale: str, problems: list[Problem]
) -> _Row | None:
    """Read one row; None where it has a problem."""
    before = len(problems)
    ends = cells.get("grade", "").split(" to ")
    if len(ends) == 2 and not any(cells.get(name) for name in ENDS):
        # as `myocohort mri to-registry` writes a range
        cells = {**cells, "grade": "", **dict(zip(ENDS, ends, strict=True))}

    def read(name: str, variable: Variable) -> Value:
        parsed = variable.parse(cells.get(name, ""))
        if isinstance(parsed, Problem):
            problems.append(parsed.at(file=data.file, row=number, column=name))
            return Value(raw="", missing="not read")
        return parsed

    text = {name: read(name, STANDARD[name]).text or "" for name in
            ("patient", "muscle", "side", "reader")}  # fmt: skip
    kinds = {name: name for name in known_scales()}
    asked = Variable(name="scale", label="scale", type="category", categories=kinds, required=True)
    named = read("scale", asked).text if "scale" in data.header else scale
    date, month = read("date", STANDARD["date"]), read("month", STANDARD["month"])
    automatic = read("automatic", Variable(name="automatic", type="yes_no"))
    read_on = read("read_on", STANDARD["read_on"])
    if date.date is None and month.number is None and len(problems) == before:
        rule = "a reading has a date or a month"
        problems.append(Problem(rule, file=data.file, row=number, column="date",
                                next_step="Fill one of the two in"))  # fmt: skip
    if not named or len(problems) > before:
        return None
    values = grade_values(named)
    codes = {code: code for code in values}
    grade = Variable(name="grade", label=f"grade on {named}", type="category", categories=codes)
    one, low, high = (values.get(read(name, grade).text or "") for name in ("grade", *ENDS))
    if not _in_order(one, low, high):
        rule = "grade_low is not above grade_high, both are given, and the grade lies within"
        shown = ", ".join(cells.get(name, "") for name in ENDS)
        problems.append(Problem(rule, value=shown, file=data.file, row=number, column=ENDS[0],
                                next_step="Correct the row"))  # fmt: skip
    if len(problems) > before:
        return None
    scan = str(date.date) if date.date is not None else f"month {month.number:g}"
    unit = (text["patient"], scan, text["muscle"], text["side"])
    day = "" if read_on.date is None else str(read_on.date)
    return _Row(number, named, unit, text["reader"], automatic.text == "yes", day, one, low, high)


def _in_order(one: float | None, low: float | None, high: float | None) -> bool:
    if low is None or high is None:
        return low is None and high is None
    return low <= (low if one is None else one) <= high


def _rounds(data: Dataset, rows: list[_Row], problems: list[Problem]) -> dict[int, int]:
    """Return row -> which of a reader's readings of the muscle-side it is, by the day."""
    groups: dict[tuple[object, ...], list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.key, []).append(row)
    found: dict[int, int] = {}
    for group in groups.values():
        days: dict[str, _Row] = {}
        for row in group:
            if days.setdefault(row.read_on, row) is not row:
                problems.append(_twin(data, row, days[row.read_on]))
        if "" in days and len(days) > 1:
            problems.append(_twin(data, days[""], next(one for day, one in days.items() if day)))
        for place, row in enumerate(sorted(group, key=lambda r: r.read_on), start=1):
            found[row.number] = place
    return found


def _twin(data: Dataset, row: _Row, other: _Row) -> Problem:
    return Problem(
        "a reader reads a muscle-side of a scan once, or again on another day (read_on); row "
        f"{other.number} is the same",
        file=data.file,
        row=row.number,
        column="read_on",
        next_step="Keep one of the two, or fill read_on in",
    )
