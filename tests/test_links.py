"""Opened by double-click, at a host's root or from a stick: everything that a page names is there."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.pages import broken, css_addresses, pages
from tests.support import Built

URLS = {"real": "https://newsroom.example", "full": "https://full.example/news", "minimal": "https://minimal.example"}


def test_every_link_fragment_and_asset_of_every_page_resolves_from_disk(any_site: Built) -> None:
    assert broken(any_site.output, URLS[any_site.folder.name]) == []


def test_no_style_sheet_loads_anything(any_site: Built) -> None:
    sheets = list(any_site.output.rglob("*.css"))
    assert len(sheets) == 1
    assert css_addresses(sheets[0].read_text(encoding="utf-8")) == []


def test_no_page_needs_a_script(any_site: Built) -> None:
    for page in pages(any_site.output).values():
        own = ["js"] if not page.tree.xpath("//meta[@http-equiv='refresh']") else []  # a page that only leads on
        own *= 2 if page.name.endswith("verify.html") else 1  # which has a script of its own
        scripts = page.tree.xpath("//script[not(@type='application/ld+json')]")
        assert [each.get("src").split("/")[-2] for each in scripts] == own, page.name
        assert all("defer" in each.attrib and not each.text for each in scripts), page.name
        assert page.tree.xpath("//button[not(ancestor::*[@hidden])]") == [], "what only a script can do waits for it"
        assert page.tree.xpath("//@*[starts-with(name(), 'on')]") == [], page.name
        assert page.tree.xpath("//@style | //style") == [], page.name


def test_every_picture_has_an_alt_text_and_its_true_size(any_site: Built) -> None:
    for page in pages(any_site.output).values():
        folder = (any_site.output / page.name).parent
        for image in page.tree.xpath("//img"):
            assert image.get("alt"), page.name
            with Image.open(folder / image.get("src")) as picture:
                assert (image.get("width"), image.get("height")) == tuple(map(str, picture.size)), page.name


def test_the_404_page_names_the_sites_root_and_no_fragment(full: Built) -> None:
    for name in ("404.html", "km/404.html"):
        page = pages(full.output)[name]
        assert page.find("//head/base").get("href") == "/news/"
        assert [address for _, address in page.addresses() if address.startswith("#")] == []
        first = page.find("//head").xpath("./*[@href or @src]")[0]
        assert first.tag == "base", "an address before <base> is resolved without it"


def test_every_page_names_its_language(full: Built) -> None:
    for page in pages(full.output).values():
        stub = bool(page.tree.xpath("//meta[@http-equiv='refresh']"))
        expected = "km" if page.name.startswith("km/") else "en"
        assert stub or page.tree.get("lang") == expected, page.name


def test_ids_are_unique_in_every_page(any_site: Built) -> None:
    for page in pages(any_site.output).values():
        ids = page.tree.xpath("//@id")
        assert len(ids) == len(set(ids)), page.name


def test_the_link_checker_itself_finds_what_is_broken(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text('<html><body id="here"><a href="../page.html">x</a>')
    (tmp_path / "page.html").write_text(
        '<html><body><a href="folder/">1</a><a href="folder">2</a><a href="/page.html">3</a>'
        '<a href="folder/index.html#here">good</a><a href="folder/index.html#there">4</a><a href="Page.html">5</a>'
        '<img src="https://elsewhere.example/x.png"><a href="https://site.example/gone.html">7</a>'
        '<a href="https://site.example/folder/">good</a><a href="https://elsewhere.example/">good</a>'
    )
    assert broken(tmp_path, "https://site.example") == [
        "page.html: 'folder/' is not a file of the output",
        "page.html: 'folder' is not a file of the output",
        "page.html: '/page.html' is not a relative link to a file",
        "page.html: 'folder/index.html#there' names no id of that page",
        "page.html: 'Page.html' is not a file of the output",
        "page.html: 'https://elsewhere.example/x.png' is loaded from elsewhere",
        "page.html: 'https://site.example/gone.html' is no page of this site",
    ]
