"""Publishing over ssh, to a real sshd and rsync, while a real nginx serves what is there."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from newsroom.publish.manifest import MANIFEST, decode
from newsroom.publish.targets import ssh
from newsroom.publish.targets.base import PublishFailed, Release
from newsroom.publish.targets.remote import Address, parse_address
from newsroom.publish.targets.ssh import SshTarget
from tests.publish.hosts import Reader, SshHost, files_of, load, make_release, nginx, sshd
from tests.publish.publisher import STALE
from tests.support import ROOT, difference, environment, modes, times, tree

KILLS, ROUNDS = 200, 100


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    with sshd(tmp_path_factory.mktemp("sshd") / "sshd") as found:
        yield found


@pytest.fixture(autouse=True)
def _own_ssh(host: SshHost, monkeypatch: pytest.MonkeyPatch) -> None:
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
        self._address = address

    def __enter__(self) -> Publisher:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.publish.publisher"],
            cwd=ROOT,
            env=environment(RSYNC_RSH=os.environ["RSYNC_RSH"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # its pipes are closed, which ends it
            pass

    def publish(self, release: Release) -> float:
        """Publish, undisturbed; answers how long it took to put."""
        self._begin(release)
        began = time.monotonic()
        assert self._answer() == "done 0"
        return time.monotonic() - began

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


def test_a_release_is_put_in_a_folder_of_its_own_and_made_current(tmp_path: Path, www: Path, target: SshTarget) -> None:
    one, two = series(tmp_path / "made", 2)
    assert put(target, one) == "release 1 is live, 17 files sent"
    assert put(target, two) == "release 2 is live, 7 files sent"
    assert sorted(path.name for path in www.iterdir()) == [".lock", ".step", "current", "releases"]
    assert os.readlink(www / "current") == "releases/2"
    for release in (one, two):
        there = www / "releases" / str(release.manifest.version)
        assert tree(there) == tree(release.folder)
        assert times(there) == times(release.folder)
        assert set(modes(there).values()) == {0o644, 0o755}
    same = [path for path in (www / "releases/2").rglob("*") if path.is_file() and path.stat().st_nlink == 2]
    assert len(same) == 10
    assert target.read("about.html") == (two.folder / "about.html").read_bytes()
    assert target.read("gone.html") is None
    assert target.releases() == [1, 2]


def test_nothing_is_there_before_the_first_release(target: SshTarget, www: Path) -> None:
    assert target.read(MANIFEST) is None
    assert target.releases() == []
    assert not www.exists()


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ssh://web/srv/site", Address("", "web", "", "/srv/site")),
        ("ssh://me@web.example:2222/srv/site/", Address("me", "web.example", "2222", "/srv/site")),
        ("ssh://me@[2001:db8::1]:2222/srv/a site", Address("me", "2001:db8::1", "2222", "/srv/a site")),
        ("ssh://web/~/site", Address("", "web", "", "site")),
        ("me@web:/srv/site", Address("me", "web", "", "/srv/site")),
        ("Web:site", Address("", "Web", "", "site")),
        ("web:~/site", Address("", "web", "", "site")),
        ("me@[2001:db8::1]:/srv", Address("me", "2001:db8::1", "", "/srv")),
        ("/srv/site", None),
        ("C:/site", None),
        ("s3://bucket/site", None),
        ("https://web.example/site", None),
        ("ssh://web", None),
        ("ssh://web/", None),
        ("ssh://me:secret@web/srv", None),
        ("ssh://-oProxyCommand=x/srv", None),
        ("-oProxyCommand=x:/srv", None),
        ("ssh://-x@web/srv", None),
        ("web:/srv/\nsite", None),
    ],
)
def test_an_address_is_that_of_ssh_or_of_rsync(written: str, address: Address | None) -> None:
    assert parse_address(written) == address


def test_what_is_no_address_of_a_host_is_refused() -> None:
    with pytest.raises(PublishFailed) as refused:
        SshTarget("ssh://web")
    assert str(refused.value) == "'ssh://web' is no address of a host; write it as 'ssh://user@host/path'"


@pytest.mark.parametrize("path", ["with a space", "quote ' and \" and $HOME", "ខ្មែរ", "-n"])
def test_any_name_of_a_folder_will_do(tmp_path: Path, path: str) -> None:
    (one,) = series(tmp_path / "made", 1)
    target = SshTarget(f"web:{tmp_path}/{path}")
    put(target, one)
    assert tree(tmp_path / path / "current") == tree(one.folder)
    assert target.read("index.html") == (one.folder / "index.html").read_bytes()


@pytest.mark.parametrize("name", ["index.html", ".htaccess", "current/index.html"])
def test_a_folder_that_holds_something_else_is_not_published_over(
    www: Path, target: SshTarget, tmp_path: Path, name: str
) -> None:
    (one,) = series(tmp_path / "made", 1)
    (www / name).parent.mkdir(parents=True)
    (www / name).write_text("stranger")
    with pytest.raises(PublishFailed) as refused:
        put(target, one)
    found = name.partition("/")[0]
    assert str(refused.value) == (
        f"{target.name}: something else than releases is there ({found!r}); name a folder that is empty or not there "
        "yet, and make its 'current' the root of the web server"
    )
    assert tree(www) == {name: b"stranger"}


def test_what_open_pages_need_is_there_whatever_is_killed(tmp_path: Path, www: Path, target: SshTarget) -> None:
    """A publisher is killed with all it started, at moments of no choice, while a reader opens pages all the time."""
    chance = random.Random(6)
    builds = Builds(tmp_path / "made")
    (one,) = series(tmp_path / "first", 1)
    put(target, one)
    with (
        Publisher(target.name) as publisher,
        nginx(tmp_path / "nginx", www / "current") as port,
        Poller(port) as poller,
    ):
        taken = publisher.publish(builds.after(one))
        release, ends = builds.after(live(www)), Counter[str]()
        while ends["done -9"] < KILLS:
            ended = publisher.kill(release, chance.uniform(0, 1.2) * taken)
            ends[ended] += 1
            if sum(ends.values()) % 10 == 0:  # how long it takes changes with what else the computer does
                taken = publisher.publish(builds.after(live(www)))
            # The same again, or another one, which uses what the killed one left.
            if release.manifest.previous != live(www).manifest.version or chance.random() < 0.4:
                release = builds.after(live(www))
        time.sleep(1)  # what the last one had begun ends
        release = builds.after(live(www))
        publisher.publish(release)
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
    assert min(took) < 1, took


def test_a_rollback_goes_to_the_release_before_or_to_the_one_named(
    tmp_path: Path, www: Path, target: SshTarget
) -> None:
    made = series(tmp_path / "made", 4)
    for release in made[:3]:
        put(target, release)
    assert target.rollback() == "release 2 is live, 3 was before"
    assert target.rollback() == "release 1 is live, 2 was before"
    assert target.rollback(3) == "release 3 is live, 1 was before"
    with pytest.raises(PublishFailed) as refused:
        target.rollback(7)
    assert str(refused.value) == f"{target.name}: release 7 is not there; name one that is: 1, 2, 3"
    target.rollback(1)
    with pytest.raises(PublishFailed) as refused:
        target.rollback()
    assert str(refused.value) == f"{target.name}: there is no release before 1; publish a new one"
    with target.lock():
        assert target.rollback(2) == "release 2 is live, 1 was before"
    # And what pages of the release that was live may still ask for.
    assert tree(www / "current").items() >= tree(made[1].folder).items()
    assert difference(tree(www / "current"), tree(made[1].folder)) == [
        *(f"css/site.0000000{n}.css" for n in (0, 3)),
        *(f"js/site.0000000{n}.js" for n in (0, 3)),
    ]


def test_a_number_that_readers_have_seen_is_given_to_no_other_release(tmp_path: Path, target: SshTarget) -> None:
    one, two = series(tmp_path / "made", 2)
    put(target, one)
    put(target, two)
    assert put(target, two) == "release 2 is live, 0 files sent"
    target.rollback()
    other = make_release(tmp_path / "other", files_of(9), one.manifest)
    with pytest.raises(PublishFailed) as refused:
        put(target, other)
    assert str(refused.value) == f"{target.name}: another release 2 is there; publish one after 2"
    assert put(target, make_release(tmp_path / "next", files_of(9), one.manifest, target.releases()[-1] + 1))
    assert put(target, two) == "release 2 is live, 0 files sent"


def test_the_live_release_and_the_one_before_outlive_the_last_five(
    tmp_path: Path, www: Path, target: SshTarget
) -> None:
    made = series(tmp_path / "made", 8)
    for release in made[:7]:
        put(target, release)
    assert target.releases() == [3, 4, 5, 6, 7]
    target.rollback(3)
    put(target, make_release(tmp_path / "8", files_of(8), made[2].manifest, 8))
    assert target.releases() == [3, 4, 5, 6, 7, 8]
    assert target.rollback(3) == "release 3 is live, 8 was before"
    assert tree(www / "current").items() >= tree(made[2].folder).items()


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


def test_what_another_release_left_half_way_is_used(tmp_path: Path, www: Path, target: SshTarget) -> None:
    one, two = series(tmp_path / "made", 2)
    put(target, one)
    subprocess.run(["cp", "-a", two.folder, www / "releases/.5.partial"], check=True)
    (www / "releases/.5.partial/index.html").write_bytes(b"half")
    (www / "releases/.5.partial/stranger.html").write_bytes(b"of another release")
    assert put(target, two) == "release 2 is live, 1 files sent"
    assert everything(www / "releases/2") == everything(two.folder)


def test_a_file_that_went_bad_at_the_host_is_sent_anew(tmp_path: Path, www: Path, target: SshTarget) -> None:
    """Its size and time are right, so rsync takes it for the one that was sent."""
    one, two = series(tmp_path / "made", 2)
    put(target, one)
    bad = www / "releases/1/2025/3.html"
    seen = bad.stat()
    bad.write_bytes(b"X" * seen.st_size)
    os.utime(bad, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    put(target, two)
    assert everything(www / "releases/2") == everything(two.folder)


def test_what_came_there_with_other_bytes_is_never_live(
    tmp_path: Path, www: Path, target: SshTarget, host: SshHost
) -> None:
    """A host that says that all went well, and keeps something else."""
    one, two = series(tmp_path / "made", 2)
    put(target, one)
    program(
        host.programs / "rsync",
        '/usr/bin/rsync "$@"; status=$?; [ -f about.html ] && { touch -r about.html .seen; '
        "printf X | dd of=about.html conv=notrunc status=none; touch -r .seen about.html; rm .seen; }; exit $status",
    )
    try:
        with pytest.raises(PublishFailed) as failed:
            put(target, two)
    finally:
        (host.programs / "rsync").unlink()
    assert str(failed.value) == (
        f"{target.name}: about.html is there with other bytes than were sent; look after that host's disk, and publish "
        "again"
    )
    assert os.readlink(www / "current") == "releases/1"
    assert put(target, two) == "release 2 is live, 17 files sent"
    assert everything(www / "releases/2") == everything(two.folder)


def program(path: Path, script: str) -> None:
    """A program at the host, in place of the one of that name."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshHost]:
    """A host with few programs, and a umask that lets nobody else read."""
    with sshd(tmp_path / "bare", path="/nowhere", umask=0o077) as found:
        for name in "cat dirname flock grep head ln ls mkdir mv perl readlink rm rsync sh sleep sync timeout".split():
            (found.programs / name).symlink_to(str(shutil.which(name)))
        monkeypatch.setenv("RSYNC_RSH", found.shell)
        yield found


