"""Publishing to a folder: readers see whole pages whatever happens to the publisher, and strangers' files stay."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from newsroom.files import digest
from newsroom.publish.manifest import MANIFEST, Manifest, decode
from newsroom.publish.targets.base import PublishFailed, Release
from newsroom.publish.targets.folder import LEDGER, FolderTarget
from tests.publish.releases import FIRST, Publishers, broken, make_release, nothing, reading, site_of, state
from tests.support import difference, fill, times, tree

VERSIONS = 6
KILLS = 105  # in each of two tests


@pytest.fixture(scope="module")
def publishers() -> Iterator[Publishers]:
    with Publishers() as publishers:
        yield publishers


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    """Releases of different sites, oldest first."""
    folder = tmp_path_factory.mktemp("releases")
    return [make_release(folder / str(n), site_of(n), n) for n in range(1, VERSIONS + 1)]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, releases: list[Release]) -> list[dict[str, object]]:
    """What each release leaves in a folder that was not there."""
    folder = tmp_path_factory.mktemp("clean")
    for n, release in enumerate(releases):
        put(folder / str(n), release)
    return [state(folder / str(n)) for n in range(len(releases))]


@pytest.fixture(autouse=True)
def synchronised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often the disk was asked to write down everything, which would wait for all other tests too."""
    asked: list[str] = []
    monkeypatch.setattr("newsroom.publish.targets.folder.os.sync", lambda: asked.append("sync"))
    return asked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


def put(folder: Path, release: Release) -> str:
    target = FolderTarget(folder)
    with target.lock():
        before = target.read(MANIFEST)
        return target.put(release, decode(before) if before else None, nothing)


def refusal(folder: Path, release: Release) -> str:
    """The one sentence that a publisher is refused with."""
    with pytest.raises(PublishFailed) as failed:
        put(folder, release)
    assert "\n" not in str(failed.value)
    return str(failed.value)


def site(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(folder).items() if name != LEDGER}


def test_a_release_is_put_with_the_times_and_modes_that_readers_need(folder: Path, releases: list[Release]) -> None:
    assert put(folder, releases[0]) == f"{len(tree(releases[0].folder))} files written, 0 removed"
    assert site(folder) == tree(releases[0].folder)
    assert set(times(folder).values()) == {(FIRST + 100) * 1_000_000_000}
    assert {mode for mode, _ in state(folder).values()} == {"0o100644", "0o40755"}


def test_only_what_differs_is_written(folder: Path, releases: list[Release]) -> None:
    put(folder, releases[0])
    before = state(folder)
    inodes = {path: path.stat().st_ino for path in folder.rglob("*")}
    assert put(folder, releases[0]) == "0 files written, 0 removed"
    assert state(folder) == before
    assert {path: path.stat().st_ino for path in folder.rglob("*")} == inodes
    about = (folder / "about.html").stat().st_ino
    put(folder, releases[1])
    assert (folder / "about.html").stat().st_ino == about


def test_the_ledger_tells_what_the_disk_holds_only_when_it_does(
    folder: Path, releases: list[Release], synchronised: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, releases[0])
    assert synchronised == ["sync"]

    def pulled_out() -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("newsroom.publish.targets.folder.os.sync", pulled_out)
    refusal(folder, releases[1])
    ledger = msgspec.json.decode((folder / LEDGER).read_bytes(), type=dict[str, str])
    written = {name for name, data in tree(releases[1].folder).items() if tree(releases[0].folder).get(name) != data}
    assert {name for name, known in ledger.items() if not known} == written
    assert ledger.keys() == tree(releases[0].folder).keys() | tree(releases[1].folder).keys()


def test_each_release_leaves_what_it_would_leave_alone(
    folder: Path, releases: list[Release], clean: list[dict[str, object]]
) -> None:
    for n in (0, 1, 2, 3, 4, 5, 3, 1, 0):
        put(folder, releases[n])
        assert difference(state(folder), clean[n]) == []


def test_a_file_that_somebody_changed_there_is_put_right(
    folder: Path, releases: list[Release], clean: list[dict[str, object]]
) -> None:
    put(folder, releases[0])
    (folder / "robots.txt").write_bytes(b"User-agent: @\n")  # as long, at another time
    (folder / "about.html").chmod(0o600)
    os.utime(folder / "about.html", (1, 1))
    (folder / "2026").chmod(0o700)
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to("about.html")
    put(folder, releases[0])
    assert difference(state(folder), clean[0]) == []


