"""What is in a folder: every header read, frames put to stacks, no pixel read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from myocohort.errors import Problem
from myocohort.mri.scan import Scan
from myocohort.mri.scans.frames import Frame
from myocohort.mri.scans.headers import Broken, Skipped, is_file_of_interest, read_header
from myocohort.mri.scans.nifti import is_nifti
from myocohort.mri.scans.people import People
from myocohort.mri.scans.problems import UnreadableScansError, listed, refused
from myocohort.mri.scans.splitting import split
from myocohort.mri.scans.stacks import Stack

Progress = Callable[[int, int, str], None]
"""Told (step, of how many, what begins)."""

Paths = str | Path | Sequence[str | Path]

_STEPS = 10
"""Most steps of progress through the headers of a folder; then one for each scan."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Headers of what was found; no pixel was read."""

    stacks: list[Stack]
    nifti: list[Path]
    broken: list[Broken]
    skipped: list[Skipped]
    people: People

    def problems(self, series: set[str] | None = None) -> list[Problem]:
        """Return what is wrong with files, of these series and where the series is not known.

        Files of a series with the same fault are told as one problem.
        """
        alike: dict[tuple[str, ...], list[Problem]] = {}
        for one in self.broken:
            if series is None or one.series in series or not one.series:
                fault = one.problem
                key = (one.series, fault.rule, fault.value, fault.next_step)
                alike.setdefault(key, []).append(fault)
        out = []
        for faults in alike.values():
            files = listed([one.file for one in faults], at_most=3)
            many = f"{len(faults)} files ({files})" if len(faults) > 1 else files
            out.append(replace(faults[0], file=many))
        return struck(out, self.people)


class Teller:
    """Progress in steps that are counted when the first begins."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self, what: str) -> None:
        """Begin a step."""
        if self._progress is not None:
            self._progress(self._done, self._total, what)
        self._done += 1


def read_contents(path: Paths, progress: Progress | None) -> Contents:
    """Read all headers."""
    people = People()
    nifti: list[Path] = []
    broken: list[Broken] = []
    skipped: list[Skipped] = []
    frames: list[Frame] = []
    files = _files(path)
    dicom = [one for one in files if not is_nifti(one[0])]
    nifti = [file for file, _label in files if is_nifti(file)]
    chunk = max(50, -(-len(dicom) // _STEPS))
    tell = Teller(progress, -(-len(dicom) // chunk))
    for at, (file, label) in enumerate(dicom):
        if at % chunk == 0:
            tell(f"headers {at + 1} to {min(at + chunk, len(dicom))} of {len(dicom)}")
        if label.lower().endswith(".json") and _beside(file, nifti):
            continue  # the sidecar of a NIfTI is read with it
        read = read_header(file, label, people)
        if isinstance(read, Skipped):
            skipped.append(read)
        elif isinstance(read, Broken):
            broken.append(read)
        else:
            frames += read
    skipped += [
        Skipped(frame.label, f"{frame.component} part of a complex picture")
        for frame in frames
        if frame.component in _PARTS
    ]
    whole = [frame for frame in frames if frame.component not in _PARTS]
    return Contents(_stacks(whole), nifti, broken, skipped, people)


_PARTS = ("real", "imaginary")
"""Magnitude and phase are measured; what they were computed from is not."""


def _beside(file: Path, nifti: list[Path]) -> bool:
    stem = file.name.removesuffix(".json")
    return any(one.parent == file.parent and one.name.startswith(f"{stem}.nii") for one in nifti)


def _files(path: Paths) -> list[tuple[Path, str]]:
    """Return files with how messages call them: by their name, below a folder with the way to it.

    Sorted by path, so that nothing hangs on the order in which a file system lists them.
    """
    given = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
    out: dict[Path, str] = {}
    for one in given:
        if one.is_dir():
            for file in sorted(one.rglob("*")):
                if is_file_of_interest(file):
                    out.setdefault(file, file.relative_to(one).as_posix())
        elif one.is_file():
            out.setdefault(one, one.name)
        else:
            raise refused(one.name, "a path leads to a file or a folder", "nothing is there",
                          "Check the path.")  # fmt: skip
    return list(out.items())


def _stacks(frames: list[Frame]) -> list[Stack]:
    """Return the stacks of all series, by series number, day and echo time."""
    of_series: dict[str, list[Frame]] = {}
    for frame in frames:
        of_series.setdefault(frame.series, []).append(frame)
    lots = sorted(
        of_series.values(),
        key=lambda lot: (
            lot[0].series_number or 0,
            str(lot[0].date),
            lot[0].component,
            lot[0].tags.echo_ms or 0.0,
            lot[0].series,
        ),
    )
    names = [_series_name(lot[0]) for lot in lots]
    out: list[Stack] = []
    for at, (lot, name) in enumerate(zip(lots, names, strict=True)):
        if names.count(name) > 1:
            name = f"{name} [{names[: at + 1].count(name)}]"
        out += split(lot, name)
    said = _several_people(frames)
    return [replace(stack, warnings=(*said, *stack.warnings)) for stack in out]


def _series_name(frame: Frame) -> str:
    number = frame.series_number
    return "series without number" if number is None else f"series {number}"


def _several_people(frames: list[Frame]) -> tuple[str, ...]:
    count = len({frame.person for frame in frames})
    return (f"these files are of {count} patients",) if count > 1 else ()


def cleaned(scan: Scan, people: People) -> Scan:
    """Strike out people where free text of a header came through."""
    return replace(scan, vendor=people.strike(scan.vendor))


def struck(problems: Sequence[Problem], people: People) -> list[Problem]:
    """Return problems with people struck out of names of files and of what was found."""
    strike = people.strike
    return [replace(one, file=strike(one.file), value=strike(one.value)) for one in problems]


def label_of(path: Paths, people: People) -> str:
    """Return how messages call what was given: a folder's or a file's name, or a count."""
    if isinstance(path, str | Path):
        return people.strike(Path(path).name or "this folder")
    return f"{len(path)} files"


def nothing_there(path: Paths, skipped: Sequence[Skipped], people: People) -> UnreadableScansError:
    """Return the error of a path that holds no scan at all."""
    why = [f"{people.strike(one.name)} ({one.why})" for one in skipped]
    return refused(
        label_of(path, people), "there is a scan: MR pictures in DICOM, or NIfTI",
        f"nothing of the kind among {len(skipped)} files: {listed(why)}" if why else "no file",
        "Give the folder of the series, or a .nii or .nii.gz file.",
    )  # fmt: skip
