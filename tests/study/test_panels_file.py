"""The panels of a study file: what a valid one says, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from myocohort.errors import StudyFileError
from myocohort.study.loading import load_study
from myocohort.study.panels import Panel, PanelImage, image_of_row
from myocohort.study.studyfile import Study

IMAGE = {"file": "images/a.png", "label": "A", "um_per_pixel": 0.5}


def study(*panels: dict[str, Any]) -> Study:
    """Return a study with these panels."""
    return Study.model_validate({"title": "T", "arms": {"a": {"label": "A"}}, "panels": panels})


def test_a_panel_has_defaults() -> None:
    """Three columns, no crop, and a scale in micrometres."""
    (panel,) = study({"title": "Biopsies", "kind": "micrograph", "images": [IMAGE]}).panels
    assert panel.columns == 3
    assert panel.images[0].crop is None
    assert panel.images[0].um == 0.5
    assert study().panels == ()


def test_millimetres_become_micrometres() -> None:
    """0.8 mm a pixel are 800 µm a pixel."""
    assert PanelImage.model_validate({"file": "a.png", "mm_per_pixel": 0.8}).um == 800


@pytest.mark.parametrize(
    "change",
    [
        {"um_per_pixel": 0},
        {"um_per_pixel": -1},
        {"um_per_pixel": float("inf")},
        {"um_per_pixel": float("nan")},
        {"um_per_pixel": None},
        {"mm_per_pixel": 1},
        {"file": ""},
        {"crop": [0, 0, 0, 5]},
        {"crop": [-1, 0, 5, 5]},
        {"crop": [0, 0, 5]},
        {"crop": [0.5, 0, 5, 5]},
        {"unknown": 1},
    ],
)
def test_what_an_image_may_not_be(change: dict[str, Any]) -> None:
    """A scale that is not positive, none or two of them, a crop of nothing, unknown keys."""
    with pytest.raises(ValidationError):
        PanelImage.model_validate({**IMAGE, **change})


@pytest.mark.parametrize(
    "panel",
    [
        {"title": "P", "kind": "micrograph"},
        {"title": "P", "kind": "micrograph", "images": []},
        {"title": "P", "kind": "micrograph", "images": [IMAGE], "list": "a.csv"},
        {"title": "P", "kind": "blot", "images": [IMAGE]},
        {"title": "", "kind": "mri", "images": [IMAGE]},
        {"title": "P", "kind": "mri", "images": [IMAGE], "columns": 0},
        {"title": "P", "kind": "mri", "images": [IMAGE], "columns": 6},
    ],
)
def test_what_a_panel_may_not_be(panel: dict[str, Any]) -> None:
    """No image and no list, both, another kind, no title, no column or too many."""
    with pytest.raises(ValidationError):
        Panel.model_validate(panel)


def test_two_panels_have_two_titles() -> None:
    """Panels of one title are refused, and the title is named."""
    panel = {"title": "Biopsies", "kind": "micrograph", "images": [IMAGE]}
    with pytest.raises(ValidationError, match="title of its own; twice: Biopsies"):
        study(panel, panel)


def test_a_study_file_names_the_key_that_is_wrong(tmp_path: Path) -> None:
    """The problem stands at the image's scale, and an unknown key gets a suggestion."""
    (tmp_path / "study.toml").write_text(
        'title = "T"\n[arms.a]\nlabel = "A"\n[[panels]]\ntitle = "P"\nkind = "mri"\ncolums = 2\n'
        'images = [{file = "a.png", um_per_pixel = -1}]\n'
    )
    with pytest.raises(StudyFileError) as caught:
        load_study(tmp_path)
    keys = {problem.key: problem for problem in caught.value.problems}
    assert "panels.1.images.1.um_per_pixel" in keys
    assert keys["panels.1.colums"].next_step == "Did you mean 'columns'?"


def test_a_row_of_a_list_is_an_image() -> None:
    """Empty cells are left out, the crop is four numbers with spaces or commas between."""
    row = {"file": " a.png ", "label": "A", "mm_per_pixel": "0.5", "um_per_pixel": "", "stain": ""}
    image = image_of_row({**row, "crop": "1 2, 30 40"})
    assert (image.file, image.um, image.crop, image.stain) == ("a.png", 500, (1, 2, 30, 40), "")
    with pytest.raises(ValidationError):
        image_of_row({**row, "crop": "1 2 30"})
    with pytest.raises(ValidationError):
        image_of_row({**row, "mm_per_pixel": "half"})
