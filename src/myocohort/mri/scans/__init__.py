"""Reading scans and label maps: the only place of this room that opens files."""

from myocohort.mri.scans.echoes import read_echoes
from myocohort.mri.scans.headers import Skipped
from myocohort.mri.scans.one_scan import read_labels, read_scan
from myocohort.mri.scans.survey import Survey, read_scans, survey

__all__ = [
    "Skipped", "Survey", "read_echoes", "read_labels", "read_scan", "read_scans", "survey",
]  # fmt: skip
