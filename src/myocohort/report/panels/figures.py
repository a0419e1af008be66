"""Figures of micrographs and MRI slices: a grid with letters, labels and scale bars."""

from __future__ import annotations

import base64
import io
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from PIL import Image

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import plain_text
from myocohort.report.section import ReportFigure
from myocohort.report.wording import clean, counted, origin_of

MOST_BYTES_OF_A_FIGURE = 1_000_000
"""Of all its pictures in an SVG; a third more as text."""

_WIDTH, _HIGHEST = 7.2, 8.6  # inches; a panel that is higher goes on in another figure
_EDGE, _GAP, _LINE, _TAG = 0.08, 0.12, 0.15, 0.2
_TALLEST = 1.5  # of a picture, by the width of its column
_TALLEST_ALONE = 4.2  # inches, of a picture in a column of its own
_LETTER = 0.17
_CHARACTER = 0.068  # inches, at 8 points
_REDUCED = re.compile(r"images/panel-\d{1,3}-\d{1,3}\.(png|jpg)")
_KINDS = {"micrograph": ("micrograph", "micrographs"), "mri": ("MRI slice", "MRI slices")}
_QUALITIES = ((90, 1.0), (82, 1.0), (72, 1.0), (72, 0.7), (65, 0.5), (50, 0.35), (40, 0.2))
_WHITE, _GREY_ON_BLACK, _BLACK = "#ffffff", "#b9bec5", "#000000"


@dataclass(frozen=True, slots=True)
class _Placed:
    """A picture of the grid: its place from the upper left corner, and its size, in inches."""

    image: Mapping[str, Any]
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    head: float  # of letter and label, above it
    column: float


def panel_figures(results: Results, folder: Path | None) -> Iterator[ReportFigure]:
    """Draw the panels; one that is higher than a page goes on in further figures.

    Parameters
    ----------
    results
        Their `panels` say what is drawn.
    folder
        The results folder with the reduced pictures; without it, or without a picture in it,
        its place says that it is not at hand.
    """
    for panel in (results.get("panels") or {}).get("panels", ()):
        images = [image for image in panel["images"] if not image["left_out"]]
        pages = _pages(images, panel["columns"])
        for number, page in enumerate(pages, start=1):
            name = panel["id"] if number == 1 else f"{panel['id']}-part-{number}"
            with figure_style():
                drawing = _draw(page, panel, folder, results)
            shown = [placed.image for placed in page]
            part = f" (part {number} of {len(pages)})" if len(pages) > 1 else ""
            yield ReportFigure(
                name,
                drawing,
                legend(panel, shown, part, last=number == len(pages)),
                _alternative(panel, shown, part),
            )


def legend(
    panel: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], part: str, *, last: bool
) -> str:
    """Say what each picture shows, how long its scale bar is, and what is left out."""
    sentences = [f"{_ended(panel['title'] + part)} {_count(panel, len(shown))}."]
    sentences += [f"{image['letter']}, {_ended(_about(image))}" for image in shown if _about(image)]
    bars: dict[str, list[str]] = {}
    for image in shown:
        bars.setdefault(length_text(image["scale_bar_um"]), []).append(image["letter"])
    if len(bars) == 1:
        sentences.append(f"Scale bar{'s' if len(shown) > 1 else ''}: {next(iter(bars))}.")
    else:
        listed = "; ".join(f"{length} ({', '.join(of)})" for length, of in bars.items())
        sentences.append(f"Scale bars: {listed}.")
    if any(image["window"] for image in shown):
        sentences.append("Grey values are stretched in each image by itself.")
    absent = sum(bool(image["left_out"]) for image in panel["images"]) + panel["beyond"]
    if last and absent:
        sentences.append(f"Left out: {absent} of {len(panel['images']) + panel['beyond']} images.")
    return " ".join(sentences)


def length_text(um: float) -> str:
    """Print a length with the unit that suits it: nm, µm or mm."""
    if um >= 1000:
        return f"{plain_text(um / 1000)} mm"
    if um >= 1:
        return f"{plain_text(um)} µm"
    return f"{plain_text(um * 1000)} nm"


def _count(panel: Mapping[str, Any], n: int) -> str:
    one, several = _KINDS.get(panel["kind"], ("image", "images"))
    return counted(n, one, several)


