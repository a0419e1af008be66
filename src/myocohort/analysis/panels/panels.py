"""Panels of micrographs and MRI slices: the section `panels`, and the reduced pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from myocohort.analysis.panels.picture import (
    LONGEST,
    LeftOutError,
    Picture,
    hash_of,
    place_of,
    read_picture,
)
from myocohort.analysis.plan import Plan
from myocohort.analysis.section import Asked, Part
from myocohort.registry.imports.csv_file import read_csv
from myocohort.study.panels import Panel, PanelImage, image_of_row

MOST_IMAGES = 24
"""In a panel; what a list holds beyond them is counted."""
FOLDER = "images"
"""Of the results folder, for the reduced pictures."""
MOST_OF_A_LIST = 5_000_000  # bytes
PRINTED_INCHES, PRINTED_DPI = 7.2, 300
SHARE_OF_WIDTH = 0.2
"""Of the picture's width, which the scale bar comes nearest to."""
WITHOUT_IMAGES = "the study lists no images."


def describe_panels(asked: Asked) -> dict[str, Any]:
    """Read and check the images of the study's panels.

    Returns
    -------
    dict
        `panels` of results.json: `left_out`, `notes`, `panels`; it holds no picture, no name of
        a file and nothing of a file's metadata.
    """
    panels = asked.plan.study.panels
    if not panels:
        return {"left_out": WITHOUT_IMAGES, "notes": [], "panels": []}
    patients = set(asked.records.patients["patient"])
    described = [
        _panel(panel, number, asked.plan.study.folder, patients)
        for number, panel in enumerate(panels, start=1)
    ]
    return {"left_out": "", "notes": _notes(described), "panels": described}


