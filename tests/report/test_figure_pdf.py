"""Figures as PDF: the same bytes twice, fonts embedded, no date and no names."""

from __future__ import annotations

import getpass
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from myocohort.report.drawing import figure_pdf, figure_style
from myocohort.report.model.forest import forest_figure


def drawn() -> Figure:
    """Return a figure with a line and texts, one of them from right to left."""
    with figure_style():
        figure = Figure(figsize=(4, 3))
        axes = figure.add_subplot()
        axes.plot([0, 1], [1, 0])
        axes.set_title("Müller – µm ≥ 5")
        figure.text(0.1, 0.01, "خزعة", parse_math=False)
    return figure


def test_the_same_figure_gives_the_same_bytes() -> None:
    """Twice from one drawing, and from two drawings."""
    figure = drawn()
    first = figure_pdf(figure)
    assert first == figure_pdf(figure) == figure_pdf(drawn())
    assert first.startswith(b"%PDF-")


def test_nothing_tells_when_where_and_by_whom(results: dict[str, Any]) -> None:
    """No date, no program, no user, no machine; fonts are TrueType, not Type 3."""
    figure = forest_figure(results)
    assert figure is not None
    content = figure_pdf(figure)
    for key in (b"CreationDate", b"ModDate", b"Producer", b"Creator", b"Author", b"/Type3"):
        assert key not in content
    for name in (getpass.getuser(), platform.node()):
        if len(name) > 4:
            assert name.encode() not in content
    assert re.search(rb"/Subtype /CIDFontType2|/Subtype /TrueType", content)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
def test_a_reader_opens_it(tmp_path: Path) -> None:
    """Poppler draws one page without a complaint, in the size of the figure."""
    path = tmp_path / "figure.pdf"
    path.write_bytes(figure_pdf(drawn()))
    done = subprocess.run(
        ["pdftoppm", "-r", "72", str(path), str(tmp_path / "page")], capture_output=True, check=True
    )
    assert done.stderr == b""
    (page,) = tmp_path.glob("page*.ppm")
    assert page.read_bytes().startswith(b"P6\n288 216\n")
