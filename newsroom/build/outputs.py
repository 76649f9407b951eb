"""What the last build made of each file of the output, and which of these files are still as it left them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import msgspec

from newsroom.files import Signature, digest, signature


class Planned(Protocol):
    """A file to be: `make()` answers the values for `template` or, where that is "", bytes; while `recipe` stays the
    same it would answer the same."""

    @property
    def url(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def recipe(self) -> bytes: ...
    @property
    def make(self) -> Callable[[], Mapping[str, Any] | bytes]: ...


class Made(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file that was made: from which recipe and key, with which SHA-256, and how the disk holds it.

    `parts` are eight bytes for each value that went into the key, `shape` says which: `--explain` compares them.
    """

    recipe: bytes
    key: bytes
    parts: bytes
    shape: int
    digest: bytes
    signature: Signature


class Snapshot(msgspec.Struct, array_like=True):
    """All files of one output. `ground` stands for what all pages depended on, `frame` for everything that the plan
    depended on besides the texts of articles, and `texts` for each of these; `templates` are digests of the theme's
    files, `shapes` the names of values, `open` the templates that may read anything."""

    ground: bytes = b""
    open: tuple[str, ...] = ()
    made: dict[str, Made] = msgspec.field(default_factory=dict)
    shapes: list[tuple[str, ...]] = msgspec.field(default_factory=list)
    templates: dict[str, bytes] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what the build said besides its summary
    frame: bytes = b""
    texts: tuple[bytes, ...] = ()


def intact(output: Path, made: Mapping[str, Made], urls: Iterable[str]) -> dict[str, Made]:
    """Of these files those which are on the disk as a build left them; a file that was touched is compared."""
    found: dict[str, Made] = {}
    root = f"{output}/"
    for url in urls:
        known = made.get(url)
        if known is None:
            continue
        try:
            seen = signature(os.lstat(root + url))
        except OSError:
            continue
        if seen == known.signature:
            found[url] = known
        elif _same(root + url, seen, known.digest):
            found[url] = msgspec.structs.replace(known, signature=signature(os.lstat(root + url)))
    return found


def open_folders(output: Path, urls: Iterable[str]) -> None:
    """Let readers into the folders of these files again, should somebody have closed one."""
    folders = {os.path.dirname(url) for url in urls}
    folders |= {str(parent) for folder in folders for parent in PurePosixPath(folder).parents}
    for name in folders:
        folder = output / name
        with contextlib.suppress(OSError):
            if stat.S_IMODE(os.stat(folder).st_mode) != 0o755:
                os.chmod(folder, 0o755)


def _same(path: str, seen: Signature, wanted: bytes) -> bool:
    """Whether an ordinary file has this SHA-256; readers may read it then."""
    if not stat.S_ISREG(seen[4]):
        return False
    try:
        with open(path, "rb") as file:
            if bytes.fromhex(digest(file.read())) != wanted:
                return False
        if stat.S_IMODE(seen[4]) != 0o644:
            os.chmod(path, 0o644)
    except OSError:
        return False
    return True
