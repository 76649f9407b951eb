"""What cameras and programs leave in pictures is told by its name, and pictures without it pass."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from newsroom.images.plan import Order
from newsroom.images.render import render
from newsroom.publish.formats import faults, name_fault
from newsroom.publish.metadata import Broken, left_in_avif, left_in_jpeg, left_in_png, left_in_webp
from tests.support import xmp_of

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LOOK = {"JPEG": left_in_jpeg, "PNG": left_in_png, "WEBP": left_in_webp, "AVIF": left_in_avif}


def picture(form: str, **more: Any) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((40, 30), 50).convert("RGB").save(made, form, **more)
    return made.getvalue()


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x013B] = "Example photographer"
    return made


def png_text() -> PngImagePlugin.PngInfo:
    made = PngImagePlugin.PngInfo()
    made.add_text("Author", "Example photographer")
    made.add_itxt("Title", "Example")
    return made


@pytest.mark.parametrize("form", LOOK)
def test_pictures_with_nothing_but_pixels_pass(form: str) -> None:
    assert LOOK[form](picture(form)) == []


def test_progressive_grey_transparent_and_lossless_pictures_pass() -> None:
    assert left_in_jpeg(picture("JPEG", progressive=True, quality=30)) == []
    assert left_in_webp(picture("WEBP", lossless=True)) == []
    made = io.BytesIO()
    Image.new("LA", (30, 20), (5, 99)).save(made, "PNG")
    assert left_in_png(made.getvalue()) == []
    for form in ("WEBP", "AVIF"):
        made = io.BytesIO()
        Image.new("RGBA", (30, 20), (5, 9, 3, 99)).save(made, form)
        assert LOOK[form](made.getvalue()) == [], form


def test_every_rendition_of_a_photograph_full_of_metadata_passes(tmp_path: Path) -> None:
    data = picture("JPEG", exif=exif(), comment="Example", icc_profile=PROFILE, xmp=xmp_of({"alt": "Example alt"}))
    _, made = render(data, [Order((3, 2), (50, 50), (20, 40), 40), Order((0, 0), (50, 50), (), 30)])
    found = [each for renditions in made for each in renditions]
    assert {each.form for each in found} >= {"JPEG"}
    assert [list(faults(f"x.{each.form.lower().replace('jpeg', 'jpg')}", each.data)) for each in found] == [[]] * len(
        found
    )


@pytest.mark.parametrize(
    ("form", "more", "left"),
    [
        ("JPEG", {"exif": exif()}, ["EXIF or XMP"]),
        ("JPEG", {"xmp": xmp_of({"alt": "Example"})}, ["EXIF or XMP"]),
        ("JPEG", {"comment": "Example"}, ["a comment"]),
        ("JPEG", {"icc_profile": PROFILE}, ["a colour profile or more pictures"]),
        ("PNG", {"exif": exif()}, ["EXIF"]),
        ("PNG", {"pnginfo": png_text()}, ["text", "text"]),
        ("PNG", {"icc_profile": PROFILE}, ["a colour profile"]),
        ("WEBP", {"exif": exif()}, ["EXIF"]),
        ("WEBP", {"xmp": xmp_of({"alt": "Example"})}, ["XMP"]),
        ("WEBP", {"icc_profile": PROFILE}, ["a colour profile"]),
        ("AVIF", {"exif": exif()}, ["EXIF"]),
        ("AVIF", {"xmp": xmp_of({"alt": "Example"})}, ["XMP"]),
        ("AVIF", {"icc_profile": PROFILE}, ["a colour profile"]),
    ],
)
def test_what_pillow_writes_beside_the_pixels_is_told(form: str, more: dict[str, Any], left: list[str]) -> None:
    assert LOOK[form](picture(form, **more)) == left


def test_parts_that_pillow_does_not_write_are_told_too() -> None:
    jpeg, png, webp = picture("JPEG"), picture("PNG"), picture("WEBP")
    iptc = b"\xff\xed\x00\x10Photoshop 3.0\0"
    assert left_in_jpeg(jpeg[:2] + iptc + jpeg[2:]) == ["IPTC"]
    assert left_in_jpeg(jpeg[:2] + b"\xff\xe7\x00\x06note" + jpeg[2:]) == ["what a program noted (APP7)"]
    assert left_in_jpeg(jpeg.replace(b"JFIF\0\1\1\0\0\1\0\1\0\0", b"JFIF\0\1\1\0\0\1\0\1\1\1", 1)) == ["a thumbnail"]
    assert left_in_jpeg(jpeg + jpeg) == ["bytes after its end"]  # as phones append a film or a second picture
    assert left_in_png(png + b"more") == ["bytes after its end"]
    assert left_in_png(png[:33] + chunk(b"tIME", bytes(7)) + png[33:]) == ["the time of its last change"]
    assert left_in_png(png[:33] + chunk(b"caBX", b"who made it") + png[33:]) == ["a chunk 'caBX'"]
    longer = webp[:4] + struct.pack("<I", len(webp) + 4) + webp[8:] + b"NOTE\4\0\0\0text"
    assert left_in_webp(longer) == ["a chunk 'NOTE'"]
    assert left_in_avif(picture("AVIF") + struct.pack(">I4s", 12, b"uuid") + b"note") == ["a box 'uuid'"]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@given(st.sampled_from(sorted(LOOK)), st.integers(0, 3000), st.binary(max_size=40))
def test_broken_pictures_are_broken_and_nothing_else(form: str, at: int, bytes_: bytes) -> None:
    """Whatever the bytes, an answer comes and no other exception."""
    data = WHOLE[form]
    at %= len(data)
    for broken in (data[:at], data[:at] + bytes_ + data[at:], data[:at] + bytes_ + data[at + len(bytes_) :]):
        with suppress(Broken):
            LOOK[form](broken)


WHOLE = {form: picture(form) for form in LOOK}


def test_files_of_other_kinds_and_files_that_lie_about_it_are_refused() -> None:
    named = ("x.docx", "x.jpeg.exe", "x", ".env", ".git/config", "a/.DS_Store", "x.JPG", "x.md", "x.html~", "x.php")
    assert [name for name in named if not name_fault(name)] == []
    known = (
        "index.html",
        "CNAME",
        ".nojekyll",
        "_headers",
        ".well-known/security.txt",
        "a/b.avif",
        "release.json.minisig",
    )
    assert [name for name in known if name_fault(name)] == []
    assert name_fault("x.docx") == "files of the kind '.docx' are not published; take it out"
    assert name_fault("Makefile") == "files without an ending are not published; take it out"
    assert name_fault("a/.env") == "it is a hidden file; take it out"
    lies = {
        "x.jpg": (picture("PNG"), "it is no JPEG; make the picture again"),
        "x.png": (picture("JPEG"), "it is no PNG; make the picture again"),
        "x.webp": (b"RIFF", "it is no WebP; make the picture again"),
        "x.avif": (b"", "it is no AVIF; make the picture again"),
        "x.html": (b"PK\3\4", "it is no html text; take it out"),
        "x.json": (b"{", "it is no json text; take it out"),
        "x.txt": (b"\xff\xfe\0", "it is no txt text; take it out"),
        "x.xml": (b"<html>", "it is no xml text; take it out"),
        "x.svg": (b"GIF89a", "it is no svg text; take it out"),
        "x.woff2": (b"OTTO", "it is no woff2 file; take it out"),
    }
    assert {name: list(faults(name, data)) for name, (data, _) in lies.items()} == {
        name: [fault] for name, (_, fault) in lies.items()
    }


def test_what_is_left_is_told_with_a_remedy() -> None:
    assert list(faults("x.jpg", picture("JPEG", comment="Example"))) == [
        "the picture holds a comment; make it again without"
    ]
