"""Reading a study file, with every problem of it at once."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from myocohort.errors import Problem, StudyFileError
from myocohort.study.consistency import consistency_problems
from myocohort.study.studyfile import FILE_NAME, Study


def load_study(folder: Path) -> Study:
    """Read and validate the study file of a folder.

    Parameters
    ----------
    folder
        The study folder, or its study.toml.

    Raises
    ------
    StudyFileError
        With every key that breaks a rule.
    """
    path = folder if folder.suffix == ".toml" else folder / FILE_NAME
    name = path.name
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise StudyFileError(
            [
                Problem(
                    rule="a study folder has a study.toml",
                    file=str(path),
                    next_step="`myocohort new DIR` writes one to start from",
                )
            ]
        ) from error
    except OSError as error:
        raise StudyFileError(
            [Problem(rule=f"the study file can be read ({error.strerror})", file=str(path))]
        ) from error
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise StudyFileError(
            [
                Problem(
                    rule="the study file is UTF-8",
                    file=name,
                    next_step="Save it as UTF-8 in your editor",
                )
            ]
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StudyFileError(
            [
                Problem(
                    rule=f"the study file is TOML: {error}",
                    file=name,
                    next_step="See docs/study-file.md",
                )
            ]
        ) from error
    try:
        study = Study.model_validate(
            {**data, "folder": path.parent.resolve(), "sha256": hashlib.sha256(content).hexdigest()}
        )
    except ValidationError as error:
        raise StudyFileError(toml_problems(error, name, Study, first=1)) from error
    if problems := consistency_problems(study, name):
        raise StudyFileError(problems)
    return study


def toml_problems(
    error: ValidationError, file: str, root: type[BaseModel], first: int = 0
) -> list[Problem]:
    """Say what pydantic found in terms of the file's keys, with close matches for typos.

    Parameters
    ----------
    error
        With all that is wrong.
    file, root
        Name of the file, and what it holds.
    first
        Number of the first element of a list.
    """
    problems = []
    for item in error.errors():
        location = [
            str(part + first) if isinstance(part, int) else str(part) for part in item["loc"]
        ]
        key = ".".join(location)
        if item["type"] == "extra_forbidden":
            known = _known_keys(root, location[:-1])
            close = difflib.get_close_matches(location[-1], known, n=1)
            step = (
                f"Did you mean {close[0]!r}?"
                if close
                else (f"Known keys: {', '.join(known)}" if known else "")
            )
            problems.append(Problem(rule="unknown key", key=key, file=file, next_step=step))
            continue
        given = item.get("input")
        quoted = str(given) if isinstance(given, str | int | float) else ""
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] in ("tuple_type", "list_type"):
            message = "a list in brackets, also of one"
        problems.append(Problem(rule=message, value=quoted, key=key, file=file))
    return problems


def _known_keys(root: type[BaseModel], location: list[str]) -> list[str]:
    """List the keys of the model that a dotted location leads to."""
    model: Any = root
    for part in location:
        fields = getattr(model, "model_fields", {})
        if part not in fields:  # a name or index below a dict or list: the model stays
            continue
        annotation = fields[part].annotation
        inner = [annotation, *getattr(annotation, "__args__", ())]
        models = [a for a in inner if isinstance(a, type) and issubclass(a, BaseModel)]
        model = models[0] if models else None
    fields = getattr(model, "model_fields", {})
    return [name for name in fields if name not in ("name", "folder", "sha256")]
