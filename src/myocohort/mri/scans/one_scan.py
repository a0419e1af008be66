"""One scan, or one label map, out of what is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from myocohort.mri.scan import Kind, LabelMap, Scan, Sequence
from myocohort.mri.scans.contents import (
    Contents,
    Paths,
    cleaned,
    label_of,
    nothing_there,
    read_contents,
    struck,
)
from myocohort.mri.scans.dicom_scan import scan_of
from myocohort.mri.scans.nifti import is_nifti, read_label_map, read_nifti
from myocohort.mri.scans.ordering import ordered
from myocohort.mri.scans.people import People
from myocohort.mri.scans.problems import UnreadableScansError, listed, refused
from myocohort.mri.scans.sequence import contradiction, guess, part_of
from myocohort.mri.scans.stacks import Stack
from myocohort.mri.scans.values import is_like_phase, whole_numbers


def read_scan(
    path: Paths,
    *,
    kind: Kind | None = None,
    quantity: Literal["magnitude", "phase"] | None = None,
    series: str | int | None = None,
    split_gaps: bool = False,
) -> Scan:
    """Read exactly one scan.

    Parameters
    ----------
    path, split_gaps
        As in `survey`.
    kind
        What the user states it to be; a warning tells where tags or name speak against it. Of
        several DICOM scans it chooses the one whose image type says just this (water, fat ...).
    quantity
        "phase" for a NIfTI of phases, which its name and sidecar need not tell. For DICOM it
        chooses between magnitude and phase of a series.
    series
        Which of several: a scan's name as `survey` lists it, or a series number.

    Raises
    ------
    ScanError
        As `read_scans`; and where there are several, with their names. Problems of series that
        were not asked for do not matter.
    """
    found = read_contents(path, None)
    stacks = [
        one for one in found.stacks
        if _wanted(one.name, series) and quantity in (None, one.frames[0].component)
    ]  # fmt: skip
    files = [one for one in found.nifti if series is None or one.name == str(series)]
    of_these = {one.frames[0].series for one in stacks}
    problems = found.problems(of_these if series is not None and (stacks or files) else None)
    if problems:
        raise UnreadableScansError(problems)
    if not stacks and not files:
        raise _absent(path, found, f"a {quantity}" if series is None else f"series {series}")
    if len(stacks) + len(files) > 1:
        there = [_with_kind(one) for one in stacks] + [one.name for one in files]
        stacks, files = _said_to_be(kind, stacks), []
        if not stacks:
            raise _several(path, there, found.people)
    try:
        stacks = [part for one in stacks for part in ordered(one, split_gaps=split_gaps)]
        stacks = [one for one in stacks if one.name == str(series)] or stacks
        if len(stacks) > 1:
            raise _several(path, [one.name for one in stacks], found.people)
        phase = None if quantity is None else quantity == "phase"
        scan = scan_of(stacks[0]) if stacks else read_nifti(files[0], phase=phase)
    except UnreadableScansError as error:
        raise UnreadableScansError(struck(error.problems, found.people)) from None
    told = _lost_beside(stacks[0], found) if stacks else ()
    scan = replace(scan, warnings=(*scan.warnings, *told))
    return _stated(cleaned(scan, found.people), kind)


def _lost_beside(stack: Stack, found: Contents) -> tuple[str, ...]:
    """Say which files beside the slices look like slices but hold nothing.

    A file that broke off in its first bytes no longer tells that it is DICOM, and a slice that is
    lost at the end of a stack leaves no gap.
    """
    kinds = {(Path(one.label).parent, Path(one.label).suffix.lower()) for one in stack.frames}
    lost = [
        found.people.strike(one.name)
        for one in found.skipped
        if (Path(one.name).parent, suffix := Path(one.name).suffix.lower()) in kinds
        and (one.why == "empty" or (suffix and one.why == "not DICOM"))
    ]
    if not lost:
        return ()
    return (
        f"files beside the slices of {stack.name} are empty or no DICOM: {listed(lost)}. If they "
        "were slices, copy or export them anew",
    )


def _said_to_be(kind: Kind | None, stacks: list[Stack]) -> list[Stack]:
    """Return the one of several whose image type says outright that it is of this kind.

    So the folder of a whole Dixon gives its water where water is asked for. What is only likely
    chooses nothing.
    """
    said = [one for one in stacks if kind and part_of(one.frames[0].tags.image_type) == kind]
    return said if len(said) == 1 else []


def _with_kind(stack: Stack) -> str:
    """Return a stack's name with what it seems to be."""
    guessed = guess(stack.frames[0].tags, named="series description")
    sure = "" if guessed.confidence == "stated" else "?"
    return stack.name if guessed.kind == "unknown" else f"{stack.name} ({guessed.kind}{sure})"


