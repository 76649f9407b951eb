"""The library: the pictures of a content folder, each read, checked and made once, and remembered between builds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from newsroom.articles.schema import Picture
from newsroom.files import Signature, version_of
from newsroom.images.plan import plan
from newsroom.images.render import LARGEST, measure, render


class Made(msgspec.Struct, frozen=True, array_like=True):
    """A picture as it is published, or what is wrong with its source, as `message; remedy`."""

    picture: Picture | None
    fault: str = ""


class KnownPicture(msgspec.Struct, frozen=True, array_like=True):
    """What the last build made of a picture: the signature and the version of its file."""

    signature: Signature
    version: bytes
    made: Made


class _Row(msgspec.Struct, frozen=True, array_like=True):
    made: Made
    rendition: bytes


@dataclass(frozen=True)
class PictureMemory:
    """What is remembered of earlier builds: pictures by source, rows by version; as articles/archive.py's."""

    salt: bytes
    known: Mapping[str, KnownPicture]
    recall: Callable[[bytes], bytes | None]
    store: Callable[[Iterable[tuple[bytes, bytes]]], None]


@dataclass
class Library:
    """Answers what the other rooms ask about pictures, by their source path from content's root. `files` holds the
    signature of each."""

    content: Path
    files: Mapping[str, Signature]
    memory: PictureMemory
    known: dict[str, KnownPicture] = field(default_factory=dict)

    def fault(self, source: str) -> str | None:
        """What is wrong with a picture that exists, as `message; remedy`: it is decoded whole to know."""
        return self._look(source).fault or None

    def picture(self, source: str) -> Picture:
        """The published form of a picture. Raises ValueError for one with a fault."""
        made = self._look(source)
        if made.picture is None:
            raise ValueError(f"{source}: {made.fault}")
        return made.picture

    def version(self, source: str) -> bytes:
        """Changes with the picture's file."""
        self._look(source)
        return self.known[source].version

    def rendition(self, source: str) -> bytes:
        """The bytes to publish. Raises ValueError for a picture with a fault."""
        row = self._recall(self.version(source)) or self._read(source)[1]
        if row.made.picture is None:
            raise ValueError(f"{source}: {row.made.fault}")
        return row.rendition

    def _look(self, source: str) -> Made:
        found = self.known.get(source)
        if found is None:
            found = self.memory.known.get(source)
            if found is None or found.signature != self.files.get(source, ()) or not found.signature:
                version, row = self._read(source)
                found = KnownPicture(self.files.get(source, ()), version, row.made)
            self.known[source] = found
        return found.made

    def _read(self, source: str) -> tuple[bytes, _Row]:
        try:
            with (self.content / source).open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            return b"", _Row(Made(None, f"cannot be read ({error.strerror}); mend its permissions"), b"")
        version = version_of(self.memory.salt, "picture", data)
        row = self._recall(version)
        if row is None:
            row = _make(data)
            self.memory.store([(version, msgspec.msgpack.encode(row))])
        return version, row

    def _recall(self, version: bytes) -> _Row | None:
        row = self.memory.recall(version) if version else None
        try:
            return msgspec.msgpack.decode(row, type=_Row) if row else None
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None


def _make(data: bytes) -> _Row:
    try:
        size, form = measure(data)
        rendition = render(data, form)
    except ValueError as error:
        return _Row(Made(None, str(error)), b"")
    return _Row(Made(plan(rendition, size, form)), rendition)
