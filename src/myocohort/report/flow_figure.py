"""The drawn flow of patients: boxes and arrows, who left and why, ends, sets and controls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from myocohort.report.drawing import GREY, INK, figure_style, shrink_to
from myocohort.report.figure_parts import label_lines, tag_origin
from myocohort.report.model.models import Results
from myocohort.report.rounding import n_equals
from myocohort.report.section import ReportFigure
from myocohort.report.wording import clean, origin_of

Step = Mapping[str, Any]

_WIDTH = 7.2  # inches, as are all lengths here
_EDGE, _GAP = 0.06, 0.22
_PAD_X, _PAD_Y = 0.1, 0.08
_TEXT, _SMALL = 8.5, 7.5  # points
_LINE, _SMALL_LINE = 0.165, 0.145
_CHARACTER = 0.072  # mean width at `_TEXT`, a little generous
_MOST_LINES = 8
_CONTROLS = 1.75
_ARROW = 0.3
_ANALYSED = "Analysed: "


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow in its parts.

    Parameters
    ----------
    steps
        Boxes of the main line, each with those that leave after it.
    ends
        What follows the last box of the main line.
    analysed
        Sets of patients that parts of the analysis rest on.
    """

    steps: tuple[tuple[Step, tuple[Step, ...]], ...]
    ends: tuple[Step, ...]
    analysed: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """One line of a box."""

    text: str
    small: bool = False
    bold: bool = False

    @property
    def height(self) -> float:
        return _SMALL_LINE if self.small else _LINE


def flow_of(results: Results) -> Flow:
    """Split the flow of results.json into its parts.

    Level 0 is the main line, level 2 the sets that were analysed; all other boxes leave the
    main line, or are its ends where no box of it follows.
    """
    flow = results.get("flow") or ()
    line = [box for box in flow if box["level"] != 2]
    last = max((i for i, box in enumerate(line) if box["level"] == 0), default=-1)
    steps: list[tuple[Step, list[Step]]] = []
    ends: list[Step] = []
    for i, box in enumerate(line):
        if box["level"] == 0:
            steps.append((box, []))
        elif i > last:
            ends.append(box)
        elif steps:
            steps[-1][1].append(box)
    return Flow(
        tuple((box, tuple(out)) for box, out in steps),
        tuple(ends),
        tuple(box for box in flow if box["level"] == 2),
    )


def controls_of(results: Results) -> list[Mapping[str, Any]]:
    """Return the arms of controls, each with label and n."""
    arms = (results.get("study") or {}).get("arms") or ()
    return [arm for arm in arms if arm["role"] == "controls"]


def flow_figures(results: Results) -> Iterator[ReportFigure]:
    """Yield the flow of patients; nothing where the results hold no flow."""
    flow = flow_of(results)
    if not flow.steps and not flow.ends:
        return
    controls = controls_of(results)
    with figure_style():
        drawing = _draw(flow, controls, results)
    legend = (
        "Flow of patients: who was enrolled, who left and why, and how the others ended. How many "
        "were assessed for eligibility is not in the records."
    )
    if flow.analysed:
        legend += (
            " Below, the sets of patients that the parts of the analysis rest on; one patient can "
            "be in several."
        )
    if controls:
        legend += " Controls stand apart and were not followed for the outcome."
    yield ReportFigure("flow", drawing, legend, flow_in_words(results))


def flow_in_words(results: Results) -> str:
    """Return the main line and the ends, which are read aloud in place of the drawing.

    The page's list (templates/flow.html.j2) and the manuscript's paragraph have all boxes.
    """
    flow = flow_of(results)
    boxes = [*(box for box, _ in flow.steps), *flow.ends]
    parts = [f"{box['label']}, {n_equals(box['n'])}" for box in boxes]
    return clean(f"Flow chart of the patients: {'; '.join(parts)}")


def size_text(box: Step) -> str:
    """Print how many are in a box: of a set that was analysed also out of how many."""
    of = box.get("of")
    return n_equals(box["n"]) + (f" of {of}" if of is not None else "")


def _wrapped(text: str, inches: float, *, small: bool = False) -> list[str]:
    """Return a text in lines that fit about so many inches, with a sign where it is cut."""
    character = _CHARACTER * (_SMALL / _TEXT if small else 1.0)
    width = max(8, int((inches - 2 * _PAD_X) / character))
    return label_lines(text, width, _MOST_LINES)


