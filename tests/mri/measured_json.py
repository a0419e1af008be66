"""Made-up output of `myocohort mri measure --json`."""

from __future__ import annotations

import copy

from myocohort.study.standard import MUSCLES

SIDES = ("left", "right")


def grade(low, high=None, *, scale="modified-mercuri", **options):
    """Return a proposed grade, or a range of grades."""
    low, high = str(low), str(low if high is None else high)
    return {
        "scale": scale, "version": "1", "low": low, "high": high,
        "proposal": low if low == high else None, "evidence": "fat fraction and band",
        "basis": "literal bands", **options,
    }  # fmt: skip


def slices(fraction, *, n=4, first=0.0, step=10.0, voxels=1000):
    """Return a profile with the same fat in each slice, or with that of a list."""
    fractions = fraction if isinstance(fraction, list) else [fraction] * n
    return [
        {"index": i, "position_mm": first + i * step, "voxels": voxels, "area_cm2": 10.0,
         "fat_share": f, "fat_fraction": f}
        for i, f in enumerate(fractions)
    ]  # fmt: skip


def muscle(name, side, fraction=0.2, **changes):
    """Return one muscle-side."""
    return {
        "name": name, "side": side, "voxels": 4000, "volume_ml": 40.0, "fat_share": fraction,
        "fat_fraction": fraction, "fat_fraction_sd": 0.02, "stir_positive_share": 0.1,
        "stir_mean_excess": 0.2, "grade": grade(1),
        "oedema_grade": grade(2, scale="oedema-0-5"), "slices": slices(fraction), "warnings": [],
        **changes,
    }  # fmt: skip


def measured(date="2020-01-01", fraction=0.2, muscles=MUSCLES, **changes):
    """Return a measurement of both sides; `changes` replace its parts."""
    content = {
        "version": 1,
        "scan": {"name": "t1", "date": date, "sequence": "t1"},
        "muscles": [muscle(name, side, fraction) for name in muscles for side in SIDES],
        "references": {
            "fat": {"method": "T1, N4 and anchors", "muscle": {"source": "spared muscle"}}
        },
        "coverage": {
            "slices": 4, "spacing_mm": [1.0, 1.0, 10.0], "field_of_view_mm": [400.0, 200.0],
            "from_mm": 0.0, "to_mm": 30.0, "length_mm": 40.0,
        },
        "warnings": [],
        **changes,
    }  # fmt: skip
    return copy.deepcopy(content)


def with_each(content, **changes):
    """Return the measurement with the same changes in each muscle-side."""
    for row in content["muscles"]:
        row.update(copy.deepcopy(changes))
    return content


def find(compared, name="gracilis", side="left"):
    """Return one muscle-side of a comparison."""
    return next(r for r in compared["muscles"] if (r["name"], r["side"]) == (name, side))
