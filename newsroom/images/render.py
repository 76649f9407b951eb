"""The pixels of a picture: decoded, turned upright, brought to sRGB, and written anew.

Only pixels travel: no EXIF, GPS, XMP, IPTC, comment, thumbnail or profile of the source can survive.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageOps

from newsroom.images.plan import fit

LARGEST = 60_000_000  # bytes of a file
MOST_PIXELS = 120_000_000  # a decompression bomb is refused before it is decoded
_READABLE = ("JPEG", "PNG", "WEBP", "GIF")
_PHOTOS = ("JPEG", "MPO")  # MPO: a telephone's JPEG with further pictures behind it; the first is the photo


def measure(data: bytes) -> tuple[tuple[int, int], str]:
    """The upright size in pixels and the form (JPEG or PNG) in which the picture is published.

    Raises ValueError with a sentence `what is wrong; what to do`.
    """
    with _open(data) as picture:
        try:
            turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        except Exception:  # broken EXIF is no reason to refuse the pixels
            turned = False
        width, height = picture.size
        plain = picture.format in _PHOTOS or (picture.format == "WEBP" and picture.mode == "RGB")
        return ((height, width) if turned else (width, height)), "JPEG" if plain else "PNG"


def render(data: bytes, form: str) -> bytes:
    """The bytes to publish. Raises ValueError as `measure` does when the file is cut short."""
    with _open(data) as picture:
        try:
            picture.load()
            upright = ImageOps.exif_transpose(picture)
        except Exception as error:
            raise ValueError(f"cannot be decoded ({error}); save it again from the original") from None
        pixels = _srgb(upright, "RGB" if form == "JPEG" else _png_mode(upright))
    if pixels.mode == "RGBA":  # what an eraser made transparent is still there underneath
        seen = pixels.getchannel("A").point(lambda value: 255 if value else 0)
        pixels = Image.composite(pixels, Image.new("RGBA", pixels.size), seen)
    size = fit(*pixels.size)
    if size != pixels.size and pixels.mode == "P":  # a drawing stays one of few colours
        pixels = pixels.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(256)
    elif size != pixels.size:
        pixels = pixels.resize(size, Image.Resampling.LANCZOS)
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    if pixels.mode == "P":
        clean.putpalette(pixels.getpalette("RGB") or [], "RGB")
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": 82, "progressive": True} if form == "JPEG" else {}
    clean.save(out, form, optimize=clean.mode == "P" or form == "JPEG", **options)  # slow on PNGs of many colours
    return out.getvalue()


def _open(data: bytes) -> Image.Image:
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
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"has too many pixels ({picture.width} × {picture.height}); scale it down")
    if getattr(picture, "n_frames", 1) > 1 and picture.format not in _PHOTOS:
        raise ValueError("is an animation; publish a still picture, or link to a video")
    return picture


def _png_mode(picture: Image.Image) -> str:
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
