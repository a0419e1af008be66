"""Which sequence a scan is: from image type, timing, description or file name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from myocohort.mri.scan import Kind, Sequence

FAT_SHIFT_HZ_PER_T = 3.4 * 42.577
"""Fat precesses 3.4 ppm slower than water (main methylene peak), 42.577 MHz per tesla."""

IN_PHASE_TURNS = 0.1
"""An echo counts as in or out of phase within a tenth of a turn (cos 36 degrees = 0.8)."""

STIR_INVERSION_MS = (90.0, 300.0)
"""Fat is nulled at ln 2 of its T1: 130-180 ms at 1.5 T, 200-260 ms at 3 T; less with a short TR."""

T1_REPETITION_MS, T1_ECHO_MS = 1100.0, 30.0
T2_REPETITION_MS, T2_ECHO_MS = 1800.0, 50.0
"""Usual limits of weighting for spin echoes; between them lies proton density."""

_PARTS: dict[Kind, frozenset[str]] = {
    "dixon-water": frozenset({"W", "WATER"}),
    "dixon-fat": frozenset({"F", "FAT"}),
    "dixon-in": frozenset({"IP", "IN", "IN_PHASE", "INPHASE", "IN PHASE"}),
    "dixon-out": frozenset(
        {"OP", "OUT", "OUT_PHASE", "OUTPHASE", "OPP_PHASE", "OPP", "OPPOSED_PHASE", "OUT PHASE"}
    ),
    "dixon-fraction": frozenset({"FF", "FAT_FRACTION", "FATFRACTION", "FAT_FRAC", "PDFF"}),
}
_LOCALISER = frozenset({"LOCALIZER", "LOCALISER"})

_NAMES: tuple[tuple[Kind, str], ...] = (
    ("localiser", r"localis?z?er|loc|scout|survey|3-?plane"),
    ("dixon-fraction", r"fat[ _-]?frac(?:tion)?|pdff"),
    ("dixon-out", r"out[ _-]?(?:of[ _-]?)?phase|opp(?:osed)?(?:[ _-]?phase)?"),
    ("dixon-in", r"in[ _-]?phase"),
    ("stir", r"stir|tirm|tir"),
    ("t1", r"t1w?(?!\d|[ _-]?map)"),
    ("t2", r"t2w?(?!\d|\*|[ _-]?(?:star|map))"),
)
_DIXON = r"m?dixon|ideal(?:[ _-]?iq)?|lava|flex|vibe|dual|q-?dixon"
_DIXON_PARTS: tuple[tuple[Kind, str], ...] = (
    ("dixon-water", r"water|w"), ("dixon-fat", r"fat|f"),
    ("dixon-in", r"in|ip"), ("dixon-out", r"out|op|opp"),
)  # fmt: skip
_SUPPRESSED = r"fs|fat[ _-]?(?:sat(?:urated)?|supp?(?:ressed)?)|spair|spir|chess|proset"


@dataclass(frozen=True, slots=True)
class Tags:
    """What a header or a sidecar tells of the sequence; times in ms, field in tesla."""

    image_type: tuple[str, ...] = ()
    description: str = ""
    scanning_sequence: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    repetition_ms: float | None = None
    echo_ms: float | None = None
    inversion_ms: float | None = None
    field_t: float | None = None


def part_of(image_type: tuple[str, ...]) -> Kind:
    """Return what an image type says outright: a part of a Dixon, a localiser, or "unknown".

    The first two values (ORIGINAL or DERIVED, PRIMARY or SECONDARY) say nothing of it. Siemens
    writes WATER, FAT, IN_PHASE, OPP_PHASE or W, F, IN, OPP; Philips W, F, IP, OP, FF; GE and
    enhanced objects WATER, FAT, IN_PHASE, OUT_PHASE.
    """
    values = {one.strip().upper() for one in image_type[2:]}
    if values & _LOCALISER:
        return "localiser"
    found = [kind for kind, words in _PARTS.items() if values & words]
    return found[0] if len(found) == 1 else "unknown"


def word(pattern: str, text: str) -> str:
    """Return the part of a text that matches as a word of its own, or nothing.

    "_", "-" and digits that number it may follow: "T1_tse", "stir2".
    """
    found = re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z])", text, flags=re.IGNORECASE)
    return found.group(0) if found else ""


def guess(tags: Tags, *, named: Literal["series description", "file name"]) -> Sequence:
    """Say what a sequence is.

    Parameters
    ----------
    tags
        What is known; for a NIfTI without sidecar, its name as the description.
    named
        Where the description comes from, for `because`.

    Returns
    -------
    Sequence
        "stated" where the image type says just this; "likely" by a name that the timing does
        not contradict, or by timing alone; "unknown" with the reason otherwise. Only the word
        that counted is quoted, never a description as a whole.
    """
    part = part_of(tags.image_type)
    if part != "unknown":
        return Sequence(part, "stated", f"the image type says {part.removeprefix('dixon-')}")
    kind, because = _by_name(tags.description, named)
    timed, timing = _by_timing(tags)
    suppressed = _suppressed(tags, named)
    if kind == "unknown":
        kind, because = timed, timing
    elif timed not in ("unknown", kind) and not _both_hold(kind, timed):
        return Sequence("unknown", "unknown", f"{because}, but {timing}: {_CONTRADICT}")
    elif timing and kind != "localiser":
        because = f"{because}; {timing}"
    if kind == "t1" and suppressed:
        return Sequence("unknown", "unknown", f"{because}; {_FAT_DARK} ({suppressed}): fat is dark")
    if kind == "t2" and suppressed:
        because = f"{because}; {_FAT_DARK} ({suppressed})"
    if kind == "unknown":
        return Sequence("unknown", "unknown", because or "neither tags nor name tell")
    return Sequence(kind, "likely", because)


def contradiction(stated: Kind, guessed: Sequence) -> str:
    """Say where tags or name speak against a user's statement; empty where they do not."""
    if stated in ("unknown", guessed.kind):
        return ""
    if guessed.kind == "unknown":
        doubts = [_CONTRADICT, *_DOUBTS.get(stated, ())]
        if not any(doubt in guessed.because for doubt in doubts):
            return ""
        return f"stated to be {stated}, but {guessed.because}"
    if stated in _MAY_BE.get(guessed.kind, ()):
        return ""
    return f"stated to be {stated}, but it looks like {guessed.kind}: {guessed.because}"


