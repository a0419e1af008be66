"""What a result rests on: input hashes, versions and seeds."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from myocohort import __version__
from myocohort.study.studyfile import Study

PACKAGES = (
    "django", "jinja2", "matplotlib", "numpy", "openpyxl", "pandas", "pillow", "pydantic",
    "python-docx", "scipy", "statsmodels",
)  # fmt: skip


def manifest(
    study: Study,
    inputs: Sequence[Mapping[str, Any]],
    rebuild_seed: int | None,
    alternatives: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Collect what is needed to say what a result was computed from.

    Parameters
    ----------
    study
        Whose file is hashed.
    inputs
        {file, table, sha256, rows, loaded_at} of each imported file.
    rebuild_seed
        Seed of rebuilt records, or None.
    alternatives
        {file, table, sha256, rows} of each table that the model was validated on.

    Returns
    -------
    dict
        Nothing in it changes from run to run on unchanged input.
    """
    seeds = {} if rebuild_seed is None else {"rebuild": rebuild_seed}
    if study.model is not None and study.model.validation is not None:
        seeds["validation"] = study.model.validation.seed
    loaded = sorted(str(item["loaded_at"]) for item in inputs)
    return {
        "myocohort": __version__,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "study_file_sha256": study.sha256,
        "inputs": [
            {name: item[name] for name in ("file", "table", "sha256", "rows")}
            for item in (*inputs, *alternatives)
        ],
        "seeds": seeds,
        "records_loaded": loaded[-1] if loaded else None,
    }
