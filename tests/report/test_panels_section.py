"""The section on images: the drawing, its scale bars, and the documents' words and numbers."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from panels_sample import panels, write_pictures
from parsed import Page
from PIL import Image
from sample import results as sample_results

from myocohort.report.drawing import figure_png, figure_style, figure_svg
from myocohort.report.html import html_text
from myocohort.report.panels.figures import (
    MOST_BYTES_OF_A_FIGURE,
    length_text,
    panel_figures,
)
from myocohort.report.panels.section import PANELS_SECTION
from myocohort.report.panels.view import (
    panels_paragraphs,
    panels_sheets,
    panels_tables,
    panels_view,
    panels_warnings,
)


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with panels."""
    return {**sample_results(), "panels": panels()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a results folder with the reduced pictures."""
    return write_pictures(tmp_path / "results")


def page(results: dict[str, Any]) -> Page:
    """Render and read a report."""
    return Page(html_text(results, made_on=dt.date(2026, 11, 22)))


def only(results: dict[str, Any], folder: Path | None) -> Figure:
    """Return the drawing of the only figure."""
    (figure,) = panel_figures(results, folder)
    return figure.drawing


def texts(figure: Figure) -> list[str]:
    """Return all texts of a drawing."""
    inside = [text for axes in figure.axes for text in axes.texts]
    return [text.get_text() for text in (*figure.texts, *inside)]


def test_letters_labels_and_scale_bars_are_drawn(found: dict[str, Any], folder: Path) -> None:
    """What is left out has no place; the bar is as long as its length says."""
    figure = only(found, folder)
    assert texts(figure)[:2] == ["a", "Necrotic fibres"]
    assert {"b", "CD68", "200 µm", "1 µm"} <= set(texts(figure))
    assert "Gone" not in texts(figure)
    shown = [image for image in found["panels"]["panels"][0]["images"] if not image["left_out"]]
    for axes, image in zip(figure.axes, shown, strict=True):
        (bar,) = [p for p in axes.patches if (p.get_gid() or "").startswith("scale-bar")]
        wide = axes.get_xlim()[1]
        real = image["um_per_pixel"] * image["crop"][2]
        assert bar.get_width() / wide == pytest.approx(image["scale_bar_um"] / real)
        box = axes.get_position()
        drawn = box.width * figure.get_figwidth(), box.height * figure.get_figheight()
        assert drawn[0] / drawn[1] == pytest.approx(image["crop"][2] / image["crop"][3])
        assert wide == pytest.approx(drawn[0])


@pytest.mark.parametrize(
    ("um", "text"),
    [(200.0, "200 µm"), (1.0, "1 µm"), (0.5, "500 nm"), (0.002, "2 nm"), (1000.0, "1 mm"),
     (100_000.0, "100 mm"), (0.1, "100 nm")],
)  # fmt: skip
def test_lengths_have_the_unit_that_suits_them(um: float, text: str) -> None:
    """Nanometres below one micrometre, millimetres from a thousand."""
    assert length_text(um) == text


def test_the_legend_says_what_is_shown(found: dict[str, Any], folder: Path) -> None:
    """Captions, stains, patients, scale bars, what was stretched and what is left out."""
    (figure,) = panel_figures(found, folder)
    assert figure.legend == (
        "Muscle biopsies. 2 micrographs. a, Necrotic fibres: Before treatment (H&E; patient P1). "
        "b, CD68 (channel DAPI). Scale bars: 200 µm (a); 1 µm (b). Grey values are stretched in "
        "each image by itself. Left out: 1 of 3 images."
    )
    assert figure.alternative == "Muscle biopsies: 2 micrographs. a Necrotic fibres; b CD68"


def test_an_svg_holds_the_picture_as_jpeg_and_text_as_text(
    found: dict[str, Any], folder: Path
) -> None:
    """The picture stands upright at its place, its pixels are those of the file."""
    svg = figure_svg(only(found, folder))
    assert ">Necrotic fibres<" in svg
    data = re.findall(r'xlink:href="data:image/jpeg;base64,([^"]+)"', svg)
    assert len(data) == 2
    assert "image/png" not in svg
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(data[0]))))
    assert picture.shape == (600, 800, 3)
    assert picture[10].mean() < 20 < 230 < picture[-10].mean()  # black above, as in the file
    drawn = np.asarray(Image.open(io.BytesIO(figure_png(only(found, folder)))).convert("L"))
    column = drawn[:, 300]
    assert column[150] < 60  # the same in the PNG
    assert (np.diff(column[100:700].astype(int)) >= -3).all()


def test_many_noisy_pictures_stay_small(found: dict[str, Any], tmp_path: Path) -> None:
    """Twelve pictures of noise, which nothing can compress, do not make a page large."""
    panel = found["panels"]["panels"][0]
    panel["columns"] = 3
    image = panel["images"][0]
    draw = np.random.default_rng(5)
    (tmp_path / "images").mkdir()
    panel["images"] = []
    for number in range(1, 13):
        name = f"images/panel-1-{number}.png"
        noise = draw.integers(0, 255, (540, 720, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / name, compress_level=1)
        panel["images"].append({**image, "letter": "abcdefghijkl"[number - 1], "reduced": name})
    svg = figure_svg(only(found, tmp_path))
    assert len(svg) < 1.4 * MOST_BYTES_OF_A_FIGURE
    assert svg.count("image/jpeg") == 12


def test_a_high_panel_goes_on_in_another_figure(found: dict[str, Any]) -> None:
    """No figure is higher than a page, letters go on, and the page has all parts."""
    panel = found["panels"]["panels"][0]
    image = {**panel["images"][0], "crop": [0, 0, 1000, 1500]}
    panel["columns"] = 2
    letters = "abcdefghijklmnopqrstuvwx"
    panel["images"] = [{**image, "letter": letter, "label": letter * 9} for letter in letters]
    figures = list(panel_figures(found, None))
    assert [figure.name for figure in figures][:2] == ["panel-1", "panel-1-part-2"]
    assert all(figure.drawing.get_figheight() <= 9 for figure in figures)
    drawn = [text for figure in figures for text in texts(figure.drawing)]
    assert [text for text in drawn if text in letters] == list(letters)
    text = page(found).text
    assert f"Muscle biopsies (part {len(figures)} of {len(figures)})" in text


def test_a_picture_that_is_not_at_hand_is_said(
    found: dict[str, Any], folder: Path, tmp_path: Path
) -> None:
    """No folder, no file, a damaged one, or a name that leads elsewhere: a frame with words."""
    assert texts(only(found, None)).count("Image not\nat hand") == 2
    (folder / "images/panel-1-1.jpg").write_bytes(b"no picture")
    (folder / "images/panel-1-3.png").unlink()
    assert texts(only(found, folder)).count("Image not\nat hand") == 2
    Image.new("L", (9, 9)).save(tmp_path / "x.png")
    for name in ("../x.png", str(tmp_path / "x.png"), "images/../../x.png"):
        found["panels"]["panels"][0]["images"][0]["reduced"] = name
        assert texts(only(found, folder)).count("Image not\nat hand") == 2


def test_hard_labels_stay_in_their_column(found: dict[str, Any], folder: Path) -> None:
    """Long, right-to-left and wide signs: two lines at most, none wider than its column."""
    panel = found["panels"]["panels"][0]
    for label in ("word " * 40, "x" * 200, "خزعة العضلة " * 20, "肌肉活检" * 50, "$x^2$ <b>&"):
        for image in panel["images"]:
            image["label"] = label
        figure = only(found, folder)
        figure.set_dpi(600)  # as printed; on a coarse grid each sign is rounded up
        renderer = FigureCanvasAgg(figure).get_renderer()
        for text in figure.texts:
            with figure_style():
                box = text.get_window_extent(renderer)
            assert text.get_fontsize() > 5
            left, right = box.x0 / figure.dpi, box.x1 / figure.dpi
            middle = 0.08 + (7.2 - 0.16 - 0.12) / 2 + 0.06
            assert right <= (middle if left < 3 else 7.2)
        assert "<b>" not in figure_svg(figure)


def test_the_page_has_the_numbers_of_the_results(found: dict[str, Any]) -> None:
    """Pixels, scale, scale bar, crop and window of each image; a dash with its reason."""
    read = page(found)
    rows = read.table("Muscle biopsies: images").rows[1:]
    assert rows == [
        ["a", "Necrotic fibres", "P1", "H&E", "1600 × 1200", "0.5", "200 µm", ""],
        ["–", "Gone", "P1", "H&E", "–", "0.5", "–", "left out: the file is missing"],
        ["b", "CD68", "–", "DAPI", "800 × 600", "0.0125", "1 µm",
         "400 × 300 pixels from 100, 50 are shown; I;16: 12 is shown black, 4001 white; "
         "a remark"],
    ]  # fmt: skip
    assert "Left out: the list of images: the file is missing" in read.text
    assert "1 of 3 images are left out" in read.text


def test_the_manuscript_and_the_workbook_have_them_too(found: dict[str, Any]) -> None:
    """The table with the same words, numbers as numbers, and warnings with reasons."""
    (table,) = panels_tables(found)
    assert [row.cells[0].text for row in table.rows] == ["a", "–", "b"]
    assert table.rows[2].cells[5].text == "0.0125"
    (sheet,) = panels_sheets(found)
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)
    assert sheet.rows[2][8:17] == [800, 600, "I;16", 100, 50, 400, 300, 0.0125, 1.0]
    assert sheet.rows[0][19] == "ab" * 32
    assert panels_paragraphs(found)[0][0].startswith(
        "Panels of images: Muscle biopsies (2 images); Thighs (0 images). 1 of 3"
    )
    assert list(panels_warnings(found)) == [
        "Muscle biopsies, image 2: left out: the file is missing",
        "Thighs: the list of images: the file is missing",
    ]


def test_without_images_the_section_says_so(found: dict[str, Any]) -> None:
    """No figure, no table; old results too."""
    empty = {"left_out": "the study lists no images.", "notes": [], "panels": []}
    found["panels"] = empty
    assert "Left out: the study lists no images." in page(found).text
    assert list(PANELS_SECTION.figures(found)) == []
    for old in ({}, {"panels": None}):
        assert panels_view(old).left_out == "the results hold no images."
        assert list(panels_tables(old)) == list(panels_warnings(old)) == []
        assert panels_paragraphs(old) == ([], "the results hold no images.")
        (sheet,) = panels_sheets(old)
        assert not sheet.rows
        assert list(panel_figures(old, None)) == []