def _lines(box: Step, inches: float) -> list[_Text]:
    """Return the lines of a box: label, n, and why patients left or are not in it."""
    label = str(box["label"])
    if label.startswith(_ANALYSED):  # which stands above all of them
        label = label.removeprefix(_ANALYSED)
        label = label[:1].upper() + label[1:]
    found = [_Text(line) for line in _wrapped(label, inches)]
    found.append(_Text(size_text(box), bold=True))
    reasons = [(row["reason"], row["n"]) for row in box.get("reasons") or ()]
    head = "Not in it: " if box["level"] == 2 else ""
    for reason, n in reasons:
        text = f"{head}{reason} ({n_equals(n)})"
        found += [_Text(line, small=True) for line in _wrapped(text, inches, small=True)]
    for arm in box.get("controls") or ():
        text = f"and controls: {arm['label']} ({n_equals(arm['n'])})"
        found += [_Text(line, small=True) for line in _wrapped(text, inches, small=True)]
    return found


def _height(lines: Sequence[_Text]) -> float:
    return sum(line.height for line in lines) + 2 * _PAD_Y


@dataclass(slots=True)
class _Placed:
    """A box with its place: x from the left, y from the top, both in inches."""

    lines: list[_Text]
    x: float
    y: float
    width: float
    height: float
    style: str = "solid"
    heavy: bool = False


class _Sheet:
    """What is to be drawn, laid out from the top down before the height is known."""

    def __init__(self) -> None:
        self.boxes: list[_Placed] = []
        self.strokes: list[tuple[float, float, float, float, bool]] = []
        self.headings: list[tuple[float, float, str]] = []

    def box(
        self, lines: list[_Text], x: float, y: float, width: float, height: float | None = None
    ) -> _Placed:
        placed = _Placed(lines, x, y, width, _height(lines) if height is None else height)
        self.boxes.append(placed)
        return placed

    def stroke(self, x0: float, y0: float, x1: float, y1: float, *, arrow: bool = False) -> None:
        self.strokes.append((x0, y0, x1, y1, arrow))


def _draw(flow: Flow, controls: Sequence[Mapping[str, Any]], results: Results) -> Figure:
    sheet = _Sheet()
    right = _WIDTH - _EDGE
    patients = right - (_CONTROLS + _GAP if controls else 0.0)  # right edge of the patients' part
    bottom = _line(sheet, flow, patients)
    if controls:
        bottom = max(bottom, _beside(sheet, controls, right - _CONTROLS))
    if flow.analysed:
        bottom = _sets(sheet, flow.analysed, bottom + _GAP, right)
    origin = origin_of(results)
    height = bottom + _EDGE + (0.26 if origin else 0.0)
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    for stroke in sheet.strokes:
        _stroke(axes, *stroke)
    for x, y, text in sheet.headings:
        axes.text(x, y, text, fontsize=_TEXT, color=GREY, va="center", parse_math=False)
    for box in sheet.boxes:
        _box(axes, box)
    tag_origin(figure, origin, x=_EDGE)
    return figure


def _line(sheet: _Sheet, flow: Flow, right: float) -> float:
    """Lay out the main line, what leaves it to the right, and the ends; return the bottom."""
    wide = (right - _EDGE - _GAP) / 2  # as wide as one of two ends, so that lines are straight
    side_x = _EDGE + wide + _GAP
    side = right - side_x
    middle = _EDGE + wide / 2
    y = _EDGE
    bottom: float | None = None
    for box, out in flow.steps:
        if bottom is not None:
            sheet.stroke(middle, bottom, middle, y, arrow=True)
        placed = sheet.box(_lines(box, wide), _EDGE, y, wide)
        bottom = y + placed.height
        y = bottom + _ARROW / 2
        for leaving in out:
            one = sheet.box(_lines(leaving, side), side_x, y, side)
            sheet.stroke(middle, y + one.height / 2, side_x, y + one.height / 2, arrow=True)
            y += one.height + 0.1
        y += _ARROW / 2 if not out else 0.08
    return _ends(sheet, flow.ends, bottom, middle, right) if flow.ends else (bottom or y)


