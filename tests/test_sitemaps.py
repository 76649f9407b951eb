"""Sitemaps and robots.txt: every page once, translations both ways, news of the last 48 hours."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from tests.pages import file_of, pages
from tests.support import NOW, Built, build

SITE = "https://full.example/news"
URLS = {"real": "https://newsroom.example", "full": SITE, "minimal": "https://minimal.example"}
SPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
    "i": "http://www.google.com/schemas/sitemap-image/1.1",
}


def read(path: Path) -> Any:
    return etree.fromstring(path.read_bytes())


def texts(path: Path, query: str) -> list[str]:
    return [each.text for each in read(path).iterfind(f".//{query}", SPACES)]


def parts(built: Built) -> list[str]:
    """The sitemaps that the index names, as files."""
    url = URLS[built.folder.name]
    return [file_of(address, url) for address in texts(built.output / "sitemap.xml", "s:sitemap/s:loc")]


def test_the_index_names_the_pages_and_one_sitemap_for_each_year(full: Built) -> None:
    assert parts(full) == ["sitemap-pages.xml", "sitemap-2024.xml", "sitemap-2025.xml", "sitemap-2026.xml"]
    held = {path.name for path in full.output.glob("sitemap*.xml")}
    assert held == {"sitemap.xml", "sitemap-news.xml", *parts(full)}


def test_every_page_that_may_be_listed_stands_in_exactly_one_sitemap(any_site: Built) -> None:
    url = URLS[any_site.folder.name]
    listed = Counter(
        file_of(loc, url) for part in parts(any_site) for loc in texts(any_site.output / part, "s:url/s:loc")
    )
    assert set(listed.values()) == {1}
    expected = {
        name
        for name, page in pages(any_site.output).items()
        if page.meta("robots") != ["noindex"] and "page-" not in name.rpartition("/")[2]
    }
    assert set(listed) == expected


def test_an_article_stands_in_the_sitemap_of_its_year(full: Built) -> None:
    def names(year: int) -> list[str]:
        return [file_of(loc, SITE) for loc in texts(full.output / f"sitemap-{year}.xml", "s:url/s:loc")]

    assert names(2025) == ["2025/03/part-one.html", "2025/03/part-two.html"]
    assert "km/2026/11/everything.html" in names(2026)
    assert len(names(2024)) == 50


def test_addresses_in_a_sitemap_are_the_pages_canonical_ones(any_site: Built) -> None:
    held = pages(any_site.output)
    url = URLS[any_site.folder.name]
    for part in parts(any_site):
        for loc in texts(any_site.output / part, "s:url/s:loc"):
            assert held[file_of(loc, url)].canonical == loc


def test_translations_in_a_sitemap_are_those_of_the_page(any_site: Built) -> None:
    held = pages(any_site.output)
    url = URLS[any_site.folder.name]
    for part in parts(any_site):
        for entry in read(any_site.output / part).iterfind("s:url", SPACES):
            page = held[file_of(entry.findtext("s:loc", namespaces=SPACES), url)]
            links = entry.findall("x:link", SPACES)
            assert {link.get("rel") for link in links} <= {"alternate"}
            assert {link.get("hreflang"): link.get("href") for link in links} == page.alternates


def test_last_changes_are_the_articles(full: Built) -> None:
    for entry in read(full.output / "sitemap-2026.xml").iterfind("s:url", SPACES):
        if entry.findtext("s:loc", namespaces=SPACES) == f"{SITE}/2026/11/everything.html":
            assert entry.findtext("s:lastmod", namespaces=SPACES) == "2026-11-14T01:00:00Z"
            (image,) = entry.findall("i:image/i:loc", SPACES)
            assert (full.output / file_of(image.text, SITE)).is_file()
    index = read(full.output / "sitemap.xml")
    changed = {
        file_of(each.findtext("s:loc", namespaces=SPACES), SITE): each.findtext("s:lastmod", namespaces=SPACES)
        for each in index.iterfind("s:sitemap", SPACES)
    }
    assert changed["sitemap-2025.xml"] == "2025-03-02T03:00:00Z"


def test_the_news_sitemap_holds_the_last_48_hours_without_sponsored_texts(full: Built) -> None:
    path = full.output / "sitemap-news.xml"
    assert texts(path, "s:url/s:loc") == [f"{SITE}/2026/11/recent.html"]
    assert texts(path, "n:title") == ["Example recent headline"]
    assert texts(path, "n:language") == ["en"]
    assert texts(path, "n:name") == ["Full site"]
    assert texts(path, "n:publication_date") == ["2026-11-21T02:00:00Z"]


def test_each_language_has_a_news_sitemap(full: Built) -> None:
    path = full.output / "km" / "sitemap-news.xml"
    assert texts(path, "s:url/s:loc") == [f"{SITE}/km/2026/11/recent.html"]
    assert texts(path, "n:language") == ["km"]
    assert texts(path, "n:name") == ["គេហទំព័រ"]


def test_the_news_sitemap_follows_now_and_nothing_else_does(full_copy: Path) -> None:
    first = build(full_copy)
    before = {path.name: path.read_bytes() for path in first.output.rglob("*.xml")}
    later = build(full_copy, SOURCE_DATE_EPOCH=str(NOW + 86400 // 2))  # half a day on, before the embargo ends
    assert texts(later.output / "sitemap-news.xml", "s:url/s:loc") == [f"{SITE}/2026/11/recent.html"]
    assert {path.name: path.read_bytes() for path in later.output.rglob("*.xml")} == before
    assert ": 0 files written" in later.printed
    end = int(datetime.fromisoformat("2026-11-23T09:01:00+07:00").timestamp())
    last = build(full_copy, SOURCE_DATE_EPOCH=str(end))
    assert texts(last.output / "sitemap-news.xml", "s:url/s:loc") == []
    assert texts(last.output / "km/sitemap-news.xml", "s:url/s:loc") == [f"{SITE}/km/2026/11/recent.html"]


def test_an_empty_news_sitemap_is_still_well_formed(minimal: Built) -> None:
    assert texts(minimal.output / "sitemap-news.xml", "s:url") == []


def test_robots_txt_allows_everything_and_names_the_sitemaps(full: Built) -> None:
    assert full.text("robots.txt") == (
        "User-agent: *\nAllow: /\n\n"
        f"Sitemap: {SITE}/sitemap.xml\nSitemap: {SITE}/sitemap-news.xml\nSitemap: {SITE}/km/sitemap-news.xml\n"
    )
