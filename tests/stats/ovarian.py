"""Edmonson's trial of ovarian cancer, 26 patients: `survival::ovarian` of R 4.2.2.

Columns futime (days), fustat, age, resid.ds, rx. Source: Therneau T. A Package for Survival
Analysis in R, data set ovarian (Edmonson JH et al. Cancer Treat Rep 1979;63:241-247).
"""

from __future__ import annotations

import numpy as np

OVARIAN = np.array(
    [
        (59, 1, 72.3315, 2, 1), (115, 1, 74.4932, 2, 1), (156, 1, 66.4658, 2, 1),
        (421, 0, 53.3644, 2, 2), (431, 1, 50.3397, 2, 1), (448, 0, 56.4301, 1, 1),
        (464, 1, 56.937, 2, 2), (475, 1, 59.8548, 2, 2), (477, 0, 64.1753, 2, 1),
        (563, 1, 55.1781, 1, 2), (638, 1, 56.7562, 1, 1), (744, 0, 50.1096, 1, 2),
        (769, 0, 59.6301, 2, 2), (770, 0, 57.0521, 2, 2), (803, 0, 39.2712, 1, 1),
        (855, 0, 43.1233, 1, 1), (1040, 0, 38.8932, 2, 1), (1106, 0, 44.6, 1, 1),
        (1129, 0, 53.9068, 1, 2), (1206, 0, 44.2055, 2, 2), (1227, 0, 59.589, 1, 2),
        (268, 1, 74.5041, 2, 1), (329, 1, 43.137, 2, 1), (353, 1, 63.2192, 1, 2),
        (365, 1, 64.4247, 2, 2), (377, 0, 58.3096, 1, 2),
    ]
)  # fmt: skip
NAMES = ("age", "resid.ds", "rx")

TIME, EVENT, TERMS = OVARIAN[:, 0], OVARIAN[:, 1], OVARIAN[:, 2:]
HUNDREDS = np.ceil(TIME / 100)  # with ties
