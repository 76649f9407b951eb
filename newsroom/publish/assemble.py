"""Putting a release together: the built files, what is made of them, and the manifest that names all of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from newsroom.files import digest, digest_of_file
from newsroom.publish.manifest import MANIFEST, PREVIOUS, SIGNATURE, File, Manifest, decode, encode, name_of
from newsroom.publish.targets.base import PublishFailed, Release

FOLDER = Path(".cache/release")  # where a release is put together, and stays to be looked at
DAY = 86_400  # seconds
RETIRED_DAYS = 7  # for which style sheets and scripts stay that no page needs any more
_FOR_OPEN_PAGES = (".css", ".js")


@dataclass(frozen=True)
class Live:
    """A release as a host holds it: its manifest, the bytes of both proofs, and what answers a file of it."""

    manifest: Manifest
    data: bytes
    signature: bytes | None
    read: Callable[[str], bytes | None]


@dataclass(frozen=True)
class Facts:
    """What a manifest says besides its files. `static` is the folder of the theme's files; `gone` are the files at
    which a notice stands in the place of what was taken down."""

    site: str
    mirrors: tuple[str, ...]
    days: int
    static: str
    gone: frozenset[str] = frozenset()


def read_live(read: Callable[[str], bytes | None], genuine: Callable[[bytes, bytes | None], str]) -> Live | str | None:
    """The release that a host holds; None where it holds none, and a sentence where that cannot be believed.
    `genuine(manifest, signature)` answers "" or why not."""
    data = read(MANIFEST)
    if data is None:
        return None
    signature = read(SIGNATURE)
    if fault := genuine(data, signature):
        return fault
    try:
        return Live(decode(data), data, signature, read)
    except ValueError as error:
        return f"its {MANIFEST} cannot be read ({error})"


def assemble(
    folder: Path,
    built: Mapping[str, Path],
    more: Callable[[Path, Mapping[str, File]], Iterable[tuple[str, bytes | None]]],
    before: Live | None,
    facts: Facts,
    now: int,
    newest: int = 0,
) -> Release:
    """Copy the `built` files to `folder`, anew, with what `more(folder, files so far)` makes of them, and write the
    manifest. Of each file, `more` answers the name and the bytes, or None where it wrote them to the folder itself.

    Where nothing differs from `before` and that is still to be believed for long, this is `before` again, byte for
    byte. `now` is in seconds since 1970; `newest` is the highest version that any reader may have seen. Raises
    PublishFailed where a built file cannot be read."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    old = before.manifest if before else None
    time = max(now, old.time + 1) if old else now
    files: dict[str, File] = {}

    def note(name: str, size: int, sha256: str, retired: int = 0) -> None:
        known = old.files.get(name) if old else None
        since = known.since if known and known.sha256 == sha256 else time
        files[name] = File(size, sha256, since, retired)
        _dress(folder / name, since)

    def add(name: str, data: bytes, retired: int = 0) -> None:
        _write(folder / name, data)
        note(name, len(data), digest(data), retired)

    for name in sorted(built):
        add(name, _read(built[name]))
    for name, made in more(folder, dict(files)):
        if made is None:
            note(name, (folder / name).stat().st_size, digest_of_file(folder / name))
        else:
            add(name, made)
    for name, data, retired in _retired(before, files, facts.static, time):
        add(name, data, retired)
    newest = max(newest, old.version if old else 0)
    manifest = _manifest(files, before, facts, time, newest + 1)
    if before and before.manifest.version == newest and _same(manifest, before.manifest, now, facts.days):
        return _again(folder, before)
    if before:
        add(PREVIOUS, before.data)
    manifest = msgspec.structs.replace(manifest, files=dict(files))
    _write(folder / MANIFEST, encode(manifest))
    _dress(folder / MANIFEST, time)
    return Release(folder, manifest)


def _manifest(files: Mapping[str, File], before: Live | None, facts: Facts, time: int, version: int) -> Manifest:
    return Manifest(
        site=facts.site,
        version=version,
        time=time,
        expires=time + facts.days * DAY,
        files=dict(files),
        previous=before.manifest.version if before else 0,
        previous_sha256=name_of(before.data) if before else "",
        floor=_floor(files, before, facts.gone, version),
        mirrors=facts.mirrors,
    )


def _floor(files: Mapping[str, File], before: Live | None, gone: frozenset[str], version: int) -> int:
    """The first release that holds nothing of what was taken down: this one, where the one before still shows some."""
    old: Mapping[str, File] = before.manifest.files if before else {}
    taken_down = any(name in files and (name not in old or old[name].sha256 != files[name].sha256) for name in gone)
    return version if taken_down or before is None else before.manifest.floor


def _retired(
    before: Live | None, files: Mapping[str, File], static: str, time: int
) -> Iterator[tuple[str, bytes, int]]:
    """What pages of the release before may still ask for: name, bytes, when it was retired."""
    for name, file in before.manifest.files.items() if before else ():
        if name in files or not name.startswith(f"{static}/") or not name.endswith(_FOR_OPEN_PAGES):
            continue
        since = file.retired or time
        if time - since > RETIRED_DAYS * DAY:
            continue
        data = before.read(name) if before else None
        if data is not None and digest(data) == file.sha256:
            yield name, data, since


def _same(manifest: Manifest, old: Manifest, now: int, days: int) -> bool:
    """Whether nothing differs that readers could see, and half of the time to believe it is still to come."""
    files = {name: file for name, file in old.files.items() if name != PREVIOUS}
    kept = (manifest.site, manifest.mirrors) == (old.site, old.mirrors) and manifest.files == files
    return kept and old.expires - now > days * DAY / 2


def _again(folder: Path, before: Live) -> Release:
    """The release before, whose files lie in `folder` already but for what names releases."""
    manifest = before.manifest
    if PREVIOUS in manifest.files:
        data = before.read(PREVIOUS)
        if data is None or digest(data) != manifest.files[PREVIOUS].sha256:
            raise PublishFailed(f"the host has lost its {PREVIOUS}; change any article, and publish again")
        _write(folder / PREVIOUS, data)
        _dress(folder / PREVIOUS, manifest.files[PREVIOUS].since)
    release = Release(folder, manifest)
    _write(folder / MANIFEST, before.data)
    _dress(folder / MANIFEST, manifest.time)
    if before.signature is not None:
        add_signature(release, before.signature)
    return release


def add_signature(release: Release, signature: bytes) -> None:
    """Put the signature of its manifest into the release."""
    _write(release.folder / SIGNATURE, signature)
    _dress(release.folder / SIGNATURE, release.manifest.time)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PublishFailed(f"{path.name} of the build cannot be read ({error.strerror}); publish again") from None


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _dress(path: Path, time: int) -> None:
    os.chmod(path, 0o644)
    os.utime(path, (time, time))
