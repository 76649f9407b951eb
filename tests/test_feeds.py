"""Feeds, read as readers' programs read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import html

from tests.pages import file_of, pages
from tests.support import Built, build, edit

SITE = "https://full.example/news"
URLS = {"real": "https://newsroom.example", "full": SITE, "minimal": "https://minimal.example"}


def parse(path: Path) -> Any:
    """A feed, read without trust."""
    return feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)


def feeds(output: Path) -> list[Path]:
    return sorted([*output.glob("feeds/**/*.xml"), *output.glob("km/feeds/**/*.xml")])


def entry(feed: Any, title: str) -> Any:
    (found,) = (each for each in feed.entries if each.title == title)
    return found


def test_every_feed_is_well_formed_and_complete(any_site: Built) -> None:
    for path in feeds(any_site.output):
        feed = parse(path)
        assert not feed.bozo, (path, feed.get("bozo_exception"))
        assert feed.version == ("atom10" if path.name.endswith(".atom.xml") else "rss20"), path
        assert feed.feed.title
        assert feed.feed.language == ("km" if "km/feeds" in path.as_posix() else "en"), path
        for each in feed.entries:
            assert each.title
            assert each.id.startswith("tag:"), path
            assert each.content[0].value, path
            assert each.published_parsed, path


def test_there_are_feeds_for_the_site_each_section_and_each_author_in_both_forms(full: Built) -> None:
    scopes = ["all", "sections/first", "sections/second", "authors/first-person", "authors/second-person"]
    expected = {
        f"{start}feeds/{scope}.{form}.xml" for start in ("", "km/") for scope in scopes for form in ("atom", "rss")
    }
    expected |= {f"feeds/authors/some-organisation.{form}.xml" for form in ("atom", "rss")}
    assert {path.relative_to(full.output).as_posix() for path in feeds(full.output)} == expected


def test_every_feed_that_a_page_announces_is_there_with_its_type(any_site: Built) -> None:
    announced = set()
    for page in pages(any_site.output).values():
        for link in page.tree.xpath("//head/link[@rel='alternate'][@type]"):
            path = (any_site.output / page.name).parent / link.get("href")
            assert path.is_file(), (page.name, link.get("href"))
            assert link.get("title")
            form = {"application/atom+xml": ".atom.xml", "application/rss+xml": ".rss.xml"}[link.get("type")]
            assert path.name.endswith(form)
            announced.add(path.resolve())
    assert announced == {path.resolve() for path in feeds(any_site.output)}


def test_rss_and_atom_agree(any_site: Built) -> None:
    for path in feeds(any_site.output):
        if path.name.endswith(".atom.xml"):
            atom, rss = parse(path), parse(path.with_name(path.name.replace(".atom.", ".rss.")))
            for field in ("id", "title", "link", "published_parsed"):
                assert [each[field] for each in atom.entries] == [each[field] for each in rss.entries], (path, field)
            assert [each.content[0].value for each in atom.entries] == [each.content[0].value for each in rss.entries]
            assert atom.feed.title == rss.feed.title
            assert [[tag.term for tag in each.tags] for each in atom.entries] == [
                [tag.term for tag in each.tags] for each in rss.entries
            ]
            assert [[person.name for person in each.authors] for each in atom.entries] == [
                [person.name for person in each.authors] for each in rss.entries
            ]


def test_a_feed_says_where_it_is_and_what_it_follows(full: Built) -> None:
    atom = parse(full.output / "feeds/sections/first.atom.xml").feed
    assert [each.href for each in atom.links if each.rel == "self"] == [f"{SITE}/feeds/sections/first.atom.xml"]
    assert atom.link == f"{SITE}/sections/first/"
    assert atom.id == "tag:full.example,2026:feeds/sections/first"
    assert atom.title == "Full site – First section"
    rss = parse(full.output / "feeds/sections/first.rss.xml").feed
    assert rss.link == f"{SITE}/sections/first/"


def test_a_feed_is_no_newer_than_what_it_holds(full: Built) -> None:
    """No clock: the newest change of an entry is the feed's."""
    feed = parse(full.output / "feeds/all.atom.xml")
    assert feed.feed.updated_parsed == max(each.updated_parsed for each in feed.entries)


