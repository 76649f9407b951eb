"""The whole site as one zip: the same bytes for the same release, whole at every moment."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from newsroom.publish.manifest import MANIFEST, decode
from newsroom.publish.targets.archive import ZipTarget
from newsroom.publish.targets.base import PublishFailed, Release
from tests.publish.releases import FIRST, Publishers, broken, make_release, nothing, site_of
from tests.support import fill, tree


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    folder = tmp_path_factory.mktemp("releases")
    return [make_release(folder / str(n), site_of(n), n) for n in range(1, 4)]


def put(path: Path, release: Release) -> str:
    target = ZipTarget(path)
    with target.lock():
        before = target.read(MANIFEST)
        return target.put(release, decode(before) if before else None, nothing)


def unpacked(path: Path, to: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(to)
    return to


def test_the_zip_holds_the_release_with_its_times_and_modes(tmp_path: Path, releases: list[Release]) -> None:
    path = tmp_path / "new" / "site.zip"
    said = put(path, releases[0])
    assert said == f"{len(tree(releases[0].folder))} files in {path.stat().st_size / 1e6:.1f} MB"
    assert tree(unpacked(path, tmp_path / "unpacked")) == tree(releases[0].folder)
    assert list(broken(tmp_path / "unpacked")) == []
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(tree(releases[0].folder))
    assert {entry.date_time for entry in entries} == {(2026, 1, 1, 0, 1, 40)}  # FIRST + 100, in steps of two seconds
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert path.stat().st_mtime == FIRST + 100
    assert [each.name for each in path.parent.iterdir()] == ["site.zip"]


def test_the_same_release_makes_the_same_bytes_whoever_makes_it(tmp_path: Path, releases: list[Release]) -> None:
    put(tmp_path / "one.zip", releases[0])
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from newsroom.publish.manifest import MANIFEST, decode\n"
        "from newsroom.publish.targets.archive import ZipTarget\n"
        "from newsroom.publish.targets.base import Release\n"
        "os.umask(0o077)\n"
        "folder = Path(sys.argv[1])\n"
        "release = Release(folder, decode((folder / MANIFEST).read_bytes()))\n"
        "ZipTarget(sys.argv[2]).put(release, None, lambda *step: None)\n"
    )
    command = [sys.executable, "-c", script, str(releases[0].folder), str(tmp_path / "two.zip")]
    subprocess.run(command, check=True, env={**os.environ, "TZ": "Asia/Phnom_Penh", "LC_ALL": "C"})
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert oct((tmp_path / "two.zip").stat().st_mode) == "0o100644"


def test_what_is_read_is_what_the_zip_holds(tmp_path: Path, releases: list[Release]) -> None:
    target = ZipTarget(tmp_path / "site.zip")
    assert target.read(MANIFEST) is None
    put(tmp_path / "site.zip", releases[0])
    assert target.read("about.html") == site_of(1)["about.html"]
    assert target.read("no.html") is None


def test_a_publisher_killed_at_any_moment_leaves_the_last_zip_or_the_new_one(
    tmp_path: Path, releases: list[Release]
) -> None:
    path, chance = tmp_path / "site.zip", random.Random(1)
    whole = []
    for release in releases:
        put(path, release)
        whole.append(path.read_bytes())
    with Publishers() as publishers:
        for at in (*range(1, 8), *[0] * 20):
            when = {"at": at} if at else {"seconds": chance.uniform(0.0001, 0.02)}
            publishers.publish("zip", path, chance.choice(releases), umask=0o077, **when)
            assert path.read_bytes() in whole
        assert publishers.publish("zip", path, releases[0], umask=0o077)[0] == 0
    assert path.read_bytes() == whole[0]
    assert [each.name for each in tmp_path.iterdir()] == ["site.zip"]


def test_another_publisher_is_refused_as_long_as_one_is_at_work(tmp_path: Path, releases: list[Release]) -> None:
    path = tmp_path / "site.zip"
    with ZipTarget(path).lock():
        for _ in range(100):
            with pytest.raises(PublishFailed) as failed:
                put(path, releases[0])
        put(tmp_path / "other.zip", releases[0])
    assert str(failed.value) == (f"{path}: another publish is at work there; wait until it ends, then publish again")
    put(path, releases[0])


def test_a_full_disk_leaves_the_last_zip(small_disk: Path, releases: list[Release]) -> None:
    path = small_disk / "site.zip"
    put(path, releases[0])
    before = path.read_bytes()
    fill(small_disk, 20)
    with pytest.raises(PublishFailed) as failed:
        put(path, releases[1])
    assert str(failed.value) == (
        f"{path}: it cannot be written (No space left on device); mend that, then publish again"
    )
    assert path.read_bytes() == before
    assert sorted(each.name for each in small_disk.iterdir()) == ["ballast", "site.zip"]


def test_somebodys_file_is_not_replaced(tmp_path: Path, releases: list[Release]) -> None:
    path = tmp_path / "site.zip"
    path.write_text("a letter")
    with pytest.raises(PublishFailed) as failed:
        put(path, releases[0])
    assert str(failed.value) == f"{path}: it is no zip file; move it away, or name another"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "stranger")
    with pytest.raises(PublishFailed) as failed:
        put(path, releases[0])
    assert str(failed.value) == f"{path}: it is a zip that no release wrote; move it away, or name another"
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["letter.txt"]
