"""What cameras and programs leave in pictures beside the pixels: found by reading each format's own parts.

Every part that is not needed to show the pixels is told, also one that nobody has heard of. JPEG: ITU T.81, annex B,
and JFIF 1.02; PNG: w3.org/TR/png-3; WebP: developers.google.com/speed/webp/docs/riff_container; AVIF: ISO 14496-12 and
23008-12.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_AFTER = "bytes after its end"
_APPLICATION = {1: "EXIF or XMP", 2: "a colour profile or more pictures", 13: "IPTC"}
_NEXT = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")  # within pixels, what is no marker is followed by 0
_PNG_NEEDED = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD", b"cICP")
)
_PNG_TOLD = {b"eXIf": "EXIF", b"iCCP": "a colour profile", b"tIME": "the time of its last change"}
_PNG_TOLD |= dict.fromkeys((b"tEXt", b"zTXt", b"iTXt"), "text")
_WEBP_NEEDED = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"))
_WEBP_TOLD = {b"EXIF": "EXIF", b"XMP ": "XMP", b"ICCP": "a colour profile"}
_HOLDING = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"dinf": 0}  # boxes of boxes: the bytes that come first
_AVIF_NEEDED = frozenset(
    b"ftyp meta hdlr pitm iloc iinf iprp ipco ipma ispe pixi av1C colr auxC irot imir clap pasp iref idat mdat".split()
)
_ITEMS = frozenset((b"av01", b"grid", b"iovl", b"iden"))


class Broken(ValueError):
    """The bytes are no picture of the format."""


def left_in_jpeg(data: bytes) -> list[str]:
    """What a JPEG holds beside the pixels. Raises Broken."""
    if not data.startswith(b"\xff\xd8\xff"):
        raise Broken
    found: list[str] = []
    at = 2
    while True:
        marker = _NEXT.search(data, at) if at > 2 else _NEXT.match(data, at)
        if marker is None:
            raise Broken
        code, at = marker[1][0], marker.end()
        if code == 0xD9:
            return [*found, *([_AFTER] if at < len(data) else [])]
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise Broken
        found += _jpeg_part(code, data[at + 2 : at + length])
        at += length


def _jpeg_part(code: int, held: bytes) -> Iterator[str]:
    number = code - 0xE0
    if number == 0 and held.startswith(b"JFIF\0"):
        if held[12:14] != b"\0\0":
            yield "a thumbnail"
    elif 0 <= number <= 15 and not (number == 14 and held.startswith(b"Adobe")):
        yield _APPLICATION.get(number, f"what a program noted (APP{number})")
    elif code == 0xFE:
        yield "a comment"


def left_in_png(data: bytes) -> list[str]:
    """The same of a PNG."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Broken
    found: list[str] = []
    at, kind = 8, b""
    while kind != b"IEND":
        if at + 12 > len(data):
            raise Broken
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind not in _PNG_NEEDED:
            found.append(_PNG_TOLD.get(kind, f"a chunk {_name(kind)}"))
        at += 12 + size
    return found + _rest(data, at)


def left_in_webp(data: bytes) -> list[str]:
    """The same of a WebP."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Broken
    found: list[str] = []
    at, end = 12, 8 + int.from_bytes(data[4:8], "little")
    while at < end:
        if at + 8 > len(data):
            raise Broken
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind not in _WEBP_NEEDED:
            found.append(_WEBP_TOLD.get(kind, f"a chunk {_name(kind)}"))
        at += 8 + size + size % 2
    return found + _rest(data, at)


def left_in_avif(data: bytes) -> list[str]:
    """The same of an AVIF."""
    if data[4:8] != b"ftyp" or data[8:12] not in (b"avif", b"mif1"):
        raise Broken
    return list(_boxes(data, 0, len(data)))


def _boxes(data: bytes, at: int, end: int) -> Iterator[str]:
    while at < end:
        kind, start, after = _box(data, at, end)
        if kind not in _AVIF_NEEDED:
            yield f"a box {_name(kind)}"
        elif kind in _HOLDING:
            yield from _boxes(data, start + _HOLDING[kind], after)
        elif kind == b"iinf":
            yield from _items(data, start, after)
        elif kind == b"iref" and any(each == b"thmb" for each, _, _ in _within(data, start + 4, after)):
            yield "a thumbnail"
        elif kind == b"colr" and data[start : start + 4] != b"nclx":
            yield "a colour profile"
        at = after


def _box(data: bytes, at: int, end: int) -> tuple[bytes, int, int]:
    """The kind of the box at a place, where what it holds begins, and where it ends."""
    if at + 8 > end:
        raise Broken
    size, kind = struct.unpack_from(">I4s", data, at)
    start = at + 8
    if size == 1:
        size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
    after = at + size if size else end
    if after < start or after > end:
        raise Broken
    return kind, start, after


def _within(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while at < end:
        kind, start, after = _box(data, at, end)
        yield kind, start, after
        at = after


def _items(data: bytes, start: int, end: int) -> Iterator[str]:
    """What an AVIF's list of items names besides pictures: EXIF, XMP (`mime`)."""
    number = 2 if data[start] == 0 else 4  # bytes of their count
    for kind, at, _ in _within(data, start + 4 + number, end):
        version = data[at]
        item = data[at + (8 if version == 2 else 10) :][:4]
        if kind != b"infe" or version < 2 or item not in _ITEMS:
            yield {b"Exif": "EXIF", b"mime": "XMP"}.get(item, f"an item {_name(item)}")


def _rest(data: bytes, at: int) -> list[str]:
    if at > len(data):
        raise Broken
    return [_AFTER] if at < len(data) else []


def _name(kind: bytes) -> str:
    return repr(kind.decode("latin-1"))