def _several(path: Paths, there: list[str], people: People) -> UnreadableScansError:
    """Return the error of several scans where one is read."""
    return refused(
        label_of(path, people), "one scan is read at a time",
        f"{len(there)} are here: {listed(there, at_most=30)}",
        "Give the folder or the files of one; `myocohort mri measure` takes its number behind the "
        "folder, as visit#4.",
    )  # fmt: skip


def _absent(path: Paths, found: Contents, asked: str) -> UnreadableScansError:
    """Return the error of a scan that is not among those that are there."""
    names = [one.name for one in found.stacks] + [one.name for one in found.nifti]
    if not names:
        return nothing_there(path, found.skipped, found.people)
    return refused(
        label_of(path, found.people), "what is asked for is there",
        f"{asked} is not among: {listed(names, at_most=30)}",
        "Choose one of these; `myocohort mri inspect` lists them.",
    )  # fmt: skip


def read_labels(path: str | Path) -> LabelMap:
    """Read a label map: NIfTI, or a DICOM series of MR images whose numbers are labels.

    Raises
    ------
    ScanError
        As `read_scan`; and where its numbers are negative or not whole, or all are 0.
    """
    file = Path(path)
    if file.is_file() and is_nifti(file):
        return read_label_map(file)
    try:
        scan = read_scan(file, quantity="magnitude")
    except UnreadableScansError as error:
        step = "A label map is best saved as NIfTI (DICOM SEG: by dcmqi's segimage2itkimage)."
        raise UnreadableScansError(
            [replace(one, next_step=f"{one.next_step} {step}") for one in error.problems]
        ) from None
    labels = whole_numbers(scan.voxels.astype("float64"), scan.name)
    return LabelMap(labels, scan.geometry, scan.name, scan.warnings)


def _wanted(name: str, series: str | int | None) -> bool:
    """Whether a stack, or a part of it, is the one asked for, by name or by series number."""
    if series is None:
        return True
    asked = str(series).removeprefix("series ").strip()
    whole = name.removeprefix("series ")
    return asked in (whole, whole.split(",")[0].strip()) or asked.startswith(f"{whole}, ")


_MAGNITUDES = ("t1", "t2", "stir", "dixon-fat", "dixon-water")


def _stated(scan: Scan, kind: Kind | None) -> Scan:
    """Put in what the user states."""
    if kind is None:
        return scan
    signed = scan.quantity == "magnitude" and scan.voxels.min() < 0
    if kind in _MAGNITUDES and signed and is_like_phase(scan.voxels):
        raise refused(
            scan.name, f"a {kind} scan is a magnitude",
            f"numbers from {scan.voxels.min():g} to {scan.voxels.max():g} spread as a phase's",
            "Give the magnitude image of the same scan.",
        )  # fmt: skip
    against = contradiction(kind, scan.sequence)
    return replace(
        scan,
        sequence=Sequence(kind, "stated", "stated by the user"),
        warnings=(*scan.warnings, *((against,) if against else ())),
    )
