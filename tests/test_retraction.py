"""An article that is taken down is gone from every byte, its addresses say so, and it can come back."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pages import Page, broken
from tests.publish.sites import check
from tests.support import Built, build, edit, files, invoke, tree

ARTICLE = "content/articles/2026/11/everything.md"
KHMER = "content/articles/2026/11/everything.km.md"
NOTICE = "The editors could not confirm it."
# What stands nowhere but in that article, in its fields and its text.
WORDS = (
    "Example headline with everything",
    "that has everything",
    "Example caption of the hero",
    "Example words set apart",
    "Example caption of two pictures",
    "Another example correction",
    "Example account of the method",
    "An example person who spoke",
    "Second topic",
    "video.example",
)
PLACES = ("2026/11/everything.html", "2019/old-address/index.html", "old/page.html")


@pytest.fixture
def site(full_copy: Path) -> Path:
    """A site that was built; nothing links to the article that is to go."""
    edit(full_copy / KHMER, "everything.md#a-table", "recent.md")
    edit(full_copy / "content/pages/about.md", "/articles/2026/11/everything.md#a-table", "/pages/contact.md")
    return full_copy


def ledger_of(built: Built) -> list[str]:
    return [name for name in files(built.output) if name.endswith((".html", ".atom.xml", ".rss.xml"))]


def keep(site: Path, addresses: list[str]) -> None:
    (site / "content/addresses.txt").write_text("".join(f"{each}\n" for each in addresses), encoding="utf-8")


def holding(output: Path) -> dict[str, list[str]]:
    """The words of the article, with the files that hold them."""
    held = {
        name: re.sub(r"<wbr>|&(amp;)?nbsp;|\s+", " ", data.decode("utf-8", "replace"))
        for name, data in tree(output).items()
    }
    return {word: [name for name, text in held.items() if word.casefold() in text.casefold()] for word in WORDS}


def test_a_retraction_leaves_a_notice_and_nothing_of_the_article_in_any_byte(site: Path) -> None:
    before = build(site)
    assert [word for word, names in holding(before.output).items() if not names] == []
    keep(site, ledger_of(before))
    done = invoke(site, "retract", ARTICLE, "--notice", NOTICE)
    assert done.returncode == 0, done.stderr
    assert {word: names for word, names in holding(site / "output").items() if names} == {}
    told = [name for name, data in tree(site / "output").items() if NOTICE.encode() in data]
    assert sorted(told) == sorted(PLACES)
    for name in PLACES:
        page = Page(site / "output", name)
        assert page.text("//h1") == "This article was withdrawn"
        assert page.text("//main//p[@class='notice']") == f"Withdrawn on 22 November 2026, 12:00 {NOTICE}"
        assert page.meta("robots") == ["noindex"]
        assert page.graph == []
        assert page.alternates == {}
    everything = {name: data for name, data in tree(site / "output").items() if name not in (*PLACES, ".ledger.json")}
    assert [
        name for name, data in everything.items() if b"2026/11/everything.html" in data.replace(b"km/2026/11", b"")
    ] == []
    assert not (site / "output/images/cards/2026/11/everything.png").exists()
    assert broken(site / "output", "https://full.example/news") == []
    assert check(site, site / "release") == []


def test_the_command_says_what_is_gone_and_what_is_left_to_do(site: Path) -> None:
    before = set(build(site).output.rglob("*"))
    done = invoke(site, "retract", ARTICLE, "--gone")
    assert done.returncode == 0, done.stderr
    gone = sorted(path.relative_to(site / "output").as_posix() for path in before if not path.exists() and path.suffix)
    said = done.stdout.splitlines()
    assert [line for line in said if "no longer there" in line] == [f"  no longer there: {name}" for name in gone]
    assert "topics/second-topic/index.html" in gone
    assert (
        "articles/2026/11/everything.md is retracted. A notice stands at 2026/11/everything.html, "
        "2019/old-address/index.html, old/page.html." in said
    )
    assert f"note: {KHMER}, the same article in another language, is still public" in said
    assert "Readers have it until you publish: run `python3 tasks.py publish` now." in said
    assert Page(site / "output", PLACES[0]).text("//main//p[@class='notice']") == "Withdrawn on 22 November 2026, 12:00"


def test_what_links_to_the_article_must_be_mended_first(full_copy: Path) -> None:
    before = tree(build(full_copy).output)
    done = invoke(full_copy, "retract", ARTICLE, "--gone")
    assert done.returncode == 1
    assert (
        "content/pages/about.md:10: the link '/articles/2026/11/everything.md#a-table' leads to an article that was "
        "retracted; take the link out" in done.stderr
    )
    assert f"{ARTICLE} is marked as retracted; mend the problems above, for nothing is taken down yet" in done.stderr
    assert tree(full_copy / "output") == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([ARTICLE], "say what readers should know with --notice '…', or nothing with --gone"),
        (
            [ARTICLE, "--gone", "--notice", "x"],
            "say what readers should know with --notice '…', or nothing with --gone",
        ),
        (["content/pages/about.md", "--gone"], "content/pages/about.md is no article; name a file of content/articles"),
        (["content/articles/no.md", "--gone"], "content/articles/no.md: No such file or directory"),
    ],
)
def test_a_command_that_cannot_be_meant_changes_nothing(full_copy: Path, arguments: list[str], sentence: str) -> None:
    before = tree(full_copy / "content")
    done = invoke(full_copy, "retract", *arguments)
    assert (done.returncode, done.stderr.strip()) == (1, sentence)
    assert tree(full_copy / "content") == before


def test_an_article_comes_back_with_its_status_and_the_bytes_are_those_of_before(site: Path) -> None:
    before = tree(build(site).output)
    text = (site / ARTICLE).read_bytes()
    assert invoke(site, "retract", ARTICLE, "--gone").returncode == 0
    (site / ARTICLE).write_bytes(text)
    assert tree(build(site).output) == before


def test_the_notice_of_an_article_in_khmer_speaks_khmer_even_where_no_other_is_left(site: Path) -> None:
    for path in (site / "content").rglob("*.km.md"):
        if path.name != "everything.km.md":
            path.unlink()
    retraction = "status: retracted\nretraction: {date: 2026-11-22 10:00, notice: សេចក្តីជូនដំណឹង}\n"
    text = (site / KHMER).read_text(encoding="utf-8")
    (site / KHMER).write_text(text.replace("---\n", f"---\n{retraction}", 1), encoding="utf-8")
    built = build(site)
    page = Page(built.output, "km/2026/11/everything.html")
    assert page.tree.get("lang") == "km"
    assert page.text("//h1").replace("\u200b", "") == "អត្ថបទនេះត្រូវបានដកចេញវិញ"
    assert "សេចក្តីជូនដំណឹង" in page.text("//main//p[@class='notice']")


def test_an_article_that_nobody_could_read_leaves_no_notice_when_it_is_retracted(full_copy: Path) -> None:
    for name in ("2026/11/quokkaembargoed", "2026/12/quokkafuture"):
        path = full_copy / f"content/articles/{name}.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("---\n", "---\nstatus: retracted\nretraction: {date: 2026-11-22}\n", 1), "utf-8")
    built = build(full_copy)
    assert [name for name, data in tree(built.output).items() if b"quokka" in name.encode() + data.lower()] == []


def test_lists_that_are_empty_now_lead_on_and_their_feeds_go_on(site: Path) -> None:
    before = build(site)
    keep(site, [*ledger_of(before), "topics/long-gone/page-4.html", "2031/01/index.html", "km/topics/gone/index.html"])
    assert invoke(site, "retract", ARTICLE, "--gone").returncode == 0
    targets = {
        "sections/first/index.html": "https://full.example/news/",
        "topics/second-topic/index.html": "https://full.example/news/",
        "topics/long-gone/page-4.html": "https://full.example/news/",
        "2031/01/index.html": "https://full.example/news/",
        "km/topics/gone/index.html": "https://full.example/news/km/",
    }
    for name, target in targets.items():
        assert Page(site / "output", name).canonical == target, name
    for form, entry in (("atom", "{http://www.w3.org/2005/Atom}entry"), ("rss", "item")):
        feed = ElementTree.parse(site / f"output/feeds/sections/first.{form}.xml")
        assert list(feed.iter(entry)) == []
    assert check(site, site / "release") == []
    assert broken(site / "output", "https://full.example/news") == []


def test_a_page_that_disappears_stops_a_publish(site: Path) -> None:
    keep(site, [*ledger_of(build(site)), "2020/forgotten.html"])
    edit(site / "content/articles/2026/11/just-too-old.md", "title:", "status: hidden\ntitle:")
    edit(site / ARTICLE, "old/page.html", "older/page.html")
    found = [each.partition(": ")[2] for each in check(site, site / "release") if "would disappear" in each]
    remedy = "add it to 'aliases' of the article that replaces it, or retract it"
    assert f"the address '2020/forgotten.html' would disappear; {remedy}" in found
    assert f"the address '2026/11/renamed-slug.html' would disappear; {remedy}" in found
    assert f"the address 'old/page.html' would disappear; {remedy}" in found
