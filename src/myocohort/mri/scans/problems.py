"""What is said when files cannot be read as scans."""

from __future__ import annotations

from myocohort.errors import InputError, Problem
from myocohort.mri.scan import ScanError


class UnreadableScansError(InputError, ScanError):
    """One or more scans cannot be read; all problems are carried at once."""


def refused(name: str, rule: str, value: str = "", next_step: str = "") -> UnreadableScansError:
    """Return the error of one file or series."""
    return UnreadableScansError([Problem(rule=rule, value=value, next_step=next_step, file=name)])


def listed(values: list[str], *, at_most: int = 6) -> str:
    """Join what is to be listed; the rest is counted."""
    if len(values) <= at_most:
        return ", ".join(values)
    return f"{', '.join(values[:at_most])} and {len(values) - at_most} more"
