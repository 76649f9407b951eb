"""Every file of a release, with whatever is packed into others and embedded in pages."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from newsroom.publish.formats import PACKED, ending, name_fault, unpacked

_EMBEDDED = re.compile(rb"data:image/([a-z+]+);base64,([A-Za-z0-9+/=%]+)")
_ENDINGS = {b"jpeg": ".jpg", b"png": ".png", b"webp": ".webp", b"avif": ".avif", b"svg+xml": ".svg"}


@dataclass(frozen=True)
class Content:
    """A file's name and bytes: `x.zip!name` within a packed one; or why there is nothing to look at, as `message;
    remedy`."""

    name: str
    data: bytes
    fault: str = ""

    @property
    def outer(self) -> str:
        """The release's file that it is or is part of."""
        return self.name.partition("!")[0]


def files_of(folder: Path) -> list[str]:
    """The names of all files below a folder, those first that hold no others."""
    found = [Path(here, name).relative_to(folder).as_posix() for here, _, names in os.walk(folder) for name in names]
    return sorted(found, key=lambda name: (ending(name) in PACKED, name))


def contents(folder: Path, names: Iterable[str]) -> Iterator[Content]:
    """Every file, and what else it holds that none of those before is or holds."""
    seen: set[int] = set()
    for name in names:
        path = folder / name
        if path.is_symlink():
            yield Content(name, b"", "it is a symbolic link; copy the file itself")
        elif fault := name_fault(name):
            yield Content(name, b"", fault)
        else:
            data = path.read_bytes()
            seen.add(hash((ending(name), data)))
            yield Content(name, data)
            yield from _held(name, data, seen)


def without_pictures(data: bytes) -> bytes:
    """A page without the pictures that are embedded in it."""
    return _EMBEDDED.sub(b"", data) if b";base64," in data else data


def _held(name: str, data: bytes, seen: set[int]) -> Iterator[Content]:
    if ending(name) in PACKED:
        try:
            for member, content in unpacked(name, data):
                yield from _new(f"{name}!{member}", content, seen, named=ending(name) in (".gz", ".br", ".zip"))
        except ValueError as error:
            yield Content(name, b"", str(error))
    elif b";base64," in data:
        for n, match in enumerate(_EMBEDDED.finditer(data), 1):
            yield from _embedded(f"{name}!picture-{n}{_ENDINGS.get(match[1], f'.{match[1].decode()}')}", match[2], seen)


def _embedded(name: str, written: bytes, seen: set[int]) -> Iterator[Content]:
    try:
        data = base64.b64decode(unquote_to_bytes(written), validate=True)
    except binascii.Error:
        yield Content(name, b"", "it is no picture; make the page again")
    else:
        yield from _new(name, data, seen)


def _new(name: str, data: bytes, seen: set[int], named: bool = True) -> Iterator[Content]:
    """A content unless it was seen; `named`: what it is follows from its name."""
    member = name.rpartition("!")[2]
    if (known := hash((ending(member), data))) in seen:
        return
    seen.add(known)
    if named and (fault := name_fault(member)):
        yield Content(name, b"", fault)
    else:
        yield Content(name, data)
        yield from _held(name, data, seen)
