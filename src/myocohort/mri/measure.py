"""One scan session measured: body, muscles, fat, oedema and proposed grades, as one result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from myocohort.mri.body import Body, body_on, find_body
from myocohort.mri.checks import check_exchanged, check_t1
from myocohort.mri.dixon import fat_map_echoes, fat_map_two_point
from myocohort.mri.dixon.order import doubt_order
from myocohort.mri.fat_map import FatMap, RegionFat
from myocohort.mri.grading import Proposal, propose, propose_oedema
from myocohort.mri.labels import regions_of
from myocohort.mri.measurement import VERSION
from myocohort.mri.oedema import measure_stir, oedema_of_regions
from myocohort.mri.oedema_map import OedemaMap, RegionOedema
from myocohort.mri.region_fat import fat_of_regions, intermuscular
from myocohort.mri.regions import Region, Regions
from myocohort.mri.resample import scan_on, values_on
from myocohort.mri.scales import SCALES
from myocohort.mri.scan import Scan
from myocohort.mri.session import Choices, Session
from myocohort.mri.t1.fat import measure_t1
from myocohort.mri.texture import Texture, describe_texture
from myocohort.mri.views import View, view_of

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """A session's result.

    Parameters
    ----------
    content
        In plain types, as `myocohort mri measure --json` prints it (docs/mri.md).
    views
        Slices to be shown.
    of
        Code -> region, of the codes in the views.
    """

    content: dict[str, Any]
    views: tuple[View, ...]
    of: dict[int, Region]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A scan with its body and its regions."""

    scan: Scan
    body: Body
    regions: Regions


@dataclass(frozen=True, slots=True)
class _Fat:
    """Fat by one sequence."""

    place: _Placed
    map: FatMap
    regions: dict[int, RegionFat]


@dataclass(frozen=True, slots=True)
class _Oedema:
    """Oedema by STIR."""

    place: _Placed
    map: OedemaMap
    regions: dict[int, RegionOedema]


class _Places:
    """Finds body and regions of each scan, once a grid; a code is one region on all grids."""

    def __init__(self, session: Session, choices: Choices, tell: Tell) -> None:
        self._session, self._choices, self._tell = session, choices, tell
        self._known: list[_Placed] = []
        self.regions: dict[int, Region] = {}

    def of(self, scan: Scan) -> _Placed:
        """Return a scan with its body and regions.

        Fat is bright on T1 and the summed Dixon and nearly black on STIR: where another scan of
        the session was looked at before, its outline of the body is used.
        """
        for one in self._known:
            if one.scan.geometry.same_as(scan.geometry):
                return _Placed(scan, one.body, one.regions)
        self._tell(f"finding body and muscles in {scan.name}")
        body = self._body(scan)
        session = self._session
        regions = regions_of(session.labels, session.table, scan, body, side=self._choices.side)
        # a muscle that lies in one scan's slices only would shift the codes of the next ones
        regions = regions.numbered_as(self.regions)
        self.regions |= regions.of
        placed = _Placed(scan, body, regions)
        self._known.append(placed)
        return placed

    def _body(self, scan: Scan) -> Body:
        """Return the first scan's outline on this one; its own in slices that lie beyond."""
        if not self._known:
            return find_body(scan)
        first = self._known[0]
        body = body_on(first.body, first.scan.geometry, scan.geometry)
        beyond = ~body.mask.any(axis=(0, 1))
        if not beyond.any():
            return body
        own = find_body(scan)
        told = (
            f"{scan.name}: {int(beyond.sum())} of its {beyond.size} slices lie beyond "
            f"{first.scan.name}; the outline of the body there is its own"
        )
        return Body(
            mask=np.where(beyond, own.mask, body.mask),
            depth_mm=np.where(beyond, own.depth_mm, body.depth_mm),
            leg=np.where(beyond, own.leg, body.leg),
            warnings=tuple(dict.fromkeys((*body.warnings, *own.warnings, told))),
        )

    def warnings(self) -> list[str]:
        """Return what was odd of bodies and regions, each sentence once."""
        told = [
            *self._session.labels.warnings,
            *(warning for one in self._known for warning in (*one.body.warnings,
                                                             *one.regions.warnings)),
        ]  # fmt: skip
        return list(dict.fromkeys(told))