def _about(image: Mapping[str, Any]) -> str:
    facts = [
        image["stain"],
        f"channel {image['channel']}" if image["channel"] else "",
        f"patient {image['patient']}" if image["patient"] else "",
    ]
    given = "; ".join(fact for fact in facts if fact)
    words = ": ".join(text for text in (image["label"], image["caption"].rstrip(". ")) if text)
    if not words:
        return given
    return f"{words} ({given})" if given else words


def _alternative(panel: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], part: str) -> str:
    labels = "; ".join(
        f"{image['letter']} {textwrap.shorten(image['label'], 60, placeholder=' …')}".strip()
        for image in shown
    )
    return f"{panel['title']}{part}: {_count(panel, len(shown))}. {labels}"


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _pages(images: Sequence[Mapping[str, Any]], columns: int) -> list[list[_Placed]]:
    """Lay out the pictures in rows, and rows on figures that fit a page."""
    if not images:
        return []
    columns = min(columns, len(images))
    column = (_WIDTH - 2 * _EDGE - (columns - 1) * _GAP) / columns
    tallest = _TALLEST_ALONE if columns == 1 else _TALLEST * column
    pages: list[list[_Placed]] = [[]]
    y = _EDGE
    for start in range(0, len(images), columns):
        row = images[start : start + columns]
        labels = [_lines(image["label"], column) for image in row]
        head = _LINE * max(1, *(len(lines) for lines in labels)) + 0.05
        sizes = [_size(image, column, tallest) for image in row]
        height = head + max(size[1] for size in sizes)
        if pages[-1] and y + height > _HIGHEST:
            pages.append([])
            y = _EDGE
        for place, (image, lines, (wide, high)) in enumerate(zip(row, labels, sizes, strict=True)):
            x = _EDGE + place * (column + _GAP)
            pages[-1].append(_Placed(image, x, y, wide, high, lines, head, column))
        y += height + _GAP
    return pages


def _size(image: Mapping[str, Any], column: float, tallest: float) -> tuple[float, float]:
    """Return width and height in inches, within a column and not too tall."""
    ratio = image["crop"][3] / image["crop"][2]
    width = min(column, tallest / ratio)
    return width, width * ratio


def _lines(label: str, column: float) -> tuple[str, ...]:
    """Break a label into at most two lines, with a sign where more is left out."""
    text = " ".join(clean(label).split())
    if not text:
        return ()
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    per_character = _CHARACTER * (1 + 0.75 * wide / len(text))
    characters = max(6, int((column - _LETTER) / per_character))
    lines = textwrap.wrap(text, characters)
    if len(lines) > 2:
        return lines[0], lines[1][: characters - 2].rstrip() + " …"
    return tuple(lines)


def _draw(
    page: Sequence[_Placed], panel: Mapping[str, Any], folder: Path | None, results: Results
) -> Figure:
    origin = origin_of(results)
    bottom = max(placed.y + placed.head + placed.height for placed in page)
    height = bottom + _EDGE + (_TAG if origin else 0)
    figure = Figure(figsize=(_WIDTH, height))
    dark = panel["kind"] == "mri"
    if dark:
        ground = Rectangle((0, 0), 1, 1, transform=figure.transFigure, facecolor=_BLACK, zorder=-1)
        figure.add_artist(ground)
    area = sum(placed.width * placed.height for placed in page)
    for placed in page:
        budget = MOST_BYTES_OF_A_FIGURE * placed.width * placed.height / area
        _draw_one(figure, placed, folder, height, int(budget), _WHITE if dark else INK)
    colour = _GREY_ON_BLACK if dark else GREY
    tag_origin(figure, origin, x=_EDGE, y=_TAG / 2, colour=colour)
    return figure


