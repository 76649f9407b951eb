"""Files: names from hashes, writing that is whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

# What tells that a file was not written since: size, times of change in nanoseconds, inode, mode.
Signature = tuple[int, ...]
INODE = 3  # its place there
_TICK, _COARSE = 100_000_000, 3_000_000_000  # nanoseconds that file systems' clocks may round by


def signature(found: os.stat_result) -> Signature:
    """The signature of a file's status. The inode's change time cannot be set back, unlike the file's own."""
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_mode


def settled(seen: Signature, now: int) -> Signature:
    """`seen` if it can be trusted later, else (): a file that changed just before `now` (nanoseconds) may change
    again within the same tick of its clock, and Windows has no time of change."""
    if os.name != "posix" or not seen:
        return ()
    rounding = _TICK if seen[2] % 1_000_000_000 else _COARSE
    return seen if seen[2] + rounding < now else ()


def digest(data: bytes) -> str:
    """The SHA-256 of the bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file, which may be larger than the memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version_of(salt: bytes, name: str, data: bytes) -> bytes:
    """16 bytes that change with the file, its name, and `salt`, which stands for whatever reads it."""
    made = hashlib.blake2b(salt, digest_size=16)
    made.update(f"\0{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
    made.update(data)
    return made.digest()


def hashed_name(name: str, data: bytes) -> str:
    """`site.css` → `site.1f2e3d4c.css`: the name changes exactly when the bytes do."""
    stem, extension = os.path.splitext(name)
    return f"{stem}.{digest(data)[:8]}{extension}"


def write_atomic(path: Path, data: bytes, half: Path | None = None) -> None:
    """Write the file whole or not at all, readable by everyone whatever the umask. `half`, on the same disk, is where
    it lies until it is whole: what a killed process leaves has this one name."""
    half = half or path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        half.write_bytes(data)
        os.chmod(half, 0o644)
        os.replace(half, path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def in_the_way(there: Iterable[str], new: Collection[str]) -> set[str]:
    """Names of files that cannot stay beside new ones: a new file is to lie in a folder of that name, or has the name
    of a folder that they lie in."""
    names = set(new)
    folders = {parent for name in names for parent in parents(name)}
    return {name for name in there if name in folders or not names.isdisjoint(parents(name))}


def parents(name: str) -> Iterator[str]:
    """The folders that a file lies in, by their names from the same place."""
    while name := name.rpartition("/")[0]:
        yield name
