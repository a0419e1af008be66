"""Fat fraction from Dixon scans: fat and water images, or echoes with or without phase."""

from myocohort.mri.dixon.echoes import Echo
from myocohort.mri.dixon.fat_map_echoes import fat_map_echoes
from myocohort.mri.dixon.one_echo import OneEcho, replaced_share_one_echo
from myocohort.mri.dixon.two_point import fat_map_two_point

__all__ = ["Echo", "OneEcho", "fat_map_echoes", "fat_map_two_point", "replaced_share_one_echo"]
