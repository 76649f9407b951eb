"""Publishers over ssh that are killed, that race and that fall silent, while a real nginx serves what is there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from newsroom.publish.manifest import MANIFEST
from newsroom.publish.targets import ssh
from newsroom.publish.targets.base import PublishFailed, Release
from newsroom.publish.targets.ssh import SshTarget
from tests.publish.hosts import SshHost, files_of, load, make_release, nginx
from tests.publish.publisher import STALE
from tests.publish.sshing import Poller, everything, host, own_ssh, put, series, target, www
from tests.support import ROOT, environment, tree

KILLS, ROUNDS = 200, 100

__all__ = ["host", "own_ssh", "target", "www"]


class Builds:
    """Releases that differ from each other, also those of one number."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 1000

    def after(self, before: Release) -> Release:
        self._count += 1
        parts = {name: data for name, data in tree(before.folder).items() if name.startswith(("css/", "js/"))}
        newest = sorted(parts, key=lambda name: name.split(".")[1])[-6:]
        files = files_of(self._count, {name: parts[name] for name in newest})
        now = before.manifest.time + 60 * self._count  # no two are of one time
        return make_release(self._folder / str(self._count), files, before.manifest, now=now)


def live(www: Path) -> Release:
    """The release that readers get."""
    return load((www / "current").resolve())


