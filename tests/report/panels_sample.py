"""Panels for the tests of the report: three images of one, a list that failed of another."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from PIL import Image

_IMAGE: dict[str, Any] = {
    "place": "image 1", "letter": "a", "label": "Necrotic fibres", "caption": "Before treatment.",
    "patient": "P1", "stain": "H&E", "channel": "", "sha256": "ab" * 32, "width": 1600,
    "height": 1200, "mode": "RGB", "crop": [0, 0, 1600, 1200], "um_per_pixel": 0.5,
    "scale_bar_um": 200.0, "window": None, "reduced": "images/panel-1-1.jpg", "notes": [],
    "left_out": "",
}  # fmt: skip
_PANELS: dict[str, Any] = {
    "left_out": "",
    "notes": ["1 of 3 images are left out; the tables say why."],
    "panels": [
        {
            "id": "panel-1", "title": "Muscle biopsies", "kind": "micrograph", "columns": 2,
            "beyond": 0, "error": "",
            "images": [
                _IMAGE,
                {
                    **_IMAGE, "place": "image 2", "letter": "", "label": "Gone", "sha256": None,
                    "width": None, "height": None, "mode": None, "crop": None,
                    "scale_bar_um": None, "reduced": None, "left_out": "the file is missing",
                },
                {
                    **_IMAGE, "place": "image 3", "letter": "b", "label": "CD68", "caption": "",
                    "patient": "", "stain": "", "channel": "DAPI", "width": 800, "height": 600,
                    "mode": "I;16", "crop": [100, 50, 400, 300], "um_per_pixel": 0.0125,
                    "scale_bar_um": 1.0, "window": {"black": 12.0, "white": 4001.0},
                    "reduced": "images/panel-1-3.png", "notes": ["a remark"],
                },
            ],
        },
        {
            "id": "panel-2", "title": "Thighs", "kind": "mri", "columns": 3, "images": [],
            "beyond": 0, "error": "the list of images: the file is missing",
        },
    ],
}  # fmt: skip


def panels() -> dict[str, Any]:
    """Return a copy of the section `panels`, to be changed at will."""
    return copy.deepcopy(_PANELS)


def write_pictures(folder: Path) -> Path:
    """Write the reduced pictures that the section names, and return the folder."""
    (folder / "images").mkdir(parents=True)
    Image.linear_gradient("L").convert("RGB").resize((800, 600)).save(
        folder / "images/panel-1-1.jpg"
    )
    Image.linear_gradient("L").resize((400, 300)).save(folder / "images/panel-1-3.png")
    return folder
