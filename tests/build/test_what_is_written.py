"""What a build writes after an edit: exactly the files that show what was edited, and nothing after no edit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.build.builders import Builder, Outcome
from tests.build.edits import change_fields
from tests.build.small_site import make_site
from tests.support import NOW, add_tiny_articles, copy_site, edit, make_picture, own_theme, tiny_article, tree

pytestmark = pytest.mark.skipif(os.name != "posix", reason="builds in copies of one process")
LEDGER = ".ledger.json"
NOTHING: tuple[set[str], set[str]] = (set(), set())
FEEDS = {
    f"feeds/{scope}.{form}.xml"
    for scope in ("all", "sections/second", "authors/second-person")
    for form in ("atom", "rss")
}


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    made = Builder()
    yield made
    made.close()


@pytest.fixture
def site(builder: Builder, tmp_path: Path) -> Path:
    """A small site with the project's theme, built."""
    made = make_site(tmp_path / "site", plain=False)
    assert builder.build(made).status == 0
    return made


def article(site: Path, name: str) -> Path:
    return site / "content/articles/2026/11" / f"{name}.md"


def built(builder: Builder, site: Path, **more: object) -> tuple[set[str], set[str]]:
    """What a build writes and what it removes."""
    done: Outcome = builder.build(site, **more)
    assert done.status == 0, done.printed
    return set(done.written), set(done.removed)


def holding(site: Path, words: str) -> set[str]:
    """The files of the output that these words stand in."""
    return {name for name, data in tree(site / "output").items() if words.encode() in data}


def test_a_second_build_looks_at_no_file(builder: Builder, site: Path) -> None:
    done = builder.build(site)
    assert (done.written, done.removed, done.rendered) == ((), (), 0)


def test_the_build_after_an_edit_and_its_build_looks_at_no_file(builder: Builder, site: Path) -> None:
    edit(article(site, "opinion"), "Text of", "Other text of")
    builder.build(site)
    done = builder.build(site)
    assert (done.written, done.removed, done.rendered) == ((), (), 0)
    assert "check" not in done.printed


def test_a_file_that_was_touched_writes_nothing(builder: Builder, site: Path) -> None:
    for path in (site / "content").rglob("*.*"):
        os.utime(path)
    article(site, "opinion").write_bytes(article(site, "opinion").read_bytes())
    assert built(builder, site) == NOTHING


def test_a_touched_output_is_left_alone(builder: Builder, site: Path) -> None:
    for path in (site / "output").rglob("*.html"):
        os.utime(path)
    assert built(builder, site) == NOTHING


def test_an_edited_text_writes_its_page_and_the_feeds_that_hold_it(builder: Builder, site: Path) -> None:
    edit(article(site, "recent"), "\nText of", "\nOther text of")
    assert built(builder, site) == ({"2026/11/recent.html", *FEEDS}, set())


def test_a_text_that_no_feed_holds_writes_its_page_alone(builder: Builder, site: Path) -> None:
    edit(site / "content/articles/2025/03/part-one.md", "\nExample text", "\nOther text")
    assert built(builder, site) == ({"2025/03/part-one.html"}, set())


def test_a_text_with_corrections_writes_no_list_of_them(builder: Builder, site: Path) -> None:
    edit(article(site, "everything"), "The first paragraph", "The very first paragraph")
    assert built(builder, site)[0] == holding(site, "The very first paragraph")


def test_a_draft_and_an_article_under_embargo_write_nothing(builder: Builder, site: Path) -> None:
    for name in ("quokkadraft", "quokkahidden", "quokkaembargoed"):
        edit(article(site, name), "\nText of", "\nOther text of")
    assert built(builder, site) == NOTHING


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("title", "Example opinion", "Opinion: example"),
        ("summary", "Summary of opinion.", "The summary of opinion."),
    ],
)
def test_a_headline_or_summary_writes_exactly_what_shows_it(
    builder: Builder, site: Path, field: str, old: str, new: str
) -> None:
    """The telling words stay the same, or other articles would have become related."""
    shown = holding(site, old)
    assert len(shown) > 5
    change_fields(article(site, "opinion"), field, new)
    assert built(builder, site) == (shown, set())
    assert holding(site, new) == shown


def test_other_words_of_a_photo_write_exactly_what_prints_them(builder: Builder, site: Path) -> None:
    photo = article(site, "unused").with_suffix(".jpg")
    with article(site, "recent").open("a", encoding="utf-8") as file:
        file.write("\n![A photo](unused.jpg)\n")
    shown, _ = built(builder, site)
    assert holding(site, "Example agency") == {"2026/11/recent.html", *FEEDS}
    assert shown > {"2026/11/recent.html", *FEEDS}
    with Image.open(photo) as picture:
        size = picture.size
    make_picture(photo, size, credit="Other agency", licence="https://licence.example/by")
    assert built(builder, site) == ({"2026/11/recent.html", *FEEDS}, set())
    assert holding(site, "Other agency") == holding(site, "licence.example") == {"2026/11/recent.html", *FEEDS}


