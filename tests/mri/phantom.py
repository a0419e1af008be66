"""Phantoms of thigh MRI: T1, STIR and Dixon with known fat and oedema in each muscle-side.

    from phantom import make_phantom, made_anatomy

    anatomy = made_anatomy(spacing=2.0, slices=3)          # no data needed; all twelve muscles
    p = make_phantom(
        anatomy,
        fat={("vastus lateralis", "left"): 0.40},          # others have `rest`; or a seed: drawn
        oedema={("gracilis", "right"): 0.5},               # 0 none, 0.5 moderate, 1 severe
        texture="moth-eaten", bias=0.4, snr=30, field_t=1.5, seed=1,
    )
    p.t1, p.stir, p.water, p.fat     Scan                  (made when first asked for)
    p.echoes                         ((magnitude, phase), ...) as Scans; p.echo_scans("magnitude")
    p.regions, p.body, p.label_map   Regions, Body, LabelMap in MuscleMap's numbers
    p.truth[("vastus lateralis", "left")]                  mean fat fraction, as asked
    p.voxel_truth[...]               the same over its labelled voxels, partial volume included
    p.share[...]                     share of its cells above one half
    p.fraction, p.oedema             true maps on the scan's grid, float32
    p.oedema_truth[...]              mean level

With real label maps (needs ../shared/data): `from phantom_labels import from_labels`;
`from_labels(path, slices=4)` gives an anatomy for `make_phantom` as well. Many cases at once, with
fractions from 0 to 100%, oedema, bias and noise: `acceptance_cases()` in phantom_cases.py.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import phantom_anatomy as tissues
from numpy.typing import NDArray
from phantom_anatomy import Anatomy, made_anatomy
from phantom_fields import bias_field, inversion_efficiency, polynomial
from phantom_physics import (
    FASCIA_AT,
    FAT_AT,
    FLUID_AT,
    MUSCLE_AT,
    PPM,
    SKIN_AT,
    fat_phasor,
    inversion_recovery,
    null_time,
    spin_echo,
    spoiled_echo,
    wet,
)
from phantom_texture import TEXTURES, fill
from scipy import ndimage

from myocohort.mri.body import Body
from myocohort.mri.regions import Regions
from myocohort.mri.scan import LabelMap, Scan, Sequence

__all__ = ["TEXTURES", "Anatomy", "Phantom", "made_anatomy", "make_phantom"]

MuscleSide = tuple[str, str]
Wanted = Mapping[MuscleSide, float]
GAIN = 1200.0  # makes muscle about 250 on T1, as on real scans

MUSCLEMAP = {
    "gluteus maximus": 612, "vastus lateralis": 710, "vastus intermedius": 711,
    "vastus medialis": 712, "rectus femoris": 713, "sartorius": 714, "gracilis": 715,
    "semimembranosus": 716, "semitendinosus": 717, "biceps femoris": 718, "adductor magnus": 720,
    "adductor longus": 721, "femur": 617,
}  # fmt: skip
"""MuscleMap's whole-body numbers without their last digit (1 left, 2 right)."""


