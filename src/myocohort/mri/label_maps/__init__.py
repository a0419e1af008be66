"""Label tables: what the numbers of a segmentation tool's map stand for.

One file for each tool, one line for each table in `LABEL_MAPS`. `mri.labels.read_label_table` reads
a user's own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from myocohort.mri.label_maps.musclemap import MUSCLEMAP
from myocohort.mri.label_maps.table import LabelTable, Structure
from myocohort.mri.label_maps.thigh import THIGH11, THIGHSEGAI
from myocohort.mri.label_maps.totalsegmentator import (
    TOTALSEGMENTATOR,
    TOTALSEGMENTATOR_MR,
    TOTALSEGMENTATOR_THIGH,
)

__all__ = ["LABEL_MAPS", "LabelTable", "Structure"]

LABEL_MAPS: Mapping[str, LabelTable] = MappingProxyType(
    {
        "musclemap": MUSCLEMAP,
        "totalsegmentator-mr": TOTALSEGMENTATOR_MR,
        "totalsegmentator-thigh": TOTALSEGMENTATOR_THIGH,
        "totalsegmentator": TOTALSEGMENTATOR,
        "thighsegai": THIGHSEGAI,
        "thigh11": THIGH11,
    }
)
"""Name -> label table."""