def measure(session: Session, choices: Choices, tell: Tell = lambda step: None) -> Measured:
    """Measure all muscle-sides of a session.

    Where both Dixon and T1 were made, fat fractions are Dixon's, and those of T1 stand beside
    them (`also`): Dixon measures fat, T1 infers it.

    Parameters
    ----------
    session
        Scans and label map.
    choices
        Scales, references and limits.
    tell
        Called with the name of each step when it begins.

    Raises
    ------
    ScanError
        If scans and label map do not fit, or nothing can be measured.
    """
    places = _Places(session, choices, tell)
    fats = _fat_maps(session, choices, places, tell)
    oedema = None
    if session.stir is not None:
        oedema = _oedema(session.stir, choices, places, fats[0] if fats else None, tell)
    tell("proposing grades")
    main = fats[0].place if fats else oedema.place if oedema else None
    if main is None:
        raise AssertionError("a session has a scan")
    content: dict[str, Any] = {
        "version": VERSION,
        "scan": _about(main.scan) | {"all": {n: _about(s) for n, s in session.scans().items()}},
        "labels": {"name": session.labels.name, "table": session.table.name},
        "muscles": _rows(fats, oedema, places.regions, choices),
        "absent": list(main.regions.absent),
        "intermuscular": (
            intermuscular(fats[0].map, fats[0].place.regions, fats[0].place.body) if fats else None
        ),
        "references": _references(fats, oedema),
        "coverage": main.scan.coverage(),
        "warnings": _warnings(session, places, fats, oedema),
    }
    if oedema is not None and not oedema.place.scan.geometry.same_as(main.scan.geometry):
        content["coverage_stir"] = oedema.place.scan.coverage()
    return Measured(_plain(content), _views(session, fats, oedema), places.regions)


def _fat_maps(session: Session, choices: Choices, places: _Places, tell: Tell) -> list[_Fat]:
    """Return fat by each sequence, Dixon before T1."""
    found = []

    def add(place: _Placed, fat_map: FatMap) -> None:
        measured = fat_of_regions(fat_map, place.regions, place.scan)
        limit = fat_map.ambiguous_above
        if limit is not None:
            measured = {code: _with_mirror(one, limit) for code, one in measured.items()}
        found.append(_Fat(place, fat_map, measured))

    if session.fat is not None and session.water is not None:
        place = places.of(_summed(session.fat, session.water))
        tell("fat fraction from fat and water")
        two_point = fat_map_two_point(session.fat, session.water, place.body)
        add(place, doubt_order(two_point, place.regions, place.body))
    if session.echoes:
        place = places.of(_strongest([echo.magnitude for echo in session.echoes]))
        tell("fat fraction from Dixon echoes")
        add(place, fat_map_echoes(session.echoes, place.body))
    if session.t1 is not None:
        place = places.of(session.t1)
        stir = session.stir
        if stir is not None and not stir.geometry.same_as(session.t1.geometry):
            stir = scan_on(stir, session.t1.geometry)
        if stir is not None:
            check_exchanged(session.t1, stir, place.regions)
        tell("fat fraction from T1")
        fat_map = measure_t1(
            session.t1, place.regions, place.body, stir=stir,
            muscle_reference=choices.muscle_reference,
        )  # fmt: skip
        told = check_t1(fat_map, place.regions, session.t1)
        add(place, replace(fat_map, warnings=(*fat_map.warnings, *told)))
    return found


def _summed(fat: Scan, water: Scan) -> Scan:
    """Return fat and water together, on which all of the body is bright."""
    if not fat.geometry.same_as(water.geometry):
        return fat  # what is wrong is told where the two are divided
    return replace(fat, voxels=fat.voxels + water.voxels)


def _strongest(echoes: list[Scan]) -> Scan:
    """Return the brightest of all echoes: in one of them fat and water may cancel."""
    alike = [one for one in echoes if one.geometry.same_as(echoes[0].geometry)]
    return replace(echoes[0], voxels=np.maximum.reduce([one.voxels for one in alike]))


