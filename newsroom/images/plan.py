"""The plan of a picture: arithmetic and names, no pixels."""

from __future__ import annotations

from newsroom.articles.schema import Picture
from newsroom.files import digest

WIDEST = 1600  # pixels; the column is at most 44 rem wide, twice that on a sharp screen

MEDIA_TYPES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png")}


def fit(width: int, height: int, widest: int = WIDEST) -> tuple[int, int]:
    """Width and height scaled down to `widest`, never up; the ratio kept to the nearest pixel."""
    if width <= widest:
        return width, height
    return widest, max(1, (height * widest + width // 2) // width)


def plan(rendition: bytes, size: tuple[int, int], form: str) -> Picture:
    """The published picture whose bytes are `rendition`, of upright `size` before scaling, in `form` JPEG or PNG.

    Its name is made from what is published alone: neither the reporter's file name nor a digest of the
    original, with which a seized camera could be matched, leaves the newsroom.
    """
    media_type, extension = MEDIA_TYPES[form]
    return Picture(f"images/{digest(rendition)[:16]}{extension}", *fit(*size), media_type)