def _ends(
    sheet: _Sheet, ends: Sequence[Step], above: float | None, middle: float, right: float
) -> float:
    """Lay out the ends side by side, three in a row, below a rail that the main line feeds."""
    in_a_row = min(len(ends), 3)
    wide = (right - _EDGE - _GAP * (in_a_row - 1)) / in_a_row
    top = _EDGE if above is None else above + _ARROW
    if above is not None:
        sheet.stroke(middle, above, middle, top)
    for start in range(0, len(ends), in_a_row):
        row = [_lines(end, wide) for end in ends[start : start + in_a_row]]
        tall = max(_height(lines) for lines in row)
        y = top + (_ARROW if above is not None else 0.0)
        centres = []
        for place, lines in enumerate(row):
            x = _EDGE + place * (wide + _GAP)
            sheet.box(lines, x, y, wide, tall).heavy = True
            centres.append(x + wide / 2)
            if above is not None:
                sheet.stroke(centres[-1], top, centres[-1], y, arrow=True)
        if above is not None:
            sheet.stroke(min(*centres, middle), top, max(*centres, middle), top)
            if start + in_a_row < len(ends):  # the rail goes on to the next row at the edge
                sheet.stroke(_EDGE / 2, top, min(*centres, middle), top)
                sheet.stroke(_EDGE / 2, top, _EDGE / 2, y + tall + 0.1)
                sheet.stroke(_EDGE / 2, y + tall + 0.1, middle, y + tall + 0.1)
        top = y + tall + 0.1
    return top - 0.1


def _beside(sheet: _Sheet, controls: Sequence[Mapping[str, Any]], x: float) -> float:
    """Lay out the arms of controls as a column of their own; return the bottom."""
    sheet.headings.append((x, _EDGE + 0.09, "Controls"))
    y = _EDGE + 0.24
    for arm in controls:
        lines = [_Text(line) for line in _wrapped(arm["label"], _CONTROLS)]
        lines.append(_Text(n_equals(arm["n"]), bold=True))
        y += sheet.box(lines, x, y, _CONTROLS).height + 0.1
    return y - 0.1


def _sets(sheet: _Sheet, analysed: Sequence[Step], y: float, right: float) -> float:
    """Lay out the analysed sets below all, three in a row; return the bottom."""
    sheet.headings.append((_EDGE, y + 0.09, "Analysed"))
    y += 0.24
    in_a_row = min(len(analysed), 3)
    wide = (right - _EDGE - 0.1 * (in_a_row - 1)) / in_a_row
    for start in range(0, len(analysed), in_a_row):
        row = [_lines(box, wide) for box in analysed[start : start + in_a_row]]
        tall = max(_height(lines) for lines in row)
        for place, lines in enumerate(row):
            sheet.box(lines, _EDGE + place * (wide + 0.1), y, wide, tall).style = "dashed"
        y += tall + 0.1
    return y - 0.1


def _box(axes: Axes, box: _Placed) -> None:
    axes.add_patch(
        Rectangle(
            (box.x, box.y), box.width, box.height, facecolor="none", edgecolor=INK,
            linewidth=1.5 if box.heavy else 0.8,
            linestyle=(0, (4, 2)) if box.style == "dashed" else "solid",
        )
    )  # fmt: skip
    y = box.y + _PAD_Y
    for line in box.lines:
        text = axes.text(
            box.x + _PAD_X, y + line.height / 2, line.text,
            fontsize=_SMALL if line.small else _TEXT, color=GREY if line.small else INK,
            fontweight="bold" if line.bold else "normal", va="center", parse_math=False,
        )  # fmt: skip
        shrink_to(text, box.width - 2 * _PAD_X)
        y += line.height


def _stroke(axes: Axes, x0: float, y0: float, x1: float, y1: float, arrow: bool) -> None:
    if not arrow:
        axes.add_line(Line2D([x0, x1], [y0, y1], color=INK, linewidth=0.8))
        return
    axes.annotate(
        "",
        (x1, y1),
        (x0, y0),
        arrowprops={
            "arrowstyle": "-|>,head_width=0.16,head_length=0.34", "color": INK, "linewidth": 0.8,
            "shrinkA": 0, "shrinkB": 0,
        },
    )  # fmt: skip
