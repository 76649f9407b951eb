"""The plan of a picture: arithmetic and names, no pixels."""

from __future__ import annotations

import msgspec

MEDIA_TYPES = {
    "AVIF": ("image/avif", ".avif"),
    "WEBP": ("image/webp", ".webp"),
    "JPEG": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
}
Size = tuple[int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom
_NEAR = 0.85  # a file this near to the widest one is not worth its bytes on the disk


class Order(msgspec.Struct, frozen=True, array_like=True):
    """What is to be made of a picture: the ratio of the cut, (0, 0) for none; the point that it keeps, in per cent from
    left and top; how wide the files are at most, in pixels, and the fallback."""

    ratio: Size
    focus: Size
    widths: tuple[int, ...]
    fallback: int


def cut(size: Size, order: Order) -> Box:
    """The largest part of a picture that has the order's ratio, with its focus as near to the middle as can be."""
    (width, height), (wide, high) = size, order.ratio
    if not wide:
        return 0, 0, width, height
    if width * high > height * wide:
        part = max(1, (height * wide + high // 2) // high), height
    else:
        part = width, max(1, (width * high + wide // 2) // wide)
    left, top = (
        min(max(0, (whole * percent - 50 * kept + 50) // 100), whole - kept)
        for whole, kept, percent in zip(size, part, order.focus, strict=True)
    )
    return left, top, left + part[0], top + part[1]


def scaled(size: Size, width: int) -> Size:
    """The size at this width, the ratio kept to the nearest pixel; never larger."""
    width = min(width, size[0])
    return width, max(1, (size[1] * width + size[0] // 2) // size[0])


def rungs(size: Size, widths: tuple[int, ...]) -> list[Size]:
    """The sizes of a ladder of files, the smallest first, for a picture or part of this size."""
    if not widths:
        return []
    widest = min(size[0], widths[-1])
    return [scaled(size, each) for each in (*(each for each in widths if each < widest * _NEAR), widest)]


def needed(size: Size, order: Order) -> float:
    """The part of its width and height, at most 1, in which a picture must be decoded for this order."""
    left, _, right, _ = cut(size, order)
    return min(1.0, max((*order.widths, order.fallback)) / (right - left))


def name(digest: str, form: str) -> str:
    """The file of a rendition, by the SHA-256 of its bytes.

    It is made from what is published alone: neither the reporter's file name nor a digest of the original, with which
    a seized camera could be matched, leaves the newsroom.
    """
    return f"images/{digest[:16]}{MEDIA_TYPES[form][1]}"