def test_the_newest_twenty_articles_are_in_a_feed_newest_first(full: Built) -> None:
    entries = parse(full.output / "feeds/all.atom.xml").entries
    assert len(entries) == 20
    assert [each.title for each in entries[:2]] == ["Example sponsored text", "Example recent headline"]
    assert [each.published_parsed for each in entries] == sorted(
        (each.published_parsed for each in entries), reverse=True
    )


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_an_entry_holds_the_full_text_the_picture_and_the_corrections(full: Built, form: str) -> None:
    one = entry(parse(full.output / f"feeds/all.{form}.xml"), "Example headline with everything")
    text = " ".join(html.fragment_fromstring(one.content[0].value, create_parent="div").text_content().split())
    for words in (
        "The first paragraph has",
        "Some background",
        "The last paragraph has “more quotes”",
        "Example footnote",
        "Example words",
        "Example caption of the hero.",
        "Example correction: one was two.",
        "Another example correction.",
        "Example note for the reader.",
        "Example Town",
    ):
        assert words in text, words
    assert one.summary == "Example summary of the “article” that has everything."
    assert one.link == f"{SITE}/2026/11/everything.html"
    assert [tag.term for tag in one.tags] == ["First section", "Example topic", "Second topic"]
    assert [person.name for person in one.authors] == ["First Person", "Some Organisation"]


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_an_entry_carries_its_picture_with_credit_and_true_size(full: Built, form: str) -> None:
    one = entry(parse(full.output / f"feeds/all.{form}.xml"), "Example headline with everything")
    (media,) = one.media_content
    assert (media["width"], media["height"], media["type"], media["medium"]) == ("1200", "600", "image/jpeg", "image")
    assert (full.output / file_of(media["url"], SITE)).is_file()
    assert one.media_credit[0]["content"] == "Second Person / Some Organisation"
    raw = (full.output / f"feeds/all.{form}.xml").read_text(encoding="utf-8")
    assert "https://creativecommons.org/licenses/by/4.0/</media:license>" in raw
    assert ">Example caption of the hero.</media:description>" in raw
    tree = html.fragment_fromstring(one.content[0].value, create_parent="div")
    credits = [each.text for each in tree.xpath("//figcaption/*[@class='figure-credit']")]
    assert credits == [
        "Second Person / Some Organisation",
        "Example “credit” & more",
        "Example licence",
        "Second Person / Some Organisation",
        "Licence",
    ]


def test_an_entry_was_updated_when_its_latest_correction_was_made(full: Built) -> None:
    one = entry(parse(full.output / "feeds/all.atom.xml"), "Example headline with everything")
    assert datetime(*one.updated_parsed[:6], tzinfo=UTC) == datetime(2026, 11, 14, 1, 0, tzinfo=UTC)
    assert datetime(*one.published_parsed[:6], tzinfo=UTC) == datetime(2026, 11, 10, 2, 30, tzinfo=UTC)


def test_every_address_in_a_feed_is_absolute_and_leads_somewhere(any_site: Built) -> None:
    url = URLS[any_site.folder.name]
    for path in feeds(any_site.output):
        for one in parse(path).entries:
            assert (any_site.output / file_of(one.link, url)).is_file()
            tree = html.fragment_fromstring(one.content[0].value, create_parent="div")
            for address in tree.xpath("//@href | //@src"):
                if address.startswith("#"):
                    continue  # a footnote of the same text
                assert re.match(r"https?://|mailto:|tel:", address), (path, address)
                if address.startswith(f"{url}/"):
                    assert (any_site.output / file_of(address, url)).is_file(), (path, address)
            assert tree.xpath("//script | //iframe | //style") == []


def test_a_headlines_markup_is_text_in_a_feed(full: Built) -> None:
    for form in ("atom", "rss"):
        one = entry(
            parse(full.output / f"feeds/all.{form}.xml"),
            "Headline </script><script>alert(1)</script> & <b>bold</b> “quoted”",
        )
        assert "Topic & <i>more</i>" in [tag.term for tag in one.tags]


def test_ids_are_unique_and_survive_another_headline_date_and_domain(full_copy: Path) -> None:
    def ids(built: Built) -> list[str]:
        return [each.id for each in parse(built.output / "feeds/all.atom.xml").entries]

    before = ids(build(full_copy))
    assert len(before) == len(set(before))
    everything = full_copy / "content/articles/2026/11/everything.md"
    edit(everything, "title: Example headline with everything", "title: Another headline")
    edit(everything, "date: 2026-11-10 09:30", "date: 2026-11-10 08:15")
    edit(full_copy / "pelicanconf.py", "https://full.example/news", "https://mirror.example")
    edit(full_copy / "pelicanconf.py", '"Full site"', '"Renamed site"')
    assert ids(build(full_copy)) == before
    assert "tag:full.example,2026:2026/11/everything" in before


def test_a_translations_entry_has_an_id_of_its_own(full: Built) -> None:
    english = {each.id for each in parse(full.output / "feeds/all.atom.xml").entries}
    khmer = {each.id for each in parse(full.output / "km/feeds/all.atom.xml").entries}
    assert khmer
    assert not english & khmer
