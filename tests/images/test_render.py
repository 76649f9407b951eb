"""The pixels of a picture: upright, in RGB, of the right size, or a sentence that says what is wrong."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from newsroom.images.plan import fit, plan
from newsroom.images.render import LARGEST, measure, render
from tests.images.samples import bomb, decode, drawing, encode, exif, srgb, telling
from tests.support import SHARED, library_of

RED, WHITE = (255, 0, 0), (255, 255, 255)
NO_PICTURE = "is not a JPEG, PNG, WebP or GIF picture; save it as one of them"
# Where the red quarter is after turning, by EXIF's number.
CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


def rendered(data: bytes) -> Image.Image:
    """The published picture, whose planned size must be its true one."""
    size, form = measure(data)
    made = render(data, form)
    picture = decode(made)
    planned = plan(made, size, form)
    assert (planned.width, planned.height) == picture.size
    assert planned.media_type == f"image/{(picture.format or '').lower()}"
    return picture


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one[:3], other[:3], strict=True))


def pixel(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", CORNERS)
def test_a_turned_picture_stands_upright(orientation: int, form: str) -> None:
    picture = rendered(encode(drawing(), form, exif=exif(orientation)))
    assert picture.size == ((40, 60) if orientation > 4 else (60, 40))
    for corner in [(0, 0), (1, 0), (0, 1), (1, 1)]:
        at = [2 + place * (side - 5) for place, side in zip(corner, picture.size, strict=True)]
        assert near(pixel(picture, *at), RED if corner == CORNERS[orientation] else WHITE)


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_means_nothing_turns_nothing(orientation: int) -> None:
    assert near(pixel(rendered(encode(drawing(), "JPEG", exif=exif(orientation))), 2, 2), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_every_mode_keeps_its_colours(mode: str) -> None:
    picture = rendered(encode(drawing().convert(mode), "PNG"))
    assert picture.format == "PNG"
    red = (76, 76, 76) if mode in ("L", "LA") else RED
    if mode != "1":
        assert near(pixel(picture, 2, 2), red)
    assert near(pixel(picture, 55, 35), WHITE)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_every_mode_keeps_its_colours(mode: str) -> None:
    picture = rendered(encode(drawing().convert(mode), "JPEG", quality=95))
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert near(pixel(picture, 2, 2), (76, 76, 76) if mode == "L" else (254, 0, 0))
    assert near(pixel(picture, 55, 35), WHITE)


def test_sixteen_bits_become_eight() -> None:
    values = struct.pack("<4H", 0, 0x8000, 0x80FF, 0xFFFF)
    picture = rendered(encode(Image.frombytes("I;16", (4, 1), values), "PNG"))
    assert [pixel(picture, x, 0)[0] for x in range(4)] == pytest.approx([0, 128, 128, 255], abs=1)


def test_transparency_stays() -> None:
    picture = drawing().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    for form in ("PNG", "WEBP"):
        alpha = rendered(encode(picture, form, lossless=True)).getchannel("A")
        assert alpha.getextrema()[0] < 10
        assert alpha.getextrema()[1] > 245


def test_a_transparent_colour_of_a_palette_stays() -> None:
    palette = drawing().convert("P", palette=Image.Palette.ADAPTIVE)
    red = palette.getpixel((2, 2))
    for form in ("PNG", "GIF"):
        picture = rendered(encode(palette, form, transparency=red)).convert("RGBA")
        assert picture.getpixel((2, 2))[3] == 0
        assert picture.getpixel((55, 35))[3] == 255


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (1600, 2), (1601, 2), (2400, 1600)])
@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "1"])
def test_a_picture_has_its_planned_size(size: tuple[int, int], mode: str) -> None:
    assert rendered(encode(drawing(size).convert(mode), "PNG")).size == fit(*size)


def test_a_large_photograph_is_scaled_after_turning() -> None:
    assert rendered(encode(drawing((3000, 2000)), "JPEG", exif=exif(6))).size == (1600, 2400)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
def test_a_colour_profile_is_applied_and_dropped(mode: str) -> None:
    picture = rendered(encode(drawing().convert(mode), "PNG", icc_profile=srgb()))
    assert near(pixel(picture, 55, 35), WHITE)
    assert "icc_profile" not in picture.info


@pytest.mark.parametrize("profile", [b"no profile" * 50, srgb()[:200], srgb()[:-100], b"\0" * 128])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_broken_colour_profile_is_no_reason_to_refuse_a_photograph(mode: str, profile: bytes) -> None:
    assert rendered(encode(drawing().convert(mode), "JPEG", icc_profile=profile)).size == (60, 40)


def test_broken_exif_is_no_reason_to_refuse_a_photograph() -> None:
    assert rendered(encode(drawing(), "JPEG", exif=b"Exif\0\0" + b"\xff" * 40)).size == (60, 40)


def test_a_photograph_with_a_second_picture_in_it_is_a_photograph() -> None:
    """Telephones save HDR photographs so: a JPEG with a gain map behind it, which Pillow calls MPO."""
    data = telling()["jpeg with a second picture"]
    picture = rendered(data)
    assert picture.format == "JPEG"
    assert near(pixel(picture, 2, 2), RED)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_refused(form: str) -> None:
    frames = [drawing(), drawing().rotate(90), drawing().rotate(180)]
    data = encode(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    assert sentence(data) == "is an animation; publish a still picture, or link to a video"


def sentence(data: bytes) -> str:
    """What is wrong with a picture, by whichever of the two finds it."""
    with pytest.raises(ValueError, match="; ") as caught:
        render(data, measure(data)[1])
    return str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html></html>",
        b"%PDF-1.4",
        b"Text.",
        b"\0" * 1000,
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        encode(drawing(), "TIFF"),
        encode(drawing(), "BMP"),
        encode(drawing(), "ICO"),
    ],
    ids=lambda data: str(data[:8]),
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert sentence(data) == NO_PICTURE


def test_an_empty_file_is_refused() -> None:
    assert sentence(b"") == "is empty; save it again from the original"


def test_a_file_that_is_too_large_is_refused() -> None:
    assert sentence(bytes(LARGEST + 1)) == "is 60 MB; save it as a JPEG of at most 60 MB"


@pytest.mark.parametrize("side", [20_000, 60_000, 2**31 - 1])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    assert sentence(bomb(side, side)).startswith("has too many pixels")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.8])
def test_a_truncated_picture_is_refused(form: str, part: float) -> None:
    noise = Image.effect_noise((60, 40), 80).convert("RGB")
    data = encode(noise, form)
    said = sentence(data[: int(len(data) * part)])
    assert said == NO_PICTURE or said.startswith("cannot be decoded (")
    assert said.endswith(("save it as one of them", "save it again from the original"))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_ending_of_the_name_does_not_matter(form: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.jpg").write_bytes(encode(drawing(), form))
    library = library_of(tmp_path)
    assert library.fault("wrong.jpg") is None
    expected = "jpeg" if form in ("JPEG", "WEBP") else "png"
    assert library.picture("wrong.jpg").media_type == f"image/{expected}"
    assert decode(library.rendition("wrong.jpg")).format == expected.upper()


def test_the_library_says_what_is_wrong_and_gives_no_such_picture(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"Text.")
    (tmp_path / "folder.jpg").mkdir()
    library = library_of(tmp_path)
    assert library.fault("a.jpg") == NO_PICTURE
    assert library.fault("folder.jpg") == "cannot be read (Is a directory); mend its permissions"
    with pytest.raises(ValueError, match="is not a JPEG"):
        library.picture("a.jpg")


SEEDS = [data for name, data in sorted(telling().items()) if "behind" not in name]


def refused(data: bytes) -> str:
    """Why a picture is refused, or nothing where it is rendered. Nothing but ValueError may be raised."""
    try:
        rendered(data)
    except ValueError as error:
        return str(error)
    return ""


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8))
@settings(deadline=None, max_examples=200)
def test_a_damaged_picture_is_rendered_or_refused(data: bytes, damage: list[tuple[float, int]]) -> None:
    damaged = bytearray(data)
    for place, value in damage:
        damaged[int(place**2 * len(damaged))] = value
    said = refused(bytes(damaged))
    assert not said or "; " in said


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_rendered_or_refused(data: bytes) -> None:
    said = refused(data)
    assert not said or "; " in said


REAL = sorted((SHARED / "corpora" / "18f" / "images").rglob("*.*")) if SHARED.is_dir() else []
CUT_SHORT = "ship-going-fast.jpg"  # really lacks its last bytes


@pytest.mark.skipif(not REAL, reason="needs the real pictures of ../shared/corpora/18f/images")
@pytest.mark.parametrize("part", range(4))
def test_real_pictures_are_rendered(part: int) -> None:
    for path in REAL[part * 2 :: 8]:  # every second one: all of them take half a minute
        if path.name != CUT_SHORT:
            assert rendered(path.read_bytes()).width <= 1600


@pytest.mark.skipif(not REAL, reason="needs the real pictures of ../shared/corpora/18f/images")
def test_a_real_picture_that_is_cut_short_is_refused() -> None:
    (path,) = [path for path in REAL if path.name == CUT_SHORT]
    message = "cannot be decoded (image file is truncated (10 bytes not processed))"
    assert sentence(path.read_bytes()) == f"{message}; save it again from the original"
