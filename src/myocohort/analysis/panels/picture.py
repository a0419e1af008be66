"""Reading a picture for a panel: checked, cropped, reduced, eight bits, nothing else kept."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PureWindowsPath

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "TIFF")
MOST_PIXELS = 50_000_000
"""Larger pictures are not decoded: one of these takes about 0.5 s and 400 MB."""
MOST_BYTES = 300_000_000
LONGEST = 1200
"""Pixels of the longer side of a reduced picture."""
MOST_OBLONG = 4
"""Longer side by shorter side of what is shown."""
_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)
_WITHOUT_COLOUR = ("1", "L", "LA", "La")
_DEEP = ("I", "F")  # and I;16, I;16B ...
_KEPT = 32  # reduced pictures between the computing and the writing of the results


class LeftOutError(Exception):
    """Why a picture cannot be shown, in words that name no file."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is shown.

    Parameters
    ----------
    width, height
        Pixels of the upright file, before cropping.
    mode
        Of the file, as Pillow calls it: L, RGB, I;16 ...
    several
        Whether the file holds further pictures, as a stack or an animation does.
    crop
        Left, top, width and height of what is shown, in pixels of the upright file.
    window
        Values that are shown black and white, of a picture of more than eight bits.
    transparent
        Whether parts of it are transparent.
    shown
        The reduced picture, L or RGB, without metadata.
    """

    width: int
    height: int
    mode: str
    several: bool
    crop: tuple[int, int, int, int]
    window: tuple[float, float] | None
    transparent: bool
    shown: Image.Image

    @property
    def ending(self) -> str:
        """Ending of its file: JPEG where it has colours, else PNG."""
        return "jpg" if self.shown.mode == "RGB" else "png"

    def encoded(self) -> bytes:
        """Return the bytes of its file."""
        buffer = io.BytesIO()
        if self.ending == "jpg":
            self.shown.save(buffer, "JPEG", quality=92, subsampling=0)
        else:
            self.shown.save(buffer, "PNG")
        return buffer.getvalue()


def place_of(name: str, folder: Path) -> Path:
    """Return the path of a file of the study folder.

    Raises
    ------
    LeftOutError
        Where it is missing, no file, or leads out of the folder, also by a link.
    """
    windows = PureWindowsPath(name)
    if Path(name).is_absolute() or windows.drive or windows.root:
        raise LeftOutError("its path is not relative to the study folder")
    try:
        inside = folder.resolve()
        path = (inside / name).resolve()
        if not path.is_relative_to(inside):
            raise LeftOutError("its path leads out of the study folder")
        if not path.exists():
            raise LeftOutError("the file is missing")
        if not path.is_file():
            raise LeftOutError("what stands there is no file")
    except (OSError, ValueError, RuntimeError) as error:  # also a name with NUL, a ring of links
        raise LeftOutError("its path cannot be read") from error
    return path


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    LeftOutError
        Where it is too large or cannot be read.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LeftOutError(f"the file has more than {MOST_BYTES // 1_000_000} MB")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LeftOutError(f"the file cannot be read ({error.strerror})") from error


@lru_cache(maxsize=_KEPT)
def read_picture(
    path: Path, sha256: str, crop: tuple[int, int, int, int] | None, kind: str, longest: int
) -> Picture:
    """Read a picture.

    Parameters
    ----------
    path
        PNG, JPEG or TIFF.
    sha256
        Of its bytes, so that a changed file is read anew.
    crop
        Part that is shown; the whole of it if None.
    kind
        `mri`: what is transparent is shown black, otherwise white.
    longest
        Pixels of the longer side that are enough; never more than `LONGEST`.

    Raises
    ------
    LeftOutError
        With the reason, whatever is wrong with the file.
    """
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # What Pillow says of odd metadata does not matter here.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as opened:
                return _read(opened, crop, kind, min(longest, LONGEST))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LeftOutError(_too_large()) from error
    except UnidentifiedImageError as error:
        raise LeftOutError("the file is no PNG, JPEG or TIFF picture") from error
    except MemoryError as error:
        raise LeftOutError(_too_large()) from error
    except LeftOutError:
        raise
    except Exception as error:  # a damaged file makes a decoder fail in any way
        if "truncated" in str(error).lower():
            raise LeftOutError("the file is truncated") from error
        raise LeftOutError("the file is damaged, or of a kind that is not read") from error


def _too_large(size: tuple[int, int] | None = None) -> str:
    found = f"{size[0]} × {size[1]}; " if size else ""
    return (
        f"the picture is too large ({found}at most {MOST_PIXELS // 1_000_000} million pixels): "
        "save a smaller one"
    )


def _read(
    opened: Image.Image, crop: tuple[int, int, int, int] | None, kind: str, longest: int
) -> Picture:
    mode, size = opened.mode, opened.size
    if size[0] * size[1] > MOST_PIXELS:
        raise LeftOutError(_too_large(size))
    several = bool(getattr(opened, "is_animated", False))
    drafted = False
    if opened.format == "JPEG":
        if opened.getexif().get(_ORIENTATION) in _ON_ITS_SIDE:
            size = size[::-1]
        shown = max(crop[2:]) if crop else max(size)
        enough = min(1.0, 2 * longest / shown)  # twice, so that the reduction is ours
        wanted = (max(1, int(opened.width * enough)), max(1, int(opened.height * enough)))
        drafted = opened.draft(None, wanted) is not None
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    if not drafted:
        size = opened.size
    box = _box(crop, size)
    part = _part(opened, size, box)
    window = None
    if part.mode in _DEEP or part.mode.startswith("I;"):
        part, window = _eight_bits(part)
    transparent = "transparency" in opened.info or part.mode in ("LA", "PA", "RGBA", "La", "RGBa")
    factor = min(1.0, longest / max(part.size))
    target = tuple(max(1, round(side * factor)) for side in part.size)
    shown_picture = _plain(_reduced(part, (target[0], target[1]), transparent), kind)
    return Picture(size[0], size[1], mode, several, box, window, transparent, shown_picture)


def _box(
    crop: tuple[int, int, int, int] | None, size: tuple[int, int]
) -> tuple[int, int, int, int]:
    left, top, width, height = crop or (0, 0, *size)
    if left + width > size[0] or top + height > size[1]:
        raise LeftOutError(f"the crop reaches out of the picture ({size[0]} × {size[1]} pixels)")
    if max(width, height) > MOST_OBLONG * min(width, height):
        raise LeftOutError(
            f"{width} × {height} pixels are too oblong for a panel (at most {MOST_OBLONG} to 1): "
            "give a crop"
        )
    return left, top, width, height


def _part(
    opened: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int]
) -> Image.Image:
    """Cut out what is shown of a picture that may have been decoded at a reduced size."""
    left, top, width, height = box
    if (width, height) == size:
        return opened
    across, down = opened.width / size[0], opened.height / size[1]
    edges = (left * across, top * down, (left + width) * across, (top + height) * down)
    x0, y0 = round(edges[0]), round(edges[1])
    x1, y1 = max(round(edges[2]), x0 + 1), max(round(edges[3]), y0 + 1)
    return opened.crop((x0, y0, min(x1, opened.width), min(y1, opened.height)))


def _eight_bits(part: Image.Image) -> tuple[Image.Image, tuple[float, float]]:
    """Show the smallest value black and the largest white, in between evenly."""
    values = np.asarray(part)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, np.nan)
        if np.isnan(values).all():
            raise LeftOutError("it holds no number")
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        values = np.nan_to_num(values, nan=low)
    else:
        low, high = float(values.min()), float(values.max())
    span = high - low or 1.0
    grey = ((values.astype(np.float32) - np.float32(low)) * np.float32(255 / span)).round()
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8)), (low, high)


def _reduced(part: Image.Image, target: tuple[int, int], transparent: bool) -> Image.Image:
    """Bring a picture to its size, with colours or greys that can be averaged."""
    if part.mode in ("P", "PA") or (transparent and part.mode in ("RGB", "L")):
        part = part.convert("RGBA" if transparent else "RGB")
    elif part.mode == "1":
        part = part.convert("L")
    if part.size == target:
        return part
    return part.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _plain(part: Image.Image, kind: str) -> Image.Image:
    """Return a picture in L or RGB that holds pixels and nothing else."""
    colour = "L" if part.mode in _WITHOUT_COLOUR else "RGB"
    if part.mode in ("LA", "La", "RGBA", "RGBa"):
        part = part.convert("RGBA")
        ground = Image.new("RGBA", part.size, "black" if kind == "mri" else "white")
        part = Image.alpha_composite(ground, part)
    part = part.convert(colour)
    # Pillow would write comments, profiles and EXIF of the file again: a new picture has none.
    return Image.frombytes(part.mode, part.size, part.tobytes())