def test_an_authors_name_writes_exactly_what_shows_it(builder: Builder, site: Path) -> None:
    change_fields(site / "content/authors/some-organisation.md", "name", "A New Name")
    assert built(builder, site)[0] == holding(site, "A New Name")


def test_an_authors_biography_writes_the_authors_pages(builder: Builder, site: Path) -> None:
    edit(site / "content/authors/some-organisation.md", "What the organisation is.", "What it is.")
    assert built(builder, site) == ({"authors/some-organisation/index.html"}, set())


def test_a_correction_writes_the_page_the_list_and_the_feeds(builder: Builder, site: Path) -> None:
    written = {"2026/11/recent.html", "corrections/index.html", "sitemap-2026.xml", "sitemap.xml", *FEEDS}
    change_fields(article(site, "recent"), "corrections", [{"date": "2026-11-22 11:00", "text": "Example."}])
    assert built(builder, site) == (written, set())


def test_other_pixels_write_the_picture_and_what_shows_it(builder: Builder, site: Path) -> None:
    make_picture(article(site, "inside").with_suffix(".png"), (60, 50))
    written, removed = built(builder, site)
    pictures = {name for name in written if name.startswith("images/")}
    assert written == pictures.union(*(holding(site, name) for name in pictures)) - {LEDGER}
    assert len(removed) == len(pictures) > 1


def test_an_edited_component_writes_exactly_the_pages_that_print_it(builder: Builder, site: Path) -> None:
    """All articles' templates hold it; only articles of a series print it."""
    edit(site / "theme/templates/components/part.html", "%}\n", "%}\n<!-- printed -->")
    written, removed = built(builder, site)
    assert (written, removed) == (holding(site, "<!-- printed -->"), set())
    assert written == {"2025/03/part-one.html", "2025/03/part-two.html", "2026/11/everything.html"}


def test_a_comment_in_a_template_writes_nothing(builder: Builder, site: Path) -> None:
    edit(site / "theme/templates/components/part.html", "{% macro", "{# A comment. #}{% macro")
    assert built(builder, site) == NOTHING


def test_a_catalog_writes_its_language_only(builder: Builder, site: Path) -> None:
    catalog = site / "theme/translations/km/LC_MESSAGES/messages.po"
    edit(catalog, 'msgid "Archive"\nmsgstr "', 'msgid "Archive"\nmsgstr "X')
    written, _ = built(builder, site)
    assert written
    assert all(name.startswith("km/") for name in written)


def test_a_style_writes_the_style_sheet_and_the_pages_and_no_feed(builder: Builder, site: Path) -> None:
    with (site / "theme/static/css/base.css").open("a", encoding="utf-8") as file:
        file.write("a { color: black }\n")
    written, (removed,) = built(builder, site)
    pages = {name for name in tree(site / "output") if name.endswith(".html")}
    assert {name for name in written if not name.endswith(".css")} == pages - {"titles.html"} - holding(
        site, 'http-equiv="refresh"'
    )
    assert removed.endswith(".css")


def test_longer_feeds_write_feeds_only(builder: Builder, site: Path) -> None:
    edit(site / "pelicanconf.py", "FEED_MAX_ITEMS = 4, 5", "FEED_MAX_ITEMS = 4, 6")
    written, _ = built(builder, site)
    assert written
    assert all("feeds/" in name for name in written)


def test_an_hour_later_nothing_is_written_while_nothing_is_due(builder: Builder, site: Path) -> None:
    assert built(builder, site, SOURCE_DATE_EPOCH=NOW + 3600) == NOTHING


def test_two_days_later_nothing_is_news(builder: Builder, site: Path) -> None:
    change_fields(article(site, "quokkaembargoed"), "status", "draft")
    builder.build(site)
    written, removed = built(builder, site, SOURCE_DATE_EPOCH=NOW + 2 * 86_400)
    assert (written, removed) == ({"sitemap-news.xml", "km/sitemap-news.xml"}, set())


def test_a_page_edited_by_hand_is_written_and_no_other(builder: Builder, site: Path) -> None:
    (site / "output/2026/11/opinion.html").write_text("by hand", encoding="utf-8")
    (site / "output/about.html").unlink()
    assert built(builder, site) == ({"2026/11/opinion.html", "about.html"}, set())


def test_without_its_cache_a_build_writes_nothing_that_is_there(builder: Builder, site: Path) -> None:
    (site / ".cache/build.sqlite").unlink()
    assert built(builder, site) == NOTHING


def test_a_new_article_among_hundreds_writes_few_files(builder: Builder, tmp_path: Path) -> None:
    site = copy_site("full", tmp_path / "site")
    own_theme(site)
    add_tiny_articles(site, 300)
    builder.build(site)
    article(site, "newest").write_text(tiny_article(1, when="2026-11-22"), encoding="utf-8")
    written, removed = built(builder, site)
    assert len(written) <= 60
    assert "2026/11/newest.html" in written
    assert not removed
