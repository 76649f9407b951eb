"""A folder of this computer: a web server's, or a stick's, on a disk that may know neither modes nor links.

Files are renamed into their places one by one. The folder holds a ledger of the files that releases wrote there, with
their SHA-256; only those are ever removed. Before the first file moves, the ledger names those of the old release and
of the new one, and forgets the SHA-256 of each that is to change: the next publisher compares what a killed one was
at, and knows the rest by size and time. Before the first file is removed, the ledger marks all that go: no link leads
to them any more, and what is left of them may lack its parts, so the next publisher removes it before anything else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from newsroom.files import digest, in_the_way, parents
from newsroom.publish.manifest import MANIFEST, File, Manifest, is_inside, phases
from newsroom.publish.targets.base import Limits, Progress, PublishFailed, Release
from newsroom.publish.targets.locking import hold

LEDGER, HALF = ".ledger.json", ".half"  # what releases wrote, as builds note it too; a file that is being written
Ledger = dict[str, str]  # file → SHA-256 in hexadecimal digits, or "" for one that may hold anything, or GOING
GOING = "going"  # of a file that is being removed
_ROOM, _RIGHTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG), (errno.EACCES, errno.EPERM, errno.EROFS)
_CHUNK = 1 << 20


class FolderTarget:
    """A folder as a place to publish to."""

    limits = Limits()

    def __init__(self, path: Path | str) -> None:
        self.folder = Path(path).expanduser()
        self.name = str(self.folder)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other publishers away, as long as this process lives."""
        with self.explained("the folder cannot be made"):
            _make_folders(self.folder)
        with hold(self.folder, self.name):
            yield

    def read(self, name: str) -> bytes | None:
        """A file as it lies there now."""
        with self.explained(f"{name} cannot be read"):
            try:
                return (self.folder / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def put(self, release: Release, before: Manifest | None, progress: Progress) -> str:
        """Bring the files in place that differ, parts of pages first, and remove what earlier releases wrote last.
        What lies there decides the order, not `before`: a killed publisher may have brought pages of a third release.
        """
        del before
        put = _Put(self, release)
        steps = len(put.stale) + len(put.removed)
        doing = f"publishing to {self.name}"
        put.begin()
        for done, name in enumerate(put.stale):
            progress(doing, done, steps)
            put.write(name)
        put.mark()
        for done, name in enumerate(put.removed, len(put.stale)):
            progress(doing, done, steps)
            if name not in put.obstacles:
                put.remove(name)
        put.end()
        progress(doing, steps, steps)
        return f"{len(put.stale)} files written, {len(put.there.keys() & put.removed)} removed"

    @contextmanager
    def explained(self, what: str) -> Iterator[None]:
        """Tell what the system refuses as one sentence: what could not be done, why, and what to do."""
        try:
            yield
        except OSError as error:
            remedy = "mend that"
            if error.errno in _ROOM:
                remedy = "make room"
            elif error.errno in _RIGHTS:
                remedy = "mend its permissions"
            message = f"{what} ({error.strerror or error}); {remedy}, then publish again"
            raise PublishFailed(f"{self.name}: {message}") from error


class _Put:
    """One release on its way into a folder: what must be written and removed, each in its order."""

    def __init__(self, target: FolderTarget, release: Release) -> None:
        self.target, self.folder, self.source = target, target.folder, release.folder
        self.time = release.manifest.time
        with self.target.explained("the folder cannot be read"):
            self.there = dict(_scan(self.folder))
            self.ledger = self._read_ledger()
        self.left = [name for name in self.there if self.ledger.get(name) == GOING]
        for name in self.left:
            del self.there[name]
        self.files = dict(release.manifest.files)
        with self.target.explained("the release cannot be read"):
            for name in release.proofs:
                data = (self.source / name).read_bytes()
                self.files[name] = File(len(data), digest(data), self.time)
        there = msgspec.structs.replace(release.manifest, files=dict.fromkeys(self.there, self.files[MANIFEST]))
        order = [name for phase in (*phases(release.manifest, there), release.proofs) for name in phase]
        with self.target.explained("the folder cannot be read"):
            self.stale = [name for name in order if not self._is_current(name)]
        gone = self.ledger.keys() - self.files.keys()
        self.removed = sorted(gone, key=lambda name: (not name.endswith(".html"), name))
        self.obstacles = in_the_way(self.removed, self.files) | self._same_but_for_case()
        self._refuse_strangers()

    def begin(self) -> None:
        """Note what may be there from now on, remove what a killed publisher was writing, and what is in the way."""
        with self.target.explained("the folder cannot be written"):
            for half in [name for name in self.there if name.rpartition("/")[2] == HALF]:
                (self.folder / half).unlink(missing_ok=True)
            for name in self.left:
                (self.folder / name).unlink(missing_ok=True)
            if not self.ledger:
                _open(self.folder)
            for folder in {self.folder / parent for name in self.files for parent in parents(name)}:
                if folder.is_dir():
                    _open(folder)
            for name in self.files.keys() - set(self.stale):
                seen, since = self.there[name], self.files[name].since
                if stat.S_IMODE(seen.st_mode) != 0o644 or seen.st_mtime_ns != since * 1_000_000_000:
                    _dress(self.folder / name, since)
            if self.stale or self.removed:
                self._write_ledger({**self.ledger, **dict.fromkeys(self.stale, "")})
        for name in self.obstacles:
            self.remove(name)

    def write(self, name: str) -> None:
        """Bring a file in place: whole, or not at all."""
        file, target = self.files[name], self.folder / name
        with self.target.explained(f"{name} cannot be copied there"):
            _make_folders(target.parent)
            with _half(target) as half:
                with (self.source / name).open("rb") as source, half.open("wb") as copy:
                    read = sha256()
                    while chunk := source.read(_CHUNK):
                        read.update(chunk)
                        copy.write(chunk)
                if read.hexdigest() != file.sha256:
                    message = f"{name} is not what the release's manifest says; publish again"
                    raise PublishFailed(f"{self.target.name}: {message}")
                _dress(half, file.since)
                _rename(half, target)

    def mark(self) -> None:
        """Note what is removed from now on."""
        if self.removed:
            with self.target.explained("the folder cannot be written"):
                known = {**self.ledger, **dict.fromkeys(self.stale, "")}
                self._write_ledger({**known, **dict.fromkeys(self.removed, GOING)})

    def remove(self, name: str) -> None:
        """Remove a file that an earlier release wrote, and the folders that it leaves empty."""
        if name in self.there:
            with self.target.explained(f"{name} cannot be removed"):
                (self.folder / name).unlink(missing_ok=True)
        for folder in list((self.folder / name).parents)[: name.count("/")]:
            with contextlib.suppress(OSError):  # not empty, or not there
                folder.rmdir()

    def end(self) -> None:
        """Note what is there, once the disk really has it: whoever pulls out a stick too early is noticed."""
        ledger = {name: file.sha256 for name, file in self.files.items()}
        if ledger != self.ledger or self.stale:
            with self.target.explained("the folder cannot be written"):
                if hasattr(os, "sync"):
                    os.sync()
                self._write_ledger(ledger)

    def _read_ledger(self) -> Ledger:
        """Raises PublishFailed for a folder that holds files and no ledger."""
        try:
            ledger = msgspec.json.decode((self.folder / LEDGER).read_bytes(), type=Ledger)
            return {name: held for name, held in ledger.items() if is_inside(name) and name != LEDGER}
        except (FileNotFoundError, ValueError, msgspec.MsgspecError, RecursionError):
            found = {name.partition("/")[0] for name in self.there if name.rpartition("/")[2] not in (LEDGER, HALF)}
            if not found:
                return {}
            shown = ", ".join(sorted(found)[:3])
            message = f"the folder holds files that no release wrote ({shown})"
            remedy = "empty it if it is an old copy of the site, or name another folder"
            raise PublishFailed(f"{self.target.name}: {message}; {remedy}") from None

    def _write_ledger(self, ledger: Ledger) -> None:
        text = msgspec.json.format(msgspec.json.encode(ledger, order="sorted"), indent=1)  # a line for each file
        with _half(self.folder / LEDGER) as half:
            with half.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _dress(half, self.time)
            _rename(half, self.folder / LEDGER)

    def _is_current(self, name: str) -> bool:
        """Whether the bytes of a file lie there as this release has them; its mode and its time may be others."""
        file, seen = self.files[name], self.there.get(name)
        if seen is None or not stat.S_ISREG(seen.st_mode) or seen.st_size != file.size:
            return False
        # FAT counts in steps of two seconds. The SHA-256 tells releases apart, and this whether somebody else wrote.
        trusted = self.ledger.get(name) == file.sha256 and abs(seen.st_mtime - file.since) <= 2
        return trusted or _holds(self.folder / name, file.sha256)

    def _refuse_strangers(self) -> None:
        """What somebody else wrote is neither replaced nor buried under a folder."""
        strangers = [name for name in self.there if name not in self.ledger and name.rpartition("/")[2] != HALF]
        taken = in_the_way(strangers, self.stale) | (set(self.stale) & set(strangers))
        for name in sorted(taken):
            message = f"{name} was written by no release, and the site has a file of that name"
            raise PublishFailed(f"{self.target.name}: {message}; move it away, or name another folder")

    def _same_but_for_case(self) -> set[str]:
        """Old files that a disk which takes `A` for `a` would give to new ones, and that would go with the old name."""
        folded = {name.casefold(): name for name in self.stale}
        return {name for name in self.removed if (new := folded.get(name.casefold())) and (self.folder / new).exists()}


def _scan(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below the folder, but for the ledger, by its name from there."""
    root = str(folder)
    for where, _, names in os.walk(root):
        here = where[len(root) :].replace(os.sep, "/").lstrip("/")
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                if (path := f"{here}/{name}" if here else name) != LEDGER:
                    yield path, os.lstat(f"{where}/{name}")


@contextmanager
def _half(target: Path) -> Iterator[Path]:
    """Where a file is written until it is whole: beside its place, for a rename must not cross disks."""
    half = target.with_name(HALF)
    try:
        yield half
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)


def _rename(half: Path, target: Path) -> None:
    try:
        os.replace(half, target)
    except OSError:
        if not target.is_dir() or target.is_symlink():
            raise
        target.rmdir()  # an empty folder, or it would have been told before
        os.replace(half, target)


def _holds(path: Path, wanted: str) -> bool:
    with path.open("rb") as file:
        read = sha256()
        while chunk := file.read(_CHUNK):
            read.update(chunk)
    return read.hexdigest() == wanted


def _dress(path: Path, since: int) -> None:
    """Give a file its mode and time; FAT has no modes, and then nothing is wrong."""
    with contextlib.suppress(PermissionError, NotImplementedError):
        os.chmod(path, 0o644)
    with contextlib.suppress(PermissionError):
        os.utime(path, (since, since))


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, open to readers whatever the umask."""
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        _open(folder)


def _open(folder: Path) -> None:
    """Let readers in."""
    with contextlib.suppress(PermissionError, NotImplementedError):
        if stat.S_IMODE(os.stat(folder).st_mode) & 0o777 != 0o755:
            os.chmod(folder, 0o755)
