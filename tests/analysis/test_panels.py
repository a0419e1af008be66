"""Panels of images: what is read, what is refused, and what never gets into the results."""

from __future__ import annotations

import hashlib
import json
import math
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_pictures import bytes_of, coloured, deep, huge_png
from PIL import Image

from myocohort.analysis.panels.panels import (
    MOST_IMAGES,
    describe_panels,
    methods_of_panels,
    scale_bar,
    write_panels,
)
from myocohort.analysis.panels.picture import read_picture

NAME = "Doe_John_1950"


@pytest.fixture
def describe(tmp_path: Path, make_plan, make_records):
    """Return a function that describes the panels of a study file's text."""

    def run(text: str) -> dict[str, Any]:
        asked = SimpleNamespace(
            plan=make_plan(text), records=make_records(patients=[{"patient": "P1"}])
        )
        section = describe_panels(asked)
        assert json.loads(json.dumps(section, allow_nan=False)) == section
        return section

    return run


@pytest.fixture
def one(tmp_path: Path, describe):
    """Return a function that puts a picture into a panel of its own and describes it."""

    def run(content: Image.Image | bytes, ending: str = "png", more: str = "", kind: str = "mri"):
        path = tmp_path / f"{NAME}.{ending}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path)
        text = panel(f'{{file = "{path.name}", label = "L", um_per_pixel = 0.5{more}}}', kind)
        (image,) = describe(text)["panels"][0]["images"]
        return image

    return run


def panel(images: str, kind: str = "micrograph") -> str:
    """Return the text of a panel."""
    return f'[[panels]]\ntitle = "Biopsies"\nkind = "{kind}"\nimages = [{images}]\n'


def reduced(
    tmp_path: Path, text: str, make_plan, section: dict[str, Any]
) -> list[tuple[Image.Image, bytes]]:
    """Write the reduced pictures and read them."""
    paths = write_panels(make_plan(text), {"panels": section}, tmp_path / "out")
    read = []
    for path in paths:
        with Image.open(path) as opened:
            opened.load()
            read.append((opened, path.read_bytes()))
    return read


def test_an_image_is_described_without_its_name(one, tmp_path: Path) -> None:
    """Hash, pixels, mode and scale bar; nothing of the file's name."""
    image = one(coloured())
    digest = hashlib.sha256((tmp_path / f"{NAME}.png").read_bytes()).hexdigest()
    assert image["sha256"] == digest
    assert (image["width"], image["height"], image["mode"]) == (300, 200, "RGB")
    assert image["crop"] == [0, 0, 300, 200]
    assert image["scale_bar_um"] == 20  # a fifth of 150 µm is 30: 20 is nearer than 50
    assert (image["letter"], image["left_out"]) == ("a", "")
    assert image["reduced"] == "images/panel-1-1.jpg"
    assert "Doe" not in json.dumps(image)


@given(um=st.floats(1e-4, 1e5, allow_nan=False), width=st.integers(1, 100_000))
def test_a_scale_bar_is_a_round_length_near_a_fifth(um: float, width: int) -> None:
    """1, 2 or 5 times a power of ten, between an eighth and a third of the width."""
    length = scale_bar(um, width)
    assert 0.12 < length / (um * width) < 0.33
    power = 10.0 ** math.floor(math.log10(length) + 1e-9)
    assert any(math.isclose(length / power, digit, rel_tol=1e-9) for digit in (1, 2, 5))


