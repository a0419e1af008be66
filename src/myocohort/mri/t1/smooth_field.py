"""A smooth field in space: tensor products of cubic B-splines, and how rough a field is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.interpolate import BSpline

KNOTS_MM = (60.0, 60.0, 80.0)
"""Distance of knots along each axis, at most. Receive fields change over a coil element's width,
some 100 mm and more; a cubic spline follows a wave down to about twice the knots' distance."""

UNIT_MM = 100.0
"""Roughness is counted per this length."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SmoothField:
    """A space of smooth functions on a box.

    Parameters
    ----------
    knots
        Knots along each axis in units of `UNIT_MM`; None along an axis without extent, on which
        the field is constant.
    bending, slope
        (terms, terms): integrals over the box of the squared second and first derivatives, as
        quadratic forms of the coefficients.
    volume
        Of the box, in `UNIT_MM` to the power of its dimensions.
    """

    knots: tuple[Array | None, Array | None, Array | None]
    bending: Array
    slope: Array
    volume: float

    @property
    def terms(self) -> int:
        """Number of coefficients."""
        return int(self.bending.shape[0])

    def rows(self, at_mm: Array) -> sparse.csr_array:
        """Return the basis functions at positions, (n, terms), sparse."""
        n = len(at_mm)
        index, value = np.zeros((n, 1), dtype=np.int64), np.ones((n, 1))
        for axis, knots in enumerate(self.knots):
            columns, values, width = _axis_rows(knots, at_mm[:, axis])
            index = (index[:, :, None] * width + columns[:, None, :]).reshape(n, -1)
            value = (value[:, :, None] * values[:, None, :]).reshape(n, -1)
        start = np.arange(n + 1) * index.shape[1]
        return sparse.csr_array((value.ravel(), index.ravel(), start), shape=(n, self.terms))

    def on_grid(self, coefficients: Array, axes_mm: list[Array]) -> NDArray[np.float32]:
        """Return the field on a grid given by the positions along its axes, float32."""
        widths = [1 if k is None else len(k) - 4 for k in self.knots]
        result = coefficients.reshape(widths)
        for axis, (knots, at) in enumerate(zip(self.knots, axes_mm, strict=True)):
            columns, values, width = _axis_rows(knots, at)
            dense = np.zeros((len(at), width))
            np.put_along_axis(dense, columns, values, axis=1)
            result = np.moveaxis(np.tensordot(dense, result, axes=(1, axis)), 0, axis)
        return np.asarray(result, dtype=np.float32)


def _axis_rows(knots: Array | None, at_mm: Array) -> tuple[NDArray[np.int64], Array, int]:
    """Return columns and values of the functions that are not 0, (n, 4) each, and their number."""
    n = len(at_mm)
    if knots is None:
        return np.zeros((n, 1), dtype=np.int64), np.ones((n, 1)), 1
    inside = np.clip(at_mm / UNIT_MM, knots[3], knots[-4])
    matrix = BSpline.design_matrix(inside, knots, 3)
    return matrix.indices.reshape(n, 4).astype(np.int64), matrix.data.reshape(n, 4), len(knots) - 4


def _gram(knots: Array | None, derivative: int) -> Array:
    """Return the integrals of products of the functions' derivatives along one axis."""
    if knots is None:
        return np.full((1, 1), float(derivative == 0))
    point, weight = np.polynomial.legendre.leggauss(4)  # exact for the products, of degree 6
    low, high = knots[3:-4], knots[4:-3]
    at = ((low + high) / 2)[:, None] + ((high - low) / 2)[:, None] * point
    weights = (((high - low) / 2)[:, None] * weight).ravel()
    spline = BSpline(knots, np.eye(len(knots) - 4), 3)
    values = (spline.derivative(derivative) if derivative else spline)(at.ravel())
    return np.asarray((values * weights[:, None]).T @ values, dtype=np.float64)


def smooth_field(low_mm: Array, high_mm: Array) -> SmoothField:
    """Return the space of smooth fields on a box between two corners, shape (3,) each.

    Knots are spread evenly between the corners, so that flips change nothing.
    """
    knots: list[Array | None] = []
    volume = 1.0
    for low, high, step in zip(low_mm, high_mm, KNOTS_MM, strict=True):
        extent = float(high - low)
        if extent <= 0:
            knots.append(None)
            continue
        pieces = max(1, int(np.ceil(extent / step)))
        at = low + extent / pieces * np.arange(-3, pieces + 4)
        knots.append(np.asarray(at / UNIT_MM, dtype=np.float64))
        volume *= extent / UNIT_MM
    gram = [[_gram(one, d) for d in range(3)] for one in knots]

    def form(*orders: int) -> Array:
        parts = [gram[axis][d] for axis, d in enumerate(orders)]
        return np.asarray(np.kron(np.kron(parts[0], parts[1]), parts[2]), dtype=np.float64)

    bending = form(2, 0, 0) + form(0, 2, 0) + form(0, 0, 2)
    bending = bending + 2 * (form(1, 1, 0) + form(1, 0, 1) + form(0, 1, 1))
    slope = form(1, 0, 0) + form(0, 1, 0) + form(0, 0, 1)
    return SmoothField((knots[0], knots[1], knots[2]), bending, slope, volume)
