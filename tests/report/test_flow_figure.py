"""The drawn flow of patients and its text."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment
from matplotlib.backends.backend_agg import FigureCanvasAgg
from parsed import Page
from sample import results as sample_results

from myocohort.report.drawing import figure_svg
from myocohort.report.flow_figure import controls_of, flow_figures, flow_of
from myocohort.report.rounding import n_equals
from myocohort.report.templating import new_environment

LONG = "A very long label with <b>markup</b> & $x^2$ " * 5
ARABIC = "مرضى مفقودون"


@pytest.fixture
def found() -> dict[str, Any]:
    """Return the sample with reasons, analysed sets and controls."""
    results = sample_results()
    results["flow"][1]["reasons"] = [{"reason": "moved away", "n": 5}]
    results["flow"] += [
        {"label": "Analysed: MRI", "n": 30, "of": 48, "level": 2,
         "reasons": [{"reason": "no MRI", "n": 18}], "controls": [{"label": "healthy", "n": 4}]},
    ]  # fmt: skip
    results["study"]["arms"].append(
        {"code": "h", "label": "Healthy", "role": "controls", "n": 4},
    )
    return results


def svg(results: dict[str, Any]) -> str:
    """Return the drawing."""
    (figure,) = flow_figures(results)
    assert figure.name == "flow"
    return figure_svg(figure.drawing)


def text_of(results: dict[str, Any]) -> Page:
    """Render the template's part alone."""
    environment: Environment = new_environment()
    template = environment.from_string(
        '{% import "macros.html.j2" as m with context %}{% include "flow.html.j2" %}'
    )
    return Page(template.render(flow=flow_of(results), controls=controls_of(results), figures={}))


def test_every_box_of_the_results_is_drawn(found: dict[str, Any]) -> None:
    """Labels, numbers, reasons, sets out of how many, and controls."""
    drawn = svg(found)
    for box in found["flow"]:
        assert n_equals(box["n"]) in drawn
    for text in ("Lost before the month-12", "Refractory", "MRI", "Healthy", "Controls"):
        assert text in drawn
    assert f"moved away ({n_equals(5)})" in drawn
    assert f"{n_equals(30)} of 48" in drawn
    assert f"Not in it: no MRI ({n_equals(18)})" in drawn
    assert "Rebuilt records" in drawn
    assert drawn == svg(found)


def test_no_box_runs_into_another(found: dict[str, Any]) -> None:
    """Whatever the labels: the rectangles of the drawing are apart, and inside of it."""
    found["flow"] = [
        {"label": LONG, "n": 5000, "level": 0},
        {"label": ARABIC, "n": 3, "level": 1, "reasons": [{"reason": LONG, "n": 3}]},
        {"label": "W" * 200, "n": 7, "level": 1},
        {"label": "goes on", "n": 99, "level": 0},
        *({"label": f"{i} {LONG[: 30 * i]}", "n": i, "level": 1} for i in range(5)),
        *({"label": f"Analysed: {LONG}", "n": 1, "of": 2, "level": 2} for _ in range(4)),
    ]
    (figure,) = flow_figures(found)
    axes = figure.drawing.axes[0]
    boxes = [patch.get_bbox() for patch in axes.patches]
    assert len(boxes) == 4 + 5 + 4 + 1
    width, height = figure.drawing.get_size_inches()
    for i, a in enumerate(boxes):
        assert 0 <= a.x0 < a.x1 <= width
        assert 0 <= a.y0 < a.y1 <= height
        for b in boxes[i + 1 :]:
            assert a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
    renderer = FigureCanvasAgg(figure.drawing).get_renderer()
    for text in axes.texts:
        extent = text.get_window_extent(renderer).width / figure.drawing.dpi
        assert extent <= width


def test_text_stays_text(found: dict[str, Any]) -> None:
    """Markup is escaped, mathematics is not set, and Arabic is kept as it is."""
    found["flow"][0]["label"] = "<b>$x^2$</b>"
    found["flow"][1]["label"] = ARABIC
    drawn = svg(found)
    assert "&lt;b&gt;$x^2$&lt;/b&gt;" in drawn
    assert ARABIC in drawn


def test_the_list_beside_the_drawing_has_every_number(found: dict[str, Any]) -> None:
    """The text alternative has labels, numbers, reasons, sets and controls."""
    text = text_of(found).text
    for box in found["flow"]:
        assert f"{box['label']} n = {box['n']}" in text
    assert "(moved away: 5)" in text
    assert "n = 30 of 48; not in it (no MRI: 18); and controls: healthy n = 4" in text
    assert "Controls: Healthy n = 4" in text


def test_a_flow_of_the_main_line_only_or_of_ends_only(found: dict[str, Any]) -> None:
    """Neither needs the other."""
    found["flow"] = [{"label": "Enrolled", "n": 1, "level": 0}]
    assert "Enrolled" in svg(found)
    found["flow"] = [{"label": "An end", "n": 1, "level": 1}]
    assert flow_of(found).ends[0]["label"] == "An end"
    assert "An end" in svg(found)


@pytest.mark.parametrize("flow", [None, []])
def test_no_flow_is_no_figure(found: dict[str, Any], flow: list[Any] | None) -> None:
    """Old or empty results: nothing is drawn, and the page says so."""
    found["flow"] = flow
    assert list(flow_figures(found)) == []
    assert "Left out" in text_of(found).text


def test_old_results_without_reasons_are_drawn() -> None:
    """Boxes that have a label, a number and a level only."""
    assert "Lost before the month-12" in svg(sample_results())
