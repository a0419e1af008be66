"""The section on panels of images as it is printed, rounding done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from myocohort.report.book.sheet import Column, Sheet
from myocohort.report.manuscript.journal_table import (
    JournalColumn,
    JournalRow,
    JournalTable,
    plain_cells,
)
from myocohort.report.model.models import Results
from myocohort.report.panels.figures import length_text
from myocohort.report.rounding import MISSING, plain_text

NONE = "the results hold no images."
_SCALE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image: its letter in the figure, what it is, its pixels and its scale."""

    letter: str
    place: str
    label: str
    patient: str
    stain: str
    pixels: str
    um_per_pixel: str
    scale_bar: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PanelView:
    """One panel: the names of its figures, its table, and why there is none."""

    identity: str
    title: str
    rows: tuple[ImageRow, ...]
    left_out: str


@dataclass(frozen=True, slots=True)
class PanelsView:
    """The whole section; `left_out` says why where there is none."""

    left_out: str
    notes: tuple[str, ...]
    panels: tuple[PanelView, ...]


def panels_view(results: Results) -> PanelsView:
    """Lay out the section `panels` of results.json."""
    section = results.get("panels")
    if not section:
        return PanelsView(NONE, (), ())
    return PanelsView(
        section["left_out"],
        tuple(section["notes"]),
        tuple(
            PanelView(
                panel["id"],
                panel["title"],
                tuple(_row(image) for image in panel["images"]),
                panel["error"],
            )
            for panel in section["panels"]
        ),
    )


def panels_sheets(results: Results) -> Iterator[Sheet]:
    """Lay out the sheet Images: every image of the panels, with the hash of its file."""
    view = panels_view(results)
    rows: list[list[object]] = []
    for panel in (results.get("panels") or {}).get("panels", ()):
        for image in panel["images"]:
            window = image["window"] or {}
            rows.append([
                panel["title"], image["letter"] or None, image["place"], image["label"] or None,
                image["caption"] or None, image["patient"] or None, image["stain"] or None,
                image["channel"] or None, image["width"], image["height"], image["mode"],
                *(image["crop"] or [None] * 4), image["um_per_pixel"], image["scale_bar_um"],
                window.get("black"), window.get("white"), image["sha256"],
                image["left_out"] or None, "; ".join(image["notes"]) or None,
            ])  # fmt: skip
    yield Sheet(
        "Images",
        "Images of the panels",
        [
            Column("Panel"), Column("Letter"), Column("Place in the study file"), Column("Label"),
            Column("Caption"), Column("Patient"), Column("Stain"), Column("Channel"),
            Column("Width, pixels", "n"), Column("Height, pixels", "n"), Column("Mode"),
            Column("Left", "n", "Shown"), Column("Top", "n", "Shown"),
            Column("Width", "n", "Shown"), Column("Height", "n", "Shown"),
            Column("µm a pixel", "number"), Column("Scale bar, µm", "number"),
            Column("Black is", "number"), Column("White is", "number"), Column("SHA-256"),
            Column("Left out because"), Column("Remarks"),
        ],
        rows,
        view.left_out or "no panel has an image.",
        remarks=view.notes,
        frozen=2,
    )  # fmt: skip


def panels_tables(results: Results) -> Iterator[JournalTable]:
    """Lay out a table for each panel."""
    columns = tuple(
        JournalColumn(name, numbers=numbers)
        for name, numbers in (
            ("", False), ("Label", False), ("Patient", False), ("Stain, channel", False),
            ("Pixels", True), ("µm a pixel", True), ("Scale bar", True), ("Remarks", False),
        )
    )  # fmt: skip
    for panel in panels_view(results).panels:
        rows = [
            JournalRow(
                plain_cells([
                    row.letter or MISSING, row.label or row.place, row.patient or MISSING,
                    row.stain or MISSING, row.pixels, row.um_per_pixel, row.scale_bar,
                    "; ".join(row.remarks),
                ])
            )
            for row in panel.rows
        ]  # fmt: skip
        if rows:
            yield JournalTable(
                "",
                f"{panel.title}: images",
                columns,
                tuple(rows),
                remarks=("A dash in the first column: not in the figure, the remarks say why.",)
                if any(not row.letter for row in panel.rows)
                else (),
            )


def panels_paragraphs(results: Results) -> tuple[list[str], str]:
    """Return what the panels show, and why nothing is where nothing is."""
    view = panels_view(results)
    if view.left_out:
        return [], view.left_out
    listed = []
    for panel in view.panels:
        shown = sum(bool(row.letter) for row in panel.rows)
        listed.append(f"{panel.title} ({shown} image{'' if shown == 1 else 's'})")
    return [" ".join([f"Panels of images: {'; '.join(listed)}.", *view.notes])], ""


def panels_warnings(results: Results) -> Iterator[str]:
    """Yield what is left out, with its reason."""
    for panel in panels_view(results).panels:
        if panel.left_out:
            yield f"{panel.title}: {panel.left_out}"
        for row in panel.rows:
            if not row.letter:
                yield f"{panel.title}, {row.place}: {row.remarks[0]}"


def _row(image: Mapping[str, Any]) -> ImageRow:
    stain = ", ".join(text for text in (image["stain"], image["channel"]) if text)
    remarks = [f"left out: {image['left_out']}"] if image["left_out"] else []
    crop = image["crop"]
    if crop and crop[2:] != [image["width"], image["height"]]:
        remarks.append(f"{crop[2]} × {crop[3]} pixels from {crop[0]}, {crop[1]} are shown")
    window = image["window"]
    if window:
        remarks.append(
            f"{image['mode']}: {plain_text(window['black'])} is shown black, "
            f"{plain_text(window['white'])} white"
        )
    return ImageRow(
        image["letter"],
        image["place"],
        image["label"],
        image["patient"],
        stain,
        f"{image['width']} × {image['height']}" if image["width"] else MISSING,
        plain_text(image["um_per_pixel"], _SCALE_DECIMALS),
        length_text(image["scale_bar_um"]) if image["scale_bar_um"] else MISSING,
        (*remarks, *image["notes"]),
    )
