"""Releases to be put somewhere, what a reader finds there meanwhile, and publishers that are killed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from newsroom.files import digest, hashed_name
from newsroom.publish.manifest import MANIFEST, SIGNATURE, File, Manifest, encode
from newsroom.publish.targets.base import Release
from tests.support import ROOT, environment, files

FIRST = 1_767_225_601  # an odd second, which FAT cannot tell


def nothing(doing: str, done: int, steps: int) -> None:
    """Progress that nobody sees."""
    del doing, done, steps


def site_of(version: int) -> dict[str, bytes]:
    """The files of a small site, of which each version has other pages, pictures and parts, and texts of its own; a
    name that is a file in one is a folder in the next."""
    css = f"body {{ --version: {version % 2} }}".encode()
    js = f"// version {version}".encode()
    parts = {hashed_name("css/site.css", css): css, hashed_name("js/site.js", js): js, "images/logo.png": b"logo"}
    for n in range(version % 3, version % 3 + 4):
        picture = bytes([n]) * 30_000
        parts[hashed_name(f"2026/0{n % 2 + 1}/photo-{n}.jpg", picture)] = picture
    names = [f"2026/0{n % 2 + 1}/article-{n}.html" for n in range(version % 4, version % 4 + 8)]
    pages = {name: _page(name, version, parts, [*names, "about.html"]) for name in [*names, "index.html"]}
    pages["notes" if version % 2 else "notes/deep/er.txt"] = b"linked from nowhere"
    pages["about.html"] = _page("about.html", 0, {}, ["index.html"])  # the same in all versions
    feed = "".join(f"<id>{name}</id>" for name in names).encode()
    return {**parts, **pages, "feeds/all.atom.xml": feed, "robots.txt": b"User-agent: *\n"}


def _page(name: str, version: int, parts: Mapping[str, bytes], links: list[str]) -> bytes:
    up = "../" * name.count("/")
    needs = "".join(f'<img src="{up}{part}">' for part in sorted(parts))
    leads = "".join(f'<a href="{up}{link}">' for link in sorted(links))
    return f"<html><p>{name} in version {version}{needs}{leads}</html>".encode()


def make_release(folder: Path, files: Mapping[str, bytes], version: int = 1) -> Release:
    """A release of these files, all brought by it."""
    when = FIRST + 100 * version
    manifest = Manifest(
        "https://news.example/",
        version,
        when,
        when + 1000,
        {name: File(len(data), digest(data), when) for name, data in files.items()},
    )
    for name, data in {**files, MANIFEST: encode(manifest), SIGNATURE: b"signature %d" % version}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return Release(folder, manifest)


def state(folder: Path) -> dict[str, object]:
    """What a folder holds, as a web server shows it: bytes, modes, times."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        seen = path.lstat()
        shown = (path.read_bytes(), seen.st_mtime_ns) if path.is_file() else ()
        found[path.relative_to(folder).as_posix()] = (oct(seen.st_mode), shown)
    return found


def broken(folder: Path, name: str = "index.html") -> Iterator[str]:
    """What a reader who follows every link from a page misses: its parts, and what it links to. A page that was
    replaced or removed meanwhile is let be, and one to which nothing leads any more: it is about to go."""
    for page, before, fault in list(_faults(folder, name)):
        if page in reachable(folder, name) and before == _identity(folder / page):
            yield f"{page}: {fault}"


def _faults(folder: Path, name: str) -> Iterator[tuple[str, object, str]]:
    seen, ways = {name}, [name]
    while ways:
        page = ways.pop()
        before, text = _identity(folder / page), _read(folder / page)
        parts, links = _named(page, text)
        missing = [each for each in (*parts, *links) if not (folder / each).is_file()]
        if missing or not text.endswith(b"</html>"):
            yield page, before, str(missing or text[-20:])
        ways += [link for link in links if link not in seen]
        seen |= set(links)


def reachable(folder: Path, name: str) -> set[str]:
    """The pages to which links lead from a page, and it."""
    seen, ways = {name}, [name]
    while ways:
        page = ways.pop()
        links = _named(page, _read(folder / page))[1]
        ways += [link for link in links if link not in seen]
        seen |= set(links)
    return seen


def _named(page: str, text: bytes) -> tuple[list[str], list[str]]:
    """The parts of a page, and what it links to."""
    base = page.rpartition("/")[0]
    parts, links = (
        [os.path.normpath(f"{base}/{found}").lstrip("/") for found in re.findall(pattern, text.decode())]
        for pattern in ('src="([^"]+)"', 'href="([^"]+)"')
    )
    return parts, links


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there: the same text may have gone and come back."""
    try:
        seen = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return seen.st_ino, seen.st_ctime_ns


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""


@dataclass
class Reader:
    """Somebody who reads the site while it is published to."""

    found: list[str] = field(default_factory=list)
    rounds: int = 0


@contextmanager
def reading(folder: Path) -> Iterator[Reader]:
    """Read on and on, in a thread."""
    reader, stop = Reader(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            reader.found += broken(folder)
            reader.rounds += 1

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield reader
    finally:
        stop.set()
        thread.join()


# What forks the publishers. One gets SIGKILL before the call of number `at` that changes the disk, as Python's audit
# events tell, or after so many `seconds`; 0 lets it end. Its answer is its exit status and how many such calls it made.
SERVER = r"""
import gc, json, os, signal, sys
from pathlib import Path
from newsroom.publish.manifest import MANIFEST, decode
from newsroom.publish.targets.archive import ZipTarget
from newsroom.publish.targets.base import PublishFailed, Release
from newsroom.publish.targets.folder import FolderTarget
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.utime"}
os.sync = lambda: None  # a killed process loses nothing that the system has; a disk that does is not to be had here

def watch(at):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_CREAT)
        if event in CHANGES or writes:
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    return lambda: seen

def publish(job, answer):
    os.umask(job["umask"])
    release = Release(Path(job["release"]), decode(Path(job["release"], MANIFEST).read_bytes()))
    target = {"folder": FolderTarget, "zip": ZipTarget}[job["kind"]](job["target"])
    seen = watch(job["at"])
    if job["seconds"]:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, job["seconds"])
    with target.lock():
        before = target.read(MANIFEST)
        target.put(release, decode(before) if before else None, lambda *step: None)
    os.write(answer, str(seen()).encode())
    os._exit(0)

gc.freeze()
for line in sys.stdin:
    reads, writes = os.pipe()
    process = os.fork()
    if not process:
        publish(json.loads(line), writes)
    os.close(writes)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(status, int(os.read(reads, 20) or 0), flush=True)
    os.close(reads)
"""


class Publishers:
    """Publishers in processes of their own, one after the other, that may be killed."""

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()

    def publish(
        self, kind: str, target: Path, release: Release, at: int = 0, seconds: float = 0, umask: int = 0o022
    ) -> tuple[int, int]:
        """Put the release; answers the exit status, negative for a signal, and how often the disk was changed."""
        job = {"kind": kind, "target": str(target), "release": str(release.folder), "at": at, "umask": umask}
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps({**job, "seconds": seconds}), file=self._server.stdin, flush=True)
        status, changes = self._server.stdout.readline().split()
        return int(status), int(changes)


def halves(folder: Path) -> list[str]:
    """Files that are no file of the site."""
    return [name for name in files(folder) if name.endswith((".half", ".lock"))]
