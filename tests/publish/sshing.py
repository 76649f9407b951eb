"""What tests of publishing over ssh share: a host, releases for it, a reader who opens pages all the time."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.publish.manifest import MANIFEST, decode
from newsroom.publish.targets.base import Release
from newsroom.publish.targets.ssh import SshTarget
from tests.publish.hosts import Reader, SshHost, files_of, make_release, sshd
from tests.support import modes, times, tree


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    with sshd(tmp_path_factory.mktemp("sshd") / "sshd") as found:
        yield found


@pytest.fixture(autouse=True)
def own_ssh(host: SshHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSYNC_RSH", host.shell)


@pytest.fixture
def www(tmp_path: Path) -> Path:
    """The folder at the host."""
    return tmp_path / "www"


@pytest.fixture
def target(www: Path) -> SshTarget:
    return SshTarget(f"ssh://web{www}")


def put(target: SshTarget, release: Release) -> str:
    """Publish as the command does."""
    with target.lock():
        found = target.read(MANIFEST)
        return target.put(release, decode(found) if found else None, lambda *done: None)


def series(folder: Path, count: int) -> list[Release]:
    """Releases, each after the other, of which each still has the parts of the one before."""
    releases: list[Release] = []
    for version in range(1, count + 1):
        before = releases[-1].manifest if releases else None
        kept = {name: data for name, data in files_of(version - 1).items() if name.startswith(("css/", "js/"))}
        releases.append(make_release(folder / str(version), files_of(version, kept), before))
    return releases


def everything(folder: Path) -> tuple[dict[str, bytes], dict[str, int], dict[str, int]]:
    return tree(folder), modes(folder), times(folder)


class Poller:
    """A reader that opens a page, and then what it needs, all the time."""

    def __init__(self, port: int) -> None:
        self.opened, self.broken, self.versions = 0, list[str](), set[str]()
        self._reader, self._stop = Reader(port), threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Poller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._reader.close()

    def _read(self) -> None:
        while not self._stop.is_set():
            page = self._reader.get("/index.html")
            self.opened += 1
            version = re.findall(rb"<p>([0-9a-f]{8})</p>", page.body)
            if page.status != 200 or not version:
                self.broken.append(f"page: {page.status}")
                continue
            self.versions.add(version[0].decode())
            for name in re.findall(rb'href="([^"]+)"', page.body):
                part = self._reader.get(name.decode())
                if part.status != 200 or str(int(version[0], 16)).encode() not in part.body:
                    self.broken.append(f"{name.decode()}: {part.status}")
            time.sleep(0.002)