def write_panels(plan: Plan, results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the reduced pictures that the figures are drawn from.

    Parameters
    ----------
    plan
        The study, whose files are read.
    results
        Its `panels` say which pictures there are.
    folder
        Of the results; FOLDER is made in it where there is a picture.

    Returns
    -------
    list of Path
        What was written. A file that has changed since it was described is not written.
    """
    written = []
    section = results.get("panels") or {"panels": ()}
    for panel, shown in zip(plan.study.panels, section["panels"], strict=False):
        wanted = {image["place"]: image for image in shown["images"] if not image["left_out"]}
        try:
            listed = list(_given(panel, plan.study.folder)) if wanted else []
        except (LeftOutError, OSError):
            continue
        for place, given in listed:
            image = wanted.get(place)
            if image is None or isinstance(given, str):
                continue
            try:
                path = place_of(given.file, plan.study.folder)
                if hash_of(path) != image["sha256"]:
                    continue
                picture = _read(path, image["sha256"], given, panel)
            except LeftOutError:
                continue
            content = picture.encoded()
            target = folder / image["reduced"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written.append(target)
    return written


def scale_bar(um_per_pixel: float, width: int) -> float:
    """Choose the length of a scale bar: 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    um_per_pixel, width
        Of the picture as it is shown.

    Returns
    -------
    float
        In µm; of all such lengths the one that comes nearest, as a ratio, to a fifth of the
        width. It is between an eighth and a third of it.
    """
    wanted = SHARE_OF_WIDTH * um_per_pixel * width
    power = math.floor(math.log10(wanted))
    lengths = [
        float(f"{digit}e{exponent}") for exponent in (power, power + 1) for digit in (1, 2, 5)
    ]
    return min(lengths, key=lambda length: abs(math.log(length / wanted)))


def methods_of_panels(results: Mapping[str, Any]) -> str:
    """Describe what was done to the images that are shown; empty where none is."""
    images = _shown(results.get("panels") or {"panels": ()})
    if not images:
        return ""
    text = (
        "Images of the panels were cropped where that is said, reduced to the size of print and "
        "otherwise left as they are. Scale bars rest on the scale that the study file gives for "
        "each image."
    )
    if any(image["window"] for image in images):
        text += (
            " Images of more than eight bits are shown with their smallest value black and their "
            "largest white, evenly in between, each by itself."
        )
    return text


def references_of_panels(_results: Mapping[str, Any]) -> list[str]:
    """List the sources of the panels: there are none."""
    return []


def _given(panel: Panel, folder: Path) -> Iterator[tuple[str, PanelImage | str]]:
    """Yield place and image of each picture of a panel; a text says why a row is none.

    Raises
    ------
    LeftOutError
        Where the panel's list cannot be read.
    """
    if not panel.list:
        for number, image in enumerate(panel.images, start=1):
            yield f"image {number}", image
        return
    path = place_of(panel.list, folder)
    if path.stat().st_size > MOST_OF_A_LIST:
        raise LeftOutError(f"the file has more than {MOST_OF_A_LIST // 1_000_000} MB")
    sheets, problems = read_csv(path.read_bytes(), "the list")
    problems += [problem for sheet in sheets for problem in sheet.problems]
    if problems:
        raise LeftOutError("; ".join(problem.rule for problem in problems[:3]))
    known = set(PanelImage.model_fields)
    unknown = [name for name in sheets[0].header if name not in known]
    if unknown:
        raise LeftOutError(
            f"it has columns that are not known: {', '.join(unknown)}. "
            f"Known: {', '.join(PanelImage.model_fields)}"
        )
    for row, cells in sheets[0].rows:
        texts = {
            name: "" if cell is None else str(cell)
            for name, cell in zip(sheets[0].header, cells, strict=True)
        }
        try:
            yield f"row {row} of the list", image_of_row(texts)
        except ValidationError as error:
            yield f"row {row} of the list", _what_is_wrong(error)


def _what_is_wrong(error: ValidationError) -> str:
    """Say which columns break which rules, without what stands there."""
    rules = []
    for item in error.errors(include_input=False, include_url=False):
        column = str(item["loc"][0]) if item["loc"] else ""
        rule = item["msg"].removeprefix("Value error, ")
        rules.append(f"{column}: {rule}" if column else rule)
    return "; ".join(dict.fromkeys(rules))


def _panel(panel: Panel, number: int, folder: Path, patients: set[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": f"panel-{number}",
        "title": panel.title,
        "kind": panel.kind,
        "columns": panel.columns,
        "images": [],
        "beyond": 0,
        "error": "",
    }
    try:
        given = list(_given(panel, folder))
    except (LeftOutError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return {**described, "error": f"the list of images: {reason}"}
    for position, (place, image) in enumerate(given[:MOST_IMAGES], start=1):
        described["images"].append(
            _image(place, image, panel, (number, position), folder, patients)
        )
    letters = iter(_LETTERS)
    for image_described in described["images"]:
        image_described["letter"] = "" if image_described["left_out"] else next(letters)
    return {**described, "beyond": max(0, len(given) - MOST_IMAGES)}


_LETTERS = "abcdefghijklmnopqrstuvwxyz"  # more than MOST_IMAGES


def _image(
    place: str,
    given: PanelImage | str,
    panel: Panel,
    numbers: tuple[int, int],
    folder: Path,
    patients: set[str],
) -> dict[str, Any]:
    image: dict[str, Any] = {
        "place": place,
        "letter": "",
        "label": "",
        "caption": "",
        "patient": "",
        "stain": "",
        "channel": "",
        "sha256": None,
        "width": None,
        "height": None,
        "mode": None,
        "crop": None,
        "um_per_pixel": None,
        "scale_bar_um": None,
        "window": None,
        "reduced": None,
        "notes": [],
        "left_out": "",
    }
    if isinstance(given, str):
        return {**image, "left_out": given}
    image.update(label=given.label, caption=given.caption, stain=given.stain)
    image.update(channel=given.channel, um_per_pixel=given.um)
    if given.patient in patients:
        image["patient"] = given.patient
    elif given.patient:
        image["notes"].append("its patient is not in the records and is not named here")
    try:
        path = place_of(given.file, folder)
        image["sha256"] = hash_of(path)
        picture = _read(path, image["sha256"], given, panel)
    except LeftOutError as error:
        return {**image, "left_out": str(error)}
    image.update(width=picture.width, height=picture.height, mode=picture.mode)
    image["crop"] = list(picture.crop)
    image["scale_bar_um"] = scale_bar(given.um, picture.crop[2])
    image["reduced"] = f"{FOLDER}/panel-{numbers[0]}-{numbers[1]}.{picture.ending}"
    if picture.window is not None:
        image["window"] = {"black": picture.window[0], "white": picture.window[1]}
    image["notes"] += _remarks(picture, panel)
    return image


def _read(path: Path, sha256: str, given: PanelImage, panel: Panel) -> Picture:
    wanted = math.ceil(PRINTED_INCHES * PRINTED_DPI / panel.columns)
    return read_picture(path, sha256, given.crop, panel.kind, min(wanted, LONGEST))


def _remarks(picture: Picture, panel: Panel) -> list[str]:
    found = []
    if picture.several:
        found.append("the file holds several pictures; the first is shown")
    if picture.transparent:
        ground = "black" if panel.kind == "mri" else "white"
        found.append(f"what is transparent is shown {ground}")
    if picture.mode == "CMYK":
        found.append("colours for print were turned into colours for the screen without a profile")
    return found


def _shown(section: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [i for panel in section["panels"] for i in panel["images"] if not i["left_out"]]


def _notes(panels: list[dict[str, Any]]) -> list[str]:
    """Return what a reader must know: what is not shown, and what cannot be compared."""
    notes = []
    images = [image for panel in panels for image in panel["images"]]
    absent = sum(bool(image["left_out"]) for image in images)
    if absent:
        notes.append(f"{absent} of {len(images)} images are left out; the tables say why.")
    for panel in panels:
        if panel["beyond"]:
            notes.append(
                f"{panel['title']}: a panel shows at most {MOST_IMAGES} images; "
                f"{panel['beyond']} further ones are left out."
            )
    if any(image["window"] for image in images):
        notes.append(
            "Images of more than eight bits are stretched from black to white each by itself: "
            "their brightness cannot be compared between images."
        )
    return notes


PANELS_PART = Part(describe_panels, methods_of_panels, references_of_panels)
