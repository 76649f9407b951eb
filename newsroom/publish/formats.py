"""What may be published: files of known kinds, each of which is what its name says.

The newsroom's own programs make every file of a release, so the list is short: what else lies there came by mistake.
"""

from __future__ import annotations

import codecs
import gzip
import importlib
import io
import json
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from newsroom.publish.metadata import Broken, left_in_avif, left_in_jpeg, left_in_png, left_in_webp

LARGEST = 1_000_000_000  # bytes that a packed file may hold
TEXTS = (".html", ".htm", ".xml", ".css", ".js", ".json", ".txt", ".svg", ".webmanifest", ".minisig", ".pub")
PICTURES: Mapping[str, tuple[str, Callable[[bytes], list[str]]]] = {
    ".jpg": ("JPEG", left_in_jpeg),
    ".png": ("PNG", left_in_png),
    ".webp": ("WebP", left_in_webp),
    ".avif": ("AVIF", left_in_avif),
}
# Pagefind's index is gzipped, whatever its files are called (pagefind.app/docs/how-pagefind-works).
GZIPPED = (".gz", ".pf_fragment", ".pf_index", ".pf_meta", ".pf_filter", ".pf_sort", ".pagefind")
PACKED = (*GZIPPED, ".br", ".zip")
_BEGINNINGS = {".woff2": b"wOF2", ".ico": b"\0\0\1\0"}
_WITHOUT_ENDING = ("_headers", "_redirects", "CNAME", ".nojekyll")
_HIDDEN = (".nojekyll", ".well-known")


def ending(name: str) -> str:
    """`.html` of `2021/07/x.html`; the whole name of a file such as `_headers`."""
    base = posixpath.basename(name)
    return base if base in _WITHOUT_ENDING else posixpath.splitext(base)[1]


def is_text(name: str) -> bool:
    """Whether a file holds words."""
    return ending(name) in (*TEXTS, *_WITHOUT_ENDING)


def name_fault(name: str) -> str:
    """Why no file of this name may be published, as `message; remedy`; "" where it may."""
    if any(part.startswith(".") and part not in _HIDDEN for part in name.split("/")):
        return "it is a hidden file; take it out"
    known = (*TEXTS, *PICTURES, *PACKED, *_BEGINNINGS, *_WITHOUT_ENDING)
    if ending(name) in known:
        return ""
    kind = f"of the kind {ending(name)!r}" if ending(name) else "without an ending"
    return f"files {kind} are not published; take it out"


def faults(name: str, data: bytes) -> Iterator[str]:
    """What is wrong with the bytes of a file of a known kind, each as `message; remedy`."""
    kind = ending(name)
    if kind in PICTURES:
        form, look = PICTURES[kind]
        try:
            left = look(data)
        except Broken:
            yield f"it is no {form}; make the picture again"
        else:
            yield from (f"the picture holds {each}; make it again without" for each in left)
    elif kind in _BEGINNINGS:
        if not data.startswith(_BEGINNINGS[kind]):
            yield f"it is no {kind[1:]} file; take it out"
    elif is_text(name) and not _is_text_of(kind, data):
        yield f"it is no {kind.lstrip('.')} text; take it out"


def _is_text_of(kind: str, data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
        if kind in (".json", ".webmanifest"):
            json.loads(text)
    except (ValueError, RecursionError):
        return False
    begins = text[:200].removeprefix("\ufeff").lstrip().lower()
    if "\0" in text or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    if kind in (".html", ".htm"):
        return begins.startswith("<!doctype html")
    return not (kind == ".xml" and not begins.startswith("<?xml")) and not (
        kind == ".svg" and not begins.startswith(("<?xml", "<svg", "<!--"))
    )


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a packed file holds: names, which for a single content end as the name does without what packed it, and
    bytes. Raises ValueError, a sentence, where nobody can look into it."""
    kind, base = ending(name), posixpath.basename(name.rpartition("!")[2])
    try:
        if kind == ".zip":
            yield from _members(data)
        elif kind == ".br":
            yield base.removesuffix(kind), _unbrotli(data)
        else:
            yield base.removesuffix(".gz") if kind == ".gz" else f"{base}.bin", _gunzipped(data)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"it cannot be unpacked ({error}); make it again") from None


def _gunzipped(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return _limited(file.read(LARGEST + 1))


def _unbrotli(data: bytes) -> bytes:
    try:
        brotli: Any = importlib.import_module("brotli")
    except ImportError:
        raise ValueError(
            "it cannot be looked into without the package brotli; install it, or take the file out"
        ) from None
    try:
        return _limited(bytes(brotli.decompress(data)))
    except brotli.error as error:
        raise OSError(str(error)) from None


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.comment:
            yield "comment.txt", archive.comment
        for member in archive.infolist():
            if not member.is_dir():
                if member.file_size > LARGEST:
                    raise ValueError(f"its {member.filename!r} is too large to look into; take it out")
                yield member.filename, archive.read(member)


def _limited(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise ValueError("what it holds is too large to look into; take it out")
    return data
