"""Pictures made for a test: of every form, with whatever a camera or an editor leaves in them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

CANARY = "QuokkaSecret"  # stands in every place where a file can hold words
ORIENTATION, MAKE, ARTIST, GPS = 0x0112, 0x010F, 0x013B, 0x8825


def drawing(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A white picture whose left upper quarter is red."""
    picture = Image.new("RGB", size, "white")
    picture.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return picture


def clouds(size: tuple[int, int] = (1200, 800)) -> Image.Image:
    """Soft colours that run into each other, as in a photograph; the same each time."""
    dice = random.Random(1)
    noise = Image.frombytes("L", (120, 80), bytes(dice.randrange(60, 200) for _ in range(120 * 80)))
    parts = (noise, Image.radial_gradient("L"), Image.linear_gradient("L"))
    return Image.merge("RGB", [each.resize(size, Image.Resampling.BICUBIC) for each in parts])


def encode(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def decode(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def srgb() -> bytes:
    """A colour profile; its description is a text that could name an owner."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera writes: its name, its owner, the place."""
    made = Image.Exif()
    made[ORIENTATION], made[MAKE], made[ARTIST] = orientation, f"{CANARY}Camera", f"{CANARY}Owner"
    made[GPS] = {1: "N", 2: (11.0, 33.0, 21.0), 3: "E", 4: (104.0, 55.0, 0.0), 29: f"{CANARY}:01:01"}
    return made


def xmp() -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><creator>{CANARY}Xmp</creator></x:xmpmeta>".encode()


def segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    """The JPEG with one more segment behind its first marker."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def chunk(kind: bytes, payload: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def telling() -> dict[str, bytes]:
    """Pictures with a canary in every place, by name."""
    picture, all_of = drawing(), {"exif": exif(), "icc_profile": srgb() + CANARY.encode()}
    jpeg = encode(picture, "JPEG", comment=f"{CANARY}Comment", xmp=xmp(), **all_of)
    jpeg = segment(jpeg, 0xED, b"Photoshop 3.0\0" + f"8BIM{CANARY}Iptc".encode())
    jpeg = segment(jpeg, 0xEB, f"{CANARY}App11".encode())
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", f"{CANARY}Text")
    text.add_text("Comment", f"{CANARY}Zipped", zip=True)
    text.add_itxt("XML:com.adobe.xmp", xmp().decode())
    png = encode(picture, "PNG", pnginfo=text, **all_of)
    end = png.rindex(b"IEND") - 4
    png = png[:end] + chunk(b"quOk", CANARY.encode()) + chunk(b"tIME", b"\x07\xea\1\1\1\1\1") + png[end:]
    return {
        "jpeg": jpeg,
        "jpeg with something behind its end": jpeg + CANARY.encode(),
        "jpeg with a second picture": encode(picture, "MPO", save_all=True, append_images=[picture], **all_of),
        "cmyk": encode(picture.convert("CMYK"), "JPEG", comment=CANARY, exif=exif()),
        "png": png,
        "png with something behind its end": png + CANARY.encode(),
        "png of a palette": encode(picture.convert("P"), "PNG", pnginfo=text, **all_of),
        "png with transparency": encode(picture.convert("RGBA"), "PNG", pnginfo=text, **all_of),
        "webp": encode(picture, "WEBP", xmp=xmp(), **all_of),
        "webp with transparency": encode(picture.convert("RGBA"), "WEBP", lossless=True, xmp=xmp(), **all_of),
        "gif": encode(picture.convert("P"), "GIF", comment=f"{CANARY}Comment".encode()),
    }


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims to be large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
