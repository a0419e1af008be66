"""The commented example study that `myocohort new` writes."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from myocohort.errors import InputError, Problem


def write_example(folder: Path) -> list[Path]:
    """Write the example study into a folder that does not exist or is empty.

    Parameters
    ----------
    folder
        Where to.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the folder holds something already, or is a file; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            [
                Problem(
                    rule="a new study is written into a folder that is new or empty",
                    file=str(folder),
                    next_step="Name another folder",
                )
            ]
        )
    written: list[Path] = []
    _copy(files("myocohort.study") / "example_study", folder, written)
    return written


def _copy(source: Traversable, target: Path, written: list[Path]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for item in sorted(source.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            _copy(item, target / item.name, written)
        else:
            (target / item.name).write_bytes(item.read_bytes())
            written.append(target / item.name)
