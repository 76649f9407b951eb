"""The clean build is the reference: same bytes anywhere, nothing stale, nothing written twice."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import (
    ALL_DUE,
    NOW,
    ROOT,
    Built,
    build,
    copy_site,
    difference,
    edit,
    files,
    invoke,
    modes,
    pelican,
    problems,
    times,
    tree,
)

LEDGER = ".ledger.json"


def test_pelicans_own_command_gives_the_same_bytes_as_build(full: Built, tmp_path: Path) -> None:
    done = pelican(full.folder, str(tmp_path / "output"))
    assert (done.returncode, problems(done.stderr)) == (0, [])
    assert difference(tree(full.output), tree(tmp_path / "output")) == []


def test_pelicans_own_command_builds_the_real_site_alike(real: Built, tmp_path: Path) -> None:
    """From any folder, and with no help to find our modules."""
    nowhere = {"PYTHONPATH": str(ROOT / "requirements"), "SOURCE_DATE_EPOCH": str(ALL_DUE)}
    output = str(tmp_path / "output")
    shutil.copytree(ROOT / "newsroom", tmp_path / "newsroom", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("content", "theme"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "pelicanconf.py", tmp_path)
    done = pelican(tmp_path, output, **nowhere)
    assert done.returncode == 0, done.stderr
    assert difference(tree(real.output), tree(tmp_path / "output")) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"TZ": "Pacific/Honolulu", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "PYTHONUTF8": "0"},
        {"TZ": "Asia/Phnom_Penh", "LC_ALL": "km_KH.UTF-8", "LANGUAGE": "km", "PYTHONHASHSEED": "3"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "4"},
    ],
    ids=lambda changed: " ".join(f"{name}={value}" for name, value in changed.items()),
)
def test_time_zone_locale_and_hash_seed_change_no_byte(full: Built, tmp_path: Path, changed: dict[str, str]) -> None:
    done = pelican(full.folder, str(tmp_path / "output"), **changed)
    assert done.returncode == 0, done.stderr
    assert difference(tree(full.output), tree(tmp_path / "output")) == []


def test_the_folder_of_the_checkout_changes_no_byte(real: Built, tmp_path: Path) -> None:
    checkout = tmp_path / "another place" / "ខ្មែរ"
    unneeded = shutil.ignore_patterns(".*", "output", "__pycache__", "tests", "bench")
    shutil.copytree(ROOT, checkout, ignore=unneeded)
    build(checkout, PYTHONPATH=str(checkout), SOURCE_DATE_EPOCH=str(ALL_DUE))
    assert difference(tree(real.output), tree(checkout / "output")) == []


@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077], ids=oct)
def test_the_umask_changes_no_permission(minimal: Built, tmp_path: Path, umask: int) -> None:
    site = copy_site("minimal", tmp_path / "site")
    before = os.umask(umask)
    try:
        build(site)
    finally:
        os.umask(before)
    assert difference(tree(minimal.output), tree(site / "output")) == []
    assert set(modes(site / "output").values()) == {0o644, 0o755}
    assert modes(site / "output") == modes(minimal.output)
    assert (site / "output").stat().st_mode & 0o777 == 0o755


def test_the_order_of_files_on_the_disk_changes_no_byte(full: Built, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "theme").symlink_to(ROOT / "theme")
    shutil.copy(full.folder / "pelicanconf.py", site)
    for name in reversed(files(full.folder / "content")):
        (site / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(full.folder / "content" / name, site / "content" / name)
    assert difference(tree(full.output), tree(build(site).output)) == []


def test_the_second_build_writes_nothing(full_copy: Path) -> None:
    first = build(full_copy)
    before, written = tree(first.output), times(first.output)
    second = build(full_copy)
    assert ": 0 files written, 0 removed, " in second.printed
    assert tree(second.output) == before
    assert difference({**written, LEDGER: 0}, {**times(second.output), LEDGER: 0}) == []


def test_an_edit_of_one_body_writes_its_page_and_the_feeds_that_hold_it(full_copy: Path) -> None:
    output = build(full_copy).output
    before = times(output)
    edit(full_copy / "content/articles/2026/11/opinion.md", "Text of opinion.", "Example text that is new.")
    printed = build(full_copy).printed
    feeds = ["all", "authors/second-person", "sections/second"]
    expected = [f"feeds/{scope}.{form}.xml" for scope in feeds for form in ("atom", "rss")]
    assert difference({**before, LEDGER: 0}, {**times(output), LEDGER: 0}) == sorted(
        ["2026/11/opinion.html", *expected]
    )
    assert "7 files written, 0 removed" in printed


def test_an_incremental_build_leaves_what_a_clean_one_would(full_copy: Path, tmp_path: Path) -> None:
    build(full_copy)
    articles = full_copy / "content/articles/2026/11"
    edit(articles / "everything.md", "title: Example headline with everything", "title: Another headline")
    edit(articles / "everything.md", "image: wide.jpg", "image: unused.jpg")
    edit(articles / "recent.md", "tags: [Example topic]", "tags: [Second topic]")
    edit(full_copy / "content/authors/second-person.md", "name: Second Person", "name: Renamed Person")
    edit(full_copy / "pelicanconf.py", '"Second section"', '"Renamed section"')
    for text in full_copy.glob("content/articles/**/*.md"):
        text.write_text(text.read_text("utf-8").replace("Second section", "Renamed section"), encoding="utf-8")
    (articles / "interview.md").unlink()
    (articles / "fact-check.md").rename(articles / "moved.md")
    again = build(full_copy).output
    clean = pelican(full_copy, str(tmp_path / "clean"))
    assert clean.returncode == 0, clean.stderr
    assert difference(tree(tmp_path / "clean"), tree(again)) == []
    assert difference(modes(tmp_path / "clean"), modes(again)) == []


def test_pages_of_removed_articles_go_with_their_folders(full_copy: Path) -> None:
    output = build(full_copy).output
    assert (output / "2025" / "03" / "part-one.html").exists()
    edit(full_copy / "content/articles/2026/11/everything.md", "[part-two, opinion]", "[opinion]")
    edit(full_copy / "content/articles/2026/11/everything.md", "[link to a part](../../2025/03/part-one.md)", "part")
    shutil.rmtree(full_copy / "content" / "articles" / "2025")
    build(full_copy)
    assert not (output / "2025").exists()
    assert not (output / "sitemap-2025.xml").exists()


def test_a_strangers_file_in_the_output_stays(minimal_copy: Path) -> None:
    output = build(minimal_copy).output
    (output / "google123.html").write_text("stranger")
    (output / "2026" / "CNAME").write_text("stranger")
    (minimal_copy / "content/articles/2026/01/headline-one.md").unlink()
    build(minimal_copy)
    assert (output / "google123.html").read_text() == "stranger"
    assert files(output / "2026") == ["CNAME"]


def test_an_output_that_no_build_wrote_is_refused_and_stays(minimal_copy: Path) -> None:
    output = minimal_copy / "output"
    output.mkdir()
    (output / "letter.txt").write_text("stranger")
    done = invoke(minimal_copy, "build")
    assert done.returncode == 1
    assert problems(done.stderr) == [
        "output:1: the folder holds files that no build wrote (letter.txt); "
        "empty it if it is an old output, or name another folder"
    ]
    assert tree(output) == {"letter.txt": b"stranger"}


def test_rebuild_leaves_nothing_but_the_site(minimal: Built, minimal_copy: Path) -> None:
    output = build(minimal_copy).output
    (output / "stranger.txt").write_text("stranger")
    done = invoke(minimal_copy, "rebuild")
    assert done.returncode == 0, done.stderr
    assert difference(tree(minimal.output), tree(output)) == []


@pytest.mark.parametrize("command", ["rebuild", "clean"])
def test_a_folder_without_a_ledger_is_nobodys_to_empty(minimal_copy: Path, command: str) -> None:
    output = build(minimal_copy).output
    (output / LEDGER).unlink()
    (output / "archive").chmod(0o700)
    before = tree(output), modes(output)
    assert invoke(minimal_copy, command).returncode == 1
    assert (tree(output), modes(output)) == before


def test_a_file_that_was_damaged_is_made_again(minimal: Built, minimal_copy: Path) -> None:
    output = build(minimal_copy).output
    (output / "index.html").write_text("cut short")
    (output / "robots.txt").unlink()
    (output / "404.html").chmod(0o600)
    build(minimal_copy)
    assert difference(tree(minimal.output), tree(output)) == []
    assert modes(output) == modes(minimal.output)


def test_nothing_is_left_beside_the_output(minimal_copy: Path) -> None:
    before = {path.name for path in minimal_copy.iterdir()}
    build(minimal_copy)
    assert {path.name for path in minimal_copy.iterdir()} - before <= {"output", ".cache", "__pycache__"}


def test_clean_removes_what_was_built_and_nothing_else(minimal_copy: Path) -> None:
    before = tree(minimal_copy / "content")
    build(minimal_copy)
    (minimal_copy / ".cache" / "preview").mkdir(parents=True)
    done = invoke(minimal_copy, "clean")
    assert (done.returncode, done.stdout) == (0, "Removed output/\nRemoved .cache/\n")
    assert not (minimal_copy / "output").exists()
    assert not (minimal_copy / ".cache").exists()
    assert tree(minimal_copy / "content") == before
    again = invoke(minimal_copy, "clean")
    assert (again.returncode, again.stdout) == (0, "")


def test_a_build_prints_plain_lines_where_there_is_no_terminal(minimal_copy: Path) -> None:
    done = invoke(minimal_copy, "build")
    assert done.stderr == "Reading: 2\nWriting: 28\n"
    assert done.stdout.startswith("Built 11 pages of 1 article into output/ in ")
    assert done.stdout.endswith(" s: 28 files written, 0 removed, 0 as before.\n")


def test_two_builds_at_once_end_well(minimal: Built, minimal_copy: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: invoke(minimal_copy, "build"), range(2)))
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert difference(tree(minimal.output), tree(minimal_copy / "output")) == []


def test_the_time_of_the_build_changes_only_what_is_due(minimal: Built, minimal_copy: Path) -> None:
    build(minimal_copy, SOURCE_DATE_EPOCH=str(NOW + 86400 * 40))
    assert difference(tree(minimal.output), tree(minimal_copy / "output")) == []


@pytest.mark.parametrize(("days", "words"), [(500, "more than 2 years ago"), (400, "more than a year ago")])
def test_an_article_says_that_it_is_old_from_the_day_it_is(
    minimal: Built, minimal_copy: Path, days: int, words: str
) -> None:
    build(minimal_copy)  # so that the next build finds nothing changed but the day
    old = build(minimal_copy, SOURCE_DATE_EPOCH=str(NOW + 86400 * days))
    assert f"This article was published {words}." in old.text("2026/01/headline-one.html")
    changed = set(difference(tree(minimal.output), tree(old.output))) - {".ledger.json"}
    assert changed == {"2026/01/headline-one.html"}


def test_without_the_engines_one_line_builds_leave_the_same_bytes(full: Built, tmp_path: Path) -> None:
    own, site = tmp_path / "own", tmp_path / "site"
    shutil.copytree(ROOT / "newsroom", own / "newsroom", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tasks.py", own)
    edit(own / "newsroom/plugin.py", "    remember()  #", "    #")
    shutil.copytree(full.folder, site, symlinks=True, ignore=shutil.ignore_patterns("output", ".cache"))
    for _ in range(2):
        built = build(site, PYTHONPATH=str(own))
        assert difference(tree(built.output), tree(full.output)) == []
        assert not (site / ".cache").exists()
