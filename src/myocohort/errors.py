"""Every exception that the package raises, and the `Problem` that they carry.

A problem names the thing, the rule, the value, the file, row and column, and the next
step. It never names a person: values of identifying variables are not repeated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one place of the input.

    Parameters
    ----------
    rule
        What must hold, in words ("mRS is a whole number from 0 to 6").
    value
        What was found, as written; empty where nothing is there to be quoted.
    next_step
        What the person who reads this can do.
    file, sheet, row, column, key
        Where it is: `row` counts as the spreadsheet shows it (the header is row 1);
        `key` is a dotted key of a TOML file.
    """

    rule: str
    value: str = ""
    next_step: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    key: str = ""

    def at(
        self,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> Problem:
        """Return the same problem with its place filled in."""
        return replace(
            self,
            file=self.file if file is None else file,
            sheet=self.sheet if sheet is None else sheet,
            row=self.row if row is None else row,
            column=self.column if column is None else column,
        )

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet:
            place.append(f"sheet {self.sheet!r}")
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column!r}")
        if self.key:
            place.append(f"key {self.key!r}")
        where = ", ".join(part for part in place if part)
        text = f"{where}: {self.rule}" if where else self.rule
        if self.value:
            text += f"; found {self.value!r}"
        if self.next_step:
            text += f". {self.next_step}"
        return text

    def as_dict(self) -> dict[str, str | int]:
        """Return the filled fields, for `--json`."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}


class MyocohortError(Exception):
    """Base of all errors of this package; the command line ends with exit code 1."""


class InputError(MyocohortError):
    """The input breaks one or more rules; all of them are carried at once.

    Parameters
    ----------
    problems
        At least one problem.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("an InputError carries at least one problem")
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StudyFileError(InputError):
    """The study file is missing, is not TOML, or has keys that break its rules."""


class PaperFileError(InputError):
    """The paper file is missing, is not TOML, or has keys that break its rules."""


class RecordsError(InputError):
    """Records break rules; none of the batch was written."""


class RegistryError(MyocohortError):
    """The registry cannot be opened, or was filled under another study file."""


class StatisticsError(MyocohortError, ValueError):
    """A test or a model was asked for something that its data cannot answer."""


class RebuildError(MyocohortError):
    """No records exist that meet the printed numbers that were asked for."""
