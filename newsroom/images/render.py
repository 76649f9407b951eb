"""The pixels of a picture: decoded, turned upright, brought to sRGB, cut, scaled, and written anew.

Only pixels travel: no EXIF, GPS, XMP, IPTC, comment, thumbnail or profile of the source can survive.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import msgspec
import PIL
from PIL import Image, ImageCms, ImageFile, ImageOps, features

from newsroom.images.plan import Order, Size, cut, needed, rungs, scaled

LARGEST = 60_000_000  # bytes of a file
MOST_PIXELS = 120_000_000  # a decompression bomb is refused before it is decoded
_READABLE = ("JPEG", "PNG", "WEBP", "GIF")
_PHOTOS = ("JPEG", "MPO")  # MPO: a telephone's JPEG with further pictures behind it; the first is the photo
_ORIENTATION = 0x0112
# Measured in bench/images.py: at these all but the noisiest photographs keep an SSIM of 0.95.
_AVIF: dict[str, Any] = {"quality": 56, "speed": 7, "max_threads": 1}
_WEBP: dict[str, Any] = {"quality": 75, "method": 4}
_JPEG: dict[str, Any] = {"quality": 82, "progressive": True, "optimize": True}
_PARTS = (1, 2, 4, 8)  # of the size of a JPEG, in which it can be decoded
_LONGEST, _LONGEST_NEWER = 65_000, 16_000  # pixels of a side that JPEG and WebP can hold
_SPARE = 1.5  # decoded this much wider than needed, for the last scaling to be a good one
_CODECS = ("avif", "webp", "jpg", "zlib", "littlecms2")
_COLOURS = 4  # of which the most frequent stands for a picture that is not there yet


class Rendition(msgspec.Struct, frozen=True, array_like=True):
    """A file to publish: AVIF, WEBP, JPEG or PNG."""

    form: str
    width: int
    height: int
    data: bytes


class Look(msgspec.Struct, frozen=True, array_like=True):
    """What a picture is: its upright size in pixels, its commonest colour as `#rrggbb`, whether it was drawn and is to
    keep sharp edges."""

    size: Size
    tone: str
    drawn: bool


def measure(data: bytes) -> tuple[Size, str]:
    """The upright size of a picture in pixels, and its form, JPEG or PNG, to be published as it is.

    Raises ValueError with a sentence `what is wrong; what to do`.
    """
    with open_picture(data) as picture:
        return _upright_size(picture), "PNG" if _is_drawn(picture) else "JPEG"


def render(data: bytes, orders: tuple[Order, ...]) -> tuple[Look, list[list[Rendition]]]:
    """What the picture is, and the files of each order, the fallback last. Raises ValueError as `measure` does, also
    when the file is cut short."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow's on broken EXIF
        pixels, size, drawn = _decoded(data, _PARTS[-1])
        look = Look(size, _tone(pixels), drawn)
        parts = [
            next((each for each in reversed(_PARTS) if needed(size, order) * _SPARE * each <= 1), 1) for order in orders
        ]
        made: dict[int, list[Rendition]] = {}
        for part in sorted(set(parts), reverse=True):
            if part != _PARTS[-1]:
                pixels, _, _ = _decoded(data, part)
            made |= {n: _renditions(pixels, size, orders[n], drawn) for n, each in enumerate(parts) if each == part}
    return look, [made[n] for n in range(len(orders))]