@pytest.mark.parametrize(
    ("um", "width", "length"), [(1, 500, 100), (1, 50, 10), (0.25, 1000, 50), (800, 512, 1e5)]
)
def test_scale_bars_by_hand(um: float, width: int, length: float) -> None:
    """A fifth of 500 µm is 100; of 50 µm 10; of 250 µm 50; of 409.6 mm 81.92, nearest 100."""
    assert scale_bar(um, width) == length


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("missing.png", "the file is missing"),
        ("../outside.png", "its path leads out of the study folder"),
        ("/etc/passwd", "its path is not relative to the study folder"),
        ("C:\\\\pictures\\\\a.png", "its path is not relative to the study folder"),
        ("link.png", "its path leads out of the study folder"),
        ("ring.png", "its path cannot be read"),
        ("folder", "what stands there is no file"),
        ("pipe.png", "what stands there is no file"),
        ("text.png", "the file is no PNG, JPEG or TIFF picture"),
        ("empty.png", "the file is no PNG, JPEG or TIFF picture"),
        ("picture.gif", "the file is no PNG, JPEG or TIFF picture"),
        ("cut.png", "the file is truncated"),
        ("cut.jpg", "the file is truncated"),
        ("huge.png", "the picture is too large (20000 × 20000; at most 50 million pixels)"),
        ("bomb.png", "the picture is too large (at most 50 million pixels)"),
        ("long.png", "500 × 100 pixels are too oblong for a panel (at most 4 to 1): give a crop"),
    ],
)
def test_what_cannot_be_shown_says_why(file: str, reason: str, describe, tmp_path: Path) -> None:
    """The image is left out with its reason, which names no file, and the other is shown."""
    study = tmp_path
    Image.new("L", (9, 9)).save(study.parent / "outside.png")
    (study / "link.png").symlink_to(study.parent / "outside.png")
    (study / "ring.png").symlink_to(study / "ring.png")
    (study / "folder").mkdir()
    os.mkfifo(study / "pipe.png")
    (study / "text.png").write_text("no picture")
    (study / "empty.png").write_bytes(b"")
    coloured().save(study / "picture.gif")
    content = bytes_of(coloured(), "PNG")
    (study / "cut.png").write_bytes(content[: len(content) // 2])
    content = bytes_of(coloured(), "JPEG")
    (study / "cut.jpg").write_bytes(content[: len(content) // 2])
    huge_png(study / "huge.png", 8000, 8000)
    huge_png(study / "bomb.png", 100_000, 100_000)
    Image.new("L", (500, 100)).save(study / "long.png")
    coloured().save(study / "good.png")
    reason = reason.replace("20000 × 20000", "8000 × 8000")
    images = ", ".join(f'{{file = "{name}", um_per_pixel = 1}}' for name in (file, "good.png"))
    section = describe(panel(images))
    bad, good = section["panels"][0]["images"]
    assert bad["left_out"].startswith(reason)
    assert (bad["letter"], bad["reduced"], good["letter"]) == ("", None, "a")
    assert section["notes"][0] == "1 of 2 images are left out; the tables say why."
    assert "outside" not in bad["left_out"]


@pytest.mark.parametrize(
    ("picture", "ending", "mode", "values"),
    [
        (deep(), "tif", "I;16", {"black": 100.0, "white": 4000.0}),
        (deep(), "png", "I;16", {"black": 100.0, "white": 4000.0}),
        (deep(-5, 9, "int32"), "tif", "I", {"black": -5.0, "white": 9.0}),
        (deep(0, 1, "float32"), "tif", "F", {"black": 0.0, "white": 1.0}),
        (coloured().convert("1"), "png", "1", None),
        (coloured().convert("L"), "png", "L", None),
        (coloured().convert("LA"), "png", "LA", None),
        (coloured().convert("P"), "png", "P", None),
        (coloured().convert("RGBA"), "png", "RGBA", None),
        (coloured().convert("CMYK"), "tif", "CMYK", None),
        (coloured().convert("CMYK"), "jpg", "CMYK", None),
        (coloured(), "jpg", "RGB", None),
        (coloured(), "tif", "RGB", None),
    ],
)
def test_every_kind_of_pixel_becomes_eight_bits(
    picture: Image.Image,
    ending: str,
    mode: str,
    values: dict[str, float] | None,
    one,
    tmp_path: Path,
    make_plan,
    describe,
) -> None:
    """Grey stays grey, colour stays colour, and what was stretched is said."""
    image = one(picture, ending)
    assert (image["left_out"], image["mode"], image["window"]) == ("", mode, values)
    text = panel(f'{{file = "{NAME}.{ending}", um_per_pixel = 1}}', "mri")
    ((shown, _),) = reduced(tmp_path, text, make_plan, describe(text))
    assert shown.mode == ("L" if mode in ("1", "L", "LA") or values else "RGB")
    assert shown.size == picture.size
    if values:
        grey = np.asarray(shown)
        assert (grey[0, 0], grey[-1, -1]) == (0, 255)
        middle = np.linspace(0, 255, grey.size)
        assert np.abs(grey.ravel() - middle).max() <= (1 if mode != "I" else 20)
    elif mode in ("RGB", "RGBA", "CMYK"):
        left, right = np.asarray(shown)[100, 5], np.asarray(shown)[100, -5]
        assert right[0] - int(left[0]) > 200  # red grows to the right


def test_values_that_are_no_numbers_do_not_stop_it(one) -> None:
    """NaN and infinity are left aside; a picture of nothing else is left out."""
    values = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    values[0, 0], values[5, 5] = np.nan, np.inf
    assert one(Image.fromarray(values), "tif")["window"]["white"] == 1.0
    nothing = Image.fromarray(np.full((10, 10), np.nan, dtype=np.float32))
    assert one(nothing, "tif")["left_out"] == "it holds no number"


def test_a_picture_of_one_value_is_shown(one) -> None:
    """Where nothing differs there is nothing to stretch."""
    image = one(Image.fromarray(np.full((10, 10), 7, dtype=np.uint16)))
    assert (image["left_out"], image["window"]) == ("", {"black": 7.0, "white": 7.0})


def test_transparent_parts_get_a_ground(one, tmp_path: Path) -> None:
    """White under a micrograph, black under an MRI slice, and the section says it."""
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    for kind, ground in (("micrograph", 255), ("mri", 0)):
        image = one(clear, kind=kind)
        words = "white" if ground else "black"
        assert image["notes"] == [f"what is transparent is shown {words}"]
        path = tmp_path / f"{NAME}.png"
        shown = read_picture(path, image["sha256"], None, kind, 20).shown
        assert shown.getpixel((3, 3)) == (ground,) * 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
def test_the_camera_s_orientation_is_followed(orientation: int, ending: str, one, tmp_path) -> None:
    """Width, height, crop and pixels are those of the upright picture."""
    upright = np.zeros((40, 80), dtype=np.uint8)
    upright[:20, :20] = 255  # white in the upper left corner
    turns = {
        1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud,
        5: lambda a: a.T, 6: lambda a: np.rot90(a, 1), 7: lambda a: np.rot90(a, 2).T,
        8: lambda a: np.rot90(a, -1),
    }  # fmt: skip
    stored = Image.fromarray(np.ascontiguousarray(turns[orientation](upright)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    kinds = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF"}
    image = one(bytes_of(stored, kinds[ending], exif=exif), ending, ", crop = [0, 0, 40, 20]")
    assert (image["width"], image["height"], image["left_out"]) == (80, 40, "")
    path = tmp_path / f"{NAME}.{ending}"
    shown = np.asarray(read_picture(path, image["sha256"], (0, 0, 40, 20), "mri", 99).shown)
    assert shown.shape == (20, 40)
    assert shown[:, :16].min() > 200
    assert shown[:, 24:].max() < 60


def test_nothing_of_the_metadata_gets_out(one, tmp_path: Path, make_plan, describe) -> None:
    """EXIF, comments and text with a patient's name are neither in the results nor the pictures."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = NAME  # description, artist
    for kind, ending, more in (
        ("JPEG", "jpg", {"comment": NAME.encode(), "icc_profile": NAME.encode() * 50}),
        ("TIFF", "tif", {}),
        ("PNG", "png", {"icc_profile": NAME.encode() * 50}),
    ):
        for picture in (coloured(), coloured().convert("L")):
            content = bytes_of(picture, kind, exif=exif, **more)
            assert NAME.encode() in content or ending == "png"
            image = one(content, ending)
            assert image["left_out"] == ""
            assert NAME not in json.dumps(image)
            text = panel(f'{{file = "{NAME}.{ending}", um_per_pixel = 1}}')
            ((shown, written),) = reduced(tmp_path, text, make_plan, describe(text))
            assert NAME.encode() not in written
            assert not shown.getexif()
            assert not {"comment", "icc_profile", "exif"} & set(shown.info)


def test_the_first_of_several_pictures_is_shown(one) -> None:
    """A stack or an animation says that it holds more."""
    frames = [Image.new("L", (30, 20), grey) for grey in (10, 200)]
    for kind, ending in (("TIFF", "tif"), ("PNG", "png")):
        content = bytes_of(frames[0], kind, save_all=True, append_images=frames[1:])
        image = one(content, ending)
        assert image["notes"] == ["the file holds several pictures; the first is shown"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_crop_is_cut_out_of_the_whole_picture(kind: str, one, tmp_path: Path) -> None:
    """Also of a JPEG that is decoded at a reduced size."""
    image = one(bytes_of(coloured(2000, 1600), kind), "x", ", crop = [1000, 800, 500, 400]")
    assert image["crop"] == [1000, 800, 500, 400]
    assert image["scale_bar_um"] == 50  # a fifth of 250 µm
    for longest in (40, 99, 500):
        picture = read_picture(
            tmp_path / f"{NAME}.x", image["sha256"], (1000, 800, 500, 400), "mri", longest
        )
        assert picture.shown.size == (longest, round(longest * 0.8))
        values = np.asarray(picture.shown).astype(float)
        # red is 255 × 1250 / 1999 in the middle, green 255 × 1000 / 1599
        assert values[:, :, 0].mean() == pytest.approx(159.4, abs=1.5)
        assert values[:, :, 1].mean() == pytest.approx(159.4, abs=1.5)


def test_a_crop_that_leaves_the_picture_is_refused(one) -> None:
    """Its reason names the size of the picture."""
    image = one(coloured(), more=", crop = [250, 0, 51, 10]")
    assert image["left_out"] == "the crop reaches out of the picture (300 × 200 pixels)"


def test_a_patient_is_named_by_a_known_code_only(one) -> None:
    """What is no code of the records may be a name."""
    assert one(coloured(), more=', patient = "P1"')["patient"] == "P1"
    image = one(coloured(), more=', patient = "Jane Doe"')
    assert image["patient"] == ""
    assert image["notes"] == ["its patient is not in the records and is not named here"]
    assert "Jane" not in json.dumps(image)


def test_a_list_gives_the_images(describe, tmp_path: Path) -> None:
    """Rows with a broken rule are left out by their row; the others are shown."""
    coloured().save(tmp_path / "a.png")
    (tmp_path / "list.csv").write_text(
        "\ufefffile;label;um_per_pixel;mm_per_pixel;crop\n"
        f"a.png;First;0.5;;\n{NAME}.png;No scale;;;\na.png;Half;;0.001;0 0 150 100\n",
        encoding="utf-8",
    )
    section = describe('[[panels]]\ntitle = "T"\nkind = "mri"\nlist = "list.csv"\n')
    images = section["panels"][0]["images"]
    assert [image["letter"] for image in images] == ["a", "", "b"]
    assert [image["place"] for image in images] == [f"row {n} of the list" for n in (2, 3, 4)]
    assert images[1]["left_out"] == "an image has either um_per_pixel or mm_per_pixel"
    assert images[2]["um_per_pixel"] == 1
    assert NAME not in json.dumps(section)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "the file is missing"),
        ("file,um_per_pixel\n", "a table has at least one row below its header"),
        ("file,um_per_pixel\n,\n", "a table has at least one row below its header"),
        ("file,um\na.png,1\n", "it has columns that are not known: um"),
        ("", "the file is not empty"),
        ('file,label\n"a.png,1\n', "the file is CSV"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(
    content: str | None, reason: str, describe, tmp_path: Path
) -> None:
    """The panel stays, with its reason, and no image."""
    if content is not None:
        (tmp_path / "list.csv").write_text(content)
    (found,) = describe('[[panels]]\ntitle = "T"\nkind = "mri"\nlist = "list.csv"\n')["panels"]
    assert found["images"] == []
    assert reason in found["error"]


def test_a_list_of_thousands_is_shown_in_part(describe, tmp_path: Path) -> None:
    """A panel takes so many images; the rest is counted, not listed."""
    coloured().save(tmp_path / "a.png")
    rows = "a.png,1\n" * 3000
    (tmp_path / "list.csv").write_text(f"file,um_per_pixel\n{rows}")
    section = describe('[[panels]]\ntitle = "T"\nkind = "mri"\nlist = "list.csv"\n')
    (found,) = section["panels"]
    assert (len(found["images"]), found["beyond"]) == (MOST_IMAGES, 3000 - MOST_IMAGES)
    assert f"{3000 - MOST_IMAGES} further ones are left out" in section["notes"][0]


def test_a_study_without_images_says_so(describe) -> None:
    """The section is left out, and no method is named."""
    section = describe("")
    assert section == {"left_out": "the study lists no images.", "notes": [], "panels": []}
    assert methods_of_panels({"panels": section}) == methods_of_panels({}) == ""


def test_reduced_pictures_are_small_and_the_same_twice(describe, tmp_path: Path, make_plan) -> None:
    """No side is above what is printed, and a second run gives the same bytes."""
    coloured(3000, 2000).save(tmp_path / "a.png")
    deep().save(tmp_path / "b.tif")
    text = panel('{file = "a.png", um_per_pixel = 1}, {file = "b.tif", um_per_pixel = 1}')
    section = describe(text)
    assert section == describe(text)
    plan = make_plan(text)
    runs = []
    for name in ("x", "y"):
        read_picture.cache_clear()
        paths = write_panels(plan, {"panels": section}, tmp_path / name)
        runs.append([path.read_bytes() for path in paths])
        assert [path.name for path in paths] == ["panel-1-1.jpg", "panel-1-2.png"]
    assert runs[0] == runs[1]
    with Image.open(tmp_path / "x/images/panel-1-1.jpg") as shown:
        assert shown.size == (720, 480)
    assert "smallest value black" in methods_of_panels({"panels": section})
    coloured(50, 50).save(tmp_path / "a.png")  # changed since: not what the results describe
    assert len(write_panels(plan, {"panels": section}, tmp_path / "z")) == 1
    assert write_panels(plan, {}, tmp_path / "w") == []


def test_real_pictures_are_read(shared_data: Path, describe, tmp_path: Path) -> None:
    """A real slide, a real 16-bit scan, and a label map that is too large."""
    for number, name in enumerate(
        (
            "pathology/CMU-1-Small-Region.svs",
            "blots/test4_ref.tif",
            "pathology/S60_fibre_labels.tiff",
        )
    ):
        (tmp_path / str(number)).write_bytes((shared_data / name).read_bytes())
    images = ", ".join(f'{{file = "{n}", um_per_pixel = 0.499}}' for n in range(3))
    slide, scan, labels = describe(panel(images))["panels"][0]["images"]
    assert (slide["width"], slide["height"], slide["mode"]) == (2220, 2967, "RGB")
    assert slide["scale_bar_um"] == 200
    assert slide["notes"] == ["the file holds several pictures; the first is shown"]
    assert (scan["width"], scan["height"], scan["mode"]) == (696, 520, "I;16")
    assert labels["left_out"].startswith("the picture is too large")