_CONTRADICT = "they contradict"
_NO_NULL = "does not null fat"
_FAT_DARK = "with fat suppression"
_DOUBTS: dict[Kind, tuple[str, ...]] = {"t1": (_FAT_DARK, _NO_NULL), "stir": (_NO_NULL,)}
"""Reasons for "unknown" that speak against a statement."""

_DIXONS: tuple[Kind, ...] = ("dixon-water", "dixon-fat", "dixon-fraction", "dixon-echo")
_MAY_BE: dict[Kind, tuple[Kind, ...]] = {
    "dixon-echo": ("t1", "dixon-in", "dixon-out", *_DIXONS),
    "dixon-in": ("t1", *_DIXONS),
    "dixon-out": ("t1", *_DIXONS),
    "t1": ("dixon-in", "dixon-out", *_DIXONS),
    "t2": ("dixon-in", "dixon-out", *_DIXONS),
}
"""What else a scan may be that looks like this: spin echoes are made as Dixons too, and
T1-weighted gradient echoes look like echoes of a Dixon."""


def _both_hold(kind: Kind, timed: Kind) -> bool:
    """Whether a name and a timing fit each other.

    A gradient echo's timing speaks against STIR and T2 (it would be a T2*), and in phase against
    out of phase; water and fat are computed from echoes at any time, and T1-weighted gradient
    echoes have short echo times as well.
    """
    if timed in ("dixon-in", "dixon-out", "dixon-echo"):
        return kind not in ("stir", "t2") and {kind, timed} != {"dixon-in", "dixon-out"}
    return kind.startswith("dixon") or kind == "localiser"


def _by_name(text: str, named: str) -> tuple[Kind, str]:
    """Return what a description or a file name says, and the word that says it."""
    dixon = word(_DIXON, text)
    if dixon:
        said = [(kind, word(pattern, text)) for kind, pattern in _DIXON_PARTS]
        parts = [(kind, found) for kind, found in said if found]
        if len(parts) == 1:
            return parts[0][0], f"the {named} says '{dixon}' and '{parts[0][1]}'"
    for kind, pattern in _NAMES:
        found = word(pattern, text)
        if found:
            return kind, f"the {named} says '{found}'"
    start = re.match(r"\s*(water|fat|inphase|outphase)\s*:", text, flags=re.IGNORECASE)
    if start:  # GE's LAVA-Flex and IDEAL
        begins: dict[str, Kind] = {
            "water": "dixon-water", "fat": "dixon-fat",
            "inphase": "dixon-in", "outphase": "dixon-out",
        }  # fmt: skip
        return begins[start.group(1).lower()], f"the {named} begins with '{start.group(1)}:'"
    if dixon and dixon.lower() not in ("vibe", "lava", "flex", "dual"):
        return "dixon-echo", f"the {named} says '{dixon}'"
    return "unknown", ""


def _by_timing(tags: Tags) -> tuple[Kind, str]:
    """Return what repetition, echo and inversion times say, and how."""
    repetition, echo, inversion = tags.repetition_ms, tags.echo_ms, tags.inversion_ms
    methods = {one.upper() for one in tags.scanning_sequence}
    if inversion and ("IR" in methods or not methods or "SE" in methods):
        if STIR_INVERSION_MS[0] <= inversion <= STIR_INVERSION_MS[1]:
            return "stir", f"an inversion time of {inversion:g} ms nulls fat"
        return "unknown", f"an inversion time of {inversion:g} ms {_NO_NULL}"
    if "GR" in methods and echo:
        return _gradient(echo, tags.field_t)
    if "GR" in methods or repetition is None or echo is None:
        return "unknown", ""
    timing = f"repetition {repetition:g} ms and echo {echo:g} ms"
    if repetition <= T1_REPETITION_MS and echo <= T1_ECHO_MS and methods:
        return "t1", timing
    if repetition >= T2_REPETITION_MS and echo >= T2_ECHO_MS and methods:
        return "t2", timing
    return "unknown", f"{timing} do not tell the weighting"


def _gradient(echo_ms: float, field_t: float | None) -> tuple[Kind, str]:
    """Tell in from out of phase by the turns that fat lags behind water at the echo."""
    if field_t is None:
        return "dixon-echo", f"a gradient echo at {echo_ms:g} ms, field strength not told"
    turns = echo_ms / 1000 * FAT_SHIFT_HZ_PER_T * field_t
    rest = turns % 1
    text = f"a gradient echo at {echo_ms:g} ms and {field_t:g} T"
    if min(rest, 1 - rest) <= IN_PHASE_TURNS and turns > 0.5:
        return "dixon-in", f"{text} is in phase"
    if abs(rest - 0.5) <= IN_PHASE_TURNS:
        return "dixon-out", f"{text} is out of phase"
    return "dixon-echo", f"{text} is neither in nor out of phase"


def _suppressed(tags: Tags, named: str) -> str:
    """Return what says that fat was suppressed; empty where nothing does."""
    if any(one.strip().upper() == "FS" for one in tags.options):
        return "scan options say FS"
    found = word(_SUPPRESSED, tags.description)
    return f"the {named} says '{found}'" if found else ""
