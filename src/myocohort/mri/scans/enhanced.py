"""Enhanced multi-frame files: each frame is placed by its functional groups, never by order."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset

from myocohort.mri.scans.frames import (
    Frame,
    FrameError,
    component_of,
    day_of,
    field_of,
    maker_of,
    number,
    numbers,
    person_of,
    place_of,
    text,
    texts,
    whole,
)
from myocohort.mri.scans.sequence import Tags

_METHODS = {"SPIN": "SE", "GRADIENT": "GR", "BOTH": "SE"}
"""EchoPulseSequence in the words of the classic ScanningSequence."""


class Groups:
    """The functional groups of one frame: its own, then those that all frames share."""

    def __init__(self, own: Dataset, shared: Dataset) -> None:
        self._both = (own, shared)

    def group(self, name: str) -> Dataset:
        """Return the first item of a group; an empty one where the group is absent."""
        for groups in self._both:
            items = groups.get(name)
            if items:
                first: Dataset = items[0]
                return first
        return Dataset()


def frames_of(dataset: Dataset, path: Path, label: str, syntax: str) -> list[Frame]:
    """Return the frames of an enhanced MR file.

    Raises
    ------
    FrameError
        Where frames lack their place, or there are more frames than groups.
    """
    per_frame = list(dataset.PerFrameFunctionalGroupsSequence)
    shared = dataset.get("SharedFunctionalGroupsSequence")
    common = shared[0] if shared else Dataset()
    count = whole(dataset, "NumberOfFrames") or len(per_frame)
    if count != len(per_frame):
        raise FrameError(
            f"each of the {count} frames has its functional groups ({len(per_frame)} are there)"
        )
    person = person_of(dataset)
    return [
        _frame(dataset, Groups(own, common), path, label, index, syntax, person)
        for index, own in enumerate(per_frame)
    ]


def _frame(
    dataset: Dataset, groups: Groups, path: Path, label: str, index: int, syntax: str, person: int
) -> Frame:
    """Return one frame."""
    measures = groups.group("PixelMeasuresSequence")
    content = groups.group("FrameContentSequence")
    scale = groups.group("PixelValueTransformationSequence")
    try:
        position, row, column, spacing = place_of(
            numbers(groups.group("PlanePositionSequence"), "ImagePositionPatient", 3),
            numbers(groups.group("PlaneOrientationSequence"), "ImageOrientationPatient", 6),
            numbers(measures, "PixelSpacing", 2),
        )
    except FrameError as error:
        raise FrameError(f"{error}, in frame {index + 1}") from error
    kind = groups.group("MRImageFrameTypeSequence")
    image_type = texts(kind, "FrameType") or texts(dataset, "ImageType")
    component = text(kind, "ComplexImageComponent") or text(dataset, "ComplexImageComponent")
    maker = maker_of(dataset)
    slope = number(scale, "RescaleSlope")
    return Frame(
        path=path, label=label, index=index, uid=f"{text(dataset, 'SOPInstanceUID')}#{index}",
        series=text(dataset, "SeriesInstanceUID"), series_number=whole(dataset, "SeriesNumber"),
        person=person, reference_frame=text(dataset, "FrameOfReferenceUID"),
        position=position, along_row=row, along_column=column, spacing=spacing,
        size=(whole(dataset, "Rows") or 0, whole(dataset, "Columns") or 0),
        thickness=number(measures, "SliceThickness"),
        between=number(measures, "SpacingBetweenSlices"),
        slope=1.0 if slope is None else slope,
        intercept=number(scale, "RescaleIntercept") or 0.0,
        component=component_of(image_type, component.upper(), None, maker),
        tags=_tags(dataset, groups, image_type),
        stack_id=text(content, "StackID"),
        acquisition=whole(content, "FrameAcquisitionNumber"),
        temporal=whole(content, "TemporalPositionIndex"),
        trigger_ms=number(groups.group("CardiacSynchronizationSequence"),
                          "NominalCardiacTriggerDelayTime"),
        date=day_of(content, "FrameAcquisitionDateTime")
        or day_of(dataset, "AcquisitionDateTime", "AcquisitionDate", "SeriesDate", "ContentDate",
                  "StudyDate"),
        vendor=maker, syntax=syntax, private_scale=number(dataset, (0x2005, 0x100E)),
        contrast=bool(dataset.get("ContrastBolusAgentSequence")),
        lossy=text(dataset, "LossyImageCompression") == "01", promised=None,
    )  # fmt: skip


def _tags(dataset: Dataset, groups: Groups, image_type: tuple[str, ...]) -> Tags:
    """Return what the groups tell of the sequence, in the words of the classic tags."""
    timing = groups.group("MRTimingAndRelatedParametersSequence")
    echo = groups.group("MREchoSequence")
    modifier = groups.group("MRModifierSequence")
    pulse = text(dataset, "EchoPulseSequence").upper()
    inverted = text(modifier, "InversionRecovery").upper() == "YES"
    methods = [_METHODS[pulse]] if pulse in _METHODS else []
    if inverted:
        methods.append("IR")
    spectral = text(modifier, "SpectrallySelectedSuppression").upper()
    return Tags(
        image_type=image_type,
        description=text(dataset, "SeriesDescription") or text(dataset, "ProtocolName"),
        scanning_sequence=tuple(methods),
        options=("FS",) if spectral in ("FAT", "FAT_AND_WATER") else (),
        repetition_ms=number(timing, "RepetitionTime"),
        echo_ms=number(echo, "EffectiveEchoTime") or None,
        inversion_ms=(number(modifier, "InversionTimes") or None) if inverted else None,
        field_t=field_of(dataset),
    )
