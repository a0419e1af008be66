"""Importers of record files: bytes in, sheets or problems out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from myocohort.errors import Problem
from myocohort.registry.imports.csv_file import read_csv
from myocohort.registry.imports.sheet import Sheet
from myocohort.registry.imports.xlsx_file import read_xlsx

Reader = Callable[[bytes, str], tuple[list[Sheet], list[Problem]]]
"""Bytes and name of a file -> its sheets, and what is wrong with the file as a whole."""

IMPORTERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".xlsx": read_xlsx,
}
"""Suffix of a file -> what reads it."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file as it was read.

    Parameters
    ----------
    name
        Relative to the study folder.
    sha256
        Of its bytes.
    sheets
        What it holds.
    """

    name: str
    sha256: str
    sheets: tuple[Sheet, ...]


def read_file(path: Path, name: str) -> tuple[RecordFile, list[Problem]]:
    """Read a file of records by its suffix.

    Parameters
    ----------
    path
        Where it is.
    name
        What to call it, relative to the study folder.
    """
    content = _content(path)
    if isinstance(content, Problem):
        return RecordFile(name, "", ()), [content.at(file=name)]
    sheets, problems = IMPORTERS[path.suffix.lower()](content, name)
    return RecordFile(name, hashlib.sha256(content).hexdigest(), tuple(sheets)), problems


def _content(path: Path) -> bytes | Problem:
    try:
        if path.is_dir():
            rule = "a file of records is a file, not a folder"
            return Problem(rule=rule, next_step="Name its files")
        content = path.read_bytes()
    except FileNotFoundError:
        return Problem(
            rule="there is no such file", next_step="Check its name and the folder you are in"
        )
    except (OSError, RuntimeError, ValueError) as error:  # also loops of links and NUL in names
        return Problem(rule=f"the file cannot be read ({getattr(error, 'strerror', '') or error})")
    if path.suffix.lower() not in IMPORTERS:
        return Problem(
            rule=f"a file of records is one of: {', '.join(IMPORTERS)}",
            value=path.suffix,
            next_step="Save it as .xlsx, or as CSV UTF-8",
        )
    return content