class Publisher:
    """A program of its own that publishes, and may be killed at it."""

    def __init__(self, address: str) -> None:
        self._address, self.taken = address, 0.0  # seconds that it took to put

    def __enter__(self) -> Publisher:
        self._left = tempfile.TemporaryDirectory()  # where the killed ones leave their sockets
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.publish.publisher"],
            cwd=ROOT,
            env=environment(RSYNC_RSH=os.environ["RSYNC_RSH"], TMPDIR=self._left.name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # its pipes are closed, which ends it
            pass
        self._left.cleanup()

    def publish(self, make: Callable[[], Release]) -> Release:
        """Publish what is made, undisturbed, and made anew where something became live meanwhile."""
        while True:
            release = make()
            self._begin(release)
            began, said = time.monotonic(), self._answer()
            if said == "done 0":
                self.taken = time.monotonic() - began
                return release
            assert said == f"done {STALE}"

    def kill(self, release: Release, after: float) -> str:
        """Publish, and kill it some seconds after it began to put."""
        pid = self._begin(release)
        time.sleep(after)
        with suppress(ProcessLookupError):  # done, and waited for
            os.killpg(pid, signal.SIGKILL)
        return self._answer()

    def _begin(self, release: Release) -> int:
        assert self._process.stdin
        self._process.stdin.write(f"{self._address}\t{release.folder}\n")
        first, second = sorted((self._answer(), self._answer()))
        assert second == "putting"
        return int(first.removeprefix("pid "))

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def test_what_open_pages_need_is_there_whatever_is_killed(tmp_path: Path, www: Path, target: SshTarget) -> None:
    """A publisher is killed with all it started, at moments of no choice, while a reader opens pages all the time."""
    chance = random.Random(6)
    builds = Builds(tmp_path / "made")

    def after_live() -> Release:
        return builds.after(live(www))

    (one,) = series(tmp_path / "first", 1)
    put(target, one)
    with (
        Publisher(target.name) as publisher,
        nginx(tmp_path / "nginx", www / "current") as port,
        Poller(port) as poller,
    ):
        publisher.publish(after_live)
        release, ends = after_live(), Counter[str]()
        while ends["done -9"] < KILLS:
            ended = publisher.kill(release, chance.uniform(0, 1.2) * publisher.taken)
            ends[ended] += 1
            if sum(ends.values()) % 10 == 0:  # how long it takes changes with what else the computer does
                publisher.publish(after_live)
            # The same again, or another one, which uses what the killed one left.
            if release.manifest.previous != live(www).manifest.version or chance.random() < 0.4:
                release = after_live()
        release = publisher.publish(after_live)
    assert set(ends) <= {"done -9", "done 0", f"done {STALE}"}
    assert poller.broken == []
    assert poller.opened > 5 * KILLS
    assert len(poller.versions) > KILLS / 20
    last = www / "releases" / str(release.manifest.version)
    assert os.readlink(www / "current") == f"releases/{last.name}"
    clean = SshTarget(f"web:{tmp_path}/clean")
    put(clean, release)
    assert everything(last) == everything(tmp_path / "clean" / "releases" / last.name)
    assert [path.name for path in (www / "releases").iterdir() if not path.name.isdecimal()] == []
    assert len(target.releases()) == 5


def test_a_rollback_is_one_rename_and_readers_lose_nothing(tmp_path: Path, www: Path, target: SshTarget) -> None:
    for release in series(tmp_path / "made", 2):
        put(target, release)
    took = []
    with nginx(tmp_path / "nginx", www / "current") as port, Poller(port) as one, Poller(port) as two:
        for n in range(20):
            began = time.monotonic()
            said = target.rollback(1 + n % 2)
            took.append(time.monotonic() - began)
            assert said == f"release {1 + n % 2} is live, {2 - n % 2} was before"
    assert one.broken + two.broken == []
    assert one.versions == {"00000001", "00000002"}
    assert json.loads((www / "releases/1" / MANIFEST).read_bytes())["version"] == 1
    assert min(took) < 5, took  # 0.4 where the computer does nothing else


def test_of_two_publishers_one_wins(tmp_path: Path, host: SshHost) -> None:
    """A hundred rounds; who won publishes in every tenth."""
    made = series(tmp_path / "made", 10)
    results: list[list[str]] = []
    barrier = threading.Barrier(2)

    def race(rounds: int) -> None:
        target = SshTarget(f"web:{tmp_path}/www")
        for n in range(rounds):
            barrier.wait()
            try:
                with target.lock():
                    said = "won"
                    if n % 10 == 0:
                        target.put(made[n // 10], made[n // 10 - 1].manifest if n else None, lambda *done: None)
                    barrier.wait()  # until the other one has been refused
            except PublishFailed as refused:
                said = str(refused)
                barrier.wait()
            results[n].append(said)

    results.extend([] for _ in range(ROUNDS))
    racers = [threading.Thread(target=race, args=(ROUNDS,)) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    refused = f"web:{tmp_path}/www: somebody else publishes there; wait until that is done and publish again"
    assert [sorted(each) for each in results] == [[refused, "won"]] * ROUNDS
    assert SshTarget(f"web:{tmp_path}/www").releases() == list(range(ROUNDS // 10 + 1))[-5:]


def test_the_lock_of_a_killed_publisher_is_free(tmp_path: Path, target: SshTarget) -> None:
    script = (
        "import sys, time; from newsroom.publish.targets.ssh import SshTarget\n"
        "with SshTarget(sys.argv[1]).lock(): print('held', flush=True); time.sleep(60)"
    )
    for whole in (True, False):
        command = [sys.executable, "-c", script, target.name]
        env = environment(RSYNC_RSH=os.environ["RSYNC_RSH"])
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, start_new_session=True) as publisher:
            assert publisher.stdout
            assert publisher.stdout.readline() == b"held\n"
            with pytest.raises(PublishFailed, match="somebody else publishes there"), target.lock():
                pass
            os.killpg(publisher.pid, signal.SIGKILL) if whole else publisher.kill()  # with its ssh, and without
        assert wait_for(target) < 5


def wait_for(target: SshTarget) -> float:
    """Seconds until the lock can be had."""
    began = time.monotonic()
    while time.monotonic() - began < 10:
        with suppress(PublishFailed), target.lock():
            break
    return time.monotonic() - began


def test_a_publisher_that_is_silent_loses_the_lock_and_can_do_no_more(
    tmp_path: Path, www: Path, target: SshTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does whose network is gone for a while."""
    one, two = series(tmp_path / "made", 2)
    put(target, one)
    monkeypatch.setattr(ssh, "QUIET", 1)
    with target.lock():
        time.sleep(1.2)
        with SshTarget(target.name).lock(), pytest.raises(PublishFailed) as refused:
            target.put(two, one.manifest, lambda *done: None)
    assert str(refused.value) == (
        f"{target.name}: somebody else publishes there; wait until that is done and publish again"
    )
    assert target.releases() == [1]
