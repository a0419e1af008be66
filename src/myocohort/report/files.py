"""Writing a document whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that no half of it is ever seen.

    A link is followed to the file that it leads to.

    Raises
    ------
    OSError
        When the file cannot be written, or the place is taken by a folder or a device, which
        would be replaced.
    """
    place = path.resolve()
    if place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, "what is written is a file, and this is none", str(path))
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, place)
    finally:
        beside.unlink(missing_ok=True)
