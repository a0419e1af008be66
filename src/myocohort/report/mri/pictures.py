"""All pictures of one session, and of several sessions of one patient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from myocohort.mri.by_method import as_measured_by, shared_modality
from myocohort.mri.regions import Region
from myocohort.mri.views import View
from myocohort.report.drawing import figure_png, figure_svg
from myocohort.report.files import write_whole
from myocohort.report.mri.montage_figure import montage_figure
from myocohort.report.mri.patient_map_figure import patient_map_figure
from myocohort.report.mri.side_by_side_figure import side_by_side_figure
from myocohort.report.mri.trajectories_figure import QUANTITIES, trajectories_figure

Pictures = Iterator[tuple[str, Figure]]
MAP = "fat fraction"
"""Title of the view that is a map and no scan."""


@dataclass(frozen=True, slots=True)
class Session:
    """A measured session: content of measure.json, its views, and the regions of their codes."""

    content: Mapping[str, Any]
    views: Sequence[View]
    of: Mapping[int, Region]


def session_pictures(
    content: Mapping[str, Any], views: Sequence[View], of: Mapping[int, Region]
) -> Pictures:
    """Yield names and figures of one session: a montage of each scan, fat, and the thigh map."""
    title = _title(content)
    for view in views:
        if view.title != MAP:
            yield (
                f"montage-{view.title.lower()}",
                montage_figure(view, of, f"{title}: {view.title}"),
            )
    fractions = {(row["name"], row["side"]): row["fat_fraction"] for row in content["muscles"]}
    values = {
        code: fractions[region.name, region.side]
        for code, region in of.items()
        if fractions.get((region.name, region.side)) is not None
    }
    scans = [view for view in views if view.title != MAP]
    if values and scans:
        label = "Fat fraction of the muscle"
        yield (
            "montage-fat",
            montage_figure(
                scans[0], of, f"{title}: {label.lower()}", values=values, value_label=label
            ),
        )
    thighs = patient_map_figure(content, title)
    if thighs is not None:
        yield "thigh-map", thighs


def patient_pictures(sessions: Sequence[Session]) -> Pictures:
    """Yield names and figures of one patient's sessions, in the order of their days.

    Sessions without a day keep the order in which they are given. The first and the last are
    drawn side by side. Trajectories of fat are drawn of the sequence that all sessions have.
    """
    if len(sessions) == 1:
        one = sessions[0]
        yield from session_pictures(one.content, one.views, one.of)
        return
    days = [_day(session.content) for session in sessions]
    known = [day for day in days if day is not None]
    if len(known) == len(sessions):
        pairs = sorted(zip(known, range(len(sessions)), strict=True))
        ordered = [sessions[place] for _, place in pairs]
        times = [(day - pairs[0][0]).days * 12 / 365.25 for day, _ in pairs]
        unit = "months from the first scan"
    else:
        ordered, unit = list(sessions), "scans in the order given (days are not known)"
        times = [float(place + 1) for place in range(len(sessions))]
    first, last = ordered[0], ordered[-1]
    patient = _patient(first.content)
    scans = [[view for view in one.views if view.title != MAP] for one in (first, last)]
    beside = side_by_side_figure(
        scans[0], scans[1], first.of, last.of,
        (f"before: {_when(first.content)}", f"after: {_when(last.content)}"), patient,
    )  # fmt: skip
    if beside is not None:
        yield "before-after", beside
    contents = [(at, one.content) for at, one in zip(times, ordered, strict=True)]
    shared = shared_modality([content for _, content in contents])
    alike = [(at, as_measured_by(content, shared)) for at, content in contents]
    for quantity, words in QUANTITIES.items():
        if quantity == "fat_fraction" and not shared:
            continue  # T1 and Dixon are not two points of one line
        if quantity == "fat_fraction":
            words = f"{words.partition(',')[0]} by {shared}"
        drawn = trajectories_figure(alike, quantity, f"{patient}: {words.partition(',')[0]}",
                                    unit)  # fmt: skip
        if drawn is not None:
            yield f"trajectories-{quantity.replace('_', '-')}", drawn


def write_pictures(pictures: Pictures, folder: Path) -> list[Path]:
    """Write each figure as PNG and SVG; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, figure in pictures:
        for path, content in (
            (folder / f"{name}.png", figure_png(figure)),
            (folder / f"{name}.svg", figure_svg(figure).encode()),
        ):
            write_whole(path, content)
            written.append(path)
    return written


def _patient(content: Mapping[str, Any]) -> str:
    return f"Patient {content['patient']}" if content.get("patient") else "One patient"


def _title(content: Mapping[str, Any]) -> str:
    return f"{_patient(content)}, {_when(content)}"


def _when(content: Mapping[str, Any]) -> str:
    return str(content["scan"].get("date") or f"{content['scan']['name']}, day not known")


def _day(content: Mapping[str, Any]) -> dt.date | None:
    text = content["scan"].get("date")
    return dt.date.fromisoformat(text) if text else None
