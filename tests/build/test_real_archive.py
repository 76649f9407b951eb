"""The engine on a real archive of five hundred posts: whatever an editor does, what a clean build would leave."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive import LEFT_OUT, make_site
from tests.support import SHARED, build, difference, edit, own_theme, tree

pytestmark = pytest.mark.skipif(not (SHARED / "corpora/18f").is_dir(), reason="needs the archive beside the project")


def articles(site: Path) -> list[Path]:
    return sorted((site / "content" / "articles").rglob("*.md"))


def edit_a_body(site: Path) -> None:
    with articles(site)[100].open("a", encoding="utf-8") as file:
        file.write("\nOne more paragraph.\n")


def edit_a_title(site: Path) -> None:
    path = articles(site)[250]
    path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: Example ", 1), encoding="utf-8")


def delete_the_newest(site: Path) -> None:
    articles(site)[-1].unlink()


def add_one(site: Path) -> None:
    text = articles(site)[10].read_text(encoding="utf-8")
    path = site / "content" / "articles" / "2018" / "01" / "a-new-one.md"
    path.write_text(re.sub(r"(?m)^slug: .*\n", "", text), encoding="utf-8")


def edit_an_author(site: Path) -> None:
    path = sorted((site / "content" / "authors").glob("*.md"))[3]
    path.write_text(path.read_text(encoding="utf-8").replace("name: ", "name: Example ", 1), encoding="utf-8")


def edit_a_component(site: Path) -> None:
    edit(site / "theme/templates/components/byline.html", '<p class="byline">', '<p class="byline" id="by">')


EDITS: list[Callable[[Path], None]] = [
    edit_a_body,
    edit_a_title,
    delete_the_newest,
    add_one,
    edit_an_author,
    edit_a_component,
]


def test_after_every_kind_of_edit_the_output_is_that_of_a_clean_build(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", without=LEFT_OUT, mend=True)
    own_theme(site)
    build(site)
    for change in EDITS:
        change(site)
        built = build(site)
    clean = tmp_path / "clean"
    shutil.copytree(site, clean, symlinks=True, ignore=shutil.ignore_patterns("output", ".cache"))
    assert difference(tree(built.output), tree(build(clean).output)) == []
    assert "0 files written, 0 removed" in build(site).printed
    edit_a_body(site)
    printed = build(site).printed
    assert "3 files written, 0 removed" in printed  # its page and the two feeds of its author
    assert "Writing: 3\n" in printed, "more was made than could have changed"