def _with_mirror(fat: RegionFat, limit: float) -> RegionFat:
    """Return a region whose interval holds the mirror image of its fraction as well.

    Fractions above the limit read as their mirror image, voxel by voxel: a muscle half of fat
    and half of water reads as lean as one without fat.
    """
    if fat.fat_fraction is None or fat.low is None or fat.high is None:
        return fat
    low = min(fat.low, 1 - fat.high) if limit == 0 else fat.low
    high = max(fat.high, 1 - fat.low)
    farthest = max(high - fat.fat_fraction, fat.fat_fraction - low)
    return replace(fat, low=low, high=high, fat_fraction_sd=farthest / 1.96)


def _oedema(stir: Scan, choices: Choices, places: _Places, fat: _Fat | None, tell: Tell) -> _Oedema:
    place = places.of(stir)
    fraction = None
    if fat is not None:
        fraction = values_on(fat.map.fraction, fat.place.scan.geometry, stir.geometry)
    tell("oedema from STIR")
    found = measure_stir(
        stir, place.regions, place.body, fat_fraction=fraction, controls=choices.controls
    )
    return _Oedema(place, found, oedema_of_regions(found, place.regions, stir))


def _rows(
    fats: list[_Fat], oedema: _Oedema | None, of: Mapping[int, Region], choices: Choices
) -> list[dict[str, Any]]:
    """Return a row for every muscle and compartment on each side."""
    rows = []
    for code, region in of.items():
        if region.kind == "bone":
            continue
        wet = oedema.regions.get(code) if oedema else None
        first = fats[0].regions.get(code) if fats else None
        told = [*(first.warnings if first else ()), *(wet.warnings if wet else ())]
        row: dict[str, Any] = {"name": region.name, "side": region.side, "kind": region.kind}
        row |= _fat_row(first, wet)
        row["fat_method"] = fats[0].map.method if fats else None
        row |= _oedema_row(wet)
        texture = _texture(fats[0], code) if first and first.fat_fraction is not None else None
        row["texture"] = asdict(texture) if texture else None
        row["grade"] = _fat_grade(fats[0], first, texture, choices) if first else None
        row["oedema_grade"] = (
            _grade(propose_oedema(choices.oedema_scale, wet)) if wet is not None else None
        )
        row["slices"] = [asdict(one) for one in first.slices] if first else []
        row["also"] = [_also(other, code, choices) for other in fats[1:] if code in other.regions]
        row["warnings"] = told
        rows.append(row)
    return rows


def _also(fat: _Fat, code: int, choices: Choices) -> dict[str, Any]:
    """Return a muscle's fat by a further sequence."""
    region = fat.regions[code]
    texture = _texture(fat, code) if region.fat_fraction is not None else None
    return {
        "method": fat.map.method,
        **_fat_row(region, None),
        "grade": _fat_grade(fat, region, texture, choices),
        "slices": [asdict(one) for one in region.slices],
    }


def _fat_row(fat: RegionFat | None, wet: RegionOedema | None) -> dict[str, Any]:
    return {
        "voxels": fat.voxels if fat else wet.voxels if wet else None,
        "volume_ml": fat.volume_ml if fat else None,
        "measured_voxels": fat.measured if fat else None,
        "fat_share": fat.fat_share if fat else None,
        "fat_fraction": fat.fat_fraction if fat else None,
        "fat_fraction_sd": fat.fat_fraction_sd if fat else None,
        "fat_fraction_low": fat.low if fat else None,
        "fat_fraction_high": fat.high if fat else None,
    }


def _oedema_row(wet: RegionOedema | None) -> dict[str, Any]:
    return {
        "stir_positive_share": wet.positive_share if wet else None,
        "stir_positive": wet.positive if wet else None,
        "stir_mean_excess": wet.mean_excess if wet else None,
        "stir_measured_voxels": wet.measured if wet else None,
        "stir_pattern": dict(wet.pattern) if wet else None,
    }


def _texture(fat: _Fat, code: int) -> Texture | None:
    """Describe how fat lies in a region; not where fractions cannot be told from their mirror."""
    if fat.map.ambiguous_above is not None or not math.isfinite(fat.map.noise_sd):
        return None
    mask = fat.place.regions.codes == code
    held = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    box = tuple(slice(int(one[0]), int(one[-1]) + 1) for one in held)
    spacing = fat.place.scan.geometry.spacing
    return describe_texture(fat.map.fraction[box], mask[box], spacing, fat.map.noise_sd)


