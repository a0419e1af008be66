"""The forest plot as figure, SVG and PNG."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from myocohort.report.drawing import FIRTH, ML, figure_svg, inline_svg
from myocohort.report.figures import NumberedFigure, write_figures
from myocohort.report.model.forest import forest_figure, forest_figures

SVG = "{http://www.w3.org/2000/svg}"


def drawn(results: dict[str, Any]) -> Figure:
    """Return the figure, which must be there."""
    figure = forest_figure(results)
    assert figure is not None
    return figure


def texts(figure: Figure) -> list[str]:
    """Return all that is written in the figure."""
    root = ElementTree.fromstring(figure_svg(figure))
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def written(results: dict[str, Any], folder: Path) -> list[Path]:
    """Write the forest plot, and return its files."""
    figures = {figure.name: NumberedFigure(1, figure) for figure in forest_figures(results)}
    return write_figures(figures, folder)


def test_the_figure_names_both_methods_and_their_intervals(results: dict[str, Any]) -> None:
    """The legend says which interval each method is drawn with; the numbers are Table 2's."""
    written = [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts(drawn(results))]
    assert "Maximum likelihood, Wald 95% interval" in written
    assert "Firth, profile 95% interval" in written
    assert "19.57 (1.49–256.53), p = 0.024" in written
    assert "5.31 (1.03–38.66), p = 0.046" in written
    assert any(text.startswith("Rebuilt records") for text in written)


def test_points_and_intervals_lie_where_the_numbers_are(results: dict[str, Any]) -> None:
    """Each method's marks stand at its odds ratios, its lines reach from limit to limit."""
    axes = drawn(results).axes[0]
    for key, colour, interval in (("ml", ML, "wald"), ("firth", FIRTH, "profile")):
        model = next(m for m in results["models"] if (m["id"], m["method"]) == ("final", key))
        lines = [line for line in axes.lines if line.get_color() == colour]
        points = [
            float(x) for line in lines for x in line.get_xdata() if len(line.get_xdata()) == 1
        ]
        spans = [list(map(float, line.get_xdata())) for line in lines if len(line.get_xdata()) == 2]
        terms = model["terms"][1:]
        assert points == [term["odds_ratio"] for term in terms]
        assert spans == [
            [term["ci"][interval]["low"], term["ci"][interval]["high"]] for term in terms
        ]
    assert axes.get_xscale() == "log"


def test_infinite_limits_end_in_arrows(results: dict[str, Any]) -> None:
    """A separated term is drawn by profile limits, without a point, with an arrow at the edge."""
    term = results["models"][0]["terms"][1]
    term.update(odds_ratio="inf", p={"wald": None, "lrt": 0.007})
    term["ci"] = {"wald": None, "profile": {"low": 2.1, "high": "inf", "level": 0.95, "method": ""}}
    figure = drawn(results)
    axes = figure.axes[0]
    (arrow,) = [line for line in axes.lines if line.get_marker() == ">"]
    assert float(arrow.get_xdata()[0]) == axes.get_xlim()[1]
    assert sum(line.get_marker() == "s" for line in axes.lines) == 2
    written = [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts(figure)]
    assert "∞ (2.10–∞), p = 0.007" in written
    assert "Maximum likelihood, profile 95% interval" in written


def test_labels_may_hold_anything(results: dict[str, Any]) -> None:
    """Mathematics, markup, control characters, long and right-to-left labels stay text."""
    labels = ["$x^2$ <b>&amp;", "very long label " * 14 + "\x00", "مرض الرئة 间质性肺病"]
    for model in results["models"][:2]:
        for term, label in zip(model["terms"][1:], labels, strict=True):
            term["label"] = label
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = drawn(results)
        written = " ".join(texts(figure))
    assert "$x^2$ <b>&amp;" in written
    assert written.count("very long label") >= 13
    assert "مرض الرئة" in written
    assert figure.get_size_inches()[1] > drawn_height(labels=1)


def drawn_height(labels: int) -> float:
    """Height in inches that three terms with labels of so many lines take at most."""
    return 3 * (2 * 0.24 + 0.16) + 1.24 + 0.165 * (labels - 1)


def test_an_inline_figure_takes_the_colours_of_the_page(results: dict[str, Any]) -> None:
    """Inside a page the figure has prefixed ids, a text alternative and no fixed colours."""
    results["models"][0]["terms"][1]["label"] = 'id="x" #0072b2'
    svg = inline_svg(figure_svg(drawn(results)), "forest", 'A "forest" plot')
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == 'A "forest" plot'
    assert root.get("role") == "img"
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert all(name.startswith("forest-") for name in ids)
    assert "var(--ml)" in svg
    assert "<style" not in svg
    assert 'id="x" #0072b2' in "".join(root.itertext())
    uses = [node.get("{http://www.w3.org/1999/xlink}href") for node in root.iter(f"{SVG}use")]
    assert {use[1:] for use in uses if use} <= set(ids)


def test_files_are_the_same_for_the_same_results(results: dict[str, Any], tmp_path: Path) -> None:
    """SVG, PNG and PDF do not depend on the time, nor on the user's matplotlib settings."""
    first = written(results, tmp_path / "a")
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        second = written(results, tmp_path / "b")
    assert [path.name for path in first] == ["forest.svg", "forest.png", "forest.pdf"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_png_has_300_dots_an_inch(results: dict[str, Any], tmp_path: Path) -> None:
    """Width and height of the picture are those of the figure at 300 dots an inch."""
    _, png, _ = written(results, tmp_path)
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    inches = drawn(results).get_size_inches()
    assert width == int(inches[0] * 300)
    assert height == pytest.approx(inches[1] * 300, abs=1)


@pytest.mark.parametrize("models", [None, []])
def test_without_a_model_there_is_no_figure(
    results: dict[str, Any], tmp_path: Path, models: object
) -> None:
    """No final model: no figure, no files, and no folder."""
    results["models"] = models
    assert forest_figure(results) is None
    assert written(results, tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_method_that_failed_leaves_the_other(results: dict[str, Any]) -> None:
    """Only the method that was fitted is drawn and named."""
    results["models"][0].update(error="did not converge", terms=[])
    written = texts(drawn(results))
    assert any(text.startswith("Firth") for text in written)
    assert not any(text.startswith("Maximum") for text in written)
