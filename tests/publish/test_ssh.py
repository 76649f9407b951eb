"""Publishing over ssh, to a real sshd and rsync: what is there afterwards, and what is said where it cannot be."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.publish.manifest import MANIFEST
from newsroom.publish.targets.base import PublishFailed
from newsroom.publish.targets.remote import Address, parse_address
from newsroom.publish.targets.ssh import SshTarget
from tests.publish.hosts import Reader, SshHost, files_of, make_release, nginx, sshd
from tests.publish.sshing import Poller, everything, host, own_ssh, put, series, target, www
from tests.support import difference, modes, times, tree

__all__ = ["host", "own_ssh", "target", "www"]


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


def test_a_computer_without_ssh_or_rsync_is_told_to_install_it(
    tmp_path: Path, target: SshTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PublishFailed) as failed:
        target.read(MANIFEST)
    assert str(failed.value) == (
        f"{target.name}: the host cannot be reached (ssh is not installed on this computer); mend that and publish "
        "again"
    )
    (tmp_path / "ssh").symlink_to(str(shutil.which("ssh", path="/usr/bin")))
    with pytest.raises(PublishFailed) as failed, target.lock():
        pass
    assert str(failed.value) == f"{target.name}: rsync is not installed on this computer; install it"
