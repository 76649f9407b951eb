"""Nothing unpublished leaves: not a word, not an address, not a picture, not a picture's metadata."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from tests.pages import Page
from tests.support import NOW, PICTURES, ZONE, Built, build, environment, invoke, library_of, tree

UNPUBLISHED = ("quokkadraft", "quokkahidden", "quokkaembargoed", "quokkafuture", "quokkapage")
# What make_picture writes beside the pixels, and the sizes of the pictures of unpublished articles.
METADATA = (b"Quokkacamera", b"Quokkaphotographer", b"Quokkacomment", b"Exif", b"ICC_PROFILE", b"eXIf", b"tEXt")


def test_no_byte_of_the_output_knows_of_an_unpublished_article(full: Built) -> None:
    for name, data in tree(full.output).items():
        for word in UNPUBLISHED:
            assert word not in name.casefold(), name
            assert word.encode() not in data.lower(), (word, name)


def test_only_pictures_that_published_articles_show_are_there(full: Built) -> None:
    library = library_of(full.folder / "content")
    there = {path.relative_to(full.output).as_posix() for path in (full.output / "images").rglob("*.*")}
    shown = {}
    for source in PICTURES["full"]:
        made = [library.picture(source, slot) for slot in library.slots]
        urls = {each.url for each in made} | {file.url for each in made for _, files in each.sources for file in files}
        shown[Path(source).name] = len(urls & there)
    assert {name for name, count in shown.items() if count} == {"wide.jpg", "inside.png", "portrait.jpg"}
    kinds = {Path(name).suffix for name in tree(full.output)}
    assert kinds == {".html", ".xml", ".css", ".js", ".jpg", ".png", ".webp", ".avif", ".txt", ".json"}


def test_no_picture_keeps_its_metadata(full: Built) -> None:
    for path in (full.output / "images").rglob("*.*"):
        data = path.read_bytes()
        assert [word for word in METADATA if word in data] == [], path.name


def test_no_page_of_the_output_names_a_source_file(full: Built) -> None:
    for name, data in tree(full.output).items():
        assert b".md" not in data, name
        assert b"{filename}" not in data, name
        assert b"{static}" not in data, name
        assert str(full.folder).encode() not in data, name


def test_an_embargoed_article_appears_when_its_time_has_come(full_copy: Path) -> None:
    end = int(datetime(2026, 11, 23, 6, 0, tzinfo=ZONE).timestamp())
    before = build(full_copy, SOURCE_DATE_EPOCH=str(end - 1))
    assert not (before.output / "2026/11/quokkaembargoed.html").exists()
    after = build(full_copy, SOURCE_DATE_EPOCH=str(end))
    assert "Headline quokkaembargoed" in after.text("2026/11/quokkaembargoed.html")
    assert "Headline quokkaembargoed" in after.text("feeds/all.atom.xml")
    for word in ("quokkadraft", "quokkahidden", "quokkafuture", "quokkapage"):
        assert not [name for name, data in tree(after.output).items() if word.encode() in data.lower()], word


def test_a_later_dated_article_appears_on_its_day(full_copy: Path) -> None:
    day = int(datetime(2026, 12, 1, tzinfo=ZONE).timestamp())
    built = build(full_copy, SOURCE_DATE_EPOCH=str(day))
    assert (built.output / "2026/12/quokkafuture.html").exists()


def test_a_withdrawn_article_leaves_nothing_behind(full_copy: Path) -> None:
    """It was public; its pages, its topic's page, its picture and its alias go with it."""
    end = NOW + 86400 * 2
    build(full_copy, SOURCE_DATE_EPOCH=str(end))
    path = full_copy / "content/articles/2026/11/quokkaembargoed.md"
    path.write_text(path.read_text().replace("embargo:", "status: hidden\nembargo:"), encoding="utf-8")
    built = build(full_copy, SOURCE_DATE_EPOCH=str(end))
    held = tree(built.output)
    assert not [name for name, data in held.items() if b"quokkaembargoed" in data.lower() + name.encode()]


def test_a_build_with_drafts_shows_each_with_its_state(full_copy: Path) -> None:
    code = "from newsroom.build.run import build; raise SystemExit(build(output='drafts', drafts=True))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=full_copy, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    output = full_copy / "drafts"
    states = {
        "2026/11/quokkadraft.html": "Draft This page is not published.",
        "2026/11/quokkahidden.html": "Hidden This page is not published.",
        "2026/11/quokkaembargoed.html": "Under embargo Not public before 23 November 2026, 06:00.",
        "2026/12/quokkafuture.html": "Dated later Not public before 1 December 2026.",
        "quokkapage.html": "Draft This page is not published.",
    }
    for name, state in states.items():
        page = Page(output, name)
        assert page.text("//div[@class='state']") == state, name
        assert page.meta("robots") == ["noindex"], name
    assert Page(output, "2026/11/recent.html").tree.xpath("//div[@class='state']") == []


def test_unpublished_articles_are_checked_as_the_others_are(full_copy: Path) -> None:
    path = full_copy / "content/articles/2026/11/quokkaembargoed.md"
    path.write_text(path.read_text().replace("authors: [second-person]", "authors: [nobody]"), encoding="utf-8")
    done = invoke(full_copy, "build")
    assert done.returncode == 1
    assert "quokkaembargoed.md:5: the author 'nobody' has no file content/authors/nobody.md; " in done.stderr


def test_a_public_article_may_not_link_to_one_that_is_not(full_copy: Path) -> None:
    path = full_copy / "content/articles/2026/11/opinion.md"
    path.write_text(path.read_text() + "\nA [link](quokkaembargoed.md).\n", encoding="utf-8")
    done = invoke(full_copy, "build")
    assert done.returncode == 1
    assert (
        "content/articles/2026/11/opinion.md:12: the link 'quokkaembargoed.md' leads to an article that is not public "
        "yet; publish that one first, or take the link out" in done.stderr
    )


def test_an_author_whom_nothing_public_names_is_not_published_for_a_link_to_himself(minimal_copy: Path) -> None:
    secret = minimal_copy / "content/authors/quokkasecret.md"
    secret.write_text("---\nname: Quokkasecret\n---\nText.[^1] [Up](#top){#top}\n\n[^1]: Note.\n", encoding="utf-8")
    other = minimal_copy / "content/authors/quokkaother.md"
    other.write_text("---\nname: Quokkaother\n---\n[A colleague](quokkasecret.md)\n", encoding="utf-8")
    built = build(minimal_copy)
    assert [name for name, data in tree(built.output).items() if b"quokka" in (name.encode() + data).lower()] == []