def test_readers_can_read_whatever_the_host_lets_others_do(
    tmp_path: Path, www: Path, bare: SshHost, target: SshTarget
) -> None:
    (one,) = series(tmp_path / "made", 1)
    put(target, one)
    assert set(modes(www / "releases").values()) == {0o644, 0o755}
    assert www.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("missing", "package"), [("flock", "util-linux"), ("rsync", "rsync"), ("timeout", "coreutils")]
)
def test_a_program_that_the_host_lacks_is_named_with_its_package(
    tmp_path: Path, bare: SshHost, target: SshTarget, missing: str, package: str
) -> None:
    (one,) = series(tmp_path / "made", 1)
    (bare.programs / missing).unlink()
    with pytest.raises(PublishFailed) as failed:
        put(target, one)
    assert str(failed.value) == f"{target.name}: the host has no {missing}; install its package {package} there"


def test_a_host_whose_mv_knows_no_T_switches_by_a_rename_all_the_same(
    tmp_path: Path, www: Path, bare: SshHost, target: SshTarget
) -> None:
    one, two = series(tmp_path / "made", 2)
    (bare.programs / "mv").unlink()
    program(bare.programs / "mv", 'case $1 in -f?) echo "mv: unknown option" >&2; exit 64;; esac; exec /bin/mv "$@"')
    put(target, one)
    with nginx(tmp_path / "nginx", www / "current") as port, Poller(port) as poller:
        put(target, two)
        target.rollback()
    assert poller.broken == []
    assert os.readlink(www / "current") == "releases/1"
    (bare.programs / "perl").unlink()
    with pytest.raises(PublishFailed) as failed:
        target.rollback(2)
    assert str(failed.value) == (
        f"{target.name}: no program at the host can rename a symbolic link onto another; install coreutils or perl "
        "there"
    )
    assert os.readlink(www / "current") == "releases/1"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte for the host."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a disk here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_changes_nothing_for_readers_and_room_mends_it(tmp_path: Path, small_disk: Path) -> None:
    www = small_disk / "www"
    target = SshTarget(f"web:{www}")
    (one,) = series(tmp_path / "made", 1)
    put(target, one)
    large = random.Random(1).randbytes(200_000)
    two = make_release(tmp_path / "two", {**files_of(2), "images/0123456789abcdef.jpg": large}, one.manifest)
    (small_disk / "log").write_bytes(b"x" * 800_000)
    with pytest.raises(PublishFailed) as failed:
        put(target, two)
    sentence = str(failed.value)
    assert sentence.endswith("No space left on device (28)); mend that and publish again, what has come there is kept")
    assert tree(www / "current") == tree(one.folder)
    assert target.rollback(1) == "release 1 is live already"
    (small_disk / "log").unlink()
    put(target, two)
    assert everything(www / "releases/2") == everything(two.folder)


