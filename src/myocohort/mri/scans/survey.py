"""Every scan of a folder, a file or a list of files, with what is wrong and what is passed over."""

from __future__ import annotations

from dataclasses import dataclass

from myocohort.errors import Problem
from myocohort.mri.scan import Scan
from myocohort.mri.scans.contents import (
    Contents,
    Paths,
    Progress,
    Teller,
    cleaned,
    nothing_there,
    read_contents,
    struck,
)
from myocohort.mri.scans.dicom_scan import scan_of
from myocohort.mri.scans.headers import Skipped
from myocohort.mri.scans.nifti import read_nifti
from myocohort.mri.scans.ordering import ordered
from myocohort.mri.scans.problems import UnreadableScansError


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found.

    Parameters
    ----------
    scans
        Those that can be measured, DICOM series by number first, then NIfTI by name.
    problems
        What is wrong with the others.
    skipped
        Files that are no part of a scan, and why.
    """

    scans: tuple[Scan, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]


def survey(path: Paths, *, split_gaps: bool = False, progress: Progress | None = None) -> Survey:
    """Say what scans there are, also where some cannot be read.

    Parameters
    ----------
    path
        A folder (with all below it), a file, or several of them.
    split_gaps
        Read each unbroken part of a stack with missing slices as a scan of its own.
    progress
        Told what begins.

    Raises
    ------
    ScanError
        Where a path does not exist.
    """
    return _survey(read_contents(path, progress), split_gaps, progress)


def _survey(found: Contents, split_gaps: bool, progress: Progress | None) -> Survey:
    """Read the pixels of all that was found."""
    scans: list[Scan] = []
    problems = found.problems()
    partial = {one.series for one in found.broken if one.series}
    stacks = [one for one in found.stacks if one.frames[0].series not in partial]
    tell = Teller(progress, len(stacks) + len(found.nifti))
    for stack in stacks:
        tell(f"pixels of {stack.name}")
        try:
            scans += [scan_of(one) for one in ordered(stack, split_gaps=split_gaps)]
        except UnreadableScansError as error:
            problems += error.problems
    for file in found.nifti:
        tell(f"NIfTI {len(scans) + 1}")
        try:
            scans.append(read_nifti(file))
        except UnreadableScansError as error:
            problems += error.problems
    strike = found.people.strike
    return Survey(
        tuple(cleaned(one, found.people) for one in scans),
        tuple(struck(problems, found.people)),
        tuple(Skipped(strike(one.name), one.why) for one in found.skipped),
    )


def read_scans(
    path: Paths, *, split_gaps: bool = False, progress: Progress | None = None
) -> list[Scan]:
    """Read every scan of a folder, a file or a list of files.

    Parameters
    ----------
    path, split_gaps, progress
        As in `survey`.

    Raises
    ------
    ScanError
        Where anything cannot be read (all problems are in `problems`), or nothing is a scan.
    """
    contents = read_contents(path, progress)
    found = _survey(contents, split_gaps, progress)
    if found.problems:
        raise UnreadableScansError(found.problems)
    if not found.scans:
        raise nothing_there(path, found.skipped, contents.people)
    return list(found.scans)
