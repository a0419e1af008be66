from __future__ import annotations

import os
from pathlib import Path

import pytest

from myocohort.report.files import write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """The old content goes, and the folder holds the one file."""
    path = tmp_path / "report.html"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written, and the link is not replaced."""
    target, link = tmp_path / "target.html", tmp_path / "link.html"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_folder_and_a_pipe_are_not_replaced(tmp_path: Path) -> None:
    """A place that is no file is refused before anything is written."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (tmp_path, pipe):
        with pytest.raises(OSError, match="this is none"):
            write_whole(place, b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["pipe"]
