"""`preview` and `publish`: a production build, and its copy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import Built, build, difference, edit, files, invoke, modes, times, tree

LEDGER = ".ledger.json"


@pytest.fixture
def target(minimal_copy: Path, tmp_path: Path) -> Path:
    """The folder to which the site in `minimal_copy` is published."""
    folder = tmp_path / "host" / "public"
    set_target(minimal_copy, str(folder))
    return folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than tests' own, as a stick is."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev or not os.access(memory, os.W_OK):
        pytest.skip("needs a second file system at /dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield folder
    shutil.rmtree(folder)


def set_target(site: Path, target: str) -> None:
    edit(site / "pelicanconf.py", '"feed_authority"', f'"publish_to": {target!r},\n    "feed_authority"')


def site_files(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(folder).items() if name != LEDGER}


def test_publish_copies_the_site_and_says_so(minimal: Built, minimal_copy: Path, target: Path) -> None:
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"Published to {target}: 26 files written, 0 removed."
    assert difference(site_files(minimal.output), site_files(target)) == []
    assert set(modes(target).values()) == {0o644, 0o755}
    assert sorted(path.name for path in target.parent.iterdir()) == ["public"]


def test_publishing_again_copies_nothing(minimal_copy: Path, target: Path) -> None:
    assert invoke(minimal_copy, "publish").returncode == 0
    before = times(target)
    done = invoke(minimal_copy, "publish")
    assert done.stdout.splitlines()[-1] == f"Published to {target}: 0 files written, 0 removed."
    assert difference({**before, LEDGER: 0}, {**times(target), LEDGER: 0}) == []


def test_pages_that_are_gone_go_from_the_host_and_strangers_stay(minimal_copy: Path, target: Path) -> None:
    assert invoke(minimal_copy, "publish").returncode == 0
    (target / "CNAME").write_text("stranger")
    (minimal_copy / "content/articles/2026/01/headline-one.md").unlink()
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    assert not (target / "2026").exists()
    assert (target / "CNAME").read_text() == "stranger"
    assert set(files(target)) - {"CNAME"} == set(files(minimal_copy / "output"))


def test_a_folder_that_holds_something_else_is_not_published_over(minimal_copy: Path, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "letter.txt").write_text("stranger")
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert f"{target}: the site could not be copied (" in done.stderr
    assert "letter.txt" in done.stderr
    assert tree(target) == {"letter.txt": b"stranger"}


def test_a_failed_build_publishes_nothing(minimal_copy: Path, target: Path) -> None:
    edit(minimal_copy / "content/articles/2026/01/headline-one.md", "First section", "No section")
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert not target.exists()


def test_without_a_target_it_says_where_the_site_is(minimal: Built, minimal_copy: Path) -> None:
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "The site is ready in output/, but NEWSROOM['publish_to'] in pelicanconf.py is empty; set it to a "
        "folder or to user@host:/path, or copy the folder to your host yourself."
    )
    assert difference(tree(minimal.output), tree(minimal_copy / "output")) == []


def test_publish_works_onto_a_stick(minimal: Built, minimal_copy: Path, tmp_path: Path, other_disk: Path) -> None:
    """The folder beside a stick's own folder is on another disk."""
    (tmp_path / "stick").symlink_to(other_disk)
    set_target(minimal_copy, str(tmp_path / "stick"))
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    assert difference(site_files(minimal.output), site_files(other_disk)) == []


def test_an_output_on_another_disk_is_written(minimal: Built, minimal_copy: Path, other_disk: Path) -> None:
    (minimal_copy / "output").symlink_to(other_disk)
    build(minimal_copy)
    assert difference(tree(minimal.output), tree(other_disk)) == []


def test_a_remote_target_is_copied_by_rsync_pages_last(minimal_copy: Path, tmp_path: Path) -> None:
    """A stand-in for rsync notes how it was called."""
    set_target(minimal_copy, "reporter@host.example:/srv/site")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "rsync").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n')
    (programs / "rsync").chmod(0o755)
    done = invoke(minimal_copy, "publish", PATH=f"{programs}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    first, *_, last = (tmp_path / "calls").read_text().splitlines()
    assert "--exclude=*.html" in first
    assert "--delete" not in first
    assert "--delete-after" in last
    for call in (first, last):
        assert call.endswith("/site/ reporter@host.example:/srv/site/")


def test_a_failing_copy_to_a_host_is_a_failure(minimal_copy: Path, tmp_path: Path) -> None:
    set_target(minimal_copy, "host.example:/srv/site")
    (tmp_path / "rsync").write_text("#!/bin/sh\nexit 12\n")
    (tmp_path / "rsync").chmod(0o755)
    done = invoke(minimal_copy, "publish", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("rsync to host.example:/srv/site/ failed (status 12); ")


def test_production_builds_warn_of_each_example_value_and_plain_builds_do_not(full_copy: Path) -> None:
    done = invoke(full_copy, "preview")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("warning: ")] == [
        f"warning: {name} is still an example; set it in pelicanconf.py"
        for name in (
            "SITEURL ('https://full.example/news')",
            "NEWSROOM contact email ('newsroom@full.example')",
            "NEWSROOM contact telephone ('+855 00 000 000')",
            "NEWSROOM contact address ('Example Street 1')",
            "NEWSROOM feed_authority ('full.example,2026')",
        )
    ]
    assert "warning: " not in invoke(full_copy, "build").stderr


def test_preview_builds_what_publish_would_copy(full: Built, full_copy: Path) -> None:
    assert invoke(full_copy, "preview").returncode == 0
    before = tree(full_copy / "output")
    build(full_copy)
    assert difference(before, tree(full_copy / "output")) == []


def test_what_lies_in_the_output_by_chance_is_not_published(minimal_copy: Path, tmp_path: Path) -> None:
    build(minimal_copy)
    (minimal_copy / "output/interview-notes.docx").write_bytes(b"secret")
    edit(
        minimal_copy / "pelicanconf.py", "NEWSROOM = {", f'NEWSROOM = {{\n    "publish_to": {str(tmp_path / "www")!r},'
    )
    assert invoke(minimal_copy, "publish").returncode == 0
    assert "interview-notes.docx" not in tree(tmp_path / "www")
    assert "index.html" in tree(tmp_path / "www")


@pytest.mark.parametrize("folder", [".", "content", "content/sub", "theme"])
@pytest.mark.parametrize("command", ["build", "rebuild", "clean"])
def test_no_command_writes_over_the_sources(minimal_copy: Path, command: str, folder: str) -> None:
    conf = minimal_copy / "pelicanconf.py"
    conf.write_text(conf.read_text(encoding="utf-8") + f'\nOUTPUT_PATH = "{folder}"\n', encoding="utf-8")
    before = tree(minimal_copy / "content")
    done = invoke(minimal_copy, command)
    assert tree(minimal_copy / "content") == before
    assert done.returncode == (0 if (command, folder) == ("clean", "content/sub") else 1)
