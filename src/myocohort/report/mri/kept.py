"""Views kept beside a measurement, so that pictures can be drawn later without the scans."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myocohort.errors import InputError, Problem
from myocohort.mri.regions import Region
from myocohort.mri.views import View
from myocohort.report.files import write_whole

VIEWS = "views.npz"
"""Name of the file beside measure.json."""


def write_views(views: Sequence[View], of: Mapping[int, Region], path: Path) -> None:
    """Write views and what their codes mean into one compressed file, whole or not at all."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for place, view in enumerate(views):
        arrays[f"slices_{place}"] = view.slices
        arrays[f"codes_{place}"] = view.codes
        arrays[f"positions_{place}"] = view.positions_mm
    about = {
        "views": [{"title": view.title, "pixel_mm": view.pixel_mm} for view in views],
        "of": {str(code): asdict(region) for code, region in of.items()},
    }
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    np.savez_compressed(buffer, allow_pickle=False, about=text, **arrays)
    write_whole(path, buffer.getvalue())


def read_views(path: Path) -> tuple[list[View], dict[int, Region]]:
    """Read what `write_views` wrote.

    Raises
    ------
    InputError
        If the file is not there or is none of these.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
            about = json.loads(found["about"].tobytes().decode())
            views = [
                View(
                    str(one["title"]),
                    found[f"slices_{place}"],
                    found[f"codes_{place}"],
                    found[f"positions_{place}"],
                    float(one["pixel_mm"]),
                )
                for place, one in enumerate(about["views"])
            ]
            if any(not view.slices.shape == view.codes.shape for view in views):
                raise ValueError("slices and codes of a view differ in shape")
            of = {int(code): Region(**region) for code, region in about["of"].items()}
            return views, of
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError,
        zlib.error,
    ) as reason:  # fmt: skip
        raise InputError(
            [
                Problem(
                    rule="the views that `myocohort mri measure --out` keeps can be read",
                    value=type(reason).__name__,
                    file=str(path),
                    next_step="Measure the scan again with --out FOLDER",
                )
            ]
        ) from reason
