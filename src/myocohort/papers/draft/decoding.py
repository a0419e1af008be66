"""The characters behind a file's bytes, and what kinds of file are no text at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from myocohort.errors import Problem

__all__ = ["Decoded", "decode", "foreign"]

_AS_TEXT = (
    "Export it as text or HTML first, for example: pdftotext paper.pdf paper.txt (with -layout "
    "where the page has one column)."
)
_SAVE_AS = "Save it as text, HTML or Markdown first."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive, as .docx, .odt and .epub are", _SAVE_AS),
    (b"PK\x05\x06", "an empty zip archive", _SAVE_AS),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old or encrypted Office file",
        "Open it with its password and save it as text, HTML or Markdown first.",
    ),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (b"BZh", "a bzip2 archive", "Unpack it first."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"{\\rtf", "a rich text file (RTF)", _SAVE_AS),
    (b"%!PS", "a PostScript file", _AS_TEXT),
    (b"-----BEGIN PGP", "an encrypted message", "Decrypt it first."),
    (b"\x89PNG", "a picture", "Take the paper's text, not a picture of it."),
    (b"\xff\xd8\xff", "a picture", "Take the paper's text, not a picture of it."),
    (b"GIF8", "a picture", "Take the paper's text, not a picture of it."),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)|<meta[^>]*\bcharset\s*=\s*["']?([\w.:-]+)""",
    re.IGNORECASE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
# What UTF-8 looks like when it is read as Windows-1252, and runs that no Latin text has.
_MISREAD = re.compile(r"[ÃÂ][\x80-¿‚-›]|â€|[À-ÿ]{4}|[\x80-\x9f]")
_CODINGS = (("cp1252", "Windows-1252"), ("latin-1", "Latin-1"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text.

    Parameters
    ----------
    text
        The characters.
    guessed
        The name of the encoding where the file does not show or say it; otherwise empty.
    """

    text: str
    guessed: str = ""


def foreign(data: bytes) -> Problem | None:
    """Return what is wrong with bytes that are no text, or None."""
    rule = "a paper is read from text, Markdown, HTML or JATS XML"
    if b"%PDF-" in data[:1024]:
        locked = b"/Encrypt" in data
        found = "an encrypted PDF file" if locked else "a PDF file"
        return Problem(rule=rule, value=found, next_step=_AS_TEXT)
    for signature, found, step in _SIGNATURES:
        if data.startswith(signature):
            return Problem(rule=rule, value=found, next_step=step)
    if any(data.startswith(mark) for mark, _ in _BOMS):
        return None
    strange = sum(byte < 9 or 13 < byte < 32 for byte in data[:65536])
    if b"\x00" in data or strange > 0.01 * len(data[:65536]):
        return Problem(
            rule=rule,
            value="a binary or encrypted file",
            next_step="Export the paper as text or HTML first.",
        )
    return None


def decode(data: bytes) -> Decoded | Problem:
    """Return the text of bytes: UTF-8 first, then what the file declares, then a guess.

    Windows-1252 and Latin-1 give some text for almost all bytes, so they are taken only where
    the result has no sign of being misread.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return Decoded(data.decode(name))
            except UnicodeDecodeError as error:
                return _undecodable(data, error.start, f"as the {name} that its first bytes show")
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        start = error.start
    declared = _DECLARED.search(data[:4096])
    if declared is not None:
        name = (declared[1] or declared[2]).decode("ascii")
        try:
            if codecs.lookup(name).name != "utf-8":
                return Decoded(data.decode(name))
        except (LookupError, UnicodeError):
            return _undecodable(data, start, f"as the {name} that it declares")
    for name, called in _CODINGS:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        beyond = sum(ord(sign) > 127 for sign in text)
        if not _MISREAD.search(text) and not _CONTROLS.search(text) and beyond * 10 <= len(text):
            return Decoded(text, called)
    return _undecodable(data, start, "as UTF-8")


def _undecodable(data: bytes, start: int, how: str) -> Problem:
    line = data.count(b"\n", 0, start) + 1
    return Problem(
        rule=f"the characters of the file can be read {how}",
        value=f"byte 0x{data[start]:02x}",
        row=line,
        next_step="Open it in the program that wrote it and save it as UTF-8.",
    )