def test_a_disk_that_cannot_be_written_is_said(tmp_path: Path, small_disk: Path) -> None:
    one, two = series(tmp_path / "made", 2)
    target = SshTarget(f"web:{small_disk}/www")
    put(target, one)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(PublishFailed, match=r"the host could not do it \(.*Read-only file system\)"):
        put(target, two)
    assert tree(small_disk / "www/current") == tree(one.folder)


def test_two_releases_of_one_size_are_told_apart_by_the_server(tmp_path: Path, www: Path, target: SshTarget) -> None:
    """Never a wrong 304, whether a file changed with every release, changed back, or stayed as it was."""
    texts = [b"<p>11111111</p>", b"<p>22222222</p>", b"<p>11111111</p>", b"<p>33333333</p>"]
    before, seen = None, dict[bytes, set[str]]()
    with nginx(tmp_path / "nginx", www / "current") as port:
        reader, kept = Reader(port), None
        for n, text in enumerate(texts):
            release = make_release(tmp_path / str(n), {"index.html": text, "same.html": b"same"}, before)
            put(target, release)
            before = release.manifest
            for name, body in (("index.html", text), ("same.html", b"same")):
                first = reader.get(f"/{name}")
                assert first.body == body
                seen.setdefault(name.encode() + body, set()).add(first.headers["etag"])
                again = reader.get(f"/{name}", If_None_Match=first.headers["etag"])
                assert again.status == 304
            if kept:
                etag, modified, old = kept
                assert (reader.get("/index.html", If_None_Match=etag).status == 304) == (old == text)
                assert (reader.get("/index.html", If_Modified_Since=modified).status == 304) == (old == text)
            kept = (first.headers["etag"], first.headers["last-modified"], text)
        reader.close()
    tags = [tag for tags in seen.values() for tag in tags]
    assert len(set(tags)) == len(tags)
    assert len(seen[b"same.htmlsame"]) == 1


def test_a_host_that_cannot_be_reached_is_said_and_nothing_waits_for_an_answer(
    tmp_path: Path, target: SshTarget, host: SshHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = series(tmp_path / "made", 1)
    (tmp_path / "known").touch()
    for options, reason in [
        ("-o Port=1", "ssh: connect to host 127.0.0.1 port 1: Connection refused"),
        (f"-o UserKnownHostsFile={tmp_path}/known", "Host key verification failed."),
    ]:
        monkeypatch.setenv("RSYNC_RSH", f"{host.shell} {options}")
        with pytest.raises(PublishFailed) as failed:
            put(SshTarget(target.name), one)
        assert str(failed.value) == (
            f"{target.name}: the host cannot be reached ({reason}); mend that and publish again"
        )


def test_a_computer_without_rsync_is_told_to_install_it(
    tmp_path: Path, target: SshTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssh").symlink_to(str(shutil.which("ssh")))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PublishFailed) as failed, target.lock():
        pass
    assert str(failed.value) == f"{target.name}: rsync is not installed on this computer; install it"
