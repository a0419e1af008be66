"""Fat fraction from magnitudes alone: below one half, or its mirror image.

Without phase a voxel of 20% fat and one of about 80% give nearly the same magnitudes: the signals
of water and fat only differ in which one is the larger. Several peaks of fat and uneven echo times
make them differ by a few percent of signal, which noise, R2* and the spectrum of fat hide. So the
lower of both is given, and the map says so (`FatMap.ambiguous_above`). What resolves it: the phase
images of the same echoes, the fat and water images of the scanner, or a T1-weighted scan.
"""

from __future__ import annotations

import numpy as np

from myocohort.mri.air import find_air
from myocohort.mri.dixon.coarse import Floats
from myocohort.mri.dixon.echoes import Series
from myocohort.mri.dixon.limits import LEAST_SD, T1_LIMIT
from myocohort.mri.dixon.spectrum import assumed_decay, fat_signal
from myocohort.mri.fat_map import FatMap

STEP = 0.005
"""Fractions are tried in steps of half a point and sharpened by a parabola."""

LOWEST = -0.15
"""Noise takes muscle without fat below 0; cutting at 0 would move its mean upwards."""

DECAYS_PER_S = (-20.0, -10.0, 0.0, 10.0, 20.0, 40.0, 80.0)
"""R2* tried around the assumed one where three echoes or more can tell it."""

LEAST_SNR = 5.0
LEAST_LEVEL = 0.05
"""As for echoes with phase: weaker voxels are left out."""

MODEL_SD = 0.03
"""Spread from R2*, the spectrum and the field, which magnitudes cannot tell apart from fat. A
working figure: on phantoms of the tests the error below one half stays within it."""

AMBIGUOUS_ABOVE = 0.5


def fat_map_magnitudes(series: Series) -> FatMap:
    """Return the fat fraction up to one half from magnitudes of two or more echoes.

    Parameters
    ----------
    series
        With real signal.
    """
    size = np.abs(series.signal).astype(np.float32)
    air = find_air(series.first)
    sigma = air.sigma or 0.0
    # Noise adds twice the variance of one channel to a magnitude's square (Gudbjartsson 1995).
    clean = np.sqrt(np.maximum(size**2 - np.float32(2 * sigma**2), 0))
    level = float(np.median(clean.max(axis=0)[series.inside]))
    strong = series.inside & (clean.max(axis=0) > max(LEAST_SNR * sigma, LEAST_LEVEL * level))
    whole = np.full(series.geometry.shape, np.nan, dtype=np.float32)
    cut = np.full(series.inside.shape, np.nan, dtype=np.float32)
    cut[strong] = _lower_fraction(clean[:, strong], series)
    whole[series.box] = cut
    seconds = series.seconds
    return FatMap(
        fraction=whole,
        geometry=series.geometry,
        noise_sd=sigma / max(level, 1e-20) / np.sqrt(2),
        sd_at_zero=float(np.hypot(LEAST_SD, MODEL_SD)),
        sd_at_one=0.5,
        method=f"Dixon, {len(seconds)} echoes without phase: the lower of two possible fractions",
        references={
            "echo_ms": [round(float(one), 4) for one in series.echo_ms],
            "field_t": series.field_t,
            "snr": None if sigma == 0 else round(level / sigma, 1),
            "limit": T1_LIMIT,
        },
        ambiguous_above=AMBIGUOUS_ABOVE,
        warnings=(
            "magnitudes without phase cannot tell a fat fraction from its mirror image (0.2 from "
            "about 0.8): the lower one is given, and fat reads as muscle with a little fat. "
            "Give the phase images, or the scanner's fat and water images, where more than half "
            "may be fat",
        ),
    )


def _lower_fraction(size: Floats, series: Series) -> Floats:
    """Return the fraction below one half that explains the magnitudes best, (echoes, voxels)."""
    fat = fat_signal(series.echo_ms, series.field_t)
    centred = series.seconds - series.seconds.mean()
    middle = assumed_decay(series.field_t)
    extra = DECAYS_PER_S if len(series.seconds) > 2 else (0.0,)
    top = _fold(fat)
    shares = np.arange(LOWEST, top + STEP / 2, STEP)
    total = np.sum(size**2, axis=0)
    best = np.full((shares.size, size.shape[1]), np.inf, dtype=np.float32)
    for k, share in enumerate(shares):
        for more in extra:
            shape = np.abs(1 - share + share * fat) * np.exp(-centred * (middle + more))
            along = shape.astype(np.float32) @ size / np.float32(np.linalg.norm(shape))
            np.minimum(best[k], total - along**2, out=best[k])
    at = np.clip(np.argmin(best, axis=0), 1, shares.size - 2)
    columns = np.arange(size.shape[1])
    before, here, after = (best[at + by, columns] for by in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.where(bend > 0, (before - after) / np.where(bend > 0, 2 * bend, 1), 0)
    return np.asarray(shares[at] + STEP * np.clip(shift, -1, 1), dtype=np.float32)


def _fold(fat: np.ndarray[tuple[int, ...], np.dtype[np.complex128]]) -> float:
    """Return the fraction where magnitudes turn back: the out-of-phase echo is at its least."""
    shares = np.linspace(0.3, 0.7, 401)
    sizes = np.abs(1 - shares[:, None] + shares[:, None] * fat)
    return float(shares[int(np.argmin(sizes.min(axis=1) / sizes.max(axis=1)))])
