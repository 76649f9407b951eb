"""Where there is no room on a disk, or no right to write, a build says so or does without; the next one is right."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.faults import ARTICLES, Nursery, broken_pages, strange_files
from tests.build.ordeal import MENDING, Ordeal, make_ordeal
from tests.support import Built, difference, edit, fill, problems, tree

FULL = "(No space left on device); make room, or mend its permissions"
NOTHING = "1 problem; nothing was written, the last output is as it was.\n"
PARTLY = "1 problem; the output is partly new; build again once that is mended.\n"


@pytest.mark.parametrize(
    ("kind", "left"), [("cold", 0), ("cold", 200), ("cold", 900), ("edited", 0), ("edited", 400), ("edited", 800)]
)
def test_a_build_on_a_full_disk_says_so_and_the_next_one_with_room_is_right(
    small_disk: Path, nursery: Nursery, once: Callable[..., Built], kind: str, left: int
) -> None:
    ordeal = make_ordeal(small_disk / "site", nursery, once)
    ordeal.begin(kind)
    there = tree(ordeal.output) if kind == "edited" else {}
    ballast = fill(small_disk, left)
    status, printed = nursery.build(ordeal.site)
    assert list(broken_pages(ordeal.output)) == []
    assert strange_files(ordeal.output, *ordeal.outputs) == []
    assert "Traceback" not in printed
    if status:
        (problem,) = problems(printed)
        assert FULL in problem
        assert printed.endswith((NOTHING, PARTLY))
        if printed.endswith(NOTHING):
            assert (tree(ordeal.output) if ordeal.output.exists() else {}) == there
    else:
        assert difference(tree(ordeal.output), ordeal.outputs[0]) == []
    ballast.unlink()
    ordeal.mend()


@pytest.mark.parametrize("left", [0, 100])
def test_a_cache_on_a_full_disk_stops_no_build(ordeal: Ordeal, small_disk: Path, left: int) -> None:
    ordeal.begin("cold")
    (ordeal.site / ".cache").symlink_to(small_disk)
    fill(small_disk, left)
    ordeal.mend()
    edit(ordeal.site / ARTICLES / "01" / "tiny-7.md", "Example text", "Other text")
    assert ordeal.nursery.build(ordeal.site)[0] == 0
    assert "Other text" in (ordeal.output / "2024" / "01" / "tiny-7.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("left", [0, 300])
def test_an_output_on_a_full_disk_of_its_own_is_partly_new_and_says_so(
    ordeal: Ordeal, small_disk: Path, left: int
) -> None:
    shutil.rmtree(ordeal.output)
    (small_disk / "output").mkdir()
    ordeal.output.symlink_to(small_disk / "output")
    ballast = fill(small_disk, left)
    status, printed = ordeal.nursery.build(ordeal.site)
    assert status == 1
    (problem,) = problems(printed)
    assert FULL in problem
    assert printed.endswith(PARTLY)
    assert list(broken_pages(ordeal.output)) == []
    ballast.unlink()
    ordeal.mend()


def test_a_build_into_another_disk_that_is_killed_leaves_nothing_there(ordeal: Ordeal, small_disk: Path) -> None:
    """There a file cannot be renamed into its place: it is copied beside it first."""
    shutil.rmtree(ordeal.output)
    (small_disk / "output").mkdir()
    ordeal.output.symlink_to(small_disk / "output")
    for at in (3, 50, 150, 151, 152):
        running = ordeal.nursery.start(ordeal.site, after="tempfile.mkstemp", at=at)
        running.wait()
        ordeal.look(running.process)
    ordeal.mend()


def a_folder(cache: Path, disk: Path) -> None:
    (cache / "build.sqlite").unlink()
    (cache / "build.sqlite" / "inside").mkdir(parents=True)


def a_file(cache: Path, disk: Path) -> None:
    shutil.rmtree(cache)
    cache.write_bytes(b"a file in the folder's place")


def a_link_to_nothing(cache: Path, disk: Path) -> None:
    shutil.rmtree(cache)
    cache.symlink_to("nowhere/at/all")


def a_link_to_itself(cache: Path, disk: Path) -> None:
    (cache / "build.sqlite").unlink()
    (cache / "build.sqlite").symlink_to("build.sqlite")


def a_device(cache: Path, disk: Path) -> None:
    (cache / "build.sqlite").unlink()
    (cache / "build.sqlite").symlink_to("/dev/full")


def a_disk_that_is_read_only(cache: Path, disk: Path) -> None:
    shutil.copytree(cache, disk / "cache")
    a_disk_that_is_read_only_and_empty(cache, disk)


def a_disk_that_is_read_only_and_empty(cache: Path, disk: Path) -> None:
    shutil.rmtree(cache)
    (disk / "cache").mkdir(exist_ok=True)
    cache.symlink_to(disk / "cache")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


@pytest.mark.parametrize(
    "obstacle",
    [
        a_folder,
        a_file,
        a_link_to_nothing,
        a_link_to_itself,
        a_device,
        a_disk_that_is_read_only,
        a_disk_that_is_read_only_and_empty,
    ],
    ids=lambda obstacle: obstacle.__name__,
)
def test_a_build_does_without_a_cache_that_cannot_be_written(
    ordeal: Ordeal, small_disk: Path, obstacle: Callable[[Path, Path], None]
) -> None:
    obstacle(ordeal.site / ".cache", small_disk)
    for kind in ("warm", "edited"):
        ordeal.begin(kind)
        status, printed = ordeal.nursery.build(ordeal.site, environment=MENDING)
        assert "Traceback" not in printed
        assert problems(printed) == []
        assert status == 0
        assert difference(tree(ordeal.output), ordeal.outputs[0]) == []