def _draw_one(
    figure: Figure, placed: _Placed, folder: Path | None, height: float, budget: int, ink: str
) -> None:
    top = height - placed.y
    figure.text(
        placed.x / _WIDTH, top / height, placed.image["letter"], color=ink, va="top",
        fontsize=9, fontweight="bold", parse_math=False,
    )  # fmt: skip
    for number, line in enumerate(placed.lines):
        text = figure.text(
            (placed.x + _LETTER) / _WIDTH, (top - 0.012 - number * _LINE) / height, line,
            fontsize=8, color=ink, va="top", parse_math=False,
        )  # fmt: skip
        shrink_to(text, placed.column - _LETTER - 0.1)
    low = top - placed.head - placed.height
    axes = figure.add_axes(
        (placed.x / _WIDTH, low / height, placed.width / _WIDTH, placed.height / height)
    )
    axes.set_axis_off()
    axes.set_xlim(0, placed.width)
    axes.set_ylim(0, placed.height)
    picture = _picture(placed.image, folder)
    if picture is None:
        axes.add_patch(
            Rectangle((0, 0), placed.width, placed.height, fill=False, edgecolor=GREY, linewidth=1)
        )
        axes.text(
            placed.width / 2, placed.height / 2, "Image not\nat hand", fontsize=8,
            color=_WHITE if ink == _WHITE else GREY, ha="center", va="center",
        )  # fmt: skip
        return
    shown = _Photograph(
        axes, _encoded(picture, budget), extent=(0, placed.width, 0, placed.height),
        cmap="gray", norm=None,
    )  # fmt: skip
    shown.set_data(np.asarray(picture.convert("RGB")))
    axes.add_image(shown)
    _draw_scale_bar(axes, placed)


def _draw_scale_bar(axes: Any, placed: _Placed) -> None:
    """Draw the bar with its length on a dark plate in the lower right corner."""
    image = placed.image
    um = image["scale_bar_um"]
    long = placed.width * um / (image["um_per_pixel"] * image["crop"][2])
    text = length_text(um)
    plate = max(long, 0.064 * len(text)) + 0.1
    right = placed.width - 0.05
    axes.add_patch(
        Rectangle(
            (right - plate, 0.05), plate, 0.235, facecolor=_BLACK, alpha=0.62, linewidth=0, zorder=3
        )
    )
    axes.add_patch(
        Rectangle(
            (right - plate / 2 - long / 2, 0.085), long, 0.032, facecolor=_WHITE,
            edgecolor=_BLACK, linewidth=0.5, zorder=4, gid=f"scale-bar-{image['letter']}",
        )
    )  # fmt: skip
    axes.text(
        right - plate / 2, 0.135, text, fontsize=7.5, color=_WHITE, ha="center", va="bottom",
        zorder=4, parse_math=False,
    )  # fmt: skip


def _picture(image: Mapping[str, Any], folder: Path | None) -> Image.Image | None:
    """Return a reduced picture; None where it is not at hand."""
    name = image["reduced"] or ""
    if folder is None or not _REDUCED.fullmatch(name):
        return None
    try:
        with Image.open(folder / name, formats=("PNG", "JPEG")) as opened:
            opened.load()
            return opened.convert("L" if opened.mode == "L" else "RGB")
    except OSError:
        return None


def _encoded(picture: Image.Image, budget: int) -> bytes:
    """Return a picture as JPEG, as good as fits into so many bytes."""
    for quality, scale in _QUALITIES:
        smaller = picture
        if scale < 1:
            size = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
            smaller = picture.resize(size, Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        smaller.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= budget:
            break
    return buffer.getvalue()


class _Photograph(AxesImage):
    """A picture that stands in an SVG as JPEG; as PNG it would be five times as large."""

    def __init__(self, axes: Any, jpeg: bytes, **settings: Any) -> None:
        super().__init__(axes, interpolation="antialiased", **settings)
        self._jpeg = jpeg

    def can_composite(self) -> bool:
        """Whether it may be merged with other pictures: never, or `draw` would be passed over."""
        return False

    def draw(self, renderer: RendererBase) -> None:
        """Write the JPEG into an SVG; draw on anything else as any picture."""
        writer = getattr(renderer, "writer", None)
        if writer is None:
            super().draw(renderer)
            return
        box = self.get_window_extent(renderer)  # in points, from the lower left corner
        writer.element(
            "image",
            x=f"{box.x0:.3f}",
            y=f"{renderer.height - box.y1:.3f}",  # type: ignore[attr-defined]
            width=f"{box.width:.3f}",
            height=f"{box.height:.3f}",
            preserveAspectRatio="none",
            attrib={
                "xlink:href": "data:image/jpeg;base64," + base64.b64encode(self._jpeg).decode()
            },
        )
