"""Water and fat of a voxel from its complex echoes, once the field is known.

The model is that of Reeder (Magn Reson Med 2005;54:636-644) with the six peaks of fat and one
decay, and with the same phase of water and fat at the excitation (Bydder et al., Magn Reson
Imaging 2011;29:216-221): s(t) = exp(i phase) (W + F c(t)) exp((2 pi i field - R2*) t), W and F
real. A common phase makes W and F signed, so that noise does not push a fraction near 0 upwards,
as magnitudes of W and F would, and it lets two echoes be solved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TINY = 1e-12

Floats = NDArray[np.float32]
Complexes = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Model:
    """Echo times and the signal of pure fat at each, in the order of the echoes.

    Parameters
    ----------
    seconds
        Echo times, s.
    fat
        complex, as `spectrum.fat_signal` returns it.
    """

    seconds: NDArray[np.float64]
    fat: NDArray[np.complex128]

    def with_difference(self, per_s: float) -> Model:
        """Return the model in which fat decays faster than water by this R2*, from TE 0 on."""
        return Model(self.seconds, self.fat * np.exp(-self.seconds * per_s))

    @property
    def centred(self) -> NDArray[np.float64]:
        """Echo times from their mean, s: the field then does not turn the common phase."""
        return np.asarray(self.seconds - self.seconds.mean(), dtype=np.float64)

    @property
    def span(self) -> float:
        """From the first to the last echo, s."""
        return float(self.seconds[-1] - self.seconds[0])


@dataclass(frozen=True, slots=True)
class Projection:
    """Echoes seen along water and along fat, from which every solution is computed.

    Parameters
    ----------
    water, fat
        Complex sums of the demodulated echoes along each.
    ww, wf, ff
        Inverse of the real 2 x 2 matrix of the model.
    power
        Sum of the squared echoes.
    """

    water: Complexes
    fat: Complexes
    ww: Floats
    wf: Floats
    ff: Floats
    power: Floats

    def misfit(self) -> Floats:
        """Return what the best water and fat leave of the power (sum of squares)."""
        a, b = self.water, self.fat
        turned = self.ww * a * a + 2 * self.wf * a * b + self.ff * b * b
        plain = (
            self.ww * np.abs(a) ** 2
            + 2 * self.wf * np.real(a * np.conj(b))
            + self.ff * np.abs(b) ** 2
        )
        return np.asarray(self.power - 0.5 * (plain + np.abs(turned)), dtype=np.float32)

    def solve(self) -> tuple[Floats, Floats]:
        """Return real water and fat, with the sign that makes their sum positive."""
        a, b = self.water, self.fat
        turned = self.ww * a * a + 2 * self.wf * a * b + self.ff * b * b
        back = np.exp(-0.5j * np.angle(turned))
        along, across = np.real(back * a), np.real(back * b)
        water = self.ww * along + self.wf * across
        fat = self.wf * along + self.ff * across
        sign = np.where(water + fat < 0, -1, 1)
        return np.asarray(sign * water, dtype=np.float32), np.asarray(sign * fat, dtype=np.float32)


def project(signal: Complexes, model: Model, field: Floats, decay: Floats | float) -> Projection:
    """Demodulate the echoes by a field and a decay, and project them on water and fat.

    Parameters
    ----------
    signal
        (echoes, ...).
    field
        Hz, shape (...), or one that broadcasts to it from the front.
    decay
        R2*, 1/s, like the field.
    """
    water: NDArray[np.complex64] | int = 0
    fat: NDArray[np.complex64] | int = 0
    gram = [np.float32(0), np.float32(0), np.float32(0)]
    for at, seconds, c in zip(signal, model.centred, model.fat, strict=True):
        # The decay counts from the mean echo time too: it only scales water and fat together.
        damp = np.exp(np.float32(-seconds) * np.asarray(decay, dtype=np.float32))
        turn = np.exp(np.complex64(-2j * np.pi * seconds) * np.asarray(field, dtype=np.float32))
        seen = at * (damp * turn)
        water = water + seen
        fat = fat + np.complex64(np.conj(c)) * seen
        square = damp * damp
        gram[0] = gram[0] + square
        gram[1] = gram[1] + np.float32(c.real) * square
        gram[2] = gram[2] + np.float32(abs(c) ** 2) * square
    size = np.maximum(gram[0] * gram[2] - gram[1] ** 2, np.float32(TINY))
    power = np.sum(np.abs(signal) ** 2, axis=0)
    return Projection(
        water=np.asarray(water),
        fat=np.asarray(fat),
        ww=gram[2] / size,
        wf=-gram[1] / size,
        ff=gram[0] / size,
        power=power,
    )


def misfit(signal: Complexes, model: Model, field: Floats, decay: Floats | float) -> Floats:
    """Return the sum of squares that the model leaves at a field and a decay; see `project`."""
    return project(signal, model, field, decay).misfit()


def separate(
    signal: Complexes, model: Model, field: Floats, decay: Floats | float
) -> tuple[Floats, Floats]:
    """Return signed water and fat of each voxel at a field and a decay; see `project`."""
    return project(signal, model, field, decay).solve()


def noise_gain(model: Model, decay: float) -> float:
    """Return the SD of a fraction at 0 for noise of SD 1 in each channel and a signal of 1.

    The fraction F / (W + F) at F = 0 moves by F / W, so that it is the SD of F.
    """
    square = np.exp(-2 * model.centred * decay)
    ww = square.sum()
    wf = (square * model.fat.real).sum()
    ff = (square * np.abs(model.fat) ** 2).sum()
    return float(np.sqrt(ww / (ww * ff - wf**2)))
