"""Files that are no paper's text are named as what they are, with the next step."""

from __future__ import annotations

import io
import zipfile

import pytest

from myocohort.errors import PaperFileError
from myocohort.papers.draft import reading
from myocohort.papers.draft.reading import read_document


def problem_of(path):
    """Return the one problem that reading a file ends with."""
    with pytest.raises(PaperFileError) as raised:
        read_document(path)
    (problem,) = raised.value.problems
    assert problem.file == str(path)
    assert problem.next_step
    return problem


def docx():
    """Return the bytes of a file as a word processor writes it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return held.getvalue()


LAUGHS = """<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><article><body><p>&b;</p></body></article>"""
FETCHES = """<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<article><body><p>&a;</p></body></article>"""


@pytest.mark.parametrize(
    ("name", "data", "value", "step"),
    [
        ("a.pdf", b"%PDF-1.7\n1 0 obj", "a PDF file", "pdftotext"),
        ("a.txt", b"%PDF-1.7\n/Encrypt 5 0 R", "an encrypted PDF file", "pdftotext"),
        ("a.docx", docx(), "zip archive", "Save it as text"),
        ("a.txt", docx(), "zip archive", "Save it as text"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted Office", "password"),
        ("a.html.gz", b"\x1f\x8b\x08\x00", "gzip", "Unpack"),
        ("a.rtf", b"{\\rtf1 text}", "rich text", "Save it as text"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a picture", "text"),
        ("a.txt", b"-----BEGIN PGP MESSAGE-----\n", "encrypted", "Decrypt"),
        ("a.txt", b"some\x00bytes", "binary or encrypted", "Export"),
        ("a.md", bytes(range(1, 32)) * 20, "binary or encrypted", "Export"),
        ("a.txt", b"", "an empty file", "Export"),
        ("a.html", b" \n\xc2\xa0\t\n", "nothing but spaces", "Export"),
        ("a.txt", b"\xef\xbb\xbf\n", "nothing but spaces", "Export"),
    ],
)
def test_no_text(name, data, value, step, tmp_path):
    """PDF, Office, archives, pictures, binary and empty files are told by their content."""
    path = tmp_path / name
    path.write_bytes(data)
    problem = problem_of(path)
    assert value in problem.value
    assert step in problem.next_step


def test_missing_file_and_folder(tmp_path):
    """A missing file and a folder are told apart."""
    assert "exists" in problem_of(tmp_path / "nothing.txt").rule
    assert problem_of(tmp_path).value == "a folder"


def test_too_large(tmp_path, monkeypatch):
    """A file above the limit is refused before it is read."""
    monkeypatch.setattr(reading, "LARGEST", 10)
    path = tmp_path / "a.txt"
    path.write_bytes(b"twelve bytes")
    assert "50 MB" in problem_of(path).rule


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("<?xml version='1.0'?><records><r/></records>", "is JATS", "<records>"),
        ("<article><body><p>cut off", "well-formed", "line 1"),
        ("", "text", "empty"),
        (LAUGHS, "declares no entities", ""),
        (FETCHES, "declares no entities", ""),
        ("<article><body><p>&unknown;</p></body></article>", "well-formed", "undefined entity"),
    ],
)
def test_xml_that_is_no_article(text, rule, value, tmp_path):
    """XML without an article, broken XML, and XML with entities of its own are refused."""
    path = tmp_path / "a.xml"
    path.write_text(text, encoding="utf-8")
    problem = problem_of(path)
    assert rule in problem.rule
    assert value in problem.value


def test_elements_nested_without_end(tmp_path):
    """Elements that are nested thousands of levels deep end in a clear error."""
    path = tmp_path / "a.xml"
    path.write_text("<article><body>" + "<sec>" * 5000 + "</sec>" * 5000 + "</body></article>")
    assert "nested" in problem_of(path).rule
    path = tmp_path / "a.html"
    path.write_text("<html>" + "<div>" * 5000 + "text")
    assert "nested" in problem_of(path).rule


@pytest.mark.parametrize(
    ("data", "guessed"),
    [
        ("37.3 ± 18.1 – Müller".encode(), ""),
        ("37.3 ± 18.1 – Müller".encode("utf-8-sig"), ""),
        ("37.3 ± 18.1 – Müller".encode("utf-16"), ""),
        ("The mean was 37.3 ± 18.1 – see Müller et al.".encode("cp1252"), "Windows-1252"),
    ],
)
def test_encodings(data, guessed, tmp_path):
    """UTF-8 and UTF-16 are read without a word; Windows-1252 is read and said to be a guess."""
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    document = read_document(path)
    assert "37.3 ± 18.1 – " in document.blocks[0].text
    assert "Müller" in document.blocks[0].text
    assert [guessed in unread.why for unread in document.unread] == [True] * bool(guessed)


def test_encodings_that_a_file_declares(tmp_path):
    """XML and HTML are read in the encoding that they declare."""
    path = tmp_path / "a.xml"
    text = "<?xml version='1.0' encoding='ISO-8859-1'?><article><body><p>± é</p></body></article>"
    path.write_bytes(text.encode("latin-1"))
    assert read_document(path).blocks[0].text == "± é"
    path = tmp_path / "a.html"
    path.write_bytes("<html><meta charset='koi8-r'><p>опыт</p></html>".encode("koi8-r"))
    assert read_document(path).blocks[0].text == "опыт"


@pytest.mark.parametrize(
    "data",
    [
        "данные о больных".encode("koi8-r"),
        "The mean was 3 ± 1, ".encode() * 9 + b"\xc2",
        "病人的数据".encode("gb18030"),
        b"<html><meta charset='no-such-code'><p>\xb1</p></html>",
        b"\xff\xfe\x00",
    ],
)
def test_bytes_that_cannot_be_told(data, tmp_path):
    """Bytes that only look like text in a guessed encoding are refused, with their place."""
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    problem = problem_of(path)
    assert "characters" in problem.rule
    assert problem.value.startswith("byte 0x")
    assert problem.row == 1


def test_lost_characters_are_listed(written):
    """Replacement characters from an earlier program are pointed out."""
    document = written("The mean was 3 \ufffd 1.")
    assert "already lost" in document.unread[0].why


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.txt", "<!DOCTYPE html><html><h1>By content</h1></html>", "By content"),
        (
            "a.txt",
            "<?xml version='1.0'?><!DOCTYPE article PUBLIC 'x' 'http://no.where/JATS.dtd'>"
            "<article><front><article-title>By content</article-title></front></article>",
            "By content",
        ),
        ("a.xml", "<?xml version='1.0'?><html><h1>By content</h1></html>", "By content"),
        ("a.MD", "# By suffix\n", "By suffix"),
    ],
)
def test_the_format_is_told_by_content_before_the_suffix(name, text, title, written):
    """HTML and JATS are known by their first lines whatever the file is called."""
    assert written(text, name).title == title
