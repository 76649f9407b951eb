"""The manifest: every file of a release with its SHA-256, and the release that it follows.

It lies in each release as `release.json`, beside its signature, and names every file but these two. The promises that
rest on it are those of The Update Framework (theupdateframework.io): tampering, rollback, freeze and mixed releases
can be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from newsroom.files import digest

MANIFEST, SIGNATURE = "release.json", "release.json.minisig"
PREVIOUS = "release.previous.json"  # the manifest before: a file that is older than its release is known by it
PROOFS = (SIGNATURE, MANIFEST)  # what a manifest does not name, in the order in which they are put
LARGEST = 64_000_000  # bytes that a manifest may have


class File(msgspec.Struct, frozen=True, gc=False):
    """A file of a release. `since` is the time of the release that brought these bytes, in seconds since 1970: hosts
    show it as the file's time of change, so that no two versions of a file share size and time. `retired` is when pages
    ceased to need it, 0 as long as they do: what an open page may still ask for stays for a while."""

    size: int
    sha256: str  # 64 hexadecimal digits
    since: int
    retired: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """A release: its files by their names in the output, its number, and how long it may be believed. Times are seconds
    since 1970."""

    site: str  # SITEURL
    version: int  # counts up from 1
    time: int  # later than that of the release before
    expires: int
    files: dict[str, File]
    previous: int = 0  # the version before; 0: none
    previous_sha256: str = ""  # of the manifest before
    floor: int = 0  # no release before this one may be shown again: they hold what was taken down
    mirrors: tuple[str, ...] = ()  # addresses at which the same site is published
    format: int = 1


class _Formatted(Protocol):
    @property
    def format(self) -> int: ...


Proof = TypeVar("Proof", bound=_Formatted)


def encode(manifest: Manifest) -> bytes:
    """The manifest as it is published: JSON, a line for each file, the same bytes for the same release."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1) + b"\n"


def parse(data: bytes, kind: type[Proof], largest: int) -> Proof:
    """A proof of this kind from what somebody may have made up. Raises ValueError where it is none that this program
    knows, or has more than `largest` bytes."""
    if len(data) > largest:
        raise ValueError(f"it has {len(data)} bytes")
    try:
        proof = msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if proof.format != 1:
        raise ValueError(f"its format is {proof.format}, and this program knows 1")
    return proof


def decode(data: bytes) -> Manifest:
    """A manifest that somebody may have made up. Raises ValueError where it is none."""
    manifest = parse(data, Manifest, LARGEST)
    for name, file in manifest.files.items():
        if not is_inside(name) or name in PROOFS:
            raise ValueError(f"{name!r} is no name of a file of a site")
        if not re.fullmatch(r"[0-9a-f]{64}", file.sha256) or file.size < 0:
            raise ValueError(f"{name!r} has no SHA-256 or no size")
    return manifest


def is_inside(name: str) -> bool:
    """Whether a name is that of a file below a folder, whoever made it up."""
    parts = name.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not re.search(r"[\0-\x1f\\]", name)


@dataclass(frozen=True)
class Changes:
    """What a release changes of the one before, as names of files."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.removed)


def changes(manifest: Manifest, before: Manifest | None) -> Changes:
    """What differs from the release before, of which None means that there is none."""
    old: Mapping[str, File] = before.files if before else {}
    files = manifest.files
    new = tuple(sorted(files.keys() - old.keys()))
    changed = tuple(sorted(name for name in files.keys() & old.keys() if files[name].sha256 != old[name].sha256))
    removed = tuple(sorted(old.keys() - files.keys()))
    return Changes(new, changed, removed, len(files) - len(new) - len(changed))


def phases(manifest: Manifest, before: Manifest | None) -> tuple[tuple[str, ...], ...]:
    """The names of all files in the order in which a host that shows each at once must get them: what pages need, new
    pages, pages that may link to these, what announces them. At every moment between, each page that a reader opens has
    its parts, and each link of it leads somewhere. The proofs come next, and what is removed goes after all of it."""
    old: Mapping[str, File] = before.files if before else {}
    parts: list[str] = []
    new: list[str] = []
    changed: list[str] = []
    announcing: list[str] = []
    for name in sorted(manifest.files):
        if is_announcement(name):
            announcing.append(name)
        elif not name.endswith(".html"):
            parts.append(name)
        else:
            (changed if name in old else new).append(name)
    return tuple(map(tuple, (parts, new, changed, announcing)))


def is_announcement(name: str) -> bool:
    """Whether a file tells machines what there is: feeds, sitemaps, downloads of the whole, keys of the proofs."""
    return name.endswith((".xml", ".zip", ".minisig")) or name in ("robots.txt", "keys.json", PREVIOUS)


def name_of(data: bytes) -> str:
    """The SHA-256 of a manifest, by which the next one names it."""
    return digest(data)
