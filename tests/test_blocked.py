"""The page for when the site is blocked tells what the newsroom has set up, and no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages import pages
from tests.support import Built, build, copy_site, edit, invoke

ONION = "http://exampleexampleexampleexampleexampleexampleexampleexample.onion"


@pytest.fixture(scope="module")
def everywhere(once: Callable[..., Built]) -> Built:
    """The site with everything, and an onion address."""

    def make(to: Path) -> Built:
        copy_site("full", to)
        edit(to / "pelicanconf.py", "NEWSROOM = {", f'NEWSROOM = {{\n    "onion": "{ONION}/",')
        return build(to)

    return once("everywhere", make)


def test_it_names_the_sites_addresses_in_every_language(everywhere: Built) -> None:
    for name in ("blocked.html", "km/blocked.html"):
        links = pages(everywhere.output)[name].tree.xpath("//main//a/@href")
        assert links[:3] == ["https://full.example/news/", "https://mirror.example/full/", f"{ONION}/"]
        assert ("./verify.html" if name == "blocked.html" else "../km/verify.html") in links


def test_the_footer_of_every_page_leads_to_it_and_sitemaps_name_it(everywhere: Built) -> None:
    for page in pages(everywhere.output).values():
        if not page.tree.xpath("//meta[@http-equiv='refresh']"):
            (link,) = page.tree.xpath("//footer//a[contains(@href, 'blocked.html')]/@href")
            assert ("km/blocked.html" in link) == page.name.startswith("km/"), page.name
    assert "<loc>https://full.example/news/km/blocked.html</loc>" in everywhere.text("sitemap-pages.xml")


def test_tor_browser_is_led_from_every_page_to_the_same_at_the_onion_address(everywhere: Built) -> None:
    for name, path in (("index.html", ""), ("km/index.html", "km/"), ("about.html", "about.html")):
        page = pages(everywhere.output)[name]
        assert page.tree.xpath("//meta[@http-equiv='onion-location']/@content") == [f"{ONION}/{path}"]


def test_without_any_of_it_there_is_no_such_page(minimal_copy: Path) -> None:
    edit(minimal_copy / "pelicanconf.py", "NEWSROOM = {", 'NEWSROOM = {\n    "downloads": False,')
    built = build(minimal_copy)
    assert not (built.output / "blocked.html").exists()
    assert "blocked.html" not in built.text("index.html")
    assert "onion-location" not in built.text("index.html")


def test_with_downloads_alone_it_tells_of_these(minimal: Built) -> None:
    page = pages(minimal.output)["blocked.html"]
    assert page.texts("//main//h2") == ["The whole site", "Each month", "Before you keep a copy"]
    assert page.tree.xpath("//main//a/@href") == ["./site.zip", "./months/2026-01.html"]


@pytest.mark.parametrize("address", ["blocked.html", "site.zip", "months/2026-01.html", "sw.js"])
def test_no_article_takes_an_address_of_what_readers_keep(minimal_copy: Path, address: str) -> None:
    path = minimal_copy / "content/articles/2026/01/headline-one.md"
    edit(path, "summary:", f"aliases: [{address}]\nsummary:")
    done = invoke(minimal_copy, "build")
    assert done.returncode == 1
    assert f"the alias '{address}' hides the page of the site itself; delete the alias" in done.stderr