def _fat_grade(
    fat: _Fat, region: RegionFat, texture: Texture | None, choices: Choices
) -> dict[str, Any]:
    return _grade(propose(choices.scale, region, texture, calibration=choices.calibration))


def _grade(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal in plain types; grades that are whole numbers are written as numbers."""

    def code(grade: str | None) -> int | str | None:
        return int(grade) if grade is not None and grade.isdigit() else grade

    return {
        "scale": proposal.scale,
        "version": proposal.version,
        "proposal": code(proposal.nearest),
        "low": code(proposal.low),
        "high": code(proposal.high),
        "grades": [code(grade.code) for grade in SCALES[proposal.scale].grades],
        "evidence": proposal.evidence,
        "basis": proposal.basis,
        "measures": dict(proposal.measures),
    }


def _about(scan: Scan) -> dict[str, Any]:
    """Return what is known of a scan, in plain types."""
    return {
        "name": scan.name,
        "sequence": asdict(scan.sequence),
        "date": scan.date.isoformat() if scan.date else None,
        "shape": list(scan.geometry.shape),
        "echo_ms": scan.echo_ms,
        "repetition_ms": scan.repetition_ms,
        "inversion_ms": scan.inversion_ms,
        "field_t": scan.field_t,
        "vendor": scan.vendor,
    }


def _references(fats: list[_Fat], oedema: _Oedema | None) -> dict[str, Any]:
    """Return the anchors of each sequence, with its method."""
    found: dict[str, Any] = {}
    for place, fat in enumerate(fats):
        name = "fat" if place == 0 else f"fat_{place + 1}"
        found[name] = {
            "method": fat.map.method,
            **_named(fat.map.references, fat.place.regions),
            "noise_sd_of_fraction": fat.map.noise_sd,
            "sd_at_zero": fat.map.sd_at_zero,
            "sd_at_one": fat.map.sd_at_one,
            "ambiguous_above": fat.map.ambiguous_above,
        }
    if oedema is not None:
        found["stir"] = {"method": oedema.map.method, **oedema.map.references}
    return found


def _named(references: Mapping[str, Any], regions: Regions) -> dict[str, Any]:
    """Return references with muscles by name, where they stand as codes."""
    named = dict(references)
    ratio = named.get("muscle_ratio")
    if isinstance(ratio, Mapping) and "at_level" in ratio:
        muscles = [
            f"{regions.of[code].name}, {regions.of[code].side}"
            for code in ratio["at_level"]
            if code in regions.of
        ]
        named["muscle_ratio"] = {**ratio, "at_level": muscles}
    return named


def _warnings(
    session: Session, places: _Places, fats: list[_Fat], oedema: _Oedema | None
) -> list[str]:
    told = [warning for scan in session.scans().values() for warning in scan.warnings]
    told += places.warnings()
    told += [warning for fat in fats for warning in fat.map.warnings]
    told += oedema.map.warnings if oedema else ()
    days = {scan.date for scan in session.scans().values() if scan.date is not None}
    if len(days) > 1:
        named = ", ".join(sorted(day.isoformat() for day in days))
        told.append(f"The scans are of different days ({named}): are they one session?")
    return list(dict.fromkeys(told))


def _views(session: Session, fats: list[_Fat], oedema: _Oedema | None) -> tuple[View, ...]:
    """Return the slices of each scan, and the fat fractions that grades rest on."""
    views = []
    for fat in fats:
        title = "T1" if fat.place.scan is session.t1 else "Dixon"
        views.append(view_of(title, fat.place.scan.voxels, fat.place.regions, fat.place.body))
    if oedema is not None:
        place = oedema.place
        views.append(view_of("STIR", place.scan.voxels, place.regions, place.body))
    if fats:
        first = fats[0]
        views.append(
            view_of("fat fraction", first.map.fraction, first.place.regions, first.place.body,
                    window=(0.0, 1.0))
        )  # fmt: skip
    return tuple(views)


def _plain(value: Any) -> Any:
    """Return plain types only; what is not a finite number is absent."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in (sorted(value) if isinstance(value, set | frozenset)
                                        else value)]  # fmt: skip
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
