"""Pictures that are made for the tests of panels."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def coloured(width: int = 300, height: int = 200) -> Image.Image:
    """Return a picture whose red grows to the right and green downwards."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    values = np.stack([red, green, np.full_like(red, 90)], axis=-1)
    return Image.fromarray(values.astype(np.uint8))


def deep(low: int = 100, high: int = 4000, dtype: str = "uint16") -> Image.Image:
    """Return a picture of more than eight bits."""
    return Image.fromarray(np.linspace(low, high, 64 * 48).reshape(48, 64).astype(dtype))


def huge_png(path: Path, width: int, height: int) -> None:
    """Write a PNG that claims a size and holds almost nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def bytes_of(image: Image.Image, kind: str, **settings: object) -> bytes:
    """Return a picture's file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()
