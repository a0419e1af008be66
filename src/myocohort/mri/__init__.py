"""Thigh MRI: from scans to muscles, fat, oedema, grades, change rates and agreement.

Arrays in, numbers out: only `mri.scans` opens files, and nothing here draws. The methods and the
scales are described in docs/mri.md and docs/mri-scales.md, with their sources.
"""
