"""Privacy: of a photograph only the pixels leave the newsroom."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from newsroom.files import digest
from newsroom.images.plan import Order
from newsroom.images.render import render
from tests.images.samples import CANARY, ORIENTATION, clouds, decode, encode, exif, srgb, telling, xmp
from tests.support import library_of

TELLING = telling()
# What Pillow tells of the encoding itself, not of the source.
HARMLESS = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression", "transparency"}
HARMLESS |= {"loop", "background", "timestamp", "duration"}  # of every WebP
BLOCKS = (
    b"Exif",
    b"EXIF",
    b"http://ns.adobe.com",
    b"XMP ",
    b"Photoshop",
    b"ICC_PROFILE",
    b"ICCP",
    b"iCCP",
    b"tEXt",
    b"eXIf",
    b"tIME",
)


ORDERS = (Order((0, 0), (50, 50), (16, 32), 1600), Order((1, 1), (0, 100), (16,), 20))


def renditions(data: bytes) -> list[bytes]:
    """Every file that is made of a picture: AVIF, WebP, JPEG and PNG."""
    return [each.data for made in render(data, ORDERS)[1] for each in made]


def rendition(data: bytes) -> bytes:
    """The picture as a whole, for old browsers."""
    return render(data, ORDERS)[1][0][-1].data


@pytest.mark.parametrize("name", TELLING)
def test_the_samples_tell(name: str) -> None:
    assert CANARY.encode() in TELLING[name]


@pytest.mark.parametrize("name", TELLING)
def test_no_word_of_the_source_is_published(name: str) -> None:
    for published in renditions(TELLING[name]):
        assert CANARY.encode() not in published
        for spelling in ("utf-16-le", "utf-16-be"):
            assert CANARY.encode(spelling) not in published
        for block in BLOCKS:
            assert block not in published


def test_every_form_is_among_what_is_searched() -> None:
    photograph = encode(clouds(), "JPEG", exif=exif(), comment=CANARY, xmp=xmp(), icc_profile=srgb() + CANARY.encode())
    made = render(photograph, (Order((0, 0), (50, 50), (400, 800), 800),))[1][0]
    assert {each.form for each in made} == {"AVIF", "WEBP", "JPEG"}
    assert not any(CANARY.encode() in each.data or any(block in each.data for block in BLOCKS) for each in made)
    assert not any(decode(each.data).getexif() for each in made)


@pytest.mark.parametrize("name", TELLING)
def test_no_metadata_is_published(name: str) -> None:
    for data in renditions(TELLING[name]):
        picture = decode(data)
        assert not picture.getexif()
        assert set(picture.info) <= HARMLESS
        assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize("name", TELLING)
def test_the_published_name_tells_nothing_of_the_source(name: str, tmp_path: Path) -> None:
    source = "articles/2026/01/Witness Quokka 2026-01-02.jpg"
    (tmp_path / source).parent.mkdir(parents=True)
    (tmp_path / source).write_bytes(TELLING[name])
    picture = library_of(tmp_path).picture(source, "hero")
    for url in (picture.url, *(file.url for _, files in picture.sources for file in files)):
        for told in ("witness", "quokka", "2026", digest(TELLING[name])[:8]):
            assert told not in url.lower()


def test_the_name_is_the_same_whatever_the_source_was_called(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(TELLING["jpeg"])
    library = library_of(tmp_path)
    assert library.picture("a.jpg", "hero") == library.picture("b.png", "hero")


def test_two_files_with_the_same_pixels_have_one_rendition() -> None:
    plain = encode(decode(TELLING["png"]), "PNG")
    assert plain != TELLING["png"]
    assert renditions(plain) == renditions(TELLING["png"])


def test_a_rendition_is_the_same_bytes_each_time() -> None:
    for data in TELLING.values():
        assert renditions(data) == renditions(data)


def test_pixels_hidden_by_transparency_do_not_matter_but_the_orientation_tag_is_gone() -> None:
    data = encode(decode(TELLING["webp with transparency"]), "PNG", exif=exif(6))
    assert ORIENTATION not in decode(rendition(data)).getexif()


def test_what_was_erased_to_transparency_is_gone() -> None:
    picture = Image.new("RGBA", (4, 4), (10, 20, 30, 255))
    picture.putpixel((1, 1), (200, 10, 30, 0))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    published = decode(rendition(buffer.getvalue())).convert("RGBA")
    assert published.getpixel((1, 1)) == (0, 0, 0, 0)
    assert published.getpixel((0, 0)) == (10, 20, 30, 255)