def _decoded(data: bytes, part: int) -> tuple[Image.Image, Size, bool]:
    """The clean pixels, the upright size of the whole, and whether it was drawn. A JPEG is decoded at a half, a fourth
    or an eighth of its size, by `part`; what is made for one order never depends on the others."""
    with open_picture(data) as picture:
        size, drawn = _upright_size(picture), _is_drawn(picture)
        if picture.format in _PHOTOS and part > 1:
            picture.draft(None, (max(1, picture.width // part), max(1, picture.height // part)))
        return _clean(picture, drawn), size, drawn


def _renditions(pixels: Image.Image, size: Size, order: Order, drawn: bool) -> list[Rendition]:
    box = cut(size, order)
    part = (box[2] - box[0], box[3] - box[1])
    across, down = pixels.width / size[0], pixels.height / size[1]
    decoded = (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
    made = {each: _resized(pixels, decoded, each) for each in rungs(part, order.widths)}
    offered = []
    longest = max((side for size in made for side in size), default=0)
    for form in ("AVIF", "WEBP") if longest <= _LONGEST_NEWER else ():
        files = [Rendition(form, *each, _encoded(picture, form, drawn)) for each, picture in made.items()]
        offered.append((sum(len(each.data) for each in files), files))
    fallback = scaled(part, order.fallback)
    last = _fallback(_resized(pixels, decoded, fallback), drawn)
    newer = [files for n, (total, files) in enumerate(offered) if all(total < each[0] for each in offered[n + 1 :])]
    return [*(each for files in newer for each in files), Rendition(last[0], *fallback, last[1])]


def _resized(pixels: Image.Image, box: tuple[float, float, float, float], size: Size) -> Image.Image:
    if box == (0, 0, *pixels.size) and size == pixels.size:
        return pixels
    if pixels.mode == "P":
        pixels = pixels.convert("RGB")
    return pixels.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)


def _encoded(picture: Image.Image, form: str, drawn: bool) -> bytes:
    if picture.mode == "P":
        picture = picture.convert("RGB")
    if form == "AVIF":
        return _saved(picture, form, subsampling="4:4:4" if drawn else "4:2:0", **_AVIF)
    lossy = _saved(picture, form, **_WEBP)
    if not drawn:
        return lossy
    return min(lossy, _saved(picture, form, lossless=True, quality=80), key=len)


def _fallback(picture: Image.Image, drawn: bool) -> tuple[str, bytes]:
    """A photograph as JPEG; a drawing as PNG, with a palette where that says the same, unless a JPEG is smaller."""
    if not drawn:
        return "JPEG", _saved(picture, "JPEG", **_JPEG)
    if picture.mode == "RGB" and (colours := picture.getcolors(256)):
        picture = picture.quantize(len(colours), dither=Image.Dither.NONE)
    made = _saved(picture, "PNG", optimize=picture.mode == "P")
    if picture.mode == "RGBA":
        return "PNG", made
    jpeg = _saved(picture.convert("RGB"), "JPEG", subsampling="4:4:4", **_JPEG)
    return ("PNG", made) if len(made) <= len(jpeg) else ("JPEG", jpeg)


def _saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def open_picture(data: bytes) -> ImageFile.ImageFile:
    """The picture, not decoded yet. Raises ValueError as `measure` does."""
    if not data:
        raise ValueError("is empty; save it again from the original")
    if len(data) > LARGEST:
        raise ValueError(f"is {len(data) / 1e6:.0f} MB; save it as a JPEG of at most 60 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=_READABLE)
    except Image.DecompressionBombError:
        raise ValueError("has too many pixels; scale it down to 12,000 a side") from None
    except Exception:
        raise ValueError("is not a JPEG, PNG, WebP or GIF picture; save it as one of them") from None
    if max(picture.size) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST:,} pixels; cut it into several")
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"has too many pixels ({picture.width} × {picture.height}); scale it down")
    if getattr(picture, "n_frames", 1) > 1 and picture.format not in _PHOTOS:
        raise ValueError("is an animation; publish a still picture, or link to a video")
    return picture


def _is_drawn(picture: Image.Image) -> bool:
    return not (picture.format in _PHOTOS or (picture.format == "WEBP" and picture.mode == "RGB"))


def _upright_size(picture: Image.Image) -> Size:
    try:
        turned = picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except Exception:  # broken EXIF is no reason to refuse the pixels
        turned = False
    return (picture.height, picture.width) if turned else picture.size


def _clean(picture: Image.Image, drawn: bool) -> Image.Image:
    """The pixels alone, upright and in sRGB, of mode RGB, RGBA or P."""
    try:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    except Exception as error:
        raise ValueError(f"cannot be decoded ({error}); save it again from the original") from None
    pixels = _srgb(upright, _drawn_mode(upright) if drawn else "RGB")
    if pixels.mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
        pixels = pixels.convert("RGB")
    if pixels.mode == "RGBA":  # what an eraser made transparent is still there underneath
        seen = pixels.getchannel("A").point(lambda value: 255 if value else 0)
        pixels = Image.composite(pixels, Image.new("RGBA", pixels.size), seen)
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    if pixels.mode == "P":
        clean.putpalette(pixels.getpalette("RGB") or [], "RGB")
    return clean


def _drawn_mode(picture: Image.Image) -> str:
    if picture.mode == "P" and "transparency" not in picture.info:
        return "P"
    return "RGBA" if picture.has_transparency_data else "RGB"


def _srgb(picture: Image.Image, mode: str) -> Image.Image:
    """The picture in sRGB, by its profile where it has a usable one."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            return (converted or picture).convert(mode)
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile: its numbers are taken as sRGB, as browsers do
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 257).convert("L")
    return picture if picture.mode == mode else picture.convert(mode)


def _tone(pixels: Image.Image) -> str:
    """The commonest colour, of what is not transparent on white."""
    if pixels.mode == "RGBA":
        pixels = Image.alpha_composite(Image.new("RGBA", pixels.size, "white"), pixels)
    small = pixels.convert("RGB").resize((32, 32), Image.Resampling.BOX).quantize(_COLOURS)
    palette, counted = small.getpalette("RGB") or [0, 0, 0], small.getcolors() or [(1, 0)]
    commonest = int(max(counted)[1])  # type: ignore[call-overload]  # of a palette it is a number
    return "#" + bytes(palette[3 * commonest : 3 * commonest + 3]).hex()


def encoders() -> list[str]:
    """What else than the source and the order decides about the bytes: the versions of the libraries."""
    return [PIL.__version__, *(f"{each} {features.version(each)}" for each in _CODECS)]