@dataclass(frozen=True)
class Phantom:
    """A rendered pair of thighs; images are made when they are first asked for.

    Parameters
    ----------
    anatomy
        Where the tissues lie.
    truth, share, oedema_truth
        Per (muscle, side): mean fat fraction, share of cells above one half, mean oedema level of
        the muscle's own cells (no partial volume).
    fraction, oedema
        float32, scan's grid: fat fraction of each voxel (fat between the muscles and partial
        volume included; 0 in air) and level of oedema of its muscle.
    bias
        float32, scan's grid: the factor on T1 and STIR.
    suppression
        float32, scan's grid: efficiency of STIR's inversion.
    settings
        All that it was made with.
    """

    anatomy: Anatomy
    truth: dict[MuscleSide, float]
    share: dict[MuscleSide, float]
    oedema_truth: dict[MuscleSide, float]
    fraction: NDArray[np.float32]
    oedema: NDArray[np.float32]
    bias: NDArray[np.float32]
    suppression: NDArray[np.float32]
    settings: dict[str, Any]
    _fat: NDArray[np.float32]
    _level: NDArray[np.float32]

    # --- where things are ---------------------------------------------------------------------
    @cached_property
    def regions(self) -> Regions:
        """Muscles and femurs on the scan's grid: each voxel has the code of most of its cells."""
        finer = self.anatomy.finer
        a, b, n = self.anatomy.codes.shape
        cells = self.anatomy.codes.reshape(a // finer, finer, b // finer, finer, n)
        cells = cells.transpose(0, 2, 4, 1, 3).reshape(a // finer, b // finer, n, -1)
        best = np.zeros(cells.shape[:3], dtype=np.int16)
        most = np.full(cells.shape[:3], cells.shape[-1] // 2)  # more than half of the voxel
        for code in self.anatomy.of:
            count = (cells == code).sum(axis=-1)
            best[count > most] = code
        return Regions(best, dict(self.anatomy.of), self.anatomy.geometry, self.anatomy.absent)

    @cached_property
    def label_map(self) -> LabelMap:
        """The regions in MuscleMap's whole-body numbers."""
        table = np.zeros(max(self.anatomy.of) + 1, dtype=np.int32)
        for code, region in self.anatomy.of.items():
            table[code] = 10 * MUSCLEMAP[region.name] + (1 if region.side == "left" else 2)
        return LabelMap(table[self.regions.codes], self.anatomy.geometry, "phantom labels")

    @cached_property
    def voxel_truth(self) -> dict[MuscleSide, float]:
        """Mean of `fraction` over the labelled voxels: `truth` with the rim's partial volume."""
        codes = self.regions.codes
        return {
            (r.name, r.side): float(self.fraction[codes == code].mean(dtype=np.float64))
            for code, r in self.anatomy.of.items()
            if r.kind == "muscle" and (codes == code).any()
        }

    @cached_property
    def body(self) -> Body:
        """The true body: voxels of which half or more is tissue."""
        mask = self._down((self.anatomy.tissue > tissues.AIR).astype(np.float32)) >= 0.5
        left = self._down((self.anatomy.leg == 1).astype(np.float32)) >= 0.5
        depth = np.zeros(mask.shape, dtype=np.float32)
        spacing = self.anatomy.geometry.spacing[:2]
        for k in range(mask.shape[2]):
            padded = np.pad(mask[:, :, k], 1)
            depth[:, :, k] = ndimage.distance_transform_edt(padded, spacing)[1:-1, 1:-1]
        leg = np.where(mask, np.where(left, 1, 2), 0).astype(np.int8)
        return Body(mask, depth, leg)

    # --- images ---------------------------------------------------------------------------------
    @cached_property
    def t1(self) -> Scan:
        """T1-weighted spin echo."""
        s = self.settings
        tr, te = s["t1_tr_ms"], s["t1_te_ms"]
        parts = self._parts(lambda t1, t2, _: spin_echo(t1, t2, tr, te))
        image = np.abs(sum(parts)) * self.bias * GAIN
        level = GAIN * float(spin_echo(self._muscle.t1_ms, self._muscle.t2_ms, tr, te))
        return self._scan(image, level / s["snr"], "t1", "T1", te, tr)

    @cached_property
    def stir(self) -> Scan:
        """Short-tau inversion recovery, magnitude."""
        s = self.settings
        tr, te, ti = s["stir_tr_ms"], s["stir_te_ms"], s["stir_ti_ms"]
        fine = self._up(self.suppression)
        parts = self._parts(lambda t1, t2, _: inversion_recovery(t1, t2, tr, te, ti, fine))
        image = np.abs(sum(parts)) * self.bias * GAIN * 2
        level = (
            2
            * GAIN
            * abs(float(inversion_recovery(self._muscle.t1_ms, self._muscle.t2_ms, tr, te, ti)))
        )
        return self._scan(image, level / s["stir_snr"], "stir", "STIR", te, tr, ti)

    @cached_property
    def echoes(self) -> tuple[tuple[Scan, Scan], ...]:
        """Gradient echoes: magnitude and phase at each echo time."""
        return tuple(self._echo(te) for te in self.settings["echo_times_ms"])

    def echo_scans(self, quantity: Literal["magnitude", "phase"]) -> tuple[Scan, ...]:
        """Return the magnitudes or the phases of all echoes."""
        return tuple(pair[quantity == "phase"] for pair in self.echoes)

    @cached_property
    def water(self) -> Scan:
        """Water image of a two-point Dixon, as a scanner gives it."""
        return self._two_point[0]

    @cached_property
    def fat(self) -> Scan:
        """Fat image of a two-point Dixon, as a scanner gives it."""
        return self._two_point[1]

    @cached_property
    def b0_hz(self) -> NDArray[np.float32]:
        """Off-resonance, scan's grid."""
        s = self.settings
        wave = polynomial(self.body.mask, self.anatomy.geometry.spacing, self._rng("b0"))
        return (s["off_resonance_hz"] * wave).astype(np.float32)

    @cached_property
    def _two_point(self) -> tuple[Scan, Scan]:
        s = self.settings
        water, fat = (np.abs(part) * self.bias * GAIN * 4 for part in self._echo_parts(0.0))
        if s["swap"]:
            there = self.body.leg == (1 if s["swap"] == "left" else 2)
            water, fat = np.where(there, fat, water), np.where(there, water, fat)
        noise = self._echo_level() / s["dixon_snr"]
        first = s["echo_times_ms"][0]
        return (
            self._scan(water, noise, "dixon-water", "Dixon water", first, s["dixon_tr_ms"]),
            self._scan(fat, noise, "dixon-fat", "Dixon fat", first, s["dixon_tr_ms"]),
        )

    # --- how they are made --------------------------------------------------------------------
    @property
    def _muscle(self) -> Any:
        return MUSCLE_AT[self.settings["field_t"]]

    def _rng(self, what: str) -> np.random.Generator:
        return np.random.default_rng([self.settings["seed"], zlib.crc32(what.encode())])

    def _down(self, fine: NDArray[Any]) -> NDArray[Any]:
        return voxel_means(fine, self.anatomy.finer)

    def _up(self, coarse: NDArray[np.float32]) -> NDArray[np.float32]:
        """Repeat voxels to cells, for fields that are smooth."""
        finer = self.anatomy.finer
        return np.repeat(np.repeat(coarse, finer, axis=0), finer, axis=1)

    def _parts(self, signal: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the signed signal of all water and of all fat in each voxel.

        `signal(t1, t2, r2_star)` for proton density 1.
        """
        field_t = self.settings["field_t"]
        tissue = self.anatomy.tissue
        muscle, fat_like = MUSCLE_AT[field_t], FAT_AT[field_t]
        t1, t2 = wet(muscle, FLUID_AT[field_t], self._level)
        wet_muscle = np.isin(tissue, (tissues.MUSCLE, tissues.OTHER_MUSCLE))
        water = np.where(wet_muscle, signal(t1, t2, muscle.r2_star), 0)
        water = water * (1 - self._fat) * self._vary()
        for code, relaxation in (
            (tissues.SKIN, SKIN_AT[field_t]), (tissues.FASCIA, FASCIA_AT[field_t]),
        ):  # fmt: skip
            value = signal(relaxation.t1_ms, relaxation.t2_ms, relaxation.r2_star)
            water = water + relaxation.density * value * (tissue == code)
        if not self.settings["dark_vessels"]:
            value = signal(muscle.t1_ms, 5 * muscle.t2_ms, muscle.r2_star)
            water = water + value * (tissue == tissues.VESSEL)
        fat = signal(fat_like.t1_ms, fat_like.t2_ms, fat_like.r2_star) * self._fat
        return self._down(water), self._down(fat)

    def _vary(self) -> NDArray[np.float32]:
        """Return the proton density of each muscle-side: they are not all the same."""
        spread = self.settings["muscle_spread"]
        table = 1 + spread * self._rng("density").standard_normal(max(self.anatomy.of) + 1)
        table[0] = 1
        return table.astype(np.float32)[self.anatomy.codes]

    def _echo_parts(self, te: float) -> tuple[NDArray[Any], NDArray[Any]]:
        s = self.settings
        tr, flip = s["dixon_tr_ms"], s["flip_degrees"]

        def signal(t1: Any, t2: Any, r2_star: float) -> Any:
            return spoiled_echo(t1, tr, flip) * np.exp(-r2_star * te / 1000)

        water, fat = self._parts(signal)
        scale = 1 / float(spoiled_echo(self._muscle.t1_ms, tr, flip))
        return water * scale, fat * scale

    def _echo_level(self) -> float:
        return 4 * GAIN

    def _echo(self, te: float) -> tuple[Scan, Scan]:
        s = self.settings
        water, fat = self._echo_parts(te)
        phasor = fat_phasor(te, s["field_t"], PPM[s["spectrum"]])
        turn = 2 * np.pi * self.b0_hz * te / 1000 + self._first_phase
        image = (water + fat * phasor) * np.exp(1j * turn) * self.bias * GAIN * 4
        sd = self._echo_level() / s["dixon_snr"]
        rng = self._rng(f"echo {te}")
        if np.isfinite(sd):
            image = image + sd * (
                rng.standard_normal(image.shape) + 1j * rng.standard_normal(image.shape)
            )
        if s["phase_sign"] < 0:
            image = np.conj(image)
        kind, name = "dixon-echo", f"Dixon echo {te:g} ms"
        tr = s["dixon_tr_ms"]
        return (
            self._scan(np.abs(image), 0.0, kind, name, te, tr),
            self._scan(np.angle(image), 0.0, kind, name + " phase", te, tr, quantity="phase"),
        )

    @cached_property
    def _first_phase(self) -> NDArray[np.float32]:
        """Phase at TE 0: of the coil and the reference frequency, smooth."""
        rng = self._rng("phase")
        wave = polynomial(self.body.mask, self.anatomy.geometry.spacing, rng)
        return (rng.uniform(-np.pi, np.pi) + 0.8 * wave).astype(np.float32)

    def _scan(
        self, image: NDArray[Any], sd: float, kind: Any, name: str, te: float, tr: float,
        ti: float | None = None, quantity: Literal["magnitude", "phase"] = "magnitude",
    ) -> Scan:  # fmt: skip
        """Add Rician noise of this SD in each channel and wrap the image."""
        if sd > 0 and np.isfinite(sd):
            rng = self._rng(name)
            image = np.hypot(
                image + sd * rng.standard_normal(image.shape), sd * rng.standard_normal(image.shape)
            )
        return Scan(
            image.astype(np.float32), self.anatomy.geometry, f"phantom {name}",
            Sequence(kind, "stated", "phantom"), quantity, te, tr, ti, self.settings["field_t"],
        )  # fmt: skip


def voxel_means(fine: NDArray[Any], finer: int) -> NDArray[Any]:
    """Average cells to voxels: the partial volume."""
    a, b, n = fine.shape
    return fine.reshape(a // finer, finer, b // finer, finer, n).mean(axis=(1, 3))


def _wanted(anatomy: Anatomy, given: Wanted | int | None, rest: float) -> dict[MuscleSide, float]:
    """Return the level of each muscle-side: as given, or drawn from 0 to 1 by a seed."""
    muscles = [(r.name, r.side) for r in anatomy.of.values() if r.kind == "muscle"]
    if isinstance(given, int):
        drawn = np.random.default_rng([given, 5]).uniform(0, 1, len(muscles))
        return {m: float(v) for m, v in zip(muscles, drawn, strict=True)}
    given = given or {}
    unknown = [key for key in given if key not in muscles]
    if unknown:
        raise ValueError(f"the anatomy has no {unknown}")
    return {m: float(given.get(m, rest)) for m in muscles}


def make_phantom(
    anatomy: Anatomy,
    *,
    fat: Wanted | int | None = None,
    rest: float = 0.03,
    oedema: Wanted | None = None,
    texture: str | Mapping[MuscleSide, str] = "speckled",
    oedema_texture: str = "even",
    bias: float = 0.4,
    bias_kind: Literal["smooth", "coil"] = "smooth",
    snr: float = 30.0,
    stir_snr: float | None = None,
    dixon_snr: float | None = None,
    suppression_fails: float = 0.0,
    field_t: float = 1.5,
    echo_times_ms: tuple[float, ...] = (3.45, 4.60, 5.75),
    spectrum: str = "hamilton",
    off_resonance_hz: float = 60.0,
    swap: Literal["", "left", "right"] = "",
    seed: int = 0,
    **more: Any,
) -> Phantom:
    """Paint fat and oedema into an anatomy.

    Parameters
    ----------
    fat
        (muscle, side) -> mean fat fraction 0 to 1; a whole number draws them all by that seed.
    rest
        Fraction of muscle-sides that `fat` leaves out and of muscles without a label.
    oedema
        (muscle, side) -> mean level: 0 none, 0.25 mild, 0.5 moderate, 1 severe.
    texture
        One of `TEXTURES` for all, or per muscle-side ("speckled" where left out).
    oedema_texture
        One of `TEXTURES`; "even" is global, "moth-eaten" patchy.
    bias
        0.4: the factor runs from 0.6 to 1.4 over the body; 0 none. With `bias_kind="coil"` any
        bias above 0 gives surface coils with their falloff, whatever its size.
    snr, stir_snr, dixon_snr
        Healthy muscle's signal without bias over the noise SD of one channel; STIR has half and
        Dixon the same as `snr` where not given; np.inf for none.
    suppression_fails
        0 to 1: how far STIR's inversion fails in the front lateral corner of the left thigh.
    swap
        Leg in which the two-point water and fat images are exchanged.
    more
        Further settings: t1_tr_ms, t1_te_ms, stir_tr_ms, stir_te_ms, stir_ti_ms, dixon_tr_ms,
        flip_degrees, phase_sign, muscle_spread, dark_vessels.
    """
    settings = _defaults(field_t, more) | {
        "bias": bias, "bias_kind": bias_kind, "snr": snr, "stir_snr": stir_snr or snr / 2,
        "dixon_snr": dixon_snr or snr, "suppression_fails": suppression_fails, "field_t": field_t,
        "echo_times_ms": tuple(echo_times_ms), "spectrum": spectrum, "swap": swap, "seed": seed,
        "off_resonance_hz": off_resonance_hz, "texture": texture, "rest": rest,
    }  # fmt: skip
    wanted, levels = _wanted(anatomy, fat, rest), _wanted(anatomy, oedema, 0.0)
    fraction, level = _paint(anatomy, wanted, levels, texture, oedema_texture, rest, seed)
    cells = {
        (region.name, region.side): anatomy.codes == code
        for code, region in anatomy.of.items()
        if region.kind == "muscle" and (anatomy.codes == code).any()
    }
    body = (anatomy.tissue > tissues.AIR).astype(np.float32)
    mask = voxel_means(body, anatomy.finer) >= 0.5
    return Phantom(
        anatomy,
        {key: float(fraction[at].mean(dtype=np.float64)) for key, at in cells.items()},
        {key: float((fraction[at] > 0.5).mean()) for key, at in cells.items()},
        {key: float(level[at].mean(dtype=np.float64)) for key, at in cells.items()},
        voxel_means(fraction, anatomy.finer),
        voxel_means(level, anatomy.finer),
        bias_field(mask, anatomy, bias, bias_kind, seed),
        inversion_efficiency(mask, anatomy, suppression_fails),
        settings,
        fraction,
        level,
    )


def _defaults(field_t: float, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return timing and the like, as given or usual; TI is where fat is null."""
    settings: dict[str, Any] = {
        "t1_tr_ms": 550.0, "t1_te_ms": 10.0, "stir_tr_ms": 4000.0, "stir_te_ms": 50.0,
        "stir_ti_ms": null_time(FAT_AT[field_t].t1_ms, float(more.get("stir_tr_ms", 4000.0))),
        "dixon_tr_ms": 100.0, "flip_degrees": 3.0, "phase_sign": 1, "muscle_spread": 0.01,
        "dark_vessels": True,
    }  # fmt: skip
    if unknown := set(more) - set(settings):
        raise TypeError(f"make_phantom has no {sorted(unknown)}")
    return settings | dict(more)


def _paint(
    anatomy: Anatomy,
    wanted: Wanted,
    levels: Wanted,
    texture: str | Mapping[MuscleSide, str],
    oedema_texture: str,
    rest: float,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return fat fraction and level of oedema of each cell."""
    tissue = anatomy.tissue
    all_fat = np.isin(tissue, (tissues.ADIPOSE, tissues.SEPTUM, tissues.MARROW))
    fraction = all_fat.astype(np.float32)
    fraction[tissue == tissues.OTHER_MUSCLE] = rest
    level = np.zeros(tissue.shape, dtype=np.float32)
    boxes = ndimage.find_objects(anatomy.codes)
    slice_mm = float(anatomy.geometry.spacing[2])
    for code, region in anatomy.of.items():
        if region.kind != "muscle" or code > len(boxes) or boxes[code - 1] is None:
            continue
        box = boxes[code - 1]
        cells = anatomy.codes[box] == code
        key = (region.name, region.side)
        kind = texture if isinstance(texture, str) else texture.get(key, "speckled")
        rng = np.random.default_rng([seed, code, 21])
        fraction[box][cells] = fill(cells, wanted[key], kind, anatomy.cell_mm, slice_mm, rng)
        if levels[key] > 0:
            level[box][cells] = fill(
                cells, levels[key], oedema_texture, anatomy.cell_mm, slice_mm, rng
            )
    return fraction, level
