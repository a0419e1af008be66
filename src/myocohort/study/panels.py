"""Panels of images in a study file: which pictures stand together, and their scales."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_PANELS = 20
UM_PER_MM = 1000.0

Scale = Annotated[float, Field(ge=1e-4, le=1e5)]
"""Micrometres a pixel: from a tenth of a nanometre to ten centimetres."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PanelImage(_Part):
    """One picture of a panel.

    Parameters
    ----------
    file
        PNG, JPEG or TIFF, relative to the study folder; never shown.
    label, caption
        Above it, and in the legend; empty: only its letter.
    um_per_pixel, mm_per_pixel
        Scale of the file's own pixels; one of the two.
    crop
        Part that is shown: left, top, width and height in pixels of the upright picture.
    patient
        Code of the patient.
    stain, channel
        Of a micrograph.
    """

    file: str = Field(min_length=1)
    label: str = ""
    caption: str = ""
    um_per_pixel: Scale | None = None
    mm_per_pixel: float | None = Field(default=None, ge=1e-7, le=100)
    crop: (
        tuple[
            Annotated[int, Field(ge=0)],
            Annotated[int, Field(ge=0)],
            Annotated[int, Field(ge=1)],
            Annotated[int, Field(ge=1)],
        ]
        | None
    ) = None
    patient: str = ""
    stain: str = ""
    channel: str = ""

    @model_validator(mode="after")
    def _one_scale(self) -> PanelImage:
        if (self.um_per_pixel is None) == (self.mm_per_pixel is None):
            raise ValueError("an image has either um_per_pixel or mm_per_pixel")
        return self

    @property
    def um(self) -> float:
        """Micrometres a pixel."""
        if self.um_per_pixel is not None:
            return self.um_per_pixel
        return (self.mm_per_pixel or 0.0) * UM_PER_MM


class Panel(_Part):
    """Pictures that stand together in one figure.

    Parameters
    ----------
    title
        Begins its legend.
    kind
        `micrograph`, or `mri`, which is drawn on black.
    columns
        Pictures side by side.
    images, list
        The pictures; or a CSV file of the study folder with a row each, whose columns are
        called like the keys of an image (`crop` as four numbers with spaces between them).
    """

    title: str = Field(min_length=1)
    kind: Literal["micrograph", "mri"]
    columns: int = Field(default=3, ge=1, le=5)
    images: tuple[PanelImage, ...] = ()
    list: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> Panel:
        if bool(self.images) == bool(self.list):
            raise ValueError("a panel has either images or a list")
        return self


def distinct_titles(panels: tuple[Panel, ...]) -> tuple[Panel, ...]:
    """Refuse two panels of one title, which nobody could tell apart."""
    titles = [panel.title for panel in panels]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        raise ValueError(f"each panel has a title of its own; twice: {', '.join(twice)}")
    return panels


def image_of_row(row: dict[str, Any]) -> PanelImage:
    """Read a row of a panel's list.

    Parameters
    ----------
    row
        Column -> text; empty texts are left out.

    Raises
    ------
    pydantic.ValidationError
        Where a rule is broken.
    """
    given: dict[str, Any] = {
        name: text.strip() for name, text in row.items() if text and text.strip()
    }
    if "crop" in given:
        given["crop"] = tuple(given["crop"].replace(",", " ").split())
    return PanelImage.model_validate(given)
