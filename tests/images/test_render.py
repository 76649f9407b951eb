"""The pixels of a picture: upright, in RGB, of the right size, or a sentence that says what is wrong."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from newsroom.images.plan import MEDIA_TYPES, Order, cut, rungs, scaled
from newsroom.images.render import LARGEST, Rendition, measure, render
from tests.images.samples import bomb, clouds, decode, drawing, encode, exif, srgb, telling
from tests.support import SHARED, library_of

RED, WHITE = (255, 0, 0), (255, 255, 255)
AS_IT_IS = Order((0, 0), (50, 50), (), 1600)
LADDER = Order((0, 0), (50, 50), (200, 400, 800), 600)
NO_PICTURE = "is not a JPEG, PNG, WebP or GIF picture; save it as one of them"
# Where the red quarter is after turning, by EXIF's number.
CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}


def rendered(data: bytes) -> Image.Image:
    """The published picture, whose size must be as it says."""
    ((made,),) = render(data, (AS_IT_IS,))[1]
    picture = decode(made.data)
    assert (made.form, made.width, made.height) == (picture.format, *picture.size)
    assert picture.size == scaled(measure(data)[0], 1600)
    return picture


def ladder(data: bytes, order: Order = LADDER) -> list[Rendition]:
    return render(data, (order,))[1][0]


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
    assert picture.format in ("PNG", "JPEG")
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
    assert rendered(encode(drawing(size).convert(mode), "PNG")).size == scaled(size, 1600)


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


def test_broken_exif_is_no_reason_to_refuse_a_clouds() -> None:
    assert rendered(encode(drawing(), "JPEG", exif=b"Exif\0\0" + b"\xff" * 40)).size == (60, 40)


def test_a_photograph_with_a_second_picture_in_it_is_a_clouds() -> None:
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
        render(data, (AS_IT_IS, LADDER))
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
    assert library.picture("wrong.jpg", "hero").media_type == f"image/{expected}"


def test_the_library_says_what_is_wrong_and_gives_no_such_picture(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"Text.")
    (tmp_path / "folder.jpg").mkdir()
    library = library_of(tmp_path)
    assert library.fault("a.jpg") == NO_PICTURE
    assert library.fault("folder.jpg") == "cannot be read (Is a directory); mend its permissions"
    with pytest.raises(ValueError, match="is not a JPEG"):
        library.picture("a.jpg", "hero")


def test_a_photograph_is_offered_in_three_forms_the_newer_ones_in_several_widths() -> None:
    made = ladder(encode(clouds(), "JPEG", quality=92))
    assert [(each.form, each.width, each.height) for each in made] == [
        *(("AVIF", width, height) for width, height in ((200, 133), (400, 267), (800, 533))),
        *(("WEBP", width, height) for width, height in ((200, 133), (400, 267), (800, 533))),
        ("JPEG", 600, 400),
    ]
    for each in made:
        picture = decode(each.data)
        assert (picture.format, picture.size) == (each.form, (each.width, each.height))
        exact = clouds().resize(picture.size, Image.Resampling.LANCZOS)
        assert ImageStat.Stat(ImageChops.difference(picture.convert("L"), exact.convert("L"))).mean[0] < 6


def test_a_form_that_saves_nothing_is_not_offered() -> None:
    two_colours = ladder(encode(drawing((1200, 800)), "PNG"))
    assert [each.form for each in two_colours] == ["WEBP"] * 3 + ["PNG"]
    assert all(near(pixel(decode(each.data), 5, 5), RED) for each in two_colours)
    assert sum(len(each.data) for each in two_colours) < 3000


def test_a_drawing_keeps_its_sharp_edges_in_every_form() -> None:
    for each in ladder(encode(drawing((800, 400)), "PNG")):
        picture = decode(each.data)
        middle = picture.width // 2
        assert near(pixel(picture, middle - 2, 5), RED)
        assert near(pixel(picture, middle + 1, 5), WHITE)


def test_a_photograph_saved_as_png_gets_a_jpeg_for_old_browsers_unless_it_is_transparent() -> None:
    assert ladder(encode(clouds(), "PNG"))[-1].form == "JPEG"
    assert ladder(encode(clouds().convert("RGBA"), "PNG"))[-1].form == "JPEG"  # and nothing of it is transparent
    glass = clouds().convert("RGBA")
    glass.putalpha(128)
    assert ladder(encode(glass, "PNG"))[-1].form == "PNG"


def test_a_cut_shows_the_part_around_its_focus() -> None:
    wide = Image.new("RGB", (900, 300), "white")
    wide.paste(RED, (600, 0, 900, 300))
    for left, colour in ((0, WHITE), (100, RED)):
        order = Order((1, 1), (left, 50), (100, 200), 150)
        for each in ladder(encode(wide, "JPEG", quality=95), order):
            assert (each.width, each.height) in ((100, 100), (200, 200), (150, 150))
            assert near(pixel(decode(each.data), 50, 50), colour)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_cut_of_a_large_turned_photograph_shows_what_is_upright(orientation: int) -> None:
    """A JPEG is decoded at a part of its size, and turned after that."""
    data = encode(drawing((3000, 2000)), "JPEG", exif=exif(orientation))
    size, _ = measure(data)
    for corner in ((0, 0), (100, 0), (0, 100), (100, 100)):
        order = Order((3, 2), corner, (150,), 120)
        box = cut(size, order)
        x, y = CORNERS[orientation]
        red = (x * size[0] // 2, y * size[1] // 2, (x + 1) * size[0] // 2, (y + 1) * size[1] // 2)
        for each in ladder(data, order):
            at = (box[0] + (box[2] - box[0]) // 2, box[1] + (box[3] - box[1]) // 4)
            if abs(at[0] - size[0] // 2) < 100 or abs(at[1] - size[1] // 2) < 100:
                continue
            inside = red[0] < at[0] < red[2] and red[1] < at[1] < red[3]
            found = pixel(decode(each.data), each.width // 2, each.height // 4)
            assert near(found, RED if inside else WHITE)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2), (199, 100)])
def test_a_small_picture_is_never_made_larger(size: tuple[int, int]) -> None:
    for order in (LADDER, Order((3, 2), (50, 50), (200, 400), 300), Order((1200, 630), (0, 100), (), 1200)):
        left, top, right, bottom = cut(size, order)
        made = ladder(encode(drawing(size), "JPEG"), order)
        assert {each.width for each in made} <= {*(width for width, _ in rungs((right - left, 1), order.widths)), right}
        assert all(each.width <= right - left and each.height <= max(1, bottom - top) for each in made)


def test_a_picture_longer_than_the_newer_forms_can_hold_is_published_in_the_old_one() -> None:
    tall = encode(Image.new("RGB", (40, 17_000), "white"), "JPEG")
    assert [(each.form, each.width, each.height) for each in ladder(tall)] == [("JPEG", 40, 17_000)]
    lower = ladder(tall, Order((0, 0), (50, 50), (10,), 40))
    assert [(each.form, each.height) for each in lower][-2:] == [("WEBP", 4_250), ("JPEG", 17_000)]
    assert sentence(encode(Image.new("1", (8, 66_000)), "PNG")) == "is longer than 65,000 pixels; cut it into several"


def test_the_tone_is_the_commonest_colour() -> None:
    assert render(encode(drawing((100, 100)), "PNG"), ())[0].tone == "#ffffff"
    blue = Image.new("RGB", (100, 100), (20, 60, 120))
    blue.paste(RED, (0, 0, 40, 40))
    assert render(encode(blue, "PNG"), ())[0].tone == "#143c78"
    assert render(encode(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"), ())[0].tone == "#ffffff"


def test_every_form_has_its_media_type() -> None:
    assert MEDIA_TYPES["AVIF"] == ("image/avif", ".avif")


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
