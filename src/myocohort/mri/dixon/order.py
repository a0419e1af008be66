"""Whether fat and water images may be exchanged throughout, judged with the muscles known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from myocohort.mri.body import Body
from myocohort.mri.dixon.rim import RIM_MM, SKIN_MM, WATER_BELOW, rim_of
from myocohort.mri.fat_map import FatMap
from myocohort.mri.regions import Regions
from myocohort.mri.t1.evidence import compartment_hull, muscle_mask

LEAN_SHARE = 0.5
"""Share of the rim that must lie among labelled muscles before its water proves a lean leg."""


def doubt_order(fat_map: FatMap, regions: Regions, body: Body) -> FatMap:
    """Return the map as ambiguous where nothing shows which of both images is fat.

    Fat lies under the skin of every thigh. Where the rim under the skin reads as water, either
    the leg is so lean that muscle lies there, which the labels then show, or fat and water are
    exchanged.

    Parameters
    ----------
    fat_map
        From fat and water images.
    regions, body
        On its grid.

    Returns
    -------
    The same map; with `ambiguous_above` 0 and a warning where the rim reads as water and is not
    labelled muscle.
    """
    muscles = muscle_mask(regions)
    held = muscles.any(axis=(0, 1))  # other slices have no label to compare with
    rim = rim_of(body, fat_map.geometry.spacing)[:, :, held]
    known = rim & np.isfinite(fat_map.fraction[:, :, held])
    if not known.any() or float(np.median(fat_map.fraction[:, :, held][known])) >= WATER_BELOW:
        return fat_map
    hull = compartment_hull(muscles, body)[:, :, held]
    if float((hull & known).sum()) > LEAN_SHARE * float(known.sum()):
        return fat_map
    told = (
        f"{SKIN_MM:g} to {RIM_MM:g} mm under the skin, outside the labelled muscles, lies what "
        "these images call water; there is fat in every thigh. Most likely the fat image was "
        "given as the water image: give --dixon FAT WATER in this order. Until then each fraction "
        "may as well be its mirror image, and no grade is proposed from it alone"
    )
    return replace(fat_map, ambiguous_above=0.0, warnings=(*fat_map.warnings, told))