def test_what_the_last_build_before_these_releases_copied_there_is_taken_over(
    folder: Path, releases: list[Release], clean: list[dict[str, object]]
) -> None:
    """Its ledger names other files, and its files have other times."""
    for name, data in {**site_of(1), "old.html": b"old"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    ledger = {name: digest(data) for name, data in tree(folder).items()}
    (folder / LEDGER).write_bytes(msgspec.json.encode(ledger))
    assert put(folder, releases[0]) == "2 files written, 1 removed"
    assert difference(state(folder), clean[0]) == []


def test_a_release_that_was_changed_on_its_way_is_not_put(folder: Path, tmp_path: Path) -> None:
    release = make_release(tmp_path / "release", site_of(1))
    (release.folder / "about.html").write_bytes(b"something else")
    assert refusal(folder, release) == (f"{folder}: about.html is not what the release's manifest says; publish again")
    assert not (folder / "about.html").exists()


def test_a_folder_with_somebodys_files_is_refused(folder: Path, releases: list[Release]) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("stranger")
    (folder / "photos").mkdir()
    (folder / "photos" / "one.jpg").write_text("stranger")
    assert refusal(folder, releases[0]) == (
        f"{folder}: the folder holds files that no release wrote (letter.txt, photos); empty it if it is an old "
        "copy of the site, or name another folder"
    )
    assert tree(folder) == {"letter.txt": b"stranger", "photos/one.jpg": b"stranger"}


def test_somebodys_files_among_those_of_the_site_stay(folder: Path, releases: list[Release]) -> None:
    put(folder, releases[0])
    (folder / "CNAME").write_text("stranger")
    (folder / "2026" / "own").mkdir()
    (folder / "2026" / "own" / "index.html").write_text("stranger")
    put(folder, releases[1])
    assert difference(site(folder), tree(releases[1].folder)) == ["2026/own/index.html", "CNAME"]


@pytest.mark.parametrize("taken", ["fresh.html", "fresh.html/inside.txt", "folder"])
def test_somebodys_file_in_the_place_of_a_page_is_neither_replaced_nor_buried(
    folder: Path, tmp_path: Path, releases: list[Release], taken: str
) -> None:
    put(folder, releases[0])
    (folder / taken).parent.mkdir(exist_ok=True)
    (folder / taken).write_text("stranger")
    before = state(folder)
    more = make_release(tmp_path / "more", {**site_of(1), "fresh.html": b"page", "folder/page.html": b"page"}, 2)
    assert refusal(folder, more) == (
        f"{folder}: {taken} was written by no release, and the site has a file of that name; move it away, or name "
        "another folder"
    )
    assert state(folder) == before


def test_an_empty_folder_in_the_place_of_a_page_gives_way(folder: Path, releases: list[Release]) -> None:
    (folder / "index.html").mkdir(parents=True)
    put(folder, releases[0])
    assert site(folder) == tree(releases[0].folder)


def test_a_ledger_that_somebody_made_up_removes_nothing_outside(folder: Path, releases: list[Release]) -> None:
    put(folder, releases[0])
    outside = folder.with_name("outside.txt")
    outside.write_text("stranger")
    ledger = msgspec.json.decode((folder / LEDGER).read_bytes())
    (folder / LEDGER).write_bytes(msgspec.json.encode({**ledger, "../outside.txt": "", str(outside): ""}))
    put(folder, releases[0])
    assert outside.read_text() == "stranger"


def test_a_file_in_the_place_of_the_folder_is_refused(folder: Path, releases: list[Release]) -> None:
    folder.write_text("a file")
    assert refusal(folder, releases[0]) == (
        f"{folder}: the folder cannot be made (File exists); mend that, then publish again"
    )


def test_what_is_read_is_what_lies_there(folder: Path, releases: list[Release]) -> None:
    target = FolderTarget(folder)
    assert target.read(MANIFEST) is None
    put(folder, releases[0])
    assert target.read("about.html") == site_of(1)["about.html"]
    assert [target.read(name) for name in ("no.html", "2026", "about.html/no.html")] == [None, None, None]


@pytest.mark.parametrize("seed", [1, 2])
def test_publishers_killed_at_any_moment_break_no_page_and_the_next_one_ends_right(
    folder: Path, releases: list[Release], clean: list[dict[str, object]], publishers: Publishers, seed: int
) -> None:
    """Three in four before one of their calls that change the disk, the rest at some moment. Each publishes some
    release; every few times one is let alone."""
    chance, killed = random.Random(seed), 0
    assert publishers.publish("folder", folder, releases[0])[0] == 0
    _, calls = publishers.publish("folder", folder.with_name("count"), releases[1])
    with reading(folder) as reader:
        while killed < KILLS:
            which, mask = chance.randrange(VERSIONS), chance.choice([0o022, 0o077])
            when = {"seconds": chance.uniform(0.0001, 0.02)} if killed % 4 == 3 else {"at": chance.randint(1, calls)}
            status, _ = publishers.publish("folder", folder, releases[which], umask=mask, **when)
            killed += status in (-signal.SIGKILL, -signal.SIGALRM)
            assert list(broken(folder)) == []
            if chance.random() < 0.3:
                which = chance.randrange(VERSIONS)
                assert publishers.publish("folder", folder, releases[which], umask=0o077)[0] == 0
                assert difference(state(folder), clean[which]) == []
    assert reader.found == []
    assert reader.rounds > 100


def test_what_a_killed_publisher_left_of_removed_pages_is_never_linked_to_again(
    folder: Path, releases: list[Release], publishers: Publishers
) -> None:
    """A page that was to go may link to one that is gone; the release that brings it back is killed, too."""
    for at in range(90, 125):
        for last in (30, 36, 42, 48):
            put(folder, releases[5])
            for which, when in ((2, 83), (4, at), (5, last)):
                publishers.publish("folder", folder, releases[which], at=when)
                assert list(broken(folder)) == [], (which, at, last)


def test_a_first_publisher_killed_at_any_moment_leaves_a_folder_to_publish_to(
    tmp_path: Path, releases: list[Release], clean: list[dict[str, object]], publishers: Publishers
) -> None:
    _, calls = publishers.publish("folder", tmp_path / "count", releases[0])
    for at in range(1, calls, 3):
        folder = tmp_path / str(at) / "www"
        assert publishers.publish("folder", folder, releases[0], at=at, umask=0o077)[0] == -signal.SIGKILL
        assert publishers.publish("folder", folder, releases[0], umask=0o077)[0] == 0
        assert difference(state(folder), clean[0]) == []
        assert oct(folder.stat().st_mode) == "0o40755"


def test_of_two_publishers_one_is_refused(folder: Path, releases: list[Release]) -> None:
    """100 rounds: whoever comes first keeps the other away until it has ended."""
    start, refused = threading.Barrier(2), threading.Event()
    said: list[str] = []

    def publish(release: Release) -> None:
        target = FolderTarget(folder)
        for _ in range(100):
            start.wait()
            try:
                with target.lock():
                    said.append(target.put(release, None, nothing))
                    refused.wait(10)
            except PublishFailed as failed:
                said.append(str(failed))
                refused.set()
            start.wait()
            refused.clear()

    threads = [threading.Thread(target=publish, args=(release,)) for release in releases[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sentence = f"{folder}: another publish is at work there; wait until it ends, then publish again"
    assert len(said) == 200
    assert said.count(sentence) == 100
    assert site(folder) in [tree(release.folder) for release in releases[:2]]


@pytest.mark.parametrize("left", [0, 5, 20, 40])
def test_a_full_disk_breaks_no_page_and_with_room_the_next_one_ends_right(
    small_disk: Path, releases: list[Release], clean: list[dict[str, object]], left: int
) -> None:
    folder = small_disk / "www"
    put(folder, releases[0])
    ballast = fill(small_disk, left)
    said = refusal(folder, releases[1])
    assert said.startswith(f"{folder}: ")
    assert said.endswith(" (No space left on device); make room, then publish again")
    assert list(broken(folder)) == []
    assert list(folder.rglob(".half")) == []
    ballast.unlink()
    put(folder, releases[1])
    assert difference(state(folder), clean[1]) == []


def test_a_disk_that_is_read_only_is_told_and_stays_as_it_is(small_disk: Path, releases: list[Release]) -> None:
    folder = small_disk / "www"
    put(folder, releases[0])
    before = state(folder)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert refusal(folder, releases[1]) == (
        f"{folder}: the folder cannot be written (Read-only file system); mend its permissions, then publish again"
    )
    assert refusal(small_disk / "other", releases[1]) == (
        f"{small_disk / 'other'}: the folder cannot be made (Read-only file system); mend its permissions, then "
        "publish again"
    )
    assert state(folder) == before


def test_a_site_of_another_disk_in_one_of_its_folders_is_written(
    folder: Path, small_disk: Path, releases: list[Release], clean: list[dict[str, object]]
) -> None:
    """No rename crosses disks: a file that is being written lies beside its place."""
    folder.mkdir()
    (small_disk / "months").mkdir()
    (folder / "2026").symlink_to(small_disk / "months")
    put(folder, releases[0])
    put(folder, releases[0])
    there = {name: data for name, data in releases_of(clean[0]).items() if name.startswith("2026/")}
    assert {f"2026/{name}": data for name, data in tree(small_disk / "months").items()} == there


def releases_of(shown: dict[str, object]) -> dict[str, bytes]:
    return {name: each[1][0] for name, each in shown.items() if each[1]}  # type: ignore[index]


def test_a_stick_without_modes_and_with_coarse_times_is_written_once(
    folder: Path, releases: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT: every mode is 755, none can be set, and times are even seconds."""
    real = os.utime

    def coarse(path: Path, when: tuple[int, int]) -> None:
        real(path, (when[0] // 2 * 2, when[1] // 2 * 2))

    def refused(path: Path, mode: int) -> None:
        del path, mode
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("newsroom.publish.targets.folder.os.utime", coarse)
    monkeypatch.setattr("newsroom.publish.targets.folder.os.chmod", refused)
    put(folder, releases[0])
    assert site(folder) == tree(releases[0].folder)
    compared: list[Path] = []
    monkeypatch.setattr("newsroom.publish.targets.folder._holds", lambda path, wanted: not compared.append(path))
    assert put(folder, releases[0]) == "0 files written, 0 removed"
    assert compared == []


def test_a_manifest_of_another_release_before_makes_no_difference(folder: Path, releases: list[Release]) -> None:
    target, before = FolderTarget(folder), Manifest("", 1, 1, 1, {})
    with target.lock():
        target.put(releases[0], before, nothing)
        target.put(releases[1], None, nothing)
    assert site(folder) == tree(releases[1].folder)
